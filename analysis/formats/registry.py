"""The one place that knows every format; a record goes to the one that fits it best."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from analysis.formats import (
    chat_completion,
    chat_exports,
    cotscope_run,
    exported,
    gemini,
    harness,
    inspect_log,
    message_reply,
    mlflow_traces,
    other_harnesses,
    responses,
    rows,
    runs,
    spans,
    stream_reply,
)
from analysis.formats.base import Format, Found, UnreadRow, any_of, with_unread
from analysis.formats.deeper import read_deeper
from analysis.formats.draft import FileHint
from analysis.formats.http_log import exchanged
from analysis.formats.part import Part
from analysis.formats.reply_bodies import is_reply
from analysis.formats.samples import asks, wrapped_rows
from analysis.formats.tables import holds_ids, keyed_samples
from analysis.formats.unfold import opened
from analysis.model import Rejected, Trace

__all__ = ["FORMATS", "FileHint", "Format", "read_record"]

log = logging.getLogger(__name__)

FORMATS: tuple[Format, ...] = (
    Format(
        exported.FORMAT_ID,
        "Traces that CoTScope exported, read back as they were",
        exported.recognise,
        exported.read,
        any_of(exported.KEY),
    ),
    Format(
        cotscope_run.FORMAT_ID,
        "Traces of a model that CoTScope ran",
        cotscope_run.recognise,
        cotscope_run.read,
        any_of(cotscope_run.KEY),
    ),
    Format(
        "chat_completion",
        "OpenAI-compatible replies, alone, with their request, or in a batch file",
        chat_completion.BODY.recognise,
        chat_completion.BODY.read_value,
        chat_completion.BODY.needs,
    ),
    Format(
        "openai_responses",
        "Replies of OpenAI's Responses API, alone, with their request, or in a batch file",
        responses.BODY.recognise,
        responses.BODY.read_value,
        responses.BODY.needs,
    ),
    Format(
        "anthropic_messages",
        "Replies of Anthropic's Messages API, alone, with their request, or in a batch file",
        message_reply.ANTHROPIC.recognise,
        message_reply.ANTHROPIC.read_value,
        message_reply.ANTHROPIC.needs,
    ),
    Format(
        "gemini",
        "Replies of Gemini's generateContent, alone, with their request, or in a batch file",
        gemini.BODY.recognise,
        gemini.BODY.read_value,
        gemini.BODY.needs,
    ),
    Format(
        "ollama",
        "Chat replies of Ollama, alone or with their request",
        message_reply.OLLAMA.recognise,
        message_reply.OLLAMA.read_value,
        message_reply.OLLAMA.needs,
    ),
    Format(
        "bedrock_converse",
        "Replies of Bedrock's Converse API, alone or with their request",
        message_reply.CONVERSE.recognise,
        message_reply.CONVERSE.read_value,
        message_reply.CONVERSE.needs,
    ),
    Format(
        "cohere",
        "Replies of Cohere's chat API, alone or with their request",
        message_reply.COHERE.recognise,
        message_reply.COHERE.read_value,
        message_reply.COHERE.needs,
    ),
    Format("inspect", "Logs of Inspect", inspect_log.recognise, inspect_log.read),
    Format(
        "sse_stream",
        "Streamed replies whose events stand one by one",
        stream_reply.recognise,
        stream_reply.read,
    ),
    Format(
        "langfuse",
        "Generations of Langfuse",
        runs.recognise_langfuse,
        runs.read_langfuse,
        any_of("observations", "type"),
    ),
    Format(
        "langsmith",
        "Runs of LangSmith",
        runs.recognise_langsmith,
        runs.read_langsmith,
        any_of("run_type"),
    ),
    Format(
        "atif",
        "Trajectories of agents (ATIF)",
        runs.recognise_atif,
        runs.read_atif,
        any_of("schema_version"),
    ),
    Format(
        chat_exports.FORMAT_ID,
        "Conversations that ChatGPT and DeepSeek export",
        chat_exports.recognise,
        chat_exports.read,
        any_of("mapping"),
    ),
    Format(
        "mlflow",
        "Traces of MLflow",
        mlflow_traces.recognise,
        mlflow_traces.read,
        any_of("spans", "data", "attributes"),
    ),
    Format("spans", "Spans of OpenTelemetry and OpenInference", spans.recognise, spans.read),
    *(
        Format(h.format_id, title, h.recognise, h.read, (h.keys,))
        for title, h in (*harness.HARNESSES, *other_harnesses.OTHER_HARNESSES)
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
_MAX_WRAPPERS = 3
"""Wrappers in one another: runs of questions of samples."""
_SURE = 0.5
"""From here on a record is itself a row, whatever lists it also holds."""
_CERTAIN = 0.93
"""From here on the keys are those of one server or tool, which nobody else writes."""
_SHARED_KEYS = 64
"""Objects with more keys are data rather than columns: not worth remembering."""
_PRIOR_WEIGHT = 0.02
"""How much a format gains when the whole file so far was of it: enough to break near ties."""


def read_record(
    value: Any, *, hint: FileHint, format_id: str | None = None
) -> list[Trace] | Rejected:
    """The traces of one JSON value, or a reason that a person understands. Never raises.

    ``format_id`` asks for one format; else the best fitting reads it, and the next best where that
    finds nothing. ``hint.prior`` is brought up to date. A wrapper (``{"results": [...]}``) gives
    the traces of all its rows, as ``Found``, which also tells the rows that gave none.
    """
    result = _read_wrapped(value, hint, format_id)
    if format_id is None and isinstance(result, Rejected) and not isinstance(value, Part):
        result = _deeper(value, result, hint)
    if isinstance(result, Found) and result.unread and result:
        result[0] = with_unread(result[0], result.unread)
    if isinstance(result, list) and not isinstance(value, Part):  # the rows of one document
        for trace in result:
            hint.prior[trace.format_id] = hint.prior.get(trace.format_id, 0) + 1
    return result


def _read_wrapped(value: Any, hint: FileHint, format_id: str | None) -> list[Trace] | Rejected:
    if isinstance(value, Part):
        row = value if value.row is None else value.row
        return _read_row(row, hint, format_id, _MAX_WRAPPERS - 1)
    inner = wrapped_rows(value) if isinstance(value, dict) else None
    if inner is None or not is_wrapper(value):
        return read_one(value, hint, format_id)
    return _read_rows(value, inner, hint, format_id, _MAX_WRAPPERS)


def _read_rows(
    value: Mapping[str, Any],
    inner: Iterable[Mapping[str, Any]],
    hint: FileHint,
    format_id: str | None,
    depth: int,
    *,
    last: bool = False,
) -> list[Trace] | Rejected:
    """The traces of the rows of a wrapper. ``last``: nothing is looked for deeper inside of them."""
    found = _each(inner, lambda row: _read_row(row, hint, format_id, depth - 1, last=True))
    refused = [at for at, each in enumerate(found) if isinstance(each, UnreadRow)]
    alone: list[Trace] | Rejected | None = None
    if len(refused) == len(found):
        alone = read_one(value, hint, format_id)
        if not isinstance(alone, Rejected):
            return alone
    for at in refused if format_id is None and not last else ():
        each = found[at]
        if isinstance(each, UnreadRow):
            again = _deeper(each.value, each.rejected, hint)
            found[at] = each if isinstance(again, Rejected) else again
    traces = [trace for each in found if isinstance(each, list) for trace in each]
    unread = [
        row
        for each in found
        for row in ([each] if isinstance(each, UnreadRow) else getattr(each, "unread", ()))
    ]
    if traces:
        return Found(traces, unread)
    return unread[0].rejected if unread else alone or Rejected("no_text", "There are no rows.")


def _each(
    rows: Iterable[Mapping[str, Any]], read: Callable[[Any], list[Trace] | Rejected]
) -> list[list[Trace] | UnreadRow]:
    """The traces of each row, or why it has none."""
    return [
        UnreadRow(position, found, row) if isinstance(found := read(row), Rejected) else found
        for position, row in enumerate(rows)
    ]


def _read_row(
    row: Any, hint: FileHint, format_id: str | None, depth: int, *, last: bool = False
) -> list[Trace] | Rejected:
    """A row of a wrapper: one response, or a question with a list of them, a wrapper again.

    ``last``: nothing is looked for deeper inside of it.
    """
    if depth > 0 and isinstance(row, dict) and _holds_rows(row) and is_wrapper(row):
        return _read_rows(row, wrapped_rows(row) or (), hint, format_id, depth, last=last)
    found = read_one(row, hint, format_id)
    if isinstance(found, Rejected) and depth > 0 and isinstance(row, dict) and asks(row):
        inner = wrapped_rows(row)
        if inner is not None:
            found = _read_rows(row, inner, hint, format_id, depth, last=last)
    if last or format_id is not None or not isinstance(found, Rejected):
        return found
    return _deeper(row, found, hint)


def _holds_rows(row: Mapping[str, Any]) -> bool:
    return keyed_samples(row) is not None or holds_ids(row)


def _deeper(value: Any, refused: Rejected, hint: FileHint) -> list[Trace] | Rejected:
    """What a record that no format reads holds inside; a writer's own record was read for good."""
    if not isinstance(value, dict) or refused.code != "no_text":
        return refused
    if any(f.recognise(value) >= _CERTAIN for f in possible(value)):
        return refused
    found = read_deeper(value, lambda row: _read_row(row, hint, None, 1, last=True))
    return refused if found is None else found


