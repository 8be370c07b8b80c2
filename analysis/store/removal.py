"""Taking files out of the store again, with all that was derived from them, in one transaction.

What a person wrote (annotations, verdicts) stays: trace ids are made of the file's content, so it
is there again when the same file is imported again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from analysis.errors import UsageError
from analysis.store.connection import Store

BY_TRACE = ("sentence", "finding", "metric", "analysis", "verdict")
"""Tables of what was computed for a trace, by its trace_id."""
_PERSONS = {"verdict": " AND source <> 'person'"}
"""Tables that also hold what a person wrote: which rows go."""
BY_FILE = ("trace", "trace_row", "quarantine", "warning", "file")
"""Tables of what an import wrote, by its file_id."""
_ID_CHARS = 8


@dataclass(frozen=True, slots=True)
class Removal:
    """Files that are to be removed, or were."""

    file_ids: tuple[str, ...]
    names: tuple[str, ...]
    n_traces: int
    n_quarantined: int
    n_annotations: int
    """Annotations and verdicts of persons on these traces; they are kept."""


def plan_removal(store: Store, *, files: Sequence[str] = (), dataset: str | None = None) -> Removal:
    """What removing these files would take: files by name or (beginning of an) id, or a data set.

    Raises ``UsageError`` for an unknown or ambiguous file, and for a data set that shares a file
    with another: a file goes as a whole or not at all.
    """
    ids = [_file_id(store, name) for name in files]
    if dataset is not None:
        ids += _of_dataset(store, dataset)
    chosen = list(dict.fromkeys(ids))
    names = store.rows(
        "SELECT name FROM file WHERE list_contains($ids, file_id) ORDER BY name", {"ids": chosen}
    )
    counts = store.rows(
        "SELECT (SELECT count(*) FROM trace WHERE list_contains($ids, file_id)),"
        " (SELECT count(*) FROM quarantine WHERE list_contains($ids, file_id)),"
        " (SELECT count(*) FROM (SELECT trace_id FROM annotation UNION ALL"
        "   SELECT trace_id FROM verdict WHERE source = 'person') WHERE trace_id IN"
        "  (SELECT trace_id FROM trace WHERE list_contains($ids, file_id)))",
        {"ids": chosen},
    )[0]
    return Removal(tuple(chosen), tuple(row[0] for row in names), *counts)


def remove(store: Store, removal: Removal) -> None:
    """Remove the files of a plan: their traces, results, warnings and quarantined lines."""
    ids = list(removal.file_ids)
    with store.transaction() as cursor:
        tables = _tables(cursor)
        for table in BY_TRACE:
            # Names of tables are constants of this file.
            cursor.execute(
                f"DELETE FROM {table} WHERE trace_id IN"  # noqa: S608
                " (SELECT trace_id FROM trace WHERE list_contains($ids, file_id))"
                f"{_PERSONS.get(table, '')}",
                {"ids": ids},
            )
        # The verifier's verdicts go; a person's stay, like annotations.
        cursor.execute(
            "DELETE FROM verdict WHERE source = 'verifier' AND trace_id IN"
            " (SELECT trace_id FROM trace WHERE list_contains($ids, file_id))",
            {"ids": ids},
        )
        for table in BY_FILE:
            if table in tables:
                cursor.execute(
                    f"DELETE FROM {table} WHERE list_contains($ids, file_id)",  # noqa: S608
                    {"ids": ids},
                )


def _tables(cursor: duckdb.DuckDBPyConnection) -> set[str]:
    """Tables of the store; 'trace' is a view in newer ones."""
    return {row[0] for row in cursor.execute("SELECT table_name FROM duckdb_tables()").fetchall()}


def _file_id(store: Store, name: str) -> str:
    prefix = name if len(name) >= _ID_CHARS else "\x00"
    found = store.rows(
        "SELECT file_id, name, n_traces FROM file"
        " WHERE name = $name OR starts_with(file_id, $prefix) ORDER BY imported_at",
        {"name": name, "prefix": prefix},
    )
    if not found:
        known = [row[0] for row in store.rows("SELECT name FROM file ORDER BY name LIMIT 20")]
        raise UsageError(
            f"There is no file {name[:200]!r}.", remedy=f"There are: {', '.join(known) or 'none'}."
        )
    if len(found) > 1:
        ids = ", ".join(f"{file_id[:12]} ({n:,} traces)" for file_id, _, n in found)
        raise UsageError(
            f"{len(found)} files are called {name[:200]!r}.", remedy=f"Name one by its id: {ids}."
        )
    return str(found[0][0])


def _of_dataset(store: Store, dataset: str) -> list[str]:
    found = store.rows(
        "SELECT t.file_id, f.name, list(DISTINCT t.dataset ORDER BY t.dataset)"
        " FROM trace t JOIN file f USING (file_id) WHERE t.file_id IN"
        " (SELECT file_id FROM trace WHERE dataset = $dataset)"
        " GROUP BY t.file_id, f.name ORDER BY f.name",
        {"dataset": dataset},
    )
    if not found:
        raise UsageError(
            f"No trace has the data set {dataset[:200]!r}.", remedy="See: cotscope doctor."
        )
    for _, name, datasets in found:
        if len(datasets) > 1:
            raise UsageError(
                f"The file {name} also holds other data sets ({', '.join(datasets[:5])}).",
                remedy="Remove the whole file with --file, or keep it.",
            )
    return [str(row[0]) for row in found]
