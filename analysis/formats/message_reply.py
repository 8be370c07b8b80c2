"""Replies that are one message: Anthropic's Messages API, Bedrock's Converse, Cohere, Ollama."""

from __future__ import annotations

from typing import Any

from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import (
    ALIASES,
    Row,
    as_error,
    as_float,
    as_id,
    as_int,
    as_label,
    as_text,
    as_time,
)
from analysis.formats.messages import read_reply, role_of
from analysis.formats.usage import usage_fields
from analysis.model import Trace


def is_anthropic(value: Any) -> bool:
    """True for a message with typed content blocks that says how it ended."""
    if not isinstance(value, dict) or role_of(value) not in ("assistant", None):
        return False
    if role_of(value) is None and value.get("type") != "message":
        return False
    ended = "stop_reason" in value or value.get("type") == "message"
    return ended and isinstance(value.get("content"), list)


def is_ollama(value: Any) -> bool:
    """True for a reply of Ollama, of its chat or its generate API."""
    if not isinstance(value, dict) or "done" not in value:
        return False
    if isinstance(value.get("message"), dict):
        return role_of(value["message"]) == "assistant"
    return isinstance(value.get("response"), str) and isinstance(value.get("model"), str)


def is_converse(value: Any) -> bool:
    """True for a reply of Bedrock's Converse API."""
    if not isinstance(value, dict) or not ("stopReason" in value or "stop_reason" in value):
        return False
    output = value.get("output")
    message = output.get("message") if isinstance(output, dict) else None
    return isinstance(message, dict) and role_of(message) == "assistant"


def is_cohere(value: Any) -> bool:
    """True for a reply of Cohere's chat API, version 2."""
    if not isinstance(value, dict) or "finish_reason" not in value or "done" in value:
        return False
    message = value.get("message")
    return (
        isinstance(message, dict)
        and role_of(message) == "assistant"
        and isinstance(message.get("content"), list | None)
    )


def read(exchange: Exchange) -> list[Trace]:
    """The one trace of a reply."""
    reply = exchange.body
    fields = exchange.fields
    fields["model"] = reply.take(as_label, "model") or fields.get("model")
    exchange.put("external_id", reply.take(as_id, "id"))
    exchange.put("created_at", reply.take(as_time, "created_at", "created"))
    fields["finish_reason"] = reply.take(as_label, *ALIASES["finish_reason"])
    exchange.put("prompt_tokens", reply.take(as_int, "prompt_eval_count"))
    exchange.put("completion_tokens", reply.take(as_int, "eval_count"))
    exchange.put("latency_s", _latency(reply))
    exchange.put("error", reply.take(as_error, "error"))
    usage_fields(reply, fields, exchange.texts)
    if exchange.texts.question is None:  # logs of Ollama's other API keep the prompt beside it
        exchange.texts.question = reply.take(as_text, "prompt")
    texts, left = read_reply(_message(reply))
    metadata = exchange.all_metadata()
    left.pop("role", None)
    if left := {key: found for key, found in left.items() if found not in (None, "", [], {})}:
        metadata["message"] = left
    return [exchange.trace(texts, fields, metadata)]


def _message(reply: Row) -> dict[str, Any]:
    message = reply.use("message")
    if isinstance(message, dict):
        return message
    output = reply.get("output")
    if isinstance(output, dict) and isinstance(output.get("message"), dict):
        reply.use("output")
        return dict(output["message"])
    reply.use("role")
    content = reply.use("content") if "content" in reply else reply.use("response")
    thinking = reply.use("thinking")
    return {"role": "assistant", "content": content, **({"thinking": thinking} if thinking else {})}


def _latency(reply: Row) -> float | None:
    """The duration in seconds: Ollama states nanoseconds, Bedrock milliseconds."""
    nanoseconds = reply.take(as_float, "total_duration")
    if nanoseconds is not None:
        return nanoseconds / 1e9
    metrics = reply.get("metrics")
    found = Row(metrics).take(as_float, "latency_ms") if isinstance(metrics, dict) else None
    return None if found is None else found / 1e3


ANTHROPIC = Body("anthropic_messages", is_anthropic, read, ("content",), failures_under=("result",))
CONVERSE = Body("bedrock_converse", is_converse, read, ("output",), failures_under=("recordId",))
COHERE = Body("cohere", is_cohere, read, ("message",))
OLLAMA = Body("ollama", is_ollama, read, ("done",))
