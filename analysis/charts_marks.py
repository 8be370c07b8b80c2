"""Axes and dashes that the charts share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SHARE: dict[str, Any] = {
    "tickformat": ".0%",
    # One value alone would get an axis to 150 %; a little more than 1, for the mark at 1.
    "autorangeoptions": {"minallowed": -0.04, "maxallowed": 1.04},
}
"""An axis of shares: as far as the data go, and never beyond 0 to 100 %."""
_WIDE = 4.0
"""An axis that covers such a factor has a place for 1, 2 or 5 times a power of ten."""
CURVE_DASHES = (
    *("solid", "8px,4px", "2px,3px", "8px,3px,2px,3px"),
    *("14px,4px", "14px,3px,2px,3px", "5px,2px", "1px,4px"),
)


def log_axis(values: Iterable[float | None]) -> dict[str, Any]:
    """A logarithmic axis for ``values``: labelled at 1, 2 and 5, or closer where they lie close."""
    shown = [value for value in values if value is not None and value > 0]
    wide = not shown or max(shown) >= _WIDE * min(shown)
    return {"type": "log", "tickformat": "~s", **({"dtick": "D2"} if wide else {})}
