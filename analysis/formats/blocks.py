"""Content that comes in parts: texts, reasoning blocks, withheld reasoning, tool calls.

Shared by every format that holds chat messages. Signatures and ciphertext never become text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.formats.fields import REASONING_KEYS, SWITCHES, Row
from analysis.model import ReasoningKind

_TEXT = frozenset(
    ("text", "output_text", "input_text", "summary_text", "reasoning_text", "refusal")
)
_REASONING = frozenset(
    ("thinking", "reasoning", "thought", "reasoning.text", "think", "reasoning_content", "cot")
)
_SUMMARY = frozenset(("reasoning.summary", "summary"))
_WITHHELD = {
    "redacted_thinking": ReasoningKind.REDACTED,
    "reasoning.encrypted": ReasoningKind.ENCRYPTED,
}
_TOOL = frozenset(("tool_use", "tool_call", "tool_calls", "server_tool_use", "function_call"))
_UNTYPED = {
    "reasoningContent": "reasoning",  # Bedrock
    "reasoning_content": "reasoning",
    "reasoning": "reasoning",  # Haystack
    "toolUse": "tool_use",
    "functionCall": "function_call",  # Gemini
    "function_call": "function_call",
    "executableCode": "function_call",
    "executable_code": "function_call",
    "codeExecutionResult": "function_call",
    "code_execution_result": "function_call",
}
"""What a part without a type is, by the key that holds its body."""
_SEALED = ("data", "encrypted_content")
"""Keys with reasoning that a client cannot read: it is there, but is no text."""
_SIGNED = (*_SEALED, "signature")
_SETTINGS = frozenset(("effort", "enabled", "max_tokens", "budget_tokens", "exclude"))
"""An object under ``reasoning`` with one of these is a setting of the request."""
_BODY_KEYS = ("thinking", "reasoning", "text", "content", "summary", "thought", "refusal", "answer", "think",
              "reasoning_text")  # fmt: skip
_NESTED = ("reasoningContent", "reasoning_content", "reasoningText", "reasoning_text", "reasoning")  # fmt: skip
"""Objects in a part that hold its body."""
_DETAILS = ("reasoning_details", "thinking_blocks")
"""Keys that hold the parts of a reasoning whose text mostly stands under another key too."""
_SAID = ("type", "block_type", "redacted", "closed", "thought")
"""Keys of a part that say nothing more once its text is taken."""


@dataclass(slots=True)
class Parts:
    """The parts of one message, in order."""

    reasoning: list[str] = field(default_factory=list)
    summaries: list[str] = field(default_factory=list)
    withheld: ReasoningKind | None = None
    text: list[str] = field(default_factory=list)
    """Visible texts after the last reasoning block or tool call."""
    earlier: list[str] = field(default_factory=list)
    """Visible texts before it."""
    other: list[Any] = field(default_factory=list)
    """Parts that are neither, as they stand (images, tool calls)."""

    def blocks(self) -> tuple[list[str], ReasoningKind]:
        """The reasoning blocks and what they are."""
        if self.reasoning:
            return self.reasoning, ReasoningKind.VISIBLE
        if self.summaries:
            return self.summaries, ReasoningKind.SUMMARY
        return [], self.withheld or ReasoningKind.NONE

    def _end_text(self) -> None:
        self.earlier += self.text
        self.text = []

    def add(self, part: Any) -> None:
        """Sort one part of a content list."""
        if isinstance(part, str):
            self.text += [part] if part.strip() else []
            return
        if not isinstance(part, dict):
            self.other.append(part)
            return
        kind = _kind(part)
        if kind in _TOOL:
            self._end_text()
            self.other.append(part)
        elif kind in _WITHHELD or part.get("redacted") is True:
            self._end_text()
            self.withheld = _WITHHELD.get(kind, ReasoningKind.REDACTED)
            self.summaries += _body_of(part.get("summary"))
            self._keep(part, "summary")
        elif kind in _SUMMARY or part.get("thought") is True:
            self._end_text()
            key, body = _body(part)
            self.summaries += body
            self._keep(part, *_SAID, key)
        elif kind in _REASONING:
            self._end_text()
            self._add_reasoning(part)
        elif kind in _TEXT and (found := _body(part))[1]:
            self.text += found[1]
            self._keep(part, *_SAID, found[0])
        elif part:
            self.other.append(part)

    def _add_reasoning(self, part: Mapping[str, Any]) -> None:
        for name in _NESTED:
            if isinstance(inner := part.get(name), dict):
                part = inner
        key, body = _body(part)
        self.reasoning += [_chunks(part[key])] if body and key == "thinking" else body
        sealed = _SIGNED if part.get("type") == "thinking" else _SEALED  # Anthropic seals so
        if not body and any(part.get(key) for key in sealed):
            self.withheld = ReasoningKind.ENCRYPTED
        if not body and (part.get("redactedContent") or part.get("redacted_content")):
            self.withheld = ReasoningKind.REDACTED
        self._keep(part, *_SAID, key)

    def _keep(self, part: Mapping[str, Any], *said: str) -> None:
        """What a part says beside its text: a signature, an id, citations."""
        left = {k: v for k, v in part.items() if k not in said and v not in (None, "", [], {})}
        if left.keys() - {"type"}:
            self.other.append({"type": part["type"], **left} if part.get("type") else left)


def _kind(part: Mapping[str, Any]) -> str:
    stated = part.get("type", part.get("block_type"))  # LlamaIndex: blocks
    if stated is not None:
        return str(stated)
    return next((kind for key, kind in _UNTYPED.items() if part.get(key)), "text")


def parts_of(content: Any) -> Parts:
    """A message's content: a text, a list of parts, one part, or nothing."""
    parts = Parts()
    for part in content if isinstance(content, list) else [] if content is None else [content]:
        parts.add(part)
    return parts


