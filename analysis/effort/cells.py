"""A cell is a model at an effort on a data set: what its samples say, per question and in all."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from analysis.effort.efficiency import Efficiency, efficiency, oaa
from analysis.effort.intervals import Interval, bootstrap_ratio
from analysis.effort.options import DEFAULT, Options
from analysis.effort.samples import (
    Vote,
    maj_at_k,
    majority,
    pass_at_k,
    sample_sizes,
    vote_entropy,
    vote_margin,
)
from analysis.effort.significance import wilson
from analysis.effort.votes import Ballot, best_of, weighted_vote_at_k

MAX_UNKNOWN_VOTES = 0.05
"""Share of a cell's questions whose votes may be unknown before its maj@k is undefined."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Which traces belong together. ``effort`` may be a level, a budget or a checkpoint."""

    dataset: str
    model: str | None
    effort: str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One trace as this package sees it."""

    question: str
    correct: bool | None = None
    """None where no verdict is known: such a sample counts in no accuracy."""
    answer: str | None = None
    """A name that equal answers share; None where none could be read from the trace."""
    tokens: float | None = None
    """Thinking tokens."""
    token_source: str | None = None
    gold: str | None = None
    """The same name of the right answer, where it is known."""
    visible: bool = True
    """Whether the reasoning is the model's own text; shares of it count only then."""
    score: float | None = None
    """The record's own score of the sample."""
    cost: float | None = None
    """What it cost, in the record's currency (dollars mostly)."""
    budget: float | None = None
    """Thinking tokens that were asked for."""
    outcome_efficiency: float | None = None
    process_efficiency: float | None = None
    n_solutions: int | None = None
    waste: float | None = None
    """Share of the reasoning after the final answer first stood."""


@dataclass(frozen=True, slots=True)
class QuestionStats:
    """The samples of one question in one cell. Undefined is None. Tokens are thinking tokens."""

    question: str
    n_traces: int
    n_judged: int
    n_correct: int
    votes: tuple[Vote, ...] | None
    """None where no trace of the cell has an answer."""
    votes_known: bool
    """False where a correct and a wrong sample both lack an answer: answers of this question cannot
    be read reliably, and whether the wrong ones agree with each other is not known."""
    n_tokens: int
    """How many samples have a token count."""
    mean_tokens: float | None
    median_tokens: float | None
    sd_tokens: float | None
    """Standard deviation over samples (n - 1); None for a single one."""
    min_tokens: float | None
    max_tokens: float | None
    min_correct_tokens: float | None
    excess_over_min: float | None
    """mean_tokens / min_correct_tokens."""
    len_right_minus_wrong: float | None
    """Mean tokens of the correct samples minus mean tokens of the wrong ones."""
    mean_oaa: float | None = None
    """Mean over judged samples with tokens of their area under OAA."""
    n_oaa: int = 0
    ballots: tuple[Ballot, ...] = ()
    """The samples as voters, in a fixed order."""

    @property
    def cv_tokens(self) -> float | None:
        """Standard deviation over mean of the tokens."""
        return (
            self.sd_tokens / self.mean_tokens
            if self.sd_tokens is not None and self.mean_tokens
            else None
        )

    @property
    def envelope(self) -> float | None:
        """Most tokens minus fewest, over samples; None for a single one."""
        if self.n_tokens < 2 or self.max_tokens is None or self.min_tokens is None:
            return None
        return self.max_tokens - self.min_tokens

    @property
    def vote_margin(self) -> float | None:
        """Share of the commonest answer minus share of the next, of all samples."""
        return vote_margin(self.votes or ())

    def weighted_vote_at(self, k: int) -> float | None:
        """Weighted vote@k with weights 1 / tokens; None where votes or a verdict are not known."""
        known = self.votes is not None and self.votes_known
        return weighted_vote_at_k(self.ballots, k) if known else None

    def best_of_n(self, by: str) -> float | None:
        """Whether the best of all samples ``by`` 'score' or 'shortest' is right (ties by lot)."""
        if by == "score":
            scores = [b.score for b in self.ballots]
        else:
            scores = [None if b.tokens is None else -b.tokens for b in self.ballots]
        return best_of(scores, [b.credit for b in self.ballots], len(self.ballots))

    @property
    def accuracy(self) -> float | None:
        """Correct samples over judged samples."""
        return self.n_correct / self.n_judged if self.n_judged else None

    @property
    def majority_right(self) -> bool | None:
        """Whether more than half of the judged samples are correct; a draw is not right."""
        return 2 * self.n_correct > self.n_judged if self.n_judged else None

    @property
    def majority(self) -> tuple[str | None, float | None, bool]:
        """The commonest answer, its share of the samples, whether it is tied."""
        return majority(self.votes or ())

    @property
    def vote_entropy(self) -> float | None:
        """How far the answers spread, in bits."""
        return vote_entropy(self.votes or ())

    def pass_at(self, k: int) -> float | None:
        """Unbiased pass@k over the judged samples."""
        return pass_at_k(self.n_judged, self.n_correct, k)

    def maj_at(self, k: int) -> float | None:
        """Exact maj@k over all samples; None where votes or a verdict are not known."""
        return maj_at_k(self.votes, k) if self.votes is not None and self.votes_known else None


