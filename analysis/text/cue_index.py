r"""Where in a text a cue may begin: the first words of cues, looked up for all words of it at once.

Each word of the text has a sum over its characters; words, pairs and triples of words are looked up
among those that the cues of a lexicon begin with. What is found is only a candidate, which
``cues.py`` then compares letter by letter; no place where a cue stands is missed.

Words are runs of ``\w``, as in the patterns of the cues, folded as the cues are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.text.lexicon import UNSPACED, fold

T = TypeVar("T")
Ints = NDArray[np.int64]
U64 = NDArray[np.uint64]
Place = tuple[int, int, int, list[T]]
"""Where a cue may begin, start and end of the sentence, and the cues that begin so."""

_WORD = re.compile(r"\w+")
_OUTSIDE = 0xFFFF
"""Stands for every character beyond the basic plane; taken for no letter."""
_EMOJI = (0x1F300, 0x1FAFF)
"""Beyond the basic plane, these are surely no letters."""
_LETTER, _DIGIT, _UNSPACED, _MARK = 1, 2, 4, 8
"""Flags of a character: of a word; a digit; of a script without spaces; an underscore."""
_M = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS = 18
_SHIFT = np.uint64(64 - _TABLE_BITS)
MAX_WORDS = 3
"""Cues are told apart by so many of their first words."""
ANY, START = 1, 2
"""Where a cue may stand: anywhere, or only at the start of a sentence."""


@cache
def _tables() -> tuple[NDArray[np.uint8], U64]:
    """Flags and value of every character of the basic plane, as it is when folded."""
    chars = map(chr, range(_OUTSIDE))
    folded = "".join(low if len(low := fold(char)) == 1 else char for char in chars)
    flags = np.zeros(_OUTSIDE + 1, np.uint8)
    for pattern, flag in ((r"\w", _LETTER), (r"\d", _DIGIT), (f"[{UNSPACED}]", _UNSPACED)):
        flags[[found.start() for found in re.finditer(pattern, folded)]] |= flag
    flags[ord("_")] |= _MARK
    codes = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), np.uint32)
    values = np.zeros(_OUTSIDE + 1, np.uint64)
    values[:-1] = (codes.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(29))) * _M
    values[flags & _LETTER == 0] = 0
    return flags, values


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order, but for sentences that must be looked at one by one."""

    at: Ints
    """Where each begins."""
    keys: tuple[U64, ...]
    """Of the word alone, of it and the next one, and of it and the next two."""
    label: NDArray[np.bool_]
    """Begins with a digit or an underscore: may belong to a list label or to markup."""
    sentence: Ints
    """The number of its sentence."""
    first: Ints
    """The number of the first word of each sentence."""
    starts: Ints
    """Where each sentence begins, and where it ends."""
    ends: Ints
    slow: NDArray[np.bool_]
    """Sentences with a character of a script without spaces, or cut from the next inside a word."""


def words_of(text: str, starts: Ints, ends: Ints) -> Words:
    """The words of a text; ``starts`` and ``ends`` are those of its sentences, in order."""
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    flags, at, keys = _looked_at(np.minimum(raw, np.uint32(_OUTSIDE)))
    high = np.flatnonzero(raw >= _OUTSIDE)
    odd = high[(raw[high] < _EMOJI[0]) | (raw[high] > _EMOJI[1])]
    first = np.searchsorted(at, starts)
    sentence = np.repeat(np.arange(len(starts)), np.diff(first, append=len(at)))
    slow = _slow(flags, odd, starts, ends)
    return Words(at, keys, flags.take(at) != _LETTER, sentence, first, starts, ends, slow)


def _looked_at(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint8], Ints, tuple[U64, ...]]:
    """Flags of all characters, and the words and their keys."""
    flag_of, value_of = _tables()
    flags = flag_of.take(codes)
    inside = np.zeros(len(codes) + 1, np.uint8)
    np.bitwise_and(flags, _LETTER, out=inside[1:])
    at = np.flatnonzero(inside[1:] > inside[:-1])
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(value_of.take(codes), out=sums[1:])
    one = np.diff(sums.take(at), append=sums[-1:])
    keys = [one ^ (one >> np.uint64(31))]
    for step in range(1, MAX_WORDS):
        longer = keys[-1] * _M
        longer[:-step] += one[step:]
        keys.append(longer ^ (longer >> np.uint64(31)))
    return flags, at, tuple(keys)


