"""Figures of the Behaviours page. Pure, as ``charts``: the same rows give the same figure.

``customdata`` of a point begins with what the page selects when it is clicked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import plotly.graph_objects as go
import pyarrow as pa

from analysis.charts import COLOURS, finish, natural, safe
from analysis.views.behaviours import BINS, NO_EFFECT, ORDER, TOO_FEW, Outcome, Rate

MAX_ROWS = 24
"""Groups that one chart shows, largest first."""
_MORE_WRONG, _MORE_RIGHT, _NONE = COLOURS[1], COLOURS[0], COLOURS[7]
_HEIGHT_OF_ROW = 0.82
_PLACE = {label: at for at, label in enumerate(ORDER)}


def ordered(labels: Sequence[str]) -> list[str]:
    """Labels as they come in a trace, others after them by name."""
    return sorted(set(labels), key=lambda label: (_PLACE.get(label, len(_PLACE)), label))


def title(label: str) -> str:
    """``verification_start`` -> ``Verification start``, safe for a chart."""
    words = label.replace("_", " ").strip()
    return safe(words[:1].upper() + words[1:], 30)


def rates(found: Sequence[Rate], label: str) -> go.Figure:
    """Findings of one label per 1,000 tokens: a row a group, with its 95 % interval."""
    of_label = [r for r in found if r.label == label]
    largest = sorted(of_label, key=lambda r: (-r.n_traces, r.name))[:MAX_ROWS]
    rows = sorted(
        largest,
        key=lambda r: (r.dataset or "", r.model or "", natural(r.effort or "")),
        reverse=True,
    )
    values = [r.rate.value or 0.0 for r in rows]
    figure = go.Figure()
    figure.add_scatter(
        x=values,
        y=list(range(len(rows))),
        mode="markers",
        marker={"color": COLOURS[0], "size": 11},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_arm(r.rate.high, v) for r, v in zip(rows, values, strict=True)],
            "arrayminus": [_arm(v, r.rate.low) for r, v in zip(rows, values, strict=True)],
            "thickness": 2,
            "width": 6,
        },
        customdata=[
            [
                r.model,
                r.effort,
                r.dataset,
                safe(r.name),
                r.n_findings,
                r.n_with,
                r.n_traces,
                r.n_questions,
                _ends(r.rate.low, r.rate.high),
            ]
            for r in rows
        ],
        hovertemplate="%{customdata[3]}<br>%{x:.2f} per 1,000 tokens%{customdata[8]}"
        "<br>%{customdata[4]:,} findings in %{customdata[5]:,} of %{customdata[6]:,} traces,"
        " %{customdata[7]:,} questions<extra></extra>",
        showlegend=False,
    )
    most = max([r.rate.high or r.rate.value or 0.0 for r in rows], default=0.0)
    figure = finish(
        figure,
        x="Per 1,000 tokens",
        y="",
        xaxis={"range": [-0.03 * (most or 1), 1.08 * most or 1], "nticks": 6, "tickangle": 0},
        height=96 + 30 * max(3, len(rows)),
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[f"{safe(r.name, 26)} ({r.n_traces:,})" for r in rows],
        range=[-0.6, max(len(rows), 1) - 0.4],
        zeroline=False,
    )
    return figure


def places(table: pa.Table) -> go.Figure:
    """Where in their trace findings begin: a row of bars for each label, each with its own scale."""
    counts = {(r["label"], r["bin"]): r["n"] for r in table.to_pylist()}
    labels = ordered([label for label, _ in counts])
    figure = go.Figure()
    for row, label in enumerate(reversed(labels)):
        values = [counts.get((label, place), 0) for place in range(BINS)]
        total, most = sum(values), max(values)
        figure.add_bar(
            x=[(place + 0.5) / BINS for place in range(BINS)],
            y=[_HEIGHT_OF_ROW * value / most for value in values],
            base=[row] * BINS,
            width=0.92 / BINS,
            marker={"color": COLOURS[row % 2 and 2]},
            customdata=[
                [label, place, title(label), value, value / total, place / BINS, (place + 1) / BINS]
                for place, value in enumerate(values)
            ],
            hovertemplate="%{customdata[2]}<br>%{customdata[5]:.0%} to %{customdata[6]:.0%} of the"
            " trace: %{customdata[3]:,} (%{customdata[4]:.1%} of its findings)<extra></extra>",
            showlegend=False,
        )
    figure = finish(
        figure,
        x="Place in the reasoning",
        y="",
        xaxis={"tickformat": ".0%", "range": [0, 1]},
        barmode="overlay",
        height=96 + 42 * max(2, len(labels)),
    )
    totals = Counter[str]()
    for (label, _), n in counts.items():
        totals[label] += n
    figure.update_yaxes(
        tickvals=[row + _HEIGHT_OF_ROW / 2 for row in range(len(labels))],
        ticktext=[f"{title(label)} ({totals[label]:,})" for label in reversed(labels)],
        range=[-0.1, max(len(labels), 1)],
        showgrid=False,
        zeroline=False,
    )
    return figure


def transitions(table: pa.Table) -> go.Figure:
    """What follows what: bubbles with the share of the row, and the number on hovering."""
    rows = table.to_pylist()
    labels = ordered([r["label"] for r in rows] + [r["then"] for r in rows])
    at = {label: place for place, label in enumerate(labels)}
    most = max((r["share"] for r in rows), default=1.0)
    shown = [r for r in rows if r["share"] >= 0.005]
    figure = go.Figure()
    figure.add_scatter(
        x=[at[r["then"]] for r in shown],
        y=[at[r["label"]] for r in shown],
        mode="markers+text",
        text=[f"{r['share']:.0%}" for r in shown],
        textposition="top center",
        textfont={"size": 11},
        marker={
            "size": [6 + 22 * (r["share"] / most) ** 0.5 for r in shown],
            "color": [_NONE if r["label"] == r["then"] else COLOURS[0] for r in shown],
            "symbol": ["square" if r["label"] == r["then"] else "circle" for r in shown],
            "opacity": 0.85,
        },
        customdata=[
            [r["label"], r["then"], title(r["label"]), title(r["then"]), r["n"], r["share"]]
            for r in shown
        ],
        hovertemplate="%{customdata[2]}, then %{customdata[3]}<br>%{customdata[5]:.1%} of what follows"
        ": %{customdata[4]:,} times<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )
    figure = finish(figure, x="Then", y="First", height=150 + 44 * max(3, len(labels)))
    totals = Counter[str]()
    for r in rows:
        totals[r["label"]] += r["n"]
    figure.update_xaxes(
        tickvals=list(range(len(labels))),
        ticktext=[title(label) for label in labels],
        range=[-0.6, len(labels) - 0.4],
        tickangle=-35,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(labels))),
        ticktext=[f"{title(label)} ({totals[label]:,})" for label in labels],
        range=[len(labels) - 0.5, -0.8],
        zeroline=False,
    )
    return figure


def outcomes(found: Sequence[Outcome]) -> go.Figure:
    """Rate in wrong minus rate in right traces of the same questions: a row a label."""
    order = ordered([o.label for o in found])
    rows = sorted(found, key=lambda o: order.index(o.label), reverse=True)
    styles = {
        "more in wrong traces": (_MORE_WRONG, "triangle-right"),
        "more in right traces": (_MORE_RIGHT, "triangle-left"),
        NO_EFFECT: (_NONE, "circle-open"),
        TOO_FEW: (_NONE, "x-thin-open"),
    }
    figure = go.Figure()
    for verdict, (colour, symbol) in styles.items():
        some = [(place, o) for place, o in enumerate(rows) if o.verdict == verdict]
        if not some:
            continue
        values = [o.difference.value or 0.0 for _, o in some]
        figure.add_scatter(
            x=values,
            y=[place for place, _ in some],
            mode="markers",
            name=f"{verdict} ({len(some)})",
            marker={"color": colour, "symbol": symbol, "size": 12, "line": {"width": 2}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [
                    _arm(o.difference.high, v) for (_, o), v in zip(some, values, strict=True)
                ],
                "arrayminus": [
                    _arm(v, o.difference.low) for (_, o), v in zip(some, values, strict=True)
                ],
                "color": colour,
                "thickness": 2,
                "width": 6,
            },
            customdata=[
                [
                    o.label,
                    title(o.label),
                    o.rate_right,
                    o.rate_wrong,
                    o.n_questions,
                    _ends(o.difference.low, o.difference.high, signed=True),
                    verdict,
                ]
                for _, o in some
            ],
            hovertemplate="%{customdata[1]}: %{customdata[6]}<br>%{customdata[3]:.2f} in wrong,"
            " %{customdata[2]:.2f} in right traces per 1,000 tokens<br>difference %{x:+.2f}"
            "%{customdata[5]}, %{customdata[4]:,} questions<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": COLOURS[7], "width": 1, "dash": "2px,3px"})
    figure = finish(
        figure,
        x="Wrong minus right",
        y="",
        height=130 + 32 * max(3, len(rows)),
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[title(o.label) for o in rows],
        range=[-0.6, max(len(rows), 1) - 0.4],
        zeroline=False,
    )
    return figure


def _arm(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)


def _ends(low: float | None, high: float | None, *, signed: bool = False) -> str:
    if low is None or high is None:
        return ""
    return f" (95 %: {low:+.2f} to {high:+.2f})" if signed else f" (95 %: {low:.2f} to {high:.2f})"
