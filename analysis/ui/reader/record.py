"""The Streamlit parts around the reading surface: question, badges, and what the record says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd
import streamlit as st

from analysis.model import MetricSpec
from analysis.ui.reader import facts, languages
from analysis.ui.text import plain, visible
from analysis.views.reader import ReaderView

LONG_QUESTION = 420
"""Characters from which on a question is folded."""
_SHOWN_TEXT = 200_000
"""Of a raw response; the whole is in the exports."""

_RECORD = {
    "trace_id": "Trace",
    "external_id": "Id in the file",
    "dataset": "Data set",
    "question_id": "Question id",
    "format_id": "Read as",
    "split_method": "Reasoning and answer told apart by",
    "provider": "Provider",
    "checkpoint": "Checkpoint",
    "effort_source": "Effort from",
    "thinking_budget_tokens": "Thinking budget (tokens)",
    "prompt_tokens": "Prompt (tokens)",
    "completion_tokens": "Completion, reasoning included (tokens)",
    "reasoning_tokens": "Reasoning, as stated (tokens)",
    "token_source": "Tokens from",
    "finish_reason": "Finish reason",
    "error": "Error",
    "score": "Score",
    "created_at": "Created (UTC)",
    "latency_s": "Latency (s)",
    "cost": "Cost",
    "target_language": "Target language",
}


def question(text: str | None) -> None:
    """The question, as plain text; a long one is folded."""
    if not text:
        st.caption("This record has no question text.")
    elif len(text) <= LONG_QUESTION:
        st.text(visible(text))
    else:
        with st.expander(f"**Question** · {plain(text, 160)}"):
            st.text(visible(text))


def badges(
    trace: Mapping[str, Any],
    *,
    lead: str = "",
    brief: bool = False,
    metrics: Mapping[str, float | str | None] | None = None,
) -> None:
    """Verdict, model, effort, sample, ending and kind of reasoning, each as icon and word.

    ``lead`` is our own Markdown that stands before them; ``brief`` leaves out model and length;
    ``metrics`` of the trace add its languages.
    """
    judged = facts.verdict(trace["correct"])
    found = [lead, _badge(judged.word, judged.icon, judged.colour)]
    if not brief:
        found.append(_badge(trace["model"] or "model not stated", "smart_toy", "gray"))
    if trace["effort"]:
        found.append(_badge(f"effort: {trace['effort']}", "speed", "gray"))
    if trace["checkpoint"]:
        found.append(_badge(f"checkpoint: {trace['checkpoint']}", "flag", "gray"))
    found.append(_badge(f"sample {trace['sample_index']}", "casino", "gray"))
    if trace["truncated"]:
        found.append(_badge("truncated", "content_cut", "orange"))
    kind = facts.REASONING_KINDS.get(trace["reasoning_kind"], trace["reasoning_kind"])
    if kind:
        found.append(_badge(kind, "visibility_off", "orange"))
    found += [_badge(text, "translate", colour) for text, colour in languages.facts(metrics or {})]
    if trace["reasoning_chars"] and not brief:
        found.append(_badge(f"{trace['reasoning_chars']:,} characters", "notes", "gray"))
    st.markdown(" ".join(found).strip())


def _badge(label: str, icon: str, colour: str) -> str:
    # Not st.badge: it escapes brackets once more, which undoes the escape of ``plain``.
    return f":{colour}-badge[:material/{icon}: {plain(label, 60)}]"


def metrics(view: ReaderView, specs: Mapping[str, MetricSpec]) -> None:
    """Every metric of the trace, with what it means and where it is from."""
    if not view.metrics:
        st.caption("Not analysed yet. Run the analysis on the Library page.")
        return
    known = [name for name in specs if name in view.metrics]
    rows = [(name, specs.get(name)) for name in known + sorted(set(view.metrics) - set(known))]
    st.dataframe(
        pd.DataFrame(
            {
                "Metric": [visible(spec.title if spec else name) for name, spec in rows],
                "Value": [
                    visible(facts.metric_text(spec, view.metrics[name], units=False))
                    for name, spec in rows
                ],
                "Unit": [visible(spec.unit) if spec else "" for _, spec in rows],
                "Definition": [visible(spec.definition) if spec else "" for _, spec in rows],
                "Source": [visible(spec.source) if spec else "" for _, spec in rows],
                "Name": [visible(name) for name, _ in rows],
            }
        ),
        hide_index=True,
        height=35 * (min(len(rows), 16) + 1) + 3,
        column_config={
            "Metric": st.column_config.TextColumn(width="medium", pinned=True),
            "Value": st.column_config.TextColumn(
                width="small", help=f"{facts.UNDEFINED} means: not defined for this trace."
            ),
            "Unit": st.column_config.TextColumn(width=120),
            "Definition": st.column_config.TextColumn(width=570),
            "Name": st.column_config.TextColumn(help="As in exports and on the command line."),
        },
    )


def notes(view: ReaderView) -> None:
    """Repairs and doubts of the import, and analyses that failed; nothing when there are none."""
    if view.warnings:
        st.markdown(":material/build: **Notes of the import**")
        for code, detail in view.warnings:
            st.text(visible(f"{code}: {detail}"))
    if view.failures:
        st.markdown(":material/error: **Analyses without a result**")
        for analyzer, reason in view.failures:
            st.text(visible(f"{analyzer}: {reason or 'skipped'}"))


def record(view: ReaderView) -> None:
    """Where the trace is from and what its record says of it, as a table."""
    place = f"{view.file_name}, record {view.trace['record_index'] + 1}"
    if view.trace["line_no"]:
        place += f", line {view.trace['line_no']}"
    rows = {"File": place} | {
        title: str(view.trace[key]) for key, title in _RECORD.items() if view.trace[key] is not None
    }
    st.dataframe(
        pd.DataFrame({"": list(rows), "Value": [visible(v) for v in rows.values()]}),
        hide_index=True,
        height=35 * (len(rows) + 1) + 3,
    )


def folded(view: ReaderView) -> None:
    """What few need: system prompt, raw response, metadata. Sent only once opened."""
    trace = view.trace
    for title, text in (
        ("System prompt", trace["system_prompt"]),
        ("Raw response", trace["raw_response"]),
        ("Recorded probes", trace["probes"]),
    ):
        if text:
            _folded_text(title, text)
    if trace["metadata"]:
        fold = st.expander(f"Metadata · {len(trace['metadata'])} fields", on_change="rerun")
        if fold.open:
            _metadata(fold, trace["metadata"])


def _metadata(fold: Any, metadata: Mapping[str, Any]) -> None:
    text = orjson.dumps(metadata, option=orjson.OPT_INDENT_2).decode()
    if len(text) <= _SHOWN_TEXT:
        fold.json(metadata, expanded=1)
        return
    # A tree of many thousand fields would hang the browser.
    fold.code(visible(text[:_SHOWN_TEXT]), language=None, height=420)
    fold.caption(f"The first {_SHOWN_TEXT:,} of {len(text):,} characters.")


def _folded_text(title: str, text: str) -> None:
    fold = st.expander(f"{title} · {len(text):,} characters", on_change="rerun")
    if not fold.open:
        return
    fold.code(visible(text[:_SHOWN_TEXT]), language=None, wrap_lines=True, height=420)
    if len(text) > _SHOWN_TEXT:
        fold.caption(f"The first {_SHOWN_TEXT:,} characters. An export holds the rest.")
