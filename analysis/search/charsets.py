"""Sets of characters, as ranges of code points: what one place of a regular expression may hold.

They are never smaller than what RE2 means; where that is not known they are larger.
"""

from __future__ import annotations

from collections.abc import Iterable

Ranges = tuple[tuple[int, int], ...]
"""(first, last), both in it, ascending, apart from each other."""
LAST = 0x10FFFF
ANY: Ranges = ((0, LAST),)
BEYOND_ASCII: Ranges = ((0x80, LAST),)


def ranges(found: Iterable[tuple[int, int]]) -> Ranges:
    """Ranges in any order as a set."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(found):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def of(characters: str) -> Ranges:
    """The set of these characters."""
    return ranges((ord(c), ord(c)) for c in characters)


def complement(held: Ranges) -> Ranges:
    """All other characters."""
    found, begin = [], 0
    for first, last in held:
        if begin < first:
            found.append((begin, first - 1))
        begin = last + 1
    if begin <= LAST:
        found.append((begin, LAST))
    return tuple(found)


def meets(held: Ranges, first: int, last: int) -> bool:
    """Whether one of its characters lies in first..last."""
    return any(a <= last and first <= b for a, b in held)


def within(held: Ranges, other: Ranges) -> bool:
    """Whether all of ``held`` is in ``other``."""
    return all(any(a <= first and last <= b for a, b in other) for first, last in held)


def folded(held: Ranges) -> Ranges:
    """With every character that differs only in case, and more beyond ASCII.

    The one sign beyond ASCII that is the same letter as k is U+212A, and as s U+017F.
    """
    found = list(held)
    for first, last in held:
        for low, shift in ((0x41, 32), (0x61, -32)):
            a, b = max(first, low), min(last, low + 25)
            if a <= b:
                found.append((a + shift, b + shift))
    if any(meets(held, ord(c), ord(c)) for c in "kK"):
        found.append((0x212A, 0x212A))
    if any(meets(held, ord(c), ord(c)) for c in "sS"):
        found.append((0x017F, 0x017F))
    if any(last >= 0x80 and not _caseless(first, last) for first, last in held):
        found += [*BEYOND_ASCII, *of("kKsS")]
    return ranges(found)


def _caseless(first: int, last: int) -> bool:
    """Whether none of a few characters beyond ASCII has another case."""
    if first < 0x80 or last - first > 64:
        return False
    return all(
        {c.lower(), c.upper(), c.casefold()} == {c} for c in map(chr, range(first, last + 1))
    )


DIGITS = of("0123456789")
UPPER: Ranges = ((0x41, 0x5A),)
LOWER: Ranges = ((0x61, 0x7A),)
ALPHA = ranges(UPPER + LOWER)
ALNUM = ranges(DIGITS + ALPHA)
WORD = ranges(ALNUM + of("_"))
SPACE = of("\t\n\f\r ")
PUNCT = ranges(((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)))

ESCAPES = {"d": DIGITS, "w": WORD, "s": SPACE}
r"""\d, \w, \s; of a capital letter: all others."""
NAMED = {
    "alnum": ALNUM, "alpha": ALPHA, "ascii": ((0, 0x7F),), "blank": of("\t "),
    "cntrl": ranges(((0, 0x1F), (0x7F, 0x7F))), "digit": DIGITS, "graph": ((0x21, 0x7E),),
    "lower": LOWER, "print": ((0x20, 0x7E),), "punct": PUNCT, "space": of("\t\n\v\f\r "),
    "upper": UPPER, "word": WORD, "xdigit": ranges((*DIGITS, (0x41, 0x46), (0x61, 0x66))),
}  # fmt: skip
"""[:name:]"""
_BEYOND = {"Arabic", "Bengali", "Bopomofo", "Cyrillic", "Devanagari", "Greek", "Han", "Hangul",
           "Hebrew", "Hiragana", "Katakana", "Lm", "Lo", "Lt", "M", "Mn", "Tamil", "Thai", "Zl", "Zp"}  # fmt: skip
_ASCII_PART = {
    "L": ALPHA, "Lu": UPPER, "Ll": LOWER, "Latin": ALPHA, "N": DIGITS, "Nd": DIGITS, "No": (), "Nl": (),
    "P": PUNCT, "S": PUNCT, "Z": of(" "), "Zs": of(" "), "So": (), "Sm": of("+<=>|~"),
    **dict.fromkeys(_BEYOND, ()),
}  # fmt: skip


def unicode_class(name: str) -> Ranges | None:
    r"""\p{name}: its ASCII part and all else; None where that is not known."""
    part = _ASCII_PART.get(name)
    return None if part is None else ranges((*part, *BEYOND_ASCII))
