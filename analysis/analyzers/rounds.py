"""Solution rounds of a reasoning, and which of them bring something new. Linear in the text.

A round is the reasoning from the end of the round before up to the end of a candidate answer. A
candidate that only says the last one again at once belongs to the same round. What comes after
the last candidate is the tail: no solution, but part of what was written.

Whether a round is new is told from its content, without a model: its distinct features (numbers,
formulas, words of four letters or more) that no earlier round had, against all its features. Numbers
and formulas weigh more than words, for a second pass over the same sums in other words is no new
solution. Words are those of ``words.plain``: case and punctuation do not count. Each feature
belongs to the round that had it first, so one look-up per feature replaces the comparison of every round with every other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from analysis.analyzers.words import Words, read_words
from analysis.answers.extract import Candidate
from analysis.answers.normalise import same

RESTATED_CHARS = 60
"""A candidate equal to the last and no farther from it says it again; it ends no new round."""
MIN_TAIL_CHARS = 120
"""A shorter tail belongs to the last round."""
NEW_SHARE = 0.3
"""A round is new when at least this share of its features (by weight) was in no earlier one."""
NUMBER_WEIGHT = 3
MIN_WORD_CHARS = 4
_SPACE = re.compile(r"[ \t\n\r\f\v]")
"""What words are cut at; a no-break space, for one, is part of a word here (``words``)."""


@dataclass(frozen=True, slots=True)
class Round:
    """``reasoning[start:end]``; ``candidate`` is the index of the candidate that ends it.

    ``cluster`` numbers what the round says in order of first appearance; ``new`` where it is the
    first of its cluster. The tail has no candidate.
    """

    start: int
    end: int
    candidate: int | None
    cluster: int
    new: bool


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of a reasoning with its words, which other measures need too."""

    rounds: tuple[Round, ...]
    words: Words

    @property
    def solutions(self) -> tuple[Round, ...]:
        """The rounds that end with a candidate: all but the tail."""
        return tuple(r for r in self.rounds if r.candidate is not None)

    def process_efficiency(self) -> float | None:
        """Characters of the rounds that are first of their cluster over all characters."""
        if not self.solutions:
            return None
        total = self.rounds[-1].end
        return sum(r.end - r.start for r in self.rounds if r.new) / total if total else None


def find_rounds(text: str, candidates: Sequence[Candidate]) -> Rounds:
    """The rounds of ``text`` with the candidates that count, in order; they tile the text.

    Without candidates there is no round, and only the words are given.
    """
    ends = _round_ends(text, candidates)
    cuts = _word_ends(text, [end for end, _ in ends])
    words, word_ends = read_words(text, cuts)
    if not ends:
        return Rounds((), words)
    if len(text) - ends[-1][0] < MIN_TAIL_CHARS:
        ends[-1] = (len(text), ends[-1][1])
        word_ends = [*word_ends[:-2], word_ends[-1]]
    else:
        ends.append((len(text), None))
    clusters = _clusters(words, word_ends)
    rounds, start = [], 0
    for (end, candidate), (cluster, new) in zip(ends, clusters, strict=True):
        rounds.append(Round(start, end, candidate, cluster, new))
        start = end
    return Rounds(tuple(rounds), words)


def cluster_texts(texts: Sequence[str]) -> list[tuple[int, bool]]:
    """The cluster of each text, and whether it is the first of it: rounds that are given."""
    cuts = list(accumulate(len(text) for text in texts))
    return _clusters(*read_words("".join(texts), cuts[:-1]))


def _round_ends(text: str, candidates: Sequence[Candidate]) -> list[tuple[int, int | None]]:
    """The end of each round with the index of the first candidate that ends it."""
    ends: list[tuple[int, int | None]] = []
    for index, candidate in enumerate(candidates):
        before = candidates[index - 1] if index else None
        near = before is not None and candidate.end - before.end <= RESTATED_CHARS
        if near and before is not None and same(candidate.parsed, before.parsed):
            ends[-1] = (candidate.end, ends[-1][1])
            continue
        if not ends or candidate.end > ends[-1][0]:
            ends.append((candidate.end, index))
    return ends


def _word_ends(text: str, places: Sequence[int]) -> list[int]:
    """For each place, in order, the end of the word that it stands in, so that none is counted as two."""
    ends: list[int] = []
    end = 0
    for place in places:
        if place > end or not ends:
            found = _SPACE.search(text, place)
            end = found.start() if found else len(text)
        ends.append(end)
    return ends


def _clusters(words: Words, ends: Sequence[int]) -> list[tuple[int, bool]]:
    """The cluster of each piece of the words, and whether it is the first of it."""
    if len(ends) < 2:
        return [(0, True)] * len(ends)
    # The commonest kind of word is told without a call.
    weights = [
        (len(word) >= MIN_WORD_CHARS) if word.isalpha() else _weight(word)
        for word in words.vocabulary
    ]
    before = [0, *accumulate(weights)]
    clusters = [(0, True)]
    start, known = ends[0], max(words.ids[: ends[0]], default=-1) + 1
    # Words are numbered as they first appear: piece i had those from knowns[i] on first.
    knowns, fresh = [0, known], 1
    for end in ends[1:]:
        here = set(words.ids[start:end])
        start = end
        known = max(known, max(here, default=-1) + 1)
        fresh_weight = before[known] - before[knowns[-1]]
        seen = [word for word in here if word < knowns[-1] and weights[word]]
        seen_weight = sum(map(weights.__getitem__, seen))
        new = fresh_weight > 0 and fresh_weight >= NEW_SHARE * (fresh_weight + seen_weight)
        if new:
            cluster, fresh = fresh, fresh + 1
        else:
            cluster = _likest(seen, weights, knowns, clusters)
        clusters.append((cluster, new))
        knowns.append(known)
    return clusters


def _likest(
    seen: Iterable[int],
    weights: Sequence[int],
    knowns: Sequence[int],
    clusters: Sequence[tuple[int, bool]],
) -> int:
    """The cluster that had most of these words, by weight; of several with as much the first."""
    votes: dict[int, int] = {}
    for word in seen:
        cluster = clusters[bisect_right(knowns, word) - 1][0]
        votes[cluster] = votes.get(cluster, 0) + weights[word]
    return min(votes, key=lambda c: (-votes[c], c)) if votes else clusters[-1][0]


def _weight(word: bytes) -> int:
    """How much a word that is not of ASCII letters counts as a feature; 0 if it says nothing."""
    if word.isascii():
        return NUMBER_WEIGHT if len(word) > 1 or word.isdigit() else 0
    return 1
