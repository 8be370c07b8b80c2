"""Spans of a text that are not prose: code, formulas, addresses and tags.

Sentences never break inside them, cues are not looked for in them, and the analysis of languages
leaves them out. Nothing is ever deleted: a mask is a list of spans over the untouched text.

Everything runs in linear time. An opener without a closer masks nothing (a code fence: up to the
next blank line), so a broken formula cannot hide the rest of a trace.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from analysis.text.fences import BLANK_LINE, fence_spans

Mask = tuple[int, int, str]
"""Start, end (exclusive) and kind: 'code', 'math', 'url' or 'tag'."""

MASKS_VERSION = "1"

MAX_DISPLAY = 4_000
MAX_INLINE = 1_000
"""Longest displayed and longest inline formula, in characters."""

_NEVER = 1 << 62

_OPENER = re.compile(r"[`$\\<{\[]")
_INLINE_CODE = re.compile(r"`[^`\n]++`(?!`)|``(?:[^`\n]++|`(?!`))++``(?!`)")
_BACKTICKS = re.compile(r"`++")
_INLINE_DOLLAR = re.compile(r"\$((?:[^$\\\n]++|\\.)++)\$(?!\d)")
_DOLLARS = re.compile(r"\$++")
_MATHY = re.compile(r"[\\=^_{}<>+*/|]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ENVIRONMENT = re.compile(r"\\(begin|end)\{([A-Za-z]{1,30}\*?)\}")
_TAG = re.compile(
    r"</?[A-Za-z][\w.:-]{0,40}+"
    r"(?:[ \t]++[\w:-]{1,40}+(?:=(?:\"[^\"\n<>]*+\"|'[^'\n<>]*+'|[^\s\"'<>=]++))?+){0,8}+[ \t]*+/?>"
    r"|<[|｜][^<>\n]{1,60}+>"
    r"|<</?SYS>>"
    r"|<!--(?:[^-\n<]++|-(?!->)){0,200}+-->"
)
_ATTRIBUTE = re.compile(r"\s++[\w:-]++(?=[\s/>])")
_TEMPLATE = re.compile(r"\{\{[^{}\n]{1,60}+\}\}")
_BRACKET_TAG = re.compile(
    r"\[/?(?:INST|THINK|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"
)
_URL = re.compile(
    r"(?:(?<![A-Za-z])(?:https?|ftp|file)://|(?<![A-Za-z0-9.@])www\.(?=\w))"
    r"[^\s<>\"`{}|\\^…\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef“”‘’]++"
)
_FENCE = re.compile(r"`{3,}+|^[ \t]{0,3}+~{3,}+", re.MULTILINE)
_IDENTIFIER_MARK = re.compile(r"(?<=\w)[_(.](?=[\w)(])|(?<=[^\W\d_])\(")
_IDENTIFIER_LEFT = re.compile(r"[A-Za-z_][\w.]*$")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)*+", re.ASCII)
_CAMEL = re.compile(r"[a-z][A-Z]")
_TEXT_ARGUMENT = re.compile(
    r"\\(?:text|textbf|textit|textrm|mathrm|mbox|operatorname)\{([^{}]*+)\}"
)


def _braces(depth: int) -> str:
    """A pattern for one balanced {...} on one line, nested up to ``depth`` deep."""
    inner = r"\{[^{}\n]*+\}"
    for _ in range(depth - 1):
        inner = r"\{(?:[^{}\n]++|" + inner + r")*+\}"
    return inner


_COMMAND = re.compile(
    r"\\(?:[A-Za-z]++\*?+(?:\[[^\[\]\n{}]{0,80}+\])?+(?:" + _braces(4) + r")*+|[^A-Za-z\s])"
)


class _Ahead:
    """The next place of ``needle`` at or after a position that only moves forward.

    One pass over the text in all, however many openers ask.
    """

    __slots__ = ("at", "needle", "text")

    def __init__(self, text: str, needle: str) -> None:
        self.text = text
        self.needle = needle
        self.at = -1

    def next(self, position: int) -> int:
        """Where the needle stands next; ``_NEVER`` where it does not come again."""
        if self.at < position:
            found = self.text.find(self.needle, position)
            self.at = found if found >= 0 else _NEVER
        return self.at


class _BlankAhead(_Ahead):
    """The same for a blank line."""

    __slots__ = ()

    def next(self, position: int) -> int:
        """Where the next blank line begins."""
        if self.at < position:
            found = BLANK_LINE.search(self.text, position)
            self.at = found.start() if found else _NEVER
        return self.at


class _Formulas:
    """Finds formulas, opener by opener, from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blank = _BlankAhead(text, "")
        self.ahead = {
            needle: _Ahead(text, needle)
            for needle in ("\\)", "\\]", "\\(", "\\[", "$$", "\\\\)", "\\\\]", "\\\\(", "\\\\[")
        }
        self.environments: dict[int, int] | None = None

    def delimited(self, start: int, opener: str, closer: str, display: bool) -> int:
        """The end of ``opener ... closer`` at ``start``, or -1.

        Another opener before the closer, or a blank line in an inline formula, means that this
        opener was never closed.
        """
        inside = start + len(opener)
        close = self.ahead[closer].next(inside)
        if close - start > (MAX_DISPLAY if display else MAX_INLINE) or close == inside:
            return -1
        if self.ahead[opener].next(inside) < close:
            return -1
        if not display and self.blank.next(inside) < close:
            return -1
        return close + len(closer)

    def dollars(self, start: int) -> int:
        """The end of ``$...$`` or ``$$...$$`` at ``start``, or -1: then it is money or stray."""
        text = self.text
        if text.startswith("$$", start):
            inside = start + 2
            if text.startswith("$", inside):
                return -1
            close = self.ahead["$$"].next(inside)
            if close - start > MAX_DISPLAY or self.blank.next(inside) < close:
                return -1
            return close + 2
        found = _INLINE_DOLLAR.match(text, start)
        if found is None or found.end() - start > MAX_INLINE:
            return -1
        return found.end() if _is_formula(text, start, found[1]) else -1

    def environment(self, start: int) -> int:
        r"""The end of the ``\begin{x} ... \end{x}`` that starts at ``start``, or -1."""
        if self.environments is None:
            self.environments = _environments(self.text)
        return self.environments.get(start, -1)

    def backslash(self, start: int) -> int:
        """The end of whatever formula a backslash at ``start`` opens, or -1."""
        text = self.text
        two = text[start : start + 3]
        end = -1
        if two[1:2] == "(":
            end = self.delimited(start, "\\(", "\\)", display=False)
        elif two[1:2] == "[":
            end = self.delimited(start, "\\[", "\\]", display=True)
        elif two == "\\\\(":
            end = self.delimited(start, "\\\\(", "\\\\)", display=False)
        elif two == "\\\\[":
            end = self.delimited(start, "\\\\[", "\\\\]", display=True)
        elif two[1:2] == "b":
            end = self.environment(start)
        if end < 0 and two[1:2].isascii() and two[1:2].isalpha():
            found = _COMMAND.match(text, start)
            end = found.end() if found else -1
        return end


