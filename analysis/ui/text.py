"""Trace text on a page. It is hostile until shown: never Markdown, never HTML.

``st.text`` and ``st.code`` show text as it is; everything else of Streamlit that takes a string
reads it as Markdown (an image in it would be fetched), so labels that hold data go through
``plain``.
"""

from __future__ import annotations

import re

from analysis.text.visible import visible

__all__ = ["plain", "visible"]

# Every character that Markdown, Streamlit's :colour[] and :material/ directives, LaTeX or an HTML
# reader could take for markup.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&@/^=])")

# What Streamlit replaces in text that is already parsed, where no backslash helps: addresses become
# links, :names: pictures, -> an arrow. A word joiner (nothing to see) keeps each from matching.
_REPLACED = re.compile(
    r"(?:https?(?=://)|www(?=\.)|@(?=[\w-]+\.)|:(?=[\w+-]+:)|<(?=-|=)|-(?=-|>)|[>~](?==))",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def plain(text: object, limit: int = 200) -> str:
    """Text for a place that reads Markdown (labels, captions): all markup is escaped."""
    shown = visible(str(text).replace("\r", " ").replace("\n", " ").replace("\t", " "))
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    if shown.startswith("    "):  # would begin a block of code
        shown = "\u00a0" + shown[1:]
    return _MARKUP.sub(r"\\\1", _REPLACED.sub(rf"\g<0>{_JOINER}", shown))
