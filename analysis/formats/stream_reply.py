"""Streamed replies that were kept event by event: server-sent events, or a list of chunks.

A stream is a list of parsed events, under ``sse_events`` or where a reply would stand. Several
replies one after the other in one dump are told apart by their ids or by their first events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.formats import gemini, stream_join
from analysis.formats.asking import find_request
from analysis.formats.draft import FileHint
from analysis.formats.fields import Row, as_error
from analysis.formats.reply_bodies import body_kind, read_exchange
from analysis.formats.stream_join import Event
from analysis.model import Rejected, Trace, Warning_

FORMAT_ID = "sse_stream"
_PLACES = ("sse_events", "response", "events", "chunks", "stream", "output")
_CONVERSE = frozenset(
    ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop")
)
_COHERE = frozenset(
    ("message-start", "content-start", "content-delta", "content-end", "message-end")
)
_LOOKED_AT = 8
"""The first events are enough to tell a family (pings and comments come between)."""


@dataclass(frozen=True, slots=True)
class _Family:
    """Streams of one kind of server."""

    is_event: Callable[[Event], bool]
    join: Callable[[Sequence[Event]], dict[str, Any]]
    key: Callable[[Event], Any]
    """Which reply an event belongs to; None where it does not say."""
    ended: Callable[[Event], bool]
    """True for an event after which a whole reply is there."""


def _choices(event: Event) -> list[dict[str, Any]]:
    found = event.get("choices")
    return [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []


def _is_chat(event: Event) -> bool:
    if event.get("object") in ("chat.completion.chunk", "text_completion.chunk"):
        return True
    return any("delta" in choice for choice in _choices(event))


def _is_kind(*starts: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(kind := event.get("type"), str) and kind.startswith(starts)


def _is_candidates(event: Event) -> bool:
    return gemini.is_body(event)


def _has_candidate_end(event: Event) -> bool:
    found = event.get("candidates")
    return any(
        isinstance(c, dict) and (c.get("finishReason") or c.get("finish_reason"))
        for c in (found if isinstance(found, list) else [])
    )


def _is_ollama(event: Event) -> bool:
    said = isinstance(event.get("message"), dict) or isinstance(event.get("response"), str)
    return said and isinstance(event.get("done"), bool)


_FAMILIES: tuple[_Family, ...] = (
    _Family(
        _is_chat,
        stream_join.join_chat,
        lambda event: event.get("id") or None,
        lambda event: any(c.get("finish_reason") for c in _choices(event)),
    ),
    _Family(
        _is_kind("response."),
        stream_join.join_responses,
        lambda event: _new(event, "response.created"),
        lambda event: (
            event.get("type")
            in ("response.completed", "response.incomplete", "response.failed", "response.done")
        ),
    ),
    _Family(
        _is_kind("message_", "content_block_"),
        stream_join.join_anthropic,
        lambda event: _new(event, "message_start"),
        lambda event: event.get("type") in ("message_stop", "message_delta"),
    ),
    _Family(
        lambda event: event.get("type") in list(_COHERE),
        stream_join.join_cohere,
        lambda event: _new(event, "message-start"),
        lambda event: event.get("type") == "message-end",
    ),
    _Family(
        _is_candidates,
        stream_join.join_gemini,
        lambda event: event.get("responseId") or event.get("response_id"),
        _has_candidate_end,
    ),
    _Family(
        lambda event: not _CONVERSE.isdisjoint(event),
        stream_join.join_converse,
        lambda event: id(event) if "messageStart" in event else None,
        lambda event: "messageStop" in event,
    ),
    _Family(
        _is_ollama,
        stream_join.join_ollama,
        lambda event: None,
        lambda event: event.get("done") is True,
    ),
)


def _new(event: Event, kind: str) -> Any:
    return id(event) if event.get("type") == kind else None


def recognise(value: Any) -> float:
    """A list of events of one of the known servers, alone or with its request."""
    if isinstance(value, dict) and isinstance(value.get("sse_events"), list):
        return 0.99
    found = _events_in(value)
    return 0.0 if found is None else 0.98


def _events_in(value: Any) -> tuple[str, list[Any]] | None:
    """The events in a value, and the key that they stand under ('' for the value itself)."""
    if isinstance(value, list):
        return ("", value) if _family_of(value) else None
    if isinstance(value, dict):
        for key in _PLACES:
            found = value.get(key)
            if isinstance(found, dict):  # {"response": {"stream": [...]}}
                found = next((v for k in _PLACES if isinstance(v := found.get(k), list)), None)
            if isinstance(found, list) and found and (key == "sse_events" or _family_of(found)):
                return key, found
    return None


def _family_of(events: Sequence[Any]) -> _Family | None:
    for event in events[:_LOOKED_AT]:
        data = _data(event)
        if data is None:
            continue
        for family in _FAMILIES:
            if family.is_event(data):
                return family
    return None


def _data(event: Any) -> dict[str, Any] | None:
    """An event's data; where a name stands apart it is the type."""
    if not isinstance(event, dict):
        return None
    inner = event.get("data")
    if isinstance(inner, dict) and event.keys() <= {"event", "data", "id", "retry"}:
        name = event.get("event")
        return inner if "type" in inner or not isinstance(name, str) else {"type": name, **inner}
    chunk = event.get("chunk")
    return chunk if isinstance(chunk, dict) and len(event) == 1 else event


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """One trace for each response of each reply of the stream."""
    found = _events_in(value)
    if found is None:
        return Rejected("no_text", "These are no events of a streamed reply that is known.")
    key, items = found
    events = [data for item in items if (data := _data(item)) is not None]
    row = Row(value if isinstance(value, dict) else {})
    request: Mapping[str, Any] = {}
    if isinstance(value, dict):
        row.use(key)
        request = find_request(row, lambda inner: body_kind(inner) is not None)
    rest = row.rest()
    family = _family_of(items) or (_FAMILIES[0] if any(map(_choices, events)) else None)
    traces: list[Trace] = []
    for part in _replies(events, family) if family else [events]:
        traces += _read_reply(part, family, request, rest, hint)
    if traces:
        return traces
    return Rejected("no_text", f"The {len(items)} events of this stream hold no text of a model.")


