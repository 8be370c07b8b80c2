"""Traces through worker processes, one fault at a time. Knows nothing of the store.

A chunk of traces goes to a worker. When the chunk fails as a whole (a hang, a crash of the
process), its traces are tried one by one, then the analyzers of the guilty trace one by one, so
that only the guilty pair gets a failure row.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, TimeoutError
from dataclasses import replace

from pebble import ProcessExpired, ProcessPool

from analysis import limits
from analysis.analyzers.worker import Job, JobResult, failed_job, run_jobs
from analysis.progress import CancelToken


def analyzed(
    chunks: Iterator[list[Job]], workers: int, cancel: CancelToken
) -> Iterator[list[JobResult]]:
    """The results of every chunk, in order; ``workers`` 0 runs in this process, unprotected."""
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
