"""Pieces of words that every match of a regular expression holds, so that the index can be asked first.

``(foo|bar)+baz\\d`` holds ``baz``, and ``foo`` or ``bar``. A run of ASCII letters and digits in a text is
never parted by ``folding``, so it stands inside one word of the index; a character of an unspaced
script is a word of its own. What the reader of patterns does not understand it passes over: any
doubt gives fewer pieces, never wrong ones.
"""

from __future__ import annotations

import re

from analysis.search.folding import index_form
from analysis.search.query import Regex

Clauses = list[frozenset[str]]
"""Of each clause at least one piece is in every match. ASCII: a part of a word, in lower case; else
a whole word."""
MIN_CHARS = 3
"""Shorter pieces are in most texts."""
MAX_CHARS = 24
MAX_CLAUSES = 4
MAX_CHOICES = 48
_MAX_DEPTH = 40
_GROUP = re.compile(r"\?(?:P?<\w+>|[a-zA-Z]*(?:-[a-zA-Z]+)?(?P<end>[:)]))", re.ASCII)
_REPEATS = re.compile(r"(?:[*+?]|\{(?P<least>\d+)(?:,\d*)?\})\??", re.ASCII)
_CODE = re.compile(r"\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[^0-9QE])", re.ASCII | re.DOTALL)
_CLASS = re.compile(r"\[(?P<letters>[0-9A-Za-z]{1,2})\]", re.ASCII)


class _UnclearError(Exception):
    """The pattern holds what this reader does not know."""


def required_pieces(regex: Regex) -> Clauses:
    """What stands in every text that matches, the most telling first; [] where nothing is certain."""
    reader = _Reader(regex.pattern)
    try:
        found = reader.choice(0)
    except _UnclearError:
        return []
    if reader.at < len(regex.pattern):
        return []
    return sorted(dict.fromkeys(found), key=_telling, reverse=True)[:MAX_CLAUSES]


def _telling(clause: frozenset[str]) -> tuple[int, int]:
    """Long pieces are rare, and so are few."""
    return min(len(p) if p.isascii() else MIN_CHARS for p in clause), -len(clause)


class _Reader:
    """A recursive descent over the syntax of RE2."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choice(self, depth: int) -> Clauses:
        """Rows parted by |."""
        if depth > _MAX_DEPTH:
            raise _UnclearError
        rows = [self.row(depth)]
        while self.pattern.startswith("|", self.at):
            self.at += 1
            rows.append(self.row(depth))
        if len(rows) == 1:
            return rows[0]
        if not all(rows):
            return []
        together = frozenset().union(*(max(row, key=_telling) for row in rows))
        return [together] if len(together) <= MAX_CHOICES else []

    def row(self, depth: int) -> Clauses:
        """Atoms behind each other, up to a | or a closing bracket."""
        found: Clauses = []
        run = ""

        def close() -> None:
            nonlocal run
            if len(run) >= MIN_CHARS:
                found.append(frozenset((run[:MAX_CHARS],)))
            run = ""

        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            letter, inside = self.atom(depth)
            least, repeated = self.repeats()
            if letter and least:
                run += letter
            if not letter or repeated:
                close()
            if least:
                found += inside
        close()
        return found

    def atom(self, depth: int) -> tuple[str, Clauses]:
        """The letter that stands here ('': none for certain), and what a group holds."""
        here = self.pattern[self.at]
        if here == "(":
            return "", self.group(depth)
        if here == "[":
            return self.one_of(), []
        if here == "\\":
            code = _CODE.match(self.pattern, self.at)
            if code is None:
                raise _UnclearError
            self.at = code.end()
            return "", []
        self.at += 1
        if here.isascii():
            return (here.lower() if here.isalnum() else ""), []
        word = _own_word(here)
        return "", [frozenset((word,))] if word else []

    def group(self, depth: int) -> Clauses:
        """( ... ), of any kind that RE2 has."""
        self.at += 1
        if self.pattern.startswith("?", self.at):
            kind = _GROUP.match(self.pattern, self.at)
            if kind is None:
                raise _UnclearError
            self.at = kind.end()
            if kind["end"] == ")":  # flags for what follows: none of them parts a run
                return []
        found = self.choice(depth + 1)
        if not self.pattern.startswith(")", self.at):
            raise _UnclearError
        self.at += 1
        return found

    def one_of(self) -> str:
        """[ ... ]; the letter where it holds just this one, in either case."""
        simple = _CLASS.match(self.pattern, self.at)
        if simple is not None:
            self.at = simple.end()
            letters = set(simple["letters"].lower())
            return letters.pop() if len(letters) == 1 else ""
        at = self.at + 1
        at += self.pattern.startswith("^", at)
        at += self.pattern.startswith("]", at)
        while at < len(self.pattern) and self.pattern[at] != "]":
            if self.pattern.startswith("[:", at):
                end = self.pattern.find(":]", at + 2)
                if end < 0:
                    raise _UnclearError
                at = end + 2
            else:
                at += 2 if self.pattern[at] == "\\" else 1
        if at >= len(self.pattern):
            raise _UnclearError
        self.at = at + 1
        return ""

    def repeats(self) -> tuple[bool, bool]:
        """(whether what stood before is there at least once, whether it is repeated at all)."""
        least, repeated = True, False
        while found := _REPEATS.match(self.pattern, self.at):
            self.at = found.end()
            repeated = True
            least = least and found[0][0] not in "*?" and int(found["least"] or 1) > 0
        return least, repeated


def _own_word(character: str) -> str:
    """The word of the index that a character is by itself, whatever stands beside it; '' for none."""
    if len({character, character.lower(), character.upper(), character.casefold()}) > 1:
        return ""  # a pattern may ignore the case of what the index tells apart
    form = index_form(character)
    words = form.split()
    return words[0] if len(words) == 1 and form[0] == form[-1] == " " else ""
