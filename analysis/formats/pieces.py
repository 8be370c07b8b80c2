"""Streamed replies that were kept one piece a record: lines of Ollama's API, chunks as JSONL, the
JSON array that Gemini streams. Pieces of one reply that follow each other become one record, and so
do the turns of one conversation that stand alone (``loose_turns``).

The record has the form of an event stream's, ``{"sse_events": [...]}``; ``stream_reply`` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from analysis import limits
from analysis.formats.loose_turns import is_turn_key, new_talk, talk_of, turn_key
from analysis.formats.part import Part
from analysis.formats.records import Record

_CHUNK = "chat.completion.chunk"
_STARTS = {
    "message_start": ("message_", "content_block_", "ping"),
    "response.created": ("response.",),
    "message-start": ("message-", "content-", "tool-", "citation-"),
}
"""The event that begins a reply, and how the types of the events after it begin."""
_ENDS = frozenset(
    ("message_stop", "message-end", "response.completed", "response.incomplete", "response.failed")
)

Key = tuple[str, Any]

_CONVERSE: Key = ("converse", "")
_CONVERSE_EVENTS = frozenset(
    ("messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop")
)


def piece_key(value: Any, before: Key | None = None) -> Key | None:
    """Which reply a value is a piece of, the piece before it being of ``before``; None for all
    else. Looks at a few keys only."""
    if not isinstance(value, dict) or isinstance(value, Part):
        return None
    if value.get("object") == _CHUNK:
        return "chat", str(value.get("id"))
    if isinstance(value.get("done"), bool) and ("message" in value or "response" in value):
        return "ollama", str(value.get("model"))
    if "candidates" in value and (reply := value.get("responseId") or value.get("response_id")):
        return "gemini", str(reply)
    if (turns := turn_key(value, before)) is not None:
        return turns
    kind = value.get("type")
    if not isinstance(kind, str):
        return _converse_key(value, before)
    if kind in _STARTS:
        return "events", kind
    goes_on = before is not None and before[0] == "events" and kind.startswith(_STARTS[before[1]])
    return before if goes_on else None


def _converse_key(value: dict[str, Any], before: Key | None) -> Key | None:
    """The same for an event of Bedrock's ConverseStream, whose one key says what it is."""
    if len(value) != 1:
        return None
    name = next(iter(value))
    goes_on = name == "metadata" and before == _CONVERSE
    return _CONVERSE if name in _CONVERSE_EVENTS or goes_on else None


def _ends(value: dict[str, Any], key: Key) -> bool:
    """True for the last piece of a reply."""
    if key[0] == "ollama":
        return bool(value.get("done"))
    if key[0] == "gemini":
        found = value.get("candidates")
        return any(
            isinstance(c, dict) and bool(c.get("finishReason") or c.get("finish_reason"))
            for c in (found if isinstance(found, list) else [])
        )
    if key == _CONVERSE:
        return "metadata" in value  # stands behind the stop
    return key[0] == "events" and value.get("type") in _ENDS


def joined(records: Iterable[Record]) -> Iterator[Record]:
    """The records, of which pieces of one reply are one; indices count the records given."""
    group: list[Record] = []
    current: Key | None = None
    size = 0
    fewer = 0
    for record in records:
        key = None if record.more else piece_key(record.value, current)
        value: Any = record.value
        last: Any = group[-1].value if group else None
        begins = key is not None and (
            key == ("events", value.get("type"))
            or (key == _CONVERSE and "messageStart" in value)
            or (last is not None and new_talk(value, key, last))
        )
        if group and (begins or key != current or size > limits.MAX_LINE_BYTES):
            yield _one(group, fewer)
            fewer += len(group) - 1
            group, size = [], 0
        current = key
        if key is None:
            yield replace(record, index=record.index - fewer) if fewer else record
            continue
        group.append(record)
        size += record.byte_end - record.byte_start
        if _ends(value, key):
            yield _one(group, fewer)
            fewer += len(group) - 1
            group, size, current = [], 0, None
    if group:
        yield _one(group, fewer)


def _one(group: list[Record], fewer: int) -> Record:
    """One record of the pieces; a reply that came whole stays as it is."""
    first, last = group[0], group[-1]
    index = first.index - fewer
    if len(group) == 1 and not _is_part(first.value):
        return replace(first, index=index) if fewer else first
    values: list[Any] = [record.value for record in group]
    talk = is_turn_key(piece_key(values[0]))
    return replace(
        first,
        index=index,
        byte_end=last.byte_end,
        value=talk_of(values) if talk else {"sse_events": values},
        raw=b"",
        warnings=tuple(note for record in group for note in record.warnings),
        last_line=last.end_line,
    )


def _is_part(value: Any) -> bool:
    """True for a piece that cannot be a whole reply."""
    kind = value.get("type")
    return (
        value.get("object") == _CHUNK
        or value.get("done") is False
        or (isinstance(kind, str) and kind in _STARTS)
        or _converse_key(value, None) is not None
    )
