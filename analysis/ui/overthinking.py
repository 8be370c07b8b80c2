"""Tables and texts of the Overthinking page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis import charts
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.text.visible import visible
from analysis.ui.overthinking_lists import reader_link
from analysis.ui.state import page_path, reader_query
from analysis.ui.text import plain
from analysis.views.overthinking import CELL_METRICS, POINT_METRICS, Excluded, Headline

_VERDICTS: dict[bool | None, str] = {True: "right", False: "wrong", None: "not judged"}
_ROW = 35
GROUPS = {"Effort": "effort", "Model": "model", "Data set": "dataset"}
MEASURES = {
    "Tokens after the answer": "tokens_after_first_final",
    "Share after the answer": "post_answer_waste",
    "Thinking tokens": "thinking_tokens",
    "Answer changes": "n_answer_changes",
    "Repetition": "repeat_share",
}
"""What a person chooses, which is also what stands in the URL -> name of the column."""
FIGURES = (
    "answer-stands", "after-answer", "needed-by-model", "needed-by-difficulty", "each-trace", "cells",
    "early-exit", "early-exit-probes", "probe-outcomes", "rounds", "loops", "underthinking",
)  # fmt: skip
"""Those of ``export.figures`` that this page shows."""


def counted(n: int, left_out: Excluded) -> str:
    """One sentence on what the page counts and what it leaves out."""
    reasons = {
        "with a summary or hidden reasoning": left_out.not_visible,
        "without reasoning": left_out.no_reasoning,
    }
    parts = [f"{count:,} {why}" for why, count in reasons.items() if count]
    text = f"Counted: {n:,} traces whose reasoning is the model's own text."
    if parts:
        text += f" Left out: {' and '.join(parts)}."
    if left_out.no_final:
        text += (
            f" {left_out.no_final:,} of the counted ones have no share before or after the answer:"
            " no final answer was found, or the reasoning never states it."
        )
    if left_out.not_analysed:
        text += (
            f" {left_out.not_analysed:,} are not analysed: use “Analyse what is missing” on the"
            " Library page."
        )
    return text


def headline(numbers: Headline, specs: Mapping[str, MetricSpec]) -> None:
    """The four numbers on top, each with its definition and n."""
    columns = st.columns(4)
    estimated = f", {numbers.n_estimated:,} of them estimated" if numbers.n_estimated else ""
    columns[0].metric(
        "Median tokens",
        _number(numbers.median_tokens),
        help=_definition(
            "Half of the traces think less than this.",
            specs["thinking_tokens"],
            f"{numbers.n_tokens:,} traces{estimated}",
        ),
    )
    columns[1].metric(
        "After answer",
        _share(numbers.median_waste),
        help=_definition(
            "Median share of the reasoning that comes after its final answer was first reached.",
            specs["first_final_frac"],
            f"{numbers.n_waste:,} traces",
        ),
    )
    columns[2].metric(
        "End in a loop",
        f"{numbers.loops:,}" if numbers.n_loops else "–",
        help=_definition("", specs["tail_loop"], f"{numbers.n_loops:,} traces"),
    )
    columns[3].metric(
        "Right, then wrong",
        f"{numbers.right_to_wrong:,}" if numbers.n_right_to_wrong else "–",
        help=_definition(
            "",
            specs["right_to_wrong"],
            f"{numbers.n_right_to_wrong:,} traces whose right answer is known",
        ),
    )


def picked_trace(event: Any, filters: Filters) -> None:
    """The link to the trace of a point that was clicked."""
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    if not data:
        st.caption("Click a point to open its trace.")
        return
    trace_id, name = (data["0"], data["1"]) if isinstance(data, dict) else data[:2]
    st.page_link(
        page_path("reader"),
        label=f"Read this trace ({plain(name, 60)})",
        icon=":material/menu_book:",
        query_params=reader_query(str(trace_id), filters),
    )


def curves_note(table: pa.Table, group: str) -> str:
    """How the curves are read, and whether they show all groups."""
    text = "At x: the traces whose final answer was first reached by x of their reasoning."
    n = len(set(charts.group_names(table, group)))
    if n > charts.MAX_GROUPS:
        text += f" The {charts.MAX_GROUPS} largest of {n}."
    return text


def reading(table: pa.Table) -> str:
    """How the charts with a row for each cell are read, and whether they show all."""
    text = (
        "Box: first to third quartile, line at the median, whiskers from the 5th to the 95th"
        " percentile. In brackets: traces with tokens; traces with a share after the answer."
    )
    n = charts.n_cells(table)
    if n > charts.MAX_CELLS:
        text += f" Shown are the {charts.MAX_CELLS} largest of {n}; the table has all."
    return text


def cells(table: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """One row a data set, model and effort."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "dataset": [visible(r["dataset"]) for r in rows],
            "model": [visible(r["model"] or "(not stated)") for r in rows],
            "effort": [visible(r["effort"] or "") for r in rows],
            "traces": [r["n_traces"] for r in rows],
            "questions": [r["n_questions"] for r in rows],
            "accuracy": pd.array([r["accuracy"] for r in rows], dtype="Float64"),
            "interval": [_interval(r["accuracy_low"], r["accuracy_high"]) for r in rows],
            "tokens": _rounded([r["mean_tokens"] for r in rows]),
        }
        | {
            name: pd.array([r.get(f"mean_{name}") for r in rows], dtype="Float64")
            for name in CELL_METRICS
        }
    )
    config: dict[str, Any] = {
        "dataset": "Data set",
        "model": "Model",
        "effort": st.column_config.TextColumn("Effort", width=80),
        "traces": st.column_config.NumberColumn("Traces", format="localized", width=70),
        "questions": st.column_config.NumberColumn("Questions", format="localized", width=85),
        "accuracy": st.column_config.NumberColumn(
            "Accuracy", format="percent", width=80, help="Correct traces over judged ones."
        ),
        "interval": st.column_config.TextColumn(
            "95 % interval",
            width=100,
            help="Of the accuracy, by a bootstrap over questions; none for a single question.",
        ),
        "tokens": st.column_config.NumberColumn(
            "Mean tokens", format="localized", help=_help(specs["thinking_tokens"])
        ),
    }
    for name in CELL_METRICS:
        spec = specs[name]
        share = spec.kind == "boolean" or spec.range == "0-1"
        config[name] = st.column_config.NumberColumn(
            spec.title,
            format="percent" if share else "%.1f",
            help=f"Mean over the traces where it is defined. {_help(spec)}",
        )
    st.dataframe(shown, hide_index=True, height=_height(len(shown)), column_config=config)


