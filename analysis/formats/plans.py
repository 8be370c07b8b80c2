"""Reading plans: what the readers made of one record, for all records with the same outline.

The readers read a *stand-in*, the record with every free value replaced by one of a kind that can
be told again; where those turn up in the traces is the plan. It is kept only if it gives, for the
record itself, the very traces that the readers give.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from analysis.formats.fields import CONVERT, as_json
from analysis.formats.numbers import stand_in
from analysis.formats.outline import COPIED, Outline, Token
from analysis.model import Trace, Warning_

NAMES = tuple(f.name for f in fields(Trace))
_METADATA = NAMES.index("metadata")
_CODE = re.compile(r"zq\d{3}x")
_MARGIN = 10
"""Ranks that counts of tokens may take before the other numbers begin."""
_JOINTS = frozenset(("\n", "\n\n"))

Make = Callable[[Outline], Any]
"""Makes a value of a trace out of the free values of a record."""


class UnplannedError(Exception):
    """A record whose traces do not follow from its outline and its free values alone."""


class StandIn:
    """A record like another one, with free values that can be told again in its traces."""

    def __init__(self, value: Any, outline: Outline) -> None:
        self._outline = outline
        self._tokens = iter(outline.tokens)
        self._ranks = dict(zip(outline.counts, outline.tokens[-1], strict=False))
        self.passages: list[str | None] = [None] * len(outline.passages)
        self.leaves: list[str] = []
        self.numbers: list[int | float] = []
        self.value = self._copy(value)

    def _copy(self, node: Any) -> Any:
        token = next(self._tokens)
        if isinstance(node, dict):
            return {key: self._copy(inner) for key, inner in node.items()}
        if isinstance(node, list):
            return [self._copy(inner) for inner in node]
        if not isinstance(token, tuple) or token[0] == 1:
            return node
        if not isinstance(node, str):
            number = len(self.numbers)
            rank = self._ranks.get(number, number + _MARGIN)
            self.numbers.append(stand_in(token[1], rank))
            return self.numbers[-1]
        self.leaves.append(self._text(token))
        return self.leaves[-1]

    def _text(self, token: Token) -> str:
        kind, *rest = token
        if kind == "marked":
            marks: tuple[str, ...] = rest[0]
            indices: tuple[int, ...] = rest[1]
            inner = [self._passage(kind, index) for index in indices]
            return marks[0] + "".join(
                part for pair in zip(inner, marks[1:], strict=True) for part in pair
            )
        found = self._passage(kind, rest[0])
        return f" {found} " if kind == "text" else found

    def _passage(self, kind: str, index: int) -> str:
        found = self.passages[index]
        if found is None:
            code = f"zq{index:03d}x"
            size = len(self._outline.passages[index])
            if kind == "digits":
                found = str(110_000_000 + index * 7_919)
            elif kind == "moment":
                found = f"1987-06-05T04:03:02.{index:06d}"
            elif size < COPIED:
                found = code
            else:
                found = (f"{code} " * (size // len(code) + 1))[: max(size, COPIED)]
                found = found[: found.rfind("x") + 1].ljust(len(found), "y")
            self.passages[index] = found
        return found


@dataclass(slots=True)
class Plan:
    """How the traces of a record follow from its outline."""

    parts: list[tuple[list[Any], list[tuple[int, Make]]]]
    """For each trace: its values, and what is to be put in their places."""
    formats: list[str]
    plain: bool
    """Whether a heading in a text could tell reasoning and answer apart: then there must be none."""
    unproven: int = 1
    """How often it is still to be compared with what the readers say."""

    def apply(self, outline: Outline) -> list[Trace] | None:
        """The traces of a record; None where one of its values is not of the kind after all."""
        traces = []
        try:
            for constant, makes in self.parts:
                values = constant.copy()
                for at, make in makes:
                    values[at] = make(outline)
                traces.append(Trace(*values))
        except UnplannedError:
            return None
        return traces


def plan_of(outline: Outline, stand: StandIn, traces: Sequence[Trace]) -> Plan:
    """The plan that the traces of a stand-in show. Raises ``UnplannedError`` where they show none."""
    finder = _Finder(stand)
    parts = []
    for trace in traces:
        values: list[Any] = []
        makes: list[tuple[int, Make]] = []
        for at, name in enumerate(NAMES):
            value = getattr(trace, name)
            values.append(value)
            make = finder.tree(value) if at == _METADATA else finder.field(name, value)
            if make is not None:
                makes.append((at, make))
        if not any(at == _METADATA for at, _ in makes):
            makes.append((_METADATA, _copier(trace.metadata)))
        parts.append((values, makes))
    told = {"field", "tag", "channel", "prose_marker"}
    plain = any(str(trace.split_method) not in told for trace in traces)
    return Plan(parts, [trace.format_id for trace in traces], plain)


class _Finder:
    """Finds the free values of a stand-in in what the readers made of it."""

    def __init__(self, stand: StandIn) -> None:
        self._leaves = {text: at for at, text in reversed(list(enumerate(stand.leaves)))}
        known = [(text, at) for at, text in enumerate(stand.passages) if text is not None]
        self._passages = dict(known)
        self._numbers: dict[tuple[type, int | float], int] = {}
        for at, number in enumerate(stand.numbers):
            self._numbers.setdefault((type(number), number), at)
        self._words = {as_json(number): at for at, number in enumerate(stand.numbers)}
        self._sums = _sums(stand.numbers)
        self._told = (*self._words, *(text for text, _ in known if not _CODE.match(text)))

    def field(self, name: str, value: Any) -> Make | None:
        """How a field is made; None for one that is always the same."""
        kind = type(value)
        if value is None or kind is bool:
            return None
        if isinstance(value, tuple):
            self._require_constant(value)
            return None
        if kind is str:
            make = self._text(value)
        elif kind is int or kind is float:
            make = self._number(value)
        elif kind is datetime:
            make = None
        else:
            return None  # a word of the model
        if make is None and kind in (int, float, datetime):
            make = self._converted(name, value)
        return make

    def tree(self, value: Any) -> Make | None:
        """How a JSON value is made; None for one that is always the same."""
        if isinstance(value, dict):
            for key in value:
                if self._touched(str(key)):
                    raise UnplannedError
            inner = [(key, self.tree(part), part) for key, part in value.items()]
            if all(make is None for _, make, _ in inner):
                return None
            made = [(key, make or _copier(part)) for key, make, part in inner]
            return lambda o: {key: make(o) for key, make in made}
        if isinstance(value, list):
            items = [(self.tree(part), part) for part in value]
            if all(make is None for make, _ in items):
                return None
            makers = [make or _copier(part) for make, part in items]
            return lambda o: [make(o) for make in makers]
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if value is None or isinstance(value, bool):
            return None
        raise UnplannedError

    def _touched(self, text: str) -> bool:
        return _CODE.search(text) is not None or any(word in text for word in self._told)

    def _require_constant(self, notes: tuple[Warning_, ...]) -> None:
        if any(self._touched(note.detail) or note.code == "guessed_key" for note in notes):
            raise UnplannedError

    def _text(self, text: str) -> Make | None:
        if not self._touched(text):
            return None
        if (at := self._leaves.get(text)) is not None:
            return lambda o: o.leaves[at]
        if (index := self._passages.get(text)) is not None:
            return lambda o: o.passages[index]
        if (number := self._words.get(text)) is not None:
            return lambda o: as_json(o.numbers[number])
        return self._joined(text)

    def _joined(self, text: str) -> Make:
        """Whole leaves or passages with line ends, or marks of the text itself, between them."""
        source = next((leaf for leaf in self._leaves if text in leaf), None)
        pieces = list(self._split(text))
        if source is None and not all(i is not None or p in _JOINTS for p, i in pieces):
            raise UnplannedError
        edges = (pieces[0], pieces[-1]) if source is not None else ()
        if any(index is None and piece.isspace() for piece, index in edges):
            raise UnplannedError  # white space around a text is free
        return lambda o: "".join([p if i is None else o.passages[i] for p, i in pieces])

    def _split(self, text: str) -> Iterator[tuple[str, int | None]]:
        at = 0
        while (mark := _CODE.search(text, at)) is not None:
            start = mark.start()
            whole = next((p for p in self._passages if text.startswith(p, start)), None)
            if whole is None or not whole.startswith(mark.group()):
                raise UnplannedError
            if start > at:
                yield text[at:start], None
            yield whole, self._passages[whole]
            at = start + len(whole)
        if any(word in text for word in self._told):
            raise UnplannedError
        if at < len(text):
            yield text[at:], None

    def _number(self, number: int | float) -> Make | None:
        at = self._numbers.get((type(number), number))
        if at is not None:
            return lambda o: o.numbers[at]
        pair = self._sums.get(number) if type(number) is int else None
        if pair is not None:
            first, second = pair
            return lambda o: o.numbers[first] + o.numbers[second]
        return None

    def _converted(self, name: str, value: Any) -> Make | None:
        convert = CONVERT.get(name)
        if convert is None:
            return None
        for text, at in self._leaves.items():
            if _same(convert(text), value):
                return lambda o: _needed(convert(o.leaves[at]))
        for (_, number), at in self._numbers.items():
            if _same(convert(number), value):
                return lambda o: _needed(convert(o.numbers[at]))
        return None


def _same(found: Any, value: Any) -> bool:
    return type(found) is type(value) and found == value


def _needed(value: Any) -> Any:
    if value is None:
        raise UnplannedError
    return value


def _sums(numbers: Sequence[int | float]) -> dict[int, tuple[int, int]]:
    whole = [(at, n) for at, n in enumerate(numbers) if isinstance(n, int)]
    return {a + b: (i, j) for i, a in whole for j, b in whole if i < j}


def _copier(value: Any) -> Make:
    """A fresh copy of a JSON value."""
    if isinstance(value, dict):
        inner = [(key, _copier(part)) for key, part in value.items()]
        return lambda o: {key: make(o) for key, make in inner}
    if isinstance(value, list):
        makers = [_copier(part) for part in value]
        return lambda o: [make(o) for make in makers]
    return lambda o: value
