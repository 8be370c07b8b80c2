"""The parts of the components' scripts one by one, in a real Chromium without the app."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from analysis.text.visible import visible
from analysis.ui.reader import component as reader
from analysis.ui.sidebyside import component as sides
from scripts.lint_js import UI, lint, modules
from tests.hostile_corpus import ALL

pytestmark = pytest.mark.browser
Ask = Callable[..., Any]

READER_PARTS = (
    "countBelow, findHidden, withMarks, findAll, makeTextView, makeLayers, layerRules, layersToShow, CHOSEN,"
    " rememberLayers, takeLeast, makeStrip, filledRole, makeFinder, addReader, removeReader, focusReader,"
    " linkTo, tidyAddress, exactSelection, statusOf, initials, makeWalk, makeOffsets, OUTBOX, post,"
    " settleOutbox, nameFor, keepName, element, RESEND_MS, joinFormulas"
)
SIDES_PARTS = "carry, linksBetween, reading, scrollFor, makeShared, makePoints, makeSync, labelsOf"
TOOLS = """
  const TYPED = { formulas: [] };
  // A text of sentences with findings, as the reading surface is sent it, and its view.
  function viewOf(text, starts = [0], segments = [], labels = []) {
    const pane = document.createElement("div");
    pane.style.cssText = "height:120px;width:300px;overflow:auto;white-space:pre-wrap";
    const host = document.createElement("div");
    host.attachShadow({ mode: "open" }).append(pane);
    document.body.append(host);
    const data = { text, starts, segments: segments.map(([from, to], at) => [from, to, at]),
      combinations: segments.map(([, , all]) => all), labels, thoughts: [], math: [], absence: "" };
    const offsets = makeOffsets(text);
    return { pane, data, offsets, view: makeTextView(pane, data, offsets, TYPED) };
  }
  function labelled(names) {
    return names.map((name) => ({ name, title: name, definition: "", count: 1, light: "#111", dark: "#eee", line: "solid" }));
  }
  function press(key, target = document.body, more = {}) {
    target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true, cancelable: true, ...more }));
  }
"""


def module(assets: str, more: str, parts: str) -> str:
    return f"{assets}\n{TOOLS}\n{more}\nexport {{ viewOf, labelled, press, {parts} }};\n"


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page of an address of its own (storage and history need one), with all parts."""
    context = browser.new_context(viewport={"width": 900, "height": 600})
    page = context.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(body="<!doctype html><p>", content_type="text/html")
    )
    page.goto("http://cotscope.test/reader?trace=old&model=a&model=b#here")
    assets = "\n".join(reader.asset(name) for name in reader.SCRIPTS if name != "main.js")
    ours = "\n".join(sides.asset(name) for name in sides.SCRIPTS if name != "main.js")
    labels_of = sides.asset("main.js").partition("function labelsOf")[2].partition("\n}")[0]
    inner = f"const sides = (() => {{ {ours}\nfunction labelsOf{labels_of}\n}}\nreturn {{ {SIDES_PARTS} }}; }})();"
    texts = {
        "r": module(assets, inner, f"{READER_PARTS}, sides"),
        "s": (UI / "runview" / "streams.js").read_text(encoding="utf-8"),
    }
    page.evaluate(
        """async texts => {
             for (const [name, text] of Object.entries(texts)) {
               window[name] = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
             }
           }""",
        texts,
    )
    yield page
    context.close()


@pytest.fixture
def ask(blank: Page) -> Iterator[Ask]:
    """Evaluates an expression over ``r`` (reader), ``r.sides``, ``s`` (streams); no fault may stay."""
    faults: list[str] = []
    blank.on("pageerror", lambda e: faults.append(str(e)))
    blank.evaluate("document.body.replaceChildren()")
    yield blank.evaluate
    assert faults == []


def test_the_lint_finds_what_it_must(root: Any) -> None:
    assert lint(modules()) == []
    bad = "export default (x) => { gone(); x.innerHTML = '<b>'; if (x == 1) eval('2'); };\nlet unused = 1;\n"
    found = "\n".join(lint({"bad.js": bad}))
    for rule in ("no-undef", "no-restricted-properties", "eqeqeq", "no-eval", "no-unused-vars"):
        assert rule in found
    assert lint({"broken.js": "let ="})


