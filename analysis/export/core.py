"""Exporting a table of the store to a file, and an Arrow table to bytes."""

from __future__ import annotations

import errno
import io
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

import pyarrow as pa

import analysis
from analysis.errors import ExportError, UsageError
from analysis.export import source
from analysis.export.columns import specs_of
from analysis.export.latex import latex_table, markdown_table
from analysis.export.printing import MAX_ROWS as MAX_PRINTED_ROWS
from analysis.export.printing import print_table
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
"""File name endings, each a format that holds any table."""
PRINTED_SUFFIXES = (".tex", ".md")
"""Endings of tables for print: some columns, numbers rounded."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was written. ``notes`` counts what the format could not hold as it is."""

    table: str
    path: Path
    rows: int
    bytes: int
    notes: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def export_table(
    store: Store,
    table: str,
    out: Path,
    *,
    where: Filters | None = None,
    columns: Sequence[str] | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportReport:
    """Write one of ``TABLES`` to ``out``, whose ending (.csv .jsonl .parquet .xlsx) is the format.

    ``where`` chooses traces; rows of all other tables follow their trace. ``columns`` are those to
    write, in this order (None: all). The order of the rows is fixed, and the same store gives the
    same bytes. The file appears whole or not at all. The endings .tex and .md give a table for
    print (``printing.print_table``). Raises ``UsageError`` for an unknown table, column or ending,
    or a filter on the quarantine (which holds no traces), ``ExportError`` when the file cannot be
    written, ``Cancelled`` when asked to stop.
    """
    filters = where or Filters()
    printed = out.suffix.lower() in PRINTED_SUFFIXES
    writer_type = CsvWriter if printed else _writer_type(out.suffix)
    if table not in TABLES:
        raise UsageError(f"There is no table {table!r}.", remedy=f"Use: {', '.join(TABLES)}.")
    if table == "quarantine" and source.is_filtered(filters):
        raise UsageError(
            "The quarantine holds no traces, so it cannot be filtered.",
            remedy="Export it without a filter.",
        )
    about = about_export(store, table, filters)
    request = source.Request(store, filters, progress, cancel or CancelToken())
    if printed:
        return _export_printed(request, table, out, columns)
    rows = 0
    with source.open_stream(table, request) as stream, new_file(out) as sink:
        stream = _chosen(stream, columns)
        with write_faults(out):
            writer: Writer = writer_type(sink, stream.schema, about)
        for batch in stream.batches:
            with write_faults(out):
                writer.write(batch)
            rows += batch.num_rows
        with write_faults(out):
            writer.close()
            sink.flush()
            size = sink.tell()
    notes = {k: n for k, n in writer.notes.items() if n}
    return ExportReport(table, out, rows, size, notes, tuple(stream.schema.names))


def export_bytes(table: pa.Table, suffix: str, *, name: str = "table") -> bytes:
    """An Arrow table as a file in memory; for download buttons. Raises ``UsageError`` as above."""
    sink = io.BytesIO()
    about = about_values({"table": name, "version": analysis.__version__})
    writer: Writer = _writer_type(suffix)(sink, table.schema, about)
    for batch in table.to_batches(source.BATCH_ROWS):
        writer.write(batch)
    writer.close()
    return sink.getvalue()


def printed_bytes(
    store: Store,
    name: str,
    table: pa.Table,
    suffix: str,
    *,
    where: Filters | None = None,
    columns: Sequence[str] | None = None,
) -> bytes:
    """``table`` (rows of the export ``name``) for print, as LaTeX (.tex) or Markdown (.md)."""
    about = about_export(store, name, where or Filters())
    specs = specs_of(store, name, table.column_names)
    made = print_table(name, table, specs, about, columns=columns)
    return latex_table(made) if suffix.lower() == ".tex" else markdown_table(made)


def _export_printed(
    request: source.Request, name: str, out: Path, columns: Sequence[str] | None
) -> ExportReport:
    with source.open_stream(name, request) as stream:
        _chosen(stream, columns)
        table = pa.Table.from_batches(_bounded(stream.batches), stream.schema)
    data = printed_bytes(
        request.store, name, table, out.suffix, where=request.filters, columns=columns
    )
    with new_file(out) as sink, write_faults(out):
        sink.write(data)
    return ExportReport(name, out, table.num_rows, len(data))


def _bounded(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Enough rows for ``print_table`` to see that they are too many."""
    rows = 0
    for batch in batches:
        yield batch
        rows += batch.num_rows
        if rows > MAX_PRINTED_ROWS:
            return


def _chosen(stream: source.Stream, columns: Sequence[str] | None) -> source.Stream:
    if columns is None:
        return stream
    names = list(dict.fromkeys(columns))
    unknown = [name for name in names if name not in stream.schema.names]
    if unknown or not names:
        raise UsageError(
            f"This table has no column {unknown[0] if unknown else ''!r}.",
            remedy=f"It has: {', '.join(stream.schema.names)}.",
        )
    schema = pa.schema([stream.schema.field(name) for name in names])
    return source.Stream(schema, (batch.select(names) for batch in stream.batches))


def _writer_type(
    suffix: str,
) -> type[CsvWriter | JsonLinesWriter | ParquetWriter | WorkbookWriter]:
    found = _WRITERS.get(suffix.lower())
    if found is None:
        raise UsageError(
            f"{suffix or 'A name without an ending'!r} is not a format of an export.",
            remedy=f"End the name of the file in one of {', '.join((*SUFFIXES, *PRINTED_SUFFIXES))}.",
        )
    return found


def about_export(store: Store, table: str, filters: Filters) -> dict[str, str]:
    """What an export says of its making: table, versions, filter. The same in every run."""
    versions = store.query("analyzer_versions").to_pylist()
    analyzers = ", ".join(f"{row['analyzer']} {row['analyzer_version']}" for row in versions)
    return about_values(
        {
            "table": table,
            "version": analysis.__version__,
            "analyzers": analyzers or "none",
            "filters": urlencode(filters.to_query(), doseq=True) or "none",
        }
    )


@contextmanager
def new_file(out: Path) -> Iterator[IO[bytes]]:
    """A file beside ``out`` that takes its place at the end, or is removed on any fault."""
    temporary = out.with_name(f".{out.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    with write_faults(out):
        if out.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        sink = temporary.open("xb")
    try:
        with sink:
            yield sink
            with write_faults(out):
                sink.flush()
                os.fsync(sink.fileno())
        with write_faults(out):
            temporary.replace(out)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def write_faults(out: Path) -> Iterator[None]:
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
