r"""Reading answers with a parameter, a modulus, cases, a remainder, or a relation between lines.

``x = 2k\pi, k \in \mathbb{Z}`` is a *family*, ``3 \pmod 7`` a *congruence*, ``\begin{cases}`` *cases* (or,
without conditions, a list), ``7 R 2`` a *remainder*, ``AB \parallel CD`` *lines*. What a part means is read
by the reader that is given.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from analysis.answers.shape import Shape

KINDS = frozenset({"family", "congruence", "cases", "remainder", "lines"})
Reader = Callable[[str], Shape]
_DOMAIN = r"(?:\\mathbb|\\mathbf|\\mathrm|\\bf)?\s*\{?\s*(?P<domain>[ZN]|ℤ|ℕ)\s*\}?\s*(?P<part>[\^_]?\s*\{?\s*[+*]\s*\}?)?"
_PARAMETER = re.compile(
    rf"(?P<body>.+?)[\s,，;(（:|]*(?:\\mid\s*)?(?:where|with|for|其中)?\s*(?:all|any|some|every)?\s*"
    rf"(?P<name>[a-zA-Z])\s*(?:∈|\\in(?![a-z]))\s*{_DOMAIN}\s*[)）.]?\s*",
    re.DOTALL,
)
_PARAMETER_WORDS = re.compile(
    r"(?P<body>.+?)[\s,，;(（]*(?:where|with|for|其中)?\s*(?:(?:all|any|some|every|an)\s+integers?\s+(?P<first>[a-zA-Z])"
    r"|(?P<name>[a-zA-Z])\s*(?:is|be|为|是)\s*(?:an?\s|any\s|任意)*(?:integers?|整数))\s*[)）.]?\s*",
    re.DOTALL,
)
_INSIDE_SET = re.compile(r"\\\{(?P<inside>.+)\\\}", re.DOTALL)
_IS = re.compile(r"\s*(?P<left>[a-zA-Z])\s*(?:\\mid|\\vert|\||:|：)\s*(?P=left)\s*=\s*")
_CONGRUENCE = re.compile(
    r"(?:(?P<left>[^=]{1,60})=)?(?P<value>[^=]+?)[\s,(（]*(?:\\pmod|\\bmod|\\mod|\\pod|(?<![A-Za-z])mod)\s*\{?\s*(?P<modulus>\d{1,9})\s*\}?\s*[)）]?\s*"
)
_CASES = re.compile(
    r"(?P<left>[^{}\\]{0,30}=)?\s*\\?\{?\s*\\begin\{(?:cases|array|aligned)\}(?:\{[lcr|\s]*\})?(?P<rows>.*)\\end\{(?:cases|array|aligned)\}\s*(?:\\\.|\.)?",
    re.DOTALL,
)
_CONDITION = re.compile(
    r"&|,?\s*\\(?:text|mathrm|mbox)\s*\{\s*(?:if|when|for)\b\s*\}?|,?\s*\b(?:if|when|for)\b"
)
_OTHERWISE = re.compile(r"otherwise|else|其他|其它|其余", re.IGNORECASE)
_REMAINDER = re.compile(
    r"(?P<whole>\d{1,12})\s*(?:\\(?:text|mathrm)\s*\{\s*(?:remainder|R|r)\s*\}|with (?:a )?remainder(?: of)?|remainder(?: of)?|rem\.?|[Rr]\.?|余数?|\.{6})\s*(?P<rest>\d{1,12})"
)
_LINES = re.compile(
    r"(?P<a>[^\\⊥∥/]{1,40}?)\s*(?P<sign>\\parallel|\\perp|⊥|∥|//|is parallel to|is perpendicular to)\s*(?P<b>[^\\⊥∥/]{1,40})"
)  # fmt: skip
_SIGNS = {
    r"\parallel": "∥",
    "//": "∥",
    "is parallel to": "∥",
    r"\perp": "⊥",
    "is perpendicular to": "⊥",
}
_MARKS = ("mod", "Z", "N", "ℤ", "ℕ", "integer", "整数", "cases", "aligned", "arra", "rem", "R", "r", "余", "......", "parallel", "perp", "⊥", "∥", "//")  # fmt: skip


def read(text: str, reader: Reader) -> Shape | None:
    """The shape of an answer of these kinds; None for any other. ``text`` is tidy."""
    if not any(mark in text for mark in _MARKS):
        return None
    for attempt in (_cases, _congruence, _family, _remainder, _lines):
        found = attempt(text, reader)
        if found is not None:
            return found
    return None


def _family(text: str, reader: Reader) -> Shape | None:
    inside = _INSIDE_SET.fullmatch(text)
    told = (inside["inside"] if inside else text).strip()
    match = _PARAMETER.fullmatch(told) or _PARAMETER_WORDS.fullmatch(told)
    if not match:
        return None
    groups = match.groupdict()
    name = groups.get("name") or groups.get("first") or ""
    body = _IS.sub("", match["body"], count=1).strip().rstrip("|:").removesuffix(r"\mid").strip()
    if not re.search(rf"(?<![a-zA-Z\\]){name}(?![a-z])|(?<=\d){name}", body):
        return None
    shape = reader(body)
    items = shape.items if shape.kind in ("list", "set", "union") else (shape,)
    if not items or any(item.kind not in ("expr", "tuple") for item in items):
        return None
    domain = {"ℤ": "Z", "ℕ": "N"}.get(groups.get("domain") or "Z", groups.get("domain") or "Z")
    part = re.sub(r"[\s{}^_]", "", groups.get("part") or "").replace("*", "+")
    return Shape("family", text, items=tuple(items), signs=(name, domain + part))


def _congruence(text: str, reader: Reader) -> Shape | None:
    match = _CONGRUENCE.fullmatch(text) if "mod" in text else None
    if not match or int(match["modulus"]) < 2:
        return None
    shape = reader(match["value"].strip())
    items = shape.items if shape.kind in ("list", "set") else (shape,)
    if not items or any(item.expression is None for item in items):
        return None
    name = (match["left"] or "").strip()
    return Shape("congruence", text, name=name, items=tuple(items), base=int(match["modulus"]))


def _cases(text: str, reader: Reader) -> Shape | None:
    match = _CASES.fullmatch(text) if "\\begin" in text else None
    if not match or ("cases" not in text and (r"\{" not in text or "&" in match["rows"])):
        return None
    rows = [row.strip(" ,;&") for row in re.split(r"\\\\(?:\s*\[[^\]]*\])?", match["rows"])]
    items: list[Shape] = []
    conditional = 0
    for row in filter(None, rows):
        value, *condition = (part for part in _CONDITION.split(row, maxsplit=1))
        stated = " ".join(condition).strip(" ,&")
        stated = _CONDITION.sub(" ", stated).replace(r"\text", "").strip(" ,&{}")
        conditional += bool(stated)
        if not stated:
            items.append(reader(value.strip(" ,")))
            continue
        other = Shape("text", "otherwise") if _OTHERWISE.search(stated) else reader(stated)
        items.append(Shape("list", row, items=(reader(value.strip(" ,")), other)))
    if not items or conditional not in (0, len(items)):
        return None
    if not conditional:  # a system of equations
        return Shape("list", text, items=tuple(items), signs=(",",) * (len(items) - 1))
    return Shape("cases", text, name=(match["left"] or "").rstrip("= "), items=tuple(items))


def _remainder(text: str, reader: Reader) -> Shape | None:
    match = _REMAINDER.fullmatch(text)
    return Shape("remainder", f"{int(match['whole'])} R {int(match['rest'])}") if match else None


def _lines(text: str, reader: Reader) -> Shape | None:
    match = _LINES.fullmatch(text)
    if not match or any(char.isdigit() for char in match["a"] + match["b"]) or "http" in text:
        return None
    sides = sorted(re.sub(r"\s", "", match[side]) for side in "ab")
    return Shape("lines", _SIGNS.get(match["sign"], match["sign"]) + " ".join(sides))
