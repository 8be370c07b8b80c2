"""Rows into an Excel workbook, one row at a time, so that memory does not grow with the rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from analysis.export.safety import excel_text
from analysis.export.writers import as_cells

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET_ROWS = 1_048_576
_MAX_EXACT = 2**53
"""Excel keeps numbers as doubles; an integer beyond this would change, so it is written as text."""
_CREATED = datetime(2000, 1, 1)
"""The same in every run, so that the same rows give the same bytes."""
_WIDTHS = {"string": 24, "double": 12}


class WorkbookWriter:
    """One sheet; a new one after each 1,048,575 rows. Text is never a formula or a link.

    ``notes['cut_cells']`` counts texts longer than a cell can be; they end in a mark that says so.
    """

    def __init__(self, sink: IO[bytes], schema: pa.Schema, about: Mapping[str, str]):
        import xlsxwriter  # here: it would be a sixth of the start of every other export

        self.notes: dict[str, int] = {"cut_cells": 0}
        self._schema = schema
        self._title = about.get("table", "table")[:24]
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "use_zip64": True,
        }
        self._book = xlsxwriter.Workbook(sink, options)
        self._book.set_properties(
            {
                "title": self._title,
                "comments": "; ".join(f"{key}: {value}" for key, value in about.items()),
                "created": _CREATED,
            }
        )
        self._bold = self._book.add_format({"bold": True})
        self._sheet: Worksheet | None = None
        self._row = 0
        self._sheets = 0
        self._new_sheet()

    def write(self, batch: pa.RecordBatch) -> None:
        """Append rows."""
        columns = [as_cells(column).to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            if self._row >= SHEET_ROWS:
                self._new_sheet()
            for place, value in enumerate(values):
                self._cell(place, value)
            self._row += 1

    def close(self) -> None:
        """Write the workbook to the sink."""
        self._book.close()
        if self._sheets > 1:
            self.notes["sheets"] = self._sheets

    def _new_sheet(self) -> None:
        self._sheets += 1
        name = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet = self._book.add_worksheet(name)
        for place, column in enumerate(self._schema):
            width = _WIDTHS.get(str(column.type), 10)
            self._sheet.set_column(place, place, max(width, len(column.name) + 2))
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._schema):
            self._sheet.write_string(0, place, excel_text(column.name).text, self._bold)
        self._row = 1

    def _cell(self, place: int, value: Any) -> None:
        sheet = self._sheet
        assert sheet is not None
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(self._row, place, value)
        elif isinstance(value, int | float) and _is_number(value):
            sheet.write_number(self._row, place, value)
        elif not (isinstance(value, float) and math.isnan(value)):
            cell = excel_text(str(value))
            self.notes["cut_cells"] += cell.cut
            sheet.write_string(self._row, place, cell.text)


def _is_number(value: float) -> bool:
    return math.isfinite(value) if isinstance(value, float) else abs(value) <= _MAX_EXACT
