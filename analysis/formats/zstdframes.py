"""Whether a zstd file is whole: its library reads one that is cut off without a word.

The layout is that of RFC 8878, sections 3.1.1 and 3.1.2.
"""

from __future__ import annotations

import io
from typing import IO, Any

import zstandard

_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = 0x184D2A50
_HEADER_BYTES = 18
_RLE = 1
_RESERVED = 3
_CHECKSUM_BYTES = 4


class WholeZstd(io.RawIOBase):
    """Unpacked bytes of all frames of a file; ``EOFError`` where its last frame is cut off."""

    def __init__(self, source: IO[bytes], window: int) -> None:
        """``window``: the most memory, in bytes, that a frame may ask for."""
        self._source = source
        unpacker = zstandard.ZstdDecompressor(max_window_size=window)
        self._reader: Any = unpacker.stream_reader(source, read_across_frames=True)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; 0 at the end."""
        data = self._reader.read1(len(buffer))
        if not data and len(buffer) and not is_whole(self._source):
            raise EOFError("the packed data ends before its end mark")
        buffer[: len(data)] = data
        return len(data)


def is_whole(source: IO[bytes]) -> bool:
    """True if every zstd frame of a file has its last block; moves in the file."""
    size = source.seek(0, io.SEEK_END)
    at = 0
    while at < size:
        source.seek(at)
        head = source.read(_HEADER_BYTES)
        number = int.from_bytes(head[:4], "little")
        if number & ~0xF == _SKIPPABLE:
            at += 8 + int.from_bytes(head[4:8], "little")
            continue
        if head[:4] != _MAGIC:
            return True  # no frame: the library has said so
        try:
            at += zstandard.frame_header_size(head)
            checksum = zstandard.get_frame_parameters(head).has_checksum
        except zstandard.ZstdError:
            return False
        at = _after_blocks(source, at, size)
        at += _CHECKSUM_BYTES * checksum
    return at == size


def _after_blocks(source: IO[bytes], at: int, size: int) -> int:
    """Where the frame's last block ends; beyond ``size`` if it is not there."""
    while at < size:
        source.seek(at)
        head = source.read(3)
        header = int.from_bytes(head, "little")
        kind = header >> 1 & 3
        if len(head) < 3 or kind == _RESERVED:
            return size + 1
        at += 3 + (1 if kind == _RLE else header >> 3)
        if header & 1:
            return at
    return size + 1
