"""Strategies that choose among samples: which sample stands for a question, and how it came to that.

Votes, best of n and rejection sampling need no model: they work on samples of a run and on any others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.engines.follow import FEEDBACK, SELF_REFINE, added
from analysis.engines.samples import Stored
from analysis.engines.strategies import (
    Sampled,
    best_of_n,
    brevity,
    confidence,
    majority_vote,
    rejection_sample,
    thinking_chars,
    weighted_vote,
)
from analysis.errors import UsageError
from analysis.store.connection import Store

MAJORITY, WEIGHTED, BEST, REJECTION = "majority", "weighted", "best", "rejection"
CHOOSING = (MAJORITY, WEIGHTED, BEST, REJECTION)
FOLLOWING = (SELF_REFINE, FEEDBACK)
STRATEGIES = (*CHOOSING, *FOLLOWING)
SCORED = (WEIGHTED, BEST)
CONFIDENCE, BREVITY, VERIFIER, SCORE = "confidence", "brevity", "verifier", "score"
SCORERS = (CONFIDENCE, BREVITY, VERIFIER)
"""Of samples of a run."""
STORED_SCORERS = (SCORE, *SCORERS)
METRIC = "metric:"
"""With the name of a stored measure: its highest value; with '-' before the name its lowest."""
_TITLES = {MAJORITY: "majority", WEIGHTED: "weighted vote", BEST: "best", REJECTION: "rejection"}
_CHOICE = re.compile(rf"\+ (?:{'|'.join(_TITLES.values())}) of [0-9]{{1,9}}(?: by [^+]{{1,150}})?$")


def is_choice(effort: str | None) -> bool:
    """Whether the cell of this name holds what a strategy chose: no samples to choose among."""
    return effort is not None and _CHOICE.search(effort) is not None


@dataclass(frozen=True, slots=True)
class Strategy:
    """A strategy as it was asked for."""

    name: str
    scorer: str = CONFIDENCE
    """Of 'weighted' and 'best': 'confidence' (mean log-probability of the tokens), 'brevity' (the
    shortest thinking), 'verifier' (best only: right by the gold answer, an upper bound). Of stored
    samples also 'score' (what the record says) and 'metric:NAME' ('metric:-NAME': the lowest)."""
    rounds: int = 1
    """Of 'self-refine' and 'feedback'."""

    @property
    def by(self) -> str | None:
        """The scorer, where it has one."""
        return self.scorer if self.name in SCORED else None

    @property
    def metric(self) -> str | None:
        """The name of the measure that scores."""
        by = self.by or ""
        return by.removeprefix(METRIC).removeprefix("-") if by.startswith(METRIC) else None

    def label(self, samples: int) -> str:
        """What the name of a cell says of it: 'best of 8 by confidence'."""
        by = "" if self.by is None else f" by {self.by.removeprefix(METRIC)}"
        return f"{_TITLES[self.name]} of {samples}{by}"


def check_scorer(one: Strategy, known: Sequence[str] = SCORERS, *, metrics: bool = False) -> None:
    """Raise ``UsageError`` for a strategy that there is not, or a scorer that it does not have."""
    if one.name not in STRATEGIES:
        raise UsageError(
            f"There is no strategy {one.name!r}.", remedy=f"Strategies: {', '.join(STRATEGIES)}."
        )
    if one.by is None or (metrics and one.metric):
        if one.name == WEIGHTED and one.scorer.startswith(f"{METRIC}-"):
            raise UsageError(
                "A vote needs weights above zero, and less of a measure is no weight.",
                remedy="Use the strategy best, or metric:NAME without '-'.",
            )
        return
    fits = [s for s in known if not (one.name == WEIGHTED and s == VERIFIER)]
    if one.scorer not in fits:
        more = [f"{METRIC}NAME"] if metrics else []
        raise UsageError(
            f"The strategy {one.name} has no scorer {one.scorer!r}.",
            remedy=f"Scorers: {', '.join([*fits, *more])}.",
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """The sample that stands for a question and cell."""

    sample: Stored
    group: tuple[Stored, ...]
    """All samples that there were, those that failed included."""
    facts: dict[str, Any]
    known: bool
    """Whether anything was known to choose by: an answer, a score, a verdict."""

    def strategy(self, one: Strategy) -> dict[str, Any]:
        """What is kept with the trace about how it came to be."""
        told = {
            "name": one.name,
            "of": len(self.group),
            "scorer": one.by,
            "chosen": self.sample.trace_id,
            "parents": [s.trace_id for s in self.group],
            **self.facts,
        }
        return {k: v for k, v in told.items() if v is not None}

    def line(
        self, store: Store, one: Strategy, *, key: str, effort: str, label: str
    ) -> dict[str, Any]:
        """A line of a journal: the text of the sample, the tokens of all."""
        return self.sample.line(
            store,
            key=key,
            effort=effort,
            label=label,
            sample=0,
            strategy=self.strategy(one),
            prompt_tokens=added(*(s.prompt_tokens for s in self.group)),
            completion_tokens=added(*(s.completion_tokens for s in self.group)),
            reasoning_tokens=added(*(s.reasoning_tokens for s in self.group)),
        )


def choose(store: Store, group: Sequence[Stored], one: Strategy) -> Chosen | None:
    """What a strategy settles on among the samples of one question; None where all of them failed."""
    usable = [s for s in group if s.error is None]
    if not usable:
        return None
    # Only a vote needs the answers, and only the mean log-probability the metadata.
    votes = one.name in (MAJORITY, WEIGHTED) or one.by == BREVITY
    seen = [
        s.seen(store, logprob=one.by == CONFIDENCE)
        if votes or one.by == CONFIDENCE
        else Sampled(None, score=s.score, metric=s.metric, chars=s.chars or 0)
        for s in usable
    ]
    index, facts, known = _settle(one, seen, [s.correct for s in usable])
    return Chosen(usable[index], tuple(group), facts, known)


def _settle(
    one: Strategy, seen: list[Sampled], correct: list[bool | None]
) -> tuple[int, dict[str, Any], bool]:
    """Which sample stands for the strategy, how it came to that, and whether it came to anything."""
    if one.name in (MAJORITY, WEIGHTED):
        vote = majority_vote(seen) if one.name == MAJORITY else weighted_vote(seen, _weight(one))
        votes = [[answer[:200], round(weight, 6)] for answer, weight in vote.votes[:50]]
        facts: dict[str, Any] = {"votes": votes, "share": round(vote.share, 6)}
        return vote.first or 0, facts, vote.first is not None
    if one.name == REJECTION:
        kept = rejection_sample(range(len(seen)), lambda n: correct[n] is True)
        facts = {"accepted": len(kept), "rejected": sum(c is False for c in correct)}
        judged = any(c is not None for c in correct)
        return (kept[0] if kept else len(seen) - 1), facts, judged
    scores = [_score(one, s, c) for s, c in zip(seen, correct, strict=True)]
    index = best_of_n(list(zip(seen, scores, strict=True)), lambda pair: pair[1])
    if index is None:
        return 0, {}, False
    best = seen[index].metric if one.metric is not None else scores[index]
    return index, {"score": best}, True


def _score(one: Strategy, sample: Sampled, correct: bool | None) -> float | None:
    """The score of a sample, higher is better; None where it is not known."""
    if one.metric is not None:
        sign = -1.0 if one.scorer.startswith(f"{METRIC}-") else 1.0
        return None if sample.metric is None else sign * sample.metric
    by: dict[str, Callable[[], float | None]] = {
        CONFIDENCE: lambda: confidence(sample),
        BREVITY: lambda: brevity(sample),
        SCORE: lambda: sample.score,
        VERIFIER: lambda: None if correct is None else float(correct),
    }
    return by[one.scorer]()


def _weight(one: Strategy) -> Callable[[Sampled], float | None]:
    """Weights above zero: the mean probability of a token, one over the length, or what is stored."""
    if one.metric is not None:
        return lambda s: s.metric
    if one.scorer == SCORE:
        return lambda s: s.score
    if one.scorer == CONFIDENCE:
        return lambda s: None if s.logprob is None else math.exp(s.logprob)
    return lambda s: 1.0 / max(1, thinking_chars(s))
