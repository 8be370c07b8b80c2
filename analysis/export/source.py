"""Where the rows of each table come from: one consistent view of the store, in bounded memory.

Long texts are never sorted: the order is made over row numbers, and the texts follow in chunks of
so many bytes, each its own short query.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.filters import Filters
from analysis.progress import CancelToken, Progress, ProgressCallback
from analysis.store import languages, samples
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.rows import TRACE_SCHEMA, trace_column
from analysis.store.where import where, wide_metrics
from analysis.views.behaviours import exported
from analysis.views.summary import summary

CHUNK_TRACES = 8_192
CHUNK_BYTES = 64 * 1024 * 1024
BATCH_ROWS = 4_096
BATCH_CHARS = 8_000_000
_WEIGHT = (
    "1000 + (coalesce(r.reasoning_chars, 0) + coalesce(r.answer_chars, 0))"
    " * (1 + CAST(r.raw_response_packed IS NOT NULL AS INTEGER))"
    " + 8 * (octet_length(r.metadata_packed) + coalesce(octet_length(r.question_packed), 0)"
    " + coalesce(octet_length(r.system_prompt_packed), 0)"
    " + coalesce(octet_length(r.probes_packed), 0))"
)
"""SQL: about how many bytes a row has unpacked, without unpacking it."""
JSON_FIELD = {b"cotscope": b"json"}
"""Marks a string column that holds JSON text; JSON Lines nests it."""
_DERIVED = ("question_preview", "answer_preview")


@dataclass(frozen=True, slots=True)
class Request:
    """What to read, and who wants to know how it goes."""

    store: Store
    filters: Filters
    progress: ProgressCallback
    cancel: CancelToken


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows on their way: every batch has this schema."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def _json(name: str) -> pa.Field:
    return pa.field(name, pa.string(), metadata=JSON_FIELD)


TRACES = pa.schema(
    [
        _json(f.name) if f.name in ("metadata", "probes") else f
        for f in TRACE_SCHEMA
        if f.name not in _DERIVED
    ]
)
_OWNER = [(name, pa.string()) for name in ("trace_id", "external_id", "dataset", "model", "effort")]
SENTENCES = pa.schema(
    [
        *_OWNER,
        ("sentence_index", pa.int32()),
        ("thought_index", pa.int32()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("text", pa.string()),
    ]
)
FINDINGS = pa.schema(
    [
        *_OWNER,
        ("analyzer", pa.string()),
        ("label", pa.string()),
        ("value", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("score", pa.float64()),
        _json("evidence"),
        ("text", pa.string()),
        ("analyzer_version", pa.string()),
    ]
)


@contextmanager
def open_stream(table: str, request: Request) -> Iterator[Stream]:
    """The rows of a table of ``TABLES``, all from one moment of the store."""
    with request.store.cursor() as cursor:
        # Ends with the cursor: nothing was written.
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        yield TABLES[table](request, cursor)


def _traces(request: Request, cursor: Any) -> Stream:
    sql = load_query("export_traces", columns=", ".join(trace_column(f.name) for f in TRACES))

    def batches() -> Iterator[pa.RecordBatch]:
        for places in _chunks(request, cursor, _WEIGHT):
            rows = cursor.sql(sql, params={"places": places}).to_arrow_table()
            yield from rows.cast(TRACES).to_batches()

    return Stream(TRACES, batches())


def _sentences(request: Request, cursor: Any) -> Stream:
    return _spans(request, cursor, "export_sentences", SENTENCES)


def _findings(request: Request, cursor: Any) -> Stream:
    return _spans(request, cursor, "export_findings", FINDINGS)


def _spans(request: Request, cursor: Any, query: str, schema: pa.Schema) -> Stream:
    """Rows that point into a reasoning, each with its text."""
    columns = [trace_column(name) for name in (*(n for n, _ in _OWNER), "reasoning")]
    owners = load_query("export_traces", columns=", ".join(columns))
    sql = load_query(query)

    def batches() -> Iterator[pa.RecordBatch]:
        for places in _chunks(request, cursor, "coalesce(r.reasoning_chars, 0)"):
            traces = cursor.sql(owners, params={"places": places}).to_arrow_table()
            ids = traces.column("trace_id").to_pylist()
            texts = _Texts(traces, ids, traces.column("reasoning").to_pylist())
            for spans in cursor.sql(sql, params={"ids": ids}).to_arrow_reader(BATCH_ROWS):
                for part in _parts(spans):
                    yield texts.joined(part, schema)

    return Stream(schema, batches())


def _parts(spans: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Slices whose texts are not much longer than ``BATCH_CHARS`` together."""
    lengths = pc.subtract(spans.column("end"), spans.column("start"))
    steps = np.cumsum(lengths.to_numpy()) // BATCH_CHARS
    cuts = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), spans.num_rows]
    for start, stop in itertools.pairwise(cuts):
        yield spans.slice(start, stop - start)


