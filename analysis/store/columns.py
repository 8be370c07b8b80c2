"""Python values as Arrow columns, without ``pyarrow.array``: its first call imports pandas.

That import costs more than a second of a command that takes two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

_NUMPY: dict[pa.DataType, Any] = {
    pa.int32(): np.int32,
    pa.int64(): np.int64,
    pa.float64(): np.float64,
    pa.timestamp("us"): "datetime64[us]",
}


def column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Values (None is NULL) as a column of text, bytes, booleans, numbers or moments.

    Raises ``OverflowError``, ``TypeError`` or ``ValueError`` for a value that is none of this kind.
    """
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        builder = pa.lib.StringBuilder()
        builder.append_values(values)
        return builder.finish().view(kind)
    there = np.fromiter((v is not None for v in values), np.bool_, len(values))
    filled = [0 if v is None else v for v in values]
    if pa.types.is_boolean(kind):
        data = bits(np.fromiter((bool(v) for v in filled), np.bool_, len(values)))
    else:
        data = pa.py_buffer(np.array(filled, dtype=_NUMPY[kind]))
    valid = None if there.all() else bits(there)
    return pa.Array.from_buffers(kind, len(values), [valid, data])


def bits(flags: np.ndarray[Any, np.dtype[np.bool_]]) -> pa.Buffer:
    """Booleans as Arrow packs them."""
    return pa.py_buffer(np.packbits(flags, bitorder="little"))
