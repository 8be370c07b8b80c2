"""Where responses state their answer, in the styles of many models; candidates with exact offsets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.answers.extract import candidates, explicit_candidates, final_answer
from analysis.answers.normalise import normalise
from analysis.answers.verify import quick
from analysis.store.verdicts import PendingAnswer
from analysis.text.sentences import split_sentences
from analysis.verifying import choose_answer
from tests.answer_texts import TEXTS


def test_the_table_is_large() -> None:
    assert len(TEXTS) >= 150


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_final_answers(text: str, expected: str | None) -> None:
    found = final_answer(text, None)
    if expected is None:
        assert found is None
        return
    assert found is not None
    told = quick(expected, found.raw)
    same = normalise(found.raw) == normalise(expected)
    assert same or (told is not None and told.verdict == "correct"), found


TAKEN = [
    ("The sum is 31.", "31", True),
    ("**31** handshakes.", "31", True),
    (
        "Let me add:\n\n1. 20 pens\n2. 11 caps\n\nTotal = 20 + 11 = **31**\n\nLet me know if you need more!",
        "31",
        True,
    ),
    ("The total is **$31**.\n\n*Note: with tax it would be $34.*", "31", True),
    ("The next prime after 29 is 31. (30 = 5·6 is composite.)", "31", True),
    ("The roots are $x=\\boxed{4}$ and $x=\\boxed{-7}$.", "4, -7", True),
    ("$x > 4$, i.e. $x \\in (4, \\infty)$", "x>4", True),
    ("The chance is $\\frac{1}{7} \\approx 0.143$.", "1/7", False),
    ("So $f(4)=31$.", "31", True),
    ("答：小红一共有31本书。", "31", True),
    ("【答案】C\n\n【解析】因为 2+2=4。", "C", True),
    ("**Correct option: C**", "C", True),
    ("Yes, 87 = 3 × 29 is composite.", "yes", False),
    ("$$d = \\sqrt{3^2+4^2} = \\sqrt{25} = 5$$", "5", False),
]


@pytest.mark.parametrize(("text", "expected", "sure"), TAKEN)
def test_what_is_taken_as_the_answer(text: str, expected: str, sure: bool) -> None:
    found = final_answer(text, None)
    assert found is not None
    told = quick(expected, found.raw)
    assert told is not None and told.verdict == "correct", found
    assert found.sure or not sure


CANDIDATES = [
    ("So 3 + 4 = 7. The answer is 7. Let me check: 7 - 4 = 3.", ["7", "7", "3"]),
    ("Maybe the answer is 5? No: if the answer is 6 it fails. The answer is 8.", ["5", "8"]),
    (r"We get \boxed{\frac{1}{2}}. Hmm, wait. Actually \boxed{\frac{1}{3}}.", [r"\boxed{\frac{1}{2}}", r"\boxed{\frac{1}{3}}"]),
    ("Option B is correct. Wait, option C is correct.", ["B", "C"]),
    ("答案是5。等等，答案应该是6。", ["5", "6"]),
    ("The answer is 2 or 3.", ["2 or 3"]),
    ("The answer is $x=1$ and $x=2$. Fine.", ["$x=1$ and $x=2$"]),
    ("The answer is 5, and 6 is even.", ["5"]),
    ("The answer is the second one.", ["the second one"]),
    ("I wonder what the answer is. Could the answer be 4?", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "raws"), CANDIDATES)
def test_candidates(text: str, raws: list[str]) -> None:
    found = [c for c in candidates(text, split_sentences(text)) if c.form != "statement"]
    assert [c.raw for c in found] == raws
    assert all(text[c.start : c.end] == c.raw for c in found)


@given(st.text(alphabet="The answer is 12 or $x=3$, and \\boxed{5}.\n答案是选BC()", max_size=200))
def test_candidates_are_exact_spans(text: str) -> None:
    for found in explicit_candidates(text):
        assert text[found.start : found.end] == found.raw


def test_extraction_is_linear() -> None:
    import time

    for piece in (
        "the answer is ",
        "\\boxed{",
        "$x$ and ",
        "1 or ",
        "answer: [",
        "选",
        "(1,",
        "答案是",
    ):
        text = piece * (400_000 // len(piece))
        started = time.process_time()
        final_answer(text, None)
        candidates(text, ())
        assert time.process_time() - started < 6.0, piece


def _trace(**given: object) -> PendingAnswer:
    values: dict[str, object] = {
        "trace_id": "t", "gold_answer": "12", "extracted_answer": None, "truncated": False,
        "finish_reason_norm": "stop", "question": None, "answer": None, "reasoning": None,
    }  # fmt: skip
    return PendingAnswer(**{**values, **given})  # type: ignore[arg-type]


def test_an_unfinished_thought_is_no_answer() -> None:
    thinking = r"Is it \boxed{12}? Let me see whether"
    assert choose_answer(_trace(reasoning=thinking, truncated=True)).answer is None
    assert choose_answer(_trace(reasoning=thinking, finish_reason_norm="length")).answer is None
    assert choose_answer(_trace(reasoning=thinking)).answer is not None
    cut = "We begin by noting that the first of the many"
    assert choose_answer(_trace(answer=cut, truncated=True)).answer is None
    assert choose_answer(_trace(answer=r"It is \boxed{12}. And", truncated=True)).answer == "12"


def test_the_stated_extraction_is_judged() -> None:
    chosen = choose_answer(_trace(answer="The answer is 5.", extracted_answer=" 12 "))
    assert chosen.answer == "12"
