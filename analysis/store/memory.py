"""How much memory an import needs: little, but for the index over the ids of all traces."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from analysis import limits
from analysis.store.paths import PACKED_SUFFIXES

_INDEX_BYTES = 70
"""Of a trace in DuckDB's index, which stays in memory as a whole (measured)."""
_SAMPLES = 4
"""Traces that one line may hold: more only costs a rerun, which then has more memory."""
_DATABASE_SHARE = 4
"""The index is at most this part of a database of short records."""
_UNPACKED = 10
_HEAD_BYTES = 1 << 20
_MOST = 2 * 1024**3


def import_memory(files: Iterable[Path], database: Path) -> int:
    """Bytes that DuckDB may hold while it imports these files into this database."""
    index = _size(database) // _DATABASE_SHARE
    index += sum(_lines(file) * _SAMPLES * _INDEX_BYTES for file in files)
    return min(_MOST, limits.IMPORT_MEMORY_BYTES + index)


def _lines(file: Path) -> int:
    """About how many lines a file has, from those at its beginning."""
    size = _size(file)
    if file.name.lower().endswith((*PACKED_SUFFIXES, ".zip", ".parquet", ".eval")):
        return size * _UNPACKED // 1000
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except OSError:
        return 0  # told when it is imported
    return size * (head.count(b"\n") + 1) // max(len(head), 1)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
