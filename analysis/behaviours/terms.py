"""What the rules weigh in a sentence, and how much: the table of terms.

Each term is a fact of a sentence (a flag) with words that a reader understands. Weights are
log-odds, set by hand to quarters: those of ``verification`` after a logistic fit of these facts on
Schoenfeld's labels, the others after counts of labelled sentences with and without the fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.analyzers.cue_scan import Strongest, strongest
from analysis.behaviours.block import Block
from analysis.behaviours.context import Context, Flags, Floats, Ints
from analysis.text.cues import FoundCue

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


def facts_of(block: Block, context: Context, weights: Mapping[str, Floats]) -> dict[str, Flags]:
    """The facts of every sentence. ``weights`` are the strongest cue's, by label (0 for none)."""
    count, index = block.count, block.index
    opens = weights["verification_start"] >= 0.5
    claim = weights["claim"] > 0
    verdict = (weights["verdict"] > 0) & ~claim
    known = (context.numbers > 0) & (context.new_numbers == 0)
    after_opening, after_verdict = _checks(
        block, opens, verdict | claim, weights["backtracking"] >= 0.5
    )
    turn, doubted = weights["turn"], _after(block, weights["doubt"] > 0, 2)
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
        "first sentences": index < FIRST_SENTENCES,
        "works": context.equals > 0,
        "known numbers": known,
        "new numbers": context.new_numbers > 1,
        "recomputes": (context.equals > 0) & known & (context.numbers > 1),
        "opens a check": opens,
        "verdict": verdict,
        "claim": claim,
        "names the answer": weights["final"] > 0,
        "has a box": _boxes(block),
        "concludes": concludes,
        "concludes the known": concludes & (context.new_numbers == 0) & (context.place > 0.4),
        "after an opening": after_opening,
        "after a verdict": after_verdict,
        "before a claim": np.append(claim[1:] & block.same(1), False)[:count],
        "after doubt": doubted,
        "turn": opens_paragraph & (turn >= 0.4),
        "weak turn after doubt": opens_paragraph & (turn > 0) & (turn < 0.4) & doubted,
        "names an alternative": opens_paragraph & (weights["alternatively"] > 0) & ~backtracks,
        "hesitates in a long trace": ((turn > 0) | (weights["alternatively"] > 0))
        & ~backtracks
        & (np.diff(block.first) > LONG_TRACE).take(block.trace),
        "plans": weights["planning"] >= 0.6,
        "explores": weights["alternative"] > 0,
        "repeats the question": _repeats(block, index),
        "other behaviour": other,
    }


def cue_weights(
    block: Block, matches: Sequence[FoundCue]
) -> tuple[dict[str, Floats], dict[str, Strongest]]:
    """The strongest cue of each sentence by label: its weight (0 for none), and the cue."""
    at = np.fromiter((match[0] for match in matches), np.int64, len(matches))
    best = strongest(matches, (np.searchsorted(block.starts, at, "right") - 1).tolist())
    weights: dict[str, Floats] = {}
    for label in CUE_LABELS:
        row = weights[label] = np.zeros(block.count)
        mine = best.get(label)
        if mine:
            row[list(mine)] = [cue.weight for _, _, cue in mine.values()]
    return weights, best


def _after(block: Block, flags: Flags, reach: int) -> Flags:
    """Whether one of the ``reach`` sentences before has the flag."""
    found = np.zeros(len(flags), np.bool_)
    for step in range(1, reach + 1):
        found[step:] |= flags[:-step] & block.same(step)
    return found


def _checks(block: Block, opens: Flags, verdicts: Flags, turns: Flags) -> tuple[Flags, Flags]:
    """Which sentences follow an opening closely, and which follow the verdict of a check."""
    count = len(opens)
    after_verdict = np.zeros(count, np.bool_)
    events = np.flatnonzero(opens | verdicts | turns)
    begun, last = -REACH - 1, 0
    stops = block.first[1:].take(block.trace.take(events)).tolist()
    kinds = np.where(opens, 0, np.where(turns, 1, 2)).take(events).tolist()
    for at, kind, stop in zip(events.tolist(), kinds, stops, strict=True):
        if stop != last:
            begun, last = at - REACH - 1, stop
        if kind == 0:
            begun = at
        elif kind == 1:
            begun = at - REACH - 1
        elif at - begun <= REACH:
            after_verdict[at + 1 : min(at + 1 + AFTER_VERDICT, stop)] = True
            begun = at
    return _after(block, opens, 3) & ~opens, after_verdict & ~opens


def _boxes(block: Block) -> Flags:
    """Whether a sentence has a LaTeX box; boxes stand inside formulas, where no cue is looked for."""
    found = np.zeros(block.count, np.bool_)
    places: list[int] = []
    at = block.text.find(_BOX)
    while at >= 0:
        places.append(at)
        at = block.text.find(_BOX, at + 1)
    if places:
        found[np.searchsorted(block.starts, places, "right") - 1] = True
    return found


def _repeats(block: Block, index: Ints) -> Flags:
    """Whether most words of a sentence at the beginning are words of the question."""
    found = np.zeros(block.count, np.bool_)
    asked = [set(_WORD.findall(q.lower())) if q else None for q in block.questions]
    for number in np.flatnonzero(index < OPENING).tolist() if any(asked) else ():
        known = asked[int(block.trace[number])]
        if known:
            words = _WORD.findall(block.text[block.starts[number] : block.ends[number]].lower())
            found[number] = len(words) > 3 and sum(w in known for w in words) >= 0.7 * len(words)
    return found
