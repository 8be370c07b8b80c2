"""The language metrics of one trace, from its words and the foreign stretches among them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.analyzers import language_measures as measures
from analysis.analyzers import scripts
from analysis.analyzers.script_mixing import Run

LETTERS_PER_WORD = {
    "Han": 1.6, "Bopomofo": 1.6, "Kana": 2.5, "Thai": 4.0, "Lao": 4.0, "Khmer": 4.0, "Myanmar": 4.0, "Tibetan": 4.0,
}  # fmt: skip
"""Usual length of a word in scripts without spaces, for ``language_consistency_words``."""

Value = float | int | bool | str | None


Token = tuple[int, str | None, float, float, int]
"""A run of letters: start, language (None: neutral), words, equal words, letters."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a trace holds, by language; ``runs`` is in the order of the text."""

    runs: Sequence[measures.Run]
    words: Mapping[str, float]
    equal_words: Mapping[str, float]
    letters: Mapping[str, float]
    line_languages: Mapping[str, float]


def plain(language: str | None, words: int, letters: int) -> Counts:
    """The counts of a trace in one language of a spaced script, which most are."""
    if language is None or not words:
        return Counts((), {}, {}, {}, {})
    one = {language: float(words)}
    return Counts(((language, words),), one, one, {language: float(letters)}, {language: 1.0})


def tokens(
    runs: Sequence[Run],
    words: Sequence[tuple[int, int]],
    spans: Sequence[tuple[int, int, str, str]],
    matrix: str | None,
) -> list[Token]:
    """Every run of letters and every Latin word with its language, in the order of the text.

    ``spans`` are start, end, language and script, in order. Outside of them, letters of the main
    language's scripts are of the main language, and the rest (names, units) is neutral.
    """
    home = scripts.scripts_of(matrix) if matrix else frozenset[str]()
    starts = [span[0] for span in spans]
    found: list[Token] = []
    for script, start, end in runs:
        letters = end - start
        index = bisect_right(starts, start) - 1
        language = matrix if script in home else None
        if index >= 0 and start < spans[index][1] and spans[index][3] != "Latin":
            language = spans[index][2]
        count = float(letters if script in scripts.PER_CHARACTER else 1)
        equal = letters / LETTERS_PER_WORD[script] if script in LETTERS_PER_WORD else count
        found.append((start, language, count, equal, letters))
    # A Latin name inside a Chinese stretch is of no language: only Latin stretches count here.
    usual = matrix if "Latin" in home else None
    at = 0
    for start, end, language, script in spans:
        if script != "Latin":
            continue
        first, last = bisect_left(words, (start, 0), at), bisect_left(words, (end, 0), at)
        found += [(a, usual, 1.0, 1.0, b - a) for a, b in words[at:first]]
        found += [(a, language, 1.0, 1.0, b - a) for a, b in words[first:last]]
        at = last
    found += [(a, usual, 1.0, 1.0, b - a) for a, b in words[at:]]
    found.sort(key=lambda token: token[0])
    return found


def count(text: str, found: Sequence[Token]) -> Counts:
    """Add up tokens that stand in the order of the text."""
    runs: list[measures.Run] = []
    words: dict[str, float] = {}
    equal: dict[str, float] = {}
    letters: dict[str, float] = {}
    lines: dict[str, float] = {}
    line: dict[str, float] = {}
    line_end = -1
    last, length = None, 0.0
    for start, language, in_words, in_equal, in_letters in found:
        if language is None:
            continue
        if language == last:
            length += in_words
        else:
            if last is not None:
                runs.append((last, length))
            last, length = language, in_words
        words[language] = words.get(language, 0.0) + in_words
        equal[language] = equal.get(language, 0.0) + in_equal
        letters[language] = letters.get(language, 0.0) + in_letters
        if start >= line_end:
            _close(line, lines)
            line_end = text.find("\n", start)
            line_end = len(text) + 1 if line_end < 0 else line_end
        line[language] = line.get(language, 0.0) + in_equal
    if last is not None:
        runs.append((last, length))
    _close(line, lines)
    return Counts(runs, words, equal, letters, lines)


def _close(line: dict[str, float], lines: dict[str, float]) -> None:
    """Count a finished line for the language of most of its words."""
    if line:
        language = max(sorted(line), key=lambda name: line[name])
        lines[language] = lines.get(language, 0.0) + 1.0
        line.clear()


def values(counts: Counts, matrix: str | None, target: str | None) -> dict[str, Value]:
    """The metrics that follow from the counts, by name."""
    spans = measures.spans_of(counts.runs)
    lengths = [length for _, length in spans]
    foreign_letters = _foreign(counts.letters, matrix)
    return {
        "matrix_language": matrix,
        "target_language": target,
        "thinks_in_other_language": None if matrix is None or target is None else matrix != target,
        "languages": measures.shares_text(counts.words),
        "foreign_share": foreign_letters,
        "foreign_char_share": foreign_letters,
        "foreign_word_share": _foreign(counts.words, matrix),
        "language_consistency": measures.consistency(counts.words, target),
        "language_consistency_words": measures.consistency(counts.equal_words, target),
        "language_consistency_chars": measures.consistency(counts.letters, target),
        "language_entropy": measures.entropy(counts.words),
        "line_language_entropy": measures.entropy(counts.line_languages),
        "code_mixing_index": measures.code_mixing_index(counts.words),
        "m_index": measures.m_index(counts.words),
        "i_index": measures.i_index(spans),
        "n_language_switches": measures.switches(spans) if spans else None,
        "language_burstiness": measures.burstiness(lengths),
        "span_entropy": measures.span_entropy(lengths),
        "language_memory": measures.memory(lengths),
    }


def _foreign(counts: Mapping[str, float], matrix: str | None) -> float | None:
    """The share of what is not of the main language."""
    total = sum(counts.values())
    if matrix is None or total <= 0:
        return None
    return max(0.0, 1.0 - counts.get(matrix, 0.0) / total)
