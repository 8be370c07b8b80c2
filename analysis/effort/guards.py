"""Guards of a pipeline: a named metric must not get worse by more than a given amount."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.effort.diff import ALIASES, DIRECTIONS, HIGHER, LOWER
from analysis.errors import UsageError

_AMOUNT = re.compile(r"(?P<number>\d{1,15}(?:\.\d{1,15})?|\.\d{1,15})\s?(?P<percent>%)?")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Guard:
    """One metric that was looked at."""

    metric: str
    direction: str
    """'higher' or 'lower' is better."""
    mean_a: float
    mean_b: float
    worse_by: float
    """How far b is worse, in the metric's unit; negative where it is better."""
    max_drop: float
    """How far it may be, in the same unit."""

    @property
    def passed(self) -> bool:
        """Whether b is not worse by more than that."""
        return self.worse_by <= self.max_drop + _ROUNDING

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        moved = "worse" if self.worse_by > 0 else "better" if self.worse_by < 0 else "different"
        by = f"{abs(self.worse_by):.4g} {moved}" if self.worse_by else "not different"
        return (
            f"{self.metric} ({self.direction} is better): {self.mean_a:.4g} to {self.mean_b:.4g},"
            f" {by}; at most {self.max_drop:.4g} worse is allowed."
        )


def guards(
    metrics: Sequence[Mapping[str, Any]], names: Sequence[str], drops: Sequence[str]
) -> list[Guard]:
    """The guards ``names`` on the rows of a diff's metrics.

    A name may end in ':higher' or ':lower' to say which way is better. ``drops`` are amounts in the
    metric's own unit (0.02 is two points of accuracy), or relative to a with '%': one for all, or
    one a name; none is 0. Raises ``UsageError`` for a metric that both sides do not have, one
    without a direction, or a bad amount: a guard that cannot be checked must not pass.
    """
    if len(drops) not in (0, 1, len(names)):
        raise UsageError(
            f"{len(names)} metrics have {len(drops)} amounts.",
            remedy="Give --max-drop once for all, or once after each --metric.",
        )
    if drops and not names:
        raise UsageError("--max-drop is of no metric.", remedy="Name one with --metric.")
    by_name = {row["metric"]: row for row in metrics}
    amounts = list(drops) if len(drops) == len(names) else [*drops, "0"][:1] * len(names)
    return [_guard(by_name, n, a) for n, a in zip(names, amounts, strict=True)]


def _guard(rows: Mapping[str, Mapping[str, Any]], given: str, amount: str) -> Guard:
    name, _, direction = given.partition(":")
    name = ALIASES.get(name.strip(), name.strip())
    direction = direction.strip().lower() or DIRECTIONS.get(name, "")
    row = rows.get(name)
    if row is None or row["difference"] is None:
        raise UsageError(
            f"Both sides have no metric {name!r} on a common question.",
            remedy=f"They have: {', '.join(sorted(rows)) or 'none'}.",
        )
    if direction not in (HIGHER, LOWER):
        raise UsageError(
            f"{name!r} is neither better nor worse by itself.",
            remedy=f"Say which way is better: --metric {name}:lower or {name}:higher.",
        )
    worse = -row["difference"] if direction == HIGHER else row["difference"]
    allowed = _allowed(amount, row["mean_a"])
    return Guard(name, direction, row["mean_a"], row["mean_b"], worse + 0.0, allowed)


def _allowed(amount: str, base: float) -> float:
    match = _AMOUNT.fullmatch(amount.strip())
    if match is None:
        raise UsageError(
            f"--max-drop cannot be {amount!r}.", remedy="Give an amount like 0.02, or 5%."
        )
    number = float(match["number"])
    return abs(base) * number / 100 if match["percent"] else number
