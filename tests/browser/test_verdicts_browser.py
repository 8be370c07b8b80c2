"""Settling answers with the keyboard, in a real browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from tests.browser.conftest import serve

pytestmark = pytest.mark.browser
EVIL = "<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/beacon) $x$"


def test_settle_with_keys(tmp_path: Path, page: Page) -> None:
    rows = [
        {"id": "a", "question": "Which bird?", "gold": "a heron", "answer": "The answer is ardea."},
        {"id": "b", "question": EVIL, "gold": "a stork", "answer": EVIL, "model": EVIL},
        {"id": "c", "question": "Which fish?", "gold": "a pike", "answer": "The answer is esox."},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps({"dataset": "d", **row}) for row in rows) + "\n")
    database = tmp_path / "v.duckdb"
    with open_store(database) as store:
        import_file(store, path)
        analyze(store, workers=0)
    for app in serve(database):
        page.goto(f"{app.url}/verdicts")
        expect(page.get_by_text("ardea").filter(visible=True).first).to_be_visible()
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("Your name").press("Enter")
        expect(page.get_by_role("button", name="Correct")).to_be_enabled()
        page.get_by_role("heading", name="Verdicts").click()
        page.keyboard.press("y")
        expect(page.get_by_text("1 of 2.")).to_be_visible()
        expect(page.get_by_text("onerror=alert(1)").filter(visible=True).first).to_be_visible()
        page.keyboard.press("l")
        expect(page.get_by_text("2 of 2.")).to_be_visible()
        page.keyboard.press("n")
        expect(page.get_by_text("1 of 1.")).to_be_visible()
        page.goto(f"{app.url}/verdicts?show=settled")
        expect(page.get_by_text("Settled as correct by Ada")).to_be_visible()
        assert page.problems == []  # type: ignore[attr-defined]
    with open_store(database, read_only=True) as store:
        found = dict(store.rows("SELECT external_id, correct FROM trace"))
    assert found == {"a": True, "b": None, "c": False}
