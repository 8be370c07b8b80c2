"""Two cells on the questions that both have: what one solves that the other does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.effort.cells import Cell, QuestionStats
from analysis.effort.intervals import Interval, bootstrap_ratio, geometric_mean_ratio


@dataclass(frozen=True, slots=True)
class PairStats:
    """Cell b against cell a on their common questions. Undefined is None."""

    a: Cell
    b: Cell
    n_questions: int
    """Questions that both have."""
    n_judged: int
    """Those with a judged sample in both: both_right + only_a + only_b + both_wrong."""
    both_right: int | None
    only_a: int | None
    only_b: int | None
    both_wrong: int | None
    mcnemar_p: float | None
    difference: Interval
    """Mean over questions of accuracy in b minus accuracy in a."""
    n_tokens: int
    """Questions with thinking tokens in both: those of ``token_ratio``."""
    token_ratio: Interval
    """Geometric mean over questions of mean tokens in b over mean tokens in a."""


def compare(
    a: Cell, b: Cell, questions_a: Sequence[QuestionStats], questions_b: Sequence[QuestionStats]
) -> PairStats:
    """Pair two cells question by question.

    A question counts as right in a cell when more than half of its judged samples are correct, so
    that each question is one trial of McNemar's test; ``difference`` uses the share itself.
    """
    other = {q.question: q for q in questions_b}
    common = [(q, other[q.question]) for q in questions_a if q.question in other]
    judged = [(x, y) for x, y in common if x.n_judged and y.n_judged]
    outcomes = [(bool(x.majority_right), bool(y.majority_right)) for x, y in judged]
    counts = {
        key: outcomes.count(key) if judged else None
        for key in ((True, True), (True, False), (False, True), (False, False))
    }
    deltas = [(y.accuracy or 0.0) - (x.accuracy or 0.0) for x, y in judged]
    tokens = [(x.mean_tokens, y.mean_tokens) for x, y in common if x.mean_tokens and y.mean_tokens]
    # A count below zero is a fault of the source; it has no logarithm.
    tokens = [(x, y) for x, y in tokens if x > 0 and y > 0]
    only_a, only_b = counts[True, False], counts[False, True]
    return PairStats(
        a=a,
        b=b,
        n_questions=len(common),
        n_judged=len(judged),
        both_right=counts[True, True],
        only_a=only_a,
        only_b=only_b,
        both_wrong=counts[False, False],
        mcnemar_p=None if only_a is None or only_b is None else mcnemar_exact(only_a, only_b),
        difference=bootstrap_ratio(deltas, [1.0] * len(deltas), bounds=(-1.0, 1.0)),
        n_tokens=len(tokens),
        token_ratio=geometric_mean_ratio([y for _, y in tokens], [x for x, _ in tokens]),
    )


def mcnemar_exact(only_a: int, only_b: int) -> float:
    """Two-sided exact p of McNemar's test: twice the binomial tail of the rarer kind, at most 1.

    Of the questions on which the cells differ, each would be won by either with chance 1/2 if the
    cells were equally good. 1.0 when they differ on none. Source: McNemar 1947; exact form as in
    Agresti, Categorical Data Analysis.
    """
    if only_a < 0 or only_b < 0:
        raise ValueError("counts cannot be negative")
    n = only_a + only_b
    tail, term = 0, 1
    for i in range(min(only_a, only_b) + 1):
        tail += term
        term = term * (n - i) // (i + 1)
    return min(1.0, 2 * tail / (1 << n))
