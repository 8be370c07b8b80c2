"""The reading surface in a real Chromium: exact text, layers, keys, links, find, copying."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.text.visible import visible
from analysis.ui.reader.component import script
from tests import reader_dump
from tests.browser.conftest import App, serve

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

CHECK = "Let me verify this: 𝟏𝟎 squared is 100. 😀 It matches. "
EMOJI = (
    "😀 We need 𝟏𝟎 squared 👨‍👩‍👧. "
    + CHECK
    + "Alternatively, I could add \u202eup\u202c the zero\u200bwidth 🙂 numbers.\r\nThe می‌خواهم end. So the answer is 100."
)
LONG = "\n\n".join(f"Step {n}. {reader_dump.REASONING}" for n in range(1700))
TEXTS = {"emoji": EMOJI, "long": LONG[:500_000]}


@pytest.fixture(scope="module")
def reader_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    folder = tmp_path_factory.mktemp("reader_browser")
    database = reader_dump.build(folder)
    dump = folder / "texts.jsonl"
    rows = [
        {"id": key, "question": f"{key}?", "reasoning": text, "answer": "100", "gold": "100"}
        for key, text in TEXTS.items()
    ]
    dump.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with open_store(database) as store:
        import_file(store, dump)
        analyze(store, workers=0)
    yield from serve(database)


@pytest.fixture
def page(context: BrowserContext, reader_app: App) -> Page:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda e: faults.append(str(e)))
    opened.on("dialog", lambda d: (faults.append(f"dialog: {d.message}"), d.dismiss()))
    opened.on(
        "console",
        lambda m: (
            faults.append(m.text)
            if m.type == "error" and "Failed to load resource" not in m.text
            else None
        ),
    )
    opened.faults = faults  # type: ignore[attr-defined]
    opened.goto(reader_app.url)
    expect(opened.get_by_role("heading", name="CoTScope")).to_be_visible()
    return opened


def show(page: Page, app: App, query: str) -> None:
    page.goto(f"{app.url}/reader?{query}")
    expect(page.locator(".reader .where")).to_contain_text("% read")


def findings(app_text: str, page: Page) -> list[dict[str, Any]]:
    """The text of each highlighted piece with its labels, as the page has it."""
    found: list[dict[str, Any]] = page.locator(".text .g").evaluate_all(
        "pieces => pieces.map(p => ({labels: p.dataset.labels, text: p.textContent}))"
    )
    assert found, app_text
    return found


def pressed(page: Page) -> list[str]:
    chips = page.locator(".chip[aria-pressed=true]")
    return [re.sub(r"^ab|[\d,]+$", "", text) for text in chips.all_text_contents()]


@pytest.fixture
def module(context: BrowserContext) -> Page:
    """A blank page with the functions of the reading surface."""
    opened = context.new_page()
    opened.evaluate(
        """async source => {
             const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
             window.reader = await import(url);
           }""",
        script(),
    )
    return opened


def test_offsets_agree_with_python(module: Page) -> None:
    chance = random.Random(7)
    texts = ["", "abc", "😀", "a😀b𝟏\u200d", "\u202e😀😀"]
    texts += ["".join(chance.choices("ab \n😀𝟏👨字", k=chance.randrange(60))) for _ in range(60)]
    for text in texts:
        units, points = module.evaluate(
            """text => {
                 const offsets = reader.makeOffsets(text);
                 const range = n => [...Array(n + 1).keys()];
                 return [range(offsets.length).map(offsets.toUnits), range(text.length).map(offsets.toPoints)];
               }""",
            text,
        )
        assert units == [len(text[:n].encode("utf-16-le")) // 2 for n in range(len(text) + 1)]
        assert [points[unit] for unit in units] == list(range(len(text) + 1))


def test_invisible_characters_are_marked_as_python_marks_them(module: Page) -> None:
    characters = [chr(n) for n in (*range(0x20), 0x7F, 0x85, 0xAD, 0x200B, 0x200E, 0x2028, 0x2029,
                                   *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF,
                                   0xE0041, 0xE000)]  # fmt: skip
    for text in [f"a{c}b" for c in characters] + ["plain", "naïve 字 😀", "a\tb\nc"]:
        assert module.evaluate("text => reader.withMarks(text)", text) == visible(text)
    for kept in ("👨‍👩‍👧", "❤️ 1️⃣", "می‌خواهم", "क्‍ष"):
        assert module.evaluate("text => reader.withMarks(text)", kept) == kept
    # A joiner or selector on its own hides something.
    assert "U+200D" in module.evaluate("text => reader.withMarks(text)", "pass\u200dword")
    assert "U+E0100" in module.evaluate("text => reader.withMarks(text)", "a\U000e0100")


def test_finding_words(module: Page) -> None:
    def find(text: str, words: str) -> list[list[int]]:
        found: list[list[int]] = module.evaluate("([t, w]) => reader.findAll(t, w)", [text, words])
        return found

    assert find("The the THE", "the") == [[0, 3], [4, 7], [8, 11]]
    assert find("so the\n\n answer", "the answer") == [[3, 15]]
    assert find("a.c abc (x) [1]", "a.c") == [[0, 3]]
    assert find("a.c abc (x) [1]", "[1]") == [[12, 15]]
    assert find("anything", "   ") == []
    assert len(find("a" * 30_000, "a")) == 10_000


def test_the_text_is_exact(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium")
    assert page.locator(".text").evaluate("pane => pane.textContent") == reader_dump.REASONING
    show(page, reader_app, "external_id=emoji")
    shown = page.locator(".text").evaluate("pane => pane.textContent")
    assert shown == EMOJI.replace("\u202e", "⟦U+202E⟧").replace("\u202c", "⟦U+202C⟧").replace(
        "\u200b", "⟦U+200B⟧"
    ).replace("\r", "⟦U+000D⟧")
    assert page.locator(".text .mark").count() == 4


def test_highlights_stand_where_the_findings_are(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=emoji")
    pieces = findings(EMOJI, page)
    verification = "".join(p["text"] for p in pieces if "verification" in p["labels"].split())
    assert verification.strip() in CHECK.strip()
    assert verification.startswith("Let me verify this: 𝟏𝟎")
    answers = [p["text"] for p in pieces if "candidate_answer" in p["labels"].split()]
    assert answers[-1] == "100"


def test_overlapping_labels_are_both_drawn(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium&layers=verification,verification_start")
    both = page.locator(".g[data-labels='verification verification_start']").first
    expect(both).to_contain_text("double-check")
    lines = both.evaluate(
        "p => [p, p.firstElementChild].map(e => getComputedStyle(e)).map(s => [s.textDecorationStyle, s.textUnderlineOffset])"
    )
    assert lines == [["solid", "4px"], ["double", "8px"]]


def test_a_layer_is_toggled_without_asking_the_server(page: Page, reader_app: App) -> None:
    sent: list[int] = []
    page.on("websocket", lambda ws: ws.on("framesent", lambda _: sent.append(1)))
    show(page, reader_app, "external_id=medium")
    assert pressed(page) == ["Backtracking", "Verification", "Candidate answer"]
    piece = page.locator(".g[data-labels~=verification]").first
    background = "p => getComputedStyle(p).backgroundColor"
    shown = piece.evaluate(background)
    page.wait_for_load_state("networkidle")
    before = len(sent)
    page.get_by_role("button", name="Verification", exact=False).first.click()
    assert "Verification" not in pressed(page)
    assert piece.evaluate(background) != shown
    page.keyboard.press("1")
    assert pressed(page) == ["Candidate answer"]
    assert re.search(r"[?&]layers=candidate_answer(&|$)", page.url)
    page.wait_for_timeout(600)
    assert len(sent) == before
    page.reload()
    expect(page.locator(".reader .where")).to_contain_text("% read")
    assert pressed(page) == ["Candidate answer"]


def test_layers_stay_from_trace_to_trace(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium&at=2")
    page.keyboard.press("1")
    chosen = pressed(page)
    page.keyboard.press("n")
    expect(page.get_by_text("high", exact=False).first).to_be_visible()
    page.wait_for_url(re.compile(r"trace=.*layers="))
    expect(page.locator(".s.at")).to_have_count(0)
    assert pressed(page) == chosen
    assert "at=" not in page.url
    page.go_back()
    expect(page.locator(".s.at")).to_have_count(1)


def test_keys_step_through_the_findings_shown(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium&layers=candidate_answer,backtracking")
    page.keyboard.press("j")
    expect(page.locator(".said")).to_contain_text("finding 1 of")
    expect(page.locator(".g.current")).to_have_text("100")
    card = page.locator(".card")
    expect(card).to_contain_text("Candidate answer")
    expect(card).to_contain_text("equals the gold answer")
    expect(card).to_contain_text("overthinking")
    page.keyboard.press("j")
    expect(page.locator(".said")).to_contain_text("finding 2 of")
    page.keyboard.press("k")
    expect(page.locator(".said")).to_contain_text("finding 1 of")
    page.keyboard.press("k")
    expect(page.locator(".said")).to_contain_text("From the end again")
    page.keyboard.press("b")
    expect(page.locator(".g.current").first).to_contain_text("Alternatively")
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_the_strip_is_a_slider_for_mouse_and_keyboard(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=long&layers=candidate_answer")
    strip = page.get_by_role("slider", name="Timeline of the trace")
    expect(strip).to_have_attribute("aria-valuenow", "0")
    strip.focus()
    page.keyboard.press("End")
    expect(strip).to_have_attribute("aria-valuenow", re.compile("9[0-9]|100"))
    page.keyboard.press("Home")
    expect(strip).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("PageDown")
    expect(strip).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    box = strip.bounding_box()
    assert box is not None
    strip.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(strip).to_have_attribute("aria-valuenow", re.compile("4[5-9]|5[0-5]"))
    for words in ("final answer first stood", "new, ", "candidate answer, filled"):
        expect(page.locator(".legend")).to_contain_text(words)
    page.keyboard.press("a")
    expect(page.locator(".said")).to_contain_text("finding")
    assert not page.faults  # type: ignore[attr-defined]


def test_a_sentence_has_a_link(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=long&at=700&layers=verification")
    marked = page.locator(".s.at")
    expect(marked).to_have_id("s700")
    expect(marked).to_be_in_viewport()
    page.keyboard.press("l")
    expect(page.locator(".said")).to_have_text("Copied a link to sentence 701")
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"/reader\?.*trace=[0-9a-f]{32}", link)
    assert "at=700" in link
    assert "layers=verification" in link
    assert "external_id" not in link
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".s.at")).to_be_in_viewport()
    assert pressed(page) == ["Verification"]


def test_the_handle_of_a_sentence_copies_its_link(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium")
    box = page.locator("#s2").evaluate(
        "s => { const {x, y} = s.getClientRects()[0]; return [x, y]; }"
    )
    page.mouse.move(box[0] + 8, box[1] + 8)
    page.get_by_role("button", name="Copy a link to sentence 3").click()
    assert "at=2" in page.evaluate("navigator.clipboard.readText()")
    expect(page.locator(".s.at")).to_have_id("s2")


def test_the_card_of_a_finding_under_the_mouse(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium&layers=verification,verification_start")
    card = page.locator(".card")
    expect(card).to_be_hidden()
    page.locator(".g[data-labels~=verification_start]").first.hover()
    expect(card.locator(".one")).to_have_count(2)
    expect(card).to_contain_text("score")
    expect(card).to_contain_text("found by")
    page.get_by_role("button", name="Verification start").click()
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()
    page.locator(".g[data-labels~=verification_start]").first.hover()
    expect(card.locator(".one")).to_have_count(1)


def test_find_counts_and_steps(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=medium")
    page.keyboard.press("/")
    page.keyboard.type("100")
    expect(page.locator(".matches")).to_have_text(str(reader_dump.REASONING.count("100")))
    page.keyboard.press("Enter")
    expect(page.locator(".matches")).to_contain_text("1 of ")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".matches")).to_contain_text("5 of 5")
    assert page.evaluate("CSS.highlights.get('cot-find').size") == 5
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".said")).to_contain_text("finding 1 of")


def test_copies_are_exact(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=emoji")
    page.get_by_role("button", name="Copy text").click()
    expect(page.locator(".said")).to_have_text(f"Copied {len(EMOJI)} characters")
    assert page.evaluate("navigator.clipboard.readText()") == EMOJI
    page.locator(".text").evaluate(
        """pane => {
             const last = pane.querySelector(".block:last-child");
             getSelection().setBaseAndExtent(pane.querySelector("#s1").firstChild, 0, last, last.childNodes.length);
           }"""
    )
    page.keyboard.press("Control+c")
    page.wait_for_timeout(200)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert EMOJI.endswith(copied)
    assert "\u202e" in copied
    assert "⟦" not in copied


def test_hostile_text_stays_text(page: Page, reader_app: App) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    show(page, reader_app, "external_id=hostile")
    expect(page.locator(".text")).to_contain_text("![x](http://127.0.0.1:9/beacon) <img src=x")
    assert page.locator(".reader img").count() == 0
    for fold in page.get_by_test_id("stExpander").all():
        fold.locator("summary").click()
    page.get_by_role("tab", name="This record").click()
    page.wait_for_timeout(500)
    assert not [url for url in asked if ":9/" in url]
    assert page.faults == []  # type: ignore[attr-defined]


def test_half_a_million_characters_stay_quick(page: Page, reader_app: App) -> None:
    show(page, reader_app, "external_id=long")
    assert page.locator(".text").evaluate("pane => pane.textContent.length") == 500_000
    frames: list[float] = page.locator(".text").evaluate(
        """async pane => {
             const root = pane.closest(".reader");
             const frame = () => new Promise(done => requestAnimationFrame(done));
             const timed = async act => {
               const begin = performance.now();
               act();
               await frame();
               await frame();
               return performance.now() - begin;
             };
             const times = [];
             for (let n = 0; n < 12; n++) {
               times.push(await timed(() => { pane.scrollTop = ((n * 7) % 12) / 12 * pane.scrollHeight; }));
               times.push(await timed(() => root.querySelector(".chip").click()));
               times.push(await timed(() => root.querySelector("[data-do=on]").click()));
             }
             return times.sort((a, b) => a - b);
           }"""
    )
    # Generous: a busy machine of two cores without a graphics card takes 35 to 50 ms.
    assert frames[len(frames) // 2] < 250
    assert frames[-1] < 1500


def test_columns_share_their_layers(page: Page, reader_app: App) -> None:
    page.goto(f"{reader_app.url}/compare")
    expect(page.locator(".reader.compact .where")).to_have_count(3)
    expect(page.locator(".reader.compact .where").last).to_contain_text("% read")
    chips = page.locator(".chip", has_text="Candidate answer")
    expect(chips).to_have_count(3)
    before = page.url
    chips.nth(1).click()
    for chip in chips.all():
        expect(chip).to_have_attribute("aria-pressed", "false")
    assert page.url == before
    page.get_by_role("link", name="Open in Reader").nth(2).click()
    expect(page.locator(".reader:not(.compact) .where")).to_contain_text("% read")
    expect(page.get_by_role("complementary", name="Answer and numbers")).to_contain_text("wrong")
    assert page.faults == []  # type: ignore[attr-defined]


def test_pages_without_reasoning_or_trace(page: Page, reader_app: App) -> None:
    page.goto(f"{reader_app.url}/reader?external_id=bare")
    expect(
        page.get_by_text("No reasoning in this record: it holds an answer only.")
    ).to_be_visible()
    expect(page.get_by_text("Because.")).to_be_visible()
    page.goto(f"{reader_app.url}/reader?trace=nope")
    expect(page.get_by_text("There is no trace nope in this database.")).to_be_visible()
    assert page.faults == []  # type: ignore[attr-defined]
