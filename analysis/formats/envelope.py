"""Replies of model servers and what stands around them: requests, batch lines, log entries.

A family of replies brings a ``Body``; the envelope is found here once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from analysis.formats.asking import find_request, read_request, read_settings
from analysis.formats.base import any_of
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import ALIASES, CONVERT, Row, as_error, as_id, as_int
from analysis.formats.markers import UNMARKED
from analysis.formats.unmarked import settle_unmarked
from analysis.formats.usage import usage_fields
from analysis.model import Rejected, Trace

_BODY_KEYS = (
    "response", "body", "completion", "output", "raw_response", "api_response",
    "model_output", "modelOutput", "result", "outputs", "response_data", "response_body", "raw", "reply", "api_result",
    "llm_response", "llm_output", "resp", "response_json", "json", "chat_completion", "data", "message",
)  # fmt: skip
_TICKETS = ("custom_id", "key", "recordId")
"""What a batch line is called by, as its request named it."""
_FAILED_RESULTS = ("errored", "expired", "canceled", "cancelled")
_STATED = (
    "question_id", "dataset", "sample_index", "gold_answer", "extracted_answer", "correct", "score",
    "checkpoint", "target_language", "latency_s", "created_at",
)  # fmt: skip
"""The fields that an envelope may state; the reply and the request state the others."""
_AROUND = ("model", "provider", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cost")
"""What an envelope may state too, where the reply does not."""
_ASKED_BESIDE = frozenset(
    ("question", "problem", "query", "instruction", "messages", "contents", "raw_input", "prompt")
)
_SETTINGS = (
    "reasoning_effort", "effort", "reasoning", "thinking", "model_parameters", "extra_body",
)  # fmt: skip
"""What an envelope may say of a request whose settings stand in it."""
_NOTES = ("metadata", "meta", "extra", "info")
_HTTP_FAILED = 400
_ERROR_KEYS = {"code", "type", "message"}
"""All that the text of an error is made of."""


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
    around: dict[str, Any] = field(default_factory=dict)
    """Fields that the envelope states; the reply knows better."""
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
            around = found.get("response", {})
            if isinstance(around, dict):
                found["response"] = {**around, **left}
            else:  # the reply stood under another key
                found["reply"] = left
        return found

    def trace(self, texts: Texts, fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> Trace:
        """The trace of one response of this reply."""
        texts.question, texts.system_prompt = self.texts.question, self.texts.system_prompt
        fields = {**self.around, **{k: v for k, v in fields.items() if v is not None}}
        if UNMARKED.search(str(fields.get("model") or "")):
            settle_unmarked(texts, fields)
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
    keys: tuple[str, ...] = ()
    """Keys of which every such reply has one; empty: its keys alone do not tell."""
    failures_under: tuple[str, ...] = ()
    """Envelope keys under which this family's failed requests stand."""
    failure_score: float = 0.9
    """How surely a failed request with such a key is of this family."""

    @property
    def needs(self) -> tuple[frozenset[str], ...]:
        """Keys of which an object needs one to be such a reply, alone or in an envelope."""
        return any_of(*self.keys, *_BODY_KEYS, *self.failures_under) if self.keys else ()

    def recognise(self, value: Any) -> float:
        """How surely ``value`` is such a reply, alone or in an envelope, 0 to 1."""
        if not isinstance(value, dict):
            return 0.0
        if self.is_body(value):
            return 0.95
        if self._inside(value) is not None:
            return 0.97
        ours = any(key in value for key in self.failures_under)
        return self.failure_score if ours and _is_failed(value) else 0.0

    def read_value(self, value: Any, hint: FileHint) -> list[Trace] | Rejected:
        """The traces of a reply, alone or in an envelope."""
        confidence = self.recognise(value)
        if not isinstance(value, dict) or not confidence:
            return Rejected("no_text", f"This is no reply of the kind {self.format_id}.")
        row = Row(value)
        if self.is_body(value):
            exchange = Exchange(row, hint, self.format_id, confidence)
            if not _ASKED_BESIDE.isdisjoint(value):  # a reply with columns of a row around it
                read_request(find_request(row, self.is_body), exchange)
                _envelope_fields(row, exchange)
            return self.read(exchange)
        found = self._inside(value)
        body, around, key = found or ({}, None, "")
        exchange = Exchange(Row(body), hint, self.format_id, confidence, enveloped=True)
        if found:
            row.use(key)
        read_request(find_request(row, self.is_body), exchange)
        _envelope_fields(row, exchange)
        if around is not None:
            exchange.metadata["response"] = {k: v for k, v in around.items() if v is not body}
            usage_fields(Row(around), exchange.around, exchange.texts)
        if found:
            exchange.metadata.update(row.rest())
            return self.read(exchange)
        exchange.put("error", _failure(value))
        failure = row.get("error")
        if not isinstance(failure, dict) or failure.keys() <= _ERROR_KEYS:
            row.use("error")
        return [exchange.trace(Texts(), exchange.fields, {**row.rest(), **exchange.all_metadata()})]

    def _inside(
        self, value: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any] | None, str] | None:
        """The reply in an envelope, the object right around it, and the key of the two."""
        for key in _body_keys(tuple(value)):
            inner = value[key]
            if not isinstance(inner, dict):
                continue
            if self.is_body(inner):
                return inner, None, key
            for name in ("body", "message", "output"):  # "output": DashScope
                if self.is_body(inner.get(name)):
                    return inner[name], inner, key
        return None


