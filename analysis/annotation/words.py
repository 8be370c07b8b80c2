"""The words of annotation as frozen dataclasses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

KINDS: Mapping[str, str] = {
    "accept": "The finding is right.",
    "reject": "The finding is wrong.",
    "add": "This span has the label, whatever the analyzers say.",
    "move": "The finding is right, but its span is this one.",
    "comment": "A remark on a span, or on the whole trace.",
    "mark": "A tag of the whole trace.",
    "finish": "The trace has been gone through for these labels.",
    "adjudicate": "The decision that counts where annotators differ.",
}
"""What an annotation can be."""

ON_FINDINGS = ("accept", "reject", "move")
YES, NO = "accept", "reject"
"""Values of an adjudication."""
TAGS = ("interesting", "broken", "unclear", "good example")
"""Tags of traces that are offered; any other short text is one too."""


@dataclass(frozen=True, slots=True)
class Target:
    """A finding as an annotation remembers it. Offsets are code points, end exclusive."""

    analyzer: str
    label: str
    start: int
    end: int
    version: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """One entry of the log. ``start``/``end`` are the span it speaks of; None: the whole trace."""

    annotation_id: str
    trace_id: str
    annotator: str
    kind: str
    created_at: datetime
    sequence: int = 0
    batch_id: str = ""
    label: str | None = None
    start: int | None = None
    end: int | None = None
    value: str | None = None
    comment: str | None = None
    target: Target | None = None
    text_hash: str | None = None
    source: str = "app"
    withdrawn_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it has not been taken back."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as results hold it now; ``number`` is its place in the caller's list."""

    number: int
    analyzer: str
    label: str
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """A span that has a label in somebody's eyes, and whether a person said so."""

    label: str
    start: int
    end: int
    origin: str = "machine"
    """machine | accepted | moved | added | adjudicated"""
    by: tuple[str, ...] = field(default=())


def text_hash(text: str) -> str:
    """What a span's text is known by: 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
