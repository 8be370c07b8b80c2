"""Is the cost of a function linear in its input? A ratio of CPU times, safe on a busy machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

TRIES = 5
FLOOR_S = 0.004
"""Shorter runs are all noise."""


def assert_linear(run: Callable[[int], Callable[[], object]], small: int, times: int = 4) -> None:
    """``run(size)`` prepares work on an input of that size and returns it.

    Work on ``times`` as much may cost up to 2.25 times its share; a square would cost ``times``
    times its share. A neighbour on the machine can only make one measurement worse, so the best
    of several counts, and one good pair is enough.
    """
    limit = 2.25 * times
    ratio = 0.0
    little, much = run(small), run(small * times)
    for _ in range(TRIES):
        ratio = _seconds(much) / max(_seconds(little), FLOOR_S)
        if ratio < limit:
            return
    raise AssertionError(f"{times} times the input cost {ratio:.1f} times as much")


def _seconds(work: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()  # its cost depends on what other tests left behind
    try:
        best = float("inf")
        for _ in range(2):
            began = time.process_time()
            work()
            best = min(best, time.process_time() - began)
        return best
    finally:
        gc.enable()
