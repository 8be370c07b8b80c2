"""The further parts of the Overthinking page: needed, stopping early, rounds and loops, lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis import charts_overthinking as charts
from analysis.effort.early_exit import POLICIES
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import Store
from analysis.ui.i18n import N_, known, t
from analysis.ui.overthinking_lists import Linked, traces
from analysis.ui.text import plain
from analysis.ui.url_choice import segmented
from analysis.views import early_exit, needed

NEEDED_BY = {
    N_("Difficulty"): "tier",
    N_("Model"): "model",
    N_("Effort"): "effort",
    N_("Data set"): "dataset",
}
GROUPS = {
    N_("Effort"): "effort",
    N_("Model"): "model",
    N_("Data set"): "dataset",
    N_("Difficulty"): "tier",
}
_ROW = 35


def needed_by(linked: Linked, points: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """How much was needed: the spread of where the answer first stood, by a chosen group."""
    group = _choice(t("By"), NEEDED_BY, "needed_by")
    if not _any(points, "first_final_frac"):
        return
    linked.chart(
        charts.needed(points, group=NEEDED_BY[group]),
        key="needed",
        alt=t("Where the final answer was first reached, by group: quartiles and percentiles"),
    )
    _defined(specs, "first_final_frac")
    st.caption(
        t(
            "Box: first to third quartile, line at the median, whiskers from the 5th to the 95th"
            " percentile. Easy: the question’s mean accuracy over the cells shown is two thirds or more;"
            " hard: below one third. Click a median for its traces."
        )
    )


def stopping(store: Store, filters: Filters, linked: Linked, points: pa.Table) -> None:
    """Accuracy and tokens had each trace been stopped early; with probes where there are any."""
    found = early_exit.curves(store, filters)
    st.caption(_left_out(found))
    if not found.n_traces:
        st.info(t("No trace here has a verdict, visible reasoning and a gold answer."))
        return
    linked.chart(
        charts.early_exit(found.table),
        key="exit",
        alt=t("Accuracy with interval against thinking tokens saved, for each way to stop"),
    )
    if found.n_probed:
        st.markdown(t("**With recorded probes**"))
        st.caption(
            t(
                "{n_probed:,} traces whose record holds what the model answered when it was cut off:"
                " a selected set, not the population.",
                n_probed=found.n_probed,
            )
        )
        left, right = st.columns(2, gap="medium")
        with left:
            linked.chart(
                charts.early_exit(found.table, probes=True),
                key="probes",
                alt=t("Accuracy with interval against thinking tokens saved, by recorded probes"),
                inline=False,
            )
        with right:
            if _any(points, "probe_outcome"):
                linked.chart(
                    charts.probe_outcomes(points),
                    key="outcome",
                    alt=t("Traces by whether the first and the last probe were right"),
                    inline=False,
                )
        linked.lists("probes", "outcome")
    else:
        st.caption(t("No record here holds forced-answer probes."))
    _exit_table(found.table)
    with st.popover(t("How the answer is taken"), icon=":material/info:"):
        for policy, what in POLICIES.items():
            st.markdown(
                f"**{plain(known(charts.POLICY_NAMES[policy]))}**  \n{plain(known(what), 300)}"
            )
        st.caption(
            t(
                "A simulation on what is recorded. The answer is the last one that stood; none counts as"
                " wrong; a trace that never meets the rule thinks to the end. Intervals resample questions."
            )
        )


def _left_out(found: early_exit.EarlyExit) -> str:
    left = found.left_out
    reasons = {
        N_("{n:,} without a verdict"): left.no_verdict,
        N_("{n:,} whose reasoning is not the model’s own text"): left.not_visible,
        N_("{n:,} not analysed"): left.not_analysed,
        N_("{n:,} without tokens"): left.no_tokens,
        N_("{n:,} with candidates that cannot be judged for want of a gold answer"): left.no_gold,
    }
    parts = [t(why, n=n) for why, n in reasons.items() if n]
    text = t("Counted: {n_traces:,} traces.", n_traces=found.n_traces)
    return text + (t(" Left out: {value}.", value=", ".join(parts)) if parts else "")


def _exit_table(table: pa.Table) -> None:
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "how": [known(charts.POLICY_NAMES[r["policy"]]) for r in rows],
            "parameter": [known(charts.parameter_text(r)) for r in rows],
            "traces": [r["n_traces"] for r in rows],
            "accuracy": pd.array([r["accuracy"] for r in rows], dtype="Float64"),
            "low": pd.array([r["accuracy_low"] for r in rows], dtype="Float64"),
            "high": pd.array([r["accuracy_high"] for r in rows], dtype="Float64"),
            "tokens": pd.array([r["mean_tokens"] for r in rows], dtype="Float64"),
            "saved": pd.array([r["saved_share"] for r in rows], dtype="Float64"),
        }
    )
    number = st.column_config.NumberColumn
    with st.expander(t("As a table")):
        st.dataframe(
            shown,
            hide_index=True,
            column_config={
                "how": t("Stopped"),
                "parameter": t("Parameter"),
                "traces": number(t("Traces"), format="localized"),
                "accuracy": number(t("Accuracy"), format="percent"),
                "low": number(t("95 % interval, low"), format="percent"),
                "high": number(t("high"), format="percent"),
                "tokens": number(t("Mean tokens"), format="%.0f"),
                "saved": number(t("Tokens saved"), format="percent"),
            },
        )


def rounds_and_loops(linked: Linked, points: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """Solution rounds, new and repeated, and loops, by a chosen group."""
    group = GROUPS[_choice(t("By"), GROUPS, "rounds_by")]
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(t("**Solution rounds**"))
        if _any(points, "n_solutions"):
            linked.chart(
                charts.rounds(points, group=group),
                key="rounds",
                alt=t("Mean solution rounds of a trace, new and repeated, by group"),
                inline=False,
            )
        _defined(specs, "n_solutions", "n_new_solutions")
    with right:
        st.markdown(t("**Traces that end in a loop**"))
        if _any(points, "tail_loop"):
            linked.chart(
                charts.loops(points, group=group),
                key="loops",
                alt=t("Share of traces that end in a loop, by group"),
                inline=False,
            )
        _defined(specs, "tail_loop")
    linked.lists("rounds", "loops")


def underthinking(linked: Linked, points: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """Wrong traces that had been right, beside how often thoughts switch."""
    if _any(points, "underthinking"):
        linked.chart(
            charts.underthinking(points),
            key="under",
            alt=t("Underthinking of wrong traces against switches of thought per 1,000 tokens"),
        )
    _defined(specs, "underthinking", "switches_per_1k")


def right_to_wrong(
    store: Store, filters: Filters, points: pa.Table, specs: Mapping[str, MetricSpec]
) -> None:
    """Traces that had the right answer and gave another."""
    rows, total = needed.right_to_wrong(store, points)
    judged = points.num_rows - points.column("right_to_wrong").null_count
    note = t(
        "{total:,} of {n:,} traces whose right answer is known had it and gave another.",
        total=total,
        n=judged,
    )
    if total > rows.num_rows:
        note += t(" The {n:,} longest are listed.", n=rows.num_rows)
    st.caption(note)
    _defined(specs, "right_to_wrong")
    if total:
        traces(rows, filters, specs)


def _choice(label: str, options: Mapping[str, Any], key: str) -> str:
    chosen = segmented(
        label, list(options), default=next(iter(options)), required=True, key=key, shown=t
    )
    return str(chosen)


def _any(points: pa.Table, column: str) -> bool:
    if points.column(column).null_count < points.num_rows:
        return True
    st.caption(t("No trace here has it."))
    return False


def _defined(specs: Mapping[str, MetricSpec], *names: str) -> None:
    """The definition of each number, one click away."""
    with st.popover(t("What it means"), icon=":material/info:"):
        for name in names:
            st.markdown(f"**{plain(specs[name].title)}**  \n{plain(specs[name].definition, 600)}")
