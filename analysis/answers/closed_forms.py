"""Comparing answers of a closed form: yes and no, times of day, dates, and forms that come close."""

from __future__ import annotations

from analysis.answers import closed, quantities
from analysis.answers.outcomes import CORRECT, Outcome
from analysis.answers.shape import Shape
from analysis.answers.shapes import read

NEAR = {
    frozenset(pair)
    for pair in (
        ("infinity", "infinitely many"), ("empty", "impossible"), ("undefined", "impossible"),
        ("empty", "undefined"), ("empty", "never"), ("impossible", "never"),
        ("cannot be determined", "impossible"), ("cannot be determined", "undefined"),
    )
}  # fmt: skip
"""Closed forms that may mean the same."""


def booleans(gold: Shape, pred: Shape) -> Outcome:
    """Yes or no against T, F, or a sentence that opens with it."""
    flag, other = (gold, pred) if gold.kind == "bool" else (pred, gold)
    letter = {"T": "yes", "Y": "yes", "F": "no", "N": "no"}.get(other.text.strip(" ."))
    opened = closed.boolean_first(other.text)
    told = letter or (None if opened is None else "yes" if opened else "no")
    if told is None:
        return Outcome("undecided", "yes or no against something else")
    return CORRECT if told == flag.text else Outcome("wrong", "the other of yes and no")


def times(gold: Shape, pred: Shape) -> Outcome:
    """Two times of day."""
    left, right = _clock(gold), _clock(pred)
    if gold.text == pred.text and not (gold.unit and pred.unit and gold.unit != pred.unit):
        return CORRECT
    if left == right and gold.unit != pred.unit:
        return Outcome("correct", "the same time of day")
    if gold.unit and pred.unit:
        return Outcome("wrong", "another time")
    ratio = quantities.ratio(as_ratio(gold), as_ratio(pred))
    if ratio.verdict == "correct" and not gold.text.endswith(":00:00"):
        return Outcome("undecided", "the same ratio, but not the same time of day")
    return Outcome("wrong", "another time")


def _clock(shape: Shape) -> tuple[int, str]:
    hour, _, rest = shape.text.partition(":")
    number = int(hour)
    if shape.unit:
        number = number % 12 + (12 if shape.unit == "pm" else 0)
    return number, rest


def as_ratio(shape: Shape) -> Shape:
    """``10:20`` read as a ratio."""
    hour, minute, second = shape.text.split(":")
    parts = (hour, minute) if second == "00" else (hour, minute, second)
    return Shape("ratio", shape.text, items=tuple(read(str(int(part))) for part in parts))


def dates(gold: str, pred: str) -> Outcome:
    """Two dates, of which the year may be stated once."""
    left, right = gold.split("-"), pred.split("-")
    if left[-2:] != right[-2:]:
        return Outcome("wrong", "another day")
    if left[0] != right[0]:
        unknown = "None" in (left[0], right[0])
        return Outcome("correct", "the year is stated once") if unknown else Outcome("wrong", "another year")  # fmt: skip
    return CORRECT
