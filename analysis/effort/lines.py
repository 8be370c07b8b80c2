"""Cells of a data set and of a model together: front, difficulty, least effort that solves, bins."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.effort.intervals import Floats
from analysis.effort.tallies import Ints, Tally

TIERS = (("easy", 1 / 3), ("medium", 2 / 3), ("hard", math.inf))
"""Tiers of difficulty and where each ends: easy below 1/3, hard from 2/3."""
BINS = 4


def pareto_front(
    tokens: Sequence[float | None], accuracy: Sequence[float | None]
) -> list[bool | None]:
    """Whether each cell is on the front: none has as few tokens and as much accuracy, one strictly so.

    None where a cell lacks either number.
    """
    known = [
        (t, -a, i)
        for i, (t, a) in enumerate(zip(tokens, accuracy, strict=True))
        if t is not None and a is not None
    ]
    found: list[bool | None] = [None] * len(tokens)
    best = math.inf  # the least -accuracy with fewer tokens
    for t in sorted({t for t, _, _ in known}):
        here = [(loss, i) for t_, loss, i in known if t_ == t]
        least = min(loss for loss, _ in here)
        for loss, i in here:
            found[i] = loss == least and loss < best
        best = min(best, least)
    return found


def difficulty(cells: Sequence[Tally], n_questions: int) -> Floats:
    """1 - mean over cells of the accuracy, of each question by its number; NaN where none is judged.

    Source: THOUGHTTERMINATOR (2504.13367).
    """
    total, times = np.zeros(n_questions), np.zeros(n_questions)
    for cell in cells:
        known = cell.judged > 0
        total[cell.question[known]] += cell.accuracy[known]
        times[cell.question[known]] += 1
    result: Floats = 1 - np.divide(total, times, out=np.full(n_questions, np.nan), where=times > 0)
    return result


def tier_of(difficulties: Floats) -> Ints:
    """Place in ``TIERS`` of each difficulty; -1 where it is not known."""
    ends = np.array([end for _, end in TIERS[:-1]])
    # Means of shares: a third of three cells must not fall on either side by rounding.
    found = np.searchsorted(ends, np.nan_to_num(difficulties) + 1e-9, side="right")
    result: Ints = np.where(np.isnan(difficulties), -1, found).astype(np.int64)
    return result


@dataclass(frozen=True, slots=True)
class Ladder:
    """The efforts of one model on one data set, from the least to the most."""

    cells: Sequence[Tally]
    n_questions: int
    """Questions judged at every effort."""
    n_cheapest: Sequence[int]
    """Of these, by effort, those that this effort is the least to solve."""
    n_unsolved: int
    n_monotonic: int
    """Questions with tokens at every effort whose mean tokens never fall from one to the next."""
    n_tokens: int
    wasted_tokens: Sequence[float | None]
    """By effort: mean over questions solved by then of tokens here minus tokens at the least effort
    that solves them."""

    @property
    def monotonic_share(self) -> float | None:
        """``n_monotonic / n_tokens``."""
        return self.n_monotonic / self.n_tokens if self.n_tokens else None


def ladder(cells: Sequence[Tally]) -> Ladder:
    """Which effort is the least that solves each question, and whether tokens rise with effort.

    A question is solved where more than half of its judged samples are correct. Only questions that
    all the efforts have count, so that no effort is favoured by having more of them.
    """
    judged = _shared(cells, "judged")
    first = np.full(len(judged), -1, dtype=np.int64)
    for i in reversed(range(len(cells))):
        first[_at(cells[i], judged, cells[i].accuracy) > 0.5] = i
    counted = _shared(cells, "n_tokens")
    rows = [_at(c, counted, c.mean_tokens) for c in cells]
    rising = np.ones(len(counted), dtype=bool)
    for before, after in itertools.pairwise(rows):
        rising &= after >= before
    return Ladder(
        cells=cells,
        n_questions=len(judged),
        n_cheapest=[int(np.sum(first == i)) for i in range(len(cells))],
        n_unsolved=int(np.sum(first == -1)),
        n_monotonic=int(rising.sum()) if len(cells) > 1 else 0,
        n_tokens=len(counted) if len(cells) > 1 else 0,
        wasted_tokens=_wasted(cells, judged, first),
    )


def _wasted(cells: Sequence[Tally], judged: Ints, first: Ints) -> list[float | None]:
    if not cells:
        return []
    tokens = np.stack([_at(c, judged, c.mean_tokens) for c in cells])
    least = tokens[np.maximum(first, 0), np.arange(len(judged))] if len(judged) else np.empty(0)
    found: list[float | None] = []
    for i in range(len(cells)):
        extra = (tokens[i] - least)[(first >= 0) & (first <= i)]
        extra = extra[~np.isnan(extra)]
        found.append(math.fsum(extra) / len(extra) if len(extra) else None)
    return found


def _shared(cells: Sequence[Tally], count: str) -> Ints:
    """Questions of which every cell has at least one sample with ``count``."""
    found: Ints | None = None
    for cell in cells:
        mine = cell.question[getattr(cell, count) > 0]
        found = mine if found is None else np.intersect1d(found, mine, assume_unique=True)
    return found if found is not None else np.empty(0, dtype=np.int64)


def _at(cell: Tally, questions: Ints, values: Floats) -> Floats:
    result: Floats = values[np.searchsorted(cell.question, questions)]
    return result
