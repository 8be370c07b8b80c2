"""`cotscope sql`: one read-only statement of a person, in a child process that can do no harm.

A locked DuckDB stops files, network and extensions, but not a statement that eats memory or time,
so the child also has hard limits of the operating system. It opens the database read-only.
"""

from __future__ import annotations

import multiprocessing
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pyarrow as pa

from analysis import limits
from analysis.errors import CotscopeError, QueryError
from analysis.store.connection import open_store

_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@dataclass(frozen=True, slots=True)
class SqlResult:
    """Rows of a statement; ``cut`` when there were more than ``limits.SQL_MAX_ROWS``."""

    columns: list[str]
    rows: list[tuple[object, ...]]
    cut: bool


def run_sql(path: Path, statement: str) -> SqlResult:
    """Run one SELECT-like statement.

    Raises ``QueryError`` for a statement that is refused, fails or needs too much, and the store's
    own errors for a database that cannot be opened.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_child, args=(sender, str(path), statement), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(limits.SQL_WALL_SECONDS):
            raise QueryError(
                f"The statement ran longer than {limits.SQL_WALL_SECONDS} s and was stopped.",
                remedy="Narrow it, or export a table (cotscope export) and work on the file.",
            )
        answer = receiver.recv_bytes()
    except EOFError:
        raise QueryError(
            "The statement needed too much memory or time and was stopped.",
            remedy="Narrow it, or export a table (cotscope export) and work on the file.",
        ) from None
    finally:
        child.kill()
        child.join()
        receiver.close()
    return _decode(answer)


def _decode(answer: bytes) -> SqlResult:
    table = pa.ipc.open_stream(answer).read_all()
    notes = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
    if "error" in notes:
        raise _error(notes)
    names = table.column_names
    columns = [column.to_pylist() for column in table.columns]
    rows = list(zip(*columns, strict=True)) if columns else []
    return SqlResult(names, rows, notes.get("cut") == "1")


def _error(notes: dict[str, str]) -> CotscopeError:
    if notes.get("kind") == "store":
        from analysis.errors import StoreError

        error: CotscopeError = StoreError(notes["error"], remedy=notes.get("remedy", ""))
        error.code = notes.get("code", error.code)
        return error
    return QueryError(notes["error"], remedy=notes.get("remedy", ""))


def _child(sender: Connection, path: str, statement: str) -> None:
    """Runs in the child: limits first, then the statement; the answer is an Arrow stream."""
    _limit_resources()
    try:
        table = _execute(path, statement)
    except QueryError as error:
        table = _note(error=error.message, remedy=error.remedy)
    except CotscopeError as error:
        table = _note(error=error.message, remedy=error.remedy, kind="store", code=error.code)
    except (duckdb.Error, MemoryError, ValueError) as error:
        table = _note(error=f"{type(error).__name__}: {error}")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sender.send_bytes(sink.getvalue().to_pybytes())
    sender.close()


def _execute(path: str, statement: str) -> pa.Table:
    with open_store(path, read_only=True) as store, store.cursor() as cursor:
        statements = cursor.extract_statements(statement)
        if len(statements) != 1:
            raise QueryError("Give exactly one statement.", remedy="Remove the other statements.")
        # Typed SELECT is not enough (a CTE may delete), hence the read-only transaction as well.
        if statements[0].type not in _READING:
            raise QueryError("The statement does not read rows.", remedy="Use SELECT.")
        cursor.execute("BEGIN TRANSACTION READ ONLY")
        relation = cursor.sql(statement)
        if relation is None:
            raise QueryError("The statement returns no rows.", remedy="Use SELECT.")
        table = relation.limit(limits.SQL_MAX_ROWS + 1).to_arrow_table()
    cut = table.num_rows > limits.SQL_MAX_ROWS
    return table.slice(0, limits.SQL_MAX_ROWS).replace_schema_metadata({"cut": "1" if cut else "0"})


def _note(**notes: str) -> pa.Table:
    return pa.table({}).replace_schema_metadata(notes)


def _limit_resources() -> None:
    if sys.platform == "win32":  # pragma: no cover - the wall-clock limit holds there too
        return
    import resource

    address_space = _address_space() + limits.SQL_MEMORY_BYTES
    for which, value in (
        (resource.RLIMIT_AS, address_space),
        (resource.RLIMIT_CPU, limits.SQL_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, hard = resource.getrlimit(which)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (bound, hard))


def _address_space() -> int:
    """What this process has mapped already (libraries), in bytes; 0 where it cannot be known."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 0
    import resource

    return pages * resource.getpagesize()
