"""People's labels in the form that ``cotscope evaluate`` reads: one JSON object a line.

``{source, annotator, trace_id, problem_id, model, question, reasoning, expresses, flags, segments:
[{start, end, labels}], spans}``; segments are sentences, offsets code points into ``reasoning``.
``expresses`` are the labels that the record says anything of. A trace that was gone through gives
one record with all of its sentences. What was only judged here and there gives one record a label,
flagged ``partial``, which holds just the sentences that were judged: so a score counts no sentence
that nobody looked at. ``spans`` keeps the exact borders, for reading back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.annotation.effective import State
from analysis.annotation.ratings import CONSENSUS, Rating, consensus, ratings, spans_of
from analysis.annotation.sentences import Span
from analysis.annotation.words import LabelSpan

PARTIAL = "partial"


def gold_records(
    trace: Mapping[str, Any], sentences: Sequence[Span], state: State, annotator: str
) -> list[dict[str, Any]]:
    """The records of one trace by one annotator (or ``CONSENSUS``); empty where nothing was judged.

    ``trace`` has trace_id, external_id, dataset, question_key, model, question and reasoning.
    """
    rated = (
        consensus(state, sentences)
        if annotator == CONSENSUS
        else ratings(annotator, state, sentences)
    )
    spans = spans_of(annotator, state)
    whole = [label for label, found in rated.items() if found and None not in found]
    records = []
    if whole:
        segments = [
            _segment(span, [label for label in whole if rated[label][index]])
            for index, span in enumerate(sentences)
        ]
        records.append(_record(trace, annotator, whole, segments, spans, []))
    for label in sorted(set(rated) - set(whole)):
        segments = _judged(label, rated[label], sentences)
        if segments:
            records.append(_record(trace, annotator, [label], segments, spans, [PARTIAL]))
    return records


def _judged(label: str, rated: Sequence[Rating], sentences: Sequence[Span]) -> list[dict[str, Any]]:
    return [
        _segment(span, [label] if rating else [])
        for span, rating in zip(sentences, rated, strict=True)
        if rating is not None
    ]


def _segment(span: Span, labels: list[str]) -> dict[str, Any]:
    return {"start": span[0], "end": span[1], "labels": labels}


def _record(
    trace: Mapping[str, Any],
    annotator: str,
    labels: Sequence[str],
    segments: list[dict[str, Any]],
    spans: Sequence[LabelSpan],
    flags: list[str],
) -> dict[str, Any]:
    return {
        "source": f"{trace['dataset']}/{annotator}",
        "annotator": f"human:{annotator}",
        "trace_id": trace["trace_id"],
        "external_id": trace["external_id"],
        "problem_id": trace["question_key"] or trace["trace_id"],
        "model": trace["model"],
        "question": trace["question"],
        "reasoning": trace["reasoning"],
        "expresses": list(labels),
        "flags": flags,
        "segments": segments,
        "spans": [
            {"start": s.start, "end": s.end, "label": s.label, "origin": s.origin}
            for s in spans
            if s.label in labels
        ],
    }
