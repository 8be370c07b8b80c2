"""How much one word speaks for another language than the main one of a text in Latin script.

Evidence is a difference of log10 word frequencies, clipped: a word that is 100 times as common in
French as in English speaks for French with 2. A word in no list is judged by its letters, weakly.
"""

from __future__ import annotations

import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

from analysis.analyzers.word_lists import CODES, is_syllabic, word_lists

CLIP = 2.5
FLOOR_MAIN = 2.1
FLOOR = {"en": 1.4}
"""Zipf value taken for a word that a list does not have: a little under its rarest words."""
FLOOR_OTHER = 2.5
COMMON = 4.7
"""A word this common in the main language starts no search, whatever else it may be."""
LETTERS_WEIGHT, LETTERS_CLIP = 2.2, 1.3
UNKNOWN = -0.15
"""For a word in neither list: a name or a misspelling, more often than a foreign word."""
SIBLINGS = (
    frozenset({"es", "pt", "ca", "it", "fr", "tl"}), frozenset({"ro", "it", "fr"}), frozenset({"sv", "da", "no"}), frozenset({"cs", "hr", "pl"}),
    frozenset({"id", "tl"}), frozenset({"de", "nl"}),
)  # fmt: skip
"""Languages so close that single words of one in the other cannot be told."""
HAND_MADE = {"sw": frozenset({"en", "de", "fr", "es"}), "fy": frozenset({"nl"})}
"""What is looked for in languages whose list is too short to tell theirs from others' words."""
MAJOR = {"en": 0.0, "de": 0.0, "fr": 0.0, "es": 0.0}
LESSER = {
    "ca": 0.8,
    "tl": 0.8,
    "hr": 0.6,
    "ro": 0.5,
    "da": 0.5,
    "no": 0.5,
    "hu": 0.4,
    "cs": 0.4,
    "fi": 0.4,
    "vi": 0.4,
    "sw": 0.0,
}
OTHER = 0.25
RARE, RARE_ENGLISH = 2.8, 3.6
CACHE_WORDS = 60_000


def prior(language: str) -> float:
    """What a span of this language must have more evidence, in log10, than one of a major language."""
    return MAJOR.get(language, LESSER.get(language, OTHER))


