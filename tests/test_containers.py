"""Bytes to records: layouts, packing, damage, resuming, limits."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from analysis import limits
from analysis.errors import UnreadableFileError
from analysis.formats import jsonsplit, jsonvalue
from analysis.formats.containers import Record, open_records
from analysis.model import Rejected

LINES = b'{"a":1}\n\n{"b":"\xe2\x80\xa8\xc2\x85"}\r\nnot json\n{"c":3}'
LINE_RECORDS = [
    (0, 1, {"a": 1}),
    (1, 3, {"b": "\u2028\u0085"}),
    (1 + 1, 4, "not_json"),
    (3, 5, {"c": 3}),
]
ARRAY = b'[{"a":1},\n {"b":[1,{"x":"]"}]}, {"c":}, 7, "s\\"", {"d":2}\n]\n'
ARRAY_RECORDS = [
    (0, None, {"a": 1}), (1, None, {"b": [1, {"x": "]"}]}), (2, None, "not_json"),
    (3, None, "not_an_object"), (4, None, "not_an_object"), (5, None, {"d": 2}),
]  # fmt: skip


def read(path: Path, data: bytes, **start: int) -> list[Record]:
    path.write_bytes(data)
    return list(open_records(path, **start))


def summary(records: list[Record]) -> list[tuple[int, int | None, Any]]:
    return [
        (r.index, r.line_no, r.rejected.code if r.rejected else r.value)
        for r in records
        if not r.blank
    ]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKERS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstd,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize(("data", "expected"), [(LINES, LINE_RECORDS), (ARRAY, ARRAY_RECORDS)])
def test_packings(
    tmp_path: Path, packing: str, data: bytes, expected: list[tuple[int, int | None, Any]]
) -> None:
    """The content decides, whatever the name says; packed files resume by reading on."""
    path = tmp_path / "file.txt"
    records = read(path, PACKERS[packing](data))
    assert summary(records) == expected
    for i, record in enumerate(records):
        rest = list(
            open_records(
                path,
                start_byte=record.byte_end,
                start_line=record.line_no or 0,
                start_index=record.index + (not record.blank),
            )
        )
        assert [(r.index, r.line_no, r.byte_start, r.value) for r in rest] == [
            (r.index, r.line_no, r.byte_start, r.value) for r in records[i + 1 :]
        ]


def test_many_packed_parts(tmp_path: Path) -> None:
    first, second = LINES[:9], LINES[9:]
    for pack in (gzip.compress, zstd, lzma.compress, bz2.compress):
        assert summary(read(tmp_path / "f", pack(first) + pack(second))) == LINE_RECORDS


LAYOUTS: dict[str, tuple[bytes, list[tuple[int, int | None, Any]]]] = {
    "nothing": (b"", []),
    "only blank lines": (b"\n \r\n\t\n", []),
    "one object": (b'{"a":1}', [(0, 1, {"a": 1})]),
    "BOM": (b'\xef\xbb\xbf{"a":1}\r\n{"b":2}', [(0, 1, {"a": 1}), (1, 2, {"b": 2})]),
    "a BOM inside": (b'{"a":1}\n\xef\xbb\xbf{"b":2}\n', [(0, 1, {"a": 1}), (1, 2, {"b": 2})]),
    "two values on a line": (b'{"a":1}{"b":2}\n{"c":3}', [(0, 1, "not_json"), (1, 2, {"c": 3})]),
    "a list a line": (b"[1]\n[2]\n", [(0, 1, [1]), (1, 2, [2])]),
    "array on one line": (b'[{"a":1},{"b":2}]', [(0, None, {"a": 1}), (1, None, {"b": 2})]),
    "empty array": (b"[]", []),
    "BOM and array": (b'\xef\xbb\xbf[\n{"a":1}\n]', [(0, None, {"a": 1})]),
    "array cut in a record": (
        b'[{"a":1},{"b":"x', [(0, None, {"a": 1}), (1, None, "truncated_json")],
    ),
    "array cut between records": (
        b'[{"a":1},{"b":2}',
        [(0, None, {"a": 1}), (1, None, {"b": 2}), (2, None, "truncated_json")],
    ),
    "text after an array": (
        b'[{"a":1}] x {"b":1}', [(0, None, {"a": 1}), (1, None, "not_json"), (2, None, {"b": 1})],
    ),
    "pretty print": (b'{\n "a": 1,\n "b": {"c": 2}\n}\n', [(0, None, {"a": 1, "b": {"c": 2}})]),
    "two pretty prints": (b'{\n "a": 1\n}\n{\n "a": 2\n}', [(0, None, {"a": 1}), (1, None, {"a": 2})]),
    "a wrapper": (
        b'{"results": [\n{"a":1},\n{"b":2}\n]}', [(0, None, {"results": [{"a": 1}, {"b": 2}]})],
    ),
    "lines with commas": (b'{"a":1},\n{"b":2},\n', [(0, None, {"a": 1}), (1, None, {"b": 2})]),
    "a cut first line": (
        b'{"q": "<think>\n{"a":1}\n{"b":2}\n',
        [(0, 1, "truncated_json"), (1, 2, {"a": 1}), (2, 3, {"b": 2})],
    ),
    "a bad first line": (b'{bad\n{"a":1}\n', [(0, 1, "not_json"), (1, 2, {"a": 1})]),
    "a bracket alone": (b'{"a":1}\n}\n', [(0, 1, {"a": 1}), (1, 2, "not_json")]),
    "log lines": (b"INFO start\n{\"a\":1}\n", [(0, 1, "not_json"), (1, 2, {"a": 1})]),
    "scalars": (b'42\n"x"\nnull\ntrue\n', [(i, i + 1, "not_an_object") for i in range(4)]),
    "invalid UTF-8": (b'{"a":"\xe2\xff"}\n', [(0, 1, "invalid_utf8")]),
    "NUL": (b'{"a":"\x00"}\n', [(0, 1, "not_json")]),
    "two values on the only line": (b'{"a":"}{"}{"b":2}\n', [(0, None, {"a": "}{"}), (1, None, {"b": 2})]),
    "two values on every line": (
        b'{"a":1}{"b":2}\n[3] {"c":4}\n',
        [(0, None, {"a": 1}), (1, None, {"b": 2}), (2, None, [3]), (3, None, {"c": 4})],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(tmp_path: Path, name: str) -> None:
    data, expected = LAYOUTS[name]
    records = read(tmp_path / "f", data)
    assert summary(records) == expected
    for record in records:
        if record.rejected:
            assert record.rejected.reason.endswith(".")
            assert record.value is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16(tmp_path: Path, encoding: str) -> None:
    text = '{"a":"\u00e9\U0001f600"}\n{"b":2}\n'
    records = read(tmp_path / "f", text.encode(encoding))
    assert [r.value for r in records] == [{"a": "\u00e9\U0001f600"}, {"b": 2}]
    odd = read(tmp_path / "f", text.encode(encoding) + b"x")
    assert odd[-1].rejected is not None
    assert odd[-1].rejected.code == "invalid_utf8"


VALUES: dict[str, tuple[bytes, Any, set[str]]] = {
    "wide integer": (b'{"a":18446744073709551616}', {"a": 2**64}, set()),
    "wide negative integer": (b'{"a":-99999999999999999999}', {"a": -99999999999999999999}, set()),
    "wide float": (b'{"a":1.5e300}', {"a": 1.5e300}, set()),
    "NaN": (b'{"a":NaN,"b":-Infinity}', {"a": None, "b": None}, {"non_finite"}),
    "overflow": (b'{"a":1e999}', {"a": None}, {"non_finite"}),
    "lone surrogate": (b'{"a":"\\ud83d x"}', {"a": "\ufffd x"}, {"lone_surrogate"}),
    "surrogate pair": (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}, set()),
    "surrogate key": (b'{"\\udc00":1}', {"\ufffd": 1}, {"lone_surrogate"}),
    "duplicate key": (
        b'{"a":1,"a":2}',
        {"a": 2, "duplicate_keys": {"a": [1]}},
        {"duplicate_key"},
    ),
    "duplicate key, spaced": (
        b'{"a" : 1, "a" : 2,"a":3}',
        {"a": 3, "duplicate_keys": {"a": [1, 2]}},
        {"duplicate_key"},
    ),
    "duplicate key, nested": (
        b'[{"x":{"a":1,"a":2}}]',
        [{"x": {"a": 2}, "duplicate_keys": {"a": [1]}}],
        {"duplicate_key"},
    ),
    "duplicate key, twice over": (
        b'{"0":{"a":1,"a":2},"1":{"b":1,"b":{"c":3}}}',
        {"0": {"a": 2, "duplicate_keys": {"a": [1], "b": [1]}}, "1": {"b": {"c": 3}}},
        {"duplicate_key"},
    ),
    "duplicate key among escaped quotes": (
        b'{"a":"\\u0022\\u0022","a":"x\\\\"}',
        {"a": "x\\", "duplicate_keys": {"a": ['""']}},
        {"duplicate_key"},
    ),
    "escaped backslashes before quotes": (
        b'{"a":"\\\\","b":"\\\\\\""}',
        {"a": "\\", "b": '\\"'},
        set(),
    ),
    "quote and colon in a text": (b'{"a":"\\":","b":"x\\":"}', {"a": '":', "b": 'x":'}, set()),
    "a key that ends in a backslash": (b'{"a\\\\":1}', {"a\\": 1}, set()),
    "64 levels": (b"[" * 64 + b"]" * 64, None, set()),
    "very long integer": (b'{"a":' + b"1" * 5000 + b"}", {"a": "1" * 5000}, {"long_number"}),
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    data, value, codes = VALUES[name]
    parsed = jsonvalue.parse(data)
    assert isinstance(parsed, jsonvalue.Parsed)
    assert value is None or parsed.value == value
    assert {w.code for w in parsed.warnings} == codes


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 100_000, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b'{"a":1,}', "not_json"),
        (b"{'a':1}", "not_json"),
        (b"// comment", "not_json"),
        (b'{"a":"b', "truncated_json"),
        (b'{"a":', "truncated_json"),
        (b'{"a":[1,2', "truncated_json"),
        (b"\xff\xfe{}", "invalid_utf8"),
    ],
)
def test_no_values(data: bytes, code: str) -> None:
    rejected = jsonvalue.parse(data)
    assert isinstance(rejected, Rejected)
    assert rejected.code == code


def test_zip(tmp_path: Path) -> None:
    """Data members in order; what is passed over is said; nothing is written anywhere."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", "hello")
        archive.writestr("run/a.jsonl", '{"a":1}\n\n{"b":2}\n')
        archive.writestr("__MACOSX/run/._a.jsonl", "junk")
        archive.writestr("empty.jsonl", "")
        archive.writestr("../evil.jsonl", '{"e":1}')
        archive.writestr("run/b.json", '[{"c":3}, {bad}]')
    path = tmp_path / "dump.bin"
    records = read(path, packed.getvalue())
    assert [
        (r.member, *s)
        for r, s in zip([r for r in records if not r.blank], summary(records), strict=True)
    ] == [
        ("run/a.jsonl", 0, 1, {"a": 1}),
        ("run/a.jsonl", 1, 3, {"b": 2}),
        ("run/b.json", 2, None, {"c": 3}),
        ("run/b.json", 3, None, "not_json"),
    ]
    assert [w.code for w in records[0].warnings] == ["skipped_member"] * 3
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dump.bin"]
    for i, record in enumerate(records):
        rest = open_records(
            path,
            start_byte=record.byte_end,
            start_line=record.line_no or 0,
            start_index=record.index + (not record.blank),
        )
        assert [(r.index, r.line_no, r.value) for r in rest] == [
            (r.index, r.line_no, r.value) for r in records[i + 1 :]
        ]


