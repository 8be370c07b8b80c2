"""Tables of the Library, Traces and Home pages. ``st.dataframe`` shows text as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.filters import Filters
from analysis.text.visible import visible
from analysis.ui.i18n import N_, known, t
from analysis.ui.state import href, reader_query

_ROW = 35


def numbers(values: Mapping[str, int]) -> None:
    """A row of counts."""
    for column, (label, value) in zip(st.columns(len(values)), values.items(), strict=True):
        column.metric(label, f"{value:,}")


def datasets(table: pa.Table) -> None:
    """Data sets, each with a link to its traces."""
    frame = table.to_pandas()
    share = 100 * frame["correct"] / frame["judged"].where(frame["judged"] > 0)
    shown = pd.DataFrame(
        {
            "open": [href("traces", {"dataset": name}) for name in frame["dataset"]],
            "dataset": [visible(name) for name in frame["dataset"]],
            "traces": frame["traces"],
            "questions": frame["questions"],
            "models": [_join(v) for v in frame["models"]],
            "efforts": [_join(v) for v in frame["efforts"]],
            "right": share,
            "median_chars": frame["median_chars"],
            "truncated": frame["truncated"],
            "formats": [_join(v) for v in frame["formats"]],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown)),
        placeholder="–",
        column_config={
            "open": st.column_config.LinkColumn("", display_text=t("Open"), width=60),
            "dataset": t("Data set"),
            "traces": st.column_config.NumberColumn(t("Traces"), width=70),
            "questions": st.column_config.NumberColumn(t("Questions"), width=80),
            "models": t("Models"),
            "efforts": t("Efforts"),
            "right": st.column_config.NumberColumn(
                t("Right"), format="%.0f %%", width=70, help=t("Of the traces with a verdict.")
            ),
            "median_chars": st.column_config.NumberColumn(
                t("Median length"), format="localized", help=t("Characters of reasoning (median).")
            ),
            "truncated": st.column_config.NumberColumn(t("Truncated"), width=80),
            "formats": t("Read as"),
        },
    )


def files(table: pa.Table) -> None:
    """Imported files."""
    frame = table.to_pandas().drop(columns=["file_id"])
    frame["name"] = [visible(name) for name in frame["name"]]
    frame["bytes"] = frame["bytes"] / 1e6
    frame["status"] = [known(status) for status in frame["status"]]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "name": t("File"),
            "bytes": st.column_config.NumberColumn("MB", format="%.2f"),
            "status": t("Status"),
            "records": t("Records"),
            "traces": t("Traces"),
            "quarantined": t("Quarantined"),
            "blank": t("Blank"),
            "warnings": t("Warnings"),
            "imported_at": st.column_config.DatetimeColumn(t("Imported (UTC)")),
        },
    )


def quarantine(table: pa.Table) -> None:
    """Quarantined records with file, line and reason."""
    if table.num_rows == 0:
        st.caption(t("Nothing is quarantined."))
        return
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            t("File"): [visible(row["file"]) for row in rows],
            t("Line"): pd.array([row["line_no"] for row in rows], dtype="Int64"),
            t("Reason"): [visible(known(row["reason"])) for row in rows],
            t("Bytes"): [row["byte_length"] for row in rows],
            t("Begins"): [visible(row["raw"][:160].decode("utf-8", "replace")) for row in rows],
        }
    )
    st.dataframe(shown, hide_index=True, height=_height(len(shown)))


def warnings(table: pa.Table) -> None:
    """Import warnings by code."""
    if table.num_rows == 0:
        st.caption(t("No repairs were needed."))
        return
    frame = table.to_pandas()
    frame["example"] = [visible(text) for text in frame["example"]]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "code": t("Kind"),
            "times": t("Times"),
            "traces": t("Traces"),
            "example": st.column_config.TextColumn(t("Example"), width="large"),
        },
    )


def failures(table: pa.Table) -> None:
    """Analyses that failed, each with a link to its trace."""
    frame = table.to_pandas()
    frame["error"] = [visible(known(text or "")) for text in frame["error"]]
    frame["trace_id"] = [href("reader", {"trace": t}) for t in frame["trace_id"]]
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "trace_id": st.column_config.LinkColumn(t("Trace"), display_text=t("Open")),
            "analyzer": t("Analyzer"),
            "analyzer_version": t("Version"),
            "error": st.column_config.TextColumn(t("Reason"), width="large"),
        },
    )


def traces(table: pa.Table, filters: Filters) -> None:
    """The list of traces; 'Read' opens the Reader in this list."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [href("reader", reader_query(row["trace_id"], filters)) for row in rows],
            "question": [visible(row["question_preview"] or t("(no question)")) for row in rows],
            "verdict": [t(_VERDICT[row["correct"]]) for row in rows],
            "effort": [visible(row["effort"] or "") for row in rows],
            "tokens": pd.array([row["thinking_tokens"] for row in rows], dtype="Int64"),
            "waste": pd.array([row["post_answer_waste"] for row in rows], dtype="Float64"),
            "candidates": pd.array([row["n_candidates"] for row in rows], dtype="Int64"),
            "model": [visible(row["model"] or "") for row in rows],
            "sample": [row["sample_index"] for row in rows],
            "chars": pd.array([row["reasoning_chars"] for row in rows], dtype="Int64"),
            "ending": [t("truncated") if row["truncated"] else "" for row in rows],
            "dataset": [visible(row["dataset"]) for row in rows],
            "id": [visible(row["external_id"] or "") for row in rows],
        }
    )
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown), most=25),
        placeholder="–",
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "question": st.column_config.TextColumn(t("Question"), width=280),
            "verdict": st.column_config.TextColumn(
                t("Verdict"),
                width=80,
                help=t(
                    "A person's, else as the record states it, else the verifier's: see Verdicts."
                ),
            ),
            "model": t("Model"),
            "effort": st.column_config.TextColumn(t("Effort"), width=75),
            "sample": st.column_config.NumberColumn(t("Sample"), width=65),
            "chars": st.column_config.NumberColumn(
                t("Characters"), format="localized", help=t("Length of the reasoning.")
            ),
            "tokens": st.column_config.NumberColumn(
                t("Tokens"),
                format="localized",
                help=t("Of the reasoning: the record's count, else estimated."),
            ),
            "waste": st.column_config.ProgressColumn(
                t("After answer"),
                width=110,
                format="percent",
                min_value=0.0,
                max_value=1.0,
                color="auto-inverse",
                help=t("Share of the reasoning that comes after the final answer first stood."),
            ),
            "candidates": st.column_config.NumberColumn(
                t("Candidates"), help=t("Candidate answers in the reasoning.")
            ),
            "ending": st.column_config.TextColumn(t("Ending"), width=80),
            "dataset": t("Data set"),
            "id": t("Id"),
        },
    )


_VERDICT: dict[bool | None, str] = {True: N_("correct"), False: N_("wrong"), None: N_("not judged")}


def _join(values: Any, most: int = 6) -> str:
    items = [visible(str(v)) for v in (values if values is not None else [])]
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _height(rows: int, most: int = 12) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
