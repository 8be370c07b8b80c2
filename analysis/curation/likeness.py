"""Texts that are nearly the same, in time that grows with the text: bottom-k sketches, greedy clusters.

A text is the set of its runs of ``SHINGLE`` characters (case and white space ignored, so it works in
every script); its sketch is the ``SKETCH`` smallest hashes of these, from which the Jaccard likeness
of two texts is estimated (Broder 1997; standard error about sqrt(J (1 - J) / SKETCH)).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

SHINGLE = 6
SKETCH = 128
_KEYS = 12
"""Smallest hashes under which a cluster is found again."""
_MOST_UNDER_KEY = 40
"""Clusters under one hash: a hash that more share (a template's words) finds only the first."""
_MOST_COMPARED = 60
RUN = 13
"""Words that a question may not share in a row with a listed one (GPT-3's rule, 2005.14165)."""
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")
_PRIME = np.uint64(0x100000001B3)
_NO_HASH = np.uint64(2**64 - 1)

Sketch = NDArray[np.uint64]


def sketch(text: str) -> Sketch:
    """The ``SKETCH`` smallest hashes of the text's runs of characters, ascending; fewer for a short text."""
    plain = " ".join(text.casefold().split()).ljust(SHINGLE)
    codes = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    size = len(codes) - SHINGLE + 1
    hashes = np.zeros(size, np.uint64)
    for i in range(SHINGLE):
        hashes = hashes * _PRIME + codes[i : i + size]
    hashes = _mixed(hashes)
    if size > 8 * SKETCH:
        # The smallest distinct values are among those below this one, unless nearly all repeat.
        few = np.unique(hashes[hashes <= np.partition(hashes, 4 * SKETCH)[4 * SKETCH]])
        if len(few) >= SKETCH:
            return few[:SKETCH]
    return np.unique(hashes)[:SKETCH]


def _mixed(values: Sketch) -> Sketch:
    """splitmix64's finaliser: every bit depends on every bit."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def likeness(a: Sketch, b: Sketch) -> float:
    """The estimated Jaccard likeness of two texts, 0..1; exact where both are short."""
    union = np.union1d(a, b)[:SKETCH]
    both = np.intersect1d(a, b, assume_unique=True)
    return float(np.isin(union, both, assume_unique=True).sum() / len(union))


class Clusters:
    """Clusters that grow one text after another; the first text of a cluster stands for it."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._firsts = np.full((64, SKETCH), _NO_HASH, np.uint64)
        """A row a cluster: the sketch of its first text, filled up with ``_NO_HASH``."""
        self._lengths: list[int] = []
        self._under: defaultdict[int, list[int]] = defaultdict(list)
        self.sizes: list[int] = []

    def add(self, text: str) -> int:
        """The number of the cluster that the text belongs to: the most alike one, or a new one."""
        own = sketch(text)
        keys = own[:_KEYS].tolist()
        best, best_at = self._least, -1
        for number in self._possible(own, keys):
            found = likeness(own, self._firsts[number, : self._lengths[number]])
            if found > best or (found == best and best_at < 0):
                best, best_at = found, number
        if best_at >= 0:
            self.sizes[best_at] += 1
            return best_at
        return self._new(own, keys)

    def _possible(self, own: Sketch, keys: list[int]) -> list[int]:
        """Clusters that share one of the smallest hashes, and enough of all to be alike."""
        shared = Counter(n for key in keys for n in self._under.get(key, ()))
        ranked = sorted(shared.items(), key=lambda s: (-s[1], s[0]))[:_MOST_COMPARED]
        numbers = [number for number, _ in ranked]
        if not numbers:
            return []
        rows = self._firsts[numbers]
        at = np.minimum(np.searchsorted(own, rows), len(own) - 1)
        common = (own[at] == rows).sum(axis=1)
        # The union is no smaller than the larger of the two, so this bounds the likeness.
        larger = np.maximum(np.array([self._lengths[n] for n in numbers]), len(own))
        good = common >= self._least * larger
        return [n for n, enough in zip(numbers, good.tolist(), strict=True) if enough]

    def _new(self, own: Sketch, keys: list[int]) -> int:
        number = len(self.sizes)
        if number == len(self._firsts):
            more = np.full_like(self._firsts, _NO_HASH)
            self._firsts = np.concatenate([self._firsts, more])
        self._firsts[number, : len(own)] = own
        self._lengths.append(len(own))
        self.sizes.append(1)
        for key in keys:
            if len(self._under[key]) < _MOST_UNDER_KEY:
                self._under[key].append(number)
        return number


class Listed:
    """Questions that must not be trained on.

    A question is one of them when it shares ``RUN`` words in a row with one; a listed question that is
    shorter must be there whole, and one of fewer than 4 words must be all of the question. Case and
    punctuation are ignored; a Chinese, Japanese or Korean character is a word.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._runs: defaultdict[int, set[tuple[str, ...]]] = defaultdict(set)
        self._whole: set[tuple[str, ...]] = set()
        for text in texts:
            words = _words(text)
            if len(words) < 4:
                self._whole |= {words} if words else set()
                continue
            self._runs[min(RUN, len(words))].update(_runs(words, min(RUN, len(words))))

    def has(self, question: str) -> bool:
        """Whether the question is one of those listed, or holds one."""
        words = _words(question)
        return words in self._whole or any(
            not runs.isdisjoint(_runs(words, size)) for size, runs in self._runs.items()
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _runs(words: Sequence[str], size: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[i : i + size]) for i in range(len(words) - size + 1))
