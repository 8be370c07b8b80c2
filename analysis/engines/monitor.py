"""Where a run stands: counts, speed, time left, and the streams that are being written right now."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field

from analysis.engines.plans import Job
from analysis.engines.protocol import Content, Event, Reasoning, Token
from analysis.progress import Progress

_REMEMBERED_SECONDS = 20.0
_CHARS_A_TOKEN = 4
"""Where no token is told one by one, this many characters count as one."""
MAX_LIVE_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Live:
    """One trace in the making."""

    key: str
    question: str
    effort: str
    sample: int
    reasoning: str
    answer: str
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a run at one moment."""

    total: int
    done: int
    failed: int
    skipped: int
    """Of ``done``: traces that were there before (resumed)."""
    tokens: int
    tokens_per_second: float | None
    seconds_left: float | None
    live: tuple[Live, ...]
    finished: bool = False

    @property
    def progress(self) -> Progress:
        """The same for progress bars."""
        return _progress(self.done, self.total, self.tokens_per_second, self.failed)


@dataclass(slots=True)
class _Stream:
    job: Job
    began: float
    reasoning: list[str] = field(default_factory=list)
    answer: list[str] = field(default_factory=list)
    chars: int = 0
    tokens: int = 0

    @property
    def count(self) -> int:
        return self.tokens or -(-self.chars // _CHARS_A_TOKEN)


class Monitor:
    """Told by the run, asked by pages and the command line; thread-safe."""

    def __init__(self, total: int, skipped: int = 0) -> None:
        """``skipped`` of the ``total`` traces are there already."""
        self._lock = threading.Lock()
        self._total, self._skipped = total, skipped
        self._done = skipped
        self._failed = 0
        self._tokens = 0
        self._streams: dict[str, _Stream] = {}
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._ends: deque[tuple[float, int]] = deque([(time.monotonic(), skipped)])
        self._finished = False

    def start(self, job: Job) -> None:
        """A trace begins."""
        with self._lock:
            self._streams[job.key] = _Stream(job, time.monotonic())

    def event(self, job: Job, event: Event) -> None:
        """Something came of it."""
        with self._lock:
            stream = self._streams.get(job.key)
            if stream is None:
                return
            before = stream.count
            if isinstance(event, Token):
                stream.tokens += 1
            elif isinstance(event, Reasoning):
                stream.reasoning.append(event.text)
                stream.chars += len(event.text)
            elif isinstance(event, Content):
                stream.answer.append(event.text)
                stream.chars += len(event.text)
            self._tokens += stream.count - before

    def end(self, job: Job, *, failed: bool, tokens: int | None = None) -> None:
        """It is finished; ``tokens`` is the engine's own count."""
        now = time.monotonic()
        with self._lock:
            stream = self._streams.pop(job.key, None)
            if tokens is not None:
                self._tokens += tokens - (stream.count if stream else 0)
            self._done += 1
            self._failed += failed
            _remember(self._ends, now, self._done)

    def drop(self, job: Job) -> None:
        """It was stopped before its end."""
        with self._lock:
            self._streams.pop(job.key, None)

    def finish(self) -> None:
        """The run is over."""
        with self._lock:
            self._finished = True

    def snapshot(self) -> Snapshot:
        """How it stands now."""
        now = time.monotonic()
        with self._lock:
            _remember(self._marks, now, self._tokens)
            live = tuple(_live(s, now) for s in self._streams.values())
            speed = _rate(self._marks, now)
            pace = _rate(self._ends, now)
            left = (self._total - self._done) / pace if pace else None
            return Snapshot(
                self._total, self._done, self._failed, self._skipped, self._tokens, speed, left,
                live, self._finished,
            )  # fmt: skip

    def progress(self) -> Progress:
        """How far it is, for progress bars: ``snapshot`` without the texts, which may be long."""
        now = time.monotonic()
        with self._lock:
            _remember(self._marks, now, self._tokens)
            return _progress(self._done, self._total, _rate(self._marks, now), self._failed)


def _progress(done: int, total: int, speed: float | None, failed: int) -> Progress:
    words = [f"{speed:,.0f} tokens/s"] if speed else []
    words += [f"{failed:,} failed"] if failed else []
    return Progress("Running", done, total, "traces", ", ".join(words))


def _live(stream: _Stream, now: float) -> Live:
    job = stream.job
    reasoning, answer = "".join(stream.reasoning), "".join(stream.answer)
    return Live(
        job.key, job.question.text, job.level.name, job.sample, reasoning[:MAX_LIVE_CHARS],
        answer[:MAX_LIVE_CHARS], stream.count, now - stream.began,
    )  # fmt: skip


def _remember(marks: deque[tuple[float, int]], now: float, value: int) -> None:
    marks.append((now, value))
    while len(marks) > 2 and now - marks[1][0] > _REMEMBERED_SECONDS:
        marks.popleft()


def _rate(marks: deque[tuple[float, int]], now: float) -> float | None:
    first, had = marks[0]
    last = marks[-1][1]
    return (last - had) / (now - first) if now - first > 0.05 and last > had else None
