"""Intervals that resample questions, never samples: answers to one question are not independent.

Everything here is deterministic: the seed is fixed, and the same numbers in the same order give
the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2000
SEED = 20_250_303
_CELLS_AT_ONCE = 4_000_000
"""Bounds the memory of a bootstrap: resamples x questions drawn in one go."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % interval; the ends are None where none can be given."""

    value: float | None
    low: float | None = None
    high: float | None = None


UNDEFINED = Interval(None)


def bootstrap_ratio(
    numerators: Sequence[float] | Floats,
    denominators: Sequence[float] | Floats,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """sum(numerators) / sum(denominators) over questions, with a percentile cluster bootstrap.

    One entry a question: correct and judged samples for an accuracy; a difference and 1 for a mean
    of differences. ``bounds`` are what the ratio of one question can be at least and at most.
    No question gives an undefined value, one question a value without an interval.

    Where every resample gives the same value (all right, all wrong, all equal) the bootstrap would
    claim certainty. Then the interval is the exact (Clopper-Pearson) one for "a question like
    these": the share of other questions is at most ``1 - (0.05 / 2) ** (1 / n)``, each of them as
    far away as ``bounds`` allow.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.
    """
    top = np.asarray(numerators, dtype=np.float64)
    below = np.asarray(denominators, dtype=np.float64)
    n = len(top)
    if n != len(below):
        raise ValueError("a numerator and a denominator for each question")
    total = math.fsum(below)
    if n == 0 or total <= 0:
        return UNDEFINED
    value = math.fsum(top) / total
    if n == 1:
        return Interval(value)
    if np.all(top * total == below * math.fsum(top)):
        reach = 1 - ((1 - LEVEL) / 2) ** (1 / n)
        low, high = bounds
        return Interval(value, value - reach * (value - low), value + reach * (high - value))
    return _percentiles(value, n, lambda times: _ratio(times @ top, times @ below), resamples, seed)


def geometric_mean_ratio(
    over: Sequence[float] | Floats,
    under: Sequence[float] | Floats,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Interval:
    """Geometric mean over questions of ``over / under``, with a percentile bootstrap.

    Geometric, so that twice as many on one question and half as many on another cancel, and so
    that swapping the two gives the inverse. All entries must be > 0 (``ValueError`` otherwise).
    No question gives an undefined value, one question a value without an interval.
    """
    logs = np.log(_positive(over)) - np.log(_positive(under))
    n = len(logs)
    if n == 0:
        return UNDEFINED
    value = math.exp(math.fsum(logs) / n)
    if n == 1:
        return Interval(value)
    return _percentiles(value, n, lambda times: np.exp(times @ logs / n), resamples, seed)


def _positive(values: Sequence[float] | Floats) -> Floats:
    array = np.asarray(values, dtype=np.float64)
    if not np.all(array > 0):
        raise ValueError("a ratio needs counts above zero")
    return array


def _ratio(top: Floats, below: Floats) -> Floats:
    result: Floats = np.divide(top, below, out=np.full(len(top), np.nan), where=below > 0)
    return result


def _percentiles(
    value: float, n: int, statistic: Callable[[Floats], Floats], resamples: int, seed: int
) -> Interval:
    drawn = np.concatenate([statistic(times) for times in _draws(n, resamples, seed)])
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) == 0:
        return Interval(value)
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    # Six places are far finer than the resampling, and the same on every kind of processor.
    return Interval(value, round(float(low), 6), round(float(high), 6))


def _draws(n: int, resamples: int, seed: int) -> Iterable[Floats]:
    """Blocks of resamples, one a row: how often each of the n questions is drawn."""
    if n * resamples <= _CELLS_AT_ONCE:
        return (_one_block(n, resamples, seed),)
    return _blocks(n, resamples, seed)


@lru_cache(maxsize=4)
def _one_block(n: int, resamples: int, seed: int) -> Floats:
    # The pairs of a data set mostly have the same number of questions.
    return np.concatenate(list(_blocks(n, resamples, seed)))


def _blocks(n: int, resamples: int, seed: int) -> Iterator[Floats]:
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS_AT_ONCE // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        picked = generator.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(picked.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(np.float64)
