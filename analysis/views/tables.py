"""Rows as Arrow tables with a fixed schema, empty ones too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

TEXT, NUMBER, INTEGER, BOOLEAN = pa.string(), pa.float64(), pa.int64(), pa.bool_()
TEXTS = pa.list_(pa.string())


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, pa.DataType]) -> pa.Table:
    """One column a name, in order; a missing key is null."""
    arrays = [pa.array([row.get(n) for row in rows], type=kind) for n, kind in columns.items()]
    return pa.Table.from_arrays(arrays, schema=pa.schema(list(columns.items())))
