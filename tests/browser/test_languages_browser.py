"""Languages in a real Chromium: clicks on charts, stretches in the Reader, exact copies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.views import languages as view
from tests.browser.conftest import App, serve

pytestmark = pytest.mark.browser

TEXT = (
    "😀 First we look at the numbers 👨‍👩‍👧 that are given and we write down what they mean. "
    "Someone might误解 this part of the question. The point 𝟐 is حُسب مرتين, so we go on with it. "
    "Зна́чит, пять групп по три моне́ты 🍎. And then the word מתחלקים is the one that we need here.\n\n"
    "Then we add them and we compare the result with what the question wants to know."
)
ROWS = {
    "mixed": {"question": "How many of the numbers are there?", "reasoning": TEXT},
    "asked": {"question": "一共有多少个数字？", "reasoning": TEXT.partition("Someone")[0] * 2},
}
EXPECTED: list[str] = []


@pytest.fixture(scope="module")
def languages_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("languages_browser")
    dump = folder / "texts.jsonl"
    rows = [
        {"id": name, "answer": "7", "model": "m", "dataset": "d", **row}
        for name, row in ROWS.items()
    ]
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    database = folder / "languages.duckdb"
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
        EXPECTED[:] = view.listed(store, Filters()).column("text").to_pylist()
    yield from serve(database)


@pytest.fixture
def page(context: BrowserContext, page: Page) -> Page:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def opened(page: Page, app: App, query: str = "") -> None:
    page.goto(f"{app.url}/languages{query}")
    expect(page.get_by_role("heading", name="By data set, model and effort")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(4)


def click(page: Page, point: Locator) -> None:
    """A plot takes the mouse on a layer above its points."""
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2 - 3, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_bubble_chooses_its_slips(page: Page, languages_app: App) -> None:
    opened(page, languages_app)
    expect(page.get_by_text(f"{len(EXPECTED)} stretches in 1 trace.")).to_be_visible()
    click(page, page.locator(".js-plotly-plot").nth(2).locator(".points path").first)
    page.wait_for_url(re.compile(r"into=[a-z]{2}.*main=en|main=en.*into=[a-z]{2}"))
    expect(page.get_by_text("1 stretch in 1 trace.")).to_be_visible()
    again = page.url
    page.goto("about:blank")
    page.goto(again)
    expect(page.get_by_text("1 stretch in 1 trace.")).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]


def test_a_bar_of_the_histogram_and_a_bar_of_the_groups(page: Page, languages_app: App) -> None:
    opened(page, languages_app)
    bars = page.locator(".js-plotly-plot").nth(1).locator(".points path")
    heights = bars.evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().height)")
    click(page, bars.nth(heights.index(max(heights))))
    page.wait_for_url(re.compile(r"place=\d"))
    click(page, page.locator(".js-plotly-plot").nth(0).locator(".points path").first)
    page.wait_for_url(re.compile(r"[?&]model=m(&|$)"))
    assert page.problems == []  # type: ignore[attr-defined]


def test_traces_that_think_in_another_language(page: Page, languages_app: App) -> None:
    opened(page, languages_app)
    click(page, page.locator(".js-plotly-plot").nth(3).locator(".points path").last)
    page.wait_for_url(re.compile(r"asked=zh.*thinks=en|thinks=en.*asked=zh"))


def read(page: Page, app: App, name: str) -> Locator:
    page.goto(f"{app.url}/reader?external_id={name}&layers=language_mixing")
    expect(page.locator(".reader .where")).to_contain_text("% read")
    return page.locator(".text .g[data-labels~=language_mixing]")


def test_stretches_stand_and_copy_exactly(page: Page, languages_app: App) -> None:
    pieces = read(page, languages_app, "mixed")
    assert len(EXPECTED) >= 4
    assert pieces.all_text_contents() == EXPECTED
    assert page.locator(".text").evaluate("pane => pane.textContent") == TEXT
    for place, text in enumerate(EXPECTED):
        pieces.nth(place).evaluate("piece => getSelection().selectAllChildren(piece)")
        page.keyboard.press("Control+c")
        page.wait_for_function(
            "text => navigator.clipboard.readText().then(found => found === text)", arg=text
        )


def test_each_stretch_names_its_language(page: Page, languages_app: App) -> None:
    pieces = read(page, languages_app, "mixed")
    tag = "piece => getComputedStyle(piece, '::after').content"
    shown = [piece.evaluate(tag) for piece in pieces.all()]
    assert {'"zh"', '"ar"', '"ru"', '"he"'} <= set(shown)
    pieces.first.hover()
    expect(page.locator(".card")).to_contain_text("Chinese (zh), slip")
    expect(page.locator(".card")).to_contain_text("in English text")
    page.locator(".chip", has_text="Language mixing").click()
    assert pieces.first.evaluate(tag) == "none"


def test_right_to_left_does_not_reorder_its_surroundings(page: Page, languages_app: App) -> None:
    pieces = read(page, languages_app, "mixed")
    arabic = pieces.filter(has_text="مرتين")
    style = arabic.evaluate("p => [getComputedStyle(p).unicodeBidi, getComputedStyle(p).direction]")
    assert style == ["isolate", "rtl"]
    # What comes after it in the text stands to the right of it in the same line.
    after = page.locator(".text").evaluate(
        """(pane) => {
             const piece = [...pane.querySelectorAll(".g[data-language=ar]")].pop();
             const range = document.createRange();
             range.setStart(piece.nextSibling, 0);
             range.setEnd(piece.nextSibling, 1);
             const [one, other] = [piece.getClientRects(), range.getClientRects()];
             return other[0].left >= one[one.length - 1].right - 1;
           }"""
    )
    assert after


def test_the_languages_of_the_whole_trace(page: Page, languages_app: App) -> None:
    read(page, languages_app, "mixed")
    expect(page.get_by_text("in English").filter(visible=True).first).to_be_visible()
    page.goto(f"{languages_app.url}/reader?external_id=asked")
    expect(page.get_by_text("thinks in English, asked in Chinese")).to_be_visible()
    assert page.problems == []  # type: ignore[attr-defined]
