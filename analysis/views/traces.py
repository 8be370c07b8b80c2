"""What the Traces page shows: a filtered, sorted, paged list."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from analysis import limits
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.where import order, where


@dataclass(frozen=True, slots=True)
class TracePage:
    """Rows ``offset`` .. of ``total``."""

    rows: pa.Table
    total: int
    offset: int
    page_size: int

    @property
    def pages(self) -> int:
        """How many pages there are; at least 1."""
        return max(1, -(-self.total // self.page_size))


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a trace stands in a list; ``position`` is 1-based, None when the filter excludes it."""

    position: int | None
    total: int
    previous: str | None
    next: str | None


def choices(store: Store) -> dict[str, list[tuple[str, int]]]:
    """What each filter can be set to: field -> [(value, number of traces)], commonest first."""
    found: dict[str, list[tuple[str, int]]] = {
        "dataset": [],
        "model": [],
        "effort": [],
        "label": [],
    }
    for row in store.query("choices").to_pylist():
        found[row["field"]].append((row["value"], row["n"]))
    return found


def require_known(store: Store, filters: Filters) -> None:
    """Raise ``UsageError`` for a data set, model, effort or label that the store does not have.

    For scripts: a name that is mistyped would otherwise give an empty file and no error.
    """
    known = choices(store)
    for name, options in known.items():
        values = [value for value, _ in options]
        for wanted in getattr(filters, name):
            if wanted not in values:
                raise UsageError(
                    f"No trace has the {name} {wanted!r}.",
                    remedy=f"There are: {', '.join(values[:20]) or 'none'}.",
                )


def count(store: Store, filters: Filters) -> int:
    """How many traces pass the filter."""
    condition, values = where(filters)
    return int(store.scalar(f"SELECT count(*) FROM trace t WHERE {condition}", values))  # noqa: S608


def trace_page(
    store: Store, filters: Filters, *, page: int = 1, page_size: int = limits.PAGE_ROWS
) -> TracePage:
    """One page of the list (1-based; out of range is clamped)."""
    total = count(store, filters)
    last = max(1, -(-total // page_size))
    offset = (min(max(1, page), last) - 1) * page_size
    condition, values = where(filters)
    rows = store.query(
        "trace_list",
        {**values, "limit": page_size, "offset": offset},
        where=condition,
        order=order(filters),
        sort_metrics=load_query("sort_metrics"),
    )
    return TracePage(rows, total, offset, page_size)


def trace_rows(store: Store, filters: Filters) -> pa.Table:
    """The rows of all pages."""
    return trace_page(store, filters, page_size=10**9).rows


def neighbours(store: Store, filters: Filters, trace_id: str) -> Neighbours:
    """The traces before and after this one in the filtered list."""
    condition, values = where(filters)
    found = store.query(
        "trace_ids",
        {**values, "trace_id": trace_id},
        where=condition,
        order=order(filters),
        sort_metrics=load_query("sort_metrics"),
    ).to_pylist()
    if not found:
        return Neighbours(None, count(store, filters), None, None)
    return Neighbours(**found[0])


def find_trace(
    store: Store, *, trace_id: str | None = None, external_id: str | None = None
) -> str | None:
    """The trace_id of a link: by itself, else by the record's own id (the first in file order)."""
    if trace_id:
        found = store.scalar("SELECT trace_id FROM trace WHERE trace_id = $id", {"id": trace_id})
        if found:
            return str(found)
    if external_id:
        found = store.scalar(
            "SELECT trace_id FROM trace WHERE external_id = $id"
            " ORDER BY dataset, file_id, record_index, part_index LIMIT 1",
            {"id": external_id},
        )
        if found:
            return str(found)
    return None
