"""A run: questions x efforts x samples through an engine into the store.

Every finished trace is on the disk before the next thing happens (``journal``), and goes into the
store through the importer like any file. So a killed run loses none, a resumed run makes only what
is missing, and a stopped one keeps what it has.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.engines.journal import Journal, runs_folder
from analysis.engines.monitor import Monitor
from analysis.engines.plans import Job, Plan, check_engine, jobs_of, plan_id, runs_of
from analysis.engines.protocol import Engine, EngineError, UnsafeAddressError
from analysis.engines.tracing import make_line
from analysis.errors import Cancelled
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.importing import import_file

FAILURES_IN_A_ROW = 8
"""After so many the run stops: a server that is gone does not come back by being asked."""
_TELL_SECONDS = 0.5
_IMPORT_SECONDS = 30.0
"""Finished traces are in the store after at most so long (or a full segment)."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """How a run ended."""

    run_id: str
    folder: str
    total: int
    done: int
    """Traces that are there, those of earlier sessions included."""
    new: int
    failed: int
    """New traces that ended with an error; a resume makes them again."""
    tokens: int
    seconds: float
    imported: int
    cancelled: bool = False
    stopped: str | None = None
    """Why the run stopped by itself before its end."""
    first_error: str | None = None
    """Of the new traces that failed, what the first one says."""

    @property
    def missing(self) -> int:
        """Traces that a resume would make."""
        return self.total - self.done


@dataclass(slots=True)
class Session:
    """One session of a run, while it goes on."""

    store: Store
    journal: Journal
    monitor: Monitor
    progress: ProgressCallback
    cancel: CancelToken
    importer: ThreadPoolExecutor
    """One thread, so that nobody waits for the store while the model could think."""
    new: int = 0
    failed: int = 0
    in_a_row: int = 0
    tokens: int = 0
    imported: int = 0
    stopped: str | None = None
    first_error: str | None = None
    fault: Exception | None = None
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0
    stored: float = field(default_factory=time.monotonic)
    importing: list[Future[int]] = field(default_factory=list)

    def judge(self, line: dict[str, Any]) -> None:
        """Whether the run should go on after this trace."""
        failed = line.get("error") is not None
        self.failed += failed
        if failed and self.first_error is None:
            self.first_error = str(line["error"])
        self.in_a_row = self.in_a_row + 1 if failed else 0
        if failed and self.in_a_row >= FAILURES_IN_A_ROW and self.stopped is None:
            self.stopped = f"{self.in_a_row} requests in a row failed; the last: {line['error']}"

    def take(self, line: dict[str, Any], job: Job) -> None:
        """Write one finished trace down, and into the store from time to time."""
        full = self.journal.append(line)
        tokens = line.get("completion_tokens")
        self.monitor.end(job, failed=line.get("error") is not None, tokens=tokens)
        self.new += 1
        self.tokens += tokens or 0
        if full or time.monotonic() - self.stored > _IMPORT_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Everything that is finished goes into the store, soon; raises what came of it before."""
        self.stored = time.monotonic()
        path = self.journal.seal()
        if path is not None:
            self.importing.append(self.importer.submit(_import, self.store, self.journal, path))
        while self.importing and self.importing[0].done():
            self.imported += self.importing.pop(0).result()

    def end(self) -> None:
        """Everything that is finished is in the store when this returns."""
        self.keep()
        while self.importing:
            self.imported += self.importing.pop(0).result()

    def tell(self) -> None:
        """How far it is, for whoever watches."""
        now = time.monotonic()
        if now - self.told >= _TELL_SECONDS:
            self.told = now
            self.progress(self.monitor.progress())


Work = Callable[[Session, Engine, Plan, list[Job], int], None]
"""Makes the traces of the jobs and hands each to the session; returns when all is done or stopped."""


