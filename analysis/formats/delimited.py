"""CSV and TSV: a header row, then one record a row; quoted cells may hold line ends.

The content decides, as everywhere: a file is a table if its first row names columns. Only a file
that is called ``.csv`` or ``.tsv`` is refused if it does not.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analysis import limits
from analysis.errors import UnreadableFileError
from analysis.formats import jsonvalue
from analysis.formats.cells import cell_value
from analysis.formats.fields import KNOWN_NAMES, snake
from analysis.formats.lines import split_lines, whole_lines
from analysis.formats.records import Record, Start, refused, too_long
from analysis.formats.streams import DamagedStreamError
from analysis.model import Rejected, Warning_

_DELIMITERS = (",", "\t", ";")
_SUFFIX = re.compile(r"\.(?:csv|tsv)(?:\.(?:gz|zst|xz|bz2))?\Z", re.I)
_SEPARATOR_LINE = re.compile(rb"sep=(.)\r?\n")
_NUMBER = re.compile(r"[-+]?[\d.,]+%?\Z")
_NAME_CHARS = 80
_NAME_WORDS = 8
_WORDS = frozenset(
    ("question", "problem", "prompt", "reasoning", "thinking", "thought", "cot", "answer", "response",
     "output", "completion", "generation", "solution", "messages", "model")
)  # fmt: skip
_NO_HEADER = (
    "This file is called a table, but its first row does not name columns.",
    "Put a row such as question,reasoning,answer,model above the data.",
)


@dataclass(frozen=True, slots=True)
class Table:
    """What the first row of a table says."""

    delimiter: str
    columns: tuple[str, ...]
    first_byte: int
    """Where the first row of data begins."""
    first_line: int
    """How many physical lines stand before it."""
    warnings: tuple[Warning_, ...] = ()


def sniff_table(head: bytes, name: str) -> Table | None:
    """The table that a file with these first bytes is, or None.

    Raises ``UnreadableFileError`` for a file that is called a table and has no header.
    """
    named = bool(_SUFFIX.search(name))
    start = len(jsonvalue.BOM) if head.startswith(jsonvalue.BOM) else 0
    if head[start:].lstrip()[:1] in (b"", b"{", b"["):
        return None
    delimiters: tuple[str, ...] = _DELIMITERS
    line = 0
    if match := _SEPARATOR_LINE.match(head, start):
        delimiters, start, line = (match[1].decode("latin-1"),), match.end(), 1
    while (end := head.find(b"\n", start)) >= 0 and not head[start:end].strip():
        start, line = end + 1, line + 1
    found = [
        table
        for delimiter in delimiters
        if (table := _table(head, start, line, delimiter, named)) is not None
    ]
    if not found and named:
        raise UnreadableFileError(_NO_HEADER[0], remedy=_NO_HEADER[1])
    return max(found, key=lambda table: (_known(table.columns), len(table.columns)), default=None)


def _table(head: bytes, start: int, line: int, delimiter: str, named: bool) -> Table | None:
    """The table if this is the delimiter, or None."""
    rows = _Rows(io.BufferedReader(io.BytesIO(head[start:])), Start(start, line), delimiter)
    header = next(rows, None)
    if header is None or header.why is not None:
        return None
    if not _is_header(header.cells, named):
        return None
    following = next(rows, None)
    whole = following is not None and following.end < len(head) and following.why is None
    if not named and whole and following and len(following.cells) != len(header.cells):
        return None
    columns, warnings = _columns(header.cells)
    return Table(delimiter, columns, header.end, header.last_line, warnings)


def _is_header(cells: list[str], named: bool) -> bool:
    """True if the cells name columns; without a name that says so, some must be known."""
    names = [cell.strip() for cell in cells]
    filled = [name for name in names if name]
    if not filled or any(_NUMBER.match(name) for name in filled):
        return False
    if any(len(name) > _NAME_CHARS or len(name.split()) > _NAME_WORDS for name in filled):
        return False
    if any(ord(char) < 0x20 for name in filled for char in name):
        return False
    asked = (name for name in filled if name.endswith("?") and snake(name) not in KNOWN_NAMES)
    if any(asked) or any(name[0] in "{[<" or name.endswith((".", "!")) for name in filled):
        return False
    known = _known(filled)
    if named:
        return bool(known) or (len(names) > 1 and len(set(filled)) == len(names))
    return bool(known) and len(names) > 1 and not any(":" in name for name in filled)


def _known(names: tuple[str, ...] | list[str]) -> int:
    found = (snake(name) for name in names)
    return sum(name in KNOWN_NAMES or bool(_WORDS & set(re.split(r"\W|_", name))) for name in found)


def _columns(cells: list[str]) -> tuple[tuple[str, ...], tuple[Warning_, ...]]:
    """Names of columns, each once; a column without a name gets its number."""
    names: list[str] = []
    twice: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = wanted = cell.strip() or f"column {number}"
        copy = 1
        while name in names:
            copy += 1
            name = f"{wanted} ({copy})"
        if copy > 1:
            twice.append(wanted)
        names.append(name)
    if not twice:
        return tuple(names), ()
    detail = f"the header names {twice[0][:60]!r} more than once; the later one is {names[-1]!r}"
    return tuple(names), (Warning_("duplicate_key", detail),)


@dataclass(slots=True)
class _Row:
    """A row as it stands: its cells, or why it has none."""

    cells: list[str]
    raw: bytes
    start: int
    end: int
    line: int
    last_line: int
    why: Rejected | None = None


class _TooLongError(Exception):
    """The row that is being read passes the limit."""


class _Rows:
    """The rows of a table; also the physical lines that ``csv`` asks for, which are noted."""

    def __init__(self, stream: io.BufferedReader, start: Start, delimiter: str) -> None:
        self._blocks = whole_lines(stream)
        self._lines: Iterator[tuple[bytes, int]] = iter(())
        self._delimiter = delimiter
        self._at, self._line = start.byte, start.line
        self._raw: list[bytes] = []
        self._size = 0
        self._ended = self._bad_utf8 = self._quoted = False
        self._damage: DamagedStreamError | None = None
        csv.field_size_limit(2 * limits.MAX_LINE_BYTES + 1)
        self._reader = csv.reader(_Feed(self), delimiter=delimiter)

    def __iter__(self) -> Iterator[_Row]:
        return self

    def __next__(self) -> _Row:
        begin, first = self._at, self._line + 1
        self._raw, self._size, self._ended, self._bad_utf8 = [], 0, False, False
        cells: list[str] = []
        why: Rejected | None = None
        try:
            cells = next(self._reader)
        except StopIteration:
            if self._damage is not None:
                raise self._damage from None
            raise
        except csv.Error as error:
            why = Rejected("not_csv", f"The row is no CSV: {error}.")
        except _TooLongError:
            self._skip_row()
            why = too_long(self._size)
            self._reader = csv.reader(_Feed(self), delimiter=self._delimiter)
        if why is None and self._ended:
            why = Rejected(
                "unclosed_quote",
                f"A quoted cell that begins in or after line {first} is never closed.",
            )
        if why is None and self._bad_utf8:
            why = Rejected("invalid_utf8", "The row holds bytes that are not UTF-8.")
        raw = b"".join(self._raw)
        return _Row(cells, raw, begin, self._at, first, self._line, why)

    def pull(self) -> str:
        """The next physical line, for ``csv``."""
        if self._size > limits.MAX_LINE_BYTES:
            self._quoted = True  # else csv would have had enough
            raise _TooLongError
        data, long = self._next_line()
        if long:
            self._quoted = False
            raise _TooLongError
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self._bad_utf8 = True
            return data.decode("utf-8", "surrogateescape")

    def _next_line(self) -> tuple[bytes, int]:
        pair = next(self._lines, None)
        while pair is None:
            try:
                block, long = next(self._blocks)
            except (StopIteration, DamagedStreamError) as end:
                self._ended = True
                if isinstance(end, DamagedStreamError):
                    self._damage = end
                raise StopIteration from None
            lines = [block] if long else split_lines(block)
            self._lines = iter([(line, long) for line in lines])
            pair = next(self._lines, None)
        data, long = pair
        self._line += 1
        self._at += long or len(data)
        self._size += long or len(data)
        if self._size <= limits.MAX_LINE_BYTES or not self._raw:
            self._raw.append(data)
        return pair

    def _skip_row(self) -> None:
        """Read on to the end of a row that is too long, without keeping it."""
        self._raw = [jsonvalue.capped(b"".join(self._raw))]
        while self._quoted:
            try:
                data, long = self._next_line()
            except StopIteration:
                return
            self._raw = self._raw[:1]
            self._quoted = not long and _stays_quoted(data, self._delimiter)


class _Feed:
    """What ``csv`` reads lines from."""

    def __init__(self, rows: _Rows) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        return self._rows.pull()


def _stays_quoted(line: bytes, delimiter: str) -> bool:
    """True if a line that begins inside a quoted cell also ends inside one."""
    asked: list[bool] = []

    def probe() -> Iterator[str]:
        yield '"' + line.decode("utf-8", "replace")
        asked.append(True)

    try:
        next(csv.reader(probe(), delimiter=delimiter))
    except csv.Error:
        return False
    return bool(asked)


def read_table(stream: io.BufferedReader, table: Table, start: Start) -> Iterator[Record]:
    """The rows of a table as objects; the stream stands at ``start`` or behind the header.

    Rows with too many or too few cells are rejected. A damaged stream gives what stands before
    the damage, then raises ``DamagedStreamError``.
    """
    at = (
        start
        if start.byte >= table.first_byte
        else Start(table.first_byte, table.first_line, start.index)
    )
    index = at.index
    for row in _Rows(stream, at, table.delimiter):
        last = row.last_line if row.last_line != row.line else None
        place = Record(index, row.line, row.start, row.end, last_line=last)
        if row.why is None and jsonvalue.is_blank(row.raw):
            place.blank = True
            yield place
            continue
        why = row.why or _count_differs(row.cells, table.columns)
        if why is not None:
            yield refused(place, why, row.raw)
        else:
            place.value, place.warnings = _object(row.cells, table.columns)
            place.raw = row.raw
            if index == 0:
                place.warnings = (*table.warnings, *place.warnings)
            yield place
        index += 1


def _object(
    cells: list[str], columns: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[Warning_, ...]]:
    found: dict[str, Any] = {}
    warnings: list[Warning_] = []
    for name, cell in zip(columns, cells, strict=True):
        found[name], notes = cell_value(name, cell)
        warnings += notes
    return found, tuple(warnings)


def _count_differs(cells: list[str], columns: tuple[str, ...]) -> Rejected | None:
    if len(cells) == len(columns):
        return None
    reason = f"The row has {len(cells)} cells; the header names {len(columns)} columns."
    return Rejected("cell_count", reason)
