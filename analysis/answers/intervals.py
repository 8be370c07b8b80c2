"""Inequalities, intervals and their unions as pieces of the real line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from analysis.answers import evaluate, quantities
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Expression, Node
from analysis.answers.outcomes import CORRECT, Outcome
from analysis.answers.shapes import Shape

MAX_PIECES = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; ``low``/``high`` None is unbounded. A point has equal, closed ends."""

    low: Shape | None
    high: Shape | None
    low_closed: bool
    high_closed: bool
    variable: str = ""


Region = tuple[Piece, ...]
WHOLE = Piece(None, None, False, False)


def region(shape: Shape) -> Region | None:
    """The part of the real line that a shape describes; None when it describes none."""
    if shape.kind == "special":
        return {"reals": (WHOLE,), "empty": ()}.get(shape.text)
    if shape.kind == "tuple":
        piece = _interval(shape)
        return (piece,) if piece else None
    if shape.kind == "relation":
        return _relation(shape)
    if shape.kind == "without":
        return _without(shape)
    if shape.kind in ("set", "union", "list"):
        return _union(shape)
    if shape.kind in ("number", "expr") and _number(shape) is not None:
        return (Piece(shape, shape, True, True),)
    return None


def _interval(shape: Shape) -> Piece | None:
    if len(shape.items) != 2 or not shape.brackets:
        return None
    low, high = shape.items
    if not all(_endpoint(item) for item in shape.items):
        return None
    return Piece(
        None if low.kind == "special" else low,
        None if high.kind == "special" else high,
        shape.brackets[0] == "[" and low.kind != "special",
        shape.brackets[1] == "]" and high.kind != "special",
    )


def _endpoint(shape: Shape) -> bool:
    if shape.kind == "special":
        return shape.text in ("infinity", "-infinity")
    return shape.kind in ("number", "expr") and _number(shape) is not None


def _number(shape: Shape) -> Any:
    if shape.value is not None:
        return shape.value
    if shape.expression is None or shape.expression.symbols or shape.expression.has_pm:
        return None
    try:
        found = evaluate.constant(shape.expression)
    except NotWorkedOutError:
        return None
    return found if isinstance(found, Fraction) or evaluate.context().im(found) == 0 else None


def _union(shape: Shape) -> Region | None:
    """Pieces side by side. A list joined by "and" or commas is one only if all of it are relations."""
    if len(shape.items) > MAX_PIECES:
        return None
    if shape.kind == "list" and set(shape.signs) & {"and", "&"}:
        return _both(shape)
    if shape.kind == "list" and not any(item.kind == "relation" for item in shape.items):
        return None
    if (
        shape.kind == "list"
        and "," in shape.signs
        and any(i.kind != "relation" for i in shape.items)
    ):
        return None
    pieces: list[Piece] = []
    for item in shape.items:
        found = region(item) if item.kind != "set" else _union(item)
        if found is None:
            return None
        pieces.extend(found)
    return tuple(pieces)


def _both(shape: Shape) -> Region | None:
    """``x > 2 and x < 5``: one half-line from each side."""
    if len(shape.items) != 2 or any(item.kind != "relation" for item in shape.items):
        return None
    first, second = (_relation(item) for item in shape.items)
    if not first or not second or len(first) != 1 or len(second) != 1:
        return None
    for low, high in ((first[0], second[0]), (second[0], first[0])):
        half_lines = low.high is None and high.low is None and low.variable == high.variable
        if half_lines and low.low is not None and high.high is not None:
            return (replace(low, high=high.high, high_closed=high.high_closed),)
    return None


def _without(shape: Shape) -> Region | None:
    whole, removed = shape.items
    if (
        whole.kind != "special"
        or whole.text != "reals"
        or removed.kind not in ("set", "list", "number")
    ):
        return None
    items = removed.items or (removed,)
    return _punctured(list(items))


def _punctured(points: list[Shape], variable: str = "") -> Region | None:
    keyed = [(_number(point), point) for point in points]
    if any(key is None for key, _ in keyed):
        return None
    ordered = [point for _, point in sorted(keyed, key=lambda pair: pair[0])]
    ends: list[Shape | None] = [None, *ordered, None]
    return tuple(Piece(ends[i], ends[i + 1], False, False, variable) for i in range(len(ends) - 1))


def _relation(shape: Shape) -> Region | None:
    """``1 < x ≤ 3``, ``x ≥ 0``, ``-x > -1``, ``x ≠ 2``: one variable, linear."""
    variables = {
        name for item in shape.items if item.expression for name in item.expression.symbols
    }
    if len(variables) != 1 or any(item.unit for item in shape.items):
        return None
    variable = variables.pop()
    if any(item.expression is None and item.kind != "special" for item in shape.items):
        return None
    pieces = [
        _half_line(left, sign, right, variable)
        for left, sign, right in zip(shape.items, shape.signs, shape.items[1:], strict=False)
    ]
    absolute = _absolute(shape)
    if absolute is not None:
        return region(absolute)
    if shape.signs == ("≠",):
        point = _solved(shape.items[0], shape.items[1], variable)
        return _punctured([point[0]], variable) if point else None
    found = WHOLE
    for piece in pieces:
        if piece is None:
            return None
        if (piece.low is not None and found.low is not None) or (
            piece.high is not None and found.high is not None
        ):
            return None
        if piece.low is not None:
            found = replace(found, low=piece.low, low_closed=piece.low_closed)
        if piece.high is not None:
            found = replace(found, high=piece.high, high_closed=piece.high_closed)
    return (replace(found, variable=variable),)


