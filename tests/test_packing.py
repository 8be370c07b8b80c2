"""Packed texts come back exactly; an old database is packed without loss."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StoreError
from analysis.store import open_store
from analysis.store.migrate import available
from analysis.store.packing import (
    MAGIC,
    PACKED_COLUMNS,
    RECIPE,
    SHORT,
    pack,
    pack_response,
    unpack,
    unpack_response,
)
from analysis.store.rows import TRACE_SCHEMA, update_verdicts
from analysis.store.traces import one_trace

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
LONG = TEXTS.map(lambda text: text * 40)


@settings(deadline=None)
@given(st.one_of(st.none(), TEXTS, LONG))
def test_a_packed_text_comes_back(text: str | None) -> None:
    assert unpack(pack(text)) == text


@settings(deadline=None)
@given(
    head=TEXTS,
    reasoning=st.one_of(st.none(), TEXTS, LONG),
    middle=TEXTS,
    answer=st.one_of(st.none(), TEXTS),
    tail=TEXTS,
    cut=st.integers(0, 200),
)
def test_a_response_comes_back_whatever_its_parts(
    head: str, reasoning: str | None, middle: str, answer: str | None, tail: str, cut: int
) -> None:
    whole = head + (reasoning or "") + middle + (answer or "") + tail
    for raw in (whole, whole[cut:], None):
        packed = pack_response(raw, reasoning, answer)
        assert unpack_response(packed, pack(reasoning), pack(answer)) == raw


def test_how_texts_are_stored() -> None:
    long = "I add one and one. " * 100
    assert pack("") == b""
    assert pack("x\x00y") == b"x\x00y"
    assert pack("n" * (SHORT - 1)) == b"n" * (SHORT - 1)
    packed = pack(long)
    assert packed is not None
    assert packed.startswith(MAGIC)
    assert len(packed) < 100
    raw = f"<think>\n{long}\n</think>\n\nTwo."
    recipe = pack_response(raw, long, "Two.")
    assert recipe == bytes([RECIPE]) + b'["<think>\\n","\\n</think>\\n\\n",""]'
    assert unpack_response(recipe, packed, pack("Two.")) == raw


@pytest.mark.parametrize("first", [0xB5, 0xFF])
def test_no_text_can_be_taken_for_a_frame_or_a_recipe(first: int) -> None:
    with pytest.raises(UnicodeDecodeError):
        (b"(" * (first == 0xB5) + bytes([first])).decode()


def test_sql_sees_the_texts(tmp_path: Path) -> None:
    values = ["", None, "short", "long " * 500, "日本語" * 200, "a\x00b" * 300]
    with open_store(tmp_path / "t.duckdb") as store, store.cursor() as cursor:
        packed = pa.array([pack(v) for v in values], pa.binary())
        cursor.register("incoming", pa.table({"n": range(len(values)), "p": packed}))
        got = cursor.execute("SELECT unpack_text(p) FROM incoming ORDER BY n").fetchall()
        assert [row[0] for row in got] == values
        again = cursor.execute("SELECT pack_text(unpack_text(p)) FROM incoming ORDER BY n")
        assert [row[0] for row in again.fetchall()] == packed.to_pylist()
        # More than one vector, with and without NULLs, filtered.
        n = cursor.execute(
            "SELECT count(*) FROM (SELECT unpack_text(CASE WHEN i % 3 > 0 THEN"
            " encode('text ' || i) END) AS x FROM range(10000) r(i) WHERE i % 7 = 0)"
            " WHERE x LIKE 'text %'"
        ).fetchall()
        assert n[0][0] == sum(1 for i in range(0, 10000, 7) if i % 3)


def old_database(path: Path, rows: pa.Table) -> None:
    """A database as the first release left it, with these traces."""
    sql = next(text for number, _, text in available() if number == 1)
    with duckdb.connect(str(path)) as raw:
        raw.execute(
            "CREATE TABLE schema_migration (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)"
        )
        raw.execute(sql)
        raw.execute("INSERT INTO schema_migration VALUES (1, '0001_initial.sql')")
        raw.register("incoming", rows)
        columns = ", ".join(rows.column_names)
        raw.execute(f"INSERT INTO trace ({columns}) SELECT {columns} FROM incoming")


def old_rows(count: int) -> pa.Table:
    required = {
        "file_id": "f",
        "part_index": 0,
        "sample_index": 0,
        "format_id": "generic",
        "format_confidence": 0.8,
        "dataset": "d",
        "reasoning_kind": "visible",
        "split_method": "tag",
        "model_inferred": False,
        "finish_reason_norm": "stop",
        "truncated": False,
        "metadata": "{}",
    }
    rows = []
    for n in range(count):
        reasoning = f"Step {n}. 好 " * (n % 700)
        rows.append(
            {
                **required,
                "trace_id": f"{n:032d}",
                "record_index": n,
                "correct": (None, True, False)[n % 3],
                "reasoning": reasoning or None,
                "answer": f"It is {n}." if n % 5 else None,
                "raw_response": f"<think>{reasoning}</think>It is {n}." if n % 2 else None,
                "question": f"What is {n}?" * (n % 40),
                "system_prompt": "Think. " * 60 if n % 4 == 0 else None,
                "probes": '[{"at": 0.5}]' if n % 6 == 0 else None,
                "metadata": '{"k":"' + "v" * (n % 900) + '"}',
                "reasoning_chars": len(reasoning) or None,
                "score": n / 7,
            }
        )
    return pa.Table.from_pylist(rows, schema=TRACE_SCHEMA)


def test_an_old_database_is_packed_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    rows = old_rows(5000)
    old_database(path, rows)
    with pytest.raises(StoreError, match="needs an upgrade"):
        open_store(path, read_only=True)
    with open_store(path) as store:
        got = store.arrow("SELECT * FROM trace ORDER BY trace_id").cast(TRACE_SCHEMA)
        assert got.column_names == rows.column_names
        for name in rows.column_names:
            assert got.column(name).to_pylist() == rows.column(name).to_pylist(), name
        tables = {row[0] for row in store.rows("SELECT table_name FROM duckdb_tables()")}
        assert "trace_row" in tables
        assert not tables & {"trace", "trace_before"}
    with open_store(path, read_only=True) as store:
        assert store.scalar("SELECT sum(length(reasoning)) FROM trace") == sum(
            n or 0 for n in rows.column("reasoning_chars").to_pylist()
        )


def test_a_migration_that_fails_leaves_the_old_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.duckdb"
    old_database(path, old_rows(50))
    from analysis.store import migrate

    broken = [
        (number, name, sql + ("\nSELECT * FROM nothing_here;" if number == 2 else ""))
        for number, name, sql in available()
    ]
    monkeypatch.setattr(migrate, "available", lambda: broken)
    with pytest.raises(duckdb.Error):
        open_store(path)
    monkeypatch.undo()
    with open_store(path) as store:
        assert store.scalar("SELECT count(*) FROM trace") == 50


def test_the_view_has_the_columns_that_are_promised(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as store:
        assert store.arrow("SELECT * FROM trace").schema.names == TRACE_SCHEMA.names
        packed = store.rows(
            "SELECT column_name FROM duckdb_columns() WHERE table_name = 'trace_row'"
            " AND data_type = 'BLOB'"
        )
        assert {row[0] for row in packed} == {f"{name}_packed" for name in PACKED_COLUMNS}


def test_verdicts_are_updated_by_trace(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    old_database(path, old_rows(10))
    with open_store(path) as store:
        with store.transaction() as cursor:
            update_verdicts(cursor, [])
            update_verdicts(
                cursor,
                [(f"{3:032d}", False, "verifier 1"), (f"{4:032d}", None, None), ("no", True, "x")],
            )
        got = store.rows("SELECT correct, correct_source, answer FROM trace ORDER BY trace_id")
        assert len(got) == 10
        assert got[3] == (False, "verifier 1", "It is 3.")
        assert got[4] == (None, None, "It is 4.")
        assert got[5][:2] == (False, None)


def test_one_trace_is_the_row_of_the_view(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    old_database(path, old_rows(30))
    with open_store(path) as store:
        for row in store.arrow("SELECT * FROM trace").to_pylist():
            assert one_trace(store, row["trace_id"]) == row
        assert one_trace(store, "nothing") is None
