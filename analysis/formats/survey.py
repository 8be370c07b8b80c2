"""A first look at a large JSON object: where its elements stand, and a few of them.

The elements are the items of its one long list, or else all its members. Nothing of them is kept
but their sizes and the first of every kind; what stands around a list is kept whole.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

import orjson

from analysis import limits
from analysis.formats import jsonvalue
from analysis.formats.jsonsplit import Elements, Scanner, one_value, value_within
from analysis.formats.kinds import element_kind, member_kind
from analysis.model import Rejected

_SAMPLES = 20
_SAMPLE_BYTES = 4 * 1024 * 1024
_MOST_KINDS = 1000
_WIDEST = 2**32 - 1
_OPEN, _CLOSE, _LIST, _LIST_END, _COLON = b"{}[]:"


@dataclass(slots=True)
class Survey:
    """What was seen of a document."""

    elements: Elements
    key: str | None
    """The key of the list; None where the members are the elements."""
    frame: bytes
    """The document with an empty list in place of the long one; empty without a list."""
    samples: list[Any]
    """Some elements, at least one of every kind; of members ``(key, value)``."""
    first_read: int
    """The position of the first element that can be read."""


class _UnfitError(Exception):
    """The document cannot be read element by element."""


@dataclass(slots=True)
class _Seen:
    """The elements that were passed."""

    first: int
    last: int
    sizes: array[int] = field(default_factory=lambda: array("I"))
    samples: list[Any] = field(default_factory=list)
    kinds: set[Any] = field(default_factory=set)
    hashes: array[int] = field(default_factory=lambda: array("q"))
    sampled: int = 0
    first_read: int | None = None
    long: bool = False
    cut: bool = False

    def place(self, start: int, end: int) -> None:
        """Note where the next element stands."""
        gap, size = start - self.last, end - start
        if max(gap, size) > _WIDEST or len(self.sizes) >= 2 * limits.MAX_DOCUMENT_ELEMENTS:
            raise _UnfitError
        self.sizes.append(gap)
        self.sizes.append(size)
        self.last = end

    def sample(self, found: Any, kind: Any, size: int) -> None:
        """Keep an element that was placed, if it is among the first or of a new kind."""
        if self.first_read is None:
            self.first_read = len(self.sizes) // 2 - 1
        known = kind in self.kinds
        if known and (len(self.samples) >= _SAMPLES or self.sampled + size > _SAMPLE_BYTES):
            return
        self.kinds.add(kind)
        if len(self.kinds) > _MOST_KINDS:
            raise _UnfitError
        self.samples.append(found)
        self.sampled += size

    def elements(self, end: int, *, closed: bool) -> Elements:
        return Elements(self.first, self.sizes, end, closed, self.cut)


@dataclass(slots=True)
class _Frame:
    """The members of a document as they stand, but for its long list."""

    members: list[bytes] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return self.size > limits.DOCUMENT_FRAME_BYTES

    def add(self, key: str, name: bytes, value: bytes) -> None:
        self.size += len(name) + len(value) + 2
        if self.full:
            self.members, self.keys = [], []
        else:
            self.members.append(name + b":" + value)
            self.keys.append(key)


def survey(scan: Scanner) -> Survey | None:
    """Look through the object that begins at the scanner's position; None where its elements are
    not to be told apart. A cut or damaged stream ends it."""
    if scan.buffer[scan.at : scan.at + 1] != b"{":
        return None
    try:
        return _Surveyor(scan).look()
    except _UnfitError:
        return None


class _Surveyor:
    def __init__(self, scan: Scanner) -> None:
        self.scan = scan
        self.start = scan.offset
        scan.at += 1
        self.members: _Seen | None = _Seen(scan.offset, scan.offset)
        self.items: _Seen | None = None
        self.key: str | None = None
        self.frame = _Frame()

    def look(self) -> Survey | None:
        closed = False
        while self.scan.skip_gap():
            if self.scan.buffer[self.scan.at] == _CLOSE:
                self.scan.at += 1
                closed = True
                break
            if not self._member():
                break
        end = self.scan.offset
        found = self.items or self.members
        if found is None or found.first_read is None:
            return None
        if found.long and end - self.start <= limits.MAX_JSON_DOCUMENT_BYTES:
            return None
        if self.items is None:
            if _repeated(found.hashes):
                return None
        elif self.frame.full or self.frame.keys.count(str(self.key)) > 1:
            return None
        frame = b"{" + b",".join(self.frame.members) + b"}" if self.items else b""
        elements = found.elements(end, closed=closed)
        return Survey(elements, self.key, frame, found.samples, found.first_read)

    def _member(self) -> bool:
        """Pass one member; False where the stream ends in it."""
        scan = self.scan
        name = one_value(scan, limits.MAX_LINE_BYTES)
        if name.unclosed:
            return False
        key = _key(name.data)
        if not scan.skip_gap(commas=False):
            return False
        if scan.buffer[scan.at] != _COLON:
            raise _UnfitError
        scan.at += 1
        if not scan.skip_gap(commas=False):
            return False
        if scan.buffer[scan.at] == _LIST:
            value = value_within(scan, limits.LARGE_DOCUMENT_BYTES // 2)
            if value is None:
                return self._list(key, name.data)
        else:
            value = one_value(scan, limits.MAX_LINE_BYTES)
        if value.too_long:
            raise _UnfitError
        if self.members is not None:
            self.members.place(name.start, value.end)
            self.members.cut = value.unclosed
        if value.unclosed:
            return False
        self.frame.add(key, name.data, value.data)
        if self.members is not None:
            self._as_element(key, name.data + b":" + value.data)
        if self.frame.full and self.members is None:
            raise _UnfitError
        return True

    def _as_element(self, key: str, data: bytes) -> None:
        """Take a member for an element as long as all of them are objects."""
        seen = self.members
        parsed = jsonvalue.parse(b"{" + data + b"}")
        if seen is None or isinstance(parsed, Rejected):
            return
        value = next(iter(parsed.value.values()))
        if not isinstance(value, dict) or not value:
            self.members = None
            return
        seen.hashes.append(hash(key))
        seen.sample((key, value), member_kind(key, value), len(data))

    def _list(self, key: str, name: bytes) -> bool:
        """Pass the long list; False where the stream ends in it."""
        if self.items is not None:
            raise _UnfitError
        scan = self.scan
        scan.at += 1
        self.members, self.key = None, key
        self.items = seen = _Seen(scan.offset, scan.offset)
        self.frame.add(key, name, b"[]")
        while scan.skip_gap():
            if scan.buffer[scan.at] == _LIST_END:
                scan.at += 1
                return True
            piece = one_value(scan, limits.MAX_LINE_BYTES)
            seen.place(piece.start, piece.end)
            seen.long |= piece.too_long
            seen.cut = piece.unclosed
            if piece.unclosed:
                break
            if piece.too_long:
                continue
            parsed = jsonvalue.parse(piece.data)
            if not isinstance(parsed, Rejected):
                seen.sample(parsed.value, element_kind(parsed.value), len(piece.data))
        return False


def _key(data: bytes) -> str:
    try:
        key = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise _UnfitError from None
    if not isinstance(key, str):
        raise _UnfitError
    return key


def _repeated(hashes: array[int]) -> bool:
    """True if a key stands twice."""
    import numpy as np  # only files that are read need it

    found = np.frombuffer(hashes, np.int64).copy()
    found.sort()
    return bool((found[1:] == found[:-1]).any())