def test_zip_without_data(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFileError, match="without a"):
        read(tmp_path / "f", packed.getvalue())


def test_long_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 64)
    long = b'{"a":"' + b"x" * 100 + b'"}'
    lines = read(tmp_path / "f", b'{"a":1}\n' + long + b'\n{"b":2}\n')
    assert summary(lines) == [(0, 1, {"a": 1}), (1, 2, "too_long"), (2, 3, {"b": 2})]
    assert lines[1].byte_end - lines[1].byte_start == len(long) + 1
    array = read(tmp_path / "f", b'[{"a":1},' + long + b',{"b":2}]')
    assert summary(array) == [(0, None, {"a": 1}), (1, None, "too_long"), (2, None, {"b": 2})]
    first = read(tmp_path / "f", long + b'\n{"b":2}\n')
    assert summary(first) == [(0, 1, "too_long"), (1, 2, {"b": 2})]
    whole = read(tmp_path / "f", long)
    assert whole[0].value == {"a": "x" * 100}  # one document may be longer than a line


def test_quarantined_bytes_are_capped(tmp_path: Path) -> None:
    bad = b"{" + b"x" * 10_000
    (record,) = read(tmp_path / "f", bad + b"\n")
    assert record.rejected is not None
    assert record.raw == bad[: limits.QUARANTINE_RAW_BYTES]


@given(
    st.lists(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
            ),
        ),
        max_size=6,
    ),
    st.integers(1, 40),
    st.sampled_from([None, 0, 2]),
)
def test_array_splitter(values: list[Any], chunk: int, indent: int | None) -> None:
    """Values come out whole wherever the chunks of the stream end."""
    data = json.dumps(values, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass")
    before = jsonsplit.CHUNK_BYTES
    jsonsplit.CHUNK_BYTES = chunk
    try:
        pieces = list(
            jsonsplit.split_values(io.BufferedReader(io.BytesIO(data)), offset=0, array=True)
        )
    finally:
        jsonsplit.CHUNK_BYTES = before
    assert [json.loads(piece.data) for piece in pieces] == values
    assert all(data[piece.start : piece.end] == piece.data for piece in pieces)


@pytest.mark.shared
def test_real_line_separators(shared: Path) -> None:
    """A published evaluation log holds U+2028 inside a record: ten lines are ten records."""
    path = shared / "data" / "formats" / "evalscope_predictions" / "input.jsonl"
    records = list(open_records(path))
    assert all(r.rejected is None for r in records if not r.blank)
    assert len([r for r in records if not r.blank]) == path.read_bytes().count(b"\n")
