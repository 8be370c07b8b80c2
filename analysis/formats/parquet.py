"""Parquet: one record a row, read in small batches; what JSON has no type for becomes text.

Dates, times and decimals are text as Arrow writes them; bytes are text where they are UTF-8, else
``base64:`` and their base64. NaN, the missing number of data frames, is null.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from analysis.errors import DamagedFileError
from analysis.formats import jsonvalue
from analysis.formats.arrowvalues import Columns
from analysis.formats.cells import cell_value
from analysis.formats.parquetsize import Sizes
from analysis.formats.records import Opener, Record, Start, refused
from analysis.formats.streams import CHUNK_BYTES
from analysis.model import Rejected, Warning_

MAGIC = b"PAR1"
_AGAIN = "Fetch or make the file again; what was read before the damage is in."


def read_parquet(opener: Opener, start: Start) -> Iterator[Record]:
    """The rows of a Parquet file as objects, from ``start`` on.

    Raises ``DamagedFileError`` where it cannot be read (on), ``InputTooLargeError`` for one that
    would unpack to more than the limits allow.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with ExitStack() as stack:
        source, size = _seekable(opener, stack)
        try:
            sizes = Sizes(source, size)
            file = stack.enter_context(
                pq.ParquetFile(
                    source,
                    buffer_size=CHUNK_BYTES,
                    pre_buffer=False,
                    page_checksum_verification=True,
                )
            )
            sizes.require_reasonable(file)
            yield from _rows(file, sizes, size, start)
        except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
            detail = str(error).split("\n", 1)[0][:300].rstrip(".")
            raise DamagedFileError(
                f"This Parquet file is damaged or cut off: {detail}.", remedy=_AGAIN
            ) from error


def _seekable(opener: Opener, stack: ExitStack) -> tuple[Any, int]:
    """The file to read and its size: itself, or a temporary copy of what is packed."""
    stream = stack.enter_context(opener())
    if isinstance(stream.raw, io.FileIO):
        return stream, stream.seek(0, io.SEEK_END)
    copy = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - the stack closes it
    shutil.copyfileobj(stream, copy, CHUNK_BYTES)
    return copy, copy.tell()


def _rows(file: Any, sizes: Sizes, size: int, start: Start) -> Iterator[Record]:
    total = sizes.rows
    if total == 0:
        return
    row = -(-start.byte * total // size)  # as the bytes are shared out evenly
    index, before = start.index, 0
    columns = Columns(file.schema_arrow)
    for group, stated in enumerate(sizes.groups):
        before, at = before + stated.rows, before
        if before > row:
            for batch in file.iter_batches(
                batch_size=sizes.batch_rows(group), row_groups=[group], use_threads=False
            ):
                skipped = max(row - at, 0)
                at += batch.num_rows
                if skipped >= batch.num_rows:
                    continue
                for value, why, notes in columns.objects(batch.slice(skipped)):
                    place = Record(index, None, size * row // total, size * (row + 1) // total)
                    if row < before:
                        yield _record(value, why, notes, place)
                    index, row = index + 1, row + 1
            if row != before:
                raise ValueError(f"row group {group} holds another number of rows than it states")


def _record(
    value: dict[str, Any], why: Rejected | None, notes: tuple[Warning_, ...], place: Record
) -> Record:
    if why is not None:
        return refused(place, why, b"")
    for name, cell in value.items():
        if type(cell) is str and cell[:1] in ("{", "["):
            value[name], more = cell_value(name, cell)
            notes += more
    if not jsonvalue.fits(value):
        return refused(place, jsonvalue.too_deep(), b"")
    place.value, place.warnings = value, notes
    return place
