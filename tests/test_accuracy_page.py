"""The Accuracy page: the table that ships, measuring on files, mistakes in their text."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.evaluation.accuracy import published
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.ui import accuracy as ui
from analysis.ui.jobs import get_jobs
from analysis.views import accuracy as view

FIRST, REST = "I will <b>plan</b> first. ", "Then 2 + 3 = 5, and 5 + 5 = 10, so the sum is 10."
ROW = {
    "trace_id": "mine/1",
    "source": "mine",
    "annotator": "human",
    "model": "QwQ-32B",
    "reasoning": FIRST + REST,
    "expresses": ["deduction", "planning"],
    "segments": [
        {"start": 0, "end": len(FIRST), "labels": ["planning"]},
        {"start": len(FIRST), "end": len(FIRST + REST), "labels": ["planning"]},
    ],
}

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accuracy")
    (folder / "gold").mkdir()
    (folder / "gold" / "mine.jsonl").write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    with open_store(folder / "a.duckdb") as store:
        import_file(store, folder / "gold" / "mine.jsonl")
    return folder / "a.duckdb"


@pytest.fixture
def page(database: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    from analysis.ui import state

    monkeypatch.setenv("COTSCOPE_DB", str(database))

    def opened(**query: str) -> AppTest:
        app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.switch_page("pages/accuracy.py")
        app.run()
        assert not app.exception
        return app

    yield opened
    get_jobs().dismiss()
    ui._measurements().clear()
    state.get_store().close()
    state._open.clear()


def test_the_shipped_table_narrows(page: Open) -> None:
    app = page(cell_label="backtracking", labelled_by="People")
    shown = app.dataframe[0].value
    wanted = [
        row
        for row in published().rows
        if row["label"] == "backtracking" and row["annotator_kind"] == "human"
    ]
    assert len(shown) == len(wanted) > 0
    assert set(shown["who"]) == {"people"}
    best = max(wanted, key=lambda row: row["n"])
    row = shown[shown["source"] == best["source"]].iloc[0]
    assert (row["precision"], row["n"]) == (best["precision"], best["n"])


def test_people_come_first_in_the_order_of_labels() -> None:
    table = view.table(published())
    assert table.num_rows == len(published().rows)
    kinds = [r["annotator_kind"] for r in table.to_pylist() if r["label"] == "backtracking"]
    assert kinds == sorted(kinds, key=lambda kind: kind != "human")


def _measure(app: AppTest) -> AppTest:
    app.button(key="measure").click().run()
    for _ in range(240):
        job = get_jobs().latest
        if job is not None and not job.running:
            break
        time.sleep(0.25)
    return app.run()


def test_measuring_shows_mistakes_in_their_text(page: Open, database: Path) -> None:
    app = page(
        gold=str(database.parent / "gold"), error_label="planning", error_kind="false negative"
    )
    assert "error_source" not in {box.key for box in app.selectbox}
    app = _measure(app)
    assert not app.exception
    figures = app.dataframe[-1].value
    planning = figures[figures["label"] == "Planning"].iloc[0]
    assert (planning["n"], planning["traces"], planning["source"]) == (2, 1, "mine")
    missed = 2 - round(planning["recall"] * 2)
    assert missed >= 1
    counts = next(c.value for c in app.caption if "false negative" in c.value)
    assert f"{missed} false negative" in counts
    text = " ".join(m.value for m in app.markdown)
    assert "orange-background[**Then 2" in text
    assert "<b>" not in text
    links = [link.label for link in app.get("page_link")]
    assert "Read" in links


def test_a_bad_path_is_told(page: Open, tmp_path: Path) -> None:
    app = _measure(page(gold=str(tmp_path / "nothing here")))
    assert not app.exception
    assert any("There is no folder or file" in text.value for text in app.text)
