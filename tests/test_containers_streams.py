"""Event streams, pipes, damaged packing, and files that hold no traces at all."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
import zstandard

from analysis import limits
from analysis.errors import (
    DamagedFileError,
    InputError,
    InputTooLargeError,
    UnreadableFileError,
    UsageError,
)
from analysis.formats.containers import Record, open_records
from analysis.formats.pipes import without_pipes
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file


def read(path: Path, data: bytes, **start: int) -> list[Record]:
    path.write_bytes(data)
    return list(open_records(path, **start))


def summary(records: list[Record]) -> list[Any]:
    return [
        (r.line_no, r.end_line, r.rejected.code if r.rejected else r.value)
        for r in records
        if not r.blank
    ]


def events(*found: Any) -> dict[str, Any]:
    return {"sse_events": list(found)}


def chunk(reply: str, text: str = "x") -> dict[str, Any]:
    return {"id": reply, "choices": [{"delta": {"content": text}}]}


def data_line(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n"


START, STOP = {"type": "message_start", "message": {"id": "m"}}, {"type": "message_stop"}
A, B = data_line(chunk("a")), data_line(chunk("b"))
NAMED = (
    b"event: message_start\n"
    + data_line(START)
    + b"\nevent: message_stop\n"
    + data_line(STOP)
    + b"\n"
)
NAMED_EVENTS = events(
    {"event": "message_start", "data": START}, {"event": "message_stop", "data": STOP}
)
STREAMS: dict[str, tuple[bytes, list[Any]]] = {
    "one stream": (A + b"\n" + A + b"\ndata: [DONE]\n\n", [(1, 5, events(chunk("a"), chunk("a")))]),
    "no blank lines, no end": (A + A, [(1, 2, events(chunk("a"), chunk("a")))]),
    "ended twice": (A + b"data: [DONE]\n\n" + A + b"data: [DONE]\n", [(1, 2, events(chunk("a"))), (4, 5, events(chunk("a")))]),
    "another id": (A + b"\n" + B + b"\n", [(1, 2, events(chunk("a"))), (3, 4, events(chunk("b")))]),
    "named events": (NAMED + NAMED, [(1, 6, NAMED_EVENTS), (7, 12, NAMED_EVENTS)]),
    "comments and no space": (
        b"\xef\xbb\xbf: ping\r\n\r\n" + A.replace(b": ", b":", 1).replace(b"\n", b"\r\n"), [(3, 3, events(chunk("a")))],
    ),
    "a broken line": (
        A + b'data: {"id": "a", "choi\n\n' + A, [(2, 2, "truncated_json"), (1, 4, events(chunk("a"), chunk("a")))],
    ),
    "data over several lines": (
        b'data: {\ndata: "id": "a",\ndata: "choices": []}\n\n' + A, [(1, 5, events({"id": "a", "choices": []}, chunk("a")))],
    ),
    "an error without a field": (
        A + b'{"error": "x"}\nno field\n' + A, [(1, 1, events(chunk("a"))), (2, 2, {"error": "x"}), (3, 3, "not_json"), (4, 4, events(chunk("a")))],
    ),
    "only broken lines": (b": x\ndata: {bad\ndata: {worse\n", [(2, 2, "not_json"), (3, 3, "not_json")]),
    "an event without data": (b"event: ping\n\n" + A, [(1, 3, events(chunk("a")))]),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_event_streams(tmp_path: Path, name: str) -> None:
    data, expected = STREAMS[name]
    records = read(tmp_path / "f", data)
    assert summary(records) == expected
    covered = sorted((r.byte_start, r.byte_end) for r in records if not r.more)
    bom = len(data) - len(data.removeprefix(b"\xef\xbb\xbf"))
    assert covered[0][0] in (0, bom)
    assert covered[-1][1] == len(data)
    for done, record in enumerate(records):
        if record.more:
            continue  # an import does not stop here
        rest = open_records(
            tmp_path / "f",
            start_byte=record.byte_end,
            start_line=record.end_line or 0,
            start_index=record.index + (not record.blank),
        )
        assert [(r.index, r.line_no, r.value) for r in rest] == [
            (r.index, r.line_no, r.value) for r in records[done + 1 :]
        ]


def test_endless_event_streams(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 1000)
    records = read(tmp_path / "f", A * 40 + b"data: [DONE]\n" + B)
    assert summary(records) == [(1, 41, "too_long"), (42, 42, events(chunk("b")))]


LINES = b"".join(
    b'{"n":%d,"text":"%s"}\n' % (n, os.urandom(40).hex().encode()) for n in range(4000)
)
PACKERS = {
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "xz": lzma.compress,
    "bzip2": lambda data: bz2.compress(data, 1),  # small blocks
}


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("layout", ["lines", "array", "table", "events"])
def test_what_stands_before_a_cut_is_kept(tmp_path: Path, packing: str, layout: str) -> None:
    """Whole records, then the cut one with its reason, then a refusal by name."""
    data = {
        "lines": LINES,
        "array": b"[" + LINES[:-1].replace(b"\n", b",\n") + b"]",
        "table": b"question,answer\n" + b"".join(b"%d,%s\n" % (n, os.urandom(40).hex().encode()) for n in range(4000)),
        "events": b"".join(b"data: " + line + b"\ndata: [DONE]\n" for line in LINES.splitlines()),
    }[layout]  # fmt: skip
    packed = PACKERS[packing](data)
    path = tmp_path / "f"
    path.write_bytes(packed[: len(packed) * 9 // 10])
    taken: list[Record] = []
    with pytest.raises(DamagedFileError, match="damaged or cut off"):
        for record in open_records(path):
            taken.append(record)
    good = [r for r in taken if r.value is not None]
    assert len(good) > 500
    assert [r for r in taken if r.rejected is not None] == [
        r for r in taken[len(good) :] if not r.blank
    ]
    assert len(taken) - len(good) <= 1
    if layout == "lines":
        assert [r.value["n"] for r in good] == list(range(len(good)))


@pytest.mark.parametrize("packing", PACKERS)
def test_rubbish_after_packed_data(tmp_path: Path, packing: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(PACKERS[packing](b'{"a":1}\n') + b"rubbish that is no frame")
    taken: list[Record] = []
    with pytest.raises(DamagedFileError):
        taken.extend(open_records(path))


def test_a_damaged_member_does_not_end_a_zip(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.jsonl", LINES)
        archive.writestr("b.jsonl", gzip.compress(b"{}"))
        archive.writestr("c.jsonl", b'{"c":1}\n')
    data = bytearray(sink.getvalue())
    data[5000] ^= 0xFF
    records = read(tmp_path / "f", bytes(data))
    refused = [(r.member, r.rejected.code) for r in records if r.rejected]
    assert refused[-1] == ("b.jsonl", "unsupported_container")
    assert ("a.jsonl", "damaged_archive") in refused
    assert records[-1].value == {"c": 1}


ELF, ZIP = b"\x7fELF" + bytes(60), io.BytesIO()
with zipfile.ZipFile(ZIP, "w") as _workbook:
    _workbook.writestr("xl/workbook.xml", "<x/>")
NO_DATA: dict[str, tuple[bytes, str]] = {
    "an error page": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "HTML page"),
    "a page without doctype": (b"<html><head><title>Sign in", "HTML page"),
    "a Git LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n", "git lfs pull"),
    "a git-annex link": (b"/annex/objects/MD5E-s12--0123.jsonl\n", "git annex get"),
    "a git-annex link of old": (b"../.git/annex/objects/x/y/SHA256E-s1--ab/SHA256E-s1--ab", "git annex get"),
    "a DVC pointer": (b"outs:\n- md5: 0123\n  size: 1\n  path: x.jsonl\n", "dvc pull"),
    "a PDF": (b"%PDF-1.7\n%", "PDF"),
    "an SQLite database": (b"SQLite format 3\x00" + bytes(84), "SQLite"),
    "a DuckDB database": (bytes(8) + b"DUCK" + bytes(84), "COPY my_table TO"),
    "a pickle": (pickle.dumps({"a": [1]}), "never done"),
    "a program": (ELF, "program"),
    "a workbook": (ZIP.getvalue(), "Excel workbook"),
    "XML": (b"<?xml version='1.0'?><data/>", "XML"),
    "UTF-32": ('{"a":1}'.encode("utf-32"), "UTF-32"),
    "Arrow": (b"ARROW1\x00\x00", "Parquet"),
    "packed twice": (gzip.compress(gzip.compress(b"{}")), "packed twice"),
    "a packed page": (gzip.compress(b"<html>"), "HTML page"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_DATA)
def test_files_without_traces_are_refused_by_name(tmp_path: Path, name: str) -> None:
    data, said = NO_DATA[name]
    with pytest.raises(UnreadableFileError) as refused:
        read(tmp_path / "data.jsonl", data)
    assert said in str(refused.value)
    assert refused.value.remedy


def test_a_broken_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedFileError, match="zip"):
        read(tmp_path / "f", b"PK\x03\x04....")


def test_links_to_data_that_is_not_there(tmp_path: Path) -> None:
    link = tmp_path / "x.jsonl"
    link.symlink_to(".git/annex/objects/nothing")
    (tmp_path / "y.jsonl").write_text("{}")
    for named in (link, tmp_path):
        with pytest.raises(InputError, match="not here"):
            expand_paths([named])
    assert [p.name for p in expand_paths([str(tmp_path / "*.jsonl")])] == ["y.jsonl"]


def test_every_container_is_found_in_a_folder(tmp_path: Path) -> None:
    names = ["a.parquet", "b.csv", "c.tsv", "d.eval", "e.sse", "f.csv.gz", "g.jsonlines"]
    for name in [*names, "README.txt", "x.py"]:
        (tmp_path / name).write_text("{}")
    assert [p.name for p in expand_paths([tmp_path])] == names


def test_a_named_pipe(tmp_path: Path) -> None:
    fifo = tmp_path / "dump"
    os.mkfifo(fifo)
    packed = gzip.compress(b'{"question":"q","answer":"a"}\n' * 1000)
    writer = threading.Thread(target=fifo.write_bytes, args=(packed,))
    writer.start()
    with without_pipes([fifo, "other.jsonl"]) as (copy, other):
        writer.join()
        assert other == "other.jsonl"
        assert Path(copy).name == "dump"
        assert Path(copy).read_bytes() == packed
        with open_store(tmp_path / "t.duckdb") as store:
            assert import_file(store, Path(copy)).n_traces == 1000
    assert not Path(copy).exists()


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Piped(io.TextIOWrapper):
        terminal = False

        def isatty(self) -> bool:
            return self.terminal

    piped = Piped(io.BytesIO(LINES))
    monkeypatch.setattr("sys.stdin", piped)
    with without_pipes(["-"]) as (copy,):
        assert Path(copy).name == "stdin"
        assert len(list(open_records(Path(copy)))) == 4000
    monkeypatch.setattr("sys.stdin", Piped(io.BytesIO(LINES)))
    monkeypatch.setattr(limits, "MAX_PIPE_BYTES", 1000)
    with pytest.raises(InputTooLargeError, match="gave more"), without_pipes(["-"]):
        pass
    piped.terminal = True
    monkeypatch.setattr("sys.stdin", piped)
    with pytest.raises(UsageError, match="Nothing is piped in"), without_pipes(["-"]):
        pass
