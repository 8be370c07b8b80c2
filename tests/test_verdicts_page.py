"""The Verdicts page: what is listed, settling and taking back, hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file

EVIL = "![x](http://127.0.0.1:9/a.png) <img src=x> $y$ :red[z]"
ROWS = [
    {"id": "one", "gold": "a heron", "answer": "The answer is ardea.", "model": "m"},
    {"id": "two", "gold": EVIL, "answer": f"{EVIL} and more", "question": EVIL, "model": EVIL},
    {"id": "three", "gold": "4", "answer": "The answer is 5.", "correct": True, "model": "m"},
    {"id": "four", "gold": "4", "answer": "The answer is 4.", "model": "m"},
]


@pytest.fixture
def page(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    from analysis.ui import state

    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(json.dumps({"question": "What?", "dataset": "d", **row}) for row in ROWS) + "\n"
    )
    with open_store(tmp_path / "v.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0)
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "v.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/verdicts.py")
    yield app
    state.get_store().close()
    state._open.clear()


def correct(page: AppTest) -> dict[str, bool | None]:
    from analysis.ui import state

    found = state.get_store().rows("SELECT external_id, correct FROM trace")
    return dict(found)


def test_what_is_listed(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert page.title[0].value == "Verdicts"
    assert [code.value for code in page.code] == ["a heron", "ardea"]
    assert any("2 undecided, 1 disagreement" in c.value.replace("\\", "") for c in page.caption)
    assert len(page.dataframe[0].value) == 2
    # Nobody settles without a name.
    assert page.button(key="settle_correct").disabled


def test_settle_leave_and_take_back(page: AppTest) -> None:
    page.run()
    page.text_input(key="annotator").input("Ada").run()
    page.button(key="leave").click().run()
    assert page.code[0].value.startswith("![x]")
    page.button(key="leave").click().run()
    assert page.code[0].value == "a heron"
    page.button(key="settle_wrong").click().run()
    assert not page.exception
    assert correct(page)["one"] is False
    assert page.code[0].value.startswith("![x]")
    page.button(key="settle_correct").click().run()
    assert correct(page)["two"] is True
    assert any("Nothing is left" in s.value for s in page.success)
    page.segmented_control(key="show").set_value("settled").run()
    assert any("Settled as wrong by Ada" in t.value for t in page.text)
    page.button(key="take_back").click().run()
    assert correct(page)["one"] is None


def test_disagreements_by_link(page: AppTest) -> None:
    page.query_params["show"] = "disagreement"
    page.run()
    assert [code.value for code in page.code] == ["4", "5"]
    assert any("The record states: correct" in t.value for t in page.text)


def test_hostile_text_is_text(page: AppTest) -> None:
    page.run()
    page.button(key="leave").click().run()
    for element in (*page.markdown, *page.caption, *page.title, *page.subheader):
        assert "![x](" not in element.value and "<img" not in element.value.replace(r"\<img", "")


def test_nothing_judged(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from analysis.ui import state

    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "empty.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/verdicts.py")
    app.run()
    assert not app.exception
    assert "No answer has been judged" in app.info[0].value
    state.get_store().close()
    state._open.clear()
