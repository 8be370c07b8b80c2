"""Names of model families, as columns and keys carry them."""

from __future__ import annotations

import re

from analysis.formats.aliases import KNOWN_NAMES
from analysis.formats.names import MEASURES, guess_role

FAMILY = re.compile(
    r"(?:^|[^a-z])(?:gpt|o1|o3|o4|r1|qwq|qwen|claude|gemini|gemma|deepseek|llama|[dm]istral|magistral|mixtral|phi|grok"
    r"|glm|kimi|minimax|nemotron|granite|command|olmo|exaone|hunyuan|ernie|doubao|seed|step|sky|s1|limo|yi|falcon"
    r"|sonnet|opus|haiku|marco|skywork|openthinker|apertus|smollm|internlm|baichuan|hermes)(?![a-z]{3})[\w.\- ]*",
    re.IGNORECASE,
)
"""Names of model families: a column of one of them is a model's."""
_SHORT = re.compile(
    r"(?:(?:steps?|seeds?|commands?|sky|yi|limo|marco|s1|phi|falcon|hermes|opus|haiku|sonnet)[ _]?\d*|[a-z]+s)",
    re.I,
)
"""Words of other things too, where nothing but a number follows them."""
_WORDS = re.compile(r"[_\s():/]+")
_EFFORTS = frozenset(("minimal", "low", "medium", "high", "xhigh"))
_AROUND = frozenset(("effort", "reasoning", "thinking", "reason", "mode", ""))
_LONGEST = 60


def effort_of(name: str) -> str | None:
    """The effort that a name tells and nothing else: 'low', 'high effort'; None for other names."""
    words = [
        word for word in _WORDS.split(name.strip().lower().replace("-", " ")) if word not in _AROUND
    ]
    return words[0] if len(words) == 1 and words[0] in _EFFORTS else None


def label(name: str) -> dict[str, str | bool]:
    """What a column or a key says of the response under it: an effort, or its model."""
    effort = effort_of(name)
    if effort is not None:
        return {"effort": effort}
    return {"model": name, "model_inferred": True}


def is_model_name(name: str) -> bool:
    """True for a name that is a model's from end to end: 'DeepSeek-R1', 'o3-mini (high)'."""
    name = name.strip()
    if not name or len(name) > _LONGEST or _SHORT.fullmatch(name):
        return False
    words = _WORDS.split(name.lower())
    if any(word in KNOWN_NAMES or guess_role(word) or word in MEASURES for word in words):
        return False
    bare = name.rpartition("/")[2].replace("(", "").replace(")", "").replace(":", "-")
    return FAMILY.fullmatch(bare) is not None
