"""Control, bidirectional and zero-width characters as visible marks: what is seen is what is there."""

from __future__ import annotations

import unicodedata

_KEEP = "\n\t"
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
_JOINERS = "\u200d\ufe0f"
"""Zero-width joiner and variation selector: parts of ordinary emoji."""


def visible(text: str) -> str:
    """``text`` with each invisible character shown as, for example, ``⟦U+202E⟧``.

    Newline and tab stay. For showing only: offsets refer to the text itself, and the store keeps it.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_mark(c) for c in text)


def _mark(character: str) -> str:
    if character in _KEEP or character in _JOINERS:
        return character
    if unicodedata.category(character) in _INVISIBLE:
        return f"⟦U+{ord(character):04X}⟧"
    return character
