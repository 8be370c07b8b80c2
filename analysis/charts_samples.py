"""Figures of the Compare page and the report: more samples, difficulty. Pure, as ``charts``.

As in ``charts_efforts``: the last entry of a point's ``customdata`` says what stands behind it, here
the label of a cell or a ``question_key``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa

from analysis.charts import COLOURS, MAX_GROUPS, finish, safe
from analysis.charts_efforts import DASHES, SYMBOLS, error_bars
from analysis.charts_marks import SHARE, log_axis

METHODS = {
    "pass": "pass@k",
    "majority": "maj@k",
    "weighted": "vote weighted by 1/tokens",
    "best_score": "best of k by score",
    "shortest": "shortest of k",
}
"""Words for the methods of ``effort.curves`` that are not words already."""

_OTHERS = {"marker": {"opacity": 0.6}}
"""Points beside one that was clicked: plotly would let them all but vanish."""

Row = Mapping[str, Any]


def sample_curves(table: pa.Table, *, against: str = "k") -> go.Figure:
    """pass@k, maj@k and votes against k, or against the tokens of all k samples together (log).

    A colour and symbol a cell, a dash a method, with 95 % intervals. ``against``: 'k' or
    'total_tokens'. Table: ``views.efforts.curves().points``, of at most ``MAX_GROUPS`` cells.
    """
    rows = [r for r in table.to_pylist() if r["value"] is not None and r[against] is not None]
    labels = list(dict.fromkeys(r["label"] for r in rows))[:MAX_GROUPS]
    methods = list(dict.fromkeys(r["method"] for r in rows))
    figure = go.Figure()
    # Side by side at each k: intervals on top of each other cannot be told apart.
    step = min(0.03, 0.3 / max(len(labels) * len(methods), 1)) if against == "k" else 0.0
    for place, label in enumerate(labels):
        for dash, method in enumerate(methods):
            mine = [r for r in rows if r["label"] == label and r["method"] == method]
            mine.sort(key=lambda r: r["k"])
            if mine:
                at = place * len(methods) + dash - (len(labels) * len(methods) - 1) / 2
                values = [r[against] + step * at for r in mine]
                _add_curve(figure, mine, values, place, dash % len(DASHES))
    return finish(
        figure,
        x="Samples k" if against == "k" else "Thinking tokens of all k samples (log scale)",
        y="Share of questions",
        xaxis={"dtick": 1}
        if against == "k" and max((r["k"] for r in rows), default=1) < 17
        else ({} if against == "k" else log_axis(r[against] for r in rows)),
        yaxis=SHARE,
        height=400 + 18 * ((len(labels) * len(methods)) // 3),
    )


def _add_curve(
    figure: go.Figure, rows: Sequence[Row], x: Sequence[float], place: int, dash: int
) -> None:
    figure.add_scatter(
        x=x,
        y=[r["value"] for r in rows],
        error_y=error_bars(rows, "value"),
        mode="lines+markers",
        name=f"{safe(rows[0]['label'], 34)}: {method_name(rows[0]['method'])}",
        line={"color": COLOURS[place], "dash": DASHES[dash], "width": 2},
        marker={"symbol": SYMBOLS[place], "size": 8},
        unselected=_OTHERS,
        customdata=[
            [
                safe(r["label"]),
                method_name(r["method"]),
                r["k"],
                "" if r["total_tokens"] is None else f"{r['total_tokens']:,.0f} tokens, ",
                r["n_questions"],
                r["label"],
            ]
            for r in rows
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}, k = %{customdata[2]}: %{y:.1%}"
        "<br>%{customdata[3]}%{customdata[4]:,} questions<extra></extra>",
    )


def method_name(method: str) -> str:
    """A way to combine samples as people say it."""
    return METHODS.get(method, method.replace("_", " "))


def tokens_difficulty(table: pa.Table) -> go.Figure:
    """Mean thinking tokens of each question (log) against its difficulty, a colour a cell.

    Table: ``views.efforts.difficulty().points``. ``customdata`` ends with the question_key.
    """
    rows = [r for r in table.to_pylist() if r["mean_tokens"] and r["mean_tokens"] > 0]
    labels = list(dict.fromkeys(r["label"] for r in rows))[:MAX_GROUPS]
    figure = go.Figure()
    for place, label in enumerate(labels):
        mine = [r for r in rows if r["label"] == label]
        figure.add_scatter(
            x=[r["difficulty"] for r in mine],
            y=[r["mean_tokens"] for r in mine],
            mode="markers",
            name=f"{safe(label, 34)} ({len(mine):,})",
            marker={"color": COLOURS[place], "symbol": SYMBOLS[place], "size": 8, "opacity": 0.8},
            customdata=[
                [safe(r["question"] or r["question_key"], 90), safe(label), r["question_key"]]
                for r in mine
            ],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}"
            "<br>difficulty %{x:.0%}, %{y:,.0f} tokens<extra></extra>",
        )
    return finish(
        figure,
        x="Difficulty: 1 − mean accuracy over all cells",
        y="Mean thinking tokens (log scale)",
        xaxis={"tickformat": ".0%", "range": [-0.03, 1.03]},
        yaxis=log_axis(r["mean_tokens"] for r in rows),
        height=400 + 18 * (len(labels) // 3),
    )


def accuracy_in_bins(table: pa.Table, tier: str) -> go.Figure:
    """Accuracy of quarters of the traces of one tier, by their tokens, a line a cell.

    Table: ``views.efforts.difficulty().bins``.
    """
    rows = [r for r in table.to_pylist() if r["tier"] == tier and r["mean_tokens"] > 0]
    labels = list(dict.fromkeys(r["label"] for r in rows))[:MAX_GROUPS]
    figure = go.Figure()
    for place, label in enumerate(labels):
        mine = [r for r in rows if r["label"] == label]
        figure.add_scatter(
            x=[r["mean_tokens"] for r in mine],
            y=[r["accuracy"] for r in mine],
            error_y=error_bars(mine, "accuracy"),
            mode="lines+markers",
            name=safe(label, 34),
            line={"color": COLOURS[place], "dash": DASHES[place], "width": 2},
            marker={"symbol": SYMBOLS[place], "size": 8},
            unselected=_OTHERS,
            customdata=[
                [r["n_traces"], r["from_tokens"], r["to_tokens"], r["label"]] for r in mine
            ],
            hovertemplate="%{customdata[1]:,.0f} to %{customdata[2]:,.0f} tokens: %{y:.0%}"
            " of %{customdata[0]:,} traces<extra>%{fullData.name}</extra>",
        )
    return finish(
        figure,
        x=f"Thinking tokens (log scale), {tier} questions",
        y="Accuracy",
        xaxis=log_axis(r["mean_tokens"] for r in rows),
        yaxis={**SHARE, "range": [-0.03, 1.03]},
        height=340 + 18 * (len(labels) // 3),
    )