def possible(value: Any) -> tuple[Format, ...]:
    """The formats that a value may be of, told by its keys alone: records of a file share a few
    sets of them, and most formats need keys that few records have."""
    if not isinstance(value, dict) or len(value) > _SHARED_KEYS:
        return FORMATS
    return _possible(tuple(value))


@lru_cache(maxsize=2048)
def _possible(keys: tuple[str, ...]) -> tuple[Format, ...]:
    held = frozenset(keys)
    return tuple(f for f in FORMATS if f.may_be(held))


def is_wrapper(value: Any) -> bool:
    """False for a value that is itself a record of some format, whatever lists it also holds."""
    return max(f.recognise(value) for f in possible(value)) < _SURE


def read_one(value: Any, hint: FileHint, format_id: str | None = None) -> list[Trace] | Rejected:
    """The traces of a value that is one row, whatever rows stand in it."""
    if not isinstance(value, dict | list):
        kind = "null" if value is None else type(value).__name__
        return Rejected("not_an_object", f"A record is a JSON object; this is {kind}.")
    if format_id is not None:
        wanted = next((f for f in FORMATS if f.id == format_id), None)
        if wanted is None:
            return Rejected("unknown_format", f"There is no format {format_id!r}.")
        return _contained(wanted, value, hint)
    if isinstance(value, dict) and (unpacked := opened(value)) is not value:
        kinds = [f for f in possible(unpacked) if f.recognise(unpacked) >= _CERTAIN]
        if kinds and not any(f.recognise(value) >= _CERTAIN for f in possible(value)):
            value = dict(unpacked)  # a reply that was written as JSON text
    if isinstance(value, dict) and (log_entry := exchanged(value, is_reply)) is not None:
        value = log_entry
    total = sum(hint.prior.values()) or 1
    scores = [
        (f.recognise(value) + _PRIOR_WEIGHT * hint.prior.get(f.id, 0) / total, f)
        for f in possible(value)
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
