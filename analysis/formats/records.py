"""What every container gives: records, one after the other, each with its place in the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from analysis import limits
from analysis.formats import jsonvalue
from analysis.formats.split import has_marks
from analysis.model import Rejected, Warning_


@dataclass(slots=True)
class Record:
    """One value of a file, or bytes that are none (``rejected``), or a blank line.

    Not frozen, as making a frozen one takes three times as long; nobody changes one.
    """

    index: int
    """0-based among non-blank records; of a blank line: the index of the record after it."""
    line_no: int | None
    """1-based physical line where the record begins; None where lines mean nothing."""
    byte_start: int
    byte_end: int
    """Where a resume may go on. Offsets count unpacked bytes; those of a zip's member follow those
    of the member before it, and the rows of a Parquet file share its bytes out evenly. A value that
    the end of the file cuts off ends one byte behind it, where nothing is left to read."""
    member: str | None = None
    value: Any | None = None
    rejected: Rejected | None = None
    raw: bytes = b""
    """The bytes as they stand in the file; capped for a rejected record, empty in documents."""
    blank: bool = False
    warnings: tuple[Warning_, ...] = ()
    last_line: int | None = None
    """The physical line where the record ends, if that is another one than ``line_no``."""
    more: bool = False
    """The record after this one is of the same bytes: an import must not stop between the two."""

    @property
    def end_line(self) -> int | None:
        """The last physical line of the record: what a resume goes on after."""
        return self.line_no if self.last_line is None else self.last_line


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins: the end of the last record that was taken."""

    byte: int = 0
    line: int = 0
    index: int = 0


Opener = Callable[[], AbstractContextManager[io.BufferedReader]]
"""Opens the same bytes again: once to look at their layout, once to read them."""


def parsed_record(data: bytes, place: Record) -> Record:
    """The JSON text ``data`` as a record that stands at ``place``."""
    return settled(jsonvalue.parse(data), data, place)


def settled(parsed: jsonvalue.Parsed | Rejected, data: bytes, place: Record) -> Record:
    """``place`` with what its bytes gave."""
    if isinstance(parsed, Rejected):
        return refused(place, parsed, data)
    if isinstance(parsed.value, str) and has_marks(parsed.value):  # a list of bare replies
        return replace(place, value={"response": parsed.value}, raw=data, warnings=parsed.warnings)
    if not isinstance(parsed.value, dict | list):
        kind = "null" if parsed.value is None else type(parsed.value).__name__
        reason = f"A record is a JSON object; this is {kind}."
        return refused(place, Rejected("not_an_object", reason), data)
    return replace(place, value=parsed.value, raw=data, warnings=parsed.warnings)


def refused(place: Record, why: Rejected, data: bytes) -> Record:
    """``place`` as a record that goes to quarantine, with the first of its bytes."""
    return replace(place, rejected=why, raw=jsonvalue.capped(data))


def too_long(size: int, most: int | None = None) -> Rejected:
    """The reason why a record of ``size`` bytes is not read (``most``: what would be)."""
    most = limits.MAX_LINE_BYTES if most is None else most
    return Rejected("too_long", f"The record has {size:,} bytes; {most:,} are read.")
