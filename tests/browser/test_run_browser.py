"""A run of the tiny model in a real Chromium: text and findings appear, it ends, Compare opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from analysis.store import open_store
from tests.browser.conftest import App, serve

pytestmark = pytest.mark.browser


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    open_store(tmp_path / "run.duckdb").close()
    yield from serve(tmp_path / "run.duckdb")


def test_a_run_is_watched_and_compared(page: Page, app: App) -> None:
    page.goto(f"{app.url}/run")
    expect(page.get_by_text("only adds numbers. It is there")).to_be_visible()
    page.get_by_label("How many").fill("2")
    page.get_by_label("Samples of each").fill("8")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Estimate: 16 requests")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    stream = page.locator(".stream").first
    expect(stream.locator(".asked")).to_have_text(re.compile(r"What is \d+\+\d+\?"))
    expect(page.locator(".stream .text .m").first).to_be_visible()
    expect(page.locator(".stream .found .count").first).to_have_text(re.compile(r"\w+ \d+"))
    expect(page.get_by_text(re.compile(r"of 16 traces, .* tokens/s"))).to_be_visible()
    expect(page.get_by_text("16 new traces")).to_be_visible()
    page.get_by_role("link", name=re.compile("Compare: What is")).first.click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"What is \d+\+\d+\?")).filter(visible=True).first
    ).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]
