"""Traces side by side in a real Chromium: exact text, columns that follow, points lined up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Locator, Page, expect

from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from tests.browser.conftest import App, serve
from tests.browser.waiting import eventually

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=alert(1)> 👨‍👩‍👧 \u202eup\u202c 𝟏𝟎 😀 stays text. "
LANDMARK = "😀 The landmark number of this puzzle is 4711, said once. "
ANSWER = "So the answer is 42. "


def filler(word: str, n: int) -> str:
    return "".join(f"{word}{i} {word}er {word}ing {word}ish {word}{i}ly. \n" for i in range(n))


ALONE = "A walrus whistles backwards.\n"
LOW = (
    HOSTILE
    + ALONE
    + filler("heron", 60)
    + LANDMARK
    + filler("plover", 60)
    + ANSWER
    + filler("ibis", 30)
)
HIGH = filler("stork", 250) + LANDMARK + ANSWER + filler("crane", 200) + ANSWER
DUMP = [
    {
        "id": effort,
        "question": "Which number?",
        "reasoning": text,
        "answer": "42",
        "gold": "42",
        "effort": effort,
        "model": "m",
        "dataset": "d",
        "correct": True,
    }
    for effort, text in (("low", LOW), ("high", HIGH))
]
SENTENCE = """(pane, part) => {
  const found = [...pane.querySelectorAll(".s")].find((s) => s.textContent.includes(part));
  return found.getClientRects()[0].top - pane.getBoundingClientRect().top;
}"""


@pytest.fixture(scope="module")
def sides_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("compare_browser")
    dump = folder / "two.jsonl"
    dump.write_text("".join(json.dumps(row) + "\n" for row in DUMP), encoding="utf-8")
    database = folder / "two.duckdb"
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
    yield from serve(database)


def test_two_efforts_read_side_by_side(page: Page, sides_app: App) -> None:
    page.goto(f"{sides_app.url}/compare?{urlencode({'view': 'Side by side'})}")
    expect(page.locator(".sides[data-ready]")).to_be_visible()
    panes = page.locator(".sides .text")
    expect(panes).to_have_count(2)
    low, high = panes.nth(0), panes.nth(1)

    # Faithful: marks stand for two invisible characters, and nothing became an element.
    shown = low.evaluate("pane => pane.textContent")
    assert shown == LOW.replace("\u202e", "⟦U+202E⟧").replace("\u202c", "⟦U+202C⟧")
    assert low.locator("img").count() == 0
    answers = low.locator(".g[data-labels~=candidate_answer]").all_text_contents()
    assert any("42" in text for text in answers)

    # The other column follows to the sentence that says the same, and back.
    def at_top(pane: Locator) -> bool:
        return float(pane.evaluate("pane => pane.scrollTop")) < 60

    def apart() -> float:
        heights = [float(pane.evaluate(SENTENCE, "landmark")) for pane in (low, high)]
        return abs(heights[0] - heights[1])

    for lead, other in ((low, high), (high, low)):
        lead.hover()
        lead.evaluate(
            f"(pane, part) => {{ pane.scrollTop += ({SENTENCE})(pane, part) - 0.3 * pane.clientHeight; }}",
            "landmark",
        )
        eventually(lambda: apart() < 60)
        lead.evaluate("pane => { pane.scrollTop = 0; }")
        eventually(partial(at_top, other))

    # What only one has is marked, what both say is dimmed.
    assert "only" in (
        low.locator(".s", has_text="walrus whistles").first.get_attribute("class") or ""
    )
    assert "same" in (low.locator(".s", has_text="landmark").first.get_attribute("class") or "")

    # The first correct answers in one line.
    page.locator("[data-mode=right]").click()
    lines = page.locator(".sides .point.right")
    expect(lines).to_have_count(2)
    tops = "all => all.map((line) => line.getBoundingClientRect().top)"
    eventually(lambda: abs(float.__sub__(*map(float, lines.evaluate_all(tops)))) < 3)

    # Apart, each column scrolls by itself.
    page.locator("[data-mode=apart]").click()
    before = high.evaluate("pane => pane.scrollTop")
    low.evaluate("pane => { pane.scrollTop = 0; }")
    page.wait_for_timeout(300)
    assert high.evaluate("pane => pane.scrollTop") == before

    # Keys: the next passage that only this column has.
    low.click(position={"x": 120, "y": 5})
    page.keyboard.press("d")
    expect(page.locator(".sides .said")).to_contain_text("that only this one has")
    assert page.problems == []  # type: ignore[attr-defined]
