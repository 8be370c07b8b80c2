"""Every page on records that attack it, with what people do there: nothing of them ever acts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from analysis.ui.state import PAGES
from tests import hostile_corpus as corpus
from tests import model_server
from tests.browser.conftest import App, serve
from tests.browser.watching import Watch, at_rest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    yield from serve(corpus.build(tmp_path_factory.mktemp("hostile")))


def go(page: Page, app: App, path: str, **query: str) -> None:
    page.goto(f"{app.url}/{path}?{urlencode(query)}")
    at_rest(page)


def unfold(page: Page) -> None:
    """Open all that is folded."""
    for box in page.get_by_test_id("stExpander").filter(visible=True).all():
        if box.locator("details").get_attribute("open") is None:
            box.locator("summary").click()
    at_rest(page)


def home(page: Page, app: App) -> None:
    go(page, app, "")
    expect(page.get_by_text("Worth a look")).to_be_visible()


def library(page: Page, app: App) -> None:
    go(page, app, "library")
    unfold(page)
    chooser = page.get_by_test_id("stFileUploaderDropzoneInput").filter(visible=None).first
    dump = app.database.with_name(corpus.FILE_NAME)
    chooser.set_input_files(
        {"name": dump.name, "mimeType": "text/plain", "buffer": dump.read_bytes()[:60_000]}
    )
    page.get_by_role("button", name="Preview").first.click()
    expect(
        page.get_by_text("as its lines stand").or_(page.get_by_text("traces,")).first
    ).to_be_visible()
    at_rest(page)


def traces(page: Page, app: App) -> None:
    go(page, app, "traces")
    expect(page.get_by_text(re.compile(r"1 to \d+ of 84 traces"))).to_be_visible()
    # The address is hostile too.
    go(page, app, "traces", text=corpus.MARKUP[1], model=corpus.MARKUP[0], label="<b>", sort="<b>")


def reader(page: Page, app: App) -> None:
    go(page, app, "reader", external_id=next(corpus.rows())["id"])
    text = page.locator(".reader .text")
    expect(text).to_contain_text("<img src=x onerror=window.pwned=1>")
    expect(text).to_contain_text(
        "⟦U+202E⟧right to left⟦U+202C⟧ ⟦U+2066⟧isolated⟦U+2069⟧ zero⟦U+200B⟧width"
    )
    expect(text).to_contain_text("⟦U+001B⟧[31mred⟦U+001B⟧[0m")
    expect(text).to_contain_text("nul⟦U+0000⟧ bell⟦U+0007⟧")
    page.locator("[data-do=typeset]").click()
    expect(page.locator(".reader .math.done").first).to_be_attached()
    page.locator("[data-do=outline]").click()
    page.get_by_role("button", name="Unfold all").click()
    for mark in page.locator(".reader .g", has_text=re.compile(r"\w")).all()[:4]:
        mark.scroll_into_view_if_needed()
        mark.hover(force=True)  # the middle of one that is on two lines is not in it
    page.get_by_label("Find in the reasoning").fill("<script>")
    page.keyboard.press("Enter")
    page.locator("[data-do=mark]").click()
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="This record").click()
    at_rest(page)


def search(page: Page, app: App) -> None:
    go(page, app, "search", q=corpus.FOUND)
    expect(page.get_by_text(re.compile(r"^\d+ traces? in "))).to_be_visible()
    expect(page.get_by_role("link", name="Read", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Saved searches").click()
    expect(page.get_by_role("button", name="Delete").first).to_be_visible()
    go(page, app, "search", q=f"{corpus.MARKUP[1]} {corpus.MARKDOWN[0]}")


def overthinking(page: Page, app: App) -> None:
    go(page, app, "overthinking")
    expect(page.get_by_role("heading", name="Look closer")).to_be_visible()
    page.locator(".st-key-scatter .main-svg").first.hover()
    page.get_by_role("radio", name="Rounds and loops").click()
    at_rest(page)


def languages(page: Page, app: App) -> None:
    go(page, app, "languages")
    expect(page.get_by_role("heading", name="In context")).to_be_visible()


def behaviours(page: Page, app: App) -> None:
    go(page, app, "behaviours")
    expect(page.get_by_role("heading", name="All rates")).to_be_visible()
    page.locator(".st-key-rates .main-svg").first.hover()


def compare(page: Page, app: App) -> None:
    for view in ("Overview", "Questions", "Pairs", "Samples", "Difficulty", "Diff"):
        go(page, app, "compare", view=view)
        page.get_by_test_id("stPlotlyChart").or_(page.get_by_test_id("stMain")).first.hover()
    go(page, app, "compare", view="Side by side")
    expect(page.locator(".sides[data-ready] .text").first).to_contain_text("unmistakable")
    page.get_by_role("button", name="Choose traces").click()
    expect(page.get_by_test_id("stPopoverBody")).to_be_visible()


def curate(page: Page, app: App) -> None:
    go(page, app, "curate")
    unfold(page)
    expect(page.get_by_role("heading", name="What each step leaves")).to_be_visible()


def verdicts(page: Page, app: App) -> None:
    for show in ("settled", "not sure"):
        go(page, app, "verdicts", show=show)
        expect(page.get_by_role("heading", name="Verdicts")).to_be_visible()


def accuracy(page: Page, app: App) -> None:
    bad = " ".join(corpus.MARKUP[:4] + corpus.MARKDOWN[:3])
    gold = app.database.with_name("gold.jsonl")
    text = f"I will plan first {bad}. Then 2 + 3 = 5. Let me verify this {bad}."
    row = {
        "trace_id": bad, "source": corpus.MARKUP[1], "annotator": "human", "model": bad,
        "reasoning": text, "expresses": ["verification_start"],
        "segments": [{"start": 0, "end": len(text), "labels": ["verification_start"]}],
    }  # fmt: skip
    gold.write_text(json.dumps(row) + "\n", encoding="utf-8")
    go(page, app, "accuracy", gold=str(gold))
    page.get_by_test_id("stMain").get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_role("heading", name="In their text")).to_be_visible()
    at_rest(page)


def annotate(page: Page, app: App) -> None:
    go(page, app, "annotate")
    expect(page.get_by_role("heading", name="Where people differ")).to_be_visible()


def run(page: Page, app: App) -> None:
    with pytest.MonkeyPatch.context() as patch, model_server.model_server() as server:
        patch.setattr(
            model_server, "WORDS", [*corpus.MARKUP, *corpus.MARKDOWN, *corpus.CONTROLS[:2]]
        )
        go(page, app, "run")
        page.get_by_role("radio", name="OpenAI-compatible server").click()
        page.get_by_label("Address").fill(server.url)
        page.get_by_label("Address").press("Enter")
        field = page.get_by_role("textbox", name="Model", exact=True)
        field.fill(corpus.MARKUP[1])
        field.press("Enter")
        at_rest(page)
        questions = page.locator("textarea").filter(visible=True).first
        questions.fill("\n".join(corpus.MARKUP[:6] + corpus.MARKDOWN[:3]))
        questions.press("Control+Enter")
        expect(page.get_by_text(re.compile("^Estimate: "))).to_be_visible()
        start = page.get_by_role("button", name="Start", exact=True)
        expect(start).to_be_enabled()
        start.click()
        expect(page.get_by_text(re.compile(r"\d+ new traces"))).to_be_visible()
        at_rest(page)


VISITS: dict[str, Callable[[Page, App], None]] = {
    visit.__name__: visit
    for visit in (
        home, library, traces, reader, search, overthinking, languages, behaviours, compare, curate,
        verdicts, accuracy, annotate, run,
    )
}  # fmt: skip


def test_every_page_is_visited() -> None:
    assert set(VISITS) == set(PAGES)


@pytest.mark.parametrize("name", VISITS)
def test_nothing_in_a_record_acts(hostile: App, page: Page, name: str) -> None:
    watch = Watch(page, hostile.url)
    VISITS[name](page, hostile)
    watch.check()


def test_the_corpus_stays_as_it_was(hostile: App) -> None:
    """What was shown as marks is stored as it came."""
    dump = hostile.database.with_name(corpus.FILE_NAME)
    assert Path(dump).read_text("utf-8").count("\n") == 2 * len(corpus.ALL) + 6
