"""Lists of chat turns: which is the question, which the response, what both consist of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.formats.apart import settle_marks
from analysis.formats.blocks import Parts, parts_of, reasoning_fields
from analysis.formats.draft import Texts
from analysis.formats.fields import Row
from analysis.formats.split import has_marks, split_text
from analysis.model import ReasoningKind, SplitMethod

_ROLES = {
    "user": "user", "human": "user", "prompter": "user", "question": "user",
    "assistant": "assistant", "gpt": "assistant", "model": "assistant", "bot": "assistant",
    "ai": "assistant", "chatgpt": "assistant", "agent": "assistant", "助手": "assistant", "用户": "user", "系统": "system",
    "cot": "assistant", "thinking": "assistant", "reasoning": "assistant", "thought": "assistant",
    "function_call": "assistant", "tool_call": "assistant",
    "system": "system", "developer": "system",
    "tool": "tool", "function": "tool", "observation": "tool", "ipython": "tool",
    "function_response": "tool", "tool_response": "tool", "control": "tool",
}  # fmt: skip
_ROLE_KEYS = ("role", "from", "author", "sender", "_role")
_THOUGHT_TURNS = frozenset(("cot", "thinking", "reasoning", "thought"))
"""Types and roles of assistant turns that hold reasoning and no answer (MathArena)."""
_CALLS = frozenset(("function_call", "tool_call"))
"""Roles of assistant turns whose content is a call of a tool (LLaMA-Factory)."""
_STEP_KEYS = frozenset(("action", "observation", "observations"))
_RESULTS = frozenset(("tool_result", "function_call_output", "tool-result"))
_CONTENT_KEYS = ("content", "value", "text", "prompt", "message", "parts", "blocks", "_content")


def is_messages(value: Any) -> bool:
    """True for a non-empty list of objects that each name a known role."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and role_of(item) is not None for item in value)
    )


def are_steps(found: list[Any]) -> bool:
    """True for the steps of one agent: what it did, and what came of it (SWE-agent)."""
    return all(not _STEP_KEYS.isdisjoint(item) for item in found)


def role_of(message: Mapping[str, Any]) -> str | None:
    """'user', 'assistant', 'system', 'tool' or None, whatever the writer calls it."""
    for key in _ROLE_KEYS:
        if isinstance(role := message.get(key), str):
            known = _ROLES.get(role.strip().lower())
            return _by_flag(message) if known is None else known
    return None


def _by_flag(message: Mapping[str, Any]) -> str | None:
    """The role of a turn whose sender has a name of its own, where a flag tells (LibreChat)."""
    flag = message.get("isCreatedByUser")
    return None if not isinstance(flag, bool) else "user" if flag else "assistant"


def read_messages(
    messages: Sequence[Mapping[str, Any]],
    *,
    prefilled: bool | None = None,
    asked: int | None = None,
) -> Texts:
    """The last response of a conversation and the question before it.

    The response runs from the last user turn to the last assistant turn: with tools in between it
    has several blocks of reasoning, and the answer is what the last turn shows. What is not used
    stands in ``metadata['messages']``.
    """
    roles = [role_of(message) for message in messages]
    texts = Texts()
    last = max((i for i, role in enumerate(roles) if role == "assistant"), default=None)
    before = range(last if last is not None else len(messages))
    if asked is None:
        users = [i for i in before if roles[i] == "user"]
        asked = next((i for i in reversed(users) if not _brings_results(messages[i])), None)
        asked = users[-1] if asked is None and users else asked
    system = next((i for i, role in enumerate(roles) if role == "system"), None)
    rest: dict[int, Any] = {i: dict(message) for i, message in enumerate(messages)}
    if asked is not None:
        texts.question, rest[asked] = _plain(messages[asked])
    if system is not None:
        texts.system_prompt, rest[system] = _plain(messages[system])
    if last is not None:
        first = asked + 1 if asked is not None else 0
        turns = [i for i in range(first, last + 1) if roles[i] == "assistant"]
        _read_turns(texts, messages, turns, rest, prefilled)
    left = [rest[i] for i in range(len(messages)) if _says_something(rest[i])]
    if left:
        texts.metadata["messages"] = left
    return texts


