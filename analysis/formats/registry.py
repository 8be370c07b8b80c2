"""The one place that knows every format; a record goes to the one that fits it best."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from analysis.formats import chat_completion, message_reply, responses, rows
from analysis.formats.base import Format
from analysis.formats.draft import FileHint
from analysis.formats.samples import wrapped_rows
from analysis.model import Rejected, Trace, Warning_

__all__ = ["FORMATS", "FileHint", "Format", "read_record"]

log = logging.getLogger(__name__)

FORMATS: tuple[Format, ...] = (
    Format(
        "chat_completion",
        "OpenAI-compatible replies, alone, with their request, or in a batch file",
        chat_completion.BODY.recognise,
        chat_completion.BODY.read_value,
    ),
    Format(
        "openai_responses",
        "Replies of OpenAI's Responses API, alone, with their request, or in a batch file",
        responses.BODY.recognise,
        responses.BODY.read_value,
    ),
    Format(
        "anthropic_messages",
        "Replies of Anthropic's Messages API, alone, with their request, or in a batch file",
        message_reply.ANTHROPIC.recognise,
        message_reply.ANTHROPIC.read_value,
    ),
    Format(
        "ollama",
        "Chat replies of Ollama, alone or with their request",
        message_reply.OLLAMA.recognise,
        message_reply.OLLAMA.read_value,
    ),
    Format("sky_t1", "Sky-T1 and Bespoke-Stratos rows", rows.recognise_sky_t1, rows.read_sky_t1),
    Format(
        "think_text",
        "Replies with marks such as <think> in a text or a conversation",
        rows.recognise_think_text,
        rows.read_think_text,
    ),
    Format(
        "generic",
        "Rows with question, reasoning, answer, ... in keys of their own",
        rows.recognise_generic,
        rows.read_generic,
    ),
)
_SURE = 0.5
"""From here on a record is itself a row, whatever lists it also holds."""
_PRIOR_WEIGHT = 0.02
"""How much a format gains when the whole file so far was of it: enough to break near ties."""


def read_record(
    value: Any, *, hint: FileHint, format_id: str | None = None
) -> list[Trace] | Rejected:
    """The traces of one JSON value, or a reason that a person understands. Never raises.

    ``format_id`` asks for one format; else the best fitting reads it, and the next best where that
    finds nothing. ``hint.prior`` is brought up to date. A wrapper (``{"results": [...]}``) gives
    the traces of all its rows.
    """
    result = _read_wrapped(value, hint, format_id)
    if isinstance(result, list):
        for trace in result:
            hint.prior[trace.format_id] = hint.prior.get(trace.format_id, 0) + 1
    return result


def _read_wrapped(value: Any, hint: FileHint, format_id: str | None) -> list[Trace] | Rejected:
    inner = wrapped_rows(value) if isinstance(value, dict) else None
    if inner is None or max(f.recognise(value) for f in FORMATS) >= _SURE:
        return _read_one(value, hint, format_id)
    traces: list[Trace] = []
    unread: list[tuple[int, Rejected, Any]] = []
    for position, row in enumerate(inner):
        found = _read_one(row, hint, format_id)
        if isinstance(found, Rejected):
            unread.append((position, found, row))
        else:
            traces += found
    if not traces:
        alone = _read_one(value, hint, format_id)
        return unread[0][1] if isinstance(alone, Rejected) and unread else alone
    if unread:
        traces[0] = _with_unread(traces[0], unread)
    return traces


def _with_unread(trace: Trace, unread: list[tuple[int, Rejected, Any]]) -> Trace:
    """Keep rows of a wrapper that gave no trace beside the first one that did."""
    notes = tuple(Warning_("row_not_read", f"row {i}: {why.reason}") for i, why, _ in unread)
    kept = {"rows_not_read": [row for _, _, row in unread]}
    return replace(trace, warnings=trace.warnings + notes, metadata={**trace.metadata, **kept})


def _read_one(value: Any, hint: FileHint, format_id: str | None) -> list[Trace] | Rejected:
    if not isinstance(value, dict | list):
        kind = "null" if value is None else type(value).__name__
        return Rejected("not_an_object", f"A record is a JSON object; this is {kind}.")
    if format_id is not None:
        wanted = next((f for f in FORMATS if f.id == format_id), None)
        if wanted is None:
            return Rejected("unknown_format", f"There is no format {format_id!r}.")
        return _contained(wanted, value, hint)
    total = sum(hint.prior.values()) or 1
    scores = [
        (f.recognise(value) + _PRIOR_WEIGHT * hint.prior.get(f.id, 0) / total, f) for f in FORMATS
    ]
    ranked = [f for score, f in sorted(scores, key=lambda s: -s[0]) if score > _PRIOR_WEIGHT]
    refusals: list[Rejected] = []
    for candidate in ranked:
        found = _contained(candidate, value, hint)
        if isinstance(found, list) and found:
            return found
        if isinstance(found, Rejected):
            refusals.append(found)
    if refusals:
        return refusals[0]
    if isinstance(value, list):
        return Rejected("not_an_object", "A list that holds no chat turns is no record.")
    return Rejected("no_text", "No reasoning or answer text found; the object has no keys.")


def _contained(candidate: Format, value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """Read; a bug in one format is a rejected record with a log entry, never a failed import."""
    try:
        return candidate.read(value, hint)
    except Exception as error:
        log.exception("Format %s failed on a record", candidate.id)
        kind = type(error).__name__
        return Rejected(
            "reader_failed", f"The reader for {candidate.id} failed ({kind}); please report this."
        )
