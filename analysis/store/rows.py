"""Traces, quarantined bytes and analysis results as Arrow tables in the store's schema."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from analysis import limits
from analysis.store.columns import column
from analysis.store.packing import PACKED_COLUMNS

TRACE_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("file_id", pa.string()),
        ("member", pa.string()),
        ("line_no", pa.int64()),
        ("record_index", pa.int64()),
        ("part_index", pa.int32()),
        ("sample_index", pa.int32()),
        ("format_id", pa.string()),
        ("format_confidence", pa.float64()),
        ("external_id", pa.string()),
        ("dataset", pa.string()),
        ("question_id", pa.string()),
        ("question_key", pa.string()),
        ("question", pa.string()),
        ("system_prompt", pa.string()),
        ("reasoning", pa.string()),
        ("reasoning_kind", pa.string()),
        ("answer", pa.string()),
        ("split_method", pa.string()),
        ("raw_response", pa.string()),
        ("extracted_answer", pa.string()),
        ("gold_answer", pa.string()),
        ("correct", pa.bool_()),
        ("correct_source", pa.string()),
        ("score", pa.float64()),
        ("model", pa.string()),
        ("provider", pa.string()),
        ("model_inferred", pa.bool_()),
        ("effort", pa.string()),
        ("effort_source", pa.string()),
        ("thinking_budget_tokens", pa.int64()),
        ("checkpoint", pa.string()),
        ("target_language", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("token_source", pa.string()),
        ("finish_reason", pa.string()),
        ("finish_reason_norm", pa.string()),
        ("truncated", pa.bool_()),
        ("error", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("latency_s", pa.float64()),
        ("cost", pa.float64()),
        ("probes", pa.string()),
        ("metadata", pa.string()),
        ("reasoning_chars", pa.int64()),
        ("answer_chars", pa.int64()),
        ("question_preview", pa.string()),
        ("answer_preview", pa.string()),
    ]
)

TRACE_ROW_SCHEMA = pa.schema(
    [
        pa.field(f"{f.name}_packed", pa.binary()) if f.name in PACKED_COLUMNS else f
        for f in TRACE_SCHEMA
    ]
)
"""What table ``trace_row`` stores; ``TRACE_SCHEMA`` is what its view ``trace`` shows."""


def trace_column(name: str) -> str:
    """A column of view ``trace`` as SQL over ``trace_row t``.

    For queries that join: a view's column is unpacked before the join, this one after it.
    """
    if name == "raw_response":
        return (
            "unpack_response(t.raw_response_packed, t.reasoning_packed, t.answer_packed)"
            " AS raw_response"
        )
    if name in ("probes", "metadata"):
        return f"CAST(unpack_text(t.{name}_packed) AS JSON) AS {name}"
    if name in PACKED_COLUMNS:
        return f"unpack_text(t.{name}_packed) AS {name}"
    return f"t.{name}"


QUARANTINE_SCHEMA = pa.schema(
    [
        ("file_id", pa.string()),
        ("member", pa.string()),
        ("line_no", pa.int64()),
        ("record_index", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_length", pa.int64()),
        ("reason_code", pa.string()),
        ("reason", pa.string()),
        ("raw", pa.binary()),
        ("raw_sha256", pa.string()),
    ]
)

WARNING_SCHEMA = pa.schema([(n, pa.string()) for n in ("file_id", "trace_id", "code", "detail")])

SENTENCE_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("sentence_index", pa.int32()),
        ("char_start", pa.int64()),
        ("char_end", pa.int64()),
        ("thought_index", pa.int32()),
    ]
)

FINDING_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("analyzer", pa.string()),
        ("analyzer_version", pa.string()),
        ("finding_index", pa.int32()),
        ("label", pa.string()),
        ("value", pa.string()),
        ("char_start", pa.int64()),
        ("char_end", pa.int64()),
        ("score", pa.float64()),
        ("evidence", pa.string()),
    ]
)

METRIC_SCHEMA = pa.schema(
    [
        ("trace_id", pa.string()),
        ("analyzer", pa.string()),
        ("analyzer_version", pa.string()),
        ("name", pa.string()),
        ("value", pa.float64()),
        ("text", pa.string()),
    ]
)

ANALYSIS_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in ("trace_id", "analyzer", "analyzer_version", "config_hash", "status", "error")
    ]
)


def trace_id(file_id: str, member: str | None, locator: str, part_index: int) -> str:
    """Content hash of where a trace comes from: the same file always gives the same ids."""
    key = f"{file_id}\x00{member or ''}\x00{locator}\x00{part_index}"
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def question_key(question: str | None, question_id: str | None, dataset: str) -> str | None:
    """What makes two traces answers to the same question.

    The question's text with case and white space ignored, so that dumps of different labs pair
    whatever ids they use; the id within its data set where there is no text.
    """
    if question and question.strip():
        normal = " ".join(question.split()).casefold()
        return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{dataset}/{question_id}" if question_id is not None else None


def preview(text: str | None) -> str | None:
    """The first characters, on one line."""
    if text is None:
        return None
    return " ".join(text[: limits.PREVIEW_CHARS * 2].split())[: limits.PREVIEW_CHARS]


def to_json(value: Any) -> str:
    """Canonical JSON text; integers beyond 64 bits and lone surrogates survive."""
    return json_bytes(value).decode()


def json_bytes(value: Any) -> bytes:
    """Canonical JSON text, as UTF-8."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except (TypeError, orjson.JSONEncodeError):
        import json

        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        return text.encode("utf-8", "replace")


def table(
    rows: Sequence[Mapping[str, Any]] | Iterable[Mapping[str, Any]], schema: pa.Schema
) -> pa.Table:
    """Rows as Arrow in exactly this schema."""
    rows = list(rows)
    columns = [column([row.get(f.name) for row in rows], f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def naive_utc(moment: datetime) -> datetime:
    """A moment as the store keeps it: UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_VERDICT_SCHEMA = pa.schema(
    [("trace_id", pa.string()), ("correct", pa.bool_()), ("correct_source", pa.string())]
)


def update_verdicts(
    cursor: duckdb.DuckDBPyConnection, verdicts: Iterable[tuple[str, bool | None, str | None]]
) -> None:
    """Set ``correct`` and ``correct_source`` of traces, in the transaction of this cursor.

    ``verdicts`` are (trace_id, correct, correct_source); a trace that is not there is passed over.
    What analyzers found on a trace whose verdict changes is out of date: they see it again.
    """
    columns = list(zip(*verdicts, strict=True)) or [(), (), ()]
    arrays = [column(c, f.type) for c, f in zip(columns, _VERDICT_SCHEMA, strict=True)]
    cursor.register("incoming", pa.Table.from_arrays(arrays, schema=_VERDICT_SCHEMA))
    try:
        cursor.execute(
            "DELETE FROM analysis WHERE trace_id IN (SELECT t.trace_id FROM trace_row t"
            " JOIN incoming i USING (trace_id) WHERE t.correct IS DISTINCT FROM i.correct)"
        )
        cursor.execute(
            "UPDATE trace_row SET correct = i.correct, correct_source = i.correct_source"
            " FROM incoming i WHERE trace_row.trace_id = i.trace_id"
        )
    finally:
        cursor.unregister("incoming")
