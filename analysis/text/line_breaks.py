"""Whether a line break ends a sentence, or only wraps a line of prose.

In traces a single line break nearly always separates list items, equations or statements. Prose
wrapped by hand at a fixed width is the exception: there the next line goes on in lower case.
"""

from __future__ import annotations

import re

from analysis.text.stops import Context

LINE_BREAKS = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"

MIN_WRAP = 50
MAX_WRAP = 125
"""Lines of wrapped prose have about 60 to 110 columns."""

_WORD = re.compile(
    r"(?:[^\W\d_A-Z]{2,}+(?=[\s,.;:!?)'’-]|\Z)|[aey] (?=[^\W\d_]{2}))(?!\s*+[=≈<>≤≥+*/^])"
)
"""A word of prose, and no variable at the start of an equation."""
_ITEM = re.compile(
    r"[-*•+>#|–—·▪◦]\s|[#|>]|\*\*|\(?(?:\d{1,3}|[A-Za-z]|[ivx]{1,4})[.)]\s|```|~~~|\$\$|\\\[|\\begin"
)
"""What begins an item, a heading, a table row or a displayed formula: never a wrapped line."""
_EQUATION = re.compile(r"[=≈⇒→]")
_FINISHED = ".!?:;…。！？；：।"


def line_break_ends(context: Context, content_end: int, start: int) -> bool:
    """Whether the white space ``text[content_end:start]``, which breaks the line, ends a sentence."""
    text = context.text
    if start >= len(text):
        return True
    if not text[start].islower() and not context.wrapped:
        return True
    while content_end > context.start and text[content_end - 1] in " \t":
        content_end -= 1
    if content_end <= context.start or _lines(text[content_end:start]) != 1:
        context.wrapped = False
        return True
    return not _wraps(context, content_end, start)


def _wraps(context: Context, content_end: int, start: int) -> bool:
    """Whether one line break at ``content_end`` only wraps prose; notes what it saw."""
    text = context.text
    last = text[content_end - 1]
    abbreviated = context.abbreviation == content_end
    prose = _WORD.match(text, start) is not None
    if prose and (last == "," or abbreviated):
        return True
    wrapped, context.wrapped = context.wrapped, False
    if (last in _FINISHED and not abbreviated) or _ITEM.match(text, start):
        return False
    line = text.rfind("\n", max(0, content_end - MAX_WRAP - 1), content_end) + 1
    columns = content_end - line
    if not MIN_WRAP <= columns <= MAX_WRAP or text[line] in "#|":
        return False
    if not wrapped and (not prose or _EQUATION.search(text, line, content_end)):
        return False
    context.wrapped = True
    return True


def _lines(space: str) -> int:
    """How many lines a run of white space ends; a form feed or U+2029 counts for two."""
    count = 0
    previous = ""
    for mark in space:
        if mark in LINE_BREAKS and not (previous == "\r" and mark == "\n"):
            count += 2 if mark in "\x0c\x1c\x1d\u2029" else 1
        previous = mark
    return count
