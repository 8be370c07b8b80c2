"""From scores of sentences to findings.

A sentence carries a label when its score reaches the label's threshold. Labels of passages
(``labels.SPANNING``) make one finding of sentences that follow each other; its score is the mean of
theirs. Spans leave out the white space at their ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import limits
from analysis.behaviours.block import Block
from analysis.behaviours.labels import LABELS, SPANNING
from analysis.behaviours.tokens import SPACE, tables
from analysis.model import Finding

Ints = NDArray[np.int64]
_ALPHABETIC = np.argsort(np.argsort(LABELS))
Run = tuple[str, int, int, int]
"""Label, first and last sentence, and the sentence that scores highest."""


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of sentences that carry a label, as arrays."""

    label: Ints
    """The number of the label in ``LABELS``."""
    first: Ints
    last: Ints
    best: Ints
    """The sentence that scores highest."""

    def where(self, chosen: NDArray[Any]) -> Runs:
        """Some of them, by flags or by numbers."""
        return Runs(self.label[chosen], self.first[chosen], self.last[chosen], self.best[chosen])


def runs_of(
    scores: NDArray[np.float32], thresholds: Sequence[float], *, join: bool = False
) -> list[Run]:
    """The runs of sentences that carry each label, label by label; ``join``: of every label."""
    limit = np.asarray(thresholds, scores.dtype)
    found = find_runs(scores, limit, np.zeros(len(scores), np.int64), join=join)
    columns = (found.label, found.first, found.last, found.best)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(LABELS[label], first, last, best) for label, first, last, best in rows]


def find_runs(
    scores: NDArray[np.float32],
    thresholds: NDArray[np.floating[Any]],
    trace: Ints,
    *,
    join: bool = False,
) -> Runs:
    """``runs_of`` for the sentences of a block; ``trace`` is the text of each."""
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    carried = scores >= thresholds
    for column, label in enumerate(LABELS):
        hits = np.flatnonzero(carried[:, column])
        first = last = best = hits
        if len(hits) and (join or label in SPANNING):
            texts = trace.take(hits)
            cut = (hits[1:] - hits[:-1] > 1) | (texts[1:] != texts[:-1])
            begins = np.append(0, np.flatnonzero(cut) + 1)
            first = hits.take(begins)
            last = hits.take(np.append(begins[1:], len(hits)) - 1)
            best = _highest(scores[:, column].take(hits), hits, begins)
        parts.append((np.full(len(first), column), first, last, best))
    return Runs(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _highest(values: NDArray[np.float32], hits: Ints, begins: Ints) -> Ints:
    """Of each run the first hit with its highest value."""
    highest = np.maximum.reduceat(values, begins)
    run = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(hits)))
    some = np.flatnonzero(values == highest.take(run))[::-1]
    out = np.empty(len(begins), np.int64)
    out[run.take(some)] = hits.take(some)
    return out


def limited(
    runs: Runs, scores: NDArray[np.float32], thresholds: NDArray[np.floating[Any]], block: Block
) -> Runs:
    """The runs, but of a text with too many of them only some.

    That is a trace that repeats itself without end: neighbours become one finding, and of what is
    still too much the first part is kept.
    """
    most = limits.MAX_FINDINGS_PER_ANALYZER
    owner = block.trace.take(runs.first)
    counts = np.bincount(owner, minlength=len(block.size))
    for text in np.flatnonzero(counts > most).tolist():
        low, high = block.first[text : text + 2].tolist()
        mine = find_runs(scores[low:high], thresholds[low:high], block.trace[low:high], join=True)
        mine = mine.where(np.argsort(mine.first, kind="stable")[:most])
        rest = runs.where(block.trace.take(runs.first) != text)
        runs = Runs(
            np.append(rest.label, mine.label),
            np.append(rest.first, mine.first + low),
            np.append(rest.last, mine.last + low),
            np.append(rest.best, mine.best + low),
        )
    return runs


def findings_of(
    block: Block,
    scores: NDArray[np.float32],
    runs: Runs,
    why: Mapping[int, Mapping[str, Any]],
) -> list[tuple[Finding, ...]]:
    """The findings of each text, in order of their start; blank sentences make none.

    ``why`` is the evidence of each run, by its number.
    """
    start, end = _bodies(block, runs)
    order = np.lexsort((_ALPHABETIC.take(runs.label), end, start))
    order = order.compress(end.take(order) > start.take(order))
    runs, start, end = runs.where(order), start.take(order), end.take(order)
    score = _means(scores, runs)
    owner = block.trace.take(runs.first)
    shift = block.offset.take(owner)
    columns = (order, runs.label, start - shift, end - shift, score)
    found = [
        Finding(LABELS[label], low, high, round(value, 4), None, why[number])
        for number, label, low, high, value in zip(*(c.tolist() for c in columns), strict=True)
    ]
    edges = np.searchsorted(owner, np.arange(len(block.size) + 1)).tolist()
    return [tuple(found[low:high]) for low, high in pairwise(edges)]


def _means(scores: NDArray[np.float32], runs: Runs) -> NDArray[np.float64]:
    """The mean score of each run."""
    means = scores[runs.first, runs.label].astype(np.float64)
    size = runs.last - runs.first + 1
    for column in np.unique(runs.label[size > 1]).tolist():
        some = np.flatnonzero((size > 1) & (runs.label == column))
        values = np.append(scores[:, column].astype(np.float64), 0)
        edges = np.stack([runs.first.take(some), runs.last.take(some) + 1], axis=1).ravel()
        means[some] = np.add.reduceat(values, edges)[::2] / size.take(some)
    return means


def _bodies(block: Block, runs: Runs) -> tuple[Ints, Ints]:
    """Where the runs begin and end without the white space around them."""
    codes = block.codes
    shown = np.flatnonzero((tables()[0].take(codes) != SPACE) | (codes == 0))
    shown = np.append(shown, len(codes))
    start, end = block.starts.take(runs.first), block.ends.take(runs.last)
    low = shown.take(np.searchsorted(shown, start))
    high = shown.take(np.maximum(np.searchsorted(shown, end) - 1, 0)) + 1
    return low, np.maximum(np.minimum(high, end), low)
