"""What an import gave, file by file: bad lines, warnings in words, data sets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from analysis.formats.codes import quarantine_text, warning_text
from analysis.store.connection import Store

_UNSAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code stands in a file, with what it means."""

    code: str
    meaning: str
    times: int
    traces: int
    """Traces that it is about; 0 for quarantined lines."""
    example: str


def quarantined(store: Store, file_ids: Sequence[str], *, limit: int = 200) -> pa.Table:
    """The first bad lines of these files: file, line, reason and the raw bytes' beginning."""
    return store.arrow(
        "SELECT f.name AS file, q.member, q.line_no, q.reason_code, q.reason, q.byte_start,"
        " q.byte_length, q.raw, q.raw_sha256 FROM quarantine q JOIN file f USING (file_id)"
        " WHERE list_contains($ids, q.file_id) ORDER BY f.name, q.member, q.record_index"
        " LIMIT $limit",
        {"ids": list(file_ids), "limit": limit},
    )


def quarantine_table(store: Store, file_ids: Sequence[str]) -> pa.Table:
    """All bad lines of these files, for a download: the raw bytes as text."""
    table = quarantined(store, file_ids, limit=1_000_000)
    raw = [data.decode("utf-8", "replace") for data in table.column("raw").to_pylist()]
    at = table.column_names.index("raw")
    return table.set_column(at, "raw", pa.array(raw, pa.string()))


def reasons(store: Store, file_ids: Sequence[str]) -> list[CodeCount]:
    """Why lines of these files were quarantined, the commonest first."""
    rows = store.rows(
        "SELECT reason_code, count(*), min(reason) FROM quarantine"
        " WHERE list_contains($ids, file_id) GROUP BY reason_code ORDER BY count(*) DESC, 1",
        {"ids": list(file_ids)},
    )
    return [CodeCount(c, quarantine_text(c, example), n, 0, example) for c, n, example in rows]


def warnings(store: Store, file_ids: Sequence[str]) -> list[CodeCount]:
    """What the readers repaired or doubted in these files, the commonest first."""
    rows = store.rows(
        "SELECT code, count(*), count(DISTINCT trace_id), min(detail) FROM warning"
        " WHERE list_contains($ids, file_id) GROUP BY code ORDER BY count(*) DESC, 1",
        {"ids": list(file_ids)},
    )
    return [
        CodeCount(code, warning_text(code, example), n, traces, example)
        for code, n, traces, example in rows
    ]


def known_files(store: Store, names: Sequence[tuple[str, int]]) -> list[str]:
    """Of files given by (name, bytes), the names of those that seem to be imported already."""
    rows = store.rows("SELECT DISTINCT name, bytes FROM file")
    known = {(name, size) for name, size in rows}
    return [name for name, size in names if (name, size) in known]


def file_stem(name: str) -> str:
    """A plain name made of a file's, for downloads and mappings."""
    stem = _UNSAFE_NAME.sub("-", name.split(".")[0]).strip("-. ")
    return stem[:40] or "mapping"
