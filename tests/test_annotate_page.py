"""The Annotate page and the Reader in a queue: what is shown, where links lead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.annotation.queues import QueueSpec
from analysis.annotation.words import Target
from analysis.store import annotations as log
from analysis.store import open_store
from analysis.views import annotations as view
from tests import reader_dump

Open = Callable[..., AppTest]
SPEC = QueueSpec("uncertain", label="candidate_answer")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = reader_dump.build(tmp_path_factory.mktemp("annotate"))
    with open_store(path) as store:
        items = view.queue_items(store, SPEC)
        for name, decide in (("Ann", log.accept), ("Bob", log.reject)):
            one = items[0]
            decide(store, one.trace_id, name, Target(one.analyzer, one.label, one.start, one.end))
        log.mark(store, items[0].trace_id, "Ann", "![x](http://127.0.0.1:9/b) <img src=x>")
    yield path
    reader_dump.close()


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, root: Path, database: Path) -> Open:
    def opener(page: str, **query: str) -> AppTest:
        return reader_dump.open_page(monkeypatch, root, database, page, **query)

    return opener


def test_progress_agreement_and_differences(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTSCOPE_ANNOTATOR", "Cleo")
    app = opened("annotate")
    assert not app.exception
    assert app.text_input(key="annotator").value == "Cleo"
    tables = [frame.value for frame in app.dataframe]
    progress = next(t for t in tables if "accept" in t.columns)
    assert list(progress["annotator"]) == ["Ann", "Bob"]
    agreement = next(t for t in tables if "kappa" in t.columns)
    assert list(agreement["who"]) == ["Ann and Bob"]
    assert any("1 difference, 0 settled" in c.value for c in app.caption)
    app.button(key="adjudicate_True").click().run()
    assert any("1 difference, 1 settled" in c.value for c in app.caption)


def test_every_column_of_a_queue_has_a_title_in_each_language(opened: Open) -> None:
    app = opened("annotate", lang="zh", q_kind="random")
    assert not app.exception
    items = next(one for one in app.dataframe if "item" in one.value.columns)
    titles = json.loads(items.proto.columns)
    assert titles["done"]["label"] == "状态"
    assert set(items.value.columns) <= set(titles)


def test_the_reader_keeps_the_queue(opened: Open) -> None:
    app = opened("reader", queue=SPEC.to_text(), item="2")
    assert not app.exception
    (sent,) = reader_dump.surfaces(app)
    start, end, label = sent["people"]["focus"]
    assert label == "candidate_answer"
    assert sent["text"][start:end]
    assert any(" / " in c.value and "queue" in c.value for c in app.caption)
    next(b for b in app.button if b.label == "Next").click().run()
    assert app.query_params["item"] in ("3", ["3"])


def test_what_people_said_reaches_the_surface(opened: Open) -> None:
    app = opened("reader", queue=SPEC.to_text(), item="1")
    (sent,) = reader_dump.surfaces(app)
    start, end, _ = sent["people"]["focus"]
    found = [f for f in sent["findings"] if (f["start"], f["end"]) == (start, end) and f["by"]]
    assert {name for name, _ in found[0]["by"]} >= {"Ann", "Bob"}
    assert sent["people"]["marks"][0][1] == "Ann"
    assert not [t for t in reader_dump.markdown_of(app) if "![x](" in t]


@pytest.mark.parametrize("query", [{"queue": "kind=zzz"}, {"queue": "kind=random", "item": "-4"}])
def test_nonsense_in_the_link_opens_the_page(opened: Open, query: dict[str, str]) -> None:
    app = opened("reader", **query)
    assert not app.exception
    assert len(reader_dump.surfaces(app)) == 1
