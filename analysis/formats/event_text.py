"""A whole event stream as the text of one column: ``data: {..}`` lines, kept as they came in."""

from __future__ import annotations

from typing import Any

import orjson

_DONE = "[DONE]"
_PASSED = ("id:", "retry:", ":")


def events_of(text: str) -> list[dict[str, Any]] | None:
    """The events of a stream; None for a text that holds anything else, or a broken event."""
    events: list[dict[str, Any]] = []
    name = ""
    for line in text.split("\n"):
        line = line.strip("\r ")
        if line.startswith("event:"):
            name = line[len("event:") :].strip()
        elif line.startswith("data:"):
            body = line[len("data:") :].strip()
            if body == _DONE or not body:
                continue
            try:
                value = orjson.loads(body)
            except orjson.JSONDecodeError:
                return None
            if not isinstance(value, dict):
                return None
            events.append({"type": name, **value} if name and "type" not in value else value)
            name = ""
        elif line and not line.startswith(_PASSED):
            return None
    return events or None