def test_count_below(ask: Ask) -> None:
    for n in (0, 1, 2, 9):
        for below in range(n + 1):
            assert ask("([n, k]) => r.countBelow(n, (i) => i < k)", [n, below]) == below


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("plain\n\ttext", []),
        ("a\u202eb", [[1, 1, "⟦U+202E⟧"]]),
        ("😀\u200b𝟏\U000e0041", [[2, 1, "⟦U+200B⟧"], [5, 2, "⟦U+E0041⟧"]]),
        ("\x00\x1b[0m\x7f", [[0, 1, "⟦U+0000⟧"], [1, 1, "⟦U+001B⟧"], [5, 1, "⟦U+007F⟧"]]),
        ("\r\n", [[0, 1, "⟦U+000D⟧"]]),
        ("👨‍👩‍👧 ❤️ می‌خواهم", []),
        ("x\u200dy", [[1, 1, "⟦U+200D⟧"]]),
    ],
)
def test_hidden_characters(ask: Ask, text: str, expected: list[list[Any]]) -> None:
    found = ask("t => r.findHidden(t).map(({ at, size, mark }) => [at, size, mark])", text)
    assert found == expected


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("", "a", []),
        ("abc", "", []),
        ("aaaa", "aa", [[0, 2], [2, 4]]),
        ("😀 a 😀 A", "a", [[3, 4], [8, 9]]),
        ("x😀y😀", "😀", [[1, 3], [4, 6]]),
        ("a\n\n b", "a b", [[0, 5]]),
        ("$^.*+?()[]{}|\\/", "$^.*+?()[]{}|\\/", [[0, 15]]),
        ("(a+)+$ aaaa!", "(a+)+$", [[0, 6]]),
        ("<script>x</script>", "<SCRIPT>", [[0, 8]]),
    ],
)
def test_finding(ask: Ask, text: str, words: str, expected: list[list[int]]) -> None:
    assert ask("([t, w]) => r.findAll(t, w)", [text, words]) == expected


def test_the_find_field_counts_steps_and_turns(ask: Ask) -> None:
    told = ask(
        """() => {
             const root = document.createElement("div");
             root.innerHTML = '<span class="find"><input><span class="matches"></span></span>';
             document.body.append(root);
             const text = "😀 one two one three one";
             const { view } = r.viewOf(text);
             const went = [];
             const finder = r.makeFinder(root, text, view, (from, to) => went.push([from, to]));
             const count = root.querySelector(".matches");
             const told = [];
             const type = (words) => { finder.field.value = words; finder.field.dispatchEvent(new Event("input")); };
             const step = (by, from) => { finder.step(by, from); told.push(count.textContent); };
             type("one"); step(1, 4); step(1, 0); step(1, 0); step(-1, 0);
             type("one"); step(-1, 4);
             type("nothing"); step(1, 0);
             type("   "); step(1, 0);
             finder.destroy();
             return { told, went, value: finder.field.value };
           }"""
    )
    assert told["told"] == ["2 of 3", "3 of 3", "1 of 3", "3 of 3", "1 of 3", "0", ""]
    assert told["went"] == [[11, 14], [21, 24], [3, 6], [21, 24], [3, 6]]
    assert told["value"] == ""


def test_keys_go_to_one_reader_and_not_into_fields(ask: Ask) -> None:
    log = ask(
        """() => {
             const log = [];
             const make = (name) => ({ root: document.createElement("div"),
               commands: { j: () => log.push(name), Escape: () => log.push(`${name} out`) } });
             const [one, two] = [make("one"), make("two")];
             document.body.append(one.root, two.root);
             r.press("j");
             r.addReader(one); r.addReader(two);
             r.press("j");
             r.focusReader(two); r.press("j"); r.press("Escape"); r.press("q");
             r.press("j", document.body, { ctrlKey: true }); r.press("j", document.body, { metaKey: true });
             const field = document.createElement("input");
             document.body.append(field);
             r.press("j", field);
             const shadow = document.createElement("div").attachShadow({ mode: "open" });
             document.body.append(shadow.host);
             shadow.append(document.createElement("textarea"));
             r.press("j", shadow.firstChild);
             const dialog = document.createElement("dialog");
             two.root.append(dialog); dialog.showModal(); r.press("j"); dialog.close();
             r.removeReader(two); r.press("j");
             r.removeReader(one); r.press("j");
             return log;
           }"""
    )
    assert log == ["one", "two", "two out", "one"]


