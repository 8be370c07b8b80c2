"""JSONL: one JSON value a line, nearly as fast as its parser.

Lines are split at ``\\n`` in blocks and parsed one by one. What the fast parser would change in
silence (a key that stands twice, an integer beyond 64 bits) is looked for in a block as a whole,
and only lines that it may stand in are parsed again with care.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import orjson

from analysis import limits
from analysis.formats import jsonvalue
from analysis.formats.records import Record, Start, parsed_record, refused, too_long
from analysis.formats.streams import DamagedStreamError

BLOCK_BYTES = 1 << 17
"""Larger blocks hold more parsed lines at once, which costs fresh memory for each."""


def skip_line(stream: io.BufferedReader) -> None:
    """Read to the end of the line without keeping it."""
    while (data := stream.readline(BLOCK_BYTES)) and not data.endswith(b"\n"):
        pass


def whole_lines(stream: io.BufferedReader) -> Iterator[tuple[bytes, int]]:
    """The stream in blocks of whole lines: (block, 0).

    A line over ``MAX_LINE_BYTES`` comes alone: (its first bytes, its length). A damaged stream
    gives what stands before the damage, then raises ``DamagedStreamError``.
    """
    kept: list[bytes] = []  # the line that is not complete yet, and its length
    length = 0
    damage: DamagedStreamError | None = None
    ended = False
    while not ended:
        try:
            data = stream.read1(min(BLOCK_BYTES, limits.MAX_LINE_BYTES))
        except DamagedStreamError as error:
            data, damage = b"", error
        ended = not data
        first = data.find(b"\n") + 1
        if length + (first or len(data)) > limits.MAX_LINE_BYTES:
            kept = [jsonvalue.capped(b"".join((*kept, data)))]
            length += first or len(data)
            if data and not first:
                continue
            yield kept[0], length
            kept, length, data = [], 0, data[first:]
        cut = data.rfind(b"\n") + 1
        if cut:
            yield b"".join((*kept, data[:cut])), 0
            kept, length, data = [], 0, data[cut:]
        if data:
            kept.append(data)
            length += len(data)
    if length:
        yield b"".join(kept), 0
    if damage:
        raise damage


def split_lines(block: bytes) -> list[bytes]:
    """The lines of a block with their ends; only ``\\n`` ends one."""
    lines = [line + b"\n" for line in block.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def read_lines(stream: io.BufferedReader, start: Start) -> Iterator[Record]:
    """The records of a stream of lines that stands at ``start``, blank lines included."""
    at, line_no, index = start.byte, start.line, start.index
    for block, long in whole_lines(stream):
        if long:
            line_no += 1
            yield refused(Record(index, line_no, at, at + long), too_long(long), block)
            index += 1
            at += long
            continue
        for record in _block_records(block, Start(at, line_no, index)):
            yield record
            line_no += 1
            index += not record.blank
        at += len(block)


def _block_records(block: bytes, start: Start) -> Iterator[Record]:
    """One record for each of some whole lines."""
    lines = block.split(b"\n")
    ends = len(lines) - 1  # how many of them a line feed ends
    if not lines[-1]:
        lines.pop()
    at, line_no, index = start.byte, start.line, start.index
    for line, value in zip(lines, _values(block, lines), strict=True):
        begin, at = at, at + len(line) + (line_no - start.line < ends)
        line_no += 1
        if value is not None:
            yield Record(index, line_no, begin, at, None, value, None, line)
        elif jsonvalue.is_blank(line):
            yield Record(index, line_no, begin, at, blank=True)
            continue
        else:
            yield parsed_record(line.rstrip(b"\r"), Record(index, line_no, begin, at))
        index += 1


def _values(block: bytes, lines: list[bytes]) -> list[Any]:
    """For each line the object or list that it surely is, or None: it needs a closer look."""
    loads, shape_of = orjson.loads, jsonvalue.shape_of
    values: list[Any] = []
    shapes: list[int] = []
    unread = 0
    for line in lines:
        try:
            value = loads(line)
            shape = shape_of(value) if type(value) is dict or type(value) is list else None
        except orjson.JSONDecodeError:
            shape = None
        if shape is None:
            value, shape = None, 0
            unread += jsonvalue.quotes_in(line)
        values.append(value)
        shapes.append(shape)
    if jsonvalue.quotes_in(block) == sum(shapes) + unread:
        return values
    return [
        value if jsonvalue.quotes_in(line) == shape else None
        for line, value, shape in zip(lines, values, shapes, strict=True)
    ]
