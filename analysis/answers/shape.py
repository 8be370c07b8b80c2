"""What an answer is, taken apart."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from analysis.answers.expressions import Expression


@dataclass(frozen=True, slots=True)
class Shape:
    """An answer taken apart. Which fields are set depends on ``kind``.

    number, expr: ``expression`` (and ``value`` of a number), ``unit``; list (no brackets), set, tuple
    (``brackets`` of two characters), union, ratio: ``items``; matrix: ``items`` are rows (lists);
    relation: ``items`` are sides and ``signs`` what stands between; special, bool, choice, time, date,
    weekday, text: ``text``. ``name`` is the left-hand side of ``name = value``.
    """

    kind: str
    text: str
    name: str = ""
    unit: str = ""
    value: Fraction | None = None
    decimals: tuple[int, int] | None = None
    """(significant digits, digits behind the point) of a number written with a point."""
    expression: Expression | None = None
    items: tuple[Shape, ...] = ()
    signs: tuple[str, ...] = ()
    brackets: str = ""
    comma_value: Fraction | None = None
    """The value of ``1,22`` where the comma is a decimal point."""
    base: int | None = None
