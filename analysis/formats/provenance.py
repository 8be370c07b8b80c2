"""Which place of a record a field of a trace came from.

No format has to report it. A value is looked for among the values of the record; where several
would do, the record is read again without each of them, and the one whose absence changes the
field is the one that it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis import limits
from analysis.formats.fields import ALIASES, CONVERT, snake
from analysis.formats.record_path import Place, leaves, opened, path_text, without
from analysis.model import Rejected, SplitMethod, Trace

Read = Callable[[Any], list[Trace] | Rejected]

TEXTS = ("question", "system_prompt", "reasoning", "answer")
SHOWN = (*TEXTS, *CONVERT)
"""The fields whose origin is told."""
_WHOLE = ("gold_answer", "extracted_answer", "probes", "error")
"""Fields that may take a whole list or object, as JSON."""
_WHOLE_DEPTH = 4
_MOST_TRIED = 12
_PART_CHARS = 200
_RE_READ_CHARS = 1_000_000
"""Longer records are not read again: the first place that fits is told."""
_JOINED_SHARE = 0.9
_HOW_SPLIT = {
    SplitMethod.TAG: "split from one text by its marks",
    SplitMethod.CHANNEL: "split from one text by its channels",
    SplitMethod.PROSE_MARKER: "split from one text by a phrase",
    SplitMethod.HEADING: "split from one text by a heading",
}


_EFFORT_FROM = {
    "model_name": ("model", "the end of the model's label"),
    "system_prompt": ("system_prompt", "a line of the system prompt"),
    "question": ("question", "a switch in the question"),
    "tag": ("reasoning", "a mark in the text"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from. ``how``: 'as it stands', 'derived', 'worked out', 'constant'."""

    places: tuple[Place, ...]
    how: str
    note: str = ""

    @property
    def path(self) -> str | None:
        """The place as a path; the first of several."""
        return path_text(self.places[0]) if self.places else None


