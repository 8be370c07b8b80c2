"""Rows into CSV, JSON Lines and Parquet. Two runs over the same rows give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from analysis.export.safety import escape_formulas
from analysis.export.source import JSON_FIELD

ROW_GROUP_ROWS = 50_000
ROW_GROUP_BYTES = 128 * 1024 * 1024


class Writer(Protocol):
    """One file being written. ``notes`` counts what the format could not hold as it is."""

    notes: dict[str, int]

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows; each batch has the schema that the writer was made with."""

    def close(self) -> None:
        """Write what is left. The sink stays open."""


class CsvWriter:
    """UTF-8, comma, ``\\n``; text quoted, so that null (nothing) and '' (two quotes) differ.

    No byte-order mark: programs read it. For Excel there is .xlsx.
    """

    def __init__(self, sink: IO[bytes], schema: pa.Schema, _: Mapping[str, str]):
        self.notes: dict[str, int] = {}
        self._schema = pa.schema([(f.name, _csv_type(f.type)) for f in schema])
        options = pyarrow.csv.WriteOptions(quoting_style="needed")
        self._writer = pyarrow.csv.CSVWriter(sink, self._schema, write_options=options)

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        columns = [_csv_column(column) for column in batch.columns]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()


class JsonLinesWriter:
    """One object a line; JSON columns are nested, verbatim; NaN is null."""

    def __init__(self, sink: IO[bytes], schema: pa.Schema, _: Mapping[str, str]):
        self.notes: dict[str, int] = {}
        self._sink = sink
        self._json = [f.name for f in schema if f.metadata == JSON_FIELD]

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
        for row in batch.to_pylist():
            for name in self._json:
                if row[name] is not None:
                    row[name] = orjson.Fragment(_one_line(row[name]))
            self._sink.write(orjson.dumps(row, option=option))

    def close(self) -> None:
        """Nothing is left."""


class ParquetWriter:
    """zstd; every type kept; the file's metadata say which versions made it."""

    def __init__(self, sink: IO[bytes], schema: pa.Schema, about: Mapping[str, str]):
        self.notes: dict[str, int] = {}
        plain = pa.schema([pa.field(f.name, f.type) for f in schema])
        self._schema = plain.with_metadata({f"cotscope.{k}": v for k, v in about.items()})
        self._writer = pq.ParquetWriter(sink, self._schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows; a row group is written when enough are there."""
        self._waiting.append(pa.RecordBatch.from_arrays(batch.columns, schema=self._schema))
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left, and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            rows = pa.Table.from_batches(self._waiting, schema=self._schema)
            self._writer.write_table(rows, row_group_size=max(1, rows.num_rows))
        self._waiting, self._rows, self._bytes = [], 0, 0


def as_cells(column: pa.Array) -> pa.Array:
    """A column for a file whose cells hold one value each.

    Timestamps (UTC) become text, 2026-01-31T12:00:00.000000Z, and a list of texts one text.
    """
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    return pc.binary_join(column, ", ") if pa.types.is_list(column.type) else column


def _csv_type(kind: pa.DataType) -> pa.DataType:
    texts = (pa.types.is_timestamp, pa.types.is_large_string, pa.types.is_list)
    return pa.string() if any(holds(kind) for holds in texts) else kind


def _csv_column(column: pa.Array) -> pa.Array:
    column = as_cells(column)
    if pa.types.is_floating(column.type):
        # NaN is "undefined", and so is an empty cell.
        return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return escape_formulas(column.cast(pa.string()))
    return column


def _one_line(text: str) -> bytes:
    data = text.encode()
    return orjson.dumps(orjson.loads(data)) if b"\n" in data else data


def about_values(about: Mapping[str, Any]) -> dict[str, str]:
    """Facts of an export as text, in a fixed order."""
    return {key: str(about[key]) for key in sorted(about)}
