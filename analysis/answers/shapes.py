r"""What an answer is: a number, a formula, a set, an interval, an equation ..., taken apart.

``read`` never fails: what it cannot read is of kind 'text'.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from analysis.answers import closed, families, latex, scanning
from analysis.answers.expressions import read_expression
from analysis.answers.measured import fraction, number, quantity
from analysis.answers.names import is_name, squeezed
from analysis.answers.normalise import plain_dollars, unwrap
from analysis.answers.shape import Shape

__all__ = ["Shape", "is_name", "read", "squeezed", "tidy"]

MAX_ITEMS = 200
MAX_DEPTH = 5
_MATRIX = re.compile(
    r"\\begin\{(?:[pbvVB]?matrix|smallmatrix|array)\}(?:\{[lcr|\s]*\})?(.*)\\end\{(?:[pbvVB]?matrix|smallmatrix|array)\}",
    re.DOTALL,
)
_BUILDER = re.compile(r"(.{1,30}?)\s*(?:\\mid|\\vert|\||:|：|\\colon)\s*(.+)", re.DOTALL)
_BARE_BUILDER = re.compile(r"([a-zA-Z])\s*(?:\\mid|\|)\s*(.*[<>≤≥≠].*)")
_DOUBLE = re.compile(r"\\\\(?=[a-zA-Z])")


@lru_cache(maxsize=4096)
def read(raw: str) -> Shape:
    """The shape of an answer as it was written (with or without ``$``, boxes, bold)."""
    return _read(tidy(raw), 0)


def tidy(raw: str) -> str:
    """Without wrappers and layout commands; Unicode signs as LaTeX; relations as one character."""
    text = raw
    if "\\\\" in text and "\\begin" not in text:
        text = _DOUBLE.sub(r"\\", text)
    text = plain_dollars(unwrap(text.replace(r"\$", "＄").replace("\n", " ")))
    text = latex.ascii_math(text) if not text.isascii() else text
    text = _layout(text)
    text = unwrap(text)
    text = scanning.plain_relations(text)
    if text.startswith(("≈", "=")):
        text = text[1:].strip()
    return " ".join(text.split())


_LAYOUT = re.compile(
    r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])\s*\.?|\\(?:displaystyle|textstyle|limits|quad|qquad|enspace|,|;|:|>|!|hfill)(?![A-Za-z])"
    r"|\\(?=\s)|~|\\(?:hspace|vspace)\*?\{[^{}]*\}"
)

_SEGMENT_BAR = re.compile(r"\\overline\s*\{\s*([A-Z]{2})\s*\}")
_JOINED = re.compile(r"\\(?:text|mbox|textrm|mathrm|textnormal|textit)\s*\{[\s,]*(and|or)[\s,]*\}")


def _layout(text: str) -> str:
    text = text.replace("{,}", ",")
    if "\\" not in text and "~" not in text:
        return text
    text = _JOINED.sub(r" \1 ", text.replace(r"\!", "").replace(r"\,", " "))
    text = _SEGMENT_BAR.sub(r"\1", text)
    text = re.sub(r"\\(?:dfrac|tfrac|cfrac)(?![A-Za-z])", r"\\frac", text)
    if r"\begin" in text:
        return text.replace(r"\left", "").replace(r"\right", "").strip()
    return _LAYOUT.sub(" ", text)


def _read(text: str, depth: int) -> Shape:
    if not text or depth > MAX_DEPTH:
        return Shape("text", text)
    for attempt in (
        _closed,
        _number,
        _families,
        _matrix,
        _set,
        _union,
        _listed,
        _related,
        _tuple,
        _ratio,
        _measured,
    ):
        found = attempt(text, depth)
        if found is not None:
            return found
    return Shape("text", text)


def _closed(text: str, depth: int) -> Shape | None:
    bare = text
    if "\\" in text:
        # \{\} and \infty have a meaning that unwrapping would lose: try them as they stand first.
        found = closed.special(text)
        if found:
            return Shape("special", found)
        bare = " ".join(latex.unwrap_commands(text).split())
    if len(bare) > 80:
        return None
    found = closed.special(bare)
    if found:
        return Shape("special", found)
    flag = closed.boolean(bare)
    if flag is not None:
        return Shape("bool", "yes" if flag else "no")
    letter = closed.choice(bare)
    if letter:
        brackets = "explicit" if len(bare) > 1 else ""
        return Shape("choice", letter, brackets=brackets, expression=read_expression(letter))
    with_text = closed.choice_with_text(bare) if depth == 0 else None
    if with_text:
        item = _read(with_text[1], depth + 1)
        return Shape("choice", with_text[0], brackets="explicit", items=(item,))
    clock = closed.time_of_day(bare)
    if clock:
        hour, minute, second, half = clock
        return Shape("time", f"{hour}:{minute:02}:{second:02}", unit=half)
    day = closed.calendar_date(bare)
    if day:
        return Shape("date", "-".join(str(part) for part in day))
    weekday = closed.weekday(bare)
    if weekday:
        return Shape("weekday", weekday)
    words = (
        closed.number_in_words(bare) if not any(c.isdigit() or c == "\\" for c in bare) else None
    )
    return fraction(words, bare) if words is not None else None


def _families(text: str, depth: int) -> Shape | None:
    return families.read(text, lambda part: _read(part, depth + 1))


def _matrix(text: str, depth: int) -> Shape | None:
    bare = text
    wrapped = scanning.bracketed(text)
    if wrapped and wrapped[1].startswith("\\begin"):
        bare = wrapped[1]
    match = _MATRIX.fullmatch(bare.strip())
    if not match or r"\begin" in match[1]:
        return None
    body = re.sub(r"\\hline|\\\\\s*\[[^\]]*\]", r"\\\\", match[1]).strip()
    rows = [row.strip() for row in re.split(r"\\\\|\\cr(?![a-z])|;", body)]
    shaped = tuple(
        Shape(
            "list",
            row,
            items=tuple(_read(_layout(cell).strip(), depth + 1) for cell in row.split("&")),
        )
        for row in rows
        if row
    )
    return Shape("matrix", text, items=shaped)


def _set(text: str, depth: int) -> Shape | None:
    bare = _BARE_BUILDER.fullmatch(text)
    if bare and re.search(rf"(?<![a-zA-Z\\]){bare[1]}(?![a-zA-Z])", bare[2]):
        return _read(bare[2], depth + 1)
    wrapped = scanning.bracketed(text)
    if wrapped is None or wrapped[0] not in (r"\{", "{") or wrapped[2] not in (r"\}", "}"):
        return None
    opening, inside, _ = wrapped
    builder = _BUILDER.fullmatch(inside)
    if (
        builder
        and any(sign in builder[2] for sign in scanning.RELATION_SIGNS)
        and is_name(builder[1])
    ):
        return _read(builder[2].strip(), depth + 1)
    if opening == r"\{" and not inside:
        return Shape("special", "empty")
    parts, _ = scanning.cut(inside, scanning.LISTERS)
    if opening == "{" and len(parts) < 2:
        return _read(inside, depth + 1)
    if len(parts) > MAX_ITEMS or not all(parts):
        return None
    items = tuple(_read(part, depth + 1) for part in parts)
    return Shape("set" if opening == r"\{" else "list", text, items=items)


def _union(text: str, depth: int) -> Shape | None:
    if r"\cup" not in text and " U " not in text and "∪" not in text and r"\setminus" not in text:
        return None
    text = text.replace("∪", r"\cup ").replace(" U ", r" \cup ")
    if r"\setminus" in text or r"\backslash" in text:
        return _without(text, depth)
    sides, signs = scanning.cut(text, frozenset("=∈"))
    name = ""
    if signs and len(sides) == 2:
        name, text = sides
    parts, found = scanning.cut(text, frozenset({r"\cup"}))
    if not found or not all(parts):
        return None
    items = tuple(_read(part, depth + 1) for part in parts)
    if not all(item.kind in ("tuple", "set", "special") for item in items):
        return None
    return Shape("union", text, name=name, items=items)


def _without(text: str, depth: int) -> Shape | None:
    r"""``\mathbb{R} \setminus \{1, 2\}``: as ``≠`` relations' unlike, a shape of its own."""
    parts, found = scanning.cut(text, frozenset({r"\setminus", r"\backslash"}))
    if len(found) != 1 or not all(parts):
        return None
    return Shape("without", text, items=tuple(_read(part, depth + 1) for part in parts))


