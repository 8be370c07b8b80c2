"""Tables for print: chosen columns, numbers as people read them, a caption with n.

The cells hold plain text; ``latex`` and ``markdown`` escape it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.errors import UsageError
from analysis.export.columns import PRINTED
from analysis.model import MetricSpec
from analysis.text.visible import visible

MAX_ROWS = 2_000
"""A longer table is no table for print."""
MAX_TEXT = 60
UNDEFINED = "–"
_ENDS = ("_low", "_high")
_INTERVAL = "95 % interval"
_TITLES = {
    "cells": "Accuracy and thinking by data set, model and effort",
    "questions": "Questions by model and effort",
    "pairs": "Pairs of cells on their common questions; differences and ratios are b against a",
    "metrics": "Metrics of traces",
    "summary": "Metrics over all traces with visible reasoning",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A printed column: its heading with the unit, and the definition of what stands in it."""

    heading: str
    definition: str
    numeric: bool
    names: tuple[str, ...]
    """Columns of the export that it is made from: one, or the two ends of an interval."""


@dataclass(frozen=True, slots=True)
class PrintTable:
    """A table as it is printed; every text is plain."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    about: Mapping[str, str]


def print_table(
    name: str,
    table: pa.Table,
    specs: Mapping[str, MetricSpec],
    about: Mapping[str, str],
    *,
    columns: Sequence[str] | None = None,
) -> PrintTable:
    """``table`` for print; ``columns`` are those of the export to show (None: ``PRINTED``).

    Raises ``UsageError`` for a table without a printed form, an unknown column, or too many rows.
    """
    if name not in PRINTED and columns is None:
        raise UsageError(
            f"There is no printed form of {name}.",
            remedy=f"Print one of {', '.join(PRINTED)}, name the columns, or choose another ending.",
        )
    if table.num_rows > MAX_ROWS:
        raise UsageError(
            f"{table.num_rows:,} rows are too many to print (at most {MAX_ROWS:,}).",
            remedy="Filter, or choose another ending, such as .csv.",
        )
    wanted = [n for n in PRINTED[name] if n in table.column_names] if columns is None else columns
    shown = _columns(wanted, specs)
    values = {n: table.column(n).to_pylist() for column in shown for n in column.names}
    rows = tuple(
        tuple(_cell(column, [values[n][place] for n in column.names], specs) for column in shown)
        for place in range(table.num_rows)
    )
    return PrintTable(name, _caption(name, table, about), tuple(shown), rows, about)


def _caption(name: str, table: pa.Table, about: Mapping[str, str]) -> str:
    parts = [_TITLES.get(name, name.capitalize())]
    if name == "cells":
        parts.append(f"n = {sum(table.column('n_traces').to_pylist()):,} traces")
    elif name == "questions":
        traces = sum(table.column("n_traces").to_pylist())
        questions = len(set(table.column("question_key").to_pylist()))
        parts.append(f"n = {questions:,} questions, {traces:,} traces")
    elif name == "summary":
        parts.append("n of each metric in its row")
    else:
        parts.append(f"n = {table.num_rows:,} {name if name == 'pairs' else 'rows'}")
    if any(n.endswith(_ENDS) for n in table.column_names):
        parts.append("95 % intervals resample questions")
    if about.get("filters", "none") != "none":
        parts.append(f"filter: {about['filters']}")
    return f"{'; '.join(parts)}. {UNDEFINED}: undefined."


def _columns(names: Sequence[str], specs: Mapping[str, MetricSpec]) -> list[Column]:
    """The two ends of an interval that follow each other become one column."""
    found: list[Column] = []
    place = 0
    while place < len(names):
        name = names[place]
        spec = specs[name]
        following = names[place + 1] if place + 1 < len(names) else ""
        if name.endswith("_low") and following == f"{name[:-4]}_high":
            found.append(
                Column(_with_unit(_INTERVAL, spec), spec.definition, True, (name, following))
            )
            place += 2
            continue
        heading = _with_unit(spec.title, spec)
        found.append(Column(heading, spec.definition, spec.kind != "text", (name,)))
        place += 1
    return found


def _with_unit(title: str, spec: MetricSpec) -> str:
    if is_share(spec):
        return f"{title} (%)"
    unit = "" if spec.unit in ("traces", "questions", "share", "ratio") else spec.unit
    return f"{title} ({unit})" if unit and unit.lower() not in title.lower() else title


def is_share(spec: MetricSpec) -> bool:
    """Whether it is printed in per cent."""
    return spec.kind == "number" and spec.unit.startswith("share") and "per" not in spec.unit


def _cell(column: Column, values: Sequence[Any], specs: Mapping[str, MetricSpec]) -> str:
    if len(values) == 2:
        low, high = (
            cell_text(v, specs[n], signed=False) for v, n in zip(values, column.names, strict=True)
        )
        return UNDEFINED if UNDEFINED in (low, high) else f"{low} to {high}"
    return cell_text(values[0], specs[column.names[0]])


def cell_text(value: Any, spec: MetricSpec, *, signed: bool = True) -> str:
    """A value as it is printed: shares in per cent, p values to three digits, tokens whole."""
    if value is None or value != value:
        return UNDEFINED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        text = visible(value.replace("\r", " ").replace("\n", " ").replace("\t", " "))
        return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return cell_text(str(value), spec)
    if spec.name.endswith("_p"):
        return "<0.001" if value < 0.001 else f"{value:.3f}"
    if is_share(spec):
        text = f"{100 * value:.1f}"
    elif spec.unit == "tokens" or abs(value) >= 1000:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.3g}"
    if not any(digit in text for digit in "123456789"):
        return text.removeprefix("-")
    plus = "+" if signed and spec.range.startswith("-1") and value > 0 else ""
    return plus + text
