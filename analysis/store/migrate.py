"""Numbered SQL migrations: each in one transaction, recorded by name, never edited once released."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

import duckdb

from analysis.errors import StoreError, StoreVersionError

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")


def available() -> list[tuple[int, str, str]]:
    """(number, file name, SQL) of every migration that this version knows, in order."""
    found = []
    for entry in resources.files("analysis.store").joinpath("migrations").iterdir():
        match = _NAME.match(entry.name)
        if match:
            found.append((int(match[1]), entry.name, entry.read_text(encoding="utf-8")))
    return sorted(found)


def applied(connection: duckdb.DuckDBPyConnection) -> set[int]:
    """The numbers of the migrations that this database has had; empty for a new file."""
    exists = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'schema_migration'"
    ).fetchone()
    if not exists or not exists[0]:
        return set()
    return {row[0] for row in connection.execute("SELECT number FROM schema_migration").fetchall()}


def migrate(connection: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    """Bring a database up to this version.

    Raises ``StoreVersionError`` for one written by a newer CoTScope, ``StoreError`` for one that
    needs a migration but is open read-only, or that is a database of something else.
    """
    known = available()
    done = applied(connection)
    newer = done - {number for number, _, _ in known}
    if newer:
        raise StoreVersionError(
            f"The database {path} was written by a newer CoTScope (migration {max(newer)}).",
            remedy="Upgrade cotscope, or choose another database with --db.",
        )
    missing = [entry for entry in known if entry[0] not in done]
    if not missing:
        return
    if read_only:
        raise StoreError(
            f"The database {path} is empty or needs an upgrade.",
            remedy="Open it once for writing, for example with: cotscope import FILE",
        )
    if not done:
        _refuse_foreign(connection, path)
    for number, name, sql in missing:
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migration "
                "(number INTEGER PRIMARY KEY, name VARCHAR NOT NULL)"
            )
            connection.execute(sql)
            connection.execute("INSERT INTO schema_migration VALUES (?, ?)", [number, name])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def _refuse_foreign(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if tables:
        raise StoreError(
            f"{path} is a DuckDB database of something else (it has a table {tables[0][0]!r}).",
            remedy="Choose another file with --db.",
        )
