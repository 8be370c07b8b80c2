"""Importing files: one transaction a batch, resumable after a kill, idempotent.

The place to resume from is written in the same transaction as the batch before it, so what the
database says is what it holds; the importer's own memory is never asked.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import analysis
from analysis import limits
from analysis.errors import InputError, InternalError, UsageError
from analysis.formats.base import Found, without_unread
from analysis.formats.containers import Record, open_records
from analysis.formats.mapping import FieldMapping
from analysis.formats.registry import FORMATS, FileHint, read_record
from analysis.model import Rejected, Trace, Warning_
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.batches import Batch
from analysis.store.connection import Store
from analysis.store.paths import PACKED_SUFFIXES, TRACE_SUFFIXES, dataset_name, expand_paths

__all__ = [
    "PACKED_SUFFIXES",
    "TRACE_SUFFIXES",
    "ImportReport",
    "dataset_name",
    "expand_paths",
    "import_file",
    "require_format",
]

_REFUSED = "file_refused"
_TELL_SECONDS = 0.2
_NOTHING = Rejected("no_trace", "The reader of this format found no trace in the record.")
_WARNINGS = (
    "SELECT code, count(*) FROM warning WHERE file_id = $id GROUP BY code ORDER BY 2 DESC, 1"
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What one file gave. ``n_records == records of traces + n_quarantined``; blanks apart.

    The importer checks this before each commit, and against the database at the end of the file.
    """

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
    warnings: dict[str, int] = field(default_factory=dict)
    """How many repairs and doubts of each code, most first."""


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
    n_read: int = 0
    """Records that gave traces; not stored, since the other counters imply it."""

    def check(self) -> None:
        """Raise ``InternalError`` unless every record read is a trace's or is quarantined."""
        if self.n_records != self.n_read + self.n_quarantined:
            raise _lost(
                f"{self.n_records:,} records read, but {self.n_read:,} gave traces and"
                f" {self.n_quarantined:,} are quarantined"
            )


@dataclass(frozen=True, slots=True)
class _Rules:
    """How the records of a file are read."""

    read: Callable[[Any], list[Trace] | Rejected]
    """The traces of one record, or why there is none."""
    default_dataset: str