def _listed(text: str, depth: int) -> Shape | None:
    """``1, 2 and 3``: a list without brackets, if each part is a value."""
    parts, signs = scanning.cut(text, scanning.LISTERS)
    if len(parts) < 2:
        return None
    parts = [part for part in parts if part]
    if not 2 <= len(parts) <= MAX_ITEMS:
        return _read(parts[0], depth + 1) if len(parts) == 1 and signs[-1:] == [","] else None
    items = [_read(part, depth + 1) for part in parts]
    if any(item.kind == "text" and item.text != "..." for item in items):
        # "n = 2, 3, ..., 10" and names are lists too; prose with a comma is not.
        if not all(len(part.split()) <= 2 for part in parts) or signs.count(",") == 0:
            return None
        if any(item.kind == "text" and " " in item.text for item in items):
            return None
    head = items[0]
    if head.name and not any(item.name for item in items[1:]):
        # n = 2, 3, 4 names the whole list
        bare = (replace(head, name=""), *items[1:])
        return Shape("list", text, name=head.name, items=bare, signs=tuple(signs))
    return Shape("list", text, items=tuple(items), signs=tuple(signs))


def _related(text: str, depth: int) -> Shape | None:
    """``x = 5`` (a named value), ``2x + y = 1``, ``1 < x ≤ 3``, ``x ∈ [0, 1]``."""
    parts, signs = scanning.cut(text, scanning.RELATION_SIGNS)
    if not signs:
        return None
    if not parts[0]:
        return (
            _read(" ".join(parts[1:]), depth + 1) if len(parts) == 2 and signs[0] in "=≈" else None
        )
    if "≈" in signs:
        # x = 1/3 ≈ 0.33 is 1/3; x ≈ 0.33 is 0.33
        at = signs.index("≈")
        if at > 0:
            parts, signs = parts[: at + 1], signs[:at]
        elif not is_name(parts[0]):  # 1/6 ≈ 0.167 is 1/6
            return _read(parts[0], depth + 1)
        else:
            parts, signs = parts[:2], ["="]
    if not all(parts):
        return None
    if signs[0] in "=∈" and all(sign == "=" for sign in signs[1:]):
        named = is_name(parts[0])
        if named or (signs[0] == "∈" and len(parts) == 2):
            value = _read(parts[-1], depth + 1)
            if value.kind == "tuple" and parts[0].startswith("("):
                return _coordinates(value, parts[0], text)
            if value.kind != "text":
                return replace(value, name=squeezed(parts[0]))
        if signs[0] == "=":
            return _equation(text, parts, signs, depth)
        return None
    sides = tuple(_read(part, depth + 1) for part in parts)
    if any(side.kind == "text" for side in sides):
        return None
    return Shape("relation", text, items=sides, signs=tuple(signs))


