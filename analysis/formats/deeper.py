"""The last look at a record that no format reads: rows that stand deeper inside of it.

Objects beside one another (``{"meta": .., "io": .., "eval": ..}``) are laid flat; lists of objects
at any depth are tried as rows, with the plain values around them. What comes of it counts only if
it is more than a text: a reasoning, or a question with its answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from analysis.formats.aliases import ALIASES, MESSAGE_KEYS, REASONING_KEYS, RESPONSE_KEYS
from analysis.formats.base import Found, UnreadRow
from analysis.formats.fields import snake
from analysis.formats.groups import grouped_rows
from analysis.formats.messages import are_steps, is_messages
from analysis.formats.notes import SETTINGS_OF_ALL, stated_around
from analysis.formats.unfold import opened
from analysis.model import ReasoningKind, Rejected, Trace, Warning_

Read = Callable[[Mapping[str, Any]], "list[Trace] | Rejected"]

_DEPTH = 4
_MOST_LISTS = 32
_CONFIDENCE = 0.4
_NO_ROWS = frozenset(
    ("tools", "tool_calls", "few_shot", "shots", "segments", "sections", "steps", "logprobs", "reasoning_details",
     "thinking_blocks", "annotations", "probes", "choices", "content", "parts", "schema", "errors", "warnings")
)  # fmt: skip
"""Lists of objects that are parts of one response, or of no response at all."""
_NO_PART = frozenset(("error", "err", "exception", "schema", "tools", "headers", "logprobs"))
_FIELDS = frozenset(
    n
    for field, names in ALIASES.items()
    if field not in ("question", "system_prompt")
    for n in names
)
"""What settings may state; the texts in them are templates and paths."""
_LAID = frozenset(
    name for name in (*(n for names in ALIASES.values() for n in names), *REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS,
                      "answer", "solution", "text", "usage")
)  # fmt: skip
"""Names that are laid flat; what else an object holds stays where it is."""


def read_deeper(value: Mapping[str, Any], read: Read) -> list[Trace] | None:
    """The traces of what stands inside a record; None where nothing there speaks for itself."""
    value = opened(value)
    flat = _laid_flat(value)
    if flat is not None:
        found = read(flat)
        if isinstance(found, list) and found and all(map(_says_enough, found)):
            return _noted(found)
    for exchange in _exchanges(value):
        found = read(exchange)
        if isinstance(found, list) and found and all(map(_says_enough, found)):
            return _noted(found)
    for rows in _lists(value):
        traces: list[Trace] = []
        unread: list[UnreadRow] = []
        for position, row in enumerate(rows):
            found = read(row)
            if isinstance(found, Rejected):
                unread.append(UnreadRow(position, found, row))
            else:
                traces += found
                unread += found.unread if isinstance(found, Found) else ()
        if traces and 2 * sum(map(_says_enough, traces)) >= len(traces):
            return Found(_noted(traces), unread)
    return None


def _exchanges(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Objects inside a record, such as the payload of an event, that hold a request and its reply,
    and conversations inside of it under names that no table lists."""
    level = [v for v in value.values() if isinstance(v, dict)]
    for _ in range(_DEPTH - 1):
        yield from (v for v in level if {"request", "response"} <= v.keys())
        talks = (
            turns
            for v in level
            for key, turns in v.items()
            if is_messages(turns) and snake(key[:100]) not in _NO_ROWS
        )
        yield from (
            {**stated_around(value), "messages": turns} for turns in talks if len(turns) > 1
        )
        level = [inner for v in level for inner in v.values() if isinstance(inner, dict)]


def _laid_flat(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """The record with the known columns of the objects in it as its own; None without any.

    A name that stands in two places is taken from neither, but for the outermost.
    """
    flat = dict(value)
    taken = {snake(key[:100]) for key in value}
    pending = [(key, part) for key, part in value.items() if _is_part(key, part)]
    laid: dict[str, Any] = {}
    twice: set[str] = set()
    for _ in range(_DEPTH - 1):
        below: list[tuple[str, Any]] = []
        for holder, part in pending:
            known = _FIELDS if snake(str(holder)[:100]) in SETTINGS_OF_ALL else _LAID
            for key, inner in part.items():
                name = snake(str(key)[:100])
                if (
                    name in known
                    and name not in taken
                    and inner is not None
                    and not _is_part(key, inner)
                ):
                    twice |= {name} & laid.keys()
                    laid[name] = inner
            below += [(k, v) for k, v in part.items() if _is_part(k, v)]
        pending = below
    laid = {name: found for name, found in laid.items() if name not in twice}
    return {**flat, **laid} if laid else None


def _is_part(key: Any, found: Any) -> bool:
    name = snake(str(key)[:100])
    return isinstance(found, dict) and bool(found) and name not in _NO_PART and name != "usage"


def _lists(value: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Lists of objects inside a record, the outermost first, as rows with what is around them."""
    level: list[tuple[dict[str, Any], Mapping[str, Any]]] = [({}, value)]
    tried = 0
    for _ in range(_DEPTH):
        below: list[tuple[dict[str, Any], Mapping[str, Any]]] = []
        for around, node in level:
            shared = around | stated_around(node)
            shared |= {k: v for k, v in node.items() if isinstance(v, str | int | float | bool)}
            for key, inner in node.items():
                if snake(str(key)[:100]) in _NO_ROWS | _NO_PART:
                    continue
                if isinstance(inner, dict):
                    below.append((shared, inner))
                    if (groups := grouped_rows(inner)) is not None:
                        tried += 1
                        found = list(groups)
                        yield [{**_without_totals(shared, found), **row} for row in found]
                        continue
                    if rows := [{"id": k, **v} for k, v in inner.items() if _is_numbered(k, v)]:
                        tried += 1
                        yield [{**_without_totals(shared, rows), **row} for row in rows]
                elif _is_objects(inner):
                    tried += 1
                    if tried > _MOST_LISTS:
                        return
                    yield [{**_without_totals(shared, inner), **row} for row in inner]
                    if len(inner) == 1:
                        below.append((shared, inner[0]))
        level = below


def _is_numbered(key: Any, found: Any) -> bool:
    return isinstance(key, str) and key.isdigit() and isinstance(found, dict) and bool(found)


def _is_objects(found: Any) -> bool:
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(row, dict) and row for row in found)
        and not is_messages(found)
        and not are_steps(found)
    )


_TOTALS = frozenset(
    name for field in ("correct", "score", "completion_tokens", "reasoning_tokens", "prompt_tokens",
                       "latency_s", "cost", "external_id") for name in ALIASES[field]
)  # fmt: skip


def _without_totals(shared: Mapping[str, Any], rows: list[Any]) -> dict[str, Any]:
    """What holds for every row: no sums and no ids of the whole."""
    if len(rows) == 1:
        return dict(shared)
    return {k: v for k, v in shared.items() if snake(k[:100]) not in _TOTALS}


def _says_enough(trace: Trace) -> bool:
    if trace.reasoning or trace.reasoning_kind is not ReasoningKind.NONE:
        return True
    return bool(trace.question and trace.answer) or trace.error is not None


def _noted(traces: list[Trace]) -> list[Trace]:
    note = Warning_("nested_row", "the row was found among other objects of the record")
    return [
        replace(
            trace,
            format_confidence=min(trace.format_confidence, _CONFIDENCE),
            warnings=(*trace.warnings, note),
        )
        for trace in traces
    ]
