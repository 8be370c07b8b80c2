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
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.overthinking_lists import reader_link
from analysis.ui.state import page_path, reader_query
from analysis.ui.text import plain
from analysis.views.overthinking import CELL_METRICS, POINT_METRICS, Excluded, Headline

_VERDICTS: dict[bool | None, str] = {True: N_("right"), False: N_("wrong"), None: N_("not judged")}
_ROW = 35
GROUPS = {N_("Effort"): "effort", N_("Model"): "model", N_("Data set"): "dataset"}
MEASURES = {
    N_("Tokens after the answer"): "tokens_after_first_final",
    N_("Share after the answer"): "post_answer_waste",
    N_("Thinking tokens"): "thinking_tokens",
    N_("Answer changes"): "n_answer_changes",
    N_("Repetition"): "repeat_share",
}
"""What a person chooses, which is also what stands in the URL -> name of the column."""
PARTS = (N_("Right, then wrong"), N_("Stopping early"), N_("Rounds and loops"), N_("Underthinking"))
FIGURES = (
    "answer-stands", "after-answer", "needed-by-model", "needed-by-difficulty", "each-trace", "cells",
    "early-exit", "early-exit-probes", "probe-outcomes", "rounds", "loops", "underthinking",
)  # fmt: skip
"""Those of ``export.figures`` that this page shows."""


def counted(n: int, left_out: Excluded) -> str:
    """One sentence on what the page counts and what it leaves out."""
    parts = []
    if left_out.not_visible:
        parts.append(t("{n:,} with a summary or hidden reasoning", n=left_out.not_visible))
    if left_out.no_reasoning:
        parts.append(t("{n:,} without reasoning", n=left_out.no_reasoning))
    text = t("Counted: {n:,} traces whose reasoning is the model's own text.", n=n)
    if parts:
        text += t(" Left out: {value}.", value=t(" and ").join(parts))
    if left_out.no_final:
        text += t(
            " {no_final:,} of the counted ones have no share before or after the answer: no"
            " final answer was found, or the reasoning never states it.",
            no_final=left_out.no_final,
        )
    if left_out.not_analysed:
        text += tn(
            " {n:,} is not analysed: use “Analyse what is missing” on the Library page.",
            " {n:,} are not analysed: use “Analyse what is missing” on the Library page.",
            left_out.not_analysed,
        )
    return text


def headline(numbers: Headline, specs: Mapping[str, MetricSpec]) -> None:
    """The four numbers on top, each with its definition and n."""
    columns = st.columns(4)
    estimated = (
        t(", {n_estimated:,} of them estimated", n_estimated=numbers.n_estimated)
        if numbers.n_estimated
        else ""
    )
    columns[0].metric(
        t("Median tokens"),
        _number(numbers.median_tokens),
        help=_definition(
            t("Half of the traces think less than this."),
            specs["thinking_tokens"],
            t("{n_tokens:,} traces{estimated}", n_tokens=numbers.n_tokens, estimated=estimated),
        ),
    )
    columns[1].metric(
        t("After answer"),
        _share(numbers.median_waste),
        help=_definition(
            t("Median share of the reasoning that comes after its final answer was first reached."),
            specs["first_final_frac"],
            t("{n_waste:,} traces", n_waste=numbers.n_waste),
        ),
    )
    columns[2].metric(
        t("End in a loop"),
        f"{numbers.loops:,}" if numbers.n_loops else "–",
        help=_definition("", specs["tail_loop"], t("{n_loops:,} traces", n_loops=numbers.n_loops)),
    )
    columns[3].metric(
        t("Right, then wrong"),
        f"{numbers.right_to_wrong:,}" if numbers.n_right_to_wrong else "–",
        help=_definition(
            "",
            specs["right_to_wrong"],
            t(
                "{n_right_to_wrong:,} traces whose right answer is known",
                n_right_to_wrong=numbers.n_right_to_wrong,
            ),
        ),
    )


def picked_trace(event: Any, filters: Filters) -> None:
    """The link to the trace of a point that was clicked."""
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    if not data:
        st.caption(t("Click a point to open its trace."))
        return
    trace_id, name = (data["0"], data["1"]) if isinstance(data, dict) else data[:2]
    st.page_link(
        page_path("reader"),
        label=t("Read this trace ({name})", name=plain(name, 60)),
        icon=":material/menu_book:",
        query_params=reader_query(str(trace_id), filters),
    )


def curves_note(table: pa.Table, group: str) -> str:
    """How the curves are read, and whether they show all groups."""
    text = t("At x: the traces whose final answer was first reached by x of their reasoning.")
    n = len(set(charts.group_names(table, group)))
    if n > charts.MAX_GROUPS:
        text += t(" The {MAX_GROUPS} largest of {n}.", MAX_GROUPS=charts.MAX_GROUPS, n=n)
    return text


