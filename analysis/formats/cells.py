"""Cells of a table: a text that holds JSON is parsed, where it surely is structure and no answer.

A cell has no type, so ``[1, 2]`` may be a list or the answer "[1, 2]". A cell that holds an answer,
a question or a gold answer stays text unless it is a conversation; one that holds the model's
reply is parsed if it is an object of a reply or a list of samples; all others are parsed.
"""

from __future__ import annotations

from typing import Any

from analysis.formats import jsonvalue
from analysis.formats.fields import ALIASES, REASONING_KEYS, RESPONSE_KEYS, snake
from analysis.formats.messages import is_messages
from analysis.model import Rejected, Warning_

_TEXT_NAMES = frozenset(
    (*ALIASES["question"], *ALIASES["gold_answer"], *ALIASES["extracted_answer"],
     *ALIASES["system_prompt"], "answer", "final_answer", "solution", "text")
)  # fmt: skip
_REPLY_NAMES = frozenset((*RESPONSE_KEYS, *REASONING_KEYS))
_REPLY_KEYS = frozenset(
    ("choices", "message", "messages", "candidates", "content", "output", "role", "parts", "text",
     "reasoning", "reasoning_content", "thinking", "response", "body", "usage")
)  # fmt: skip
_SAMPLE_CHARS = 32
"""A list of longer texts is a list of samples; ``["3", "4"]`` may be an answer."""
_NAME_CHARS = 100


def cell_value(name: str, text: str) -> tuple[Any, tuple[Warning_, ...]]:
    """The value of a cell under a column's name, and what had to be repaired to get it."""
    if text[:1] not in ("{", "["):
        return text, ()
    parsed = jsonvalue.parse(text.encode("utf-8", "surrogatepass"))
    if isinstance(parsed, Rejected) or not _is_structure(snake(name[:_NAME_CHARS]), parsed.value):
        return text, ()
    return parsed.value, parsed.warnings


def _is_structure(name: str, value: Any) -> bool:
    if not isinstance(value, dict | list):
        return False
    if is_messages(value):
        return True
    if name in _TEXT_NAMES:
        return False
    if name not in _REPLY_NAMES:
        return True
    if isinstance(value, dict):
        return bool(_REPLY_KEYS & value.keys())
    if value and all(isinstance(item, dict) for item in value):
        return all(_REPLY_KEYS & item.keys() or "type" in item for item in value)
    texts = [item for item in value if item is not None]
    return (
        bool(texts)
        and all(isinstance(item, str) for item in texts)
        and any(len(item) >= _SAMPLE_CHARS or "\n" in item for item in texts)
    )
