"""Texts that are looked at together: their sentences as arrays over one joined text.

What numpy is asked to do costs more for each call than for each sentence, so short traces are put
together. Nothing goes across the end of a text: every feature and rule of a sentence is the same as
when its text stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.tokens import code_points
from analysis.model import Document, Sentence

Ints = NDArray[np.int64]

BLOCK_CHARS = 200_000
"""Texts are put together up to so many characters: with more, little more is saved."""
BETWEEN = "\0"
"""Stands between texts; it is no letter and no mark, and belongs to no sentence."""
_START, _END = attrgetter("start"), attrgetter("end")


@dataclass(frozen=True, slots=True)
class Block:
    """Texts, joined, and their sentences, numbered through."""

    text: str
    offset: Ints
    """Where each text begins."""
    size: Ints
    """Characters of each text."""
    starts: Ints
    """Where each sentence begins in ``text``."""
    ends: Ints
    trace: Ints
    """The text that each sentence belongs to."""
    first: Ints
    """The first sentence of each text, and the number of all."""
    questions: tuple[str | None, ...]
    codes: NDArray[np.uint32]
    """The characters of ``text``."""

    @property
    def count(self) -> int:
        """Sentences."""
        return len(self.starts)

    @property
    def index(self) -> Ints:
        """The number of each sentence in its own text."""
        return np.arange(self.count) - self.first.take(self.trace)

    def same(self, step: int) -> NDArray[np.bool_]:
        """For each sentence that has one ``step`` further on: whether that is of the same text."""
        found: NDArray[np.bool_] = self.trace[step:] == self.trace[:-step]
        return found


def block_of(
    texts: Sequence[str],
    sentences: Sequence[Sequence[Sentence]],
    questions: Sequence[str | None],
) -> Block:
    """A block of texts with the sentences that tile each of them, and the questions they answer."""
    size = np.fromiter(map(len, texts), np.int64, len(texts))
    offset = np.cumsum(size + 1) - (size + 1)
    number = np.fromiter(map(len, sentences), np.int64, len(texts))
    first = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(number, out=first[1:])
    trace = np.repeat(np.arange(len(texts)), number)
    every = [sentence for some in sentences for sentence in some]
    shift = offset.take(trace)
    starts = np.fromiter(map(_START, every), np.int64, len(every)) + shift
    ends = np.fromiter(map(_END, every), np.int64, len(every)) + shift
    text = BETWEEN.join(texts)
    codes = code_points(text)
    return Block(text, offset, size, starts, ends, trace, first, tuple(questions), codes)


def block_of_documents(documents: Sequence[Document]) -> Block:
    """A block of documents."""
    return block_of(
        [d.reasoning for d in documents],
        [d.sentences for d in documents],
        [d.question for d in documents],
    )


def in_blocks(documents: Sequence[Document]) -> Iterator[Sequence[Document]]:
    """The documents, in order, in groups of at most ``BLOCK_CHARS`` (but at least one document)."""
    begin = size = 0
    for end, document in enumerate(documents):
        if end > begin and size + len(document.reasoning) > BLOCK_CHARS:
            yield documents[begin:end]
            begin, size = end, 0
        size += len(document.reasoning)
    if documents:
        yield documents[begin:]
