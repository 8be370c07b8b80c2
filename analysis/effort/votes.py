"""Choosing among several samples otherwise than by plain majority: weighted votes, best of n."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.effort.intervals import SEED

MAX_SUBSETS = 200
"""Up to so many k-subsets are all counted; of more, so many are drawn (fixed seed)."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """One sample at the vote: what it answers, how right that is, and what may weigh it."""

    answer: str | None
    """None casts no vote."""
    credit: float | None
    """1 correct, 0 wrong, None not judged."""
    tokens: float | None = None
    score: float | None = None


def weighted_vote_at_k(ballots: Sequence[Ballot], k: int) -> float | None:
    """Chance that the answer with the most weight among k samples is right, weights 1 / tokens.

    Over all k-subsets, or over ``MAX_SUBSETS`` drawn ones where there are more. A tie pays the mean
    of the tied answers; samples without an answer cast no vote. None when there are fewer than k
    samples, or a voting sample has no verdict or no tokens.
    """
    if k < 1 or k > len(ballots):
        return None
    voting = [b for b in ballots if b.answer is not None]
    if any(b.credit is None or not b.tokens or b.tokens <= 0 for b in voting):
        return None
    names = sorted({b.answer for b in voting if b.answer is not None})
    if not names:
        return 0.0
    place = {name: i for i, name in enumerate(names)}
    answer = np.array([place[b.answer] if b.answer is not None else -1 for b in ballots])
    weight = np.array([1 / b.tokens if b.answer is not None and b.tokens else 0.0 for b in ballots])
    credit = np.array([_mean_credit(voting, name) for name in names])
    picked = subsets(len(ballots), k)
    votes = np.stack(
        [(weight * (answer == i))[picked].sum(axis=1) for i in range(len(names))], axis=1
    )
    most = votes.max(axis=1, keepdims=True)
    best = (votes >= most * (1 - 1e-12)) & (votes > 0)
    paid = (best * credit).sum(axis=1) / np.maximum(1, best.sum(axis=1))
    return float(paid.mean())


def _mean_credit(voting: Sequence[Ballot], name: str) -> float:
    credits = [b.credit for b in voting if b.answer == name and b.credit is not None]
    return math.fsum(credits) / len(credits)


@lru_cache(maxsize=256)
def subsets(n: int, k: int) -> NDArray[np.int64]:
    """Rows of k indices of n: all of them where there are few, else drawn ones."""
    if math.comb(n, k) <= MAX_SUBSETS:
        return np.array(list(itertools.combinations(range(n), k)), dtype=np.int64)
    generator = np.random.default_rng(SEED)
    order = generator.permuted(np.tile(np.arange(n), (MAX_SUBSETS, 1)), axis=1)
    picked: NDArray[np.int64] = order[:, :k].astype(np.int64)
    return picked


def best_of(
    scores: Sequence[float | None], credits: Sequence[float | None], k: int
) -> float | None:
    """Chance that the sample with the highest score among k is right, over all k-subsets; exact.

    Samples of equal score share the place. None when there are fewer than k samples or a score or
    a verdict is missing.
    """
    n = len(scores)
    if k < 1 or k > n or None in scores or None in credits:
        return None
    pairs = sorted(zip(scores, credits, strict=True), key=lambda p: -(p[0] or 0.0))
    total, left = 0.0, n
    for _, group in itertools.groupby(pairs, key=lambda p: p[0]):
        paid = [c or 0.0 for _, c in group]
        chance = math.comb(left, k) - math.comb(left - len(paid), k)
        total += chance * math.fsum(paid) / len(paid)
        left -= len(paid)
    return total / math.comb(n, k)
