"""Answers: normal form, exact equality, extraction from answers and from reasoning."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.answers import latex, numbers
from analysis.answers.extract import (
    candidates,
    explicit_candidates,
    final_answer,
    last_mention,
)
from analysis.answers.normalise import equal, normalise, parse, same
from analysis.text.sentences import split_sentences

NORMAL = {
    "42": "42",
    "042": "42",
    "-0": "0",
    "42.": "42",
    "42.0": "42",
    "1,000": "1000",
    "1{,}000": "1000",
    "1 234 567": "1234567",
    "0.750": "0.75",
    r"\frac34": "0.75",
    r"\dfrac{3}{4}": "0.75",
    "3/4": "0.75",
    r"\frac{2}{6}": "1/3",
    r"2\frac{1}{3}": "7/3",
    "3.5e4": "35000",
    r"3.5 \times 10^{4}": "35000",
    "５０": "50",
    "−5": "-5",
    "3½": "3.5",
    r"$\boxed{7}$": "7",
    r"\(x = 5\)": "x=5",
    "**150 kilometers**": "150 km",
    r"5\text{ cm}": "5 cm",
    "5 square metres": "5 m^2",
    r"90^\circ": "90 °",
    r"50\%": "50 %",
    r"\$1,250": "1250 $",
    r"$\$18$": "18 $",
    "18 dollars": "18 $",
    "5 million": "5000000",
    "7:12": "7:12",
    "11:05 AM": "11:05 am",
    "(C)": "C",
    r"\text{(B)}": "B",
    "d)": "D",
    "(1, 2)": "(1,2)",
    r"\left[ \frac{1}{2}, 2 \right)": "[0.5,2)",
    r"\{3, 1, 2\}": r"\{1,2,3\}",
    r"\emptyset": "∅",
    "x = 1 or x = -3": "x=-3,1",
    r"3\pi": "3π",
    "Yes.": "yes",
    "The  Eiffel Tower": "eiffel tower",
    "": "",
    "  ": "",
    "1/0": "1/0",
}


@pytest.mark.parametrize(("raw", "expected"), NORMAL.items())
def test_normal_form(raw: str, expected: str) -> None:
    assert normalise(raw) == expected


@pytest.mark.parametrize("raw", NORMAL)
def test_normal_form_is_stable(raw: str) -> None:
    assert equal(normalise(raw), raw) or not normalise(raw)
    assert normalise(normalise(raw)) == normalise(raw)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("5 cm", "5"),
        ("x=5", "5"),
        ("10", "10 apples"),
        (r"\text{Paris}", "paris"),
        ("(2,1), (1,2)", "(1, 2) and (2, 1)"),
        ("$28$ percent", r"28\%"),
        (r"\frac{a}{b}", "a/b"),
        (r"\sqrt2", r"\sqrt{2}"),
        ("6 - 5i", "6-5i"),
        (r"x \le 5", r"x\leq5"),
        ("k = 45, n = 2", "n=2, k=45"),
    ],
)
def test_equal(left: str, right: str) -> None:
    assert equal(left, right)
    assert equal(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("7/12", "7:12"),
        ("5 cm", "5 m"),
        ("1/3", "0.333"),
        ("(1,2)", "[1,2]"),
        ("(1,2)", "(2,1)"),
        ("x=3", "y=3"),
        ("1e-10", "0"),
        (r"\frac{1}{2004!}", r"\frac{1}{2006!}"),
        ("1/2^{99}", "1/2^{98}"),
        ("10000000000000001", "10000000000000000"),
        ("3 pi", "3"),
        ("5x", "5"),
        ("5m", "5"),
        ("5!", "5"),
        ("0,111", "111"),
        ("12:00", "1:00"),
        ("5 million", "5"),
        ("a^2+b=0", "0"),
        ("11a+c", "7=11a+c"),
        ("2 or 3", "2"),
        ("0.333...", "0.333"),
        ("101_2", "101_3"),
        ("", ""),
        ("10 less than x", "10"),
    ],
)
def test_different(left: str, right: str) -> None:
    assert not equal(left, right)
    assert not equal(right, left)


@given(st.text(max_size=60))
def test_any_text_has_a_normal_form(text: str) -> None:
    form = parse(text)
    assert same(form, form) is bool(form.core)
    assert equal(text, text) is bool(form.core)


@given(st.text(alphabet="0123456789.,/-$\\{}() frac^_=xπ%° box", max_size=40))
def test_mathematical_noise_never_raises(text: str) -> None:
    normalise(text)
    final_answer(text, text)


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**6))
def test_fractions_are_read_exactly(top: int, bottom: int) -> None:
    value = Fraction(top, bottom)
    assert equal(f"{top}/{bottom}", rf"\frac{{{top}}}{{{bottom}}}")
    assert numbers.read(numbers.show(value)) is not None
    shown, end = numbers.read(numbers.show(value)) or (None, 0)
    assert (shown, end) == (value, len(numbers.show(value)))


def test_very_long_numbers_are_not_worked_out() -> None:
    assert normalise("9" * 5000) == "9" * 5000
    assert numbers.read("1e999999") is None


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        (r"\boxed{\frac{1}{2}}", [r"\frac{1}{2}"]),
        (r"a \boxed{1} and \fbox{2}", ["1", "2"]),
        (r"\boxed 7", ["7"]),
        ("\x08oxed{5}", ["5"]),
        (r"\boxed{\boxed{3}}", [r"\boxed{3}", "3"]),
        (r"\boxed{open", []),
        (r"\boxed{}", []),
        (r"\boxed{a" + "\n\n" + "b}", []),
        (r"\boxed{\{1,2\}}", [r"\{1,2\}"]),
    ],
)
def test_boxes(text: str, boxes: list[str]) -> None:
    assert [content for _, _, content in latex.boxes(text)] == boxes


FINAL = [
    (r"So it is \[\boxed{42}\]", "42", "boxed"),
    (r"First \boxed{1}. Final: \boxed{2} and \boxed{3}", "2,3", "boxed"),
    ("Long talk. The answer is 17.", "17", "answer_is"),
    ("**Answer:** The train travels **150 kilometers**.", "150 km", "conclusion"),
    ("Final Answer: The final answer is $7.78$. I hope it is correct.", "7.78", "answer_is"),
    ("The correct answer is (B) because of gravity.", "B", "answer_is"),
    ("Option D is the correct one.", "D", "choice"),
    ("Reasoning...\n#### 1,250", "1250", "hashes"),
    ("blah <answer> 12 </answer>", "12", "tag"),
    ("The capital of Australia is **Canberra**.", "canberra", "bold"),
    ("The capital of Australia is Canberra.", "canberra", "whole"),
    ("Paris", "paris", "whole"),
    ("3 + 4 makes 7.\n\nThus, the total is 7.", "7", "conclusion"),
    ("所以答案是 36。", "36", "answer_is"),
    ("因此，答案为：\\(\\frac{1}{2}\\)", "0.5", "answer_is"),
    ("故选C。", "C", "choice"),
    ("したがって、答えは 12 です。", "12", "answer_is"),
    ("La respuesta es 8.", "8", "answer_is"),
]


@pytest.mark.parametrize(("text", "value", "form"), FINAL)
def test_final_answer(text: str, value: str, form: str) -> None:
    found = final_answer(text, None)
    assert found is not None
    assert (found.value, found.form, found.source) == (value, form, "answer")


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "I do not know what to say about all of this, it could be many things, as you will see.\nBest.",
        "The bridge can carry two people.\n\nThey walk in turns, and the torch goes back and forth until all are over.",
    ],
)
def test_no_final_answer(text: str | None) -> None:
    assert final_answer(text, None) is None


def test_the_reasoning_answers_only_where_the_answer_does_not() -> None:
    found = final_answer("", "Hmm. So the answer is 9.")
    assert found is not None
    assert (found.value, found.source) == ("9", "reasoning")
    found = final_answer("The answer is 8.", "The answer is 9.")
    assert found is not None
    assert (found.value, found.source) == ("8", "answer")


REASONING = (
    "Let me add. So 2 + 3 = 5.\n\nIf the answer is 6, then it fails. The answer should be 5 apples. "
    r"Whether the answer is 4 matters not. Therefore, \boxed{5}. Go with B. The answer is that we need more."
)


def test_candidates_with_offsets() -> None:
    found = candidates(REASONING, split_sentences(REASONING))
    assert [(c.raw, c.value, c.form) for c in found] == [
        ("5", "5", "conclusion"),
        ("5", "5", "answer_is"),
        (r"\boxed{5}", "5", "boxed"),
        ("B", "B", "choice"),
    ]
    assert all(REASONING[c.start : c.end] == c.raw for c in found)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("So answer 220. Check: works.", ["220"]),
        ("Answer: 12.", ["12"]),
        ("Is the answer 12? Maybe.", []),
        ("If option C is correct, we stop.", []),
        ("Option C is not correct.", []),
        ("C is the most likely answer.", ["C"]),
        ("The answer is x = 3, so fine.", ["x=3"]),
        ("the answer is $\\frac{1}{3}$ meters.", ["1/3 m"]),
        ("the answer is 2 + 3 = 5.", ["5"]),
        ("the answer is correct", []),
        ("所以答案应该是5。", ["5"]),
        ("答案是不是5？", []),
    ],
)
def test_explicit_candidates(text: str, values: list[str]) -> None:
    assert [c.value for c in explicit_candidates(text) if c.form != "phrase"] == values


@given(st.text(alphabet="aAnswer is the15.,$\\boxed{}()= \n答案是SoBC", max_size=200))
def test_candidates_are_spans_in_order(text: str) -> None:
    found = candidates(text, split_sentences(text))
    at = 0
    for candidate in found:
        assert at <= candidate.start < candidate.end <= len(text)
        assert text[candidate.start : candidate.end] == candidate.raw
        at = candidate.end


@pytest.mark.shared
def test_no_false_equal_on_labelled_pairs(shared: Path) -> None:
    wrong, right, total = [], 0, 0
    with (shared / "data/overthinking/verify_pairs.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            if pair["mode"] != "wrapped":
                continue
            verdict = equal(pair["gold"], pair["pred"])
            total += 1
            right += verdict == pair["expected"]
            if verdict and not pair["expected"]:
                wrong.append(pair)
    assert wrong == []
    assert right / total > 0.7


@pytest.mark.parametrize(
    ("reasoning", "final", "found"),
    [
        ("Both counts agree on 24.", "24", "24"),
        ("24 pairs, then 24 again, so I stop.", "24", "24"),
        ("It is 1240, or 2.24, or 24.5, or x24.", "24", None),
        ("Next: 1/4 · 9/4817 = 9/19268, about 1 in 2141.", r"\dfrac{9}{19268}", "9/19268"),
        ("They meet at Oakham, not at Oakhampton.", "Oakham", "Oakham"),
        ("Four, that is 4.", "4", None),
        ("", "24", None),
    ],
)
def test_the_last_mention_of_a_final_answer(reasoning: str, final: str, found: str | None) -> None:
    answer = final_answer(rf"\boxed{{{final}}}", None)
    assert answer is not None
    mention = last_mention(reasoning, answer)
    assert (mention.raw if mention else None) == found
    if mention:
        assert reasoning[mention.start : mention.end] == found
        assert reasoning.rfind(found or "", mention.end) in (-1, reasoning.find("Oakhampton"))
