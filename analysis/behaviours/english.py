"""Whether a text is English enough for a model that was trained on English reasoning."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.block import Block
from analysis.behaviours.tokens import DIGIT, LETTER, Tokens, hash_set, in_set, word_hash

_FUNCTION_WORDS = [
    "the",
    "of",
    "and",
    "to",
    "is",
    "that",
    "in",
    "it",
    "so",
    "we",
    "this",
    "be",
    "are",
    "for",
    "with",
    "if",
    "not",
    "have",
    "can",
    "but",
    "let",
    "me",
    "by",
    "or",
    "which",
    "then",
    "since",
    "from",
    "where",
    "there",
    "all",
    "need",
    "has",
    "would",
    "because",
    "they",
    "when",
    "how",
    "each",
    "also",
    "check",
    "wait",
    "should",
    "could",
    "okay",
    "does",
    "our",
    "i",
    "you",
    "must",
    "think",
    "answer",
]
MIN_SHARE = 0.10
"""English reasoning has a quarter to a half of such words; other languages a few in a hundred."""
FEW_WORDS = 12
"""So few words say nothing of the language; they count as English where they are Latin."""
SAMPLE = 4_000
"""Of a long text every n-th word is looked at."""
_BEYOND_LATIN, _LATIN_END = 0x2E80, 0x24F
"""From here on stand the scripts of East Asia; up to here Latin letters."""


@cache
def _known() -> NDArray[np.bool_]:
    return hash_set(np.array([word_hash(word) for word in _FUNCTION_WORDS], np.uint64))


def are_english(tokens: Tokens, codes: NDArray[np.uint32], block: Block) -> NDArray[np.bool_]:
    """Of each text whether function words of English stand among its words, and no other script
    prevails; ``tokens`` and ``codes`` are those of the block."""
    edge = np.append(block.offset, len(codes))
    word = tokens.kind == LETTER
    far = codes.take(tokens.start) > _BEYOND_LATIN
    token = np.searchsorted(tokens.start, edge)
    words = _counted(word, token)
    known = in_set(tokens.hash, _known())
    foreign = _counted(far & (tokens.kind > DIGIT), token) > words
    found = _counted(known & word, token) >= MIN_SHARE * words
    few = words <= FEW_WORDS
    if few.any():
        beyond = _counted(codes > _LATIN_END, edge)
        found = np.where(few, beyond * 2 <= block.size, found)
    for number in np.flatnonzero(words >= SAMPLE).tolist():
        mine = known[token[number] : token[number + 1]][word[token[number] : token[number + 1]]]
        mine = mine[:: len(mine) // SAMPLE + 1]
        found[number] = int(mine.sum()) >= MIN_SHARE * len(mine)
    english: NDArray[np.bool_] = found & ~foreign
    return english


def _counted(flags: NDArray[np.bool_], edge: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many flags stand between each edge and the next."""
    sums = np.zeros(len(flags) + 1, np.int64)
    np.cumsum(flags, out=sums[1:])
    return np.diff(sums.take(edge))
