"""One text of a model, told apart by whatever it carries: channels first, then marks."""

from __future__ import annotations

from functools import lru_cache

from analysis.formats import tags
from analysis.formats.channels import protocol_of, split_channels
from analysis.formats.harmony import is_residue, split_residue
from analysis.formats.tags import Split

_RECENT = 4
"""Recognising a record and reading it ask about the same few texts."""


@lru_cache(maxsize=_RECENT)
def split_text(text: str, *, prefilled: bool | None = None) -> Split:
    """Reasoning and answer of a text (``tags.split_tagged`` says what ``prefilled`` means)."""
    if protocol_of(text) is not None:
        return split_channels(text)
    if is_residue(text):
        return split_residue(text)
    return tags.split_tagged(text, prefilled=prefilled)


@lru_cache(maxsize=_RECENT)
def has_marks(text: str) -> bool:
    """True if the text carries marks of reasoning."""
    return protocol_of(text) is not None or tags.has_marks(text) or is_residue(text)
