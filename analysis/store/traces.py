"""One trace, whole, as fast as its few kilobytes allow."""

from __future__ import annotations

from typing import Any

from analysis.store.connection import Store
from analysis.store.packing import PACKED_COLUMNS, unpack, unpack_response
from analysis.store.rows import TRACE_SCHEMA

_RAW = "raw_response"


def one_trace(store: Store, trace_id: str) -> dict[str, Any] | None:
    """The columns of view ``trace`` for one trace, or None when there is no such trace.

    The same as ``SELECT * FROM trace WHERE trace_id = ...`` without a call of a function by SQL for
    every text; ``probes`` and ``metadata`` are JSON texts.
    """
    with store.cursor() as cursor:
        # Naming fifty columns would cost more than reading them.
        cursor.execute("SELECT * FROM trace_row WHERE trace_id = $id", {"id": trace_id})
        names = [column[0] for column in cursor.description or ()]
        found = cursor.fetchall()
    if not found:
        return None
    stored = dict(zip(names, found[0], strict=True))
    packed = {name: stored.pop(f"{name}_packed") for name in PACKED_COLUMNS}
    texts: dict[str, Any] = {name: unpack(packed[name]) for name in PACKED_COLUMNS if name != _RAW}
    texts[_RAW] = unpack_response(packed[_RAW], packed["reasoning"], packed["answer"])
    row = stored | texts
    return {name: row[name] for name in TRACE_SCHEMA.names}
