"""Traces that CoTScope made itself (``cotscope run``): one line of a run's journal.

What was asked (effort, budget, sampling, seed) and what was used stand apart in the metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    as_bool,
    as_error,
    as_float,
    as_gold,
    as_id,
    as_int,
    as_label,
    as_probes,
    as_small_int,
    as_text,
    as_time,
)
from analysis.formats.split import split_text
from analysis.formats.tags import Split, split_heading
from analysis.model import ReasoningKind, Rejected, SplitMethod, Trace

FORMAT_ID = "cotscope_run"
KEY = "cotscope_run"
VERSION = 1


def _source(value: Any) -> str | None:
    """Who judged, where that was the library that made the question; a file cannot claim others."""
    text = as_label(value)
    return text if text is not None and text.startswith("reasoning-gym ") else None


MAX_EFFORT_CHARS = 200


def _effort(value: Any) -> str | None:
    """A name that CoTScope gave; with what a strategy adds to it, longer than those of records."""
    text = as_label(value)
    if text is None and value == "none":
        return "none"
    return text.lower() if text is not None and len(text) <= MAX_EFFORT_CHARS else None


_FIELDS = {
    "external_id": ("key", as_id),
    "question_id": ("question_id", as_id),
    "dataset": ("dataset", as_label),
    "sample_index": ("sample_index", as_small_int),
    "gold_answer": ("gold", as_gold),
    "extracted_answer": ("extracted_answer", as_gold),
    "model": ("model", as_label),
    "effort": ("effort", _effort),
    "checkpoint": ("checkpoint", as_label),
    "target_language": ("target_language", as_label),
    "thinking_budget_tokens": ("thinking_budget_tokens", as_int),
    "prompt_tokens": ("prompt_tokens", as_int),
    "completion_tokens": ("completion_tokens", as_int),
    "reasoning_tokens": ("reasoning_tokens", as_int),
    "finish_reason": ("finish_reason", as_label),
    "error": ("error", as_error),
    "created_at": ("created_at", as_time),
    "latency_s": ("latency_s", as_float),
    "probes": ("probes", as_probes),
    "correct": ("correct", as_bool),
    "correct_source": ("correct_source", _source),
    "score": ("score", as_float),
}
_TEXTS = ("question", "system_prompt", "reasoning", "answer", "raw", "unmarked", "opened")
_KINDS = {str(kind): kind for kind in ReasoningKind}


def recognise(value: Any) -> float:
    """1 for a line of a journal."""
    return 1.0 if isinstance(value, dict) and value.get(KEY) == VERSION else 0.0


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The one trace of a line."""
    if recognise(value) == 0.0:
        return Rejected("no_text", "This is no line of a run of CoTScope.")
    fields = {
        name: found
        for name, (key, convert) in _FIELDS.items()
        if (found := convert(value.get(key))) is not None
    }
    engine = value.get("engine")
    if isinstance(engine, dict) and (name := as_label(engine.get("name"))) is not None:
        fields["provider"] = name
    if "effort" in fields:
        fields["effort_source"] = "run"
    texts = _texts(value)
    used = {key for key, _ in _FIELDS.values()} | set(_TEXTS) | {"reasoning_kind"}
    metadata = {k: v for k, v in value.items() if k not in used and v is not None}
    if not texts.has_response and "error" not in fields and "finish_reason" not in fields:
        return Rejected("no_text", "The line holds no text of the model and no error.")
    trace = make_trace(texts, fields, metadata, hint=hint, format_id=FORMAT_ID, confidence=1.0)
    if trace.token_source == "api" and fields.get("token_source") is None:
        trace = replace(trace, token_source="engine")
    return [trace]


def _texts(value: Mapping[str, Any]) -> Texts:
    texts = Texts(as_text(value.get("question")), as_text(value.get("system_prompt")))
    raw = as_text(value.get("raw"))
    if raw is not None:
        if value.get("unmarked") is True:
            split = split_heading(raw) or Split((raw.strip(),), method=SplitMethod.UNMARKED)
        else:
            split = split_text(raw, prefilled=True if value.get("opened") is True else None)
        texts.take_split(split, raw)
        return texts
    texts.reasoning = as_text(value.get("reasoning"))
    texts.answer = as_text(value.get("answer"))
    if texts.reasoning:
        # Only of a sample that was imported: a summary that is chosen stays a summary.
        kind = _KINDS.get(str(value.get("reasoning_kind")), ReasoningKind.VISIBLE)
        texts.kind = ReasoningKind.VISIBLE if kind is ReasoningKind.NONE else kind
    if texts.has_response:
        texts.method = SplitMethod.FIELD
    return texts
