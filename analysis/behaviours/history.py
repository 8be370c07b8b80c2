"""Where values stood before: all at once, by sorting them."""

from __future__ import annotations

import numpy as np

from analysis.behaviours.block import Block
from analysis.behaviours.tokens import U64, Ints

_FEW = 4_096
"""So few values are sorted fastest as they are."""
_M = np.uint64(0x9FB21C651E98DF25)


def previous(hashes: U64) -> Ints:
    """For each value the index where it stood last before, or -1."""
    order = _order(hashes)
    ordered = hashes.take(order)
    out = np.full(len(hashes), -1, np.int64)
    same = np.flatnonzero(ordered[1:] == ordered[:-1])
    out[order.take(same + 1)] = order.take(same)
    return out


def _order(hashes: U64) -> Ints:
    """Indices that put equal values beside each other, in order of their index."""
    if len(hashes) < _FEW:
        return np.argsort(hashes, kind="stable")
    # By 48 bits of each, from the lowest: numpy sorts 16-bit numbers in linear time.
    order = np.argsort(hashes.astype(np.uint16), kind="stable")
    for shift in (16, 32):
        part = (hashes >> np.uint64(shift)).astype(np.uint16)
        order = order.take(np.argsort(part.take(order), kind="stable"))
    return order


def of_text(block: Block, hashes: U64, owner: Ints) -> U64:
    """The hashes, told apart where they stand in different texts of the block."""
    if len(block.size) == 1:
        return hashes
    salt = (np.arange(len(block.size)).astype(np.uint64) * _M) ^ _M
    return hashes ^ salt.take(block.trace.take(owner))


def first_of(hashes: U64) -> Ints:
    """For each value the index where it stands first."""
    order = _order(hashes)
    ordered = hashes.take(order)
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(order)])
    out = np.empty(len(order), np.int64)
    out[order] = np.repeat(order.take(begins), np.diff(begins, append=len(order)))
    return out