def _coordinates(point: Shape, left: str, text: str) -> Shape:
    """``(x, y) = (2, 5)``: a point whose coordinates have names."""
    names = [squeezed(name) for name in left.strip("() ").split(",")]
    if len(names) != len(point.items):
        return replace(point, name=squeezed(left))
    items = tuple(replace(i, name=n) for i, n in zip(point.items, names, strict=True))
    return replace(point, items=items, text=text)


def _equation(text: str, parts: list[str], signs: list[str], depth: int) -> Shape | None:
    """Sides without a name on the left: of ``2 + 3 = 5`` the last, else an equation."""
    last = _read(parts[-1], depth + 1)
    if last.kind == "text":
        return None
    if len(parts) > 2 and last.kind == "number":
        return last
    sides = tuple(_read(part, depth + 1) for part in parts)
    constant = all(
        side.expression is not None and not side.expression.symbols for side in sides[:-1]
    )
    if (
        constant
        and last.kind in ("number", "expr")
        and not (last.expression and last.expression.symbols)
    ):
        return last
    if any(side.kind == "text" for side in sides):
        return None
    return Shape("relation", text, items=sides, signs=tuple(signs))


_TRANSPOSED = re.compile(
    r"\A([(\[].*[)\]])\s*\^\s*\{?\s*(?:T|\\top|\\mathrm\{T\}|\\mathsf\{T\}|\\intercal)\s*\}?\Z",
    re.DOTALL,
)
_POINT = re.compile(r"([A-BD-Z](?:_\{?\w\}?|')?)\s*(\(.*\))", re.DOTALL)
"""A point and its coordinates: ``A(1, 2)``. ``C(5, 2)`` is a binomial coefficient."""


