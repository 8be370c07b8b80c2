"""What the Reader shows: one trace with its sentences, findings and metrics."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import orjson

from analysis.annotation.words import Annotation
from analysis.store.annotations import log_of
from analysis.store.connection import Store
from analysis.store.traces import one_trace


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """A sentence of the reasoning and the thought that it belongs to."""

    index: int
    start: int
    end: int
    thought: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding as the Reader needs it."""

    analyzer: str
    version: str
    label: str
    start: int
    end: int
    score: float
    value: str | None
    evidence: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReaderView:
    """One trace, whole. ``trace`` has the columns of table ``trace``."""

    trace: dict[str, Any]
    file_name: str
    sentences: tuple[SentenceRow, ...]
    findings: tuple[FindingRow, ...]
    metrics: dict[str, float | str | None]
    warnings: tuple[tuple[str, str], ...]
    failures: tuple[tuple[str, str], ...]
    """(analyzer, reason) of analyses that failed or were skipped."""
    log: tuple[Annotation, ...] = ()
    """What people said of the trace, oldest first, withdrawn entries included."""


def reader_view(store: Store, trace_id: str) -> ReaderView | None:
    """Everything about one trace, or None when there is no such trace."""
    key = {"id": trace_id}
    trace = one_trace(store, trace_id)
    if trace is None:
        return None
    trace["metadata"] = orjson.loads(trace["metadata"])
    sentences = store.rows(
        "SELECT sentence_index, char_start, char_end, thought_index FROM sentence"
        " WHERE trace_id = $id ORDER BY sentence_index",
        key,
    )
    findings = store.rows(
        "SELECT analyzer, analyzer_version, label, char_start, char_end, score, value, evidence"
        " FROM finding WHERE trace_id = $id ORDER BY char_start, char_end, label, analyzer",
        key,
    )
    metrics = store.rows(
        "SELECT name, value, text FROM metric WHERE trace_id = $id ORDER BY name", key
    )
    warnings = store.rows(
        "SELECT code, detail FROM warning WHERE trace_id = $id ORDER BY code, detail", key
    )
    failures = store.rows(
        "SELECT analyzer, error FROM analysis WHERE trace_id = $id AND status <> 'ok'"
        " ORDER BY analyzer",
        key,
    )
    name = store.scalar("SELECT name FROM file WHERE file_id = $id", {"id": trace["file_id"]})
    return ReaderView(
        trace=trace,
        file_name=str(name),
        sentences=tuple(SentenceRow(*row) for row in sentences),
        findings=tuple(_finding(row) for row in findings),
        metrics={name: value if text is None else text for name, value, text in metrics},
        warnings=tuple(warnings),
        failures=tuple(failures),
        log=tuple(log_of(store, trace_id)),
    )


def with_new_log(store: Store, view: ReaderView) -> ReaderView:
    """The same view with what people said meanwhile; nothing else is read again."""
    return replace(view, log=tuple(log_of(store, view.trace["trace_id"])))


def _finding(row: tuple[Any, ...]) -> FindingRow:
    analyzer, version, label, start, end, score, value, evidence = row
    return FindingRow(analyzer, version, label, start, end, score, value, orjson.loads(evidence))
