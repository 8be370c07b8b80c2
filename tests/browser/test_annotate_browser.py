"""Annotation from the keyboard in a real Chromium, and what the store has of it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from analysis.runner import analyze
from analysis.store import annotations as log
from analysis.store import open_store
from analysis.store.importing import import_file
from tests.browser.conftest import App, start

pytestmark = pytest.mark.browser

TEXT = (
    "😀😀 We look for 𝟏𝟎 squared 👨‍👩‍👧. So the answer is 100.\n\n"
    r"It costs $5 or $7 and $x^2 + \frac{1}{2}$ is set. Let me verify this: 10 squared is 100."
    " It matches. So the answer is 100."
)
WORDS = "10 squared is 100"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, object]]:
    folder = tmp_path_factory.mktemp("annotate_browser")
    dump = folder / "t.jsonl"
    dump.write_text(json.dumps({"id": "one", "question": "?", "reasoning": TEXT, "answer": "100"}))
    with open_store(folder / "a.duckdb") as store:
        import_file(store, dump)
        analyze(store, workers=0)
    process, url = start(folder / "a.duckdb")
    yield App(url, folder / "a.duckdb"), process
    process.kill()
    process.wait(timeout=20)


def show(page: Page, app: App) -> None:
    page.goto(f"{app.url}/reader?external_id=one&layers=candidate_answer,subgoal")
    expect(page.locator(".reader .where")).to_contain_text("% read")


SELECT = """([words]) => {
  const pane = document.querySelector('[data-testid=stBidiComponentRegular]')?.shadowRoot ?? document;
  const find = (root) => {
    for (const host of root.querySelectorAll('*')) {
      if (host.shadowRoot) { const got = find(host.shadowRoot); if (got) return got; }
      if (host.classList.contains('text') && host.getAttribute('role') === 'document') return host;
    }
  };
  const text = find(document);
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const nodes = [];
  let whole = '';
  for (let node; (node = walker.nextNode()); ) { nodes.push([node, whole.length]); whole += node.data; }
  const from = whole.indexOf(words), to = from + words.length;
  const at = (unit) => nodes.filter(([, begin]) => begin <= unit).pop();
  const [a, b] = [at(from), at(to - 1)];
  getSelection().setBaseAndExtent(a[0], from - a[1], b[0], to - b[1]);
}"""


def test_a_queue_goes_on_after_a_dialog(
    context: BrowserContext, running: tuple[App, object]
) -> None:
    """The key that opened a dialog is not held; the next finding of the same trace is at hand."""
    app, _ = running
    page = context.new_page()
    page.goto(f"{app.url}/reader?queue=kind%3Drandom%26label%3Dcandidate_answer&item=1")
    expect(page.locator(".reader .where")).to_contain_text("% read")
    current = page.locator(".g.current")
    expect(current.first).to_be_visible()
    page.keyboard.press("m")
    page.keyboard.type("Eve n")
    page.keyboard.press("Enter")
    expect(page.locator("dialog.menu")).to_contain_text("interesting")
    page.keyboard.press("Escape")
    before = current.first.get_attribute("data-g") or ""
    page.keyboard.press("n")
    expect(page.get_by_text("2 / 2", exact=False).filter(visible=True)).to_have_count(1)
    expect(current.first).not_to_have_attribute("data-g", before)
    page.close()


def test_annotating_by_keyboard(context: BrowserContext, running: tuple[App, object]) -> None:
    app, process = running
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda e: faults.append(str(e)))
    show(page, app)
    said = page.locator(".said")
    page.keyboard.press("j")
    expect(said).to_contain_text("finding 1 of")
    page.keyboard.press("y")
    page.keyboard.type("Ann n p g 😀")  # keys of the app are only letters here
    page.keyboard.press("Enter")
    expect(said).to_contain_text("right, says Ann n p g")
    expect(page.locator('.g[data-by="✓"]')).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(said).to_contain_text("wrong")
    expect(page.locator('.g[data-by="✗"]')).to_have_count(1)
    page.evaluate(SELECT, [WORDS])
    page.keyboard.press("i")
    expect(page.locator("dialog.menu")).to_contain_text(WORDS)
    page.keyboard.press("6")
    added = page.locator(".g[data-labels~=subgoal]")
    expect(added.first).to_be_visible()
    assert "".join(added.all_text_contents()) == WORDS
    expect(said).to_contain_text(f"stands on “{WORDS}”")
    page.keyboard.press("m")
    page.keyboard.press("1")
    expect(said).to_contain_text("Trace marked: interesting")
    expect(page.locator(".people")).to_contain_text("interesting")
    page.keyboard.press("x")  # the label just added is the one that is at hand
    page.keyboard.press("u")
    expect(added.first).to_have_attribute("data-by", "+ Anp")
    page.keyboard.press("$")
    expect(page.locator(".math.done")).to_have_count(1)
    expect(page.locator(".text")).to_contain_text("It costs $5 or $7 and")
    page.keyboard.press("$")
    page.keyboard.press(".")
    slider = page.locator(".scores input").first
    if slider.count():
        slider.fill("1")
        expect(page.locator(".scores .count").first).to_contain_text("≥ 1.00")
    page.reload()
    expect(page.locator(".reader .where")).to_contain_text("% read")
    expect(page.locator('.g[data-by="✓"]')).to_have_count(1)
    assert "".join(page.locator(".g[data-labels~=subgoal]").all_text_contents()) == WORDS
    expect(page.locator('[data-do="name"]')).to_contain_text("Ann")
    assert "Ann" not in page.url
    assert faults == []
    page.close()
    process.kill()  # type: ignore[attr-defined]
    process.wait(timeout=20)  # type: ignore[attr-defined]
    with open_store(app.database) as store:
        trace_id = store.scalar("SELECT trace_id FROM trace_row")
        entries = [e for e in log.log_of(store, trace_id) if e.counts]
    kinds = [e.kind for e in entries]
    assert kinds == ["accept", "reject", "add", "mark"]
    (one,) = [e for e in entries if e.kind == "add"]
    assert TEXT[one.start : one.end] == WORDS
    assert one.annotator == "Ann n p g 😀"
