"""The footer of a Parquet file, read here: pyarrow's own view of a corrupt one ends the process.

(``RowGroupMetaData.column`` throws a C++ exception that Python cannot catch.) The layout is that of
``parquet.thrift`` in Thrift's compact protocol; only what sizes need is kept.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import IO, Any

_TAIL_BYTES = 8
_MAX_FOOTER_BYTES = 64 * 1024 * 1024
_MAX_DEPTH = 16
_TRUE, _FALSE, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _LISTS, _MAP, _STRUCT = 1, 2, 3, (4, 5, 6), 7, 8, (9, 10), 11, 12  # fmt: skip
_BYTE_ARRAY = 6
_PREFIXED = 7
"""The encoding DELTA_BYTE_ARRAY."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What the footer says of one column in one row group."""

    path: str
    texts: bool
    """True if its values are byte arrays."""
    prefixed: bool
    """True if values are written as differences to the value before."""
    values: int
    unpacked_bytes: int
    dictionary_at: int | None


@dataclass(frozen=True, slots=True)
class RowGroup:
    """What the footer says of one row group."""

    rows: int
    unpacked_bytes: int
    chunks: tuple[Chunk, ...]


def read_footer(source: IO[bytes]) -> tuple[RowGroup, ...]:
    """The row groups of a Parquet file. Raises ``ValueError`` for a footer that makes no sense."""
    size = source.seek(0, io.SEEK_END)
    source.seek(max(size - _TAIL_BYTES, 0))
    tail = source.read(_TAIL_BYTES)
    if len(tail) < _TAIL_BYTES or tail[4:] != b"PAR1":
        raise ValueError("the mark at its end is missing")
    length = int.from_bytes(tail[:4], "little")
    if not 0 < length <= min(size - _TAIL_BYTES, _MAX_FOOTER_BYTES):
        raise ValueError(f"its footer cannot have {length:,} bytes")
    source.seek(size - _TAIL_BYTES - length)
    try:
        found = _Compact(source.read(length)).struct()
        return tuple(_row_group(group) for group in found[4])
    except (KeyError, TypeError, IndexError, AttributeError, struct.error) as error:
        raise ValueError("its footer is corrupt") from error


def page_bytes(header: bytes) -> int:
    """The unpacked size that the header of a page states. Raises ``ValueError`` if it does not."""
    try:
        found = _Compact(header).field(2)
    except (IndexError, struct.error) as error:
        raise ValueError("the header of a page is corrupt") from error
    if not isinstance(found, int) or found < 0:
        raise ValueError("the header of a page is corrupt")
    return found


def _row_group(group: dict[int, Any]) -> RowGroup:
    chunks = tuple(_chunk(column[3]) for column in group[1])
    rows, unpacked = group[3], sum(chunk.unpacked_bytes for chunk in chunks)
    if min(rows, unpacked, *(min(c.values, c.unpacked_bytes) for c in chunks), 0) < 0:
        raise ValueError("its footer states negative sizes")
    return RowGroup(rows, unpacked, chunks)


def _chunk(found: dict[int, Any]) -> Chunk:
    path = ".".join(name.decode("utf-8", "replace") for name in found[3])
    return Chunk(
        path=path,
        texts=found[1] == _BYTE_ARRAY,
        prefixed=_PREFIXED in found[2],
        values=found[5],
        unpacked_bytes=found[6],
        dictionary_at=found.get(11),
    )


class _Compact:
    """Values in Thrift's compact protocol; ``IndexError`` at the end, ``ValueError`` for nonsense."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """A struct by the numbers of its fields."""
        found: dict[int, Any] = {}
        number = 0
        while kind := self._byte():
            number = number + (kind >> 4) if kind >> 4 else self._zigzag()
            found[number] = self._value(kind & 0xF, depth + 1, in_struct=True)
        return found

    def field(self, wanted: int) -> Any:
        """One field of a struct, of which what follows may be missing."""
        number = 0
        while kind := self._byte():
            number = number + (kind >> 4) if kind >> 4 else self._zigzag()
            found = self._value(kind & 0xF, 1, in_struct=True)
            if number == wanted:
                return found
        return None

    def _value(self, kind: int, depth: int, *, in_struct: bool = False) -> Any:
        if depth > _MAX_DEPTH:
            raise ValueError("its footer is nested too deeply")
        if kind in (_TRUE, _FALSE):
            return kind == _TRUE if in_struct else self._byte() == _TRUE
        if kind == _BYTE:
            return self._byte()
        if kind in _INTEGERS:
            return self._zigzag()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._take(8))[0]
        if kind == _BINARY:
            return self._take(self._varint())
        if kind in _LISTS:
            return self._list(depth)
        if kind == _MAP:
            return self._map(depth)
        if kind == _STRUCT:
            return self.struct(depth)
        raise ValueError("its footer is corrupt")

    def _list(self, depth: int) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head >> 4 != 0xF else self._varint()
        self._require(size)
        return [self._value(head & 0xF, depth + 1) for _ in range(size)]

    def _map(self, depth: int) -> dict[Any, Any]:
        size = self._varint()
        self._require(size)
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4, depth + 1)
            self._value(kinds & 0xF, depth + 1)
        return {}

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        self._require(size)
        self._at += size
        return self._data[self._at - size : self._at]

    def _require(self, size: int) -> None:
        if size > len(self._data) - self._at:
            raise IndexError

    def _varint(self) -> int:
        found = shift = 0
        while shift < 64:
            byte = self._byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7
        raise ValueError("its footer is corrupt")

    def _zigzag(self) -> int:
        found = self._varint()
        return found >> 1 ^ -(found & 1)
