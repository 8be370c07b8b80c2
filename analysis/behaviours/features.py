"""What the model knows of each sentence: hashed word n-grams and a row of numbers.

N-grams are buckets of a weight table (no text is kept), the numbers say where the sentence stands
and how it relates to what came before: which words, numbers and word triples were seen already and
how far back, what of the question it repeats, its marks and its place in its paragraph. Computed by
numpy for all sentences of a trace at once; training and scoring use this same code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.block import Block, block_of
from analysis.behaviours.dense import DENSE, dense_features
from analysis.behaviours.english import are_english
from analysis.behaviours.tokens import DIGIT, U64, Ints, Tokens, tokenize
from analysis.model import Sentence

__all__ = ["DENSE", "FEATURES_VERSION", "Features", "featurize"]

FEATURES_VERSION = "1"
HEAD, TAIL = 48, 12
"""Of a longer sentence, the first 48 and the last 12 tokens make n-grams."""
FIRST = 8
"""The first words count a second time, as n-grams of the sentence's beginning."""
LEAD = 10
"""Of the sentences beside it, a sentence is told the first words."""
_NUMBER = np.uint64(0xA0761D6478BD642F)
"""All numbers are one word in n-grams."""
_BEGIN = np.uint64(0xE7037ED1A0B428DB)
"""Stands before the first word of every sentence."""
_M1, _M2, _M3, _M4 = (
    np.uint64(m)
    for m in (0x8EBC6AF09C88C6E3, 0x589965CC75374CC3, 0x1D8E4E27C47D124F, 0xEB44ACCAB455D165)
)


@dataclass(frozen=True, slots=True)
class Features:
    """Features of the sentences of one text, or of the texts of a block.

    ``grams`` has four rows (words, pairs, triples, pairs among the first words): column ``i`` holds
    the buckets of the n-grams that begin with token ``i``, -1 where there is none; the tokens of
    sentence ``s`` are columns ``bounds[s]:bounds[s + 1]``, the first being the mark of its
    beginning. ``dense`` is one row of ``DENSE`` a sentence. ``begin``/``end`` are the code points
    of each column's token (empty for the mark).
    """

    grams: NDArray[np.int64]
    bounds: Ints
    dense: NDArray[np.float32]
    begin: Ints
    end: Ints
    counts: Ints
    """How many n-grams each sentence has."""
    lead: tuple[Ints, Ints]
    """The columns that begin each sentence (its mark and its first words), and their bounds."""
    english: NDArray[np.bool_]
    """Whether each text is in the language that the model was trained on."""
    trace: Ints
    """The number of the text of each sentence."""


def featurize(
    text: str, sentences: Sequence[Sentence], question: str | None, bits: int
) -> Features:
    """Features of every sentence of ``text``; ``2 ** bits`` buckets of n-grams."""
    return featurize_block(block_of([text], [sentences], [question]), bits)


def featurize_block(block: Block, bits: int) -> Features:
    """Features of every sentence of a block."""
    codes = block.codes
    tokens = tokenize(codes)
    edges = np.append(np.searchsorted(tokens.start, block.starts), len(tokens.start))
    owner = np.repeat(np.arange(block.count), np.diff(edges))
    dense = dense_features(block, codes, tokens, owner)
    hashes, begin, end, bounds = _columns(tokens, owner, edges)
    grams, place = _grams(hashes, bounds, bits)
    size = np.diff(bounds)
    # Words and pairs begin at every column, triples at all but the last, and the pairs among the
    # first words at the first columns but the last.
    counts = 3 * size - 1 + np.minimum(size - 1, FIRST + 1)
    columns = np.flatnonzero(place <= LEAD)
    lead = np.zeros(len(bounds), np.int64)
    np.cumsum(np.minimum(size, LEAD + 1), out=lead[1:])
    return Features(
        grams, bounds, dense, begin, end, counts, (columns, lead),
        are_english(tokens, codes, block), block.trace,
    )  # fmt: skip


def _columns(tokens: Tokens, owner: Ints, edges: Ints) -> tuple[U64, Ints, Ints, Ints]:
    """The tokens that make n-grams, with a mark before those of each sentence."""
    number = np.diff(edges)
    count = len(number)
    values = np.where(tokens.kind == DIGIT, _NUMBER, tokens.hash)
    start, stop = tokens.start, tokens.end
    if int(number.max(initial=0)) > HEAD + TAIL:
        place = np.arange(len(owner)) - edges.take(owner)
        kept = np.flatnonzero((place < HEAD) | (place >= number.take(owner) - TAIL))
        owner, values = owner.take(kept), values.take(kept)
        start, stop = start.take(kept), stop.take(kept)
        number = np.minimum(number, HEAD + TAIL)
    bounds = np.zeros(count + 1, np.int64)
    np.cumsum(number + 1, out=bounds[1:])
    at = np.arange(1, len(owner) + 1) + owner
    hashes = np.full(len(owner) + count, _BEGIN, np.uint64)
    hashes[at] = values
    begin = np.zeros(len(hashes), np.int64)
    end = np.zeros(len(hashes), np.int64)
    begin[at], end[at] = start, stop
    return hashes, begin, end, bounds


def _grams(hashes: U64, bounds: Ints, bits: int) -> tuple[NDArray[np.int64], Ints]:
    """Buckets of the n-grams that begin with each token, and its place in its sentence.

    The mark that begins the next sentence also ends this one: the pair of the last word and that
    mark is an n-gram, and nothing reaches past it.
    """
    size = len(hashes)
    shift = np.uint64(64 - bits)
    one = np.full(size + 2, _BEGIN, np.uint64)
    one[:size] = hashes
    pair = hashes * _M1 + one[1 : size + 1] * _M2
    pair ^= pair >> np.uint64(31)
    triple = (pair + one[2:]) * _M3
    lead = (pair + _M4) * _M4
    out = np.empty((4, size), np.int64)
    out[0] = ((hashes ^ (hashes >> np.uint64(29))) * _M4) >> shift
    out[1] = (pair * _M3) >> shift
    out[2] = (triple ^ (triple >> np.uint64(30))) * _M1 >> shift
    out[3] = (lead ^ (lead >> np.uint64(30))) * _M1 >> shift
    lasts = bounds[1:] - 1
    out[2][lasts] = -1
    place = np.arange(size) - np.repeat(bounds[:-1], np.diff(bounds))
    out[3][place > FIRST] = -1
    out[3][lasts] = -1
    return out, place
