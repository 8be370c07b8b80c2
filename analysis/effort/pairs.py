"""Pairs of cells on their common questions, many at once: outcomes, tests, intervals, effect sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.effort.bootstrap import RESAMPLES, Ratio, intervals, median_interval, ratio
from analysis.effort.cells import Cell, QuestionStats
from analysis.effort.intervals import UNDEFINED, Floats, Interval
from analysis.effort.significance import (
    cliffs_delta,
    cohens_dz,
    holm,
    mcnemar_exact,
    sign_flip_ps,
)
from analysis.effort.tallies import Ints, Tally, common, tally_of

MCNEMAR = "exact McNemar"
SIGN_FLIP = "paired permutation"
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Paired:
    """Cell b against cell a on the questions that both have. Undefined is None."""

    a: Tally
    b: Tally
    n_questions: int
    n_judged: int
    """Questions with a judged sample in both: the sum of the four counts."""
    single: bool
    """One judged sample a question in both cells."""
    both_right: int | None
    only_a: int | None
    only_b: int | None
    both_wrong: int | None
    accuracy_a: float | None
    """Mean over the judged questions of the share of correct samples."""
    accuracy_b: float | None
    difference: Interval
    mcnemar_p: float | None
    test: str
    """The test of ``p``: McNemar's for single samples, else a permutation of question means."""
    p: float | None
    p_holm: float | None
    """``p`` corrected for all pairs that were compared together."""
    cohens_dz: float | None
    cliffs_delta: float | None
    n_tokens: int
    token_ratio: Interval
    """Geometric mean over questions of mean tokens in b over mean tokens in a."""
    token_ratio_median: Interval
    token_ratio_of_means: float | None
    """Mean over questions of tokens in b, over the same of a."""
    n_fewer: int
    """Questions on which b used fewer tokens than a."""
    tokens_dz: float | None
    """Cohen's dz of the logarithms of the token ratios."""

    @property
    def fewer_share(self) -> float | None:
        """Share of questions on which b used fewer tokens."""
        return self.n_fewer / self.n_tokens if self.n_tokens else None

    @property
    def accuracy_moved(self) -> bool | None:
        """Whether the corrected test finds a difference of accuracy."""
        return None if self.p_holm is None else self.p_holm < ALPHA

    @property
    def tokens_moved(self) -> bool | None:
        """Whether the interval of the token ratio leaves out 1."""
        low, high = self.token_ratio.low, self.token_ratio.high
        return None if low is None or high is None else not low <= 1 <= high


@dataclass(frozen=True, slots=True)
class _Found:
    """A pair before its intervals."""

    a: Tally
    b: Tally
    n_questions: int
    right_a: Floats
    """Accuracy in a of each judged question."""
    right_b: Floats
    single: bool
    logs: Floats
    tokens_a: Floats
    tokens_b: Floats


def compare_all(
    pairs: Sequence[tuple[Tally, Tally]], *, resamples: int = RESAMPLES
) -> list[Paired]:
    """Compare each pair (a, b); intervals of all from shared resamples, p values corrected together.

    A question is right in a cell when more than half of its judged samples are correct, so that each
    question is one trial of McNemar's test; ``difference`` uses the share itself.
    """
    found = [_find(a, b) for a, b in pairs]
    asked: list[Ratio] = []
    for f in found:
        differences = f.right_b - f.right_a
        asked.append(Ratio(differences, np.ones(len(differences)), bounds=(-1.0, 1.0)))
        logs = ratio(f.logs)
        asked.append(Ratio(logs.over, logs.under, exponential=True))
    made = intervals(asked, resamples=resamples)
    flips = iter(sign_flip_ps([f.right_b - f.right_a for f in found if not f.single]))
    tests = [_test(f, None if f.single else next(flips)) for f in found]
    corrected = holm([p for _, p, _ in tests])
    return [
        _paired(f, made[2 * i], made[2 * i + 1], tests[i], corrected[i])
        for i, f in enumerate(found)
    ]


def compare(
    a: Cell, b: Cell, questions_a: Sequence[QuestionStats], questions_b: Sequence[QuestionStats]
) -> Paired:
    """Pair two cells question by question; see ``compare_all``."""
    number = {q.question: 0 for q in (*questions_a, *questions_b)}
    number = {key: i for i, key in enumerate(sorted(number))}
    return compare_all([(tally_of(a, questions_a, number), tally_of(b, questions_b, number))])[0]


def token_ratios(a: Tally, b: Tally) -> tuple[Ints, Floats, Floats]:
    """(question numbers, mean tokens in a, mean tokens in b) where both have tokens above 0."""
    both = common(a, b)
    x, y = a.mean_tokens[both.a], b.mean_tokens[both.b]
    kept = (x > 0) & (y > 0)
    return both.question[kept], x[kept], y[kept]


def _find(a: Tally, b: Tally) -> _Found:
    both = common(a, b)
    judged = (a.judged[both.a] > 0) & (b.judged[both.b] > 0)
    at_a, at_b = both.a[judged], both.b[judged]
    _, x, y = token_ratios(a, b)
    single = bool(np.all(a.judged[at_a] == 1) and np.all(b.judged[at_b] == 1))
    return _Found(
        a, b, both.n, a.accuracy[at_a], b.accuracy[at_b], single, np.log(y) - np.log(x), x, y
    )


def _test(f: _Found, flip_p: float | None) -> tuple[str, float | None, float | None]:
    """(name of the test, its p, p of McNemar's test)."""
    if len(f.right_a) == 0:
        return MCNEMAR, None, None
    # Exactly half is no majority; shares of small counts are exact enough to compare.
    won_a, won_b = f.right_a > 0.5, f.right_b > 0.5
    mcnemar = mcnemar_exact(int(np.sum(won_a & ~won_b)), int(np.sum(won_b & ~won_a)))
    if f.single:
        return MCNEMAR, mcnemar, mcnemar
    return SIGN_FLIP, flip_p, mcnemar


def _paired(
    f: _Found,
    difference: Interval,
    token_ratio: Interval,
    test: tuple[str, float | None, float | None],
    p_holm: float | None,
) -> Paired:
    n = len(f.right_a)
    won_a, won_b = f.right_a > 0.5, f.right_b > 0.5
    counts = [
        int(np.sum(x & y)) if n else None
        for x, y in ((won_a, won_b), (won_a, ~won_b), (~won_a, won_b), (~won_a, ~won_b))
    ]
    deltas = f.right_b - f.right_a
    name, p, mcnemar = test
    return Paired(
        a=f.a,
        b=f.b,
        n_questions=f.n_questions,
        n_judged=n,
        single=f.single,
        both_right=counts[0],
        only_a=counts[1],
        only_b=counts[2],
        both_wrong=counts[3],
        accuracy_a=math.fsum(f.right_a) / n if n else None,
        accuracy_b=math.fsum(f.right_b) / n if n else None,
        difference=difference,
        mcnemar_p=mcnemar,
        test=name,
        p=p,
        p_holm=p_holm,
        cohens_dz=cohens_dz(deltas),
        cliffs_delta=cliffs_delta(deltas),
        n_tokens=len(f.logs),
        token_ratio=token_ratio,
        token_ratio_median=median_interval(f.tokens_b / f.tokens_a) if len(f.logs) else UNDEFINED,
        token_ratio_of_means=math.fsum(f.tokens_b) / math.fsum(f.tokens_a) if len(f.logs) else None,
        n_fewer=int(np.sum(f.tokens_b < f.tokens_a)),
        tokens_dz=cohens_dz(f.logs),
    )
