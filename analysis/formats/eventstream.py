"""Dumps of server-sent events: one record for each stream of ``data:`` lines.

A record is ``{"sse_events": [...]}``; an event is the JSON of its data, or
``{"event": name, "data": ...}`` where an ``event:`` line names it. A stream ends with
``data: [DONE]`` and where another begins: at the first event of a reply, or at another reply's id.
The fields of a line are those of the WHATWG's HTML standard, section 9.2.6.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analysis import limits
from analysis.formats import jsonvalue
from analysis.formats.lines import split_lines, whole_lines
from analysis.formats.records import Record, Start, parsed_record, refused, too_long
from analysis.formats.streams import DamagedStreamError
from analysis.model import Rejected, Warning_

_FIELD = re.compile(rb"(?P<name>data|event|id|retry)(?::[ ]?|\Z)|:")
_DATA = re.compile(rb"^data:[ ]?", re.MULTILINE)
_DONE = b"[DONE]"
_FIRST_EVENTS = frozenset(("message_start", "message-start", "response.created"))


def is_event_stream(head: bytes) -> bool:
    """True if the first bytes of a file are those of an event stream."""
    text = head.removeprefix(jsonvalue.BOM).lstrip()
    first = text[:200].split(b"\n", 1)[0].rstrip()
    data = _DATA.search(text)
    if data is None or not _FIELD.match(first):
        return False
    return text[data.end() : data.end() + 1] in (b"{", b"[") or not first.startswith(b"data")


@dataclass(frozen=True, slots=True)
class _Line:
    """A physical line without its end, and its place."""

    data: bytes
    number: int
    start: int
    end: int
    long: int = 0
    """Its length if it is too long to be read."""


@dataclass(slots=True)
class _Stream:
    """The stream that is being gathered."""

    first: _Line | None = None
    last: _Line | None = None
    events: list[Any] = field(default_factory=list)
    broken: list[tuple[_Line, Rejected]] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)
    reply_id: str | None = None

    def cover(self, *lines: _Line) -> None:
        """The lines are part of this stream."""
        for line in lines:
            self.first = self.first or line
            self.last = line

    @property
    def size(self) -> int:
        return self.last.end - self.first.start if self.first and self.last else 0

    def records(self, index: int) -> list[Record]:
        """What was gathered; an import stops only after the last of them."""
        found: list[Record] = []
        for line, why in self.broken:
            place = Record(index + len(found), line.number, line.start, line.end, more=True)
            found.append(refused(place, why, line.data))
        if self.first and self.last and self.size > limits.MAX_LINE_BYTES:
            place = self._place(index + len(found))
            found.append(refused(place, too_long(self.size), self.first.data))
        elif self.events:
            record = self._place(index + len(found))
            record.value = {"sse_events": self.events}
            if self.broken:
                note = f"{len(self.broken)} lines of this stream could not be read"
                self.warnings.append(Warning_("broken_event", note))
            record.warnings = tuple(dict.fromkeys(self.warnings))
            found.append(record)
        elif found and self.last is not self.broken[-1][0]:
            place = self._place(index + len(found))  # what stands around the broken lines
            place.blank = True
            found.append(place)
        if found:
            found[-1].more = False
        return found

    def _place(self, index: int) -> Record:
        first, last = self.first, self.last
        assert first is not None and last is not None
        return Record(index, first.number, first.start, last.end, last_line=last.number)


class _Reader:
    """Takes the lines one by one; each call of ``take`` gives the records that are complete."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.stream = _Stream()
        self.name: str | None = None
        self.held: list[_Line] = []
        """Lines of the event to come, which may begin another stream."""
        self.pending: list[_Line] = []
        """Data lines that are no JSON alone; together they may be."""

    def take(self, line: _Line) -> Iterator[Record]:
        match = _FIELD.match(line.data)
        if line.long:
            yield from self._other(line)
        elif match is None:
            yield from self._other(line) if line.data.strip() else self._quiet(line)
        elif match["name"] == b"data":
            yield from self._data(line, line.data[match.end() :])
        elif match["name"] == b"event":
            yield from self._settle()
            self.name = line.data[match.end() :].decode("utf-8", "replace").strip() or None
            self.held.append(line)
        else:
            yield from self._quiet(line)

    def end(self) -> Iterator[Record]:
        """What is left at the end of the file."""
        yield from self._settle()
        held, self.held = self.held, []
        if self.stream.first:
            self.stream.cover(*held)
            held = []
        yield from self._finish()
        for line in held:
            yield self._blank(line)

    def _quiet(self, line: _Line) -> Iterator[Record]:
        """A blank line or a comment."""
        yield from self._settle()
        if self.held:
            self.held.append(line)
        elif self.stream.first:
            self.stream.cover(line)
        else:
            yield self._blank(line)
        if not line.data.strip() and self.name is not None and self.held:
            self.name = None  # an event without data is none

    def _data(self, line: _Line, data: bytes) -> Iterator[Record]:
        if data.strip() == _DONE:
            yield from self._settle()
            self.stream.cover(*self.held, line)
            self.held, self.name = [], None
            if not (self.stream.events or self.stream.broken):
                yield self._blank(line)
                self.stream = _Stream()
            yield from self._finish()
            return
        parsed = jsonvalue.parse(data)
        if isinstance(parsed, Rejected) or not isinstance(parsed.value, dict | list):
            self.pending.append(line)
            return
        yield from self._settle()
        yield from self._event([line], parsed)

    def _event(self, lines: list[_Line], parsed: jsonvalue.Parsed) -> Iterator[Record]:
        value = parsed.value
        reply_id = _reply_id(value)
        other = reply_id and self.stream.reply_id and reply_id != self.stream.reply_id
        if self.stream.events and (other or _is_first(value)):
            yield from self._finish()
        self.stream.reply_id = reply_id or self.stream.reply_id
        self.stream.cover(*self.held, *lines)
        if self.stream.size > limits.MAX_LINE_BYTES:
            self.stream.events.clear()
        self.stream.events.append(
            value if self.name is None else {"event": self.name, "data": value}
        )
        self.stream.warnings += parsed.warnings
        self.held, self.name = [], None

    def _settle(self) -> Iterator[Record]:
        """Data lines that are no JSON alone are one event together, or broken one by one."""
        lines, self.pending = self.pending, []
        if not lines:
            return
        joined = b"\n".join(_DATA.sub(b"", line.data, count=1) for line in lines)
        parsed = jsonvalue.parse(joined) if len(lines) > 1 else None
        if isinstance(parsed, jsonvalue.Parsed) and isinstance(parsed.value, dict | list):
            yield from self._event(lines, parsed)
            return
        self.stream.cover(*self.held, *lines)
        self.held, self.name = [], None
        for line in lines:
            self.stream.broken.append((line, _why(_DATA.sub(b"", line.data, count=1))))

    def _other(self, line: _Line) -> Iterator[Record]:
        """A line that is no part of an event stream: a record of its own, or broken."""
        yield from self._settle()
        place = Record(self.index, line.number, line.start, line.end)
        record = parsed_record(line.data, place)
        if line.long:
            record = refused(place, too_long(line.long), line.data)
        if record.rejected is not None and self.stream.first:
            self.stream.cover(*self.held, line)
            self.held, self.name = [], None
            self.stream.broken.append((line, record.rejected))
            return
        yield from self._finish()
        record.index = self.index
        self.index += 1
        yield record

    def _finish(self) -> Iterator[Record]:
        records = self.stream.records(self.index)
        if not records and self.stream.first and self.stream.last:
            first, last = self.stream.first, self.stream.last
            yield Record(self.index, first.number, first.start, last.end, blank=True)
        self.index += sum(not record.blank for record in records)
        self.stream = _Stream()
        yield from records

    def _blank(self, line: _Line) -> Record:
        return Record(self.index, line.number, line.start, line.end, blank=True)


