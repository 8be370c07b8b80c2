"""What a comparison comes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """``verdict`` is 'correct', 'wrong', 'undecided', or 'unknown' (another stage has to judge)."""

    verdict: str
    reason: str = ""


CORRECT = Outcome("correct", "the same value")
WRONG = Outcome("wrong", "different values")
UNDECIDED = Outcome("undecided", "could not be compared")
UNKNOWN = Outcome("unknown", "not a form that is compared by structure")


def combine(outcomes: Iterable[Outcome]) -> Outcome:
    """Of element by element: one different makes all different, then doubt, then the same."""
    worst = CORRECT
    for outcome in outcomes:
        if outcome.verdict == "wrong":
            return outcome
        if outcome.verdict != "correct" and worst.verdict != "unknown":
            worst = outcome
    return worst
