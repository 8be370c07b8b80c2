"""One exception tree. Every message says what happened, where, and what to do.

Each class has a stable ``code`` that appears in ``--json`` output and in the log, and an
``exit_code`` for the command line (see ``docs/cli.md``).
"""

from __future__ import annotations


class CotscopeError(Exception):
    """Base of every error that CoTScope raises on purpose."""

    code = "E000"
    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        """``message`` says what happened and where; ``remedy`` says what the person can do."""
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(CotscopeError):
    """An argument cannot be used: no such column, an unknown analyzer, a bad range."""

    code = "U001"
    exit_code = 2


class SearchSyntaxError(UsageError):
    """A search cannot be read; ``position`` is where (0-based, None where no place is to blame)."""

    code = "U002"

    def __init__(self, message: str, *, remedy: str = "", position: int | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.position = position


class InputError(CotscopeError):
    """A whole file cannot be read as traces (a bad line is not an error: it is quarantined)."""

    code = "I001"
    exit_code = 1


class InputTooLargeError(InputError):
    """A file would unpack to more than ``limits`` allows."""

    code = "I002"


class UnreadableFileError(InputError):
    """A file is of a kind that holds no traces: a PDF, a pointer to data, an error page, ..."""

    code = "I003"


class DamagedFileError(InputError):
    """A file cannot be read on: packed data that is cut off, a corrupt table."""

    code = "I004"


class StoreError(CotscopeError):
    """The database cannot be used."""

    code = "S001"
    exit_code = 3


class StoreLockedError(StoreError):
    """Another process holds the database."""

    code = "S002"


class StoreFullError(StoreError):
    """The disk is full; committed rows are safe."""

    code = "S003"


class StoreVersionError(StoreError):
    """The database was written by a newer CoTScope."""

    code = "S004"


class StoreCorruptError(StoreError):
    """The database file is damaged."""

    code = "S005"


class QueryError(CotscopeError):
    """A statement given to ``cotscope sql`` was refused or failed."""

    code = "Q001"
    exit_code = 2


class Cancelled(CotscopeError):  # noqa: N818 - a request of the person, not a fault
    """The person stopped the work; what was committed stays."""

    code = "C001"
    exit_code = 1


class InternalError(CotscopeError):
    """A promise that CoTScope makes to itself does not hold: a bug, told instead of hidden."""

    code = "B001"
    exit_code = 1


class ExportError(CotscopeError):
    """A file cannot be written; what was there before is untouched."""

    code = "X001"
    exit_code = 1
