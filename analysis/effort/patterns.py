"""Intervals from counts of alike questions: as ``intervals``, in time that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.effort.intervals import LEVEL, RESAMPLES, SEED, Interval, bootstrap_ratio

_FEW = 2_000
"""Up to so many questions each is drawn by itself, exactly as ``bootstrap_ratio`` does."""


def bootstrap_share(patterns: Iterable[tuple[int, int, int]]) -> Interval:
    """Traces with a property over all traces, with a percentile bootstrap over questions.

    ``patterns`` are (traces with it, traces, questions that are so). Drawing n questions with
    replacement is drawing a multinomial number of each pattern, so this is the bootstrap of
    ``intervals.bootstrap_ratio``, with its rules for a single question and for equal ones.
    """
    found = sorted(patterns)
    questions = sum(times for _, _, times in found)
    varied = len({k / n for k, n, _ in found}) > 1
    if questions <= _FEW:
        rows = [(k, n) for k, n, times in found for _ in range(times)]
        return bootstrap_ratio([k for k, _ in rows], [n for _, n in rows])
    if not varied:
        # Every resample is the same: the exact interval, which needs the number of questions.
        k, n, _ = found[0]
        return bootstrap_ratio(np.full(questions, k), np.full(questions, n))
    table = np.array(found, dtype=np.float64)
    k, n, times = table.T
    drawn = np.random.default_rng(SEED).multinomial(questions, times / questions, size=RESAMPLES)
    low, high = np.quantile((drawn @ k) / (drawn @ n), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    value = float((k @ times) / (n @ times))
    return Interval(value, round(float(low), 6), round(float(high), 6))
