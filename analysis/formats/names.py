"""What a key that no table lists may hold, told by the words of its name.

The last resort before a record is refused: ``modelInternalMonologue`` speaks of reasoning,
``final_model_reply`` of a response. Names of counts, settings and verdicts are told apart by words
such as ``tokens``, ``effort`` or ``is``. What is found here is a guess, and the trace says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from analysis.formats.aliases import SAMPLE_LISTS
from analysis.formats.blocks import reasoning_of
from analysis.formats.fields import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
    SWITCHES,
    names_of,
)
from analysis.model import ReasoningKind

_WORDS = re.compile(r"[a-z]+")
_REASONING = frozenset(
    ("reasoning", "thinking", "thought", "thoughts", "think", "cot", "rationale", "rationales", "scratchpad",
     "monologue", "deliberation", "reflection", "reflections", "ruminations", "musings")
)  # fmt: skip
_RESPONSE = frozenset(
    ("response", "responses", "output", "outputs", "completion", "completions", "generation", "generations",
     "answer", "answers", "reply", "replies", "prediction", "predictions", "generated", "continuation")
)  # fmt: skip
_QUESTION = frozenset(
    ("question", "questions", "problem", "problems", "query", "prompt", "prompts", "task", "puzzle", "exercise",
     "riddle", "instruction")
)  # fmt: skip
_GOLD = frozenset(
    ("gold", "golden", "truth", "reference", "ref", "expected", "correct", "target", "ground", "label", "true",
     "standard", "official", "gt")
)  # fmt: skip
MEASURES = frozenset(
    ("token", "tokens", "count", "length", "len", "chars", "words", "effort", "budget", "time", "level", "enabled",
     "mode", "model", "type", "id", "ids", "language", "lang", "score", "quality", "num", "n", "is", "has", "was",
     "signature", "config", "settings", "params", "complete", "valid", "ratio", "rate", "price", "cost", "avg",
     "mean", "date", "hash", "path", "url", "link", "file", "version", "status", "finish", "stop", "start", "end",
     "seconds", "ms", "format", "tag", "tags", "template", "key", "keys", "index", "idx", "usage", "limit", "max",
     "min", "name", "source", "category", "domain", "difficulty", "topic", "subject", "embedding", "logprobs",
     "logprob", "system", "judge", "grader", "grading", "eval", "evaluation", "critic", "extraction", "extractor",
     "method", "hint", "hints", "probs", "entropy", "perplexity", "summary", "flag", "supported", "requested",
     "allowed", "position", "offset")
)  # fmt: skip
"""Words that make a name a number, a setting or a label."""
_LETTERS = (("q", "a"), ("问题", "答案"), ("题目", "答案"))
"""Names of an answer that mean something only beside those of a question."""
_SPEAKERS = ("model_", "llm_")
_CHINESE = (
    ("标准答案", "gold_answer"), ("参考答案", "gold_answer"), ("正确答案", "gold_answer"), ("思维", "reasoning"), ("思考", "reasoning"),
    ("推理", "reasoning"), ("回答", "response"), ("回复", "response"), ("输出", "response"), ("响应", "response"), ("最终答案", "response"),
    ("模型答案", "response"), ("问题", "question"), ("题目", "question"), ("提示", "question"),
)  # fmt: skip
"""Words of Chinese names, the surest first."""
_CHINESE_MEASURES = (
    "长度", "数", "时间", "时长", "耗时", "强度", "模式", "得分", "分数", "评分", "类型", "类别", "编号", "模板", "模型名", "是否",
    "预算", "系统", "开关", "难度", "来源", "语言", "级别", "等级", "状态", "质量",
)  # fmt: skip
_PLAIN_CHARS = 2
"""A guessed text is at least this long."""


@lru_cache(maxsize=4096)
def guess_role(name: str) -> str | None:
    """'reasoning', 'response', 'question', 'gold_answer' or None for a name in snake case."""
    words = set(_WORDS.findall(name))
    if name.startswith(_SPEAKERS):
        words -= {"model"}  # what the model said
    if not words and not name.isascii():
        return _chinese_role(name)
    if not words or words & MEASURES or name in KNOWN_NAMES:
        return None
    if words & _REASONING or {"chain", "of"} <= words:
        return None if words & _GOLD else "reasoning"
    if words & _RESPONSE:
        return "gold_answer" if words & _GOLD else "response"
    return "question" if words & _QUESTION and not words & _GOLD else None


def _chinese_role(name: str) -> str | None:
    """The same for a name in Chinese: 模型思考, 模型回答, 题目内容, 标准答案."""
    if name in KNOWN_NAMES or any(word in name for word in _CHINESE_MEASURES):
        return None
    return next((role for word, role in _CHINESE if word in name), None)


_SPOKEN_FOR = {
    "reasoning": (
        *REASONING_KEYS,
        *MESSAGE_KEYS,
        "reasoning_details",
        "thinking_blocks",
        "choices",
    ),
    "response": (*RESPONSE_KEYS, *MESSAGE_KEYS, *SAMPLE_LISTS, "answer", "solution", "choices"),
    "question": (*ALIASES["question"], *MESSAGE_KEYS, "origin_prompt"),
    "gold_answer": ALIASES["gold_answer"],
}
"""Names that hold a role for certain; where one of them does, nothing is guessed."""


def guessed_names(value: Mapping[str, Any]) -> dict[str, str]:
    """Keys of a record that seem to hold the roles which no known key holds: key to role.

    A switch, a number or an empty text is never taken. Of several keys of one role the one with
    the longest text is.
    """
    names = names_of(value)
    found: dict[str, tuple[int, str]] = {}
    letter = next((a for q, a in _LETTERS if q in names and a in names), None)
    if letter is not None and _text_size(value[names[letter]]):
        found["response"] = (_text_size(value[names[letter]]), names[letter])
    if "analysis" in names and "final" in names:  # the channels of gpt-oss
        found["reasoning"] = (_text_size(value[names["analysis"]]), names["analysis"])
    for name, key in names.items():
        role = guess_role(name)
        size = _text_size(value[key]) if role else 0
        if role and size >= _PLAIN_CHARS and size > found.get(role, (0, ""))[0]:
            found[role] = (size, key)
    return {
        key: role
        for role, (_, key) in found.items()
        if not any(
            _holds(value[names[n]], role) for n in _SPOKEN_FOR[role] if names.get(n, key) != key
        )
    }


def _holds(value: Any, role: str) -> bool:
    if role == "reasoning":
        return reasoning_of(value)[1] is not ReasoningKind.NONE or isinstance(value, list)
    return value not in (None, "", [], {}) and not (isinstance(value, str) and not value.strip())


def _text_size(value: Any) -> int:
    """Characters of a text or of a list of texts; 0 for a switch and for anything else."""
    if isinstance(value, str):
        return 0 if value.strip().lower() in SWITCHES else len(value.strip())
    if isinstance(value, list) and value and all(isinstance(v, str) for v in value):
        return sum(len(v) for v in value)
    return 0
