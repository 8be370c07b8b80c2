"""What runs in a worker process: documents in, checked results out. Knows nothing of the store."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from analysis import limits
from analysis.analyzers.documents import make_document
from analysis.analyzers.protocol import Analyzer, ManyAnalyzer
from analysis.analyzers.registry import all_analyzers
from analysis.model import (
    Analysis,
    Document,
    Finding,
    FinishReason,
    Metric,
    ReasoningKind,
    Sentence,
    Thought,
)
from analysis.text.sentences import SEGMENTER

SENTENCES = SEGMENTER
"""The name under which segmentation is recorded beside the analyzers."""


@dataclass(frozen=True, slots=True)
class Job:
    """One trace and what to compute for it. Plain data, so that it crosses processes cheaply."""

    trace_id: str
    analyzers: tuple[str, ...]
    reasoning: str | None
    answer: str | None
    question: str | None
    gold_answer: str | None
    correct: bool | None
    model: str | None
    effort: str | None
    target_language: str | None
    truncated: bool
    reasoning_kind: str
    reasoning_tokens: int | None
    completion_tokens: int | None = None
    finish_reason_norm: str = "unknown"
    probes: str | None = None
    """JSON text, as the record has it."""
    solutions: str | None = None
    """JSON text of the object that holds a record's own list of solutions."""
    warnings: tuple[str, ...] | list[str] | None = None
    """Codes of the reader's warnings."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one analyzer gave for one trace."""

    analyzer: str
    status: str
    """ok | skipped | failed"""
    error: str | None = None
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class JobResult:
    """Everything computed for one trace."""

    trace_id: str
    sentences: tuple[Sentence, ...] = ()
    thoughts: tuple[Thought, ...] = ()
    outcomes: tuple[Outcome, ...] = field(default=())


@cache
def _registry() -> dict[str, Analyzer]:
    return {analyzer.name: analyzer for analyzer in all_analyzers()}


def run_jobs(jobs: Sequence[Job]) -> list[JobResult]:
    """Analyse each job. An analyzer's exception becomes its failure row; nothing else is lost."""
    made: dict[int, Document] = {}
    failed: dict[int, JobResult] = {}
    for number, job in enumerate(jobs):
        if not job.reasoning:
            reason = "the trace has no reasoning text"
            skipped = tuple(Outcome(name, "skipped", reason) for name in job.analyzers)
            failed[number] = JobResult(job.trace_id, outcomes=skipped)
            continue
        try:
            made[number] = _document(job)
        except Exception as error:  # noqa: BLE001 - becomes the failure row of every analyzer
            failed[number] = failed_job(job, f"segmentation failed: {type(error).__name__}")
    ready = _together(jobs, made)
    return [
        failed.get(number) or _result(job, made[number], ready) for number, job in enumerate(jobs)
    ]


def run_job(job: Job) -> JobResult:
    """Segment one trace and run its analyzers."""
    return run_jobs([job])[0]


def _together(jobs: Sequence[Job], made: Mapping[int, Document]) -> dict[tuple[str, int], Analysis]:
    """What analyzers that take many documents at once give, by analyzer and ``id`` of the document.

    Where one fails so, nothing of it stands here, and its documents are tried one by one.
    """
    ready: dict[tuple[str, int], Analysis] = {}
    for name, analyzer in _registry().items():
        if not isinstance(analyzer, ManyAnalyzer):
            continue
        some = [
            document
            for number, document in made.items()
            if name in jobs[number].analyzers and not _missing(analyzer, document)
        ]
        try:
            found = list(analyzer.analyze_many(some)) if len(some) > 1 else []
        except Exception:  # noqa: BLE001 - it is met again, one by one, by the guilty document
            continue
        if len(found) == len(some):
            pairs = zip(some, found, strict=True)
            ready.update(((name, id(document)), analysis) for document, analysis in pairs)
    return ready


def _result(job: Job, document: Document, ready: Mapping[tuple[str, int], Analysis]) -> JobResult:
    outcomes: list[Outcome] = []
    for name in job.analyzers:
        if name == SENTENCES:
            outcomes.append(Outcome(SENTENCES, "ok"))
        else:
            known = ready.get((name, id(document)))
            outcomes.append(_run_one(_registry()[name], document, known))
    return JobResult(job.trace_id, document.sentences, document.thoughts, tuple(outcomes))


def failed_job(job: Job, reason: str) -> JobResult:
    """Every analyzer of this job failed for the same reason."""
    return JobResult(
        job.trace_id, outcomes=tuple(Outcome(name, "failed", reason) for name in job.analyzers)
    )


def _document(job: Job) -> Document:
    return make_document(
        job.trace_id,
        job.reasoning,
        answer=job.answer,
        question=job.question,
        gold_answer=job.gold_answer,
        correct=job.correct,
        model=job.model,
        effort=job.effort,
        target_language=job.target_language,
        truncated=job.truncated,
        reasoning_kind=ReasoningKind(job.reasoning_kind),
        reasoning_tokens=job.reasoning_tokens,
        completion_tokens=job.completion_tokens,
        finish_reason=FinishReason(job.finish_reason_norm),
        probes=job.probes,
        solutions=job.solutions,
        warnings=job.warnings or (),
    )


def _missing(analyzer: Analyzer, document: Document) -> list[str]:
    return [need for need in sorted(analyzer.requires) if not getattr(document, need, None)]


def _run_one(analyzer: Analyzer, document: Document, known: Analysis | None) -> Outcome:
    missing = _missing(analyzer, document)
    if missing:
        return Outcome(analyzer.name, "skipped", f"the trace has no {', '.join(missing)}")
    try:
        result = analyzer.analyze(document) if known is None else known
        problem = check(analyzer, document, result)
    except Exception as error:  # noqa: BLE001 - one bad analyzer or trace never ends a run
        return Outcome(analyzer.name, "failed", f"{type(error).__name__}: {error}"[:500])
    if problem:
        return Outcome(analyzer.name, "failed", problem)
    return Outcome(analyzer.name, "ok", None, tuple(result.findings), tuple(result.metrics))


def check(analyzer: Analyzer, document: Document, result: object) -> str | None:
    """Why a result breaks the protocol, or None: undeclared names, spans out of bounds."""
    if not isinstance(result, Analysis):
        return f"returned {type(result).__name__}, not Analysis"
    if len(result.findings) > limits.MAX_FINDINGS_PER_ANALYZER:
        return f"returned {len(result.findings):,} findings for one trace"
    length = len(document.reasoning)
    for finding in result.findings:
        if finding.label not in analyzer.labels:
            return f"returned the undeclared label {finding.label!r}"
        if not 0 <= finding.start < finding.end <= length:
            return f"returned the span {finding.start}:{finding.end} of a text of {length}"
        if not 0.0 <= finding.score <= 1.0:
            return f"returned the score {finding.score}"
    declared = {spec.name for spec in analyzer.metrics}
    for metric in result.metrics:
        if metric.name not in declared:
            return f"returned the undeclared metric {metric.name!r}"
        if isinstance(metric.value, float) and not math.isfinite(metric.value):
            return f"returned {metric.value} for {metric.name!r}"
    return None
