"""What the Verdicts page shows: answers that nothing could decide, and stated against computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.where import order, where

KINDS: dict[str, str] = {
    "undecided": "No record states a verdict, and the verifier could not decide.",
    "disagreement": "The record states a verdict, and the verifier comes to the other.",
    "stated only": "The record states a verdict, and the verifier could not decide.",
    "settled": "A person has decided.",
    "agreed": "The verifier's verdict counts, or is the one that the record states.",
}
"""Where a verdict stands: name in the URL -> what it means."""
LISTED = ("undecided", "disagreement", "stated only", "settled")
"""The kinds that a person can do something about."""


def counts(store: Store, filters: Filters) -> dict[str, int]:
    """How many traces there are of each kind; all kinds are there."""
    table = _query(store, filters, "SELECT kind, count(*) AS n FROM kinds GROUP BY kind")
    found: Mapping[str, int] = {row["kind"]: row["n"] for row in table.to_pylist()}
    return {kind: found.get(kind, 0) for kind in KINDS}


def reasons(store: Store, filters: Filters, kind: str) -> list[tuple[str, int]]:
    """The reasons of the verdicts of a kind, commonest first."""
    sql = (
        "SELECT reason, count(*) AS n FROM kinds WHERE kind = $kind GROUP BY reason"
        " ORDER BY n DESC, reason LIMIT 50"
    )
    rows = _query(store, filters, sql, kind=kind).to_pylist()
    return [(row["reason"], row["n"]) for row in rows]


def rows(
    store: Store,
    filters: Filters,
    kind: str,
    *,
    reason: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> pa.Table:
    """Verdicts of a kind in file order; ``reason`` narrows them."""
    sql = (
        "SELECT * EXCLUDE (place) FROM kinds WHERE kind = $kind"
        " AND ($reason IS NULL OR reason = $reason) ORDER BY place LIMIT $limit OFFSET $offset"
    )
    values = {"kind": kind, "reason": reason, "limit": limit if limit is not None else 10**12}
    return _query(store, filters, sql, **values, offset=offset)


def count(store: Store, filters: Filters, kind: str, *, reason: str | None = None) -> int:
    """How many ``rows`` there are."""
    sql = "SELECT count(*) AS n FROM kinds WHERE kind = $kind AND ($reason IS NULL OR reason = $reason)"
    return int(_query(store, filters, sql, kind=kind, reason=reason).column("n")[0].as_py())


def table(store: Store, filters: Filters) -> pa.Table:
    """Every judged trace with its verdicts, for download."""
    return _query(store, filters, "SELECT * EXCLUDE (place) FROM kinds ORDER BY place")


def _query(store: Store, filters: Filters, select: str, **values: Any) -> pa.Table:
    condition, bound = where(filters)
    in_order = order(replace(filters, sort="file order", descending=False))
    return store.query(
        "verdicts_list", {**bound, **values}, where=condition, order=in_order, select=select
    )
