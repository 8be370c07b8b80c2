"""Which finding of today an annotation of yesterday speaks of.

A rerun gives findings with other versions, scores and borders. A decision belongs to the finding of
the same label and analyzer at the same span; else to the one that overlaps it most, if they share
at least half of their union; else it is unmatched, and stays as the person made it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from analysis.annotation.words import Found, Target

LEAST_OVERLAP = 0.5
"""Shared characters over characters of either, from which on two spans are taken for one."""
_LOOK_BACK = 64
"""Findings before an overlapping one that are looked at: long ones may begin far ahead."""


def overlap(one_start: int, one_end: int, start: int, end: int) -> float:
    """Intersection over union of two spans, 0..1; 0 where either is empty."""
    shared = min(one_end, end) - max(one_start, start)
    if shared <= 0:
        return 0.0
    return shared / (max(one_end, end) - min(one_start, start))


class Matcher:
    """Finds targets among the findings of one trace, each in logarithmic time."""

    def __init__(self, findings: Iterable[Found]) -> None:
        groups: dict[str, list[Found]] = defaultdict(list)
        for finding in findings:
            groups[finding.label].append(finding)
        self._groups: dict[str, tuple[Sequence[Found], list[int], list[int]]] = {}
        self._exact: dict[tuple[str, str, int, int], Found] = {}
        for label, group in groups.items():
            group.sort(key=lambda f: (f.start, f.end, f.analyzer, f.number))
            ends: list[int] = []
            for finding in group:
                ends.append(max(finding.end, ends[-1] if ends else 0))
                key = finding.analyzer, label, finding.start, finding.end
                self._exact.setdefault(key, finding)
            self._groups[label] = group, [f.start for f in group], ends

    def match(self, target: Target) -> Found | None:
        """The finding that is meant, or None. Another analyzer's counts only at the same label."""
        exact = self._exact.get((target.analyzer, target.label, target.start, target.end))
        if exact is not None or target.label not in self._groups:
            return exact
        group, starts, ends = self._groups[target.label]
        first = bisect_right(ends, target.start)
        last = bisect_left(starts, target.end)
        best: tuple[float, bool, int] | None = None
        found: Found | None = None
        for index in range(max(first, last - _LOOK_BACK), last):
            finding = group[index]
            share = overlap(target.start, target.end, finding.start, finding.end)
            if share < LEAST_OVERLAP:
                continue
            rank = (share, finding.analyzer == target.analyzer, -index)
            if best is None or _better(rank, best):
                best, found = rank, finding
        return found


def _better(one: tuple[float, bool, int], other: tuple[float, bool, int]) -> bool:
    # The same analyzer first: two analyzers may give one label, and a decision is on one of them.
    return (one[1], one[0], one[2]) > (other[1], other[0], other[2])
