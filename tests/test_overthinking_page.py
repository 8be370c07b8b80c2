"""The Overthinking page: the values that it shows, its links, its downloads, hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.ui import overthinking as ui
from analysis.ui.downloads import printed_table
from analysis.views import overthinking as view
from analysis.views.metrics_doc import metrics_doc

_NAMES = [
    "amber",
    "birch",
    "cedar",
    "dune",
    "ember",
    "fjord",
    "grove",
    "heath",
    "inlet",
    "jetty",
    "kelp",
    "larch",
    "moss",
    "nook",
]
PADDING = [f"The {a} path by the {b} leads nowhere new. " for a in _NAMES for b in _NAMES if a != b]


def _row(name: str, effort: str, before: int, after: int, **more: Any) -> dict[str, Any]:
    """A trace whose final answer stands after ``before`` of ``before + after`` sentences."""
    return {
        "id": name,
        "question": "How many?",
        "reasoning": "".join(
            (*PADDING[:before], "The answer is 7. ", *PADDING[before : before + after])
        ),
        "answer": r"\boxed{7}",
        "gold": "7",
        "correct": True,
        "model": "m",
        "effort": effort,
        "dataset": "d",
        **more,
    }


ROWS = [
    _row("early", "high", 1, 20),
    _row("middle", "high", 10, 10),
    _row("late", "low", 4, 0),
    _row("flip", "low", 2, 2, answer=r"\boxed{8}", correct=False),
    _row("loop", "low", 0, 0, reasoning="Let me try again and again now. " * 30),
    {"id": "none", "question": "How many?", "answer": "7", "model": "m", "dataset": "d"},
    _row("evil", "high", 1, 2, question="![x](https://evil.example/a.png) <b>=1</b>", model="<img src=x>"),
]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("overthinking")
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n", encoding="utf-8")
    with open_store(folder / "o.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0)
    return folder / "o.duckdb"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with open_store(database, read_only=True) as opened:
        yield opened


@pytest.fixture
def page(database: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    from analysis.ui import state

    monkeypatch.setenv("COTSCOPE_DB", str(database))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/overthinking.py")
    yield app
    state.get_store().close()
    state._open.clear()


# --- the numbers ---------------------------------------------------------------------------


def test_headline_and_what_is_left_out(store: Store) -> None:
    points = view.points(store, Filters())
    assert points.num_rows == 6
    numbers = view.headline(points)
    assert (numbers.n_traces, numbers.n_tokens, numbers.n_estimated) == (6, 6, 6)
    assert (numbers.loops, numbers.n_loops) == (1, 6)
    assert numbers.right_to_wrong == 1
    left_out = view.excluded(store, Filters(), points)
    assert (left_out.not_visible, left_out.no_reasoning, left_out.not_analysed) == (0, 1, 0)
    # "flip" never states its final answer 8, and "loop" states none.
    assert left_out.no_final == 2
    assert numbers.n_waste == 4


def test_a_placeholder_is_analysed_though_its_tokens_are_not_known(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(_row("waits", "low", 0, 0, reasoning="Thinking... " * 9)) + "\n")
    with open_store(tmp_path / "o.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0)
        points = view.points(store, Filters())
        assert points["thinking_tokens"].to_pylist() == [None]
        assert view.excluded(store, Filters(), points).not_analysed == 0


def test_headline_of_nothing_is_undefined(store: Store) -> None:
    numbers = view.headline(view.points(store, Filters(dataset=("no such",))))
    assert (numbers.n_traces, numbers.median_tokens, numbers.median_waste) == (0, None, None)


def test_points_carry_where_the_answer_stood(store: Store) -> None:
    rows = view.points(store, Filters(model=("m",))).to_pylist()
    shares = sorted(r["first_final_frac"] for r in rows if r["first_final_frac"] is not None)
    texts = [row["reasoning"] for row in ROWS[:3]]
    expected = [(text.index("answer is 7") + len("answer is 7")) / len(text) for text in texts]
    assert shares == pytest.approx(sorted(expected))


def test_worst_first_by_each_measure(store: Store) -> None:
    def first(by: str) -> str:
        return str(view.worst(store, Filters(), by=by, limit=1).to_pylist()[0]["external_id"])

    assert first("tokens_after_first_final") == "early"
    assert first("post_answer_waste") == "early"
    assert first("repeat_share") == "loop"
    with pytest.raises(UsageError, match="no measure"):
        view.worst(store, Filters(), by="trace_id; DROP TABLE trace")


def test_cells_hold_visible_reasoning_only(store: Store) -> None:
    rows = {(r["model"], r["effort"]): r for r in view.cells(store, Filters()).to_pylist()}
    assert set(rows) == {("m", "low"), ("m", "high"), ("<img src=x>", "high")}
    low = rows["m", "low"]
    assert (low["n_traces"], low["n_questions"], low["accuracy"]) == (3, 1, pytest.approx(2 / 3))
    assert low["accuracy_low"] is None
    assert low["n_post_answer_waste"] == 1
    assert low["mean_tail_loop"] == pytest.approx(1 / 3)
    assert "mean_zlib_ratio" not in low
    assert "mean_zlib_ratio" in view.cells(store, Filters(), metrics=None).column_names


def test_the_sentence_says_what_is_counted() -> None:
    assert ui.counted(5, view.Excluded(0, 0, 0, 0)) == (
        "Counted: 5 traces whose reasoning is the model's own text."
    )
    text = ui.counted(1234, view.Excluded(2, 3, 4, 5))
    for part in (
        "1,234",
        "2 with a summary",
        "3 without reasoning",
        "4 are not analysed",
        "5 of the",
    ):
        assert part in text


# --- the page ------------------------------------------------------------------------------


def test_the_page_shows_them(page: AppTest) -> None:
    page.run()
    assert not page.exception
    metrics = {m.label: m.value for m in page.metric}
    assert metrics["End in a loop"] == "1"
    assert metrics["Right, then wrong"] == "1"
    assert metrics["Median tokens"].isdigit()
    assert "Counted: 6 traces" in page.caption[0].value
    assert "1 without reasoning" in page.caption[0].value
    cells, worst, flips = page.dataframe
    assert sorted(cells.value["traces"]) == [1, 2, 3]
    assert worst.value["read"][0].startswith("/reader?trace=")
    assert worst.value["question"][0] == "How many?"
    assert "&at=" in worst.value["read"][0]
    assert len(flips.value) == 1
    assert len(page.get("plotly_chart")) == 5
    labels = [b.label for b in page.get("download_button")]
    tables = ["CSV", "Parquet", "XLSX"]
    assert labels == ["Report as one HTML file", *tables, "LaTeX", "Markdown", *tables]


def test_a_table_and_a_figure_for_a_paper(page: AppTest) -> None:
    from analysis.ui import state

    store = state.get_store()
    make = printed_table(
        store, Filters(), "cells", partial(view.cells, store, Filters(), metrics=None)
    )
    assert rb"\toprule" in make(".tex") and b"| d | m | high |" in make(".md")
    page.run()
    page.selectbox(key="figure_name").select("cells").run()
    page.session_state["figure_format"] = ".json"  # AppTest cannot click it
    page.button(key="figure_draw").click().run()
    assert not page.exception
    assert "Save cells.json" in [b.label for b in page.get("download_button")]
    page.selectbox(key="figure_name").select("early-exit-probes").run()
    page.button(key="figure_draw").click().run()
    assert any("No trace has what the figure" in text.value for text in page.text)


def test_a_link_shows_the_traces_behind_a_point(page: AppTest) -> None:
    page.query_params["of"] = "early"
    page.query_params["rows"] = "first_final_frac=0..0.5&effort=high"
    page.run()
    assert not page.exception
    picked = page.dataframe[0].value
    assert set(picked["effort"]) == {"high"}
    assert (picked["first"] < 0.5).all()
    page.button(key="close_early").click().run()
    assert "rows" not in page.query_params
    assert set(page.dataframe[0].value.columns) >= {"traces", "accuracy"}


@pytest.mark.parametrize(
    "rows", ["", "nonsense", "correct=1..2", "a=nan..1", "tier=x&verdict=maybe"]
)
def test_a_link_that_makes_no_sense_opens_the_page(page: AppTest, rows: str) -> None:
    page.query_params["of"] = "needed"
    page.query_params["rows"] = rows
    page.run()
    assert not page.exception


@pytest.mark.parametrize("part", ["Stopping early", "Rounds and loops", "Underthinking"])
def test_every_part_is_shown(page: AppTest, part: str) -> None:
    page.query_params["part"] = part
    page.run()
    assert not page.exception
    assert part in page.segmented_control(key="part").value


def test_filters_and_choices_change_it(page: AppTest) -> None:
    page.run()
    page.sidebar.multiselect(key="effort").set_value(["low"]).run()
    assert not page.exception
    assert "Counted: 3 traces" in page.caption[0].value
    page.segmented_control(key="by").set_value("Thinking tokens").run()
    tokens = list(page.dataframe[1].value["tokens"])
    assert tokens == sorted(tokens, reverse=True)
    page.segmented_control(key="group").set_value("Model").run()
    assert not page.exception
    assert "effort=low" in page.dataframe[1].value["read"][0]


def test_an_empty_result_says_what_to_do(page: AppTest) -> None:
    page.run()
    page.sidebar.text_input(key="text").set_value("no such words anywhere").run()
    assert not page.exception
    assert "Widen it" in page.info[0].value
    assert len(page.metric) == 0


def test_data_never_reaches_markdown(page: AppTest) -> None:
    page.run()
    shown = [
        e.value
        for kind in ("markdown", "caption", "subheader", "title")
        for e in getattr(page, kind)
    ]
    shown += [str(m.help) + m.label for m in page.metric]
    assert not [text for text in shown if "evil.example" in text or "<img" in text]


def test_the_documented_metrics_are_the_ones_computed(root: Path) -> None:
    written = (root / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == metrics_doc(), "python -m analysis.views.metrics_doc > docs/metrics.md"
