"""A dump that nobody knows: upload, preview, correct the reading, import, read the trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser

REASONING = "We need 2 + 2. Counting up gives 3, then 4. Let me check by pairs: two pairs, so 4."
HOSTILE = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/beacon) **bold**"


def dump(path: Path) -> Path:
    rows = [
        {
            "rid": f"a{n}",
            "ask": {"aa": f"What is 2 + 2? {HOSTILE}"},
            "zz": [{"kk": f"PLAN {REASONING} {HOSTILE} END PLAN It is 4.", "seed": n}],
            HOSTILE: HOSTILE,
        }
        for n in range(3)
    ]
    lines = [json.dumps(row) for row in rows]
    path.write_text("\n".join([*lines, '{"rid": "cut']), encoding="utf-8")
    return path


def choose(page: Page, label: str, value: str) -> None:
    """Pick or type a value in a box with this label."""
    box = page.get_by_role("combobox", name=label).first
    box.click()
    box.fill(value)
    page.keyboard.press("Enter")
    expect(box).to_have_value(value)


def test_preview_correct_import_read(empty_app: App, page: Page, tmp_path: Path) -> None:
    requests: list[str] = []
    page.on("request", lambda r: requests.append(r.url))
    path = dump(tmp_path / "odd.jsonl")
    page.goto(f"{empty_app.url}/library")
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(str(path))
    expect(page.get_by_text("odd.jsonl").filter(visible=True).first).to_be_visible()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_text("Goes to quarantine")).to_be_visible()
    expect(page.get_by_text("0 traces, 4 to quarantine")).to_be_visible()

    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.get_by_text("Correct the reading", exact=True).click()
    expect(page.get_by_text("Start from")).to_be_visible()
    page.get_by_text("in one text").click()
    expect(page.get_by_text("Told apart by")).to_be_visible()
    choose(page, "Text with both", "zz[-1].kk")  # typed: no such option
    choose(page, "Told apart by", "marks of your own")
    for label, value in (("Opening mark", "PLAN"), ("Closing mark", "END PLAN")):
        box = page.get_by_role("textbox", name=label)
        box.fill(value)
        box.press("Tab")
    choose(page, "Question", "ask.aa")
    choose(page, "Id of the row", "rid")
    choose(page, "Effort", "=low")
    expect(page.get_by_text("3 traces, 1 to quarantine")).to_be_visible()
    expect(page.get_by_text("mapping:odd", exact=False).filter(visible=True).first).to_be_visible()

    page.get_by_role("button", name="Save mapping").click()
    page.get_by_role("button", name="Import with this mapping").click()
    expect(page.get_by_text("3 traces analysed")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("1 record quarantined")).to_be_visible()
    page.get_by_role("link", name="Traces of odd.jsonl").click()
    expect(page.get_by_text("Only the traces of one file")).to_be_visible()
    expect(page.get_by_text("1 to 3 of 3 traces")).to_be_visible()

    page.goto(f"{empty_app.url}/reader?external_id=a1")
    reader = page.get_by_role("document", name="Reasoning")
    expect(reader).to_contain_text("Let me check by pairs")
    expect(reader).to_contain_text(HOSTILE)
    expect(reader).not_to_contain_text("PLAN")
    assert page.problems == []  # type: ignore[attr-defined]
    assert [url for url in requests if not url.startswith((empty_app.url, "data:", "blob:"))] == []
