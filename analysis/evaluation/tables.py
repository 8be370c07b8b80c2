"""Figures from counts: precision, recall, F1 and near F1 with intervals, cell by cell.

Intervals are percentile bootstraps over traces (95 %), for segments of one trace are not
independent; the seed is fixed. Where all resamples agree (all right, all wrong) the bootstrap would
claim certainty: there the interval is the exact one for as many traces, as in ``effort.intervals``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.effort.intervals import LEVEL, UNDEFINED, Interval

RESAMPLES = 1_000
SEED = 20_250_618
_CELLS_AT_ONCE = 4_000_000
_GOLD, _PREDICTED, _TP, _NEAR_PREDICTED, _NEAR_GOLD = range(5)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a label in a source, of one family or model or of all."""

    label: str
    source: str
    family: str | None
    """None: all families of the source together."""
    model: str | None
    """None: all models of the family together."""
    annotator: str
    annotator_kind: str
    """human, llm, mixed, or not stated."""
    n_traces: int
    n: int
    """Labelled segments."""
    n_predicted: int
    tp: int
    fp: int
    fn: int
    precision: Interval
    recall: Interval
    f1: Interval
    near_f1: Interval

    def flat(self) -> dict[str, Any]:
        """Plain columns: an interval becomes NAME, NAME_low, NAME_high."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Interval):
                for end, number in (("", value.value), ("_low", value.low), ("_high", value.high)):
                    found[field.name + end] = None if number is None else round(number, 4)
            else:
                found[field.name] = value
        return found


ROW_COLUMNS = tuple(
    f"{field.name}{end}"
    for field in fields(Row)
    for end in (("", "_low", "_high") if field.type == "Interval" else ("",))
)
"""The columns of ``Row.flat``."""


@dataclass(frozen=True, slots=True)
class Compared:
    """The same cell by two detectors, on the same traces."""

    label: str
    source: str
    family: str | None
    model: str | None
    n_traces: int
    n: int
    f1: float | None
    f1_against: float | None
    near_f1: float | None
    near_f1_against: float | None
    difference: Interval
    """F1 minus the other's F1, with a paired bootstrap over traces."""

    @property
    def verdict(self) -> str:
        """In words: an interval that holds 0 is no measurable difference."""
        low, high = self.difference.low, self.difference.high
        if low is None or high is None:
            return "too few traces"
        return "better" if low > 0 else "worse" if high < 0 else "no measurable difference"

    def flat(self) -> dict[str, Any]:
        """Plain columns."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "difference"}
        for name in ("f1", "f1_against", "near_f1", "near_f1_against"):
            found[name] = None if found[name] is None else round(found[name], 4)
        for end, value in zip(
            ("", "_low", "_high"),
            (self.difference.value, self.difference.low, self.difference.high),
            strict=True,
        ):
            found[f"difference{end}"] = None if value is None else round(value, 4)
        return {**found, "verdict": self.verdict}


def figures(rows: Sequence[Sequence[int]]) -> dict[str, Interval]:
    """precision, recall, f1, near_f1 of the counts of traces (rows of ``scoring.Counts.row``).

    A precision without a predicted segment is undefined, as is a recall or F1 without a labelled one.
    """
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    total = table.sum(axis=0)[None, :]
    drawn = np.concatenate([times @ table for times in _draws(len(table))]) if len(table) else None
    return {
        name: _interval(statistic(total)[0], drawn, statistic, _clusters(table, column))
        for name, (statistic, column) in _STATISTICS.items()
    }


def difference(ours: Sequence[Sequence[int]], theirs: Sequence[Sequence[int]]) -> Interval:
    """F1 of ``ours`` minus F1 of ``theirs``, both on the same traces in the same order."""
    one = np.array(ours, dtype=np.float64).reshape(-1, 5)
    other = np.array(theirs, dtype=np.float64).reshape(-1, 5)
    if len(one) != len(other):
        raise ValueError("the same traces for both")
    if len(one) == 0 or one[:, _GOLD].sum() == 0:
        return UNDEFINED
    value = float(_f1(one.sum(axis=0)[None, :])[0] - _f1(other.sum(axis=0)[None, :])[0])
    if len(one) == 1:
        return Interval(value)
    drawn = np.concatenate(
        [np.nan_to_num(_f1(t @ one)) - np.nan_to_num(_f1(t @ other)) for t in _draws(len(one))]
    )
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, round(float(low), 6), round(float(high), 6))


def f1_of(rows: Sequence[Sequence[int]]) -> tuple[float | None, float | None]:
    """F1 and near F1 without intervals."""
    total = np.array(rows, dtype=np.float64).reshape(-1, 5).sum(axis=0)[None, :]
    return _defined(_f1(total)[0]), _defined(_near_f1(total)[0])


def totals(rows: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Labelled segments, predicted ones, and those that are both, over traces."""
    total = np.array(rows, dtype=np.int64).reshape(-1, 5).sum(axis=0).tolist()
    return total[_GOLD], total[_PREDICTED], total[_TP]


def _precision(t: Floats) -> Floats:
    return _ratio(t[:, _TP], t[:, _PREDICTED])


def _recall(t: Floats) -> Floats:
    return _ratio(t[:, _TP], t[:, _GOLD])


def _f1(t: Floats) -> Floats:
    """2 TP / (predicted + labelled); undefined without a labelled segment."""
    return _ratio(2 * t[:, _TP], np.where(t[:, _GOLD] > 0, t[:, _PREDICTED] + t[:, _GOLD], 0))


def _near_f1(t: Floats) -> Floats:
    precision = np.nan_to_num(_ratio(t[:, _NEAR_PREDICTED], t[:, _PREDICTED]))
    recall = _ratio(t[:, _NEAR_GOLD], t[:, _GOLD])
    both = precision + recall
    value = _ratio(2 * precision * recall, both)
    return np.where(both == 0, 0.0, value)


_STATISTICS: dict[str, tuple[Callable[[Floats], Floats], int]] = {
    "precision": (_precision, _PREDICTED),
    "recall": (_recall, _GOLD),
    "f1": (_f1, _GOLD),
    "near_f1": (_near_f1, _GOLD),
}


def _ratio(top: Floats, below: Floats) -> Floats:
    result: Floats = np.divide(top, below, out=np.full(len(top), np.nan), where=below > 0)
    return result


def _clusters(table: Floats, column: int) -> int:
    return int((table[:, column] > 0).sum())


def _interval(
    value: float, drawn: Floats | None, statistic: Callable[[Floats], Floats], clusters: int
) -> Interval:
    if drawn is None or np.isnan(value):
        return UNDEFINED
    if clusters < 2:
        return Interval(float(value))
    found = statistic(drawn)
    found = found[~np.isnan(found)]
    low, high = (float(x) for x in np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    if low == high:
        reach = 1 - ((1 - LEVEL) / 2) ** (1 / clusters)
        low, high = value - reach * value, value + reach * (1 - value)
    return Interval(float(value), round(float(low), 6), round(float(high), 6))


def _defined(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _draws(n: int) -> Iterator[Floats]:
    """Blocks of resamples, one a row: how often each of the n traces is drawn."""
    generator = np.random.default_rng(SEED)
    step = max(1, _CELLS_AT_ONCE // n)
    for start in range(0, RESAMPLES, step):
        rows = min(step, RESAMPLES - start)
        picked = generator.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(picked.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(np.float64)
