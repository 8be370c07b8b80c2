"""Spans on sentences: which sentences a span labels, by the rule of the scorer (half of it)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

HALF = 0.5
"""A sentence has a label when spans cover at least this share of its characters."""

Span = tuple[int, int]


def covered(sentences: Sequence[Span], spans: Iterable[Span]) -> list[bool]:
    """Of each sentence, whether the union of the spans covers half of it. Linear after a sort."""
    starts = [start for start, _ in sentences]
    totals = [0] * len(sentences)
    for start, end in _union(spans):
        index = max(0, bisect_right(starts, start) - 1)
        while index < len(sentences) and sentences[index][0] < end:
            first, last = sentences[index]
            totals[index] += max(0, min(last, end) - max(first, start))
            index += 1
    return [
        last > first and total / (last - first) >= HALF
        for (first, last), total in zip(sentences, totals, strict=True)
    ]


def _union(spans: Iterable[Span]) -> list[Span]:
    """The union as ascending spans that do not touch."""
    made: list[Span] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = made[-1][0], max(made[-1][1], end)
        elif start < end:
            made.append((start, end))
    return made


def sentence_ranges(sentences: Sequence[Span], spans: Iterable[Span]) -> list[Span]:
    """(first, last) sentence, inclusive, of each span; spans outside all sentences are left out."""
    starts = [start for start, _ in sentences]
    ends = [end for _, end in sentences]
    found = ((bisect_right(ends, start), bisect_left(starts, end) - 1) for start, end in spans)
    return [(first, last) for first, last in found if first <= last]
