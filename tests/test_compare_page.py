"""The Compare page on a small dump: the default choice, links, the bars."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest

from analysis import charts_efforts
from analysis.export.figures import FIGURES, FigureData, figure_bytes
from analysis.filters import Filters
from analysis.picks import Pick
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.ui.compare_columns import default_choice, token_bars, trace_label
from analysis.ui.compare_scope import last_entry
from analysis.ui.state import get_store
from analysis.views import efforts
from analysis.views.compare import traces_of_question
from tests import reader_dump

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield reader_dump.build(tmp_path_factory.mktemp("compare"))
    reader_dump.close()


@pytest.fixture
def compare(monkeypatch: pytest.MonkeyPatch, root: Path, database: Path) -> Open:
    return lambda **query: reader_dump.open_page(
        monkeypatch, root, database, "compare", **{"view": "Side by side", **query}
    )


def columns(app: AppTest) -> list[dict[str, Any]]:
    """What the columns were sent; none where the component is not on the page."""
    sent = reader_dump.surfaces(app)
    return sent[0]["columns"] if sent else []


def row(trace_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "trace_id": trace_id,
        "model": "m",
        "effort": None,
        "checkpoint": None,
        "sample_index": 0,
        "correct": None,
        "thinking_tokens": None,
        "first_final_frac": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("rows", "first", "expected"),
    [
        # low, medium, high of one model, whatever else there is
        (
            [row("x", model="a", effort="none")]
            + [row(e, effort=e) for e in ("low", "medium", "high", "xhigh")],
            [],
            ["low", "medium", "high"],
        ),
        # these three before a model with as many other efforts
        (
            [row(e, model="a", effort=e) for e in ("none", "minimal", "low")]
            + [row(e + "b", model="b", effort=e) for e in ("low", "medium", "high")],
            [],
            ["lowb", "mediumb", "highb"],
        ),
        # other efforts where these are missing
        (
            [row("n", effort="none"), row("h", effort="high"), row("x", effort="max")],
            [],
            ["n", "h", "x"],
        ),
        # one effort, several models
        ([row("a", model="a"), row("a2", model="a"), row("b", model="b")], [], ["a", "b", "a2"]),
        # samples: a right and a wrong one come before a second right one
        (
            [
                row("r1", correct=True),
                row("r2", correct=True),
                row("w", correct=False),
                row("r3", correct=True),
            ],
            [],
            ["r1", "r2", "w"],
        ),
        # a trace of the link leads
        (
            [row(e, effort=e) for e in ("low", "medium", "high")],
            ["high"],
            ["high", "low", "medium"],
        ),
        ([row("only")], [], ["only"]),
        ([], [], []),
    ],
)
def test_default_choice(rows: list[dict[str, Any]], first: list[str], expected: list[str]) -> None:
    chosen = default_choice(rows, first)
    assert sorted(chosen) == sorted(expected)
    if first:
        assert chosen == expected


def test_efforts_of_one_question_side_by_side(compare: Open) -> None:
    app = compare()
    assert not app.exception
    sent = columns(app)
    lengths = [len(s["text"]) for s in sent]
    assert lengths == [34, len(reader_dump.REASONING), 2 * len(reader_dump.REASONING) + 2]
    assert {s["scale"] for s in sent} == {max(lengths)}
    assert all(s["compact"] and s["side"] is None for s in sent)
    assert [m.value[:5] for m in app.markdown if m.value.startswith("**")] == [
        "**A**",
        "**B**",
        "**C**",
    ]
    assert "red-badge" in next(m.value for m in app.markdown if m.value.startswith("**C**"))
    assert any("Gold answer: 100" in text.value for text in app.text)


def test_the_address_chooses(compare: Open) -> None:
    app = compare()
    question = app.selectbox(key="compare_question").value
    low, _, high = (s["id"] for s in columns(app))
    linked = compare(question=question, a=high, b=low)
    assert [s["id"] for s in columns(linked)] == [high, low]
    assert linked.multiselect(key="compare_traces").value == [high, low]


def test_a_link_from_the_reader_names_one_trace(compare: Open) -> None:
    app = compare()
    question, high = app.selectbox(key="compare_question").value, columns(app)[2]["id"]
    linked = compare(question=question, a=high)
    sent = columns(linked)
    assert sent[0]["id"] == high
    assert len(sent) == 3


def test_choosing_goes_into_the_address(compare: Open) -> None:
    app = compare()
    low, medium, _ = (s["id"] for s in columns(app))
    app.multiselect(key="compare_traces").set_value([medium, low]).run()
    assert [s["id"] for s in columns(app)] == [medium, low]
    assert app.query_params["a"] == medium
    app.multiselect(key="compare_traces").set_value([low]).run()
    assert columns(app) == []
    assert "Choose two to four traces" in app.info[0].value


def test_an_unknown_question_is_said_and_another_shown(compare: Open) -> None:
    app = compare(question="nope", a="x", b="y")
    assert not app.exception
    assert "names a question that is not here" in app.warning[0].value


def test_a_filter_without_pairs_says_what_to_do(compare: Open) -> None:
    app = compare(model="plover-mini")
    assert not app.exception
    assert "two traces to compare" in app.info[0].value


def test_bars_part_the_tokens_where_the_answer_stood() -> None:
    rows = [
        row("a", effort="low", thinking_tokens=100, first_final_frac=0.25),
        row("b", effort="<b>high</b>", thinking_tokens=80),
        row("c"),
    ]
    before, after, unknown = token_bars(rows).data
    assert list(before.x) == [25, 0, 0]
    assert list(after.x) == [75, 0, 0]
    assert list(unknown.x) == [0, 80, 0]
    assert [bar.showlegend for bar in (before, after, unknown)] == [True, True, True]
    assert [bar.showlegend for bar in token_bars(rows[:1]).data] == [True, True, False]
    assert list(before.y) == [
        "A · low, sample 0",
        "B · &lt;b&gt;high&lt;/b&gt;, sample 0",
        "C · m, sample 0",
    ]


def test_a_trace_in_few_words() -> None:
    label = trace_label(
        row("a", effort="high", thinking_tokens=1234, correct=False, sample_index=2)
    )
    assert label == "high · m · sample 2 · 1,234 tokens · wrong"
    assert trace_label(row("a", model="\u202ex")) == (
        "effort not stated · ⟦U+202E⟧x · sample 0 · not judged"
    )


def test_other_samples_of_a_cell_and_the_next_question_keep_the_cells(compare: Open) -> None:
    app = compare()
    low, medium, high = (s["id"] for s in columns(app))
    other = app.selectbox(key="compare_sample_c")
    assert len(other.options) == 2
    other.set_value(next(o for o in _sample_ids(app) if o != high)).run()
    assert [s["id"] for s in columns(app)][:2] == [low, medium]
    assert columns(app)[2]["id"] != high
    assert app.query_params["c"] == columns(app)[2]["id"]


def _sample_ids(app: AppTest) -> list[str]:
    ids = app.multiselect(key="compare_traces").proto.options
    chosen = app.selectbox(key="compare_sample_c").value
    rows = traces_of_question(get_store(), app.selectbox(key="compare_question").value).to_pylist()
    assert len(rows) == len(ids)
    cell = next((r["model"], r["effort"]) for r in rows if r["trace_id"] == chosen)
    return [r["trace_id"] for r in rows if (r["model"], r["effort"]) == cell]


def test_columns_say_what_corresponds(compare: Open) -> None:
    sent = reader_dump.surfaces(compare())[0]
    numbers = [{label["name"]: at for at, label in enumerate(c["labels"])} for c in sent["columns"]]
    assert numbers[0] == numbers[1] == numbers[2]
    assert [len(level) for level in sent["levels"]] == [len(c["starts"]) for c in sent["columns"]]
    # The medium trace stands whole, twice, in the high one; not a sentence of it is news.
    assert set(sent["levels"][1]) == {2} == set(sent["levels"][2])
    both = next(link for link in sent["links"] if (link["a"], link["b"]) == (1, 2))
    assert both["from"] == list(range(len(sent["levels"][1])))
    assert both["to"] == sorted(both["to"])
    column = sent["columns"][2]
    for finding in column["findings"]:
        assert column["labels"][finding["label"]]["count"] > 0


@pytest.fixture(scope="module")
def efforts_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Ten questions at two efforts: high solves two more, loses one, and thinks twice as long."""
    folder = tmp_path_factory.mktemp("compare_efforts")
    right = {"low": "1111100000", "high": "1111011000"}
    rows = [
        {
            "id": f"{n}-{effort}",
            "question": f"What is {n} plus {n}, written as a number?",
            "reasoning": f"{n} plus {n} is {2 * n}. So the answer is {2 * n}, and I am sure of it.\n\n"
            * (2 if effort == "high" else 1),
            "answer": str(2 * n),
            "correct": verdicts[n] == "1",
            "effort": effort,
            "model": "<b>heron</b>",
            "dataset": "sums",
            "reasoning_tokens": 16 * (2 if effort == "high" else 1),
        }
        for effort, verdicts in right.items()
        for n in range(10)
    ]
    dump = folder / "sums.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    database = folder / "efforts.duckdb"
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
    yield database
    reader_dump.close()


