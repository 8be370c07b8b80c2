"""How every page looks: pictures light and dark, room at 1024 pixels, and what axe says of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from scripts import pictures
from tests.browser.conftest import App
from tests.browser.watching import Watch

pytestmark = pytest.mark.browser

ALLOWED = {
    # White on the theme's main colour. The chosen part of a row of buttons is written in that colour
    # on a dark ground, and no colour has 4.5 : 1 to both; it is the latter that is read more.
    "color-contrast": ('[data-testid="stBaseButton-primary"]', '[data-testid="stMultiSelect"] [data-tag]'),
}  # fmt: skip
"""What Streamlit's own widgets break and no setting mends: rule -> where."""
# Serious and critical faults, but for those of nodes inside an allowed place. The insides of charts
# are pictures with a text beside them, and slow to walk through.
_AXE = """async (allowed) => {
  const inside = (target, places) => {
    let node = document;
    for (const step of target.flat()) node = (node.shadowRoot ?? node).querySelector(step) ?? node;
    return places.some((place) => node !== document && node.closest(place));
  };
  const found = await axe.run({ exclude: [[".main-svg"]] }, { resultTypes: ["violations"] });
  return found.violations
    .filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes
      .filter(({ target }) => !inside(target, allowed[id] ?? []))
      .map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ""}`));
}"""
_WIDE = """() => {
  const bodies = [document.documentElement, document.querySelector("[data-testid=stMain]")];
  return bodies.filter((body) => body.scrollWidth > body.clientWidth).map((body) => body.tagName);
}"""


@pytest.fixture(scope="module")
def screen(browser: Browser, app: App) -> Iterator[Page]:
    """One page for all pictures."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    found: list[str] = page.evaluate(_AXE, {rule: list(where) for rule, where in ALLOWED.items()})
    return found


@pytest.mark.parametrize("name", pictures.PICTURES)
def test_a_page_can_be_seen(screen: Page, app: App, tmp_path: Path, name: str) -> None:
    """As it is drawn for docs/, light and dark, wide and narrow."""
    watch = Watch(screen, app.url)
    pictures.open_page(screen, app.url, name)
    screen.evaluate(AXE_SCRIPT)
    seen: dict[str, Any] = {}
    for scheme in pictures.SCHEMES:
        shot = pictures.picture(screen, scheme)
        (tmp_path / f"{name}-{scheme}.png").write_bytes(shot)
        check_picture(shot, dark=scheme == "dark")
        seen[f"{scheme}, wide"] = faults(screen)
        screen.set_viewport_size({"width": 1024, "height": 768})
        pictures.wait_until_drawn(screen, scheme)
        seen[f"{scheme}, narrow"] = faults(screen)
        assert screen.evaluate(_WIDE) == []
    assert {where: found for where, found in seen.items() if found} == {}
    expect(screen.get_by_text("This did not work")).to_have_count(0)
    expect(screen.get_by_test_id("stAlertContentError")).to_have_count(0)
    watch.check()


def check_picture(shot: bytes, *, dark: bool) -> None:
    assert len(shot) < pictures.MOST_BYTES
    drawn = Image.open(io.BytesIO(shot))
    assert drawn.size == pictures.SHOWN
    counted = sorted(drawn.convert("L").getcolors() or [], reverse=True)
    # The ground is of the scheme, and a good deal stands on it.
    assert (counted[0][1] < 90) == dark
    assert len(counted) > 30
    assert counted[0][0] < 0.97 * drawn.width * drawn.height


def test_docs_show_every_page() -> None:
    there = {path.name for path in pictures.FOLDER.glob("*.png")}
    assert there == pictures.file_names()
    assert all(path.stat().st_size < pictures.MOST_BYTES for path in pictures.FOLDER.glob("*.png"))
