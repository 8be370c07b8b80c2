"""Many intervals at once: one set of resamples for all statistics over the same number of questions.

The same percentile bootstrap over questions as ``intervals``, for pages that need hundreds of
intervals in a second. A resample is a vector of multinomial weights, one a question, and all
statistics of a resample are one product of matrices. Where the rows of a statistic take few
different values (verdicts do), the weights of the distinct rows are drawn instead: a sum of
multinomial weights is multinomial, so this is the same bootstrap. Deterministic: the generator is
seeded with ``intervals.SEED`` and the number of questions.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6, 8 and 13.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.effort.intervals import LEVEL, SEED, UNDEFINED, Floats, Interval

Numbers = Floats | NDArray[np.int64]
RESAMPLES = 10_000
LEAST_RESAMPLES = 1_000
"""With very many questions fewer resamples are drawn, down to these: the interval is narrow then."""
MOST_DRAWS = 25_000_000
_BLOCK = 1_000_000
_FEW_PATTERNS = 64
_TAILS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """sum(over) / sum(under) over questions; ``exponential`` takes exp of it (a geometric mean).

    ``bounds`` are what the ratio of one question can be, where that is known: they are needed to
    give an interval where all questions agree (see ``intervals.bootstrap_ratio``).
    """

    over: Floats
    under: Floats
    exponential: bool = False
    bounds: tuple[float, float] | None = None


def ratio(over: Sequence[float] | Numbers, under: Sequence[float] | Numbers | None = None) -> Ratio:
    """A ratio of sums; a mean where ``under`` is None."""
    top = np.asarray(over, dtype=np.float64)
    below = np.ones(len(top)) if under is None else np.asarray(under, dtype=np.float64)
    return Ratio(top, below)


def intervals(ratios: Sequence[Ratio], *, resamples: int = RESAMPLES) -> list[Interval]:
    """The 95 % percentile interval of each ratio, resampling its questions.

    No question (or no weight) gives an undefined value, one question a value without an interval.
    """
    found: list[Interval | None] = [_plain(r) for r in ratios]
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for i, (r, known) in enumerate(zip(ratios, found, strict=True)):
        if known is None:
            patterns = _patterns(r)
            if patterns is not None:
                found[i] = _by_patterns(r, patterns, resamples)
            else:
                groups[len(r.over)].append(i)
    draws = min(resamples, max(LEAST_RESAMPLES, MOST_DRAWS // max(1, sum(groups))))
    for n, places in groups.items():
        for i, made in zip(places, _by_draws(n, [ratios[i] for i in places], draws), strict=True):
            found[i] = made
    return [f if f is not None else UNDEFINED for f in found]


def median_interval(values: Sequence[float] | Floats, *, resamples: int = RESAMPLES) -> Interval:
    """Median with the percentile interval of its bootstrap, in time that does not grow with n.

    The middle order statistics of n draws from n sorted values are those of n uniform numbers, and
    these are Beta distributed; two draws a resample are the whole bootstrap.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    if n == 0:
        return UNDEFINED
    value = float(np.median(ordered))
    if n == 1:
        return Interval(value)
    generator = np.random.default_rng([SEED, n, 1])
    low_rank = (n + 1) // 2
    low = generator.beta(low_rank, n + 1 - low_rank, size=resamples)
    drawn = ordered[np.minimum((low * n).astype(np.int64), n - 1)]
    if n % 2 == 0:
        # The next order statistic, given this one, is the least of the n - low_rank above it.
        high = 1 - (1 - low) * generator.random(resamples) ** (1 / (n - low_rank))
        drawn = (drawn + ordered[np.minimum((high * n).astype(np.int64), n - 1)]) / 2
    return _interval(value, drawn)


def _plain(r: Ratio) -> Interval | None:
    """What needs no resampling: nothing, one question, or all the same."""
    n = len(r.over)
    if n != len(r.under):
        raise ValueError("as many of over as of under")
    below = math.fsum(r.under)
    if n == 0 or below <= 0:
        return UNDEFINED
    value = _value(r)
    if n == 1:
        return Interval(value)
    if np.allclose(r.over * below, r.under * math.fsum(r.over), rtol=1e-12, atol=0):
        if r.bounds is None:
            return Interval(value, value, value)
        reach = 1 - _TAILS[0] ** (1 / n)
        low, high = r.bounds
        return Interval(value, value - reach * (value - low), value + reach * (high - value))
    return None


def _value(r: Ratio) -> float:
    value = math.fsum(r.over) / math.fsum(r.under)
    return math.exp(value) if r.exponential else value


def _patterns(r: Ratio) -> tuple[Floats, Floats, Floats] | None:
    """Distinct rows and how many questions have each; None where there are many."""
    sample = np.unique(r.over[: 4 * _FEW_PATTERNS])
    if len(sample) > _FEW_PATTERNS:
        return None
    rows, times = np.unique(r.over + 1j * r.under, return_counts=True)
    if len(rows) > _FEW_PATTERNS or 2 * len(rows) > len(r.over):
        return None
    return rows.real, rows.imag, times.astype(np.float64)


def _by_patterns(r: Ratio, patterns: tuple[Floats, Floats, Floats], resamples: int) -> Interval:
    over, under, times = patterns
    n = len(r.over)
    generator = np.random.default_rng([SEED, n])
    drawn = generator.multinomial(n, times / n, size=resamples).astype(np.float64)
    return _finish(r, drawn @ over, drawn @ under)


def _by_draws(n: int, group: Sequence[Ratio], resamples: int) -> list[Interval]:
    """All ratios over n questions from the same resamples, block by block."""
    table = np.stack([c for r in group for c in (r.over, r.under)], axis=1)
    generator = np.random.default_rng([SEED, n])
    step = max(1, _BLOCK // n)
    sums = np.empty((resamples, table.shape[1]))
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        picked = generator.integers(0, n, size=(rows, n), dtype=np.int64)
        picked += n * np.arange(rows)[:, None]
        weights = np.bincount(picked.ravel(), minlength=rows * n).reshape(rows, n)
        sums[start : start + rows] = weights.astype(np.float64) @ table
    return [_finish(r, sums[:, 2 * i], sums[:, 2 * i + 1]) for i, r in enumerate(group)]


def _finish(r: Ratio, over: Floats, under: Floats) -> Interval:
    drawn = np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    drawn = drawn[~np.isnan(drawn)]
    return _interval(_value(r), np.exp(drawn) if r.exponential else drawn)


def _interval(value: float, drawn: Floats) -> Interval:
    if len(drawn) == 0:
        return Interval(value)
    low, high = np.quantile(drawn, _TAILS)
    # Six places are far finer than the resampling, and the same on every kind of processor.
    return Interval(value, round(float(low), 6), round(float(high), 6))
