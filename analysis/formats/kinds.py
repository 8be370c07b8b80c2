"""What the reading of a wrapper depends on in each of its elements.

Two elements of one kind are the same to every question that ``samples`` and ``tables`` ask of all
of them, so that a few elements of each kind stand for a list of any length.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from analysis.formats.aliases import KNOWN_NAMES
from analysis.formats.fields import snake
from analysis.formats.messages import role_of
from analysis.formats.samples import SAID
from analysis.formats.tables import ENVELOPES


def element_kind(value: Any) -> Hashable:
    """The kind of an item of a list."""
    if isinstance(value, dict):
        return (
            bool(value),
            role_of(value) is None,
            _says(tuple(value)),
            isinstance(value.get("content", value.get("text")), str),
            isinstance(value.get("type"), str),
        )
    return type(value), len(value) if isinstance(value, list) else 0


def member_kind(key: str, value: dict[str, Any]) -> Hashable:
    """The kind of an object under an id."""
    name = snake(key[:100])
    listed = name if name in KNOWN_NAMES or name in ENVELOPES else None
    return key.isdigit(), listed, element_kind(value)


@lru_cache(maxsize=4096)
def _says(keys: tuple[str, ...]) -> bool:
    return not SAID.isdisjoint(snake(key[:100]) for key in keys)
