"""Replies of model servers and what stands around them: requests, batch lines, log entries.

A family of replies brings a ``Body``; the envelope is found here once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    Row,
    as_effort,
    as_error,
    as_float,
    as_gold,
    as_int,
    as_label,
    as_small_int,
    as_text,
    as_time,
)
from analysis.formats.messages import is_messages, read_messages
from analysis.model import Rejected, Trace

_BODY_KEYS = (
    "response", "body", "completion", "result", "output", "raw_response", "api_response",
    "model_output",
)  # fmt: skip
_REQUEST_KEYS = ("request", "input", "params", "body", "kwargs")


@dataclass(slots=True)
class Exchange:
    """One reply with all that is known around it; a body reader fills in the rest."""

    body: Row
    hint: FileHint
    format_id: str
    confidence: float
    texts: Texts = field(default_factory=Texts)
    """The question, the system prompt and warnings; the response's texts are the reader's."""
    fields: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] = field(default_factory=dict)
    """What of the request was not used."""
    enveloped: bool = False

    def put(self, name: str, value: Any) -> None:
        """Set a field that nothing nearer to the person has set."""
        if value is not None and self.fields.get(name) is None:
            self.fields[name] = value

    def all_metadata(self) -> dict[str, Any]:
        """What was used nowhere, by where it stood."""
        found = dict(self.metadata)
        if self.request:
            found["request"] = self.request
        left = self.body.rest()
        if not self.enveloped:
            return {**found, **left}
        if left:
            found["response"] = {**found.get("response", {}), **left}
        return found

    def trace(self, texts: Texts, fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> Trace:
        """The trace of one response of this reply."""
        texts.question, texts.system_prompt = self.texts.question, self.texts.system_prompt
        for warning in self.texts.warnings:
            texts.warn(warning.code, warning.detail)
        return make_trace(
            texts,
            fields,
            metadata,
            hint=self.hint,
            format_id=self.format_id,
            confidence=self.confidence,
        )


@dataclass(frozen=True, slots=True)
class Body:
    """A family of replies: how to know one, and how to read it."""

    format_id: str
    is_body: Callable[[Any], bool]
    read: Callable[[Exchange], list[Trace]]
    failed_batch: bool = False
    """Batch lines without any reply are this family's."""

    def recognise(self, value: Any) -> float:
        """How surely ``value`` is such a reply, alone or in an envelope, 0 to 1."""
        if not isinstance(value, dict):
            return 0.0
        if self.is_body(value):
            return 0.95
        if self._inside(value) is not None:
            return 0.97
        return 0.9 if self.failed_batch and _is_failed(value) else 0.0

    def read_value(self, value: Any, hint: FileHint) -> list[Trace] | Rejected:
        """The traces of a reply, alone or in an envelope."""
        confidence = self.recognise(value)
        if not isinstance(value, dict) or not confidence:
            return Rejected("no_text", f"This is no reply of the kind {self.format_id}.")
        if self.is_body(value):
            return self.read(Exchange(Row(value), hint, self.format_id, confidence))
        row = Row(value)
        found = self._inside(value)
        body, around, key = found or ({}, None, "")
        exchange = Exchange(Row(body), hint, self.format_id, confidence, enveloped=True)
        if found:
            row.use(key)
        read_request(_request(row, self.is_body), exchange)
        _envelope_fields(row, exchange)
        if around is not None:
            exchange.metadata["response"] = {k: v for k, v in around.items() if v is not body}
        if found:
            exchange.metadata.update(row.rest())
            return self.read(exchange)
        exchange.put("error", _failure(row))
        return [exchange.trace(Texts(), exchange.fields, {**row.rest(), **exchange.all_metadata()})]

    def _inside(
        self, value: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any] | None, str] | None:
        """The reply in an envelope, the object right around it, and the key of the two."""
        for key in _BODY_KEYS:
            inner = value.get(key)
            if not isinstance(inner, dict):
                continue
            if self.is_body(inner):
                return inner, None, key
            if self.is_body(inner.get("body")):
                return inner["body"], inner, key
        return None


def _is_failed(value: Mapping[str, Any]) -> bool:
    """A line of a batch output whose request gave no reply; it is a trace with an error."""
    response = value.get("response")
    if "custom_id" not in value or not ("error" in value or "response" in value):
        return False
    body = response.get("body") if isinstance(response, dict) else None
    return response is None or (isinstance(body, dict) and "error" in body)


def _failure(row: Row) -> str:
    error = row.take(as_error, "error")
    response = row.get("response")
    if error is None and isinstance(response, dict):
        body = response.get("body")
        error = as_error(body.get("error")) if isinstance(body, dict) else None
        if error is None and (status := as_int(response.get("status_code"))) is not None:
            error = f"HTTP status {status}"
    return error or "the request failed"


def _envelope_fields(row: Row, exchange: Exchange) -> None:
    exchange.put("external_id", row.take(as_label, "custom_id", "id", "key", "index"))
    exchange.put("latency_s", row.take(as_float, "latency_s", "latency", "duration_s"))
    exchange.put("created_at", row.take(as_time, "created_at", "timestamp"))
    exchange.put("question_id", row.take(as_label, "question_id", "problem_id", "task_id"))
    exchange.put("dataset", row.take(as_label, "dataset"))
    exchange.put(
        "gold_answer", row.take(as_gold, "gold", "gold_answer", "ground_truth", "expected_answer")
    )
    exchange.put("sample_index", row.take(as_small_int, "sample_index", "sample_idx"))


def _request(row: Row, is_body: Callable[[Any], bool]) -> Mapping[str, Any]:
    """The request in an envelope, or the envelope's own messages or prompt."""
    for key in _REQUEST_KEYS:
        value = row.get(key)
        if isinstance(value, dict) and not is_body(value):
            row.use(key)
            inner = value.get("body")
            return inner if isinstance(inner, dict) else value
    if is_messages(row.get("messages")):
        return {"messages": row.use("messages")}
    prompt = row.take(as_text, "prompt", "question", "input")
    return {"prompt": prompt} if prompt else {}


def read_request(request: Mapping[str, Any], exchange: Exchange) -> None:
    """Question and settings of a request; what of it is not used stays in ``exchange.request``."""
    asked = Row(request)
    left: dict[str, Any] = {}
    for key in ("messages", "input", "prompt"):
        value = asked.get(key)
        if is_messages(value):
            asked.use(key)
            # The reply is the turn to come: whatever was said before is context.
            conversation = read_messages([*value, {"role": "assistant", "content": ""}])
            exchange.texts.question = conversation.question
            exchange.texts.system_prompt = conversation.system_prompt
            left = conversation.metadata
            break
        if isinstance(value, str) and value.strip():
            exchange.texts.question = asked.use(key)
            break
    if exchange.texts.system_prompt is None:
        exchange.texts.system_prompt = asked.take(as_text, "instructions", "system")
    settings = _object(asked.get("reasoning"))
    effort = asked.take(as_effort, "reasoning_effort", "effort") or settings.take(
        as_effort, "effort"
    )
    if effort is not None:
        exchange.fields.update(effort=effort, effort_source="request")
    exchange.put(
        "thinking_budget_tokens", _object(asked.get("thinking")).take(as_int, "budget_tokens")
    )
    exchange.put("thinking_budget_tokens", settings.take(as_int, "max_tokens"))
    exchange.put("model", as_label(asked.get("model")))
    exchange.request = {**asked.rest(), **left}


def _object(value: Any) -> Row:
    return Row(value if isinstance(value, dict) else {})