class Evidence:
    """The evidence of words against one main language."""

    __slots__ = (
        "_positive",
        "_scores",
        "_seeds",
        "asked",
        "candidates",
        "close",
        "lists",
        "matrix",
        "neutral",
    )

    def __init__(self, matrix: str, asked: str | None) -> None:
        """``asked``: the language of the question, which is always a candidate."""
        self.matrix = matrix
        self.asked = asked
        self.lists = word_lists()
        self.neutral = neutral_words() | (loans() if matrix == "en" else frozenset())
        self.close = frozenset[str]().union(*(s for s in SIBLINGS if matrix in s)) - {asked}
        allowed = HAND_MADE.get(matrix, frozenset(CODES)) | {asked}
        self.candidates = tuple(
            language
            for language in CODES
            if language in allowed and language not in {matrix, "fy"} - {asked}
        )
        self._seeds: dict[str, bool] = {}
        self._scores: dict[str, tuple[float, ...]] = {}
        self._positive: dict[str, tuple[tuple[int, float], ...]] = {}

    def is_seed(self, word: str) -> bool:
        """Whether a word, as it is written, may be of another language: where a search begins."""
        found = self._seeds.get(word)
        if found is None:
            if len(self._seeds) > CACHE_WORDS:
                self._seeds.clear()
            found = self._seeds[word] = self._seed(word)
        return found

    def _seed(self, word: str) -> bool:
        lower = fold(word)
        if len(lower) < 2 or word[1:].upper() == word[1:] or lower in self.neutral:
            return False
        zipf = self.lists.zipf(lower)
        own = zipf.get(self.matrix, 0.0)
        if own >= COMMON:
            return False
        if zipf:
            best = max((z for lang, z in zipf.items() if lang in self.candidates), default=0.0)
            return best - max(own, self._unknown(lower)) >= 0.7
        return word[0] == lower[0] and max(self.scores(lower)) >= 0.3

    def floor(self, language: str) -> float:
        """The zipf value of a word that the list of a language does not have."""
        return FLOOR.get(language, FLOOR_OTHER)

    def own(self, word: str) -> float:
        """How common a word is in the main language."""
        lower = fold(word)
        return self.lists.zipf(lower).get(self.matrix, self._unknown(lower))

    def _unknown(self, lower: str) -> float:
        """The zipf value of a word that is not in the list of the main language."""
        if self.matrix == "sw" and not is_syllabic(lower):
            return FLOOR["en"]
        return FLOOR.get(self.matrix, FLOOR_MAIN)

    def scores(self, lower: str) -> tuple[float, ...]:
        """Evidence of a folded word for each of ``candidates``, in -CLIP..CLIP."""
        found = self._scores.get(lower)
        if found is None:
            if len(self._scores) > CACHE_WORDS:
                self._scores.clear()
            found = self._scores[lower] = self._score(lower)
        return found

    def positive(self, lower: str) -> tuple[tuple[int, float], ...]:
        """The candidates that a folded word speaks for, by their numbers, with its evidence."""
        found = self._positive.get(lower)
        if found is None:
            if len(self._positive) > CACHE_WORDS:
                self._positive.clear()
            scores = enumerate(self.scores(lower))
            found = self._positive[lower] = tuple((c, score) for c, score in scores if score > 0)
        return found

    def rare(self, word: str, language: str) -> bool:
        """Whether a word is so rare in the main language that it speaks for another.

        Texts in other languages than English have English words of all kinds.
        """
        limit = RARE_ENGLISH if language == "en" else RARE
        return self.own(word) < limit

    def _score(self, word: str) -> tuple[float, ...]:
        if word in self.neutral:
            return (0.0,) * len(self.candidates)
        zipf = self.lists.zipf(word)
        own = zipf.get(self.matrix)
        base = self._unknown(word) if own is None else own
        letters: list[float] | None = None
        values = []
        for index, language in enumerate(self.candidates):
            other = zipf.get(language)
            if other is not None:
                value = other - base if own is not None else max(0.5, other - base)
            elif own is not None:
                value = min(-0.5, self.floor(language) - own)
            else:
                if letters is None:
                    letters = self._by_letters(word)
                value = letters[index] - (0.5 if zipf else 0.0)
            values.append(max(-CLIP, min(CLIP, value)))
        return tuple(values)

    def _by_letters(self, word: str) -> list[float]:
        """The evidence of the letters of a word that neither list has."""
        if len(word) < 3 or self.matrix == "fy":
            return [UNKNOWN] * len(self.candidates)
        own, *others = self.lists.letters(word, (self.matrix, *self.candidates))
        found = []
        for language, mean in zip(self.candidates, others, strict=True):
            value = LETTERS_WEIGHT * (mean - own)
            if language == "sw" and not is_syllabic(word):
                value = -0.2 if word[-1] in "aeiou" else -LETTERS_CLIP
            found.append(max(-LETTERS_CLIP, min(LETTERS_CLIP, value)) + UNKNOWN)
        return found


@lru_cache(maxsize=1)
def neutral_words() -> frozenset[str]:
    """Units, functions and abbreviations, of no language (``lexicons/languages/neutral.toml``)."""
    return frozenset(_neutral_table()["neutral"]["words"].split())


@lru_cache(maxsize=1)
def loans() -> frozenset[str]:
    """Words that English has taken from other languages: *ad hoc*, *café*."""
    return frozenset(_neutral_table()["loans"]["words"].split())


@lru_cache(maxsize=1)
def never_names() -> frozenset[str]:
    """English words that are no name when they have a capital."""
    return frozenset(_neutral_table()["never_names"]["words"].split())


def _neutral_table() -> dict[str, dict[str, str]]:
    return tomllib.loads(
        (files("analysis") / "lexicons" / "languages" / "neutral.toml").read_text("utf-8")
    )


def fold(word: str) -> str:
    """A word as the lists have it: lower case, composed."""
    if word.isascii():
        return word.lower()
    # The dotted capital I of Turkish becomes two code points in lower case.
    return unicodedata.normalize("NFC", word.replace("İ", "i")).lower()


@lru_cache(maxsize=32)
def evidence(matrix: str, asked: str | None) -> Evidence:
    """The evidence against a main language, shared by all texts of a process."""
    return Evidence(matrix, asked)
