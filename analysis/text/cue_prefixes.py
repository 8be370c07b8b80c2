r"""The words that a match of a regular expression can begin with.

Read off the expression as far as it is plain: literals, groups of alternatives, optional parts, white
space and small sets of characters. What is not plain stands for anything, so the words that are
found are fewer, but every match begins with one of the lists.
"""

from __future__ import annotations

import re
from functools import cache

_OPEN = "\0"
"""After it, anything may follow."""
_GAP = " "
"""Stands for whatever is no part of a word, and for the end of a word."""
_WORD = re.compile(r"\w+")
_KNOWN = re.compile(r".*\W", re.DOTALL)
_MAX_TEXTS = 4_000
_QUANTIFIER = re.compile(r"([*+?])|\{(\d*)(,?)(\d*)\}")
_SET = re.compile(r"\[(-?[^\]\\^-]+-?)\]|\[([a-z])-([a-z])\]")
_WORD_ENDS = ("(?![^\\W])", "(?!\\w)", "\\b")

Texts = set[str]


def first_words(regex: str, count: int) -> set[tuple[str, ...]]:
    """Each match begins with the words of one of these, at most ``count``; () stands for any word."""
    texts, _ = _Reader(regex, count).alternatives(0)
    found = set()
    for text in texts:
        # A word is known where something follows that does not belong to it.
        known = _KNOWN.match(text.partition(_OPEN)[0])
        found.add(tuple(_WORD.findall(known[0] if known else "")[:count]))
    return found


class _Reader:
    """Reads an expression from left to right; each method gives what it read and where it stopped."""

    def __init__(self, regex: str, count: int) -> None:
        self.regex = regex
        self.count = count

    def alternatives(self, at: int) -> tuple[Texts, int]:
        """What stands up to the end of the group, or of the expression."""
        texts, at = self.sequence(at)
        while self.regex[at : at + 1] == "|":
            more, at = self.sequence(at + 1)
            texts |= more
        return texts, at

    def sequence(self, at: int) -> tuple[Texts, int]:
        """One alternative."""
        texts: Texts = {""}
        while at < len(self.regex) and self.regex[at] not in "|)":
            part, at = self.atom(at)
            part, at = self.repeated(part, at)
            texts = self.joined(texts, part)
        return texts, at

    def atom(self, at: int) -> tuple[Texts, int]:
        """A character, a set or a group."""
        regex = self.regex
        for edge in _WORD_ENDS:
            if regex.startswith(edge, at):
                return {_GAP}, at + len(edge)
        if regex.startswith("(", at):
            if regex.startswith("(?:", at):
                texts, at = self.alternatives(at + 3)
                return texts, at + 1
            _, end = self.alternatives(at + 1)
            looks = regex.startswith(("(?=", "(?!", "(?<=", "(?<!"), at)
            return {"" if looks else _OPEN}, end + 1
        if regex[at] == "\\":
            escaped = regex[at + 1]
            if escaped in "sW" or not escaped.isalnum():
                return {_GAP}, at + 2
            return {_OPEN}, at + 2
        if regex[at] == "[":
            small = _SET.match(regex, at)
            if small is None:
                return {_OPEN}, _set_end(regex, at)
            chars = small[1] or map(chr, range(ord(small[2]), ord(small[3]) + 1))
            return {_plain(char) for char in chars}, small.end()
        return {_OPEN if regex[at] in ".^$" else _plain(regex[at])}, at + 1

    def repeated(self, part: Texts, at: int) -> tuple[Texts, int]:
        """What was read as often as the quantifier behind it says."""
        found = _QUANTIFIER.match(self.regex, at)
        if found is None:
            return part, at
        at = found.end()
        at += self.regex[at : at + 1] in tuple("+?")
        least = 0 if found[1] in ("*", "?") else int(found[2] or 0) if found[1] is None else 1
        if found[1] != "?" and part != {_GAP}:
            part = self.several(part)
        return part | {""} if least == 0 else part, at

    def several(self, part: Texts) -> Texts:
        """The part once or more often."""
        found = part | {text + _OPEN for text in part}
        for _ in range(self.count - 1):
            found = part | self.joined(part, found)
        return found

    def joined(self, texts: Texts, part: Texts) -> Texts:
        """Each of the texts, gone on with each of the parts, where it is still open what follows."""
        done = {text for text in texts if self.enough(text)}
        going = texts - done
        if len(going) * len(part) > _MAX_TEXTS:
            part = {_first(text) for text in part}
        if len(going) * len(part) > _MAX_TEXTS:
            part = {_OPEN}
        return done | {text + more for text in going for more in part}

    def enough(self, text: str) -> bool:
        """Whether all that is asked for is known, or nothing more can be."""
        return _OPEN in text or (text.endswith(_GAP) and len(_WORD.findall(text)) >= self.count)


def _plain(char: str) -> str:
    return char if _WORD.match(char) else _GAP


def _first(text: str) -> str:
    """The text up to the end of its first word, where it has more than that."""
    found = re.match(rf"\W*\w+{_GAP}+(?=.)", text.partition(_OPEN)[0])
    return found[0] + _OPEN if found else text


def _set_end(regex: str, at: int) -> int:
    """Where the set of characters ends that begins at ``at``."""
    at += 2 if regex.startswith("[^", at) else 1
    at += regex.startswith("]", at)
    while regex[at] != "]":
        at += 2 if regex[at] == "\\" else 1
    return at + 1


@cache
def _first_words(regex: str, count: int) -> set[tuple[str, ...]]:
    return first_words(regex, count)


def known_words(regex: str, word: str, count: int) -> set[str]:
    """The texts of the first words that a match can begin with, where ``word`` is the first."""
    lists = _first_words(regex, count)
    return {" ".join(words or (word,)) for words in lists if words[:1] in ((), (word,))}
