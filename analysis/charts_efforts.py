"""Figures of the Compare page and the report: cells, questions, pairs. Pure, as ``charts``.

Each takes a table of ``views.efforts``. Colours come with a second channel (symbol, dash, pattern,
text). The last entry of a point's ``customdata`` says what stands behind it: a ``Pick`` as text
(rows), or a ``question_key``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa

from analysis.charts import COLOURS, MAX_GROUPS, NOT_STATED, finish, marker, safe
from analysis.charts_marks import SHARE, log_axis
from analysis.picks import Pick

SYMBOLS = (
    *("circle", "square", "diamond", "triangle-up"),
    *("triangle-down", "cross", "star", "hexagon"),
)
DASHES = (
    *("solid", "8px,4px", "2px,3px", "8px,3px,2px,3px"),
    *("14px,4px", "14px,3px,2px,3px", "5px,2px", "1px,4px"),
)
GREY = COLOURS[7]

Row = Mapping[str, Any]


def accuracy_tokens(table: pa.Table) -> go.Figure:
    """Accuracy against mean thinking tokens (log), 95 % intervals both ways; a line a model.

    Filled points are on the Pareto front, which is drawn; open ones are dominated: another cell is
    as accurate with fewer tokens, or more accurate with as many. Table: ``views.efforts.cells``.
    """
    rows = [
        r for r in table.to_pylist() if r["accuracy"] is not None and (r["mean_tokens"] or 0) > 0
    ]
    figure = go.Figure()
    _add_front(figure, rows)
    lines = _lines(rows)
    for place, (name, members) in enumerate(lines[:MAX_GROUPS]):
        _add_line(figure, safe(name, 30), members, place)
    rest = [row for _, members in lines[MAX_GROUPS:] for row in members]
    if rest:
        _add_line(figure, f"{len(lines) - MAX_GROUPS} more models", rest, None)
    return finish(
        figure,
        x="Mean thinking tokens (log scale)",
        y="Accuracy",
        xaxis=log_axis(
            r[name] for r in rows for name in ("mean_tokens", "mean_tokens_low", "mean_tokens_high")
        ),
        yaxis=SHARE,
        height=460,
    )


def _lines(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Models with their cells in order; those with most cells first, which get a colour."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["line"] or NOT_STATED, []).append(row)
    for members in found.values():
        members.sort(key=lambda row: row["order"])
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def _add_front(figure: go.Figure, rows: Sequence[Row]) -> None:
    front = sorted((r for r in rows if r["on_front"]), key=lambda r: r["mean_tokens"])
    if len(front) > 1:
        figure.add_scatter(
            x=[r["mean_tokens"] for r in front],
            y=[r["accuracy"] for r in front],
            mode="lines",
            # A step: between two cells nothing better than the cheaper one is known.
            line={"color": GREY, "width": 9, "shape": "hv"},
            opacity=0.3,
            name="Pareto front",
            hoverinfo="skip",
        )


def _add_line(figure: go.Figure, name: str, rows: Sequence[Row], place: int | None) -> None:
    colour = GREY if place is None else COLOURS[place]
    symbol = "circle" if place is None else SYMBOLS[place]
    named = place is not None and len(rows) > 1
    figure.add_scatter(
        x=[r["mean_tokens"] for r in rows],
        y=[r["accuracy"] for r in rows],
        error_x=error_bars(rows, "mean_tokens"),
        error_y=error_bars(rows, "accuracy"),
        mode=("lines+markers+text" if named else "markers"),
        text=[safe(r["setting"] or "", 14) for r in rows] if named else None,
        textposition="bottom right",
        textfont={"size": 11},
        name=name,
        line={"color": colour, "width": 2, "dash": "solid" if place is None else DASHES[place]},
        marker={
            "color": colour,
            "size": 10,
            "symbol": [symbol if r["on_front"] else f"{symbol}-open" for r in rows],
            "line": {"width": 2},
        },
        customdata=[
            [safe(r["label"]), r["n_traces"], r["n_questions"], cell_pick(r)] for r in rows
        ],
        hovertemplate="%{customdata[0]}<br>%{y:.1%} right, %{x:,.0f} tokens"
        "<br>%{customdata[2]:,} questions, %{customdata[1]:,} traces<extra></extra>",
    )


def cell_pick(row: Row) -> str:
    """The traces of a cell, as the text of a ``Pick``."""
    return Pick(
        (), tuple((n, row[n] or NOT_STATED) for n in ("dataset", "model", "effort"))
    ).to_text()


def error_bars(rows: Sequence[Row], name: str) -> dict[str, Any]:
    """Plotly's error bars from the columns ``name``_low and ``name``_high ('value': low, high)."""

    def reach(row: Row, end: str, sign: int) -> float:
        limit = row[f"{name}_{end}" if name != "value" else end]
        return 0.0 if limit is None else max(0.0, sign * (limit - row[name]))

    return {
        "type": "data",
        "symmetric": False,
        "array": [reach(r, "high", 1) for r in rows],
        "arrayminus": [reach(r, "low", -1) for r in rows],
        "thickness": 1,
        "width": 3,
    }


