"""Cue lexicons: parsing, matching against a slow and plain oracle, and speed."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import UsageError
from analysis.model import Sentence
from analysis.text.cues import CueMatch, Lexicon, load_lexicon
from analysis.text.lexicon import expand, fold, parse_lexicon
from analysis.text.sentences import split_sentences
from tests.growth import assert_linear

SOURCE = """
version = "3"
fillers = ["{but|so|hmm|wait}", "但是"]

[[cue]]
id = "en.check"
label = "verify"
language = "en"
weight = 0.8
phrases = ["let {me|us} {check|verify|double-check}", "let's {check|verify}"]
not_followed_by = ["{in|out}"]

[[cue]]
id = "en.alt"
label = "switch"
language = "en"
position = "start"
phrases = ["alternatively", "wait a minute"]

[[cue]]
id = "en.way"
label = "switch"
language = "en"
weight = 0.5
phrases = ["another way", "another way around"]
not_preceded_by = ["there is no"]

[[cue]]
id = "en.way-heavy"
label = "switch"
language = "en"
weight = 0.9
phrases = ["another way"]

[[cue]]
id = "en.case"
label = "case"
language = "en"
regex = 'case\\s++\\d++'
anchors = ["case"]

[[cue]]
id = "zh.alt"
label = "switch"
language = "zh"
phrases = ["换{个|一种|}{思路|方法}", "另一种"]

