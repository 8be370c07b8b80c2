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
from analysis.ui.palette import title
from analysis.ui.state import href, page_path, reader_query
from analysis.ui.text import plain
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
_VERDICTS: dict[bool | None, str] = {True: "right", False: "wrong", None: "not judged"}


def overview(store: Store, filters: Filters, by: str) -> Overview:
    """The numbers of the page, counted once for a state of the store."""
    return _overview(str(store.path), filters, by, stamp(store), store)


@st.cache_resource(max_entries=8, show_spinner="Counting behaviours")
def _overview(
    path: str, filters: Filters, by: str, state: tuple[Any, ...], _store: Store
) -> Overview:
    # The path and the state of the store are part of the key, the store itself is not.
    return view.overview(_store, filters, by=by)


def counted(numbers: Headline) -> str:
    """One sentence on what the page counts and what it leaves out."""
    text = (
        f"Counted: {numbers.n_findings:,} findings in {numbers.n_analysed:,} traces whose reasoning is"
        f" the model's own text, {numbers.n_questions:,} questions."
    )
    missing = numbers.n_traces - numbers.n_analysed
    if missing:
        text += f" {missing:,} more are not analysed: use “Analyse what is missing” on the Library page."
    if numbers.n_counted < numbers.n_analysed:
        text += f" {numbers.n_analysed - numbers.n_counted:,} have no token count, so no rate."
    return text


def definitions(found: Overview) -> None:
    """What the labels mean and how far they can be trusted."""
    with st.popover("What the labels mean", icon=":material/info:"):
        for one in found.labels:
            st.markdown(_definition(one))
        st.page_link(page_path("accuracy"), label="All figures", icon=":material/target:")


def _definition(one: Behaviour) -> str:
    known = measured(one.label, None)
    trust = f"Measured: {plain(known.text)}" if known else "Not measured"
    return f"**{plain(title(one.label))}**  \n{plain(one.definition, 600)}  \n*{trust}*"


def choose_label(found: Overview) -> str:
    """Whose rates the first chart shows."""
    labels = ordered([b.label for b in found.labels])
    favourite = "backtracking" if "backtracking" in labels else labels[0]
    chosen = st.selectbox(
        "Behaviour",
        labels,
        index=labels.index(favourite),
        key="behaviour",
        bind="query-params",
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
            "group": st.column_config.TextColumn("Group", width=220, pinned=True),
            "traces": number("Traces", format="localized", width=70),
            "questions": number("Questions", format="localized", width=85),
            **{
                name: number(title(name), format="%.2f", help="Findings per 1,000 thinking tokens.")
                for name in names
            },
        },
    )


def outcome_note(found: Sequence[Outcome]) -> str:
    """What the comparison of right and wrong shows, in words; nothing where it shows nothing."""
    n = max((o.n_questions for o in found), default=0)
    if n < MIN_QUESTIONS:
        return (
            f"Only {n:,} question{'' if n == 1 else 's'} here {'was' if n == 1 else 'were'} answered both"
            f" right and wrong by one model at one effort; at least {MIN_QUESTIONS} are needed."
        )
    told = [
        f"**{plain(title(o.label).lower())}** {verdict}"
        for verdict in ("more in wrong traces", "more in right traces")
        for o in found
        if o.verdict == verdict
    ]
    none = sum(o.verdict == view.NO_EFFECT for o in found)
    lead = f"Of {n:,} questions answered both ways: "
    if not told:
        return lead + "no measurable effect of any behaviour."
    return lead + "; ".join(told) + f". No measurable effect: {none} of {len(found)} behaviours."


def outcomes(found: Sequence[Outcome]) -> None:
    """A row a behaviour: rates in right and wrong traces, difference, n."""
    rows = sorted(found, key=lambda o: ordered([x.label for x in found]).index(o.label))
    number = st.column_config.NumberColumn
    st.dataframe(
        pd.DataFrame(
            {
                "label": [title(o.label) for o in rows],
                "verdict": [o.verdict for o in rows],
                "right": [o.rate_right for o in rows],
                "wrong": [o.rate_wrong for o in rows],
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
            "label": "Behaviour",
            "right": number("In right", format="%.2f", help="Per 1,000 tokens, in right traces."),
            "wrong": number("In wrong", format="%.2f", help="Per 1,000 tokens, in wrong traces."),
            "difference": number("Difference", format="%+.2f", width=80, help="Wrong minus right."),
            "interval": st.column_config.TextColumn(
                "95 % interval", help="Bootstrap over questions."
            ),
            "verdict": st.column_config.TextColumn("Says", width=170),
            "questions": number("Questions", format="localized"),
            "n_right": number("Right traces", format="localized"),
            "n_wrong": number("Wrong traces", format="localized"),
        },
    )


def list_note(found: Selected) -> str:
    """How many there are, and how many are shown."""
    text = f"{found.n:,} finding{_s(found.n)} in {found.n_traces:,} trace{_s(found.n_traces)}."
    if found.n > PAGE_SIZE:
        text += f" {PAGE_SIZE} a page."
    if found.n > MAX_LISTED:
        text += f" The download has the first {MAX_LISTED:,}; “cotscope export findings” has all of them."
    return text


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
                "right": [_line(row["right"])[:_SIDE] for row in rows],
                "place": [100 * row["place"] for row in rows],
                "score": [row["score"] for row in rows],
                "verdict": [_VERDICTS[row["correct"]] for row in rows],
                "model": [visible(row["model"]) for row in rows],
                "effort": [visible(row["effort"]) for row in rows],
                "dataset": [visible(row["dataset"]) for row in rows],
            }
        ),
        hide_index=True,
        height=_height(len(rows), 14),
        column_config={
            "read": st.column_config.LinkColumn("", display_text="Read", width=60, pinned=True),
            "label": text("Behaviour", width=120),
            "left": text("Before", width=150, alignment="right"),
            "text": text("Finding", width=420),
            "right": text("After", width=150),
            "place": st.column_config.NumberColumn(
                "Place",
                format="%.0f %%",
                width=65,
                help="Where it begins, in per cent of the reasoning.",
            ),
            "score": st.column_config.NumberColumn("Score", format="%.2f", width=60),
            "verdict": text("Verdict", width=80),
            "model": "Model",
            "effort": text("Effort", width=80),
            "dataset": "Data set",
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
    return "" if low is None or high is None else f"{low:+.2f} to {high:+.2f}"


def _line(text: str) -> str:
    return visible(" ".join(text.split()))


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _height(rows: int, most: int) -> int:
    return _ROW * (min(max(rows, 1), most) + 1) + 3
