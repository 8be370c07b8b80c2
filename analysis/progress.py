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

    @property
    def amount(self) -> str:
        """What is done in words: '12.3 MB of 80.0 MB', '40 of 200 traces'."""
        if self.unit == "bytes":
            done = f"{self.done / 1e6:,.1f} MB"
            return f"{done} of {self.total / 1e6:,.1f} MB" if self.total else done
        return f"{self.done:,}" + (f" of {self.total:,}" if self.total else "") + f" {self.unit}"


ProgressCallback = Callable[[Progress], None]
_REMEMBERED_SECONDS = 20.0
"""How far back a rate looks: work that was resumed, or speeds up, is told as it goes now."""


class Pace:
    """How fast work goes and how long it will take, from the moments that it reports."""

    def __init__(self) -> None:
        self._stage = ""
        self._moments: tuple[tuple[float, int], ...] = ()
        """Replaced as a whole: another thread may be reading it."""

    def see(self, moment: Progress, now: float) -> None:
        """Take note of a moment at ``now`` (seconds of a clock that only goes on)."""
        known = self._moments
        if moment.stage != self._stage or (known and moment.done < known[-1][1]):
            self._stage, known = moment.stage, ()
        recent = tuple(m for m in known if now - m[0] <= _REMEMBERED_SECONDS)
        self._moments = (*(recent or known[-1:]), (now, moment.done))

    def words(self, moment: Progress) -> str:
        """'5.2 MB/s, 40 s left'; empty while too little is known."""
        known = self._moments
        if not known:
            return ""
        (first, had), (last, have) = known[0], known[-1]
        if last - first < 1 or have <= had:
            return ""
        rate = (have - had) / (last - first)
        told = f"{rate / 1e6:,.1f} MB/s" if moment.unit == "bytes" else f"{rate:,.0f}/s"
        if not moment.total or have >= moment.total:
            return told
        return f"{told}, {duration((moment.total - have) / rate)} left"


def duration(seconds: float) -> str:
    """'40 s', '3 min', '2 h 5 min'."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


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
