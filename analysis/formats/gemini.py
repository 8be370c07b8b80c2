"""Replies of Gemini's generateContent: ``candidates`` with parts, alone, streamed or in a batch.

Parts with ``thought`` are summaries of the reasoning. ``candidatesTokenCount`` leaves the thoughts
out. Source: google-genai ``types.py`` (Part, Candidate, GenerateContentResponseUsageMetadata).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.draft import Texts
from analysis.formats.envelope import Body, Exchange
from analysis.formats.fields import Row, as_label, as_small_int, as_time
from analysis.formats.messages import read_reply
from analysis.formats.usage import usage_fields
from analysis.model import Trace

_REASONS = {1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}
"""Finish reasons as the numbers that older clients write."""
_SHAPE_KEYS = ("candidates", "promptFeedback", "prompt_feedback")
_ABOUT = frozenset(("usageMetadata", "usage_metadata", "modelVersion", "model_version"))


def is_body(value: Any) -> bool:
    """True for a reply with candidates, or one that says why there is none."""
    if not isinstance(value, dict):
        return False
    candidates = value.get("candidates")
    if isinstance(candidates, list) and candidates:
        return all(isinstance(c, dict) and _is_candidate(c) for c in candidates)
    blocked = value.get("promptFeedback") or value.get("prompt_feedback")
    return not candidates and isinstance(blocked, dict) and not _ABOUT.isdisjoint(value)


def _is_candidate(value: Mapping[str, Any]) -> bool:
    content = value.get("content")
    if isinstance(content, dict):
        return "parts" in content or content.get("role") == "model" or not content
    return content is None and ("finishReason" in value or "finish_reason" in value)


def read(exchange: Exchange) -> list[Trace]:
    """One trace for each candidate; the token counts are those of the whole reply."""
    reply = exchange.body
    fields = exchange.fields
    fields["model"] = reply.take(as_label, "model_version", "model") or fields.get("model")
    exchange.put("external_id", reply.take(as_label, "response_id"))
    exchange.put("created_at", reply.take(as_time, "create_time"))
    usage_fields(reply, fields, exchange.texts)
    candidates = reply.use("candidates")
    if not candidates:
        return [_blocked(exchange)]
    if len(candidates) > 1 and fields.get("completion_tokens") is not None:
        detail = "the token counts are of all choices of this reply together"
        exchange.texts.warn("shared_usage", detail)
    metadata = exchange.all_metadata()
    return [_read_candidate(exchange, c, i, metadata) for i, c in enumerate(candidates)]


def _blocked(exchange: Exchange) -> Trace:
    feedback = exchange.body.get("prompt_feedback")
    reason = Row(feedback if isinstance(feedback, dict) else {}).take(as_label, "block_reason")
    exchange.fields["finish_reason"] = reason or "blocked"
    exchange.put("error", f"the prompt was blocked: {reason or 'no reason given'}")
    return exchange.trace(Texts(), exchange.fields, exchange.all_metadata())


def _read_candidate(
    exchange: Exchange, value: Mapping[str, Any], position: int, metadata: Mapping[str, Any]
) -> Trace:
    candidate = Row(value)
    fields = dict(exchange.fields)
    fields["finish_reason"] = candidate.take(_as_reason, "finish_reason")
    index = candidate.take(as_small_int, "index")
    if fields.get("sample_index") is None:
        fields["sample_index"] = position if index is None else index
    content = candidate.use("content")
    parts = content.get("parts") if isinstance(content, dict) else None
    texts, left = read_reply({"content": _joined(parts)})
    extra = candidate.rest()
    if left.get("content"):
        extra["content"] = left["content"]
    return exchange.trace(texts, fields, {**metadata, **({"candidate": extra} if extra else {})})


def _as_reason(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return _REASONS.get(value)
    label = as_label(value)
    return None if label is None else label.removeprefix("FinishReason.")


def _joined(parts: Any) -> list[Any]:
    """Parts of which plain texts that follow each other are one text, as Google's clients show."""
    found: list[Any] = []
    for part in parts if isinstance(parts, list) else []:
        last = found[-1] if found else {}
        if _is_plain(part) and _is_plain(last):
            found[-1] = {**last, **part, "text": last["text"] + part["text"]}
        else:
            found.append(part)
    return found


def _is_plain(part: Any) -> bool:
    if not isinstance(part, dict) or not isinstance(part.get("text"), str):
        return False
    return not part.get("thought") and not part.get("functionCall")


BODY = Body(
    "gemini",
    is_body,
    read,
    _SHAPE_KEYS,
    failures_under=("key", "processed_time"),
    failure_score=0.91,
)
