"""What the rules weigh in a sentence, and how much: the table of terms.

Each term is a fact of a sentence (a flag) with words that a reader understands. Weights are
log-odds, set by hand to quarters: those of ``verification`` after a logistic fit of these facts on
Schoenfeld's labels, the others after counts of labelled sentences with and without the fact.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.analyzers.cue_scan import strongest
from analysis.behaviours.context import Context, Flags, Floats
from analysis.model import Document
from analysis.text.cues import CueMatch

CUE_LABELS: tuple[str, ...] = (
    "backtracking", "verification_start", "uncertainty", "planning", "subgoal", "alternative",
    "restatement", "deduction", "final", "verdict", "claim", "doubt", "turn", "conclude",
    "alternatively",
)  # fmt: skip
"""Labels of the lexicons that the rules use."""
REACH = 8
"""A verdict ends a check that began at most so many sentences before."""
AFTER_VERDICT = 3
LONG_TRACE = 150
"""Sentences; beyond, "Wait, maybe" is a habit of the trace more than a turn."""
FIRST_SENTENCES = 6
OPENING = 16
"""Sentences at the beginning that are compared with the question."""
_BOX = "\\boxed{"
_WORD = re.compile(r"[^\W\d_]{3,}|\d+|[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Term:
    """A fact with its log-odds for a label."""

    fact: str
    weight: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How a label is scored: ``bias`` is the log-odds of a sentence of which nothing is known."""

    bias: float
    terms: tuple[Term, ...] = ()
    cues: bool = True
    """Whether the strongest cue of the label lifts the bias to its own weight."""


FACTS: dict[str, str] = {
    "opens paragraph": "begins a paragraph",
    "inside paragraph": "stands inside a paragraph",
    "asks": "is a question",
    "short": "is short",
    "middle": "stands in the middle of the trace",
    "late": "stands late in the trace",
    "first sentences": "is among the first sentences",
    "works": "has an equation",
    "known numbers": "has only numbers that were there before",
    "new numbers": "has two or more new numbers",
    "recomputes": "computes with numbers that were all there before",
    "opens a check": "opens a check",
    "verdict": "has words of a verdict",
    "claim": "says that something agrees",
    "names the answer": "names the answer",
    "has a box": "puts an answer in a box",
    "concludes": "draws a conclusion",
    "concludes the known": "draws a conclusion again, without a new number",
    "after an opening": "follows the opening of a check",
    "after a verdict": "follows a verdict",
    "before a claim": "stands before a sentence that says that something agrees",
    "after doubt": "follows a sentence that rejects or doubts",
    "turn": "proposes something else",
    "weak turn after doubt": "turns away from what it doubted",
    "names an alternative": "begins with an alternative",
    "hesitates in a long trace": "hesitates in a long trace, where that is a habit",
    "plans": "says what to do next",
    "explores": "explores a possibility",
    "repeats the question": "repeats words of the question",
    "other behaviour": "does something else",
}
"""The facts, in words that complete "the sentence ..."."""

RULES: dict[str, Rule] = {
    "backtracking": Rule(
        -4.0,
        (
            Term("turn", 4.25),
            Term("weak turn after doubt", 4.0),
            Term("names an alternative", 4.0),
            Term("hesitates in a long trace", -2.0),
            Term("after doubt", 0.25),
            Term("inside paragraph", -0.25),
            Term("opens a check", -0.5),
        ),
    ),
    "verification_start": Rule(-4.0, (Term("claim", -0.5), Term("names the answer", -0.5))),
    "verification": Rule(
        -2.25,
        (
            Term("opens a check", 3.25),
            Term("claim", 2.75),
            Term("verdict", 2.0),
            Term("names the answer", 1.25),
            Term("concludes the known", 1.25),
            Term("after a verdict", 1.0),
            Term("after an opening", 0.5),
            Term("before a claim", 0.25),
            Term("late", 0.75),
            Term("middle", 0.5),
            Term("short", 0.25),
            Term("new numbers", -1.5),
            Term("known numbers", -0.25),
            Term("recomputes", -0.5),
            Term("asks", -0.25),
        ),
        cues=False,
    ),
    "uncertainty": Rule(-3.0, (Term("asks", 0.5), Term("works", -0.5))),
    "planning": Rule(
        -3.0, (Term("works", -1.0), Term("known numbers", -0.25), Term("asks", -0.25))
    ),
    "subgoal": Rule(-4.0, (Term("works", -0.5), Term("opens paragraph", 0.25))),
    "alternative": Rule(
        -3.0, (Term("asks", 1.0), Term("works", -0.75), Term("names the answer", -0.5))
    ),
    "restatement": Rule(
        -2.5,
        (
            Term("first sentences", 1.25),
            Term("repeats the question", 1.75),
            Term("works", -0.75),
            Term("concludes", -0.5),
            Term("plans", -0.25),
        ),
    ),
    "deduction": Rule(
        0.25,
        (
            Term("works", 1.5),
            Term("new numbers", 0.75),
            Term("concludes", 0.75),
            Term("asks", -1.5),
            Term("other behaviour", -1.5),
            Term("repeats the question", -0.75),
        ),
    ),
    "final": Rule(
        -4.0,
        (Term("has a box", 5.5), Term("late", 0.25), Term("asks", -2.0), Term("explores", -0.5)),
    ),
}


