"""Repetition in a text: sentences said again, word sequences said again, and loops at its end.

Everything is linear in the text up to a constant; ``tests/test_analyzers_overthinking.py`` holds
it to that on loops of half a million characters.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.model import Sentence

MIN_SENTENCE_CHARS = 20
"""A shorter sentence ("Wait.", "So x = 5.") comes back without being a repetition."""
MIN_LOOP_CHARS = 60
MIN_LOOP_REPEATS = 3
PROBE_CHARS = 24
MAX_PERIODS = 200
NGRAM = 8


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


def repeated_sentences(text: str, sentences: Sequence[Sentence]) -> list[tuple[Sentence, Sentence]]:
    """Each sentence that says an earlier one again, with the first that said it.

    Compared are the sentences without case and with single spaces, from ``MIN_SENTENCE_CHARS`` on.
    """
    first: dict[str, Sentence] = {}
    found = []
    for sentence in sentences:
        if sentence.end - sentence.start < MIN_SENTENCE_CHARS:
            continue
        key = " ".join(text[sentence.start : sentence.end].lower().split())
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


def ngram_repeat(text: str) -> float | None:
    """Share of the word 8-grams that occur more than once; None in a text of fewer words."""
    words = text.split()
    total = len(words) - NGRAM + 1
    if total <= 0:
        return None
    counts = Counter(zip(*(words[i:] for i in range(NGRAM)), strict=False))
    if len(counts) == total:
        return 0.0
    return sum(times for times in counts.values() if times > 1) / total


def zlib_ratio(text: str) -> float | None:
    """Compressed size / size in UTF-8 bytes, zlib level 6; lower is more repetitive. None if empty."""
    data = text.encode("utf-8", "surrogatepass")
    return len(zlib.compress(data, 6)) / len(data) if data else None
