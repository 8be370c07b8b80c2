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
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.language_choice import pick_word
from analysis.ui.list_choice import limits_note
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
_KIND_NAMES = {N_("slip"): N_("slip"), "intraword": N_("inside a word"), N_("quote"): N_("quote")}
_VERDICTS: dict[bool | None, str] = {True: N_("right"), False: N_("wrong"), None: N_("not judged")}
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
    text = t(
        "Counted: {n_analysed:,} traces whose reasoning is the model's own text.",
        n_analysed=numbers.n_analysed,
    )
    missing = numbers.n_traces - numbers.n_analysed
    if missing:
        text += tn(
            " {n:,} more is not analysed: use “Analyse what is missing” on the Library page.",
            " {n:,} more are not analysed: use “Analyse what is missing” on the Library page.",
            missing,
        )
    return text


def headline(found: Overview, specs: Mapping[str, MetricSpec]) -> None:
    """The four numbers on top, each with its definition and n."""
    numbers, columns = found.headline, st.columns(4)
    n = t("n = {n_analysed:,} traces.", n_analysed=numbers.n_analysed)
    columns[0].metric(
        t("Traces with a slip"),
        _percent(found.share.value),
        help=t(
            "{n_language_slips} Here: traces with at least one.{interval} {n}",
            n_language_slips=_help(specs["n_language_slips"]),
            interval=_interval(found.share.low, found.share.high),
            n=n,
        ),
    )
    columns[1].metric(
        t("Slips"), f"{numbers.n_slips:,}", help=f"{_help(specs['n_language_slips'])} {n}"
    )
    columns[2].metric(
        t("Quotes"),
        f"{numbers.n_quotes:,}",
        help=t(
            "{n_language_quotes} In {n_with_quote:,} traces. Not counted as slips. {n}",
            n_language_quotes=_help(specs["n_language_quotes"]),
            n_with_quote=numbers.n_with_quote,
            n=n,
        ),
    )
    columns[3].metric(
        t("Other than asked"),
        f"{numbers.n_other:,}",
        help=t(
            "{thinks_in_other_language} n = {n_both_known:,} traces with both languages known.",
            thinks_in_other_language=_help(specs["thinks_in_other_language"]),
            n_both_known=numbers.n_both_known,
        ),
    )


def definitions(specs: Mapping[str, MetricSpec]) -> None:
    """What the numbers of the page are."""
    with st.popover(t("What the numbers mean"), icon=":material/info:"):
        st.markdown(
            t(
                "**Slip**: a stretch in another language than the main one of the trace, without"
                " reason. **Inside a word**: a slip where the script changes within a word. **Quote**:"
                " a stretch in quotation marks, or whose words the question has."
            )
        )
        for spec in (specs[name] for name in SHOWN_METRICS if name in specs):
            unit = f"({known(spec.unit)})" if spec.unit else ""
            st.markdown(f"**{plain(spec.title)}** {plain(unit)}  \n{plain(spec.definition, 700)}")
        st.caption(t("All metrics, with their sources: docs/metrics.md"))


def around(found: Selected) -> None:
    """What stands before and after the stretches, and what they say."""
    left, right = st.columns([1, 1.3], gap="medium")
    with left:
        before, after = st.tabs([t("Words before"), t("Words after")])
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
            "word": st.column_config.TextColumn(t("Word"), width=95),
            "n": st.column_config.NumberColumn(t("Times"), format="localized", width=60),
            "traces": st.column_config.NumberColumn(t("Traces"), format="localized", width=60),
        },
    )


def said(found: Selected) -> None:
    """What the stretches say, counted; each with the way to the traces that have it."""
    st.markdown(t("**What they say**"))
    rows: tuple[Said, ...] = found.said
    st.dataframe(
        pd.DataFrame(
            {
                "text": [visible(row.text) for row in rows],
                "n": [row.n for row in rows],
                "traces": [row.n_traces for row in rows],
                "language": [_language(row.language) for row in rows],
                "find": [
                    href("traces", {"text": row.text.strip(), "label": "language_mixing"})
                    for row in rows
                ],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 7),
        column_config={
            "text": st.column_config.TextColumn(t("Text"), width=165),
            "language": t("Language"),
            "n": st.column_config.NumberColumn(t("Times"), format="localized", width=60),
            "traces": st.column_config.NumberColumn(t("Traces"), format="localized", width=60),
            "find": st.column_config.LinkColumn("", display_text=t("Traces"), width=60),
        },
    )
    if found.n_read < found.n:
        st.caption(t("Of {n_read:,} of the {n:,}, drawn by trace.", n_read=found.n_read, n=found.n))


def stretches(table: pa.Table, filters: Filters) -> None:
    """Stretches in their context, each with a link into the Reader at its sentence."""
    rows = table.to_pylist()
    shown = pd.DataFrame(
        {
            "read": [_link(row, filters) for row in rows],
            "left": [_line(row["left"])[-_LEFT:] for row in rows],
            "text": [_line(row["text"]) for row in rows],
            N_("right"): [_line(row[N_("right")]) for row in rows],
            "language": [_language(row["language"]) for row in rows],
            "kind": [t(_KIND_NAMES.get(row["kind"], visible(row["kind"]))) for row in rows],
            "place": [100 * row["place"] for row in rows],
            "main": [_language(row["matrix"]) for row in rows],
            "model": [visible(row["model"] or "") for row in rows],
            "effort": [visible(row["effort"] or "") for row in rows],
            "verdict": [t(_VERDICTS[row["correct"]]) for row in rows],
            "dataset": [visible(row["dataset"]) for row in rows],
        }
    )
    text = st.column_config.TextColumn
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown), 18),
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "left": text(t("Before"), width=225, alignment="right"),
            "text": text(t("Stretch"), width=170),
            N_("right"): text(t("After"), width=225),
            "language": text(t("Language"), width=90),
            "main": text(t("Main language"), width=105, help=t("Of the trace.")),
            "kind": text(t("Kind"), width=100),
            "place": st.column_config.NumberColumn(
                t("Place"),
                format="%.0f %%",
                width=65,
                help=t("Where it begins, in per cent of the reasoning."),
            ),
            "model": t("Model"),
            "effort": text(t("Effort"), width=80),
            "verdict": text(t("Verdict"), width=80),
            "dataset": t("Data set"),
        },
    )


