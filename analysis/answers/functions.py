"""The functions that formulas call: roots, logarithms, trigonometry, factorials, unknown ones."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from analysis.answers.arithmetic import (
    NotWorkedOutError,
    Value,
    bounded,
    generic,
    inexact,
    power,
)
from analysis.answers.tokens import TRIGONOMETRIC

MAX_FACTORIAL = 5_000


def whole(op: str, value: Value, mp: Any) -> Value:
    """abs, floor, ceiling and factorial."""
    if op == "abs":
        return abs(value)
    if op == "fact":
        if not isinstance(value, Fraction) or value.denominator != 1 or value < 0:
            raise NotWorkedOutError("factorial of no integer")
        if value > MAX_FACTORIAL:
            raise NotWorkedOutError("too large")
        return Fraction(math.factorial(int(value)))
    if isinstance(value, Fraction):
        return Fraction(math.floor(value) if op == "floor" else math.ceil(value))
    if mp.im(value) != 0:
        raise NotWorkedOutError("floor of a complex number")
    return Fraction(int(mp.floor(value) if op == "floor" else mp.ceil(value)))


def call(name: str, args: list[Value], mp: Any, logarithm: int | None) -> Value:
    """A function by its name."""
    if name.startswith("?"):
        return _opaque(name, args, mp)
    if name in ("max", "min", "gcd", "lcm", "binom"):
        return _integers(name, args)
    if name == "sqrt":
        degree = args[1] if len(args) > 1 else Fraction(2)
        return _root(args[0], degree, mp)
    x = inexact(args[0], mp)
    if name == "sgn":
        return Fraction((x > 0) - (x < 0))
    if name in ("ln", "log", "lg"):
        return _logarithm(name, args, x, mp, logarithm)
    if x != 0 and abs(int(mp.mag(x))) > 20_000:
        raise NotWorkedOutError("too large")
    if name == "exp":
        bounded(abs(x), mp)
        return mp.exp(x)
    if name in TRIGONOMETRIC:
        return _trigonometric(name, x, mp)
    inverse = {"arcsin": mp.asin, "arccos": mp.acos, "arctan": mp.atan, "arccot": mp.acot}
    others = {"sinh": mp.sinh, "cosh": mp.cosh, "tanh": mp.tanh}
    function = inverse.get(name) or others.get(name)
    if function is None:
        raise NotWorkedOutError(name)
    if name in others:
        bounded(abs(x), mp)
    return function(x)


def _trigonometric(name: str, x: Value, mp: Any) -> Value:
    sine, cosine = mp.sin(x), mp.cos(x)
    top, bottom = {
        "sin": (sine, 1),
        "cos": (cosine, 1),
        "tan": (sine, cosine),
        "cot": (cosine, sine),
        "sec": (1, cosine),
        "csc": (1, sine),
    }[name]
    if abs(bottom) < mp.mpf(2) ** (-mp.prec // 2):
        raise NotWorkedOutError("pole")
    return top / bottom


def _root(value: Value, degree: Value, mp: Any) -> Value:
    if not isinstance(degree, Fraction) or degree == 0:
        raise NotWorkedOutError("root")
    odd = degree.denominator == 1 and degree.numerator % 2 == 1
    real = isinstance(value, Fraction) or mp.im(value) == 0
    if odd and real and value < 0:
        return -power(-value, 1 / degree, mp)
    if value == 0:
        return Fraction(0)
    return power(value, 1 / degree, mp)


def _logarithm(name: str, args: list[Value], x: Value, mp: Any, bare: int | None) -> Value:
    if x == 0:
        raise NotWorkedOutError("log 0")
    if len(args) > 1:
        base = inexact(args[1], mp)
        if base in (0, 1):
            raise NotWorkedOutError("base")
        return mp.log(x) / mp.log(base)
    if name == "lg" or (name == "log" and bare is not None):
        return mp.log(x) / mp.log(bare or 10)
    return mp.log(x)


def _integers(name: str, args: list[Value]) -> Value:
    if name in ("max", "min"):
        return max(args) if name == "max" else min(args)
    if not all(isinstance(a, Fraction) and a.denominator == 1 for a in args):
        raise NotWorkedOutError(name)
    numbers = [int(a) for a in args]
    if name == "gcd":
        return Fraction(math.gcd(*numbers))
    if name == "lcm":
        return Fraction(math.lcm(*numbers))
    top, bottom = numbers
    if not 0 <= bottom <= top or top > 20 * MAX_FACTORIAL or min(bottom, top - bottom) > 4000:
        raise NotWorkedOutError("binomial")
    return Fraction(math.comb(top, bottom))


def _opaque(name: str, args: list[Value], mp: Any) -> Value:
    """An unknown function: a number that depends on its name and (rounded) arguments alone."""
    shown = ",".join(mp.nstr(inexact(a, mp), 30) for a in args)
    return generic(f"{name}({shown})", 0)
