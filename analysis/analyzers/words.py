"""A text as numbers: its words interned, its word 8-grams counted, its loops found. Linear time.

Words are taken from the UTF-8 bytes: ASCII letters in lower case, ASCII punctuation (but signs of
mathematics) as white space, each Han, kana or Hangul character a word of its own. Two 8-grams are
taken for the same when 64-bit hashes of their word numbers agree (a chance collision has odds of
about 1 in 10^10 for a text of 40,000 words).
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

import numpy as np
from numpy.typing import NDArray

from analysis.text.lexicon import fold
from analysis.text.presence import utf8

NGRAM = 8
CJK = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff])")
MIN_LOOP_REPEATS = 3
_MARKS = b"\"'`.,;:!?()[]{}$_-"
_TABLE = bytes(
    0x20 if code in _MARKS else code + 32 if 0x41 <= code <= 0x5A else code for code in range(256)
)
_ASCII_KINDS = bytes(0x20 if chr(code).isspace() else ord("x") for code in range(256))
"""White space and anything else."""
_WIDE_MARKS = "–—‘’“”…•，。"
"""Marks of three bytes each that become white space too."""
_WESTERN_MARK = re.compile(rb"\xe2\x80[\x93\x94\x98\x99\x9c\x9d\xa2\xa6]")
"""Those with the same first two bytes; the other two are those of Chinese."""
_CHINESE_MARKS = tuple(mark.encode() for mark in "，。")
_LEADS = tuple(bytes((code,)) for code in (*range(0xE3, 0xEE), 0xEF))
"""First bytes of the characters of ``CJK`` in UTF-8; a byte is found faster than a class."""
_MULTIPLIERS = tuple(
    np.uint64(odd) for odd in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
"""For pairs of words, pairs of these, and pairs of these: 8-grams."""

Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Kinds = NDArray[np.uint8]
_SPACE, _OTHER, _OWN_WORD = 0, 1, 2
folded = lru_cache(maxsize=2)(fold)
"""``fold``, which several measures of one text need."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text by number: word ``i`` is ``vocabulary[ids[i]]`` (UTF-8).

    Numbers are given in the order in which words first appear.
    """

    ids: Sequence[int]
    vocabulary: Sequence[bytes]
    cjk: bool = False
    """Whether any of them is a Han, kana or Hangul character."""

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class WordLoop:
    """Words ``start`` to ``end`` (exclusive) repeat every ``period`` words."""

    start: int
    end: int
    period: int


@dataclass(frozen=True, slots=True)
class Grams:
    """What the 8-grams of a text say: None where it has fewer than eight words."""

    repeat_share: float | None
    most: int | None
    loops: tuple[WordLoop, ...] = ()


@lru_cache(maxsize=4)
def has_cjk(text: str) -> bool:
    """Whether any character stands for a word of its own."""
    if text.isascii():
        return False
    data = utf8(text)
    return any(lead in data for lead in _LEADS) and CJK.search(text) is not None


def spaced(text: str) -> str:
    """The text with every Han, kana and Hangul character apart from what is beside it."""
    return " ".join(CJK.split(text))


def plain(text: str) -> bytes:
    """The text as the words are taken from it; as many bytes as its UTF-8, byte for byte."""
    return _plain(text.encode("utf-8", "surrogatepass"))


def _plain(data: bytes) -> bytes:
    plain = data.translate(_TABLE)
    if not plain.isascii():
        plain = _WESTERN_MARK.sub(b"   ", plain)
        for mark in _CHINESE_MARKS:
            plain = plain.replace(mark, b"   ")
    return plain


def read_words(text: str, cuts: Sequence[int] = ()) -> tuple[Words, list[int]]:
    """The words of a text, and how many of them end before each cut and before the end.

    ``cuts`` are offsets in order; one inside a word makes it two.
    """
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    number = numbers.__getitem__
    cjk = has_cjk(text)
    if not cuts:
        data = plain(spaced(text)) if cjk else _plain(utf8(text))
        ids = list(map(number, data.split()))
        return Words(ids, list(numbers), cjk), [len(ids)]
    texts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    if cjk:
        texts = [spaced(part) for part in texts]
    pieces = [part.encode("utf-8", "surrogatepass") for part in texts]
    data = _plain(b"".join(pieces))
    ids, ends, start = [], [], 0
    for piece in pieces:
        end = start + len(piece)
        ids.extend(map(number, data[start:end].split()))
        ends.append(len(ids))
        start = end
    return Words(ids, list(numbers), cjk), ends


def code_points(text: str) -> NDArray[np.uint8] | NDArray[np.uint32]:
    """The characters of a text by number."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def count_words(text: str) -> int:
    """Stretches between white space; each Han, kana or Hangul character counts as one."""
    if text.isascii():
        kinds = utf8(text).translate(_ASCII_KINDS)
        return kinds.count(b" x") + kinds.startswith(b"x")
    if not has_cjk(text):
        return len(text.split())
    starts, _ = _edges(_SPACED.take(code_points(text), mode="clip"))
    return int(np.count_nonzero(starts))


