"""Turns as client libraries and agents write them, as chat turns with a role and a content.

LangChain names the role in ``type`` and keeps reasoning in ``additional_kwargs``; pydantic-ai lists
requests and responses of parts; OpenAI's Responses API lists items of which only messages have a
role; Claude Code and other recorders put the message beside what they note of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.agent_turns import stored_turn
from analysis.formats.messages import is_messages, role_of

_ROLES = {
    "human": "user", "ai": "assistant", "system": "system", "tool": "tool", "function": "tool",
    "developer": "system", "user": "user", "assistant": "assistant", "aimessagechunk": "assistant",
}  # fmt: skip
_PYDANTIC_PARTS = {
    "system-prompt": "system", "user-prompt": "user", "tool-return": "tool", "retry-prompt": "tool",
}  # fmt: skip
_CALLS = ("call", "action")
"""How the types of a model's own steps end, in OpenAI's Responses API."""
_SHARED = ("id", "timestamp", "model", "model_name", "usage", "finish_reason", "stop_reason")


def as_chat(value: Any) -> dict[str, Any]:
    """A LangChain message, however it was written out, as a chat turn."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        return {"role": _ROLES.get(value[0].lower(), value[0]), "content": value[1]}
    if not isinstance(value, dict):
        return {"role": "user", "content": value}
    kind = value.get("type")
    inner = value.get("kwargs") or value.get("data")
    if isinstance(inner, dict):
        path = value.get("id")
        name = str(path[-1]) if isinstance(path, list) and path else str(kind)
        value = inner
        kind = inner.get("type") or name.lower().removesuffix("chunk").removesuffix("message")
    if role_of(value) is not None:
        turn = dict(value)
    else:
        turn = {**value, "role": _ROLES.get(str(kind).lower(), "user")}
    turn.pop("type", None)
    more = turn.pop("additional_kwargs", None)
    return {**(more if isinstance(more, dict) else {}), **turn}


def chat_turns(value: Any) -> list[dict[str, Any]] | None:
    """The chat turns of a list of foreign ones; None for chat turns as they are, and for all else."""
    if not isinstance(value, list) or not value or not all(isinstance(v, dict) for v in value):
        return None
    if is_messages(value) and not any("additional_kwargs" in v for v in value):
        return None
    turns: list[dict[str, Any]] = []
    for item in value:
        found = turns_of(item)
        if found is None:
            return None
        turns += found
    return turns if is_messages(turns) else None


def turns_of(item: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The chat turns that one item stands for; None where it is none."""
    if _is_langchain(item):
        return [as_chat(item)]
    if role_of(item) is not None:
        return [dict(item)]
    if item.get("kind") in ("request", "response") and isinstance(item.get("parts"), list):
        return _pydantic(item)
    message, kind = item.get("message"), item.get("type")
    if isinstance(message, dict) and role_of(message) is not None:
        return [dict(message)]
    if (turn := stored_turn(item)) is not None:
        return [turn]
    if isinstance(kind, str) and "source" in item and "content" in item:
        return _autogen(item, kind)
    if isinstance(kind, str):
        return _response_item(item, kind)
    return None


def _is_langchain(item: Mapping[str, Any]) -> bool:
    if "additional_kwargs" in item or (
        item.get("lc") == 1 and isinstance(item.get("kwargs"), dict)
    ):
        return True
    kind = item.get("type")
    if not isinstance(kind, str) or kind.lower() not in _ROLES or role_of(item) is not None:
        return False
    inner = item.get("data")
    return "content" in (inner if isinstance(inner, dict) else item)


def _autogen(item: Mapping[str, Any], kind: str) -> list[dict[str, Any]] | None:
    """A message or an event of AutoGen, by who wrote it."""
    if not kind.endswith(("Message", "Event")):
        return None
    content = item["content"]
    if kind.startswith("Tool"):
        return [{**item, "role": "tool", "content": None, "result": content}]
    if kind == "ThoughtEvent":
        return [{"role": "assistant", "content": [{"type": "thinking", "thinking": content}]}]
    role = item["source"] if item["source"] in ("user", "system") else "assistant"
    return [{**item, "role": role}]


def _pydantic(item: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """A request gives a turn for each of its parts, a response one turn of parts."""
    parts = [part for part in item["parts"] if isinstance(part, dict)]
    if len(parts) != len(item["parts"]) or not all("part_kind" in part for part in parts):
        return None
    if item["kind"] == "request":
        return [
            {**part, "role": _PYDANTIC_PARTS.get(str(part["part_kind"]), "tool")} for part in parts
        ]
    content = [_pydantic_part(part) for part in parts]
    return [
        {"role": "assistant", "content": content, **{k: item[k] for k in _SHARED if item.get(k)}}
    ]


def _pydantic_part(part: Mapping[str, Any]) -> dict[str, Any]:
    kind = part["part_kind"]
    if kind == "thinking":
        left = {k: v for k, v in part.items() if k not in ("part_kind", "content")}
        return {**left, "type": "thinking", "thinking": part.get("content")}
    if kind == "text":
        return {"type": "text", "text": part.get("content")}
    return {**part, "type": "tool_call"}


def _response_item(item: Mapping[str, Any], kind: str) -> list[dict[str, Any]] | None:
    """An item of the input or the output of OpenAI's Responses API that is no message."""
    if kind == "reasoning" and ("summary" in item or "encrypted_content" in item):
        return [{"role": "assistant", "content": _reasoning_parts(item)}]
    if kind.endswith("_output") and "call_id" in item:
        return [{**item, "role": "tool"}]
    if kind.endswith(_CALLS) and ("call_id" in item or "status" in item):
        return [{"role": "assistant", "content": [{**item, "type": "tool_call"}]}]
    return None


def _reasoning_parts(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = []
    for key, kind in (("summary", "summary"), ("content", "reasoning")):
        found = item.get(key)
        parts += [{**p, "type": kind} for p in _listed(found) if isinstance(p, dict)]
    if sealed := item.get("encrypted_content"):
        parts.append({"type": "reasoning.encrypted", "data": sealed})
    return parts


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
