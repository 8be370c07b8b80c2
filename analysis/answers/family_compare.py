"""Comparing answers with a parameter, a modulus or cases (``families``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm

from analysis.answers import evaluate
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Node
from analysis.answers.outcomes import CORRECT, Outcome
from analysis.answers.quantities import both_signs
from analysis.answers.shape import Shape

Compare = Callable[[Shape, Shape], Outcome]
MEMBERS = 40
"""How far the parameter of a family goes in each direction."""
LEAST_COMPARED = 4
MAX_MODULUS = 10_000
_DOUBT = Outcome("undecided", "not shown to be the same family")


def judge(gold: Shape, pred: Shape, compare: Compare) -> Outcome:
    """Two shapes of which one is of ``families.KINDS``."""
    kinds = {gold.kind, pred.kind}
    if kinds <= {"remainder", "lines"}:
        same = gold == pred
        return CORRECT if same else Outcome("wrong", f"{pred.text} is not {gold.text}")
    if kinds == {"cases"}:
        return _cases(gold, pred, compare)
    if "congruence" in kinds:
        return _congruences(gold, pred)
    if "family" in kinds:
        return _families(gold, pred)
    return Outcome("undecided", f"{gold.kind} against {pred.kind}")


def _cases(gold: Shape, pred: Shape, compare: Compare) -> Outcome:
    """Case by case, in any order; the conditions have to be the same."""
    left = list(pred.items)
    for mine in gold.items:
        value, condition = mine.items
        fitting = [row for row in left if compare(condition, row.items[1]).verdict == "correct"]
        if condition.text == "otherwise" or not fitting:
            fitting = [row for row in left if row.items[1].text == "otherwise"] or fitting
        if not fitting and len(left) == 1 and condition.text == "otherwise":
            fitting = left
        if not fitting:
            return Outcome("undecided", "cases with other conditions")
        told = compare(value, fitting[0].items[0])
        if told.verdict == "wrong":
            return Outcome("wrong", f"another value in the case {condition.text[:40]!r}")
        if told.verdict != "correct":
            return Outcome("undecided", "a case could not be compared")
        left.remove(fitting[0])
    return Outcome("undecided", "another number of cases") if left else CORRECT


def _congruences(gold: Shape, pred: Shape) -> Outcome:
    """Residue classes; a modulus that only one side states is forgiven."""
    if gold.kind == pred.kind:
        left, right = _residues(gold), _residues(pred)
        if left is None or right is None or gold.base is None or pred.base is None:
            return Outcome("undecided", "a congruence that is not worked out")
        whole = lcm(gold.base, pred.base)
        if whole > MAX_MODULUS:
            same = gold.base == pred.base and left == right
        else:
            same = _classes(left, gold.base, whole) == _classes(right, pred.base, whole)
        return (
            Outcome("correct", "the same residues") if same else Outcome("wrong", "other residues")
        )
    stated, other = (gold, pred) if gold.kind == "congruence" else (pred, gold)
    mine = _residues(stated)
    items = other.items if other.kind in ("list", "set") else (other,)
    values = [item.value for item in items]
    if mine is None or stated.base is None or any(v is None or v.denominator != 1 for v in values):
        return Outcome("undecided", "a congruence against another form")
    told = {int(value) for value in values if value is not None}
    if told == mine:
        return Outcome("correct", "the modulus is stated once")
    if {value % stated.base for value in told} == mine:
        return Outcome("undecided", "the same residue, but another number")
    return Outcome("wrong", "another residue")


def _residues(shape: Shape) -> set[int] | None:
    found = set()
    branches = [branch for item in shape.items for branch in both_signs(item)]
    for item in branches:
        try:
            value = evaluate.constant(item.expression) if item.expression else None
        except NotWorkedOutError:
            return None
        if value is None or getattr(value, "denominator", 0) != 1 or shape.base is None:
            return None
        found.add(int(value) % shape.base)
    return found


def _classes(residues: set[int], modulus: int, whole: int) -> set[int]:
    return {start for residue in residues for start in range(residue, whole, modulus)}


def _families(gold: Shape, pred: Shape) -> Outcome:
    """The members near zero, of either family."""
    family, other = (gold, pred) if gold.kind == "family" else (pred, gold)
    name, domain = family.signs
    if other.kind != "family":
        items = other.items if other.kind in ("list", "set") else (other,)
        if not any(item.expression and name in item.expression.symbols for item in items):
            plain = all(item.value is not None for item in items)
            return Outcome("wrong", "values against a family of them") if plain else _DOUBT
        other = Shape("family", other.text, items=items, signs=(name, domain))
    if other.signs[1] != domain:
        return Outcome("undecided", "a parameter of another kind")
    kinds = {(item.kind, item.brackets) for shape in (family, other) for item in shape.items}
    if len(kinds) != 1:
        return _DOUBT
    try:
        mine, theirs = _members(family), _members(other)
    except NotWorkedOutError:
        return _DOUBT
    bound = min(max(abs(m[0]) for m in members) for members in (mine, theirs)) / 2
    near = [sorted({m for m in members if abs(m[0]) <= bound}) for members in (mine, theirs)]
    if min(map(len, near)) < LEAST_COMPARED:
        return _DOUBT
    if _same(*near):
        return Outcome("correct", "the same family of values")
    return Outcome("wrong", "another family of values")


def _members(shape: Shape) -> list[tuple[float, ...]]:
    """Values for small parameters, rounded. Raises ``NotWorkedOutError`` where they are no real numbers."""
    name, domain = shape.signs
    low = {"Z": -MEMBERS, "N": 0}.get(domain, 1)
    found = []
    for item in shape.items:
        for branch in both_signs(item) if item.kind == "expr" else (item,):
            parts = branch.items or (branch,)
            roots = [part.expression.root for part in parts if part.expression is not None]
            symbols = {s for part in parts if part.expression for s in part.expression.symbols}
            if len(roots) != len(parts) or symbols - {name}:
                raise NotWorkedOutError("another variable")
            for number in range(low, MEMBERS + 1):
                point: dict[str, evaluate.Value] = {name: Fraction(number)}
                found.append(tuple(_real(root, point) for root in roots))
    return found


def _real(root: Node, point: dict[str, evaluate.Value]) -> float:
    value = evaluate.value_at(root, point, evaluate.BASE_PRECISION)
    if not isinstance(value, Fraction) and evaluate.context().im(value) != 0:
        raise NotWorkedOutError("not real")
    return round(
        float(evaluate.context().re(value) if not isinstance(value, Fraction) else value), 9
    )


def _same(left: Sequence[tuple[float, ...]], right: Sequence[tuple[float, ...]]) -> bool:
    return len(left) == len(right) and all(
        abs(a - b) < 1e-7
        for mine, theirs in zip(left, right, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    )
