"""Findings in a text that is still being written: behaviours by rule and candidate answers.

Only the end of the text is looked at again; what lies further back is settled, so that the work
grows with the text and not with its square.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from analysis.analyzers.documents import make_document
from analysis.answers.candidates import candidates
from analysis.behaviours import rules

SHOWN = (
    "backtracking",
    "verification",
    "verification_start",
    "uncertainty",
    "alternative",
    "planning",
)
CANDIDATE = "candidate_answer"
_TAIL = 4_000
"""Characters that are looked at again and shown; a stream's further past is in the Reader later."""
_EVERY_SECONDS = 0.9
Piece = tuple[str, str]
"""Text and the label that marks it; "" for none."""


@dataclass(slots=True)
class Marked:
    """One stream as it is shown."""

    settled: int = 0
    """Code points of the text before the part that is shown."""
    past: Counter[str] = field(default_factory=Counter)
    """Findings in the settled part."""
    now: Counter[str] = field(default_factory=Counter)
    pieces: list[Piece] = field(default_factory=list)
    looked: int = 0
    at: float = float("-inf")

    @property
    def counts(self) -> Counter[str]:
        """Findings so far, by label."""
        return self.past + self.now

    def see(self, text: str, now: float, question: str = "") -> None:
        """Take the text as it is at ``now`` (seconds); at most about once a second it is judged anew,
        in between what is new is shown without marks."""
        if len(text) < self.looked:  # another attempt at the same trace
            self.settled, self.looked, self.past, self.at = 0, 0, Counter(), float("-inf")
        if now - self.at < _EVERY_SECONDS:
            if len(text) > self.looked:
                self.pieces.append((text[self.looked :], ""))
                self.looked = len(text)
            return
        self.at, self.looked = now, len(text)
        cut = _cut(text, self.settled)
        if cut > self.settled:
            self.past += _count(_marks(text[self.settled : cut], question))
            self.settled = cut
        tail = text[self.settled :]
        marks = _marks(tail, question)
        self.now = _count(marks)
        self.pieces = _pieces(tail, marks)


def _cut(text: str, settled: int) -> int:
    """Where the part that is looked at begins: a paragraph, else a line, else anywhere."""
    if len(text) - settled <= 2 * _TAIL:
        return settled
    end = len(text) - _TAIL
    for mark in ("\n\n", "\n"):
        at = text.rfind(mark, settled, end)
        if at > settled:
            return at + len(mark)
    return end


def _marks(text: str, question: str) -> list[tuple[int, int, str]]:
    document = make_document("live", text, question=question or None)
    scores = rules.score(document)
    found = []
    for label in SHOWN:
        for sentence, score in zip(document.sentences, scores[label], strict=True):
            if score >= rules.MIN_SCORE:
                found.append((sentence.start, sentence.end, label))
    found += [(c.start, c.end, CANDIDATE) for c in candidates(text, document.sentences)]
    return found


def _count(marks: list[tuple[int, int, str]]) -> Counter[str]:
    return Counter(label for _, _, label in marks)


def _pieces(text: str, marks: list[tuple[int, int, str]]) -> list[Piece]:
    """The text in pieces of one label each: a candidate before what its sentence is, and of the
    labels of a sentence the first of ``SHOWN``."""
    rank = {label: n for n, label in enumerate((CANDIDATE, *SHOWN))}
    labels = [""] * len(text)
    for start, end, label in sorted(marks, key=lambda m: -rank[m[2]]):
        labels[start:end] = [label] * (end - start)
    pieces: list[Piece] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or labels[at] != labels[begin]:
            pieces.append((text[begin:at], labels[begin]))
            begin = at
    return pieces
