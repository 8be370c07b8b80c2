"""Scores of the behaviours by rules written by hand: cues in context, no fitted model.

A label has a bias and terms. The strongest cue of the label in a sentence (``lexicons/*.toml``)
lifts the bias to the log-odds of that cue's weight; each term that holds for the sentence adds its
own log-odds; the score is the logistic of the sum, and a finding begins at 0.5. Weights were set
from counts on labelled traces, split by problem, and rounded. Cues depend on the language; the
terms behind which no lexicon stands (place, paragraphs, numbers) do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.analyzers.base import digest
from analysis.analyzers.cue_scan import cue_evidence, cues_of, lexicon_hash
from analysis.behaviours.block import BETWEEN, Block, block_of_documents
from analysis.behaviours.context import Flags, Floats, Ints, context_of
from analysis.behaviours.labels import LABELS
from analysis.behaviours.terms import FACTS, RULES, cue_weights, facts_of
from analysis.model import Document
from analysis.text.cues import FoundCue

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
_MOST = 11.5
"""Log-odds of a score of 0.00001 or 0.99999: nobody is surer than that."""
_NUMBER = {fact: number for number, fact in enumerate(FACTS)}
_TERMS = {
    label: [
        (_NUMBER[t.fact], FACTS[t.fact], t.weight)
        for t in sorted(rule.terms, key=lambda t: -abs(t.weight))
    ]
    for label, rule in RULES.items()
}
"""The facts of each label, the heaviest first: number, words and weight."""
_FOR: dict[str, tuple[list[int], list[str | None]]] = {
    label: ([n for n, _, x in terms if x > 0], [*(w for _, w, x in terms if x > 0), None])
    for label, terms in _TERMS.items()
}
_SOURCES = {label: (label,) for label in LABELS} | {
    "verification": ("verification_start", "claim", "verdict", "final"),
    "backtracking": ("backtracking", "turn"),
}
"""The cues that give a label, the most telling first."""
_NONE: Mapping[int, FoundCue] = {}


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


def fact_rows(document: Document) -> NDArray[np.float32]:
    """Which facts hold of each sentence (``Judged.fact_rows``)."""
    return _judged(_Same(document)).fact_rows


def log_odds(document: Document) -> NDArray[np.float32]:
    """The log-odds of each sentence and label (``Judged.odds``)."""
    return _judged(_Same(document)).odds


def explain(document: Document, label: str, sentence_index: int) -> dict[str, Any]:
    """Why a sentence scores as it does: its cue, and the facts that speak for and against it.

    Keys: ``cue`` and ``cue_id`` where a cue of the label was found, ``for`` and ``against``, lists
    of words that complete "the sentence ...". Raises ``KeyError`` for an unknown label.
    """
    return _judged(_Same(document)).why(label, [sentence_index])[0]


def check_spans(document: Document) -> list[tuple[int, int]]:
    """The whole checks as (first, last) sentence indices, in order; none overlaps another.

    A check runs over sentences that score as ``verification``; from its opening it also holds up
    to ``MAX_GAP`` sentences in a row that only work, where a verdict comes after them.
    """
    return _judged(_Same(document)).check_spans(0)


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


class Judged:
    """The scores of a block and what they were made from."""

    __slots__ = ("_rows", "block", "facts", "matches", "odds", "scores")

    def __init__(self, block: Block) -> None:
        texts = [
            block.text[low : low + size]
            for low, size in zip(block.offset.tolist(), block.size.tolist(), strict=True)
        ]
        cues = cues_of(texts, block.starts, block.ends, block.text, len(BETWEEN))
        weights, self.matches = cue_weights(block, cues)
        self.block = block
        self.facts = facts_of(block, context_of(block), weights)
        self._rows = np.stack([self.facts[fact] for fact in FACTS])
        sums = _WEIGHTS @ self._rows.astype(np.float64)
        for row, label in zip(sums, LABELS, strict=True):
            rule, cue = RULES[label], weights.get(label)
            base = np.full(len(row), rule.bias)
            if rule.cues and cue is not None:
                found = np.flatnonzero(cue)
                base[found] = _log_odds(cue[found])
            row += base
        self.odds = np.ascontiguousarray(np.clip(sums.T, -_MOST, _MOST), np.float32)
        """The sums before the logistic: one row a sentence, one column a label."""
        self.scores: dict[str, Floats] = dict(zip(LABELS, 1.0 / (1.0 + np.exp(-sums)), strict=True))

    @property
    def fact_rows(self) -> NDArray[np.float32]:
        """Which of ``FACTS`` hold, 0 or 1: one row a sentence, one column a fact."""
        return np.ascontiguousarray(self._rows.T, np.float32)

    def cue(self, label: str, sentence: int) -> FoundCue | None:
        """The cue that gives a sentence the label, where there is one."""
        for source in _SOURCES[label]:
            match = self.matches.get(source, _NONE).get(sentence)
            if match is not None:
                return match
        return None

    def strongest_for(self, label: str, sentences: Sequence[int] | Ints) -> list[str | None]:
        """For each of the sentences what speaks most for the label, in words."""
        facts, words = _FOR[label]
        if not facts:
            return [None] * len(sentences)
        held = self._held(facts, sentences)
        first = np.where(held.any(axis=0), held.argmax(axis=0), len(facts)).tolist()
        return [words[number] for number in first]

    def _held(self, facts: Sequence[int], sentences: Sequence[int] | Ints) -> Flags:
        """Which of the facts, one a row, hold for the sentences."""
        rows = np.asarray(facts, np.int64)[:, None]
        return self._rows[rows, np.asarray(sentences, np.int64)[None, :]]

    def why(self, label: str, sentences: Sequence[int] | Ints) -> list[dict[str, Any]]:
        """For each of the sentences its cue, and the facts that speak for and against the label."""
        terms = _TERMS[label]
        bits = np.array([1 << place for place in range(len(terms))], np.int64)
        held = bits @ self._held([number for number, _, _ in terms], sentences)
        words: dict[int, tuple[list[str], list[str]]] = {}
        found: list[dict[str, Any]] = []
        for sentence, key in zip(np.asarray(sentences).tolist(), held.tolist(), strict=True):
            match = self.cue(label, sentence)
            evidence: dict[str, Any] = {}
            if match is not None:
                evidence.update(cue_evidence(self.block.text, match))
            if key not in words:
                told = [term for place, term in enumerate(terms) if key >> place & 1]
                words[key] = ([w for _, w, x in told if x > 0], [w for _, w, x in told if x < 0])
            for name, some in zip(("for", "against"), words[key], strict=True):
                if some:
                    evidence[name] = some.copy()
            found.append(evidence)
        return found

    def check_spans(self, text: int) -> list[tuple[int, int]]:
        """The whole checks of one of the texts, as sentences of the block."""
        low, high = self.block.first[text : text + 2].tolist()
        flags = self.scores["verification"][low:high] >= MIN_SCORE
        opens = self.facts["opens a check"]
        ends = self.facts["verdict"] | self.facts["claim"]
        spans: list[tuple[int, int]] = []
        open_check = False
        for index in (np.flatnonzero(flags) + low).tolist():
            gap = index - spans[-1][1] - 1 if spans else -1
            if spans and (gap == 0 or (gap <= MAX_GAP and open_check and ends[index])):
                spans[-1] = (spans[-1][0], index)
            else:
                spans.append((index, index))
                open_check = False
            open_check = (open_check or bool(opens[index])) and not ends[index]
        return spans


@lru_cache(maxsize=1)
def _judged(same: _Same) -> Judged:
    return Judged(block_of_documents([same.document]))


def _log_odds(weights: Floats) -> Floats:
    share: Floats = np.clip(weights, 0.02, 0.98)
    odds: Floats = np.log(share / (1.0 - share))
    return odds