@dataclass(frozen=True, slots=True)
class CellStats:
    """A whole cell. Undefined is None. Tokens are thinking tokens."""

    cell: Cell
    n_questions: int
    n_traces: int
    n_judged: int
    n_correct: int
    accuracy: Interval
    """Correct over judged samples; Wilson's interval where no question has two, else a bootstrap over
    questions."""
    n_tokens: int
    token_source: str | None
    """Where the counts come from; several are joined with ' + '."""
    mean_tokens: float | None
    median_tokens: float | None
    p95_tokens: float | None
    tokens_per_correct: float | None
    """All tokens of judged samples over the number of correct ones."""
    pass_at: Mapping[int, float] = field(default_factory=dict)
    maj_at: Mapping[int, float] = field(default_factory=dict)
    efficiency: Efficiency | None = None


def summarise(
    cell: Cell, samples: Iterable[Sample], options: Options = DEFAULT
) -> tuple[CellStats, list[QuestionStats]]:
    """The statistics of a cell and of each of its questions, in order of question."""
    groups: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        groups[sample.question].append(sample)
    everything = [sample for group in groups.values() for sample in group]
    # Where no trace of the cell has an answer, "no answer" says nothing of any single trace.
    votable = any(sample.answer is not None for sample in everything)
    questions = [_question(name, groups[name], votable, options) for name in sorted(groups)]
    tokens = sorted(s.tokens for s in everything if s.tokens is not None)
    stats = CellStats(
        cell=cell,
        n_questions=len(questions),
        n_traces=len(everything),
        n_judged=sum(q.n_judged for q in questions),
        n_correct=sum(q.n_correct for q in questions),
        accuracy=_accuracy(questions),
        n_tokens=len(tokens),
        token_source=_sources(everything),
        mean_tokens=_mean(tokens),
        median_tokens=_quantile(tokens, 0.5),
        p95_tokens=_quantile(tokens, 0.95),
        tokens_per_correct=_tokens_per_correct(everything),
        pass_at=_means(
            {k: [q.pass_at(k) for q in questions] for k in _ks(q.n_judged for q in questions)}
        ),
        maj_at=_maj_at(questions),
        efficiency=efficiency(everything, options),
    )
    return stats, questions


def _accuracy(questions: Sequence[QuestionStats]) -> Interval:
    """Wilson's interval where samples are independent, one a question; else a cluster bootstrap."""
    judged = [q for q in questions if q.n_judged]
    if all(q.n_judged == 1 for q in judged):
        return wilson(sum(q.n_correct for q in judged), len(judged))
    return bootstrap_ratio([q.n_correct for q in judged], [q.n_judged for q in judged])


