"""Masks: what is not prose, with exact spans."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.text.masks import inside, mask_spans, text_in_math
from tests.growth import assert_linear

# A span is written ⟦kind:text⟧.
CASES = [
    "Plain prose, 5 > 3 and x < y, [sic], {a}.",
    "So ⟦math:$x = 5$⟧ and ⟦math:\\(y. z\\)⟧ hold.",
    "I paid $5 and $7 for it.",
    "It costs $5 or 10$. How much is 20$?",
    "It costs $20/hour × 3 = $60, so $x$y is odd.".replace("$x$y", "⟦math:$x$⟧y"),
    "Er zahlt 165 $ und bekommt 10 $ zurück.",
    "A price of \\$5 and a ⟦math:$\\$5 + x$⟧.",
    "⟦math:$ x = 5 $⟧ with spaces, but not $x = 5 $ or $ x.",
    "A stray $ here\nand one there$ end.",
    "Here ⟦math:$$x\n= 5$$⟧ and $$ open.\n\nNo $$ more.",
    "⟦math:\\[\nx = 5\n\\]⟧ and ⟦math:\\[\n\nx\n\n\\]⟧",
    "\\( never\n\nclosed \\) here",
    "Open \\[ then ⟦math:\\[ x \\]⟧ closed.",
    "⟦math:\\begin{align}a\\begin{b}c\\end{b}\\end{align}⟧ end",
    "⟦math:\\begin{a}⟧ open, \\end{b} ⟦math:\\end{a}⟧".replace(
        "\\end{b}", "⟦math:\\end{b}⟧"
    ).replace(
        "⟦math:\\begin{a}⟧ open, ⟦math:\\end{b}⟧ ⟦math:\\end{a}⟧",
        "⟦math:\\begin{a} open, \\end{b} \\end{a}⟧",
    ),
    "So ⟦math:\\boxed{\\frac{1}{\\sqrt{2}}}⟧ it is, ⟦math:\\pi⟧ too.",
    "Twice escaped: ⟦math:\\\\(x\\\\)⟧.",
    "Run ⟦code:`ls -l`⟧ or ⟦code:``a`b``⟧, not ` this.",
    "A\n⟦code:```python\nx = '$5'\n\ny\n```⟧\nB",
    "A\n⟦code:```\nx\ny⟧\n\nprose $a b",
    "⟦code:```a\nx⟧\n\nprose\n⟦code:```b\ny\n```⟧\nend",
    "⟦code:~~~\nx\n~~~⟧ and ⟦code:```one line```⟧",
    "See ⟦url:https://a.b/c_(d)?e=f#g⟧. (⟦url:http://x.y⟧) 见⟦url:www.z.org⟧。",
    "⟦tag:<think>⟧ok⟦tag:</think>⟧⟦tag:<|im_end|>⟧⟦tag:<｜end▁of▁sentence｜>⟧ ⟦tag:[INST]⟧",
    '⟦tag:<a href="x y">⟧z⟦tag:</a>⟧ ⟦tag:<br/>⟧ ⟦tag:{{name}}⟧ a <b and c> d',
    "a<b, c<d, e>f and 1<2>0",
]


def marked(text: str) -> str:
    out, at = [], 0
    for start, end, kind in mask_spans(text):
        out += [text[at:start], f"⟦{kind}:", text[start:end], "⟧"]
        at = end
    return "".join([*out, text[at:]])


def unmarked(case: str) -> str:
    for kind in ("math", "code", "url", "tag"):
        case = case.replace(f"⟦{kind}:", "")
    return case.replace("⟧", "")


@pytest.mark.parametrize("case", CASES)
def test_spans(case: str) -> None:
    assert marked(unmarked(case)) == case


def test_identifiers_are_masked_on_request() -> None:
    text = (
        "Use snake_case, np.array(x), sqrt(3) and camelCase(y), f(x), value(s), x_1; not e.g. this."
    )
    found = {text[a:b] for a, b, _ in mask_spans(text, identifiers=True)}
    assert found == {"snake_case", "np.array", "sqrt", "camelCase", "x_1"}
    assert mask_spans(text) == ()


def test_words_inside_formulas_can_be_found() -> None:
    text = r"So $x = 3 \text{ apples} + \mathrm{d}y$ and \text{not this}."
    start, end, _ = mask_spans(text)[0]
    assert [text[a:b] for a, b in text_in_math(text, start, end)] == [" apples", "d"]


def test_inside() -> None:
    spans = mask_spans("a $b$ c `d`")
    assert [inside(spans, at) for at in (0, 2, 4, 5, 8, 10)] == [
        False,
        True,
        True,
        False,
        True,
        True,
    ]
    assert not inside((), 0)


FRAGMENTS = [
    *"$`\\()[]{}<>|/=~\"' \n\t.5ax_é。",
    *("$$", "```", "~~~", "\n\n", "\\(", "\\)", "\\[", "\\]", "\\begin{a}", "\\end{a}", "\\end{b}"),
    *("\\boxed{", "http://a", "<think>", "{{", "py"),
]
SYNTAX = st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)


@given(SYNTAX | st.text(max_size=200))
@settings(max_examples=400, deadline=None)
def test_sorted_disjoint_and_in_bounds(text: str) -> None:
    for spans in (mask_spans(text), mask_spans(text, identifiers=True)):
        at = 0
        for start, end, kind in spans:
            assert at <= start < end <= len(text)
            assert kind in {"code", "math", "url", "tag"}
            at = end


@given(SYNTAX)
@settings(deadline=None)
def test_what_follows_a_blank_line_and_prose_is_not_swallowed(text: str) -> None:
    """Whatever is left open in front, a later paragraph keeps its own formulas."""
    if any(opener in text for opener in ("```", "~~~", "\\[", "\\begin")):
        return
    tail = "\n\nprose and $x = 1$ more"
    spans = mask_spans(text + tail)
    offset = len(text) + len("\n\nprose and ")
    assert (offset, offset + len("$x = 1$"), "math") in spans


SEEDS = [
    *("$", "`", "(", "\\[", "\\(", "\\\\[", "$$", "$ ", "$a\n", "\\begin{a}", "\\begin{a}\\end{b}"),
    *(
        "\\a{",
        "\\a{}",
        "{",
        "{{",
        "<a ",
        '<a x="',
        "<",
        "<!--",
        "<|a",
        "```\n",
        "```py\n",
        "``",
        "~~~\n",
    ),
    *("http://a) ", "http://a", "www.", "[INST", "x_", "a(", "a.b", "\\[ \\(", "\\( \n\n", "``a`"),
]


@pytest.mark.parametrize("seed", SEEDS, ids=[repr(seed) for seed in SEEDS])
def test_time_grows_with_the_text(seed: str) -> None:
    def run(size: int) -> Callable[[], object]:
        text = seed * (size // len(seed))
        return lambda: mask_spans(text, identifiers=True)

    assert_linear(run, 60_000)
