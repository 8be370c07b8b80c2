"""Tables as records: CSV and TSV, Parquet."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import uuid
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import limits
from analysis.errors import DamagedFileError, UnreadableFileError
from analysis.formats.cells import cell_value
from analysis.formats.containers import Record, open_records


def read(path: Path, data: bytes, **start: int) -> list[Record]:
    path.write_bytes(data)
    return list(open_records(path, **start))


def summary(records: list[Record]) -> list[Any]:
    return [(r.line_no, r.rejected.code if r.rejected else r.value) for r in records if not r.blank]


TURN = '[{"role": "user", "content": "x"}]'
TABLES: dict[str, tuple[str, bytes, list[Any]]] = {
    "quotes, line ends and commas inside cells": (
        "a.csv", b'question,answer\r\n"a, ""b""\r\nc",4\r\nd,"e\n"\r\n',
        [(2, {"question": 'a, "b"\r\nc', "answer": "4"}), (4, {"question": "d", "answer": "e\n"})],
    ),
    "no name that says so": (
        "dump", b"id,question,reasoning\n1,q,r\n", [(2, {"id": "1", "question": "q", "reasoning": "r"})],
    ),
    "semicolons": ("dump", b"id;question;response\n1;a,b;r\n", [(2, {"id": "1", "question": "a,b", "response": "r"})]),
    "a column that asks": ("a.csv", b"Question,Model Response,Is Correct?\nq,r,TRUE\n",
                           [(2, {"Question": "q", "Model Response": "r", "Is Correct?": "TRUE"})]),
    "tabs and a BOM": ("dump", b"\xef\xbb\xbfquestion\tmodel response\nq\tr\n", [(2, {"question": "q", "model response": "r"})]),
    "an index without a name": ("dump", b",question,answer\n0,q,a\n", [(2, {"column 1": "0", "question": "q", "answer": "a"})]),
    "too many and too few cells": (
        "dump", b"question,answer\nq1,a1\nq2\nq3,a3,more\n\nq4,a4\n",
        [(2, {"question": "q1", "answer": "a1"}), (3, "cell_count"), (4, "cell_count"), (6, {"question": "q4", "answer": "a4"})],
    ),
    "a cell that is never closed": (
        "dump", b'question,answer\nq1,a1\nq2,"a2\nand on\n', [(2, {"question": "q1", "answer": "a1"}), (3, "unclosed_quote")],
    ),
    "NUL and bytes that are no UTF-8": (
        "dump", b"question,answer\nq,\x00a\nq,\xff\nq,b\n",
        [(2, {"question": "q", "answer": "\x00a"}), (3, "invalid_utf8"), (4, {"question": "q", "answer": "b"})],
    ),
    "JSON in cells": (
        "dump",
        b'question,messages,answer,usage\nq,"' + TURN.replace('"', '""').encode() + b'","[1, 2]","{""a"": 1}"\n',
        [(2, {"question": "q", "messages": json.loads(TURN), "answer": "[1, 2]", "usage": {"a": 1}})],
    ),
    "a column that stands twice": ("dump", b"question,answer,answer\nq,a,b\n", [(2, {"question": "q", "answer": "a", "answer (2)": "b"})]),
    "only a header": ("dump.csv", b"question,answer\n", []),
    "one column": ("one.csv", b"text\nhello there\n", [(2, {"text": "hello there"})]),
    "what Excel says first": ("dump", "sep=;\r\nquestion;answer\r\n1;2\r\n".encode("utf-16"), [(3, {"question": "1", "answer": "2"})]),
    "JSON lines called a table": ("a.csv", b'{"a":1}\n{"a":2}\n', [(1, {"a": 1}), (2, {"a": 2})]),
    "log lines are no table": ("a.log", b"INFO start, prompt: x\n{\"a\":1}\n", [(1, "not_json"), (2, {"a": 1})]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_tables(tmp_path: Path, name: str) -> None:
    file, data, expected = TABLES[name]
    records = read(tmp_path / file, data)
    assert summary(records) == expected
    for done, record in enumerate(records):
        rest = open_records(
            tmp_path / file,
            start_byte=record.byte_end,
            start_line=record.end_line or 0,
            start_index=record.index + (not record.blank),
        )
        assert [(r.index, r.line_no, r.value) for r in rest] == [
            (r.index, r.line_no, r.value) for r in records[done + 1 :]
        ]


@pytest.mark.parametrize(
    "data",
    [
        b"1,2,3\n4,5,6\n",
        b"This is a sentence, with words.\nAnother, one here.\n",
        b"hello\nthere\n",
    ],
)
def test_a_table_without_a_header_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="does not name columns"):
        read(tmp_path / "dump.csv", data)


def test_huge_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row beyond the limit is rejected whole, and reading goes on behind it."""
    head, tail = b"question,answer\nq1,a1\n", b"q4,a4\n"
    long_line = b"q2," + b"x" * 300 + b"\n"
    long_cell = b'q3,"' + b'some ""words"" here\n' * 40 + b'"\n'
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 256)
    records = read(tmp_path / "f", head + long_line + long_cell + tail)
    assert [(r.line_no, r.rejected.code if r.rejected else r.value["answer"]) for r in records] == [
        (2, "a1"), (3, "too_long"), (4, "too_long"), (45, "a4"),
    ]  # fmt: skip
    assert records[2].byte_end - records[2].byte_start == len(long_cell)
    monkeypatch.undo()
    (record,) = read(tmp_path / "f", b"question,answer\nq," + b"y" * 5_000_000 + b"\n")
    assert record.value is not None
    assert len(record.value["answer"]) == 5_000_000