[[cue]]
id = "zh.or"
label = "switch"
language = "zh"
position = "start"
phrases = ["或者,我们"]
"""


LEXICON = Lexicon(parse_lexicon("test", SOURCE))


@pytest.fixture
def lexicon() -> Lexicon:
    return LEXICON


def found(lexicon: Lexicon, text: str) -> list[tuple[str, str]]:
    return [(m.cue_id, text[m.start : m.end]) for m in lexicon.scan(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Let me check it.", [("en.check", "Let me check")]),
        (
            "LET’S  VERIFY; let's\tverify",
            [("en.check", "LET’S  VERIFY"), ("en.check", "let's\tverify")],
        ),
        ("Let me checkout, outlet me check, let me check in.", []),
        ("Let me double\u2011check.", [("en.check", "Let me double\u2011check")]),
        ("Alternatively, no.", [("en.alt", "Alternatively")]),
        ("But wait, hmm: alternatively, no.", [("en.alt", "alternatively")]),
        ("**So alternatively** no.", [("en.alt", "alternatively")]),
        ("2. Alternatively, no.", [("en.alt", "Alternatively")]),
        ("We could alternatively go.", []),
        ("Wait a minute. It is.", [("en.alt", "Wait a minute")]),
        ("Use another way around it.", [("en.way", "another way around")]),
        ("Use another way. It", [("en.way-heavy", "another way")]),
        ("There is no another way around it", [("en.way-heavy", "another way")]),
        ("In case 12 and Case\t3, uppercase 4.", [("en.case", "case 12"), ("en.case", "Case\t3")]),
        ("我们换个思路，换方法。", [("zh.alt", "换个思路"), ("zh.alt", "换方法")]),
        ("但是，或者，我们算。", [("zh.or", "或者，我们")]),
        ("我说或者，我们算。", []),
        ("我们let me check一下", [("en.check", "let me check")]),
        ("So `let me check` and $another way$ but let's check.", [("en.check", "let's check")]),
        ("", []),
        ("İ let me check ẞ", [("en.check", "let me check")]),
    ],
)
def test_matches(lexicon: Lexicon, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(lexicon, text) == expected


def test_no_match_crosses_a_sentence(lexicon: Lexicon) -> None:
    assert found(lexicon, "Let me. Check it.") == []
    text = "Let me check"
    halves = [Sentence(0, 0, 7), Sentence(1, 7, 12)]
    assert lexicon.scan(text, halves) == []


def test_match_of_one_sentence_has_offsets_of_the_text(lexicon: Lexicon) -> None:
    text = "Fine. But alternatively, let's check. End."
    assert lexicon.match(text, 6, 38) == [
        CueMatch("en.alt", "switch", 10, 23, 1.0),
        CueMatch("en.check", "verify", 25, 36, 0.8),
    ]
    assert lexicon.match(text, 0, 6) == []
    assert lexicon.match("`let's check`", 0, 13) == []
    assert len(lexicon.match("`let's check`", 0, 13, masks=())) == 1


def test_hash_sees_content_and_nothing_else() -> None:
    same = parse_lexicon("test", "# a comment\n" + SOURCE.replace("weight = 0.8", "weight  =  0.8"))
    other = parse_lexicon("test", SOURCE.replace("weight = 0.8", "weight = 0.7"))
    first = parse_lexicon("test", SOURCE)
    assert first.hash == same.hash != other.hash
    assert (len(first.hash), first.version) == (64, "3")


def test_expand() -> None:
    assert expand("{a|b|} C{d|e}") == sorted(["a cd", "a ce", "b cd", "b ce", "cd", "ce"])
    assert expand("x {a|{b|c} d}") == ["x a", "x b d", "x c d"]
    with pytest.raises(UsageError, match="balance"):
        expand("a {b")
    with pytest.raises(UsageError, match="more than"):
        expand("{a|b|c|d|e|f|g|h|i|j}" * 5)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
@settings(deadline=None)
def test_fold_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


BAD = [
    ("not toml [", "is not TOML"),
    ("", "no \\[\\[cue\\]\\]"),
    ("colour = 1", "unknown key 'colour'"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"', "either 'phrases' or 'regex'"),
    ('[[cue]]\nlabel="l"\nlanguage="en"\nphrases=["x"]', "'id' is missing"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases=["x"]\nweight=2', "not in 0..1"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases=["x"]\nposition="end"', "position"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases="x"', "wrong type"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases=["x"]\ncolour=1', "unknown key"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases=["... x"]', "must begin with"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nregex="("\nanchors=["x"]', "regex is wrong"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nregex="x"', "needs 'anchors'"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nregex="x*"\nanchors=["x"]', "empty text"),
    ('[[cue]]\nid="a"\nlabel="l"\nlanguage="en"\nphrases=["x"]\n' * 2, "used twice"),
]


@pytest.mark.parametrize(("source", "message"), BAD)
def test_a_bad_lexicon_says_what_is_wrong(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_lexicon("bad", source)


def test_unknown_lexicon_names_the_known() -> None:
    with pytest.raises(UsageError, match="switches"):
        load_lexicon("../switches")
    assert load_lexicon("switches") is load_lexicon("switches")


# --- against an oracle that tries every cue at every place ---------------------------------

WORDS = ["let", "me", "us", "let's", "check", "another", "way", "around", "but", "so", "wait", "a"]
TEXTS = st.lists(
    st.sampled_from(
        [*WORDS, "minute", "alternatively", "Alternatively", "out", "case", "12", "换个"]
    )
    | st.sampled_from(
        ["思路", "方法", "另一种", "或者,我们", "或者，我们", "但是", ",", ".", "\n", "'", "x"]
    ),
    max_size=25,
)


def oracle(lexicon: Lexicon, text: str) -> set[tuple[str, int, int]]:
    """Every cue, phrase by phrase, with ``re`` alone; then the best of each label, left to right."""
    word = r"(?:[^\W\u3040-\u9fff])"
    hits = []
    for sentence in split_sentences(text, ()):
        piece = fold(text[sentence.start : sentence.end])
        for cue in lexicon.data.cues:
            patterns = [r"\s+".join(map(re.escape, p.split())) for p in cue.phrases]
            for pattern in patterns or [cue.regex or ""]:
                edge = f"(?!{word})" if cue.phrases and re.match(word, pattern[-1]) else ""
                left = f"(?<!{word})" if re.match(word, pattern[0]) else ""
                for hit in re.finditer(f"(?={left}({pattern}){edge})", piece):
                    start, end = hit.span(1)
                    before, after = piece[:start], piece[end:]
                    if cue.position == "start" and not re.fullmatch(
                        rf"[\s']*(?:(?:{word}|\d)[.)]\s+)?(?:(?:(?:but|so|hmm|wait)(?!{word})|但是)[\s,.:;!?、。-]*)"
                        r"{0,4}",
                        before,
                    ):
                        continue
                    if any(re.match(rf"\s*{p}(?!{word})", after) for p in cue.not_followed_by):
                        continue
                    if any(re.search(rf"(?<!{word}){p}\s*$", before) for p in cue.not_preceded_by):
                        continue
                    shift = sentence.start
                    hits.append((start + shift, end + shift, cue))
    hits.sort(key=lambda h: (h[0], -h[1], -h[2].weight, h[2].id))
    kept, taken = set(), dict[str, int]()
    for start, end, cue in hits:
        if start >= taken.get(cue.label, -1):
            taken[cue.label] = end
            kept.add((cue.id, start, end))
    return kept


@given(TEXTS, st.sampled_from([" ", "", "  "]))
@settings(max_examples=500, deadline=None)
def test_scan_equals_the_oracle(words: list[str], space: str) -> None:
    text = "".join(f"{word}{space}" if word[0] < "\u3000" else word for word in words)
    matches = LEXICON.scan(text, masks=())
    assert {(m.cue_id, m.start, m.end) for m in matches} == oracle(LEXICON, text)
    assert [m.start for m in matches] == sorted(m.start for m in matches)


@given(TEXTS, st.sampled_from([" ", "", "\n"]))
@settings(max_examples=200, deadline=None)
def test_scan_equals_match_on_each_sentence(words: list[str], space: str) -> None:
    text = space.join(words)
    for lexicon in (load_lexicon("switches"), LEXICON):
        sentences = split_sentences(text)
        one_by_one = [m for s in sentences for m in lexicon.match(text, s.start, s.end)]
        assert lexicon.scan(text) == one_by_one
        for match in one_by_one:
            assert 0 <= match.start < match.end <= len(text)
            assert 0 <= match.weight <= 1


@pytest.mark.parametrize(
    "seed", ["let ", "let me ", "wait, ", "let  ", "another way ", "换", "a", "but "]
)
def test_time_grows_with_the_text(seed: str) -> None:
    def run(size: int) -> Callable[[], object]:
        text = seed * (size // len(seed))
        sentences = split_sentences(text)
        return lambda: LEXICON.scan(text, sentences, ())

    assert_linear(run, 100_000)
