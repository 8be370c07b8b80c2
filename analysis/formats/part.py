"""One element of a large document, in what stands around it."""

from __future__ import annotations

from typing import Any


class Part(dict[str, Any]):
    """``{"model": .., "results": [row]}`` of a document whose ``results`` holds many rows.

    It has the keys of the document, and of the list or object that is read element by element
    only one element. What is around it is shared by all parts: nobody changes one.
    """

    __slots__ = ("first", "key", "position", "row")

    def __init__(self, value: dict[str, Any], *, key: str | None, position: int) -> None:
        super().__init__(value)
        self.key = key
        """The key of the list; None where the elements stand under ids in the document itself."""
        self.position = position
        """0-based among the elements."""
        self.first = position == 0
        """True for the first element that can be read: it keeps what holds for the document."""
        self.row: dict[str, Any] | None = None
        """The element as the row that the whole document would have given; None: a format reads
        the part itself."""
