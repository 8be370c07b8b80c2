"""Traces, quarantined bytes and analysis results as Arrow tables in the store's schema."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa

from analysis import limits
from analysis.model import Trace

_SPACE = re.compile(r"\s+")

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
        normal = _SPACE.sub(" ", question).strip().casefold()
        return hashlib.sha256(normal.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{dataset}/{question_id}" if question_id is not None else None


def preview(text: str | None) -> str | None:
    """The first characters, on one line."""
    if text is None:
        return None
    return _SPACE.sub(" ", text[: limits.PREVIEW_CHARS * 2]).strip()[: limits.PREVIEW_CHARS]


def to_json(value: Any) -> str:
    """Canonical JSON text; integers beyond 64 bits and lone surrogates survive."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS).decode()
    except (TypeError, orjson.JSONEncodeError):
        import json

        text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        return text.encode("utf-8", "replace").decode("utf-8")


def trace_row(trace: Trace, place: Mapping[str, Any], default_dataset: str) -> dict[str, Any]:
    """One row of table ``trace``; ``place`` holds trace_id, file_id, member, line_no, ..."""
    dataset = trace.dataset or default_dataset
    row = {
        name: getattr(trace, name)
        for name in TRACE_SCHEMA.names
        if name in Trace.__dataclass_fields__
    }
    created = trace.created_at
    row.update(place)
    row.update(
        dataset=dataset,
        question_key=question_key(trace.question, trace.question_id, dataset),
        reasoning_kind=str(trace.reasoning_kind),
        split_method=str(trace.split_method),
        finish_reason_norm=str(trace.finish_reason_norm),
        created_at=_naive_utc(created) if created else None,
        metadata=to_json(dict(trace.metadata)),
        reasoning_chars=len(trace.reasoning) if trace.reasoning is not None else None,
        answer_chars=len(trace.answer) if trace.answer is not None else None,
        question_preview=preview(trace.question),
        answer_preview=preview(trace.answer),
    )
    return row


def table(
    rows: Sequence[Mapping[str, Any]] | Iterable[Mapping[str, Any]], schema: pa.Schema
) -> pa.Table:
    """Rows as Arrow in exactly this schema."""
    rows = list(rows)
    columns = [pa.array([row.get(f.name) for row in rows], type=f.type) for f in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _naive_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
