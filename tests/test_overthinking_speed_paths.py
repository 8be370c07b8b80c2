"""The ways that make the overthinking metrics fast give what the plain ways give."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyzers.documents import make_document
from analysis.analyzers.overthinking import Overthinking
from analysis.analyzers.phrases import HESITATION, SWITCH_PHRASE, count_phrases
from analysis.analyzers.rounds import find_rounds
from analysis.analyzers.words import CJK, count_words
from analysis.answers import candidates, latex, patterns
from analysis.text.presence import Presence, escape
from tests.growth import assert_linear

PIECES = st.sampled_from(
    ["The answer is 12.", "So x = 5.", "option (C) is correct", "I choose option B", "go with (A) ", "B) is the best answer", "\\\\boxed{3}",
     "\\boxed{4}", "\x08oxed{5}", "Options: ", "conclusion is D.", "故选 B", "C seems right. ", "antwort", "Antwort: 7", "答案是 12。", "Wait, ",
     "but wait", "**Hmm**", "\n", " ", "\u3000", "\u00a0", "\ud800", "😀", "12 + 3 = 15. ", "x = 2(B) is correct. "]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=20).map("".join)


@settings(deadline=None)  # the first call reads the lexicons
@given(st.lists(TEXTS, max_size=5))
def test_many_documents_at_once_give_what_each_gives(texts: list[str]) -> None:
    documents = [make_document(str(i), t, gold_answer="12") for i, t in enumerate(texts)]
    assert Overthinking().analyze_many(documents) == [Overthinking().analyze(d) for d in documents]


@given(TEXTS)
def test_no_pattern_is_passed_over(text: str) -> None:
    every = frozenset(patterns._LITERALS) | frozenset(patterns._PATTERNS)

    def scanned() -> list[list[object]]:
        return [
            [(c.start, c.end, c.form) for c in candidates.explicit_candidates(text)],
            [m.span() for m in patterns.praised(text)],
        ]

    quick = scanned()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "seen", lambda _: every)
        assert quick == scanned()


@given(TEXTS)
def test_values_that_equal_nothing_asked_for_change_no_candidate_that_counts(text: str) -> None:
    sentences = make_document("t", text).sentences
    explicit = candidates.explicit_candidates(text)
    wanted = {"12", "B"}
    every = candidates.with_conclusions(text, sentences, explicit)
    few = candidates.with_conclusions(text, sentences, explicit, wanted)
    weak = ("conclusion", "result", "statement")
    assert [
        c
        for c in every
        if c.form not in weak
        or (
            c.parsed.core in wanted
            and candidates.long_enough(c.form, c.parsed.core, len(sentences))
        )
    ] == [c for c in few if c.form not in weak or c.parsed.core in wanted]


@given(st.lists(st.sampled_from(["ab", "b", "abc", "ä", "中", "\ud800", " ", "\x00"])).map("".join))
def test_presence_is_that_of_in(text: str) -> None:
    literals = ["ab", "bc", "ä", "中", "b a", ".", "\x00"]
    found = Presence([escape(literal) for literal in literals]).found(text)
    assert sorted(found) == [i for i, literal in enumerate(literals) if literal in text]


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        (r"{ \\boxed{1} \boxed{2}", ["2"]),
        (r"\\\boxed{3} } {", ["3"]),
        ("\\\x08oxed{4} \x08oxed{5}", ["5"]),
        (r"} } \fbox{\text{a}} {", [r"\text{a}"]),
    ],
)
def test_boxes_behind_backslashes_and_braces(text: str, boxes: list[str]) -> None:
    assert [content for _, _, content in latex.boxes(text)] == boxes


def test_every_opening_of_a_conclusion_is_seen() -> None:
    english = "so|Thus|therefore|Hence|then|In total|that gives|Which is|giving|we get|It follows"
    chinese = "所以|因此|因而|故|于是|从而|那么|总共|一共|则|よって|したがって|従って|ゆえに|だから|따라서"
    others = "Also|Daher|Donc|Por tanto|Entonces|Portanto|Quindi|Значит|Следовательно|Итак"
    for opening in f"{english}|{chinese}|{others}|Okay, so|yeah thus|Finally, we have".split("|"):
        assert patterns.CONCLUDES.match(f"  {opening} x"), opening
    assert not patterns.CONCLUDES.match("Because x")


def test_phrases_in_bold_count_where_their_words_stand_nowhere_else() -> None:
    assert count_phrases("**Wait**, I am *not sure*.") == {HESITATION: 2, SWITCH_PHRASE: 0}
    assert count_phrases("waiting for a hummingbird") == {HESITATION: 0, SWITCH_PHRASE: 0}


def test_a_no_break_space_behind_a_candidate_divides_no_word() -> None:
    block = "the answer is 5\u00a0cm and so on and on we go again and again. "
    document = make_document("t", block * 8, answer="5")
    found = Overthinking().analyze(document)
    loops = [f for f in found.findings if f.label == "loop"]
    assert [(f.start, f.end) for f in loops] == [(0, len(block * 8) - 1)]
    words = find_rounds(
        document.reasoning, candidates.explicit_candidates(document.reasoning)
    ).words
    assert [word.decode() for word in words.vocabulary].count("5\u00a0cm") == 1


@given(st.text(alphabet="a \t\n\x1c\x85\u00a0\u3000é中", max_size=40))
def test_words_are_counted_between_white_space(text: str) -> None:
    assert count_words(text) == len(re.sub(CJK, r" \1 ", text).split())


def test_candidates_in_a_text_without_white_space_cost_linear_time() -> None:
    def run(size: int) -> Callable[[], object]:
        document = make_document("t", "答案是12。" * (size // 6), answer="12")
        return lambda: Overthinking().analyze(document)

    assert_linear(run, 30_000)
