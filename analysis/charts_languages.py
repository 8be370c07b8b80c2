"""Figures of the Languages page. Pure, as ``charts``: the same rows give the same figure.

``customdata`` of a point holds what the page selects when it is clicked.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import pyarrow as pa

from analysis.charts import COLOURS, finish, natural, safe
from analysis.text.language_names import language_name
from analysis.views.languages import BINS, Group

MAX_ROWS = 24
"""Groups that one chart shows, largest first."""
MAX_LANGUAGES = 12
"""Languages to a side of a matrix, commonest first."""
_KINDS = (
    ("slip", "slip", COLOURS[0], ""),
    ("intraword", "slip inside a word", COLOURS[2], "/"),
    ("quote", "quote", COLOURS[7], "."),
)
_SAME = COLOURS[7]
_OTHER = COLOURS[1]


def slip_shares(groups: Sequence[Group]) -> go.Figure:
    """Share of traces with a slip, a row for each group, with its 95 % interval."""
    largest = sorted(groups, key=lambda g: (-g.n_traces, g.name))[:MAX_ROWS]
    rows = sorted(largest, key=lambda g: natural(g.name), reverse=True)
    rows = [g for g in rows if g.share.value is not None]
    values = [g.share.value or 0.0 for g in rows]
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=list(range(len(rows))),
        x=values,
        marker={"color": COLOURS[0]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [_arm(g.share.high, v) for g, v in zip(rows, values, strict=True)],
            "arrayminus": [_arm(v, g.share.low) for g, v in zip(rows, values, strict=True)],
            "color": COLOURS[1],
            "thickness": 2,
            "width": 6,
        },
        customdata=[
            [g.name, safe(g.name), g.n_with_slip, g.n_traces, g.n_questions, _ends(g)] for g in rows
        ],
        hovertemplate="%{customdata[1]}<br>%{customdata[2]:,} of %{customdata[3]:,} traces have a slip:"
        " %{x:.1%}%{customdata[5]}<br>%{customdata[4]:,} questions<extra></extra>",
        showlegend=False,
    )
    most = max([g.share.high or g.share.value or 0.0 for g in rows], default=0.0)
    figure = finish(
        figure,
        x="Traces with a slip",
        y="",
        xaxis={
            "tickformat": ".0%",
            "range": [0, min(1.02, max(0.05, 1.1 * most))],
            "nticks": 5,
            "tickangle": 0,
        },
        height=90 + 34 * max(2, len(rows)),
        bargap=0.35,
    )
    figure.update_yaxes(
        tickvals=list(range(len(rows))),
        ticktext=[f"{safe(g.name, 36)} ({g.n_with_slip:,} of {g.n_traces:,})" for g in rows],
        range=[-0.6, max(len(rows), 1) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    return figure


def places(table: pa.Table) -> go.Figure:
    """How many stretches begin where in their trace, by kind."""
    counts = {(row["kind"], row["bin"]): row["n"] for row in table.to_pylist()}
    figure = go.Figure()
    for kind, name, colour, pattern in _KINDS:
        values = [counts.get((kind, place), 0) for place in range(BINS)]
        if not sum(values):
            continue
        figure.add_bar(
            x=[(place + 0.5) / BINS for place in range(BINS)],
            y=values,
            width=1 / BINS,
            name=f"{name} ({sum(values):,})",
            marker={
                "color": colour,
                "pattern": {
                    "shape": pattern,
                    "fillmode": "overlay",
                    "fgcolor": "rgba(255,255,255,0.7)",
                    "size": 6,
                },
            },
            customdata=[[p, kind, p / BINS, (p + 1) / BINS] for p in range(BINS)],
            hovertemplate=f"%{{customdata[2]:.0%}} to %{{customdata[3]:.0%}} of the trace: %{{y:,}} ({name})"
            "<extra></extra>",
        )
    return finish(
        figure,
        x="Place in the reasoning",
        y="Stretches",
        xaxis={"tickformat": ".0%", "range": [0, 1]},
        barmode="stack",
        legend_traceorder="normal",
        height=340,
    )


def pair_matrix(table: pa.Table) -> go.Figure:
    """Slips from each main language into each other one: bubbles with their numbers."""
    found = [r for r in table.to_pylist() if r["n"]]
    rows = [(r["matrix"], r["language"], r["n"], r["n_traces"]) for r in found]
    hover = "%{customdata[4]:,} slips in %{customdata[5]:,} traces"
    return _matrix(rows, "Language of the slip", "Main language", hover, other=_OTHER)


def asked_matrix(table: pa.Table) -> go.Figure:
    """Traces by the asked language and the one they think in; the same one is grey."""
    rows = [(r["asked"], r["thought"], r["n"], r["n"]) for r in table.to_pylist()]
    return _matrix(
        rows, "Thinks mostly in", "Asked language", "%{customdata[4]:,} traces", other=_OTHER
    )


def _matrix(
    rows: Sequence[tuple[str, str, int, int]], x: str, y: str, hover: str, *, other: str
) -> go.Figure:
    """Bubbles whose area is the number; the first language downwards, the second to the right."""
    down, right = _commonest(rows, 0), _commonest(rows, 1)
    shown = [row for row in rows if row[0] in down and row[1] in right]
    most = max((row[2] for row in shown), default=1)
    figure = go.Figure()
    figure.add_scatter(
        x=[right.index(row[1]) for row in shown],
        y=[down.index(row[0]) for row in shown],
        mode="markers+text",
        text=[f"{row[2]:,}" for row in shown],
        textposition="top center",
        marker={
            "size": [8 + 20 * (row[2] / most) ** 0.5 for row in shown],
            "color": [_SAME if row[0] == row[1] else other for row in shown],
            "symbol": ["square" if row[0] == row[1] else "circle" for row in shown],
            "opacity": 0.85,
        },
        customdata=[
            [row[0], row[1], safe(language_name(row[0])), safe(language_name(row[1])), *row[2:]]
            for row in shown
        ],
        hovertemplate=f"{y}: %{{customdata[2]}}<br>{x}: %{{customdata[3]}}<br>{hover}<extra></extra>",
        cliponaxis=False,
        showlegend=False,
    )
    figure = finish(figure, x=x, y=y, height=120 + 52 * max(2, len(down)))
    figure.update_xaxes(
        tickvals=list(range(len(right))),
        ticktext=[safe(code, 8) for code in right],  # no room for names; a hover says them
        range=[-0.6, max(len(right), 3) - 0.4],
        tickangle=0,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(range(len(down))),
        ticktext=[_tick(code) for code in down],
        range=[max(len(down), 2) - 0.5, -0.8],
        zeroline=False,
    )
    return figure


def _commonest(rows: Sequence[tuple[str, str, int, int]], side: int) -> list[str]:
    totals: dict[str, int] = {}
    for row in rows:
        totals[str(row[side])] = totals.get(str(row[side]), 0) + row[2]
    return sorted(totals, key=lambda code: (-totals[code], code))[:MAX_LANGUAGES]


def _tick(code: str) -> str:
    name = language_name(code)
    return safe(code if name == code else f"{name} ({code})", 24)


def _arm(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)


def _ends(group: Group) -> str:
    low, high = group.share.low, group.share.high
    return "" if low is None or high is None else f" (95 %: {low:.1%} to {high:.1%})"