def _tuple(text: str, depth: int) -> Shape | None:
    point = _POINT.fullmatch(text)
    if point:
        found = _tuple(point[2], depth + 1)
        named = found is not None and found.kind == "tuple" and read_expression(text) is None
        return replace(found, name=point[1]) if found is not None and named else None
    text = _TRANSPOSED.sub(r"\1", text)
    if text.startswith("-"):
        inner = _tuple(text[1:].strip(), depth + 1)
        return _negated(inner) if inner is not None and inner.kind == "tuple" else None
    wrapped = scanning.bracketed(text)
    if wrapped is None or wrapped[0] not in ("(", "[", r"\langle"):
        return None
    opening, inside, closing = wrapped
    parts, _ = scanning.cut(inside, frozenset({",", ";", "、"}))
    if len(parts) < 2 or not all(parts) or len(parts) > MAX_ITEMS:
        if len(parts) == 1 and opening == "(" and closing == ")":
            return _read(inside, depth + 1)
        return None
    brackets = ("(" if opening == r"\langle" else opening) + (
        ")" if closing == r"\rangle" else closing
    )
    items = tuple(_read(p, depth + 1) for p in parts)
    if brackets == "[]" and all(i.kind == "tuple" and i.brackets == "[]" for i in items):
        rows = tuple(Shape("list", item.text, items=item.items) for item in items)
        return Shape("matrix", text, items=rows)
    return Shape("tuple", text, items=items, brackets=brackets)


def _negated(shape: Shape) -> Shape | None:
    """``-[0, 1)``: the interval (-1, 0]; of a point every coordinate."""
    items = [_read(f"-({item.text})", 1) for item in shape.items]
    if shape.brackets == "()":
        return replace(shape, items=tuple(items))
    turned = {"[": "]", "]": "[", "(": ")", ")": "("}
    brackets = turned[shape.brackets[1]] + turned[shape.brackets[0]]
    return replace(shape, items=tuple(reversed(items)), brackets=brackets)


def _ratio(text: str, depth: int) -> Shape | None:
    parts, signs = scanning.cut(text, frozenset(":"))
    if not signs and re.fullmatch(r"\S{1,20} to \S{1,20}", text):
        parts, signs = text.split(" to "), [":"]
    if not signs or not all(parts) or len(parts) > 8:
        return None
    items = tuple(_read(part, depth + 1) for part in parts)
    if any(item.kind == "text" and item.text != "..." for item in items):
        return None
    return Shape("ratio", text, items=items)


def _number(text: str, depth: int) -> Shape | None:
    """A number alone; ``1,22`` may be one, too, where it is no element of a list."""
    found = number(text)
    return None if found is not None and found.kind != "number" and depth else found


def _measured(text: str, depth: int) -> Shape | None:
    return quantity(text)
