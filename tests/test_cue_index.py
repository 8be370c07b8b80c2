"""The words that cues begin with: read off expressions, and looked up in a text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.text.cue_index import ANY, START, CueIndex, words_of
from analysis.text.cue_prefixes import first_words
from analysis.text.lexicon import lexicon_data

REGEXES = [
    cue.regex
    for name in ("backtracking", "verification", "switches", "behaviours")
    for cue in lexicon_data(name).cues
    if cue.regex
]


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("let me see", {("let", "me")}),
        ("let me see\\b", {("let", "me", "see")}),
        ("let(?:'s| us) go ", {("let", "s", "go"), ("let", "us", "go")}),
        ("(?:i|we) (?:now )?(?:must|can) ", {
            ("i", "must"), ("i", "can"), ("we", "must"), ("we", "can"),
            ("i", "now", "must"), ("i", "now", "can"), ("we", "now", "must"), ("we", "now", "can"),
        }),
        ("re-?check ", {("re", "check"), ("recheck",)}),
        ("double[- ]check\\b", {("double", "check")}),
        ("(?:so ){0,9}why ", {
            ("why",), ("so", "why"), ("so", "so", "why"), ("so", "so", "so"),
        }),
        ("use [^.]{1,9} now ", {("use",)}),
        ("contradict\\w* it ", {(), ("contradict", "it")}),
        ("is (?=it)(?:right|wrong)(?![^\\W])", {("is", "right"), ("is", "wrong")}),
        ("(a|b) c ", {()}),
        ("option [a-c]\\)", {("option", "a"), ("option", "b"), ("option", "c")}),
        ("[^a]b", {()}),
        ("step \\d+ ", {("step",)}),
    ],
)  # fmt: skip
def test_first_words(regex: str, expected: set[tuple[str, ...]]) -> None:
    assert first_words(regex, 3) == expected


@given(st.data(), st.sampled_from(REGEXES))
@settings(max_examples=100, deadline=None)
def test_every_match_begins_with_one_of_the_lists(data: st.DataObject, regex: str) -> None:
    plain = re.sub(r"(?<!\\)([+*?}])\+", r"\1", regex)  # hypothesis knows no possessive quantifiers
    text = data.draw(st.from_regex(plain))
    found = re.compile(regex).search(text)
    if found is None:
        return
    words = re.findall(r"\w+", text[found.start() :])
    lists = first_words(regex, 3)
    assert any(tuple(words[: len(some)]) == some for some in lists), (regex, text)


def test_places_are_found_by_their_first_words_only() -> None:
    index = CueIndex(
        [(ANY, "let's try it out", "try"), (ANY, "unsure", "unsure"), (START, "so why", "why")],
        ["wait", "but then"],
    )
    pieces = [
        "I am Unsure. ",
        "Let’s  try it, ",
        "wait, but then (so why? ",
        "xy so why ",
        "2) So, why",
    ]
    edges = np.cumsum([0, *map(len, pieces)])
    text = "".join(pieces)
    words = words_of(text, edges[:-1], edges[1:])
    anywhere, at_start = index.places(words)
    assert [(text[at : at + 6].lower(), kept) for at, _, _, kept in anywhere] == [
        ("unsure", ["unsure"]),
        ("let’s ", ["try"]),
    ]
    assert [(start, kept) for _, start, _, kept in at_start] == [
        (int(edges[2]), ["why"]),
        (int(edges[4]), ["why"]),
    ]


def test_sentences_that_are_looked_at_one_by_one() -> None:
    pieces = [
        "Plain. ",
        "half",
        "way. ",
        "有 ",
        "Plain \N{THINKING FACE}. ",
        "far. ",
        "\U0001d465. ",
        "x",
    ]
    edges = np.cumsum([0, *map(len, pieces)])
    slow = words_of("".join(pieces), edges[:-1], edges[1:]).slow.tolist()
    assert slow == [False, True, True, True, False, True, True, False]
