"""Files as records: JSONL, JSON arrays, JSON documents, each plain, packed or in a zip.

Nothing here knows what a trace is. Every byte of a file belongs to a record, to a blank line or
to the brackets of a document; a damaged part becomes a record with a reason.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from analysis import limits
from analysis.formats import jsonsplit, jsonvalue
from analysis.formats.streams import (
    CHUNK_BYTES,
    DamagedStreamError,
    check_packed_size,
    check_zip_size,
    open_member,
    open_stream,
    packing,
    peek,
    unreadable_kind,
)
from analysis.model import Rejected, Warning_

_MEMBER_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonlines")
_FOLLOWING_LINES = 16


@dataclass(frozen=True, slots=True)
class Record:
    """One JSON value of a file, or bytes that are none (``rejected``), or a blank line."""

    index: int
    """0-based among non-blank records; of a blank line: the index of the record after it."""
    line_no: int | None
    """1-based physical line; None in a JSON document."""
    byte_start: int
    byte_end: int
    """Where a resume may go on. Offsets count unpacked bytes (of all members of a zip)."""
    member: str | None = None
    value: Any | None = None
    rejected: Rejected | None = None
    raw: bytes = b""
    """The bytes as they stand in the file; capped for a rejected record, empty in documents."""
    blank: bool = False
    warnings: tuple[Warning_, ...] = ()


def open_records(
    path: Path, *, start_byte: int = 0, start_line: int = 0, start_index: int = 0
) -> Iterator[Record]:
    """Read a file record by record, in bounded memory.

    To resume, give the ``byte_end`` of the last record taken, its ``line_no`` (or 0) and its
    ``index`` + 1. Raises ``InputTooLargeError`` when the file unpacks to more than ``limits``
    allows, and ``OSError`` when it cannot be opened; no content raises anything else.
    """
    start = _Start(start_byte, start_line, start_index)
    with path.open("rb") as source:
        head = peek(source)
    size = path.stat().st_size
    kind = unreadable_kind(head)
    if kind is not None:
        yield from _whole_file(start, size, kind)
    elif packing(head) == "zip":
        yield from _zip_records(path, size, start)
    else:
        if packing(head) and start_byte == 0:
            check_packed_size(path)
        yield from _stream_records(partial(open_stream, path), start)


@dataclass(frozen=True, slots=True)
class _Start:
    byte: int = 0
    line: int = 0
    index: int = 0


_Opener = Callable[[], AbstractContextManager[io.BufferedReader]]
"""Opens the same bytes again: once to look at their layout, once to read them."""


def _whole_file(start: _Start, size: int, kind: str) -> Iterator[Record]:
    if start.byte == 0:
        reason = f"This is {kind}; JSON and JSONL are read, plain, packed or zipped."
        rejected = Rejected("unsupported_container", reason)
        yield Record(start.index, None, 0, size, rejected=rejected)


def _zip_records(path: Path, size: int, start: _Start) -> Iterator[Record]:
    """The data members of a zip, one after the other; what is passed over is said in a warning."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        yield from _whole_file(start, size, f"a damaged zip file ({error})")
        return
    check_zip_size(path, infos)
    members = [info for info in infos if _is_data(info)]
    if not members:
        yield from _whole_file(start, size, "a zip file without a .json or .jsonl member")
    notes = tuple(
        Warning_("skipped_member", f"{info.filename!r} is no JSON file by its name or path")
        for info in infos
        if not info.is_dir() and not _is_data(info)
    )
    offset, index = 0, start.index
    for info in members:
        within = max(start.byte - offset, 0)
        if info.file_size > within or info.file_size == within == 0:
            here = _Start(within, start.line if within else 0, index)
            for record in _stream_records(partial(open_member, path, info), here):
                index = record.index + (not record.blank)
                yield replace(
                    record,
                    member=info.filename,
                    byte_start=offset + record.byte_start,
                    byte_end=offset + record.byte_end,
                    warnings=(*notes, *record.warnings) if record.index == 0 else record.warnings,
                )
        offset += info.file_size


