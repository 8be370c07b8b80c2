"""Every family of server replies together: which one a value is, and reading it as a part of
something larger (a run of a tracing tool, a stream that was put together)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.formats import chat_completion, gemini, message_reply, responses
from analysis.formats.asking import read_request
from analysis.formats.draft import FileHint, Texts
from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import Row
from analysis.model import Trace, Warning_

BODIES: tuple[Body, ...] = (
    chat_completion.BODY,
    responses.BODY,
    message_reply.ANTHROPIC,
    gemini.BODY,
    message_reply.CONVERSE,
    message_reply.COHERE,
    message_reply.OLLAMA,
)


def body_kind(value: Any) -> Body | None:
    """The family of a reply; None for what is no reply."""
    if not isinstance(value, dict):
        return None
    return next((body for body in BODIES if body.is_body(value)), None)


def is_reply(value: Any) -> bool:
    """True for a reply of any family."""
    return body_kind(value) is not None


def read_exchange(
    request: Mapping[str, Any],
    reply: Mapping[str, Any] | None,
    known: Mapping[str, Any],
    rest: Mapping[str, Any],
    hint: FileHint,
    format_id: str,
) -> list[Trace]:
    """The traces of a reply with its request; ``known`` are fields that are stated around it,
    ``rest`` is for metadata. Without a reply it is a failed request if ``known`` has an error."""
    family = body_kind(reply)
    exchange = Exchange(Row(reply or {}), hint, format_id, 0.95, enveloped=True)
    for name, value in known.items():
        exchange.put(name, value)
    read_request(request, exchange)
    exchange.metadata.update(rest)
    if family is not None:
        return family.read(exchange)
    if not known.get("error"):
        return []
    return [exchange.trace(Texts(), exchange.fields, exchange.all_metadata())]


def with_others(
    traces: list[Trace], others: int, around: Mapping[str, Any] | None = None
) -> list[Trace]:
    """Say that a record of a tracing tool also held what is no call of a model; what stands
    ``around`` the calls is kept with the first trace."""
    if not traces or not (others or around):
        return traces
    first = traces[0]
    if others:
        note = Warning_("steps_left_out", f"{others} steps here are no calls of a model")
        first = replace(first, warnings=(*first.warnings, note))
    if around:
        first = replace(first, metadata={**first.metadata, "trace": dict(around)})
    return [first, *traces[1:]]