def _is_formula(text: str, start: int, content: str) -> bool:
    """Tell ``$x = 5$`` from two amounts of money in one line."""
    if content[0] in ",;:!?)" or content[:2] in (". ", "."):
        return False
    spaced = content[0].isspace()
    if spaced != content[-1].isspace():
        return False
    before = text[start - 2 : start] if start > 1 else text[:start]
    if (spaced or content[0] in ".-") and before[-1:].isdigit():
        return False
    if spaced and before[:1].isdigit():
        return False
    if _MATHY.search(content):
        return True
    if content[0].isdigit() and _WORD.search(content):
        return False
    return len(_WORD.findall(content)) < 3


def _environments(text: str) -> dict[int, int]:
    r"""Start to end of each outermost closed ``\begin{x} ... \end{x}``."""
    spans: dict[int, int] = {}
    stack: list[tuple[str, int]] = []
    open_now: dict[str, int] = {}
    for found in _ENVIRONMENT.finditer(text):
        name = found[2]
        if found[1] == "begin":
            stack.append((name, found.start()))
            open_now[name] = open_now.get(name, 0) + 1
            continue
        if not open_now.get(name):
            continue
        while stack:
            opened, start = stack.pop()
            open_now[opened] -= 1
            if opened == name:
                if found.end() - start <= MAX_DISPLAY:
                    spans[start] = found.end()
                break
    return spans


def _urls(text: str) -> list[Mask]:
    """Web addresses, without the punctuation that ends the sentence around them."""
    if "://" not in text and "www." not in text:
        return []
    spans: list[Mask] = []
    for found in _URL.finditer(text):
        start, end = found.span()
        while end > start:
            last = text[end - 1]
            if last == ")" and text.count("(", start, min(end, start + 500)):
                break
            if last not in ".,;:!?)]'*_~$":
                break
            end -= 1
        spans.append((start, end, "url"))
    return spans