@pytest.fixture
def section(monkeypatch: pytest.MonkeyPatch, root: Path, efforts_database: Path) -> Open:
    streamlit.cache_resource.clear()
    return lambda view, **query: reader_dump.open_page(
        monkeypatch, root, efforts_database, "compare", view=view, **query
    )


def test_overview_has_each_cell_in_numbers(section: Open) -> None:
    app = section("Overview")
    assert not app.exception
    cells = app.dataframe[0].value
    assert cells["accuracy"].tolist() == [50.0, 60.0]  # per cent
    assert cells["judged"].tolist() == ["5 / 10", "6 / 10"]
    assert cells["mean_tokens"].tolist() == [16, 32]
    assert cells["front"].tolist() == ["● on it", "● on it"]
    ladder = app.dataframe[1].value
    assert ladder["n_cheapest"].tolist() == [5, 2]
    assert ladder["n_unsolved"].tolist() == [3, 3]


def test_pairs_are_paired_by_question(section: Open) -> None:
    app = section("Pairs")
    assert not app.exception
    pair = app.dataframe[0].value.iloc[0]
    counts = ("both_right", "only_a", "only_b", "both_wrong")
    assert [pair[name] for name in counts] == [4, 1, 2, 3]
    assert pair["difference"] == pytest.approx(10)
    assert pair["p"] == pytest.approx(1.0)
    assert pair["token_ratio"] == pytest.approx(2)
    words = " ".join(block.value for block in app.markdown)
    assert "exact McNemar p" in words
    assert "<b>" not in words


