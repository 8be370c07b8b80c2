"""Records with a column for each model: ``gemini_attempt``, ``deepseek-reasoner (response)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from analysis.formats.aliases import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
)
from analysis.formats.fields import as_float, names_of, snake
from analysis.formats.messages import is_messages
from analysis.formats.model_names import FAMILY, effort_of, is_model_name, label
from analysis.formats.names import guess_role

_ROLES = {
    "thinking_trajectory": "reasoning", "reasoning_content": "reasoning", "chain_of_thought": "reasoning",
    "reasoning": "reasoning", "thinking": "reasoning", "thoughts": "reasoning", "cot": "reasoning",
    "rationale": "reasoning",
    "attempt": "output", "solution": "output", "answer": "output", "response": "output", "output": "output",
    "completion": "output", "generation": "output", "reply": "output",
    "grade": "correct", "is_correct": "correct", "correct": "correct",
    "score": "score", "tokens": "completion_tokens", "completion_tokens": "completion_tokens",
    "reasoning_tokens": "reasoning_tokens", "finish_reason": "finish_reason",
}  # fmt: skip
_WORDS = "|".join(sorted((w.replace("_", r"[\s_\-]") for w in _ROLES), key=len, reverse=True))
_SENTENCE_CHARS = 12
_ENDS = tuple("0123456789abAB")
_NO_LETTERS = re.compile(r"[^a-z]+")
_BEHIND = re.compile(rf"(?P<model>.{{1,80}}?)[\s_\-:/.]+\(?(?P<role>{_WORDS})\)?$", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?P<role>{_WORDS})(?:[\s_\-:/.]+|\s*(?=\())\(?(?P<model>[^()]{{1,80}})\)?$", re.IGNORECASE
)
_NO_MODEL = frozenset(
    ("model", "models", "final", "raw", "full", "llm", "gold", "golden", "expected", "reference", "correct", "user",
     "ground_truth", "student", "human", "generated", "predicted", "extracted", "parsed", "system", "assistant", "best",
     "formatted", "combined", "first", "last", "chosen", "rejected", "original", "teacher", "my", "the", "input", "target",
     "total", "output", "response", "reasoning", "num", "n", "max", "min", "avg", "mean", "is", "has", "model_name", "base",
     "generation_model", "base_model", "judge", "grader", "verifier", "reward", "prompt", "step", "seed", "answer")
)  # fmt: skip
"""What stands before a role word and is no model."""


_SAID = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "answer", "solution"))
_NO_OBJECT = KNOWN_NAMES | {
    "request", "body", "result", "data", "metadata", "meta", "config", "info", "item", "doc", "task", "record", "row",
    "fields", "payload", "example", "evaluation", "eval", "usage", "details", "extra",
}  # fmt: skip
_NO_OBJECT_WORDS = frozenset(
    ("request", "usage", "message", "messages", "config", "params", "kwargs", "metadata", "tokens", "settings", "stats")
)  # fmt: skip
_NUMBERED = re.compile(
    r"(?P<base>.{1,80}?)(?:[\s_\-.]?(?P<number>\d{1,3})|[\s_\-.](?P<letter>[abAB]))$"
)
_GOLD = frozenset((*ALIASES["gold_answer"], "answer"))
_PAIRED = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "model"))
"""What stands in pairs called A and B; answers called so are options of a question."""


def model_columns(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each model of a record whose columns name their models; None for any other.

    A name before or behind a role word is a model if columns for its reasoning and its output both
    stand there, or if it is of a known family. What else begins with its name belongs to it.
    """
    found: dict[str, dict[str, str]] = {}
    for key in value:
        if (parts := _parts(key)) is not None:
            found.setdefault(parts[0], {}).setdefault(parts[1], key)
    models = [m for m, columns in found.items() if _is_model(m, columns, value)]
    if not models:
        return None
    owner = {key: model for key in value if (model := _owner(key, models, found)) is not None}
    shared = {key: part for key, part in value.items() if key not in owner}
    rows = []
    for index, model in enumerate(models):
        column_of = {key: column for column, key in found[model].items()}
        row = {**label(model), "sample_index": index, **shared}
        row.update((column_of.get(k, k), value[k]) for k, m in owner.items() if m == model)
        rows.append(row)
    return rows


