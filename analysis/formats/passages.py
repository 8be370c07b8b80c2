"""Passages of a text that mean nothing to a reader of formats, and the marks between them.

A passage is *free* if no rule of ``tags``, ``channels``, ``harmony``, ``templates``, ``visible`` or
``fields`` can fit anywhere in it, so that each rule does the same whatever the passage says. The
patterns here are wider than those rules. A text that might be touched by anything but plain pairs
of marks is given up, which costs only time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.formats.quoting import Quoting

_ANGLE = re.compile(r"<(?=[^\W\d_]|[/|｜])")
_BRACKET = re.compile(r"\[(?=[/|]|(?i:think|inst|system_prompt|tool_calls))")
_MARK = re.compile(
    r"</?think>|</?thinking>|<\|(?:begin|end)_of_(?:thought|solution)\|>|◁/?think▷|\[/?THINK\]"
)
"""Marks between which a text is told apart as long as nothing quotes them."""
_BEGINNINGS = (("<", _ANGLE), ("[", _BRACKET), ("◁", re.compile("◁")))
_START = re.compile(
    r"[\[{]|(?i:here|analysis|assistantanalysis|a conversation between user)|attachment://"
)
"""What begins JSON, a prompt of a training run, or reasoning that words open."""
_STARTS = frozenset("[{hHaA")
_SWITCH = re.compile(r"/(?:no_?)?think(?:ing)?\s*$", re.IGNORECASE)
_SWITCH_REACH = 60
_MOST_MARKS = 8
_MOST_SPACE = 40

Marks = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pieces:
    """``marks[0] + passages[0] + marks[1] + ... + marks[-1]``; marks hold the white space too.

    ``marks`` has one more text than ``passages``. White space
    around a text is told by one space, whatever it is: readers keep it or strip all of it.
    """

    marks: Marks
    passages: tuple[str, ...]


def plain(text: str) -> str | None:
    """A text without the white space around it, if all of it is one free passage."""
    body = text.strip()
    if not body or (body[0] in _STARTS and _START.match(body)):
        return None
    if "/" in body[-_SWITCH_REACH:] and _SWITCH.search(body[-_SWITCH_REACH:]):
        return None
    if "<" in body and _ANGLE.search(body):
        return None
    if "[" in body and _BRACKET.search(body):
        return None
    return None if "◁" in body else body


def begins_something(text: str) -> bool:
    """True for a text whose beginning or end may mean something."""
    if text[0] in _STARTS and _START.match(text):
        return True
    return "/" in text and _SWITCH.search(text) is not None


def pieces_of(text: str) -> Pieces | None:
    """A text as free passages and marks between them that nothing quotes; None where it has to
    be read by itself."""
    tail = text[-_SWITCH_REACH:]
    if _START.match(text.lstrip()) or ("/" in tail and _SWITCH.search(tail)):
        return None
    places: list[int] = []
    for char, pattern in _BEGINNINGS:
        if char in text:
            places += [m.start() for m in pattern.finditer(text)]
    if len(places) > _MOST_MARKS:
        return None
    quoting = Quoting(text)
    marks: list[str] = []
    passages: list[str] = []
    between, at = "", 0
    for place in sorted(places):
        mark = _MARK.match(text, place)
        if mark is None or quoting.quotes(mark):
            return None
        if (inner := _between(text, at, place, between, marks, passages)) is None:
            return None
        between, at = inner + mark.group(), mark.end()
    inner = _between(text, at, len(text), between, marks, passages)
    if inner is None or not passages:
        return None
    if marks[0].isspace():
        marks[0] = " "
    return Pieces((*marks, " " if inner.isspace() else inner), tuple(passages))


def _between(
    text: str, start: int, end: int, before: str, marks: list[str], passages: list[str]
) -> str | None:
    """Take the passage between two marks; returns the white space (or all) up to the second.

    ``before`` is what stands since the last passage. None for more white space than readers look over.
    """
    whole = text[start:end]
    body = whole.lstrip()
    if not body:
        return before + whole if len(whole) <= _MOST_SPACE else None
    left = whole[: len(whole) - len(body)]
    size = len(body)
    body = body.rstrip()
    right = whole[len(whole) - size + len(body) :]
    if len(left) > _MOST_SPACE or len(right) > _MOST_SPACE:
        return None
    marks.append(before + left)
    passages.append(body)
    return right


class NoOutlineError(Exception):
    """A record whose reading may depend on what its texts say: it has to be read by itself."""


_SIGN = 12
_SIGN_REACH = 40
_SQUEEZED = 4096
_HEAD = 64
_MOST_PAIRS = 2048


def sign_of(text: str) -> str:
    """The first characters of a text without white space: unlike ones begin unlike texts."""
    sign = "".join(text[:_SIGN_REACH].split())
    if len(sign) < _SIGN < len(text):
        sign = "".join(text[:_SQUEEZED].split())
    return sign[:_SIGN]


def require_unrelated(a: str, b: str) -> None:
    """Raise ``NoOutlineError`` where, white space aside, one text may begin with the other."""
    first, second = "".join(a[:_SQUEEZED].split()), "".join(b[:_SQUEEZED].split())
    size = min(len(first), len(second))
    if first[:size] == second[:size]:
        raise NoOutlineError


def require_no_copies(
    passages: Sequence[str], thought: Sequence[int], spoken: Sequence[int]
) -> None:
    """Raise ``NoOutlineError`` where a passage that may be a response (``spoken``) holds another
    one that may be reasoning (``thought``)."""
    if len(thought) * len(spoken) > _MOST_PAIRS:
        raise NoOutlineError
    for index in thought:
        inner = passages[index]
        if len(inner) < _SIGN_REACH:
            _require_no_beginnings(inner, passages)
        for at in spoken:
            if len(passages[at]) > len(inner) and at != index and inner[:_HEAD] in passages[at]:
                raise NoOutlineError


def require_absent(words: Sequence[str], passages: Sequence[str], spoken: Sequence[int]) -> None:
    """Raise ``NoOutlineError`` where a passage that may be a response holds one of these words."""
    for word in words:
        if any(word in passages[at] for at in spoken):
            raise NoOutlineError


def _require_no_beginnings(text: str, passages: Sequence[str]) -> None:
    """``require_unrelated`` for a text so short that it has no sign of its own."""
    whole = "".join(text.split())
    for other in passages:
        if other != text:
            begins = "".join(other[:_SQUEEZED].split())
            if begins.startswith(whole) or whole.startswith(begins):
                raise NoOutlineError
