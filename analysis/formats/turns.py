"""The conversation of a row: turns under one key, or those of a prompt and of a reply."""

from __future__ import annotations

from typing import Any

from analysis.formats.aliases import MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS
from analysis.formats.draft import Texts
from analysis.formats.fields import Row, as_label
from analysis.formats.messages import is_messages, read_messages, role_of

_ASKED = (
    *MESSAGE_KEYS, "input", "prompt", "origin_prompt", "query", "question", "context", "inputs", "generated_text", "history", "contents",
)  # fmt: skip
_MODEL = ("model", "model_name", "model_id", "model_slug")
_REPLIES = (
    "completion", "response", "output", "message", "generation", "reply", "model_output", "result", "content", "replies", "responses",
)  # fmt: skip
_TO_COME = {"role": "assistant", "content": ""}
_USAGE = ("usage", "usage_metadata", "token_usage")


def conversation(row: Row) -> Texts | None:
    """The texts of a row's turns; None for a row without any. What else repeats them is used up."""
    found = [
        (name, turns) for name in row.present(*_ASKED, *_REPLIES) if (turns := _turns(row, name))
    ]
    if not found or (row.has("role") and found[0][0] in _REPLIES):
        return None
    (first, turns), *others = found
    if first == "history" and any(True for _ in row.texts(*RESPONSE_KEYS)):
        return None  # what was said before
    row.use(first)
    for name, more in others:
        if role_of(turns[-1]) != "assistant" and role_of(more[0]) == "assistant":
            turns = [*turns, *more]
            row.use(name)
        elif name in MESSAGE_KEYS or more == turns[: len(more)]:
            row.use(name)  # the same conversation under a second name, or the start of it
    if role_of(turns[-1]) == "user" and any(
        True for _ in row.texts(*REASONING_KEYS, *RESPONSE_KEYS)
    ):
        turns = [*turns, _TO_COME]  # the reply stands beside the turns
    return read_messages(turns)


def model_of(texts: Texts) -> str | None:
    """The model that the last of the model's own turns names."""
    for turn in reversed(texts.metadata.get("messages", [])):
        if role_of(turn) != "assistant":
            continue
        about = turn.get("response_metadata", turn.get("meta"))
        for source in (turn, about if isinstance(about, dict) else {}):
            if (model := Row(source).take(as_label, *_MODEL)) is not None:
                return model
    return None


def usage_of(texts: Texts) -> Any:
    """What the one reply of a conversation says of its tokens; None where several could."""
    replies = [t for t in texts.metadata.get("messages", []) if role_of(t) == "assistant"]
    if len(replies) != 1:
        return None
    about = replies[0].get("response_metadata", replies[0].get("meta"))
    for source in (replies[0], about if isinstance(about, dict) else {}):
        for key in _USAGE:
            if isinstance(found := source.get(key), dict):
                return found
    return None


def _turns(row: Row, name: str) -> list[Any] | None:
    """The turns under a key; a single one, or the parts of a reply, may stand there instead."""
    value = row.get(name)
    if isinstance(value, dict) and role_of(value) is not None:
        return [value]
    if not isinstance(value, list):
        return None
    if is_messages(value):
        return value if name != "responses" or role_of(value[0]) == "user" else None
    if name in _REPLIES and value and all(_is_part(item) for item in value):
        return [{"role": "assistant", "content": value}]
    return None


def _is_part(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("type"), str) and role_of(item) is None
