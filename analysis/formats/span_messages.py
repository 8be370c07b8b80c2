"""The messages of a model's call in a span: where each convention keeps them, as chat turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.formats.attributes import at, tree_of, whole
from analysis.formats.fields import as_label
from analysis.formats.messages import is_messages

_USER_EVENTS = {
    "gen_ai.user.message": "user",
    "gen_ai.system.message": "system",
    "gen_ai.tool.message": "tool",
    "gen_ai.assistant.message": "assistant",
}
_SPOKEN = ("content", "parts", "contents", "tool_calls", "reasoning_content", "text")


@dataclass(frozen=True, slots=True)
class SpanTurns:
    """What was said in a call."""

    asked: list[dict[str, Any]]
    replies: list[dict[str, Any]]
    source: str
    used: tuple[str, ...]
    """The beginnings of the attributes that were read."""
    system: Any = None
    finishes: list[Any] = field(default_factory=list)

    def finish(self, number: int) -> str | None:
        """Why a reply ended, as the span says beside the messages."""
        return as_label(self.finishes[number]) if number < len(self.finishes) else None


def turns_of(tree: Mapping[str, Any], events: Any) -> SpanTurns | None:
    """The turns of a span; None for a span that holds no call of a model."""
    for read in (_gen_ai, _openinference, _numbered, _logfire):
        found = read(tree)
        if found is not None:
            return found
    found = _from_events(tree, events)
    if found is not None:
        return found
    return _raw_values(tree) or _failed(tree)


def _finishes(tree: Mapping[str, Any]) -> list[Any]:
    reasons = whole(at(tree, "gen_ai", "response", "finish_reasons"))
    return reasons if isinstance(reasons, list) else [reasons]


def _gen_ai(tree: Mapping[str, Any]) -> SpanTurns | None:
    """The present convention: lists of messages with parts, mostly as JSON text."""
    replies = _turns(whole(at(tree, "gen_ai", "output", "messages")), "assistant")
    if not replies:
        return None
    return SpanTurns(
        _turns(whole(at(tree, "gen_ai", "input", "messages")), "user"),
        replies,
        "attributes",
        ("gen_ai.output.messages", "gen_ai.input.messages", "gen_ai.system_instructions"),
        whole(at(tree, "gen_ai", "system_instructions")),
        _finishes(tree),
    )


def _openinference(tree: Mapping[str, Any]) -> SpanTurns | None:
    replies = _turns(whole(at(tree, "llm", "output_messages")), "assistant")
    if not replies:
        return None
    return SpanTurns(
        _turns(whole(at(tree, "llm", "input_messages")), "user"),
        replies,
        "attributes",
        ("llm.output_messages", "llm.input_messages", "output.value", "input.value"),
        finishes=[at(tree, "llm", "finish_reason"), *_finishes(tree)[1:]],
    )


def _numbered(tree: Mapping[str, Any]) -> SpanTurns | None:
    """``gen_ai.prompt.0.content`` and ``gen_ai.completion.0.content``, as OpenLLMetry writes."""
    replies = _turns(whole(at(tree, "gen_ai", "completion")), "assistant")
    if not replies:
        return None
    asked = _turns(whole(at(tree, "gen_ai", "prompt")), "user")
    used = ("gen_ai.completion", "gen_ai.prompt")
    return SpanTurns(asked, replies, "attributes", used, finishes=_finishes(tree))


def _logfire(tree: Mapping[str, Any]) -> SpanTurns | None:
    """Logfire: the request and the reply, or all messages, as JSON text."""
    reply = whole(at(tree, "response_data"))
    request = whole(at(tree, "request_data"))
    if isinstance(reply, dict) and isinstance(reply.get("message"), dict):
        asked = _turns(request.get("messages"), "user") if isinstance(request, dict) else []
        turn = _turn(reply["message"], "assistant")
        return SpanTurns(asked, [turn], "attributes", ("response_data", "request_data"))
    for path in (("pydantic_ai", "all_messages"), ("all_messages_events",), ("events",)):
        turns = _turns(whole(at(tree, *path)), "user")
        last = max((i for i, t in enumerate(turns) if t.get("role") == "assistant"), default=None)
        if last is not None:
            return SpanTurns(turns[:last], [turns[last]], "attributes", (".".join(path),))
    return None


def _from_events(tree: Mapping[str, Any], events: Any) -> SpanTurns | None:
    """The older convention: one event a message."""
    asked: list[dict[str, Any]] = []
    replies: list[dict[str, Any]] = []
    events = whole(events)
    for event in events if isinstance(events, list) else []:
        if not isinstance(event, dict):
            continue
        name = str(event.get("name") or event.get("event.name"))
        body = tree_of(event.get("attributes"))
        if name in _USER_EVENTS:
            asked.append(_turn({"role": _USER_EVENTS[name], **_message(body)}, "user"))
        elif name == "gen_ai.choice":
            replies.append(_turn({**body, **_message(body)}, "assistant"))
        elif name.startswith(("gen_ai.content.", "gen_ai.client.")):
            asked += _turns(whole(at(body, "gen_ai", "prompt")), "user")
            asked += _turns(whole(at(body, "gen_ai", "input", "messages")), "user")
            replies += _turns(whole(at(body, "gen_ai", "completion")), "assistant")
            replies += _turns(whole(at(body, "gen_ai", "output", "messages")), "assistant")
    if not replies:
        return None
    return SpanTurns(asked, replies, "events", (), finishes=_finishes(tree))


def _message(body: Mapping[str, Any]) -> dict[str, Any]:
    said = whole(at(body, "gen_ai", "event", "content"))
    if isinstance(said, dict):
        body = {**body, **said}
    message = whole(body.get("message"))
    if isinstance(message, dict):
        return message
    if isinstance(message, str):
        return {"content": message}
    content = body.get("content", said if isinstance(said, str) else None)
    kept = {key: body[key] for key in ("finish_reason", "role") if body.get(key)}
    return {**kept, "content": whole(content)}


def _raw_values(tree: Mapping[str, Any]) -> SpanTurns | None:
    """Spans of a call that say only what went in and came out, as a whole."""
    kind = str(at(tree, "openinference", "span", "kind")).upper()
    if kind != "LLM" and at(tree, "gen_ai") is None:
        return None
    said = whole(at(tree, "output", "value"))
    given = whole(at(tree, "input", "value"))
    given = given.get("messages", given) if isinstance(given, dict) else given
    choices = said.get("choices") if isinstance(said, dict) else None
    if isinstance(choices, list):
        said = [
            {**c["message"], "finish_reason": c.get("finish_reason")}
            for c in choices
            if isinstance(c, dict) and isinstance(c.get("message"), dict)
        ]
    replies = _turns(said, "assistant")
    if not replies:
        return None
    used = ("output.value", "input.value")
    return SpanTurns(_turns(given, "user"), replies, "attributes", used)


def _failed(tree: Mapping[str, Any]) -> SpanTurns | None:
    """A call without a reply: what was asked."""
    for path in (("gen_ai", "input", "messages"), ("llm", "input_messages"), ("gen_ai", "prompt")):
        asked = _turns(whole(at(tree, *path)), "user")
        if asked:
            return SpanTurns(asked, [], "attributes", (".".join(path),), finishes=_finishes(tree))
    return None


def _turns(value: Any, role: str) -> list[dict[str, Any]]:
    """Messages in any of the conventions as chat turns; a bare text is one turn."""
    if isinstance(value, str):
        return [{"role": role, "content": value}] if value.strip() else []
    if isinstance(value, dict):
        value = [value]
    turns = [_turn(item, role) for item in value] if isinstance(value, list) else []
    return [turn for turn in turns if is_messages([turn])]


def _turn(value: Any, role: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {"role": role, "content": value}
    if not isinstance(value, dict):
        return {}
    message = value.get("message")
    if isinstance(message, dict):
        outside = {k: v for k, v in value.items() if k != "message"}
        value = {**message, **outside}
    elif not any(key in value for key in (*_SPOKEN, "role")):
        return {}
    turn = {"role": role, **value}
    contents = turn.pop("contents", None)
    if isinstance(contents, list):
        turn["content"] = [_part(item) for item in contents]
    elif isinstance(opened := whole(turn.get("content")), list) and all(
        isinstance(item, dict) for item in opened
    ):
        turn["content"] = opened
    return turn


def _part(item: Any) -> Any:
    """A part of OpenInference: its keys stand below ``message_content``."""
    part = item.get("message_content") if isinstance(item, dict) else None
    if not isinstance(part, dict):
        return item
    if part.get("type") == "reasoning" and part.get("data"):
        return {**part, "redacted": True}
    return part
