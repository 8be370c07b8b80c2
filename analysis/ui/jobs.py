"""Long work in the background of the app: one thread each, watched and stopped from any page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from analysis.errors import Cancelled, CotscopeError
from analysis.progress import CancelToken, Pace, Progress, ProgressCallback

Work = Callable[[ProgressCallback, CancelToken], Any]


@dataclass(slots=True)
class Job:
    """One piece of work. Read it from any thread; only its own thread writes."""

    title: str
    cancel: CancelToken = field(default_factory=CancelToken)
    progress: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    result: Any = None
    error: CotscopeError | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return not self.done.is_set()


class Jobs:
    """All jobs of this process. One at a time: they all write to the one store."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: Job | None = None

    @property
    def latest(self) -> Job | None:
        """The running job, else the one that ended last and was not dismissed."""
        return self._latest

    def start(self, title: str, work: Work) -> Job | None:
        """Start ``work`` unless something is running; then None."""
        with self._lock:
            if self._latest is not None and self._latest.running:
                return None
            job = Job(title)
            self._latest = job
        threading.Thread(target=_run, args=(job, work), name=title, daemon=True).start()
        return job

    def dismiss(self) -> None:
        """Forget the job that ended."""
        with self._lock:
            if self._latest is not None and not self._latest.running:
                self._latest = None


@st.cache_resource(show_spinner=False)
def get_jobs() -> Jobs:
    """The jobs of this server process."""
    return Jobs()


def _run(job: Job, work: Work) -> None:
    def report(moment: Progress) -> None:
        job.pace.see(moment, time.monotonic())
        job.progress = moment

    try:
        job.result = work(report, job.cancel)
    except Cancelled as stopped:
        job.error = stopped
    except CotscopeError as error:
        job.error = error
    except Exception as error:  # noqa: BLE001 - a thread has nobody else to tell
        job.error = CotscopeError(
            f"{job.title} failed: {type(error).__name__}.",
            remedy="What was committed stays. Please report this with the file that caused it.",
        )
        _log(job.title, error)
    finally:
        job.done.set()


def _log(title: str, error: BaseException) -> None:
    import logging

    # The trace of the code only: messages of exceptions may hold trace text.
    frames = []
    frame = error.__traceback__
    while frame is not None:
        code = frame.tb_frame.f_code
        frames.append(f"{code.co_filename}:{frame.tb_lineno} {code.co_name}")
        frame = frame.tb_next
    logging.getLogger("cotscope").error(
        "%s failed: %s at %s", title, type(error).__name__, " < ".join(reversed(frames))
    )
