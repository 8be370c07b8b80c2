"""Words of one Latin-script language in a text of another: German in an English trace.

Around words that are more usual in another language, the cheapest labelling of the words with
languages is searched (Viterbi): each word costs or gains its evidence, each change of language
costs a constant that is smaller at punctuation. Short finds must be stronger than long ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from itertools import pairwise

from analysis.analyzers.latin_search import (
    LatinSpan,
    Search,
    Words,
    in_formula_name,
    search_window,
)
from analysis.analyzers.word_evidence import Evidence, evidence
from analysis.analyzers.word_lists import CODES

WINDOW = 7
"""Words to both sides of a suspicious one that are looked at."""
PROVEN = 6.0
"""Evidence of a stretch that proves its language to be in the trace."""
TERM_TIMES = 4


def suspicious(words: Iterable[str], matrix: str | None, asked: str | None) -> frozenset[str]:
    """The words that may be of another language: without any, ``spans`` finds nothing."""
    if matrix not in CODES:
        return frozenset()
    return frozenset(filter(evidence(matrix, asked).is_seed, set(words)))


def spans(
    whole: Words,
    seeds: Set[str],
    barriers: Sequence[int],
    matrix: str | None,
    asked: str | None,
) -> list[tuple[int, int, str]]:
    """The stretches of other Latin-script languages in a text: start, end, language.

    ``seeds`` are its ``suspicious`` words. No stretch encloses one of ``barriers``, where those of other
    scripts begin. Without a word list for the main language nothing is found.
    """
    if matrix not in CODES or not seeds:
        return []
    known = evidence(matrix, asked)
    text = whole.text
    windows: list[tuple[Words, int, int]] = []
    for line in _pieces(whole, barriers):
        marked = [
            i
            for i, word in enumerate(line.words)
            if word in seeds and not in_formula_name(text, *line.spans[i])
        ]
        windows += [(line, first, last) for first, last in _windows(marked, len(line.words))]
    found = _search_all(windows, known, frozenset())
    proven = frozenset(span.language for _, span in found if span.evidence >= PROVEN)
    if proven:
        found = _search_all(windows, known, proven)
    if any(span.first == span.last for _, span in found):
        times = Counter(whole.words)
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
        (line, span)
        for line, first, last in windows
        for span in search_window(line, first, last, search)
    ]


def _pieces(whole: Words, barriers: Sequence[int]) -> list[Words]:
    """The words between each two barriers."""
    cuts = [0]
    for barrier in barriers:
        index = bisect_left(whole.spans, (barrier, 0), cuts[-1])
        if index > cuts[-1]:
            cuts.append(index)
    cuts.append(len(whole.spans))
    return [
        Words(whole.text, whole.spans[first:end], whole.words[first:end])
        for first, end in pairwise(cuts)
    ]


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
