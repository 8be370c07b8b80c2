"""Paths into a record: ``response.message.content``, ``outputs[*].text``, ``messages[-1].content``.

A path is keys separated by dots, and in brackets a position (``[0]``, ``[-1]``), every item
(``[*]``), the last item that says something (``[role=user]``), or a key as JSON text where it
holds a dot, a bracket or a quote (``["gen_ai.output"]``). A text that holds JSON is stepped into
as if it stood open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from analysis import limits
from analysis.errors import UsageError
from analysis.formats.jsonvalue import parse
from analysis.model import Rejected


@dataclass(frozen=True, slots=True)
class Each:
    """``[*]``: every item of a list."""


@dataclass(frozen=True, slots=True)
class Last:
    """``[key=value]``: the last object of a list whose ``key`` holds the text ``value``."""

    key: str
    value: str


Step = str | int | Each | Last
Place = tuple[str | int, ...]
"""Where a value stands: keys and positions from 0."""
EACH: Final = Each()

_NAME = re.compile(r'(?P<name>[^.\[\]"]+)')
_DOT_NAME = re.compile(r'\.(?P<name>[^.\[\]"]+)')
_BRACKET = re.compile(
    r'\[(?:(?P<star>\*)|(?P<index>-?\d{1,9})|(?P<quoted>"(?:[^"\\]|\\.)*")'
    r"|(?P<key>[^\[\]=\"]{1,100})=(?P<value>[^\[\]]{0,200}))\]"
)
_PLAIN_KEY = re.compile(r'[^.\[\]"\s](?:[^.\[\]"]*[^.\[\]"\s])?')
_OPENERS = ("{", "[")
_PARSED = 4


@lru_cache(maxsize=1024)
def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path. Raises ``UsageError`` that says where it stops making sense."""
    steps: list[Step] = []
    at = 0
    while at < len(text) and len(text) <= limits.MAX_PATH_CHARS:
        if text[at] == "[":
            match = _BRACKET.match(text, at)
        else:
            match = (_DOT_NAME if steps else _NAME).match(text, at)
        if match is None:
            break
        steps.append(_step(match))
        at = match.end()
    if at < len(text) or not steps or steps.count(EACH) > 1 or len(steps) > limits.MAX_JSON_DEPTH:
        reason = "it has more than one [*]" if steps.count(EACH) > 1 else f"at character {at + 1}"
        raise UsageError(
            f"{text[:80]!r} is not a path into a record ({reason}).",
            remedy="Write it like response.message.content, outputs[*].text or"
            ' messages[role=user].content; a key with dots as ["a.b"].',
        )
    return tuple(steps)


def _step(match: re.Match[str]) -> Step:
    if "name" in match.re.groupindex:
        return str(match["name"])
    if match["star"]:
        return EACH
    if match["index"]:
        return int(match["index"])
    if match["quoted"]:
        try:
            return str(orjson.loads(match["quoted"]))
        except orjson.JSONDecodeError:
            return match["quoted"][1:-1]
    return Last(match["key"].strip(), match["value"].strip())


def path_text(place: Sequence[Step]) -> str:
    """A place as a path that ``parse_path`` reads back."""
    parts: list[str] = []
    for step in place:
        if isinstance(step, Each):
            parts.append("[*]")
        elif isinstance(step, Last):
            parts.append(f"[{step.key}={step.value}]")
        elif isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN_KEY.fullmatch(step):
            parts.append(f".{step}" if parts else step)
        else:
            quoted = orjson.dumps(step.encode("utf-8", "replace").decode()).decode()
            parts.append(f"[{quoted}]")
    return "".join(parts)


def locate(value: Any, steps: Sequence[Step]) -> tuple[Place, Any] | None:
    """Where a path without ``[*]`` leads in this record, and what stands there; None if nowhere."""
    place: list[str | int] = []
    for step in steps:
        value = opened(value)
        where = _where(value, step)
        if where is None:
            return None
        value = value[where]
        place.append(where)
    return tuple(place), value


def _where(value: Any, step: Step) -> str | int | None:
    if isinstance(step, str):
        return step if isinstance(value, dict) and step in value else None
    if not isinstance(value, list):
        return None
    if isinstance(step, int):
        index = step + len(value) if step < 0 else step
        return index if 0 <= index < len(value) else None
    if isinstance(step, Last):
        fits = (
            i
            for i in reversed(range(len(value)))
            if isinstance(value[i], dict) and str(value[i].get(step.key)) == step.value
        )
        return next(fits, None)
    return None


def opened(value: Any) -> Any:
    """The value, or what is in it if it is a text that holds a JSON object or list."""
    if isinstance(value, str) and value.lstrip()[:1] in _OPENERS:
        return _parsed(value)
    return value


@lru_cache(maxsize=_PARSED)
def _parsed(text: str) -> Any:
    found = parse(text.encode("utf-8", "replace"))
    inside = None if isinstance(found, Rejected) else found.value
    return inside if isinstance(inside, dict | list) else text


def leaves(value: Any, *, most: int = limits.PREVIEW_LEAVES) -> Iterator[tuple[Place, Any]]:
    """Every text, number and boolean of a record with its place, in its own order.

    A text that holds JSON comes itself, then what is in it. Stops after ``most``.
    """
    waiting: list[tuple[Place, Any]] = [((), value)]
    given = 0
    while waiting and given < most:
        place, found = waiting.pop()
        inside = opened(found)
        if found is not None and not isinstance(found, dict | list) and place:
            given += 1
            yield place, found
        if len(place) >= limits.MAX_JSON_DEPTH:
            continue
        if isinstance(inside, dict):
            waiting.extend(((*place, k), v) for k, v in reversed(inside.items()))
        elif isinstance(inside, list):
            room = inside[: most - given]
            waiting.extend(((*place, i), room[i]) for i in reversed(range(len(room))))


def narrowed(value: Any, base: Sequence[str | int], index: int) -> Any:
    """The record with the list at ``base`` cut down to one of its items; the rest is shared."""
    value = opened(value)
    if not base:
        return [value[index]]
    inner = narrowed(value[base[0]], base[1:], index)
    if isinstance(value, dict):
        return {**value, base[0]: inner}
    copy = list(value)
    copy[int(base[0])] = inner
    return copy


def without(value: Any, places: Sequence[Place]) -> Any:
    """The record without what stands at these places; None when nothing is left.

    Objects and lists that become empty go too; in a list that keeps other items a gap is null, so
    that these keep their positions. The record itself is not changed.
    """
    trie: dict[str | int, Any] = {}
    for place in places:
        node = trie
        for step in place[:-1]:
            node = node.setdefault(step, {})
            if node is _GONE:
                break
        else:
            node[place[-1]] = _GONE
    found = _pruned(value, trie)
    return None if found is _GONE else found


_GONE: Final[dict[str | int, Any]] = {}
"""Marks a place that is taken; told apart by identity."""


def _pruned(value: Any, trie: dict[str | int, Any]) -> Any:
    if trie is _GONE:
        return _GONE
    value = opened(value)
    if isinstance(value, dict):
        kept = {k: _pruned(v, trie[k]) if k in trie else v for k, v in value.items()}
        return {k: v for k, v in kept.items() if v is not _GONE} or _GONE
    if isinstance(value, list):
        items = [_pruned(v, trie[i]) if i in trie else v for i, v in enumerate(value)]
        if all(item is _GONE for item in items):
            return _GONE
        return [None if item is _GONE else item for item in items]
    return value
