"""Reading labelled traces of another lab into the log of annotations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from analysis import limits
from analysis.annotation.reading import Said, annotator_of, identity, offset_in, statements
from analysis.errors import CotscopeError, InputError
from analysis.store.annotations import Entry, write
from analysis.store.connection import Store


@dataclass(slots=True)
class AnnotationReport:
    """What became of the records of files."""

    records: int = 0
    traces: int = 0
    """Records whose trace is in the store."""
    entries: int = 0
    """New entries of the log."""
    unknown: list[str] = field(default_factory=list)
    """Ids of records whose text no trace of the store has."""
    bad: list[str] = field(default_factory=list)
    """What was wrong with records that could not be read; nothing of them was written."""


def import_annotations(
    store: Store, path: Path, *, annotator: str | None = None
) -> AnnotationReport:
    """Read a JSONL file, or every one of a folder. A record belongs to the trace with its text.

    ``annotator`` stands in for the names in the records. Reading a file again adds nothing. Bad
    records are told in the report; raises ``InputError`` where there is no file to read.
    """
    report = AnnotationReport()
    for where, line in _lines(path):
        report.records += 1
        try:
            record = orjson.loads(line)
            if not isinstance(record, dict):
                raise InputError(f"{where}: it is no JSON object.")
            said = statements(record, where)
            name = annotator or annotator_of(record)
            found = _trace_of(store, record)
            if found is None:
                report.unknown.append(str(record.get("trace_id"))[:200])
                continue
            trace_id, text, shift = found
            entries = _entries(said, trace_id, len(text), shift, name, where.split(",")[0])
            before = _count(store, trace_id)
            write(store, entries)
            report.entries += _count(store, trace_id) - before
            report.traces += 1
        except orjson.JSONDecodeError as error:
            report.bad.append(f"{where}: it is no JSON ({error}).")
        except CotscopeError as error:
            report.bad.append(error.message)
    return report


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not files[0].is_file():
        raise InputError(f"There is no labelled JSONL file at {path}.")
    for file in files:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    where = f"{file.name}, line {number:,}"
                    yield where, line if len(line) <= limits.MAX_LINE_BYTES else b"too long"


def _trace_of(store: Store, record: Mapping[str, Any]) -> tuple[str, str, int] | None:
    """The trace with this text: (id, its text, where it begins in the record's)."""
    wanted = record["reasoning"]
    # An import may have taken a tag or white space off the front or end: a few characters.
    rows = store.rows(
        "SELECT trace_id, unpack_text(reasoning_packed) FROM trace_row"
        " WHERE (trace_id = $id OR external_id = $id OR external_id = $external)"
        " AND reasoning_chars <= $n",
        _keys(record),
    ) or store.rows(
        "SELECT trace_id, unpack_text(reasoning_packed) FROM trace_row WHERE reasoning_chars = $n"
        " ORDER BY trace_id",
        {"n": len(wanted)},
    )
    for trace_id, text in rows:
        shift = offset_in(wanted, text or "")
        if shift is not None:
            return trace_id, text, shift
    return None


def _keys(record: Mapping[str, Any]) -> dict[str, Any]:
    external = record.get("external_id")
    return {
        "id": str(record.get("trace_id")),
        "external": str(external) if external else str(record.get("trace_id")),
        "n": len(record["reasoning"]),
    }


def _entries(
    said: list[Said], trace_id: str, length: int, shift: int, name: str, file: str
) -> list[Entry]:
    batch = identity((trace_id, name, file))
    entries = []
    for number, one in enumerate(said):
        moved = one if one.kind == "finish" else one.moved(shift)
        # What lies in a part that the import took away says nothing of the trace.
        start, end = max(0, moved.start), min(length, moved.end)
        if one.kind != "finish" and start >= end:
            continue
        entries.append(
            Entry(
                trace_id,
                name,
                one.kind,
                label=None if one.kind == "finish" else one.label,
                start=None if one.kind == "finish" else start,
                end=None if one.kind == "finish" else end,
                value=one.label if one.kind == "finish" else None,
                target=Said(one.kind, one.label, start, end).target,
                annotation_id=identity((trace_id, name, one, number)),
                batch_id=batch,
                source=f"import:{file}"[:200],
            )
        )
    return entries


def _count(store: Store, trace_id: str) -> int:
    values = {"id": trace_id}
    return int(store.scalar("SELECT count(*) FROM annotation WHERE trace_id = $id", values))