def test_diff_lists_gained_and_lost_questions_with_links(section: Open) -> None:
    app = section("Diff")
    assert not app.exception
    assert [m.value for m in app.metric] == ["10", "4", "2", "1", "3"]
    gained, lost = (frame.value for frame in app.dataframe[:2])
    assert len(gained) == 2
    assert len(lost) == 1
    assert gained["open"].str.startswith("/compare?view=Side+by+side&question=").all()
    moved = app.dataframe[2].value.set_index("title")
    assert moved.loc["Accuracy", "difference"] == pytest.approx(0.1)


def test_questions_difficulty_and_samples(section: Open) -> None:
    grid = section("Questions")
    assert not grid.exception
    squares = grid.dataframe[0].value
    assert len(squares) == 20
    assert squares["difficulty"].tolist() == sorted(squares["difficulty"], reverse=True)
    assert squares["open"].str.contains("&a=").all()
    difficulty = section("Difficulty")
    assert not difficulty.exception
    assert difficulty.dataframe[0].value["n_questions"].tolist() == [10, 10]
    samples = section("Samples")
    assert not samples.exception
    assert "several judged samples" in samples.info[0].value


def test_one_cell_only_says_what_is_missing(section: Open) -> None:
    for view in ("Overview", "Questions", "Pairs", "Difficulty", "Diff"):
        app = section(view, effort="low")
        assert not app.exception
        assert "There is one cell here" in app.info[0].value


def test_a_click_on_a_square_leads_to_its_question(section: Open) -> None:
    """The callback of the chart; the click itself is a matter of the browser."""
    section("Overview")
    figure = charts_efforts.grid(efforts.grid(get_store(), Filters()))
    squares = {trace.name: trace for trace in figure.data}
    assert list(squares["✓ all right"].text) == ["✓"] * 11
    assert list(squares["✗ none right"].text) == ["✗"] * 9
    data = squares["✓ all right"].customdata[0]
    event = SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": data}]))
    app = section("Side by side", question=last_entry(event), a=last_entry(event, back=2))
    assert columns(app)[0]["id"] == data[-2]
    assert len(columns(app)) == 2


def test_figures_are_the_same_twice_and_hold_no_markup(section: Open) -> None:
    section("Overview")
    store = get_store()
    cells = efforts.cells(store, Filters())
    figure = charts_efforts.accuracy_tokens(cells)
    assert figure.to_json() == charts_efforts.accuracy_tokens(cells).to_json()
    front, line = figure.data
    assert front.name == "Pareto front"
    assert list(line.y) == [0.5, 0.6]
    assert line.error_y.array[0] > 0
    assert "<b>heron" not in line.name + str(line.customdata)
    pair = efforts.paired(store, Filters()).to_pylist()[0]
    ratios = efforts.ratios(store, Filters(), pair["label_a"], pair["label_b"])
    multiplier = charts_efforts.multiplier_histogram(ratios, pair)
    (mean,) = multiplier.layout.annotations
    assert mean.x == pytest.approx(math.log10(2))  # plotly reads it so on a log axis
    low, high = multiplier.layout.xaxis.range
    assert low < 0 < mean.x < high < 1
    bars = [bar for bar in multiplier.data if bar.y]
    assert [list(bar.y) for bar in bars] == [[10]]
    low, high, pick = bars[0].customdata[0]
    assert low <= 2 < high
    assert Pick.from_text(pick).rows(ratios).num_rows == 10


def test_the_exported_multiplier_is_that_of_the_page(section: Open) -> None:
    section("Overview")
    store = get_store()
    found = json.loads(figure_bytes(store, "token-multiplier", ".json"))
    counts = [count for bar in found["data"] for count in bar.get("y", [])]
    assert sum(counts) == 10
    data = FigureData(store)
    assert len(data.one.dataset) == 1
    assert f"Data set: {data.one.dataset[0]}." in data.caption(FIGURES["accuracy-tokens"])