def import_file(
    store: Store,
    path: Path,
    *,
    name: str | None = None,
    dataset: str | None = None,
    format_id: str | None = None,
    mapping: FieldMapping | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ImportReport:
    """Import one file, or go on where an earlier import of the same bytes stopped.

    ``name`` is the label to show in place of the path's own name (an upload's); ``mapping`` is a
    person's own reading of the records, in place of what is recognised. Raises
    ``Cancelled`` soon after being asked to stop; what was read until then is committed and stays.
    """
    label = (name or path.name)[: limits.MAX_UPLOAD_NAME]
    cancel = cancel or CancelToken()
    size = path.stat().st_size
    file_id = _sha256(path, size, label, progress, cancel)
    state, known = _begin(store, file_id, label, size, dataset)
    if state.complete:
        return _report(store, state, label, already=True)
    hint = FileHint(name=label, dataset=dataset)
    read = (
        partial(mapping.read, hint=hint)
        if mapping
        else partial(read_record, hint=hint, format_id=format_id)
    )
    rules = _Rules(read, dataset or dataset_name(label))
    # Offsets count unpacked bytes, so how much is left is known for plain files only.
    total = None if label.lower().endswith((*PACKED_SUFFIXES, ".zip")) else size
    error = _read(store, path, state, rules, _Watch(label, total, progress, cancel))
    if error is None:
        _verify(store, state)
    progress(_progress(label, state, size, size))
    return _report(store, state, label, resumed=known, error=error)


@dataclass(slots=True)
class _Watch:
    """Who wants to know how an import goes, and when they were last told."""

    label: str
    total: int | None
    progress: ProgressCallback
    cancel: CancelToken
    told: float = 0.0

    def tell(self, state: _State, *, always: bool = False) -> None:
        now = time.monotonic()
        if always or now - self.told >= _TELL_SECONDS:
            self.told = now
            self.progress(_progress(self.label, state, state.next_byte, self.total))


def _read(store: Store, path: Path, state: _State, rules: _Rules, watch: _Watch) -> str | None:
    """Read and commit batch after batch; returns why the file was refused, or None at its end."""
    batch, error = Batch(state.file_id, rules.default_dataset), None
    try:
        for record in _records(path, state):
            _take(record, batch, state, rules)
            if (batch.full or watch.cancel.cancelled) and not record.more:
                _commit(store, batch, state)
                batch = Batch(state.file_id, rules.default_dataset)
                watch.tell(state, always=True)
                watch.cancel.raise_if_cancelled()
            watch.tell(state)
    except InputError as refused:
        # The file cannot be read on (a bomb, a cut archive). What was read before it stays.
        error = str(refused)
        batch.warn(Warning_(_REFUSED, error))
    state.complete = error is None
    _commit(store, batch, state)
    return error


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


def _take(record: Record, batch: Batch, state: _State, rules: _Rules) -> None:
    """Put one record where it belongs and move the resume point behind it."""
    state.next_byte = record.byte_end
    if record.line_no is not None:
        state.next_line = record.end_line or 0
    if record.blank:
        state.n_blank += 1
        return
    if record.index != state.next_index:
        raise _lost(f"record {record.index:,} follows record {state.next_index - 1:,}")
    state.next_index = record.index + 1
    state.n_records += 1
    result = record.rejected or rules.read(record.value) or _NOTHING
    if isinstance(result, Rejected):
        batch.quarantine(record, result)
        state.n_quarantined += 1
        return
    if isinstance(result, Found) and result.unread:
        # Each row of a wrapper that gave no trace is told as a record of its own.
        for row in result.unread:
            batch.quarantine_row(record, row)
        state.n_records += len(result.unread)
        state.n_quarantined += len(result.unread)
        result = without_unread(result)
    batch.add(record, result)
    state.n_read += 1
    state.n_traces += len(result)


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
            state = _State(file_id, *row)
            state.n_read = state.n_records - state.n_quarantined
            if not state.complete:  # said again if it is refused again
                cursor.execute(
                    "DELETE FROM warning WHERE file_id = ? AND code = ?", [file_id, _REFUSED]
                )
            return state, True
        cursor.execute(
            "INSERT INTO file (file_id, name, bytes, dataset, status, imported_at, cotscope_version)"
            " VALUES (?, ?, ?, ?, 'importing', ?, ?)",
            [file_id, label, size, dataset, _now(), analysis.__version__],
        )
    return _State(file_id), False


def _commit(store: Store, batch: Batch, state: _State) -> None:
    state.check()
    with store.transaction() as cursor:
        batch.write(cursor)
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


def _verify(store: Store, state: _State) -> None:
    """Raise ``InternalError`` unless the database holds what this import counted."""
    found = store.rows(
        "SELECT (SELECT count(*) FROM trace_row WHERE file_id = $id),"
        " (SELECT count(DISTINCT record_index) FROM trace_row WHERE file_id = $id),"
        " (SELECT count(*) FROM quarantine WHERE file_id = $id)",
        {"id": state.file_id},
    )[0]
    if found != (state.n_traces, state.n_read, state.n_quarantined):
        raise _lost(
            f"the database holds {found[0]:,} traces of {found[1]:,} records and {found[2]:,}"
            f" quarantined records, but {state.n_traces:,} of {state.n_read:,} and"
            f" {state.n_quarantined:,} were written"
        )


def _lost(what: str) -> InternalError:
    return InternalError(
        f"An import lost count: {what}.",
        remedy="This is a bug in CoTScope; please report it with the file, or one like it.",
    )


def _report(
    store: Store,
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
        warnings=dict(store.rows(_WARNINGS, {"id": state.file_id})),
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


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def require_format(format_id: str | None) -> None:
    """Raise ``UsageError`` for a format that does not exist."""
    names = sorted(f.id for f in FORMATS)
    if format_id is not None and format_id not in names:
        raise UsageError(
            f"There is no format {format_id!r}.", remedy=f"Known formats: {', '.join(names)}."
        )
