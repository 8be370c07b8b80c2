"""What several samples of one question buy: pass@k and maj@k, both exact."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analysis.effort.intervals import Floats

ALL_UP_TO = 10
THEN = (16, 32, 64)
"""The k that are reported: each up to ``ALL_UP_TO``, then these, and the number of samples."""


@dataclass(frozen=True, slots=True)
class Vote:
    """The samples of one question that gave the same answer.

    ``credit`` is the share of them that are correct (0 or 1 unless verdicts contradict each
    other), None where none has a verdict; ``answer`` None stands for samples without an answer,
    which cast no vote.
    """

    answer: str | None
    count: int
    credit: float | None


def sample_sizes(counts: Iterable[int]) -> tuple[int, ...]:
    """The k that the samples allow: those that at least half of the questions have.

    ``counts`` holds the samples of each question. A few missing samples then do not end the curve,
    and a few questions with many samples do not make one of their own.
    """
    ordered = sorted(counts)
    if not ordered:
        return ()
    reached = ordered[len(ordered) // 2]
    wanted = {*range(1, ALL_UP_TO + 1), *THEN}
    if reached <= max(THEN):
        wanted.add(reached)
    return tuple(k for k in sorted(wanted) if k <= reached)


def pass_at_k(n: int, correct: int, k: int) -> float | None:
    """Chance that at least one of k of the n samples is right: 1 - C(n - c, k) / C(n, k).

    None when there are fewer than k samples. Source: Chen et al. 2021, arXiv 2107.03374.
    """
    if not 0 <= correct <= n:
        raise ValueError(f"{correct} of {n} samples cannot be correct")
    if k < 1 or k > n:
        return None
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


def maj_at_k(votes: Sequence[Vote], k: int) -> float | None:
    """Chance that the commonest answer among k of the samples is right, over all k-subsets.

    A tie pays the mean credit of the tied answers, as breaking it by lot would. Samples without an
    answer count among the k but cast no vote; a subset without any vote pays 0. None when there
    are fewer than k samples, or an answer without a verdict. Exact: it counts subsets, it does not
    draw them.
    """
    n = sum(vote.count for vote in votes)
    if k < 1 or k > n:
        return None
    silent = sum(vote.count for vote in votes if vote.answer is None)
    cast = []
    for vote in votes:
        if vote.answer is not None:
            if vote.credit is None:
                return None
            cast.append((vote.count, vote.credit))
    return _expected_credit(tuple(sorted(cast)), silent, k)


def majority(votes: Sequence[Vote]) -> tuple[str | None, float | None, bool]:
    """The commonest answer, its share of all samples, and whether it is tied.

    Of tied answers the first in alphabetical order is named. No vote at all gives (None, None,
    False).
    """
    cast = [vote for vote in votes if vote.answer is not None]
    if not cast:
        return None, None, False
    most = max(vote.count for vote in cast)
    best = sorted(vote.answer or "" for vote in cast if vote.count == most)
    return best[0], most / sum(vote.count for vote in votes), len(best) > 1


def vote_margin(votes: Sequence[Vote]) -> float | None:
    """Share of the commonest answer minus that of the next, of all samples; None without a vote."""
    counts = sorted((vote.count for vote in votes if vote.answer is not None), reverse=True)
    if not counts:
        return None
    return (counts[0] - (counts[1] if len(counts) > 1 else 0)) / sum(v.count for v in votes)


def vote_entropy(votes: Sequence[Vote]) -> float | None:
    """Shannon entropy of the answers in bits; 0 when all agree, None without any answer."""
    counts = [vote.count for vote in votes if vote.answer is not None]
    total = sum(counts)
    if not total:
        return None
    return math.fsum(-c / total * math.log2(c / total) for c in counts) + 0.0


@lru_cache(maxsize=100_000)
def _expected_credit(cast: tuple[tuple[int, float], ...], silent: int, k: int) -> float:
    """Sum over the winning number of votes t, by a product of generating functions.

    ``ways[i, j]`` counts the choices of i samples in which j answers have t votes and none has
    more; ``paid[i, j]`` is the sum over these choices of the credits of those j answers.
    """
    n = sum(count for count, _ in cast) + silent
    total = 0.0
    for t in range(1, min(k, max((count for count, _ in cast), default=0)) + 1):
        shape = (k + 1, k // t + 1)
        ways, paid = np.zeros(shape), np.zeros(shape)
        ways[0, 0] = 1.0
        for count, credit in cast:
            ways, paid = _add_answer(ways, paid, count, credit, t)
        ways, paid = _add_silent(ways, paid, silent)
        total += math.fsum(paid[k, j] / j for j in range(1, shape[1]))
    return min(1.0, total / math.comb(n, k))


def _add_answer(
    ways: Floats, paid: Floats, count: int, credit: float, t: int
) -> tuple[Floats, Floats]:
    new_ways, new_paid = np.zeros_like(ways), np.zeros_like(paid)
    size = len(ways)
    for chosen in range(min(count, t, size - 1) + 1):
        choices = float(math.comb(count, chosen))
        rows = slice(0, size - chosen)
        if chosen < t:
            new_ways[chosen:] += choices * ways[rows]
            new_paid[chosen:] += choices * paid[rows]
        else:
            new_ways[chosen:, 1:] += choices * ways[rows, :-1]
            new_paid[chosen:, 1:] += choices * (paid[rows, :-1] + credit * ways[rows, :-1])
    return new_ways, new_paid


def _add_silent(ways: Floats, paid: Floats, silent: int) -> tuple[Floats, Floats]:
    new_ways, new_paid = np.zeros_like(ways), np.zeros_like(paid)
    size = len(ways)
    for chosen in range(min(silent, size - 1) + 1):
        choices = float(math.comb(silent, chosen))
        new_ways[chosen:] += choices * ways[: size - chosen]
        new_paid[chosen:] += choices * paid[: size - chosen]
    return new_ways, new_paid
