"""The Behaviours page: its numbers by hand, transitions, right against wrong, links, export."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from analysis import charts_behaviours as charts
from analysis.effort.intervals import Interval
from analysis.errors import UsageError
from analysis.export import export_table
from analysis.filters import Filters
from analysis.store import Store, open_store
from analysis.store import behaviours as stored
from analysis.store.connection import insert_arrow
from analysis.store.importing import import_file
from analysis.ui import behaviours as ui
from analysis.views import behaviours as view
from analysis.views.behaviours import Selection

TEXT = "<b>One</b> sentence of forty characters, ok. " * 10
SENTENCE = len(TEXT) // 10
BACK, CHECK, WHOLE, PLAN = "backtracking", "verification_start", "verification", "planning"
# Sentences in which each label begins, for right and for wrong traces.
RIGHT = {PLAN: [0], CHECK: [5], WHOLE: [5]}
WRONG = {PLAN: [0], BACK: [2, 6], CHECK: [3]}


def _rows() -> Iterator[dict[str, Any]]:
    """Six questions, each answered right and wrong, and one trace of another model without findings."""
    for n in range(6):
        for correct in (True, False):
            yield {
                "id": f"q{n}-{correct}",
                "question": f"What is the answer to question {n}?",
                "reasoning": TEXT,
                "model": "m",
                "effort": "low",
                "dataset": "d",
                "correct": correct,
            }
    yield {
        "id": "plain",
        "question": "What else?",
        "reasoning": TEXT,
        "model": "<img src=x>",
        "dataset": "e",
    }
    yield {
        "id": "late",
        "question": "Not analysed?",
        "reasoning": TEXT,
        "model": "m",
        "dataset": "e",
    }


def _fill(store: Store) -> None:
    """Analyses, tokens, sentences and findings by hand: 500 tokens a trace."""
    owners = {b.label: b.analyzer for b in stored.behaviours()}
    rows = store.rows("SELECT trace_id, external_id, correct FROM trace ORDER BY external_id")
    findings, sentences, analyses, metrics = [], [], [], []
    for trace_id, name, correct in rows:
        base = {"trace_id": trace_id, "analyzer_version": "1"}
        for i in range(10):
            span = {"char_start": i * SENTENCE, "char_end": (i + 1) * SENTENCE}
            sentences.append(
                {"trace_id": trace_id, "sentence_index": i, "thought_index": 0, **span}
            )
        if name == "late":
            continue
        for analyzer in set(owners.values()):
            analyses.append({**base, "analyzer": analyzer, "config_hash": "", "status": "ok"})
        metrics.append({**base, "analyzer": "x", "name": "thinking_tokens", "value": 500.0})
        spans = {} if name == "plain" else RIGHT if correct else WRONG
        for place, (label, at) in enumerate((x, i) for x, places in spans.items() for i in places):
            span = {"char_start": at * SENTENCE, "char_end": (at + 1) * SENTENCE}
            more = {"finding_index": place, "label": label, "score": 0.75, "evidence": "{}"}
            findings.append({**base, "analyzer": owners[label], **span, **more})
        # The same label of an analyzer that does not own it any more: not counted twice.
        more = {"finding_index": 0, "label": PLAN, "score": 1.0, "evidence": "{}"}
        findings.append({**base, "analyzer": "old", "char_start": 0, "char_end": 9, **more})
    with store.transaction() as cursor:
        for table, found in (
            ("finding", findings),
            ("sentence", sentences),
            ("analysis", analyses),
            ("metric", metrics),
        ):
            insert_arrow(cursor, table, pa.Table.from_pylist(found))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import json

    folder = tmp_path_factory.mktemp("behaviours")
    path = folder / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in _rows()), encoding="utf-8")
    with open_store(folder / "b.duckdb") as store:
        import_file(store, path)
        _fill(store)
    return folder / "b.duckdb"


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
        app.switch_page("pages/behaviours.py")
        app.run()
        assert not app.exception
        return app

    yield opened
    state.get_store().close()
    state._open.clear()
    ui._overview.clear()


# --- the numbers -------------------------------------------------------------------------------


def test_rates_by_hand(store: Store) -> None:
    found = view.overview(store, Filters())
    numbers = found.headline
    assert (numbers.n_traces, numbers.n_analysed, numbers.n_counted) == (14, 13, 13)
    assert (numbers.n_findings, numbers.n_questions) == (6 * 3 + 6 * 4, 7)
    assert [b.label for b in found.labels] == [PLAN, BACK, CHECK, WHOLE]
    rates = {(r.name, r.label): r for r in found.rates}
    plan = rates["m · low", PLAN]
    assert (plan.n_traces, plan.n_with, plan.n_questions, plan.n_findings) == (12, 12, 6, 12)
    assert plan.rate.value == pytest.approx(1000 * 12 / 6000)
    assert rates["m · low", BACK].n_with == 6
    assert rates["m · low", BACK].rate.value == pytest.approx(2.0)
    none = rates["<img src=x>", BACK]
    assert (none.n_findings, none.rate) == (0, Interval(0.0))
    by_data = {r.name for r in view.overview(store, Filters(), by="dataset").rates}
    assert by_data == {"d", "e"}
    with pytest.raises(UsageError, match="no group"):
        view.overview(store, Filters(), by="trace_id")


def test_places_and_transitions_by_hand(store: Store) -> None:
    found = view.overview(store, Filters())
    places = {(r["label"], r["bin"]): r["n"] for r in found.places.to_pylist()}
    assert places == {
        (PLAN, 0): 12, (BACK, 4): 6, (BACK, 12): 6, (CHECK, 6): 6, (CHECK, 10): 6, (WHOLE, 10): 6,
    }  # fmt: skip
    steps = {(r["label"], r["then"]): (r["n"], r["share"]) for r in found.transitions.to_pylist()}
    # A whole check is the sentence that opens it: it takes no step of its own.
    assert steps == {
        (PLAN, CHECK): (6, 0.5), (PLAN, BACK): (6, 0.5), (BACK, CHECK): (6, 1.0), (CHECK, BACK): (6, 1.0),
    }  # fmt: skip


def test_right_against_wrong_within_the_question(store: Store) -> None:
    everything = view.overview(store, Filters())
    found = {o.label: o for o in everything.outcomes_of(None)}
    by_group = {o.label: o for o in everything.outcomes_of("m · low")}
    assert {k: replace(o, model=None, effort=None) for k, o in by_group.items()} == found
    back, plan = found[BACK], found[PLAN]
    assert (back.n_questions, back.n_right, back.n_wrong) == (6, 6, 6)
    assert (back.rate_right, back.rate_wrong, back.difference.value) == (0.0, 4.0, 4.0)
    assert (plan.difference.value, plan.verdict) == (0.0, view.NO_EFFECT)
    assert found[WHOLE].difference.value == -2.0
    assert (back.difference.low, back.verdict) == (None, view.TOO_FEW)
    for ends, verdict in (
        ((0.5, 2.0), "more in wrong traces"),
        ((-2.0, -0.5), "more in right traces"),
        ((-0.5, 2.0), view.NO_EFFECT),
    ):
        assert replace(back, difference=Interval(1.0, *ends)).verdict == verdict
    sure = replace(back, difference=Interval(1.0, 0.5, 2.0), n_questions=4)
    assert sure.verdict == view.TOO_FEW
    few = view.overview(store, Filters(dataset=("e",))).outcomes
    assert few == ()
    assert "at least 5 are needed" in ui.outcome_note(few)


@pytest.mark.parametrize(
    ("chosen", "n"),
    [
        (Selection(), 42),
        (Selection(label=BACK), 12),
        (Selection(label=BACK, bin=4), 6),
        (Selection(label=PLAN, then=BACK), 6),
        (Selection(then=CHECK), 12),
        (Selection(label=PLAN, model="m", effort="low", paired=True), 12),
        (Selection(model="<img src=x>"), 0),
        (Selection(label="no such label"), 0),
    ],
)
def test_selections(store: Store, chosen: Selection, n: int) -> None:
    assert view.selected(store, Filters(), chosen).n == n


def test_a_listed_finding_is_its_own_text(store: Store) -> None:
    shown = view.selected(store, Filters(), Selection(label=BACK, bin=4))
    row = shown.rows.to_pylist()[0]
    assert (row["sentence"], row["label"], row["correct"]) == (2, BACK, False)
    assert row["text"] == TEXT[2 * SENTENCE : 3 * SENTENCE]
    assert row["left"] + row["text"] in TEXT
    query = parse_qs(urlparse(ui.reader_link(row, Filters(dataset=("d",)))).query)
    assert query["at"] == ["2"]
    assert query["layers"] == [BACK]
    assert query["dataset"] == ["d"]


def test_many_questions_are_drawn_in_groups(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = view.overview(store, Filters())
    monkeypatch.setattr(stored, "MANY", 2)
    grouped = view.overview(store, Filters())
    for one, other in zip(plain.rates, grouped.rates, strict=True):
        assert one.rate.value == pytest.approx(other.rate.value)
        assert one.n_questions == other.n_questions
    for one, other in zip(plain.outcomes, grouped.outcomes, strict=True):
        assert one.difference.value == pytest.approx(other.difference.value)


def test_the_stamp_changes_with_the_findings(database: Path, tmp_path: Path) -> None:
    import shutil

    copy = shutil.copy(database, tmp_path / "copy.duckdb")
    with open_store(copy) as store:
        before = stored.stamp(store)
        assert stored.stamp(store) == before
        with store.transaction() as cursor:
            cursor.execute(
                "UPDATE trace_row SET correct = NOT correct WHERE external_id = 'q0-True'"
            )
        changed = stored.stamp(store)
        assert changed != before
        with store.transaction() as cursor:
            cursor.execute("DELETE FROM finding WHERE label = 'backtracking'")
        assert stored.stamp(store) != changed


def test_export(store: Store, tmp_path: Path) -> None:
    import csv

    out = tmp_path / "behaviours.csv"
    export_table(store, "behaviours", out, where=Filters())
    rows = {(r["model"], r["label"]): r for r in csv.DictReader(out.open(encoding="utf-8"))}
    back = rows["m", BACK]
    assert (back["n_findings"], back["tokens"], back["per_1k_tokens"]) == ("12", "6000", "2")
    assert (back["n_questions_both"], back["wrong_minus_right"]) == ("6", "4")
    assert rows["<img src=x>", BACK]["per_1k_low"] == ""
    assert list(back) == [spec.name for spec in view.COLUMNS]


def test_figures_escape_names_and_carry_their_choice(store: Store) -> None:
    found = view.overview(store, Filters())
    figure = charts.rates(found.rates, BACK)
    assert "<img" not in str(figure.layout.yaxis.ticktext)
    assert {point[0] for point in figure.data[0].customdata} == {"m", "<img src=x>"}
    bars = charts.places(found.places)
    assert {bar.customdata[0][0] for bar in bars.data} == {PLAN, BACK, CHECK, WHOLE}
    pairs = charts.transitions(found.transitions).data[0].customdata
    assert [BACK, CHECK] in [list(p[:2]) for p in pairs]
    rows = charts.outcomes(found.outcomes_of(None))
    assert sum(len(trace.x) for trace in rows.data) == 4


# --- the page ----------------------------------------------------------------------------------


def test_the_page_shows_counts_and_a_list(page: Open) -> None:
    app = page(find=BACK, then=CHECK, among="m · low")
    texts = " ".join(c.value for c in app.caption)
    assert "42 findings in 13 traces" in texts
    assert "1 more is not analysed" in texts
    assert "6 findings in 6 traces" in texts
    listed = next(d.value for d in app.dataframe if "read" in d.value.columns)
    assert len(listed) == 6
    assert listed["text"][0].startswith("<b>One</b> sentence")
    rates = next(d.value for d in app.dataframe if "group" in d.value.columns)
    assert rates.set_index("group")[BACK]["m · low"] == pytest.approx(2.0)


def test_the_page_without_findings_says_what_to_do(page: Open) -> None:
    app = page(dataset="e", effort="(not stated)", model="<img src=x>")
    assert any("No behaviour was found" in info.value for info in app.info)
