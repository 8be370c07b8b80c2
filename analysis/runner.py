"""Running analyzers over a store: only what changed, in worker processes, one fault at a time.

A chunk of traces goes to a worker. When the chunk fails as a whole (a hang, a crash of the
process), its traces are tried one by one, then the analyzers of the guilty trace one by one, so
that only the guilty pair gets a failure row.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, TimeoutError
from dataclasses import dataclass, replace

from pebble import ProcessExpired, ProcessPool

from analysis import limits
from analysis.analyzers.documents import segmentation_hash
from analysis.analyzers.registry import all_analyzers
from analysis.analyzers.worker import SENTENCES, Job, JobResult, failed_job, run_jobs
from analysis.errors import UsageError
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.results import Plan, Wanted, count_pending, pending_jobs, save_results
from analysis.text.sentences import SEGMENTER_VERSION
from analysis.verifying import judge_answers

VERDICTS = "verdicts"
"""The name of the stage that judges answers."""


@dataclass(frozen=True, slots=True)
class AnalyzeReport:
    """What a run did. ``failures`` counts (trace, analyzer) pairs."""

    n_traces: int = 0
    n_findings: int = 0
    n_failures: int = 0
    first_error: str | None = None
    n_judged: int = 0
    n_undecided: int = 0
    """Of the answers judged in this run (``verifying``), those that nothing could decide."""


def wanted_analyzers(only: Sequence[str] | None = None) -> list[Wanted]:
    """What a complete analysis has, with versions; ``only`` narrows it by name.

    The stage ``VERDICTS`` is no analyzer, and may be named in ``only`` all the same. Raises ``UsageError`` for an unknown name.
    """
    segmentation = segmentation_hash()
    wanted = [Wanted(SENTENCES, SEGMENTER_VERSION, segmentation)]
    names = {SENTENCES}
    for analyzer in all_analyzers():
        names.add(analyzer.name)
        mixed = hashlib.sha256(f"{segmentation}\x00{analyzer.config_hash()}".encode())
        wanted.append(Wanted(analyzer.name, analyzer.version, mixed.hexdigest()[:16]))
    unknown = sorted(set(only or ()) - names - {VERDICTS})
    if unknown:
        raise UsageError(
            f"There is no analyzer {', '.join(unknown)}.",
            remedy=f"Known analyzers: {', '.join(sorted({*names, VERDICTS}))}.",
        )
    return [w for w in wanted if only is None or w.name in only]


def analyze(
    store: Store,
    *,
    only: Sequence[str] | None = None,
    workers: int | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> AnalyzeReport:
    """Judge the answers of the store, and bring every trace up to date with the analyzers.

    ``workers`` 0 runs in this process (no protection against hangs; for tests and notebooks);
    None takes one per core. Raises ``Cancelled`` when asked to stop; finished traces stay.
    """
    plan = Plan(tuple(wanted_analyzers(only)))
    cancel = cancel or CancelToken()
    report = AnalyzeReport()
    count = (os.cpu_count() or 1) if workers is None else workers
    if only is None or VERDICTS in only:
        # First, for analyzers see the verdict. Not more than two processes: few answers need one.
        judged = judge_answers(store, workers=min(count, 2), progress=progress, cancel=cancel)
        report = replace(report, n_judged=judged.n_judged, n_undecided=judged.n_undecided)
    total = count_pending(store, plan)
    if total:
        report = _analyze(store, plan, report, total, count, progress, cancel)
    return report


def _analyze(
    store: Store,
    plan: Plan,
    report: AnalyzeReport,
    total: int,
    count: int,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> AnalyzeReport:
    done = 0
    progress(Progress("Analysing", 0, total, "traces"))
    for results in _results(_chunks(pending_jobs(store, plan)), count, cancel):
        save_results(store, plan, results)
        done += len(results)
        report = _add(report, results)
        progress(Progress("Analysing", done, total, "traces", f"{report.n_findings:,} findings"))
    return report


def _results(
    chunks: Iterator[list[Job]], workers: int, cancel: CancelToken
) -> Iterator[list[JobResult]]:
    if workers <= 0:
        for chunk in chunks:
            cancel.raise_if_cancelled()
            yield run_jobs(chunk)
        return
    # "spawn": a fork would share the open database and the threads of the app with the worker.
    context = multiprocessing.get_context("spawn")
    with ProcessPool(max_workers=workers, context=context) as pool:
        try:
            yield from _pooled(pool, chunks, workers, cancel)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _pooled(
    pool: ProcessPool, chunks: Iterator[list[Job]], workers: int, cancel: CancelToken
) -> Iterator[list[JobResult]]:
    """Keep a bounded number of chunks in flight; results come in the order of the chunks."""
    waiting: list[tuple[list[Job], Future[list[JobResult]]]] = []
    exhausted = False
    while waiting or not exhausted:
        cancel.raise_if_cancelled()
        while not exhausted and len(waiting) < workers * 2:
            chunk = next(chunks, None)
            if chunk is None:
                exhausted = True
            else:
                waiting.append((chunk, _schedule(pool, chunk)))
        if waiting:
            chunk, future = waiting.pop(0)
            yield _collect(pool, chunk, future, cancel)


def _schedule(pool: ProcessPool, chunk: list[Job]) -> Future[list[JobResult]]:
    # The first task of a worker also pays for its imports. Few traces need their whole allowance,
    # so a chunk gets an eighth of it; when that was too little, its traces are tried one by one.
    seconds = limits.WORKER_START_SECONDS
    seconds += limits.ANALYZE_SECONDS_PER_TRACE * max(1, len(chunk) // 8)
    future: Future[list[JobResult]] = pool.schedule(run_jobs, args=[chunk], timeout=seconds)
    return future


def _collect(
    pool: ProcessPool, chunk: list[Job], future: Future[list[JobResult]], cancel: CancelToken
) -> list[JobResult]:
    try:
        return future.result()
    except (TimeoutError, ProcessExpired, CancelledError) as error:
        cancel.raise_if_cancelled()
        if len(chunk) > 1:
            singles = [_schedule(pool, [job]) for job in chunk]
            return [
                result
                for job, single in zip(chunk, singles, strict=True)
                for result in _collect(pool, [job], single, cancel)
            ]
        return [_blame(pool, chunk[0], error, cancel)]


def _blame(pool: ProcessPool, job: Job, error: BaseException, cancel: CancelToken) -> JobResult:
    """Run the analyzers of one trace apart, to find which one broke its worker."""
    if len(job.analyzers) == 1:
        return failed_job(job, _reason(error))
    parts = [
        _collect(pool, [one], _schedule(pool, [one]), cancel)[0]
        for one in (replace(job, analyzers=(name,)) for name in job.analyzers)
    ]
    segmented = next((part for part in parts if part.sentences), parts[0])
    outcomes = tuple(outcome for part in parts for outcome in part.outcomes)
    return JobResult(job.trace_id, segmented.sentences, segmented.thoughts, outcomes)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return f"needed longer than {limits.ANALYZE_SECONDS_PER_TRACE:g} s and was stopped"
    return f"its worker process ended ({type(error).__name__})"


def _chunks(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    chunk: list[Job] = []
    size = 0
    for job in jobs:
        chunk.append(job)
        size += len(job.reasoning or "")
        if len(chunk) >= limits.ANALYZE_CHUNK_TRACES or size >= limits.ANALYZE_CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _add(report: AnalyzeReport, results: Sequence[JobResult]) -> AnalyzeReport:
    outcomes = [outcome for result in results for outcome in result.outcomes]
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    first = f"{failed[0].analyzer}: {failed[0].error}" if failed else None
    return replace(
        report,
        n_traces=report.n_traces + len(results),
        n_findings=report.n_findings + sum(len(outcome.findings) for outcome in outcomes),
        n_failures=report.n_failures + len(failed),
        first_error=report.first_error or first,
    )