CELLS: list[tuple[str, str, Any]] = [
    ("answer", "[1, 2]", "[1, 2]"),
    ("gold", '{"x": 1}', '{"x": 1}'),
    ("prompt", TURN, json.loads(TURN)),
    ("response", '{"choices": []}', {"choices": []}),
    ("response", '{"city": "Rome"}', '{"city": "Rome"}'),
    ("output", '["Rome", "Paris"]', '["Rome", "Paris"]'),
    ("output", json.dumps(["a longer text of a model " * 3] * 2), ["a longer text of a model " * 3] * 2),
    ("scores", "[1, 2]", [1, 2]),
    ("note", "[draft] x", "[draft] x"),
    ("n", '{"a": 18446744073709551616}', {"a": 2**64}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "value"), CELLS)
def test_cells(name: str, text: str, value: Any) -> None:
    assert cell_value(name, text)[0] == value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=("Cs",))), min_size=3, max_size=3), max_size=6),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
)  # fmt: skip
def test_what_csv_writes_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str
) -> None:
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["id", "question", "answer"], *rows])
    records = read(tmp_path / "f.csv", sink.getvalue().encode())
    assert [list(r.value.values()) for r in records if r.value] == [
        [text if text[:1] not in "[{" else cell_value(n, text)[0] for n, text in zip(("id", "question", "answer"), row, strict=True)]
        for row in rows
    ]  # fmt: skip


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


ROWS = [{"question": f"q{n}", "answer": {"text": str(n), "parts": [n, None]}} for n in range(50)]


