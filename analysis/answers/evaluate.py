"""Working out formulas: exact fractions as far as they go, else many digits; bounded in size.

Two formulas are the same when they agree at several generic points. Precision grows with the
numbers inside, so that 1/2^99 and 1/2^98, or sqrt(10^100 + 1) and 10^50, never agree by tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from analysis.answers.arithmetic import (
    MAX_PRECISION,
    NotWorkedOutError,
    Value,
    both,
    checked,
    context,
    generic,
    inexact,
    n_bits,
    power,
)
from analysis.answers.expressions import Expression, Node
from analysis.answers.functions import MAX_FACTORIAL, call, whole

__all__ = ["NotWorkedOutError", "Value", "agree", "close", "constant", "context", "value_at"]

BASE_PRECISION = 320
POINTS = 3
MAX_TERMS = 1_000
INTEGER_NAMES = frozenset(["n", "k", "m", "j", "N", "K", "M"])


def constant(expression: Expression, logarithm: int | None = None) -> Value:
    """The value of a formula without free symbols; ``logarithm`` is the base of a bare log (None: e).

    Raises ``NotWorkedOutError``.
    """
    return value_at(expression.root, {}, precision_for([expression.root]), logarithm)


def precision_for(roots: Iterable[Node]) -> int:
    """Bits that tell these formulas apart: more where their numbers are longer.

    Over ``MAX_PRECISION`` only exact fractions are worked out.
    """
    return BASE_PRECISION + 2 * sum(_bits(root) for root in roots)


def _bits(node: Node) -> int:
    if node.op == "num" and node.value is not None:
        return max(0, n_bits(node.value) - 64)
    inner = sum(_bits(child) for child in node.args)
    if node.op == "pow":
        base, exponent = _plain(node.args[0]), _plain(node.args[1])
        if base is not None and exponent is not None:
            grown = abs(int(exponent)) * n_bits(base) if abs(exponent) < MAX_PRECISION else 10**6
            inner += grown if grown > 64 else 0
    if node.op == "fact":
        number = _plain(node.args[0])
        if number is not None and 1 < number < MAX_FACTORIAL:
            inner += int(number * math.log2(float(number)))
    return inner


def _plain(node: Node) -> Fraction | None:
    if node.op == "neg":
        inner = _plain(node.args[0])
        return None if inner is None else -inner
    return node.value if node.op == "num" else None


def value_at(
    node: Node, point: Mapping[str, Value], precision: int, logarithm: int | None = None
) -> Value:
    """The value of a tree at a point; see ``constant``."""
    mp = context()
    previous = mp.prec
    mp.prec = precision
    try:
        return _value(node, point, mp, logarithm)
    except (ZeroDivisionError, OverflowError, ValueError, TypeError, MemoryError) as error:
        raise NotWorkedOutError(type(error).__name__) from error
    finally:
        mp.prec = previous


def _value(node: Node, point: Mapping[str, Value], mp: Any, logarithm: int | None) -> Value:
    op = node.op
    if op == "num":
        return node.value
    if op == "sym":
        return _symbol(node.name, point, mp)
    if op == "call" and ":" in node.name:
        return _series(node, point, mp, logarithm)
    args = [_value(child, point, mp, logarithm) for child in node.args]
    if op == "add":
        return checked(both(args[0], args[1], mp, lambda a, b: a + b))
    if op == "neg":
        return -args[0]
    if op == "mul":
        return checked(both(args[0], args[1], mp, lambda a, b: a * b))
    if op == "div":
        if args[1] == 0:
            raise NotWorkedOutError("division by zero")
        return checked(both(args[0], args[1], mp, lambda a, b: a / b))
    if op == "pow":
        return power(args[0], args[1], mp)
    if op == "pm":
        sign = point.get(node.name, 1)
        return checked(both(args[0], args[1], mp, lambda a, b: a + sign * b))
    if op == "deg":
        return inexact(args[0], mp) * mp.pi / 180
    if op in ("floor", "ceil", "abs", "fact"):
        return whole(op, args[0], mp)
    return call(node.name, args, mp, logarithm)


def _series(node: Node, point: Mapping[str, Value], mp: Any, logarithm: int | None) -> Value:
    """A finite sum or product over an index."""
    name, _, index = node.name.partition(":")
    low, high = (_value(bound, point, mp, logarithm) for bound in node.args[:2])
    ends = (low, high)
    if not all(isinstance(end, Fraction) and end.denominator == 1 for end in ends):
        raise NotWorkedOutError("bounds of a sum")
    if high - low > MAX_TERMS:
        raise NotWorkedOutError("too many terms")
    total: Value = Fraction(0 if name == "sum" else 1)
    for k in range(int(low), int(high) + 1):
        term = _value(node.args[2], {**point, index: Fraction(k)}, mp, logarithm)
        total = checked(both(total, term, mp, (lambda a, b: a + b) if name == "sum" else (lambda a, b: a * b)))  # fmt: skip
    return total


def _symbol(name: str, point: Mapping[str, Value], mp: Any) -> Value:
    if name in point:
        return point[name]
    if mp.prec > MAX_PRECISION:
        raise NotWorkedOutError("numbers too long")
    if name == "π":
        return +mp.pi
    if name == "e":
        return +mp.e
    if name == "i":
        return mp.mpc(0, 1)
    raise NotWorkedOutError(name)


def points(symbols: Iterable[str]) -> list[dict[str, Fraction]]:
    """Generic points: positive fractions, one with negatives."""
    names = sorted(symbols)
    if not names:
        return [{}]
    found = [{name: generic(name, turn) for name in names} for turn in range(POINTS)]
    return [*found, {name: -generic(name, 9) for name in names}]


def integer_points(symbols: Iterable[str]) -> list[dict[str, Fraction]]:
    """Points at small integers, for formulas that hold only there."""
    names = sorted(symbols)
    return [
        {name: Fraction(3 + (turn * 5 + index * 3) % 11) for index, name in enumerate(names)}
        for turn in range(4)
    ]


def agree(
    left: Node,
    right: Node,
    point: Mapping[str, Value],
    precision: int,
    logarithm: int | None = None,
) -> bool:
    """Whether two trees have the same value at a point. Raises ``NotWorkedOutError``."""
    a, b = (value_at(node, point, precision, logarithm) for node in (left, right))
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    if _is_dust(a, precision) or _is_dust(b, precision):
        # Either really tiny, or a zero that rounding has blurred: more digits tell.
        finer = precision * 2
        a, b = (
            _without_dust(value, value_at(node, point, finer, logarithm), precision)
            for value, node in ((a, left), (b, right))
        )
    return close(a, b, precision)


def _is_dust(value: Value, precision: int) -> bool:
    mp = context()
    return not isinstance(value, Fraction) and abs(value) < mp.mpf(2) ** (-precision // 2)


def _without_dust(coarse: Value, fine: Value, precision: int) -> Value:
    """Zero where a value shrank with more digits, else the finer value."""
    if isinstance(fine, Fraction) or not _is_dust(coarse, precision):
        return fine
    mp = context()
    vanishes = fine == 0 or abs(fine) < abs(coarse) * mp.mpf(2) ** (-precision // 2)
    return Fraction(0) if vanishes else fine


def close(left: Value, right: Value, precision: int) -> bool:
    """Whether two values agree to half of the digits that were worked out; relative, never absolute."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left == right
    mp = context()
    previous = mp.prec
    mp.prec = precision
    try:
        a, b = inexact(left, mp), inexact(right, mp)
        return bool(abs(a - b) <= max(abs(a), abs(b)) * mp.mpf(2) ** (-precision // 2))
    finally:
        mp.prec = previous
