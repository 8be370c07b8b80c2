"""A run as work in the background of the app, and what pages can see of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from analysis.engines.choosing import Strategy
from analysis.engines.http_client import key_from_environment
from analysis.engines.monitor import Monitor
from analysis.engines.opening import Wanted, open_engine
from analysis.engines.plans import Plan
from analysis.engines.protocol import Engine
from analysis.engines.runs import RunReport, execute, recover_all
from analysis.engines.strategy_notes import note
from analysis.engines.strategy_runs import StrategyReport, prepared, run_strategies
from analysis.errors import Cancelled, StoreError
from analysis.progress import CancelToken, Progress, ProgressCallback
from analysis.runner import AnalyzeReport, analyze
from analysis.store import Store
from analysis.store.search_index import search_index
from analysis.ui.i18n import N_
from analysis.ui.jobs import Job, Work, get_jobs

TITLE = N_("Run")
PlanOf = Callable[[Engine], Plan]
"""The plan, once the engine says which model it has."""


@dataclass(frozen=True, slots=True)
class RunDone:
    """How a run and the analysis after it ended."""

    report: RunReport
    analysis: AnalyzeReport
    strategies: tuple[StrategyReport, ...] = ()
    datasets: tuple[str, ...] = ()


@dataclass(slots=True)
class Watch:
    """What pages see of a run while it goes on."""

    model: str = ""
    monitor: Monitor | None = None
    stop: CancelToken = field(default_factory=CancelToken)
    """Ends the run but not the analysis of what it made."""
    began: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class _Latest:
    watch: Watch | None = None
    job: Job | None = None


class _Either(CancelToken):
    """Cancelled when one of two is."""

    def __init__(self, one: CancelToken, other: CancelToken) -> None:
        super().__init__()
        self._both = (one, other)

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked."""
        return any(token.cancelled for token in self._both)


@st.cache_resource(show_spinner=False)
def _latest() -> _Latest:
    return _Latest()


def latest() -> tuple[Watch, Job] | None:
    """The run that goes on or ended last in this server process; None once it was dismissed."""
    kept = _latest()
    if kept.watch is None or kept.job is None or get_jobs().latest is not kept.job:
        return None
    return kept.watch, kept.job


def start(
    store: Store,
    wanted: Wanted,
    plan_of: PlanOf,
    *,
    resume: bool = False,
    api_key: str | None,
    strategies: Sequence[Strategy] = (),
) -> bool:
    """Start a run in the background; False when other work is going on."""
    watch = Watch()
    work = _work(store, wanted, plan_of, watch, resume, api_key, strategies)
    job = get_jobs().start(TITLE, work)
    if job is None:
        return False
    kept = _latest()
    kept.watch, kept.job = watch, job
    return True


def find_key(name: str) -> str | None:
    """The key that an environment variable or an entry of Streamlit's secrets holds.

    It goes to the engine and nowhere else. None without a name; raises ``EngineError`` where the
    name is no name of a variable, or nothing has it.
    """
    name = name.strip()
    if name.isidentifier() and not os.environ.get(name) and st.secrets.load_if_toml_exists():
        secret = st.secrets.get(name)
        if isinstance(secret, str) and secret.strip():
            return secret.strip()
    return key_from_environment(name or None)


def _work(
    store: Store,
    wanted: Wanted,
    plan_of: PlanOf,
    watch: Watch,
    resume: bool,
    api_key: str | None,
    strategies: Sequence[Strategy],
) -> Work:
    def work(progress: ProgressCallback, cancel: CancelToken) -> RunDone:
        stop = _Either(cancel, watch.stop)

        def tell(line: str) -> None:
            stop.raise_if_cancelled()
            progress(Progress("Starting", 0, None, "", line))

        tell("")
        recover_all(store)
        engine = open_engine(wanted, tell, api_key=api_key)
        try:
            watch.model = engine.model
            plan = prepared(plan_of(engine), strategies, engine)
            report = execute(
                store,
                engine,
                plan,
                resume=resume,
                concurrency=wanted.concurrency,
                began=lambda folder: note(folder, strategies),
                monitor=lambda monitor: setattr(watch, "monitor", monitor),
                progress=progress,
                cancel=stop,
            )
            chosen: list[StrategyReport] = []
            if strategies and not report.missing:
                chosen = run_strategies(
                    store,
                    engine,
                    plan,
                    report.run_id,
                    strategies,
                    resume=resume,
                    concurrency=wanted.concurrency,
                    monitor=lambda monitor: setattr(watch, "monitor", monitor),
                    progress=progress,
                    cancel=stop,
                )
        finally:
            engine.close()
        datasets = {q.dataset for q in plan.questions if q.dataset}
        done = _analyze(store, progress, cancel)
        return RunDone(report, done, tuple(chosen), tuple(sorted(datasets)))

    return work


def _analyze(store: Store, progress: ProgressCallback, cancel: CancelToken) -> AnalyzeReport:
    """Measure what is new; a stop here loses no trace, and the Library makes up for it."""
    report = AnalyzeReport()
    try:
        report = analyze(store, progress=progress, cancel=cancel)
    except Cancelled:
        return report
    try:
        search_index(store).update(progress, cancel)
    except (Cancelled, StoreError):
        # The run is done and is to be reported; the Search page goes on, and says what is wrong.
        return report
    return report