def _is_data(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.split("/")
    hidden = parts[0] == "__MACOSX" or parts[-1].startswith(".")
    unsafe = ".." in parts or not parts[0] or "\\" in info.filename or ":" in parts[0]
    return (
        not hidden
        and not unsafe
        and not info.is_dir()
        and parts[-1].lower().endswith(_MEMBER_SUFFIXES)
    )


def _stream_records(opener: _Opener, start: _Start) -> Iterator[Record]:
    """Records of one stream; damaged packing ends it with a rejected record."""
    last = Record(start.index - 1, start.line or None, start.byte, start.byte)
    try:
        with opener() as stream:
            inner = packing(peek(stream))
            layout = "lines" if inner else _layout(stream)
        if inner:
            yield from _whole_file(start, start.byte, f"packed twice ({inner} inside)")
            return
        with opener() as stream:
            for last in _laid_out(stream, layout, start):
                yield last
    except DamagedStreamError as error:
        index = last.index if last.blank else last.index + 1
        reason = f"The packed data cannot be read on after byte {last.byte_end}: {error}."
        rejected = Rejected("damaged_archive", reason)
        yield Record(index, None, last.byte_end, last.byte_end, rejected=rejected)


def _layout(stream: io.BufferedReader) -> str:
    """How the stream is laid out: 'lines', 'array' or 'values'. Reads into it."""
    first, following = b"", list[bytes]()
    try:
        while not first.strip():
            line = stream.readline(limits.MAX_LINE_BYTES + 1)
            if not line:
                return "lines"
            first = line.removeprefix(jsonvalue.BOM)
        if len(line) > limits.MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_line(stream)
            more = stream.readline(CHUNK_BYTES).strip()
            return "lines" if more else "array" if first.lstrip().startswith(b"[") else "values"
        while len(following) < _FOLLOWING_LINES and (line := stream.readline(CHUNK_BYTES)):
            if not jsonvalue.is_blank(line):
                following.append(line)
    except DamagedStreamError:
        pass  # told again, with its place, when the records are read
    return jsonsplit.layout(first, following)


def _laid_out(stream: io.BufferedReader, layout: str, start: _Start) -> Iterator[Record]:
    offset = _skip_to(stream, start.byte)
    if offset < start.byte:
        return
    if layout == "lines":
        yield from _lines(stream, start)
    else:
        yield from _document(stream, start, array=layout == "array")


def _skip_to(stream: io.BufferedReader, offset: int) -> int:
    """Read up to an offset; returns where the stream then stands."""
    at = 0
    while at < offset and (data := stream.read(min(CHUNK_BYTES, offset - at))):
        at += len(data)
    return at


def _skip_line(stream: io.BufferedReader) -> int:
    """Read to the end of the line without keeping it; returns the number of bytes."""
    skipped = 0
    while data := stream.readline(CHUNK_BYTES):
        skipped += len(data)
        if data.endswith(b"\n"):
            break
    return skipped


def _lines(stream: io.BufferedReader, start: _Start) -> Iterator[Record]:
    at, line_no, index = start.byte, start.line, start.index
    while line := stream.readline(limits.MAX_LINE_BYTES + 1):
        line_no += 1
        begin, at = at, at + len(line)
        if len(line) > limits.MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = jsonvalue.capped(line)  # let the long line go before reading on
            at += _skip_line(stream)
            yield Record(index, line_no, begin, at, rejected=_too_long(at - begin), raw=line)
        elif jsonvalue.is_blank(line):
            yield Record(index, line_no, begin, at, blank=True)
            continue
        else:
            yield _record(line.rstrip(b"\r\n"), Record(index, line_no, begin, at))
        index += 1


def _document(stream: io.BufferedReader, start: _Start, *, array: bool) -> Iterator[Record]:
    index = start.index
    if start.byte == 0 and peek(stream).startswith(jsonvalue.BOM):
        stream.read(len(jsonvalue.BOM))
        start = replace(start, byte=len(jsonvalue.BOM))
    inside = start.byte > len(jsonvalue.BOM)
    pieces = jsonsplit.split_values(stream, offset=start.byte, array=array, inside=inside)
    for piece in pieces:
        place = Record(index, None, piece.start, piece.end)
        if piece.too_long:
            rejected = _too_long(piece.end - piece.start)
            yield replace(place, rejected=rejected, raw=jsonvalue.capped(piece.data))
        elif piece.unclosed and not piece.data:
            reason = "The list is never closed: the file ends early, so records may be missing."
            yield replace(place, rejected=Rejected("truncated_json", reason))
        else:
            record = _record(piece.data, place)
            yield record if record.rejected else replace(record, raw=b"")
        index += 1


def _record(data: bytes, place: Record) -> Record:
    parsed = jsonvalue.parse(data)
    if isinstance(parsed, Rejected):
        return replace(place, rejected=parsed, raw=jsonvalue.capped(data))
    if not isinstance(parsed.value, dict | list):
        kind = "null" if parsed.value is None else type(parsed.value).__name__
        rejected = Rejected("not_an_object", f"A record is a JSON object; this is {kind}.")
        return replace(place, rejected=rejected, raw=jsonvalue.capped(data))
    return replace(place, value=parsed.value, raw=data, warnings=parsed.warnings)


def _too_long(size: int) -> Rejected:
    return Rejected(
        "too_long", f"The record has {size:,} bytes; {limits.MAX_LINE_BYTES:,} are read."
    )