def test_layers_are_chips_that_toggle(ask: Ask) -> None:
    bad = [text for text in ALL if "\ud800" not in text][:6]
    found = ask(
        """(names) => {
             const root = document.createElement("div");
             const row = document.createElement("div");
             const heard = [];
             const layers = r.makeLayers(root, r.labelled(names), row, (shown) => heard.push(shown));
             layers.set([names[1], "not there"]);
             const first = [layers.names(), layers.has(1), layers.has(0), root.className];
             layers.toggle(0); layers.toggle(99); row.children[1].click(); layers.show(names[2]); layers.show("new");
             const texts = [...row.children].map((chip) => chip.children[1].textContent);
             const pressed = [...row.children].map((chip) => chip.getAttribute("aria-pressed"));
             const elements = row.querySelectorAll("*").length;
             layers.destroy();
             const empty = document.createElement("div");
             r.makeLayers(root, [], empty, () => {});
             return { first, heard, texts, pressed, elements, left: root.className, empty: empty.textContent };
           }""",
        bad,
    )
    assert found["first"] == [[bad[1]], True, False, "on-1"]
    assert found["heard"] == [
        [bad[0], bad[1]], [bad[0]], [bad[0], bad[2]], [bad[0], bad[2], "new"],
    ]  # fmt: skip
    assert found["texts"] == bad
    assert found["elements"] == 4 * len(bad)
    assert found["pressed"] == ["true", "false", "true", "false", "false", "false"]
    assert found["left"] == ""
    assert found["empty"] == "No findings in this trace"


def test_layers_hold_from_trace_to_trace_until_a_link_asks(ask: Ask) -> None:
    shown = ask(
        """() => {
             Object.assign(r.CHOSEN, { layers: null, asked: null });
             const trace = (layers, ...names) => ({ layers, first: ["f"], labels: r.labelled(names) });
             const said = [r.layersToShow(trace(null, "a"))];
             r.rememberLayers(trace(null, "a", "b"), ["a"]);
             said.push(r.layersToShow(trace(null, "a")));
             r.rememberLayers(trace(null, "b"), ["b"]);
             said.push(r.layersToShow(trace(null, "b")));
             said.push(r.layersToShow(trace(["c"], "c")), r.layersToShow(trace([], "c")));
             Object.assign(r.CHOSEN, { layers: null, asked: null });
             return said;
           }"""
    )
    assert shown == [["f"], ["a"], ["b", "a"], ["c"], []]


def test_links_keep_the_list_and_carry_hostile_words(ask: Ask) -> None:
    def link(data: dict[str, Any], place: dict[str, Any]) -> str:
        return str(ask("([d, p]) => r.linkTo(d, p)", [data, place]))

    here = {"id": "abc", "compact": False}
    assert link(here, {"at": 0, "layers": ["x", "y"]}) == (
        "http://cotscope.test/reader?trace=abc&model=a&model=b&at=0&layers=x%2Cy"
    )
    assert link(here, {"at": None, "layers": [], "least": {"x": 0.5, "y": 0}}) == (
        "http://cotscope.test/reader?trace=abc&model=a&model=b&layers=&min=x%3A0.5"
    )
    beside = link({"id": "a&b", "compact": True}, {"at": 7, "layers": ["<b>&#?"]})
    assert beside == "http://cotscope.test/reader?trace=a%26b&at=7&layers=%3Cb%3E%26%23%3F"
    tidied = ask(
        """() => {
             const before = location.href;
             history.replaceState(null, "", "/reader?trace=&at=&external_id=&model=");
             r.tidyAddress();
             const found = location.search;
             history.replaceState(null, "", before);
             return found;
           }"""
    )
    assert tidied == "?model="


