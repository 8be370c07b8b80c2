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
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, cast

import zstandard

from analysis import limits
from analysis.errors import InputTooLargeError
from analysis.formats.zipzstd import open_zipped
from analysis.formats.zstdframes import WholeZstd

CHUNK_BYTES = 1 << 20
_UNPACK_MEMORY = 128 * 1024 * 1024
"""The largest window or dictionary that a packed file may ask for, in bytes."""

_UNPACK_ERRORS = (
    OSError,
    EOFError,
    NotImplementedError,  # a zip method that zipfile does not know
    RuntimeError,  # an encrypted zip member
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zstandard.ZstdError,
)


class DamagedStreamError(Exception):
    """The packed bytes are damaged, cut off, encrypted or packed in an unknown way."""


_PACKED = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
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

    def __init__(self, source: Any, packed_bytes: int, name: str) -> None:
        self._source, self._packed, self._name = source, packed_bytes, name
        self._out = 0
        self._damage: DamagedStreamError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = min(len(buffer), CHUNK_BYTES)
        data = self._read(size)
        if self._out == 0:  # enough to sniff at, however small the packed blocks are
            while len(data) < min(size, SNIFF_BYTES) and (more := self._read(size - len(data))):
                data += more
        if not data and self._damage:
            raise self._damage
        self._out += len(data)
        require_size(self._out, self._packed, self._name)
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        """Some bytes; none at the end and at damage, which is told once all before it is read."""
        if self._damage is None:
            try:
                return self._source.read1(size) or b""
            except _UNPACK_ERRORS as error:
                self._damage = DamagedStreamError(str(error) or type(error).__name__)
        return b""


class _Transcoded(io.RawIOBase):
    """UTF-16 as UTF-8. What does not decode becomes bytes that are no UTF-8, so that the line
    is rejected as such instead of being changed in silence."""

    def __init__(self, source: io.BufferedReader, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._pending = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending and not self._ended:
            data = self._source.read1(CHUNK_BYTES)
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


def _unpack(source: io.BufferedReader, how: str) -> IO[bytes]:
    if how == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=source))
    if how == "zstd":
        return io.BufferedReader(WholeZstd(source, _UNPACK_MEMORY), CHUNK_BYTES)
    if how == "xz":
        make: Callable[[], Any] = lambda: lzma.LZMADecompressor(memlimit=_UNPACK_MEMORY)  # noqa: E731
    else:
        make = bz2.BZ2Decompressor
    return io.BufferedReader(_Unpacked(source, make), CHUNK_BYTES)


def _encoding(head: bytes) -> str | None:
    """'utf-16', 'utf-16-le' or 'utf-16-be' by the first bytes of a text, None for all else.

    Without a byte-order mark, text of any language has enough ASCII at its start (quotes, digits,
    names of keys) for zero bytes to stand at every other place.
    """
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return None  # UTF-32
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    head = head[: len(head) & ~1]
    even, odd = head[0::2], head[1::2]
    zeros, others = odd.count(0), even.count(0)
    if head[1:2] == b"\0" != head[:1] and 4 * zeros >= 3 * len(odd) and zeros > 4 * others:
        return "utf-16-le"
    if head[:1] == b"\0" != head[1:2] and 4 * others >= 3 * len(even) and others > 4 * zeros:
        return "utf-16-be"
    if head[:1] in (b"{", b"[") and head[1:2] == b"\0":
        return "utf-16-le"
    if head[:1] == b"\0" and head[1:2] in (b"{", b"["):
        return "utf-16-be"
    return None


@contextmanager
def open_stream(path: Path) -> Iterator[io.BufferedReader]:
    """A file, unpacked (one layer) and transcoded to UTF-8, counting what comes out.

    Reading raises ``InputTooLargeError`` over the limits and ``DamagedStreamError`` for damaged
    content.
    """
    with ExitStack() as stack:
        source = stack.enter_context(path.open("rb"))
        how = packing(peek(source))
        stream = source
        if how in _PACKED.values():
            unpacked = stack.enter_context(_unpack(source, str(how)))
            stream = _counted(unpacked, path.stat().st_size, path.name)
        yield _as_utf8(stream)


@contextmanager
def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[io.BufferedReader]:
    """One member of a zip file, as ``open_stream`` gives a file; nothing is written to disk."""
    path = Path(str(archive.filename))
    try:
        member = open_zipped(archive, info, _UNPACK_MEMORY)
    except _UNPACK_ERRORS as error:
        raise DamagedStreamError(str(error)) from error
    with member:
        yield _as_utf8(_counted(member, path.stat().st_size, f"{path.name}/{info.filename}"))


def check_packed_size(path: Path) -> None:
    """Unpack a packed file once without keeping it; raise ``InputTooLargeError`` over the limits.

    So a bomb made of many small lines is refused before one of them is taken.
    """
    try:
        with open_stream(path) as stream:
            while stream.read(CHUNK_BYTES):
                pass
    except DamagedStreamError:
        pass  # told, with its place, when the records are read


def check_zip_size(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Raise ``InputTooLargeError`` if the members say that they unpack to more than allowed.

    A member cannot give more bytes than it says: reading it stops there.
    """
    require_size(sum(info.file_size for info in members), path.stat().st_size, path.name)


def require_size(unpacked: int, packed: int, name: str) -> None:
    """Raise ``InputTooLargeError`` if so many bytes out of so many are more than the limits allow."""
    ratio = unpacked / max(packed, 1)
    if unpacked > limits.MAX_UNPACKED_BYTES or (
        unpacked > limits.RATIO_CHECK_BYTES and ratio > limits.MAX_UNPACK_RATIO
    ):
        raise InputTooLargeError(
            f"{name}: unpacks to at least {unpacked >> 20} MiB from {packed:,} bytes "
            f"(over {ratio:.0f} to 1).",
            remedy="Unpack it yourself and import the result if you trust it.",
        )


def _counted(source: IO[bytes], packed: int, name: str) -> io.BufferedReader:
    return io.BufferedReader(_Counted(source, packed, name), CHUNK_BYTES)


def _as_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    encoding = _encoding(peek(stream))
    if encoding is None:
        return stream
    return io.BufferedReader(_Transcoded(stream, encoding), CHUNK_BYTES)


def peek(stream: io.BufferedReader) -> bytes:
    """The next ``SNIFF_BYTES`` of a stream, left in it."""
    return stream.peek(SNIFF_BYTES)[:SNIFF_BYTES]


def skip_to(stream: io.BufferedReader, offset: int) -> bool:
    """Go to an offset; False if the stream ends before it."""
    if isinstance(stream.raw, io.FileIO):
        size = stream.seek(0, io.SEEK_END)
        return stream.seek(min(offset, size)) == offset
    at = 0
    while at < offset and (data := stream.read(min(CHUNK_BYTES, offset - at))):
        at += len(data)
    return at == offset
