"""Tables and texts of the Languages page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.text.language_names import language_name
from analysis.text.visible import visible
from analysis.ui.language_choice import pick_word
from analysis.ui.state import href, reader_query
from analysis.ui.text import plain
from analysis.views.languages import (
    MAX_LISTED,
    PAGE_SIZE,
    Headline,
    Overview,
    Said,
    Selected,
)

_ROW = 35
_LEFT = 44
"""Characters before a stretch that its column can show; a longer text would lose its end."""
_KIND_NAMES = {"slip": "slip", "intraword": "inside a word", "quote": "quote"}
_VERDICTS: dict[bool | None, str] = {True: "right", False: "wrong", None: "not judged"}
SHOWN_METRICS = (
    "n_language_slips",
    "n_language_quotes",
    "language_slip_rate",
    "foreign_share",
    "matrix_language",
    "target_language",
    "thinks_in_other_language",
    "language_consistency",
    "first_switch_frac",
)


def counted(numbers: Headline) -> str:
    """One sentence on what the page counts and what it leaves out."""
    text = f"Counted: {numbers.n_analysed:,} traces whose reasoning is the model's own text."
    missing = numbers.n_traces - numbers.n_analysed
    if missing:
        text += (
            f" {missing:,} more are not analysed: use “Analyse what is missing” on the Library"
            " page."
        )
    return text


def headline(found: Overview, specs: Mapping[str, MetricSpec]) -> None:
    """The four numbers on top, each with its definition and n."""
    numbers, columns = found.headline, st.columns(4)
    n = f"n = {numbers.n_analysed:,} traces."
    columns[0].metric(
        "Traces with a slip",
        _percent(found.share.value),
        help=f"{_help(specs['n_language_slips'])} Here: traces with at least one."
        f"{_interval(found.share.low, found.share.high)} {n}",
    )
    columns[1].metric(
        "Slips", f"{numbers.n_slips:,}", help=f"{_help(specs['n_language_slips'])} {n}"
    )
    columns[2].metric(
        "Quotes",
        f"{numbers.n_quotes:,}",
        help=f"{_help(specs['n_language_quotes'])} In {numbers.n_with_quote:,} traces. Not counted"
        f" as slips. {n}",
    )
    columns[3].metric(
        "Other than asked",
        f"{numbers.n_other:,}",
        help=f"{_help(specs['thinks_in_other_language'])} n = {numbers.n_both_known:,} traces with"
        " both languages known.",
    )


def definitions(specs: Mapping[str, MetricSpec]) -> None:
    """What the numbers of the page are."""
    with st.popover("What the numbers mean", icon=":material/info:"):
        st.markdown(
            "**Slip**: a stretch in another language than the main one of the trace, without"
            " reason. **Inside a word**: a slip where the script changes within a word. **Quote**:"
            " a stretch in quotation marks, or whose words the question has."
        )
        for spec in (specs[name] for name in SHOWN_METRICS if name in specs):
            unit = f"({spec.unit})" if spec.unit else ""
            st.markdown(f"**{plain(spec.title)}** {plain(unit)}  \n{plain(spec.definition, 700)}")
        st.caption("All metrics, with their sources: docs/metrics.md")


def around(found: Selected) -> None:
    """What stands before and after the stretches, and what they say."""
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        before, after = st.tabs(["Words before", "Words after"])
        with before:
            beside(found.before, "before")
        with after:
            beside(found.after, "after")
    with right:
        said(found)


def beside(table: pa.Table, side: str) -> None:
    """The commonest words to one side of the stretches; a row chooses its stretches."""
    rows = table.to_pylist()
    words = [row["word"] for row in rows]
    st.dataframe(
        pd.DataFrame(
            {
                "word": [visible(word) for word in words],
                "n": [row["n"] for row in rows],
                "traces": [row["n_traces"] for row in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 7),
        key=f"words_{side}",
        on_select=lambda: pick_word(side, words),
        selection_mode="single-row",
        column_config={
            "word": st.column_config.TextColumn("Word", width=95),
            "n": st.column_config.NumberColumn("Times", format="localized", width=60),
            "traces": st.column_config.NumberColumn("Traces", format="localized", width=60),
        },
    )


def said(found: Selected) -> None:
    """What the stretches say, counted; each with the way to the traces that have it."""
    st.markdown("**What they say**")
    rows: tuple[Said, ...] = found.said
    st.dataframe(
        pd.DataFrame(
            {
                "text": [visible(row.text) for row in rows],
                "n": [row.n for row in rows],
                "traces": [row.n_traces for row in rows],
                "language": [language_name(row.language) for row in rows],
                "find": [
                    href("traces", {"text": row.text.strip(), "label": "language_mixing"})
                    for row in rows
                ],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 7),
        column_config={
            "text": st.column_config.TextColumn("Text", width=165),
            "language": "Language",
            "n": st.column_config.NumberColumn("Times", format="localized", width=60),
            "traces": st.column_config.NumberColumn("Traces", format="localized", width=60),
            "find": st.column_config.LinkColumn("", display_text="Traces", width=60),
        },
    )
    if found.n_read < found.n:
        st.caption(f"Of {found.n_read:,} of the {found.n:,}, drawn by trace.")


def stretches(table: pa.Table, filters: Filters) -> None:
    """Stretches in their context, each with a link into the Reader at its sentence."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [_link(row, filters) for row in rows],
            "left": [_line(row["left"])[-_LEFT:] for row in rows],
            "text": [_line(row["text"]) for row in rows],
            "right": [_line(row["right"]) for row in rows],
            "language": [language_name(row["language"]) for row in rows],
            "kind": [_KIND_NAMES.get(row["kind"], visible(row["kind"])) for row in rows],
            "place": [100 * row["place"] for row in rows],
            "main": [language_name(row["matrix"]) for row in rows],
            "model": [visible(row["model"] or "") for row in rows],
            "effort": [visible(row["effort"] or "") for row in rows],
            "verdict": [_VERDICTS[row["correct"]] for row in rows],
            "dataset": [visible(row["dataset"]) for row in rows],
        }
    )
    text = st.column_config.TextColumn
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown), 18),
        column_config={
            "read": st.column_config.LinkColumn("", display_text="Read", width=60, pinned=True),
            "left": text("Before", width=225, alignment="right"),
            "text": text("Stretch", width=170),
            "right": text("After", width=225),
            "language": text("Language", width=90),
            "main": text("Main language", width=105, help="Of the trace."),
            "kind": text("Kind", width=100),
            "place": st.column_config.NumberColumn(
                "Place",
                format="%.0f %%",
                width=65,
                help="Where it begins, in per cent of the reasoning.",
            ),
            "model": "Model",
            "effort": text("Effort", width=80),
            "verdict": text("Verdict", width=80),
            "dataset": "Data set",
        },
    )


