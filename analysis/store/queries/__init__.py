"""Named queries: one .sql file each, with ``{{part}}`` for SQL that this package builds."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def _text(name: str) -> str:
    file = resources.files("analysis.store.queries").joinpath(f"{name}.sql")
    return file.read_text(encoding="utf-8")


def load_query(name: str, **parts: str) -> str:
    """The SQL of ``NAME.sql`` with its ``{{...}}`` filled. Parts are SQL of ours, never data."""
    sql = _text(name)
    for key, part in parts.items():
        sql = sql.replace("{{" + key + "}}", part)
    return sql
