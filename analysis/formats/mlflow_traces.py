"""MLflow traces: spans whose inputs and outputs are JSON text among their attributes.

Source: mlflow ``tracing/constant.py`` (SpanAttributeKey) and ``entities/trace.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.attributes import whole
from analysis.formats.draft import FileHint
from analysis.formats.fields import as_id, as_time
from analysis.formats.lc_messages import completion_of
from analysis.formats.reply_bodies import read_exchange, with_others
from analysis.model import Rejected, Trace

FORMAT_ID = "mlflow"
_INPUTS, _OUTPUTS, _TYPE = "mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.spanType"
_CALLS = ("CHAT_MODEL", "LLM")


def recognise(value: Any) -> float:
    """Traces, and spans of one."""
    return 0.96 if isinstance(value, dict) and next(_spans(value), None) is not None else 0.0


def _spans(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    data = value.get("data")
    held = value.get("spans", data.get("spans") if isinstance(data, dict) else None)
    for span in held if isinstance(held, list) else [value]:
        attributes = span.get("attributes") if isinstance(span, dict) else None
        if isinstance(attributes, dict) and (_INPUTS in attributes or _OUTPUTS in attributes):
            yield span


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The traces of the calls of a model among the spans."""
    if not recognise(value):
        return Rejected("no_text", "This is no trace of MLflow.")
    spans = list(_spans(value))
    calls = [s for s in spans if str(whole_text(s["attributes"].get(_TYPE))).upper() in _CALLS]
    traces: list[Trace] = []
    for span in calls or spans[-1:]:
        traces += _read_span(span, hint)
    if traces:
        around = {k: v for k, v in value.items() if k not in ("data", "spans", "attributes")}
        return with_others(traces, len(spans) - len(calls or spans[-1:]), around)
    return Rejected("no_text", f"None of the {len(spans)} spans here holds a response of a model.")


def _read_span(span: Mapping[str, Any], hint: FileHint) -> list[Trace]:
    attributes = span["attributes"]
    given = whole(attributes.get(_INPUTS))
    request = given if isinstance(given, dict) else {"prompt": given} if given else {}
    reply = completion_of(whole(attributes.get(_OUTPUTS)))
    context = span.get("context")
    about = context if isinstance(context, dict) else span
    known = {
        "external_id": as_id(about.get("span_id")),
        "created_at": as_time(span.get("start_time", span.get("start_time_unix_nano"))),
    }
    left = {k: v for k, v in attributes.items() if k not in (_INPUTS, _OUTPUTS)}
    return read_exchange(request, reply, known, {"attributes": left}, hint, FORMAT_ID)


def whole_text(value: Any) -> Any:
    """A text without the quotation marks of JSON around it."""
    return value.strip('"') if isinstance(value, str) else value
