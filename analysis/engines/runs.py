"""A run: questions x efforts x samples through an engine into the store.

Every finished trace is on the disk before the next thing happens (``journal``), and goes into the
store through the importer like any file. So a killed run loses none, a resumed run makes only what
is missing, and a stopped one keeps what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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

    @property
    def missing(self) -> int:
        """Traces that a resume would make."""
        return self.total - self.done


@dataclass(slots=True)
class _Session:
    """One session of a run, while it goes on."""

    store: Store
    journal: Journal
    monitor: Monitor
    progress: ProgressCallback
    cancel: CancelToken
    new: int = 0
    failed: int = 0
    in_a_row: int = 0
    tokens: int = 0
    imported: int = 0
    stopped: str | None = None
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0
    stored: float = field(default_factory=time.monotonic)

    def take(self, line: dict[str, Any], job: Job) -> None:
        """Write one finished trace down, and into the store from time to time."""
        failed = line.get("error") is not None
        full = self.journal.append(line)
        self.monitor.end(job, failed=failed, tokens=line.get("completion_tokens"))
        self.new += 1
        self.failed += failed
        self.in_a_row = self.in_a_row + 1 if failed else 0
        self.tokens += line.get("completion_tokens") or 0
        if failed and self.in_a_row >= FAILURES_IN_A_ROW and self.stopped is None:
            self.stopped = f"{self.in_a_row} requests in a row failed; the last: {line['error']}"
        if full or time.monotonic() - self.stored > _IMPORT_SECONDS:
            self.keep()

    def keep(self) -> None:
        """Everything that is finished goes into the store."""
        self.stored = time.monotonic()
        path = self.journal.seal()
        if path is not None:
            self.imported += _import(self.store, self.journal, path)

    def tell(self) -> None:
        now = time.monotonic()
        if now - self.told >= _TELL_SECONDS:
            self.told = now
            self.progress(self.monitor.snapshot().progress)


def execute(
    store: Store,
    engine: Engine,
    plan: Plan,
    *,
    resume: bool = False,
    concurrency: int | None = None,
    monitor: Callable[[Monitor], None] | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> RunReport:
    """Run a plan; its finished traces are in the store when this returns, also when it is stopped.

    ``resume`` goes on with the last run of the same plan, making what is missing or failed; without
    it a new run begins. ``concurrency`` None is what the engine is good for. ``monitor`` is given the
    object that tells how it goes. Raises ``UnsupportedError`` before anything is asked of the model.
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
    session = _Session(store, journal, watch, progress, cancel or CancelToken(), imported=known)
    try:
        _work(session, engine, plan, jobs, concurrency or engine.capabilities().concurrency)
    finally:
        session.keep()
        watch.finish()
        progress(watch.snapshot().progress)
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


def _work(session: _Session, engine: Engine, plan: Plan, jobs: list[Job], width: int) -> None:
    """Up to ``width`` traces at a time; the next one begins when one is finished."""
    own = CancelToken()  # ends the other requests when the run stops by itself

    def make(job: Job) -> dict[str, Any]:
        session.monitor.start(job)
        return make_line(engine, plan, job, session.journal.run_id, session.monitor.event, own)

    waiting: Iterator[Job] = iter(jobs)
    running: dict[Future[dict[str, Any]], Job] = {}
    with ThreadPoolExecutor(max_workers=max(1, width), thread_name_prefix="run") as pool:
        try:
            while True:
                if session.cancel.cancelled:
                    own.cancel()
                stop = own.cancelled or session.stopped is not None
                while not stop and len(running) < width and (job := next(waiting, None)):
                    running[pool.submit(make, job)] = job
                if not running:
                    return
                ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    _finish(session, future, running.pop(future))
                session.tell()
        except BaseException:
            own.cancel()
            raise


def _finish(session: _Session, future: Future[dict[str, Any]], job: Job) -> None:
    """Take what a request gave. What cannot go well for any request ends the run."""
    try:
        line = future.result()
    except Cancelled:
        session.monitor.drop(job)
        return
    except UnsafeAddressError:
        raise
    except EngineError as error:
        session.monitor.drop(job)
        session.stopped = session.stopped or str(error)
        return
    session.take(line, job)


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
