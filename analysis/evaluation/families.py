"""Model families: which models write alike, told by their names.

Cue words of one family can be worth nothing on another, so accuracy is reported for each.
"""

from __future__ import annotations

import re
from functools import lru_cache

OTHER = "other models"
NOT_STATED = "model not stated"

FAMILIES: tuple[tuple[str, str, str], ...] = (
    (
        "R1-like",
        r"deepseek[-_ ]?r1|deepseek-reasoner|r1[-_ ]?(?:zero|distill|0528|\d+b)|open-?r1|light-r1|"
        r"openthinker|bespoke-stratos|deepscaler|skywork-or1|acereason|\bs1(?:\.1)?-\d+b|\blimo\b",
        "DeepSeek-R1, its distillations, and models trained on its traces or by its recipe",
    ),
    ("QwQ", r"\bqwq\b|sky-t1", "QwQ-32B-Preview, QwQ-32B, and models trained on their traces"),
    ("gpt-oss", r"gpt-?oss", "gpt-oss-20b, gpt-oss-120b"),
    (
        "DeepSeek-V3",
        r"deepseek[-_ ]?(?:v\d|chat)",
        "DeepSeek-V3 and its successors, without or with thinking",
    ),
    ("Gemini", r"gemini", "Gemini"),
    ("Claude", r"claude", "Claude"),
    ("OpenAI o-series", r"\bo[134](?:-mini|-pro|-preview)?\b|\bgpt-5", "o1, o3, o4, GPT-5"),
    ("Qwen3", r"\bqwen-?3", "Qwen3, hybrid or thinking"),
    ("GLM", r"\bglm-", "GLM-4.5 and later, GLM-Z1"),
    ("Kimi", r"\bkimi", "Kimi"),
    ("Grok", r"\bgrok", "Grok"),
    ("Magistral", r"magistral", "Magistral"),
    ("Phi-4 reasoning", r"phi-?4.*reasoning", "Phi-4-reasoning, -plus, -mini"),
    ("Nemotron", r"nemotron", "Nemotron with reasoning"),
    (
        "instruct models",
        r"qwen-?(?:1\.5|2)|llama|mistral|mixtral|gemma|\bphi|gpt-4|gpt-3|olmo|-instruct\b|-it\b",
        "models not trained to reason at length, asked to think step by step",
    ),
)
"""(family, pattern over the name in lower case, what is in it); the first that fits counts."""

_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern, _ in FAMILIES)


@lru_cache(maxsize=4_096)
def family_of(model: str | None) -> str:
    """The family that a model's name tells, e.g. ``R1-like``; ``OTHER`` where none fits."""
    if not model or not model.strip():
        return NOT_STATED
    name = model[:300].lower()
    return next((family for family, pattern in _PATTERNS if pattern.search(name)), OTHER)
