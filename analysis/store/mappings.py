"""Mappings kept in the store by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from analysis.errors import UsageError
from analysis.formats.mapping import FieldMapping
from analysis.formats.mapping_spec import check_name, read_json
from analysis.store.connection import Store


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping with when it was saved (UTC) and how many traces were read by its name."""

    mapping: FieldMapping
    created_at: datetime
    updated_at: datetime
    n_traces: int


def save_mapping(store: Store, mapping: FieldMapping) -> bool:
    """Keep a mapping under its name. True if the name is new, False if it was replaced.

    Traces that were read by an earlier version stay as they are.
    """
    check_name(mapping.name)
    now = datetime.now(UTC).replace(tzinfo=None)
    spec = orjson.dumps(mapping.to_json()).decode()
    with store.transaction() as cursor:
        known = cursor.execute("SELECT 1 FROM mapping WHERE name = ?", [mapping.name]).fetchone()
        if known:
            cursor.execute(
                "UPDATE mapping SET spec = ?, updated_at = ? WHERE name = ?",
                [spec, now, mapping.name],
            )
        else:
            cursor.execute(
                "INSERT INTO mapping (name, spec, created_at, updated_at) VALUES (?, ?, ?, ?)",
                [mapping.name, spec, now, now],
            )
    return known is None


def load_mapping(store: Store, name: str) -> FieldMapping:
    """The mapping of a name. Raises ``UsageError`` that names those there are."""
    spec = store.scalar("SELECT spec FROM mapping WHERE name = $name", {"name": name})
    if spec is None:
        names = ", ".join(mapping_names(store)) or "none"
        raise UsageError(
            f"There is no mapping {name[:60]!r}.",
            remedy=f"Saved mappings: {names}. A file is given by its path, ending in .json.",
        )
    return FieldMapping.from_json(orjson.loads(spec), name=name)


def list_mappings(store: Store) -> list[SavedMapping]:
    """All mappings, by name."""
    found = store.rows(
        "SELECT m.spec, m.name, m.created_at, m.updated_at,"
        " (SELECT count(*) FROM trace t WHERE t.format_id = 'mapping:' || m.name)"
        " FROM mapping m ORDER BY m.name"
    )
    return [
        SavedMapping(FieldMapping.from_json(orjson.loads(spec), name=name), created, updated, n)
        for spec, name, created, updated, n in found
    ]


def mapping_names(store: Store) -> list[str]:
    """The names, in order."""
    return [row[0] for row in store.rows("SELECT name FROM mapping ORDER BY name")]


def delete_mapping(store: Store, name: str) -> None:
    """Forget a mapping; traces read by it stay. Raises ``UsageError`` if there is none."""
    load_mapping(store, name)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM mapping WHERE name = ?", [name])


def read_mapping_file(path: Path, *, name: str | None = None) -> FieldMapping:
    """A mapping from a JSON file; without a name in it, the file's own name is the name.

    Raises ``UsageError`` for what is no mapping.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(1 << 20)
    except OSError as error:
        raise UsageError(
            f"The mapping {path} cannot be read: {error.strerror}.",
            remedy="Give a JSON file, or the name of a saved mapping.",
        ) from None
    spec = read_json(data, str(path))
    stated = isinstance(spec, dict) and spec.get("name") is not None
    return FieldMapping.from_json(spec, name=name if name or stated else path.stem)
