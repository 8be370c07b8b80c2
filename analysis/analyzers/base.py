"""What more than one analyzer needs."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(*parts: Any) -> str:
    """A short hash of JSON-able settings: the same on every machine and in every run."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def per_thousand(count: int, tokens: int | None) -> float | None:
    """``count`` per 1,000 tokens; None where there are no tokens."""
    return None if not tokens else 1000.0 * count / tokens


def share(part: int, whole: int) -> float | None:
    """``part / whole`` in 0..1; None where the whole is nothing."""
    return None if whole <= 0 else min(1.0, part / whole)
