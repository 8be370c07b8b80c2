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
_ESCAPE_OR_QUOTE = re.compile(rb'\\.|"', re.DOTALL)
_INT64_EDGE = 2.0**63
_NAMED_KEYS = 5
_FEW = 1000
_RUN = 64
_SHORT = 2048
"""Shorter texts, in bytes, are counted faster without numpy."""
DUPLICATES = "duplicate_keys"
"""The key under which a record keeps the earlier values of keys that stand more than once."""
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
    if shape_of(value) == quotes_in(text):
        return Parsed(value)
    return _tolerant(text)


def shape_of(root: Any) -> int | None:
    """How many quotes the texts and keys of a value need; None where orjson may have changed it.

    None stands for nesting beyond the limit and for a float that may be a rounded integer. A key
    that stood twice shows in the number: the text then has more quotes.
    """
    texts = 0
    level = [root]
    for _ in range(limits.MAX_JSON_DEPTH):
        below: list[Any] = []
        for node in level:
            kind = type(node)
            if kind is str:
                texts += 1
            elif kind is dict:
                texts += len(node)
                below += node.values()
            elif kind is list:
                below += node
            elif kind is float and not -_INT64_EDGE < node < _INT64_EDGE:
                return None
        if not below:
            return 2 * texts
        level = below
    if any(isinstance(node, dict | list | float) for node in level):
        return None
    return 2 * (texts + sum(isinstance(node, str) for node in level))


def fits(root: Any) -> bool:
    """True for a value that is not nested too deeply."""
    level = [root]
    for _ in range(limits.MAX_JSON_DEPTH):
        below: list[Any] = []
        for node in level:
            if isinstance(node, dict):
                below += node.values()
            elif isinstance(node, list):
                below += node
        if not below:
            return True
        level = below
    return not any(isinstance(node, dict | list) for node in level)


def quotes_in(text: bytes) -> int:
    """Number of quotes in JSON text that begin or end a text or key (escaped ones are neither)."""
    if len(text) < _SHORT:
        quotes = text.count(b'"')
        escaped = text.count(b'\\"')
        return quotes - escaped if not escaped or b'\\\\"' not in text else _quotes_exactly(text)
    import numpy as np  # only files that are read need it

    data = np.frombuffer(text, np.uint8)
    quote, slash = data == 0x22, data == 0x5C
    after_slash = quote[1:] & slash[:-1]
    unsure = np.flatnonzero(after_slash[1:] & slash[:-2])  # more than one backslash before it
    if len(unsure) > _FEW:
        return _quotes_exactly(text)
    escaped = int(np.count_nonzero(after_slash))
    for at in unsure.tolist():
        before = text[max(at + 2 - _RUN, 0) : at + 2]
        run = len(before) - len(before.rstrip(b"\\"))
        if run == _RUN:
            return _quotes_exactly(text)
        escaped -= run % 2 == 0
    return int(np.count_nonzero(quote)) - escaped


def _quotes_exactly(text: bytes) -> int:
    return _ESCAPE_OR_QUOTE.findall(text).count(b'"')


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
        return too_deep()
    if not fits(value):
        return too_deep()
    if repairs.earlier:
        value = repairs.keep_earlier(value)
    if _SURROGATE.search(text) or "\\u" in text:
        value = repairs.surrogates(value)
    return Parsed(value, repairs.warnings())


class _Repairs:
    """Hooks for ``json.loads`` that repair values and remember that they did."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}
        self.earlier: dict[str, list[Any]] = {}
        """Values that a later one under the same key hides, by key, in the order of the text."""

    def warnings(self) -> tuple[Warning_, ...]:
        return tuple(Warning_(code, detail) for code, detail in self._notes.items())

    def pairs(self, items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            seen: dict[str, Any] = {}
            for key, value in items:
                if key in seen:
                    self.earlier.setdefault(key, []).append(seen[key])
                seen[key] = value
        return found

    def keep_earlier(self, value: Any) -> Any:
        """The value with the hidden values beside its keys (in its first object, if a list)."""
        names = ", ".join(_printable(key) for key in list(self.earlier)[:_NAMED_KEYS])
        more = f" and {len(self.earlier) - _NAMED_KEYS} more" * (len(self.earlier) > _NAMED_KEYS)
        stand = "stands" if len(self.earlier) == 1 else "stand"
        self._note(
            "duplicate_key",
            f"{names}{more} {stand} more than once: the last one counts, "
            f"the others are in metadata under {DUPLICATES!r}",
        )
        target = value
        if isinstance(value, list):
            target = next((item for item in value if isinstance(item, dict)), None)
        elif value and all(key.isdigit() for key in value):
            target = next((item for item in value.values() if isinstance(item, dict)), value)
        if target is None:  # objects only deeper inside a list: beside them
            value.append({DUPLICATES: self.earlier})
            return value
        key = DUPLICATES
        while key in target:
            key += "_"
        target[key] = self.earlier
        return value

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


def too_deep() -> Rejected:
    """The reason why a value that is nested beyond the limit is not read."""
    return Rejected("too_deep", f"Nested more than {limits.MAX_JSON_DEPTH} levels deep.")


def _printable(key: str) -> str:
    return repr(key[:60].encode("utf-8", "replace").decode("utf-8"))


def capped(data: bytes) -> bytes:
    """The first bytes, as many as quarantine keeps."""
    return bytes(data[: limits.QUARANTINE_RAW_BYTES])
