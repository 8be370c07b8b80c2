"""Units of measure, money and percent as they stand after a number; spelling only, no conversion.

``5 cm`` and ``5 centimetres`` have the same unit, ``5 cm`` and ``0.05 m`` do not: turning one into
the other would need a table of exact factors, and an answer in the wrong unit is often wrong.
"""

from __future__ import annotations

import re
from fractions import Fraction

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
°: degree degrees deg
°c: degreescelsius celsius degc
°f: degreesfahrenheit fahrenheit degf
rad: radian radians
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
ONE_LETTER = frozenset("mgshlLNJWVA")
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
    text = text.strip().strip(".").replace("{", "").replace("}", "").strip().lower()
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


_FACTORS: dict[str, tuple[str, str]] = {
    "mm": ("length", "1/1000"), "cm": ("length", "1/100"), "m": ("length", "1"), "km": ("length", "1000"),
    "in": ("length", "127/5000"), "ft": ("length", "381/1250"), "yd": ("length", "1143/1250"),
    "mi": ("length", "201168/125"), "mg": ("mass", "1/1000"), "g": ("mass", "1"), "kg": ("mass", "1000"),
    "lb": ("mass", "45359237/100000"), "oz": ("mass", "45359237/1600000"), "ml": ("volume", "1/1000"),
    "l": ("volume", "1"), "ms": ("time", "1/1000"), "s": ("time", "1"), "min": ("time", "60"),
    "h": ("time", "3600"), "day": ("time", "86400"), "week": ("time", "604800"), "month": ("months", "1"),
    "year": ("months", "12"), "km/h": ("speed", "5/18"), "m/s": ("speed", "1"), "mph": ("speed", "1397/3125"),
    "m/s^2": ("acceleration", "1"), "j": ("energy", "1"), "kj": ("energy", "1000"), "w": ("power", "1"),
    "kw": ("power", "1000"), "°": ("angle", "1"), "rad": ("angle in radians", "1"), "$": ("dollars", "1"),
    "cent": ("dollars", "1/100"), "€": ("euros", "1"), "£": ("pounds", "1"), "¥": ("yen", "1"),
    "yuan": ("yuan", "1"), "%": ("percent", "1"), "°c": ("°C", "1"), "°f": ("°F", "1"), "n": ("force", "1"),
    "pa": ("pressure", "1"), "v": ("voltage", "1"), "a": ("current", "1"), "hz": ("frequency", "1"),
    "mol": ("amount", "1"), "ohm": ("resistance", "1"), "am": ("am", "1"), "pm": ("pm", "1"),
}  # fmt: skip


def measure(unit: str) -> tuple[str, Fraction] | None:
    """(what a unit measures, how many of its base unit it is); None for a unit of no table.

    ``cm^2`` measures 'length^2'. Used to tell "the same quantity in other units" from a wrong unit.
    """
    name, _, power = unit.partition("^")
    found = _FACTORS.get(unit) or _FACTORS.get(name)
    if found is None:
        return None
    if unit in _FACTORS or not power:
        return found[0], Fraction(found[1])
    if not power.isdigit() or len(power) > 1:
        return None
    if found[0] == "length" and power == "3":
        return "volume", Fraction(found[1]) ** 3 * 1000
    return f"{found[0]}^{power}", Fraction(found[1]) ** int(power)
