"""Where one JSON value ends and the next begins, in a stream of any size.

Only brackets and quotes are looked at, so a value with an error inside is cut out whole, is
rejected alone, and the values after it are still read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from analysis import limits
from analysis.formats.jsonvalue import is_blank
from analysis.formats.streams import CHUNK_BYTES

_STRING_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STRUCTURE = re.compile(rb'["{}\[\]]')
_GAP = re.compile(rb"[\s,]*+")
_BARE = re.compile(rb'[^\s,"{}\[\]]*+')


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one value: ``data`` is cut short (``too_long``) beyond the size limit."""

    start: int
    end: int
    data: bytes
    too_long: bool = False
    unclosed: bool = False


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
        return "lines"
    if open_string or first[:1] not in b"{[":
        return "lines"
    complete = sum(line[:1] == b"{" and _balance(line.strip()) == (0, False) for line in following)
    if complete and complete == len(following):
        return "lines"  # a broken first line; an array or pretty print has commas or a closing line
    return "array" if first.startswith(b"[") else "values"


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


class _Scanner:
    """Bytes with a position, refilled from a stream; keeps only what the current value needs."""

    def __init__(self, stream: IO[bytes], offset: int) -> None:
        self.stream, self.base = stream, offset
        self.buffer = bytearray()
        self.at = 0

    @property
    def offset(self) -> int:
        return self.base + self.at

    def refill(self) -> bool:
        data = self.stream.read(CHUNK_BYTES)
        self.buffer += data
        return bool(data)

    def drop(self) -> None:
        """Forget what lies before the position."""
        del self.buffer[: self.at]
        self.base += self.at
        self.at = 0

    def skip_gap(self) -> bool:
        """Go past white space and commas; False at the end of the stream."""
        while True:
            match = _GAP.match(self.buffer, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.buffer):
                return True
            self.drop()
            if not self.refill():
                return False


def split_values(stream: IO[bytes], *, offset: int, array: bool, inside: bool) -> Iterator[Piece]:
    """The values of a JSON array, or of a row of JSON values one after the other.

    ``offset`` is the stream's position in the file. ``inside``: the array's ``[`` is already
    behind us (a resume). An array that is never closed ends with an empty unclosed piece.
    """
    scan = _Scanner(stream, offset)
    maximum = limits.MAX_LINE_BYTES if array else limits.MAX_JSON_DOCUMENT_BYTES
    if array and not inside and scan.skip_gap():
        scan.at += 1
    closed = not array
    while scan.skip_gap():
        if array and not closed and scan.buffer[scan.at : scan.at + 1] == b"]":
            closed = True
            scan.at += 1
            continue
        scan.drop()
        piece = _value(scan, maximum)
        if not is_blank(piece.data):
            yield piece
        if piece.unclosed:
            return
    if not closed:
        yield Piece(scan.offset, scan.offset, b"", unclosed=True)


def _value(scan: _Scanner, maximum: int) -> Piece:
    """One value from the position (no gap there) to its end."""
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


def _advance(scan: _Scanner, depth: int, in_string: bool) -> tuple[bool, int, bool]:
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
