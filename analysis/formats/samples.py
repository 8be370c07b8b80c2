"""Records that hold several responses: lists of samples side by side, and wrappers around rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.fields import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
    names_of,
    snake,
)
from analysis.formats.messages import is_messages

_SAMPLE_LISTS = (
    "generations", "responses", "outputs", "completions", "output_list", "samples_text",
    "predictions", *RESPONSE_KEYS,
)  # fmt: skip
_SINGULAR = {
    "code_list": "extracted_answer",
    "graded_list": "correct",
    "token_usages": "usage",
    "correctness_math_verify": "correctness_math_verify",
}
_MODEL_COLUMNS = {
    "_thinking_trajectory": "reasoning",
    "_reasoning": "reasoning",
    "_thinking": "reasoning",
    "_attempt": "output",
    "_solution": "output",
    "_answer": "output",
    "_response": "output",
    "_grade": "correct",
    "_correct": "correct",
}
_SCALARS = frozenset(name for names in ALIASES.values() for name in names)
_PARALLEL = _SCALARS | {*REASONING_KEYS, *RESPONSE_KEYS, "completion_tokens_details", "usage"}
_NEVER_PARALLEL = frozenset((*MESSAGE_KEYS, *ALIASES["question"], *ALIASES["gold_answer"]))

_WRAPPERS = (
    "results", "data", "records", "rows", "samples", "traces", "items", "examples", "instances",
    "responses", "completions", "generations", "details", "logs", "entries", "outputs",
)  # fmt: skip


def sample_rows(value: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """One row for each sample of a record with parallel lists; None if it has none.

    ``{"prompt": .., "output": [a, b], "thinking": [c, d], "finish_reason": [e, f]}`` holds two
    responses. A list counts as parallel if it has as many items and a name that says so.
    """
    names = names_of(value)
    if (columns := _model_columns(value, names)) is not None:
        return columns
    key = next(
        (names[n] for n in _SAMPLE_LISTS if n in names and _is_samples(value[names[n]])), None
    )
    if key is None:
        return None
    items: list[Any] = value[key]
    parallel = {
        other: single
        for other, found in value.items()
        if isinstance(found, list) and len(found) == len(items) and (single := _singular(other))
    }
    parallel[key] = parallel.get(key) or "response"
    shared = {k: v for k, v in value.items() if k not in parallel}
    _drop_repeated(shared, items)
    rows = []
    for index in range(len(items)):
        row = dict(shared)
        for other, single in parallel.items():
            item = value[other][index]
            row.update(item if other == key and isinstance(item, dict) else {single: item})
        row.setdefault("sample_index", index)
        if items[index] is None and "answer" in row:
            row.setdefault("gold_answer", row.pop("answer"))  # not what this sample said
        rows.append(row)
    return rows


def _model_columns(
    value: Mapping[str, Any], names: Mapping[str, str]
) -> list[dict[str, Any]] | None:
    """Columns of several models beside each other, told apart by the start of their names.

    ``gemini_thinking_trajectory``, ``gemini_attempt``, ``gemini_grade`` and the same for another
    model are one row for each; the model's name is inferred from the columns.
    """
    found: dict[str, dict[str, str]] = {}
    for name, key in names.items():
        for suffix, column in _MODEL_COLUMNS.items():
            start = name.removesuffix(suffix)
            if start and start != name and name not in KNOWN_NAMES:
                found.setdefault(start, {}).setdefault(column, key)
    models = [m for m, columns in found.items() if {"reasoning", "output"} <= columns.keys()]
    if not models:
        return None
    owned = {key for name, key in names.items() for m in models if name.startswith(f"{m}_")}
    shared = {key: part for key, part in value.items() if key not in owned}
    rows = []
    for index, model in enumerate(models):
        row = {"model": model, "model_inferred": True, "sample_index": index, **shared}
        for name, key in names.items():
            if name.startswith(f"{model}_"):
                columns = found[model]
                column = next((c for c, used in columns.items() if used == key), key)
                row[column] = value[key]
        rows.append(row)
    return rows


def _is_samples(found: Any) -> bool:
    if not isinstance(found, list) or not found or is_messages(found):
        return False
    if all(isinstance(item, dict) for item in found):
        return all(isinstance(item.get("content", item.get("text")), str) for item in found)
    return all(item is None or isinstance(item, str) for item in found)


def _singular(key: str) -> str | None:
    name = snake(key[:100])
    if name in _SINGULAR:
        return _SINGULAR[name]
    for single in (name, name.removesuffix("s"), name.removesuffix("_list")):
        if single in _PARALLEL and single not in _NEVER_PARALLEL:
            return single
    return None


def _drop_repeated(shared: dict[str, Any], items: list[Any]) -> None:
    """A conversation that only repeats one of the samples is not another trace."""
    for key in [k for k in shared if snake(k[:100]) in MESSAGE_KEYS and is_messages(shared[k])]:
        last = shared[key][-1]
        if any(isinstance(text, str) and text in items for text in last.values()):
            shared[key] = shared[key][:-1]


def wrapped_rows(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]] | None:
    """The rows of ``{"results": [...]}`` or ``{"0": {...}, "1": {...}}``; None for a single row.

    What the wrapper says in plain values (a model, a data set) holds for every row that does not
    say otherwise; its other contents stay with the first row.
    """
    if value and all(
        isinstance(k, str) and k.isdigit() and isinstance(v, dict) for k, v in value.items()
    ):
        return ({"id": key, **row} for key, row in value.items())
    key = next((k for k in _WRAPPERS if _is_rows(value.get(k))), None)
    if key is None:
        return None
    plain = {k: v for k, v in value.items() if isinstance(v, str | int | float | bool)}
    asked = {k: v for k, v in value.items() if is_messages(v)}
    nested = {k: v for k, v in value.items() if k not in (*plain, *asked, key) and v is not None}
    numbered = bool(asked) or any(name in names_of(plain) for name in ALIASES["question"])
    return (
        {
            **plain,
            **asked,
            **(nested if i == 0 else {}),
            **({"sample_index": i} if numbered else {}),
            **row,
        }
        for i, row in enumerate(value[key])
    )


def _is_rows(found: Any) -> bool:
    """True for a list of objects that look like rows: none is a chat turn or a bare sample."""
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(item, dict) for item in found)
        and not is_messages(found)
        and not _is_samples(found)
    )
