"""Rounds that follow an answer: the model is asked again, with what was said before.

Self-refinement (Madaan et al., arXiv 2303.17651): the model is asked to check its own answer.
Feedback: it is told that its answer is wrong, as a verifier with the gold answer finds. A round is a
run of its own, whose traces tell where they come from and count every token that was spent on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.engines.presets import Level
from analysis.engines.protocol import Message
from analysis.engines.questions import Question

SELF_REFINE = "self-refine"
FEEDBACK = "feedback"
CRITIQUE = "Check your answer and correct it if it is wrong."
REJECTED = "Your answer is wrong. Try again."
SAID = {SELF_REFINE: CRITIQUE, FEEDBACK: REJECTED}
TITLES = {SELF_REFINE: "self-refinement", FEEDBACK: "verifier feedback"}


@dataclass(frozen=True, slots=True)
class Parent:
    """A trace that is followed: its question and level, and what it and those before it took."""

    question: Question
    level: Level
    effort: str
    """The name of its cell before any strategy."""
    sample: int
    trace_ids: tuple[str, ...]
    """The traces before, the first answer first."""
    turns: tuple[Message, ...]
    """What was said since the question, the words that ask again last."""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    """Spent so far, all rounds together; None where one of them is not known."""


@dataclass(frozen=True, slots=True)
class Follow:
    """One round after a run."""

    strategy: str
    round: int
    """From 1: the first revision."""
    parents: tuple[Parent, ...]

    @property
    def label(self) -> str:
        """What the cell's name says of it."""
        return round_label(self.strategy, self.round)

    def describe(self) -> dict[str, Any]:
        """What tells this round apart from others, as JSON."""
        return {
            "strategy": self.strategy,
            "round": self.round,
            "parents": [parent.trace_ids[-1] for parent in self.parents],
        }


def round_label(strategy: str, number: int) -> str:
    """The name of a round: 'self-refinement, round 1'."""
    return f"{TITLES[strategy]}, round {number}"


def added(*counts: int | None) -> int | None:
    """The sum; None where one is not known, for a part would pass for the whole."""
    return None if any(c is None for c in counts) else sum(c or 0 for c in counts)


def continued(line: Mapping[str, Any], parent: Parent, follow: Follow) -> dict[str, Any]:
    """The line of a revision, with its strategy, its parents and all that was spent on it."""
    own = {n: line.get(n) for n in ("prompt_tokens", "completion_tokens", "reasoning_tokens")}
    total = {
        name: added(value, getattr(parent, name)) for name, value in own.items()
    }  # fmt: skip
    strategy = {
        "name": follow.strategy,
        "round": follow.round,
        "said": SAID[follow.strategy],
        "parents": list(parent.trace_ids),
        "own_tokens": {n: v for n, v in own.items() if v is not None},
    }
    return {
        **line,
        **total,
        "effort": f"{parent.effort} + {follow.label}",
        "strategy": strategy,
    }