def _slow(flags: NDArray[np.uint8], odd: Ints, starts: Ints, ends: Ints) -> NDArray[np.bool_]:
    """Which sentences must be looked at one by one; ``odd`` are places of unknown characters."""
    slow = np.zeros(len(starts), np.bool_)
    edge = starts[1:]
    cut = flags.take(edge - 1) & flags.take(edge) & _LETTER > 0
    slow[:-1] |= cut
    slow[1:] |= cut
    for at in (np.flatnonzero(flags & _UNSPACED), odd):
        # The sentences before and after count too, where a word may go on in them.
        for near in (at - 1, at, at + 1) if len(at) else ():
            number = np.searchsorted(starts, near, "right") - 1
            slow[np.maximum(number, 0)] = True
    return slow


def _slot(keys: U64) -> Ints:
    return (keys >> _SHIFT).view(np.int64)


def _keys_of(phrases: Iterable[str]) -> Iterator[tuple[int, int]]:
    """For each folded phrase how many words tell it apart, less one, and their key."""
    words = [_WORD.findall(phrase)[:MAX_WORDS] for phrase in phrases]
    text = "\n".join(" ".join(some) for some in words)
    raw = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    keys = [key.tolist() for key in _looked_at(np.minimum(raw, np.uint32(_OUTSIDE)))[2]]
    at = 0
    for some in words:
        yield len(some) - 1, keys[len(some) - 1][at]
        at += len(some)


class CueIndex(Generic[T]):
    """The first words of the cues of a lexicon, by where the cues may stand."""

    def __init__(self, cues: Iterable[tuple[int, str, T]], fillers: Iterable[str]) -> None:
        """``cues``: ``ANY`` or ``START``, a phrase or a first word, and what to keep for it.

        ``fillers`` are the phrases that may stand before a cue at the start.
        """
        every = list(cues)
        self._tables = np.zeros((MAX_WORDS, 1 << _TABLE_BITS), np.uint8)
        self._kept: dict[int, dict[int, list[T]]] = {ANY: {}, START: {}}
        for (place, _, kept), (count, key) in zip(
            every, _keys_of(phrase for _, phrase, _ in every), strict=True
        ):
            self._tables[count, key >> int(_SHIFT)] |= place
            slots = self._kept[place].setdefault(key, [])
            if kept not in slots:
                slots.append(kept)
        letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
        skipped = {word for filler in fillers for word in _WORD.findall(filler)}.union(letters)
        self._skipped = np.zeros(1 << _TABLE_BITS, np.bool_)
        self._skipped[[key >> int(_SHIFT) for _, key in _keys_of(skipped)]] = True

    def places(self, words: Words) -> tuple[Iterator[Place[T]], Iterator[Place[T]]]:
        """Where a cue may begin that stands anywhere, and one that stands at the start."""
        # Before a cue at the start there are only fillers, labels and markup.
        stops = np.zeros(len(words.at) + 1, np.int64)
        np.cumsum(~(self._skipped.take(_slot(words.keys[0])) | words.label), out=stops[1:])
        begins = stops.take(words.first)
        slow = words.slow.take(words.sentence).nonzero()[0] if words.slow.any() else None
        anywhere, at_start = [], []
        for table, keys in zip(self._tables, words.keys, strict=True):
            found = table.take(_slot(keys))
            if slow is not None:
                found[slow] = 0
            anywhere.append((np.flatnonzero(found & ANY), keys))
            some = np.flatnonzero(found & START)
            some = some[stops.take(some) == begins.take(words.sentence.take(some))]
            at_start.append((some, keys))
        return self._of(ANY, words, anywhere), self._of(START, words, at_start)

    def _of(
        self, place: int, words: Words, found: Iterable[tuple[Ints, U64]]
    ) -> Iterator[Place[T]]:
        kept = self._kept[place]
        for some, keys in found:
            sentence = words.sentence.take(some)
            start, end = words.starts.take(sentence), words.ends.take(sentence)
            columns = (words.at.take(some), start, end, keys.take(some))
            for at, low, high, key in zip(*(c.tolist() for c in columns), strict=True):
                slots = kept.get(key)
                if slots is not None:
                    yield at, low, high, slots
