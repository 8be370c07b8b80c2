"""Running analyzers over a store: only what changed, in worker processes, one fault at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from analysis import limits
from analysis.analyzers.documents import segmentation_hash
from analysis.analyzers.registry import all_analyzers
from analysis.analyzers.worker import SENTENCES, Job, JobResult
from analysis.errors import UsageError
from analysis.pooling import analyzed
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.results import Plan, Wanted, count_pending, pending_jobs, save_results
from analysis.text.sentences import SEGMENTER_VERSION
from analysis.verifying import judge_answers

VERDICTS = "verdicts"
"""The name of the stage that judges answers."""
Through = Callable[[Iterator[list[Job]], CancelToken], Iterator[list[JobResult]]]
"""Chunks of traces to their results, in any order."""


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
    through: Through | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> AnalyzeReport:
    """Judge the answers of the store, and bring every trace up to date with the analyzers.

    ``workers`` 0 runs in this process (no protection against hangs; for tests and notebooks);
    None takes one per core. ``through`` is what analyses in place of processes of this machine.
    Raises ``Cancelled`` when asked to stop; finished traces stay.
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
        chunks = _chunks(pending_jobs(store, plan))
        made = through(chunks, cancel) if through else analyzed(chunks, count, cancel)
        report = _save(store, plan, report, total, made, progress)
    return report


def _save(
    store: Store,
    plan: Plan,
    report: AnalyzeReport,
    total: int,
    made: Iterator[list[JobResult]],
    progress: ProgressCallback,
) -> AnalyzeReport:
    done = 0
    progress(Progress("Analysing", 0, total, "traces"))
    for results in made:
        save_results(store, plan, results)
        done += len(results)
        report = _add(report, results)
        progress(Progress("Analysing", done, total, "traces", f"{report.n_findings:,} findings"))
    return report


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
