"""Where one JSON value ends and the next begins, in a stream of any size.

Only brackets and quotes are looked at, so a value with an error inside is cut out whole, is
rejected alone, and the values after it are still read.
"""

from __future__ import annotations

import io
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from analysis import limits
from analysis.formats.jsonvalue import is_blank
from analysis.formats.streams import CHUNK_BYTES, DamagedStreamError

_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRUCTURE = re.compile(rb'["{}\[\]]')
_GAP = re.compile(rb"[\s,]*+")
_SPACE = re.compile(rb"\s*+")
_SPACE = re.compile(rb"\s*+")
_BARE = re.compile(rb'[^\s,"{}\[\]]*+')


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one value: ``data`` is cut short (``too_long``) beyond the size limit.

    ``unclosed``: the end of the stream cuts it off; its ``end`` is then one byte behind that.
    """

    start: int
    end: int
    data: bytes
    too_long: bool = False
    unclosed: bool = False
    element: int | None = None
    """Of an element of a divided document: its position among the elements."""


@dataclass(frozen=True, slots=True)
class Elements:
    """Where the elements of one large document stand: ``sizes`` holds, for each of them, the bytes
    between the one before it (or ``first``) and itself, and its own."""

    first: int
    sizes: array[int]
    end: int
    """Where the document ends."""
    closed: bool
    """False where the end of the stream cuts the document off."""
    cut: bool
    """True where it cuts off the last element."""


Divide = Callable[[int], Elements | None]
"""Gives the elements of the large document that begins at an offset; None: it is read whole."""


def layout(first: bytes, following: list[bytes]) -> str:
    """'lines' (JSONL), 'array' or 'values', from the first non-blank line and those after it.

    ``following`` holds up to a few non-blank lines. One value a line is what most files hold, so
    lines win unless the first line is visibly the start of something longer.
    """
    first = first.strip()
    if first.startswith(b"[") and not following:
        return "array"
    depth, open_string = _balance(first)
    if depth == 0 and not open_string:
        several = all(_holds_several(line.strip()) for line in (first, *following))
        return "values" if several else "lines"
    if open_string or first[:1] not in b"{[":
        return "lines"
    complete = sum(line[:1] == b"{" and _balance(line.strip()) == (0, False) for line in following)
    if complete and complete == len(following):
        return "lines"  # a broken first line; an array or pretty print has commas or a closing line
    return "array" if first.startswith(b"[") else "values"


def _holds_several(line: bytes) -> bool:
    """True if another object or list begins where the line's first one ends."""
    depth, at = 0, 0
    while match := _STRUCTURE.search(line, at):
        at = match.end()
        mark = match.group()
        if mark == b'"':
            at = _STRING_REST.match(line, at).end() + 1  # type: ignore[union-attr]
        elif mark in b"{[":
            depth += 1
        else:
            depth -= 1
        if depth <= 0:
            return line[at:].lstrip()[:1] in (b"{", b"[") and line[:1] in b"{["
    return False


def _balance(line: bytes) -> tuple[int, bool]:
    """Open brackets minus closed ones, and whether the line ends inside a string.

    A comma after the value counts as an open bracket: such a line is part of something longer.
    """
    depth, at = 0, 0
    while match := _STRUCTURE.search(line, at):
        at = match.end()
        mark = match.group()
        if mark == b'"':
            end = _STRING_REST.match(line, at).end()  # type: ignore[union-attr]
            if end >= len(line) or line[end : end + 1] != b'"':
                return depth, True
            at = end + 1
        else:
            depth += 1 if mark in b"{[" else -1
    return depth + line.endswith(b","), False


class Scanner:
    """Bytes with a position, refilled from a stream; keeps only what the current value needs."""

    def __init__(self, stream: io.BufferedReader, offset: int) -> None:
        self.stream, self.base = stream, offset
        self.buffer = bytearray()
        self.at = 0
        self.damage: DamagedStreamError | None = None

    @property
    def offset(self) -> int:
        """Where the position is, in bytes from the start of the file."""
        return self.base + self.at

    def refill(self) -> bool:
        """Read on; False at the end of the stream and at damage in it."""
        try:
            data = self.stream.read1(CHUNK_BYTES)
        except DamagedStreamError as error:
            self.damage = error
            return False
        self.buffer += data
        return bool(data)

    def drop(self) -> None:
        """Forget what lies before the position."""
        del self.buffer[: self.at]
        self.base += self.at
        self.at = 0

    def skip_gap(self, *, commas: bool = True) -> bool:
        """Go past white space and commas; False at the end of the stream."""
        gap = _GAP if commas else _SPACE
        while True:
            match = gap.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return True
            self.drop()
            if not self.refill():
                return False

    def take(self, size: int, most: int) -> tuple[bytes, int]:
        """Go past the next bytes: (the first ``most`` of them, how many there were)."""
        data, passed = bytearray(), 0
        while passed < size:
            if self.at >= len(self.buffer):
                self.drop()
                if not self.refill():
                    break
            end = min(self.at + size - passed, len(self.buffer))
            if len(data) < most:
                data += self.buffer[self.at : min(end, self.at + most - len(data))]
            passed += end - self.at
            self.at = end
        return bytes(data), passed