def _replies(events: Sequence[Event], family: _Family) -> Iterator[list[Event]]:
    """The events of each reply of a dump."""
    part: list[Event] = []
    current: Any = None
    done = False
    for event in events:
        key = family.key(event)
        fresh = key is not None and current is not None and key != current
        again = done and key is None and family.is_event(event) and not _is_tail(event, family)
        if part and (fresh or again):
            yield part
            part, current, done = [], None, False
        part.append(event)
        current = key if key is not None else current
        done = done or family.ended(event)
    if part:
        yield part


def _is_tail(event: Event, family: _Family) -> bool:
    """True for what may follow a reply's last text: usage, a closing event."""
    if family.join is stream_join.join_ollama:
        return False
    if family.join in (stream_join.join_chat, stream_join.join_gemini):
        return not (_choices(event) or event.get("candidates")) or family.ended(event)
    return True


def _read_reply(
    events: Sequence[Event],
    family: _Family | None,
    request: Mapping[str, Any],
    rest: Mapping[str, Any],
    hint: FileHint,
) -> list[Trace]:
    failed = next((e["error"] for e in events if e.get("error")), None)
    known: dict[str, Any] = {"error": as_error(failed)} if failed else {}
    reply = family.join(events) if family else None
    traces = read_exchange(request, reply, known, rest, hint, FORMAT_ID)
    ended = family is not None and any(family.ended(event) for event in events)
    return traces if ended or failed else [_cut(trace) for trace in traces]


def _cut(trace: Trace) -> Trace:
    """A reply whose stream broke off: without an answer it ended inside the reasoning."""
    note = Warning_("stream_cut", "the stream ends before it says that the reply is whole")
    inside = bool(trace.reasoning) and not trace.answer
    return replace(trace, warnings=(*trace.warnings, note), truncated=trace.truncated or inside)