def reasoning_of(value: Any) -> tuple[list[str], ReasoningKind]:
    """What a key named ``reasoning`` holds: a text, a list of texts or parts; not a switch."""
    if isinstance(value, str):
        ok = len(value) > 10 or value.strip().lower() not in SWITCHES
        ok = ok and not value.isspace() and value != ""
        return ([value], ReasoningKind.VISIBLE) if ok else ([], ReasoningKind.NONE)
    if isinstance(value, list):
        parts = parts_of(
            [{"type": "reasoning", "text": v} if isinstance(v, str) else _typed(v) for v in value]
        )
        return parts.blocks()
    if isinstance(value, dict) and not _SETTINGS & value.keys():
        return parts_of(_typed(value)).blocks()
    return [], ReasoningKind.NONE


def reasoning_fields(row: Row) -> tuple[list[str], ReasoningKind, str | None]:
    """The reasoning of a message or row from its own keys: (blocks, what they are, key).

    The same text often stands under two or three keys: the first that holds text counts, and the
    others are marked as used when they only repeat it. What they say beside it stays.
    """
    found: tuple[list[str], ReasoningKind, str | None] = ([], ReasoningKind.NONE, None)
    for name in row.present(*REASONING_KEYS, *_DETAILS):
        value = row.get(name)
        blocks, kind = reasoning_of(value)
        if kind is ReasoningKind.NONE:
            continue
        if not found[0] and (blocks or found[1] is ReasoningKind.NONE):
            found = (blocks, kind, name)
        elif _same(blocks, found[0]):
            if kind is ReasoningKind.SUMMARY:  # details know better what the plain text is
                found = (found[0], kind, found[2])
        elif name != "reasoning_details":
            continue
        if name not in _DETAILS or not _says_more(value):
            row.use(name)
    return found


def _says_more(value: Any) -> bool:
    """True for parts with a signature or ciphertext, which metadata keeps."""
    parts = value if isinstance(value, list) else []
    return any(part.get(key) for part in parts if isinstance(part, dict) for key in _SIGNED)


def _typed(part: Any) -> Any:
    """A part of a list under a reasoning key is reasoning, unless it says otherwise."""
    if isinstance(part, dict) and part.get("type") in (None, "text"):
        return {**part, "type": "reasoning"}
    return part


def _body(part: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The key that holds the texts of a part, and the texts."""
    for key in _BODY_KEYS:
        if found := _body_of(part.get(key)):
            return key, found
    return "", []


def _body_of(value: Any) -> list[str]:
    """The texts in a part's body: a text, or a list of texts and parts of text."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, list):
        texts = [
            v if isinstance(v, str) else v.get("text") for v in value if isinstance(v, str | dict)
        ]
        return [t for t in texts if isinstance(t, str) and t.strip()]
    return []


def _chunks(value: Any) -> str:
    """One thought that came in pieces of text (Mistral)."""
    pieces = value if isinstance(value, list) else [value]
    texts = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
    return "".join(text for text in texts if isinstance(text, str))


def _same(a: list[str], b: list[str]) -> bool:
    return "".join("".join(a).split()) == "".join("".join(b).split())
