"""The Streamlit parts around the reading surface: question, badges, and what the record says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pandas as pd
import streamlit as st

from analysis.model import MetricSpec
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.reader import facts, languages
from analysis.ui.text import plain, visible
from analysis.views.reader import ReaderView

LONG_QUESTION = 420
"""Characters from which on a question is folded."""
_SHOWN_TEXT = 200_000
"""Of a raw response; the whole is in the exports."""

_RECORD = {
    "trace_id": N_("Trace"),
    "external_id": N_("Id in the file"),
    "dataset": N_("Data set"),
    "question_id": N_("Question id"),
    "format_id": N_("Read as"),
    "split_method": N_("Reasoning and answer told apart by"),
    "provider": N_("Provider"),
    "checkpoint": N_("Checkpoint"),
    "effort_source": N_("Effort from"),
    "thinking_budget_tokens": N_("Thinking budget (tokens)"),
    "prompt_tokens": N_("Prompt (tokens)"),
    "completion_tokens": N_("Completion, reasoning included (tokens)"),
    "reasoning_tokens": N_("Reasoning, as stated (tokens)"),
    "token_source": N_("Tokens from"),
    "finish_reason": N_("Finish reason"),
    "error": N_("Error"),
    "score": N_("Score"),
    "created_at": N_("Created (UTC)"),
    "latency_s": N_("Latency (s)"),
    "cost": N_("Cost"),
    "target_language": N_("Target language"),
}


def question(text: str | None) -> None:
    """The question, as plain text; a long one is folded."""
    if not text:
        st.caption(t("This record has no question text."))
    elif len(text) <= LONG_QUESTION:
        st.text(visible(text))
    else:
        with st.expander(t("**Question** · {text}", text=plain(text, 160))):
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
    found = [lead, _badge(judged.shown, judged.icon, judged.colour)]
    if not brief:
        found.append(_badge(trace["model"] or t("model not stated"), "smart_toy", "gray"))
    if trace["effort"]:
        found.append(_badge(t("effort: {effort}", effort=trace["effort"]), "speed", "gray"))
    if trace["checkpoint"]:
        found.append(
            _badge(t("checkpoint: {checkpoint}", checkpoint=trace["checkpoint"]), "flag", "gray")
        )
    found.append(
        _badge(t("sample {sample_index}", sample_index=trace["sample_index"]), "casino", "gray")
    )
    if trace["truncated"]:
        found.append(_badge(t("truncated"), "content_cut", "orange"))
    kind = facts.REASONING_KINDS.get(trace["reasoning_kind"], trace["reasoning_kind"])
    if kind:
        found.append(_badge(t(kind), "visibility_off", "orange"))
    found += [_badge(text, "translate", colour) for text, colour in languages.facts(metrics or {})]
    if trace["reasoning_chars"] and not brief:
        found.append(
            _badge(
                tn("{n:,} character", "{n:,} characters", trace["reasoning_chars"]),
                "notes",
                "gray",
            )
        )
    st.markdown(" ".join(found).strip())


def _badge(label: str, icon: str, colour: str) -> str:
    # Not st.badge: it escapes brackets once more, which undoes the escape of ``plain``.
    return f":{colour}-badge[:material/{icon}: {plain(label, 60)}]"


def metrics(view: ReaderView, specs: Mapping[str, MetricSpec]) -> None:
    """Every metric of the trace, with what it means and where it is from."""
    if not view.metrics:
        if view.trace["reasoning_chars"]:
            st.caption(t("Not analysed yet. Run the analysis on the Library page."))
        else:
            st.caption(t("No numbers: this record has no reasoning text."))
        return
    listed = [name for name in specs if name in view.metrics]
    rows = [(name, specs.get(name)) for name in listed + sorted(set(view.metrics) - set(listed))]
    st.dataframe(
        pd.DataFrame(
            {
                t("Metric"): [visible(spec.title if spec else name) for name, spec in rows],
                t("Value"): [
                    visible(facts.metric_text(spec, view.metrics[name], units=False))
                    for name, spec in rows
                ],
                t("Unit"): [visible(known(spec.unit)) if spec else "" for _, spec in rows],
                t("Definition"): [visible(spec.definition) if spec else "" for _, spec in rows],
                t("Source"): [visible(spec.source) if spec else "" for _, spec in rows],
                t("Name"): [visible(name) for name, _ in rows],
            }
        ),
        hide_index=True,
        height=35 * (min(len(rows), 16) + 1) + 3,
        column_config={
            t("Metric"): st.column_config.TextColumn(width="medium", pinned=True),
            t("Value"): st.column_config.TextColumn(
                width="small",
                help=t("{UNDEFINED} means: not defined for this trace.", UNDEFINED=facts.UNDEFINED),
            ),
            t("Unit"): st.column_config.TextColumn(width=120),
            t("Definition"): st.column_config.TextColumn(width=570),
            t("Name"): st.column_config.TextColumn(
                help=t("As in exports and on the command line.")
            ),
        },
    )


def notes(view: ReaderView) -> None:
    """Repairs and doubts of the import, and analyses that failed; nothing when there are none."""
    if view.warnings:
        st.markdown(t(":material/build: **Notes of the import**"))
        for code, detail in view.warnings:
            st.text(visible(f"{code}: {detail}"))
    if view.failures:
        st.markdown(t(":material/error: **Analyses without a result**"))
        for analyzer, reason in view.failures:
            st.text(visible(f"{analyzer}: {known(reason) if reason else t('skipped')}"))


def record(view: ReaderView) -> None:
    """Where the trace is from and what its record says of it, as a table."""
    place = t(
        "{file_name}, record {record_index}",
        file_name=view.file_name,
        record_index=view.trace["record_index"] + 1,
    )
    if view.trace["line_no"]:
        place += t(", line {line_no}", line_no=view.trace["line_no"])
    rows = {t("File"): place} | {
        t(title): str(view.trace[key])
        for key, title in _RECORD.items()
        if view.trace[key] is not None
    }
    st.dataframe(
        pd.DataFrame({"": list(rows), t("Value"): [visible(v) for v in rows.values()]}),
        hide_index=True,
        height=35 * (len(rows) + 1) + 3,
    )


def folded(view: ReaderView) -> None:
    """What few need: system prompt, raw response, metadata. Sent only once opened."""
    trace = view.trace
    for title, text in (
        (t("System prompt"), trace["system_prompt"]),
        (t("Raw response"), trace["raw_response"]),
        (t("Recorded probes"), trace["probes"]),
    ):
        if text:
            _folded_text(title, text)
    if trace["metadata"]:
        fold = st.expander(
            t("Metadata · {n_metadata} fields", n_metadata=len(trace["metadata"])),
            on_change="rerun",
        )
        if fold.open:
            _metadata(fold, trace["metadata"])


def _metadata(fold: Any, metadata: Mapping[str, Any]) -> None:
    text = orjson.dumps(metadata, option=orjson.OPT_INDENT_2).decode()
    if len(text) <= _SHOWN_TEXT:
        fold.json(metadata, expanded=1)
        return
    # A tree of many thousand fields would hang the browser.
    fold.code(visible(text[:_SHOWN_TEXT]), language=None, height=420)
    fold.caption(
        t(
            "The first {SHOWN_TEXT:,} of {n_text:,} characters.",
            SHOWN_TEXT=_SHOWN_TEXT,
            n_text=len(text),
        )
    )


def _folded_text(title: str, text: str) -> None:
    fold = st.expander(
        tn("{title} · {n:,} character", "{title} · {n:,} characters", len(text), title=title),
        on_change="rerun",
    )
    if not fold.open:
        return
    fold.code(visible(text[:_SHOWN_TEXT]), language=None, wrap_lines=True, height=420)
    if len(text) > _SHOWN_TEXT:
        fold.caption(
            t(
                "The first {SHOWN_TEXT:,} characters. An export holds the rest.",
                SHOWN_TEXT=_SHOWN_TEXT,
            )
        )
