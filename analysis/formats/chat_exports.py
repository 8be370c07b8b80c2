"""Conversations as chat services export them: a tree of messages under ``mapping``.

ChatGPT keeps thoughts as summaries in messages of their own; DeepSeek keeps one message in
fragments. The conversation is the branch that ends at the current, or the last, message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.draft import FileHint, make_trace
from analysis.formats.fields import Row, as_id, as_label, as_time
from analysis.formats.messages import read_messages
from analysis.model import Rejected, Trace

FORMAT_ID = "chat_export"
_FRAGMENTS = {"THINK": "thinking", "RESPONSE": "text", "ANSWER": "text"}


def recognise(value: Any) -> float:
    """Objects with a tree of messages."""
    mapping = value.get("mapping") if isinstance(value, dict) else None
    if not isinstance(mapping, dict) or not mapping:
        return 0.0
    nodes = list(mapping.values())[:8]
    return 0.97 if all(isinstance(n, dict) and "children" in n for n in nodes) else 0.0


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The last response of a conversation."""
    if not recognise(value):
        return Rejected("no_text", "This is no exported conversation.")
    row = Row(value)
    turns = [turn for message in _branch(value) if (turn := _turn(message)) is not None]
    row.use("mapping")
    texts = read_messages(turns)
    if not texts.has_response:
        return Rejected("no_text", "No reply stands in this conversation.")
    models = [m for turn in turns if (m := as_label(turn.get("model")))]
    fields: dict[str, Any] = {
        "external_id": row.take(as_id, "conversation_id", "id"),
        "created_at": row.take(as_time, "create_time", "inserted_at"),
        "model": models[-1] if models else row.take(as_label, "default_model_slug"),
    }
    fields = {name: found for name, found in fields.items() if found is not None}
    return [make_trace(texts, fields, row.rest(), hint=hint, format_id=FORMAT_ID, confidence=0.97)]


def _branch(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The messages from the root to the current node; without one, to the last that was written."""
    mapping = value["mapping"]
    at = value.get("current_node")
    if not isinstance(at, str) or at not in mapping:
        at = next((k for k in reversed(mapping) if _is_leaf(mapping[k])), None)
    path: list[Mapping[str, Any]] = []
    seen: set[Any] = set()
    while isinstance(at, str) and at not in seen and isinstance(mapping.get(at), dict):
        seen.add(at)
        message = mapping[at].get("message")
        if isinstance(message, dict):
            path.append(message)
        at = mapping[at].get("parent")
    yield from reversed(path)


def _is_leaf(node: Any) -> bool:
    return isinstance(node, dict) and not node.get("children")


def _turn(message: Mapping[str, Any]) -> dict[str, Any] | None:
    fragments = message.get("fragments")
    if isinstance(fragments, list):
        return _deepseek(message, [f for f in fragments if isinstance(f, dict)])
    author, content = message.get("author"), message.get("content")
    role = author.get("role") if isinstance(author, dict) else None
    if not isinstance(role, str) or not isinstance(content, dict):
        return None
    about = message.get("metadata")
    model = about.get("model_slug") if isinstance(about, dict) else None
    thoughts = content.get("thoughts")
    if isinstance(thoughts, list):
        said: list[Any] = [
            {"type": "summary", "text": t.get("content") or t.get("summary")}
            for t in thoughts
            if isinstance(t, dict)
        ]
    else:
        found = content.get("parts", [content.get("text")])
        said = [part for part in found if part] if isinstance(found, list) else []
    if content.get("content_type") == "reasoning_recap" or not said:
        return None
    return {"role": role, "content": said, **({"model": model} if model else {})}


def _deepseek(message: Mapping[str, Any], fragments: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not fragments:
        return None
    if fragments[0].get("type") == "REQUEST":
        return {"role": "user", "content": "\n".join(str(f.get("content")) for f in fragments)}
    parts = [
        {"type": kind, "text": f.get("content")}
        if (kind := _FRAGMENTS.get(str(f.get("type"))))
        else {**f, "type": "tool_call"}
        for f in fragments
    ]
    return {"role": "assistant", "content": parts, "model": message.get("model")}
