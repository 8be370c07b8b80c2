"""The formats that are rows of columns: generic, replies with marks, Sky-T1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.formats.blocks import reasoning_of
from analysis.formats.draft import FileHint
from analysis.formats.fields import MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS, Row, names_of
from analysis.formats.flat import read_flat
from analysis.formats.foreign_turns import chat_turns
from analysis.formats.messages import is_messages
from analysis.formats.model_columns import (
    bare_columns,
    model_columns,
    model_objects,
    numbered_columns,
)
from analysis.formats.names import guessed_names
from analysis.formats.samples import sample_rows
from analysis.formats.split import has_marks
from analysis.formats.tags import opens_reasoning
from analysis.formats.unfold import flattened, opened, rejoined, turned, without_gaps
from analysis.model import Rejected, Trace, Warning_

_TURNS = (*MESSAGE_KEYS, "prompt", "completion", "input", "origin_prompt")
_TEXTS = (*RESPONSE_KEYS, "answer", "text", "solution")
_PROMPTS = ("prompt", "input", "query", "question")
_REASONING = frozenset(REASONING_KEYS)
_SKY = "<|begin_of_thought|>"
_GUESSED = 0.4
"""How sure a reading is at most that rests on a guessed name."""
_UNFOLDED = 0.6
"""How sure one is at most whose texts stand in objects or in JSON texts."""
_NAMED_MODEL = 0.6
"""How sure one is at most whose model is told by the name of a column."""


def recognise_generic(value: Any) -> float:
    """Rows with reasoning in a key of its own, or with nothing better to go by."""
    if not isinstance(value, dict):
        return 0.0
    names = names_of(value)
    if any(reasoning_of(value[names[n]])[0] for n in _REASONING & names.keys()):
        return 0.8
    return 0.3 if any(isinstance(v, str) for v in value.values()) else 0.1


def recognise_think_text(value: Any) -> float:
    """Rows whose reasoning stands between marks in a text, and conversations."""
    if not isinstance(value, dict):
        return 0.6 if _talk(value) is not None else 0.0
    row = Row(value)
    if any(has_marks(text) for _, text in row.texts(*_TEXTS)):
        return 0.75
    if any(is_messages(row.get(name)) for name in row.present(*_TURNS)):
        return 0.7
    samples = sample_rows(value)
    return recognise_think_text(samples[0]) if samples else 0.0


def _talk(value: Any) -> dict[str, Any] | None:
    """A list as a record: a conversation, or a pair of what was asked and a marked reply."""
    if is_messages(value):
        return {"messages": value}
    if (turns := chat_turns(value)) is not None:
        return {"messages": turns}
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value):
        return {"question": value[0], "response": value[1]} if has_marks(value[1]) else None
    return None


def recognise_sky_t1(value: Any) -> float:
    """Rows with Sky-T1's marks in a text or a conversation."""
    if not isinstance(value, dict):
        return 0.0
    row = Row(value)
    turns: list[Any] = next(
        (row.get(n) for n in row.present(*MESSAGE_KEYS) if is_messages(row.get(n))), []
    )
    texts = [v for turn in turns for v in turn.values() if isinstance(v, str)]
    texts += [text for _, text in row.texts(*RESPONSE_KEYS, "text")]
    return 0.9 if any(text.lstrip().startswith(_SKY) for text in texts) else 0.0


def read_generic(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``generic``."""
    return _read(value, hint, "generic", recognise_generic(value))


def read_think_text(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``think_text``; a bare list of turns is a conversation."""
    if isinstance(value, list):
        value = _talk(value) or value
    return _read(value, hint, "think_text", recognise_think_text(value))


def read_sky_t1(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``sky_t1``."""
    return _read(value, hint, "sky_t1", recognise_sky_t1(value))


def _read(
    value: Mapping[str, Any], hint: FileHint, format_id: str, confidence: float
) -> list[Trace] | Rejected:
    if not isinstance(value, dict):
        return Rejected("not_an_object", "A record is a JSON object or a list of chat turns.")
    row = _plain(value)
    if row is not value:
        confidence = max(
            confidence, min(_UNFOLDED, max(recognise_generic(row), recognise_think_text(row)))
        )
    rows: list[dict[str, Any]] | None = (
        model_columns(row) or model_objects(row) or bare_columns(row)
    )
    notes: tuple[Warning_, ...] = ()
    if rows is not None:
        notes = (Warning_("model_in_column", "the model is told by the name of its columns"),)
        confidence = min(confidence, _NAMED_MODEL)
    else:
        rows = numbered_columns(row)
        if rows is None:
            row, notes = _guessed(row)
            confidence = min(confidence, _GUESSED) if notes else confidence
            rows = sample_rows(row)
    if rows is None:
        return _noted(read_flat(row, hint, format_id=format_id, confidence=confidence), notes)
    traces: list[Trace] = []
    for part in rows:
        inner, more = _guessed(_plain(part))
        found = read_flat(inner, hint, format_id=format_id, confidence=confidence, empty_ok=True)
        found = _noted(found, (*notes, *more))
        if isinstance(found, list):
            traces += found
    return traces


def _plain(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return flattened(without_gaps(turned(opened(rejoined(value)))))


def _guessed(row: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Warning_, ...]]:
    """The record with the columns renamed whose names only hint at what they hold."""
    guessed = guessed_names(row)
    if "reasoning" in guessed.values() and _says_itself(row):
        guessed = {key: role for key, role in guessed.items() if role != "reasoning"}
    if not guessed:
        return row, ()
    names = ", ".join(f"{key[:40]!r} as {role}" for key, role in guessed.items())
    note = Warning_("guessed_key", f"read by the words of their names: {names}")
    return {guessed.get(key, key): part for key, part in row.items()}, (note,)


def _says_itself(value: Mapping[str, Any]) -> bool:
    """True if the response itself holds the reasoning, or the prompt opens it."""
    row = Row(value)
    if any(opens_reasoning(text) for _, text in row.texts(*_PROMPTS)):
        return True
    return any(has_marks(text) for _, text in row.texts(*_TEXTS))


def _noted(found: list[Trace] | Rejected, notes: tuple[Warning_, ...]) -> list[Trace] | Rejected:
    if isinstance(found, Rejected) or not notes:
        return found
    return [replace(trace, warnings=(*notes, *trace.warnings)) for trace in found]
