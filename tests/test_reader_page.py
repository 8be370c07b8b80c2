"""The Reader page on a small dump: what is shown, for which link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.store import open_store
from tests import reader_dump

Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield reader_dump.build(tmp_path_factory.mktemp("reader"))
    reader_dump.close()


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch, root: Path, database: Path) -> Open:
    return lambda **query: reader_dump.open_page(monkeypatch, root, database, "reader", **query)


def caption(app: AppTest) -> list[str]:
    return [c.value for c in app.caption]


def button(app: AppTest, label: str):
    return next(b for b in app.button if b.label == label)


def test_without_a_link_the_first_of_the_list(reader: Open) -> None:
    app = reader()
    assert not app.exception
    (sent,) = reader_dump.surfaces(app)
    assert sent["text"] == "Ten squared. So the answer is 100."
    assert "1 of 6" in caption(app)
    assert button(app, "Previous").disabled
    assert not button(app, "Next").disabled


def test_a_link_by_the_records_own_id(reader: Open) -> None:
    app = reader(external_id="medium", at="3", layers="verification,loop")
    (sent,) = reader_dump.surfaces(app)
    assert sent["text"] == reader_dump.REASONING
    assert sent["at"] == 3
    assert sent["layers"] == ["verification", "loop"]
    assert app.text[0].value == reader_dump.QUESTION
    badges = app.markdown[0].value
    for word in (":green-badge[", "correct", "heron", "medium", "sample 0"):
        assert word in badges
    side = sent["side"]
    assert (side["gold"], side["extracted"], side["verdict"]) == ("100", "100", "correct")
    assert side["answer"] == r"It is \boxed{100}."
    found = {label["name"]: label for label in sent["labels"]}
    assert found["candidate_answer"]["count"] >= 3
    assert found["candidate_answer"]["definition"]
    assert {f["role"] for f in sent["findings"] if f["value"] == "100"} == {"right"}
    assert 0 < sent["tail"] < len(sent["text"]) / 2


def test_next_and_previous_follow_the_filtered_list(reader: Open) -> None:
    app = reader(external_id="high", effort="high", at="2", layers="loop")
    assert "1 of 2" in caption(app)
    button(app, "Next").click().run()
    assert reader_dump.surfaces(app)[0]["side"]["verdict"] == "correct"
    assert "2 of 2" in caption(app)
    assert not app.query_params["at"]
    assert not app.query_params["external_id"]
    assert app.query_params["layers"] == "loop"
    assert button(app, "Next").disabled
    button(app, "Previous").click().run()
    assert reader_dump.surfaces(app)[0]["side"]["verdict"] == "wrong"


def test_a_trace_outside_the_filter_is_shown_and_said(reader: Open) -> None:
    app = reader(external_id="low", effort="high")
    assert reader_dump.surfaces(app)[0]["text"].startswith("Ten squared")
    assert any("Not among the 2 traces" in text for text in caption(app))


@pytest.mark.parametrize("query", [{"trace": "nope"}, {"external_id": "nope"}])
def test_an_unknown_trace_is_said(reader: Open, query: dict[str, str]) -> None:
    app = reader(**query)
    assert not app.exception
    assert "There is no trace nope" in app.warning[0].value
    assert reader_dump.surfaces(app) == []


def test_a_filter_without_traces_is_said(reader: Open) -> None:
    app = reader(text="no such words anywhere")
    assert not app.exception
    assert "No trace passes this filter" in app.warning[0].value


def test_no_reasoning_is_a_state_of_its_own(reader: Open) -> None:
    app = reader(external_id="bare")
    assert not app.exception
    (sent,) = reader_dump.surfaces(app)
    assert sent["absence"] == "No reasoning in this record: it holds an answer only."
    assert sent["side"]["answer"] == "Because."
    assert "No reasoning in this record" in app.markdown[0].value
    assert "No numbers: this record has no reasoning text." in caption(app)  # not: analyse it


def test_all_numbers_have_a_definition(reader: Open) -> None:
    app = reader(external_id="medium")
    table = app.dataframe[0].value
    rows = table.set_index("Name")
    assert rows.loc["final_answer", "Value"] == "100"
    assert rows.loc["thinking_chars", "Value"] == f"{len(reader_dump.REASONING):,}"
    assert rows.loc["first_final_frac", "Value"].endswith(" %")
    assert (table["Definition"].str.len() > 5).all()


def test_hostile_text_reaches_no_markdown_unescaped(reader: Open) -> None:
    app = reader(external_id="hostile")
    assert not app.exception
    for text in reader_dump.markdown_of(app):
        assert "![x](" not in text
        assert not re.search(r"(?<!\\)[<\[](?:img|r\])", text)
        assert "\u202e" not in text
    (sent,) = reader_dump.surfaces(app)
    assert reader_dump.HOSTILE in sent["text"]


def test_an_empty_store_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, root: Path, tmp_path: Path
) -> None:
    with open_store(tmp_path / "empty.duckdb"):
        pass
    app = reader_dump.open_page(monkeypatch, root, tmp_path / "empty.duckdb", "reader")
    assert not app.exception
    assert "The store is empty" in app.info[0].value
    reader_dump.close()
