"""Server-sent events of a reply, as JSON objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from analysis import limits


class StreamError(Exception):
    """A stream is not what it should be; what came before stays good."""


def read_events(pieces: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The ``data:`` objects of a stream, up to ``[DONE]``, which is given as ``{"done": True}``.

    Raises ``StreamError`` for data that is no JSON object and for an event without end.
    """
    held = bytearray()
    for piece in pieces:
        held += piece
        if len(held) > limits.MAX_EVENT_BYTES and b"\n" not in piece:
            raise StreamError(f"an event has more than {limits.MAX_EVENT_BYTES:,} bytes")
        if b"\n" not in piece:
            continue
        *lines, rest = bytes(held).split(b"\n")
        held = bytearray(rest)
        for line in lines:
            yield from _event(line)
    if held.strip():
        yield from _event(bytes(held))


def _event(line: bytes) -> Iterator[dict[str, Any]]:
    line = line.strip()
    if not line.startswith(b"data:"):
        return  # a comment that keeps the connection alive, an event's name, a blank line
    data = line[5:].strip()
    if data == b"[DONE]":
        yield {"done": True}
        return
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise StreamError(
            f"an event is no JSON: {data[:80].decode('utf-8', 'replace')!r}"
        ) from error
    if not isinstance(value, dict):
        raise StreamError("an event is no JSON object")
    yield value
