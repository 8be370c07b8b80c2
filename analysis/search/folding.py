"""What counts as the same word: case, accents, width and invisible characters are ignored.

A text's *form* holds its ASCII characters as they are (in lower case) and each other character as
one of: nothing (accents, zero-width characters), a space (punctuation), letters that stand for it
(é -> e, ß -> ss, Ａ -> a), or itself between spaces. The last is for symbols and for the scripts
that are written without spaces, where every character is a word: so a phrase finds any piece of
Chinese, Japanese, Korean, Thai, Lao, Khmer or Burmese text. A word is a run of ASCII letters and
digits and of non-ASCII characters of the form. There is no stemming.

The index is given the same words, parted by spaces (``index_form``), so what it finds is what
``hits`` finds in the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

VERSION = 1
"""Goes up whenever a form changes: an index made with another version is made anew."""
_LETTER = "0-9a-z\x80-\U0010ffff"
BEFORE = f"(?<![{_LETTER}])"
AFTER = f"(?![{_LETTER}])"
BETWEEN = f"[^{_LETTER}]+"
WITHIN = f"[{_LETTER}]*"
_NON_ASCII = re.compile("[\x80-\U0010ffff]+")
_FRACTION = "\u2044"
_SPACED = bytes(
    code if code >= 0x80 else ord(chr(code).lower()) if chr(code).isalnum() else 0x20
    for code in range(256)
)
"""UTF-8 bytes: ASCII letters in lower case, other ASCII characters as spaces."""

# Marks that are left out: accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic,
# variation selectors. Vowel signs of Indic scripts and the voicing of kana change the word.
_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0487), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F),
    (0x0670, 0x0670), (0x06D6, 0x06ED), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xE0100, 0xE01EF),
)  # fmt: skip
# Scripts without spaces between words; Hangul too, whose endings stand close to the word.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF),
    (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x3035), (0x3040, 0x318F), (0x31A0, 0x31FF),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC),
    (0x1B000, 0x1B16F), (0x20000, 0x3FFFF),
)  # fmt: skip


def _in(ranges: tuple[tuple[int, int], ...], code: int) -> bool:
    at = bisect_right(ranges, (code, 0x110000)) - 1
    return at >= 0 and ranges[at][0] <= code <= ranges[at][1]


def _fold(character: str) -> str:
    """The form of one non-ASCII character."""
    code = ord(character)
    kind = unicodedata.category(character)
    if kind == "Cf" or (kind[0] == "M" and _in(_MARKS, code)):
        return ""
    if kind[0] in "ZP" or kind in ("Cc", "Cs"):
        return " "
    if kind[0] == "S" and not 0xFF00 <= code <= 0xFF5E:
        return f" {character} "
    if 0xAC00 <= code <= 0xD7A3:
        return f" {character} "
    parts = [c for c in unicodedata.normalize("NFKD", character) if not _in(_MARKS, ord(c))]
    whole = "".join(" " if c == _FRACTION or _separates(c) else c for c in parts)
    if any(unicodedata.category(c)[0] == "M" for c in whole):
        whole = character
    whole = whole.casefold().lower()
    return "".join(f" {c} " if _in(_UNSPACED, ord(c)) else c for c in whole)


def _separates(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character)[0] in "ZP"


class _Table(dict[str, str]):
    """Forms of the non-ASCII characters that were met."""

    def __missing__(self, character: str) -> str:
        found = self[character] = _fold(character)
        return found


_TABLE = _Table()


def index_form(text: str) -> str:
    """A text as the index is given it: its words, parted by spaces."""
    folded = text if text.isascii() else _NON_ASCII.sub(_folded_run, text)
    return folded.encode().translate(_SPACED).decode()


def _folded_run(match: re.Match[str]) -> str:
    return "".join([_TABLE[c] for c in match[0]])


_BESIDE = re.compile("[0-9A-Za-z](?=[\x80-\U0010ffff])|[\x80-\U0010ffff](?=[0-9A-Za-z])")
INNER_CHARS = 64
"""Longer runs of ASCII letters are not told apart (``literals`` asks for none)."""


def inner_words(text: str) -> set[str]:
    """Runs of ASCII letters and digits that share a word with a character that is not ASCII.

    A regular expression sees them as words (``wait`` in ``waité``); the index has the longer ones.
    All other runs are words of the index too.
    """
    found: set[str] = set()
    if text.isascii():
        return found
    for match in _BESIDE.finditer(text):
        at = match.start()
        left = match[0].isascii()
        form = _TABLE[text[at + 1] if left else match[0]]
        if form.startswith(" ") if left else form.endswith(" "):
            continue
        start = end = at if left else at + 1
        while end < len(text) and end - start < INNER_CHARS and _ascii_letter(text[end]):
            end += 1
        while start > 0 and end - start < INNER_CHARS and _ascii_letter(text[start - 1]):
            start -= 1
        found.add(text[start:end].lower())
    return found


def _ascii_letter(character: str) -> bool:
    return character.isascii() and character.isalnum()


@dataclass(frozen=True, slots=True)
class Form:
    """A text's form; ``start(i)`` and ``end(i)`` lead from it back into the text."""

    text: str
    places: list[int] | None
    """For each character of the form the place of its origin; None where both are the same."""

    def start(self, at: int) -> int:
        """Where in the text the character ``at`` of the form comes from."""
        return at if self.places is None else self.places[at]

    def end(self, at: int) -> int:
        """The end in the text of what the form has up to ``at`` (exclusive)."""
        return at if self.places is None else self.places[at - 1] + 1


def form_of(text: str) -> Form:
    """The form of a text with the way back. Linear in the text."""
    if text.isascii():
        return Form(text.lower(), None)
    parts: list[str] = []
    places: list[int] = []
    done = 0
    for match in _NON_ASCII.finditer(text):
        start, end = match.span()
        parts.append(text[done:start].lower())
        places.extend(range(done, start))
        for at in range(start, end):
            part = _TABLE[text[at]]
            parts.append(part)
            places.extend([at] * len(part))
        done = end
    parts.append(text[done:].lower())
    places.extend(range(done, len(text)))
    return Form("".join(parts), places)


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, as they are compared."""
    return tuple(index_form(text).split())
