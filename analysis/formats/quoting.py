"""Which marks in a text are quoted: in code fences, in inline code or in quotation marks."""

from __future__ import annotations

import html
import re
from bisect import bisect_right

_QUOTES = "\"'“”‘’«»"
_LINE_REACH = 1000
"""How far around a mark its line is looked at, in characters; keeps hostile text linear."""
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[`~]*[ \t]*(?P<info>[^\s`~]?)", re.MULTILINE)


def starts_line(text: str, at: int) -> bool:
    """True if only white space stands between ``at`` and the start of its line."""
    reach = max(0, at - _LINE_REACH)
    return not text[max(text.rfind("\n", reach, at), reach) : at].strip()


def ends_line(text: str, at: int) -> bool:
    """True if only white space stands between ``at`` and the end of its line."""
    stop = text.find("\n", at, at + _LINE_REACH)
    return not text[at : stop if stop >= 0 else at + _LINE_REACH].strip()


def own_line(text: str, mark: re.Match[str]) -> bool:
    """True if a mark stands alone on its line."""
    return starts_line(text, mark.start()) and ends_line(text, mark.end())


class Quoting:
    """Which parts of a text are code fences, inline code or quoted. Fences are found once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._fences: list[int] | None = None

    def quotes(self, mark: re.Match[str]) -> bool:
        """True if a mark is quoted, so that it says something about marks and is none."""
        return self._fenced(mark.start()) or self._inline(mark)

    def _fenced(self, at: int) -> bool:
        if self._fences is None:
            self._fences = self._find_fences()
        return bisect_right(self._fences, at) % 2 == 1

    def _find_fences(self) -> list[int]:
        """Starts and ends of closed fences; a fence that another one follows was never closed."""
        text = self._text
        if not ("`" in text and "```" in text) and not ("~" in text and "~~~" in text):
            return []
        found: list[int] = []
        opened = -1
        for mark in _FENCE.finditer(self._text):
            if opened >= 0 and not mark["info"]:
                found += (opened, mark.start())
                opened = -1
            else:
                opened = mark.start()
        return found

    def _inline(self, mark: re.Match[str]) -> bool:
        text, start, end = self._text, mark.start(), mark.end()
        before, after = text[max(start - 2, 0) : start], text[end : end + 1]
        if before[-1:] == "\\" or (before[-1:] == "`" and after == "`"):
            return True
        if before and before[-1] in _QUOTES and after and after in _QUOTES:
            return len(before) == 1 or before[0].isspace() or before[0] in "([{"
        line = text.rfind("\n", max(0, start - _LINE_REACH), start)
        if text.count("`", line if line >= 0 else max(0, start - _LINE_REACH), start) % 2 == 0:
            return False
        stop = text.find("\n", end, end + _LINE_REACH)
        return text.find("`", end, stop if stop >= 0 else end + _LINE_REACH) >= 0


def unquoted(text: str) -> str:
    """A block of which every line is quoted as in Markdown, without the quote marks."""
    lines = [line for line in text.split("\n") if line.strip()]
    for mark in (">", "&gt;"):
        if lines and all(line.lstrip().startswith(mark) for line in lines):
            plain = (line.lstrip().removeprefix(mark) for line in text.split("\n"))
            bare = "\n".join(line.removeprefix(" ") for line in plain)
            return html.unescape(bare) if mark != ">" else bare
    return text
