"""Tests, effect sizes and exact intervals for paired and single comparisons.

SciPy's routines where it has them. Importing ``scipy.stats`` takes long, so the functions that need
it import it themselves.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from analysis.effort.intervals import LEVEL, SEED, Floats, Interval

FLIPS = 20_000
"""Random sign flips of ``sign_flip_p``; fewer where very many questions all differ by their own."""
_LEAST_FLIPS = 2_000
_MOST_SIGNS = 12_500_000
_SIGNS_AT_ONCE = 1_000_000
_FEW_SIZES = 64


def wilson(right: int, n: int) -> Interval:
    """Share with Wilson's score interval, for independent trials.

    (p + z^2 / 2n +- z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n). Undefined of none. Source:
    Wilson 1927; Brown, Cai and DasGupta 2001.
    """
    if n <= 0:
        return Interval(None)
    from scipy.special import ndtri

    z = float(ndtri((1 + LEVEL) / 2))
    p = right / n
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    below = 1 + z * z / n
    low = 0.0 if right == 0 else (middle - reach) / below
    high = 1.0 if right == n else (middle + reach) / below
    return Interval(p, low, high)


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Two-sided exact p of McNemar's test: twice the binomial tail of the rarer kind, at most 1.

    Of the questions on which the cells differ, each would be won by either with chance 1/2 if the
    cells were equally good. 1.0 when they differ on none. Source: McNemar 1947; exact form as in
    Agresti, Categorical Data Analysis.
    """
    if only_a < 0 or only_b < 0:
        raise ValueError("counts cannot be negative")
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """p values corrected for their number by Holm's step-down method; None stays None.

    In ascending order, the i-th of m (from 0) is multiplied by m - i, and none is below the one
    before it. Source: Holm 1979. (statsmodels' ``multipletests`` gives the same.)
    """
    places = sorted((i for i, p in enumerate(ps) if p is not None), key=lambda i: (ps[i], i))
    found: list[float | None] = [None] * len(ps)
    worst = 0.0
    for rank, i in enumerate(places):
        worst = max(worst, min(1.0, (len(places) - rank) * (ps[i] or 0.0)))
        found[i] = worst
    return found


def sign_flip_p(differences: Sequence[float] | Floats) -> float | None:
    """Two-sided p of a permutation test on paired differences: each may as well be of either sign.

    Share of ``FLIPS`` random flips whose sum is at least as far from 0 as the one found, (1 + hits)
    / (1 + flips). None without a difference to look at, 1 where all are 0. With one sample a
    question this is McNemar's test. Source: Fisher 1935; Phipson and Smyth 2010 for the 1.
    """
    return sign_flip_ps([differences])[0]


def sign_flip_ps(many: Sequence[Sequence[float] | Floats]) -> list[float | None]:
    """``sign_flip_p`` of each; those over equally many questions share their random signs."""
    found: list[float | None] = [None] * len(many)
    groups: defaultdict[int, list[tuple[int, Floats]]] = defaultdict(list)
    for i, differences in enumerate(many):
        d = np.asarray(differences, dtype=np.float64)
        sizes, counts = np.unique(np.round(np.abs(d[d != 0]), 12), return_counts=True)
        if len(d) and not len(sizes):
            found[i] = 1.0
        elif len(sizes) and len(sizes) <= _FEW_SIZES:
            # Equal distances flip together, as a binomial number.
            generator = np.random.default_rng([SEED, len(d), 2])
            heads = generator.binomial(counts, 0.5, size=(FLIPS, len(sizes)))
            found[i] = _share_as_far((2 * heads - counts) @ sizes, d)
        elif len(sizes):
            groups[len(d)].append((i, d))
    for n, group in groups.items():
        totals = _flipped(n, np.stack([d for _, d in group], axis=1))
        for column, (i, d) in enumerate(group):
            found[i] = _share_as_far(totals[:, column], d)
    return found


def _flipped(n: int, table: Floats) -> Floats:
    """Sums of the columns of ``table`` under random signs, one row a flip."""
    flips = min(FLIPS, max(_LEAST_FLIPS, _MOST_SIGNS // n))
    generator = np.random.default_rng([SEED, n, 2])
    step = max(1, _SIGNS_AT_ONCE // n)
    totals = np.empty((flips, table.shape[1]))
    for start in range(0, flips, step):
        rows = min(step, flips - start)
        raw = np.frombuffer(generator.bytes((rows * n + 7) // 8), dtype=np.uint8)
        signs = 2.0 * np.unpackbits(raw)[: rows * n].reshape(rows, n) - 1.0
        totals[start : start + rows] = signs @ table
    return totals


def _share_as_far(totals: Floats, d: Floats) -> float:
    hits = int(np.sum(np.abs(totals) >= abs(math.fsum(d)) * (1 - 1e-9)))
    return (1 + hits) / (1 + len(totals))


def cohens_dz(differences: Sequence[float] | Floats) -> float | None:
    """Mean of paired differences over their standard deviation (n - 1).

    None for fewer than two or without spread. Source: Cohen 1988, section 2.3.5.
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) < 2:
        return None
    spread = float(d.std(ddof=1))
    return float(d.mean()) / spread if spread > 1e-15 else None


def cliffs_delta(differences: Sequence[float] | Floats) -> float | None:
    """Share of pairs that rise minus share that fall: Cliff's delta within pairs.

    Source: Cliff 1996, the within-subject dominance d_w.
    """
    d = np.asarray(differences, dtype=np.float64)
    if len(d) == 0:
        return None
    return (int((d > 0).sum()) - int((d < 0).sum())) / len(d)


def rank_correlation(
    x: Sequence[float] | Floats, y: Sequence[float] | Floats
) -> dict[str, float | None]:
    """Spearman's rho and Kendall's tau-b with their two-sided p values (SciPy).

    None for fewer than three pairs or where one of them does not vary.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    names = ("spearman", "spearman_p", "kendall", "kendall_p")
    if len(a) != len(b):
        raise ValueError("as many of x as of y")
    if len(a) < 3 or np.all(a == a[0]) or np.all(b == b[0]):
        return dict.fromkeys(names)
    from scipy.stats import kendalltau, spearmanr

    rho, tau = spearmanr(a, b), kendalltau(a, b)
    values = (rho.statistic, rho.pvalue, tau.statistic, tau.pvalue)
    return {n: float(v) for n, v in zip(names, values, strict=True)}
