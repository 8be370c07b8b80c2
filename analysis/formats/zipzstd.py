"""Zip members packed with zstd (method 93), which ``zipfile`` cannot read before Python 3.14.

Inspect writes its ``.eval`` logs so. The layout of a member's header is that of APPNOTE.TXT 4.3.7.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO, Any, cast

import zstandard

METHOD = 93
_MAGIC = b"PK\x03\x04"
_HEADER = struct.Struct("<4s22x2H")
"""Magic bytes, 22 bytes that the directory repeats, lengths of the name and of the extra field."""
_ENCRYPTED = 0x1
_CHUNK_BYTES = 1 << 18


def open_zipped(archive: zipfile.ZipFile, info: zipfile.ZipInfo, window: int) -> IO[bytes]:
    """A member's bytes unpacked; ``zipfile`` reads every method but zstd.

    ``window`` is the largest window that the packed data may ask for, in bytes. Raises what
    ``zipfile`` raises for damaged members, ``zstandard.ZstdError`` for damaged zstd data.
    """
    if info.compress_type != METHOD:
        return archive.open(info)
    if info.flag_bits & _ENCRYPTED:
        raise RuntimeError(f"File {info.filename!r} is encrypted")
    source = archive.fp
    if source is None:
        raise ValueError("the zip file is closed")
    source.seek(info.header_offset)
    header = source.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError("the zip file ends inside a member's header")
    magic, name_bytes, extra_bytes = _HEADER.unpack(header)
    if magic != _MAGIC:
        raise zipfile.BadZipFile("Bad magic number for file header")
    start = info.header_offset + _HEADER.size + name_bytes + extra_bytes
    packed = io.BufferedReader(_Region(source, start, info.compress_size), _CHUNK_BYTES)
    unpacker = zstandard.ZstdDecompressor(max_window_size=window)
    stream = unpacker.stream_reader(packed, read_across_frames=True)
    return io.BufferedReader(_Checked(stream, info), _CHUNK_BYTES)


class _Region(io.RawIOBase):
    """``length`` bytes of a file from ``start`` on, whoever else moves in the file."""

    def __init__(self, source: IO[bytes], start: int, length: int) -> None:
        self._source, self._at, self._end = source, start, start + length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._source.seek(self._at)
        data = self._source.read(min(len(buffer), self._end - self._at))
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)


class _Checked(io.RawIOBase):
    """Unpacked bytes that are as many, and have the checksum, that the zip's directory says."""

    def __init__(self, source: zstandard.ZstdDecompressionReader, info: zipfile.ZipInfo) -> None:
        self._source, self._info = cast("Any", source), info
        self._bytes = self._crc = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        self._bytes += len(data)
        self._crc = zlib.crc32(data, self._crc)
        ended = not data and len(buffer) > 0
        if self._bytes > self._info.file_size or (ended and self._bytes < self._info.file_size):
            raise zipfile.BadZipFile(
                f"File {self._info.filename!r} does not unpack to its stated size"
            )
        if ended and self._crc != self._info.CRC:
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {self._info.filename!r}")
        buffer[: len(data)] = data
        return len(data)