def test_overlapping_spans_are_cut_exactly(ask: Ask) -> None:
    """The text of each piece is that of its segment, whatever stands in it."""
    chance = random.Random(11)
    alphabet = "ab \n😀𝟏👨‍👩\u202e\u200b\r字\x00"
    for _ in range(40):
        text = "".join(chance.choices(alphabet, k=chance.randrange(1, 60)))
        cuts = sorted(chance.sample(range(len(text) + 1), min(len(text) + 1, 7)))
        segments = [
            [start, end, chance.sample(range(4), chance.randrange(1, 4))]
            for start, end in itertools.pairwise(cuts)
            if chance.random() < 0.7
        ]
        # Sentences end where no segment is cut.
        inside = {at for start, end, _ in segments for at in range(start + 1, end)}
        starts = [0, *(at for at in range(1, len(text)) if at not in inside and at % 3 == 0)]
        found = ask(
            """([text, starts, segments]) => {
                 const { pane, view } = r.viewOf(text, starts, segments, r.labelled(["a", "b", "c", "d"]));
                 return { shown: pane.textContent,
                   pieces: [...pane.querySelectorAll(".g")].map((g) => [g.textContent, g.dataset.labels]),
                   sentences: [...pane.querySelectorAll(".s")].length, other: pane.querySelectorAll(":not(span, div)").length };
               }""",
            [text, starts, segments],
        )
        marked = ask("t => r.withMarks(t)", text)
        assert found["shown"] == marked
        assert found["sentences"] == len(starts)
        assert found["other"] == 0
        assert [labels for _, labels in found["pieces"]] == [
            " ".join("abcd"[label] for label in labels) for *_, labels in segments
        ]
        rebuilt = [piece for piece, _ in found["pieces"]]
        for (start, end, _), piece in zip(segments, rebuilt, strict=True):
            # Joiners depend on what stands before them, so only what has none is compared alone.
            if "\u200d" not in text:
                assert piece == visible(text[start:end])


def covered(segments: list[dict[str, Any]], length: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(length)]
    for one in segments:
        for at in range(one["start"], one["end"]):
            assert not found[at]
            found[at] = one["labels"]
    return found


def test_a_formula_that_a_finding_cuts_is_one_piece(ask: Ask) -> None:
    """With all labels that are in it; nothing changes outside of formulas."""
    chance = random.Random(5)
    cases = []
    for _ in range(300):
        cuts = sorted(chance.sample(range(31), chance.randrange(2, 12)))
        segments = [
            {
                "start": a,
                "end": b,
                "labels": sorted(chance.sample(range(4), chance.randrange(1, 3))),
            }
            for a, b in itertools.pairwise(cuts)
            if chance.random() < 0.7
        ]
        ends = sorted(chance.sample(range(31), 2 * chance.randrange(4)))
        formulas = [{"from": a, "to": b} for a, b in zip(ends[::2], ends[1::2], strict=True)]
        cases.append([segments, formulas, sorted({0, chance.randrange(31)})])
    found = ask(
        "cases => cases.map(([s, f, t]) => r.joinFormulas(structuredClone(s), f, t))", cases
    )
    for (segments, formulas, starts), joined in zip(cases, found, strict=True):
        before, after = covered(segments, 31), covered(joined, 31)
        assert [one["start"] for one in joined] == sorted(one["start"] for one in joined)
        expected = list(before)
        for one in formulas:
            a, b = one["from"], one["to"]
            if any(a < start < b for start in starts):
                continue
            expected[a:b] = [sorted(set(itertools.chain(*before[a:b])))] * (b - a)
            if expected[a]:
                assert any(s["start"] <= a and b <= s["end"] for s in joined)
        assert after == expected


