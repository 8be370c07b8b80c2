"""Functions of the reading surface's script, in a real Chromium on a blank page."""

from __future__ import annotations

import random

import pytest
from playwright.sync_api import BrowserContext, Page

from analysis.text.visible import visible
from analysis.ui.reader.component import script

pytestmark = pytest.mark.browser


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
