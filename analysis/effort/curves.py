"""What more samples buy: pass@k, maj@k, weighted vote and best of k, of many questions at once.

Every value is the mean over all choices of k of a question's samples, so no order of the samples
matters. pass@k, maj@k and best-of-k are exact; the weighted vote is over all choices of k, or over
drawn ones where there are more than ``votes.MAX_SUBSETS``. The rules (ties, missing answers, missing
verdicts) are those of ``samples`` and ``votes``; here questions with as many samples are one block.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.effort.bootstrap import intervals, ratio
from analysis.effort.cells import MAX_UNKNOWN_VOTES
from analysis.effort.intervals import Floats, Interval
from analysis.effort.samples import Vote, maj_at_k, pass_at_k, sample_sizes
from analysis.effort.tallies import Ints
from analysis.effort.votes import subsets

Flags = NDArray[np.bool_]
CURVE_RESAMPLES = 1_000
"""Of the interval of each point, of which a page shows hundreds."""
_MOST_NUMBERS = 10_000_000
"""Bounds memory: questions x choices x samples of a weighted vote in one go."""


@dataclass(frozen=True, slots=True)
class Block:
    """Questions of one cell that have equally many samples: one row a question, one column a sample.

    ``answer`` holds codes: 0 the right answer (what every correct sample gives), others as they
    differ, -1 none. ``credit`` is 1 correct, 0 wrong. NaN is unknown. ``votes_known`` is False where
    a correct and a wrong sample both lack an answer (``cells.QuestionStats.votes_known``).
    """

    question: Ints
    answer: Ints
    credit: Floats
    tokens: Floats
    score: Floats
    votes_known: Flags

    @property
    def n(self) -> int:
        """Samples of each question."""
        return int(self.credit.shape[1])

    def some(self, chosen: Flags) -> Block:
        """These questions only."""
        return Block(
            self.question[chosen],
            self.answer[chosen],
            self.credit[chosen],
            self.tokens[chosen],
            self.score[chosen],
            self.votes_known[chosen],
        )


@dataclass(frozen=True, slots=True)
class Point:
    """One method of one cell at k samples. ``questions`` and ``values`` go together."""

    method: str
    k: int
    value: Interval
    total_tokens: float | None
    """k times the mean tokens of a sample, over the same questions."""
    questions: Ints
    values: Floats


def curves(blocks: Sequence[Block]) -> list[Point]:
    """Every method of ``METHODS`` at each k that at least half of its questions have samples for.

    A method whose verdicts, weights or scores are missing on half of the questions or more has no
    curve; nor has a vote whose answers cannot be read (see ``cells.MAX_UNKNOWN_VOTES``).
    """
    all_questions = sum(len(b.question) for b in blocks)
    unknown = sum(int((~b.votes_known).sum()) for b in blocks)
    found: list[tuple[str, int, list[Block], list[Floats]]] = []
    for name, method in METHODS.items():
        usable = [b.some(method.usable(b)) for b in blocks]
        sizes = [(b, method.sizes(b)) for b in usable if len(b.question)]
        n = sum(len(b.question) for b, _ in sizes)
        if 2 * n <= all_questions or (method.votes and unknown > MAX_UNKNOWN_VOTES * all_questions):
            continue
        for k in sample_sizes(int(s) for _, each in sizes for s in each):
            kept = [b.some(each >= k) for b, each in sizes]
            kept = [b for b in kept if len(b.question)]
            found.append((name, k, kept, [method.values(b, k) for b in kept]))
    made = intervals(
        [ratio(np.concatenate(values)) for *_, values in found], resamples=CURVE_RESAMPLES
    )
    return [
        Point(
            name,
            k,
            value,
            total_tokens(kept, k),
            np.concatenate([b.question for b in kept]),
            np.concatenate(values),
        )
        for (name, k, kept, values), value in zip(found, made, strict=True)
    ]


def total_tokens(blocks: Sequence[Block], k: int) -> float | None:
    """k times the mean over questions of the mean tokens of a sample; None where most have none."""
    means: list[float] = []
    for b in blocks:
        known = ~np.isnan(b.tokens)
        some = known.any(axis=1)
        sums = np.where(known, b.tokens, 0.0).sum(axis=1)
        means.extend((sums[some] / known[some].sum(axis=1)).tolist())
    n = sum(len(b.question) for b in blocks)
    return k * math.fsum(means) / len(means) if 2 * len(means) > n else None


@dataclass(frozen=True, slots=True)
class _Method:
    usable: Callable[[Block], Flags]
    values: Callable[[Block, int], Floats]
    sizes: Callable[[Block], Ints]
    votes: bool = False


def _judged(b: Block) -> Ints:
    result: Ints = (~np.isnan(b.credit)).sum(axis=1)
    return result


def _all(b: Block) -> Ints:
    return np.full(len(b.question), b.n, dtype=np.int64)


def _can_vote(b: Block) -> Flags:
    result: Flags = np.all((b.answer < 0) | ~np.isnan(b.credit), axis=1)
    return result


def _can_weigh(b: Block) -> Flags:
    with np.errstate(invalid="ignore"):
        weighed = (b.answer < 0) | (b.tokens > 0)
    result: Flags = _can_vote(b) & weighed.all(axis=1) & b.votes_known
    return result


def _can_rank(values: Floats, b: Block) -> Flags:
    result: Flags = np.all(~np.isnan(b.credit) & ~np.isnan(values), axis=1)
    return result


def _pass(b: Block, k: int) -> Floats:
    judged, right = _judged(b), np.nansum(b.credit, axis=1).astype(np.int64)
    return _by_row(
        np.stack([judged, right], axis=1), lambda row: pass_at_k(int(row[0]), int(row[1]), k)
    )


def _majority(b: Block, k: int) -> Floats:
    """By the counts of votes: right ones, then the others from most to fewest, then silent ones."""
    counts = np.stack([(b.answer == code).sum(axis=1) for code in range(-1, b.n + 1)], axis=1)
    others = -np.sort(-counts[:, 2:], axis=1)
    table = np.concatenate([counts[:, :2], others], axis=1)
    values = _by_row(table, lambda row: maj_at_k(_votes(row), k))
    for i in np.flatnonzero(_contradicted(b)):
        values[i] = maj_at_k(_credited(b.answer[i], b.credit[i]), k)
    return values


def _votes(row: Ints) -> tuple[Vote, ...]:
    silent, right, *others = (int(v) for v in row)
    votes = [Vote("right", right, 1.0)] if right else []
    votes += [Vote(f"wrong {i}", n, 0.0) for i, n in enumerate(others) if n]
    return (*votes, Vote(None, silent, None)) if silent else tuple(votes)


def _contradicted(b: Block) -> Flags:
    """Questions on which samples of one answer have different verdicts."""
    with np.errstate(invalid="ignore"):
        strange = ((b.answer == 0) & (b.credit == 0)) | ((b.answer > 0) & (b.credit > 0))
    result: Flags = strange.any(axis=1)
    return result


def _credited(answer: Ints, credit: Floats) -> tuple[Vote, ...]:
    votes = []
    for code in np.unique(answer):
        mine = credit[answer == code]
        known = None if code < 0 else float(mine.mean())
        votes.append(Vote(None if code < 0 else str(code), len(mine), known))
    return tuple(votes)


def _by_row(table: Ints, value: Callable[[Ints], float | None]) -> Floats:
    """``value`` of each row, computed once for equal rows."""
    rows, place = np.unique(table, axis=0, return_inverse=True)
    found = np.array([value(row) for row in rows], dtype=np.float64)
    result: Floats = found[place.ravel()]
    return result


def _weighted(b: Block, k: int) -> Floats:
    """Votes weighed by 1 / tokens; a tie pays the mean of the tied answers."""
    picked = subsets(b.n, k)
    chosen = np.zeros((len(picked), b.n))
    np.put_along_axis(chosen, picked, 1.0, axis=1)
    step = max(1, _MOST_NUMBERS // (len(picked) * b.n + b.n * b.n))
    parts = [_weighted_part(b, slice(i, i + step), chosen) for i in range(0, len(b.question), step)]
    return np.concatenate(parts)


def _weighted_part(b: Block, part: slice, chosen: Floats) -> Floats:
    answer, credit = b.answer[part], np.nan_to_num(b.credit[part])
    weight = np.where(answer >= 0, 1 / np.nan_to_num(b.tokens[part], nan=1.0).clip(1e-9), 0.0)
    same = (answer[:, :, None] == answer[:, None, :]) & (answer[:, :, None] >= 0)
    # Samples of one answer share its mean credit: verdicts may contradict each other.
    shared = (same * credit[:, None, :]).sum(axis=2) / np.maximum(1, same.sum(axis=2))
    votes = np.matmul(chosen, (same * weight[:, None, :]).transpose(0, 2, 1))
    votes = np.where(chosen[None] * (answer[:, None, :] >= 0) > 0, votes, 0.0)
    best = (votes >= votes.max(axis=2, keepdims=True) * (1 - 1e-12)) & (votes > 0)
    # Each tied answer counts once, however many of the chosen samples gave it.
    times = np.matmul(chosen, same.transpose(0, 2, 1).astype(np.float64))
    once = np.where(best, 1 / np.maximum(times, 1), 0.0)
    paid = (once * shared[:, None, :]).sum(axis=2) / np.maximum(once.sum(axis=2), 1e-12)
    result: Floats = paid.mean(axis=1)
    return result


def _best(score: Floats, b: Block, k: int) -> Floats:
    """The best of k by ``score``, equal ones sharing the place: exact over all choices.

    The i-th best of n is the best of k chosen with chance C(n - 1 - i, k - 1) / C(n, k).
    """
    order = np.argsort(-score, axis=1, kind="stable")
    ranked = np.take_along_axis(score, order, 1)
    credit = np.take_along_axis(b.credit, order, 1)
    equal = ranked[:, :, None] == ranked[:, None, :]
    shared = (equal * credit[:, None, :]).sum(axis=2) / equal.sum(axis=2)
    all_of = math.comb(b.n, k)
    chance = np.array([math.comb(b.n - 1 - i, k - 1) / all_of for i in range(b.n)])
    result: Floats = shared @ chance
    return result


METHODS = {
    "pass": _Method(lambda b: _judged(b) > 0, _pass, _judged),
    "majority": _Method(_can_vote, _majority, _all, votes=True),
    "weighted": _Method(_can_weigh, _weighted, _all, votes=True),
    "best_score": _Method(lambda b: _can_rank(b.score, b), lambda b, k: _best(b.score, b, k), _all),
    "shortest": _Method(
        lambda b: _can_rank(b.tokens, b), lambda b, k: _best(-b.tokens, b, k), _all
    ),
}
"""Method -> how it is computed. 'weighted' weighs votes by 1 / tokens; 'best_score' takes the sample
of highest recorded score, 'shortest' the one with the fewest tokens."""
