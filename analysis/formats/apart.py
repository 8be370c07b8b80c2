"""Reasoning and answer in keys of their own that still carry marks: leaks, copies, wrappers.

Servers leave marks in either field: a parser that keeps ``<think>`` in the content, a truncated
reply that never reached the reasoning field, a closing mark that stayed behind.
"""

from __future__ import annotations

from analysis.formats.draft import Texts
from analysis.formats.split import has_marks, split_text
from analysis.formats.tags import Split
from analysis.model import ReasoningKind


def settle_marks(texts: Texts, *, annotated: bool = False) -> None:
    """Take marks off a reasoning and an answer that stand apart; what is changed is kept as raw.

    ``annotated``: something counts characters of the reasoning, so it stays as it stands.
    """
    if texts.reasoning and texts.kind is ReasoningKind.VISIBLE and has_marks(texts.reasoning):
        texts.warn("marks_in_reasoning", "the reasoning key itself holds marks")
        if not annotated:
            _open_reasoning(texts, texts.reasoning)
    if texts.answer:
        _open_answer(texts, texts.answer)


def _open_reasoning(texts: Texts, whole: str) -> None:
    """A reasoning key that holds the marks around it, or the whole reply."""
    split = split_text(whole)
    if not split.reasoning:
        return
    if split.answer and texts.answer and not _repeats(split.answer, texts.answer):
        return  # which of the two is the answer is not ours to say
    if split.answer and not texts.answer:
        texts.answer, texts.method = split.answer, split.method
    texts.reasoning = split.reasoning
    texts.effort = split.effort or texts.effort
    texts.truncated = texts.truncated or (split.truncated and not texts.answer)
    texts.raw = texts.raw or whole
    _take_warnings(texts, split, but=() if texts.truncated else ("missing_closer",))


def _open_answer(texts: Texts, whole: str) -> None:
    """An answer with a wrapper or template rest, or one that begins with the reasoning again."""
    split = split_text(whole)
    if not split.reasoning_blocks and not split.truncated:
        if split.answer and split.answer != whole.strip():
            texts.raw, texts.answer = texts.raw or whole, split.answer
        return
    apart = texts.reasoning if texts.kind is ReasoningKind.VISIBLE else None
    if apart is None:
        return
    leaked = split.reasoning or ""
    if not _repeats(leaked, apart):
        texts.reasoning = f"{apart}\n\n{leaked}"
        texts.warn("marks_beside_reasoning", "the answer began with another marked reasoning")
    else:
        texts.warn("repeated_reasoning", "the answer began with the same reasoning once more")
    texts.raw = texts.raw or whole
    texts.answer = split.answer
    texts.truncated = split.truncated
    _take_warnings(texts, split, but=())


def _take_warnings(texts: Texts, split: Split, *, but: tuple[str, ...]) -> None:
    for warning in split.warnings:
        if warning.code not in but:
            texts.warn(warning.code, warning.detail)


def _repeats(part: str, whole: str) -> bool:
    """True if one text only repeats the other, or the beginning of it, white space aside."""
    a, b = "".join(part.split()), "".join(whole.split())
    return b.startswith(a) or a.startswith(b)
