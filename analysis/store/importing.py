"""Importing files: one transaction a batch, resumable after a kill, idempotent.

The place to resume from is written in the same transaction as the batch before it, so what the
database says is what it holds; the importer's own memory is never asked.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import analysis
from analysis import limits
from analysis.errors import InputError, UsageError
from analysis.formats.containers import Record, open_records
from analysis.formats.registry import FORMATS, FileHint, read_record
from analysis.model import Rejected, Trace, Warning_
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store import rows
from analysis.store.connection import Store, insert_arrow

TRACE_SUFFIXES = (".jsonl", ".ndjson", ".json", ".zip")
PACKED_SUFFIXES = (".gz", ".zst", ".xz", ".bz2")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one file gave. ``n_records == records of traces + n_quarantined``; blanks apart."""

    name: str
    file_id: str
    n_records: int = 0
    n_traces: int = 0
    n_quarantined: int = 0
    n_blank: int = 0
    already: bool = False
    resumed: bool = False
    error: str | None = None
    """Why the file was refused as a whole; None when it was read to its end."""


@dataclass(slots=True)
class _State:
    """Where the import of one file stands: exactly the counters of its ``file`` row."""

    file_id: str
    next_byte: int = 0
    next_line: int = 0
    next_index: int = 0
    n_records: int = 0
    n_traces: int = 0
    n_quarantined: int = 0
    n_blank: int = 0
    complete: bool = False


@dataclass(slots=True)
class _Batch:
    traces: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return (
            len(self.traces) + len(self.quarantine) >= limits.BATCH_TRACES
            or self.size >= limits.BATCH_BYTES
        )


@dataclass(frozen=True, slots=True)
class _Rules:
    """How the records of a file are read."""

    hint: FileHint
    format_id: str | None
    default_dataset: str


def expand_paths(arguments: Iterable[str | Path]) -> list[Path]:
    """Files named by paths, folders and globs, sorted and each once.

    A folder gives its trace files (by suffix, recursively, no hidden ones); a file named by itself
    is always taken. Raises ``InputError`` when an argument matches nothing.
    """
    found: dict[Path, None] = {}
    for argument in arguments:
        path = Path(argument).expanduser()
        if path.is_dir():
            matches = sorted(p for p in path.rglob("*") if p.is_file() and _is_trace_file(p, path))
        elif path.is_file():
            matches = [path]
        else:
            matches = _glob(str(path))
        if not matches:
            raise InputError(
                f"No trace file found at {argument}.",
                remedy="Name a file, a folder with .jsonl or .json files, or a quoted glob.",
            )
        found.update(dict.fromkeys(matches))
    return list(found)


