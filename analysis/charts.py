"""Data -> plotly figure. Pure and deterministic: the same rows give the same figure.

Colours hold 3:1 against white and against the dark page and come with a second channel (symbol,
dash, pattern). Names and hovers hold data of traces, and plotly reads them as a small HTML: every
piece of data passes through ``safe``.
"""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from analysis import limits
from analysis.charts_marks import CURVE_DASHES, log_axis
from analysis.picks import Pick
from analysis.text.visible import visible

NOT_STATED = "(not stated)"
BOX_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MAX_GROUPS = 8
"""Lines that one chart can tell apart; the rest are left out, smallest first."""
MAX_CELLS = 24
"""Rows of a chart with one row a cell."""
COLOURS = (
    *("#2F80C3", "#D9730D", "#1B9A77", "#B0609B"),
    *("#A8820A", "#2E9FC4", "#D1495B", "#7F8794"),
)
_LEVELS = ("none", "off", "minimal", "low", "medium", "high", "xhigh", "max")
_CURVE_POINTS = 200
_HEIGHT = 320
_NUMBER = re.compile(r"\d+")
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Verdict:
    correct: bool | None
    name: str
    colour: str
    symbol: str
    pattern: str


VERDICTS = (
    _Verdict(True, "right", COLOURS[0], "circle", ""),
    _Verdict(False, "wrong", COLOURS[1], "x", "/"),
    _Verdict(None, "not judged", COLOURS[7], "diamond-open", "."),
)


def safe(text: object, limit: int = 60) -> str:
    """Data for a place that plotly reads as HTML: visible, cut in its middle, escaped.

    Long names of models and checkpoints differ at their ends.
    """
    shown = visible(str(text).replace("\n", " ").replace("\t", " "))
    if len(shown) > limit:
        head = limit // 2
        shown = f"{shown[:head]}…{shown[len(shown) - (limit - head - 1) :]}"
    return html.escape(shown, quote=False)


def group_names(table: pa.Table, group: str) -> list[str]:
    """The group of each row. ``group``: dataset, model, effort, or 'cell' (model and effort)."""
    if group == "cell":
        models, efforts = table["model"].to_pylist(), table["effort"].to_pylist()
        return [
            (m or NOT_STATED) + (f" · {e}" if e else "")
            for m, e in zip(models, efforts, strict=True)
        ]
    return [value or NOT_STATED for value in table[group].to_pylist()]


def marker(colour: str, pattern: str) -> dict[str, Any]:
    """How a bar is filled: a pattern beside the colour, for those who see no difference in that."""
    lines = {"fillmode": "overlay", "fgcolor": "rgba(255,255,255,0.7)", "size": 6}
    return {"color": colour, "pattern": {"shape": pattern, **lines}}


def early_share(table: pa.Table, *, group: str = "effort") -> go.Figure:
    """By how much of the reasoning the final answer already stood: a curve for each group.

    At x, the share of traces whose final answer was first reached by x of their reasoning. Of
    traces with ``first_final_frac``.
    """
    figure = go.Figure()
    groups = _groups(table, group, "first_final_frac")[:MAX_GROUPS]
    groups.sort(key=lambda pair: natural(pair[0]))
    for place, (name, values) in enumerate(groups):
        x, y = _curve(np.sort(values))
        figure.add_scatter(
            x=x,
            y=y,
            # Only markers can be clicked; these are not seen until one is.
            mode="lines+markers",
            marker={"size": 9, "opacity": 0, "color": COLOURS[place]},
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 0}},
            line={"color": COLOURS[place], "dash": CURVE_DASHES[place], "width": 2.5},
            name=f"{safe(name, 30)} ({len(values):,})",
            meta=safe(name),
            customdata=[[_until(v, group, name)] for v in x.tolist()],
            hovertemplate="%{meta}<br>by %{x:.0%}: %{y:.0%} of traces<extra></extra>",
        )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": COLOURS[7], "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )
    return finish(
        figure,
        x="Share of the reasoning",
        y="Traces whose answer stood",
        xaxis={"tickformat": ".0%", "range": [0, 1.01]},
        yaxis={"tickformat": ".0%", "range": [0, 1.02]},
        # Long names stand one below the other in the legend.
        height=_HEIGHT + (20 if any(len(n) > 12 for n, _ in groups) else 10) * len(groups),
    )


