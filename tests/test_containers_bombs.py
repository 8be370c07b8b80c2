"""Bombs: small files that unpack to far too much are refused at once, in little memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from analysis import limits
from analysis.errors import InputTooLargeError
from analysis.formats.containers import open_records

SECONDS, MEGABYTES = 2.0, 300
UNPACKED = 1 << 28
BLOCK = bytes(1 << 20)
LINES = b'{"question": "q", "answer": "a"}\n' * 30_000

CHILD = """
import pathlib, sys, time
from analysis.errors import InputError
from analysis.formats.containers import open_records
began, taken, error = time.process_time(), 0, ""
try:
    for record in open_records(pathlib.Path(sys.argv[1])):
        taken += record.value is not None
except InputError as refused:
    error = type(refused).__name__
status = pathlib.Path("/proc/self/status").read_text()  # ru_maxrss starts at the parent's
print(time.process_time() - began, int(status.split("VmHWM:")[1].split()[0]) // 1024, taken, error)
"""


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}


def zip_of(data: bytes, name: str = "a.jsonl") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("packing", ["gzip", "zstd", "xz", "bzip2", "zip"])
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str) -> None:
    """Refused before any record of them is taken, by size and by ratio."""
    body = b'{"a":1}\n' * 400_000
    data = zip_of(body) if packing == "zip" else PACKERS[packing](body)
    path = tmp_path / "f"
    path.write_bytes(data)
    monkeypatch.setattr(limits, "RATIO_CHECK_BYTES", 1 << 20)
    with pytest.raises(InputTooLargeError, match="unpacks to at least"):
        next(open_records(path))
    monkeypatch.setattr(limits, "RATIO_CHECK_BYTES", 1 << 30)
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 1 << 20)
    with pytest.raises(InputTooLargeError, match="Unpack it yourself"):
        next(open_records(path))


def packed_bomb(packing: str, block: bytes) -> bytes:
    """A quarter of a gigabyte of one block, in blocks."""
    sink = io.BytesIO()
    openers = {
        "gzip": lambda: gzip.open(sink, "wb", compresslevel=9),  # noqa: SIM115
        "bzip2": lambda: bz2.open(sink, "wb"),  # noqa: SIM115
        "xz": lambda: lzma.open(sink, "wb", preset=0),  # noqa: SIM115
        "zstd": lambda: zstandard.ZstdCompressor().stream_writer(sink, closefd=False),
    }
    with openers[packing]() as packer:  # type: ignore[operator]
        for _ in range(UNPACKED // len(block)):
            packer.write(block)
    return sink.getvalue()


def zip_bomb(members: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            archive.writestr(f"{number}.jsonl", BLOCK * (UNPACKED // len(BLOCK) // members))
    return buffer.getvalue()


def parquet_bomb(kind: str) -> bytes:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    unique = os.urandom(300_000).hex()  # no packing makes it smaller
    # Only the one that is asked for is made: each is hundreds of megabytes.
    columns: dict[str, Callable[[], object]] = {
        "one long text": lambda: ["x" * 300_000_000],
        "a text repeated": lambda: [unique] * 1_000,
        "a text repeated inside lists": lambda: [[{"content": unique}]] * 1_000,
        "a beginning repeated": lambda: [unique] * 1_000,
        "a long list": lambda: pa.ListArray.from_arrays(
            pa.array([0, 50_000_000], pa.int32()), pa.array(np.full(50_000_000, 7, np.int8))
        ),
        "many rows": lambda: np.full(30_000_000, 7, np.int8),
    }
    options: dict[str, object] = {"compression": "zstd"}
    if kind == "a beginning repeated":
        options = {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}
    sink = io.BytesIO()
    name = {"a text repeated inside lists": "m", "a long list": "n", "many rows": "n"}.get(kind)
    pq.write_table(pa.table({name or "question": columns[kind]()}), sink, **options)
    return sink.getvalue()


PARQUET = ("one long text", "a text repeated", "a text repeated inside lists", "a beginning repeated",
           "a long list", "many rows")  # fmt: skip
BOMBS: dict[str, Callable[[], bytes]] = {
    **{f"{name} of zeros": lambda name=name: packed_bomb(name, BLOCK) for name in PACKERS},
    **{f"{name} of lines": lambda name=name: packed_bomb(name, LINES) for name in ("gzip", "zstd")},
    "zip": lambda: zip_bomb(1),
    "zip of many": lambda: zip_bomb(64),
    "gzip in zip": lambda: zip_of(packed_bomb("gzip", BLOCK)),
    "gzip in gzip": lambda: gzip.compress(packed_bomb("gzip", BLOCK)),
    **{f"parquet, {kind}": lambda kind=kind: parquet_bomb(kind) for kind in PARQUET},
    "parquet in zip": lambda: zip_of(parquet_bomb("a text repeated"), "a.parquet"),
    "parquet in gzip": lambda: gzip.compress(parquet_bomb("one long text")),
}  # type: ignore[misc]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc to see memory")
@pytest.mark.parametrize("name", BOMBS)
def test_bombs_cost_little(tmp_path: Path, name: str) -> None:
    """Refused before a record is taken, in less than 2 s of CPU and 300 MB, in a process of its own."""
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[name]())
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    seconds, megabytes, taken, *error = done.stdout.split()
    assert taken == "0"
    if name != "gzip in zip":  # a member that is packed itself is refused alone
        assert error in (["InputTooLargeError"], ["UnreadableFileError"])
    assert float(seconds) < SECONDS
    assert int(megabytes) < MEGABYTES


def test_honest_files_are_no_bombs(tmp_path: Path) -> None:
    """Text that packs well, and columns that hold the same short text in every row."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "f"
    path.write_bytes(
        gzip.compress(
            b"".join(b'{"a":"%d","b":"the same text in each"}\n' % n for n in range(99_999))
        )
    )
    assert sum(1 for _ in open_records(path)) == 99_999
    texts = [f"{n} " + "the reasoning of a model goes on " * 40 for n in range(5_000)]
    pq.write_table(
        pa.table({"reasoning": texts, "model": ["m"] * 5_000, "split": ["train"] * 5_000}), path
    )
    assert sum(record.value is not None for record in open_records(path)) == 5_000
