"""The words and tables of the report. Everything here is plain text; the template escapes it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

import analysis
from analysis.charts_overthinking import POLICY_NAMES, parameter_text
from analysis.effort.intervals import RESAMPLES
from analysis.errors import UsageError
from analysis.export.columns import PRINTED, specs_of
from analysis.export.figures import FigureData
from analysis.export.printing import MAX_ROWS, UNDEFINED, print_table
from analysis.store.connection import Store
from analysis.store.where import where
from analysis.views import needed, overthinking

CELL_METRICS = ("post_answer_waste", "right_to_wrong", "tail_loop", "underthinking")
HEADLINE_METRICS = ("thinking_tokens", "post_answer_waste", "tail_loop", "right_to_wrong")
_ROWS = 300
"""Rows of a table in the report; the export has all."""
_TITLES = {
    "cells": "By data set, model and effort",
    "pairs": "Pairs of cells on their common questions",
    "summary": "Every metric",
}
_WORDS = {True: "right", False: "wrong", None: "not judged"}


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of the report: plain texts, with the definitions of its columns."""

    key: str
    title: str
    note: str
    headings: tuple[tuple[str, bool], ...]
    """(heading, whether it is a number)."""
    rows: tuple[tuple[str, ...], ...]
    definitions: tuple[tuple[str, str, str], ...] = ()


def require_html(out: Path) -> None:
    """``UsageError`` unless the name ends in .html."""
    if out.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            f"{out.name} is no name for a report.", remedy="End the name of the file in .html."
        )


def from_export(store: Store, name: str, table: pa.Table) -> ReportTable:
    """An exported table in its printed form, its first ``_ROWS`` rows."""
    specs = specs_of(store, name, table.column_names)
    shown = table.slice(0, min(_ROWS, MAX_ROWS))
    made = print_table(name, shown, specs, {"version": analysis.__version__, "filters": "none"})
    note = f"{table.num_rows:,} rows."
    if table.num_rows > _ROWS:
        note = f"The first {_ROWS:,} of {table.num_rows:,} rows; cotscope export {name} has all."
    wanted = [n for n in PRINTED[name] if n in specs]
    return ReportTable(
        name,
        _TITLES[name],
        note,
        tuple((column.heading, column.numeric) for column in made.columns),
        made.rows,
        tuple((specs[n].title, specs[n].definition, specs[n].source) for n in wanted),
    )


def early_exit_table(data: FigureData) -> ReportTable:
    """Each policy at each parameter."""
    rows = []
    for row in data.stopped.table.to_pylist():
        rows.append(
            (
                POLICY_NAMES[row["policy"]],
                parameter_text(row),
                f"{row['n_traces']:,}",
                _share(row["accuracy"]),
                _interval(row["accuracy_low"], row["accuracy_high"]),
                UNDEFINED if row["mean_tokens"] is None else f"{row['mean_tokens']:,.0f}",
                _share(row["saved_share"]),
            )
        )
    names = ("Stopped", "Parameter", "Traces", "Accuracy (%)", "95 % interval (%)")
    headings = [(name, place > 1) for place, name in enumerate(names)]
    headings += [("Mean tokens", True), ("Saved (%)", True)]
    left = data.stopped.left_out
    note = (
        f"{data.stopped.n_traces:,} traces. Left out: {left.no_verdict:,} without a verdict,"
        f" {left.not_visible:,} whose reasoning is not the model's own text, {left.not_analysed:,} not"
        f" analysed, {left.no_tokens:,} without tokens, {left.no_gold:,} without a gold answer."
    )
    return ReportTable("early-exit", "Stopping early", note, tuple(headings), tuple(rows))


def worst_table(store: Store, data: FigureData, limit: int) -> ReportTable:
    """The traces with most tokens after their final answer."""
    column = "tokens_after_first_final"
    points = data.points.filter(data.points[column].is_valid())
    rows = points.sort_by([(column, "descending"), ("trace_id", "ascending")]).slice(0, limit)
    note = f"The {rows.num_rows:,} of {points.num_rows:,} traces with most tokens after their final answer."
    return _traces("worst", "Most thinking after the answer", note, needed.with_places(store, rows))


def right_to_wrong_table(store: Store, data: FigureData, limit: int) -> ReportTable:
    """Traces that had the right answer and gave another."""
    rows, total = needed.right_to_wrong(store, data.points, limit=limit)
    note = f"{rows.num_rows:,} of {total:,} traces that had the right answer and gave another, longest first."
    return _traces("right-to-wrong", "Right, then wrong", note, rows)


def _traces(key: str, title: str, note: str, table: pa.Table) -> ReportTable:
    headings = (
        *((name, False) for name in ("Id", "Question", "Verdict", "Model", "Effort")),
        *((name, True) for name in ("Tokens", "Answer first at (%)", "Tokens after it")),
    )
    rows = tuple(
        (
            row["external_id"] or row["trace_id"][:12],
            _cut(row["question"] or "", 90),
            _WORDS[row["correct"]],
            row["model"] or UNDEFINED,
            row["effort"] or UNDEFINED,
            _whole(row["thinking_tokens"]),
            _share(row["first_final_frac"]),
            _whole(row["tokens_after_first_final"]),
        )
        for row in table.to_pylist()
    )
    return ReportTable(key, title, note, headings, rows)


def words(store: Store, data: FigureData) -> dict[str, Any]:
    """The paragraphs and the numbers on top, for the template."""
    points = data.points
    left_out = overthinking.excluded(store, data.filters, points)
    head = overthinking.headline(points)
    specs = overthinking.specs()
    sources = Counter(s for s in points["thinking_token_source"].to_pylist() if s)
    return {
        "headline": [
            (specs[name].title, value, n)
            for name, value, n in (
                ("thinking_tokens", f"{_whole(head.median_tokens)} tokens, median", head.n_tokens),
                ("post_answer_waste", f"{_share(head.median_waste)} %, median", head.n_waste),
                ("tail_loop", _traces_text(head.loops), head.n_loops),
                ("right_to_wrong", _traces_text(head.right_to_wrong), head.n_right_to_wrong),
            )
        ],
        "n_visible": points.num_rows,
        "left_out": left_out,
        "token_sources": ", ".join(f"{name} ({n:,} traces)" for name, n in sorted(sources.items())),
        "resamples": RESAMPLES,
        "verdict_sources": _verdict_sources(store, data),
        "where": [
            (name, ", ".join(value) if isinstance(value, list) else value)
            for name, value in data.filters.to_query().items()
        ],
    }


def _verdict_sources(store: Store, data: FigureData) -> str:
    condition, values = where(data.filters)
    rows = store.rows(
        "SELECT coalesce(t.correct_source, 'the record'), count(*) FROM trace t"  # noqa: S608
        f" WHERE {condition} AND t.correct IS NOT NULL GROUP BY 1 ORDER BY 1",
        values,
    )
    return ", ".join(f"{name} ({n:,} traces)" for name, n in rows) or "none"


def _traces_text(n: int) -> str:
    return f"{n:,} trace{'' if n == 1 else 's'}"


def _share(value: float | None) -> str:
    return UNDEFINED if value is None else f"{100 * value:.1f}"


def _interval(low: float | None, high: float | None) -> str:
    return UNDEFINED if low is None or high is None else f"{_share(low)} to {_share(high)}"


def _whole(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:,.0f}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
