"""What stands around a sentence, for the rules: its place, its paragraph, its numbers.

Nothing here knows a word of any language. All sentences of a text are looked at at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.block import Block
from analysis.behaviours.history import first_of, of_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NEWLINE, _EQUALS, _APPROX, _EQUALS_WIDE = 0x0A, 0x3D, 0x2248, 0xFF1D
_ASKS = (0x3F, 0xFF1F)
_POWERS = np.power(np.uint64(31), np.arange(41, dtype=np.uint64))


@dataclass(frozen=True, slots=True)
class Context:
    """One value a sentence."""

    length: Ints
    """Characters."""
    opens_paragraph: Flags
    """Stands after an empty line, or first."""
    asks: Flags
    """Has a question mark."""
    equals: Ints
    """Signs of equality."""
    numbers: Ints
    """Numbers, each occurrence."""
    new_numbers: Ints
    """Of these, such as no sentence before has."""
    place: Floats
    """How much of the text stands before it, 0..1."""


def context_of(block: Block) -> Context:
    """The context of every sentence of a block."""
    starts, ends, count = block.starts, block.ends, block.count
    codes = block.codes
    number_starts, values = _numbers(codes)
    owner = np.searchsorted(starts, number_starts, "right") - 1
    new = first_of(of_text(block, values, owner))
    new = np.flatnonzero(owner.take(new) == owner)
    # White space after a sentence belongs to it: an empty line ends the sentence before.
    breaks = np.zeros(count, np.int64)
    for back in range(1, 5):
        at = ends - back
        breaks += (codes.take(np.maximum(at, 0)) == _NEWLINE) & (at >= starts)
    opens = np.ones(count, np.bool_)
    opens[1:] = (breaks[:-1] >= 2) | ~block.same(1)
    return Context(
        ends - starts,
        opens,
        _marks(codes, _ASKS, starts) > 0,
        _marks(codes, (_EQUALS, _APPROX, _EQUALS_WIDE), starts),
        np.bincount(owner, minlength=count),
        np.bincount(owner.take(new), minlength=count),
        (starts - block.offset.take(block.trace)) / np.maximum(1, block.size).take(block.trace),
    )


def _marks(codes: NDArray[np.uint32], marks: Sequence[int], starts: Ints) -> Ints:
    """How many of the marks each sentence has."""
    found = codes == marks[0]
    for mark in marks[1:]:
        found |= codes == mark
    at = np.flatnonzero(found)
    return np.bincount(np.searchsorted(starts, at, "right") - 1, minlength=len(starts))


def _numbers(codes: NDArray[np.uint32]) -> tuple[Ints, NDArray[np.uint64]]:
    """Where each run of digits (with points and commas inside) begins, and a hash of its value."""
    digit = (codes >= 0x30) & (codes <= 0x39)
    at = np.flatnonzero(digit)
    if not len(at):
        return at, np.zeros(0, np.uint64)
    gap = np.diff(at)
    inner = np.zeros(len(gap), np.bool_)
    two = np.flatnonzero(gap == 2)
    between = codes[at[two] + 1]
    inner[two] = (between == 0x2E) | (between == 0x2C)
    begins = np.concatenate(([True], ~((gap == 1) | inner)))
    first = np.flatnonzero(begins)
    order = np.arange(len(at)) - np.repeat(first, np.diff(first, append=len(at)))
    factors = _POWERS.take(np.minimum(order, 40))
    point = np.concatenate(([False], inner)) & ~begins
    digits = (codes[at] - np.uint32(0x2F)).astype(np.uint64) + np.uint64(13) * point
    return at[first], np.add.reduceat(digits * factors, first)
