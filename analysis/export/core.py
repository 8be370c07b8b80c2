"""Exporting a table of the store to a file, and an Arrow table to bytes."""

from __future__ import annotations

import errno
import io
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa

import analysis
from analysis.errors import ExportError, UsageError
from analysis.export import source
from analysis.export.workbook import WorkbookWriter
from analysis.export.writers import CsvWriter, JsonLinesWriter, ParquetWriter, Writer, about_values
from analysis.filters import Filters
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.store.connection import Store

TABLES = tuple(source.TABLES)
"""What can be exported."""
_WRITERS: dict[str, type[CsvWriter | JsonLinesWriter | ParquetWriter | WorkbookWriter]] = {
    ".csv": CsvWriter,
    ".jsonl": JsonLinesWriter,
    ".parquet": ParquetWriter,
    ".xlsx": WorkbookWriter,
}
SUFFIXES = tuple(_WRITERS)
"""File name endings, each a format."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``notes`` counts what the format could not hold as it is."""

    table: str
    path: Path
    rows: int
    bytes: int
    notes: Mapping[str, int] = field(default_factory=dict)


def export_table(
    store: Store,
    table: str,
    out: Path,
    *,
    where: Filters | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Write one of ``TABLES`` to ``out``, whose ending (.csv .jsonl .parquet .xlsx) is the format.

    ``where`` chooses traces; rows of all other tables follow their trace. The order of the rows is
    fixed, and the same store gives the same bytes. The file appears whole or not at all. Raises
    ``UsageError`` for an unknown table or ending, or a filter on the quarantine (which holds no
    traces), ``ExportError`` when the file cannot be written, ``Cancelled`` when asked to stop.
    """
    filters = where or Filters()
    writer_type = _writer_type(out.suffix)
    if table not in TABLES:
        raise UsageError(f"There is no table {table!r}.", remedy=f"Use: {', '.join(TABLES)}.")
    if table == "quarantine" and source.is_filtered(filters):
        raise UsageError(
            "The quarantine holds no traces, so it cannot be filtered.",
            remedy="Export it without a filter.",
        )
    about = _about(store, table)
    request = source.Request(store, filters, progress, cancel or CancelToken())
    rows = 0
    with source.open_stream(table, request) as stream, _new_file(out) as sink:
        with _write_faults(out):
            writer: Writer = writer_type(sink, stream.schema, about)
        for batch in stream.batches:
            with _write_faults(out):
                writer.write(batch)
            rows += batch.num_rows
        with _write_faults(out):
            writer.close()
            sink.flush()
            size = sink.tell()
    return ExportReport(table, out, rows, size, {k: n for k, n in writer.notes.items() if n})


def export_bytes(table: pa.Table, suffix: str, *, name: str = "table") -> bytes:
    """An Arrow table as a file in memory; for download buttons. Raises ``UsageError`` as above."""
    sink = io.BytesIO()
    about = about_values({"table": name, "version": analysis.__version__})
    writer: Writer = _writer_type(suffix)(sink, table.schema, about)
    for batch in table.to_batches(source.BATCH_ROWS):
        writer.write(batch)
    writer.close()
    return sink.getvalue()


def _writer_type(
    suffix: str,
) -> type[CsvWriter | JsonLinesWriter | ParquetWriter | WorkbookWriter]:
    found = _WRITERS.get(suffix.lower())
    if found is None:
        raise UsageError(
            f"{suffix or 'A name without an ending'!r} is not a format of an export.",
            remedy=f"End the name of the file in one of {', '.join(SUFFIXES)}.",
        )
    return found


def _about(store: Store, table: str) -> dict[str, str]:
    versions = store.query("analyzer_versions").to_pylist()
    analyzers = ", ".join(f"{row['analyzer']} {row['analyzer_version']}" for row in versions)
    return about_values(
        {"table": table, "version": analysis.__version__, "analyzers": analyzers or "none"}
    )


@contextmanager
def _new_file(out: Path) -> Iterator[IO[bytes]]:
    """A file beside ``out`` that takes its place at the end, or is removed on any fault."""
    temporary = out.with_name(f".{out.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    with _write_faults(out):
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        sink = temporary.open("xb")
    try:
        with sink:
            yield sink
            with _write_faults(out):
                sink.flush()
                os.fsync(sink.fileno())
        with _write_faults(out):
            temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def _write_faults(out: Path) -> Iterator[None]:
    """Tell faults of the target apart from those of the database."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        reason = "the disk is full" if full else (error.strerror or str(error))
        raise ExportError(
            f"{out} cannot be written: {reason}.",
            remedy=("Free some space" if full else "Choose another place")
            + "; what was there before is unchanged.",
        ) from error
