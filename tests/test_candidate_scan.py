"""The fast ways of finding candidates find what the plain ones do."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from analysis.answers import candidates, patterns, sentence_ends
from analysis.answers.normalise import parse
from analysis.answers.values import Value, read_value
from analysis.model import Sentence

LINK = re.compile(
    r"(?<![A-Za-z])(?:is|are|was|be|equals?|gives?|giving|get|makes?|becomes|obtain|have|ist|sind|est|es|son|равно|будет)\s+"
    r"(?:(?:also|then|just|simply|indeed|exactly|approximately|about|equal to|again)\s+){0,2}|(?:为|是|等于|得到|得|有|は|が)\s*"
)
DEFINITE = re.compile(r"(?:^|[\s*(])(?:[Tt]he|[Tt]otal|[Ss]um|[Ii]ts)\b")
NOUN = re.compile(r"答案|答え|正解|解答|答(?=[：:])|답(?=은|:)|[Оо]твет(?:ом|а)?(?!\w)")
WORDS = [
    "is",
    "are",
    "was",
    "be",
    "equal",
    "equals",
    "gives",
    "giving",
    "get",
    "makes",
    "becomes",
    "obtain",
    "have",
    "ist",
    "sind",
    "est",
    "es",
    "son",
    "равно",
    "будет",
    "also",
    "then",
    "about",
    "again",
    "the",
    "The",
    "total",
    "Total",
    "sum",
    "its",
    "Its",
    "theme",
    "assist",
    "this",
    "为",
    "是",
    "等",
    "等于",
    "得到",
    "得",
    "有",
    "は",
    "が",
    "x",
    "12",
    "(",
    "*",
    ".",
    ",",
    "-",
    "\n",
    "答案",
    "答",
    "答：",
    "答:",
    "解",
    "解答",
    "正解",
    "답은",
    "답",
    "ответ",
    "Ответом",
    "ответы",
]
TEXTS = st.lists(st.sampled_from([*WORDS, " ", " "]), max_size=30).map("".join)


@given(TEXTS, st.integers(0, 20), st.integers(0, 60))
def test_links_and_definite_subjects(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    start = min(start, end)
    plain = [m.span() for m in LINK.finditer(text, start, end)]
    assert [m.span() for m in patterns.LINK.finditer(text, start, end)] == plain
    assert patterns.definite(text, start, end) is bool(DEFINITE.search(text, start, end))


@given(TEXTS)
def test_nouns_beyond_latin(text: str) -> None:
    assert list(patterns.nouns(text)) == [m.span() for m in NOUN.finditer(text)]


NUMBERS = st.from_regex(
    r"[ *]{0,2}[-−]?\d(?:[\d,]{0,8}\d)?(?:\.\d{1,4})?(?:/\d{1,3})?", fullmatch=True
)


@given(NUMBERS, st.sampled_from(["", ". Then 5", " apples", "!"]))
def test_a_number_that_ends_a_sentence(number: str, behind: str) -> None:
    text = "x =" + number + behind
    end = 3 + len(number)
    found = candidates._value_at(text, 3, end)
    slow = read_value(text, 3, end, words=False)
    assert found == slow == Value(end - len(number.lstrip(" *")), end, "number")
    assert parse(text[found.start : found.end]).core


@given(st.text(alphabet="3a .,٣-", max_size=60))
def test_digits_near_the_end(text: str) -> None:
    last = re.search(r"\d(\D{0,36})\Z", text)
    sentence = Sentence(0, 0, len(text))
    shown = len(text.rstrip(sentence_ends._END_MARKS))
    if text[:shown] == text:
        found = [digit for *_, digit in sentence_ends.promising(text, [sentence])]
        assert (True in found) is (last is not None and len(last[1].split()) <= 4)