def test_a_finding_that_ends_in_a_formula_keeps_its_place(ask: Ask) -> None:
    """Its piece is the whole formula; offsets, text and copies stay exact."""
    found = ask(
        """() => {
             const text = "So 😀 $x^2 = 4$ holds.";
             const typed = { formulas: [{ from: 6, to: 15 }],
               box: (parent) => { const raw = r.element("span", "raw"), box = r.element("span", "math");
                 box.append(raw); parent.append(box); return raw; } };
             const pane = document.createElement("div");
             document.body.append(pane);
             const data = { text, starts: [0], segments: [[0, 8, 0], [16, 20, 1]], combinations: [[0], [1]],
               labels: r.labelled(["a", "b"]), thoughts: [], absence: "" };
             const view = r.makeTextView(pane, data, r.makeOffsets(text), typed);
             const range = view.range(0, 9);
             return { shown: pane.textContent, math: pane.querySelector(".g .math").textContent,
               pieces: view.piecesOf(0, 9).map((one) => one.textContent), other: view.piecesOf(17, 21).map((one) => one.textContent),
               end: view.unitAt(range.endContainer, range.endOffset), copied: text.slice(0, 9) === range.toString() };
           }"""
    )
    assert found == {
        "shown": "So 😀 $x^2 = 4$ holds.",
        "math": "$x^2 = 4$",
        "pieces": ["So 😀 ", "$x^2 = 4$"],
        "other": ["olds"],
        "end": 9,
        "copied": True,
    }


def test_hostile_text_is_text(ask: Ask) -> None:
    for text in ALL:
        found = ask(
            """(text) => {
                 const { pane } = r.viewOf(text, [0], [[0, r.makeOffsets(text).length, [0]]], r.labelled(["a"]));
                 return [pane.textContent, pane.querySelectorAll(":not(span, div)").length, r.withMarks(text)];
               }""",
            text,
        )
        assert found[0] == found[2]
        assert found[1] == 0
        assert "\x1b" not in found[0]
        assert "\u202e" not in found[0]
    assert ask("window.pwned === undefined")


def test_what_is_copied_is_the_exact_text(ask: Ask) -> None:
    text = "😀 a\u202eb\u200bc\r\nd 𝟏"
    copied = ask(
        """(text) => {
             const { pane, view } = r.viewOf(text);
             const select = (from, to) => {
               const selection = document.getSelection();
               selection.removeAllRanges();
               if (from !== to) {
                 const { startContainer, startOffset, endContainer, endOffset } = view.range(from, to);
                 selection.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
               }
               return r.exactSelection(pane, view, text);
             };
             const found = [select(0, text.length), select(3, 7), select(0, 0)];
             const outside = document.createElement("p");
             outside.textContent = "other";
             document.body.append(outside);
             document.getSelection().selectAllChildren(outside);
             found.push(r.exactSelection(pane, view, text));
             return found;
           }""",
        text,
    )
    units = text.encode("utf-16-le")
    assert copied == [text, units[6:14].decode("utf-16-le"), None, None]


@pytest.mark.parametrize(
    ("by", "analyzer", "was", "status"),
    [
        ([], "rules", None, ""),
        ([["a", "right"]], "rules", None, "accepted"),
        ([["a", "right, moved"]], "rules", [0, 1], "moved"),
        ([["a", "wrong"], ["b", "wrong"]], "rules", None, "rejected"),
        ([["a", "right"], ["b", "wrong"]], "rules", None, "differ"),
        ([["a", "added"]], "person", None, "added"),
    ],
)
def test_status(ask: Ask, by: list[Any], analyzer: str, was: Any, status: str) -> None:
    assert ask("f => r.statusOf(f)", {"by": by, "analyzer": analyzer, "was": was}) == status


def test_initials(ask: Ask) -> None:
    names = ["", "  ", "Ada", "Ada B. Lovelace Byron", "😀 smile", "<img src=x>"]
    assert [ask("n => r.initials(n)", n) for n in names] == ["", "", "A", "ABL", "😀s", "<s"]


