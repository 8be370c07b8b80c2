"""Whether a text is English enough for a model that was trained on English reasoning."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

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


def is_english(tokens: Tokens, codes: NDArray[np.uint32]) -> bool:
    """Whether function words of English stand among the words, and no other script prevails."""
    words = tokens.kind == LETTER
    hashes = tokens.hash[words]
    alone = tokens.start[tokens.kind > DIGIT]
    if int((codes[alone] > _BEYOND_LATIN).sum()) > len(hashes):
        return False
    if len(hashes) <= FEW_WORDS:
        return int((codes > _LATIN_END).sum()) * 2 <= len(codes)
    hashes = hashes[:: len(hashes) // SAMPLE + 1]
    return int(in_set(hashes, _known()).sum()) >= MIN_SHARE * len(hashes)