GRID_STATES = ("all right", "some right", "none right", "not judged")
_ROW, _COLUMN = 24, 46


def grid(table: pa.Table) -> go.Figure:
    """Questions (hardest on top) against cells: a square each, with a sign or a count in it.

    Table: ``views.efforts.grid`` of one data set. A point's ``customdata`` ends with the
    question_key and, before it, one trace of the square.
    """
    rows = table.to_pylist()
    labels = list(dict.fromkeys(r["label"] for r in rows))
    questions = list(dict.fromkeys((r["rank"], r["question_key"]) for r in rows))
    questions.sort()
    height_of = {key: -i for i, (_, key) in enumerate(questions)}
    names = {
        r["question_key"]: r["question_id"] or r["question"] or r["question_key"] for r in rows
    }
    figure = go.Figure()
    for state in GRID_STATES:
        _add_squares(figure, state, [r for r in rows if _state(r) == state], labels, height_of)
    figure = finish(
        figure,
        y="",
        height=130 + _ROW * max(len(questions), 1),
        plot_bgcolor="rgba(0,0,0,0)",
    )
    # Room for the slanted name of the last column, which else falls away.
    longest = max((len(label) for label in labels[-4:]), default=0)
    figure.update_layout(margin_r=24 + 5 * min(longest, 34))
    figure.update_xaxes(
        tickvals=list(range(len(labels))),
        ticktext=[safe(label, 34) for label in labels],
        tickangle=-35,
        side="top",
        range=[-0.6, max(len(labels), 1) - 0.4],
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        tickvals=list(height_of.values()),
        ticktext=[safe(names[key], 44) for key in height_of],
        range=[-len(questions) + 0.4, 0.6],
        showgrid=False,
        zeroline=False,
    )
    figure.update_layout(
        legend={"y": -10 / (130 + _ROW * max(len(questions), 1)), "yanchor": "top"}
    )
    return figure


def _state(row: Row) -> str:
    if row["accuracy"] is None:
        return "not judged"
    return {1.0: "all right", 0.0: "none right"}.get(row["accuracy"], "some right")


