"""The report in a real Chromium without a network: figures drawn, nothing asked for, no text acts."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from analysis.export.report import export_report
from tests.export_rows import fill

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_opens_without_a_network(browser: Browser, tmp_path: Path, scheme: str) -> None:
    with fill(tmp_path) as store:
        export_report(store, tmp_path / "r.html")
    context = browser.new_context(
        viewport={"width": 1024, "height": 768},
        color_scheme="dark" if scheme == "dark" else "light",
        offline=True,
    )
    asked: list[str] = []
    problems: list[str] = []

    def stop(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    page = context.new_page()
    context.route(lambda url: not url.startswith("file:"), stop)
    page.on("console", lambda m: problems.append(m.text))
    page.on("pageerror", lambda e: problems.append(str(e)))
    page.goto((tmp_path / "r.html").as_uri())
    figures = page.locator("figure").count()
    assert figures >= 8
    for place in range(figures):
        expect(page.locator("figure").nth(place).locator(".main-svg").first).to_be_visible()
    assert page.evaluate("window.pwned") is None
    assert page.locator("img[src^=http]").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
    assert not asked
    assert not problems
    context.close()
