"""A row as plain columns: JSON texts opened, objects laid flat, names of missing values dropped.

``{"response": "{\"reasoning_content\": ..}"}``, ``{"output": {"reasoning": .., "answer": ..}}`` and
``{"problem": {"text": .., "answer": ..}}`` say the same as columns of their own. Objects whose keys
would hide one another stay as they are, and so does what a model was asked to write as JSON.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import orjson

from analysis.formats.aliases import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
)
from analysis.formats.event_text import events_of
from analysis.formats.fields import names_of, snake
from analysis.formats.foreign_turns import chat_turns
from analysis.formats.messages import is_messages, role_of

_OPENED = frozenset(
    (*MESSAGE_KEYS, *RESPONSE_KEYS, *REASONING_KEYS, "prompt", "input", "query", "request", "history", "answer", "body",
     "responses", "outputs", "completions", "generations", "samples", "usage", "token_usage", "reasoning_details",
     "thinking_blocks", "choices", "api_response")
)  # fmt: skip
"""Columns whose JSON text is opened if it holds structure that a program wrote."""
_TALKS = frozenset(
    (
        *MESSAGE_KEYS,
        "prompt",
        "input",
        "inputs",
        "query",
        "question",
        "completion",
        "response",
        "output",
        "history",
        "responses",
    )
)
_LITERAL_CHARS = 262_144
"""A Python literal (a list written by ``str``) is read up to this length."""
_NATIVE = frozenset(
    ("reasoning_content", "thinking", "thinking_content", "reasoning_details", "thinking_blocks", "choices",
     "candidates", "content", "message", "completion_tokens", "prompt_tokens", "total_tokens", "output_tokens")
)  # fmt: skip
"""Keys that a server writes and no prompt asks a model for."""
_CARRIERS = frozenset(
    (
        "payload",
        "data",
        "json",
        "record",
        "row",
        "text",
        "line",
        "msg",
        "log",
        "value",
        "event_data",
    )
)
"""Columns of a log in which a whole row may stand as JSON text."""
_EVENTS = ("data: {", "data:{", "event: ", "event:")
_GAPS = frozenset(("nan", "NaN", "<NA>", "NaT"))
_GAP_COLUMNS = 3
_SHORTEST = len('{"a":1}')

_REPLY_KEYS = (
    "output", "response", "result", "record", "sample", "row", "example", "completion", "generation", "prediction",
    "model_output", "model_response", "llm_response", "llm_output", "reply", "generated", "response_message", "outputs",
)  # fmt: skip
_ASKED_KEYS = (
    "input", "question", "problem", "task", "item", "doc", "prompt", "query", "inputs", "request", "params", "kwargs",
    "llm_input", "model_input", "generic_request",
)  # fmt: skip
_REPLY_NAMES = frozenset(
    (
        *REASONING_KEYS,
        "answer",
        "final_answer",
        "text",
        "content",
        "output",
        "response",
        "generated_text",
        "final",
        "raw",
    )
)
_BODY_NAMES = ("text", "content", "value", "body", "statement")
_ROLE_NAMES = frozenset(
    (
        *REASONING_KEYS,
        *RESPONSE_KEYS,
        *MESSAGE_KEYS,
        *ALIASES["question"],
        "answer",
        "text",
        "solution",
    )
)
"""Names of texts: where two objects both have one, neither may hide the other."""
_REASONING = frozenset(REASONING_KEYS)
_NOTES = frozenset(
    ("metadata", "meta", "info", "extra", "config", "settings", "error", "usage", "prompt_template", "args", "run_config",
     "eval_config", "generation_config", "sampling_params", "hyperparameters")
)  # fmt: skip
_NO_BODY = frozenset(RESPONSE_KEYS) - {"content", "message"}


def opened(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the columns opened that hold JSON or Python literals as text."""
    found: dict[str, Any] = {}
    for key, text in value.items():
        if not isinstance(text, str) or len(text) < _SHORTEST or text[0] not in "[{ \nde":
            continue
        if text[0] in "de":  # the lines of an event stream
            if text.startswith(_EVENTS) and (events := events_of(text)):
                found["sse_events"] = events
                found[key] = None
        elif (texts := _texts_in(key, text)) is not None:
            found[key] = texts
        elif (snake(key[:100]) in _OPENED and (inner := _structure(text)) is not None) or (
            snake(key[:100]) in _CARRIERS and (inner := _row_in(text)) is not None
        ):
            found[key] = inner
    return {**value, **found} if found else value