def waste_histogram(table: pa.Table) -> go.Figure:
    """How many traces have how large a share of reasoning after their final answer, by verdict."""
    values = _numbers(table, "post_answer_waste")
    verdicts = np.array(table["correct"].to_pylist(), dtype=object)
    edges = np.linspace(0, 1, 21)
    figure = go.Figure()
    for verdict in VERDICTS:
        chosen = values[(verdicts == verdict.correct) & ~np.isnan(values)]
        if len(chosen) == 0:
            continue
        counts, _ = np.histogram(chosen, bins=edges)
        figure.add_bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=0.05,
            name=f"{verdict.name} ({len(chosen):,})",
            marker=marker(verdict.colour, verdict.pattern),
            customdata=[
                [a, b, Pick((("post_answer_waste", a, b),), verdict=verdict.name).to_text()]
                for a, b in pairwise(edges.round(4).tolist())
            ],
            hovertemplate=f"%{{customdata[0]:.0%}} to %{{customdata[1]:.0%}}: %{{y:,}} {verdict.name}"
            "<extra></extra>",
        )
    return finish(
        figure,
        x="Reasoning after the final answer",
        y="Traces",
        xaxis={"tickformat": ".0%", "range": [0, 1]},
        barmode="stack",
        height=_HEIGHT + 40,
    )


def tokens_and_final(table: pa.Table, *, most: int = limits.MAX_PLOT_POINTS) -> go.Figure:
    """Each trace: its thinking tokens against where its final answer was first reached.

    ``customdata[0]`` of a point is its trace_id. Of more than ``most`` traces those with the
    smallest ids are shown: ids are hashes, so this is a fair sample, and always the same one.
    """
    x, y = _numbers(table, "thinking_tokens"), _numbers(table, "first_final_frac")
    ids = np.array(table["trace_id"].to_pylist(), dtype=object)
    shown = np.flatnonzero(~np.isnan(x) & ~np.isnan(y) & (x > 0))
    if len(shown) > most:
        shown = np.sort(shown[np.argsort(ids[shown])[:most]])
    verdicts = np.array(table["correct"].to_pylist(), dtype=object)
    names = np.array([safe(n) for n in group_names(table, "cell")], dtype=object)
    figure = go.Figure()
    for verdict in VERDICTS:
        rows = shown[verdicts[shown] == verdict.correct]
        if len(rows) == 0:
            continue
        figure.add_scatter(
            x=x[rows],
            y=y[rows],
            mode="markers",
            name=f"{verdict.name} ({len(rows):,})",
            marker={
                "color": verdict.colour,
                "symbol": verdict.symbol,
                "size": 7,
                "opacity": 0.85,
            },
            customdata=np.stack([ids[rows], names[rows]], axis=1),
            hovertemplate="%{customdata[1]}<br>%{x:,.0f} tokens, answer first at %{y:.0%}"
            f"<br>{verdict.name}<extra></extra>",
        )
    return finish(
        figure,
        x="Thinking tokens (log scale)",
        y="Final answer first reached at",
        xaxis=log_axis(x[shown].tolist()),
        yaxis={"tickformat": ".0%", "range": [-0.02, 1.02]},
        height=420,
    )


