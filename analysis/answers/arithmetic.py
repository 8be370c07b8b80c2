"""Arithmetic on exact fractions and on numbers of many digits, bounded in size."""

from __future__ import annotations

import hashlib
import math
import threading
from fractions import Fraction
from functools import lru_cache
from typing import Any

MAX_BITS = 120_000
"""Size of an exact number; a larger one is not worked out."""
MAX_EXPONENT_BITS = 1_000_000
MAX_PRECISION = 12_000
_state = threading.local()

Value = Any
"""A ``Fraction``, or an ``mpf``/``mpc`` of this thread's context."""


class NotWorkedOutError(Exception):
    """Too large, undefined, infinite, or of a kind that is not worked out."""


def context() -> Any:
    """An mpmath context of this thread (its precision is shared state)."""
    found = getattr(_state, "context", None)
    if found is None:
        import mpmath

        found = _state.context = mpmath.mp.clone()
    return found


def n_bits(value: Fraction) -> int:
    """Bits of the longer of numerator and denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def inexact(value: Value, mp: Any) -> Value:
    """A fraction as a number of many digits; other values as they are."""
    if mp.prec > MAX_PRECISION:
        raise NotWorkedOutError("numbers too long")
    return mp.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else value


def both(left: Value, right: Value, mp: Any, operation: Any) -> Value:
    """An operation on two values, exact where both are fractions."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return operation(left, right)
    return operation(inexact(left, mp), inexact(right, mp))


def checked(value: Value) -> Value:
    """The value, unless it has grown too large. Raises ``NotWorkedOutError``."""
    if isinstance(value, Fraction) and n_bits(value) > MAX_BITS:
        raise NotWorkedOutError("too large")
    return value


def power(base: Value, exponent: Value, mp: Any) -> Value:
    """``base`` to the power of ``exponent``; exact where that is possible."""
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        if isinstance(base, Fraction):
            if base == 0 and exponent <= 0:
                raise NotWorkedOutError("0^0")
            if abs(exponent.numerator) * n_bits(base) > MAX_BITS and base not in (0, 1, -1):
                raise NotWorkedOutError("too large")
            return base ** int(exponent)
        bounded(exponent * max(1, abs(int(mp.mag(base)))), mp)
        return base ** int(exponent)
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and base >= 0:
        root = _exact_root(base, exponent.denominator)
        if root is not None:
            return power(root, Fraction(exponent.numerator), mp)
    if is_negative(base, mp) and isinstance(exponent, Fraction) and exponent.denominator % 2:
        # The real root, as for a root sign: (-8)^(1/3) is -2.
        size = power(-base, exponent, mp)
        return -size if exponent.numerator % 2 else size
    x, y = inexact(base, mp), inexact(exponent, mp)
    if x == 0:
        raise NotWorkedOutError("power of 0")
    log = mp.log(x)
    bounded(abs(y * log), mp)
    return mp.exp(y * log)


def is_negative(value: Value, mp: Any) -> bool:
    """Whether a value is real and below zero."""
    return bool((isinstance(value, Fraction) or mp.im(value) == 0) and value < 0)


def bounded(exponent: Value, mp: Any) -> None:
    """Raise ``NotWorkedOutError`` when an exponent is too large to work out."""
    if inexact(abs(exponent), mp) > MAX_EXPONENT_BITS:
        raise NotWorkedOutError("too large")


def _exact_root(base: Fraction, degree: int) -> Fraction | None:
    if degree == 1:
        return base
    if degree > 64:
        return None
    top, bottom = (_integer_root(part, degree) for part in (base.numerator, base.denominator))
    return None if top is None or bottom is None else Fraction(top, bottom)


def _integer_root(number: int, degree: int) -> int | None:
    if degree == 2:
        root = math.isqrt(number)
    elif number.bit_length() > 1000:
        return None
    else:
        root = round(number ** (1 / degree))
    return root if root**degree == number else None


@lru_cache(maxsize=512)
def generic(name: str, turn: int) -> Fraction:
    """A fraction without meaning that depends on a name and a turn alone."""
    digest = hashlib.sha256(f"{name}\x00{turn}".encode()).digest()
    return Fraction(int.from_bytes(digest[:3], "big") + 70_001, 7_919 * 997) + 1
