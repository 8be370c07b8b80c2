"""Files of every container, ways to break them, and what must hold for any bytes whatever.

Used by ``test_containers_fuzz.py`` for a short time and by ``scripts/fuzz_formats.py`` for as long
as one likes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from analysis.errors import InputError
from analysis.formats.containers import Record, open_records
from analysis.formats.eventstream import is_event_stream
from analysis.formats.registry import FileHint, read_record
from analysis.formats.streams import packing
from analysis.model import Rejected
from analysis.store import Store
from analysis.store.importing import import_file

ROWS = [
    {"id": f"r{n}", "question": f'Wh"at, is\n{n}?', "reasoning": f"I add \u00e9\u2028 {n}.", "answer": str(n)}
    for n in range(6)
]  # fmt: skip
TOKENS = [
    b"\n", b"\r\n", b"\r", b"\x00", b'"', b'""', b"\\", b"\\\\", b'\\"', b",", b";", b"\t", b"[", b"]", b"{", b"}", b":",
    b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\\ud800", b"NaN", b"-Infinity", b"1e999", b"9" * 25, b"null",
    b"data: ", b"data: [DONE]\n", b"event: x\n", b"\n\n", b'{"a":1,"a":2}', b"[" * 70, b"PK\x03\x04", b"PK\x05\x06", b"PAR1",
    b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"BZh9", b"\xfd7zXZ\x00", b'{"messages":', b'"role":"assistant"', b"<think>", b"</think>",
    b"=", b"sep=;\n", b"\xe2\x80\xa8", b"\x85", b"\xc2\x85", b"true", b'"choices":[{"message":', b'{"results":[',
]  # fmt: skip


def _lines() -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def _table() -> bytes:
    cells = (['"' + str(v).replace('"', '""') + '"' for v in row.values()] for row in ROWS)
    return b"id,question,reasoning,answer\n" + b"".join(",".join(c).encode() + b"\n" for c in cells)


def _events() -> bytes:
    sent = (
        {"id": f"c{n // 2}", "choices": [{"delta": {"reasoning_content": "x"}}]} for n in range(6)
    )
    return (
        b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in sent)
        + b"data: [DONE]\n"
    )


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(
        pa.Table.from_pylist([{**row, "n": [{"m": 1.5}]} for row in ROWS]), sink, row_group_size=2
    )
    return sink.getvalue()


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return sink.getvalue()


TEXTS: dict[str, bytes] = {
    "lines": _lines(),
    "array": json.dumps(ROWS, ensure_ascii=False).encode(),
    "pretty": json.dumps(ROWS, indent=2).encode(),
    "wrapper": json.dumps({"model": "m", "results": ROWS}).encode(),
    "keyed": json.dumps({str(n): row for n, row in enumerate(ROWS)}, indent=1).encode(),
    "table": _table(),
    "events": _events(),
    "utf-16": _lines().decode().encode("utf-16"),
}
FILES: dict[str, bytes] = {
    **TEXTS,
    "parquet": _parquet(),
    "zip": zipped([("a.jsonl", _lines()), ("b/c.csv", _table()), ("b/d.parquet", _parquet()), ("e.md", b"x")]),
    "eval": zipped([("header.json", b'{"eval":{"model":"m"}}'), ("samples/1_epoch_1.json", json.dumps(ROWS[0]).encode())]),
}  # fmt: skip
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zip": lambda data: zipped([("a.jsonl", data), ("a.csv", data[:300])]),
}
NAMES = ["../a.jsonl", "/etc/a.jsonl", "C:\\a.jsonl", "a.jsonl", "a.jsonl", "b/../../c.json", "\x01.json", "n" * 300 + ".json",
         "a.parquet", "x.csv", "header.json", "samples/1.json", "__MACOSX/a.jsonl", "dir/", "\u202e.jsonl"]  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """A few changes of the kinds that damage, bad writers and ill will make."""
    for _ in range(rng.choice((1, 1, 2, 4, 8))):
        at, end = sorted((rng.randint(0, len(data)), rng.randint(0, len(data))))
        kind = rng.randrange(7)
        if kind == 0 and data:
            at = min(at, len(data) - 1)
            data = data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
        elif kind == 1:
            data = data[:at] + rng.choice(TOKENS) + data[at:]
        elif kind == 2:
            data = data[:end]
        elif kind == 3:
            data = data[:at] + data[end:]
        elif kind == 4:
            data = data[:end] + data[at:end][:2000] + data[end:]
        elif kind == 5:
            other = FILES[rng.choice(sorted(FILES))]
            data = data[:at] + other[rng.randint(0, len(other)) :]
        else:
            data = data[:at] + rng.randbytes(rng.choice((1, 4, 40))) + data[at:]
    return data


def hostile_zip(rng: random.Random) -> bytes:
    """A zip of odd names and members, whose directory may lie."""
    members = [
        (rng.choice(NAMES), FILES[rng.choice(sorted(FILES))][: rng.choice((0, 50, 5000))])
        for _ in range(rng.randint(0, 5))
    ]
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that stand twice
        data = bytearray(zipped(members, rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))))
    for start in [n for n in range(len(data) - 4) if data[n : n + 4] == b"PK\x01\x02"]:
        field = rng.choice((None, None, 8, 10, 16, 20, 24, 42))  # flags, method, CRC, sizes, offset
        if field is not None:
            data[start + field : start + field + 2] = rng.choice(
                (b"\x01\x00", b"\xff\xff", b"\x5d\x00", b"\x63\x00", rng.randbytes(2))
            )
    return bytes(data)


def any_file(rng: random.Random) -> bytes:
    """A file that is broken in some way, or not."""
    if rng.random() < 0.1:
        return mutate(hostile_zip(rng), rng) if rng.random() < 0.5 else hostile_zip(rng)
    data = FILES[rng.choice(sorted(FILES))]
    if rng.random() < 0.9:
        data = mutate(data, rng)
    if rng.random() < 0.4:
        data = PACKERS[rng.choice(sorted(PACKERS))](data)
        if rng.random() < 0.5:
            data = mutate(data, rng)
    return data


def check_reading(path: Path, rng: random.Random) -> list[Record]:
    """Reading raises nothing but ``InputError``, tells all it passes, and can be taken up again."""
    records, error = _taken(path)
    index = at = line = 0
    for record in records:
        assert record.blank + (record.rejected is not None) + (record.value is not None) == 1
        assert record.index == index, (record.index, index)
        index += not record.blank
        assert record.byte_end >= record.byte_start >= 0
        if not record.more and record.line_no is not None and record.member is None:
            assert record.end_line is not None
            assert record.end_line > line
            line = record.end_line
        if not record.more:
            assert record.byte_end >= at
            at = record.byte_end
        if record.value is not None:
            found = read_record(record.value, hint=FileHint(name=path.name))
            assert isinstance(found, Rejected) or found
    _check_lines(path, records, error)
    places = [n for n, record in enumerate(records) if not record.more]
    if places:
        place = rng.choice(places)
        last = records[place]
        rest, again = _taken(
            path,
            start_byte=last.byte_end,
            start_line=last.end_line or 0,
            start_index=last.index + (not last.blank),
        )
        if last.member is None:
            assert again == error
            assert [_told(r) for r in rest] == [_told(r) for r in records[place + 1 :]]
    return records


def _taken(path: Path, **start: int) -> tuple[list[Record], str | None]:
    records: list[Record] = []
    try:
        for record in open_records(path, **start):
            records.append(record)
    except InputError as refused:
        assert str(refused)
        return records, type(refused).__name__
    return records, None


def _told(record: Record) -> tuple[object, ...]:
    return record.index, record.line_no, record.byte_start, record.byte_end, repr(record.value)


def _check_lines(path: Path, records: list[Record], error: str | None) -> None:
    """Every line of a plain JSONL file is a record."""
    numbered = [r for r in records if not r.blank and r.line_no is not None and r.member is None]
    plain = len(numbered) == sum(not r.blank for r in records) and all(
        r.last_line is None for r in records
    )
    if (
        error is None
        and plain
        and numbered
        and numbered[0].byte_start == 0 == records[0].byte_start
    ):
        data = path.read_bytes()
        if (
            packing(data) is None
            and b"\0" not in data[:64]  # UTF-16
            and not is_event_stream(data)
            and records[-1].byte_end == len(data)
        ):
            assert len(records) == data.count(b"\n") + (not data.endswith(b"\n"))


def check_importing(store: Store, path: Path) -> None:
    """records read = records that gave traces + quarantined; a second import adds nothing."""
    before = store.scalar("SELECT count(*) FROM trace")
    report = import_file(store, path)
    gave = store.scalar(
        "SELECT count(DISTINCT record_index) FROM trace WHERE file_id = $file",
        {"file": report.file_id},
    )
    kept = store.scalar(
        "SELECT count(*) FROM quarantine WHERE file_id = $file", {"file": report.file_id}
    )
    assert report.n_quarantined == kept
    assert report.n_records == gave + kept, (report, gave, kept)
    if not report.already and not report.resumed:
        assert store.scalar("SELECT count(*) FROM trace") == before + report.n_traces