def test_the_outbox_sends_until_it_is_settled(ask: Ask) -> None:
    found = ask(
        """async () => {
             const sent = [];
             r.OUTBOX.send = (events) => sent.push(events.map(({ does }) => does));
             const first = r.post({ does: "a" });
             const second = r.post({ does: "b" });
             r.settleOutbox([first, "unknown"]);
             const left = r.OUTBOX.waiting.map(({ id }) => id === second);
             r.settleOutbox([second]);
             r.OUTBOX.send = null;
             r.post({ does: "c" });
             const kept = r.OUTBOX.waiting.length;
             r.OUTBOX.waiting.length = 0;
             clearTimeout(r.OUTBOX.timer);
             r.keepName("Ada <b>");
             return { sent, left, kept, hex: /^[0-9a-f]{32}$/.test(first), other: first !== second,
               name: r.nameFor({ people: { me: "Bob" } }) };
           }"""
    )
    assert found == {
        "sent": [["a"], ["a", "b"]], "left": [True], "kept": 1, "hex": True, "other": True, "name": "Ada <b>",
    }  # fmt: skip


STRIP = """([data, findings, keys]) => {
  const canvas = document.createElement("canvas");
  canvas.style.cssText = "width:400px;height:40px";
  document.body.append(canvas);
  const went = [];
  const base = { labels: r.labelled(["candidate_answer", "x"]), scale: 100, tail: null, right: null, thoughts: [],
    starts: [0], rounds: [], findings };
  const layers = { has: () => true, colour: () => "#123456" };
  const strip = r.makeStrip({ canvas, data: { ...base, ...data }, findings, offsets: { length: data.length }, layers,
    listen: (target, kind, act) => target.addEventListener(kind, act), goTo: (point) => went.push(point) });
  strip.draw();
  strip.show(data.from ?? 0, data.to ?? 10);
  keys.forEach((key) => r.press(key, canvas));
  const ink = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte);
  strip.destroy();
  return { went, now: canvas.getAttribute("aria-valuenow"), said: canvas.getAttribute("aria-valuetext"), ink };
}"""


def test_the_strip_goes_where_its_keys_say(ask: Ask) -> None:
    finding = {"start": 10, "end": 20, "label": 0, "role": "right", "out": False, "look": ""}
    other = {"start": 15, "end": 40, "label": 1, "role": "", "out": False, "look": "rejected"}
    keys = ["ArrowRight", "ArrowLeft", "PageDown", "PageUp", "Home", "End", "a", "Tab"]
    found = ask(STRIP, [{"length": 200, "from": 100, "to": 120}, [finding, other], keys])
    assert found["went"] == [104, 96, 120, 80, 0, 199]
    assert found["now"] == "50"
    assert found["said"] == "50 % of the trace is above the screen"
    assert found["ink"]
    edge = ask(STRIP, [{"length": 3, "from": 2, "to": 3, "tail": 1, "right": 1, "rounds": [[0, 2, True], [2, 3, False]]}, [], ["PageUp", "PageDown"]])  # fmt: skip
    assert edge["went"] == [2, 2]


def test_which_answers_are_filled(ask: Ask) -> None:
    for role, gold, expected in (
        ("right", "", "right"),
        ("final", "", "final"),
        ("final", "7", "right"),
    ):
        data = {"findings": [{"role": role}], "side": {"gold": gold}}
        assert ask("d => r.filledRole(d)", data) == expected


def test_columns_follow_by_links(ask: Ask) -> None:
    links = [{"a": 0, "b": 2, "from": [1, 5], "to": [0, 9]}]
    for pair, expected in (
        ((0, 2), [[1, 5], [0, 9]]),
        ((2, 0), [[0, 9], [1, 5]]),
        ((0, 1), [[], []]),
    ):
        assert ask("([l, a, b]) => r.sides.linksBetween(l, a, b)", [links, *pair]) == expected
    for place, before, after, expected in (
        (5, [0, 0], [10, 100], 50),
        (-5, [0, 0], [10, 100], 0),
        (50, [0, 20], [10, 100], 100),
        (3, [3, 7], [3, 9], 7),
        (0, [0, 0], [0, 0], 0),
    ):
        assert ask("a => r.sides.carry(...a)", [place, before, after]) == expected
    for height in (100, 480):
        for scroll in (0, 10, 30, 200, 5_000):
            back = "([s, h]) => r.sides.scrollFor(r.sides.reading(s, h), h)"
            assert ask(back, [scroll, height]) == pytest.approx(scroll)