def by_cell(table: pa.Table) -> go.Figure:
    """One row a cell: thinking tokens on the left, mean share after the final answer on the right.

    The box reaches from the first to the third quartile with a line at the median, the whiskers
    from the 5th to the 95th percentile. In brackets: traces, of both sides.
    """
    rows = _cell_rows(table)[::-1]
    figure = make_subplots(rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.03)
    _add_boxes(figure, rows)
    _add_bars(figure, rows)
    two_lines = any("<br>" in row.label for row in rows)
    height = 110 + (38 if two_lines else 28) * max(len(rows), 3)
    figure = finish(figure, y="", height=height, bargap=0.4)
    figure.update_yaxes(
        # Places, not names, on the axis: two long names may look the same once they are cut.
        tickvals=list(range(len(rows))),
        ticktext=[row.label for row in rows],
        range=[-0.6, max(len(rows), 1) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    tokens = np.concatenate([row.tokens for row in rows]) if rows else np.empty(0)
    figure.update_xaxes(title="Thinking tokens (log scale)", **log_axis(tokens.tolist()), col=1)
    figure.update_xaxes(
        title="Mean reasoning after the answer", tickformat=".0%", range=[0, 1.08], col=2
    )
    return figure


def quantile_box(places: list[int], marks: np.ndarray) -> go.Box:
    """Lying boxes from rows of ``BOX_QUANTILES``; without a hover, which would be one for each mark."""
    low, q1, median, q3, high = marks.T
    return go.Box(
        orientation="h",
        y=places,
        lowerfence=low,
        q1=q1,
        median=median,
        q3=q3,
        upperfence=high,
        marker={"color": COLOURS[0]},
        fillcolor="rgba(47,128,195,0.25)",
        line={"width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


def _add_boxes(figure: go.Figure, rows: list[_CellRow]) -> None:
    places = [place for place, row in enumerate(rows) if len(row.tokens)]
    marks = np.array([np.quantile(rows[i].tokens, BOX_QUANTILES) for i in places]).reshape(-1, 5)
    figure.add_trace(quantile_box(places, marks), row=1, col=1)
    figure.add_scatter(
        x=marks[:, 2],
        y=places,
        mode="markers",
        marker={"color": COLOURS[0], "symbol": "line-ns-open", "size": 14},
        customdata=[
            [rows[i].name, *mark, len(rows[i].tokens), rows[i].pick]
            for i, mark in zip(places, marks.tolist(), strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>median %{x:,.0f} tokens of %{customdata[6]:,} traces"
        "<br>half from %{customdata[2]:,.0f} to %{customdata[4]:,.0f}"
        "<br>nine in ten from %{customdata[1]:,.0f} to %{customdata[5]:,.0f}<extra></extra>",
        showlegend=False,
        row=1,
        col=1,
    )


def _add_bars(figure: go.Figure, rows: list[_CellRow]) -> None:
    places = [place for place, row in enumerate(rows) if len(row.waste)]
    means = [float(np.mean(rows[i].waste)) for i in places]
    figure.add_bar(
        orientation="h",
        y=places,
        x=means,
        text=[f"{mean:.0%}" for mean in means],
        textposition="outside",
        cliponaxis=False,
        marker={"color": COLOURS[2]},
        customdata=[[rows[i].name, len(rows[i].waste), rows[i].pick] for i in places],
        hovertemplate="%{customdata[0]}<br>mean %{x:.1%} over %{customdata[1]:,} traces<extra></extra>",
        showlegend=False,
        row=1,
        col=2,
    )


def n_cells(table: pa.Table) -> int:
    """How many cells there are, of which ``by_cell`` shows at most ``MAX_CELLS``."""
    return len(set(_cell_keys(table)))


@dataclass(frozen=True, slots=True)
class _CellRow:
    name: str
    label: str
    tokens: _Floats
    waste: _Floats
    pick: str


def _cell_keys(table: pa.Table) -> list[tuple[str, str]]:
    datasets = [value or NOT_STATED for value in table["dataset"].to_pylist()]
    return list(zip(datasets, group_names(table, "cell"), strict=True))


def _cell_rows(table: pa.Table) -> list[_CellRow]:
    """The largest cells, in the order of the table."""
    tokens, waste = _numbers(table, "thinking_tokens"), _numbers(table, "post_answer_waste")
    places: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(_cell_keys(table)):
        places.setdefault(key, []).append(place)
    largest = sorted(places, key=lambda key: (-len(places[key]), key))[:MAX_CELLS]
    several = len({dataset for dataset, _ in places}) > 1
    rows = []
    for key in places:
        if key in largest:
            t, w = tokens[places[key]], waste[places[key]]
            t, w = t[t > 0], w[~np.isnan(w)]
            label = f"{safe(key[1], 40)} ({len(t):,}; {len(w):,})"
            if several:
                label += f'<br><span style="font-size:10px">{safe(key[0], 40)}</span>'
            at = places[key][0]
            texts = [
                (n, table[n][at].as_py() or NOT_STATED) for n in ("dataset", "model", "effort")
            ]
            rows.append(
                _CellRow(safe(" · ".join(key), 90), label, t, w, Pick((), (*texts,)).to_text())
            )
    return rows


def _groups(table: pa.Table, group: str, column: str) -> list[tuple[str, _Floats]]:
    """Each group with its defined values, largest group first."""
    values = _numbers(table, column)
    defined = ~np.isnan(values)
    names = np.array(group_names(table, group), dtype=object)[defined]
    values = values[defined]
    found = [(str(name), values[names == name]) for name in sorted(set(names))]
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def natural(name: str) -> tuple[int, float, str]:
    """Effort levels from least to most, then by the number in the name, then by name."""
    if name in _LEVELS:
        return _LEVELS.index(name), 0.0, name
    number = _NUMBER.search(name)
    return len(_LEVELS), float(number[0]) if number else math.inf, name


def _until(share: float, group: str, name: str) -> str:
    return Pick((("first_final_frac", 0, round(share + 5e-4, 4)),), ((group, name),)).to_text()


def _curve(ordered: _Floats) -> tuple[_Floats, _Floats]:
    """The share of values at or below x, for x over 0..1: the same at any number of values."""
    x = np.linspace(0, 1, _CURVE_POINTS + 1)
    y = np.searchsorted(ordered, x, side="right") / max(1, len(ordered))
    return x, y


def _numbers(table: pa.Table, column: str) -> _Floats:
    values: _Floats = table[column].cast(pa.float64()).to_numpy()
    return values


def finish(
    figure: go.Figure,
    *,
    x: str = "",
    y: str,
    xaxis: dict[str, Any] | None = None,
    yaxis: dict[str, Any] | None = None,
    height: int,
    **layout: Any,
) -> go.Figure:
    """Axes and margins; colours of text, grid and page are left to the theme of the page."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 24, "t": 16, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0},
        hoverlabel={"namelength": -1},
        **layout,
    )
    figure.update_xaxes(title=x, automargin=True, **(xaxis or {}))
    figure.update_yaxes(title=y, **{"automargin": True, **(yaxis or {})})
    return figure
