"""Opening the database: locked down, migrated, with faults told in our words.

One process holds the file for writing. Inside a process every thread takes its own cursor
(``Store.cursor``): DuckDB refuses two threads on one connection.
"""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from analysis import limits
from analysis.errors import (
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    UsageError,
)
from analysis.store.migrate import migrate
from analysis.store.packing import register
from analysis.store.queries import load_query

DEFAULT_NAME = "cotscope.duckdb"

LOCKED_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": limits.STORE_MEMORY,
    "threads": limits.STORE_THREADS,
    "max_temp_directory_size": limits.STORE_TEMP_SIZE,
    "max_execution_time": limits.STORE_QUERY_SECONDS * 1000,
    "checkpoint_threshold": limits.CHECKPOINT_BYTES,
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "enable_external_access": False,
    "lock_configuration": True,
}
"""Given when connecting, so that they hold for every cursor (a SET would hold for one connection).
With external access off, DuckDB opens no file, network address, extension or secret of its own;
with replacements off, SQL cannot read Python variables."""


def default_path() -> Path:
    """``$COTSCOPE_DB``, else ``cotscope.duckdb`` in the working folder."""
    return Path(os.environ.get("COTSCOPE_DB") or DEFAULT_NAME)


def open_store(
    path: str | Path | None = None,
    *,
    read_only: bool = False,
    must_exist: bool = False,
    memory: int | None = None,
) -> Store:
    """Open (and, when writable, create and migrate) a database.

    ``memory`` is what DuckDB may hold, in bytes, where less than ``limits.STORE_MEMORY`` will do.
    Raises ``StoreLockedError`` when another process holds it, ``StoreCorruptError`` when the file
    is damaged or no DuckDB file, ``StoreVersionError`` when a newer CoTScope wrote it.
    """
    where = Path(path) if path is not None else default_path()
    if (read_only or must_exist) and str(where) != ":memory:" and not where.exists():
        raise StoreError(
            f"There is no database at {where}.",
            remedy="Import traces first (cotscope import FILE), or name another with --db.",
        )
    if str(where) != ":memory:" and not where.resolve().parent.is_dir():
        raise StoreError(f"The folder of {where} does not exist.", remedy="Create it first.")
    with translated(where):
        return Store(_connect(where, read_only, memory), where, read_only=read_only, memory=memory)


