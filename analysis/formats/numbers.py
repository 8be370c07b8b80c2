"""Numbers by what a reader may see in them: a switch, a count, a moment, a share."""

from __future__ import annotations

from math import isfinite

_EDGES = (2, 10**8, 2**31, 10**11, 2**53)
"""Counts, small and large; from 2**31 on no 32-bit count; from 1e11 on a moment is in ms."""
_STARTS = (40_000_007, 1_200_000_011, 40_000_000_003, 2_000_000_000_003)
_STRIDES = (100_003, 1_000_003, 100_000_007, 1_000_000_007)


def number_kind(number: int | float) -> str | None:
    """The kind of a free number; None for one that is told by its value."""
    if type(number) is int:
        for place in range(4):
            if _EDGES[place] <= number < _EDGES[place + 1]:
                return f"i{place}"
        return None
    if not isfinite(number) or number == int(number):
        return None
    if number < 0:
        return "f-" if number > -_EDGES[1] else None
    if number < 1:
        return "f0"
    for place in range(4):
        if (1 if place == 0 else _EDGES[place]) <= number < _EDGES[place + 1]:
            return f"f{place + 1}"
    return None


def stand_in(kind: str, rank: int) -> int | float:
    """A number of a kind, another for each rank (0, 1, ...) and larger for larger ones."""
    at = rank + 1
    spread = at * at * 31 + at * 7  # sums of two are unlike any third
    if kind[0] == "i":
        place = int(kind[1])
        return _STARTS[place] + spread * (_STRIDES[place] // 1000)
    if kind == "f-":
        return -1234.0 - spread - 0.13
    if kind == "f0":
        return 0.1234567 + spread * 1e-7
    place = int(kind[1]) - 1
    return float(_STARTS[place] + spread * (_STRIDES[place] // 1000)) + 0.375