def facts_of(
    document: Document, context: Context, weights: Mapping[str, Floats]
) -> dict[str, Flags]:
    """The facts of every sentence. ``weights`` are the strongest cue's, by label (0 for none)."""
    count = len(document.sentences)
    opens = weights["verification_start"] >= 0.5
    claim = weights["claim"] > 0
    verdict = (weights["verdict"] > 0) & ~claim
    known = (context.numbers > 0) & (context.new_numbers == 0)
    after_opening, after_verdict = _checks(opens, verdict | claim, weights["backtracking"] >= 0.5)
    turn, doubted = weights["turn"], _after(weights["doubt"] > 0, 2)
    opens_paragraph, backtracks = context.opens_paragraph, weights["backtracking"] > 0
    concludes = weights["conclude"] > 0
    late = context.place > 0.6
    other = np.zeros(count, np.bool_)
    for label in ("planning", "restatement", "uncertainty", "verification_start", "final"):
        other |= weights[label] >= 0.6
    return {
        "opens paragraph": opens_paragraph,
        "inside paragraph": ~opens_paragraph,
        "asks": context.asks,
        "short": context.length < 40,
        "middle": (context.place > 0.3) & ~late,
        "late": late,
        "first sentences": np.arange(count) < FIRST_SENTENCES,
        "works": context.equals > 0,
        "known numbers": known,
        "new numbers": context.new_numbers > 1,
        "recomputes": (context.equals > 0) & known & (context.numbers > 1),
        "opens a check": opens,
        "verdict": verdict,
        "claim": claim,
        "names the answer": weights["final"] > 0,
        "has a box": _boxes(document, count),
        "concludes": concludes,
        "concludes the known": concludes & (context.new_numbers == 0) & (context.place > 0.4),
        "after an opening": after_opening,
        "after a verdict": after_verdict,
        "before a claim": np.append(claim[1:], False)[:count],
        "after doubt": doubted,
        "turn": opens_paragraph & (turn >= 0.4),
        "weak turn after doubt": opens_paragraph & (turn > 0) & (turn < 0.4) & doubted,
        "names an alternative": opens_paragraph & (weights["alternatively"] > 0) & ~backtracks,
        "hesitates in a long trace": ((turn > 0) | (weights["alternatively"] > 0))
        & ~backtracks
        & (count > LONG_TRACE),
        "plans": weights["planning"] >= 0.6,
        "explores": weights["alternative"] > 0,
        "repeats the question": _repeats(document, count),
        "other behaviour": other,
    }


def cue_weights(
    document: Document, cues: Mapping[str, Sequence[CueMatch]]
) -> tuple[dict[str, Floats], dict[str, dict[int, CueMatch]]]:
    """The strongest cue of each sentence by label: its weight (0 for none), and the cue."""
    weights: dict[str, Floats] = {}
    matches: dict[str, dict[int, CueMatch]] = {}
    for label in CUE_LABELS:
        best = strongest(document.sentences, cues.get(label, ()))
        row = np.zeros(len(document.sentences))
        if best:
            row[list(best)] = [match.weight for match in best.values()]
        weights[label], matches[label] = row, best
    return weights, matches


def _after(flags: Flags, reach: int) -> Flags:
    """Whether one of the ``reach`` sentences before has the flag."""
    found = np.zeros(len(flags), np.bool_)
    for step in range(1, reach + 1):
        found[step:] |= flags[:-step]
    return found


def _checks(opens: Flags, verdicts: Flags, turns: Flags) -> tuple[Flags, Flags]:
    """Which sentences follow an opening closely, and which follow the verdict of a check."""
    count = len(opens)
    after_verdict = np.zeros(count, np.bool_)
    begun = -REACH - 1
    events = np.flatnonzero(opens | verdicts | turns)
    for at in events.tolist():
        if opens[at]:
            begun = at
        elif turns[at]:
            begun = -REACH - 1
        elif at - begun <= REACH:
            after_verdict[at + 1 : at + 1 + AFTER_VERDICT] = True
            begun = at
    return _after(opens, 3) & ~opens, after_verdict & ~opens


def _boxes(document: Document, count: int) -> Flags:
    """Whether a sentence has a LaTeX box; boxes stand inside formulas, where no cue is looked for."""
    found = np.zeros(count, np.bool_)
    text, at = document.reasoning, document.reasoning.find(_BOX)
    starts = [sentence.start for sentence in document.sentences] if at >= 0 else []
    while at >= 0:
        found[bisect_right(starts, at) - 1] = True
        at = text.find(_BOX, at + 1)
    return found


def _repeats(document: Document, count: int) -> Flags:
    """Whether most words of a sentence at the beginning are words of the question."""
    found = np.zeros(count, np.bool_)
    if not document.question:
        return found
    asked = set(_WORD.findall(document.question.lower()))
    for index, sentence in enumerate(document.sentences[:OPENING]):
        words = _WORD.findall(document.text(sentence).lower())
        found[index] = len(words) > 3 and sum(word in asked for word in words) >= 0.7 * len(words)
    return found
