"""The Languages page: its numbers by hand, its links and downloads, choices, hostile text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from analysis import charts_languages as charts
from analysis.effort.intervals import bootstrap_ratio
from analysis.effort.patterns import bootstrap_share
from analysis.errors import UsageError
from analysis.export import export_table
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.text.language_names import language_name
from analysis.ui import language_outcomes
from analysis.ui import languages as ui
from analysis.views import languages as view
from analysis.views.languages import Selection

BEFORE = "First we look at the numbers that are given here and we write down what they mean. "
AFTER = " Then we add them and we compare the result with what the question wants to know."


def _row(name: str, middle: str, correct: bool | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "question": f"How many of the numbers are there in question {name.split('-')[0]}?",
        "reasoning": BEFORE + middle + AFTER,
        "answer": "7",
        "model": "m",
        "effort": "low",
        "dataset": "d",
        "correct": correct,
        "target_language": "en",
        **more,
    }


# Six questions twice, with and without a slip: right in 2 of 6 with, in 5 of 6 without.
PAIRS = [
    _row(f"q{n}-{kind}", middle, right)
    for n in range(6)
    for kind, middle, right in (
        ("with", "Someone might误解 this part.", n < 2),
        ("without", "Someone might misread this part.", n != 5),
    )
]
ROWS = [
    *PAIRS,
    _row("russian", "Значит, ответ такой. So we go on.", True, effort="high"),
    _row("quoted", "The word “误解” has to be translated into English.", None, model="other"),
    _row("asked", "This is the whole of it.", True, question="一共有多少个数字？", target_language="zh"),
    _row("rtl", "The point 😀𝟐 is حُسب مرتين, so we go on.", False, model="<img src=x>", effort=None),
    {"id": "none", "question": "How many?", "answer": "7", "model": "m", "dataset": "d"},
]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("languages")
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS) + "\n", encoding="utf-8")
    with open_store(folder / "l.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0)
    return folder / "l.duckdb"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    with open_store(database, read_only=True) as opened:
        yield opened


Open = Callable[..., AppTest]


@pytest.fixture
def page(database: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    from analysis.ui import state

    monkeypatch.setenv("COTSCOPE_DB", str(database))

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.switch_page("pages/languages.py")
        app.run()
        assert not app.exception
        return app

    yield opened
    state.get_store().close()
    state._open.clear()


# --- the numbers ---------------------------------------------------------------------------


def test_headline_by_hand(store: Store) -> None:
    found = view.overview(store, Filters())
    numbers = found.headline
    assert (numbers.n_traces, numbers.n_analysed) == (16, 16)
    assert (numbers.n_with_slip, numbers.n_slips) == (8, 8)
    assert (numbers.n_with_quote, numbers.n_quotes) == (1, 1)
    assert (numbers.n_other, numbers.n_both_known) == (1, 16)
    assert found.share.value == pytest.approx(8 / 16)
    assert found.share.low is not None
    assert found.share.low < 0.5 < found.share.high  # type: ignore[operator]


def test_groups_and_their_counts(store: Store) -> None:
    def counts(by: str) -> dict[str, tuple[int, int]]:
        groups = view.overview(store, Filters(), by=by).groups
        return {g.name: (g.n_with_slip, g.n_traces) for g in groups}

    assert counts("model") == {"m": (7, 14), "other": (0, 1), "<img src=x>": (1, 1)}
    assert counts("effort") == {"low": (6, 14), "high": (1, 1), "(not stated)": (1, 1)}
    assert counts("dataset") == {"d": (8, 16)}
    with pytest.raises(UsageError, match="no group"):
        view.overview(store, Filters(), by="trace_id; DROP TABLE trace")


def test_where_into_what_and_what_was_asked(store: Store) -> None:
    found = view.overview(store, Filters())
    pairs = {(r["matrix"], r["language"]): (r["n"], r["n_quotes"]) for r in found.pairs.to_pylist()}
    assert pairs == {("en", "zh"): (6, 1), ("en", "ru"): (1, 0), ("en", "ar"): (1, 0)}
    asked = {(r["asked"], r["thought"]): r["n"] for r in found.asked.to_pylist()}
    assert asked == {("en", "en"): 15, ("zh", "en"): 1}
    bins = {r["bin"] for r in found.places.to_pylist() if r["kind"] != "quote"}
    length = len(PAIRS[0]["reasoning"])
    assert PAIRS[0]["reasoning"].index("误") * view.BINS // length in bins


def test_right_and_wrong_within_the_question(store: Store) -> None:
    everyone = view.overview(store, Filters()).outcomes[0]
    # Six pairs, the Russian one (right) and the Arabic one (wrong); without: five and the asked one.
    assert (everyone.right_with, everyone.n_with) == (3, 8)
    assert (everyone.right_without, everyone.n_without) == (6, 7)
    assert everyone.n_questions == 6
    assert everyone.difference.value == pytest.approx((2 - 5) / 6)
    assert everyone.difference.low < -0.5 < everyone.difference.high  # type: ignore[operator]
    note = language_outcomes.outcome_note(view.overview(store, Filters()))
    assert "38% (3 of 8) with a slip, 86% (6 of 7) without" in note
    assert "-50 (" in note
    assert "over 6 questions" in note


def test_too_few_are_said_to_be_too_few(store: Store) -> None:
    found = view.overview(store, Filters(effort=("high",)))
    assert "too few to compare" in language_outcomes.outcome_note(found)
    nothing = view.overview(store, Filters(model=("other",)))
    assert "nothing to compare" in language_outcomes.outcome_note(nothing)


def test_stretches_in_context(store: Store) -> None:
    found = view.selected(store, Filters(), Selection(language="zh", kinds=("slip", "intraword")))
    assert (found.n, found.n_traces, found.n_read) == (6, 6, 6)
    assert [(s.text, s.language, s.n) for s in found.said] == [("误解", "zh", 6)]
    row = found.rows.to_pylist()[0]
    assert row["text"] == "误解"
    assert row["left"].endswith("Someone might")
    assert row["right"].startswith(" this part.")
    assert len(row["left"]) == view.CONTEXT
    assert [r["word"] for r in found.before.to_pylist()] == ["might"]
    assert [(r["word"], r["n"]) for r in found.after.to_pylist()] == [("this", 6)]


def test_offsets_behind_emoji_and_marks_are_exact(store: Store) -> None:
    (row,) = view.selected(store, Filters(), Selection(language="ar")).rows.to_pylist()
    assert row["text"] == "حُسب مرتين"
    assert row["left"].endswith("😀𝟐 is ")


@pytest.mark.parametrize(
    ("chosen", "n"),
    [
        (Selection(), 9),
        (Selection(kinds=("quote",)), 1),
        (Selection(language="ru"), 1),
        (Selection(matrix="zh"), 0),
        (Selection(word="might"), 6),
        (Selection(word="this", language="ru"), 0),
        (Selection(bin=0), 0),
        (Selection(word="' OR 1=1 --"), 0),
    ],
)
def test_selections(store: Store, chosen: Selection, n: int) -> None:
    found = view.selected(store, Filters(), chosen)
    assert found.n == n
    assert found.rows.num_rows == n
    assert view.listed(store, Filters(), chosen).num_rows == n


def test_a_page_beyond_the_last_is_the_last(store: Store) -> None:
    assert view.selected(store, Filters(), page=99).rows.num_rows == 9
    assert view.selected(store, Filters(), page=-3).rows.num_rows == 9


def test_thinking_in_another_language(store: Store) -> None:
    (row,) = view.other_language(store, Filters()).to_pylist()
    assert (row["asked"], row["thought"]) == ("zh", "en")
    assert view.other_language(store, Filters(), asked="en", thought="en").num_rows == 15
    assert view.other_language(store, Filters(), asked="en").num_rows == 0


def test_the_exported_table(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "languages.jsonl"
    export_table(store, "languages", out)
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    low = [r for r in rows if r["model"] == "m" and r["effort"] == "low"]
    assert [
        (r["matrix_language"], r["foreign_language"], r["n_traces"], r["n_slips"]) for r in low
    ] == [("en", None, 13, 6), ("en", "zh", 6, 6)]
    assert low[1]["slip_chars"] == 12
    assert (low[1]["n_judged"], low[1]["n_correct"]) == (6, 2)
    quoted = [r for r in rows if r["model"] == "other"]
    assert [(r["foreign_language"], r["n_slips"], r["n_quotes"]) for r in quoted] == [
        (None, 0, 1),
        ("zh", 0, 1),
    ]
    totals = [r for r in rows if r["foreign_language"] is None]
    assert sum(r["n_traces"] for r in totals) == 16
    assert sum(r["n_slips"] for r in totals) == 8


# --- intervals and figures -------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_patterns_give_the_interval_of_the_questions(rows: list[tuple[int, int]]) -> None:
    rows = sorted((min(k, n), n) for k, n in rows)
    patterns = [(k, n, rows.count((k, n))) for k, n in sorted(set(rows))]
    expected = bootstrap_ratio([k for k, _ in rows], [n for _, n in rows])
    assert bootstrap_share(patterns) == expected


def test_many_questions_take_no_longer_and_agree() -> None:
    found = bootstrap_share([(0, 4, 3000), (1, 4, 600), (4, 4, 300)])
    rows = [(0, 4)] * 3000 + [(1, 4)] * 600 + [(4, 4)] * 300
    expected = bootstrap_ratio([k for k, _ in rows], [n for _, n in rows])
    assert found.value == pytest.approx(expected.value)
    assert found.low == pytest.approx(expected.low, abs=0.002)
    assert found.high == pytest.approx(expected.high, abs=0.002)
    none = bootstrap_share([(0, 1, 10_000)])
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 10_000))
    assert bootstrap_share([]).value is None


def test_figures_hold_the_counts_and_no_markup(store: Store) -> None:
    found = view.overview(store, Filters())
    (bars,) = charts.slip_shares(found.groups).data
    assert sorted(row[0] for row in bars.customdata) == ["<img src=x>", "m", "other"]
    places = charts.places(found.places)
    assert sum(sum(trace.y) for trace in places.data) == 9
    (pairs,) = charts.pair_matrix(found.pairs).data
    assert [(row[0], row[1], row[4]) for row in pairs.customdata] == [
        ("en", "zh", 6), ("en", "ar", 1), ("en", "ru", 1)
    ]  # fmt: skip
    (asked,) = charts.asked_matrix(found.asked).data
    assert list(asked.marker.symbol) == ["square", "circle"]
    shown = charts.slip_shares(found.groups).layout.yaxis.ticktext
    assert not any("<img" in text for text in shown)


def test_figures_of_nothing() -> None:
    empty = pa.table({"matrix": [], "language": [], "n": [], "n_traces": []})
    assert len(charts.pair_matrix(empty).data[0].x) == 0
    assert len(charts.slip_shares(()).data[0].x) == 0
    assert len(charts.places(pa.table({"kind": [], "bin": [], "n": []})).data) == 0


def test_names_of_languages() -> None:
    assert language_name("zh") == "Chinese"
    assert language_name("xyz") == "xyz"
    assert language_name(None) == "unknown"


# --- the page ------------------------------------------------------------------------------


def _list(app: AppTest) -> Any:
    return next(d.value for d in app.dataframe if "left" in d.value.columns)


def test_the_page_shows_them(page: Open) -> None:
    app = page()
    metrics = {m.label: m.value for m in app.metric}
    assert metrics == {
        "Traces with a slip": "50.0%",
        "Slips": "8",
        "Quotes": "1",
        "Other than asked": "1",
    }
    assert "Counted: 16 traces" in app.caption[0].value
    assert len(app.get("plotly_chart")) == 4
    shown = _list(app)
    assert len(shown) == 8
    link = urlparse(shown["read"][0])
    query = parse_qs(link.query)
    assert link.path == "/reader"
    assert query["layers"] == ["language_mixing"]
    assert query["at"] == ["1"]
    labels = [b.label for b in app.get("download_button")]  # type: ignore[union-attr]
    assert labels == ["CSV", "Parquet", "XLSX"] * 8


def test_the_address_chooses(page: Open) -> None:
    app = page(kind="Quotes", into="zh", main="en")
    assert list(_list(app)["text"]) == ["误解"]
    assert list(_list(app)["kind"]) == ["quote"]
    app = page(word="might", kind="All", effort="low", group="Effort")
    assert len(_list(app)) == 6
    assert "effort=low" in _list(app)["read"][0]
    app = page(asked="zh", thinks="en")
    other = next(d.value for d in app.dataframe if "asked" in d.value.columns)
    assert list(other["asked"]) == ["Chinese"]


def test_choices_that_make_no_sense_open_the_page(page: Open) -> None:
    app = page(kind="nonsense", into="qq", place="-3", page="x", group="[]")
    assert len(_list(app)) == 8
    app = page(page="999999")
    assert len(_list(app)) == 8


def test_widgets_change_the_list(page: Open) -> None:
    app = page()
    app.selectbox(key="into").set_value("ru").run()
    assert not app.exception
    assert list(_list(app)["language"]) == ["Russian"]
    app.text_input(key="word").set_value("no such word").run()
    assert not app.exception
    assert "Clear a choice" in app.info[0].value


def test_empty_states_say_what_to_do(page: Open) -> None:
    app = page(text="no such words anywhere")
    assert "Widen it" in app.info[0].value
    assert len(app.metric) == 0
    app = page(model="other", kind="Slips")
    messages = [info.value for info in app.info]
    assert "No slips in these traces." in messages
    assert any("Clear a choice" in text for text in messages)


def test_not_analysed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.ui import state

    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n", encoding="utf-8")
    with open_store(tmp_path / "n.duckdb") as store:
        import_file(store, path)
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "n.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.switch_page("pages/languages.py").run()
    assert not app.exception
    assert "not analysed" in app.info[0].value
    state.get_store().close()
    state._open.clear()


def test_a_long_list_has_pages(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.ui import state

    many = "".join(f"Someone might误解 part {n} of it and so we go on. " for n in range(60))
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(_row("many", many)) + "\n", encoding="utf-8")
    with open_store(tmp_path / "p.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0)
        found = [view.selected(store, Filters(), page=n).rows["char_start"] for n in range(2)]
        assert [len(rows) for rows in found] == [50, 10]
        starts = [start for rows in found for start in rows.to_pylist()]
        assert starts == sorted(set(starts))
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "p.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.query_params["page"] = "2"
    app.switch_page("pages/languages.py").run()
    assert not app.exception
    assert len(_list(app)) == 10
    app.text_input(key="word").set_value("Might").run()
    assert not app.exception
    assert len(_list(app)) == 50
    state.get_store().close()
    state._open.clear()


def test_data_never_reaches_markdown(page: Open) -> None:
    app = page(kind="All")
    shown = [
        e.value
        for kind in ("markdown", "caption", "subheader", "title")
        for e in getattr(app, kind)
    ]
    shown += [str(m.help) + m.label for m in app.metric]
    assert not [text for text in shown if "<img" in text]


def test_the_sentence_says_what_is_missing() -> None:
    numbers = view.Headline(10, 7, 1, 0, 1, 0, 0, 7)
    assert "7 traces" in ui.counted(numbers)
    assert "3 more are not analysed" in ui.counted(numbers)
