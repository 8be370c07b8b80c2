"""Regular expressions of RE2 as trees, for saying what every match holds.

A tree means at least what the pattern means: what is not certain is read as more. A pattern that holds
what this reader does not know is ``UnclearError``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from analysis.search import charsets
from analysis.search.charsets import ANY, Ranges
from analysis.search.query import Regex

_MAX_DEPTH = 40
_GROUP = re.compile(r"\?(?:P?<\w+>|(?P<flags>[a-zA-Z]*(?:-[a-zA-Z]+)?)(?P<end>[:)]))", re.ASCII)
_REPEATS = re.compile(r"(?:[*+?]|\{(?P<least>\d+)(?P<more>,(?P<most>\d*))?\})\??", re.ASCII)
_NUMBER = re.compile(r"\\x(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))")
_CLASS = re.compile(r"\\([pP])(?:\{(\^?)([^}]*)\}|(.))", re.DOTALL)
_EDGES = "bBAz"
_CONTROLS = dict(zip("aftnrv", "\a\f\t\n\r\v", strict=True))


class UnclearError(Exception):
    """The pattern holds what this reader does not know."""


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    held: Ranges


@dataclass(frozen=True, slots=True)
class Row:
    """Parts behind each other; without any: the empty text, an edge."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The part at least ``least`` times; no more than that where ``exact``."""

    part: Node
    least: int
    exact: bool


Node = Chars | Row | Choice | Repeat


def tree(regex: Regex) -> Node:
    """The tree of a pattern. Raises ``UnclearError``."""
    reader = _Reader(regex.pattern, "i" in regex.flags)
    found = reader.choice(0)
    if reader.at < len(regex.pattern):
        raise UnclearError
    return found


class _Reader:
    """A recursive descent."""

    def __init__(self, pattern: str, fold: bool) -> None:
        self.pattern = pattern
        self.at = 0
        self.fold = fold
        """Whether case may be ignored here: once said, it is taken to hold up to the end."""
        self.loose = False
        """Whether a class was read as more than it means, so that all others are not known."""

    def here(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def choice(self, depth: int) -> Node:
        """Rows parted by |."""
        if depth > _MAX_DEPTH:
            raise UnclearError
        rows = [self.row(depth)]
        while self.here("|"):
            self.at += 1
            rows.append(self.row(depth))
        return rows[0] if len(rows) == 1 else Choice(tuple(rows))

    def row(self, depth: int) -> Node:
        """Atoms behind each other, up to a | or a closing bracket."""
        parts: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            part = self.repeated(self.atom(depth))
            if isinstance(part, Choice) and len(part.parts) == 1:
                part = part.parts[0]
            parts += part.parts if isinstance(part, Row) else (part,)
        return Row(tuple(parts))

    def repeated(self, part: Node) -> Node:
        while found := _REPEATS.match(self.pattern, self.at):
            self.at = found.end()
            if found["least"]:
                least = int(found["least"])
                exact = not found["more"] or found["most"] == found["least"]
            else:
                least, exact = int(found[0][0] == "+"), False
            part = Repeat(part, least, exact)
        return part

    def atom(self, depth: int) -> Node:
        here = self.pattern[self.at]
        if here == "(":
            return self.group(depth)
        if here == "[":
            return Chars(self.one_of())
        if here == "\\":
            return self.escape()
        self.at += 1
        if here in "^$":
            return Row(())
        return self.chars(ANY if here == "." else charsets.of(here))

    def chars(self, held: Ranges) -> Chars:
        return Chars(charsets.folded(held) if self.fold else held)

    def escape(self) -> Node:
        code = self.pattern[self.at + 1 : self.at + 2]
        if code and code in _EDGES:
            self.at += 2
            return Row(())
        return self.chars(self.escaped())

    def escaped(self) -> Ranges:
        r"""What an escape stands for, in a class or outside of one."""
        code = self.pattern[self.at + 1 : self.at + 2]
        if found := _CLASS.match(self.pattern, self.at):
            return self.unicode(found)
        if number := _NUMBER.match(self.pattern, self.at):
            self.at = number.end()
            value = int(number[1] or number[2], 16)
            if value > charsets.LAST:
                raise UnclearError
            return ((value, value),)
        self.at += 2
        if code.lower() in charsets.ESCAPES and code:
            held = charsets.ESCAPES[code.lower()]
            return held if code.islower() else charsets.complement(held)
        if code in _CONTROLS:
            return charsets.of(_CONTROLS[code])
        if code and code.isascii() and not code.isalnum():
            return charsets.of(code)
        raise UnclearError

    def unicode(self, found: re.Match[str]) -> Ranges:
        self.at = found.end()
        self.loose = True
        held = charsets.unicode_class(found[3] or found[4] or "")
        negated = (found[1] == "P") != bool(found[2])
        return ANY if held is None or negated else held

    def group(self, depth: int) -> Node:
        """( ... ), of any kind that RE2 has."""
        self.at += 1
        if self.here("?"):
            kind = _GROUP.match(self.pattern, self.at)
            if kind is None:
                raise UnclearError
            self.at = kind.end()
            self.fold = self.fold or "i" in (kind["flags"] or "").partition("-")[0]
            if kind["end"] == ")":
                return Row(())
        found = self.choice(depth + 1)
        if not self.here(")"):
            raise UnclearError
        self.at += 1
        # A row would run into the one around it, and a repetition behind it mean only its last part.
        return Choice((found,)) if isinstance(found, Row) else found

    def one_of(self) -> Ranges:
        """[ ... ]"""
        self.at += 1
        negated = self.here("^")
        self.at += negated
        held: list[tuple[int, int]] = []
        self.loose, first = False, True
        while first or not self.here("]"):
            if self.at >= len(self.pattern):
                raise UnclearError
            held += self.item()
            first = False
        self.at += 1
        found = charsets.ranges(held)
        if not negated:
            return self.chars(found).held
        # Where case is ignored, RE2 means less than this.
        return ANY if self.loose else charsets.complement(found)

    def item(self) -> Ranges:
        """A name, an escape, a character, or a range of these."""
        if self.here("[:"):
            end = self.pattern.find(":]", self.at)
            name = self.pattern[self.at + 2 : end].removeprefix("^")
            if end < 0 or name not in charsets.NAMED:
                raise UnclearError
            negated = self.here("[:^")
            self.at = end + 2
            named = charsets.NAMED[name]
            return charsets.complement(named) if negated else named
        low = self.one()
        single = len(low) == 1 and low[0][0] == low[0][1]
        if not (self.here("-") and self.pattern[self.at + 1 : self.at + 2] not in ("]", "")):
            return low
        self.at += 1
        high = self.one()
        if not single or len(high) != 1 or high[0][0] != high[0][1] or low[0][0] > high[0][0]:
            raise UnclearError
        return ((low[0][0], high[0][0]),)

    def one(self) -> Ranges:
        if self.here("\\"):
            return self.escaped()
        self.at += 1
        return charsets.of(self.pattern[self.at - 1])
