"""What one transaction of an import writes, gathered column by column."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import duckdb
import pyarrow as pa

from analysis import limits
from analysis.formats.base import UnreadRow
from analysis.formats.records import Record
from analysis.model import Rejected, Trace, Warning_
from analysis.store import rows
from analysis.store.columns import column
from analysis.store.connection import insert_arrow
from analysis.store.packing import pack, pack_bytes, pack_response

_COMPUTED = (
    "trace_id", "file_id", "member", "line_no", "record_index", "part_index",
    "dataset", "question_key", "created_at", "reasoning_chars", "answer_chars",
    "question_preview", "answer_preview",
    "question_packed", "system_prompt_packed", "reasoning_packed", "answer_packed",
    "raw_response_packed", "probes_packed", "metadata_packed",
)  # fmt: skip
"""Columns of ``trace_row`` that ``Batch.add`` makes, in this order."""
_STATED = tuple(name for name in rows.TRACE_ROW_SCHEMA.names if name not in _COMPUTED)
_SCHEMA = pa.schema([rows.TRACE_ROW_SCHEMA.field(name) for name in (*_COMPUTED, *_STATED)])
_stated: Callable[[Trace], tuple[Any, ...]] = attrgetter(*_STATED)
_RECENT = 1024
_RECENT_CHARS = 8192
"""Texts up to this length, which come again with every sample of a question, are prepared once."""


class Batch:
    """Traces, quarantined records and warnings of one file that are to be written together."""

    def __init__(self, file_id: str, default_dataset: str) -> None:
        self._file_id = file_id
        self._default_dataset = default_dataset
        self._traces: list[tuple[Any, ...]] = []
        self._quarantine: list[tuple[Any, ...]] = []
        self._warnings: list[tuple[str, str | None, str, str]] = []
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether it should be written before more is added."""
        return (
            len(self._traces) + len(self._quarantine) >= limits.BATCH_TRACES
            or self._size >= limits.BATCH_BYTES
        )

    def add(self, record: Record, traces: Sequence[Trace]) -> None:
        """The traces of one record."""
        member, line_no, index = record.member, record.line_no, record.index
        locator = f"L{line_no}" if line_no is not None else f"R{index}"
        for part, trace in enumerate(traces):
            trace_id = rows.trace_id(self._file_id, member, locator, part)
            place = (trace_id, self._file_id, member, line_no, index, part)
            self._traces.append(place + self._prepared(trace) + _stated(trace))
            for note in trace.warnings:
                self.warn(note, trace_id)
            if part == 0:
                for note in record.warnings:
                    self.warn(note, trace_id)
        self._size += record.byte_end - record.byte_start

    def _prepared(self, trace: Trace) -> tuple[Any, ...]:
        question, reasoning, answer = trace.question, trace.reasoning, trace.answer
        dataset = trace.dataset or self._default_dataset
        created = trace.created_at
        again = question is None or len(question) <= _RECENT_CHARS
        key, question_preview, question_packed = (_question_again if again else _question)(question)
        if key is None and trace.question_id is not None:
            key = f"{dataset}/{trace.question_id}"
        return (
            dataset,
            key,
            None if created is None else rows.naive_utc(created),
            None if reasoning is None else len(reasoning),
            None if answer is None else len(answer),
            question_preview,
            rows.preview(answer),
            question_packed,
            pack(trace.system_prompt),
            pack(reasoning),
            pack(answer),
            pack_response(trace.raw_response, reasoning, answer),
            pack(trace.probes),
            pack_bytes(rows.json_bytes(trace.metadata)) if trace.metadata else b"{}",
        )

    def quarantine(self, record: Record, rejected: Rejected) -> None:
        """A record that could not become traces."""
        raw = record.raw
        if not raw and record.value is not None:
            raw = rows.json_bytes(record.value)
        self._quarantined(record, rejected.code, rejected.reason, raw)

    def quarantine_row(self, record: Record, row: UnreadRow) -> None:
        """A row of a record that gave no trace beside rows that did; its place is the record's."""
        reason = f"Row {row.position}, counted from 0: {row.rejected.reason}"
        self._quarantined(record, row.rejected.code, reason, rows.json_bytes(row.value))

    def _quarantined(self, record: Record, code: str, reason: str, raw: bytes) -> None:
        self._quarantine.append(
            (
                self._file_id,
                record.member,
                record.line_no,
                record.index,
                record.byte_start,
                record.byte_end - record.byte_start,
                code,
                reason,
                raw[: limits.QUARANTINE_RAW_BYTES],
                hashlib.sha256(raw).hexdigest(),
            )
        )
        self._size += len(raw)

    def warn(self, note: Warning_, trace_id: str | None = None) -> None:
        """A repair or doubt, of one trace or of the file."""
        self._warnings.append((self._file_id, trace_id, note.code, note.detail))

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Insert everything, in the transaction of this cursor."""
        for name, found, schema in (
            ("trace_row", self._traces, _SCHEMA),
            ("quarantine", self._quarantine, rows.QUARANTINE_SCHEMA),
            ("warning", self._warnings, rows.WARNING_SCHEMA),
        ):
            if found:
                insert_arrow(cursor, name, _table(found, schema))


def _table(found: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*found, strict=True)
    arrays = [column(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _question(question: str | None) -> tuple[str | None, str | None, bytes | None]:
    """Key, preview and stored form of a question."""
    return rows.question_key(question, None, ""), rows.preview(question), pack(question)


_question_again = lru_cache(maxsize=_RECENT)(_question)
