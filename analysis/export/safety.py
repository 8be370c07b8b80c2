"""Text of traces in cells of a spreadsheet: it must neither act nor break the file.

A spreadsheet takes a text that begins with one of a few characters for a formula, which can run
commands or send data out. Such text gets an apostrophe in front (OWASP ASVS 5.0, 1.2.10); numbers
stay numbers. JSON Lines and Parquet are read by programs and hold the text as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is taken for a formula by some spreadsheet."""
CELL_UNITS = 32_767
"""The longest text of an Excel cell, in UTF-16 code units."""
# XML 1.0 has no way to write these; an escape of Excel's own (_x0000_) would be misread by others.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")


@dataclass(frozen=True, slots=True)
class Cell:
    """A text as an Excel cell holds it, and whether it had to be cut."""

    text: str
    cut: bool


def is_formula(text: str) -> bool:
    """Whether a spreadsheet could take this text for a formula."""
    return text.startswith(FORMULA_STARTS)


def escape_formulas(column: pa.Array) -> pa.Array:
    """A string column with an apostrophe before each text that ``is_formula``."""
    first = pc.utf8_slice_codeunits(column, 0, 1)
    dangerous = pc.is_in(first, value_set=pa.array(FORMULA_STARTS, pa.string()))
    if not pc.any(dangerous).as_py():
        return column
    marked = pc.binary_join_element_wise("'", column, "")
    return pc.if_else(dangerous, marked, column)


def excel_text(text: str) -> Cell:
    """``text`` for a cell: formula-safe, legal in XML, at most ``CELL_UNITS`` long.

    Control characters become visible marks such as ``⟦U+0000⟧`` and line ends a line feed. What is
    cut ends in a mark that says how long the whole is.
    """
    shown = "'" + text if is_formula(text) else text
    if shown.startswith("<r>"):
        # xlsxwriter would write text between <r> and </r> as mark-up of its own.
        shown = "'" + shown
    shown = _LINE_END.sub("\n", shown)
    shown = _NOT_XML.sub(lambda match: f"⟦U+{ord(match[0]):04X}⟧", shown)
    if len(shown) * 2 <= CELL_UNITS or _units(shown) <= CELL_UNITS:
        return Cell(shown, cut=False)
    mark = f"… [cut by Excel's limit; {len(text):,} characters in all]"
    return Cell(_first_units(shown, CELL_UNITS - _units(mark)) + mark, cut=True)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _first_units(text: str, units: int) -> str:
    cut = text[:units].encode("utf-16-le")[: units * 2]
    return cut.decode("utf-16-le", "ignore")