def _absolute(shape: Shape) -> Shape | None:
    """``|u| < c`` as ``-c < u < c``, ``|u| > c`` as ``u < -c or u > c``; None for anything else."""
    if len(shape.signs) != 1:
        return None
    left, right = shape.items
    sign = shape.signs[0]
    if right.expression is not None and right.expression.root.op == "abs":
        left, right, sign = right, left, {"<": ">", ">": "<", "≤": "≥", "≥": "≤"}.get(sign, "")
    if (
        left.expression is None
        or left.expression.root.op != "abs"
        or sign not in ("<", ">", "≤", "≥")
    ):
        return None
    if right.expression is None or right.expression.symbols:
        return None
    inner = Shape(
        "expr",
        left.text,
        expression=Expression(left.expression.root.args[0], left.expression.symbols),
    )
    negative = Shape(
        "expr",
        right.text,
        expression=Expression(Node("neg", (right.expression.root,)), frozenset()),
    )
    if sign in "<≤":
        return Shape("relation", shape.text, items=(negative, inner, right), signs=(sign, sign))
    mirrored = "<" if sign == ">" else "≤"
    sides = (
        Shape("relation", shape.text, items=(inner, negative), signs=(mirrored,)),
        Shape("relation", shape.text, items=(inner, right), signs=(sign,)),
    )
    return Shape("list", shape.text, items=sides, signs=("or",))


def _half_line(left: Shape, sign: str, right: Shape, variable: str) -> Piece | None:
    if "special" in (left.kind, right.kind):
        return WHOLE if sign in "<>≤≥" else None
    if sign not in "<>≤≥":
        return None
    solved = _solved(left, right, variable)
    if solved is None:
        return None
    bound, slope = solved
    below = (sign in "<≤") == (slope > 0)
    closed = sign in "≤≥"
    return Piece(None, bound, False, closed) if below else Piece(bound, None, closed, False)


def _solved(left: Shape, right: Shape, variable: str) -> tuple[Shape, Any] | None:
    """Where two sides meet, and the sign of the slope of their difference, if that is linear."""
    if left.expression is None or right.expression is None:
        return None
    for side, other, slope in ((left, right, 1), (right, left, -1)):
        root = side.expression.root if side.expression else None
        if (
            root is not None
            and root.op == "sym"
            and other.expression
            and not other.expression.symbols
        ):
            return other, slope
    root = Node("add", (left.expression.root, Node("neg", (right.expression.root,))))
    try:
        precision = evaluate.precision_for([root])
        at = [evaluate.value_at(root, {variable: Fraction(k)}, precision) for k in (0, 1, 2, -7)]
        mp = evaluate.context()
        if not all(isinstance(v, Fraction) or mp.im(v) == 0 for v in at):
            return None
        slope_value = at[1] - at[0]
        linear = evaluate.close(at[2] - at[0], 2 * slope_value, precision) and evaluate.close(
            at[3] - at[0], -7 * slope_value, precision
        )
        if not linear or slope_value == 0:
            return None
    except (NotWorkedOutError, TypeError):
        return None
    zero = Node("num", value=Fraction(0))
    intercept = quantities_substitute(root, variable, zero)
    slope_node = Node(
        "add",
        (
            quantities_substitute(root, variable, Node("num", value=Fraction(1))),
            Node("neg", (intercept,)),
        ),
    )
    bound = Node("neg", (Node("div", (intercept, slope_node)),))
    return Shape("expr", left.text, expression=Expression(bound, frozenset())), slope_value


def quantities_substitute(node: Node, name: str, value: Node) -> Node:
    """A tree with a symbol replaced by another tree."""
    if node.op == "sym":
        return value if node.name == name else node
    args = tuple(quantities_substitute(child, name, value) for child in node.args)
    return Node(node.op, args, node.name, node.value)


def same_region(left: Region, right: Region) -> Outcome:
    """Whether two regions have the same pieces, end by end."""
    names = {piece.variable for piece in (*left, *right)} - {""}
    if len(names) > 1:
        return Outcome("undecided", "inequalities in other variables")
    if len(left) != len(right):
        return Outcome("undecided" if _touching(left) or _touching(right) else "wrong", "another number of intervals")  # fmt: skip
    for mine, theirs in zip(sorted(left, key=_key), sorted(right, key=_key), strict=True):
        if (mine.low is None) != (theirs.low is None) or (mine.high is None) != (
            theirs.high is None
        ):
            return Outcome("wrong", "another end of the interval")
        for a, b in ((mine.low, theirs.low), (mine.high, theirs.high)):
            if a is None or b is None:
                continue
            outcome = quantities.values(a, b)
            if outcome.verdict != "correct":
                return outcome
        if (mine.low_closed, mine.high_closed) != (theirs.low_closed, theirs.high_closed):
            return Outcome("wrong", "open against closed ends")
    return CORRECT if not left else Outcome("correct", "the same interval")


def _key(piece: Piece) -> tuple[int, Any]:
    return (0, 0) if piece.low is None else (1, _number(piece.low))


def _touching(pieces: Region) -> bool:
    """Whether two pieces overlap or touch, so that they could be written as one."""
    ordered = sorted(pieces, key=_key)
    for first, second in pairwise(ordered):
        if first.high is None or second.low is None:
            return True
        a, b = _number(first.high), _number(second.low)
        if a > b or (a == b and (first.high_closed or second.low_closed)):
            return True
    return False
