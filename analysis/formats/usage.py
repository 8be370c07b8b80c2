"""Token counts, wherever a record states them."""

from __future__ import annotations

from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.fields import Row, as_float, as_int

_USAGE_KEYS = ("usage", "token_usage", "usage_metadata")
_DETAIL_KEYS = ("completion_tokens_details", "output_tokens_details")
_REASONING = ("reasoning_tokens", "thinking_tokens")


def usage_fields(row: Row, fields: dict[str, Any], texts: Texts) -> None:
    """Fill in token counts and cost from a ``usage`` object or its details beside the row's keys.

    ``completion_tokens`` includes reasoning: where the counts show that it does not (xAI's own API),
    the reasoning is added and a warning says so.
    """
    _details(row, fields)
    usage = next((row.get(k) for k in _USAGE_KEYS if isinstance(row.get(k), dict)), None)
    if usage is None:
        return
    counts = Row(usage)
    prompt = counts.take(as_int, "prompt_tokens", "input_tokens")
    completion = counts.take(as_int, "completion_tokens", "output_tokens")
    _details(counts, fields)
    reasoning = counts.take(as_int, *_REASONING) if "reasoning_tokens" not in fields else None
    _put(fields, "reasoning_tokens", reasoning)
    _put(fields, "cost", counts.take(as_float, "cost", "total_cost"))
    reasoning = fields.get("reasoning_tokens")
    total = as_int(counts.get("total_tokens"))
    if (
        reasoning
        and None not in (prompt, completion, total)
        and total == (prompt or 0) + (completion or 0) + reasoning
    ):
        completion = (completion or 0) + reasoning
        texts.warn("reasoning_added", "the stated completion tokens left the reasoning tokens out")
    _put(fields, "prompt_tokens", prompt)
    _put(fields, "completion_tokens", completion)


def _details(row: Row, fields: dict[str, Any]) -> None:
    for key in _DETAIL_KEYS:
        details = row.get(key)
        if isinstance(details, dict):
            _put(fields, "reasoning_tokens", Row(details).take(as_int, *_REASONING))


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    if value is not None and fields.get(name) is None:
        fields[name] = value
