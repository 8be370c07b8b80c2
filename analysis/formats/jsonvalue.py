"""One JSON text as a Python value that keeps what it says, or the reason why it is none.

Fast path orjson; where orjson refuses, or would silently change a value, the standard parser
with repairs that are each reported as a warning.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from analysis import limits
from analysis.model import Rejected, Warning_

BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n\x0b\x0c"
_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64_EDGE = 2.0**63
_TRUNCATED = ("Unterminated string", "Expecting value", "Expecting ',' delimiter",
              "Expecting ':' delimiter", "Expecting property name", "Invalid \\escape",
              "Invalid \\uXXXX escape")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value and what had to be repaired to get it."""

    value: Any
    warnings: tuple[Warning_, ...] = ()


def is_blank(data: bytes) -> bool:
    """True for a line that holds only white space (or a stray byte-order mark)."""
    return not data.strip(_SPACE) or not data.replace(BOM, b"").strip(_SPACE)


def parse(data: bytes) -> Parsed | Rejected:
    """Parse one JSON text (bytes, UTF-8). Never raises.

    Exact: integers of any size, the last of duplicate keys (warned). Repaired with a warning:
    NaN and infinities to None, lone surrogates to U+FFFD. Rejected: everything else.
    """
    text = data.strip(_SPACE)
    if text.startswith(BOM):
        text = text[3:].lstrip(_SPACE)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _tolerant(text)
    shape = _Shape()
    if not shape.measure(value):
        return _too_deep()
    if shape.wide_number or _key_count(text) != shape.keys:
        return _tolerant(text)
    return Parsed(value)


class _Shape:
    """What orjson does not tell: nesting, number of keys, floats that may be rounded integers."""

    __slots__ = ("keys", "wide_number")

    def __init__(self) -> None:
        self.keys = 0
        self.wide_number = False

    def measure(self, root: Any) -> bool:
        """Walk the value level by level; False when it is nested too deeply."""
        level = [root]
        for _ in range(limits.MAX_JSON_DEPTH):
            below: list[Any] = []
            for node in level:
                kind = type(node)
                if kind is dict:
                    self.keys += len(node)
                    below.extend(node.values())
                elif kind is list:
                    below.extend(node)
                elif kind is float and not -_INT64_EDGE < node < _INT64_EDGE:
                    self.wide_number = True
            if not below:
                return True
            level = below
        return not any(isinstance(node, dict | list) for node in level)


def _key_count(text: bytes) -> int:
    """Number of keys, if written without a space before the colon.

    A quote followed by a colon ends a key, unless the quote is escaped inside a string. Any other
    style gives another number, which only costs the slower parse.
    """
    return text.count(b'":') - text.count(b'\\":')


def _tolerant(data: bytes) -> Parsed | Rejected:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Rejected(
            "invalid_utf8",
            f"Byte 0x{data[error.start]:02X} at offset {error.start} of the record is not UTF-8.",
        )
    repairs = _Repairs()
    try:
        value = json.loads(
            text,
            object_pairs_hook=repairs.pairs,
            parse_constant=repairs.constant,
            parse_float=repairs.number,
            parse_int=repairs.integer,
        )
    except json.JSONDecodeError as error:
        return _not_json(text, error)
    except RecursionError:
        return _too_deep()
    if not _Shape().measure(value):
        return _too_deep()
    if _SURROGATE.search(text) or "\\u" in text:
        value = repairs.surrogates(value)
    return Parsed(value, repairs.warnings())


class _Repairs:
    """Hooks for ``json.loads`` that repair values and remember that they did."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def warnings(self) -> tuple[Warning_, ...]:
        return tuple(Warning_(code, detail) for code, detail in self._notes.items())

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            seen: set[str] = set()
            twice = [key for key, _ in items if key in seen or seen.add(key)]  # type: ignore[func-returns-value]
            self._note(
                "duplicate_key",
                f"{_printable(twice[0])} stands more than once: the last one counts",
            )
        return found

    def constant(self, name: str) -> None:
        self._note("non_finite", f"{name} is not a number: read as null")

    def number(self, text: str) -> float | None:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self._note("non_finite", f"{text[:40]} is beyond the range of numbers: read as null")
            return None
        return value

    def integer(self, text: str) -> int | str:
        try:
            return int(text)
        except ValueError:  # more digits than Python converts
            self._note("long_number", f"an integer of {len(text)} digits is kept as text")
            return text

    def surrogates(self, value: Any) -> Any:
        """The value with lone surrogates replaced in every string and key."""
        if isinstance(value, str):
            fixed = _SURROGATE.sub("\ufffd", value)
            if fixed != value:
                self._note("lone_surrogate", "half of a character (lone surrogate) became U+FFFD")
            return fixed
        if isinstance(value, list):
            return [self.surrogates(item) for item in value]
        if isinstance(value, dict):
            return {self.surrogates(key): self.surrogates(item) for key, item in value.items()}
        return value

    def _note(self, code: str, detail: str) -> None:
        self._notes.setdefault(code, detail)


def _not_json(text: str, error: json.JSONDecodeError) -> Rejected:
    at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
    if at_end and text[:1] in ("{", "[", '"') and error.msg.startswith(_TRUNCATED):
        return Rejected(
            "truncated_json",
            f"The record is cut off: it ends after {len(text)} characters before it is closed.",
        )
    reason = f"{error.msg} at character {error.pos + 1}"
    if error.msg == "Extra data":
        reason = f"more text follows the JSON value, from character {error.pos + 1} on"
    return Rejected("not_json", f"Not JSON: {reason[:1].lower()}{reason[1:]}.")


def _too_deep() -> Rejected:
    return Rejected("too_deep", f"Nested more than {limits.MAX_JSON_DEPTH} levels deep.")


def _printable(key: str) -> str:
    return repr(key[:60].encode("utf-8", "replace").decode("utf-8"))


def capped(data: bytes) -> bytes:
    """The first bytes, as many as quarantine keeps."""
    return bytes(data[: limits.QUARANTINE_RAW_BYTES])