def word_bounds(text: str) -> tuple[Ints, Ints]:
    """Where each word of ``read_words(text)`` starts and ends, in code points."""
    starts, ends = _edges(_PLAIN.take(code_points(text), mode="clip"))
    return np.flatnonzero(starts), np.flatnonzero(ends) + 1


def _edges(kinds: Kinds) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether a word starts, and whether one ends, with each character."""
    starts = kinds != _SPACE
    ends = starts.copy()
    joined = (kinds[1:] == _OTHER) & (kinds[:-1] == _OTHER)
    starts[1:][joined] = False
    ends[:-1][joined] = False
    return starts, ends


def _kinds(spaces: str) -> Kinds:
    """What each code point is; those beyond U+FFFF are as that one is."""
    table = np.full(0x10000, _OTHER, dtype=np.uint8)
    table[[ord(char) for char in spaces]] = _SPACE
    table[[ord(char) for char in map(chr, range(0x3040, 0xFB00)) if CJK.match(char)]] = _OWN_WORD
    return table


_SPACED = _kinds("".join(char for char in map(chr, range(0x3001)) if char.isspace()))
_PLAIN = _kinds(" \t\n\r\f\v" + _MARKS.decode() + _WIDE_MARKS)


def grams(words: Words) -> Grams:
    """Repeated 8-grams, and every stretch that says one block of words three times or more."""
    total = len(words) - NGRAM + 1
    if total <= 0:
        return Grams(None, None)
    # An array reads a list of numbers in half the time that numpy takes.
    hashes = _hashes(np.frombuffer(array("Q", words.ids), dtype=np.uint64))
    alike = _alike(hashes)
    if alike is None:
        return Grams(0.0, 1)
    order, again = alike
    edges = np.flatnonzero(np.concatenate(([True], ~again, [True])))
    sizes = np.diff(edges)
    repeated = int(sizes[sizes > 1].sum())
    at = np.flatnonzero(again)
    before = order[at]
    back = np.zeros(total, dtype=np.int64)
    back[order[at + 1]] = order[at + 1] - before
    return Grams(repeated / total, int(sizes.max()), _loops(back))


def _alike(hashes: Hashes) -> tuple[Ints, NDArray[np.bool_]] | None:
    """An order that puts equal hashes together, each in order of place, and which of them equal the next.

    None where no two are equal.
    Sorting numbers is several times faster than sorting places by them, so each place is put into the
    low bits of its hash. Different hashes that then are mixed up (which is rare) are sorted in full.
    """
    low = np.uint64((1 << max(1, len(hashes).bit_length())) - 1)
    keys = (hashes & ~low) | np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    again = (keys[1:] ^ keys[:-1]) <= low
    if not again.any():
        return None
    order = (keys & low).view(np.int64)
    at = np.flatnonzero(again)
    if (hashes[order[at]] != hashes[order[at + 1]]).any():
        order = np.argsort(hashes, kind="stable")
        again = hashes[order][1:] == hashes[order][:-1]
    return (order, again) if again.any() else None


def _hashes(hashes: Hashes) -> Hashes:
    """Of every eight numbers in a row, from those of every one, two, four."""
    for step, odd in zip((1, 2, 4), _MULTIPLIERS, strict=True):
        right = hashes[step:]
        hashes = hashes[:-step] * odd
        hashes += right
    # Without this the last word would only be added: two that differ in it would share their high bits.
    return hashes * _MULTIPLIERS[0]


def _loops(back: Ints) -> tuple[WordLoop, ...]:
    """Runs of 8-grams that all stand one period after their last occurrence.

    ``back[i]`` is how far before ``i`` the same 8-gram stood, 0 for never. A run of n of these with
    the same distance d makes n + 7 words equal to those d before.
    """
    edges = np.flatnonzero(np.concatenate(([True], back[1:] != back[:-1], [True])))
    starts, lengths = edges[:-1], np.diff(edges)
    periods = back[starts]
    long = (periods > 0) & (lengths + NGRAM - 1 >= periods * (MIN_LOOP_REPEATS - 1))
    return tuple(
        WordLoop(int(start - period), int(start + length + NGRAM - 1), int(period))
        for start, length, period in zip(starts[long], lengths[long], periods[long], strict=True)
    )
