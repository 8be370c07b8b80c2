"""Files as records: JSON of every layout, tables, event streams; plain, packed or in a zip.

Nothing here knows what a trace is. Every byte of a file belongs to a record, to a blank line or
to the brackets of a document; a damaged part becomes a record with a reason.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from analysis import limits
from analysis.errors import DamagedFileError, UnreadableFileError
from analysis.formats import (
    delimited,
    dividing,
    evalzip,
    eventstream,
    jsonsplit,
    jsonvalue,
    lines,
    parquet,
    sniff,
)
from analysis.formats.pieces import joined
from analysis.formats.records import Opener, Record, Start, parsed_record, refused, too_long
from analysis.formats.streams import (
    CHUNK_BYTES,
    DamagedStreamError,
    check_packed_size,
    check_zip_size,
    open_member,
    open_stream,
    packing,
    peek,
    skip_to,
)
from analysis.model import Rejected, Warning_

__all__ = ["Record", "open_records"]

_MEMBER_SUFFIXES = (".jsonl", ".ndjson", ".json", ".jsonlines", ".parquet", ".csv", ".tsv", ".sse")
_FOLLOWING_LINES = 16
_AGAIN = "Fetch or make the file again; what was read before the damage is in."


def open_records(
    path: Path, *, start_byte: int = 0, start_line: int = 0, start_index: int = 0
) -> Iterator[Record]:
    """Read a file record by record, in bounded memory.

    To resume, give the ``byte_end`` of the last record taken, its ``end_line`` (or 0) and its
    ``index`` + 1 (without the 1 for a blank line). Raises ``InputTooLargeError`` when the file
    unpacks to more than ``limits`` allows, ``UnreadableFileError`` when it holds no data,
    ``DamagedFileError`` where it cannot be read on, and ``OSError`` when it cannot be opened; no
    content raises anything else.
    """
    start = Start(start_byte, start_line, start_index)
    with path.open("rb") as source:
        packed = packing(peek(source))
    if packed == "zip":
        yield from _zip_records(path, start)
    else:
        if packed and start_byte == 0:
            check_packed_size(path)
        yield from joined(_stream_records(partial(open_stream, path), start, path.name))


def _zip_records(path: Path, start: Start) -> Iterator[Record]:
    """The data members of a zip, one after the other; what is passed over is said in a warning."""
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise DamagedFileError(f"This zip file is damaged: {error}.", remedy=_AGAIN) from error
        infos = archive.infolist()
        check_zip_size(path, infos)
        samples = evalzip.sample_members(infos)
        if samples is not None:
            head = _log_head(archive, infos)
            for position, record in _member_records(archive, samples, start, divide=False):
                if record.value is None:
                    yield record
                    continue
                value = evalzip.with_header(record.value, head, position)
                yield replace(record, value=value, raw=b"")
            return
        members = [info for info in infos if _is_data(info)]
        if not members:
            raise sniff.zip_without_data(infos)
        notes = tuple(
            Warning_("skipped_member", f"{info.filename!r} is no data file by its name or path")
            for info in infos
            if not info.is_dir() and not _is_data(info)
        )
        untold = bool(notes) and start.byte == 0
        for _, record in _member_records(archive, members, start):
            if untold and record.value is not None:
                record.warnings = (*notes, *record.warnings)
                untold = False
            yield record


def _member_records(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    start: Start,
    *,
    divide: bool = True,
) -> Iterator[tuple[int, Record]]:
    """Each record with the place of its member among the members; offsets count all of them."""
    offset, index = 0, start.index
    for position, info in enumerate(members):
        within = max(start.byte - offset, 0)
        if within < _room(info):
            here = Start(within, start.line if within else 0, index)
            for record in _member(archive, info, here, divide=divide):
                index = record.index + (not record.blank)
                yield (
                    position,
                    replace(
                        record,
                        member=info.filename,
                        byte_start=offset + record.byte_start,
                        byte_end=offset + record.byte_end,
                    ),
                )
        offset += _room(info)


def _room(info: zipfile.ZipInfo) -> int:
    """How many offsets a member takes: its bytes as UTF-8, at most, and one for its end."""
    return info.file_size + info.file_size // 2 + 1


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, start: Start, *, divide: bool
) -> Iterator[Record]:
    """The records of a member; one that cannot be read (on) ends with a rejected record."""
    last = None
    try:
        opener = partial(open_member, archive, info)
        for record in joined(_stream_records(opener, start, info.filename, divide=divide)):
            last = record
            yield record
    except (UnreadableFileError, DamagedFileError) as error:
        rejected = Rejected("unsupported_container", str(error))
        if isinstance(error, DamagedFileError):
            rejected = Rejected("damaged_archive", str(error))
        index, at = start.index, start.byte
        if last is not None:
            index, at = last.index + (not last.blank), last.byte_end
        yield Record(index, None, at, _room(info), rejected=rejected)


def _log_head(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, Any]:
    """What an Inspect log says of all its samples; empty where its head is damaged or missing,
    which the reader of the samples then says."""
    try:
        return evalzip.read_header(infos, partial(open_member, archive))
    except DamagedStreamError:
        return {}


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


def _stream_records(
    opener: Opener, start: Start, name: str, *, divide: bool = True
) -> Iterator[Record]:
    """Records of one stream; ``divide``: those of a large document are its elements. Raises ``UnreadableFileError`` and ``DamagedFileError``."""
    try:
        with opener() as stream:
            head = sniff.head_of(stream)
        sniff.require_data(head)
        if head.startswith(parquet.MAGIC):
            yield from parquet.read_parquet(opener, start)
        elif eventstream.is_event_stream(head):
            with opener() as stream:
                if skip_to(stream, start.byte):
                    yield from eventstream.read_events(stream, start)
        elif table := delimited.sniff_table(head, name):
            with opener() as stream:
                if skip_to(stream, max(start.byte, table.first_byte)):
                    yield from delimited.read_table(stream, table, start)
        else:
            yield from _json_records(opener, start, divide=divide)
    except DamagedStreamError as error:
        raise DamagedFileError(
            f"The packed data is damaged or cut off: {error}.", remedy=_AGAIN
        ) from error


def _json_records(opener: Opener, start: Start, *, divide: bool) -> Iterator[Record]:
    with opener() as stream:
        layout = _layout(stream)
    with opener() as stream:
        if layout != "lines":
            divided = dividing.Divided(opener) if divide else None
            yield from _document(stream, start, divided, array=layout == "array")
        elif skip_to(stream, start.byte):
            yield from lines.read_lines(stream, start)


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
            lines.skip_line(stream)
            more = stream.readline(CHUNK_BYTES).strip()
            return "lines" if more else "array" if first.lstrip().startswith(b"[") else "values"
        while len(following) < _FOLLOWING_LINES and (line := stream.readline(CHUNK_BYTES)):
            if not jsonvalue.is_blank(line):
                following.append(line)
    except DamagedStreamError:
        pass  # told again, with its place, when the records are read
    return jsonsplit.layout(first, following)


def _document(
    stream: io.BufferedReader, start: Start, divided: dividing.Divided | None, *, array: bool
) -> Iterator[Record]:
    index = start.index
    offset = 0
    if peek(stream).startswith(jsonvalue.BOM):
        offset = len(stream.read(len(jsonvalue.BOM)))
    divide = divided.divide if divided else None
    for piece in jsonsplit.split_values(stream, offset=offset, array=array, divide=divide):
        if piece.end <= start.byte:  # read from the start: what it stands in must be known
            continue
        place = Record(index, None, piece.start, piece.end)
        if piece.too_long:
            whole = piece.element is None and not array
            most = limits.MAX_JSON_DOCUMENT_BYTES if whole else limits.MAX_LINE_BYTES
            yield refused(place, too_long(piece.end - piece.start, most), piece.data)
        elif piece.unclosed and not piece.data:
            what = "list" if array else "document"
            reason = f"The {what} is never closed: the file ends early, so records may be missing."
            yield refused(place, Rejected("truncated_json", reason), b"")
        else:
            if divided and piece.element is not None:
                record = divided.record(piece, place)
            else:
                record = parsed_record(piece.data, place)
            if record.rejected is None:
                record.raw = b""
            yield record
        index += 1
