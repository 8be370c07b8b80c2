"""The formats that are rows of columns: generic, replies with marks, Sky-T1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.blocks import reasoning_of
from analysis.formats.draft import FileHint
from analysis.formats.fields import MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS, Row
from analysis.formats.flat import read_flat
from analysis.formats.messages import is_messages
from analysis.formats.samples import sample_rows
from analysis.formats.split import has_marks
from analysis.model import Rejected, Trace

_TURNS = (*MESSAGE_KEYS, "prompt", "completion", "input", "origin_prompt")
_SKY = "<|begin_of_thought|>"


def recognise_generic(value: Any) -> float:
    """Rows with reasoning in a key of its own, or with nothing better to go by."""
    if not isinstance(value, dict):
        return 0.0
    row = Row(value)
    apart = any(reasoning_of(row.get(name))[0] for name in REASONING_KEYS)
    if apart:
        return 0.8
    return 0.3 if any(isinstance(v, str) for v in value.values()) else 0.1


def recognise_think_text(value: Any) -> float:
    """Rows whose reasoning stands between marks in a text, and conversations."""
    if not isinstance(value, dict):
        return 0.6 if is_messages(value) else 0.0
    row = Row(value)
    if any(has_marks(text) for _, text in row.texts(*RESPONSE_KEYS, "answer", "text", "solution")):
        return 0.75
    if any(is_messages(row.get(name)) for name in _TURNS):
        return 0.7
    samples = sample_rows(value)
    return recognise_think_text(samples[0]) if samples else 0.0


def recognise_sky_t1(value: Any) -> float:
    """Rows with Sky-T1's marks in a text or a conversation."""
    if not isinstance(value, dict):
        return 0.0
    row = Row(value)
    turns: list[Any] = next((row.get(n) for n in MESSAGE_KEYS if is_messages(row.get(n))), [])
    texts = [v for turn in turns for v in turn.values() if isinstance(v, str)]
    texts += [text for _, text in row.texts(*RESPONSE_KEYS, "text")]
    return 0.9 if any(text.lstrip().startswith(_SKY) for text in texts) else 0.0


def read_generic(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``generic``."""
    return _read(value, hint, "generic", recognise_generic(value))


def read_think_text(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``think_text``; a bare list of turns is a conversation."""
    if is_messages(value):
        value = {"messages": value}
    return _read(value, hint, "think_text", recognise_think_text(value))


def read_sky_t1(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read as ``sky_t1``."""
    return _read(value, hint, "sky_t1", recognise_sky_t1(value))


def _read(
    value: Mapping[str, Any], hint: FileHint, format_id: str, confidence: float
) -> list[Trace] | Rejected:
    if not isinstance(value, dict):
        return Rejected("not_an_object", "A record is a JSON object or a list of chat turns.")
    rows = sample_rows(value)
    if rows is None:
        return read_flat(value, hint, format_id=format_id, confidence=confidence)
    traces: list[Trace] = []
    for row in rows:
        found = read_flat(row, hint, format_id=format_id, confidence=confidence, empty_ok=True)
        if isinstance(found, list):
            traces += found
    return traces
