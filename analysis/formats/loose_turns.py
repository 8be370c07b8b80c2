"""Turns of one conversation that were kept one a record: a JSON array of chat turns, a line for each
turn, the lines of an agent's session (Claude Code, Codex).

A turn stands alone if it is nothing else besides: no row with a question, no reply with its counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.formats.aliases import ALIASES, MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS
from analysis.formats.fields import names_of
from analysis.formats.foreign_turns import turns_of
from analysis.formats.messages import role_of

Key = tuple[str, Any]

_SAID = (
    "content",
    "value",
    "text",
    "parts",
    "data",
    "kwargs",
    "tool_calls",
    "message",
    *REASONING_KEYS[:3],
)
_ELSE = (
    frozenset((*ALIASES["question"], *ALIASES["gold_answer"], *MESSAGE_KEYS, *RESPONSE_KEYS, "answer", "choices", "usage"))
    - {"content", "message", "user"}
)  # fmt: skip
"""Names that make a record more than a turn."""
_TALK_IDS = (
    "conversation_id",
    "thread_id",
    "chat_id",
    "dialogue_id",
    "session_id",
    "sessionId",
    "conv_id",
)
_CODEX = frozenset(("session_meta", "response_item", "event_msg", "turn_context", "compacted"))


def turn_key(value: Mapping[str, Any], before: Key | None) -> Key | None:
    """The conversation that a value is a turn of; None for what is no turn that stands alone.

    A reply alone begins no conversation; a user's or a system's turn does.
    """
    if isinstance(session := value.get("sessionId"), str) and isinstance(value.get("type"), str):
        key: Key = ("session", session)  # Claude Code; also lines that are no turns
        message = value.get("message")
        spoken = isinstance(message, dict) and role_of(message) is not None
        noted = before == key and "uuid" in value and "message" not in value
        return key if _ELSE.isdisjoint(names_of(value)) and (spoken or noted) else None
    if isinstance(value.get("payload"), dict) and value.get("type") in list(_CODEX):
        return "codex", None
    role = _role(value)
    if role is None:
        return None
    talk = next((str(value[key]) for key in _TALK_IDS if value.get(key) is not None), None)
    key = ("turns", talk)
    return key if role in ("user", "system") or before == key else None


def is_turn_key(key: Key | None) -> bool:
    """True for a key of ``turn_key``."""
    return key is not None and key[0] in ("turns", "session", "codex")


def _role(value: Mapping[str, Any]) -> str | None:
    if not any(key in value for key in _SAID):
        return None
    if role_of(value) is None and not ("type" in value or "kind" in value):
        return None
    turns = turns_of(value)
    if not turns or (not _ELSE.isdisjoint(names_of(value)) and "kind" not in value):
        return None
    return role_of(turns[0])


def new_talk(value: Mapping[str, Any], key: Key, last: Mapping[str, Any]) -> bool:
    """True for a system prompt behind a reply: another conversation begins."""
    return key[0] == "turns" and _role(value) == "system" and _role(last) == "assistant"


def talk_of(values: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The turns as one record; what is no turn stands beside them."""
    turns: list[dict[str, Any]] = []
    others: list[Mapping[str, Any]] = []
    for value in values:
        found = turns_of(value["payload"] if _is_codex(value) else value)
        if found is None:
            others.append(value)
        else:
            turns += found
    first = values[0]
    settings = _codex_settings(others)
    talk = next((first[key] for key in _TALK_IDS if first.get(key) is not None), None)
    return {
        "messages": turns or [dict(value) for value in values],
        **({"id": str(talk)} if talk is not None else {}),
        **settings,
        **({"other_records": [dict(value) for value in others]} if others and turns else {}),
    }


def _codex_settings(others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Model and effort of the last turn of a session of Codex, which notes them apart."""
    found: dict[str, Any] = {}
    for value in others:
        payload = value.get("payload")
        if value.get("type") == "turn_context" and isinstance(payload, dict):
            stated = {key: payload[key] for key in ("model", "effort") if key in payload}
            found |= {key: text for key, text in stated.items() if isinstance(text, str)}
    return found


def _is_codex(value: Mapping[str, Any]) -> bool:
    return value.get("type") == "response_item" and isinstance(value.get("payload"), dict)
