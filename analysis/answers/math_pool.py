"""math-verify in worker processes that are killed when a pair takes too long. Started when needed.

math-verify can hang, and its own time-outs answer "not equal" and work in main threads only: they are
off here, and a pair that needs longer than ``PAIR_SECONDS`` loses its process. Nothing that goes wrong
in a worker is ever read as "wrong answer".
"""

from __future__ import annotations

import atexit
import importlib.util
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, TimeoutError
from dataclasses import dataclass

from pebble import ProcessExpired, ProcessPool

from analysis import limits
from analysis.answers.math_worker import prepare, verify_pair

MAX_FAILURES = 5
"""After so many workers in a row that could not even start, no more are started."""


@dataclass(frozen=True, slots=True)
class PoolVerdict:
    """``state`` is 'equal', 'different' or 'unknown' (with the reason)."""

    state: str
    reason: str = ""


class MathPool:
    """A few long-lived workers; thread-safe. Close it, or use it in a ``with`` statement."""

    def __init__(self, workers: int = 1, seconds: float = limits.VERIFY_SECONDS_PER_PAIR) -> None:
        self._workers = workers
        self._seconds = seconds
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()
        self._cache: dict[tuple[str, str], PoolVerdict] = {}
        self._failures = 0

    @property
    def started(self) -> bool:
        """Whether any worker process was started."""
        return self._pool is not None

    def verify(self, gold: str, pred: str) -> PoolVerdict:
        """Ask a worker and wait."""
        return self.submit(gold, pred)()

    def submit(self, gold: str, pred: str) -> Callable[[], PoolVerdict]:
        """Ask a worker; the result of calling what is returned is the answer."""
        known = self._cache.get((gold, pred)) or _impossible(gold, pred)
        if self._failures >= MAX_FAILURES:
            known = PoolVerdict("unknown", "math-verify's worker process does not start")
        if known is not None:
            return lambda: known
        future = self._schedule(gold, pred)

        def wait() -> PoolVerdict:
            told = self._collect(future, gold, pred)
            if len(self._cache) < limits.VERIFY_CACHE_PAIRS:
                self._cache[gold, pred] = told
            return told

        return wait

    def close(self) -> None:
        """End the workers."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            pool.join()

    def __enter__(self) -> MathPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _schedule(self, gold: str, pred: str) -> Future[tuple[str, str]]:
        with self._lock:
            if self._pool is None or not self._pool.active:
                # "spawn": a fork would share open databases and the threads of the app.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPool(
                    max_workers=self._workers, context=context, initializer=prepare
                )
            # pebble counts from the start of the task; the imports are the initializer's.
            future: Future[tuple[str, str]] = self._pool.schedule(
                verify_pair, args=[gold, pred], timeout=self._seconds
            )
            return future

    def _collect(self, future: Future[tuple[str, str]], gold: str, pred: str) -> PoolVerdict:
        try:
            state, reason = future.result()
        except TimeoutError:
            return PoolVerdict("unknown", f"needed longer than {self._seconds:g} s and was stopped")
        except ProcessExpired:
            return PoolVerdict("unknown", "its worker process ended (out of memory?)")
        except CancelledError:
            return PoolVerdict("unknown", "was stopped")
        except Exception as error:  # noqa: BLE001 - whatever a worker raises is no verdict
            self._failures += 1
            return PoolVerdict("unknown", f"math-verify failed ({type(error).__name__})")
        self._failures = 0
        return PoolVerdict(state, reason)


def _impossible(gold: str, pred: str) -> PoolVerdict | None:
    """Why no worker can be asked; None where one can."""
    if max(len(gold), len(pred)) > limits.VERIFY_MAX_CHARS:
        return PoolVerdict("unknown", f"longer than {limits.VERIFY_MAX_CHARS:,} characters")
    if multiprocessing.parent_process() is not None:
        return PoolVerdict("unknown", "math-verify is not started from within a worker process")
    if importlib.util.find_spec("math_verify") is None:
        return PoolVerdict("unknown", "math-verify is not installed")
    return None


_shared: MathPool | None = None
_shared_lock = threading.Lock()


def shared_pool() -> MathPool:
    """The pool of this process, one worker; ended with the process."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = MathPool()
            atexit.register(_shared.close)
        return _shared