def test_passages_that_only_one_has(ask: Ask) -> None:
    """Blank lines begin none; stepping turns round at the end; nothing alone is said so."""
    said = ask(
        """() => {
             const said = [];
             const column = (text, starts, level, name) => {
               const made = r.viewOf(text, starts);
               const elements = [...made.pane.querySelectorAll(".s")];
               return { ...made, level, elements, data: { ...made.data, name }, top: () => 0 };
             };
             const one = column("😀 a.\\n\\n b. c.", [0, 4, 6, 9], [0, 0, 2, 0], "low");
             const two = column("x", [0], [2], "high");
             const state = { active: 0 };
             const shared = r.sides.makeShared([one, two], [{ a: 0, b: 1, from: [2], to: [0] }], state,
               { say: (text) => said.push(text), follow: () => {} });
             shared.step(1); shared.step(1); shared.step(-1);
             shared.pointed(0, 2, true); shared.pointed(0, 1, true);
             state.active = 1;
             shared.step(1);
             return said;
           }"""
    )
    assert said[0].startswith("low: passage ")
    assert {text.rpartition(" of ")[2] for text in said[:3]} == {"2 that only this one has"}
    assert said[3:] == ["1 counterpart", "No counterpart", "Nothing stands in this column alone"]


def test_labels_of_columns_are_counted_together(ask: Ask) -> None:
    columns = [
        {"labels": [{"name": "a", "count": n}, {"name": "b", "count": 0}]} for n in (1, 2, 3)
    ]
    found = ask("c => r.sides.labelsOf(c).map(({ name, count }) => [name, count])", columns)
    assert found == [["a", 6], ["b", 0]]


def test_streams_are_drawn_and_go(ask: Ask) -> None:
    labels = {"x": {"title": "X", "light": "#111", "dark": "#eee", "line": "wavy"}}

    def stream(key: str, pieces: list[Any], **more: Any) -> dict[str, Any]:
        base = {"asked": ALL[1], "facts": "f", "cut": False, "answer": "", "counts": [["x", 2]]}
        return {"key": key, "pieces": pieces, **base, **more}

    bad = [[text, "x" if n % 2 else None] for n, text in enumerate(ALL) if "\ud800" not in text]
    first = [stream("one", bad, answer=ALL[0], cut=True), stream("two", [], counts=[])]
    found = ask(
        """([labels, first]) => {
             const parentElement = document.createElement("div");
             parentElement.innerHTML = '<div class="streams"></div>';
             document.body.append(parentElement);
             const draw = (streams) => s.default({ data: { labels, streams, nothing: "No findings yet" }, parentElement });
             draw(first);
             const [one, two] = parentElement.querySelectorAll(".stream");
             const seen = { text: one.querySelector(".text").textContent, none: two.querySelector(".found").textContent,
               marks: one.querySelectorAll(".text .m").length, odd: parentElement.querySelectorAll("*:not(div, section, header, span)").length,
               count: one.querySelector(".count").textContent, asked: one.getAttribute("aria-label") };
             draw([first[1], first[0]]);
             seen.order = [...parentElement.querySelectorAll(".stream")].map((n) => n === two ? "two" : n === one ? "one" : "new");
             draw([first[1]]);
             seen.left = parentElement.querySelectorAll(".stream").length;
             seen.single = parentElement.firstChild.className;
             draw([]);
             seen.end = parentElement.querySelectorAll(".stream").length;
             return seen;
           }""",
        [labels, first],
    )
    words = "".join(text for text, _ in bad)
    assert found["text"] == f"… {words}{ALL[0]}"
    assert found["odd"] == 0
    assert found["marks"] == sum(label is not None for _, label in bad)
    assert (found["none"], found["count"], found["asked"]) == ("No findings yet", "X 2", ALL[1])
    assert (found["order"], found["left"], found["end"]) == (["two", "one"], 1, 0)
    assert found["single"] == "streams single"


def test_no_name_of_a_label_enters_the_style_sheet(ask: Ask) -> None:
    rules = ask("n => r.layerRules(r.labelled(n))", ["}*{background:url(http://127.0.0.1:9)}"])
    assert "127.0.0.1" not in rules
    assert json.dumps(rules).count(".l-0") > 2