def _question(
    name: str, samples: Sequence[Sample], votable: bool, options: Options
) -> QuestionStats:
    tokens = sorted(s.tokens for s in samples if s.tokens is not None)
    right = [s.tokens for s in samples if s.correct is True and s.tokens is not None]
    wrong = [s.tokens for s in samples if s.correct is False and s.tokens is not None]
    mean = _mean(tokens)
    least = min(right, default=None)
    areas = [a for a in (oaa(s, options.oaa_t_max) for s in samples) if a is not None]
    return QuestionStats(
        question=name,
        n_traces=len(samples),
        n_judged=sum(s.correct is not None for s in samples),
        n_correct=sum(s.correct is True for s in samples),
        votes=_votes(samples) if votable else None,
        votes_known=not {True, False} <= {s.correct for s in samples if s.answer is None},
        n_tokens=len(tokens),
        mean_tokens=mean,
        median_tokens=_quantile(tokens, 0.5),
        sd_tokens=_deviation(tokens, mean),
        min_tokens=tokens[0] if tokens else None,
        max_tokens=tokens[-1] if tokens else None,
        min_correct_tokens=least,
        excess_over_min=mean / least if mean is not None and least else None,
        len_right_minus_wrong=_mean(right) - _mean(wrong) if right and wrong else None,  # type: ignore[operator]
        mean_oaa=_mean(areas),
        n_oaa=len(areas),
        ballots=_ballots(samples),
    )


def _ballots(samples: Sequence[Sample]) -> tuple[Ballot, ...]:
    right = _name_of_right(samples)
    found = [
        Ballot(
            right if s.correct else s.answer,
            None if s.correct is None else float(s.correct),
            s.tokens,
            s.score,
        )
        for s in samples
    ]
    return tuple(
        sorted(found, key=lambda b: (repr(b.answer), repr(b.credit), repr(b.tokens), repr(b.score)))
    )


def _votes(samples: Sequence[Sample]) -> tuple[Vote, ...]:
    """Votes for each answer. A correct sample votes for the right answer, however it is spelled."""
    right = _name_of_right(samples)
    groups: defaultdict[str | None, list[bool | None]] = defaultdict(list)
    for sample in samples:
        groups[right if sample.correct else sample.answer].append(sample.correct)
    votes = []
    for answer in sorted(groups, key=lambda a: (a is None, a or "")):
        judged = [v for v in groups[answer] if v is not None]
        credit = sum(judged) / len(judged) if judged else None
        votes.append(Vote(answer, len(groups[answer]), credit))
    return tuple(votes)


def _name_of_right(samples: Sequence[Sample]) -> str:
    gold = [s.gold for s in samples if s.gold is not None]
    given = [s.answer for s in samples if s.correct and s.answer is not None]
    names = gold or given or ["(right)"]
    return min(set(names), key=lambda name: (-names.count(name), name))


def _maj_at(questions: Sequence[QuestionStats]) -> dict[int, float]:
    """Means over questions, or nothing where too many of them have no known votes.

    Leaving only those out would leave out the questions on which samples differ. In the few that
    are tolerated, a wrong sample without an answer casts no vote.
    """
    voted = [q for q in questions if q.votes is not None]
    unknown = sum(not q.votes_known for q in voted)
    if not voted or unknown > MAX_UNKNOWN_VOTES * len(voted):
        return {}
    ks = _ks(q.n_traces for q in voted)
    return _means({k: [maj_at_k(q.votes or (), k) for q in voted] for k in ks})


def _ks(counts: Iterable[int]) -> tuple[int, ...]:
    return sample_sizes(n for n in counts if n)


def _means(values: Mapping[int, Sequence[float | None]]) -> dict[int, float]:
    means = {k: _mean([v for v in row if v is not None]) for k, row in values.items()}
    return {k: mean for k, mean in means.items() if mean is not None}


def _mean(values: Sequence[float]) -> float | None:
    # fsum rounds once, so the order of the samples cannot change the result.
    return math.fsum(values) / len(values) if values else None


def _deviation(values: Sequence[float], mean: float | None) -> float | None:
    if mean is None or len(values) < 2:
        return None
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Linear interpolation between order statistics, as numpy and DuckDB's quantile_cont do."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _tokens_per_correct(samples: Sequence[Sample]) -> float | None:
    known = [s for s in samples if s.correct is not None and s.tokens is not None]
    right = sum(s.correct is True for s in known)
    return math.fsum(s.tokens for s in known if s.tokens is not None) / right if right else None


def _sources(samples: Sequence[Sample]) -> str | None:
    found = {s.token_source for s in samples if s.tokens is not None and s.token_source}
    return " + ".join(sorted(found)) or None
