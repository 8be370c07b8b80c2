"""Find fenced code blocks (``` or ~~~).

A block that is never closed ends at the next blank line, so that it cannot hide the rest.
"""

from __future__ import annotations

import re

MAX_FENCE = 20_000
"""A block that is longer, in characters, counts as never closed."""

BLANK_LINE = re.compile(r"\n[^\S\n]*+\n")
_FENCE = re.compile(r"`{3,}+|^[ \t]{0,3}+~{3,}+", re.MULTILINE)
_INDENT = re.compile(r"[ \t>]*+(?:(?:[-*+•]|\d{1,3}[.)])[ \t]++)?+")
_INFO = re.compile(r"[ \t]*+(?:[\w+#.-]{1,24}+|\{[^}\n]{1,60}+\})[ \t]*+$")


def fence_spans(text: str) -> list[tuple[int, int]]:
    """Fenced code blocks, opening and closing fence included: start and end, in order."""
    if "```" not in text and "~~~" not in text:
        return []
    spans: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    done = 0
    for found in _FENCE.finditer(text):
        start, fence = found.start(), found[0].strip()
        if start < done:
            continue
        line_end = text.find("\n", found.end(), found.end() + 400)
        line_end = line_end if line_end >= 0 else min(len(text), found.end() + 400)
        bare = not text[found.end() : line_end].strip()
        info = bare or _INFO.match(text, found.end(), line_end) is not None
        if opened is not None and start - opened[0] > MAX_FENCE:
            done = _close_unclosed(text, opened[0], start, spans)
            opened = None
        if opened is not None:
            named_at_line_start = not bare and info and _at_line_start(text, start)
            if named_at_line_start:
                done = _close_unclosed(text, opened[0], start, spans)
                opened = (start, fence)
            elif fence[0] == opened[1][0] and len(fence) >= len(opened[1]):
                spans.append((opened[0], found.end()))
                done, opened = found.end(), None
            continue
        same_line = text.find(fence, found.end(), line_end)
        if same_line > found.end():
            done = same_line + len(fence)
            spans.append((start, done))
        elif info:
            opened = (start, fence)
    if opened is not None:
        _close_unclosed(text, opened[0], len(text), spans)
    return spans


def _at_line_start(text: str, position: int) -> bool:
    """Whether only indentation, a quote mark or a bullet stands before ``position`` in its line."""
    line = text.rfind("\n", max(0, position - 80), position) + 1
    if line == 0 and position > 80:
        return False
    found = _INDENT.match(text, line, position)
    return found is not None and found.end() == position


def _close_unclosed(text: str, start: int, limit: int, spans: list[tuple[int, int]]) -> int:
    """Mask an unclosed fence up to the next blank line, and return where that is."""
    blank = BLANK_LINE.search(text, start, limit)
    end = min(blank.start() if blank else limit, start + MAX_FENCE)
    while end > start and text[end - 1].isspace():
        end -= 1
    spans.append((start, end))
    return end
