"""Counting right and wrong: labelled segments against predicted spans.

A segment counts as predicted when spans of the label cover at least half of its characters. "Near"
forgives a shift of up to two segments: a predicted segment is right with a labelled one within two
segments of it, a labelled one is found with a predicted one within two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.evaluation.gold import GoldTrace, Segment

REACH = 2
"""How many segments "near" forgives."""
Span = tuple[int, int]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one trace and label. Segments, not characters."""

    n_gold: int
    n_predicted: int
    tp: int
    """Predicted and labelled."""
    near_predicted: int
    """Predicted, with a labelled segment within two."""
    near_gold: int
    """Labelled, with a predicted segment within two."""

    def row(self) -> tuple[int, int, int, int, int]:
        """As a row of the arrays of ``tables``."""
        return self.n_gold, self.n_predicted, self.tp, self.near_predicted, self.near_gold


def predicted(segments: Sequence[Segment], spans: Sequence[Span]) -> Flags:
    """For each segment, whether ``spans`` cover at least half of its characters."""
    if not segments:
        return np.zeros(0, dtype=np.bool_)
    starts = np.array([s.start for s in segments], dtype=np.int64)
    ends = np.array([s.end for s in segments], dtype=np.int64)
    merged = _merged(spans)
    if len(merged) == 0:
        return np.zeros(len(segments), dtype=np.bool_)
    covered = _covered_before(merged, ends) - _covered_before(merged, starts)
    flags: Flags = (2 * covered >= ends - starts) & (ends > starts)
    return flags


def labelled(segments: Sequence[Segment], label: str) -> Flags:
    """For each segment, whether it carries the label."""
    return np.array([label in s.labels for s in segments], dtype=np.bool_)


def near(flags: Flags, reach: int = REACH) -> Flags:
    """For each place, whether a flag is set within ``reach`` places."""
    found = flags.copy()
    for step in range(1, reach + 1):
        found[step:] |= flags[:-step]
        found[:-step] |= flags[step:]
    return found


def count(trace: GoldTrace, label: str, spans: Sequence[Span]) -> Counts:
    """The counts of one trace for one label."""
    truth, guess = labelled(trace.segments, label), predicted(trace.segments, spans)
    return Counts(
        n_gold=int(truth.sum()),
        n_predicted=int(guess.sum()),
        tp=int((truth & guess).sum()),
        near_predicted=int((guess & near(truth)).sum()),
        near_gold=int((truth & near(guess)).sum()),
    )


def _merged(spans: Sequence[Span]) -> NDArray[np.int64]:
    """The union of the spans as rows start, end that do not touch; empty ones are nothing."""
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array(merged, dtype=np.int64).reshape(-1, 2)


def _covered_before(merged: NDArray[np.int64], at: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many characters before each place the spans cover."""
    starts, ends = merged[:, 0], merged[:, 1]
    whole = np.concatenate([[0], np.cumsum(ends - starts)])
    last = np.searchsorted(starts, at, side="right")
    part = np.where(
        last > 0, np.minimum(at - starts[last - 1], ends[last - 1] - starts[last - 1]), 0
    )
    before = whole[np.maximum(last - 1, 0)]
    result: NDArray[np.int64] = np.where(last > 0, before + part, 0)
    return result
