"""Comparing equations and inequalities."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from analysis.answers import evaluate, identities, intervals, quantities, slices
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Expression, Node, read_expression
from analysis.answers.outcomes import CORRECT, UNKNOWN, Outcome, combine
from analysis.answers.shapes import Shape

_MIRROR = {"<": ">", ">": "<", "≤": "≥", "≥": "≤", "=": "=", "≠": "≠", "∈": "∋", "≈": "≈"}


def as_relation(shape: Shape) -> Shape:
    """``name = value`` as the equation that it also is."""
    if shape.kind == "relation":
        return shape
    left = read_expression(shape.name)
    side = Shape("expr", shape.name, expression=left)
    return Shape("relation", shape.text, items=(side, replace(shape, name="")), signs=("=",))


def renamed(gold: Shape, pred: Shape, bare: Outcome) -> Outcome:
    """Two named values whose names differ; ``bare`` is the outcome without the names."""
    letters = [read_expression(shape.name) for shape in (gold, pred)]
    symbolic = all(
        shape.expression is not None and shape.expression.symbols for shape in (gold, pred)
    )
    single = all(found is not None and len(found.symbols) == 1 for found in letters)
    if bare.verdict == "wrong" and not symbolic:
        return bare
    if symbolic and _same_function(gold.name, pred.name):
        old, new = pred.name[-2], gold.name[-2]
        mine, theirs = gold.expression, pred.expression
        if mine is not None and theirs is not None and new not in theirs.symbols:
            renamed_root = identities.rename(theirs.root, old, new)
            symbols = frozenset(new if s == old else s for s in theirs.symbols)
            return identities.identity(mine, Expression(renamed_root, symbols))
    if symbolic and single:
        return equations(as_relation(gold), as_relation(pred))
    if bare.verdict == "correct" and single:
        return Outcome("wrong", f"{pred.name} is not {gold.name}")
    if bare.verdict == "correct":
        return Outcome("undecided", f"the same value for {gold.name!r} and {pred.name!r}")
    return bare if bare.verdict == "undecided" else UNKNOWN


def _same_function(left: str, right: str) -> bool:
    """``f(x)`` and ``f(t)``: one function of one variable."""
    return all(len(n) > 3 and n.endswith(")") and n[-3] == "(" and n[-2].isalpha() for n in (left, right)) and left[:-3] == right[:-3]  # fmt: skip


def relations(gold: Shape, pred: Shape) -> Outcome:
    """Two relations with the same signs (or all of them mirrored)."""
    if set(gold.signs) == {"="} and set(pred.signs) == {"="}:
        return equations(gold, pred)
    left, right = intervals.region(gold), intervals.region(pred)
    if left is not None and right is not None:
        return intervals.same_region(left, right)
    for candidate in (pred, _mirrored(pred)):
        if candidate.signs == gold.signs and len(candidate.items) == len(gold.items):
            sides = combine(_sides(g, p) for g, p in zip(gold.items, candidate.items, strict=True))
            if sides.verdict == "correct":
                return sides
    if len(gold.signs) == len(pred.signs) == 1:
        return _single(gold, pred)
    if set(gold.signs) | set(pred.signs) <= {"<", ">"} and len(gold.items) == len(pred.items) > 2:
        return Outcome("wrong", "another order")
    return UNKNOWN


def _sides(gold: Shape, pred: Shape) -> Outcome:
    if gold.expression is None or pred.expression is None:
        return UNKNOWN
    return identities.identity(gold.expression, pred.expression)


def _mirrored(shape: Shape) -> Shape:
    signs = tuple(_MIRROR[sign] for sign in reversed(shape.signs))
    return replace(shape, items=tuple(reversed(shape.items)), signs=signs)


def _single(gold: Shape, pred: Shape) -> Outcome:
    """One inequality each: the differences of the sides are in a constant positive ratio."""
    left, right = _towards_less(gold), _towards_less(pred)
    if left.signs != right.signs:
        mine, theirs = _difference(left), _difference(right)
        if mine is None or theirs is None or {left.signs[0], right.signs[0]} - set("<≤"):
            return UNKNOWN
        return Outcome("wrong", "strict against not strict") if _ratio(mine, theirs) else UNKNOWN
    mine, theirs = _difference(left), _difference(right)
    if mine is None or theirs is None:
        return UNKNOWN
    factor = _ratio(mine, theirs)
    if factor is None:
        return UNKNOWN
    if factor > 0 or left.signs == ("≠",):
        return Outcome("correct", "the same inequality")
    return Outcome("wrong", "the opposite inequality")


def _towards_less(shape: Shape) -> Shape:
    return _mirrored(shape) if shape.signs[0] in (">", "≥") else shape


def _difference(shape: Shape) -> Expression | None:
    """Left side minus right side of a relation with one sign."""
    if len(shape.items) != 2:
        return None
    left, right = (item.expression for item in shape.items)
    if left is None or right is None or any(item.unit for item in shape.items):
        return None
    root = Node("add", (left.root, Node("neg", (right.root,))))
    return Expression(root, left.symbols | right.symbols)


def _ratio(left: Expression, right: Expression) -> Any:
    """The constant that the first is of the second; None when there is none."""
    if left.symbols != right.symbols:
        return None
    quotients = []
    try:
        precision = evaluate.precision_for([left.root, right.root])
        for point in evaluate.points(left.symbols):
            top = evaluate.value_at(left.root, point, precision)
            bottom = evaluate.value_at(right.root, point, precision)
            if bottom == 0 or top == 0:
                return None
            quotients.append(_divided(top, bottom))
        if not all(evaluate.close(q, quotients[0], precision) for q in quotients):
            return None
    except NotWorkedOutError:
        return None
    first = quotients[0]
    return first if isinstance(first, Fraction) or evaluate.context().im(first) == 0 else None


def _divided(top: Any, bottom: Any) -> Any:
    if isinstance(top, Fraction) and isinstance(bottom, Fraction):
        return top / bottom
    mp = evaluate.context()
    plain = [
        mp.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v for v in (top, bottom)
    ]
    return plain[0] / plain[1]


def equations(gold: Shape, pred: Shape) -> Outcome:
    """Equations are the same when they differ by a constant factor; more only if one is ``y = ...``."""
    mine, theirs = _difference(gold), _difference(pred)
    if mine is None or theirs is None:
        return UNKNOWN
    if mine.symbols != theirs.symbols:
        again = _renamed_relation(mine, theirs)
        return again or Outcome("wrong", "equations in other variables")
    if _ratio(mine, theirs) is not None:
        return Outcome("correct", "the same equation")
    return slices.same_curve(mine, theirs)


def _renamed_relation(left: Expression, right: Expression) -> Outcome | None:
    mine, theirs = left.symbols - right.symbols, right.symbols - left.symbols
    if len(mine) != 1 or len(theirs) != 1:
        return None
    old, new = next(iter(theirs)), next(iter(mine))
    root = identities.rename(right.root, old, new)
    if _ratio(left, Expression(root, left.symbols)) is None:
        return None
    return Outcome("undecided", f"the same equation with {new} for {old}")


def against_value(gold: Shape, pred: Shape) -> Outcome:
    """An equation or inequality against a value: ``2x + z = 1`` is not ``1``."""
    relation = gold if gold.kind == "relation" else pred
    other = pred if gold.kind == "relation" else gold
    if other.kind in ("list", "set") and len(relation.signs) == 1:
        return _solutions(relation, other.items)
    if other.items and len(other.items) > 1:
        return UNKNOWN
    last = relation.items[-1]
    if relation.signs == ("=",) and last.expression and other.expression and _is_wanted(relation):
        return quantities.values(*((last, other) if relation is gold else (other, last)))
    if relation is pred and relation.signs == ("=",) and last.expression and other.expression:
        same = identities.identity(last.expression, other.expression)
        if same.verdict == "correct" and not _is_zero(other):
            return Outcome("undecided", "the value stands on the right-hand side of an equation")
    return Outcome("wrong", "an equation or inequality against a value")


def _is_wanted(relation: Shape) -> bool:
    """Whether ``m + n = 15`` or ``a/b = 2`` says what a combination of letters comes to.

    ``x + y = 15`` may be a line, and ``2a + b = 15`` an equation.
    """
    left, right = (item.expression for item in relation.items)
    if left is None or right is None or right.symbols or not 2 <= len(left.symbols) <= 5:
        return False
    return left.symbols.isdisjoint("xyzt") and _is_plain(left.root)


def _is_plain(node: Node) -> bool:
    """A sum, product or quotient of letters."""
    if node.op == "sym":
        return True
    return node.op in ("add", "mul", "div") and all(_is_plain(child) for child in node.args)


def _solutions(relation: Shape, values: tuple[Shape, ...]) -> Outcome:
    """An equation in one variable against a list of its solutions."""
    difference = _difference(relation) if relation.signs == ("=",) else None
    if difference is None or len(difference.symbols) != 1:
        return UNKNOWN
    expressions = [value.expression for value in values]
    if any(found is None or found.symbols for found in expressions):
        return UNKNOWN
    told = slices.roots_are(difference, [found for found in expressions if found is not None])
    if told is None:
        return UNKNOWN
    return Outcome("correct", "its solutions") if told else Outcome("wrong", "other solutions")


def _is_zero(shape: Shape) -> bool:
    return shape.value == 0


__all__ = ["CORRECT", "against_value", "as_relation", "equations", "relations", "renamed"]