def list_note(found: Selected) -> str:
    """How many there are, and how the texts are shown."""
    text = t(
        "{stretches} in {traces}.",
        stretches=tn("{n:,} stretch", "{n:,} stretches", found.n),
        traces=tn("{n:,} trace", "{n:,} traces", found.n_traces),
    )
    return text + limits_note(found.n, PAGE_SIZE, MAX_LISTED)


def other_traces(table: pa.Table, filters: Filters) -> None:
    """Traces with the language they were asked in and the one they think in."""
    rows = table.to_pylist()
    st.dataframe(
        pd.DataFrame(
            {
                "read": [href("reader", reader_query(r["trace_id"], filters)) for r in rows],
                "question": [visible(r["question"] or t("(no question)")) for r in rows],
                "asked": [_language(r["asked"]) for r in rows],
                "thought": [_language(r["thought"]) for r in rows],
                "languages": [visible(r["languages"] or "") for r in rows],
                "model": [visible(r["model"] or "") for r in rows],
                "effort": [visible(r["effort"] or "") for r in rows],
                "verdict": [t(_VERDICTS[r["correct"]]) for r in rows],
                "dataset": [visible(r["dataset"]) for r in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 10),
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "question": st.column_config.TextColumn(t("Question"), width=320),
            "asked": t("Asked in"),
            "thought": t("Thinks in"),
            "languages": st.column_config.TextColumn(
                t("Languages"), help=t("Share of the words of the reasoning in each language.")
            ),
            "model": t("Model"),
            "effort": t("Effort"),
            "verdict": t("Verdict"),
            "dataset": t("Data set"),
        },
    )


def cells(table: pa.Table, specs: Mapping[str, MetricSpec]) -> None:
    """One row a data set, model and effort."""
    rows = table.to_pylist()
    number = st.column_config.NumberColumn
    means = ("language_slip_rate", "foreign_share", "language_consistency")
    config: dict[str, Any] = {
        "dataset": t("Data set"),
        "model": t("Model"),
        "effort": t("Effort"),
        "traces": number(t("Traces"), format="localized", width=70),
        N_("slip"): number(t("With a slip"), format="percent", width=90),
        "interval": st.column_config.TextColumn(
            t("95 % interval"),
            width=110,
            help=t("By a bootstrap over questions; none for a single question."),
        ),
        "slips": number(t("Slips"), format="localized", help=_help(specs["n_language_slips"])),
        "quotes": number(t("Quotes"), format="localized", help=_help(specs["n_language_quotes"])),
        "other": number(t("Other language"), help=_help(specs["thinks_in_other_language"])),
    }
    for name in means:
        config[name] = number(
            specs[name].title,
            format="%.2f" if name == "language_slip_rate" else "percent",
            help=t("Mean over traces. {specs}", specs=_help(specs[name])),
        )
    st.dataframe(
        pd.DataFrame(
            {
                "dataset": [visible(r["dataset"]) for r in rows],
                "model": [visible(r["model"] or t("(not stated)")) for r in rows],
                "effort": [visible(r["effort"] or "") for r in rows],
                "traces": [r["n_analysed"] for r in rows],
                N_("slip"): pd.array([r["share_with_slip"] for r in rows], dtype="Float64"),
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


def _language(code: str | None) -> str:
    return known(language_name(code))


def _help(spec: MetricSpec) -> str:
    return plain(spec.definition, 700)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _interval(low: float | None, high: float | None) -> str:
    return (
        ""
        if low is None or high is None
        else t(" 95 % interval: {low:.1%} to {high:.1%}.", low=low, high=high)
    )


def _range(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.0%} – {high:.0%}"


def _height(rows: int, most: int) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
