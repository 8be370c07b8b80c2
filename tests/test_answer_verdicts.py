"""Is an answer right: the table of pairs, the guards, math-verify in a process that can be killed."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.answers.math_pool import MathPool
from analysis.answers.texts import lexicon, same_words
from analysis.answers.verify import Verdict, judge, judge_many, quick
from tests.answer_pairs import PAIRS

_SIGNS = {"correct": "=", "wrong": "!", "undecided": "?"}
_ENDLESS = {"9^{9^{9^9}}", "(2^{40})!"}


@pytest.fixture(scope="module")
def verdicts() -> list[Verdict]:
    """A minute for each pair, as a busy machine is slow; those that never end need not be waited for."""
    with MathPool(seconds=60) as pool, MathPool(seconds=2.0) as short:
        ready = judge(r"\int_0^1 x dx", "1/2", pool=short)  # its imports
        assert ready.verdict in _SIGNS
        long = iter(
            judge_many(((g, p, None, None) for g, p, _ in PAIRS if g not in _ENDLESS), pool=pool)
        )
        return [judge(g, p, pool=short) if g in _ENDLESS else next(long) for g, p, _ in PAIRS]


def test_the_table_of_pairs(verdicts: list[Verdict]) -> None:
    assert len(PAIRS) >= 300
    wrong = [
        (gold, pred, expected, verdict)
        for (gold, pred, expected), verdict in zip(PAIRS, verdicts, strict=True)
        if not (
            _SIGNS[verdict.verdict] == expected
            or (expected == "~" and verdict.verdict != "correct")
        )
    ]
    assert wrong == []


def test_few_pairs_need_computer_algebra(verdicts: list[Verdict]) -> None:
    stages = Counter(verdict.stage for verdict in verdicts)
    assert stages["math_verify"] < len(PAIRS) / 20


def test_every_verdict_has_a_reason(verdicts: list[Verdict]) -> None:
    assert all(verdict.reason and verdict.stage for verdict in verdicts)


@pytest.mark.parametrize(("gold", "pred", "expected"), [p for p in PAIRS if p[2] in "=!"])
def test_equality_goes_both_ways(gold: str, pred: str, expected: str) -> None:
    there, back = quick(gold, pred), quick(pred, gold)
    if there and back:
        assert not {there.verdict, back.verdict} >= {"correct", "wrong"}


_NOT_NEAR = (
    "lceil",
    "lfloor",
    "binom",
    "prod",
    "boxed",
    " = 5",
    "sum",
    "approx",
    "C_7",
    "in Z",
    "[[",
    "i.e.",
)
"""Where another digit can be the same value, or stands in what is no part of the answer."""


def test_one_digit_or_sign_makes_another_answer() -> None:
    swaps = (("+", "-"), ("<", ">"), (r"\le", r"\ge"), ("sin", "cos"), ("[", "("), ("cm", "km"))
    golds = sorted({text for pair in PAIRS for text in pair[:2] if len(text) < 60})
    equal = []
    for gold in golds:
        if any(part in gold for part in _NOT_NEAR):
            continue
        near = [
            gold[: digit.start()] + str((int(digit[0]) + step) % 10) + gold[digit.end() :]
            for digit in re.finditer(r"[0-9]", gold)
            for step in (1, 3)
        ]
        near += [gold.replace(a, b, 1) for a, b in swaps if a in gold]
        told = [(text, quick(gold, text)) for text in near]
        equal += [(gold, text) for text, one in told if one and one.verdict == "correct"]
    assert equal == []


NOT_SURE = [
    (
        "220",
        "The trees follow a rule.\n\nCheck:\nThe common difference is $22$.",
        "a last sentence",
    ),
    ("Paris", "It may be Lyon, Nice or Lille.", "prose"),
    ("7", "The first is 3. The second is 4. Both are odd or even.", "prose"),
    ("def f(): return 1", "def f():\n    return 2", "code-like text"),
]


@pytest.mark.parametrize(("gold", "pred", "why"), NOT_SURE)
def test_what_is_not_called_the_answer_is_never_wrong(gold: str, pred: str, why: str) -> None:
    assert judge(gold, pred).verdict == "undecided", why


@pytest.mark.parametrize(
    ("gold", "pred", "question", "expected"),
    [
        ("B", "Lima", "Where?\nA. Quito\nB. Lima\nC. Bogota", "correct"),
        ("B", "Quito", "Where?\nA. Quito\nB. Lima\nC. Bogota", "wrong"),
        ("B", "Caracas", "Where?\nA. Quito\nB. Lima\nC. Bogota", "undecided"),
        ("Lima", "B", "Where? (A) Quito (B) Lima (C) Bogota", "correct"),
        ("C", "12.5", "How much?\nA) 10\nB) 12\nC) 12.50\nD) 13", "correct"),
        ("C", r"\frac{25}{2}", "How much?\nA) 10\nB) 12\nC) 12.50\nD) 13", "correct"),
        ("3/4", "3:4", "What is the ratio of a to b?", "undecided"),
        ("3/4", "3:4", "What is the probability?", "wrong"),
    ],
)  # fmt: skip
def test_what_the_question_tells(gold: str, pred: str, question: str, expected: str) -> None:
    assert judge(gold, pred, question=question).verdict == expected


def test_kinds() -> None:
    assert judge("c", "C", kind="choice").verdict == "correct"
    assert judge("print(1)", "print( 1 )", kind="code") == Verdict(
        "undecided", "code is not run", "input"
    )
    assert judge("print(1)", "print(1)", kind="code").verdict == "correct"


@pytest.mark.parametrize(("gold", "pred"), [(None, "5"), ("5", None), ("  ", "5"), ("5", "\n")])
def test_nothing_to_compare(gold: str | None, pred: str | None) -> None:
    assert judge(gold, pred).verdict == "undecided"


def test_no_process_starts_for_what_needs_none() -> None:
    with MathPool(seconds=60) as pool:
        for gold, pred in (
            ("5", "5"),
            ("1/2", "0.5"),
            ("x^2-1", "(x-1)(x+1)"),
            ("Paris", "London"),
            ("x<3", "x>3"),
        ):
            judge(gold, pred, pool=pool)
        assert not pool.started


def test_from_a_thread() -> None:
    found: list[Verdict] = []
    with MathPool(seconds=60) as pool:
        thread = threading.Thread(
            target=lambda: found.append(judge(r"\int_0^1 x^3 dx", "1/4", pool=pool))
        )
        thread.start()
        thread.join(60)
    assert found and found[0].verdict == "correct"
    assert found[0].stage == "math_verify"


HOSTILE = [
    r"\int_0^1 \sin(x^x)^{x^{x}} dx",
    r"\lim_{x \to 0} \frac{\sin(\sin(\sin x))-x}{x^{9}}",
    r"\sum_{n=1}^{\infty} \frac{1}{n^{3}+n^{\pi}}",
    r"9^{9^{9^{9}}}",
    r"(2^{31})!",
    r"\binom{10^8}{5 \cdot 10^7}",
    r"\int " * 40 + "x dx",
    "(" * 300 + "1" + ")" * 300,
    r"\sqrt{" * 200 + "2" + "}" * 200,
    "x^" * 300 + "2",
    "+".join(f"x^{{{k}}}" for k in range(400)),
    "1/" * 800 + "3",
    r"\frac{1}{" * 150 + "2" + "}" * 150,
    r"e^{e^{e^{e^{e^{e}}}}}",
    r"\sin(10^{10^{10}})",
    r"1000000!!!!",
    "10^" * 60 + "10",
    r"\prod_{k=1}^{100000} k",
    "{" * 500,
    r"\begin{pmatrix}" * 50,
]


def test_hostile_formulas_are_undecided_and_cost_little() -> None:
    with MathPool(seconds=60) as pool:
        assert judge(r"\int_0^1 x dx", "1/2", pool=pool).verdict == "correct"
        pool._seconds = 0.75
        for formula in HOSTILE:
            started = time.process_time()
            verdict = judge(formula, "12345", pool=pool)
            assert verdict.verdict in ("undecided", "wrong"), (formula, verdict)
            assert time.process_time() - started < 2.0, formula
        # The pool still works.
        pool._seconds = 60
        assert judge(r"\int_0^2 x dx", "2", pool=pool).verdict == "correct"


def test_a_hang_is_killed_and_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    with MathPool(seconds=0.5) as pool:
        pool.verify(r"\int_0^1 x dx", "1/2")  # the imports
        told = pool.verify(r"\int_0^{\infty} \frac{\sin(x^{7})\ln(x+3)}{x^{\pi}+\cos x} dx", "1")
        assert told.state == "unknown"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_texts_get_a_verdict(gold: str, pred: str) -> None:
    told = quick(gold, pred)
    assert told is None or told.verdict in _SIGNS


@given(
    st.text(alphabet=r"0123456789.,/-+*^_={}()[]\<>| xyzabcipfracsqrtlog%$°", max_size=50),
    st.text(alphabet=r"0123456789.,/-+*^_={}()[]\<>| xyz", max_size=50),
)
def test_mathematical_noise_gets_a_verdict(gold: str, pred: str) -> None:
    quick(gold, pred)
    told = quick(gold, gold)
    assert told is None or told.verdict in ("correct", "undecided")


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_integers_are_told_apart(a: int, b: int) -> None:
    told = quick(str(a), rf"\boxed{{{b:,}}}")
    assert told is not None
    assert told.verdict == ("correct" if a == b else "wrong")


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_fraction_and_its_neighbour(top: int, bottom: int, other: int) -> None:
    told = quick(f"{top}/{bottom}", rf"\frac{{{top * other}}}{{{bottom * other}}}")
    assert told is not None and told.verdict == "correct"
    told = quick(f"{top}/{bottom}", rf"\frac{{{top + 1}}}{{{bottom}}}")
    assert told is not None and told.verdict == "wrong"


@pytest.mark.shared
def test_labelled_pairs(shared: Path) -> None:
    with (shared / "data/overthinking/verify_pairs.jsonl").open(encoding="utf-8") as lines:
        pairs = [json.loads(line) for line in lines]
    with MathPool(seconds=60) as pool:
        told = list(judge_many(((p["gold"], p["pred"], None, None) for p in pairs), pool=pool))
    right = sum(
        verdict.verdict == ("correct" if pair["expected"] else "wrong")
        for pair, verdict in zip(pairs, told, strict=True)
    )
    assert right / len(pairs) >= 0.97
    false_equal = [
        pair
        for pair, verdict in zip(pairs, told, strict=True)
        if verdict.verdict == "correct" and not pair["expected"]
    ]
    # Two labels hold that "$ 9 $" over two lines is not 9.
    assert [p["gold"] for p in false_equal if "\n" not in p["pred"]] == []


def test_no_group_of_exclusive_words_holds_one_word_twice() -> None:
    for group in (*lexicon().exclusive, *lexicon().han_exclusive):
        for one in group:
            for other in group - {one}:
                assert not same_words(one, other), (one, other)
                assert other not in (f"{one}s", f"{one}条件"), (one, other)


@pytest.mark.parametrize(
    ("gold", "pred", "verdict"),
    [
        ("basic", "alkaline", "undecided"), ("basic", "acidic", "wrong"),
        ("ribosome", "ribosomes", "undecided"), ("充要条件", "充分必要条件", "correct"),
        ("充要", "充分必要条件", "correct"), ("充要条件", "充分不必要条件", "wrong"), ("相切", "内切", "undecided"),
        ("相切", "相离", "wrong"), ("sodium chloride", "table salt", "undecided"),
        ("Jane Austen", "Emily Bronte", "wrong"), ("a regular hexagon", "a regular octagon", "wrong"),
    ],
)  # fmt: skip
def test_words_that_exclude_each_other_and_words_that_are_one(
    gold: str, pred: str, verdict: str
) -> None:
    assert judge(gold, pred).verdict == verdict
