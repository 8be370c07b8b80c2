"""The reader is total: any bytes give records, quarantined rows or a refusal by name."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.formats.containers import open_records
from analysis.store import open_store
from tests.fuzz_bytes import (
    FILES,
    PACKERS,
    TOKENS,
    any_file,
    check_importing,
    check_reading,
    zipped,
)

RELAXED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(TOKENS) | st.binary(max_size=3), max_size=25).map(b"".join),
    st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=3).map(
        lambda names: b"".join(FILES[name] for name in names)
    ),
)


@settings(RELAXED, max_examples=300)
@given(
    BYTES, st.sampled_from(sorted(PACKERS)), st.integers(0, 30), st.randoms(use_true_random=False)
)
def test_any_bytes(tmp_path: Path, data: bytes, packing: str, cut: int, rng: random.Random) -> None:
    packed = PACKERS[packing](data)
    path = tmp_path / "f"
    path.write_bytes(packed[: len(packed) - cut] if packing != "plain" else packed)
    check_reading(path, rng)


@settings(RELAXED, max_examples=300)
@given(st.integers(0, 2**32))
def test_broken_files(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    path = tmp_path / rng.choice(("f", "f.csv", "f.jsonl"))
    path.write_bytes(any_file(rng))
    check_reading(path, rng)


def test_broken_files_through_the_whole_import(tmp_path: Path) -> None:
    rng = random.Random(11)
    with open_store(tmp_path / "t.duckdb") as store:
        for data in (*FILES.values(), *(any_file(rng) for _ in range(40))):
            path = tmp_path / "f"
            path.write_bytes(data)
            check_importing(store, path)


ONCE_BROKE: dict[str, bytes] = {
    "an array cut inside a value": b'[{"a":1},{"b":"x',
    "an array cut between values": b'[{"a":1},{"b":2}',
    "brackets after the end of an array": b'[{"a":1},\n{"b":2}\n}\n]\n]{"c":3}',
    "text after an array": b'[{"a":1}] x {"b":1}',
    "an event stream of broken lines": b'data: {"id": {"x"}}]}\n\ndata: [DONE]\n',
    "broken and cut events": b'data: {"\xf2": 1}\n\ndatar2", "question": "W',
    "a damaged member before a whole one": zipped([("a.jsonl", b"\x1f\x8b" + bytes(40)), ("b.jsonl", b'{"a":1}')]),
    "UTF-16 in a member": zipped([("a.jsonl", ('{"a":"\u4e2d"}\n' * 9).encode("utf-16")), ("b.jsonl", b'{"a":1}')]),
    "a cut array in a member": zipped([("a.json", b'[{"a":1},{"b":'), ("b.jsonl", b'{"a":1}')]),
    "a cut zstd frame": PACKERS["zstd"](b'{"a":1}\n' * 9)[:-6],
}  # fmt: skip


@pytest.mark.parametrize("name", ONCE_BROKE)
def test_what_once_broke_it(tmp_path: Path, name: str) -> None:
    """Counted twice or not at all after a stop, or passed over without a word."""
    path = tmp_path / "f"
    path.write_bytes(ONCE_BROKE[name])
    for seed in range(12):
        records = check_reading(path, random.Random(seed))
    if records and records[0].member is not None:
        for done, record in enumerate(records):
            rest = open_records(
                path,
                start_byte=record.byte_end,
                start_line=record.end_line or 0,
                start_index=record.index + (not record.blank),
            )
            assert [(r.index, r.member, r.value) for r in rest] == [
                (r.index, r.member, r.value) for r in records[done + 1 :]
            ]


CORRUPT = """
import pathlib, sys
from analysis.errors import InputError
from analysis.formats.containers import open_records
path = pathlib.Path(sys.argv[1])
data = path.read_bytes()
footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
for at in range(footer, len(data), 3):
    for bit in (0, 3, 6):
        path.write_bytes(data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :])
        try:
            list(open_records(path))
        except InputError:
            pass
"""


def test_no_corrupt_footer_ends_the_process(tmp_path: Path) -> None:
    """pyarrow's view of column metadata ends the process on some; so it is not used."""
    path = tmp_path / "f.parquet"
    path.write_bytes(FILES["parquet"])
    subprocess.run([sys.executable, "-c", CORRUPT, str(path)], check=True, timeout=120)
