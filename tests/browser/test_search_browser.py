"""From the search box to the place in the Reader, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App

pytestmark = pytest.mark.browser


def test_search_opens_the_reader_at_the_place(app: App, page: Page) -> None:
    page.goto(f"{app.url}/search")
    box = page.get_by_label("Search all traces")
    box.fill('"let me" label:candidate_answer@50-100%')
    box.press("Enter")
    expect(page.get_by_text(re.compile(r"^\d+ traces? in "))).to_be_visible()
    expect(page).to_have_url(re.compile("q="))
    page.get_by_role("link", name="Read", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/reader\?.*trace=[0-9a-f]{32}"))
    expect(page).to_have_url(re.compile("at="))
    page.go_back()
    box.fill("/[/")
    box.press("Enter")
    expect(page.get_by_text("This did not work")).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]
