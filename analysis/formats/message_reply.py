"""Replies that are one message: Anthropic's Messages API and Ollama's chat API."""

from __future__ import annotations

from typing import Any

from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import ALIASES, as_int, as_label, as_time
from analysis.formats.messages import read_reply, role_of
from analysis.formats.usage import usage_fields
from analysis.model import Trace


def is_anthropic(value: Any) -> bool:
    """True for a message with typed content blocks that says how it ended."""
    if not isinstance(value, dict) or role_of(value) != "assistant":
        return False
    ended = "stop_reason" in value or value.get("type") == "message"
    return ended and isinstance(value.get("content"), list)


def is_ollama(value: Any) -> bool:
    """True for a chat reply of Ollama (its other API gives plain columns)."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("message"), dict)
        and role_of(value["message"]) == "assistant"
        and "done" in value
    )


def read(exchange: Exchange) -> list[Trace]:
    """The one trace of a reply."""
    reply = exchange.body
    fields = exchange.fields
    fields["model"] = reply.take(as_label, "model") or fields.get("model")
    exchange.put("external_id", reply.take(as_label, "id"))
    exchange.put("created_at", reply.take(as_time, "created_at", "created"))
    fields["finish_reason"] = reply.take(as_label, *ALIASES["finish_reason"])
    exchange.put("prompt_tokens", reply.take(as_int, "prompt_eval_count"))
    exchange.put("completion_tokens", reply.take(as_int, "eval_count"))
    usage_fields(reply, fields, exchange.texts)
    message = reply.use("message")
    if not isinstance(message, dict):
        message = {"role": "assistant", "content": reply.use("content")}
        reply.use("role")
    texts, left = read_reply(message)
    metadata = exchange.all_metadata()
    left.pop("role", None)
    if left := {key: found for key, found in left.items() if found not in (None, "", [], {})}:
        metadata["message"] = left
    return [exchange.trace(texts, fields, metadata)]


ANTHROPIC = Body("anthropic_messages", is_anthropic, read, failures_under=("result",))
OLLAMA = Body("ollama", is_ollama, read)
