"""What the Library page shows: data sets, files, quarantine, warnings."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from analysis.store.connection import Store


@dataclass(frozen=True, slots=True)
class Totals:
    """What is in the store."""

    traces: int
    questions: int
    datasets: int
    findings: int
    quarantined: int
    warnings: int
    failed: int
    """(trace, analyzer) pairs whose analysis failed."""


def totals(store: Store) -> Totals:
    """Counts over the whole store."""
    row = store.rows(
        "SELECT (SELECT count(*) FROM trace), (SELECT count(DISTINCT question_key) FROM trace),"
        " (SELECT count(DISTINCT dataset) FROM trace), (SELECT count(*) FROM finding),"
        " (SELECT count(*) FROM quarantine), (SELECT count(*) FROM warning),"
        " (SELECT count(*) FROM analysis WHERE status = 'failed')"
    )[0]
    return Totals(*row)


def datasets(store: Store) -> pa.Table:
    """One row a data set: traces, questions, models, efforts, correct/judged, median length."""
    return store.query("datasets")


def files(store: Store) -> pa.Table:
    """One row a file: what it gave and whether it was read to its end."""
    return store.query("files")


def quarantine(store: Store, *, limit: int = 200, offset: int = 0) -> pa.Table:
    """Bytes that could not become a record, with file, line, reason."""
    return store.query("quarantine_list", {"limit": limit, "offset": offset})


def warning_counts(store: Store) -> pa.Table:
    """Repairs and doubts of the readers, counted by code."""
    return store.query("warning_counts")


def failures(store: Store, *, limit: int = 200) -> pa.Table:
    """(trace, analyzer) pairs that failed, with the reason."""
    return store.arrow(
        "SELECT analyzer, analyzer_version, trace_id, error FROM analysis"
        " WHERE status = 'failed' ORDER BY analyzer, trace_id LIMIT $limit",
        {"limit": limit},
    )