def test_parquet_types(tmp_path: Path) -> None:
    """What JSON has no type for is text that says all of it."""
    key = uuid.UUID(int=7)
    day, moment = datetime.date(2026, 1, 2), datetime.datetime(2026, 1, 2, 3, 4, 5, 6)
    columns = {
        "day": pa.array([day]),
        "moment": pa.array([1_000_000_001], pa.timestamp("ns")),
        "zoned": pa.array([moment], pa.timestamp("us", "UTC")),
        "clock": pa.array([1], pa.time64("ns")),
        "decimal": pa.array([Decimal("1.10")]),
        "bytes": pa.array([b"\xff\x00"]),
        "text_bytes": pa.array([b"caf\xc3\xa9"]),
        "nan": pa.array([float("nan")]),
        "infinite": pa.array([float("inf")]),
        "wide": pa.array([2**64 - 1], pa.uint64()),
        "map": pa.array([[("a", Decimal("0.1"))]], pa.map_(pa.string(), pa.decimal128(2, 1))),
        "pairs": pa.array([[(1, day)]], pa.map_(pa.int64(), pa.date32())),
        "nested": pa.array([[{"when": moment, "raw": b"\xfe"}]]),
        "labels": pa.array(["a"]).dictionary_encode(),
        "uuid": pa.array([key.bytes], pa.uuid()),
        "nothing": pa.array([None]),
        "turns": pa.array([TURN]),
        "answer": pa.array(["[1, 2]"]),
    }
    (record,) = read(tmp_path / "f", parquet(pa.table(columns)))
    assert record.value == {
        "day": "2026-01-02",
        "moment": "1970-01-01 00:00:01.000000001",
        "zoned": "2026-01-02 03:04:05.000006Z",
        "clock": "00:00:00.000000001",
        "decimal": "1.10",
        "bytes": "base64:/wA=",
        "text_bytes": "café",
        "nan": None,
        "infinite": None,
        "wide": 2**64 - 1,
        "map": {"a": "0.1"},
        "pairs": [[1, "2026-01-02"]],
        "nested": [{"when": "2026-01-02 03:04:05.000006", "raw": "base64:/g=="}],
        "labels": "a",
        "uuid": str(key),
        "nothing": None,
        "turns": json.loads(TURN),
        "answer": "[1, 2]",
    }
    assert {w.code for w in record.warnings} == {"non_finite"}
    json.dumps(record.value)


@pytest.mark.parametrize("packed", ["plain", "gzip", "zip"])
def test_parquet_resumes_at_any_row(tmp_path: Path, packed: str) -> None:
    data = parquet(pa.Table.from_pylist(ROWS), row_group_size=20)
    if packed == "gzip":
        data = gzip.compress(data)
    elif packed == "zip":
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w") as archive:
            archive.writestr("sub/first.jsonl", '{"a":1}\n')
            archive.writestr("sub/rows.parquet", data)
            archive.writestr("last.csv", "question,answer\nq,a\n")
        data = sink.getvalue()
    path = tmp_path / "f"
    records = read(path, data)
    found = [r.value for r in records]
    assert found == (
        [{"a": 1}, *ROWS, {"question": "q", "answer": "a"}] if packed == "zip" else ROWS
    )
    assert [r.index for r in records] == list(range(len(records)))
    for done, record in enumerate(records):
        rest = open_records(
            path,
            start_byte=record.byte_end,
            start_line=record.end_line or 0,
            start_index=record.index + 1,
        )
        assert [(r.index, r.byte_start, r.value) for r in rest] == [
            (r.index, r.byte_start, r.value) for r in records[done + 1 :]
        ]


def test_damaged_parquet_is_refused_by_name(tmp_path: Path) -> None:
    data = parquet(pa.Table.from_pylist(ROWS), row_group_size=20, write_page_checksum=True)
    for damaged in (
        data[:-9],
        data[: len(data) // 2],
        b"PAR1" + b"\x00" * 100,
        b"PAR1",
        b"PAR1PAR1PAR1",
    ):
        with pytest.raises(DamagedFileError, match="Parquet"):
            read(tmp_path / "f", damaged)
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0x40  # inside a later row group
    taken: list[Record] = []
    (tmp_path / "f").write_bytes(flipped)
    with pytest.raises(DamagedFileError, match="Parquet"):
        taken.extend(open_records(tmp_path / "f"))


def test_bad_values_in_parquet_are_rejected_alone(tmp_path: Path) -> None:
    text = pa.array([b"ok", b"\xff", b"fine"]).view(pa.string())
    twice = pa.Table.from_arrays(
        [text, pa.array([1, 2, 3]), pa.array([4, 5, 6])], names=["a", "b", "b"]
    )
    records = read(tmp_path / "f", parquet(twice))
    assert [r.rejected.code if r.rejected else r.value for r in records] == [
        {"a": "ok", "b": 1, "b (2)": 4}, "invalid_utf8", {"a": "fine", "b": 3, "b (2)": 6},
    ]  # fmt: skip


def test_empty_parquet(tmp_path: Path) -> None:
    assert read(tmp_path / "f", parquet(pa.table({"question": pa.array([], pa.string())}))) == []
