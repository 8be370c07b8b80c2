"""Numbers as people and models write them, read exactly; no floating point anywhere."""

from __future__ import annotations

import re
from fractions import Fraction

MAX_DIGITS = 400
"""Longer numbers are compared as text: reading them would cost more than it tells."""
MAX_EXPONENT = 400

_INTEGER = r"[1-9]\d{0,2}(?:,\s?\d{3})+(?!\d)|[1-9]\d{0,2}(?: \d{3})+(?!\d)|\d+"
_DECIMAL = rf"(?:(?:{_INTEGER})(?:\.\d*)?|\.\d+)"
NUMBER = re.compile(
    rf"(?P<sign>[-+]\s?)?(?:(?P<whole>\d+)\s?)?\\frac\{{\s*(?P<ln>-?\d+)\s*\}}\{{\s*(?P<ld>-?\d+)\s*\}}"
    rf"|(?P<sign2>[-+]\s?)?(?P<mixed>\d+)\s(?P<mn>\d+)\s?/\s?(?P<md>\d+)"
    rf"|(?P<sign3>[-+]\s?)?(?P<a>{_DECIMAL})(?:\s?/\s?(?P<b>-?{_DECIMAL}))?"
    rf"(?:e(?P<exp>[-+]?\d+)|\s?(?:\\times|\\cdot|\*|x)\s?10\s?\^\s?\{{?(?P<pow>-?\d+)\}}?)?",
    re.IGNORECASE,
)


def read(text: str) -> tuple[Fraction, int] | None:
    """The number that ``text`` begins with and where it ends; None when it begins with none.

    Reads integers (thousands by comma or space), decimals, fractions (``3/4``, ``\\frac{3}{4}``),
    mixed numbers, and powers of ten. ``7:12`` is no number. Division by zero is none either.
    """
    match = NUMBER.match(text)
    if not match or match.end() - match.start() > MAX_DIGITS:
        return None
    value = _value(match)
    if value is None:
        return None
    negative = (match["sign"] or match["sign2"] or match["sign3"] or "").strip() == "-"
    return (-value if negative else value), match.end()


def _value(match: re.Match[str]) -> Fraction | None:
    """The absolute value of a match of ``NUMBER``."""
    if match["ld"] is not None:
        top, bottom = int(match["ln"]), int(match["ld"])
        if bottom == 0:
            return None
        whole = match["whole"]
        if whole is None:
            return Fraction(top, bottom)
        # 2\frac{1}{3} is a mixed number; 2\frac{5}{3} is a product, which is not ours to work out.
        return Fraction(int(whole)) + Fraction(top, bottom) if 0 <= top < bottom else None
    if match["md"] is not None:
        top, bottom = int(match["mn"]), int(match["md"])
        return Fraction(int(match["mixed"])) + Fraction(top, bottom) if 0 < top < bottom else None
    value = _decimal(match["a"])
    if match["b"] is not None:
        bottom_value = _decimal(match["b"])
        if not bottom_value:
            return None
        value /= bottom_value
    exponent = match["exp"] or match["pow"]
    if exponent is not None:
        if len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT:
            return None
        value *= Fraction(10) ** int(exponent)
    return value


def _decimal(text: str) -> Fraction:
    """``1,234.50`` or ``-.5`` as a fraction."""
    digits = text.replace(",", "").replace(" ", "")
    return Fraction(digits[:-1] if digits.endswith(".") else digits)


def show(value: Fraction) -> str:
    """The one way to write it: ``7``, ``0.75``, and ``-1/3`` where no decimal is exact."""
    if value.denominator == 1:
        return str(value.numerator)
    places = _decimal_places(value.denominator)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _decimal_places(denominator: int) -> int | None:
    """How many decimals write 1/denominator exactly; None when none do, or over 30."""
    places = max((denominator & -denominator).bit_length() - 1, 0)
    odd, fives = denominator >> places, 0
    while odd % 5 == 0:
        odd, fives = odd // 5, fives + 1
    places = max(places, fives)
    return places if odd == 1 and places <= 30 else None
