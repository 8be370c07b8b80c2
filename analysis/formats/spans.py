"""Calls of a model in tracing dumps: OpenTelemetry GenAI spans and OpenInference (Phoenix) spans.

Sources: OpenTelemetry semantic conventions, gen-ai (messages as attributes, and the older events and
``gen_ai.prompt.N`` attributes); OpenInference ``spec/llm_spans.md``. Logfire writes both kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.asking import as_system
from analysis.formats.attributes import at, flatten, tree_of, whole
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    as_effort,
    as_error,
    as_float,
    as_int,
    as_label,
    as_text,
    as_time,
)
from analysis.formats.messages import read_messages, read_reply
from analysis.formats.reply_bodies import with_others
from analysis.formats.span_messages import SpanTurns, turns_of
from analysis.model import Rejected, Trace

FORMAT_ID = "spans"
_PREFIXES = ("gen_ai.", "llm.", "openinference.", "attributes.gen_ai", "attributes.llm")
_ROOTS = ("gen_ai", "llm")
_OTLP = ("resourceSpans", "resource_spans")
_SPAN_KEYS = ("spans", "scopeSpans")
_USAGE = {
    "prompt_tokens": (
        ("gen_ai", "usage", "input_tokens"), ("gen_ai", "usage", "prompt_tokens"),
        ("llm", "token_count", "prompt"), ("llm", "usage", "prompt_tokens"),
    ),
    "completion_tokens": (
        ("gen_ai", "usage", "output_tokens"), ("gen_ai", "usage", "completion_tokens"),
        ("llm", "token_count", "completion"), ("llm", "usage", "completion_tokens"),
    ),
    "reasoning_tokens": (
        ("gen_ai", "usage", "reasoning", "output_tokens"), ("gen_ai", "usage", "reasoning_tokens"),
        ("gen_ai", "usage", "details", "reasoning_tokens"),
        ("gen_ai", "usage", "output_tokens_details", "reasoning_tokens"),
        ("llm", "token_count", "completion_details", "reasoning"),
        ("llm", "usage", "reasoning_tokens"),
    ),
}  # fmt: skip
_MODEL = (
    ("gen_ai", "response", "model"), ("llm", "model_name"), ("gen_ai", "request", "model"),
    ("llm", "response", "model"), ("llm", "request", "model"),
)  # fmt: skip
_PROVIDER = (
    ("gen_ai", "provider", "name"), ("gen_ai", "system"), ("llm", "provider"), ("llm", "system"),
)  # fmt: skip
_EFFORT = (
    ("gen_ai", "request", "reasoning", "effort"), ("gen_ai", "request", "reasoning_effort"),
    ("gen_ai", "openai", "request", "reasoning_effort"),
)  # fmt: skip
_ID = ("spanId", "span_id", "context.span_id", "id")


def recognise(value: Any) -> float:
    """OTLP batches, and rows or objects of one span with attributes of a model's call."""
    if not isinstance(value, dict):
        return 0.0
    if any(isinstance(value.get(key), list) for key in (*_OTLP, "scopeSpans")):
        return 0.95
    attributes = value.get("attributes")
    if isinstance(attributes, dict):
        names: Any = attributes
    elif isinstance(attributes, list):
        names = [item.get("key") for item in attributes if isinstance(item, dict)]
    else:
        names = value
    ours = any(
        isinstance(name, str)
        and (
            name.startswith(_PREFIXES)
            or (name in _ROOTS and isinstance(names, dict) and isinstance(names[name], dict))
        )
        for name in names
    )
    return 0.93 if ours else 0.0


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """One trace for every response of every call among the spans."""
    if not recognise(value):
        return Rejected("no_text", "This is no span of a model's call.")
    traces: list[Trace] = []
    seen = others = 0
    for span in _spans(value):
        seen += 1
        found = _read_span(span, hint)
        others += not found
        traces += found
    if traces:
        return with_others(traces, others)
    return Rejected("no_text", f"None of the {seen} spans here holds a response of a model.")


