"""Bytes of a file as plain UTF-8: what it is packed with, and how far it may unpack.

Content decides, never the name. Offsets of every later stage count the bytes that
``open_stream`` gives (unpacked, UTF-8, byte-order mark included only where the file is UTF-8).
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any, Protocol

import zstandard

from analysis import limits
from analysis.errors import InputTooLargeError

CHUNK_BYTES = 1 << 20
_UNPACK_MEMORY = 128 * 1024 * 1024
"""The largest window or dictionary that a packed file may ask for, in bytes."""

UNPACK_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError)
"""What the unpackers raise for damaged content."""

_PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
}
_NOT_JSON = {
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"SQLite format 3\x00": "an SQLite database",
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG image",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"\x93NUMPY": "a NumPy array",
    b"\x89HDF": "an HDF5 file",
    b"\x80\x04\x95": "a Python pickle, which is never opened",
    b"\x80\x05\x95": "a Python pickle, which is never opened",
    b"\xff\xfe\x00\x00": "UTF-32 text",
    b"\x00\x00\xfe\xff": "UTF-32 text",
    b"\x7fELF": "a program",
}
SNIFF_BYTES = 512


class _Unpacker(Protocol):
    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


def packing(head: bytes) -> str | None:
    """'gzip', 'zstd', 'xz', 'bzip2', 'zip' or None, by the first bytes of a file."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return next((name for magic, name in _PACKED.items() if head.startswith(magic)), None)


def unreadable_kind(head: bytes) -> str | None:
    """What a file is that holds no JSON text ('a Parquet file'), or None."""
    if head[8:12] == b"DUCK":
        return "a DuckDB database"
    if head[257:262] == b"ustar":
        return "a tar archive"
    return next((kind for magic, kind in _NOT_JSON.items() if head.startswith(magic)), None)


class _Unpacked(io.RawIOBase):
    """Streams of xz or bzip2, one after the other, unpacked with bounded memory."""

    def __init__(self, source: IO[bytes], make: Callable[[], _Unpacker]) -> None:
        self._source, self._make = source, make
        self._unpacker = make()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while True:
            data = b""
            if self._unpacker.eof:
                data = self._unpacker.unused_data or self._source.read(CHUNK_BYTES)
                data = data.lstrip(b"\x00")  # xz allows padding between its streams
                if not data:
                    return 0
                self._unpacker = self._make()
            elif self._unpacker.needs_input:
                data = self._source.read(CHUNK_BYTES)
                if not data:
                    raise EOFError("the packed data ends before its end mark")
            out = self._unpacker.decompress(data, len(buffer))
            if out:
                buffer[: len(out)] = out
                return len(out)


class _Counted(io.RawIOBase):
    """Refuses to unpack more than the limits allow, before it is held in memory."""

    def __init__(self, source: IO[bytes], packed_bytes: int, name: str) -> None:
        self._source, self._packed, self._name = source, max(packed_bytes, 1), name
        self._out = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(min(len(buffer), CHUNK_BYTES)) or b""
        self._out += len(data)
        ratio = self._out / self._packed
        if self._out > limits.MAX_UNPACKED_BYTES or (
            self._out > limits.RATIO_CHECK_BYTES and ratio > limits.MAX_UNPACK_RATIO
        ):
            raise InputTooLargeError(
                f"{self._name}: unpacks to more than {self._out >> 20} MiB from "
                f"{self._packed} bytes (over {ratio:.0f} to 1).",
                remedy="Unpack it yourself and import the result if you trust it.",
            )
        buffer[: len(data)] = data
        return len(data)


class _Transcoded(io.RawIOBase):
    """UTF-16 as UTF-8. What does not decode becomes bytes that are no UTF-8, so that the line
    is rejected as such instead of being changed in silence."""

    def __init__(self, source: IO[bytes], encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._pending = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending and not self._ended:
            data = self._source.read(CHUNK_BYTES)
            self._ended = not data
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeDecodeError:
                self._pending = b"\xff"
            else:
                self._pending = text.encode("utf-8", "surrogatepass")
        out, self._pending = self._pending[: len(buffer)], self._pending[len(buffer) :]
        buffer[: len(out)] = out
        return len(out)


def _unpack(source: IO[bytes], how: str) -> IO[bytes]:
    if how == "gzip":
        return gzip.GzipFile(fileobj=source)
    if how == "zstd":
        unpacker = zstandard.ZstdDecompressor(max_window_size=_UNPACK_MEMORY)
        return unpacker.stream_reader(source, read_across_frames=True)
    if how == "xz":
        make: Callable[[], Any] = lambda: lzma.LZMADecompressor(memlimit=_UNPACK_MEMORY)  # noqa: E731
    else:
        make = bz2.BZ2Decompressor
    return io.BufferedReader(_Unpacked(source, make), CHUNK_BYTES)


def _encoding(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head[:1] in b"{[" and head[1:2] == b"\x00":
        return "utf-16-le"
    if head[:1] == b"\x00" and head[1:2] in (b"{", b"["):
        return "utf-16-be"
    return None


def open_stream(source: IO[bytes], packed_bytes: int, name: str) -> io.BufferedReader:
    """Unpack (one layer) and transcode to UTF-8, counting what comes out.

    ``packed_bytes`` is the size of ``source``; ``name`` stands in messages. Reading raises
    ``InputTooLargeError`` over the limits and one of ``UNPACK_ERRORS`` for damaged content.
    """
    how = packing(peek(source))
    stream: IO[bytes] = source
    if how is not None and how != "zip":
        counted = _Counted(_unpack(source, how), packed_bytes, name)
        stream = io.BufferedReader(counted, CHUNK_BYTES)
    encoding = _encoding(peek(stream))
    if encoding is not None:
        stream = io.BufferedReader(_Transcoded(stream, encoding), CHUNK_BYTES)
    assert isinstance(stream, io.BufferedReader)
    return stream


def peek(stream: IO[bytes]) -> bytes:
    """The next ``SNIFF_BYTES`` of a buffered stream, left in it."""
    if not isinstance(stream, io.BufferedReader):
        return b""
    return stream.peek(SNIFF_BYTES)[:SNIFF_BYTES]
