"""Measures that compare cells or questions with each other: pure functions on plain numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, pairwise

from analysis.effort.options import Options


def harmonic(a: float | None, b: float | None) -> float | None:
    """Harmonic mean of two shares; 0 where both are 0, None where either is undefined."""
    if a is None or b is None:
        return None
    return 2 * a * b / (a + b) if a + b > 0 else 0.0


def thinkbench_f1(
    accuracy: Sequence[float | None], tokens: Sequence[float | None]
) -> list[float | None]:
    """F1 of accuracy and 1 - (tokens - least) / (most - least), for each of several cells.

    Least and most are over the cells given, so the value changes with the cells that are shown.
    Undefined where fewer than two cells have both numbers, or all have the same tokens. Source:
    LLMThinkBench (2507.04023), which calls it "overthinking score" (higher is better).
    """
    known = [t for a, t in zip(accuracy, tokens, strict=True) if a is not None and t is not None]
    least, most = min(known, default=0.0), max(known, default=0.0)
    if len(known) < 2 or most <= least:
        return [None] * len(accuracy)
    return [
        None if a is None or t is None else harmonic(a, 1 - (t - least) / (most - least))
        for a, t in zip(accuracy, tokens, strict=True)
    ]


def aes(
    accuracy: float | None,
    tokens: float | None,
    base_accuracy: float | None,
    base_tokens: float | None,
    options: Options,
) -> float | None:
    """Accuracy-efficiency score against a baseline.

    length x (L0 - L) / L0 + gain x |dA| where accuracy does not fall, else - loss x |dA|, with
    dA = (A - A0) / A0. Undefined where the baseline has no tokens or no accuracy above 0. Source:
    O1-Pruner (2501.12570); other papers use other constants.
    """
    if accuracy is None or tokens is None or not base_accuracy or not base_tokens:
        return None
    shorter = (base_tokens - tokens) / base_tokens
    change = (accuracy - base_accuracy) / base_accuracy
    weight = options.aes_gain if change >= 0 else -options.aes_loss
    return options.aes_length * shorter + weight * abs(change)


def spearman(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Rank correlation, ties at their mean rank; None for fewer than three pairs or no spread."""
    if len(x) != len(y):
        raise ValueError("as many of x as of y")
    if len(x) < 3:
        return None
    a, b = _ranks(x), _ranks(y)
    middle = (len(x) + 1) / 2
    both = math.fsum((p - middle) * (q - middle) for p, q in zip(a, b, strict=True))
    spread = math.fsum((p - middle) ** 2 for p in a) * math.fsum((q - middle) ** 2 for q in b)
    return max(-1.0, min(1.0, both / math.sqrt(spread))) if spread > 0 else None


def slope(x: Sequence[float], y: Sequence[float]) -> float | None:
    """Least-squares slope of y over x; None for fewer than two pairs or no spread in x."""
    if len(x) < 2:
        return None
    mx, my = math.fsum(x) / len(x), math.fsum(y) / len(y)
    spread = math.fsum((p - mx) ** 2 for p in x)
    if spread <= 0:
        return None
    return math.fsum((p - mx) * (q - my) for p, q in zip(x, y, strict=True)) / spread


def scaling(tokens: Sequence[float], accuracy: Sequence[float]) -> float | None:
    """Mean slope of accuracy over tokens, over all pairs of settings of different tokens.

    None where there is no such pair. Source: "Scaling" of s1 (2501.19393).
    """
    points = zip(tokens, accuracy, strict=True)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if a[0] != b[0]]
    return math.fsum(slopes) / len(slopes) if slopes else None


def monotonic(tokens: Sequence[Sequence[float]]) -> float | None:
    """Share of questions whose tokens never fall from one setting to the next; None of none.

    One sequence a question, its settings from the least budget to the largest; questions with
    fewer than two settings are left out.
    """
    kept = [row for row in tokens if len(row) > 1]
    if not kept:
        return None
    return sum(all(a <= b for a, b in pairwise(row)) for row in kept) / len(kept)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in order[start:end]:
            ranks[i] = (start + 1 + end) / 2
        start = end
    return ranks
