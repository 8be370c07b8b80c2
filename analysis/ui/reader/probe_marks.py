"""What the row of forced answers below the timeline shows: answers and their probability by place."""

from __future__ import annotations

from typing import Any

from analysis.analyzers.probes import first_stable, read_probes
from analysis.views.reader import ReaderView

MAX_POINTS = 500
"""More recorded probes than this are thinned out evenly, first and last kept."""
_PRED_CHARS = 80


def probe_marks(view: ReaderView, length: int) -> dict[str, Any] | None:
    """The probes of a trace: ``points`` as [offset, probability, right, answer] (None: not known),
    ``stable`` where the last answer stood for good, ``right`` where an answer was first right,
    ``of`` what the probability is of. None for a trace without probes.

    Offsets are code points: those that the record tells of all probes, in order; else a probe's share
    of the thinking, as of the text.
    """
    found, _ = read_probes(view.trace["probes"], view.trace["gold_answer"])
    if not found or not length:
        return None
    preds = [probe.pred for probe in found]
    stable = first_stable(preds) if len(found) > 1 else None
    right = next((i for i, probe in enumerate(found) if probe.correct), None)
    own = any(probe.p_pred is not None for probe in found)
    told = [probe.char for probe in found if probe.char is not None and probe.char <= length]
    exact = len(told) == len(found) and told == sorted(told)
    points = [
        [
            told[at] if exact else min(length, round(probe.position * length)),
            _chance(probe.p_pred if own else probe.p_correct),
            None if probe.correct is None else int(probe.correct),
            (probe.pred or "")[:_PRED_CHARS],
        ]
        for at, probe in enumerate(found)
    ]
    return {
        "points": _thinned(points),
        "stable": None if stable is None else points[stable][0],
        "right": None if right is None else points[right][0],
        "of": "the answer given" if own else "the correct answer",
    }


def _chance(value: float | None) -> float | None:
    return None if value is None or not 0 <= value <= 1 else round(value, 4)


def _thinned(points: list[list[Any]]) -> list[list[Any]]:
    if len(points) <= MAX_POINTS:
        return points
    step = (len(points) - 1) / (MAX_POINTS - 1)
    return [points[round(n * step)] for n in range(MAX_POINTS)]