def execute(
    store: Store,
    engine: Engine,
    plan: Plan,
    *,
    resume: bool = False,
    concurrency: int | None = None,
    work: Work | None = None,
    began: Callable[[Path], None] | None = None,
    monitor: Callable[[Monitor], None] | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> RunReport:
    """Run a plan; its finished traces are in the store when this returns, also when it is stopped.

    ``resume`` goes on with the last run of the same plan, making what is missing or failed; without
    it a new run begins. ``concurrency`` None is what the engine is good for. ``work`` is what makes the traces
    in place of threads of this process. ``began`` is given the run's folder before anything is asked,
    ``monitor`` the object that tells how it goes.
    Raises ``UnsupportedError`` before anything is asked of the model.
    """
    plan.check()
    check_engine(plan, engine)
    description = plan.describe(engine)
    journal = _journal(store.path, description, resume)
    known = sum(_import(store, journal, path) for path in journal.recover())
    done = {line["key"] for line in journal.lines() if not line.get("error") and "key" in line}
    watch = Monitor(plan.total, 0)
    jobs = [job for job in jobs_of(plan, engine) if job.key not in done]
    watch = Monitor(plan.total, plan.total - len(jobs))
    if monitor is not None:
        monitor(watch)
    journal.describe(description)
    if began is not None:
        began(journal.folder)
    width = concurrency or engine.capabilities().concurrency
    with ThreadPoolExecutor(1, thread_name_prefix="import") as importer:
        session = Session(
            store, journal, watch, progress, cancel or CancelToken(), importer, imported=known
        )
        try:
            (work or _work)(session, engine, plan, jobs, width)
        finally:
            session.end()
            watch.finish()
            progress(watch.progress())
    return RunReport(
        run_id=journal.run_id,
        folder=str(journal.folder),
        total=plan.total,
        done=plan.total - len(jobs) + session.new - session.failed,
        new=session.new,
        failed=session.failed,
        tokens=session.tokens,
        seconds=time.monotonic() - session.began,
        imported=session.imported,
        cancelled=session.cancel.cancelled and session.new < len(jobs),
        stopped=session.stopped,
        first_error=session.first_error,
    )


def recover_all(store: Store) -> int:
    """Put into the store what killed runs of this database have left; how many traces that were."""
    folder = runs_folder(store.path)
    if not folder.is_dir():
        return 0
    found = 0
    for child in sorted(p for p in folder.iterdir() if p.is_dir()):
        journal = Journal(child)
        if any(child.glob("*.open")) or not (child / "imported").exists():
            found += sum(_import(store, journal, path) for path in journal.recover())
    return found


def _work(session: Session, engine: Engine, plan: Plan, jobs: list[Job], width: int) -> None:
    """Up to ``width`` traces at a time; the next one begins when one is finished."""
    own = CancelToken()  # ends the other requests when the run stops by itself

    def make(job: Job) -> dict[str, Any]:
        session.monitor.start(job)
        return make_line(engine, plan, job, session.journal.run_id, session.monitor.event, own)

    waiting: Iterator[Job] = iter(jobs)
    running: dict[Future[dict[str, Any]], Job] = {}
    ended: queue.SimpleQueue[Future[dict[str, Any]]] = queue.SimpleQueue()
    lines: list[tuple[dict[str, Any], Job]] = []
    with ThreadPoolExecutor(max_workers=max(1, width), thread_name_prefix="run") as pool:
        try:
            while True:
                if session.cancel.cancelled:
                    own.cancel()
                stop = own.cancelled or session.stopped is not None or session.fault is not None
                while not stop and len(running) < width and (job := next(waiting, None)):
                    future = pool.submit(make, job)
                    running[future] = job
                    future.add_done_callback(ended.put)
                # The next requests are on their way before the finished ones are written down.
                while lines:
                    session.take(*lines.pop(0))
                session.tell()
                if not running:
                    break
                judged = [_judged(session, f, running.pop(f)) for f in _some(ended)]
                lines = [one for one in judged if one is not None]
        except BaseException:
            own.cancel()
            raise
    if session.fault is not None:
        raise session.fault


def _some(ended: queue.SimpleQueue[Future[Any]]) -> list[Future[Any]]:
    """Those that have ended; none after a short while."""
    found: list[Future[Any]] = []
    try:
        found.append(ended.get(timeout=0.2))
        while True:
            found.append(ended.get_nowait())
    except queue.Empty:
        return found


def _judged(
    session: Session, future: Future[dict[str, Any]], job: Job
) -> tuple[dict[str, Any], Job] | None:
    """What a request gave; None for nothing. What cannot go well for any request ends the run."""
    try:
        line = future.result()
    except Cancelled:
        session.monitor.drop(job)
        return None
    except Exception as error:  # noqa: BLE001 - is raised, once what else is finished is written
        session.monitor.drop(job)
        if isinstance(error, EngineError) and not isinstance(error, UnsafeAddressError):
            session.stopped = session.stopped or str(error)
        else:
            session.fault = session.fault or error
        return None
    session.judge(line)
    return line, job


def _journal(database: Path, description: dict[str, Any], resume: bool) -> Journal:
    folder = runs_folder(database)
    names = [p.name for p in folder.iterdir()] if folder.is_dir() else []
    own = runs_of(description, names)
    if resume and own:
        return Journal(folder / own[-1])
    number = int(own[-1].rpartition("-")[2]) + 1 if own else 1
    return Journal(folder / f"{plan_id(description)}-{number}")


def _import(store: Store, journal: Journal, path: Path) -> int:
    """How many new traces a sealed segment gave the store."""
    report = import_file(store, path, name=f"run {journal.run_id} {path.name}")
    return 0 if report.already else report.n_traces
