"""Charts: the numbers that they show, and that data in them cannot act."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from analysis import charts, charts_efforts
from analysis.charts_marks import log_axis
from analysis.views.efforts import CELL_COLUMNS
from analysis.views.tables import table

EVIL = '<a href="https://evil.example">x</a><b>%{customdata[0]}</b>&lt;'


def _points(rows: list[dict[str, Any]]) -> pa.Table:
    schema = pa.schema(
        [
            ("trace_id", pa.string()),
            ("dataset", pa.string()),
            ("model", pa.string()),
            ("effort", pa.string()),
            ("correct", pa.bool_()),
            ("thinking_tokens", pa.int64()),
            ("first_final_frac", pa.float64()),
            ("post_answer_waste", pa.float64()),
        ]
    )
    defaults = {"dataset": "d", "model": "m"}
    arrays = [pa.array([(defaults | row).get(f.name) for row in rows], f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _row(
    i: int, effort: str | None, tokens: int | None, final: float | None, **more: Any
) -> dict[str, Any]:
    waste = None if final is None else 1 - final
    return {
        "trace_id": f"{i:04x}",
        "effort": effort,
        "thinking_tokens": tokens,
        "first_final_frac": final,
        "post_answer_waste": waste,
        **more,
    }


ROWS = _points(
    [
        _row(1, "high", 1000, 0.25, correct=True),
        _row(2, "high", 3000, 0.50, correct=False),
        _row(3, "low", 100, 1.00, correct=True),
        _row(4, "low", 200, None, correct=True),
        _row(5, None, None, None),
        _row(6, "low", 300, 0.90),
    ]
)


def _all_figures(table: pa.Table) -> list[Any]:
    return [
        *(charts.early_share(table, group=g) for g in ("effort", "model", "dataset", "cell")),
        charts.waste_histogram(table),
        charts.tokens_and_final(table),
        charts.by_cell(table),
    ]


def test_early_share_is_the_share_of_traces_at_or_before_x() -> None:
    low, high, diagonal = charts.early_share(ROWS, group="effort").data
    assert (low.name, high.name) == ("low (2)", "high (2)")
    at = {round(x, 3): y for x, y in zip(high.x, high.y, strict=True)}
    assert (at[0.0], at[0.245], at[0.25], at[0.495], at[0.5], at[1.0]) == (0, 0, 0.5, 0.5, 1, 1)
    at = {round(x, 3): y for x, y in zip(low.x, low.y, strict=True)}
    assert (at[0.895], at[0.9], at[0.995], at[1.0]) == (0, 0.5, 0.5, 1)
    assert low.line.dash != high.line.dash
    assert diagonal.showlegend is False


def test_groups_beyond_those_that_can_be_told_apart_are_left_out() -> None:
    table = _points([_row(i, f"e{i % 12:02}", 10, 0.5) for i in range(100)])
    figure = charts.early_share(table)
    assert len(figure.data) == charts.MAX_GROUPS + 1
    assert len({trace.line.color for trace in figure.data[:-1]}) == charts.MAX_GROUPS
    assert len({trace.line.dash for trace in figure.data[:-1]}) == charts.MAX_GROUPS


def test_efforts_are_in_their_own_order() -> None:
    names = ["step-1000", "high", "low", "step-200", "odd", "none", "medium"]
    table = _points([_row(i, name, 10, 0.5) for i, name in enumerate(names)])
    shown = [trace.name.split(" (")[0] for trace in charts.early_share(table).data[:-1]]
    assert shown == ["none", "low", "medium", "high", "step-200", "step-1000", "odd"]


def test_waste_histogram_counts_by_verdict() -> None:
    right, wrong, unjudged = charts.waste_histogram(ROWS).data
    assert (right.name, wrong.name, unjudged.name) == ("right (2)", "wrong (1)", "not judged (1)")
    assert (right.y[0], right.y[15], sum(right.y)) == (1, 1, 2)
    assert (wrong.y[10], sum(wrong.y)) == (1, 1)
    assert sum(unjudged.y) == 1
    assert len({trace.marker.pattern.shape for trace in (right, wrong, unjudged)}) == 3


def test_scatter_has_the_ids_of_its_points() -> None:
    right, wrong, unjudged = charts.tokens_and_final(ROWS).data
    assert [point[0] for point in right.customdata] == ["0001", "0003"]
    assert (list(wrong.x), list(wrong.y)) == ([3000.0], [0.5])
    assert unjudged.customdata[0][1] == "m · low"
    assert len({trace.marker.symbol for trace in (right, wrong, unjudged)}) == 3


def test_scatter_samples_the_same_traces_each_time() -> None:
    table = _points([_row(i * 37 % 1009, "low", i + 1, 0.5, correct=True) for i in range(1000)])
    first, again = (charts.tokens_and_final(table, most=50) for _ in range(2))
    assert len(first.data[0].x) == 50
    assert first.to_json() == again.to_json()
    ids = sorted(table["trace_id"].to_pylist())[:50]
    assert sorted(point[0] for point in first.data[0].customdata) == ids


def test_cells_have_their_quartiles_means_and_n() -> None:
    figure = charts.by_cell(ROWS)
    box, middle, bar = figure.data
    assert list(middle.x) == list(box.median)
    assert list(middle.customdata[0])[:7] == ["d · m · low", 110, 150, 200, 250, 290, 3]
    assert list(figure.layout.yaxis.ticktext) == ["m (0; 0)", "m · low (3; 2)", "m · high (2; 2)"]
    assert list(box.y) == list(bar.y) == [1, 2]
    assert list(box.median) == [200, 2000]
    assert list(box.q1) == [150, 1500]
    assert list(bar.x) == pytest.approx([0.05, 0.625])
    assert list(bar.text) == ["5%", "62%"]


def test_cells_of_several_data_sets_say_which() -> None:
    table = _points([_row(1, "low", 5, 0.5), _row(2, "low", 5, 0.5, dataset="<e>")])
    figure = charts.by_cell(table)
    bar = figure.data[2]
    assert all("<br>" in label for label in figure.layout.yaxis.ticktext)
    assert "&lt;e&gt;" in figure.layout.yaxis.ticktext[0]
    assert bar.customdata[0][0] == "&lt;e&gt; · m · low"
    assert charts.n_cells(table) == 2


def test_long_names_that_are_cut_alike_stay_apart() -> None:
    name = "/data/models/{}" + "x" * 60 + "/step"
    table = _points([_row(i, None, 10 * i, i / 10, model=name.format(i)) for i in (1, 2)])
    box, _, bar = charts.by_cell(table).data
    assert list(box.median) == [20, 10]
    assert list(bar.y) == [0, 1]


def test_data_cannot_act_in_a_chart() -> None:
    rows = [
        _row(i, EVIL, 10 + i, 0.5, model=EVIL, dataset=EVIL + str(i), correct=i > 1)
        for i in range(4)
    ]
    for figure in _all_figures(_points(rows)):
        text = json.dumps(json.loads(figure.to_json()), ensure_ascii=False)
        assert "<a" not in text
        assert "<b>" not in text
        assert "&lt;a href" in text or "evil" not in text
    for figure in _all_figures(_points(rows)):
        for trace in figure.data:
            assert "evil" not in (trace.hovertemplate or "")


def test_invisible_characters_are_seen() -> None:
    assert charts.safe("a\u202eb\x1b\nc") == "a⟦U+202E⟧b⟦U+001B⟧ c"
    assert charts.safe("models/a/checkpoint-100", 11) == "model…t-100"


@pytest.mark.parametrize("rows", [[], [_row(1, None, None, None)], [_row(1, "low", 0, 1.0)]])
def test_few_or_no_values_are_no_fault(rows: list[dict[str, Any]]) -> None:
    for figure in _all_figures(_points(rows)):
        figure.to_json()


def _contrast(colour: str, page: str) -> float:
    def light(code: str) -> float:
        parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(colour), light(page)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("page", ["#ffffff", "#171614", "#0e1117"])
def test_colours_can_be_seen_on_light_and_dark_pages(page: str) -> None:
    assert min(_contrast(colour, page) for colour in charts.COLOURS) >= 3.0


@pytest.mark.parametrize(
    ("values", "labelled"),
    [([], True), ([0, None], True), ([48, 53], False), ([53], False), ([0, 48, 53], False),
     ([10, 40], True), ([1, 100_000], True)],
)  # fmt: skip
def test_values_that_lie_close_have_ticks_between_1_2_and_5(
    values: list[float | None], labelled: bool
) -> None:
    assert ("dtick" in log_axis(values)) is labelled


def test_no_axis_of_shares_goes_beyond_all() -> None:
    """One value, as with one question in a cell, would get an axis to 150 %."""
    row = dict.fromkeys(CELL_COLUMNS) | {
        "label": "m @ low", "accuracy": 0.67, "mean_tokens": 50.0, "order": 0, "on_front": True,
        "n_traces": 9, "n_questions": 1, "dataset": "d",
    }  # fmt: skip
    figure = charts_efforts.accuracy_tokens(table([row], CELL_COLUMNS))
    assert figure.layout.yaxis.autorangeoptions.maxallowed < 1.1
    assert figure.layout.xaxis.dtick is None