def reading(table: pa.Table) -> str:
    """How the charts with a row for each cell are read, and whether they show all."""
    text = t(
        "Box: first to third quartile, line at the median, whiskers from the 5th to the 95th"
        " percentile. In brackets: traces with tokens; traces with a share after the answer."
    )
    n = charts.n_cells(table)
    if n > charts.MAX_CELLS:
        text += t(
            " Shown are the {MAX_CELLS} largest of {n}; the table has all.",
            MAX_CELLS=charts.MAX_CELLS,
            n=n,
        )
    return text


def cells(table: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """One row a data set, model and effort."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "dataset": [visible(r["dataset"]) for r in rows],
            "model": [visible(r["model"] or t("(not stated)")) for r in rows],
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
        "dataset": t("Data set"),
        "model": t("Model"),
        "effort": st.column_config.TextColumn(t("Effort"), width=80),
        "traces": st.column_config.NumberColumn(t("Traces"), format="localized", width=70),
        "questions": st.column_config.NumberColumn(t("Questions"), format="localized", width=85),
        "accuracy": st.column_config.NumberColumn(
            t("Accuracy"), format="percent", width=80, help=t("Correct traces over judged ones.")
        ),
        "interval": st.column_config.TextColumn(
            t("95 % interval"),
            width=100,
            help=t("Of the accuracy, by a bootstrap over questions; none for a single question."),
        ),
        "tokens": st.column_config.NumberColumn(
            t("Mean tokens"), format="localized", help=_help(specs["thinking_tokens"])
        ),
    }
    for name in CELL_METRICS:
        spec = specs[name]
        share = spec.kind == "boolean" or spec.range == "0-1"
        config[name] = st.column_config.NumberColumn(
            spec.title,
            format="percent" if share else "%.1f",
            help=t("Mean over the traces where it is defined. {spec}", spec=_help(spec)),
        )
    st.dataframe(shown, hide_index=True, height=_height(len(shown)), column_config=config)


def worst(table: pa.Table, filters: Filters, specs: Mapping[str, MetricSpec]) -> None:
    """Traces, worst first, each with a link into the Reader."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [reader_link(r, filters) for r in rows],
            "question": [visible(r["question"] or t("(no question)")) for r in rows],
            "verdict": [t(_VERDICTS[r["correct"]]) for r in rows],
            "model": [visible(r["model"] or "") for r in rows],
            "effort": [visible(r["effort"] or r["checkpoint"] or "") for r in rows],
            "tokens": pd.array([r["thinking_tokens"] for r in rows], dtype="Int64"),
            "first": pd.array([r["first_final_frac"] for r in rows], dtype="Float64"),
            "after": pd.array([r["tokens_after_first_final"] for r in rows], dtype="Int64"),
            "changes": pd.array([r["n_answer_changes"] for r in rows], dtype="Int64"),
            "repeats": pd.array([r["repeat_share"] for r in rows], dtype="Float64"),
            "loop": [t("loop") if r["tail_loop"] else "" for r in rows],
            "dataset": [visible(r["dataset"]) for r in rows],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown)),
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "question": st.column_config.TextColumn(t("Question"), width="medium"),
            "verdict": st.column_config.TextColumn(t("Verdict"), width=80),
            "model": t("Model"),
            "effort": st.column_config.TextColumn(t("Effort"), width=80),
            "tokens": number(
                t("Thinking tokens"), format="localized", help=_help(specs["thinking_tokens"])
            ),
            "first": number(
                t("Answer first at"), format="percent", help=_help(specs["first_final_frac"])
            ),
            "after": number(
                t("Tokens after it"),
                format="localized",
                help=_help(specs["tokens_after_first_final"]),
            ),
            "changes": number(t("Answer changes"), help=_help(specs["n_answer_changes"])),
            "repeats": number(t("Repeated"), format="percent", help=_help(specs["repeat_share"])),
            "loop": st.column_config.TextColumn(
                t("Loop"), width=60, help=_help(specs["tail_loop"])
            ),
            "dataset": t("Data set"),
        },
    )


def definitions(specs: Mapping[str, MetricSpec]) -> None:
    """What the numbers of the page are."""
    with st.popover(t("What the numbers mean"), icon=":material/info:"):
        for spec in (specs[name] for name in POINT_METRICS if specs[name].kind != "text"):
            unit = f"({known(spec.unit)})" if spec.unit else ""
            st.markdown(f"**{plain(spec.title)}** {plain(unit)}  \n{plain(spec.definition, 600)}")
        st.caption(t("All metrics, with their sources: docs/metrics.md"))


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
