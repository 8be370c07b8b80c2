"""How common a word is in each of 23 Latin-script languages, from a packed list.

``words.xz`` (built by ``scripts/build_word_lists.py``; its sources and licence stand in the NOTICE
beside it) is unpacked once, about 8 MB, and searched in place: no table of half a million strings.
A word in no list is judged by its letters.
"""

from __future__ import annotations

import hashlib
import lzma
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

CODES = (
    "en", "de", "fr", "es", "pt", "it", "ca", "ro", "nl", "sv", "da", "no", "pl", "cs", "hu", "fi", "tr", "id", "vi",
    "hr", "tl", "sw", "fy",
)  # fmt: skip
"""The languages with a list, in the order of the file (ISO 639-1)."""
_BLOCK = 600
"""Bytes from one entry of the index to the next."""
_SYLLABIC = re.compile(
    r"(?:(?:ng'|mb|nd|nj|nz|ng|mw|bw|kw|gw|sw|tw|nyw|chw|shw|dh|th|gh|kh|ch|sh|ny|my|py|vy|fy|[bcdfghjklmnprstvwyz]|m(?=[bcdfghjklnprstvwyz]))?[aeiou])++"
)
_SWAHILI_VERB = re.compile(
    r"(?:ku|hu)(?:ni|tu|wa|ji|zi|vi|m)?[a-z]{4,}|(?:ni|tu|mu|wa|li|ya|ki|vi|zi|ku|pa|[uaim])(?:nge|ngali|taka|na|li|ta|me|ka|ki)"
    r"(?:ye|cho|vyo|lo|yo|zo|po|mo|ko|o)?[a-z]{3,}"
)
"""Infinitive or habitual, or subject, tense, perhaps a relative, and a stem: ``wa-li-o-salia``."""
VERB_ZIPF, VERB_LETTERS = 3.6, 7


def is_syllabic(word: str) -> bool:
    """Whether a word is built of open syllables only, as the words of Swahili are."""
    return _SYLLABIC.fullmatch(word) is not None and "c" not in word.replace("ch", "")


def _is_swahili_verb(word: str) -> bool:
    """Whether a word in no list has the form of a Swahili verb, of which there are too many to list."""
    return len(word) >= VERB_LETTERS and bool(_SWAHILI_VERB.fullmatch(word)) and is_syllabic(word)


def trigrams(word: str) -> list[str]:
    """The overlapping three-letter pieces of a word with its edges: '^^h', '^ha', ..., 'us$'."""
    padded = f"^^{word}$"
    return [padded[i : i + 3] for i in range(len(padded) - 2)]


class WordLists:
    """The unpacked list."""

    __slots__ = ("_body", "_heads", "_starts", "_threes")

    def __init__(self, packed: bytes) -> None:
        """Unpack and index."""
        body, _, tail = lzma.decompress(packed).partition(b"\n\n")
        self._body = b"\n" + body + b"\n"
        self._starts = _line_starts(self._body)
        find = self._body.find
        self._heads = [self._body[s : find(b"\t", s)] for s in self._starts]
        self._threes: dict[str, str] = {}
        for line in tail.decode().split("\n"):
            three, _, values = line.partition("\t")
            self._threes[three] = values

    def zipf(self, word: str) -> Mapping[str, float]:
        """Languages that have this lower-case word, with its zipf value (log10 per 10^9 words)."""
        key = word.encode("utf-8", "replace")
        index = bisect_right(self._heads, key) - 1
        if index < 0:
            return {}
        start = self._starts[index] - 1
        last = index + 1 == len(self._starts)
        end = len(self._body) if last else self._starts[index + 1]
        at = self._body.find(b"\n" + key + b"\t", start, end)
        if at < 0:
            return {"sw": VERB_ZIPF} if _is_swahili_verb(word) else {}
        at += len(key) + 2
        pairs = self._body[at : self._body.index(b"\n", at)]
        return {CODES[pairs[i] - 97]: (pairs[i + 1] - 33) / 10 for i in range(0, len(pairs), 2)}

    def letters(self, word: str, languages: Sequence[str]) -> list[float]:
        """Mean log10 probability of a word's letters in each of ``languages``.

        A language without letter statistics gets the mean of none: a low constant.
        """
        pieces = [self._threes.get(three) for three in trigrams(word)]
        known = [piece for piece in pieces if piece is not None]
        unknown = len(pieces) - len(known)
        found = []
        for language in languages:
            at = CODES.index(language)
            if not known or at >= len(known[0]):
                found.append(-2.5)
                continue
            total = sum(ord(piece[at]) - 40 for piece in known) / 10 + 3.0 * unknown
            found.append(-total / len(pieces))
        return found


def _line_starts(body: bytes) -> list[int]:
    """Where a line begins, about every ``_BLOCK`` bytes; ``body`` begins and ends with a newline."""
    starts, at = [1], 1
    while (at := body.find(b"\n", at + _BLOCK) + 1) and at < len(body):
        starts.append(at)
    return starts


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A hash of the packed list: it changes when the list does."""
    return hashlib.sha256(_packed()).hexdigest()[:16]


def _packed() -> bytes:
    return (files("analysis") / "lexicons" / "languages" / "words.xz").read_bytes()


@lru_cache(maxsize=1)
def word_lists() -> WordLists:
    """The list, unpacked at first use."""
    return WordLists(_packed())