def _connect(where: Path, read_only: bool, memory: int | None) -> duckdb.DuckDBPyConnection:
    """A connection that is locked down, has our functions and is migrated."""
    settings = (
        LOCKED_SETTINGS if memory is None else LOCKED_SETTINGS | {"memory_limit": f"{memory}B"}
    )
    try:
        connection = duckdb.connect(str(where), read_only=read_only, config=settings)
    except duckdb.PermissionException as error:
        # For a file of SQLite, say, DuckDB asks for an extension, which it may not load.
        raise StoreCorruptError(
            f"{where} is no CoTScope database.", remedy="Choose another file with --db."
        ) from error
    try:
        register(connection)
        migrate(connection, where, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


_open_stores: weakref.WeakSet[Store] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """At the end of the process: DuckDB holds functions of ours, which must not outlive Python."""
    for store in list(_open_stores):
        store.close()


class Store:
    """One open database. Thread-safe: each call takes a cursor of its own."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        path: Path,
        *,
        read_only: bool,
        memory: int | None = None,
    ) -> None:
        self._connection = connection
        self._memory = memory
        self.path = path
        self.read_only = read_only
        self._write_lock = threading.RLock()
        self._reopening = threading.Lock()
        self._invalid = False
        _open_stores.add(self)

    def close(self) -> None:
        """Close the database. Open cursors become unusable."""
        _open_stores.discard(self)
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for this thread; faults come out as ``StoreError``."""
        with translated(self.path):
            cursor = self._live().cursor()
            try:
                yield cursor
            except duckdb.FatalException:
                self._invalid = True
                raise
            finally:
                cursor.close()

    def _live(self) -> duckdb.DuckDBPyConnection:
        """The connection; a new one after a fault (a full disk, say) that ended the last."""
        if self._invalid:
            with self._reopening:
                if self._invalid:
                    self._connection.close()
                    self._connection = _connect(self.path, self.read_only, self._memory)
                    self._invalid = False
        return self._connection

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """One writing transaction at a time in this process; rolled back on any exception."""
        with self._write_lock, self.cursor() as cursor:
            cursor.execute("BEGIN TRANSACTION")
            try:
                yield cursor
            except BaseException:
                _rollback(cursor)
                raise
            cursor.execute("COMMIT")

    def arrow(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a statement of ours and return its rows. Values are bound, never pasted."""
        with self.cursor() as cursor:
            relation = cursor.sql(sql, params=dict(parameters or {}))
            return relation.to_arrow_table()

    def query(
        self, name: str, parameters: Mapping[str, Any] | None = None, **parts: str
    ) -> pa.Table:
        """Run ``store/queries/NAME.sql``; ``parts`` fill its ``{{...}}`` with SQL of ours."""
        return self.arrow(load_query(name, **parts), parameters)

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Like ``arrow``, as tuples."""
        with self.cursor() as cursor:
            return cursor.execute(sql, dict(parameters or {})).fetchall()

    def scalar(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first value of the first row, or None."""
        rows = self.rows(sql, parameters)
        return rows[0][0] if rows else None


def insert_arrow(cursor: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    """Append an Arrow table whose columns are a subset of the table's, by name."""
    if rows.num_rows == 0:
        return
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    cursor.register("incoming", rows)
    try:
        # Both names come from this package, never from data.
        cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608
    finally:
        cursor.unregister("incoming")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn DuckDB's exceptions into ours, with what to do."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise _translate(error, path) from error


def _translate(error: Exception, path: Path) -> Exception:
    text = str(error)
    low = text.lower()
    if "no space left" in low or "disk quota" in low or "file too large" in low:
        return StoreFullError(
            f"The disk that holds {path} is full.",
            remedy="What was committed is safe. Free some space and run the same command again.",
        )
    if "could not allocate" in low and isinstance(error, duckdb.TransactionException):
        return StoreError(
            f"The database {path} needs more memory than it may have ({text.splitlines()[0]}).",
            remedy="What was committed is safe; the same command goes on from there.",
        )
    if isinstance(error, duckdb.IOException) and ("lock" in low or "being used" in low):
        return StoreLockedError(
            f"The database {path} is in use by another process ({_holder(text)}).",
            remedy="Close that app or command first, or choose another database with --db.",
        )
    if (
        "not a valid duckdb" in low
        or "corrupt" in low
        or "checksum" in low
        or "serialization" in low
    ):
        return StoreCorruptError(
            f"The database {path} is damaged or no CoTScope database ({text.splitlines()[0]}).",
            remedy="Run: cotscope doctor --db FILE",
        )
    if isinstance(error, duckdb.FatalException):
        return StoreError(
            f"The database {path} had to be closed ({text.splitlines()[0]}).",
            remedy="Open it again; what was committed is safe.",
        )
    if isinstance(error, duckdb.InterruptException):
        return UsageError(
            f"A query ran longer than {limits.STORE_QUERY_SECONDS} s and was stopped.",
            remedy="Narrow the filter.",
        )
    if isinstance(error, (duckdb.IOException, OSError)):
        return StoreError(
            f"The database {path} cannot be opened or written ({text.splitlines()[0]})."
        )
    return error


def _holder(text: str) -> str:
    start = text.find("PID")
    return text[start:].split(")")[0].split(".")[0].strip() if start >= 0 else "unknown process"


def _rollback(cursor: duckdb.DuckDBPyConnection) -> None:
    try:
        cursor.execute("ROLLBACK")
    except duckdb.Error:
        # A failed WAL write has rolled back by itself, and a fatal error has closed the database:
        # the first exception, which is on its way, says so.
        return