def _spans(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The spans in a batch, with the resource around them; or the value itself."""
    pending: list[tuple[Mapping[str, Any], Any]] = [(value, None)]
    batch = False
    while pending:
        holder, resource = pending.pop(0)
        resource = holder.get("resource", resource)
        for key in (*_OTLP, *_SPAN_KEYS, "instrumentationLibrarySpans"):
            items = holder.get(key)
            for item in items if isinstance(items, list) else []:
                batch = True
                if isinstance(item, dict) and key == "spans":
                    yield {**item, "resource": resource} if resource else item
                elif isinstance(item, dict):
                    pending.append((item, resource))
    if not batch:
        yield value


def _read_span(span: Mapping[str, Any], hint: FileHint) -> list[Trace]:
    inner = span.get("attributes")
    if not isinstance(inner, dict | list):
        named = {
            k: v for k, v in span.items() if isinstance(k, str) and k.startswith("attributes.")
        }
        own = {k: v for k, v in span.items() if k not in named}
        inner = {k.removeprefix("attributes."): v for k, v in named.items()} or own
        span = own if named else {}
    tree = tree_of(inner)
    turns = turns_of(tree, span.get("events"))
    if turns is None:
        return []
    fields = _fields(span, tree)
    asked = read_messages([*turns.asked, {"role": "assistant", "content": ""}])
    system = asked.system_prompt or as_system(turns.system)
    left = asked.metadata.get("messages", [])
    metadata = _metadata(span, tree, turns)
    traces = []
    for number, turn in enumerate(turns.replies or [{}]):
        texts, extra = read_reply(turn)
        if not texts.has_response and not (fields.get("error") or fields.get("completion_tokens")):
            continue
        texts.question, texts.system_prompt = asked.question, system
        more = {k: v for k, v in extra.items() if k not in ("role", "finish_reason") and v}
        kept = {**metadata, **({"messages": left} if left else {})}
        if more:
            kept["message"] = more
        finish = as_label(turn.get("finish_reason")) or turns.finish(number)
        own = {**fields, "finish_reason": finish, "sample_index": number}
        if len(turns.replies) > 1 and fields.get("completion_tokens") is not None:
            texts.warn("shared_usage", "the token counts are of all choices together")
        traces.append(_trace(texts, own, kept, hint))
    return traces


def _trace(texts: Texts, fields: dict[str, Any], metadata: dict[str, Any], hint: FileHint) -> Trace:
    return make_trace(texts, fields, metadata, hint=hint, format_id=FORMAT_ID, confidence=0.95)


def _fields(span: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, paths in _USAGE.items():
        fields[name] = next(
            (n for path in paths if (n := as_int(at(tree, *path))) is not None), None
        )
    fields["model"] = _first(tree, _MODEL)
    fields["provider"] = _first(tree, _PROVIDER)
    fields["cost"] = as_float(at(tree, "llm", "cost", "total")) or as_float(
        at(tree, "operation", "cost")
    )
    parameters = whole(at(tree, "llm", "invocation_parameters"))
    parameters = parameters if isinstance(parameters, dict) else {}
    stated = next((at(tree, *path) for path in _EFFORT if at(tree, *path)), None)
    reasoning = parameters.get("reasoning")
    stated = stated or parameters.get("reasoning_effort")
    if stated is None and isinstance(reasoning, dict):
        stated = reasoning.get("effort")
    if (effort := as_effort(stated)) is not None:
        fields.update(effort=effort, effort_source="request")
    thinking = parameters.get("thinking")
    if isinstance(thinking, dict):
        fields["thinking_budget_tokens"] = as_int(thinking.get("budget_tokens"))
    context = span.get("context")
    ids = [span.get(key) for key in _ID]
    ids += [context.get("span_id")] if isinstance(context, dict) else []
    fields["external_id"] = next((found for i in ids if (found := as_label(i))), None)
    start = next(
        (span[k] for k in ("startTimeUnixNano", "start_time", "startTime") if span.get(k)), None
    )
    end = next((span[k] for k in ("endTimeUnixNano", "end_time", "endTime") if span.get(k)), None)
    fields["created_at"], ended = _moment(start), _moment(end)
    if fields["created_at"] and ended and ended >= fields["created_at"]:
        fields["latency_s"] = (ended - fields["created_at"]).total_seconds()
    fields["error"] = _error(span, tree)
    return {name: found for name, found in fields.items() if found is not None}


def _first(tree: Mapping[str, Any], paths: tuple[tuple[str, ...], ...]) -> str | None:
    return next((label for path in paths if (label := as_label(at(tree, *path)))), None)


def _moment(value: Any) -> Any:
    number = as_int(value)
    return as_time(number if number is not None else value)


def _error(span: Mapping[str, Any], tree: Mapping[str, Any]) -> str | None:
    """Why the call failed, where the span's status says that it did."""
    status = span.get("status")
    code = status.get("code", status.get("status_code")) if isinstance(status, dict) else None
    code = span.get("status_code", code)
    if str(code).upper().removeprefix("STATUS_CODE_") not in ("2", "ERROR"):
        return None
    message = (
        status.get("message") or status.get("description") if isinstance(status, dict) else None
    )
    return (
        as_error(message)
        or as_text(span.get("status_message"))
        or as_text(at(tree, "exception", "message"))
        or as_text(at(tree, "error", "type"))
        or "the call failed"
    )


_TAKEN = frozenset(
    ".".join(path) for paths in (*_USAGE.values(), _MODEL[:2], _PROVIDER) for path in paths
)


def _metadata(span: Mapping[str, Any], tree: Mapping[str, Any], turns: SpanTurns) -> dict[str, Any]:
    """The span without what was read, its attributes under their dotted names."""
    kept = {
        key: found
        for key, found in span.items()
        if key not in ("attributes", "events", *_ID[:3]) and found not in (None, "", [], {})
    }
    if turns.source != "events" and span.get("events"):
        kept["events"] = span["events"]
    attributes = {
        key: found
        for key, found in flatten(tree).items()
        if key not in _TAKEN and not key.startswith(turns.used) and found not in (None, "", [], {})
    }
    return {**kept, **({"attributes": attributes} if attributes else {})}
