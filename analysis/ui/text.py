"""Trace text on a page. It is hostile until shown: never Markdown, never HTML.

``st.text`` and ``st.code`` show text as it is; everything else of Streamlit that takes a string
reads it as Markdown (an image in it would be fetched), so labels that hold data go through
``plain``.
"""

from __future__ import annotations

import re
import unicodedata

# Every character that Markdown, Streamlit's :colour[] and :material/ directives, LaTeX or an HTML
# reader could take for markup.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@/^=])")
_KEEP = "\n\t"
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Cn"}
_JOINERS = "\u200d\ufe0f"
"""Zero-width joiner and variation selector: parts of ordinary emoji."""


def visible(text: str) -> str:
    """Control, bidirectional and zero-width characters as visible marks such as ``⟦U+202E⟧``.

    What is seen is then what is there; the store keeps the text itself.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_mark(c) for c in text)


def plain(text: object, limit: int = 200) -> str:
    """Text for a place that reads Markdown (labels, captions): all markup is escaped."""
    shown = visible(str(text).replace("\r", " ").replace("\n", " ").replace("\t", " "))
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    return _MARKUP.sub(r"\\\1", shown)


def _mark(character: str) -> str:
    if character in _KEEP or character in _JOINERS:
        return character
    if unicodedata.category(character) in _INVISIBLE:
        return f"⟦U+{ord(character):04X}⟧"
    return character
