"""Overthinking: candidates, their numbers, repetition and loops, tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers import repetition
from analysis.analyzers.documents import make_document
from analysis.analyzers.overthinking import Overthinking
from analysis.analyzers.tokens import count_tokens, estimate_tokens
from analysis.model import Finding
from tests.growth import assert_linear

ANALYZER = Overthinking()


def analyze(text: str, **stated: Any) -> tuple[list[Finding], dict[str, Any]]:
    """Findings and metrics of a reasoning."""
    result = ANALYZER.analyze(make_document("t", text, **stated))
    return list(result.findings), {m.name: m.value for m in result.metrics}


TEXT = (
    "We add them up. So 60 + 60 = 120. Hmm. Therefore, the answer is 140. Wait, no. "
    "120 + 30 = 150. Thus the answer is 150. Let me check again: 2.5 times 60 is 150. "
    "So the answer is 150."
)


def test_the_history_of_answers() -> None:
    findings, numbers = analyze(TEXT, answer="The train goes **150 km**.", gold_answer="150")
    values = [(f.value, f.evidence["form"]) for f in findings if f.label == "candidate_answer"]
    assert values == [
        ("140", "answer_is"),
        ("150", "result"),
        ("150", "answer_is"),
        ("150", "answer_is"),
    ]
    first_final = (TEXT.index("150") + 3) / len(TEXT)
    assert numbers["final_answer"] == "150 km"
    assert numbers["answer_from_thinking"] is False
    assert numbers["n_candidates"] == 4
    assert numbers["n_distinct_answers"] == 2
    assert numbers["n_answer_changes"] == 1
    assert numbers["first_answer_frac"] == pytest.approx((TEXT.index("140") + 3) / len(TEXT))
    assert numbers["first_final_frac"] == pytest.approx(first_final)
    assert numbers["post_answer_waste"] == pytest.approx(1 - first_final)
    assert numbers["first_correct_frac"] == pytest.approx(first_final)
    assert numbers["n_repeat_final"] == 2
    assert numbers["right_to_wrong"] is False
    assert numbers["wrong_to_right"] is True


@pytest.mark.parametrize(
    ("reasoning", "answer", "gold", "first", "stable"),
    [
        # What a short text comes to counts from one digit on, also where only a clause concludes.
        ("9 + 16 = 25, so c = 5. Let me check it. The answer is 5.", "5", "5", "so c = 5", "so c = 5"),
        ("The answer is 8. Wait, that is 2 + 6. No: 3 + 3 = 6.", "**6**", "6", "3 + 3 = 6", "3 + 3 = 6"),
        ("Is it 7? Adding, 180/3 = 60 km/h.", "$60$ km/h", "60 km/h", "60 km/h", "60 km/h"),
        # An answer of words, and one that the response says in other words.
        ("It may be Quito. The capital of Peru is Lima. Yes.", "It is **Lima**.", "Lima", "is Lima", "is Lima"),
        ("So the answer is B. I am sure.", "**B. Lima** is the capital.", "B", "answer is B", "answer is B"),
        ("Ten cubed is 10*10*10 = 1000.", "The answer is one thousand.", "1000", "= 1000", "= 1000"),
        # A question states nothing.
        ("Hmm, 3 * 4 = 11? No, 3 * 4 = 12. So the answer is 12.", "12", "12", "No, 3 * 4 = 12", "No, 3 * 4 = 12"),
    ],
)  # fmt: skip
def test_where_the_right_answer_first_stands(
    reasoning: str, answer: str, gold: str, first: str, stable: str
) -> None:
    _, numbers = analyze(reasoning, answer=answer, gold_answer=gold)
    for name, place in (("first_correct_frac", first), ("first_stable_answer_frac", stable)):
        end = reasoning.index(place) + len(place)
        assert numbers[name] * len(reasoning) == pytest.approx(end), name


def test_right_then_wrong() -> None:
    _, numbers = analyze("The answer is 7. No, the answer is 8.", answer="8", gold_answer="7")
    assert numbers["right_to_wrong"] is True
    assert numbers["wrong_to_right"] is False
    _, stated = analyze("The answer is 7. No, it is 8.", answer="8", gold_answer="7", correct=True)
    assert stated["right_to_wrong"] is False


def test_undefined_is_none() -> None:
    _, numbers = analyze("Hmm, I wonder. The cat sat on the mat, and then it left again.")
    for name in (
        "final_answer",
        "first_answer_frac",
        "first_final_frac",
        "post_answer_waste",
        "tokens_after_first_final",
        "n_repeat_final",
        "first_correct_frac",
        "right_to_wrong",
        "answer_from_thinking",
    ):
        assert numbers[name] is None, name
    assert numbers["n_candidates"] == 0
    _, unreached = analyze("Hmm, I wonder.", answer="The answer is 5.", gold_answer="5")
    assert unreached["final_answer"] == "5"
    assert unreached["first_final_frac"] is None
    assert unreached["first_correct_frac"] is None


def test_intermediate_results_are_no_candidates() -> None:
    text = "So 3 * 4 = 12. Thus 12 + 5 = 17. Hence 17 - 2 = 15. So the answer is 15."
    findings, numbers = analyze(text)
    assert [f.value for f in findings] == ["15", "15"]
    assert numbers["n_distinct_answers"] == 1


def test_repetition_points_at_the_first() -> None:
    text = "We count every pair only once here. Fine. We  count every pair only once HERE. Fine."
    findings, numbers = analyze(text)
    (again,) = [f for f in findings if f.label == "repetition"]
    assert text[again.start : again.end].strip() == "We  count every pair only once HERE."
    first = again.evidence["first"]
    assert text[first[0] : first[1]].strip() == "We count every pair only once here."
    assert 0.4 < numbers["repeat_share"] < 0.5


@pytest.mark.parametrize(
    ("head", "block", "times", "cut"),
    [
        ("A start. ", "Wait, let me check that once more. ", 5, 11),
        ("A start.\n\n", "So it is 5.\nNo, it is 6.\n\n", 9, 0),
        ("", "the same and the same again, ", 3, 0),
        ("开头。", "等等，我再检查一遍这个答案是不是正确的。", 4, 7),
    ],
)
def test_loops_at_the_end(head: str, block: str, times: int, cut: int) -> None:
    text = head + block * times + block[:cut]
    loop = repetition.tail_loop(text)
    assert loop is not None
    assert loop.period == len(block)
    assert loop.start <= len(head) + 1
    assert loop.end == len(text.rstrip())
    findings, numbers = analyze(text)
    assert numbers["tail_loop"] is True
    assert any(f.label == "loop" for f in findings)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Short. Short.",
        "The end of this text says a thing once, and it says a thing twice, but never three times.",
        "-" * 500,
        "\n" * 500,
        "We loop. " * 20 + "But in the end there is a conclusion that was never said before this.",
    ],
)
def test_no_loop(text: str) -> None:
    assert repetition.tail_loop(text) is None


@given(
    st.text(alphabet="abc .", max_size=40),
    st.text(alphabet="abcdefgh. ", min_size=25, max_size=60),
    st.integers(3, 8),
)
def test_a_repeated_block_is_found_whatever_stands_before(head: str, block: str, n: int) -> None:
    block = f"x{block}y"
    text = head + block * n
    loop = repetition.tail_loop(text)
    assert loop is not None
    assert len(block) % loop.period == 0
    assert loop.start <= len(head)
    assert all(text[i] == text[i + loop.period] for i in range(loop.start, loop.end - loop.period))


@given(st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=60))
def test_ngrams_by_the_definition(words: list[str]) -> None:
    grams = [tuple(words[i : i + 8]) for i in range(len(words) - 7)]
    expected = sum(grams.count(g) > 1 for g in grams) / len(grams) if grams else None
    assert repetition.ngram_repeat(" ".join(words)) == expected


def test_tokens() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens("a" * 380) == 100
    assert estimate_tokens("字" * 100) == 70
    assert count_tokens("word " * 760, 900) == (900, "api")
    assert count_tokens("word " * 760, 9000) == (1000, "estimate")
    assert count_tokens("word " * 760, -5) == (1000, "estimate")
    assert count_tokens("word " * 760, None) == (1000, "estimate")
    assert count_tokens("字" * 1000, 700) == (700, "api")


def test_lengths_and_placeholders() -> None:
    _, numbers = analyze("Thinking... " * 40)
    assert numbers["placeholder_cot"] is True
    assert numbers["tail_loop"] is True
    _, numbers = analyze("我们算 2 + 3 等于 5。", reasoning_tokens=10)
    assert numbers["thinking_words"] == 9
    assert numbers["thinking_chars"] == 15
    assert numbers["placeholder_cot"] is False


@pytest.mark.parametrize(
    "block",
    [
        "Wait, let me check again whether the answer is 42. ",
        r"So x = \boxed{",
        "So = 1 = ",
        "the answer is to (1 ",
        "{",
        "a",
    ],
)
def test_time_grows_with_the_text(block: str) -> None:
    def run(size: int) -> Callable[[], object]:
        document = make_document("t", (block * (size // len(block) + 1))[:size])
        return lambda: ANALYZER.analyze(document)

    assert_linear(run, 60_000)
