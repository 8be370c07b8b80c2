"""The cheapest labelling of a window of Latin words with languages (Viterbi).

Each word costs or gains its evidence, each change of language costs a constant that is smaller at
punctuation. Short finds must be stronger than long ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.analyzers.word_evidence import COMMON, Evidence, fold, prior

SWITCH, SWITCH_AT_MARK = 1.1, 0.5
"""Cost of a change of language between two words, and where punctuation stands between them."""
MAX_LANGUAGES = 5
_ROUNDING = 1e-9
LONE_DIFFERENCE, LONE_ZIPF = 2.0, 3.4
ENGLISH_BONUS = 0.4
"""English words are what the traces of other languages slip into."""
CLOSE, THIRD = 1.5, 0.3
"""What is asked of a language close to the main one, and of one that is neither English nor asked for
in a trace that is not English."""
BARE = 0.9
"""By how much a lone English word that no punctuation sets off must be clearer."""
PROVEN_BONUS = 0.4
"""What is saved where a language is proven to be in the trace."""
LONE_LETTERS = 4
SURE = 1.0
"""Evidence from which a word counts as one of the other language."""
PROVEN_TOTAL = 3.5
"""Evidence that is enough for a stretch of a proven language, whatever its words."""
MAX_NAMES = 2
_MARK = re.compile(r"[.,;:!?()\[\]{}\"“”„«»「」『』…\n*|=>/]|[-–—] | [-–—]")
_ONLY_SPACE = re.compile(r"[ ’']{1,2}(?:[^\W\d_] )?")
"""Between the words of a name; a word of one letter is not among the words."""
_END = re.compile(r"[ )]?[.!?\"”»]|\s*$")
_BREAK = re.compile(r"[.!?:…\"“„«「\n(*>]")


@dataclass(frozen=True, slots=True)
class LatinSpan:
    """A stretch of one Latin-script language: ``words[first..last]``, both included."""

    first: int
    last: int
    language: str
    evidence: float


@dataclass(frozen=True, slots=True)
class Search:
    """What evidence is asked for."""

    known: Evidence
    proven: frozenset[str]

    def prior(self, language: str) -> float:
        """What a change to a language costs beyond the change itself."""
        if language == "en":
            return -ENGLISH_BONUS
        if language in self.proven:
            return -PROVEN_BONUS
        extra = CLOSE if language in self.known.close else 0.0
        return prior(language) + extra + (THIRD if self.third(language) else 0.0)

    def third(self, language: str) -> bool:
        """Whether a language is neither English, nor the main one, nor the one asked for."""
        return self.known.matrix not in ("en", "fy") and language not in ("en", self.known.asked)


class Words:
    """The Latin words of a text, as they are written, with their places."""

    __slots__ = ("spans", "text", "words")

    def __init__(self, text: str, spans: Sequence[tuple[int, int]], words: Sequence[str]) -> None:
        self.text = text
        self.spans = spans
        self.words = words

    def word(self, index: int) -> str:
        """A word as it is written."""
        return self.words[index]

    def between(self, index: int) -> str:
        """What stands between a word and the one before it."""
        if index <= 0:
            return "\n"
        left = self.spans[index - 1][1]
        return self.text[left : min(self.spans[index][0], left + 80)]


def _shares(line: Words, first: int, last: int) -> list[float]:
    """What the evidence of each word of a window counts by how it is written: less with a capital."""
    shares = []
    for index in range(first, last + 1):
        word = line.words[index]
        tail = word[1:]
        if tail != tail.lower() or in_formula_name(line.text, *line.spans[index]):
            shares.append(0.0)
        elif word[0].isupper():
            shares.append(0.6 if _BREAK.search(line.between(index)) else 0.3)
        else:
            shares.append(1.0)
    return shares


def _weights(
    line: Words, first: int, shares: Sequence[float], known: Evidence, chosen: Sequence[int]
) -> list[list[float]]:
    """Evidence of each word of a window for each chosen candidate."""
    rows = []
    for index, share in enumerate(shares, first):
        scores = known.scores(fold(line.words[index]))
        rows.append([_weight(scores[c], share, known.candidates[c]) for c in chosen])
    return rows


def _weight(score: float, share: float, language: str) -> float:
    """What a word with this evidence counts. The nouns of German have capitals."""
    if share == 1.0:
        return score
    if language == "de" and score > 0 and share:
        return min(1.2, 0.6 * score)
    return min(0.5, share * score)


def _gains(line: Words, first: int, shares: Sequence[float], known: Evidence) -> dict[int, float]:
    """What the words of a window that speak for a candidate count together."""
    gains: dict[int, float] = {}
    for index, share in enumerate(shares, first):
        if share:
            for c, score in known.positive(fold(line.words[index])):
                weight = _weight(score, share, known.candidates[c])
                gains[c] = gains.get(c, 0.0) + weight
    return gains


def in_formula_name(text: str, start: int, end: int) -> bool:
    """Whether a word is a part of a chemical name, a label or a key: ``but-3-en-2-ol``, ``x7ab``."""
    after = text[end : end + 1]
    if (
        after.isdigit()
        or after == "_"
        or (start and (text[start - 1].isdigit() or text[start - 1] == "_"))
    ):
        return True
    if text.startswith("-", end) and text[end + 1 : end + 2].isdigit():
        return True
    return start > 1 and text[start - 1] == "-" and text[start - 2] in "0123456789)]"


def search_window(line: Words, first: int, last: int, search: Search) -> list[LatinSpan]:
    """The stretches in a window of words."""
    known = search.known
    shares = _shares(line, first, last)
    gains = _gains(line, first, shares, known)
    costs = {c: search.prior(known.candidates[c]) for c in gains}
    # No change of language costs less than one at punctuation, and each must be taken back: a language
    # that does not gain as much is on no path, and where none does together, the path has no other.
    worth = {c: gains[c] - costs[c] - SWITCH_AT_MARK for c in gains}
    if sum(w for w in worth.values() if w > 0) < SWITCH_AT_MARK - _ROUNDING:
        return []
    chosen = sorted(gains, key=lambda c: (costs[c] - gains[c], c))[:MAX_LANGUAGES]
    chosen = [c for c in chosen if worth[c] > -_ROUNDING]
    rows = _weights(line, first, shares, known, chosen)
    path = _viterbi(line, first, rows, chosen, search)
    found: list[LatinSpan] = []
    at = 0
    while at < len(path):
        state, begin = path[at], at
        while at < len(path) and path[at] == state:
            at += 1
        if state >= 0:
            column = [row[state] for row in rows[begin:at]]
            span = _trimmed(line, first + begin, column, search, chosen[state])
            if span is not None:
                found.append(span)
    return found


def _viterbi(
    line: Words, first: int, rows: list[list[float]], chosen: list[int], search: Search
) -> list[int]:
    """The best language of each word of a window: its place in ``chosen``, or -1 for the main one."""
    states = [-1, *range(len(chosen))]
    priors = [0.0] + [search.prior(search.known.candidates[c]) for c in chosen]
    start_cost = [0.0] + [SWITCH_AT_MARK + cost for cost in priors[1:]]
    best = [0.0 if s < 0 else rows[0][s] - start_cost[i] for i, s in enumerate(states)]
    back: list[list[int]] = []
    for offset in range(1, len(rows)):
        row = rows[offset]
        cost = SWITCH_AT_MARK if _MARK.search(line.between(first + offset)) else SWITCH
        top = max(range(len(states)), key=best.__getitem__)
        here, pointers = [], []
        for i, state in enumerate(states):
            change = best[top] - cost - priors[i]
            stay = best[i] >= change
            pointers.append(i if stay else top)
            here.append((best[i] if stay else change) + (row[state] if state >= 0 else 0.0))
        best = here
        back.append(pointers)
    end_cost = [0.0] + [SWITCH_AT_MARK] * len(chosen)
    at = max(range(len(states)), key=lambda i: best[i] - end_cost[i])
    path = [at]
    for pointers in reversed(back):
        at = pointers[at]
        path.append(at)
    return [states[i] for i in reversed(path)]


def _trimmed(
    line: Words, begin: int, column: list[float], search: Search, state: int
) -> LatinSpan | None:
    """A labelled stretch without words at its ends that are not of its language, if enough is left."""
    known = search.known
    low, high = 0, len(column) - 1
    while low <= high and not _edge(line.word(begin + low), column[low]):
        low += 1
    while high >= low and not _edge(line.word(begin + high), column[high]):
        high -= 1
    if low > high:
        return None
    language = known.candidates[state]
    sure = {
        line.word(begin + i)
        for i in range(low, high + 1)
        if column[i] >= SURE and line.word(begin + i)[0].islower() and len(line.word(begin + i)) > 1
    }
    rare = [word for word in sure if known.rare(word, language)]
    if language == "de" and not rare and len(sure) > 1:
        nouns = [line.word(begin + i) for i in range(low, high + 1) if column[i] >= SURE]
        rare = [word for word in nouns if known.rare(word, language)]
    total = sum(column[low : high + 1])
    enough = language in search.proven and bool(rare) and total >= PROVEN_TOTAL
    if len(sure) < 2 and not enough:
        # The last word of a text that breaks off may be half a word.
        bare = not _MARK.search(line.between(begin + low)) and not _MARK.match(
            line.text, line.spans[begin + high][1]
        )
        cut_off = line.spans[begin + high][1] == len(line.text)
        if cut_off or not any(_stands_alone(word, search, state, bare) for word in rare):
            return None
    elif not rare or total < 2.5 + search.prior(language):
        return None
    first, last = begin + low, begin + high
    if len(sure) > 1:
        first, last = _with_names(line, first, last, known)
    return LatinSpan(first, last, language, total)


def _with_names(line: Words, first: int, last: int, known: Evidence) -> tuple[int, int]:
    """A stretch with the names that begin its first sentence and end its last one."""

    def is_name(index: int) -> bool:
        return line.word(index).istitle() and known.own(line.word(index)) < COMMON

    at = first
    while at > 0 and first - at < MAX_NAMES and is_name(at - 1):
        if not _ONLY_SPACE.fullmatch(line.between(at)):
            break
        at -= 1
        if _BREAK.search(line.between(at)):
            first = at
            break
    at = last
    while at + 1 < len(line.spans) and at - last < MAX_NAMES and is_name(at + 1):
        if not _ONLY_SPACE.fullmatch(line.between(at + 1)):
            break
        at += 1
        if _END.match(line.text, line.spans[at][1]):
            last = at
            break
    return first, last


def _edge(word: str, score: float) -> bool:
    """Whether a word can be the first or last of a stretch."""
    return score > 0.05 and (len(word) > 1 or not word.isascii())


def _stands_alone(word: str, search: Search, state: int, bare: bool) -> bool:
    """Whether one word is enough."""
    known = search.known
    lower = fold(word)
    if len(lower) < LONE_LETTERS or not word.islower():
        return False
    if known.matrix == "sw" and lower[-1] in "aiou":
        return False  # a loan word: soda, flamingo
    named = known.candidates[state]
    if named not in search.proven and (named in known.close or search.third(named)):
        return False
    zipf = known.lists.zipf(lower)
    language = known.candidates[state]
    mine = zipf.get(language, 0.0)
    own = known.own(lower)
    extra = search.prior(language)
    if language == "en" and known.matrix not in zipf:
        # A word that looks more like the main language is a rare word or a loan of it.
        here, english = known.lists.letters(lower, (known.matrix, "en"))
        if here > english:
            return False
    if bare and language == "en":
        extra += BARE
    return mine >= LONE_ZIPF + extra and mine - own >= LONE_DIFFERENCE + extra
