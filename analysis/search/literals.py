"""Words that every match of a regular expression holds, so that the index can be asked first.

Reads only what is plain: letters and digits in a row at the top of the pattern. What it does not
understand it passes over, and any doubt gives fewer words, never wrong ones. A word stands in the text
as a word of the index or as one of ``folding.inner_words``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from analysis.search.folding import INNER_CHARS
from analysis.search.query import Regex, Term

_EDGES = {"b", "s", "W", "A", "z"}
"""Escapes after which, and before which, a word begins or ends."""
_ZERO_OR_MORE = "*?{"


@dataclass(slots=True)
class _Reader:
    terms: list[Term] = field(default_factory=list)
    run: str = ""
    begins: bool = False
    """Whether the run stands at the beginning of a word."""

    def close(self, ends: bool) -> None:
        """The run is over; ``ends`` where the word ends there for certain."""
        if self.run and self.begins and len(self.run) < INNER_CHARS:
            self.terms.append(Term((self.run.lower(),), prefix=not ends))
        self.run, self.begins = "", False

    def edge(self) -> None:
        """A place where one word ends and another may begin."""
        self.close(True)
        self.begins = True

    def doubt(self) -> None:
        """Something that may hold letters."""
        self.close(False)


def required_words(regex: Regex) -> tuple[Term, ...]:
    """Terms that stand in every text that matches; () where none is certain."""
    pattern = regex.pattern
    if "\\Q" in pattern or "(?x" in pattern or not pattern.isascii():
        return ()
    reader = _Reader()
    at = 0
    while at < len(pattern):
        here = pattern[at]
        end = _atom_end(pattern, at)
        optional = end < len(pattern) and pattern[end] in _ZERO_OR_MORE
        repeated = end < len(pattern) and pattern[end] in "+*?{"
        if here == "|" or end < 0:
            return ()
        if here == "\\":
            code = pattern[at + 1 : at + 2]
            if (code in _EDGES and not optional) or (
                code and not code.isalnum() and code != "_" and not optional
            ):
                reader.edge()
            else:
                reader.doubt()
        elif here in "([.":
            reader.doubt()
        elif here in "^$":
            reader.doubt() if "m" in regex.flags or "(?" in pattern else reader.edge()
        elif here.isalnum():
            if optional:
                reader.doubt()
            else:
                reader.run += here
                if repeated:  # wait+ : the word goes on
                    reader.doubt()
        elif optional or here == "_":
            reader.doubt()
        else:
            reader.edge()
        at = _after_quantifier(pattern, end)
    reader.doubt()
    return tuple(dict.fromkeys(reader.terms))


def _atom_end(pattern: str, at: int) -> int:
    """Where the piece that begins at ``at`` ends, without its quantifier; -1 if it does not."""
    here = pattern[at]
    if here == "\\":
        return at + 2 if pattern[at + 1 : at + 2] not in ("x", "p", "P") else -1
    if here == "[":
        at += 2 if pattern[at + 1 : at + 2] == "^" else 1
        at += pattern[at : at + 1] == "]"
        while at < len(pattern) and pattern[at] != "]":
            if pattern.startswith("[:", at):
                at = pattern.find(":]", at)
                if at < 0:
                    return -1
                at += 1
            at += 2 if pattern[at] == "\\" else 1
        return at + 1
    if here == "(":
        depth = 1
        at += 1
        while at < len(pattern) and depth:
            if pattern[at] == "[":
                at = _atom_end(pattern, at)
                if at < 0:
                    return -1
                continue
            if pattern[at] == "\\":
                at += 2
                continue
            depth += (pattern[at] == "(") - (pattern[at] == ")")
            at += 1
        return at
    return at + 1


def _after_quantifier(pattern: str, at: int) -> int:
    while at < len(pattern) and pattern[at] in "*+?{":
        if pattern[at] == "{":
            close = pattern.find("}", at)
            if close < 0:
                return len(pattern)
            at = close
        at += 1
    return at