def _add_squares(
    figure: go.Figure,
    state: str,
    rows: Sequence[Row],
    labels: Sequence[str],
    height: Mapping[str, int],
) -> None:
    colours = {"all right": COLOURS[0], "none right": COLOURS[1], "not judged": GREY}
    signs = {"all right": "✓", "none right": "✗", "not judged": "?"}
    figure.add_scatter(
        x=[labels.index(r["label"]) for r in rows],
        y=[height[r["question_key"]] for r in rows],
        mode="markers+text",
        name=f"{signs.get(state, 'n/n')} {state}",
        text=[signs.get(state) or f"{r['n_correct']}/{r['n_judged']}" for r in rows],
        textfont={"size": 11, "color": GREY if state == "not judged" else "#ffffff"},
        marker={
            "symbol": "square-open" if state == "not judged" else "square",
            "size": _ROW - 4,
            "opacity": 1,
            "color": colours.get(state) or [_blend(r["accuracy"]) for r in rows],
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        customdata=[
            [
                safe(r["question"] or r["question_key"], 90),
                safe(r["label"], 60),
                f"{r['n_correct']} of {r['n_judged']} right" if r["n_judged"] else "not judged",
                "" if r["mean_tokens"] is None else f"{r['mean_tokens']:,.0f} tokens on average",
                (r["trace_ids"] or [""])[0],
                r["question_key"],
            ]
            for r in rows
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}"
        "<br>%{customdata[3]}<extra></extra>",
    )


def _blend(share: float) -> str:
    """From the colour of wrong to that of right, through one that is darker than both."""
    ends = [
        tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (COLOURS[1], "#6B5B73", COLOURS[0])
    ]
    low, high = (ends[0], ends[1]) if share < 0.5 else (ends[1], ends[2])
    at = (share * 2) % 1 if share != 0.5 else 0.0
    return "#" + "".join(f"{round(a + (b - a) * at):02x}" for a, b in zip(low, high, strict=True))


_BINS_PER_DOUBLING = 4


def multiplier_histogram(table: pa.Table, pair: Row) -> go.Figure:
    """Questions by how many times the thinking tokens of A they took in B, on a log scale.

    Line and band: the geometric mean and its 95 % interval. Tables: ``views.efforts.ratios``, and
    the row of ``paired``.
    """
    ratios = np.array([r for r in table["ratio"].to_pylist() if r], dtype=np.float64)
    figure = go.Figure()
    if len(ratios):
        step = max(1 / _BINS_PER_DOUBLING, math.ceil(np.ptp(np.log2(ratios)) / 40 * 4) / 4)
        first = math.floor(np.log2(ratios.min()) / step)
        last = math.floor(np.log2(ratios.max()) / step) + 1
        edges = 2.0 ** (step * np.arange(first, last + 1))
        counts, _ = np.histogram(ratios, bins=edges)
        for name, colour, pattern, fewer in (
            ("fewer tokens", COLOURS[2], "/", True),
            ("as many or more", COLOURS[0], "", False),
        ):
            kept = [i for i in range(len(counts)) if counts[i] and (edges[i + 1] <= 1.0) == fewer]
            figure.add_bar(
                x=[math.sqrt(edges[i] * edges[i + 1]) for i in kept],
                y=[int(counts[i]) for i in kept],
                width=[0.94 * (edges[i + 1] - edges[i]) for i in kept],
                name=name,
                marker=marker(colour, pattern),
                customdata=[
                    [
                        float(edges[i]),
                        float(edges[i + 1]),
                        Pick((("ratio", float(edges[i]), float(edges[i + 1])),)).to_text(),
                    ]
                    for i in kept
                ],
                hovertemplate="%{customdata[0]:.2f} to %{customdata[1]:.2f} times:"
                " %{y:,} questions<extra></extra>",
            )
        _add_mean(figure, pair)
    return finish(
        figure,
        x=f"Tokens of {safe(pair['label_b'], 40)}<br>over those of {safe(pair['label_a'], 40)} (log scale)",
        y="Questions",
        xaxis={
            "type": "log",
            "tickvals": _times(ratios),
            "ticktext": [f"{t:g}×" for t in _times(ratios)],
            "range": _range(ratios, pair),
        },
        height=330,
        bargap=0,
    )


def _times(ratios: np.ndarray) -> list[float]:
    if not len(ratios):
        return [1.0]
    low, high = math.floor(np.log2(ratios.min())), math.ceil(np.log2(ratios.max()))
    step = max(1, (high - low) // 10)
    return sorted({1.0, *(2.0**i for i in range(low - low % step, high + 1, step))})


def _range(ratios: np.ndarray, pair: Row) -> list[float]:
    """Ends of the axis as logarithms: all questions, 1 and the mean with its interval."""
    known = (pair[n] for n in ("token_ratio", "token_ratio_low", "token_ratio_high"))
    shown = [1.0, *(value for value in known if value), *ratios.tolist()]
    low, high = math.log10(min(shown)), math.log10(max(shown))
    # At least a bin on each side, whose bars are as wide as a quarter of a doubling.
    margin = max(0.08, (high - low) / 12)
    return [low - margin, high + margin]


def _add_mean(figure: go.Figure, pair: Row) -> None:
    figure.add_vline(x=1, line={"color": GREY, "dash": "dot", "width": 1})
    value, low, high = (pair[n] for n in ("token_ratio", "token_ratio_low", "token_ratio_high"))
    if value is None:
        return
    if low is not None and high is not None:
        figure.add_vrect(x0=low, x1=high, fillcolor=COLOURS[6], opacity=0.18, line_width=0)
    figure.add_vline(
        x=value,
        line={"color": COLOURS[6], "width": 2, "dash": "8px,4px"},
    )
    figure.add_annotation(
        # On a log axis plotly takes the place of a text, unlike that of a line, as a logarithm.
        x=math.log10(value),
        y=1,
        yref="paper",
        text=f"geometric mean {value:.2f}×",
        font={"size": 12},
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        xshift=4,
    )
