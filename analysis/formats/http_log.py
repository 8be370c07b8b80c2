"""Recorded HTTP exchanges (HAR files, VCR cassettes, logs of proxies) as a request and a reply.

The bodies stand some levels below ``request`` and ``response``, parsed or as JSON text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analysis.formats.attributes import whole

_BODIES = (
    "body", "parsed_body", "json", "content", "text", "data", "string", "postData", "post_data", "payload",
)  # fmt: skip
_DEPTH = 3
_ASKED = frozenset(("messages", "input", "contents", "prompt", "inputs"))


def exchanged(value: Mapping[str, Any], is_reply: Callable[[Any], bool]) -> dict[str, Any] | None:
    """``{"request": .., "response": ..}`` with the bodies in place of what holds them; None for a
    record without both, or whose reply stands there already."""
    request, response = value.get("request"), value.get("response")
    if not isinstance(request, dict) or not isinstance(response, dict) or is_reply(response):
        return None
    reply = _body(response, is_reply)
    if reply is None or reply is response.get("body"):  # that is the envelope of a batch
        return None
    asked = _body(request, lambda found: isinstance(found, dict) and not _ASKED.isdisjoint(found))
    rest = {k: v for k, v in value.items() if k not in ("request", "response")}
    http = {
        name: about
        for name, holder in (("request", request), ("response", response))
        if (about := {k: v for k, v in holder.items() if k not in _BODIES})
    }
    return {**rest, "http": http, "request": asked or request, "response": reply}


def _body(holder: Mapping[str, Any], fits: Callable[[Any], bool]) -> dict[str, Any] | None:
    level: list[Any] = [holder]
    for _ in range(_DEPTH):
        opened = [whole(found[k]) for found in level for k in _BODIES if k in found]
        below: list[dict[str, Any]] = [found for found in opened if isinstance(found, dict)]
        if (body := next((found for found in below if fits(found)), None)) is not None:
            return body
        level = below
    return None
