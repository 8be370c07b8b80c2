"""Repetition in a text: sentences said again, word sequences said again, and loops at its end.

Everything is linear in the text up to a constant; ``tests/test_analyzers_overthinking.py`` holds
it to that on loops of half a million characters.
"""

from __future__ import annotations

import bz2
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.analyzers.words import (
    Grams,
    WordLoop,
    Words,
    code_points,
    folded,
    grams,
    read_words,
    word_bounds,
)
from analysis.model import Sentence
from analysis.text.presence import utf8

MIN_SENTENCE_CHARS = 20
"""A shorter sentence ("Wait.", "So x = 5.") comes back without being a repetition."""
MIN_LOOP_CHARS = 60
MIN_LOOP_REPEATS = 3
PROBE_CHARS = 24
MAX_PERIODS = 200
_BZIP2_BLOCK = 100_000
_SMALL_CODES = 0x3000
Repeats = list[tuple[Sentence, Sentence]]


@dataclass(frozen=True, slots=True)
class Loop:
    """The end of a text that repeats one block: ``text[start:end]`` has period ``period``."""

    start: int
    end: int
    period: int

    @property
    def repeats(self) -> float:
        """How often the block is said, the last time perhaps cut off."""
        return (self.end - self.start) / self.period


def repeated_sentences(text: str, sentences: Sequence[Sentence]) -> Repeats:
    """Each sentence that says an earlier one again, with the first that said it.

    Compared are the sentences without case and with single spaces, from ``MIN_SENTENCE_CHARS`` on.
    """
    first: dict[str, Sentence] = {}
    found = []
    low = folded(text)
    for sentence in sentences:
        if sentence.end - sentence.start < MIN_SENTENCE_CHARS:
            continue
        key = low[sentence.start : sentence.end].strip()
        if "  " in key or "\n" in key or "\t" in key:
            key = " ".join(key.split())
        if len(key) < MIN_SENTENCE_CHARS:
            continue
        earlier = first.setdefault(key, sentence)
        if earlier is not sentence:
            found.append((sentence, earlier))
    return found


def tail_loop(text: str) -> Loop | None:
    """The longest run at the end of ``text`` that says one block at least three times; or None.

    The last repeat may be cut off, as it is when generation hits its limit. Exact repetition only:
    a loop that counts upwards is not one. At most ``MAX_PERIODS`` periods are tried, shortest first.
    """
    end = len(text.rstrip())
    spaces = len(text) - end
    if end < MIN_LOOP_CHARS:
        return None
    probe = text[end - PROBE_CHARS : end]
    at = end - PROBE_CHARS
    for _ in range(MAX_PERIODS):
        at = text.rfind(probe, 0, at + PROBE_CHARS - 1)
        if at < 0:
            return None
        period = end - PROBE_CHARS - at
        # The white space after the last repeat was cut off: it counts as part of it.
        length = period * (MIN_LOOP_REPEATS - 1) - min(spaces, period - 1)
        if length + period > end:
            return None
        length = max(length, MIN_LOOP_CHARS - period)
        if end - length - period >= 0 and _periodic(text, end - length, end, period):
            block = text[end - period : end]
            if sum(char.isalnum() for char in block[:200]) >= 2:
                return Loop(_loop_start(text, end, period), end, period)
    return None


def _periodic(text: str, start: int, end: int, period: int) -> bool:
    """Whether ``text[start:end]`` equals the same stretch one period earlier."""
    return text[start:end] == text[start - period : end - period]


def _loop_start(text: str, end: int, period: int) -> int:
    """How far back the period reaches, by doubling and then halving the stretch compared."""
    low, high = period, period * 2
    while high <= end - period and _periodic(text, end - high, end, period):
        low, high = high, high * 2
    high = min(high, end - period)
    while low < high:
        middle = (low + high + 1) // 2
        if _periodic(text, end - middle, end, period):
            low = middle
        else:
            high = middle - 1
    return end - low - period


@dataclass(frozen=True, slots=True)
class Repetition:
    """What a text says again: its 8-grams, the loop at its end, the loops before that."""

    grams: Grams
    tail: Loop | None
    loops: tuple[Loop, ...] = ()

    def numbers(self, text: str) -> dict[str, float | int | bool | None]:
        """The metrics of repetition, those of compression among them."""
        every = [*self.loops, self.tail] if self.tail else list(self.loops)
        inside = sum(loop.end - loop.start for loop in every)
        data = utf8(text)
        return {
            "ngram8_repeat": self.grams.repeat_share,
            "max_8gram_count": self.grams.most,
            "tail_loop": self.tail is not None if text else None,
            "loop_period": self.tail.period if self.tail else None,
            "loop_count": self.tail.repeats if self.tail else None,
            "n_loops": len(every),
            "loop_share": min(1.0, inside / len(text)) if text else None,
            "zlib_ratio": len(zlib.compress(data, 6)) / len(data) if data else None,
            "bzip2_ratio": bzip2_ratio(data),
            "char_entropy": char_entropy(text),
        }


def read(text: str, words: Words) -> Repetition:
    """Repetition of a text whose words are given."""
    found = grams(words)
    tail = tail_loop(text)
    return Repetition(found, tail, _text_loops(text, found.loops, tail))


def _text_loops(text: str, loops: Sequence[WordLoop], tail: Loop | None) -> tuple[Loop, ...]:
    """The loops of words as spans, without what the loop at the end covers, none overlapping."""
    if not loops:
        return ()
    starts, ends = word_bounds(text)
    kept: list[Loop] = []
    limit = tail.start if tail else len(text) + 1
    for loop in sorted(loops, key=lambda w: (w.start, -w.end)):
        start, end = int(starts[loop.start]), int(ends[loop.end - 1])
        period = int(starts[loop.start + loop.period]) - start
        before = kept[-1].end if kept else 0
        if end <= limit and start >= before and end - start >= MIN_LOOP_CHARS:
            kept.append(Loop(start, end, period))
    return tuple(kept)


def ngram_repeat(text: str) -> float | None:
    """Share of the word 8-grams that occur more than once; None in a text of fewer words."""
    return grams(read_words(text)[0]).repeat_share


def bzip2_ratio(data: bytes) -> float | None:
    """Size compressed by bzip2 / size; None if empty."""
    if not data:
        return None
    # The block size only bounds how far it looks; a smaller one saves the memory of a larger.
    level = min(9, 1 + len(data) // _BZIP2_BLOCK)
    return len(bz2.compress(data, level)) / len(data)


def char_entropy(text: str) -> float | None:
    """Shannon entropy of the characters in bits; None for no text."""
    if not text:
        return None
    codes = code_points(text)
    small = int(codes.max()) < _SMALL_CODES
    counts = np.bincount(codes) if small else np.unique(codes, return_counts=True)[1]
    shares = counts[counts > 0] / len(text)
    return abs(float(-(shares * np.log2(shares)).sum()))