def worst(table: pa.Table, filters: Filters, specs: Mapping[str, MetricSpec]) -> None:
    """Traces, worst first, each with a link into the Reader."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [reader_link(r, filters) for r in rows],
            "question": [visible(r["question"] or "(no question)") for r in rows],
            "verdict": [_VERDICTS[r["correct"]] for r in rows],
            "model": [visible(r["model"] or "") for r in rows],
            "effort": [visible(r["effort"] or r["checkpoint"] or "") for r in rows],
            "tokens": pd.array([r["thinking_tokens"] for r in rows], dtype="Int64"),
            "first": pd.array([r["first_final_frac"] for r in rows], dtype="Float64"),
            "after": pd.array([r["tokens_after_first_final"] for r in rows], dtype="Int64"),
            "changes": pd.array([r["n_answer_changes"] for r in rows], dtype="Int64"),
            "repeats": pd.array([r["repeat_share"] for r in rows], dtype="Float64"),
            "loop": ["loop" if r["tail_loop"] else "" for r in rows],
            "dataset": [visible(r["dataset"]) for r in rows],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown)),
        column_config={
            "read": st.column_config.LinkColumn("", display_text="Read", width=60, pinned=True),
            "question": st.column_config.TextColumn("Question", width="medium"),
            "verdict": st.column_config.TextColumn("Verdict", width=80),
            "model": "Model",
            "effort": st.column_config.TextColumn("Effort", width=80),
            "tokens": number(
                "Thinking tokens", format="localized", help=_help(specs["thinking_tokens"])
            ),
            "first": number(
                "Answer first at", format="percent", help=_help(specs["first_final_frac"])
            ),
            "after": number(
                "Tokens after it",
                format="localized",
                help=_help(specs["tokens_after_first_final"]),
            ),
            "changes": number("Answer changes", help=_help(specs["n_answer_changes"])),
            "repeats": number("Repeated", format="percent", help=_help(specs["repeat_share"])),
            "loop": st.column_config.TextColumn("Loop", width=60, help=_help(specs["tail_loop"])),
            "dataset": "Data set",
        },
    )


def definitions(specs: Mapping[str, MetricSpec]) -> None:
    """What the numbers of the page are."""
    with st.popover("What the numbers mean", icon=":material/info:"):
        for spec in (specs[name] for name in POINT_METRICS if specs[name].kind != "text"):
            unit = f"({spec.unit})" if spec.unit else ""
            st.markdown(f"**{plain(spec.title)}** {plain(unit)}  \n{plain(spec.definition, 600)}")
        st.caption("All metrics, with their sources: docs/metrics.md")


def _definition(lead: str, spec: MetricSpec, n: str) -> str:
    return f"{plain(lead)} {_help(spec)} n = {plain(n)}.".strip()


def _rounded(values: Sequence[float | None]) -> Any:
    return pd.array([None if v is None else round(v) for v in values], dtype="Int64")


def _help(spec: MetricSpec) -> str:
    return plain(spec.definition, 600)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.0%} – {high:.0%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _height(rows: int, most: int = 14) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
