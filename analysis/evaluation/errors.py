"""What a detector got wrong, place by place: false positives, false negatives, and hits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.evaluation.families import family_of
from analysis.evaluation.gold import GoldTrace, read_gold
from analysis.evaluation.predictions import Predictions
from analysis.evaluation.scoring import labelled, near, predicted

FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_POSITIVE = "false positive", "false negative", "true positive"
KINDS = (FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_POSITIVE)
CONTEXT = 300
"""Characters of text to each side of a segment."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Which labelled traces. None means all."""

    label: str
    source: str | None = None
    family: str | None = None
    annotator: str | None = None

    def holds(self, trace: GoldTrace) -> bool:
        """Whether a trace is in the cell."""
        return (
            self.label in trace.expresses
            and not trace.degenerate
            and self.source in (None, trace.source)
            and self.family in (None, family_of(trace.model))
            and self.annotator in (None, trace.annotator)
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A segment with what was said of it, and the text around it."""

    kind: str
    trace_id: str
    source: str
    model: str | None
    segment: int
    start: int
    end: int
    close: bool
    """Whether a label or a prediction stands within two segments of it: wrong by a shift only."""
    labels: tuple[str, ...]
    """What the annotator gave it."""
    score: float | None
    left: str
    text: str
    right: str


@dataclass(frozen=True, slots=True)
class Places:
    """How many there are of each kind, and one page of those that were asked for."""

    counts: dict[str, int]
    shown: tuple[Place, ...]


def places(
    path: Path,
    predictions: Predictions,
    cell: Cell,
    *,
    kind: str = FALSE_POSITIVE,
    offset: int = 0,
    limit: int = 20,
) -> Places:
    """The segments of a cell that are of this kind, in the order of the data."""
    counts = dict.fromkeys(KINDS, 0)
    shown: list[Place] = []
    for trace in read_gold(path):
        if not cell.holds(trace) or not predictions.has(trace.trace_id):
            continue
        for found, index, close in _judged(trace, predictions, cell.label):
            if found == kind and offset <= counts[found] < offset + limit:
                shown.append(_place(trace, predictions, cell.label, found, index, close))
            counts[found] += 1
    return Places(counts, tuple(shown))


def _judged(
    trace: GoldTrace, predictions: Predictions, label: str
) -> Iterator[tuple[str, int, bool]]:
    truth = labelled(trace.segments, label)
    guess = predicted(trace.segments, predictions.spans(trace.trace_id, label))
    near_truth, near_guess = near(truth), near(guess)
    for index in (truth | guess).nonzero()[0].tolist():
        if truth[index] and guess[index]:
            yield TRUE_POSITIVE, index, True
        elif guess[index]:
            yield FALSE_POSITIVE, index, bool(near_truth[index])
        else:
            yield FALSE_NEGATIVE, index, bool(near_guess[index])


def _place(
    trace: GoldTrace, predictions: Predictions, label: str, kind: str, index: int, close: bool
) -> Place:
    segment = trace.segments[index]
    text = trace.reasoning
    scores = [
        score
        for (name, start, end), score in predictions.scores.get(trace.trace_id, {}).items()
        if name == label and start < segment.end and end > segment.start
    ]
    return Place(
        kind=kind,
        trace_id=trace.trace_id,
        source=trace.source,
        model=trace.model,
        segment=index,
        start=segment.start,
        end=segment.end,
        close=close,
        labels=tuple(sorted(segment.labels)),
        score=max(scores) if scores else None,
        left=text[max(0, segment.start - CONTEXT) : segment.start],
        text=text[segment.start : segment.end],
        right=text[segment.end : segment.end + CONTEXT],
    )
