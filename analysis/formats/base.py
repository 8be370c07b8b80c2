"""What a format is: a way to recognise a record and a way to read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analysis.formats.draft import FileHint
from analysis.model import Rejected, Trace, Warning_

_SHOWN_REASONS = 5
ROW_NOT_READ = "row_not_read"
_KEPT = "rows_not_read"


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of the registry. Both functions take any JSON value and never raise."""

    id: str
    title: str
    recognise: Callable[[Any], float]
    """How surely a value is of this format, 0 to 1, from its keys; cheap."""
    read: Callable[[Any, FileHint], list[Trace] | Rejected]
    """The traces of a value, or why there is none."""
    needs: tuple[frozenset[str], ...] = ()
    """An object that holds all keys of none of these sets is not recognised; empty: any may be."""

    def may_be(self, keys: frozenset[str]) -> bool:
        """False for an object with these keys that is not of this format for certain."""
        return not self.needs or any(wanted <= keys for wanted in self.needs)


def any_of(*keys: str) -> tuple[frozenset[str], ...]:
    """``needs`` of a format that one of these keys is enough for."""
    return tuple(frozenset((key,)) for key in keys)


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A row of a wrapper (``{"results": [...]}``) that gave no trace."""

    position: int
    """0-based among the rows of the wrapper."""
    rejected: Rejected
    value: Any


class Found(list[Trace]):
    """The traces of a record, and the rows of it that gave none: they may be quarantined one by
    one, each with its reason."""

    def __init__(self, traces: Iterable[Trace], unread: Sequence[UnreadRow] = ()) -> None:
        """``unread`` in the order of the record."""
        super().__init__(traces)
        self.unread: tuple[UnreadRow, ...] = tuple(unread)


def with_unread(trace: Trace, unread: Sequence[UnreadRow]) -> Trace:
    """Keep rows of a wrapper that gave no trace beside the first one that did."""
    reasons = [f"row {row.position}: {row.rejected.reason}" for row in unread[:_SHOWN_REASONS]]
    many = f"{len(unread)} rows gave no trace; " if len(unread) > 1 else ""
    more = " ..." if len(unread) > _SHOWN_REASONS else ""
    note = Warning_(ROW_NOT_READ, f"{many}{' '.join(reasons)}{more}")
    kept = {_KEPT: [row.value for row in unread]}
    return replace(trace, warnings=(*trace.warnings, note), metadata={**trace.metadata, **kept})


def without_unread(found: Found) -> list[Trace]:
    """The traces alone, for a caller that keeps ``found.unread`` itself."""
    first, *others = found
    warnings = tuple(note for note in first.warnings if note.code != ROW_NOT_READ)
    metadata = {key: value for key, value in first.metadata.items() if key != _KEPT}
    return [replace(first, warnings=warnings, metadata=metadata), *others]
