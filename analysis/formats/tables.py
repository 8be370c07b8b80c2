"""Whole tables in one JSON value: what data frames and dictionaries of rows are written as."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from analysis.formats.aliases import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
)
from analysis.formats.fields import names_of, snake
from analysis.formats.messages import is_messages, role_of
from analysis.formats.model_names import effort_of, label
from analysis.formats.names import guess_role

_TEXTS = frozenset(
    (
        *REASONING_KEYS,
        *RESPONSE_KEYS,
        *MESSAGE_KEYS,
        *ALIASES["question"],
        "answer",
        "solution",
        "text",
    )
)
_SAID = frozenset((*REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS, "answer", "solution", "text"))
ENVELOPES = frozenset(
    ("request", "body", "result", "results", "data", "metadata", "meta", "config", "usage", "info", "schema", "error",
     "doc", "item", "sample", "row", "record", "example", "task", "params", "kwargs", "choices", "attributes")
)  # fmt: skip
_ASKED = frozenset(ALIASES["question"])
_MODEL = frozenset(ALIASES["model"])
_KEYED = frozenset(
    ("responses", "outputs", "completions", "generations", "predictions", "answers", "model_outputs", "model_responses",
     "model_answers", "replies", "samples", "rollouts", "attempts", "results", "models", "by_model", "by_effort", "efforts")
)  # fmt: skip
"""Keys under which the responses of several models stand, each under its model's name."""

_TEMPERATURE = re.compile(r"[0-2]\.\d{1,3}")
_COUNTS = ("token_usages", "token_usage", "usages", "usage")

Rows = Iterator[dict[str, Any]]


def table_rows(value: Mapping[str, Any]) -> Rows | None:
    """The rows of a table in one object; None for anything else.

    Read are the shapes that ``DataFrame.to_json`` calls split, columns and index, a dictionary of
    equally long columns, and rows under their ids.
    """
    return _split(value) or _columns(value) or _lists(value) or _by_id(value)


def _split(value: Mapping[str, Any]) -> Rows | None:
    names, data = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(data, list) or not data:
        return None
    if not all(isinstance(name, str) for name in names) or not names:
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in data):
        return None
    return (dict(zip(names, row, strict=True)) for row in data)


def split_row(value: Mapping[str, Any], key: str) -> Callable[[list[Any]], dict[str, Any]] | None:
    """What makes a row of a split table out of its cells, if ``key`` holds the rows of one."""
    if key != "data" or _split(value) is None:
        return None
    names = list(value["columns"])
    return lambda cells: dict(zip(names, cells, strict=True))


def _columns(value: Mapping[str, Any]) -> Rows | None:
    """``{"question": {"0": .., "1": ..}, "response": {"0": .., "1": ..}}``."""
    columns = list(value.values())
    if len(columns) < 2 or not all(isinstance(c, dict) and c for c in columns):
        return None
    index = list(columns[0])
    if any(c.keys() != columns[0].keys() for c in columns) or not _name_texts(value):
        return None
    if not all(key.isdigit() for key in index) and _SAID & {snake(k[:100]) for k in index}:
        return None  # rows that hold the same keys as one another
    return ({name: value[name][key] for name in value} for key in index)


def _lists(value: Mapping[str, Any]) -> Rows | None:
    """``{"question": [..], "response": [..]}``: a question for each response."""
    names = names_of(value)
    asked = next(
        (names[n] for n in ALIASES["question"] if n in names and _is_column(value[names[n]])), None
    )
    if asked is None:
        return None
    size = len(value[asked])
    lists = {k for k, v in value.items() if isinstance(v, list) and len(v) == size}
    said = [
        k for k in lists if k != asked and snake(k[:100]) in _SAID and not is_messages(value[k])
    ]
    if not said:
        return None
    shared = {k: v for k, v in value.items() if k not in lists}
    return ({**shared, **{k: value[k][i] for k in value if k in lists}} for i in range(size))


def _is_column(found: Any) -> bool:
    return isinstance(found, list) and bool(found) and all(isinstance(v, str) for v in found)