def bare_columns(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each column that is called like a model and holds a text; None for any other.

    ``{"question": .., "o3-mini-high": .., "DeepSeek-R1": ..}``; columns of scores are none.
    """
    names = names_of(value)
    if not _SAID.isdisjoint(names):
        return None
    asked = any(name in names for name in ALIASES["question"])
    said = {k: v for k, v in value.items() if isinstance(v, str) and is_model_name(k)}
    said = {k: v for k, v in said.items() if v.strip() and as_float(v) is None}
    if len(said) + asked < 2 or max(map(len, said.values()), default=0) < _SENTENCE_CHARS:
        return None
    shared = {k: v for k, v in value.items() if k not in said}
    return [
        {"model": key, "model_inferred": True, "sample_index": i, **shared, "response": text}
        for i, (key, text) in enumerate(said.items())
    ]


@lru_cache(maxsize=4096)
def _parts(key: str) -> tuple[str, str] | None:
    """(model, role) of a column's name; None where it has none, or is known as it stands."""
    name = snake(key[:100])
    if len(key) > 100 or name in KNOWN_NAMES:
        return None
    match = _BEHIND.match(key) or _BEFORE.match(key)
    if match is None:
        return None
    model = match["model"].strip(" _-:/.()")
    if not model or snake(model) in _NO_MODEL or snake(model) in KNOWN_NAMES:
        return None
    return model, _ROLES[_NO_LETTERS.sub("_", match["role"].lower())]


def _is_model(model: str, columns: Mapping[str, str], value: Mapping[str, Any]) -> bool:
    if not any(
        _is_text(value[columns[role]]) for role in ("reasoning", "output") if role in columns
    ):
        return False
    if {"reasoning", "output"} <= columns.keys():
        return True
    if "output" not in columns:
        return False
    return FAMILY.match(model) is not None or effort_of(model) is not None


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _owner(key: str, models: Iterable[str], found: Mapping[str, Mapping[str, str]]) -> str | None:
    for model in models:
        if key in found[model].values():
            return model
    begins = [m for m in models if snake(key[:100]).startswith(f"{snake(m)}_")]
    return max(begins, key=len, default=None)


def model_objects(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each model of ``{"question": .., "model a": {..}, "model b": {..}}``.

    An object under an unknown key is a model's if it holds what was said and another one does too,
    or if its key names a known family.
    """
    said = [k for k, v in value.items() if _may_be_model(snake(k[:100])) and _says_something(v)]
    if len(said) < 2 and not any(FAMILY.match(key) for key in said):
        return None
    shared = {k: v for k, v in value.items() if k not in said}
    return [
        {**shared, "model": key, "model_inferred": True, "sample_index": i, **value[key]}
        for i, key in enumerate(said)
    ]


def _may_be_model(name: str) -> bool:
    return name not in _NO_OBJECT and _NO_OBJECT_WORDS.isdisjoint(name.split("_"))


def _says_something(found: Any) -> bool:
    return isinstance(found, dict) and bool(_SAID & {snake(str(key)[:100]) for key in found})


def numbered_columns(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each number of ``response_1``, ``response_2``, ``correct_1``, ...; else None.

    ``r1_solution_1`` is numbered and names its model too.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key in value:
        if key[-1:] in _ENDS and len(key) <= 100 and (parts := _numbered(key)) is not None:
            model, base, number = parts
            found.setdefault((model, number), {})[base] = key
    said = {
        place: columns
        for place, columns in found.items()
        if any(
            _is_said(base) and (isinstance(value[k], str) or is_messages(value[k]))
            for base, k in columns.items()
        )
    }
    if len(said) < 2:
        return None
    owned = {key for columns in said.values() for key in columns.values()}
    shared = {k: v for k, v in value.items() if k not in owned}
    if "final_answer" in shared and _GOLD.isdisjoint(names_of(shared)):
        shared["gold_answer"] = shared.pop("final_answer")  # of the question, not of a sample
    return [
        {
            **({"model": model, "model_inferred": True} if model else {}),
            **shared,
            **{base: value[key] for base, key in columns.items()},
            "sample_index": i,
        }
        for i, ((model, _), columns) in enumerate(said.items())
    ]


@lru_cache(maxsize=4096)
def _numbered(key: str) -> tuple[str, str, str] | None:
    """(model or nothing, what it holds, number or letter) of a column's name; None for others."""
    match = _NUMBERED.match(key)
    named = _base(match["base"]) if match else None
    if match is None or named is None or (match["letter"] and named[1] not in _PAIRED):
        return None
    return named[0], named[1], match["number"] or match["letter"].lower()


def _base(text: str) -> tuple[str, str] | None:
    """(model or nothing, what it holds) of a numbered name without its number."""
    name = snake(text)
    if name in KNOWN_NAMES:
        return "", name
    parts = _parts(text)
    if parts is not None and FAMILY.match(parts[0]):
        return parts
    return ("", name) if guess_role(name) is not None else None


def _is_said(base: str) -> bool:
    return base in _SAID or guess_role(base) in ("response", "reasoning")
