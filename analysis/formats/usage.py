"""Token counts, wherever a record states them."""

from __future__ import annotations

from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.fields import Row, as_float, as_int

_USAGE_KEYS = ("usage", "token_usage", "usage_metadata", "usage_details", "api_metadata")
_DETAIL_KEYS = ("completion_tokens_details", "output_tokens_details", "output_token_details")
_REASONING = ("reasoning_tokens", "thinking_tokens", "reasoning_output_tokens", "reasoning")
_APART = ("thoughts_token_count", "output_reasoning_tokens", "output_reasoning")
"""Counts of reasoning that the count beside them leaves out: Gemini, Langfuse."""
_PROMPT = ("prompt_tokens", "input_tokens", "prompt_token_count", "input")
_COMPLETION = ("completion_tokens", "output_tokens", "candidates_token_count", "output")
_CACHED = (
    "input_tokens_cache_read", "input_tokens_cache_write", "cache_read_input_tokens",
    "cache_creation_input_tokens",
)  # fmt: skip
"""Prompt tokens that some providers count apart from the others."""
_ADDED = "the stated completion tokens left the reasoning tokens out"


def usage_fields(row: Row, fields: dict[str, Any], texts: Texts) -> None:
    """Fill in token counts and cost from a ``usage`` object or its details beside the row's keys.

    ``completion_tokens`` includes reasoning: where its name or the total shows that it does not
    (Gemini, Langfuse, xAI's own API), the reasoning is added; a warning says so where only the
    total shows it.
    """
    _details(row, fields)
    usage = next((row.get(k) for k in _USAGE_KEYS if isinstance(row.get(k), dict)), None)
    if usage is None:
        return
    inner = usage.get("tokens")  # Cohere: beside what was billed
    counts = Row(inner if isinstance(inner, dict) else usage)
    prompt = counts.take(as_int, *_PROMPT)
    completion = counts.take(as_int, *_COMPLETION)
    _details(counts, fields)
    apart = counts.take(as_int, *_APART)
    if apart is not None:
        _put(fields, "reasoning_tokens", apart)
        completion = (completion or 0) + apart
    elif "reasoning_tokens" not in fields:
        _put(fields, "reasoning_tokens", counts.take(as_int, *_REASONING))
    _put(fields, "cost", counts.take(as_float, "cost", "total_cost"))
    reasoning = fields.get("reasoning_tokens")
    total = as_int(counts.get("total_tokens"))
    if reasoning and not apart and None not in (prompt, completion, total):
        cached = sum(as_int(counts.get(name)) or 0 for name in _CACHED)
        plain = (prompt or 0) + (completion or 0)
        if total != plain + cached and total in (plain + reasoning, plain + reasoning + cached):
            completion = (completion or 0) + reasoning
            texts.warn("reasoning_added", _ADDED)
    elif reasoning and completion is not None and total is None and completion < reasoning:
        ours = "grok" in str(fields.get("model")).lower()  # xAI counts the two apart
        completion += reasoning if ours else 0
        if ours:
            texts.warn("reasoning_added", _ADDED)
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
