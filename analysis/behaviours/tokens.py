"""Words, numbers and marks of a text as arrays: position, sentence and a hash of each.

Everything is done by numpy on the code points of the whole text, so no Python code runs for each
token. A word is a run of letters (an apostrophe between letters belongs to it), a number a run of
decimal digits; every other character that is no white space stands alone, as do the characters of
scripts without spaces. Letters are lowered one by one where that keeps them one character.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.text.lexicon import is_unspaced

SPACE, LETTER, DIGIT, SINGLE = 0, 1, 2, 3
"""Classes of characters; ``Tokens.kind`` has the last three."""
BASE = 0x9E3779B97F4A7C15
_PIECE = 1 << 16
_SET_BITS = 17
_APOSTROPHE, _CURLY = 0x27, 0x2019
_OUTSIDE = 0xFFFF
"""Stands for every character beyond the basic plane."""

U64 = NDArray[np.uint64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, in order; all arrays are equally long."""

    start: Ints
    """Code point where it begins."""
    end: Ints
    """Code point after its last one."""
    hash: U64
    """Of its lowered characters: equal tokens have equal hashes (numbers too)."""
    kind: NDArray[np.uint8]


@cache
def tables() -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Class, and value in a hash, of every character of the basic plane."""
    kinds = np.full(_OUTSIDE + 1, SINGLE, np.uint8)
    values = np.arange(_OUTSIDE + 1, dtype=np.uint64)
    for code in range(_OUTSIDE):
        char = chr(code)
        if char.isspace() or code == 0:
            kinds[code] = SPACE
        elif char.isdecimal():
            kinds[code] = DIGIT
        elif (char.isalpha() and not is_unspaced(char)) or 0x300 <= code < 0x370:
            kinds[code] = LETTER
            lowered = char.lower()
            if len(lowered) == 1:
                values[code] = ord(lowered)
    values[_CURLY] = _APOSTROPHE
    mixed = (values + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    return kinds, mixed ^ (mixed >> np.uint64(29))


@cache
def _powers() -> tuple[U64, U64]:
    """``BASE ** i`` and its inverse modulo 2 ** 64, for a piece of text."""
    inverse = np.full(_PIECE + 1, pow(BASE, -1, 1 << 64), np.uint64)
    powers = np.full(_PIECE + 1, BASE, np.uint64)
    inverse[0] = powers[0] = 1
    return np.cumprod(powers), np.cumprod(inverse)


def code_points(text: str) -> NDArray[np.uint32]:
    """The characters of a text; those beyond the basic plane become one stand-in."""
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.minimum(raw, np.uint32(_OUTSIDE))


def kinds_of(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The class of each character; an apostrophe between letters is a letter."""
    kinds = tables()[0].take(codes)
    marks = np.flatnonzero((codes == _APOSTROPHE) | (codes == _CURLY))
    if len(marks):
        marks = marks[(marks > 0) & (marks < len(codes) - 1)]
        inside = (kinds[marks - 1] == LETTER) & (kinds[marks + 1] == LETTER)
        kinds[marks[inside]] = LETTER
    return kinds


def tokenize(codes: NDArray[np.uint32], kinds: NDArray[np.uint8] | None = None) -> Tokens:
    """The tokens of a text given as ``code_points``; ``kinds``: its ``kinds_of``, where known."""
    if not len(codes):
        none = np.zeros(0, np.int64)
        return Tokens(none, none, np.zeros(0, np.uint64), np.zeros(0, np.uint8))
    kinds = kinds_of(codes) if kinds is None else kinds
    # Between a character and the next a token ends or begins where their classes differ, and
    # beside every character that stands alone.
    alone = kinds == SINGLE
    some = kinds != SPACE
    cut = kinds[1:] != kinds[:-1]
    begins = some.copy()
    begins[1:] &= cut | alone[1:]
    closes = some
    closes[:-1] &= cut | alone[:-1]
    start, end = np.flatnonzero(begins), np.flatnonzero(closes) + 1
    return Tokens(start, end, _hashes(tables()[1].take(codes), start, end), kinds.take(start))


def _hashes(values: U64, start: Ints, end: Ints) -> U64:
    """Polynomial hashes of the tokens, by prefix sums over pieces of text.

    A token that crosses the end of a piece is hashed by its characters on both sides.
    """
    powers, inverse = _powers()
    out = np.zeros(len(start), np.uint64)
    for low in range(0, len(values), _PIECE):
        high = min(low + _PIECE, len(values))
        sums = np.zeros(high - low + 1, np.uint64)
        np.cumsum(values[low:high] * powers[: high - low], out=sums[1:])
        first = int(np.searchsorted(end, low, "right"))
        last = int(np.searchsorted(start, high, "left"))
        left = np.maximum(start[first:last], low) - low
        right = np.minimum(end[first:last], high) - low
        part = (sums.take(right) - sums.take(left)) * inverse.take(left)
        if low and first < last:
            before = np.maximum(low - start[first:last], 0)
            part *= powers.take(np.minimum(before, _PIECE))
        out[first:last] += part
    return out ^ (out >> np.uint64(32))


def word_hash(word: str) -> int:
    """The hash that a token with this text has."""
    found = tokenize(code_points(word)).hash
    if len(found) != 1:
        raise ValueError(f"{word!r} is not one token")
    return int(found[0])


def hash_set(hashes: U64) -> NDArray[np.bool_]:
    """A set of hashes to look others up in by ``in_set``: fast, and wrong once in thousands."""
    table = np.zeros(1 << _SET_BITS, bool)
    table[set_slots(hashes)] = True
    return table


def set_slots(hashes: U64) -> Ints:
    """Where ``hash_set`` keeps each hash."""
    return (hashes >> np.uint64(64 - _SET_BITS)).view(np.int64)


def in_set(hashes: U64, table: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each hash is in the set."""
    return table.take(set_slots(hashes))