class _Texts:
    """The traces of a chunk, to be joined to spans of them."""

    def __init__(self, traces: pa.Table, ids: list[str], reasonings: list[str | None]):
        self._traces = traces
        self._reasonings = reasonings
        self._place = {trace_id: place for place, trace_id in enumerate(ids)}

    def joined(self, spans: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        """The spans with the columns of their trace, and their text."""
        places = [self._place[trace_id] for trace_id in spans.column("trace_id").to_pylist()]
        starts, ends = spans.column("start").to_pylist(), spans.column("end").to_pylist()
        # Cut here and not in SQL: these are code points, and a slice costs only its length.
        texts = [
            (self._reasonings[place] or "")[start:end]
            for place, start, end in zip(places, starts, ends, strict=True)
        ]
        owners = self._traces.select([name for name, _ in _OWNER]).take(pa.array(places))
        columns = {name: owners.column(name).combine_chunks() for name in owners.column_names}
        columns.update(zip(spans.schema.names, spans.columns, strict=True))
        columns["text"] = pa.array(texts, pa.string())
        arrays = [columns[f.name].cast(f.type) for f in schema]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _chunks(request: Request, cursor: Any, weight: str) -> Iterator[list[int]]:
    """Row numbers of the chosen traces, in order, in chunks of bounded size."""
    condition, values = where(request.filters)
    sql = load_query("export_keys", where=condition, weight=weight)
    keys = cursor.sql(sql, params=values).to_arrow_table()
    # Lists, not arrays of numpy: for these Arrow imports pandas, which takes as long as a small export.
    places, weights = keys.column("place").to_pylist(), keys.column("weight").to_pylist()
    chunk: list[int] = []
    size = 0
    for done, place in enumerate(places):
        chunk.append(place)
        size += weights[done]
        if len(chunk) >= CHUNK_TRACES or size >= CHUNK_BYTES:
            yield from _step(request, chunk, done + 1, len(places))
            chunk, size = [], 0
    if chunk:
        yield from _step(request, chunk, len(places), len(places))


def _step(request: Request, chunk: list[int], done: int, total: int) -> Iterator[list[int]]:
    request.cancel.raise_if_cancelled()
    yield chunk
    request.progress(Progress("Exporting", done, total, "traces"))


def _metrics(request: Request, cursor: Any) -> Stream:
    condition, values = where(request.filters)
    chosen = [(spec.name, spec.kind) for spec in samples.all_metric_specs(request.store)]
    sql = load_query("export_metrics", metrics=wide_metrics(chosen), where=condition)
    reader = cursor.sql(sql, params=values).to_arrow_reader(BATCH_ROWS)
    return Stream(reader.schema, iter(reader))


def _quarantine(request: Request, cursor: Any) -> Stream:
    reader = cursor.sql(load_query("export_quarantine")).to_arrow_reader(BATCH_ROWS)
    at = reader.schema.get_field_index("raw")
    schema = reader.schema.set(at, pa.field("raw", pa.string()))
    schema = schema.append(pa.field("raw_base64", pa.string()))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            raw = batch.column(at).to_pylist()
            columns = batch.columns
            columns[at] = pa.array([r.decode("utf-8", "replace") for r in raw], pa.string())
            columns.append(pa.array([base64.b64encode(r).decode() for r in raw], pa.string()))
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return Stream(schema, batches())


def _warnings(request: Request, cursor: Any) -> Stream:
    condition, values = where(request.filters)
    if not is_filtered(request.filters):
        condition = "true"
    sql = load_query("export_warnings", where=condition)
    reader = cursor.sql(sql, params=values).to_arrow_reader(BATCH_ROWS)
    return Stream(reader.schema, iter(reader))


def _computed(compute: Callable[[Store, Filters], pa.Table]) -> Callable[[Request, Any], Stream]:
    def stream(request: Request, _: Any) -> Stream:
        table = compute(request.store, request.filters)
        return Stream(table.schema, iter(table.to_batches(BATCH_ROWS)))

    return stream


def is_filtered(filters: Filters) -> bool:
    """Whether a filter leaves any trace out; the order of a list does not."""
    plain = Filters(sort=filters.sort, descending=filters.descending)
    return filters != plain


TABLES: dict[str, Callable[[Request, Any], Stream]] = {
    "traces": _traces,
    "sentences": _sentences,
    "findings": _findings,
    "metrics": _metrics,
    "questions": _computed(samples.questions),
    "cells": _computed(samples.cells),
    "pairs": _computed(samples.pairs),
    "languages": _computed(languages.counts),
    "behaviours": _computed(exported),
    "summary": _computed(summary),
    "quarantine": _quarantine,
    "warnings": _warnings,
}
"""What can be exported: name -> where its rows come from."""
