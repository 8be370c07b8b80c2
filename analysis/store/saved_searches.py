"""Searches kept in the store by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

from analysis import limits
from analysis.errors import UsageError
from analysis.store.connection import Store

Query = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search by name. ``query`` is that of its address: words, filters, order."""

    name: str
    query: dict[str, list[str]]
    created_at: datetime
    updated_at: datetime


def save_search(store: Store, name: str, query: Query, *, replace: bool = False) -> None:
    """Keep a search. Raises ``UsageError`` for a bad name, or one that is taken."""
    name, spec, now = _checked(name), urlencode(dict(query), doseq=True), _now()
    with store.transaction() as cursor:
        known = cursor.execute("SELECT 1 FROM saved_search WHERE name = ?", [name]).fetchone()
        if known and not replace:
            raise _taken(name)
        if known:
            cursor.execute(
                "UPDATE saved_search SET spec = ?, updated_at = ? WHERE name = ?", [spec, now, name]
            )
        else:
            cursor.execute("INSERT INTO saved_search VALUES (?, ?, ?, ?)", [name, spec, now, now])


def list_searches(store: Store) -> list[SavedSearch]:
    """All saved searches, by name."""
    found = store.rows(
        "SELECT name, spec, created_at, updated_at FROM saved_search ORDER BY lower(name), name"
    )
    return [SavedSearch(name, parse_qs(spec), made, changed) for name, spec, made, changed in found]


def load_search(store: Store, name: str) -> SavedSearch:
    """One by its name. Raises ``UsageError`` that names those there are."""
    saved = list_searches(store)
    for search in saved:
        if search.name == name:
            return search
    names = ", ".join(search.name for search in saved[:20]) or "none"
    raise UsageError(f"There is no saved search {name[:80]!r}.", remedy=f"Saved searches: {names}.")


def rename_search(store: Store, name: str, new: str) -> None:
    """Give a search another name. Raises ``UsageError`` if there is none, or the name is taken."""
    new = _checked(new)
    load_search(store, name)
    if new == name:
        return
    with store.transaction() as cursor:
        if cursor.execute("SELECT 1 FROM saved_search WHERE name = ?", [new]).fetchone():
            raise _taken(new)
        cursor.execute(
            "UPDATE saved_search SET name = ?, updated_at = ? WHERE name = ?", [new, _now(), name]
        )


def delete_search(store: Store, name: str) -> None:
    """Forget a search. Raises ``UsageError`` if there is none."""
    load_search(store, name)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM saved_search WHERE name = ?", [name])


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > limits.SEARCH_SAVED_NAME or not name.isprintable():
        raise UsageError(
            "A saved search needs a name.",
            remedy=f"Give 1 to {limits.SEARCH_SAVED_NAME} printable characters.",
        )
    return name


def _taken(name: str) -> UsageError:
    return UsageError(f"There is already a saved search {name!r}.", remedy="Take another name.")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
