"""Cues compiled for the words that they begin with, and trying them at a place of a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from analysis.text.cue_patterns import after_pattern, before_pattern
from analysis.text.lexicon import Cue

if TYPE_CHECKING:
    from analysis.text.cue_index import Place

_LOOK_BACK = 64


class Lazy:
    """A pattern that is compiled when it is first asked: most cues never come."""

    __slots__ = ("_regex", "match")

    def __init__(self, regex: str) -> None:
        self._regex = regex
        self.match: Callable[[str, int, int], re.Match[str] | None] = self._first_match

    def _first_match(self, text: str, at: int, end: int) -> re.Match[str] | None:
        self.match = re.compile(self._regex).match
        return self.match(text, at, end)


@dataclass(frozen=True, slots=True)
class Entry:
    """A cue compiled for one first word: ``pattern`` is matched where that word begins."""

    cue: Cue
    order: int
    """The number of the cue in its lexicon."""
    pattern: Lazy
    not_after: re.Pattern[str] | None
    not_before: re.Pattern[str] | None
    free: bool
    """Whether nothing around it can forbid it."""


@dataclass(frozen=True, slots=True)
class Group:
    """The cues that begin with one word. ``quick`` says whether any phrase of them stands here."""

    quick: Lazy | None
    phrases: list[Entry]
    regexes: list[Entry]
    start_only: bool


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """Cues that begin with the same words."""

    entries: list[Entry]


Hit = tuple[int, int, float, str, int]
"""Start, minus the end, minus the weight, id and number of the cue: sorted, the first one wins."""


def make_entry(cue: Cue, number: int, pattern: str) -> Entry:
    """An entry for a cue, the ``number``-th of its lexicon."""
    after, before = after_pattern(cue.not_followed_by), before_pattern(cue.not_preceded_by)
    return Entry(cue, number, Lazy(pattern), after, before, after is None and before is None)


class Points(Protocol):
    """Where a cue at the start of one sentence may begin, found when first asked for."""

    @property
    def start(self) -> int:
        """Where the sentence begins."""

    def points(self) -> set[int]:
        """The places."""


def try_one(entry: Entry, text: str, at: int, end: int, starts: Points, hits: list[Hit]) -> None:
    """Note the cue if it stands at ``at`` and nothing around it forbids it."""
    found = entry.pattern.match(text, at, end)
    if found is None:
        return
    if entry.cue.position == "start" and at not in starts.points():
        return
    if _allowed(entry, text, starts.start, at, found.end(), end):
        hits.append((at, -found.end(), -entry.cue.weight, entry.cue.id, entry.order))


def try_places(text: str, places: Iterable[Place[Slot]], hits: list[Hit]) -> None:
    """Note the cues that stand at the places; whether a place is a start is known already."""
    for at, start, end, slots in places:
        for slot in slots:
            for entry in slot.entries:
                found = entry.pattern.match(text, at, end)
                if found is None:
                    continue
                cue, stop = entry.cue, found.end()
                if entry.free or _allowed(entry, text, start, at, stop, end):
                    hits.append((at, -stop, -cue.weight, cue.id, entry.order))


def _allowed(entry: Entry, text: str, start: int, at: int, stop: int, end: int) -> bool:
    """Whether what stands before and after ``text[at:stop]`` in its sentence allows the cue."""
    if entry.not_after is not None and entry.not_after.match(text, stop, end):
        return False
    low = max(start, at - _LOOK_BACK)
    return entry.not_before is None or entry.not_before.search(text, low, at) is None