def turned(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the turns of client libraries as chat turns."""
    found = {
        key: turns
        for key, part in value.items()
        if isinstance(part, list) and part and isinstance(part[0], dict) and snake(key[:100]) in _TALKS
        and (turns := chat_turns(part)) is not None
    }  # fmt: skip
    return {**value, **found} if found else value


def rejoined(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the text that was cut into pieces to train on, or not (Axolotl), as one."""
    pieces = value.get("segments")
    if not isinstance(pieces, list) or not pieces or "text" in value:
        return value
    if not all(map(_is_piece, pieces)):
        return value
    text = "".join(piece["text"] for piece in pieces)
    return {**{k: v for k, v in value.items() if k != "segments"}, "text": text}


def _is_piece(found: Any) -> bool:
    return (
        isinstance(found, dict)
        and isinstance(found.get("label"), bool)
        and isinstance(found.get("text"), str)
        and len(found) == len(("label", "text"))
    )


def _structure(text: str) -> Any:
    """The value of a JSON text or Python literal that a program wrote; None for any other text."""
    body = text.strip()
    if not (body.startswith(("{", "[")) and body.endswith(("}", "]"))):
        return None
    value: Any = None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        if len(body) <= _LITERAL_CHARS and body.startswith(("[{'", "{'", "['")):
            value = _literal(body)
    return value if _is_structure(value) else None


def _texts_in(key: str, text: str) -> list[str] | None:
    """The texts of a list that was written as text, as tables do with lists of thoughts (s1K)."""
    if not text.startswith(('["', "['")) or snake(key[:100]) not in _REASONING:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = _literal(text) if len(text) <= _LITERAL_CHARS else None
    if not isinstance(found, list) or not all(isinstance(part, str) for part in found):
        return None
    return found


def _row_in(text: str) -> Any:
    """A row that was written as JSON text: what was asked and what was said; None for any other."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    names = names_of(value) if isinstance(value, dict) else {}
    asked = any(name in names for name in (*ALIASES["question"], *MESSAGE_KEYS))
    return value if asked and any(name in names for name in _REPLY_NAMES | {"completion"}) else None


def _literal(body: str) -> Any:
    """The value of a Python literal; None where it is none (nothing is run)."""
    try:
        return ast.literal_eval(body)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _is_structure(value: Any) -> bool:
    if is_messages(value):
        return True
    if isinstance(value, dict):
        return bool(_NATIVE & names_of(value).keys()) or role_of(value) is not None
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        return all("type" in v or _NATIVE & names_of(v).keys() for v in value)
    return False


def without_gaps(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record without 'nan', where every value is text: a table was written as text.

    A text 'nan' among values of other types stays, and so does one under an unknown key.
    """
    if len(value) < _GAP_COLUMNS or not all(isinstance(v, str) for v in value.values()):
        return value
    if not _GAPS.intersection(v for v in value.values() if len(v) <= len("<NA>")):
        return value
    return {k: v for k, v in value.items() if v not in _GAPS or snake(k[:100]) not in KNOWN_NAMES}


def flattened(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record with the objects of a reply and of what was asked laid flat."""
    if not any(isinstance(v, dict) for v in value.values()):
        return value
    names = names_of(value)
    value = _joined(value, names)
    asked = [names[n] for n in _ASKED_KEYS if n in names and _is_asked(value[names[n]])]
    replies = [names[n] for n in _REPLY_KEYS if n in names and _is_reply(value[names[n]])]
    answered = _at(value, names, "answer")
    if isinstance(answered, dict) and _REASONING & names_of(answered).keys():
        replies.append(names["answer"])
    if not asked and not replies and not _ROLE_NAMES & names.keys():
        replies = [k for k, v in value.items() if _is_reply(v) and snake(k[:100]) not in _NOTES]
    if not asked and not replies:
        return value
    flat: dict[str, Any] = {k: v for k, v in value.items() if k not in (*asked, *replies)}
    taken = set(names_of(flat))
    for key in (*asked, *replies):
        inner = _renamed(value[key], asked=key in asked)
        inner_names = names_of(inner)
        if taken & inner_names.keys() & _ROLE_NAMES:
            return value
        hidden = {k: inner[k] for name, k in inner_names.items() if name in taken}
        flat.update((k, v) for k, v in inner.items() if k not in hidden)
        if hidden:
            flat[key] = hidden
        taken |= inner_names.keys()
    return flat


def _at(value: Mapping[str, Any], names: Mapping[str, str], name: str) -> Any:
    return value[names[name]] if name in names else None


def _joined(value: Mapping[str, Any], names: Mapping[str, str]) -> Mapping[str, Any]:
    """The pieces of a streamed output as one text: Replicate writes them so."""
    pieces, asked = _at(value, names, "output"), _at(value, names, "input")
    if not (isinstance(pieces, list) and isinstance(asked, dict)):
        return value
    if not {"status", "urls"} <= names.keys() or not all(isinstance(p, str) for p in pieces):
        return value
    return {**value, names["output"]: "".join(pieces)}


def _is_reply(part: Any) -> bool:
    """True for an object that holds what a model said, in keys of its own."""
    if not isinstance(part, dict) or role_of(part) is not None or "choices" in part:
        return False
    names = names_of(part)
    return any(isinstance(part[names[n]], str | list) for n in _REPLY_NAMES if n in names)


def _is_asked(part: Any) -> bool:
    """True for an object that holds a question or the turns of one."""
    if not isinstance(part, dict) or role_of(part) is not None:
        return False
    names = names_of(part)
    asked = (*ALIASES["question"], *_BODY_NAMES)
    if any(isinstance(part[names[n]], str) for n in asked if n in names):
        return True
    return any(is_messages(part.get(key)) for key in MESSAGE_KEYS)


def _renamed(part: Mapping[str, Any], *, asked: bool) -> dict[str, Any]:
    """An object's columns under names that still say what they are outside of it."""
    names = names_of(part)
    new: dict[str, str] = {}
    if asked and not any(n in names for n in ALIASES["question"]):
        body = next((n for n in _BODY_NAMES if isinstance(_at(part, names, n), str)), None)
        if body is not None:
            new[names[body]] = "question"
    if asked and "answer" in names and not any(n in names for n in ALIASES["gold_answer"]):
        new[names["answer"]] = "gold_answer"
    if not asked and not any(n in names for n in (*_NO_BODY, "answer")):
        body = next((n for n in ("text", "content", "value", "final", "raw") if n in names), None)
        if body is not None:
            new[names[body]] = "output"
    return {new.get(k, k): v for k, v in part.items()}
