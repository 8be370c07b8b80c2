"""Whether two equations have the same solutions: looked at on lines through generic points.

On a line along one variable an equation of degree two or less has at most two roots, which are
compared. A factor that only one side has (``xy = 6x`` against ``y = 6``) shows along another variable.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from analysis.answers import evaluate
from analysis.answers.evaluate import NotWorkedOutError
from analysis.answers.expressions import Expression, Node
from analysis.answers.outcomes import Outcome

MAX_VARIABLES = 4
_SAMPLES = (0, 1, 2, 3, 7)


def same_curve(left: Expression, right: Expression) -> Outcome:
    """The outcome for ``left = 0`` and ``right = 0`` in the same variables."""
    names = sorted(left.symbols)
    if not 1 <= len(names) <= MAX_VARIABLES:
        return Outcome("unknown", "equations that are not multiples of each other")
    told: list[bool | None] = []
    precision = evaluate.precision_for([left.root, right.root])
    for name in names:
        told.append(_along(left.root, right.root, name, names, precision))
    known = [same for same in told if same is not None]
    if not known:
        return Outcome("unknown", "equations that are not multiples of each other")
    if all(known):
        if len(known) == len(told):
            return Outcome("correct", "equations with the same solutions")
        return Outcome("undecided", "equations with the same solutions, as far as was tried")
    if not any(known):
        return Outcome("wrong", "equations with other solutions")
    return Outcome("undecided", "equations that share solutions")


def roots_are(difference: Expression, values: list[Expression]) -> bool | None:
    """Whether the zeros of a polynomial in one variable are these; None for what is not seen."""
    name = next(iter(difference.symbols))
    try:
        precision = evaluate.precision_for([difference.root, *(v.root for v in values)])
        roots = _roots(difference.root, name, {}, precision)
        found = [evaluate.value_at(value.root, {}, precision) for value in values]
    except (NotWorkedOutError, TypeError):
        return None
    if roots is None:
        return None
    mp = evaluate.context()
    plain = [mp.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v for v in found]
    return _same_roots(roots, plain, min(precision, 150))


def _along(left: Node, right: Node, name: str, names: list[str], precision: int) -> bool | None:
    """Whether both have the same roots in ``name`` at generic values of the others; None: not seen."""
    found = []
    for point in evaluate.points([n for n in names if n != name])[:3]:
        try:
            mine = _roots(left, name, point, precision)
            theirs = _roots(right, name, point, precision)
        except (NotWorkedOutError, TypeError):
            continue
        if mine is None or theirs is None:
            return None
        found.append(_same_roots(mine, theirs, precision))
    if not found:
        return None
    return all(found)


def _roots(node: Node, name: str, point: dict[str, Fraction], precision: int) -> list[Any] | None:
    """The roots of a polynomial of degree two or less; None for any other function."""
    mp = evaluate.context()
    exact = [evaluate.value_at(node, {**point, name: Fraction(t)}, precision) for t in _SAMPLES]
    previous = mp.prec
    mp.prec = precision
    try:
        values = [
            mp.mpf(v.numerator) / v.denominator if isinstance(v, Fraction) else v for v in exact
        ]
        c = values[0]
        a = (values[2] - 2 * values[1] + c) / 2
        b = values[1] - c - a
        scale = max(abs(v) for v in values) or mp.mpf(1)
        dust = scale * mp.mpf(2) ** (-precision // 2)
        if any(
            abs(a * t * t + b * t + c - v) > dust for t, v in zip(_SAMPLES, values, strict=True)
        ):
            return None
        if abs(a) > dust:
            root = mp.sqrt(b * b - 4 * a * c)
            return [(-b + root) / (2 * a), (-b - root) / (2 * a)]
        return [-c / b] if abs(b) > dust else []
    finally:
        mp.prec = previous


def _same_roots(left: list[Any], right: list[Any], precision: int) -> bool:
    def within(mine: list[Any], others: list[Any]) -> bool:
        return all(any(_near(m, o, precision) for o in others) for m in mine)

    return within(left, right) and within(right, left)


def _near(left: Any, right: Any, precision: int) -> bool:
    # Roots lose half of their digits where two of them meet.
    mp = evaluate.context()
    scale = max(abs(left), abs(right), mp.mpf(1))
    return bool(abs(left - right) <= scale * mp.mpf(2) ** (-precision // 3))
