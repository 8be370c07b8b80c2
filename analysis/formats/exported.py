"""Traces that CoTScope wrote (``cotscope export traces --format NAME``), read back as they were.

What a form has a place for stands there and nowhere else, so that a person may change it; the rest
stands under the key ``cotscope``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from analysis.formats.draft import FileHint
from analysis.formats.exported_text import joined, untagged
from analysis.formats.fields import as_json
from analysis.model import FinishReason, ReasoningKind, Rejected, SplitMethod, Trace, Warning_

FORMAT_ID = "cotscope"
KEY = "cotscope"
VERSION = 1
FORMS = ("generic", "messages", "sharegpt")

TEXTS = ("question", "system_prompt", "reasoning", "answer")
OPEN_FIELDS = {
    "id": "external_id",
    "dataset": "dataset",
    "question_id": "question_id",
    "question": "question",
    "system_prompt": "system_prompt",
    "reasoning": "reasoning",
    "answer": "answer",
    "model": "model",
    "provider": "provider",
    "effort": "effort",
    "thinking_budget_tokens": "thinking_budget_tokens",
    "checkpoint": "checkpoint",
    "gold": "gold_answer",
    "correct": "correct",
    "extracted_answer": "extracted_answer",
    "score": "score",
    "sample_index": "sample_index",
    "prompt_tokens": "prompt_tokens",
    "completion_tokens": "completion_tokens",
    "reasoning_tokens": "reasoning_tokens",
    "finish_reason": "finish_reason",
    "target_language": "target_language",
    "error": "error",
    "created_at": "created_at",
    "latency_s": "latency_s",
    "cost": "cost",
}
"""Key of the generic form -> field of a trace, in the order in which they are written."""
INNER_FIELDS = (
    "reasoning_kind",
    "split_method",
    "finish_reason_norm",
    "truncated",
    "model_inferred",
    "correct_source",
    "effort_source",
    "token_source",
    "format_id",
    "format_confidence",
)
"""Fields that no form has a place for."""

_INT64, _INT32 = 2**63, 2**31
_COUNTS = ("prompt_tokens", "completion_tokens", "reasoning_tokens", "thinking_budget_tokens")


class _DamagedError(Exception):
    """A value is not what the writer put there."""


def recognise(value: Any) -> float:
    """1 for an object with our own key in it."""
    return 1.0 if _inner(value) is not None else 0.0


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The one trace of such a record. A record that was damaged is left to the other formats."""
    inner = _inner(value)
    if inner is None:
        return Rejected("no_text", "This is no trace that CoTScope exported.")
    try:
        trace = _trace(value, inner)
    except (_DamagedError, ValueError) as error:
        return Rejected("cotscope_damaged", f"An exported trace was changed: {error}.")
    return [trace if hint.dataset is None else replace(trace, dataset=hint.dataset)]


def _inner(value: Any) -> Mapping[str, Any] | None:
    """What stands under our key; in Parquet files it is JSON text."""
    found = value.get(KEY) if isinstance(value, dict) else None
    if isinstance(found, str) and found[:1] == "{":
        try:
            found = orjson.loads(found)
        except orjson.JSONDecodeError:
            return None
    if not isinstance(found, dict) or found.get("form") not in FORMS:
        return None
    return found if found.get("version") == VERSION else None


def _trace(value: Mapping[str, Any], inner: Mapping[str, Any]) -> Trace:
    form = inner["form"]
    stated: dict[str, Any] = {name: inner.get(name) for name in INNER_FIELDS}
    if form == "generic":
        stated |= {field: value.get(key) for key, field in OPEN_FIELDS.items()}
        metadata, probes = value.get("metadata"), value.get("probes")
    else:
        turns = value.get("messages" if form == "messages" else "conversations")
        stated |= {field: inner.get(key) for key, field in OPEN_FIELDS.items()}
        stated |= _messages(turns) if form == "messages" else _sharegpt(turns)
        metadata, probes = inner.get("metadata"), inner.get("probes")
    fields = {name: _checked(name, found) for name, found in stated.items() if found is not None}
    reasoning, answer = fields.get("reasoning"), fields.get("answer")
    if (raw := inner.get("raw_response")) is not None:
        fields["raw_response"] = joined(raw, reasoning, answer)
    if inner.get("metadata_json") is not None:
        metadata = orjson.loads(_text(inner["metadata_json"]))
    if probes is not None or inner.get("probes_json") is not None:
        text = inner.get("probes_json")
        fields["probes"] = as_json(probes) if text is None else _text(text)
    fields["metadata"] = _object(metadata)
    fields["warnings"] = _warnings(inner.get("warnings"))
    return Trace(**fields)


def _messages(turns: Any) -> dict[str, Any]:
    """The texts of ``[{role, content, reasoning_content}]``."""
    found: dict[str, Any] = {}
    for turn in _turns(turns):
        role, content = turn.get("role"), turn.get("content")
        if role == "assistant":
            found |= {"reasoning": turn.get("reasoning_content"), "answer": content}
        elif role in ("user", "system"):
            found["question" if role == "user" else "system_prompt"] = content
    return found


def _sharegpt(turns: Any) -> dict[str, Any]:
    """The texts of ``[{from, value}]`` with the reasoning between marks."""
    found: dict[str, Any] = {}
    for turn in _turns(turns):
        role, text = turn.get("from"), turn.get("value")
        if role == "gpt":
            reasoning, answer = untagged(None if text is None else _text(text))
            found |= {"reasoning": reasoning, "answer": answer}
        elif role in ("human", "system"):
            found["question" if role == "human" else "system_prompt"] = text
    return found


def _turns(turns: Any) -> list[Mapping[str, Any]]:
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise _DamagedError("its turns are gone")
    return turns


def _checked(name: str, value: Any) -> Any:
    """The value in the type of its field."""
    convert: Callable[[Any], Any] = _TYPES.get(name, _text)
    return convert(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _DamagedError("a text is no text any more")
    return value


def _whole(value: Any, bound: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -bound <= value < bound:
        raise _DamagedError("a count is no whole number")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _DamagedError("a number is none")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _DamagedError("true or false is neither")
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _DamagedError("metadata is no object")
    return value


def _warnings(value: Any) -> tuple[Warning_, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(w, list) and len(w) == 2 for w in value):
        raise _DamagedError("warnings are no pairs")
    return tuple(Warning_(_text(code), _text(detail)) for code, detail in value)


_TYPES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_COUNTS, partial(_whole, bound=_INT64)),
    "sample_index": partial(_whole, bound=_INT32),
    **dict.fromkeys(("score", "latency_s", "cost", "format_confidence"), _number),
    **dict.fromkeys(("correct", "truncated", "model_inferred"), _flag),
    "created_at": _moment,
    "reasoning_kind": ReasoningKind,
    "split_method": SplitMethod,
    "finish_reason_norm": FinishReason,
}
