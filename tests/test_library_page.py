"""The Library page: preview, correction, import, report, removal, export, through AppTest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import analysis.ui.jobs as jobs
import analysis.ui.state as state
from analysis.ui.mapping_editor import parse_typed, typed_constant

TIMEOUT = 60
ROWS = [
    {"rid": "a1", "ask": {"aa": "2 + 2?"}, "llm": "heron **x**",
     "zz": [{"kk": "PLAN two END four"}, {"kk": "PLAN three END five"}]},
    {"rid": "a2", "ask": {"aa": "3 + 3?"}, "llm": "heron **x**", "zz": [{"kk": "PLAN six END 6"}]},
    {"rid": "a3", "llm": "heron **x**", "zz": []},
]  # fmt: skip


@pytest.fixture
def page(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "t.duckdb"))
    jobs.get_jobs.clear()
    test = AppTest.from_file(str(root / "app.py"), default_timeout=TIMEOUT)
    test.switch_page("pages/library.py")
    test.run()
    assert not test.exception
    yield test
    state._open.clear()
    jobs.get_jobs.clear()


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "odd.jsonl"
    path.write_text("\n".join([*(json.dumps(r) for r in ROWS), "no json"]), encoding="utf-8")
    return path


def texts(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.text]
    return "\n".join(str(element.value) for element in shown)


def press(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page


def preview(page: AppTest, path: Path) -> AppTest:
    next(t for t in page.text_input if t.label == "File, folder or glob").set_value(str(path))
    [button for button in page.button if button.label == "Preview"][-1].click()
    page.run()
    assert not page.exception
    return page


def field(page: AppTest, name: str, value: str) -> None:
    box = next(b for b in page.selectbox if str(b.key).endswith(f"_{name}"))
    box.set_value(value).run()
    assert not page.exception


def finish(page: AppTest) -> AppTest:
    deadline = time.monotonic() + TIMEOUT
    job = jobs.get_jobs().latest
    while job is not None and job.running and time.monotonic() < deadline:
        time.sleep(0.1)
    page.run()
    assert not page.exception
    return page


def test_preview_correct_import_report_remove(page: AppTest, dump: Path) -> None:
    preview(page, dump)
    assert "4 records read (all of the file): 0 traces, 4 to quarantine" in texts(page)
    assert "Goes to quarantine" in texts(page)

    next(t for t in page.toggle if t.label == "Correct the reading").set_value(True).run()
    assert "names no text of the model" in texts(page)
    page.segmented_control[0].set_value("in one text").run()
    field(page, "response", "zz[*].kk")
    field(page, "split", "markers")
    for label, value in (("Opening mark", "PLAN"), ("Closing mark", "END")):
        next(t for t in page.text_input if t.label == label).set_value(value).run()
    field(page, "question", "ask.aa")
    field(page, "model", "llm")
    assert "3 traces, 2 to quarantine" in texts(page)
    table = next(f.value for f in page.dataframe if "how" in f.value)
    told = {row["field"]: (row["value"], row["from"]) for row in table.to_dict("records")}
    assert told["reasoning"] == ("two", "zz[0].kk")
    assert told["model"] == ("heron **x**", "llm")

    press(page, "Save mapping")
    press(page, "Import with this mapping")
    finish(page)
    shown = texts(page)
    assert "3 traces, 2 quarantined" in shown
    assert "2 records quarantined" in shown
    counted = next(f.value for f in page.dataframe if "What it means" in f.value)
    assert set(counted["Code"]) == {"mapping_no_text", "not_json"}
    lines = next(f.value for f in page.dataframe if "Begins" in f.value)
    assert [int(line) for line in lines["Line"]] == [3, 4]

    file_box = next(b for b in page.selectbox if b.key == "remove_file")
    file_box.set_value(_only_file()).run()
    assert "3 traces with their findings and 2 quarantined records go" in texts(page)
    press(page, "Remove for good")
    assert {m.label: m.value for m in page.metric}["Traces"] == "0"

    preview(page, dump)
    next(t for t in page.toggle if t.label == "Correct the reading").set_value(True).run()
    next(b for b in page.selectbox if b.label == "Start from").set_value("odd").run()
    assert "3 traces, 2 to quarantine" in texts(page)
    press(page, "Discard")
    assert "Preview" not in [s.value for s in page.subheader]


def _only_file() -> str:
    found = state.get_store().scalar("SELECT file_id FROM file")
    assert found
    return str(found)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("not stated", None),
        (None, None),
        ("  ", None),
        (" zz[-1].kk ", "zz[-1].kk"),
        ("=low", {"constant": "low"}),
        ("= low ", {"constant": "low"}),
        ("=0.5", {"constant": 0.5}),
        ("=true", {"constant": True}),
        ('="0.5"', {"constant": "0.5"}),
        ("=[1]", {"constant": "[1]"}),
    ],
)
def test_what_is_typed_is_a_path_or_a_constant(typed: str | None, meant: object) -> None:
    assert parse_typed(typed) == meant
    if isinstance(meant, dict):
        assert parse_typed(f"={typed_constant(meant['constant'])}") == meant


def test_a_recognised_file_is_shown_and_imported_as_it_is(page: AppTest, samples: Path) -> None:
    path = samples / "sky_tags.jsonl"
    preview(page, path)
    assert "Read as **sky" in texts(page)
    press(page, "Import as recognised")
    finish(page)
    expected = sum(1 for line in path.read_bytes().split(b"\n") if line.strip())
    assert {m.label: m.value for m in page.metric}["Traces"] == str(expected)
    preview(page, path)
    again = next(c for c in page.checkbox if c.label.startswith("Replace what"))
    assert again.value is False


def test_a_file_that_is_not_there_is_an_error_with_a_remedy(page: AppTest, tmp_path: Path) -> None:
    preview(page, tmp_path / "none.jsonl")
    assert "No trace file found" in texts(page)
