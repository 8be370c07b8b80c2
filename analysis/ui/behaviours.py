"""Tables and texts of the Behaviours page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.charts_behaviours import ordered
from analysis.evaluation.accuracy import measured
from analysis.filters import Filters
from analysis.store import Store
from analysis.store.behaviours import stamp
from analysis.text.visible import visible
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.list_choice import limits_note
from analysis.ui.palette import label_name, title
from analysis.ui.state import href, page_path, reader_query
from analysis.ui.text import plain
from analysis.ui.url_choice import select
from analysis.views import behaviours as view
from analysis.views.behaviours import (
    MAX_LISTED,
    MIN_QUESTIONS,
    PAGE_SIZE,
    Behaviour,
    Headline,
    Outcome,
    Overview,
    Rate,
    Selected,
)

_ROW = 35
_SIDE = 60
_VERDICTS: dict[bool | None, str] = {True: N_("right"), False: N_("wrong"), None: N_("not judged")}


def overview(store: Store, filters: Filters, by: str) -> Overview:
    """The numbers of the page, counted once for a state of the store."""
    with st.spinner(t("Counting behaviours")):
        return _overview(str(store.path), filters, by, stamp(store), store)


@st.cache_resource(max_entries=8, show_spinner=False)
def _overview(
    path: str, filters: Filters, by: str, state: tuple[Any, ...], _store: Store
) -> Overview:
    # The path and the state of the store are part of the key, the store itself is not.
    return view.overview(_store, filters, by=by)


def counted(numbers: Headline) -> str:
    """One sentence on what the page counts and what it leaves out."""
    text = t(
        "Counted: {n_findings:,} findings in {n_analysed:,} traces whose reasoning is the"
        " model's own text, {n_questions:,} questions.",
        n_findings=numbers.n_findings,
        n_analysed=numbers.n_analysed,
        n_questions=numbers.n_questions,
    )
    missing = numbers.n_traces - numbers.n_analysed
    if missing:
        text += tn(
            " {n:,} more is not analysed: use “Analyse what is missing” on the Library page.",
            " {n:,} more are not analysed: use “Analyse what is missing” on the Library page.",
            missing,
        )
    if numbers.n_counted < numbers.n_analysed:
        text += t(
            " {n_counted:,} have no token count, so no rate.",
            n_counted=numbers.n_analysed - numbers.n_counted,
        )
    return text


def definitions(found: Overview) -> None:
    """What the labels mean and how far they can be trusted."""
    with st.popover(t("What the labels mean"), icon=":material/info:"):
        for one in found.labels:
            st.markdown(_definition(one))
        st.page_link(page_path("accuracy"), label=t("All figures"), icon=":material/target:")


def _definition(one: Behaviour) -> str:
    figures = measured(one.label, None)
    trust = t("Measured: {text}", text=plain(known(figures.text))) if figures else t("Not measured")
    return f"**{plain(title(one.label))}**  \n{plain(known(one.definition), 600)}  \n*{trust}*"


def choose_label(found: Overview) -> str:
    """Whose rates the first chart shows."""
    labels = ordered([b.label for b in found.labels])
    favourite = "backtracking" if "backtracking" in labels else labels[0]
    chosen = select(
        t("Behaviour"),
        labels,
        default=favourite,
        key="behaviour",
        shown=label_name,
        width=220,
    )
    return str(chosen)


def rates(found: Sequence[Rate], labels: Sequence[str]) -> None:
    """A row a group, a column a behaviour."""
    names = ordered(labels)
    groups: dict[tuple[str | None, ...], dict[str, Rate]] = {}
    for one in found:
        groups.setdefault((one.dataset, one.model, one.effort), {})[one.label] = one
    rows = list(groups.values())
    first = [next(iter(row.values())) for row in rows]
    shown = pd.DataFrame(
        {
            "group": [visible(one.name) for one in first],
            "traces": [one.n_traces for one in first],
            "questions": [one.n_questions for one in first],
        }
        | {
            name: pd.array(
                [row[name].rate.value if name in row else None for row in rows], "Float64"
            )
            for name in names
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        height=_height(len(shown), 12),
        placeholder="–",
        column_config={
            "group": st.column_config.TextColumn(t("Group"), width=220, pinned=True),
            "traces": number(t("Traces"), format="localized", width=70),
            "questions": number(t("Questions"), format="localized", width=85),
            **{
                name: number(
                    title(name), format="%.2f", help=t("Findings per 1,000 thinking tokens.")
                )
                for name in names
            },
        },
    )


def outcome_note(found: Sequence[Outcome]) -> str:
    """What the comparison of right and wrong shows, in words; nothing where it shows nothing."""
    n = max((o.n_questions for o in found), default=0)
    if n < MIN_QUESTIONS:
        return tn(
            "Only {n:,} question here was answered both right and wrong by one model at one effort;"
            " at least {needed} are needed.",
            "Only {n:,} questions here were answered both right and wrong by one model at one effort;"
            " at least {needed} are needed.",
            n,
            needed=MIN_QUESTIONS,
        )
    told = [
        f"**{plain(title(o.label).lower())}** {known(verdict)}"
        for verdict in ("more in wrong traces", "more in right traces")
        for o in found
        if o.verdict == verdict
    ]
    none = sum(o.verdict == view.NO_EFFECT for o in found)
    lead = t("Of {n:,} questions answered both ways: ", n=n)
    if not told:
        return lead + t("no measurable effect of any behaviour.")
    return (
        lead
        + "; ".join(told)
        + t(
            ". No measurable effect: {none} of {n_found} behaviours.", none=none, n_found=len(found)
        )
    )


def outcomes(found: Sequence[Outcome]) -> None:
    """A row a behaviour: rates in right and wrong traces, difference, n."""
    rows = sorted(found, key=lambda o: ordered([x.label for x in found]).index(o.label))
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(
            {
                "label": [title(o.label) for o in rows],
                "verdict": [known(o.verdict) for o in rows],
                N_("right"): [o.rate_right for o in rows],
                N_("wrong"): [o.rate_wrong for o in rows],
                "difference": [o.difference.value for o in rows],
                "interval": [_interval(o) for o in rows],
                "questions": [o.n_questions for o in rows],
                "n_right": [o.n_right for o in rows],
                "n_wrong": [o.n_wrong for o in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 12),
        column_config={
            "label": t("Behaviour"),
            N_("right"): number(
                t("In right"), format="%.2f", help=t("Per 1,000 tokens, in right traces.")
            ),
            N_("wrong"): number(
                t("In wrong"), format="%.2f", help=t("Per 1,000 tokens, in wrong traces.")
            ),
            "difference": number(
                t("Difference"), format="%+.2f", width=80, help=t("Wrong minus right.")
            ),
            "interval": st.column_config.TextColumn(
                t("95 % interval"), help=t("Bootstrap over questions.")
            ),
            "verdict": st.column_config.TextColumn(t("Says"), width=170),
            "questions": number(t("Questions"), format="localized"),
            "n_right": number(t("Right traces"), format="localized"),
            "n_wrong": number(t("Wrong traces"), format="localized"),
        },
    )


def list_note(found: Selected) -> str:
    """How many there are, and how many are shown."""
    text = t(
        "{findings} in {traces}.",
        findings=tn("{n:,} finding", "{n:,} findings", found.n),
        traces=tn("{n:,} trace", "{n:,} traces", found.n_traces),
    )
    return text + limits_note(found.n, PAGE_SIZE, MAX_LISTED)


def findings(table: pa.Table, filters: Filters) -> None:
    """Findings in their context, each with a link into the Reader at its sentence."""
    rows = table.to_pylist()
    text = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(
            {
                "read": [reader_link(row, filters) for row in rows],
                "label": [title(row["label"]) for row in rows],
                "left": [_line(row["left"])[-_SIDE:] for row in rows],
                "text": [_line(row["text"]) for row in rows],
                N_("right"): [_line(row[N_("right")])[:_SIDE] for row in rows],
                "place": [100 * row["place"] for row in rows],
                "score": [row["score"] for row in rows],
                "verdict": [t(_VERDICTS[row["correct"]]) for row in rows],
                "model": [visible(row["model"]) for row in rows],
                "effort": [visible(row["effort"]) for row in rows],
                "dataset": [visible(row["dataset"]) for row in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 14),
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "label": text(t("Behaviour"), width=120),
            "left": text(t("Before"), width=150, alignment="right"),
            "text": text(t("Finding"), width=420),
            N_("right"): text(t("After"), width=150),
            "place": st.column_config.NumberColumn(
                t("Place"),
                format="%.0f %%",
                width=65,
                help=t("Where it begins, in per cent of the reasoning."),
            ),
            "score": st.column_config.NumberColumn(t("Score"), format="%.2f", width=60),
            "verdict": text(t("Verdict"), width=80),
            "model": t("Model"),
            "effort": text(t("Effort"), width=80),
            "dataset": t("Data set"),
        },
    )


def reader_link(row: Mapping[str, Any], filters: Filters) -> str:
    """Into the Reader, at the sentence of a finding, with its layer on."""
    more = {"layers": str(row["label"])}
    if row["sentence"] is not None:
        more["at"] = str(row["sentence"])
    return href("reader", reader_query(row["trace_id"], filters, **more))


def _interval(one: Outcome) -> str:
    low, high = one.difference.low, one.difference.high
    return "" if low is None or high is None else t("{low:+.2f} to {high:+.2f}", low=low, high=high)


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def _height(rows: int, most: int) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
