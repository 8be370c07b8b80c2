"""Work queues: which places a person should look at, in which order. The same words always give
the same queue on the same results, so a link to its n-th item stays right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from urllib.parse import parse_qs, urlencode

from analysis.errors import UsageError

KINDS: Mapping[str, str] = {
    "uncertain": "Findings whose score is nearest to the threshold come first.",
    "random": "A random sample of findings, the same for the same seed.",
    "disagreement": "Places where annotators differ.",
    "unlabelled": "Whole traces to go through, in random order.",
}
DEFAULT_LIMIT = 200
MAX_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue in words; it travels in a link as ``queue=``."""

    kind: str = "uncertain"
    label: str = ""
    """Only findings of this label; '' is all."""
    dataset: str = ""
    model: str = ""
    seed: int = 0
    threshold: float = 0.5
    limit: int = DEFAULT_LIMIT

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(
                f"There is no queue {self.kind!r}.", remedy=f"Use: {', '.join(KINDS)}."
            )
        if not 1 <= self.limit <= MAX_LIMIT:
            raise UsageError(f"A queue has 1 to {MAX_LIMIT:,} items.")
        if not 0 <= self.threshold <= 1:
            raise UsageError("A threshold is between 0 and 1.")

    def to_text(self) -> str:
        """As one value of a link; only what differs from the default, and the kind."""
        values = {
            spec.name: getattr(self, spec.name)
            for spec in fields(self)
            if spec.name == "kind" or getattr(self, spec.name) != spec.default
        }
        return urlencode(values)

    @classmethod
    def from_text(cls, text: str | None) -> QueueSpec | None:
        """Read a link's value; None for none, and for one that makes no sense."""
        if not text or len(text) > 2_000:
            return None
        given = {name: values[-1] for name, values in parse_qs(text).items()}
        try:
            return cls(
                kind=given.get("kind", "uncertain"),
                label=given.get("label", ""),
                dataset=given.get("dataset", ""),
                model=given.get("model", ""),
                seed=int(given.get("seed", "0")),
                threshold=float(given.get("threshold", "0.5")),
                limit=int(given.get("limit", str(DEFAULT_LIMIT))),
            )
        except (ValueError, UsageError):
            return None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One place to look at; ``label`` is None for a whole trace."""

    trace_id: str
    label: str | None = None
    start: int = 0
    end: int = 0
    analyzer: str = ""
    score: float | None = None


def next_open(done: list[bool], after: int) -> int | None:
    """The next item (0-based) that is not done behind ``after``, then from the start; else None."""
    n = len(done)
    for step in range(1, n + 1):
        place = (after + step) % n
        if not done[place]:
            return place
    return None


def parse_item(text: str | None) -> int:
    """``item=3`` of a link (1-based) as a place (0-based); 0 for what is no number."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 7:
        return 0
    return max(0, int(text) - 1)
