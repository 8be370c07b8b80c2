"""Inspect's archives: zip files with zstd members, one record a sample."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zstandard

from analysis import limits
from analysis.errors import InputTooLargeError
from analysis.formats.containers import Record, open_records
from analysis.formats.registry import FileHint, read_record
from analysis.formats.zipzstd import open_zipped
from analysis.model import Rejected

HEAD = {"eval": {"task": "sums", "model": "p/m"}, "plan": {"config": {"reasoning_effort": "low"}}}
WINDOW = 1 << 27


@dataclass
class Member:
    """A member to write, with room for lies in its directory entry."""

    name: str
    data: bytes
    method: int = 93
    size: int | None = None
    crc: int | None = None
    flags: int = 0
    packed: bytes | None = None


def write_zip(path: Path, members: list[Member]) -> None:
    """A zip file with zstd members, which ``zipfile`` cannot write."""
    body, directory = bytearray(), bytearray()
    for m in members:
        packed = m.packed
        if packed is None:
            packed = zstandard.compress(m.data, 3) if m.method == 93 else m.data
        crc = zlib.crc32(m.data) if m.crc is None else m.crc
        size = len(m.data) if m.size is None else m.size
        name = m.name.encode()
        common = struct.pack(
            "<5H3L2H", 20, m.flags, m.method, 0, 0x21, crc, len(packed), size, len(name), 0
        )
        at = len(body)
        body += b"PK\x03\x04" + common + name + packed
        directory += (
            b"PK\x01\x02"
            + struct.pack("<H", 20)
            + common
            + struct.pack("<3H2L", 0, 0, 0, 0, at)
            + name
        )
    end = struct.pack("<4H2LH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    path.write_bytes(bytes(body + directory) + b"PK\x05\x06" + end)


def sample(number: int) -> dict[str, Any]:
    return {
        "id": f"q{number}", "epoch": 1, "input": f"question {number}?", "target": "1",
        "messages": [{"role": "user", "content": f"question {number}?"},
                     {"role": "assistant", "content": f"<think>thought {number}</think>answer {number}"}],
    }  # fmt: skip


def member(name: str, value: Any, **more: Any) -> Member:
    return Member(name, json.dumps(value, indent=1).encode(), **more)


def log(path: Path, *extra: Member, count: int = 3, head: bool = True) -> Path:
    members = [member("_journal/start.json", HEAD)] if head else []
    members += [member(f"samples/q{i}_epoch_1.json", sample(i)) for i in range(count)]
    members += [
        member("summaries.json", [{"id": "q0"}]),
        member("reductions.json", [{"a": 1}]),
        *extra,
    ]
    if head:
        members.append(member("header.json", {**HEAD, "status": "success"}))
    write_zip(path, members)
    return path


def answers(records: list[Record]) -> list[str | None]:
    found: list[str | None] = []
    for record in records:
        traces = record.rejected or read_record(record.value, hint=FileHint())
        found += [traces.code] if isinstance(traces, Rejected) else [t.answer for t in traces]
    return found


def test_one_record_a_sample(tmp_path: Path) -> None:
    records = list(open_records(log(tmp_path / "a.eval")))
    assert [r.member for r in records] == [f"samples/q{i}_epoch_1.json" for i in range(3)]
    assert [r.index for r in records] == [0, 1, 2]
    assert all(not r.warnings for r in records)
    found = read_record(records[0].value, hint=FileHint())
    assert isinstance(found, list)
    (trace,) = found
    assert (trace.format_id, trace.question, trace.reasoning) == (
        "inspect",
        "question 0?",
        "thought 0",
    )
    assert (trace.answer, trace.effort, trace.model) == ("answer 0", "low", "p/m")
    assert trace.metadata["eval"]["status"] == "success"


@pytest.mark.parametrize("method", [0, 8, 93])
def test_every_method_gives_the_same(tmp_path: Path, method: int) -> None:
    path = tmp_path / "b.eval"
    members = [member("header.json", HEAD, method=method)]
    for number in range(2):
        one = member(f"samples/{number}.json", sample(number), method=method)
        if method == 8:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            one.packed = packer.compress(one.data) + packer.flush()
        members.append(one)
    if method == 8:
        members[0].method = 0
    write_zip(path, members)
    assert answers(list(open_records(path))) == ["answer 0", "answer 1"]


def test_reading_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = log(tmp_path / "c.eval", count=4)
    records = list(open_records(path))
    for at, last in enumerate(records):
        rest = open_records(
            path, start_byte=last.byte_end, start_line=last.line_no or 0, start_index=at + 1
        )
        assert [(r.index, r.member, r.byte_start, r.value) for r in rest] == [
            (r.index, r.member, r.byte_start, r.value) for r in records[at + 1 :]
        ]


def test_a_sample_that_was_written_again_counts_once(tmp_path: Path) -> None:
    again = {
        **sample(1),
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "later"}],
    }
    path = log(tmp_path / "d.eval", member("samples/q1_epoch_1.json", again))
    assert sorted(map(str, answers(list(open_records(path))))) == ["answer 0", "answer 2", "later"]


def test_without_a_head_the_journal_or_nothing_is_known(tmp_path: Path) -> None:
    start = [member("_journal/start.json", HEAD), member("samples/a.json", sample(0))]
    write_zip(tmp_path / "e.eval", start)
    (record,) = open_records(tmp_path / "e.eval")
    assert record.value["eval_header"] == HEAD
    start[0].crc = 1
    write_zip(tmp_path / "f.eval", start)
    (record,) = open_records(tmp_path / "f.eval")
    assert record.value["eval_header"] == {}
    assert answers([record]) == ["answer 0"]


def test_other_archives_with_zstd_members(tmp_path: Path) -> None:
    """A zip that is no log is read as before, whatever it is packed with."""
    rows = b"\n".join(json.dumps({"prompt": "q", "output": f"a{i}"}).encode() for i in range(2))
    write_zip(
        tmp_path / "g.zip",
        [Member("x.jsonl", rows), Member("samples/y.json", b'{"prompt":"q","output":"z"}')],
    )
    assert answers(list(open_records(tmp_path / "g.zip"))) == ["a0", "a1", "z"]


DAMAGE = [
    {"crc": 7},
    {"size": 5},
    {"size": 50_000},
    {"flags": 1},
    {"packed": b"no zstd at all"},
    {"packed": b""},
    {"packed": zstandard.compress(b'{"a": 1}')[:-4]},
]


@pytest.mark.parametrize("lie", DAMAGE)
def test_a_damaged_member_is_told_and_the_others_are_in(
    tmp_path: Path, lie: dict[str, Any]
) -> None:
    path = log(tmp_path / "h.eval", member("samples/bad.json", sample(9), **lie))
    found = answers(list(open_records(path)))
    assert found[:3] == ["answer 0", "answer 1", "answer 2"]
    assert found[-1] == "damaged_archive" or lie == {"packed": b""}
    assert set(found[3:]) <= {"answer 9", "damaged_archive", "truncated_json", "not_json"}


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the directory admits is refused before reading, what it hides while reading."""
    monkeypatch.setattr(limits, "RATIO_CHECK_BYTES", 1 << 20)
    zeros = bytes(8 << 20)
    write_zip(tmp_path / "i.eval", [member("header.json", HEAD), Member("samples/a.json", zeros)])
    with pytest.raises(InputTooLargeError):
        list(open_records(tmp_path / "i.eval"))
    hidden = Member("samples/a.json", zeros, size=100)
    write_zip(tmp_path / "j.eval", [member("header.json", HEAD), hidden])
    assert answers(list(open_records(tmp_path / "j.eval"))) == ["damaged_archive"]


def test_memory_for_unpacking_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "k.zip"
    write_zip(path, [Member("a.json", bytes(1 << 21))])
    with (
        zipfile.ZipFile(path) as archive,
        open_zipped(archive, archive.infolist()[0], 1 << 10) as stream,
    ):
        assert isinstance(stream, io.BufferedReader)
        with pytest.raises(zstandard.ZstdError):
            stream.read()


def test_a_long_log_opens_its_directory_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log(tmp_path / "l.eval", count=50)
    opened: list[Any] = []
    plain = zipfile.ZipFile.__init__

    def counted(self: zipfile.ZipFile, *args: Any, **kwargs: Any) -> None:
        opened.append(args)
        plain(self, *args, **kwargs)

    monkeypatch.setattr(zipfile.ZipFile, "__init__", counted)
    assert len(list(open_records(path))) == 50
    assert len(opened) <= 2
