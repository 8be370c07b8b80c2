"""How far annotators agree: kappa, alpha, and F1 of spans with tolerant borders.

Ratings are nominal. A measure that is not defined (nobody varies, too few ratings) is None.
Sources: Cohen (1960) 10.1177/001316446002000104; Fleiss (1971) 10.1037/h0031619; Krippendorff,
"Computing Krippendorff's Alpha-Reliability" (2011); span matching as in MUC/NER evaluation with a
margin. The numpy-free code is short, and the package ``krippendorff`` is under the GPL.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

DEFAULT_TOLERANCE = 2
"""Sentences that may lie between two spans that are still taken for one."""


def cohen_kappa(pairs: Iterable[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement of two raters beyond chance, -1..1; None without pairs or without variation."""
    both = Counter(pairs)
    n = sum(both.values())
    if not n:
        return None
    first: Counter[Hashable] = Counter()
    second: Counter[Hashable] = Counter()
    for (one, other), times in both.items():
        first[one] += times
        second[other] += times
    observed = sum(times for (one, other), times in both.items() if one == other) / n
    expected = sum(first[value] * second[value] for value in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(units: Iterable[Mapping[Hashable, int]]) -> float | None:
    """Agreement of any raters beyond chance: each unit says how many chose each category.

    Every unit must have the same number of ratings, two at least; raises ``ValueError`` otherwise.
    """
    rows = [dict(unit) for unit in units]
    if not rows:
        return None
    raters = sum(rows[0].values())
    if raters < 2 or any(sum(row.values()) != raters for row in rows):
        raise ValueError("every unit needs the same number of ratings, at least two")
    totals: Counter[Hashable] = Counter()
    agreement = 0.0
    for row in rows:
        totals.update(row)
        agreement += (sum(n * n for n in row.values()) - raters) / (raters * (raters - 1))
    observed = agreement / len(rows)
    expected = sum((n / (len(rows) * raters)) ** 2 for n in totals.values())
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Nominal alpha: any number of raters, ratings may be missing (None); at most 1.

    A unit with fewer than two ratings says nothing and is left out. None where no unit is left,
    or where all ratings are one category.
    """
    totals: Counter[Hashable] = Counter()
    disagreement = 0.0
    for unit in units:
        values = Counter(value for value in unit if value is not None)
        size = sum(values.values())
        if size < 2:
            continue
        totals.update(values)
        disagreement += (size * size - sum(n * n for n in values.values())) / (size - 1)
    n = sum(totals.values())
    expected = n * n - sum(times * times for times in totals.values())
    if n < 2 or not expected:
        return None
    return 1 - (n - 1) * disagreement / expected


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Spans of two annotators: how many each has, how many were matched one to one, and F1."""

    n_first: int
    n_second: int
    matched: int

    @property
    def f1(self) -> float | None:
        """2 · matched / (all spans); None where neither has any."""
        total = self.n_first + self.n_second
        return 2 * self.matched / total if total else None

    def __add__(self, other: SpanAgreement) -> SpanAgreement:
        return SpanAgreement(
            self.n_first + other.n_first,
            self.n_second + other.n_second,
            self.matched + other.matched,
        )


def span_agreement(
    first: Sequence[tuple[int, int]],
    second: Sequence[tuple[int, int]],
    *,
    tolerance: int = DEFAULT_TOLERANCE,
) -> SpanAgreement:
    """Match spans one to one that lie at most ``tolerance`` units apart (0: they share a unit).

    Spans are (first, last) unit, inclusive; the unit here is the sentence. Linear after two sorts:
    of two spans that cannot be matched with each other, the one that ends first is passed over.
    """
    one, other = sorted(first, key=_by_end), sorted(second, key=_by_end)
    i = j = matched = 0
    while i < len(one) and j < len(other):
        if _gap(one[i], other[j]) <= tolerance:
            matched, i, j = matched + 1, i + 1, j + 1
        elif one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return SpanAgreement(len(first), len(second), matched)


def _by_end(span: tuple[int, int]) -> tuple[int, int]:
    return span[1], span[0]


def _gap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How many steps from one span to the other; 0 where they share a unit."""
    return max(0, one[0] - other[1], other[0] - one[1])