def list_note(found: Selected) -> str:
    """How many there are, and how the texts are shown."""
    text = f"{_n(found.n, 'stretch', 'es')} in {_n(found.n_traces, 'trace')}."
    if found.n > PAGE_SIZE:
        text += f" {PAGE_SIZE} a page."
    if found.n > MAX_LISTED:
        text += (
            f" The download has the first {MAX_LISTED:,}; “cotscope export findings” has all of"
            " them."
        )
    return text


def other_traces(table: pa.Table, filters: Filters) -> None:
    """Traces with the language they were asked in and the one they think in."""
    rows = table.to_pylist()
    st.dataframe(
        pd.DataFrame(
            {
                "read": [href("reader", reader_query(r["trace_id"], filters)) for r in rows],
                "question": [visible(r["question"] or "(no question)") for r in rows],
                "asked": [language_name(r["asked"]) for r in rows],
                "thought": [language_name(r["thought"]) for r in rows],
                "languages": [visible(r["languages"] or "") for r in rows],
                "model": [visible(r["model"] or "") for r in rows],
                "effort": [visible(r["effort"] or "") for r in rows],
                "verdict": [_VERDICTS[r["correct"]] for r in rows],
                "dataset": [visible(r["dataset"]) for r in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 10),
        column_config={
            "read": st.column_config.LinkColumn("", display_text="Read", width=60, pinned=True),
            "question": st.column_config.TextColumn("Question", width=320),
            "asked": "Asked in",
            "thought": "Thinks in",
            "languages": st.column_config.TextColumn(
                "Languages", help="Share of the words of the reasoning in each language."
            ),
            "model": "Model",
            "effort": "Effort",
            "verdict": "Verdict",
            "dataset": "Data set",
        },
    )


def cells(table: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """One row a data set, model and effort."""
    rows = table.to_pylist()
    number = st.column_config.NumberColumn
    means = ("language_slip_rate", "foreign_share", "language_consistency")
    config: dict[str, Any] = {
        "dataset": "Data set",
        "model": "Model",
        "effort": "Effort",
        "traces": number("Traces", format="localized", width=70),
        "slip": number("With a slip", format="percent", width=90),
        "interval": st.column_config.TextColumn(
            "95 % interval",
            width=110,
            help="By a bootstrap over questions; none for a single question.",
        ),
        "slips": number("Slips", format="localized", help=_help(specs["n_language_slips"])),
        "quotes": number("Quotes", format="localized", help=_help(specs["n_language_quotes"])),
        "other": number("Other language", help=_help(specs["thinks_in_other_language"])),
    }
    for name in means:
        config[name] = number(
            specs[name].title,
            format="%.2f" if name == "language_slip_rate" else "percent",
            help=f"Mean over traces. {_help(specs[name])}",
        )
    st.dataframe(
        pd.DataFrame(
            {
                "dataset": [visible(r["dataset"]) for r in rows],
                "model": [visible(r["model"] or "(not stated)") for r in rows],
                "effort": [visible(r["effort"] or "") for r in rows],
                "traces": [r["n_analysed"] for r in rows],
                "slip": pd.array([r["share_with_slip"] for r in rows], dtype="Float64"),
                "interval": [_range(r["share_low"], r["share_high"]) for r in rows],
                "slips": pd.array([r["n_slips"] for r in rows], dtype="Int64"),
                "quotes": pd.array([r["n_quotes"] for r in rows], dtype="Int64"),
                "other": pd.array([r["n_other"] for r in rows], dtype="Int64"),
            }
            | {m: pd.array([r[f"mean_{m}"] for r in rows], dtype="Float64") for m in means}
        ),
        hide_index=True,
        height=_height(len(rows), 12),
        placeholder="–",
        column_config=config,
    )


def _link(row: Mapping[str, Any], filters: Filters) -> str:
    more = {"layers": "language_mixing"}
    if row["sentence"] is not None:
        more["at"] = str(row["sentence"])
    return href("reader", reader_query(row["trace_id"], filters, **more))


def _line(text: str) -> str:
    return visible(" ".join(text.split()) if "\n" in text or "\t" in text else text)


def _n(count: int, word: str, plural: str = "s") -> str:
    return f"{count:,} {word}{'' if count == 1 else plural}"


def _help(spec: MetricSpec) -> str:
    return plain(spec.definition, 700)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f" 95 % interval: {low:.1%} to {high:.1%}."


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.0%} – {high:.0%}"


def _height(rows: int, most: int) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
