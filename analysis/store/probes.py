"""Probes that were asked of stored traces: which traces there are, and where the answers go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from analysis.analyzers.worker import SENTENCES
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.packing import pack
from analysis.store.rows import table
from analysis.store.where import where

FETCH_TRACES = 512
_SCHEMA = pa.schema([("trace_id", pa.string()), ("packed", pa.binary())])


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """A trace of a filter, without its texts."""

    trace_id: str
    model: str | None
    recorded: bool
    """Whether it has probes already."""
    readable: bool
    """Whether it has a question and reasoning of its own words."""


def probe_targets(store: Store, filters: Filters) -> Iterator[ProbeTarget]:
    """The traces that pass a filter, by trace_id; pages by key, so that results can be written."""
    condition, values = where(filters)
    after = ""
    while True:
        page = store.rows(
            "WITH page AS (SELECT t.trace_id FROM trace t WHERE t.trace_id > $after"  # noqa: S608
            f" AND ({condition}) ORDER BY t.trace_id LIMIT $page)"
            " SELECT t.trace_id, t.model, t.probes_packed IS NOT NULL,"
            " t.reasoning_kind = 'visible' AND t.reasoning_chars > 0"
            " AND t.question_preview IS NOT NULL FROM trace_row t JOIN page USING (trace_id)"
            " ORDER BY t.trace_id",
            {**values, "after": after, "page": FETCH_TRACES},
        )
        for row in page:
            yield ProbeTarget(*row)
        if len(page) < FETCH_TRACES:
            return
        after = page[-1][0]


def save_probes(store: Store, found: Mapping[str, str]) -> None:
    """Set the probes (JSON text) of traces, in one transaction.

    What analyzers found on them is out of date, their sentences are not: they see the traces again.
    """
    rows = [{"trace_id": key, "packed": pack(text)} for key, text in found.items()]
    with store.transaction() as cursor:
        cursor.register("incoming", table(rows, _SCHEMA))
        try:
            cursor.execute(
                "UPDATE trace_row SET probes_packed = i.packed FROM incoming i"
                " WHERE trace_row.trace_id = i.trace_id"
            )
            cursor.execute(
                "DELETE FROM analysis WHERE analyzer <> $own"
                " AND trace_id IN (SELECT trace_id FROM incoming)",
                {"own": SENTENCES},
            )
        finally:
            cursor.unregister("incoming")
