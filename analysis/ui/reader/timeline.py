"""What the strip above the text shows beside findings: solution rounds and where answers stood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.views.reader import ReaderView


def timeline(view: ReaderView, length: int) -> dict[str, Any]:
    """Offsets in code points: ``tail``, ``right`` (None: not known) and ``rounds``.

    ``tail`` is where the final answer first stood, ``right`` where the correct one did; ``rounds``
    are (start, end, whether new), ascending, without a gap; what follows the last one is no round.
    """
    return {
        "tail": place(view, "first_final_frac", length),
        "right": place(view, "first_correct_frac", length),
        "rounds": _rounds(view, length),
    }


def place(view: ReaderView, metric: str, length: int) -> int | None:
    """A metric that is a share of the text, as an offset; None when it is not known."""
    fraction = view.metrics.get(metric)
    if not isinstance(fraction, int | float) or not length:
        return None
    return min(length, max(0, round(fraction * length)))


def _rounds(view: ReaderView, length: int) -> list[list[int]]:
    """A round ends with the first candidate that has its number."""
    ends: dict[int, tuple[int, bool]] = {}
    for finding in view.findings:
        number = _number(finding.evidence)
        if finding.label == "candidate_answer" and number is not None and number not in ends:
            ends[number] = (min(finding.end, length), bool(finding.evidence.get("new")))
    rounds, start = [], 0
    for _, (end, new) in sorted(ends.items()):
        if end > start:
            rounds.append([start, end, int(new)])
            start = end
    return rounds


def _number(evidence: Mapping[str, Any]) -> int | None:
    value = evidence.get("round")
    return value if isinstance(value, int) and not isinstance(value, bool) else None