def _read_turns(
    texts: Texts,
    messages: Sequence[Mapping[str, Any]],
    turns: list[int],
    rest: dict[int, Any],
    prefilled: bool | None,
) -> None:
    blocks: list[str] = []
    for i in turns:
        turn, rest[i] = read_reply(messages[i], prefilled=prefilled if i == turns[-1] else None)
        if turn.reasoning:
            blocks.append(turn.reasoning)
        if (
            turn.kind is not ReasoningKind.NONE and texts.kind in (ReasoningKind.NONE, turn.kind)
        ) or turn.kind is ReasoningKind.VISIBLE:
            texts.kind = turn.kind
        if turn.method is not SplitMethod.NONE:
            texts.method = turn.method
        texts.effort = turn.effort or texts.effort
        for warning in turn.warnings:
            texts.warn(warning.code, warning.detail)
        if _role_named(messages[i], _CALLS):
            rest[i]["content"], turn.answer, turn.raw = turn.raw or turn.answer, None, None
        if i == turns[-1]:
            texts.answer, texts.raw, texts.truncated = turn.answer, turn.raw, turn.truncated
        elif turn.raw or turn.answer:
            rest[i]["content"] = turn.raw or turn.answer
    texts.reasoning = "\n\n".join(blocks) or None


def read_reply(
    message: Mapping[str, Any], *, prefilled: bool | None = None
) -> tuple[Texts, dict[str, Any]]:
    """One assistant message: its texts, and what of it was not used."""
    row = Row(message)
    texts = Texts()
    blocks, kind, _ = reasoning_fields(row)
    content = row.take(lambda v: v or None, *_CONTENT_KEYS)
    if message.get("channel") == "analysis" or message.get("isThought") is True:
        row.use("channel")  # gpt-oss: a turn for each channel; AI Studio: for each thought
        said = parts_of(content)
        content = [{"type": "thinking", "text": text} for text in (*said.earlier, *said.text)]
    if isinstance(content, str):
        if row.get("type") in list(_THOUGHT_TURNS):
            content = [{"type": row.use("type"), "text": content}]
        elif _role_named(message, _THOUGHT_TURNS):
            content = [{"type": "thinking", "text": content}]
    parts = parts_of(content)
    own, own_kind = parts.blocks()
    if (own and not blocks) or kind is ReasoningKind.NONE:
        blocks, kind = own, own_kind
    visible = "\n\n".join(parts.text)
    if not blocks and (has_marks(visible) or prefilled):
        texts.take_split(split_text(visible, prefilled=prefilled), visible)
        if texts.reasoning is None and kind is not ReasoningKind.NONE:
            texts.kind = kind
    else:
        texts.reasoning = "\n\n".join(blocks) or None
        texts.kind = kind
        texts.answer = visible or None
        texts.method = SplitMethod.FIELD if blocks else SplitMethod.NONE
        settle_marks(texts)
    if not texts.answer and isinstance(refusal := row.get("refusal"), str) and refusal.strip():
        texts.answer = str(row.use("refusal"))
    left = row.rest()
    if extra := _left_parts(parts):
        left["content"] = extra
    return texts, left


def _role_named(message: Mapping[str, Any], names: frozenset[str]) -> bool:
    """True for a turn whose role has one of these names."""
    role = next((role for key in _ROLE_KEYS if isinstance(role := message.get(key), str)), "")
    return role.strip().lower() in names


def _brings_results(message: Mapping[str, Any]) -> bool:
    """True for a user's turn that only hands back what tools gave (Anthropic, Bedrock)."""
    content = message.get("content")
    return (
        isinstance(content, list)
        and bool(content)
        and all(
            isinstance(part, dict) and ("toolResult" in part or part.get("type") in list(_RESULTS))
            for part in content
        )
    )


def _left_parts(parts: Parts) -> list[Any]:
    return [*parts.earlier, *parts.other]


def _plain(message: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
    """The text of a user or system turn, and what of the turn was not used."""
    row = Row(message)
    parts = parts_of(row.take(lambda v: v or None, *_CONTENT_KEYS))
    left = row.rest()
    if parts.other or parts.reasoning:
        left["content"] = [*parts.reasoning, *parts.other]
    return "\n".join([*parts.earlier, *parts.text]) or None, left


def _says_something(message: Mapping[str, Any]) -> bool:
    """False for a turn of which only its role, or nothing, is left."""
    return any(
        value not in (None, "", [], {}) for key, value in message.items() if key not in _ROLE_KEYS
    )