def read_events(stream: io.BufferedReader, start: Start) -> Iterator[Record]:
    """The records of an event stream that stands at ``start``.

    Broken lines are rejected one by one, before the stream that they stand in. A damaged stream
    gives what stands before the damage, then raises ``DamagedStreamError``.
    """
    reader = _Reader(start.index)
    damage: DamagedStreamError | None = None
    lines = _physical(stream, start)
    while damage is None:
        try:
            line = next(lines, None)
        except DamagedStreamError as error:
            damage = error
            break
        if line is None:
            break
        yield from reader.take(line)
    yield from reader.end()
    if damage is not None:
        raise damage


def _physical(stream: io.BufferedReader, start: Start) -> Iterator[_Line]:
    at, number = start.byte, start.line
    for block, long in whole_lines(stream):
        for raw in [block] if long else split_lines(block):
            number += 1
            begin, at = at, at + (long or len(raw))
            data = raw.rstrip(b"\r\n")
            yield _Line(data.removeprefix(jsonvalue.BOM), number, begin, at, long)


def _why(data: bytes) -> Rejected:
    parsed = jsonvalue.parse(data)
    if isinstance(parsed, Rejected):
        return parsed
    return Rejected("not_an_object", "The data of an event is a JSON object; this is none.")


def _is_first(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") in _FIRST_EVENTS


def _reply_id(value: Any) -> str | None:
    """The id of the reply that an event is a part of."""
    if not isinstance(value, dict):
        return None
    found = value.get("id") if "choices" in value else value.get("responseId")
    return found if isinstance(found, str) and found else None