class Tracer:
    """Looks for the origin of the fields of the traces of one record.

    ``size`` is the length of the record in characters, ``count`` the number of its traces.
    """

    def __init__(self, value: Any, read: Read, *, size: int, count: int) -> None:
        self._value, self._read = value, read
        self._leaves = list(leaves(value))
        self._re_read = size <= _RE_READ_CHARS
        self._tried: dict[Place, list[Trace] | None] = {}
        self._count = count

    def origin(self, name: str, trace: Trace, part: int) -> Origin | None:
        """Where a field of the ``part``-th trace came from; None if the field states nothing."""
        found = getattr(trace, name)
        if found is None:
            return None
        if name == "sample_index" and found == part and not self._named(name):
            return Origin((), "worked out", "its position among the samples")
        if name in TEXTS:
            return self._text(name, str(found), trace, part)
        fits = self._scalars(name, found)
        place = self._decide(name, found, fits, part)
        if place is not None:
            as_stands = _at(self._value, place) == found
            return Origin((place,), "as it stands" if as_stands else "derived")
        worked = self._worked_out(name, trace, part)
        if not worked.places and (place := self._inside(name, found, part)) is not None:
            return Origin((place,), "derived", "a part of the value there, or made of it")
        return worked

    def _text(self, name: str, text: str, trace: Trace, part: int) -> Origin:
        same = [p for p, v in self._leaves if isinstance(v, str) and v == text]
        if not same:
            bare = text.strip()
            same = [p for p, v in self._leaves if isinstance(v, str) and v.strip() == bare and bare]
        if same:
            place = self._decide(name, text, same, part) or same[0]
            others = len(same) - 1
            note = f"the same text stands in {others} more" if others else ""
            return Origin((place,), "as it stands", note)
        how = _HOW_SPLIT.get(trace.split_method, "part of a longer text")
        whole = trace.raw_response
        holding = [p for p, v in self._leaves if isinstance(v, str) and v == whole]
        holding = holding or [p for p, v in self._leaves if isinstance(v, str) and text in v]
        if holding:
            place = self._decide(name, text, holding, part) or holding[0]
            return Origin((place,), "derived", how)
        pieces = [
            (p, v)
            for p, v in self._leaves
            if isinstance(v, str) and v.strip() and v.strip() in text
        ]
        if sum(len(v.strip()) for _, v in pieces) >= _JOINED_SHARE * len(text.strip()) > 0:
            places = tuple(p for p, _ in pieces)
            return Origin(places, "derived", f"joined from {len(places)} places")
        return Origin((), "worked out", "no single place of the record holds this text")

    def _named(self, name: str) -> list[Place]:
        names = ALIASES.get(name, ())
        return [p for p, _ in self._leaves if _key(p) in names]

    def _scalars(self, name: str, wanted: Any) -> list[Place]:
        """Places whose value, read as this field is read, gives what the field says."""
        convert = CONVERT.get(name)
        if convert is None:
            return []
        fits = [p for p, v in self._leaves if _same(convert, v, wanted)]
        if name in _WHOLE:
            fits += [p for p, v in _containers(self._value) if _same(convert, v, wanted)]
        names = ALIASES.get(name, ())
        return sorted(fits, key=lambda p: (_key(p) not in names, len(p)))

    def _inside(self, name: str, found: Any, part: int) -> Place | None:
        """A place whose value holds the field's, or is held by it, and whose absence changes it."""
        wanted = str(found).lower()
        fits = []
        for place, value in self._leaves:
            text = str(value).lower()[:_PART_CHARS]
            if text and (text in wanted or wanted in text):
                fits.append(place)
        if not self._re_read:
            return None
        return next((p for p in fits[:_MOST_TRIED] if self._changes(name, found, p, part)), None)

    def _changes(self, name: str, found: Any, place: Place, part: int) -> bool:
        """Whether the field differs without this place. A trace that is gone tells of texts only."""
        traces = self._read_without(place)
        if traces is None or len(traces) != self._count:
            return name in TEXTS
        return bool(getattr(traces[part], name) != found)

    def _decide(self, name: str, found: Any, fits: Sequence[Place], part: int) -> Place | None:
        """Of several places the one whose absence changes the field."""
        if not fits:
            return None
        if not self._re_read or (len(fits) == 1 and name in TEXTS):
            return fits[0]
        for place in fits[:_MOST_TRIED]:
            if self._changes(name, found, place, part):
                return place
        named = _key(fits[0]) in ALIASES.get(name, ())
        alone = len(fits) == 1 and self._read_without(fits[0]) is None
        return fits[0] if named or alone else None

    def _read_without(self, place: Place) -> list[Trace] | None:
        if place not in self._tried:
            found = self._read(without(self._value, [place]))
            self._tried[place] = found if isinstance(found, list) else None
        return self._tried[place]

    def _worked_out(self, name: str, trace: Trace, part: int) -> Origin:
        if name == "effort" and trace.effort_source in _EFFORT_FROM:
            field, note = _EFFORT_FROM[trace.effort_source]
            source = self.origin(field, trace, part)
            return Origin(source.places if source else (), "derived", note)
        if name == "model_inferred":
            return Origin((), "worked out", "the record does not name the model itself")
        if name == "completion_tokens" and trace.reasoning_tokens is not None:
            return Origin((), "worked out", "from the counts that the record states")
        return Origin((), "worked out", "no single place of the record holds this value")


def _at(value: Any, place: Place) -> Any:
    for step in place:
        value = opened(value)[step]
    return value


def _key(place: Place) -> str:
    """The innermost key of a place, as the alias tables write it."""
    key = next((step for step in reversed(place) if isinstance(step, str)), "")
    return snake(key[:100])


def _same(convert: Callable[[Any], Any], value: Any, wanted: Any) -> bool:
    found = convert(value)
    return found is not None and found == wanted


def _containers(value: Any) -> list[tuple[Place, Any]]:
    found: list[tuple[Place, Any]] = []
    level: list[tuple[Place, Any]] = [((), value)]
    for _ in range(_WHOLE_DEPTH):
        below: list[tuple[Place, Any]] = []
        for place, node in level:
            if isinstance(node, dict):
                below.extend(((*place, k), v) for k, v in node.items())
            elif isinstance(node, list):
                below.extend(((*place, i), v) for i, v in enumerate(node[: limits.PREVIEW_LEAVES]))
        level = [(p, v) for p, v in below if isinstance(v, dict | list)]
        found += level
        if len(found) > limits.PREVIEW_LEAVES:
            break
    return found
