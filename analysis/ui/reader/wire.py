"""The payload on its way to the browser: JSON as UTF-8 bytes, findings by column.

Streamlit forwards bytes as they are; a dictionary it would write as JSON twice and hash, and every
character beyond ASCII would take six bytes. ``web/wire.js`` is the way back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

ROWS = ("findings",)
"""Members of the payload that are lists of dictionaries with much the same keys."""


def packed(data: Mapping[str, Any]) -> bytes:
    """What ``payload.payload`` gives, as the component is sent it."""
    return orjson.dumps({**data, **{name: columns(data[name]) for name in ROWS}})


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows as ``{"rows": how many, "columns": {name: column}}``; a missing key becomes null.

    A column is a list of numbers, or ``{"of": values, "at": places}``: a table of the different
    values, and for each row its place there (left out where there is one value only).
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return {
        "rows": len(rows),
        "columns": {name: _column([row.get(name) for row in rows]) for name in names},
    }


def _column(values: list[Any]) -> Any:
    if all(type(value) in (int, float) for value in values):
        return values
    table: dict[str | bytes | None, int] = {}
    # What cannot be a key stands for itself as JSON; a text never equals bytes.
    at = [
        table.setdefault(
            value if value is None or isinstance(value, str) else orjson.dumps(value), len(table)
        )
        for value in values
    ]
    of = [orjson.Fragment(key) if isinstance(key, bytes) else key for key in table]
    return {"of": of} if len(of) == 1 else {"of": of, "at": at}