def import_file(
    store: Store,
    path: Path,
    *,
    name: str | None = None,
    dataset: str | None = None,
    format_id: str | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportReport:
    """Import one file, or go on where an earlier import of the same bytes stopped.

    ``name`` is the label to show in place of the path's own name (an upload's). Raises
    ``Cancelled`` between batches when asked to stop; what is committed stays.
    """
    label = (name or path.name)[: limits.MAX_UPLOAD_NAME]
    cancel = cancel or CancelToken()
    size = path.stat().st_size
    file_id = _sha256(path, size, label, progress, cancel)
    state, known = _begin(store, file_id, label, size, dataset)
    if state.complete:
        return _report(state, label, already=True)
    rules = _Rules(FileHint(name=label, dataset=dataset), format_id, dataset or dataset_name(label))
    # Offsets count unpacked bytes, so how much is left is known for plain files only.
    total = None if label.lower().endswith((*PACKED_SUFFIXES, ".zip")) else size
    batch, error = _Batch(), None
    try:
        for record in _records(path, state):
            _take(record, batch, state, rules)
            if batch.full:
                _commit(store, batch, state)
                batch = _Batch()
                progress(_progress(label, state, state.next_byte, total))
                cancel.raise_if_cancelled()
    except InputError as refused:
        # The file cannot be read on (a bomb, a cut archive). What was read before it stays.
        error = str(refused)
        batch.warnings.append(_warning(file_id, None, "file_refused", error))
    state.complete = error is None
    _commit(store, batch, state)
    progress(_progress(label, state, size, size))
    return _report(state, label, resumed=known, error=error)


def dataset_name(label: str) -> str:
    """The data set of a file that does not say: its name without folders and known suffixes."""
    stem = label.replace("\\", "/").rsplit("/", 1)[-1]
    low = stem.lower()
    for suffixes in (PACKED_SUFFIXES, TRACE_SUFFIXES):
        for suffix in suffixes:
            if low.endswith(suffix) and len(stem) > len(suffix):
                stem, low = stem[: -len(suffix)], low[: -len(suffix)]
    return stem or "unnamed"


def _records(path: Path, state: _State) -> Iterator[Record]:
    return open_records(
        path,
        start_byte=state.next_byte,
        start_line=state.next_line,
        start_index=state.next_index,
    )


def _progress(label: str, state: _State, done: int, total: int | None) -> Progress:
    note = f"{state.n_traces:,} traces, {state.n_quarantined:,} quarantined"
    return Progress(f"Importing {label}", done, total, "bytes", note)


def _take(record: Record, batch: _Batch, state: _State, rules: _Rules) -> None:
    """Put one record where it belongs and move the resume point behind it."""
    state.next_byte = record.byte_end
    if record.line_no is not None:
        state.next_line = record.line_no
    if record.blank:
        state.n_blank += 1
        return
    state.next_index = record.index + 1
    state.n_records += 1
    result = record.rejected or read_record(
        record.value, hint=rules.hint, format_id=rules.format_id
    )
    if isinstance(result, Rejected):
        _quarantine(record, result, batch, state)
        return
    for part_index, trace in enumerate(result):
        _add_trace(record, part_index, trace, batch, state.file_id, rules.default_dataset)
    state.n_traces += len(result)
    batch.size += record.byte_end - record.byte_start


def _add_trace(
    record: Record, part: int, trace: Trace, batch: _Batch, file_id: str, default_dataset: str
) -> None:
    locator = f"L{record.line_no}" if record.line_no is not None else f"R{record.index}"
    trace_id = rows.trace_id(file_id, record.member, locator, part)
    place = {
        "trace_id": trace_id,
        "file_id": file_id,
        "member": record.member,
        "line_no": record.line_no,
        "record_index": record.index,
        "part_index": part,
    }
    batch.traces.append(rows.trace_row(trace, place, default_dataset))
    notes: tuple[Warning_, ...] = trace.warnings + (record.warnings if part == 0 else ())
    batch.warnings.extend(_warning(file_id, trace_id, n.code, n.detail) for n in notes)


def _quarantine(record: Record, rejected: Rejected, batch: _Batch, state: _State) -> None:
    raw = record.raw
    if not raw and record.value is not None:
        raw = rows.to_json(record.value).encode()
    batch.quarantine.append(
        {
            "file_id": state.file_id,
            "member": record.member,
            "line_no": record.line_no,
            "record_index": record.index,
            "byte_start": record.byte_start,
            "byte_length": record.byte_end - record.byte_start,
            "reason_code": rejected.code,
            "reason": rejected.reason,
            "raw": raw[: limits.QUARANTINE_RAW_BYTES],
            "raw_sha256": hashlib.sha256(raw).hexdigest(),
        }
    )
    batch.size += len(raw)
    state.n_quarantined += 1


def _begin(
    store: Store, file_id: str, label: str, size: int, dataset: str | None
) -> tuple[_State, bool]:
    """The stored state of this file, or a new row for it."""
    columns = "next_byte, next_line, next_index, n_records, n_traces, n_quarantined, n_blank"
    with store.transaction() as cursor:
        row = cursor.execute(
            f"SELECT {columns}, status = 'complete' FROM file WHERE file_id = ?",  # noqa: S608 - a constant
            [file_id],
        ).fetchone()
        if row:
            return _State(file_id, *row), True
        cursor.execute(
            "INSERT INTO file (file_id, name, bytes, dataset, status, imported_at, cotscope_version)"
            " VALUES (?, ?, ?, ?, 'importing', ?, ?)",
            [file_id, label, size, dataset, _now(), analysis.__version__],
        )
    return _State(file_id), False


def _commit(store: Store, batch: _Batch, state: _State) -> None:
    with store.transaction() as cursor:
        insert_arrow(cursor, "trace", rows.table(batch.traces, rows.TRACE_SCHEMA))
        insert_arrow(cursor, "quarantine", rows.table(batch.quarantine, rows.QUARANTINE_SCHEMA))
        insert_arrow(cursor, "warning", rows.table(batch.warnings, rows.WARNING_SCHEMA))
        cursor.execute(
            "UPDATE file SET next_byte = ?, next_line = ?, next_index = ?, n_records = ?,"
            " n_traces = ?, n_quarantined = ?, n_blank = ?, status = ? WHERE file_id = ?",
            [
                state.next_byte,
                state.next_line,
                state.next_index,
                state.n_records,
                state.n_traces,
                state.n_quarantined,
                state.n_blank,
                "complete" if state.complete else "importing",
                state.file_id,
            ],
        )


def _report(
    state: _State,
    label: str,
    *,
    already: bool = False,
    resumed: bool = False,
    error: str | None = None,
) -> ImportReport:
    return ImportReport(
        name=label,
        file_id=state.file_id,
        n_records=state.n_records,
        n_traces=state.n_traces,
        n_quarantined=state.n_quarantined,
        n_blank=state.n_blank,
        already=already,
        resumed=resumed,
        error=error,
    )


def _sha256(
    path: Path, size: int, label: str, progress: ProgressCallback, cancel: CancelToken
) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as stream:
        while block := stream.read(4 * 1024 * 1024):
            digest.update(block)
            done += len(block)
            progress(Progress(f"Reading {label}", done, size, "bytes"))
            cancel.raise_if_cancelled()
    return digest.hexdigest()


def _warning(file_id: str, trace_id: str | None, code: str, detail: str) -> dict[str, Any]:
    return {"file_id": file_id, "trace_id": trace_id, "code": code, "detail": detail}


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _is_trace_file(path: Path, root: Path) -> bool:
    if any(part.startswith(".") for part in path.relative_to(root).parts):
        return False
    name = path.name.lower()
    for suffix in PACKED_SUFFIXES:
        name = name.removesuffix(suffix)
    return name.endswith(TRACE_SUFFIXES)


def _glob(pattern: str) -> list[Path]:
    import glob

    return sorted(Path(p) for p in glob.glob(pattern, recursive=True) if os.path.isfile(p))  # noqa: PTH113, PTH207


def require_format(format_id: str | None) -> None:
    """Raise ``UsageError`` for a format that does not exist."""
    names = sorted(f.id for f in FORMATS)
    if format_id is not None and format_id not in names:
        raise UsageError(
            f"There is no format {format_id!r}.", remedy=f"Known formats: {', '.join(names)}."
        )