@lru_cache(maxsize=2048)
def _body_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an object's keys that a reply may stand under, the likeliest first."""
    return tuple(key for key in _BODY_KEYS if key in keys)


def _failed_part(value: Mapping[str, Any]) -> Any:
    """What an envelope holds in place of a reply that failed; None where it did not fail."""
    result = value.get("result")
    if isinstance(result, dict) and result.get("type") in _FAILED_RESULTS:
        return result.get("error") or result["type"]
    response = value.get("response")
    if isinstance(response, dict):
        body = response.get("body")
        inner = body if isinstance(body, dict) else response
        status = as_int(response.get("status_code")) or 0
        if not response and isinstance(value.get("status"), str):  # Vertex says why there
            return value["status"] or "the request failed"
        return inner.get("error") or (f"HTTP status {status}" if status >= _HTTP_FAILED else None)
    if response is None and ("response" in value or value.get("error")):
        return value.get("error") or "the request failed"
    return None


def _is_failed(value: Mapping[str, Any]) -> bool:
    """A log or batch line whose request gave no reply; it is a trace with an error."""
    asked = any(key in value for key in _TICKETS) or isinstance(value.get("request"), dict)
    return asked and _failed_part(value) is not None


def _failure(value: Mapping[str, Any]) -> str:
    found = _failed_part(value)
    nested = found.get("error") if isinstance(found, dict) else None
    return as_error(nested) or as_error(found) or "the request failed"


def _envelope_fields(row: Row, exchange: Exchange) -> None:
    """What the envelope states of the exchange, itself or in an object of notes."""
    exchange.put("external_id", row.take(as_id, "custom_id", "id", "key", "record_id", "index"))
    for name in _STATED:
        exchange.put(name, row.take(CONVERT[name], *ALIASES[name]))
    if "effort" not in exchange.fields:
        settings = {k: found for k in _SETTINGS if (found := row.get(k)) is not None}
        read_settings(settings, exchange, "request")
    usage_fields(row, exchange.around, exchange.texts)
    for name in _AROUND:
        found = row.take(CONVERT[name], *ALIASES[name])
        if found is not None:
            exchange.around.setdefault(name, found)
    for key in _NOTES:
        notes = _object(row.get(key))  # they also stay in metadata as they stand
        for name in _STATED:
            exchange.put(name, notes.take(CONVERT[name], *ALIASES[name]))


def _object(value: Any) -> Row:
    return Row(value if isinstance(value, dict) else {})
