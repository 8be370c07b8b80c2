"""Scores of the behaviours by rules written by hand: cues in context, no fitted model.

A label has a bias and terms. The strongest cue of the label in a sentence (``lexicons/*.toml``)
lifts the bias to the log-odds of that cue's weight; each term that holds for the sentence adds its
own log-odds; the score is the logistic of the sum, and a finding begins at 0.5. Weights were set
from counts on labelled traces, split by problem, and rounded. Cues depend on the language; the
terms behind which no lexicon stands (place, paragraphs, numbers) do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from analysis.analyzers.base import digest
from analysis.analyzers.cue_scan import cue_evidence, cues_of, lexicon_hash
from analysis.behaviours.context import Floats, context_of
from analysis.behaviours.labels import LABELS
from analysis.behaviours.terms import FACTS, RULES, cue_weights, facts_of
from analysis.model import Document

RULES_VERSION = "1"
MIN_SCORE = 0.5
"""A sentence carries a label from this score on."""
MAX_GAP = 3
"""A whole check holds so many sentences in a row that only work."""


_WEIGHTS = np.array(
    [
        [sum(t.weight for t in RULES[label].terms if t.fact == fact) for fact in FACTS]
        for label in LABELS
    ]
)
"""A row a label, a column a fact."""


def rules_hash() -> str:
    """What the scores depend on beside the sentences: version, lexicons and weights."""
    table = {
        label: [rule.bias, rule.cues, [[t.fact, t.weight] for t in rule.terms]]
        for label, rule in RULES.items()
    }
    return digest(RULES_VERSION, lexicon_hash(), table)


def score(document: Document) -> Mapping[str, Floats]:
    """For each of ``LABELS`` one value in 0..1 a sentence; 0.5 and more is a finding."""
    return _judged(_Same(document)).scores


def explain(document: Document, label: str, sentence_index: int) -> dict[str, Any]:
    """Why a sentence scores as it does: its cue, and the facts that speak for and against it.

    Keys: ``cue`` and ``cue_id`` where a cue of the label was found, ``for`` and ``against``, lists
    of words that complete "the sentence ...". Raises ``KeyError`` for an unknown label.
    """
    judged = _judged(_Same(document))
    rule = RULES[label]
    evidence: dict[str, Any] = {}
    sources = (
        ("verification_start", "claim", "verdict", "final") if not rule.cues else (label, "turn")
    )
    for source in sources if label in ("verification", "backtracking") else (label,):
        match = judged.matches.get(source, {}).get(sentence_index)
        if match is not None:
            evidence.update(cue_evidence(document, match))
            break
    held = [t for t in rule.terms if judged.flags(t.fact)[sentence_index]]
    for key, sign in (("for", 1), ("against", -1)):
        words = [
            FACTS[t.fact] for t in sorted(held, key=lambda t: -abs(t.weight)) if t.weight * sign > 0
        ]
        if words:
            evidence[key] = words
    return evidence


def check_spans(document: Document) -> list[tuple[int, int]]:
    """The whole checks as (first, last) sentence indices, in order; none overlaps another.

    A check runs over sentences that score as ``verification``; from its opening it also holds up
    to ``MAX_GAP`` sentences in a row that only work, where a verdict comes after them.
    """
    judged = _judged(_Same(document))
    flags = judged.scores["verification"] >= MIN_SCORE
    opens = judged.facts["opens a check"]
    ends = judged.facts["verdict"] | judged.facts["claim"]
    spans: list[tuple[int, int]] = []
    open_check = False
    for index in np.flatnonzero(flags).tolist():
        gap = index - spans[-1][1] - 1 if spans else -1
        if spans and (gap == 0 or (gap <= MAX_GAP and open_check and ends[index])):
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
            open_check = False
        open_check = (open_check or bool(opens[index])) and not ends[index]
    return spans


class _Same:
    """A document compared by identity of its text and sentences, so that keeping costs nothing."""

    __slots__ = ("document",)

    def __init__(self, document: Document) -> None:
        self.document = document

    def __hash__(self) -> int:
        return id(self.document.reasoning)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Same)
            and self.document.reasoning is other.document.reasoning
            and self.document.sentences is other.document.sentences
            and self.document.question == other.document.question
        )


class _Judged:
    """The scores of one document and what they were made from."""

    __slots__ = ("_flags", "facts", "matches", "scores")

    def __init__(self, document: Document) -> None:
        weights, self.matches = cue_weights(document, cues_of(document))
        context = context_of(document.reasoning, document.sentences)
        self._flags: dict[str, bytes] = {}
        self.facts = facts_of(document, context, weights)
        sums = _WEIGHTS @ np.stack([self.facts[fact] for fact in FACTS]).astype(np.float64)
        for row, label in zip(sums, LABELS, strict=True):
            rule, cues = RULES[label], weights.get(label)
            base = np.full(len(row), rule.bias)
            if rule.cues and cues is not None:
                found = np.flatnonzero(cues)
                base[found] = _log_odds(cues[found])
            row += base
        self.scores: dict[str, Floats] = dict(zip(LABELS, 1.0 / (1.0 + np.exp(-sums)), strict=True))

    def flags(self, fact: str) -> bytes:
        """A fact of every sentence as bytes: reading one costs less than from an array."""
        found = self._flags.get(fact)
        if found is None:
            found = self._flags[fact] = self.facts[fact].tobytes()
        return found


@lru_cache(maxsize=1)
def _judged(same: _Same) -> _Judged:
    return _Judged(same.document)


def _log_odds(weights: Floats) -> Floats:
    share: Floats = np.clip(weights, 0.02, 0.98)
    odds: Floats = np.log(share / (1.0 - share))
    return odds
