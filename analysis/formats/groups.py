"""Rows in groups: a list of them, or rows under ids, for each model or each data set.

``{"deepseek-r1": [rows], "o1": [rows]}``, ``{"aime24": {"q1": row}}``; and texts under their ids or
their questions, ``{"q1": "<think> .."}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.aliases import KNOWN_NAMES, MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS
from analysis.formats.fields import names_of, snake
from analysis.formats.messages import is_messages, role_of
from analysis.formats.model_names import effort_of, is_model_name, label
from analysis.formats.split import has_marks

_SAID = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "answer", "solution", "text"))
_PLAIN = str | int | float | bool | None
_QUESTION_CHARS = 12

Rows = Iterator[dict[str, Any]]


def grouped_rows(value: Mapping[str, Any]) -> Rows | None:
    """The rows of all groups, each with the name of its group; None for anything else.

    Beside the groups only plain values may stand, which hold for every row.
    """
    groups = {k: v for k, v in value.items() if isinstance(v, list | dict)}
    if not groups or any(snake(k[:100]) in KNOWN_NAMES for k in groups):
        return None
    lists = {k: rows for k, v in groups.items() if (rows := _rows_of(v)) is not None}
    if len(lists) != len(groups):
        return None
    efforts = all(effort_of(k) for k in groups)
    named = efforts or all(is_model_name(k) for k in groups)
    if len(lists) < 2 and not named:
        return None
    shared = {k: v for k, v in value.items() if k not in groups}
    return (
        {**shared, **_label(name, named, row), **row}
        for name, rows in lists.items()
        for row in rows
    )


def _label(name: str, named: bool, row: Mapping[str, Any]) -> dict[str, Any]:
    if not named:
        return {"dataset": name}
    said = label(name)
    return {} if "model" in said and "model" in names_of(row) else said


def _rows_of(found: Any) -> list[dict[str, Any]] | None:
    if isinstance(found, dict) and found and all(isinstance(v, dict) for v in found.values()):
        if {snake(str(k)[:100]) for k in found} & KNOWN_NAMES:
            return None
        efforts = all(effort_of(str(key)) for key in found)
        found = [{**(label(key) if efforts else {"id": key}), **row} for key, row in found.items()]
    if not isinstance(found, list) or not found or is_messages(found):
        return None
    rows = [row for row in found if isinstance(row, dict)]
    if len(rows) != len(found) or any(role_of(row) is not None for row in rows):
        return None
    said = (not _SAID.isdisjoint(names_of(row)) for row in rows)
    return rows if all(said) else None


def numbered_rows(value: Mapping[str, Any]) -> Rows | None:
    """The rows of ``{"run": "a", "0": {row}, "1": {row}}``, beside which only plain values stand."""
    rows = {k: v for k, v in value.items() if k.isdigit() and isinstance(v, dict) and v}
    if not rows or len(rows) == len(value):
        return None
    beside = {k: v for k, v in value.items() if k not in rows}
    if not all(v is None or isinstance(v, _PLAIN) or _is_plain_list(v) for v in beside.values()):
        return None
    shared = {k: v for k, v in beside.items() if isinstance(v, _PLAIN)}
    return ({**shared, "id": key, **row} for key, row in rows.items())


def _is_plain_list(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(v, _PLAIN) for v in found)


def keyed_texts(value: Mapping[str, Any]) -> Rows | None:
    """Marked texts under ids, or under the questions that they answer."""
    if not value or not all(isinstance(v, str) for v in value.values()):
        return None
    if any(snake(k[:100]) in KNOWN_NAMES for k in value):
        return None
    marked = sum(has_marks(text) for text in value.values())
    if 2 * marked < len(value) or (len(value) == 1 and not _asks(next(iter(value)))):
        return None
    asked = all(map(_asks, value))
    return ({("question" if asked else "id"): key, "response": v} for key, v in value.items())


def _asks(key: str) -> bool:
    return len(key) >= _QUESTION_CHARS and any(char.isspace() for char in key.strip())
