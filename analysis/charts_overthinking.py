"""More figures of the Overthinking page and the report. Pure, as ``charts``.

The last entry of a point's ``customdata`` is a ``Pick`` as text: the traces behind the point.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc

from analysis import limits
from analysis.charts import (
    BOX_QUANTILES,
    COLOURS,
    MAX_GROUPS,
    finish,
    group_names,
    marker,
    natural,
    quantile_box,
    safe,
)
from analysis.effort.early_exit import POLICIES
from analysis.picks import Pick

_TEXT_POLICIES = ("candidate", "equal_candidates", "tokens", "fraction")
_PROBE_POLICIES = ("probe_equal", "probe_tokens", "probe_fraction")
POLICY_NAMES = {
    "full": "to the end",
    "candidate": "at the n-th candidate",
    "equal_candidates": "after k equal candidates",
    "tokens": "at a token budget",
    "fraction": "at a share of the thinking",
    "probe_equal": "after k equal probes",
    "probe_tokens": "at a token budget, probe",
    "probe_fraction": "at a share, probe",
}
"""Policy -> how it stands in a legend and in tables."""
_SYMBOLS = ("circle", "square", "diamond", "triangle-up")
_DASHES = ("solid", "8px,4px", "2px,3px", "8px,3px,2px,3px")
OUTCOMES = {
    "stable_correct": ("right first and last", COLOURS[0], ""),
    "gained": ("wrong first, right last", COLOURS[2], "/"),
    "lost": ("right first, wrong last", COLOURS[1], "x"),
    "stable_wrong": ("wrong first and last", COLOURS[7], "."),
}
"""``probe_outcome`` -> its words, colour and pattern."""


def early_exit(table: pa.Table, *, probes: bool = False) -> go.Figure:
    """Accuracy (95 % interval) against tokens saved: a line a policy, a point a parameter.

    ``table`` is that of ``views.early_exit.curves`` without cells. The star is thinking to the end.
    """
    rows = table.to_pylist()
    figure = go.Figure()
    for place, policy in enumerate(_PROBE_POLICIES if probes else _TEXT_POLICIES):
        found = [r for r in rows if r["policy"] == policy and r["accuracy"] is not None]
        if found:
            figure.add_scatter(
                **_policy_points(found),
                mode="lines+markers",
                name=POLICY_NAMES[policy],
                line={"color": COLOURS[place], "dash": _DASHES[place], "width": 2},
                marker={"symbol": _SYMBOLS[place], "size": 8},
            )
    ends = [r for r in rows if r["policy"] == "full" and r["accuracy"] is not None]
    if ends and not probes:
        figure.add_scatter(
            **_policy_points(ends),
            mode="markers",
            name=POLICY_NAMES["full"],
            marker={"color": COLOURS[6], "symbol": "star", "size": 14},
        )
    return finish(
        figure,
        x="Thinking tokens saved",
        y="Accuracy",
        xaxis={"tickformat": ".0%"},
        yaxis={"tickformat": ".0%", "rangemode": "tozero"},
        height=400,
    )


def _policy_points(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    what = POLICIES[rows[0]["policy"]]
    return {
        "x": [r["saved_share"] for r in rows],
        "y": [r["accuracy"] for r in rows],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [_gap(r["accuracy_high"], r["accuracy"]) for r in rows],
            "arrayminus": [_gap(r["accuracy"], r["accuracy_low"]) for r in rows],
            "thickness": 1,
            "width": 3,
        },
        "customdata": [
            [parameter_text(r), f"{r['mean_tokens']:,.0f}", r["n_traces"], _policy_pick(r)]
            for r in rows
        ],
        "meta": safe(what, 120),
        "hovertemplate": "%{meta}<br>%{customdata[0]}<br>%{y:.1%} right, %{x:.1%} saved"
        "<br>%{customdata[1]} tokens on average, %{customdata[2]:,} traces<extra></extra>",
    }


def parameter_text(row: Mapping[str, Any]) -> str:
    """The parameter of a policy with its unit."""
    value, policy = row["parameter"], row["policy"]
    if value is None:
        return "no parameter"
    if policy.endswith("fraction"):
        return f"{value:.0%} of the thinking"
    if policy.endswith("tokens"):
        return f"{value:,.0f} tokens"
    return f"{'n' if policy == 'candidate' else 'k'} = {value:.0f}"


def _policy_pick(row: Mapping[str, Any]) -> str:
    """The traces that the policy stops, where that is told by one number; else those with a verdict."""
    value = row["parameter"]
    if row["policy"] in ("candidate", "equal_candidates"):
        return Pick((("n_candidates", value, math.inf),)).to_text()
    if row["policy"].endswith("tokens"):
        return Pick((("thinking_tokens", value, math.inf),)).to_text()
    if row["policy"].startswith("probe"):
        return Pick((("n_probes", 1, math.inf),)).to_text()
    return Pick((("thinking_tokens", 1, math.inf),)).to_text()


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)


def probe_outcomes(table: pa.Table) -> go.Figure:
    """How many traces were right at the first and at the last recorded probe."""
    counts = {r["values"]: r["counts"] for r in pc.value_counts(table["probe_outcome"]).to_pylist()}
    figure = go.Figure()
    total = sum(counts.get(name, 0) for name in OUTCOMES)
    for name, (words, colour, pattern) in OUTCOMES.items():
        n = counts.get(name, 0)
        figure.add_bar(
            orientation="h",
            x=[n],
            y=[""],
            name=f"{words} ({n:,})",
            marker=marker(colour, pattern),
            customdata=[
                [n / total if total else 0, Pick(texts=(("probe_outcome", name),)).to_text()]
            ],
            hovertemplate=f"{words}: %{{x:,}} traces, %{{customdata[0]:.1%}}<extra></extra>",
        )
    figure = finish(figure, x="Traces with probes", y="", barmode="stack", height=200)
    figure.update_layout(legend_traceorder="normal")
    return figure


def rounds(table: pa.Table, *, group: str = "effort") -> go.Figure:
    """Mean solution rounds of a trace, new ones and repeated ones, by group."""
    names, order = _grouped(table, group, "n_solutions")
    total, fresh = _numbers(table, "n_solutions"), _numbers(table, "n_new_solutions")
    figure = go.Figure()
    for title, colour, pattern, values in (
        ("new", COLOURS[2], "", fresh),
        ("repeated", COLOURS[1], "/", total - fresh),
    ):
        chosen = [values[(names == name) & ~np.isnan(values)] for name in order]
        figure.add_bar(
            orientation="h",
            y=list(range(len(order))),
            x=[float(np.mean(v)) if len(v) else 0.0 for v in chosen],
            name=title,
            marker=marker(colour, pattern),
            customdata=[
                [safe(name), len(v), _group_pick(group, name, ("n_solutions", 1, math.inf))]
                for name, v in zip(order, chosen, strict=True)
            ],
            hovertemplate=f"%{{customdata[0]}}<br>%{{x:.2f}} {title} rounds a trace,"
            " %{customdata[1]:,} traces<extra></extra>",
        )
    figure = _rows_of_groups(figure, order, "Solution rounds of a trace, mean")
    figure.update_layout(barmode="stack", legend_traceorder="normal")
    return figure


def loops(table: pa.Table, *, group: str = "effort") -> go.Figure:
    """Share of traces that end in a loop, by group."""
    names, order = _grouped(table, group, "tail_loop")
    values = _numbers(table, "tail_loop")
    chosen = [values[(names == name) & ~np.isnan(values)] for name in order]
    shares = [float(np.mean(v)) if len(v) else 0.0 for v in chosen]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=list(range(len(order))),
        x=shares,
        text=[f"{int(v.sum()):,} of {len(v):,}" for v in chosen],
        textposition="outside",
        cliponaxis=False,
        marker=marker(COLOURS[3], "x"),
        customdata=[
            [safe(name), _group_pick(group, name, ("tail_loop", 1, math.inf))] for name in order
        ],
        hovertemplate="%{customdata[0]}<br>%{x:.1%} end in a loop (%{text})<extra></extra>",
        showlegend=False,
    )
    figure = _rows_of_groups(figure, order, "Traces that end in a loop")
    figure.update_xaxes(tickformat=".0%", range=[0, max([0.05, *shares]) * 1.35])
    return figure


def underthinking(table: pa.Table, *, most: int = limits.MAX_PLOT_POINTS) -> go.Figure:
    """Wrong traces: how often thoughts switch against the share of thinking after a right answer.

    ``customdata[0]`` of a point is its trace_id. Of more than ``most`` traces those with the
    smallest ids are shown.
    """
    x, y = _numbers(table, "switches_per_1k"), _numbers(table, "underthinking")
    ids = np.array(table["trace_id"].to_pylist(), dtype=object)
    shown = np.flatnonzero(~np.isnan(x) & ~np.isnan(y))
    if len(shown) > most:
        shown = np.sort(shown[np.argsort(ids[shown])[:most]])
    names = [safe(name) for name in group_names(table, "cell")]
    figure = go.Figure()
    figure.add_scatter(
        x=x[shown],
        y=y[shown],
        mode="markers",
        marker={"color": COLOURS[1], "symbol": "x", "size": 7, "opacity": 0.8},
        customdata=[
            [ids[i], names[i], Pick(texts=(("trace_id", str(ids[i])),)).to_text()] for i in shown
        ],
        hovertemplate="%{customdata[1]}<br>%{x:.2f} switches per 1,000 tokens"
        "<br>%{y:.0%} after its right answer<extra></extra>",
        showlegend=False,
    )
    return finish(
        figure,
        x="Switches of thought per 1,000 tokens",
        y="Underthinking of wrong traces",
        yaxis={"tickformat": ".0%", "range": [-0.05, 1.05]},
        height=360,
    )


def needed(table: pa.Table, *, group: str = "effort") -> go.Figure:
    """Where the final answer was first reached, by group: quartiles, 5th and 95th percentile."""
    names, order = _grouped(table, group, "first_final_frac")
    values = _numbers(table, "first_final_frac")
    chosen = [values[(names == name) & ~np.isnan(values)] for name in order]
    marks = np.array([np.quantile(v, BOX_QUANTILES) for v in chosen]).reshape(-1, 5)
    places = list(range(len(order)))
    figure = go.Figure(quantile_box(places, marks))
    figure.add_scatter(
        x=marks[:, 2],
        y=places,
        mode="markers",
        marker={"color": COLOURS[0], "symbol": "line-ns-open", "size": 16},
        customdata=[
            [safe(name), len(v), _group_pick(group, name, ("first_final_frac", 0, math.inf))]
            for name, v in zip(order, chosen, strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>median %{x:.1%} of %{customdata[1]:,} traces<extra></extra>",
        showlegend=False,
    )
    figure = _rows_of_groups(
        figure, [f"{n} ({len(v):,})" for n, v in zip(order, chosen, strict=True)],
        "Final answer first reached at this share of the reasoning",
    )  # fmt: skip
    figure.update_xaxes(tickformat=".0%", range=[-0.01, 1.01])
    return figure


def _grouped(table: pa.Table, group: str, column: str) -> tuple[Any, list[str]]:
    """The group of each row, and the largest groups that have the column, in their natural order."""
    names = np.array(group_names(table, group), dtype=object)
    defined = table[column].is_valid().to_numpy(zero_copy_only=False)
    found, counts = np.unique(names[defined].astype(str), return_counts=True)
    largest = [str(n) for _, n in sorted(zip(-counts, found, strict=True))][: 2 * MAX_GROUPS]
    return names, sorted(largest, key=natural, reverse=True)


def _group_pick(group: str, name: str, held: tuple[str, float, float]) -> str:
    return Pick((held,), ((group, name),)).to_text()


def _rows_of_groups(figure: go.Figure, order: Sequence[str], title: str) -> go.Figure:
    figure = finish(figure, x=title, y="", height=110 + 30 * max(3, len(order)), bargap=0.35)
    figure.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[safe(name, 44) for name in order],
        range=[-0.6, max(len(order), 1) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    return figure


def _numbers(table: pa.Table, column: str) -> Any:
    values = table[column]
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    return values.cast(pa.float64()).to_numpy()
