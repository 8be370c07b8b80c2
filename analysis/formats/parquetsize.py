"""How much a Parquet file unpacks to, before it is unpacked.

Its footer says how large its pages are, but not how often they repeat a value: one text of a
megabyte in a dictionary and a million references to it are a megabyte by the footer. Columns in
which that could hide a bomb are measured first, a few rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from analysis import limits
from analysis.errors import InputTooLargeError
from analysis.formats.parquetfooter import Chunk, RowGroup, page_bytes, read_footer
from analysis.formats.streams import require_size

_NAME = "The Parquet file"
_NUMBER_BYTES = 4
_BATCH_BYTES = 16 * 1024 * 1024
_MAX_ROWS = 256
_HEADER_BYTES = 64


class Sizes:
    """What a Parquet file holds by its footer and the headers of its dictionaries."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        """``source`` is the file, ``size`` its bytes. ``ValueError`` if it is damaged."""
        self._source, self._size = source, size
        self.groups: tuple[RowGroup, ...] = read_footer(source)
        self.rows = sum(group.rows for group in self.groups)
        self._repeated: list[dict[str, int]] = [
            {c.path: self._largest_repeated(c) for c in group.chunks if c.texts}
            for group in self.groups
        ]
        """For each row group, of each column of texts: no value that is repeated is longer."""

    def require_reasonable(self, file: Any) -> None:
        """Raise ``InputTooLargeError`` if ``file`` (the same, opened) unpacks to too much."""
        if self.rows > self._size:
            raise InputTooLargeError(
                f"{_NAME} says that it has {self.rows:,} rows in {self._size:,} bytes.",
                remedy="Write it again as JSONL and import that if you trust it.",
            )
        chunks = [chunk for group in self.groups for chunk in group.chunks]
        stated = sum(max(c.unpacked_bytes, c.values * _NUMBER_BYTES) for c in chunks)
        require_size(stated, self._size, _NAME)
        worst: dict[str, int] = {}
        for group, repeated in zip(self.groups, self._repeated, strict=True):
            for chunk in group.chunks:
                most = repeated.get(chunk.path, 0) * chunk.values
                worst[chunk.path] = worst.get(chunk.path, 0) + most
        allowed = max(limits.RATIO_CHECK_BYTES, limits.MAX_UNPACK_RATIO * self._size)
        allowed = min(allowed, limits.MAX_UNPACKED_BYTES) - stated
        measured = stated
        for path in sorted(worst, key=lambda name: worst[name]):
            if worst[path] <= allowed:
                allowed -= worst[path]
                continue
            for length in self._lengths(file, path):
                measured += length
                require_size(measured, self._size, _NAME)

    def batch_rows(self, group: int) -> int:
        """How many rows of a row group to hold at once."""
        stated = self.groups[group]
        mean = stated.unpacked_bytes // max(stated.rows, 1)
        return _rows_of(mean + sum(self._repeated[group].values()))

    def _largest_repeated(self, chunk: Chunk) -> int:
        """No value of a column chunk that is written once and used often has more bytes."""
        if chunk.prefixed:
            return chunk.unpacked_bytes  # values that share their beginning
        if chunk.dictionary_at is None:
            return 0
        if not 0 <= chunk.dictionary_at < self._size:
            raise ValueError("its footer points outside the file")
        self._source.seek(chunk.dictionary_at)
        return page_bytes(self._source.read(_HEADER_BYTES))

    def _lengths(self, file: Any, path: str) -> Iterator[int]:
        """The bytes of a column of texts, batch by batch."""
        for group, repeated in enumerate(self._repeated):
            for batch in file.iter_batches(
                batch_size=_rows_of(repeated.get(path, 0)),
                row_groups=[group],
                columns=[path],
                use_threads=False,
            ):
                yield batch.nbytes


def _rows_of(row_bytes: int) -> int:
    return min(max(_BATCH_BYTES // max(row_bytes, 1), 1), _MAX_ROWS)
