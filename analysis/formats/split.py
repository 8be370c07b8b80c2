"""One text of a model, told apart by whatever it carries: channels first, then marks."""

from __future__ import annotations

from functools import lru_cache

from analysis.formats import tags
from analysis.formats.harmony import is_harmony, split_harmony
from analysis.formats.tags import Split

_RECENT = 4
"""Recognising a record and reading it ask about the same few texts."""


@lru_cache(maxsize=_RECENT)
def split_text(text: str, *, prefilled: bool | None = None) -> Split:
    """Reasoning and answer of a text (``tags.split_tagged`` says what ``prefilled`` means)."""
    if is_harmony(text):
        return split_harmony(text)
    return tags.split_tagged(text, prefilled=prefilled)


@lru_cache(maxsize=_RECENT)
def has_marks(text: str) -> bool:
    """True if the text carries marks of reasoning."""
    return is_harmony(text) or tags.has_marks(text)
