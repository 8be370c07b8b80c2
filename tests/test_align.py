"""Aligning two traces by what they say: examples with expected links, properties, and growth."""

from __future__ import annotations

import random
import time
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.effort.align import (
    ALIKE_THERE,
    ONLY_HERE,
    SAME_THERE,
    Alignment,
    align,
    align_all,
    levels,
)
from analysis.effort.sentence_forms import form, says_the_same

LOW = [
    "There are 7 boxes with 6 pens each.",
    "7 * 6 = 42.",
    "The answer is 42.",
]
HIGH = [
    "Okay, let me think about this.",
    "So there are 7 boxes, with 6 pens each.",
    "Maybe I should draw a picture of a shelf first?",
    "That gives 7 * 6 = 42.",
    "Wait, is the shelf empty?",
    "The answer isn't 43.",
    "**The answer is  $42$.**",
]


def places(found: Alignment) -> list[tuple[int, int]]:
    return [(link.a, link.b) for link in found.links]


def test_what_two_efforts_share() -> None:
    found = align(LOW, HIGH)
    assert places(found) == [(0, 1), (1, 3), (2, 6)]
    assert [link.same for link in found.links] == [True, True, True]
    assert found.levels_a == (SAME_THERE,) * 3
    assert found.levels_b[2] == found.levels_b[4] == ONLY_HERE
    assert found.levels_b[6] == SAME_THERE


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("The answer is 42.", "So the answer is 42!", True),
        ("The answer is 42.", "The answer is 43.", False),
        ("The number is prime, as we saw.", "The number is not prime, as we saw.", False),
        ("Then x < 3 for all such x.", "Then x > 3 for all such x.", False),
        (r"Then \(x \leq 3\).", "then $x ≤ 3$", True),
        ("So x² + 1 = 5", "So x^2 + 1 = 5.", True),
        ("It can't be even.", "It can be even.", False),
        ("所以答案是四十二", "所以答案不是四十二", False),
        ("所以答案是四十二。", "那么所以答案是四十二", True),
    ],
)
def test_a_number_a_negation_or_a_comparison_decides(one: str, other: str, same: bool) -> None:
    found = align([one], [other])
    link = found.links[0] if found.links else None
    assert (link is not None and link.same) is same
    assert says_the_same(form(one), form(one), 1.0)


def test_the_same_said_elsewhere_is_no_news_but_no_link_crosses() -> None:
    a = [
        "Alpha holds for every prime.",
        "Beta follows from the lemma.",
        "Gamma is a contradiction.",
    ]
    b = [a[2], a[0], "Nothing of this stands in the other trace.", a[1]]
    found = align(a, b)
    assert places(found) == [(0, 1), (1, 3)]
    assert found.levels_a == (SAME_THERE,) * 3
    assert found.levels_b == (SAME_THERE, SAME_THERE, ONLY_HERE, SAME_THERE)


def test_repeated_sentences_stay_in_order_between_what_is_sure() -> None:
    filler = ["Wait.", "Let me check again."]
    a = [*filler * 3, "The base case is n = 17.", *filler * 3]
    b = [*filler * 5, "The base case is n = 17.", *filler * 2]
    pairs = places(align(a, b))
    assert (6, 10) in pairs
    assert sum(i < 6 for i, _ in pairs) == 6
    assert sum(i > 6 for i, _ in pairs) == 4
    # A loop of one trace against a single run of it in the other.
    assert len(places(align(filler, filler * 500))) == 2


def test_several_traces_and_what_only_one_has() -> None:
    third = ["The answer is 43.", "A heron crosses the pond."]
    traces = [LOW, HIGH, third]
    found = align_all(traces)
    assert sorted(found) == [(0, 1), (0, 2), (1, 2)]
    seen = levels(found, [3, 7, 2])
    assert len(seen[1]) == 7
    assert seen[0] == (SAME_THERE,) * 3
    assert seen[2] == (ALIKE_THERE, ONLY_HERE)
    assert levels(align_all([LOW]), [3]) == [(ONLY_HERE,) * 3]


@pytest.mark.parametrize("empty", [([], []), (LOW, []), ([], LOW), (["", " "], ["\n"])])
def test_nothing_to_align(empty: tuple[list[str], list[str]]) -> None:
    a, b = empty
    found = align(a, b)
    assert (len(found.levels_a), len(found.levels_b)) == (len(a), len(b))
    assert all(link.a < len(a) and link.b < len(b) for link in found.links)


words = st.sampled_from(
    [
        "so",
        "wait",
        "the",
        "sum",
        "of",
        "3",
        "4",
        "12",
        "is",
        "not",
        "=",
        "prime",
        "所以",
        "😀",
        "\\frac",
        "---",
    ]
)
sentences = st.lists(st.lists(words, max_size=6).map(" ".join), max_size=30)


@settings(max_examples=150, deadline=None)
@given(sentences, sentences)
def test_links_ascend_and_do_not_depend_on_the_order(a: list[str], b: list[str]) -> None:
    found, turned = align(a, b), align(b, a)
    assert all(x.a < y.a and x.b < y.b for x, y in pairwise(found.links))
    assert all(0 <= link.a < len(a) and 0 <= link.b < len(b) for link in found.links)
    assert sorted((link.b, link.a) for link in turned.links) == places(found)
    assert (turned.levels_b, turned.levels_a) == (found.levels_a, found.levels_b)
    assert (len(found.levels_a), len(found.levels_b)) == (len(a), len(b))
    for link in found.links:
        assert 0 <= link.likeness <= 1
        level = SAME_THERE if link.same else ALIKE_THERE
        assert found.levels_a[link.a] >= level <= found.levels_b[link.b]


@settings(max_examples=60, deadline=None)
@given(sentences)
def test_a_text_aligns_with_itself(a: list[str]) -> None:
    found = align(a, a)
    assert places(found) == [(i, i) for i in range(len(a))]
    assert all(link.same for link in found.links)


def _random(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        " ".join(f"w{draw.randrange(2000)}" for _ in range(10)) + f" = {draw.randrange(999)}"
        for _ in range(n)
    ]


@pytest.mark.parametrize("kind", ["looped", "few words", "counting", "new"])
def test_five_thousand_sentences_each_take_seconds_and_little_memory(kind: str) -> None:
    draw = random.Random(7)
    some = {
        "looped": lambda: (
            ["Wait.", "Let me check.", "So it is 5."] * 1667,
            ["So it is 5."] * 5000,
        ),
        "few words": lambda: tuple(
            [" ".join(draw.choices("abcdefgh", k=8)) for _ in range(5000)] for _ in range(2)
        ),
        "counting": lambda: tuple(
            [f"Let me check n = {i}." for i in range(start, start + 5000)] for start in (0, 3000)
        ),
        "new": lambda: (_random(2500, 1) + _random(2500, 2), _random(2500, 1) + _random(2500, 3)),
    }
    a, b = some[kind]()
    begun = time.process_time()
    found = align(a, b)
    assert time.process_time() - begun < 6
    expected = {"looped": 1667, "counting": 2000, "new": 2500}.get(kind, 0)
    assert len(found.links) >= expected
    if kind == "looped":  # tracing makes the others slow
        tracemalloc.start()
        align(a, b)
        assert tracemalloc.get_traced_memory()[1] < 60e6
        tracemalloc.stop()
