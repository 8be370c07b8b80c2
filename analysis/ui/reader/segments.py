"""Overlapping findings as a flat run of segments, so that each piece of text is drawn once.

Everything here counts code points. Nothing here knows Streamlit or the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that the same labels cover from its first to its last character.

    ``labels`` are ascending label numbers, never empty.
    """

    start: int
    end: int
    labels: tuple[int, ...]


def flatten(
    spans: Iterable[tuple[int, int, int]], cuts: Iterable[int], length: int
) -> list[Segment]:
    """The segments of ``(start, end, label)`` spans over a text of ``length`` code points.

    Segments ascend, do not overlap, and never cross a border of a span or one of ``cuts`` (where
    sentences start). Spans are clipped to the text; empty ones disappear. Time is linear in
    spans, cuts and segments (times the number of labels, which is small), plus one sort.
    """
    changes: dict[int, list[tuple[int, int]]] = {cut: [] for cut in cuts if 0 < cut < length}
    for start, end, label in spans:
        start, end = max(0, start), min(length, end)
        if start < end:
            changes.setdefault(start, []).append((label, 1))
            changes.setdefault(end, []).append((label, -1))
    segments: list[Segment] = []
    open_spans: dict[int, int] = {}
    covering: tuple[int, ...] = ()
    since = 0
    for position in sorted(changes):
        if covering and since < position:
            segments.append(Segment(since, position, covering))
        for label, step in changes[position]:
            open_spans[label] = open_spans.get(label, 0) + step
            if not open_spans[label]:
                del open_spans[label]
        if changes[position]:
            covering = tuple(sorted(open_spans))
        since = position
    return segments


def sentence_starts(starts: Sequence[int], text: str) -> list[int]:
    """Where the pieces of the text begin: the given sentence starts, or else its lines.

    The result ascends strictly, begins with 0 (for a text that is not empty) and stays inside the
    text, whatever the store holds: each character is in exactly one piece.
    """
    if not text:
        return []
    if not starts:
        starts = _line_starts(text)
    return sorted({0, *(start for start in starts if 0 < start < len(text))})


def _line_starts(text: str) -> list[int]:
    starts = []
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    return starts
