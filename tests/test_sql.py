"""`cotscope sql`: reads, and can do nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from analysis import limits
from analysis.errors import QueryError, StoreError
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.store.sql import run_sql


@pytest.fixture(autouse=True)
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is slow, not wrong: the time limit is for the test of it."""
    monkeypatch.setattr(limits, "SQL_WALL_SECONDS", 120)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sql")
    dump = folder / "x.jsonl"
    rows = [{"id": f"r{n}", "reasoning": f"thought {n}", "answer": str(n)} for n in range(5)]
    dump.write_text("".join(json.dumps(r) + "\n" for r in rows))
    path = folder / "t.duckdb"
    with open_store(path) as store:
        import_file(store, dump)
    return path


def fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_rows_come_back(database: Path) -> None:
    result = run_sql(database, "SELECT external_id, length(reasoning) AS n FROM trace ORDER BY 1")
    assert result.columns == ["external_id", "n"]
    assert result.rows[0] == ("r0", 9)
    assert len(result.rows) == 5
    assert not result.cut


def test_no_rows_and_a_trailing_semicolon(database: Path) -> None:
    result = run_sql(database, "SELECT external_id FROM trace WHERE false;")
    assert result.columns == ["external_id"]
    assert result.rows == []


@pytest.mark.parametrize(
    "statement",
    ["DESCRIBE trace", "SHOW TABLES", "SUMMARIZE warning", "EXPLAIN SELECT 1", "FROM trace"],
)
def test_looking_around_works(database: Path, statement: str) -> None:
    assert run_sql(database, statement).rows


def test_many_rows_are_cut_and_said(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_sql(database, "SELECT * FROM range(100000)")
    assert result.cut
    assert len(result.rows) == limits.SQL_MAX_ROWS


WRITES = [
    "DELETE FROM trace",
    "UPDATE trace_row SET model = 'x'",
    "INSERT INTO warning VALUES ('a', 'b', 'c', 'd')",
    "WITH d AS (DELETE FROM trace_row RETURNING *) SELECT * FROM d",
    "DROP TABLE trace",
    "CREATE TABLE x (a INTEGER)",
    "CREATE VIEW v AS SELECT 1",
    "ALTER TABLE trace ADD COLUMN z INTEGER",
    "COPY trace TO '{dir}/out.csv'",
    "COPY (SELECT * FROM trace) TO '{dir}/out.parquet'",
    "EXPORT DATABASE '{dir}/dump'",
    "ATTACH '{dir}/x.duckdb'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('{dir}/x.jsonl')",
    "SELECT * FROM read_json('{dir}/x.jsonl')",
    "SELECT * FROM '{dir}/x.jsonl'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('{dir}/x.jsonl')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 64",
    "SET lock_configuration = false",
    "CREATE PERSISTENT SECRET s (TYPE s3)",
    "COMMIT",
    "COMMIT; DELETE FROM trace",
    "SELECT 1; SELECT 2",
    "",
    "SELEC 1",
    "SELECT * FROM nothing_here",
    "CALL pragma_version(); DROP TABLE trace",
    "CHECKPOINT",
    "VACUUM",
]


@pytest.mark.parametrize("statement", WRITES)
def test_what_writes_or_leaves_is_refused(database: Path, statement: str) -> None:
    before = fingerprint(database)
    names = sorted(p.name for p in database.parent.iterdir())
    with pytest.raises(QueryError) as caught:
        run_sql(database, statement.format(dir=database.parent))
    assert caught.value.exit_code == 2
    assert fingerprint(database) == before
    assert sorted(p.name for p in database.parent.iterdir()) == names


@pytest.mark.parametrize(
    "bomb",
    [
        "SELECT length(repeat('x', 2000000000000)) FROM range(5)",
        "SELECT len(range(2000000000))",
        "SELECT count(*) FROM range(1000000) a, range(1000000) b, range(1000000) c WHERE a.range + b.range + c.range = -1",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) FROM r",
    ],
)
def test_a_bomb_ends_in_a_message(
    database: Path, bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fingerprint(database)
    with monkeypatch.context() as limited, pytest.raises(QueryError):
        limited.setattr(limits, "SQL_WALL_SECONDS", 4)
        run_sql(database, bomb)
    assert fingerprint(database) == before
    assert run_sql(database, "SELECT 1").rows == [(1,)]


def test_a_missing_database_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no database") as caught:
        run_sql(tmp_path / "no.duckdb", "SELECT 1")
    assert caught.value.exit_code == 3
