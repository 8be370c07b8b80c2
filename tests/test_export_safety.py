"""Exports are safe to open: no formula, no link, no broken file, nothing changed silently."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.export import SUFFIXES, TABLES, export_bytes, export_table
from analysis.export.safety import CELL_UNITS, FORMULA_STARTS, escape_formulas, excel_text
from analysis.store import open_store
from analysis.store.importing import import_file


def test_csv_tells_null_from_empty(tmp_path: Path) -> None:
    table = pa.table({"a": ["", None, 'say "x"', "l1\nl2"], "n": [1.5, float("nan"), None, -1.0]})
    assert export_bytes(table, ".csv").decode() == (
        '"a","n"\n"",1.5\n,\n"say ""x""",\n"l1\nl2",-1\n'
    )


def test_json_lines_are_one_a_line_and_nan_is_null() -> None:
    table = pa.table({"a": ["x\u2028y\n"], "n": [float("nan")]})
    data = export_bytes(table, ".jsonl")
    assert data.count(b"\n") == 1
    assert json.loads(data) == {"a": "x\u2028y\n", "n": None}


def test_times_are_utc_everywhere(tmp_path: Path) -> None:
    table = pa.table({"t": pa.array([datetime(2026, 1, 31, 12)], pa.timestamp("us"))})
    assert json.loads(export_bytes(table, ".jsonl")) == {"t": "2026-01-31T12:00:00Z"}
    assert export_bytes(table, ".csv").decode() == '"t"\n"2026-01-31T12:00:00.000000Z"\n'
    book = openpyxl.load_workbook(_file(tmp_path, export_bytes(table, ".xlsx")))
    assert book.active["A2"].value == "2026-01-31T12:00:00.000000Z"


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_no_text_cell_begins_a_formula(start: str, tmp_path: Path) -> None:
    evil = f"{start}1+1"
    table = pa.table({"text": [evil, "fine", None], "number": [-5, 1, 2]})
    rows = list(csv.reader(export_bytes(table, ".csv").decode().splitlines(keepends=True)))
    joined = "".join(export_bytes(table, ".csv").decode())
    assert f'"\'{evil}"' in joined
    assert "-5" in rows[1] or start in "\r"
    sheet = openpyxl.load_workbook(_file(tmp_path, export_bytes(table, ".xlsx"))).active
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].value.startswith("'")
    assert (sheet["B2"].value, sheet["B2"].data_type) == (-5, "n")
    assert (
        pq.read_table(_file(tmp_path, export_bytes(table, ".parquet")))["text"][0].as_py() == evil
    )
    assert json.loads(export_bytes(table, ".jsonl").split(b"\n")[0])["text"] == evil


def test_a_workbook_of_hostile_text(tmp_path: Path) -> None:
    texts = [
        "<r><t>not mark-up</t></r>",
        "_x0041_",
        "nul\x00 bell\x07 esc\x1b[31m",
        "\ufffe\uffff",
        "http://example.org/?a=1",
        "mailto:x@example.org",
        "a\r\nb\rc",
        " spaces ",
        "</t></is></c>&amp;<!--",
        "😀" * 20_000,
        "x" * 40_000,
        "{=SUM(A1)}",
        "12",
    ]
    sheet = openpyxl.load_workbook(
        _file(tmp_path, export_bytes(pa.table({"text": texts}), ".xlsx"))
    ).active
    values = [row[0].value for row in sheet.iter_rows(min_row=2)]
    assert all(row[0].data_type == "s" and row[0].hyperlink is None for row in sheet.iter_rows())
    assert values[0] == "'<r><t>not mark-up</t></r>"
    # Excel reads this as _x0041_; unescaped, it would show an A.
    assert values[1] == "_x005F_x0041_"
    assert values[2] == "nul⟦U+0000⟧ bell⟦U+0007⟧ esc⟦U+001B⟧[31m"
    assert values[3] == "⟦U+FFFE⟧⟦U+FFFF⟧"
    assert values[4:9] == [
        "http://example.org/?a=1", "mailto:x@example.org", "a\nb\nc", " spaces ", texts[8],
    ]  # fmt: skip
    for value, length in ((values[9], 20_000), (values[10], 40_000)):
        assert len(value.encode("utf-16-le")) // 2 <= CELL_UNITS
        assert value.endswith(f"[cut by Excel's limit; {length:,} characters in all]")
    assert values[11:] == ["{=SUM(A1)}", "12"]


def test_numbers_that_excel_cannot_hold_become_text(tmp_path: Path) -> None:
    table = pa.table({"n": [2**53, 2**53 + 1], "f": [float("inf"), float("nan")]})
    sheet = openpyxl.load_workbook(_file(tmp_path, export_bytes(table, ".xlsx"))).active
    assert (sheet["A2"].value, sheet["A3"].value) == (2**53, str(2**53 + 1))
    assert (sheet["B2"].value, sheet["B3"].value) == ("inf", None)


def test_long_cells_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_text(json.dumps({"id": "x", "reasoning": "so " * 20_000, "answer": "1"}) + "\n")
    with open_store(tmp_path / "long.duckdb") as store:
        import_file(store, path)
        report = export_table(store, "traces", tmp_path / "t.xlsx")
        assert report.notes["cut_cells"] >= 1
        assert export_table(store, "traces", tmp_path / "t.csv").notes == {}


def test_a_sheet_that_is_full_goes_on_in_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("analysis.export.workbook.SHEET_ROWS", 4)
    table = pa.table({"n": list(range(7))})
    book = openpyxl.load_workbook(_file(tmp_path, export_bytes(table, ".xlsx", name="cells")))
    assert book.sheetnames == ["cells", "cells 2", "cells 3"]
    assert [v for s in book for (v,) in list(s.values)[1:]] == list(range(7))


@given(st.text(max_size=50))
def test_excel_text_is_legal_and_inert(text: str) -> None:
    cell = excel_text(text)
    assert not cell.cut
    assert not cell.text.startswith(FORMULA_STARTS)
    assert not any(c in cell.text for c in map(chr, (*range(9), 11, 12, *range(13, 32))))


@given(st.lists(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), max_size=10))
def test_escaping_touches_only_what_could_act(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    for before, after in zip(texts, escape_formulas(column).to_pylist(), strict=True):
        dangerous = before is not None and before.startswith(FORMULA_STARTS)
        assert after == (f"'{before}" if dangerous else before)


def test_an_empty_store_gives_headers(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.duckdb") as empty:
        for table in TABLES:
            for suffix in SUFFIXES:
                assert export_table(empty, table, tmp_path / f"x{suffix}").rows == 0
            assert (tmp_path / "x.csv").read_text().count("\n") == 1
            assert (tmp_path / "x.jsonl").read_bytes() == b""


def _file(folder: Path, data: bytes) -> Path:
    path = folder / "made"
    path = path.with_suffix(".xlsx" if data[:2] == b"PK" else ".bin")
    path.write_bytes(data)
    return path
