"""Reading numbers and quantities: digits, bases, money, units."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from analysis.answers import latex, numbers, si, units
from analysis.answers.expressions import Expression, Node, read_expression
from analysis.answers.normalise import HEDGE
from analysis.answers.shape import Shape
from analysis.answers.tokens import TRIGONOMETRIC, TRIPLES

_TAIL_UNIT = re.compile(
    r"(?P<body>.*?[\d)}\]πa-zA-Z!°])\s*(?:\\(?:text|mathrm|textrm|mbox|textnormal|textbf|textit|operatorname|rm)\s*\{(?P<unit>[^{}]*)\})"
    r"\s*(?P<pow>\^\s*\{?\s*[23]\s*\}?)?",
    re.DOTALL,
)
_PLAIN_UNIT = re.compile(
    r"(?P<body>.*[\d)}\]π])(?P<unit>\s*(?:°\s*[CFcf]?|%|\\%|[$€£¥￥]|元|\^\s*\{?\s*\\circ\s*\}?\s*[CF]?)|[\s-]+[A-Za-zµΩ°][A-Za-zµΩ°/\s.-]*?)(?P<pow>\s*\^\s*\{?[23]\}?)?",
    re.DOTALL,
)
_GLUED_UNIT = re.compile(
    r"(?P<body>[-+]?[\d.,/\s]*\d)(?P<unit>[A-Za-zµΩ]{1,12}(?:/[A-Za-z]{1,8})?|[\u4e00-\u9fff/]{1,8})(?P<pow>\^\{?[23]\}?)?"
)
_CIRCLE = re.compile(r"\^\s*\{?\s*\\circ\s*\}?|\\degree(?![a-z])")
_MONEY = re.compile(
    r"(?P<sign>[-+]?)\s*(?P<mark>US\$|＄|\\\$|[$€£¥￥])\s*(?P<body>[\d.].*|\\frac.*)", re.DOTALL
)
_DECIMAL = re.compile(
    r"[-+]?\s?(?:\d{1,3}(?:[, ]\d{3})+|\d*)\.(\d+)(?:\s?(?:e|\\times\s?10\^|\\cdot\s?10\^).*)?",
    re.IGNORECASE,
)
_COMMA_DECIMAL = re.compile(r"([-+]?)(\d{1,3}),(\d{1,2}|\d{4,})|([-+]?)(0),(\d+)")
_ORDINAL = re.compile(r"(\d{1,9})\s*\^?\{?\s*(?:st|nd|rd|th)\}?")
_DOTTED = re.compile(r"-?\d{1,3}(?:\.\d{3}){2,}")
"""1.234.567, as thousands are written in half of Europe."""
_SUFFIX_BASE = re.compile(r"(?P<digits>[\dA-Fa-f]+)\s*_\s*(?:\{\s*(\d{1,2})\s*\}|(\d{1,2}))")
_HEX = re.compile(r"0[xX][0-9A-Fa-f]{1,16}")
_MULTIPLIED = re.compile(r"(.*\d)\s*(thousand|million|billion|trillion|万|亿|dozen)", re.IGNORECASE)
_MULTIPLIERS = {
    "thousand": 3,
    "million": 6,
    "billion": 9,
    "trillion": 12,
    "万": 4,
    "亿": 8,
    "dozen": 0,
}


def fraction(value: Fraction, text: str, unit: str = "") -> Shape:
    """A number of this value."""
    root = Node("num", value=value)
    return Shape("number", text, unit=unit, value=value, expression=Expression(root, frozenset()))


def number(text: str) -> Shape | None:
    """A number alone: exact, with how many digits it states."""
    body = text
    ordinal = _ORDINAL.fullmatch(body)
    if ordinal:
        return fraction(Fraction(int(ordinal[1])), text)
    if _HEX.fullmatch(body):
        return replace(fraction(Fraction(int(body, 16)), body.lower()), base=16)
    if _DOTTED.fullmatch(body):
        body = body.replace(".", "")
    base = _SUFFIX_BASE.fullmatch(body)
    if base:
        return _in_base(base, text)
    comma = _COMMA_DECIMAL.fullmatch(body)
    found = numbers.read(body)
    if found and found[1] == len(body):
        decimal = _DECIMAL.fullmatch(body)
        shape = fraction(found[0], text)
        return replace(shape, decimals=_digits(decimal)) if decimal else shape
    if comma:
        sign, whole, part = (
            (comma[1], comma[2], comma[3]) if comma[2] else (comma[4], comma[5], comma[6])
        )
        items = tuple(_plain(piece) for piece in body.split(","))
        return Shape("list", text, items=items, comma_value=Fraction(f"{sign}{whole}.{part}"))
    return None


def _in_base(match: re.Match[str], text: str) -> Shape | None:
    base = int(match[2] or match[3])
    try:
        value = Fraction(int(match["digits"], base)) if 2 <= base <= 16 else None
    except ValueError:
        value = None
    if value is None:
        return None
    shape = fraction(value, match["digits"].lower().lstrip("0") or "0")
    return replace(shape, base=base)


def _digits(decimal: re.Match[str]) -> tuple[int, int]:
    """Significant digits and decimals of ``0.0123`` (3, 4)."""
    body = re.split(r"[eE\\*]", decimal.group(), maxsplit=1)[0]
    stripped = re.sub(r"[^\d]", "", body).lstrip("0")
    return len(stripped), len(decimal[1])


def _value(text: str, unit: str) -> Shape | None:
    text = text.strip()
    found = number(text)
    if found is None:
        multiplied = _multiplied(text)
        found = fraction(multiplied, text) if multiplied is not None else None
    if found is not None and found.kind == "number":
        return replace(found, unit=unit)
    if (
        len(text) > 1
        and text.isalpha()
        and (len(text) > 2 or text.isupper())
        and "".join(sorted(text)) not in TRIPLES
    ):
        return None  # a word, or points (ABC), not a product
    expression = read_expression(text)
    if expression is None:
        return None
    return Shape("expr", text, unit=unit, expression=expression)


def _multiplied(text: str) -> Fraction | None:
    match = _MULTIPLIED.fullmatch(text)
    found = numbers.read(match[1].strip()) if match else None
    if not match or not found or found[1] != len(match[1].strip()):
        return None
    dozens = 12 if match[2].lower() == "dozen" else 1
    return dozens * found[0] * Fraction(10) ** _MULTIPLIERS[match[2].lower()]


def _no_unit(text: str) -> Shape | None:
    hedge = HEDGE.match(text)
    return _value(text[hedge.end() :] if hedge else text, "")


def _money(text: str) -> Shape | None:
    match = _MONEY.fullmatch(text)
    if not match:
        return None
    mark = match["mark"].replace("\\", "").replace("＄", "$").replace("￥", "¥").replace("US", "")
    body = match["sign"] + match["body"]
    found = _value(body, units.canonical(mark) or mark)
    if found is None:
        inner = _with_unit(body)
        if inner is not None and inner.unit in ("$", "€", "£", "¥", "yuan"):
            return inner
        if inner is not None:  # "$18 per day"
            return replace(inner, unit=f"{units.canonical(mark)} {inner.unit}")
    return found


def _with_unit(text: str) -> Shape | None:
    text = _CIRCLE.sub("°", text)
    for pattern in (_TAIL_UNIT, _PLAIN_UNIT, _GLUED_UNIT):
        match = pattern.fullmatch(text)
        if not match:
            continue
        power = re.sub(r"[\s{}]", "", match["pow"] or "")
        name, body = match["unit"].strip(" -.\\"), match["body"]
        if name in ("C", "F") and body.endswith("°"):
            name, body = "°" + name, body[:-1]
        multiplier = name.split(" ")[0].lower()
        if multiplier in _MULTIPLIERS:
            body, name = f"{body} {multiplier}", name[len(multiplier) :].strip()
        unit = units.canonical(name + power) if name else ""
        if unit is None or not _may_be_unit(name, pattern):
            continue
        found = _value(body, unit)
        if found is not None and not (unit == "°" and _has_angle(found)):
            return found
    return None


def _has_angle(shape: Shape) -> bool:
    r"""Whether a degree sign behind it belongs to an angle inside (``\sin 30°``)."""
    nodes = [shape.expression.root] if shape.expression else []
    while nodes:
        node = nodes.pop()
        if node.op == "call" and node.name in TRIGONOMETRIC:
            return True
        nodes.extend(node.args)
    return False


def _may_be_unit(name: str, pattern: re.Pattern[str]) -> bool:
    """Letters behind a number are a unit where the way they stand says so; else they are variables."""
    if pattern is _TAIL_UNIT or not name.isascii() or not name[:1].isalpha():
        return True
    known = name in units.KNOWN or name.lower() in units.KNOWN or "/" in name
    if pattern is _GLUED_UNIT:
        return known and len(name) > 1
    if len(name) == 1:
        return name in units.ONE_LETTER
    return known or all(len(word) > 2 or word in units.KNOWN for word in name.split())


def quantity(text: str) -> Shape | None:
    """A formula with or without a unit; None for what is none."""
    for split in (_money, _product_of_units, _several, _with_unit, _no_unit):
        found = split(text)
        if found is not None:
            return found
    return None


_AMOUNT = (
    r"[-+]?\s?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*(?:\\times|\\cdot|\*|x)\s*10\s*\^\s*(?:\{\s*[-+]?\d+\s*\}|[-+]?\d+)"
    r"|[eE][-+]?\d+(?![A-Za-z]))?"
)
_QUANTITY = re.compile(
    rf"(?P<body>{_AMOUNT}(?:\s?(?:\\pi(?![A-Za-z])|π|\\sqrt\s*(?:\{{\d+\}}|\d)))*"
    r"|\\frac\{[^{}]{1,20}\}\{[^{}]{1,10}\}|\d+/\d+|(?:\d+\s?/\s?)?(?:\\pi(?![A-Za-z])|π)(?:\s?/\s?\d+)?)"
    r"(?P<gap>[\s*]*|\s*\\cdot\s)(?P<unit>[A-Za-zµμΩΩÅ\\\u4e00-\u9fff].*)"
)
_FEET = re.compile(r"(\d+)\s?['′’]\s?(\d+(?:\.\d+)?)\s?(?:[\"″”]|'')")
_PART = re.compile(
    rf"(?P<body>{_AMOUNT})\s*(?P<unit>[A-Za-z]{{1,12}}|[\u4e00-\u9fff]{{1,3}})\.?(?:\s*(?:,|and|又|零)\s*|\s*)"
)
_UNIT_WRAPPED = re.compile(r"\\(?:text|mathrm|textrm|mbox|textnormal|operatorname|rm)(?![A-Za-z])")


def _product_of_units(text: str) -> Shape | None:
    """``5 m s^{-1}``, ``3 \\Omega``, ``8.3 J/(mol K)``: units that only the table of ``si`` knows."""
    if not text[:1].isdigit() and text[:1] not in ".-+\\":
        return None
    match = _QUANTITY.fullmatch(" ".join(latex.unwrap_commands(text).split()))
    if not match:
        return None
    name = si.plain(match["unit"]).rstrip(".")
    wrapped = _UNIT_WRAPPED.search(text) is not None
    ohm = name in ("Ω", "Ω", "Å")
    if si.measure(name) is None or not (wrapped or ohm or si.is_product(name)):
        return None
    unit = units.canonical(name)
    return _value(match["body"], unit) if unit else None


def _several(text: str) -> Shape | None:
    """``2 hours 30 minutes``, ``5 ft 6 in``, 3元5角: one quantity in units that grow smaller."""
    plain = " ".join(latex.unwrap_commands(text).split()) if "\\" in text else text
    plain = _FEET.sub(r"\1 ft \2 in", plain)
    if len(plain) > 60 or not plain[:1].isdigit():
        return None
    parts, at = [], 0
    while at < len(plain):
        match = _PART.match(plain, at)
        if not match:
            return None
        parts.append(match)
        at = match.end()
    measures = [units.measure(units.canonical(part["unit"]) or "") for part in parts]
    if len(parts) < 2 or None in measures:
        return None
    told = [measure for measure in measures if measure is not None]
    falling = all(a[0] == b[0] and a[1] > b[1] for a, b in pairwise(told))
    values = [numbers.read(part["body"].strip()) for part in parts]
    if not falling or None in values:
        return None
    amounts = [value[0] for value in values if value is not None]
    total = sum((v * m[1] for v, m in zip(amounts, told, strict=True)), Fraction(0)) / told[0][1]
    return fraction(total, text, units.canonical(parts[0]["unit"]) or "")


def _plain(text: str) -> Shape:
    found = number(text)
    return found if found is not None else Shape("text", text)
