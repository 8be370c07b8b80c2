"""The Search page: results, errors, the order, saved searches, hostile text."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.views.search import PassageView

EVIL = "![x](http://127.0.0.1:9/a.png) <img src=x> $y$ :red[z] **wait** `q`"


@pytest.fixture
def page(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    from analysis.ui import state

    rows = [
        {"id": f"t{i}", "question": f"Q{i} {EVIL}", "reasoning": f"{EVIL} heron {i} " * 20,
         "answer": str(i), "model": EVIL, "dataset": "d"}
        for i in range(25)
    ]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    with open_store(tmp_path / "s.duckdb") as store:
        import_file(store, path)
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "s.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/search.py")
    yield app
    state.get_store().close()
    state._open.clear()


def captions(page: AppTest) -> list[str]:
    return [c.value for c in page.caption]


def test_search_read_and_page(page: AppTest) -> None:
    page.run()
    assert not page.exception
    assert "Write words" in page.info[0].value
    page.text_input(key="q").input("heron").run()
    assert not page.exception
    assert any(c.startswith("25 traces in") for c in captions(page))
    assert sum("and " in c and "more in this trace" in c for c in captions(page)) >= 1
    links = page.get("page_link")
    assert len(links) >= 20
    assert all("trace=" in link.proto.query_string for link in links if link.proto.label == "Read")
    marks = [m.value for m in page.markdown if "orange-background" in m.value]
    assert marks and all(":orange-background[**heron**]" in m for m in marks)
    for element in (*page.markdown, *page.caption):
        assert "![x](" not in element.value
        assert "<img" not in element.value.replace(r"\<img", "")
    page.query_params["page"] = "2"
    page.run()
    assert not page.exception


def test_errors_are_shown_and_nothing_breaks(page: AppTest) -> None:
    for text, says in (
        ('"open', "not closed"),
        ("/(?=a)/", "Look-around"),
        ("label:x", "Nothing here has the label"),
        ("zzz", None),
    ):
        page.query_params["q"] = text
        page.text_input(key="q").input(text).run() if page.get("text_input") else page.run()
        assert not page.exception
        if says:
            assert any(says in t.value for t in page.text), text
        else:
            assert any("No trace matches" in i.value for i in page.info)


def test_an_empty_store_says_what_to_do(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.ui import state

    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "empty.duckdb"))
    app = AppTest.from_file(str(root / "app.py"), default_timeout=120)
    app.run()
    app.switch_page("pages/search.py")
    app.query_params["q"] = "heron"
    app.run()
    assert not app.exception
    assert [one.value for one in app.info] == [
        "The store is empty. Add a trace dump on the Library page."
    ]
    state.get_store().close()
    state._open.clear()


def test_a_passage_from_right_to_left_has_its_own_direction() -> None:
    from analysis.ui.search import marked

    def shown(text: str) -> str:
        return marked(PassageView("answer", 0, text, ((0, 2),), None, (), False, True))

    assert shown("هو 42.") == ":gray[answer] \u2068:orange-background[**هو**] 42\\.\u2069 …"
    assert "\u2068" not in shown("so 42. 答案")


def test_saved_searches(page: AppTest) -> None:
    from analysis.store.saved_searches import list_searches
    from analysis.ui import state

    page.run()
    page.text_input(key="q").input("heron 7").run()
    name = next(t for t in page.text_input if t.label == "Save this search as")
    name.input("birds")
    next(b for b in page.button if b.label == "Save").click().run()
    assert not page.exception
    assert [s.name for s in list_searches(state.get_store())] == ["birds"]
    page.text_input(key="q").input("other").run()
    page.button(key="open_saved_0").click().run()
    assert page.text_input(key="q").value == "heron 7"
    page.button(key="delete_0").click().run()
    assert list_searches(state.get_store()) == []


def test_a_long_search_shows_how_far_it_is_and_can_be_stopped(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.store import search_scan
    from analysis.ui import search_job

    gate, match = threading.Event(), search_scan._match

    def waiting(*args: Any) -> list[str]:
        assert gate.wait(30)
        return match(*args)

    monkeypatch.setattr(search_scan, "_match", waiting)
    monkeypatch.setattr(search_scan, "_CHUNK", 8)
    monkeypatch.setattr(search_job, "_QUICK_SECONDS", 0.05)

    def over() -> None:
        gate.set()
        assert page.session_state["search_run"].done.wait(30)
        page.run()

    page.run()
    page.text_input(key="q").input("/her[o]n/").run()
    assert not page.exception
    assert not any(" traces in " in caption for caption in captions(page))
    page.button(key="search_stop").click().run()
    assert any("Stopping" in caption for caption in captions(page))
    over()
    assert any(c.startswith("At least 8 traces in") for c in captions(page))
    assert any("Looked through 8 of 25 traces" in c for c in captions(page))
    # To its end; the second page, which has to wait as well, stays the second.
    gate.clear()
    page.query_params["page"] = "2"
    next(b for b in page.button if b.label == "Look through all texts").click().run()
    assert not page.exception
    assert page.button(key="search_stop").label == "Stop"
    over()
    assert any(c.startswith("25 traces in") for c in captions(page))
    assert page.query_params["page"] in ("2", ["2"])
    assert sum("more in this trace" in c for c in captions(page)) == 5


@pytest.mark.parametrize("text", [EVIL, "]] ** [a](b)", "\n# head", "\\"])
def test_marks_never_open_markdown(text: str) -> None:
    from analysis.ui.search import marked

    shown = marked(PassageView("answer", 0, text, ((0, len(text)),), None, (), False, False))
    inner = shown.split(":orange-background[**", 1)
    body = inner[1].rsplit("**]", 1)[0] if len(inner) > 1 else ""
    at = 0
    while at < len(body):
        assert body[at] not in "[]*_`<$!#"
        at += 2 if body[at] == "\\" else 1
