"""Stated token counts that cannot be true: noticed on import, so that no statistic takes them silently."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.fields import ALIASES, snake

NEGATIVE, ZERO, TOO_MANY = "negative_tokens", "zero_tokens", "more_reasoning_than_completion"
_FIELDS = ("reasoning_tokens", "completion_tokens", "prompt_tokens")
_NAMES = frozenset(name for field in _FIELDS for name in ALIASES[field]) | {"tokens_output"}
_USAGE = ("usage", "token_usage", "usage_metadata")
_KEY_CHARS = 60


def token_doubts(
    values: Mapping[str, Any], rest: Mapping[str, Any], reasoning: str | None
) -> list[tuple[str, str]]:
    """Code and detail of each doubt about the counts of one record.

    ``values`` are the fields that were read; ``rest`` what was not, where counts below zero stay.
    """
    found = []
    for key, number in _negative(rest):
        found.append((NEGATIVE, f"{key[:_KEY_CHARS]!r} states {number} tokens; not used"))
    count = values.get("reasoning_tokens")
    if count == 0 and reasoning and reasoning.strip():
        found.append((ZERO, "0 reasoning tokens are stated beside reasoning; not used"))
    total = values.get("completion_tokens")
    if isinstance(count, int) and isinstance(total, int) and count > total > 0:
        found.append(
            (TOO_MANY, f"{count} reasoning tokens of {total} completion tokens are stated")
        )
    return found


def _negative(rest: Mapping[str, Any]) -> list[tuple[str, int | float]]:
    places = [rest, *(rest[key] for key in _USAGE if isinstance(rest.get(key), Mapping))]
    return [
        (key, number)
        for place in places
        for key, number in place.items()
        if isinstance(key, str)
        and isinstance(number, int | float)
        and not isinstance(number, bool)
        and number < 0
        and snake(key[:100]) in _NAMES
    ]