def _opened_at(text: str, at: int, formulas: _Formulas) -> tuple[int, str]:
    """The end and kind of the span that the opener at ``at`` opens; end is -1 for none."""
    opener = text[at]
    if opener == "\\":
        return formulas.backslash(at), "math"
    if opener == "$":
        return formulas.dollars(at), "math"
    if opener == "`":
        found = _INLINE_CODE.match(text, at)
        return (found.end() if found else -1), "code"
    if opener == "<":
        found = _TAG.match(text, at)
        if found is not None and _ATTRIBUTE.search(found[0]) and "=" not in found[0]:
            found = None  # "a <b and c> d" compares; a tag with attributes sets at least one
    elif opener == "{":
        found = _TEMPLATE.match(text, at)
    else:
        found = _BRACKET_TAG.match(text, at)
    return (found.end() if found else -1), "tag"


def _skip(text: str, at: int) -> int:
    """Where to look on after an opener that opened nothing."""
    opener = text[at]
    if opener == "\\":
        return at + 2
    if opener in "`$":
        run = (_BACKTICKS if opener == "`" else _DOLLARS).match(text, at)
        end = run.end() if run else at + 1
        # "$$x$" is a stray dollar and then a formula.
        return end if opener == "`" or end - at != 2 else at + 1
    return at + 1


def mask_spans(text: str, *, identifiers: bool = False) -> tuple[Mask, ...]:
    r"""Spans of code, formulas, addresses and tags: sorted, not overlapping, never empty.

    ``code``: fenced blocks and `inline code`; ``math``: ``$..$``, ``$$..$$``, ``\(..\)``,
    ``\[..\]``, environments, and bare commands with their arguments such as ``\boxed{42}``;
    ``url``: web addresses; ``tag``: ``<think>``, ``<|im_end|>``, ``[INST]``, ``{{name}}``.
    A ``$`` before a digit closes nothing, so that $5 and $7 stay money; inline ``$`` stays on one
    line. With ``identifiers``, names such as ``snake_case`` and ``sqrt`` in ``sqrt(3)`` are
    ``code`` too. Offsets are code points. Linear time; raises nothing for any string.
    """
    fences: list[Mask] = [(start, end, "code") for start, end in fence_spans(text)]
    formulas = _Formulas(text)
    spans: list[Mask] = []
    fence_at, fence_count = 0, len(fences)
    at = 0
    search = _OPENER.search
    while (found := search(text, at)) is not None:
        at = found.start()
        while fence_at < fence_count and fences[fence_at][1] <= at:
            spans.append(fences[fence_at])
            fence_at += 1
        barrier = fences[fence_at][0] if fence_at < fence_count else _NEVER
        if barrier <= at:
            at = fences[fence_at][1]
            continue
        end, kind = _opened_at(text, at, formulas)
        if at < end <= barrier:
            spans.append((at, end, kind))
            at = end
        else:
            at = _skip(text, at)
    spans.extend(fences[fence_at:])
    spans = merged(spans, _urls(text))
    if identifiers:
        spans = merged(spans, _identifiers(text))
    return tuple(spans)


def merged(spans: list[Mask], more: list[Mask]) -> list[Mask]:
    """Add those of ``more`` that touch none of ``spans``; both are sorted and do not overlap."""
    if not more:
        return spans
    starts = [start for start, _, _ in spans]
    kept: list[Mask] = []
    for start, end, kind in more:
        index = bisect_right(starts, start)
        if index and spans[index - 1][1] > start:
            continue
        if index < len(spans) and spans[index][0] < end:
            continue
        kept.append((start, end, kind))
    return sorted(spans + kept) if kept else spans


def _identifiers(text: str) -> list[Mask]:
    """Names of programs and functions in prose: ``snake_case``, ``a.b``, ``f`` in ``f(x)``."""
    spans: list[Mask] = []
    done = 0
    for found in _IDENTIFIER_MARK.finditer(text):
        at = found.start()
        if at < done:
            continue
        left = _IDENTIFIER_LEFT.search(text, max(done, at - 60), at)
        if left is None:
            continue
        whole = _IDENTIFIER.match(text, left.start())
        if whole is None or whole.end() < at:
            continue
        start, end = whole.span()
        name = whole[0]
        plural = text.startswith(("(s)", "(es)"), end)
        call = text.startswith("(", end) and not plural
        done = max(at, end)
        if "_" in name.strip("_") or (call and end - start > 1) or _CAMEL.search(name):
            spans.append((start, end, "code"))
    return spans


def text_in_math(text: str, start: int, end: int) -> tuple[tuple[int, int], ...]:
    r"""Spans of the words inside ``\text{..}`` and its kin within a formula ``text[start:end]``.

    These are prose in a formula: the analysis of languages reads them.
    """
    return tuple(found.span(1) for found in _TEXT_ARGUMENT.finditer(text, start, end))


def inside(spans: tuple[Mask, ...], position: int) -> bool:
    """Whether ``position`` lies in one of the sorted ``spans``."""
    index = bisect_right(spans, position, key=lambda span: span[0])
    return index > 0 and position < spans[index - 1][1]
