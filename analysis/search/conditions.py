"""``label:`` and ``metric:`` of the search box."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from analysis.errors import SearchSyntaxError
from analysis.search.query import ANCHORS, OPERATORS, HasFinding, HasMetric

_RANGE = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)-(\d{1,3}(?:\.\d{1,6})?)%")
_ENDS = re.compile(r"(last|first)-?(\d{1,3}(?:\.\d{1,6})?)%")
_PART = re.compile(r'(@|,)((?:"(?:[^"\\]|\\.)*"|[^@,"])*)')
_OPTION = re.compile(r"(score|n|value)\s*(>=|=|>)(.*)", re.DOTALL)
_METRIC = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*)(>=|<=|!=|>|<|=|≥|≤)(.+)", re.DOTALL)
_ALIKE = {"≥": ">=", "≤": "<="}
_BOOLEANS = {"true": 1.0, "false": 0.0}


def read_finding(label: str, rest: str, at: int) -> HasFinding:
    """The condition of ``label:LABEL`` and what follows it: ``@90-100%,score>=0.8,n>=3``."""
    found = HasFinding(label)
    done = 0
    for match in _PART.finditer(rest):
        if match.start() != done:
            break
        done = match.end()
        found = (_place if match[1] == "@" else _option)(found, match[2], at)
    if done != len(rest):
        raise _wrong(f"{rest[done:][:40]!r} cannot follow a label.", at)
    return found


def _place(found: HasFinding, text: str, at: int) -> HasFinding:
    name = text.lower().replace("_", "-")
    if name in ANCHORS:
        return replace(found, anchor=name)
    ends = _ENDS.fullmatch(name)
    if ends:
        share = float(ends[2]) / 100
        low, high = (1 - share, 1.0) if ends[1] == "last" else (0.0, share)
    else:
        match = _RANGE.fullmatch(name)
        if match is None:
            raise _wrong(f"{text[:40]!r} is no place in a reasoning.", at)
        low, high = float(match[1]) / 100, float(match[2]) / 100
    if not 0 <= low < high <= 1:
        raise _wrong(f"{text[:40]!r} is no range between 0 and 100 %.", at)
    return replace(found, low=round(low, 12), high=round(high, 12))


def _option(found: HasFinding, text: str, at: int) -> HasFinding:
    match = _OPTION.fullmatch(text)
    if match is None:
        raise _wrong(f"{text[:40]!r} is not understood after a label.", at)
    name, operator, value = match.groups()
    if name == "value":
        return replace(found, value=_unquoted(value))
    number = _number(value)
    if name == "score" and number is not None and 0 <= number <= 1:
        return replace(found, min_score=number)
    if name == "n" and number is not None and number == int(number) and 0 < number < 1e6:
        return replace(found, min_count=int(number) + (operator == ">"))
    raise _wrong(
        f"{value[:40]!r} is no {'score between 0 and 1' if name == 'score' else 'count'}.", at
    )


def _wrong(message: str, at: int) -> SearchSyntaxError:
    return SearchSyntaxError(
        f"At character {at + 1}: {message}",
        remedy="Write for example label:backtracking, label:backtracking@90-100%,"
        " label:verification@after-correct, or label:backtracking@last10%,score>=0.8,n>=3.",
        position=at,
    )


def read_metric(rest: str, at: int) -> HasMetric:
    """The condition of ``metric:NAME>NUMBER``, ``metric:NAME=LOW..HIGH`` or ``metric:NAME=TEXT``."""
    match = _METRIC.fullmatch(rest)
    if match is None:
        raise SearchSyntaxError(
            f"At character {at + 1}: {rest[:40]!r} is no condition on a metric.",
            remedy="Write for example metric:thinking_tokens>5000, metric:post_answer_waste=0.5..1"
            f" or metric:matrix_language=zh. Operators: {' '.join(OPERATORS)}.",
            position=at,
        )
    name, operator, value = match[1], _ALIKE.get(match[2], match[2]), _unquoted(match[3])
    low, dots, high = value.partition("..")
    if dots and operator == "=":
        ends = (_number(low or "-inf"), _number(high or "inf"))
        if ends[0] is not None and ends[1] is not None and ends[0] <= ends[1]:
            if math.isinf(ends[1]) and not math.isinf(ends[0]):
                return HasMetric(name, ">=", ends[0])
            if math.isinf(ends[0]) and not math.isinf(ends[1]):
                return HasMetric(name, "<=", ends[1])
            if not math.isinf(ends[0]):
                return HasMetric(name, "..", ends[0], ends[1])
    number = _number(value)
    if number is None or math.isinf(number):
        number = _BOOLEANS.get(value.lower())
    if number is not None:
        return HasMetric(name, operator, number)
    if operator in ("=", "!="):
        return HasMetric(name, operator, text=value)
    raise SearchSyntaxError(
        f"At character {at + 1}: {value[:40]!r} is no number.",
        remedy=f"After {operator} a number has to stand: metric:{name}{operator}10.",
        position=at,
    )


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return None if math.isnan(found) else found


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] in '"“' and text[-1] in '"”':
        return re.sub(r"\\([\"\\])", r"\1", text[1:-1])
    return text
