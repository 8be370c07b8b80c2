"""Probing stored traces, imported ones too, with an engine that has their model.

Each trace is cut at chosen points and the answer is asked for at once (``probes``). What the model
says goes into the trace's record, where the measures of overthinking read it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from analysis.engines.plans import Plan, check_engine
from analysis.engines.presets import Level, Preset
from analysis.engines.probes import POINTS, run_probes
from analysis.engines.protocol import (
    Engine,
    EngineError,
    Marks,
    UnsafeAddressError,
    UnsupportedError,
)
from analysis.engines.questions import Question
from analysis.errors import Cancelled, UsageError
from analysis.filters import Filters
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.probes import ProbeTarget, probe_targets, save_probes
from analysis.store.traces import one_trace

FAILURES_IN_A_ROW = 8
_SAVE_TRACES = 50
_SAVE_SECONDS = 15.0


@dataclass(slots=True)
class ProbeReport:
    """What probing did, in traces."""

    probed: int = 0
    probes: int = 0
    """Answers that were asked for."""
    recorded: int = 0
    """Left as they are: they have probes."""
    other_model: int = 0
    """Left out: their record names another model, or none."""
    unreadable: int = 0
    """Left out: no question, or no reasoning of the model's own words."""
    revisions: int = 0
    """Left out: answers to a second turn, whose prompt is not kept whole."""
    failed: int = 0
    first_error: str | None = None
    cancelled: bool = False
    stopped: str | None = None


@dataclass(slots=True)
class _Run:
    store: Store
    engine: Engine
    preset: Preset
    where: str
    report: ProbeReport = field(default_factory=ProbeReport)
    ready: dict[str, str] = field(default_factory=dict)
    in_a_row: int = 0
    saved: float = field(default_factory=time.monotonic)

    def take(self, trace_id: str, future: Future[list[dict[str, Any]]]) -> None:
        """What came of one trace."""
        try:
            found = future.result()
        except Cancelled:
            return
        except (UnsafeAddressError, UnsupportedError):
            raise
        except EngineError as error:
            self.report.failed += 1
            self.in_a_row += 1
            self.report.first_error = self.report.first_error or str(error)
            if self.in_a_row >= FAILURES_IN_A_ROW:
                self.report.stopped = f"{self.in_a_row} traces in a row failed; the last: {error}"
            return
        self.in_a_row = 0
        self.report.probed += 1
        self.report.probes += len(found)
        self.ready[trace_id] = self._record(found)
        if len(self.ready) >= _SAVE_TRACES or time.monotonic() - self.saved > _SAVE_SECONDS:
            self.keep()

    def _record(self, found: list[dict[str, Any]]) -> str:
        by = {
            "model": self.engine.model, "engine": self.engine.name, "version": self.engine.version,
            "preset": self.preset.id, "where": self.where, "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        return orjson.dumps({"probed_by": by, "probes": found}).decode()

    def keep(self) -> None:
        """Everything that is ready goes into the store."""
        self.saved = time.monotonic()
        if self.ready:
            save_probes(self.store, self.ready)
            self.ready = {}


def probe_traces(
    store: Store,
    engine: Engine,
    preset: Preset,
    filters: Filters,
    where: str = "every10",
    *,
    replace: bool = False,
    any_model: bool = False,
    limit: int | None = None,
    concurrency: int | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ProbeReport:
    """Probe the traces that pass a filter; what is finished is in the store, also when stopped.

    Only traces of the engine's model, unless ``any_model``; those with probes only if ``replace``
    (their old ones are then gone). ``limit`` is how many are probed at most. Run the analysis
    afterwards. Raises ``UnsupportedError`` before anything is asked.
    """
    if where not in POINTS:
        raise UsageError(f"Probes are at {', '.join(POINTS)}, not {where!r}.")
    check_engine(Plan((Question("?", "?"),), preset, probes=where), engine)
    cancel = cancel or CancelToken()
    run = _Run(store, engine, preset, where)
    chosen = [t.trace_id for t in _chosen(run, filters, replace=replace, any_model=any_model)]
    chosen = chosen if limit is None else chosen[:limit]
    try:
        _work(run, chosen, concurrency or engine.capabilities().concurrency, progress, cancel)
    finally:
        run.keep()
    run.report.cancelled = cancel.cancelled
    return run.report


def _chosen(
    run: _Run, filters: Filters, *, replace: bool, any_model: bool
) -> Iterator[ProbeTarget]:
    """Those that can be probed; the others are counted."""
    for target in probe_targets(run.store, filters):
        if not any_model and not same_model(target.model, run.engine.model):
            run.report.other_model += 1
        elif not target.readable:
            run.report.unreadable += 1
        elif target.recorded and not replace:
            run.report.recorded += 1
        else:
            yield target


def same_model(one: str | None, other: str) -> bool:
    """Whether two names mean one model: the same last part, case ignored."""
    return one is not None and _short(one) == _short(other)


def _short(name: str) -> str:
    return name.strip().rstrip("/").rpartition("/")[2].casefold()


def _work(
    run: _Run, chosen: list[str], width: int, progress: ProgressCallback, cancel: CancelToken
) -> None:
    own = CancelToken()  # ends the other requests when this stops by itself
    running: dict[Future[list[dict[str, Any]]], str] = {}
    waiting = iter(chosen)
    done = 0
    with ThreadPoolExecutor(max_workers=max(1, width), thread_name_prefix="probe") as pool:
        try:
            while True:
                if cancel.cancelled or run.report.stopped:
                    own.cancel()
                while not own.cancelled and len(running) < width and (key := next(waiting, None)):
                    trace = one_trace(run.store, key) or {}
                    metadata = orjson.loads(trace.get("metadata") or "{}")
                    if _is_revision(metadata):
                        run.report.revisions += 1
                        done += 1
                        continue
                    running[pool.submit(_probe, run, trace, metadata, own)] = key
                if not running:
                    return
                ended, _ = wait(running, timeout=0.2, return_when=FIRST_COMPLETED)
                for future in ended:
                    run.take(running.pop(future), future)
                    done += 1
                progress(Progress("Probing", done, len(chosen), "traces"))
        except BaseException:
            own.cancel()
            raise


def _is_revision(metadata: dict[str, Any]) -> bool:
    strategy = metadata.get("strategy")
    return isinstance(strategy, dict) and "round" in strategy


def _probe(
    run: _Run, trace: dict[str, Any], metadata: dict[str, Any], cancel: CancelToken
) -> list[dict[str, Any]]:
    """The probes of one trace, asked as it was asked."""
    cancel.raise_if_cancelled()
    request = run.preset.request(
        str(trace["question"]), level_of(run.preset, trace, metadata), system=_system(run, trace)
    )
    return run_probes(
        run.engine,
        run.engine.render(request),
        str(trace["reasoning"]),
        run.where,
        marks=run.preset.marks or Marks(),
        form=run.preset.probe,
        cancel=cancel,
    )


def level_of(preset: Preset, trace: dict[str, Any], metadata: dict[str, Any]) -> Level:
    """The level that a trace was asked at, where the preset has it; else the preset's default."""
    asked = metadata.get("asked")
    stated = asked.get("effort") if isinstance(asked, dict) else None
    for name in (stated, trace.get("effort"), preset.default):
        if isinstance(name, str) and name in preset.levels:
            return preset.levels[name]
    return Level(preset.default)


def _system(run: _Run, trace: dict[str, Any]) -> str | None:
    """The trace's own system prompt, unless the preset writes the same."""
    text = trace.get("system_prompt")
    own = run.preset.system
    return None if not text or (own and own in text) else str(text)