def _by_id(value: Mapping[str, Any]) -> Rows | None:
    """``{"q1": {row}, "q2": {row}}``."""
    if not value or not all(isinstance(v, dict) and v for v in value.values()):
        return None
    names = {snake(key[:100]) for key in value}
    digits = all(key.isdigit() for key in value)
    if not digits and (names & (KNOWN_NAMES | ENVELOPES) or not _are_rows(value)):
        return None
    return id_rows(value)


def id_rows(value: Mapping[str, Any]) -> Rows:
    """The rows of ``{"q1": {row}, "q2": {row}}``."""
    return ({"id": key, **row} for key, row in value.items())


def holds_ids(value: Mapping[str, Any]) -> bool:
    """True if a value is read as rows under their ids."""
    return not (_split(value) or _columns(value) or _lists(value)) and _by_id(value) is not None


def _are_rows(value: Mapping[str, Any]) -> bool:
    """True if every object holds what a model said and is no turn of a conversation."""
    return all(
        role_of(row) is None and bool(_SAID & {snake(k[:100]) for k in row})
        for row in value.values()
    )


def _name_texts(value: Mapping[str, Any]) -> bool:
    names = {snake(key[:100]) for key in value}
    return bool(names & _SAID or any(guess_role(n) in ("reasoning", "response") for n in names))


def keyed_samples(value: Mapping[str, Any]) -> Rows | None:
    """``{"question": .., "responses": {"model a": .., "model b": ..}}``: a row for each model.

    Keys such as ``0`` and ``sample_1`` count samples and name no model. Where the model is stated
    around them or each holds a question of its own, the keys are the ids of rows.
    """
    key = next((k for k, v in value.items() if snake(k[:100]) in _KEYED and _is_keyed(v)), None)
    if key is None or all(map(_TEMPERATURE.fullmatch, value[key])):
        return None
    shared = {k: v for k, v in value.items() if k != key}
    parts = value[key].items()
    asked = all(isinstance(row, dict) and _ASKED & names_of(row).keys() for _, row in parts)
    efforts = all(effort_of(str(name)) for name in value[key])
    if asked or (
        not efforts
        and _MODEL & names_of(shared).keys()
        and all(isinstance(r, dict) for _, r in parts)
    ):
        return ({**shared, "id": name, **row} for name, row in parts)
    return (
        {
            **shared,
            **_label(name, index),
            **(part if isinstance(part, dict) else {"response": part}),
        }
        for index, (name, part) in enumerate(value[key].items())
    )


def by_temperature(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each sample of ``{"responses": {"0.7": [{..}]}}`` (SkyThought); None for others."""
    if not any(isinstance(v, dict) for v in value.values()):
        return None
    key = next((k for k, v in value.items() if snake(k[:100]) in _KEYED and _is_by_heat(v)), None)
    if key is None:
        return None
    counts = next((k for k in value if k in _COUNTS and isinstance(value[k], dict)), "")
    shared = {k: v for k, v in value.items() if k not in (key, counts)}
    rows: list[dict[str, Any]] = []
    for heat, found in value[key].items():
        used = _listed(value.get(counts, {}).get(heat))
        for position, part in enumerate(_listed(found)):
            said = part if isinstance(part, dict) else {"response": part}
            usage = {"usage": used[position]} if position < len(used) else {}
            rows.append({**shared, "temperature": heat, "sample_index": len(rows), **usage, **said})
    return rows


def _is_by_heat(found: Any) -> bool:
    return isinstance(found, dict) and bool(found) and all(map(_TEMPERATURE.fullmatch, found))


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [] if found is None else [found]


def _is_keyed(found: Any) -> bool:
    if not isinstance(found, dict) or not found or {snake(str(k)[:100]) for k in found} & _TEXTS:
        return False
    if all(isinstance(v, str) and v for v in found.values()):
        return True
    return all(isinstance(v, dict) and v for v in found.values()) and _are_rows(found)


def _label(name: str, index: int) -> dict[str, Any]:
    last = snake(name).rsplit("_", 1)[-1]
    if last.isdigit() and name.replace(last, "").strip("_- ").lower() in (
        "", "sample", "run", "attempt", "response", "output", "generation", "rollout", "seed", "completion",
    ):  # fmt: skip
        return {"sample_index": index}
    return {**label(name), "sample_index": index}
