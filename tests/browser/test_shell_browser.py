"""What holds the pages together: filters that stay, the menu of the open page, keys and focus."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App
from tests.browser.watching import Watch, at_rest

pytestmark = pytest.mark.browser

# Whether what has the focus, in shadow roots too, is in sight and drawn as such.
_FOCUS = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const { width, height } = node.getBoundingClientRect();
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(node);
  const drawn = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  return { ours: Boolean(node.closest(".reader")), seen: drawn && width > 0 && height > 0,
    name: node.getAttribute("aria-label") || node.textContent.trim().slice(0, 40) };
}"""


def menu(page: Page, section: str, title: str) -> None:
    page.get_by_test_id("stTopNav").get_by_role("button", name=section).click()
    page.get_by_role("menuitem", name=title).click()
    arrived(page, title)


def top(page: Page, title: str, heading: str = "") -> None:
    page.get_by_test_id("stTopNav").get_by_role("link", name=title, exact=True).click()
    arrived(page, heading or title)


def arrived(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    at_rest(page)


def query(page: Page) -> set[str]:
    return set(page.url.partition("?")[2].split("&")) - {""}


def test_a_filter_stays_from_page_to_page(app: App, page: Page) -> None:
    watch = Watch(page, app.url)
    here = {"dataset=math-efforts", "verdict=correct", "label=final"}
    page.goto(f"{app.url}/traces?{'&'.join(sorted(here))}&text=divisors&sort=length")
    arrived(page, "Traces")
    shown = page.get_by_text(re.compile(r"^\d+ to \d+ of \d+ traces$")).inner_text()
    top(page, "Search")
    page.wait_for_url("**dataset=**")
    assert query(page) == here
    menu(page, "Measure", "Compare")
    page.wait_for_url("**text=**")
    assert query(page) == here | {"text=divisors"}
    # Where a filter is set, the bar is not folded away.
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    expect(page.get_by_test_id("stTopNav").locator("strong")).to_have_text("Measure")
    menu(page, "Judge", "Verdicts")
    expect(page.get_by_test_id("stTopNav").locator("strong")).to_have_text("Judge")
    top(page, "Home", "CoTScope")
    expect(page.get_by_test_id("stTopNav").locator("strong")).to_have_count(0)
    top(page, "Traces")
    expect(page.get_by_text(shown, exact=True)).to_be_visible()
    assert query(page) == here | {"text=divisors", "sort=length"}
    # A link with a filter of its own means that one alone.
    top(page, "Home", "CoTScope")
    page.get_by_role("link", name=re.compile("more than one language")).click()
    arrived(page, "Traces")
    page.wait_for_url("**label=language_mixing**")
    assert query(page) == {"label=language_mixing"}
    watch.check()


@pytest.mark.parametrize(
    "address", ["reader?external_id=me-divisors-360-high", "compare?view=Side+by+side"]
)
def test_the_reading_surface_by_keyboard(app: App, page: Page, address: str) -> None:
    watch = Watch(page, app.url)
    page.goto(f"{app.url}/{address}")
    surface = page.locator(".reader")
    expect(surface.locator(".text").first).to_be_visible()
    at_rest(page)
    surface.locator(".chip").first.focus()
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(_FOCUS))
    assert [one["name"] for one in seen if one["ours"] and not one["seen"]] == []
    assert all(one["ours"] and one["name"] for one in seen[:10])
    assert len({one["name"] for one in seen}) > 15
    surface.get_by_role("button", name="Keyboard help").click()
    help_ = surface.get_by_role("dialog", name="Keyboard")
    expect(help_).to_be_visible()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    surface.locator(".text").first.focus()
    page.keyboard.press("?")
    expect(help_).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(surface.locator(".said").first).not_to_be_empty()
    page.keyboard.press("Escape")
    watch.check()
