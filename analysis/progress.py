"""How long work reports itself and is asked to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from analysis.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of long work: ``done`` of ``total`` (None when unknown) in ``unit``."""

    stage: str
    done: int
    total: int | None
    unit: str
    note: str = ""

    @property
    def fraction(self) -> float | None:
        """0..1, or None when the total is not known."""
        if not self.total:
            return None
        return min(1.0, self.done / self.total)


ProgressCallback = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """The default callback."""


class CancelToken:
    """Set from another thread; the work checks it between batches."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop at the next safe point."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise ``Cancelled`` when asked to stop."""
        if self.cancelled:
            raise Cancelled(
                "Stopped on request.", remedy="What was committed stays; run it again to go on."
            )
