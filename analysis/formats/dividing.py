"""Large documents, read element by element: which they are, and what each element says.

The first of two passes looks a document over; if the readers would take it for a wrapper of rows,
the second gives one record for each row, and each is the same row as in the whole document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from analysis.formats import inspect_log, jsonvalue
from analysis.formats.jsonsplit import Elements, Piece, Scanner
from analysis.formats.part import Part
from analysis.formats.pieces import piece_key
from analysis.formats.records import Opener, Record, refused
from analysis.formats.registry import FileHint, is_wrapper, read_one, read_record
from analysis.formats.samples import RowOf, row_reader
from analysis.formats.streams import skip_to
from analysis.formats.survey import Survey, survey
from analysis.model import Rejected, Warning_


@dataclass(frozen=True, slots=True)
class _Document:
    """How the elements of one document are read."""

    survey: Survey
    frame: dict[str, Any]
    warnings: tuple[Warning_, ...]
    row_of: RowOf | None
    """None where a format reads each part itself."""


class Divided:
    """The large documents of one stream, one after the other."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._document: _Document | None = None

    def divide(self, offset: int) -> Elements | None:
        """The elements of the document at ``offset``; None if it is to be read whole."""
        self._document = None
        with self._opener() as stream:
            if not skip_to(stream, offset):
                return None
            scan = Scanner(stream, offset)
            found = survey(scan) if scan.skip_gap() else None
        self._document = _document(found) if found else None
        return found.elements if found and self._document else None

    def record(self, piece: Piece, place: Record) -> Record:
        """An element of the document that was divided last."""
        document = self._document
        if document is None or piece.element is None:
            raise ValueError("no document was divided")
        key, data = document.survey.key, piece.data
        if key is None:
            data = b"{" + data + (b"" if piece.unclosed else b"}")
        parsed = jsonvalue.parse(data)
        if isinstance(parsed, Rejected):
            return refused(place, parsed, piece.data)
        value = _with_own(parsed.value) if key is None else parsed.value
        part = Part(
            value if key is None else {**document.frame, key: [value]},
            key=key,
            position=piece.element,
        )
        part.first = piece.element == document.survey.first_read
        if document.row_of is not None:
            part.row = document.row_of(part)
        notes = (*document.warnings, *parsed.warnings) if part.first else parsed.warnings
        return replace(place, value=part, warnings=notes)


def _with_own(member: dict[str, Any]) -> dict[str, Any]:
    """``{id: row}``, with what parsing put beside the row put into it."""
    if len(member) == 1:
        return member
    (name, row), *others = member.items()
    return {name: {**dict(others), **row}}


def _document(found: Survey) -> _Document | None:
    """How to read what was surveyed; None for what has no rows, or reads them together."""
    if found.key is None:
        whole = dict(found.samples)
        frame: dict[str, Any] = {}
        notes: tuple[Warning_, ...] = ()
    else:
        parsed = jsonvalue.parse(found.frame)
        if isinstance(parsed, Rejected):
            return None
        frame, notes = parsed.value, parsed.warnings
        whole = {**frame, found.key: found.samples}
    if piece_key(whole) is not None:
        return None
    if inspect_log.is_log(whole) and found.key == "samples":
        return _Document(found, frame, notes, None)
    count = len(found.elements.sizes) // 2
    row_of = row_reader(whole, found.key, count) if is_wrapper(whole) else None
    if row_of is None or not _rows_say_more(found, frame, whole, row_of):
        return None
    return _Document(found, frame, notes, row_of)


def _rows_say_more(
    found: Survey, frame: dict[str, Any], whole: dict[str, Any], row_of: RowOf
) -> bool:
    """False where no row gives a trace, and the document as one record does."""
    rows = []
    for position, sample in enumerate(found.samples):  # only the first row has what is around it
        key = found.key
        value = {**frame, key: [sample]} if key is not None else dict([sample])
        rows.append(row_of(Part(value, key=key, position=position)))
    if any(isinstance(read_one(row, FileHint()), list) for row in rows):
        return True
    if isinstance(read_one(whole, FileHint()), list):
        return False
    if any(isinstance(read_record(row, hint=FileHint()), list) for row in rows):
        return True
    return isinstance(read_record(whole, hint=FileHint()), Rejected)
