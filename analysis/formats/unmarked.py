"""Texts without marks: of models that write so, of replies that were cut off, of unknown origin."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.fields import normal_finish
from analysis.formats.markers import PREFILLS, UNMARKED
from analysis.formats.split import split_text
from analysis.formats.tags import split_heading
from analysis.model import FinishReason, ReasoningKind, SplitMethod

_HEADING_SHARE = 3
"""A heading counts without a known model if the text before it is this much longer."""
_THINKS_ALOUD = re.compile(
    r"(?:^|[.?!]\s+|\n)(?:But wait|Wait|Hmm+|Alternatively|Let me (?:re-?check|double|think|verify|re-?read)"
    r"|Hold on|Actually, (?:no|wait)|No, wait|等等|不对|等一下)(?=[\s,.，。:—-])"
)
"""A sentence in which a writer stops and turns round; answers hold few of them."""
_ALOUD_CHARS = 1000
_ALOUD_TURNS = 4
_ALOUD_SPACING = 2500
"""So many turns stand in a thought of unknown origin, and one in so many characters at least."""


def settle_unmarked(texts: Texts, fields: Mapping[str, Any]) -> None:
    """A text without marks of a model that is known to write so, or that was cut off."""
    text = texts.answer
    if texts.method is not SplitMethod.NONE or texts.kind is not ReasoningKind.NONE or not text:
        return
    model = str(fields.get("model") or "")
    cut = normal_finish(fields.get("finish_reason")) is FinishReason.LENGTH
    if PREFILLS.search(model):
        if cut:
            texts.take_split(split_text(text, prefilled=True), text)
            texts.warn("prefilled_by_model", "this model's template opens the reasoning")
    elif UNMARKED.search(model):
        all_reasoning(texts, text)
    elif not model:
        split = split_heading(text)
        if (
            split and len(split.reasoning or "") > _HEADING_SHARE * len(split.answer or "")
        ) or thinks_aloud(text):
            all_reasoning(texts, text)


def thinks_aloud(text: str) -> bool:
    """True for a long text that turns round again and again: a chain of thought without marks."""
    if len(text) < _ALOUD_CHARS:
        return False
    wanted = max(_ALOUD_TURNS, len(text) // _ALOUD_SPACING)
    return sum(1 for _ in _THINKS_ALOUD.finditer(text)) >= wanted


def all_reasoning(texts: Texts, text: str) -> None:
    """All of a text is reasoning, up to a '**Final Answer**' heading if it has one."""
    split = split_heading(text)
    if split is not None:
        texts.take_split(split, text)
        texts.warn("heading_split", "reasoning and answer were told apart by a heading")
        return
    texts.reasoning, texts.answer, texts.raw = text, None, None
    texts.kind, texts.method = ReasoningKind.VISIBLE, SplitMethod.UNMARKED
    texts.warn("unmarked", "nothing tells reasoning and answer apart: all of it is reasoning")
