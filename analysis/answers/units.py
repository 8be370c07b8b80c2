"""Units of measure, money and percent as they stand after a number: their spelling, and what they measure.

``5 cm`` and ``5 centimetres`` have the same unit; that ``5 cm`` is ``0.05 m`` is told by ``measure``.
"""

from __future__ import annotations

import re
from fractions import Fraction

from analysis.answers import si

_ALIASES: dict[str, str] = {}
_TABLE = """
mm: millimeter millimetre millimeters millimetres
cm: centimeter centimetre centimeters centimetres
m: meter metre meters metres
km: kilometer kilometre kilometers kilometres kms
in: inch inches
ft: foot feet
yd: yard yards yds
mi: mile miles
g: gram grams gramme grammes
kg: kilogram kilograms kilo kilos kgs
mg: milligram milligrams
lb: pound-mass lbs
oz: ounce ounces
l: liter litre liters litres
ml: milliliter millilitre milliliters millilitres
s: second seconds sec secs
ms: millisecond milliseconds
min: minute minutes mins
h: hour hours hr hrs
day: days
week: weeks
month: months
year: years yr yrs
mph: mi/h miles/hour milesperhour
km/h: kmh kph kmph km/hr kilometersperhour kilometresperhour kilometers/hour
m/s: mps meterspersecond metrespersecond meters/second
m/s^2: meterspersecondsquared
hz: hertz
n: newton newtons
j: joule joules
kj: kilojoule kilojoules
w: watt watts
kw: kilowatt kilowatts
pa: pascal pascals
v: volt volts
a: amp amps ampere amperes
ohm: ohms
mol: mole moles
°: degree degrees deg 度
°c: degreescelsius celsius degc ℃ 摄氏度
°f: degreesfahrenheit fahrenheit degf
rad: radian radians 弧度
%: percent percentage pct pc percents
$: dollar dollars usd us$ $usd bucks
cent: cents ¢
€: euro euros eur
£: pound pounds gbp
¥: yen jpy
yuan: rmb cny 元
%: ％
am: a.m. a.m
pm: p.m. p.m
unit: units
"""
for _line in _TABLE.strip().splitlines():
    _name, _, _others = _line.partition(": ")
    for _word in (_name, *_others.split()):
        _ALIASES[_word] = _name

KNOWN = frozenset(_ALIASES)
_POWERS = {"square": "^2", "squared": "^2", "sq": "^2", "cubic": "^3", "cubed": "^3", "cu": "^3"}
_WORD = re.compile(r"[^\s^]+")
MAX_UNIT_WORDS = 5
ONE_LETTER = frozenset("mgshlLNJWVAMKFTC")
"""Single letters that are units when a space stands before them; any other is a variable."""
_NO_UNIT = frozenset(
    [
        "pi", "e", "i", "sqrt", "root", "log", "ln", "sin", "cos", "tan", "cot", "sec", "exp", "mod",
        "times", "plus", "minus", "over", "and", "or", "to", "by", "factorial", "choose", "more",
        "less", "than", "not", "no", "but", "if", "when", "except", "is", "are", "was", "infinity",
        "inf",
    ]
)  # fmt: skip


def canonical(text: str) -> str | None:
    """The unit that ``text`` names, in one spelling; '' for none; None when it is not a unit.

    Words that are in no table (``apples``, ``square units``) are units too when they are plain
    words: lower case, singular, at most ``MAX_UNIT_WORDS`` of them.
    """
    stated = " ".join(text.strip().strip(".").replace("{", "").replace("}", "").split())
    if si.cased(stated) or stated == "M":
        return stated
    text = stated.lower()
    text = (
        re.sub(r"\s*\^\s*\\circ\s*", "° ", text).replace(r"\degree", "°").replace("^°", "°").strip()
    )
    if not text:
        return ""
    joined = text.replace(" ", "")
    if joined in _ALIASES:
        return _ALIASES[joined]
    text = text.replace(" per ", "/").removeprefix("per ")
    if text.replace(" ", "") in _ALIASES:
        return _ALIASES[text.replace(" ", "")]
    if si.measure(stated) is not None and not _plain_power(text):
        return stated
    power = ""
    caret = re.fullmatch(r"(.+?)\s*\^\s*(\d)", text)
    if caret:
        text, power = caret[1], f"^{caret[2]}"
    words = _WORD.findall(text)
    if len(words) > MAX_UNIT_WORDS:
        return None
    kept = [word for word in words if word not in _POWERS]
    if len(kept) < len(words):
        power = power or next(_POWERS[word] for word in words if word in _POWERS)
    base = "".join(kept)
    if base in _ALIASES:
        return _ALIASES[base] + power
    parts = [_one_word(word) for word in kept]
    if not parts or any(part is None for part in parts):
        return None
    return " ".join(part for part in parts if part) + power


def _plain_power(text: str) -> bool:
    """Whether it is a unit of the table above, or a power of one: those have one spelling."""
    words = [word for word in _WORD.findall(text.partition("^")[0]) if word not in _POWERS]
    return len(words) == 1 and words[0] in _ALIASES


def after_number(rest: str) -> str | None:
    """The unit in what follows a number; '' for nothing; None when it is something else.

    ``5cm`` has a unit and ``5x`` has not: without a space only the units of the table count, and
    single letters never do.
    """
    word = rest.strip().rstrip(".")
    if not word:
        return ""
    spaced = rest[:1] in " -"
    if len(word) == 1 and word.isalpha() and word.isascii():
        return canonical(word) if spaced and word in ONE_LETTER else None
    unit = canonical(word.lstrip("-") if word[:1] == "-" else word)
    if unit and not spaced and unit not in KNOWN and not unit.startswith("°") and word[0].isalpha():
        return unit if word[0] > "\u2e7f" else None
    return unit


def _one_word(word: str) -> str | None:
    """A single word of a unit: its alias, else its singular; None when it is no word."""
    if word in _ALIASES:
        return _ALIASES[word]
    if word in _NO_UNIT or (len(word) == 1 and word.isascii() and word.isalpha()):
        return None
    if not all(char.isalpha() or char in "/-'°%$€£¥" for char in word):
        return None
    if "/" in word:
        sides = [_one_word(side) for side in word.split("/")]
        return None if any(side is None for side in sides) else "/".join(s for s in sides if s)
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_ODD: dict[str, tuple[str, str]] = {
    "°": ("angle", "1"), "rad": ("angle in radians", "1"), "€": ("euros", "1"), "£": ("pounds", "1"),
    "¥": ("yen", "1"), "%": ("percent", "1"), "°c": ("°C", "1"), "°f": ("°F", "1"), "am": ("am", "1"),
    "pm": ("pm", "1"),
}  # fmt: skip
_SYMBOLS = {
    "l": "L", "ml": "mL", "n": "N", "j": "J", "kj": "kJ", "w": "W", "kw": "kW", "pa": "Pa", "v": "V", "a": "A",
    "hz": "Hz", "ohm": "Ω",
}  # fmt: skip
"""The symbols of names in the table above, which has them in lower case."""


def measure(unit: str) -> tuple[str, Fraction] | None:
    """(what a unit measures, how many of its base unit it is); None for a unit of no table.

    ``cm^2`` and ``ha`` measure the same. Used to tell "the same quantity in other units" from a wrong unit.
    """
    name, caret, power = unit.partition("^")
    odd = _ODD.get(name)
    if odd is not None:
        return odd[0] + caret + power, Fraction(odd[1])
    found = si.measure(_SYMBOLS.get(name, name) + caret + power)
    return None if found is None else (" ".join(f"{base}^{e}" for base, e in found[0]), found[1])
