"""Which rows of a table a person picked in a chart, as a text that stands in an address.

``post_answer_waste=0.5..0.55&effort=high``: ranges of numbers and equal texts; all must hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import pyarrow as pa
import pyarrow.compute as pc

VERDICTS: Mapping[str, bool | None] = {"right": True, "wrong": False, "not judged": None}
NOT_STATED = "(not stated)"
_TEXTS = ("dataset", "model", "effort", "trace_id", "question_key", "probe_outcome", "tier")
_MAX_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class Pick:
    """Rows of a table of traces. A range holds its low end, and its high end where that is 1."""

    ranges: tuple[tuple[str, float, float], ...] = ()
    texts: tuple[tuple[str, str], ...] = ()
    verdict: str | None = None

    def to_text(self) -> str:
        """As in an address."""
        parts = [(name, f"{low:g}..{high:g}") for name, low, high in self.ranges]
        parts += self.texts
        if self.verdict is not None:
            parts.append(("verdict", self.verdict))
        return urlencode(parts)

    @classmethod
    def from_text(cls, text: str | None) -> Pick | None:
        """Read ``to_text``; None where nothing in it makes sense (a link comes from outside)."""
        ranges, texts, verdict = [], [], None
        for name, value in parse_qsl((text or "")[:_MAX_CHARS]):
            if name == "verdict":
                verdict = value if value in VERDICTS else None
            elif name in _TEXTS:
                texts.append((name, value))
            elif name.isidentifier() and (ends := _ends(value)) is not None:
                ranges.append((name, *ends))
        if not ranges and not texts and verdict is None:
            return None
        return cls(tuple(ranges), tuple(texts), verdict)

    def rows(self, table: pa.Table) -> pa.Table:
        """The rows of ``table`` that are meant; a column that it lacks holds for none."""
        mask = pa.chunked_array([pa.array([True] * table.num_rows, pa.bool_())])
        for name, low, high in self.ranges:
            mask = pc.and_(mask, _in_range(table, name, low, high))
        for name, value in self.texts:
            mask = pc.and_(mask, _equal(table, name, value))
        if self.verdict is not None:
            wanted = VERDICTS[self.verdict]
            column = table.column("correct")
            held = pc.is_null(column) if wanted is None else pc.equal(column, wanted)
            mask = pc.and_(mask, pc.fill_null(held, False))
        return table.filter(mask)


def _ends(value: str) -> tuple[float, float] | None:
    low, dots, high = value.partition("..")
    try:
        ends = float(low or "-inf"), float(high or "inf")
    except ValueError:
        return None
    return None if not dots or any(map(math.isnan, ends)) else ends


def _in_range(table: pa.Table, name: str, low: float, high: float) -> pa.ChunkedArray:
    if name not in table.column_names or pa.types.is_string(table.schema.field(name).type):
        return pa.chunked_array([pa.array([False] * table.num_rows, pa.bool_())])
    column = table.column(name)
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    column = column.cast(pa.float64())
    upper = pc.less_equal(column, high) if high == 1 else pc.less(column, high)
    return pc.fill_null(pc.and_(pc.greater_equal(column, low), upper), False)


def _equal(table: pa.Table, name: str, value: str) -> pa.ChunkedArray:
    if name not in table.column_names:
        return pa.chunked_array([pa.array([False] * table.num_rows, pa.bool_())])
    column = table.column(name)
    if value == NOT_STATED:
        return pc.or_(pc.is_null(column), pc.fill_null(pc.equal(column, value), False))
    return pc.fill_null(pc.equal(column, value), False)
