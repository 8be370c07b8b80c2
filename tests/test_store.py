"""Opening, migrating and refusing databases."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from analysis.errors import StoreCorruptError, StoreError, StoreLockedError, StoreVersionError
from analysis.store import open_store
from analysis.store.migrate import applied, available


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [number for number, _, _ in available()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_new_database_has_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    open_store(path).close()
    with duckdb.connect(str(path), read_only=True) as raw:
        assert applied(raw) == {number for number, _, _ in available()}


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    open_store(path).close()
    with open_store(path) as store:
        assert store.scalar("SELECT count(*) FROM schema_migration") == len(available())


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    open_store(path).close()
    with duckdb.connect(str(path)) as raw:
        raw.execute("INSERT INTO schema_migration VALUES (9999, 'from_the_future.sql')")
    with pytest.raises(StoreVersionError, match="newer CoTScope"):
        open_store(path)


def test_a_database_of_something_else_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with duckdb.connect(str(path)) as raw:
        raw.execute("CREATE TABLE invoices (x INTEGER)")
    with pytest.raises(StoreError, match="something else"):
        open_store(path)
    with duckdb.connect(str(path)) as raw:
        assert [
            row[0] for row in raw.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        ] == ["invoices"]


@pytest.mark.parametrize(
    "content", [b"not a database", b"\x00" * 20000, b"SQLite format 3\x00" * 900]
)
def test_a_file_that_is_no_database_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.duckdb"
    path.write_bytes(content)
    with pytest.raises((StoreCorruptError, StoreError)) as caught:
        open_store(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_reading_what_is_not_there_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    with pytest.raises(StoreError, match="no database"):
        open_store(path, read_only=True)
    assert not path.exists()


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="folder"):
        open_store(tmp_path / "no" / "a.duckdb")


def test_a_second_process_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "a.duckdb"
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from analysis.store import open_store; s = open_store(sys.argv[1]);"
            "print('open', flush=True); sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "open"
        with pytest.raises(StoreLockedError) as caught:
            open_store(path)
        assert str(holder.pid) in str(caught.value)
        assert caught.value.exit_code == 3
    finally:
        holder.communicate("")
    open_store(path).close()


def test_threads_write_and_read_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.duckdb") as store:

        def write(worker: int) -> None:
            for i in range(50):
                with store.transaction() as cursor:
                    cursor.execute(
                        "INSERT INTO warning VALUES (?, NULL, 'test', ?)", [str(worker), str(i)]
                    )
                store.scalar("SELECT count(*) FROM warning")

        threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.scalar("SELECT count(*) FROM warning") == 400


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.duckdb") as store:
        with pytest.raises(ValueError, match="stop"), store.transaction() as cursor:
            cursor.execute("INSERT INTO warning VALUES ('f', NULL, 'c', 'd')")
            raise ValueError("stop")
        assert store.scalar("SELECT count(*) FROM warning") == 0


def test_memory_of_an_import_grows_with_the_number_of_traces(tmp_path: Path) -> None:
    from analysis import limits
    from analysis.store.memory import import_memory

    short, long, database = tmp_path / "s.jsonl", tmp_path / "l.jsonl", tmp_path / "t.duckdb"
    short.write_bytes(b'{"answer": "2"}\n' * 100_000)
    long.write_bytes((b"x" * 16_000 + b"\n") * 100)
    base = limits.IMPORT_MEMORY_BYTES
    assert import_memory([tmp_path / "none"], database) == base
    assert import_memory([short], database) - base > 25_000_000
    assert import_memory([long], database) - base < 100_000
    with open_store(database, memory=base) as store:
        told = store.scalar("SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'")
        assert told == "128.0 MiB"
