"""Make the document that analyzers see from the text of a trace: segment it once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from analysis.analyzers.probes import read_probes
from analysis.analyzers.solutions import read_solutions
from analysis.model import Document, FinishReason, ReasoningKind
from analysis.text.masks import MASKS_VERSION, mask_spans
from analysis.text.sentences import SEGMENTER_VERSION, split_sentences
from analysis.text.thoughts import split_thoughts, thoughts_hash


def segmentation_hash() -> str:
    """What sentences and thoughts depend on: when it changes, every analysis is out of date."""
    key = f"{SEGMENTER_VERSION}\x00{MASKS_VERSION}\x00{thoughts_hash()}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def make_document(
    trace_id: str,
    reasoning: str | None,
    *,
    answer: str | None = None,
    question: str | None = None,
    gold_answer: str | None = None,
    correct: bool | None = None,
    model: str | None = None,
    effort: str | None = None,
    target_language: str | None = None,
    truncated: bool = False,
    reasoning_kind: ReasoningKind = ReasoningKind.VISIBLE,
    reasoning_tokens: int | None = None,
    completion_tokens: int | None = None,
    finish_reason: FinishReason = FinishReason.UNKNOWN,
    probes: str | None = None,
    solutions: str | None = None,
    warnings: Sequence[str] = (),
) -> Document:
    """A document with its sentences and thoughts; no reasoning is the empty text.

    ``probes`` and ``solutions`` are JSON texts of the record; unreadable ones are left out.
    """
    text = reasoning or ""
    masks = mask_spans(text)
    sentences = split_sentences(text, masks)
    read, unread = read_probes(probes, gold_answer) if probes else ((), None)
    return Document(
        trace_id=trace_id,
        reasoning=text,
        answer=answer,
        question=question,
        gold_answer=gold_answer,
        correct=correct,
        model=model,
        effort=effort,
        target_language=target_language,
        truncated=truncated,
        reasoning_kind=reasoning_kind,
        reasoning_tokens=reasoning_tokens,
        sentences=sentences,
        thoughts=split_thoughts(text, sentences, masks),
        completion_tokens=completion_tokens,
        finish_reason=finish_reason,
        probes=read,
        probes_unread=unread,
        solutions=read_solutions(solutions, gold_answer, text) if solutions else (),
        warnings=tuple(warnings),
    )
