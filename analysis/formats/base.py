"""What a format is: a way to recognise a record and a way to read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from analysis.formats.draft import FileHint
from analysis.model import Rejected, Trace


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of the registry. Both functions take any JSON value and never raise."""

    id: str
    title: str
    recognise: Callable[[Any], float]
    """How surely a value is of this format, 0 to 1, from its keys; cheap."""
    read: Callable[[Any, FileHint], list[Trace] | Rejected]
    """The traces of a value, or why there is none."""