def split_values(
    stream: io.BufferedReader, *, offset: int, array: bool, divide: Divide | None = None
) -> Iterator[Piece]:
    """The values of a JSON array, or of a row of JSON values one after the other.

    ``offset`` is the stream's position in the file. An array that is never closed ends with an empty unclosed piece,
    and so does a divided document. ``divide`` is asked for each large value of a row of values.
    """
    scan = Scanner(stream, offset)
    maximum = limits.MAX_LINE_BYTES if array else limits.MAX_JSON_DOCUMENT_BYTES
    if array and scan.skip_gap():
        scan.at += 1
    closed = not array
    while scan.skip_gap():
        if array and not closed and scan.buffer[scan.at : scan.at + 1] == b"]":
            closed = True
            scan.at += 1
            continue
        scan.drop()
        piece = value_within(scan, limits.LARGE_DOCUMENT_BYTES) if divide and not array else None
        if piece is None and divide and not array and (found := divide(scan.offset)) is not None:
            yield from _elements(scan, found)
            closed = found.closed or found.cut
            if not found.closed:
                break
            continue
        piece = piece or one_value(scan, maximum)
        if piece.unclosed:
            piece = replace(piece, end=piece.end + 1)
        if not is_blank(piece.data):
            yield piece
        if piece.unclosed:
            closed = True
            break
    if scan.damage:
        raise scan.damage
    if not closed:
        yield Piece(scan.offset, scan.offset + 1, b"", unclosed=True)


def _elements(scan: Scanner, found: Elements) -> Iterator[Piece]:
    """The elements of a divided document; the scanner then stands behind it."""
    sizes = found.sizes
    scan.take(found.first - scan.offset, 0)
    for position in range(len(sizes) // 2):
        scan.take(sizes[2 * position], 0)
        start, size = scan.offset, sizes[2 * position + 1]
        long = size > limits.MAX_LINE_BYTES
        data, passed = scan.take(size, limits.QUARANTINE_RAW_BYTES if long else size)
        cut = passed < size or (found.cut and position == len(sizes) // 2 - 1)
        yield Piece(start, scan.offset + cut, data, long, unclosed=cut, element=position)
    scan.take(found.end - scan.offset, 0)
    if not found.closed:
        while scan.refill():  # nothing is left but what damaged it, if anything did
            scan.at = len(scan.buffer)
            scan.drop()


def value_within(scan: Scanner, maximum: int) -> Piece | None:
    """The value at the position (no gap there), or None where it is longer than ``maximum`` bytes:
    the scanner then stays where it is, and keeps what it read."""
    scan.drop()
    start, done, depth, in_string = scan.offset, False, 0, False
    while not done and scan.at <= maximum:
        done, depth, in_string = _advance(scan, depth, in_string)
        if not done and not scan.refill():
            scan.at = len(scan.buffer)
            break
    if scan.at > maximum:
        scan.at = 0
        return None
    data = bytes(scan.buffer[: scan.at])
    scan.drop()
    return Piece(start, scan.offset, data, unclosed=not done and (depth > 0 or in_string))


def one_value(scan: Scanner, maximum: int) -> Piece:
    """One value from the position (no gap there) to its end."""
    scan.drop()
    start = scan.offset
    kept = b""
    depth, in_string, too_long = 0, False, False
    while True:
        done, depth, in_string = _advance(scan, depth, in_string)
        if scan.offset - start > maximum or too_long:
            kept = kept or bytes(scan.buffer[: limits.QUARANTINE_RAW_BYTES])
            too_long = True
            scan.drop()
        if done:
            break
        if not scan.refill():
            scan.at = len(scan.buffer)
            break
    data = kept if too_long else bytes(scan.buffer[: scan.at])
    end = scan.offset
    scan.drop()
    return Piece(start, end, data, too_long, unclosed=not done and (depth > 0 or in_string))


def _advance(scan: Scanner, depth: int, in_string: bool) -> tuple[bool, int, bool]:
    """Move to the end of the value or of the buffer: (value ended, depth, inside a string)."""
    buffer, size = scan.buffer, len(scan.buffer)
    while scan.at < size:
        if in_string:
            end = _STRING_REST.match(buffer, scan.at).end()  # type: ignore[union-attr]
            if end >= size or buffer[end] != 0x22:  # the end of the buffer, maybe inside an escape
                scan.at = end
                return False, depth, True
            scan.at, in_string = end + 1, False
        elif depth == 0 and buffer[scan.at] not in b'"{[':
            end = _BARE.match(buffer, scan.at).end()  # type: ignore[union-attr]
            if scan.at == 0 and end == 0:
                end = 1  # a bracket that closes nothing is a piece of its own
            scan.at = end
            return end < size, depth, False
        else:
            match = _STRUCTURE.search(buffer, scan.at)
            if match is None:
                scan.at = size
                break
            scan.at = match.end()
            mark = match.group()
            in_string = mark == b'"'
            if mark in b"{[":
                depth += 1
            elif not in_string:
                depth -= 1
        if depth == 0 and not in_string:
            return True, depth, False
    return False, depth, in_string
