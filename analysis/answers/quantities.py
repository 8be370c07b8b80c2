"""Comparing numbers and formulas: exact, with a stated rounding rule, units, and identities.

Rounding. A decimal stands for a number that it only approximates (a fraction such as 1/3, a root,
another decimal) when it is that number rounded to the digits that it states, and states at least
``MIN_DIGITS`` significant digits: 0.33333 is 1/3, 0.333 is not. Money rounded to the cent is undecided.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from analysis.answers import evaluate, units
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Expression, Node
from analysis.answers.identities import agreement, identity
from analysis.answers.outcomes import CORRECT, WRONG, Outcome, combine
from analysis.answers.shapes import Shape, read

MIN_DIGITS = 5
"""Significant digits from which on a rounded decimal counts as the number itself."""
_LETTER_UNIT = re.compile(r"(\d[\d.,]*)\s?[mgsLhNJWVAKCM](?:\^\{?[23]\}?)?")


def values(gold: Shape, pred: Shape) -> Outcome:
    """Numbers or formulas with their units."""
    if gold.unit != pred.unit:
        return _other_units(gold, pred)
    return plain_values(gold, pred)


def plain_values(gold: Shape, pred: Shape) -> Outcome:
    """Numbers or formulas, units aside."""
    if gold.base != pred.base:
        return _bases(gold, pred)
    if gold.value is not None and pred.value is not None:
        return _numbers(gold, pred)
    left, right = gold.expression, pred.expression
    if left is None or right is None:
        return Outcome("unknown", "not a formula that is worked out")
    if left.has_pm or right.has_pm:
        return _signs(gold, pred)
    outcome = identity(left, right)
    if outcome.verdict == "wrong" and (_is_quantity(gold, pred) or _is_quantity(pred, gold)):
        return Outcome("undecided", "a letter behind the number may be a unit or a variable")
    if outcome.verdict == "wrong" and not left.symbols and not right.symbols:
        return _rounded(gold, pred) or outcome
    return outcome


def _is_quantity(shape: Shape, other: Shape) -> bool:
    """Whether ``5m`` or ``5m^2`` stands against ``5``."""
    match = _LETTER_UNIT.fullmatch(shape.text)
    return match is not None and other.value is not None and other.value == read(match[1]).value


def _bases(gold: Shape, pred: Shape) -> Outcome:
    """``101_2`` against ``101`` (the base is stated once) or ``5`` (the value, in another base)."""
    based, other = (gold, pred) if gold.base else (pred, gold)
    if gold.base and pred.base:
        same = gold.value == pred.value
        return Outcome("undecided", "the same value in another base") if same else WRONG
    if other.value is not None and other.text.replace(" ", "").lstrip("0") == based.text:
        return Outcome("correct", "the base is stated once")
    if other.value == based.value:
        return Outcome("undecided", "the same value in another base")
    return WRONG


def _numbers(gold: Shape, pred: Shape) -> Outcome:
    if gold.value == pred.value:
        return CORRECT
    return _rounded(gold, pred) or WRONG


def _rounded(gold: Shape, pred: Shape) -> Outcome | None:
    """Whether one is a rounding of the other; None where neither is."""
    for short, full in ((pred, gold), (gold, pred)):
        if short.decimals is None or short.value is None:
            continue
        digits, places = short.decimals
        if full.decimals is not None and full.decimals[1] < places:
            continue
        exact = full.value if full.value is not None else constant_value(full)
        if exact is None or not _rounds_to(exact, short.value, places):
            continue
        return _judge_rounding(short, full, digits, places, gold_is_short=short is gold)
    return None


def _judge_rounding(
    short: Shape, full: Shape, digits: int, places: int, *, gold_is_short: bool
) -> Outcome:
    money = any(shape.unit in ("$", "€", "£", "¥", "yuan") for shape in (short, full))
    if full.decimals is None:
        if digits >= MIN_DIGITS and places > 1:
            return Outcome("correct", f"rounded to {digits} significant digits")
    elif (digits >= MIN_DIGITS and places > 3) or (
        gold_is_short and digits == MIN_DIGITS - 1 and not money
    ):
        return Outcome("correct", f"the same to {digits} significant digits")
    if money and places >= 2:
        return Outcome("undecided", "rounded money")
    if digits >= MIN_DIGITS or (gold_is_short and digits == MIN_DIGITS - 1):
        return Outcome("undecided", f"the same only to {digits} significant digits")
    return Outcome("wrong", f"rounded to {digits} significant digits; {MIN_DIGITS} are needed")


def _rounds_to(exact: Any, short: Fraction, places: int) -> bool:
    half = Fraction(1, 2 * 10**places)
    if isinstance(exact, Fraction):
        return abs(exact - short) <= half
    mp = evaluate.context()
    if mp.im(exact) != 0:
        return False
    return bool(
        abs(exact - mp.mpf(short.numerator) / short.denominator) <= mp.mpf(1) / (2 * 10**places)
    )


def constant_value(shape: Shape) -> Any:
    """The value of a formula without symbols; None where it is not worked out."""
    try:
        return evaluate.constant(shape.expression) if shape.expression else None
    except NotWorkedOutError:
        return None


def _signs(gold: Shape, pred: Shape) -> Outcome:
    """Formulas with ``±``: the same two values."""
    left, right = both_signs(gold), both_signs(pred)
    if len(left) != len(right):
        return Outcome("wrong", "another number of values")
    for mine, others in ((left, right), (right, left)):
        for item in mine:
            if not any(plain_values(item, other).verdict == "correct" for other in others):
                return WRONG
    return CORRECT


def both_signs(shape: Shape) -> tuple[Shape, ...]:
    """The values of a formula with ``±``, one sign for all of them together."""
    expression = shape.expression
    if expression is None or not expression.has_pm:
        return (shape,)
    found = []
    for sign in (1, -1):
        root = _signed(expression.root, sign)
        found.append(
            Shape(
                "expr", shape.text, unit=shape.unit, expression=Expression(root, expression.symbols)
            )
        )
    return tuple(found)


def _signed(node: Node, sign: int) -> Node:
    args = tuple(_signed(child, sign) for child in node.args)
    if node.op != "pm":
        return Node(node.op, args, node.name, node.value)
    plus = (sign == 1) == (node.name == r"\pm")
    return Node("add", (args[0], args[1] if plus else Node("neg", (args[1],))))


def _other_units(gold: Shape, pred: Shape) -> Outcome:
    """Units that differ, or that only one side states."""
    if gold.unit and pred.unit:
        return _two_units(gold, pred)
    stated = gold if gold.unit else pred
    plain = pred if gold.unit else gold
    outcome = plain_values(gold, pred)
    if stated.unit == "%":
        as_share = plain_values(_scaled(gold), _scaled(pred))
        if as_share.verdict == "correct":
            return Outcome("correct", "percent as a fraction")
        if outcome.verdict == "correct" and plain.value is not None and abs(plain.value) <= 1:
            return Outcome("undecided", "only one side states percent")
    if outcome.verdict == "correct":
        if (
            stated.value is None
            and units.measure(stated.unit) is None
            and not stated.unit.startswith("unit")
        ):
            return Outcome("undecided", f"what {stated.unit!r} means is not known")
        return Outcome("correct", f"the unit ({stated.unit}) is stated once")
    return outcome


def _scaled(shape: Shape) -> Shape:
    """Percent as a share of one."""
    if shape.unit != "%" or shape.expression is None:
        return shape
    root = Node("div", (shape.expression.root, Node("num", value=Fraction(100))))
    value = None if shape.value is None else shape.value / 100
    decimals = (shape.decimals[0], shape.decimals[1] + 2) if shape.decimals else None
    expression = Expression(root, shape.expression.symbols)
    return Shape("expr", shape.text, value=value, decimals=decimals, expression=expression)


def _two_units(gold: Shape, pred: Shape) -> Outcome:
    left, right = units.measure(gold.unit), units.measure(pred.unit)
    if {gold.unit, pred.unit} == {"¥", "yuan"}:
        return plain_values(gold, pred)
    if left is None or right is None:
        return Outcome(
            "undecided", f"what {gold.unit!r} and {pred.unit!r} have in common is not known"
        )
    if left[0] == right[0]:
        return _converted(gold, pred, left[1], right[1])
    if {gold.unit, pred.unit} == {"°", "rad"}:
        return _angles(gold, pred)
    return Outcome("wrong", f"{pred.unit} is not {gold.unit}")


def _converted(gold: Shape, pred: Shape, mine: Fraction, theirs: Fraction) -> Outcome:
    """The same kind of quantity in two units: the numbers in the base unit."""
    if mine == theirs:
        return plain_values(gold, pred)
    left, right = _times(gold, mine), _times(pred, theirs)
    if left is None or right is None:
        return Outcome("unknown", "not a formula that is worked out")
    outcome = identity(left, right)
    if outcome.verdict == "correct":
        return Outcome("correct", f"the same quantity in {gold.unit} and in {pred.unit}")
    if outcome.verdict == "wrong" and _nearly(gold, pred, mine / theirs):
        return Outcome("undecided", f"nearly the same in {gold.unit} and in {pred.unit}")
    if outcome.verdict == "wrong":
        return Outcome("wrong", f"another quantity in {pred.unit} than in {gold.unit}")
    return outcome


def _angles(gold: Shape, pred: Shape) -> Outcome:
    """Degrees against radians, both of them stated."""
    sides = []
    for shape in (gold, pred):
        if shape.expression is None:
            return Outcome("unknown", "not a formula that is worked out")
        root = shape.expression.root
        sides.append(Node("deg", (root,)) if shape.unit == "°" else root)
    symbols = frozenset().union(*(s.expression.symbols for s in (gold, pred) if s.expression))
    return agreement(sides[0], sides[1], symbols)


def _times(shape: Shape, factor: Fraction) -> Expression | None:
    found = shape.expression
    if found is None or found.has_pm or found.has_series:
        return None
    return Expression(Node("mul", (found.root, Node("num", value=factor))), found.symbols)


def _nearly(gold: Shape, pred: Shape, factor: Fraction) -> bool:
    """Whether a conversion may have been rounded, or a rounded factor used."""
    if gold.value is None or pred.value is None or not gold.value:
        return False
    return abs(pred.value / (gold.value * factor) - 1) < Fraction(1, 100)


def ratio(gold: Shape, pred: Shape) -> Outcome:
    """``2:4`` is ``1:2``."""
    if any(item.text == "..." for shape in (gold, pred) for item in shape.items):
        heads = zip(gold.items, pred.items, strict=False)
        known = [(g, p) for g, p in heads if g.expression and p.expression]
        if any(values(g, p).verdict == "wrong" for g, p in known):
            return Outcome("wrong", "the listed terms differ")
        return Outcome("undecided", "a ratio with an ellipsis")
    if len(gold.items) != len(pred.items):
        return Outcome("wrong", "another number of terms")
    outcome = combine(
        values(g, p) if g.expression and p.expression else Outcome("unknown")
        for g, p in zip(gold.items, pred.items, strict=True)
    )
    if outcome.verdict != "wrong" or any(item.value == 0 for item in (*gold.items, *pred.items)):
        return outcome  # products with 0 are all the same
    left, right = gold.items, pred.items
    first = left[0].expression, right[0].expression
    for mine, theirs in zip(left[1:], right[1:], strict=True):
        if None in (*first, mine.expression, theirs.expression):
            return Outcome("unknown")
        cross = combine([_product_equal(left[0], theirs, right[0], mine)])
        if cross.verdict != "correct":
            return cross
    return Outcome("correct", "the same ratio")


def _product_equal(a: Shape, b: Shape, c: Shape, d: Shape) -> Outcome:
    nodes = [shape.expression for shape in (a, b, c, d)]
    symbols = frozenset().union(*(n.symbols for n in nodes if n))
    left, right, third, fourth = (n.root for n in nodes if n)
    return agreement(Node("mul", (left, right)), Node("mul", (third, fourth)), symbols)


def is_quotient(shape: Shape, other: Shape) -> bool:
    """Whether a ratio of two terms has this value."""
    first, second = (item.expression for item in shape.items)
    if first is None or second is None or other.expression is None:
        return False
    quotient = Node("div", (first.root, second.root))
    symbols = first.symbols | second.symbols | other.expression.symbols
    return agreement(quotient, other.expression.root, symbols).verdict == "correct"
