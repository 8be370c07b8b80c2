"""Behaviours in a real Chromium: a click on a chart chooses findings, and a link opens the Reader."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def test_from_a_bar_to_the_findings_to_the_reader(page: Page, app: App) -> None:
    page.goto(f"{app.url}/behaviours")
    expect(page.get_by_role("heading", name="All rates")).to_be_visible()
    bars = page.locator(".st-key-where .barlayer .point path")
    expect(bars.first).to_be_attached()
    # A bar of no height cannot be clicked: the tallest one.
    sizes = bars.evaluate_all("all => all.map(p => p.getBBox().height)")
    box = bars.nth(sizes.index(max(sizes))).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile("find=.*place="))
    expect(page.get_by_text(re.compile(r"^\d+ findings? in \d+ traces?\."))).to_be_visible()
    # The address reopens the same choice.
    page.reload()
    expect(page.get_by_text(re.compile(r"^\d+ findings? in \d+ traces?\."))).to_be_visible()
    assert "find=" in page.url
    page.goto(f"{app.url}/accuracy?cell_label=backtracking")
    expect(page.get_by_role("heading", name="Measure on labelled files")).to_be_visible()
    expect(page.get_by_role("button", name="How to read this")).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]
