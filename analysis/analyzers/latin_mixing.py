"""Words of one Latin-script language in a text of another: German in an English trace.

Around words that are more usual in another language, the cheapest labelling of the words with
languages is searched (Viterbi): each word costs or gains its evidence, each change of language
costs a constant that is smaller at punctuation. Short finds must be stronger than long ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.analyzers.word_evidence import COMMON, Evidence, evidence, fold, prior
from analysis.analyzers.word_lists import CODES

WINDOW = 7
"""Words to both sides of a suspicious one that are looked at."""
SWITCH, SWITCH_AT_MARK = 1.1, 0.5
"""Cost of a change of language between two words, and where punctuation stands between them."""
MAX_LANGUAGES = 5
LONE_DIFFERENCE, LONE_ZIPF = 2.0, 3.4
ENGLISH_BONUS = 0.4
"""English words are what the traces of other languages slip into."""
CLOSE, THIRD = 1.5, 0.3
"""What is asked of a language close to the main one, and of one that is neither English nor asked for
in a trace that is not English."""
BARE = 0.9
"""By how much a lone English word that no punctuation sets off must be clearer."""
PROVEN, PROVEN_BONUS = 6.0, 0.4
"""Evidence of a stretch that proves its language to be in the trace, and what that saves others."""
LONE_LETTERS = 4
SURE = 1.0
"""Evidence from which a word counts as one of the other language."""
PROVEN_TOTAL = 3.5
"""Evidence that is enough for a stretch of a proven language, whatever its words."""
TERM_TIMES = 4
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
    """The Latin words of a text with their places."""

    __slots__ = ("spans", "text")

    def __init__(self, text: str, spans: Sequence[tuple[int, int]]) -> None:
        self.text = text
        self.spans = spans

    def word(self, index: int) -> str:
        """A word as it is written."""
        start, end = self.spans[index]
        return self.text[start:end]

    def between(self, index: int) -> str:
        """What stands between a word and the one before it."""
        if index <= 0:
            return "\n"
        left = self.spans[index - 1][1]
        return self.text[left : min(self.spans[index][0], left + 80)]


def suspicious(words: Iterable[str], matrix: str | None, asked: str | None) -> bool:
    """Whether any word may be of another language: if not, ``spans`` finds nothing."""
    if matrix not in CODES:
        return False
    return any(map(evidence(matrix, asked).is_seed, set(words)))


def spans(
    text: str,
    words: Sequence[tuple[int, int]],
    barriers: Sequence[int],
    matrix: str | None,
    asked: str | None,
) -> list[tuple[int, int, str]]:
    """The stretches of other Latin-script languages among ``words``: start, end, language.

    None encloses one of ``barriers``, where stretches of other scripts begin. Without a word list for the
    main language nothing is found.
    """
    if matrix not in CODES:
        return []
    known = evidence(matrix, asked)
    windows: list[tuple[Words, int, int]] = []
    for piece in _pieces(words, barriers):
        line = Words(text, piece)
        seeds = [
            i
            for i, (start, end) in enumerate(piece)
            if known.is_seed(text[start:end]) and not _in_formula_name(text, start, end)
        ]
        windows += [(line, first, last) for first, last in _windows(seeds, len(piece))]
    found = _search_all(windows, known, frozenset())
    proven = frozenset(span.language for _, span in found if span.evidence >= PROVEN)
    if proven:
        found = _search_all(windows, known, proven)
    if any(span.first == span.last for _, span in found):
        times = Counter(text[start:end] for start, end in words)
        found = [(line, span) for line, span in found if not _is_term(line, span, proven, times)]
    places = [
        (
            line.spans[span.first][0],
            line.spans[span.last][1],
            span.language,
            span.first == span.last,
        )
        for line, span in found
    ]
    return _joined(text, places)


def _joined(text: str, places: Sequence[tuple[int, int, str, bool]]) -> list[tuple[int, int, str]]:
    """Stretches with nothing but a space between as one, where one is a lone word or both agree.

    A single word next to a phrase of another language is a word of that phrase, seldom of a third.
    """
    joined: list[tuple[int, int, str, bool]] = []
    for start, end, language, lone in places:
        if joined and text[joined[-1][1] : start] == " ":
            before = joined[-1]
            if before[2] == language or lone != before[3]:
                kept = before[2] if lone else language
                joined[-1] = (before[0], end, kept, False)
                continue
        joined.append((start, end, language, lone))
    return [place[:3] for place in joined]


def _is_term(
    line: Words, span: LatinSpan, proven: frozenset[str], times: Mapping[str, int]
) -> bool:
    """Whether a lone word comes so often that it is a term of the subject: *para*, *pions*.

    Slips are rare; a language that is in the trace with whole phrases may repeat its words.
    """
    if span.first != span.last or span.language in proven:
        return False
    return times[line.word(span.first)] >= TERM_TIMES


def _search_all(
    windows: Sequence[tuple[Words, int, int]], known: Evidence, proven: frozenset[str]
) -> list[tuple[Words, LatinSpan]]:
    """The stretches in all windows. A language that is ``proven`` elsewhere needs less evidence."""
    search = Search(known, proven)
    return [
        (line, span) for line, first, last in windows for span in _search(line, first, last, search)
    ]


def _pieces(
    words: Sequence[tuple[int, int]], barriers: Sequence[int]
) -> list[Sequence[tuple[int, int]]]:
    """The words between each two barriers."""
    pieces: list[Sequence[tuple[int, int]]] = []
    at = 0
    for barrier in barriers:
        index = bisect_left(words, (barrier, 0), at)
        if index > at:
            pieces.append(words[at:index])
        at = index
    pieces.append(words[at:])
    return pieces


def _windows(seeds: Sequence[int], count: int) -> list[tuple[int, int]]:
    """Stretches of words around the seeds, merged where they touch."""
    merged: list[tuple[int, int]] = []
    for seed in seeds:
        first, last = max(0, seed - WINDOW), min(count - 1, seed + WINDOW)
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged


def _weights(line: Words, first: int, last: int, known: Evidence) -> list[list[float]]:
    """Evidence of each word of a window for each candidate, by how it is written."""
    rows = []
    german = known.candidates.index("de") if "de" in known.candidates else -1
    for index in range(first, last + 1):
        word = line.word(index)
        scores = known.scores(fold(word))
        if word[1:] != word[1:].lower() or _in_formula_name(line.text, *line.spans[index]):
            rows.append([0.0] * len(scores))
        elif word[0].isupper():
            share = 0.6 if _BREAK.search(line.between(index)) else 0.3
            row = [min(0.5, share * s) for s in scores]
            if german >= 0 and scores[german] > 0:
                row[german] = min(1.2, 0.6 * scores[german])
            rows.append(row)
        else:
            rows.append(list(scores))
    return rows


def _in_formula_name(text: str, start: int, end: int) -> bool:
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


def _search(line: Words, first: int, last: int, search: Search) -> list[LatinSpan]:
    """The stretches in a window of words."""
    known = search.known
    rows = _weights(line, first, last, known)
    gains = [sum(row[c] for row in rows if row[c] > 0) for c in range(len(known.candidates))]
    chosen = sorted(
        range(len(gains)), key=lambda c: (search.prior(known.candidates[c]) - gains[c], c)
    )
    chosen = [c for c in chosen[:MAX_LANGUAGES] if gains[c] > 0]
    if not chosen:
        return []
    path = _viterbi(line, first, rows, chosen, search)
    found: list[LatinSpan] = []
    at = 0
    while at < len(path):
        state, begin = path[at], at
        while at < len(path) and path[at] == state:
            at += 1
        if state >= 0:
            column = [row[state] for row in rows[begin:at]]
            span = _trimmed(line, first + begin, column, search, state)
            if span is not None:
                found.append(span)
    return found


def _viterbi(
    line: Words, first: int, rows: list[list[float]], chosen: list[int], search: Search
) -> list[int]:
    """The best language of each word of a window: a candidate's number, or -1 for the main one."""
    states = [-1, *chosen]
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
