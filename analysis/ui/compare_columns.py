"""The Compare page's parts: choosing traces of one question, their bars, and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import Store
from analysis.ui import reader, sidebyside
from analysis.ui.i18n import N_, t, tn
from analysis.ui.reader import facts, record
from analysis.ui.state import page_path
from analysis.ui.text import plain, visible
from analysis.views.compare import questions, traces_of_question
from analysis.views.reader import ReaderView

SLOTS = ("a", "b", "c", "d")
"""Query parameters of the columns, from left to right."""
_AT_FIRST = 3
"""Columns that are filled where nobody has chosen."""
_CELLS = "compare_cells"
_EFFORTS = ("low", "medium", "high")
_BARS = (
    (N_("until the final answer first stood"), "#3f7fcc", ""),
    (N_("after it"), "#c84f00", "/"),
    (N_("where the final answer first stood is not known"), "#8a92a0", "."),
)
"""Name, colour and pattern of the parts of a bar."""

Row = Mapping[str, Any]


def choose_question(store: Store, filters: Filters, head: DeltaGenerator) -> str:
    """A select box of the questions with several traces; stops the page when there are none.

    The address holds the choice, so that a link opens the same comparison. ``head``: the row for it.
    """
    found = {row["question_key"]: row for row in questions(store, filters).to_pylist()}
    asked = st.query_params.get("question")
    if asked and asked not in found:
        rows = traces_of_question(store, asked).to_pylist()
        if rows:
            found[asked] = _as_question(asked, rows)
        else:
            st.warning(
                t("The link names a question that is not here."), icon=":material/search_off:"
            )
    if not found:
        st.info(
            t(
                "No question here has two traces to compare. Widen the filter, or import several "
                "samples or efforts of the same questions."
            ),
            icon=":material/view_column:",
        )
        st.stop()
    st.session_state["compare_question"] = asked if asked in found else next(iter(found))
    keys = list(found)
    with head:
        chosen: str = st.selectbox(
            t("Question"),
            keys,
            format_func=lambda key: _question_label(found[key]),
            key="compare_question",
            on_change=_question_changed,
            # The columns below need the height that a label would take.
            label_visibility="collapsed",
        )
        place = keys.index(chosen)
        _step(N_("Previous"), "P", ":material/chevron_left:", keys[place - 1] if place else None)
        after = keys[place + 1] if place + 1 < len(keys) else None
        _step(N_("Next"), "N", ":material/chevron_right:", after)
        st.caption(t("{place:,} of {n_keys:,}", place=place + 1, n_keys=len(keys)), width="content")
    return chosen


def _step(label: str, key: str, icon: str, question: str | None) -> None:
    st.button(
        t(label),
        key=f"compare_{label.lower()}",
        icon=icon,
        shortcut=key,
        disabled=question is None,
        on_click=_to_question,
        args=(question,),
        help=t("{label} question", label=t(label)),
    )


def choose_traces(rows: Sequence[Row]) -> list[Row]:
    """Two to four traces of the question: those of the address, else a telling default.

    From question to question the cells stay the same where the question has them.
    """
    by_id = {row["trace_id"]: row for row in rows}
    asked = [st.query_params.get(slot, "") for slot in SLOTS]
    chosen = [trace_id for trace_id in dict.fromkeys(asked) if trace_id in by_id]
    if SLOTS[1] not in st.query_params:
        chosen = _same_cells(rows) if not chosen else []
        chosen = chosen or default_choice(rows, [t for t in asked if t in by_id])
    st.session_state["compare_traces"] = chosen
    picked = st.multiselect(
        t("Traces"),
        list(by_id),
        format_func=lambda trace_id: trace_label(by_id[trace_id]),
        key="compare_traces",
        on_change=_traces_changed,
        max_selections=len(SLOTS),
        placeholder=t("Choose two to four traces"),
        width=560,
    )
    shown = [by_id[trace_id] for trace_id in picked]
    st.session_state[_CELLS] = [(cell_of(row), row["sample_index"]) for row in shown]
    return shown


def cell_of(row: Row) -> tuple[Any, ...]:
    """What a trace shares with the other samples of its cell."""
    return row["dataset"], row["model"], row["effort"], row["checkpoint"]


def _same_cells(rows: Sequence[Row]) -> list[str]:
    """Traces of the cells that were shown last, the same sample where there is one."""
    chosen = []
    for cell, sample in st.session_state.get(_CELLS, ()):
        # Without the data set: the same question may stand in another one.
        found = [row for row in rows if cell_of(row)[1:] == cell[1:]]
        found.sort(key=lambda row: row["sample_index"] != sample)
        chosen += [row["trace_id"] for row in found if row["trace_id"] not in chosen][:1]
    return chosen if len(chosen) > 1 else []


def default_choice(rows: Sequence[Row], first: Sequence[str] = ()) -> list[str]:
    """Up to three trace ids worth comparing, beginning with ``first``.

    One trace of each of low, medium and high of one model where there are such efforts, else of
    other efforts, else of other models, else samples with different verdicts.
    """
    chosen = [row for row in rows if row["trace_id"] in first]
    lead = chosen[0]["model"] if chosen else _model_with_most_efforts(rows)
    known = [row for row in rows if row["model"] == lead]
    others = [row for row in rows if row["model"] != lead]
    known.sort(key=lambda row: row["effort"] not in _EFFORTS)
    for feature in ("effort", "model", "correct", "trace_id"):
        for row in [*known, *others]:
            if len(chosen) == _AT_FIRST:
                break
            if all(row[feature] != other[feature] for other in chosen):
                chosen.append(row)
    ids = [row["trace_id"] for row in rows]
    kept = list(first)
    added = [row["trace_id"] for row in chosen if row["trace_id"] not in kept]
    return kept + sorted(added, key=ids.index)


def trace_label(row: Row) -> str:
    """A trace in few words: effort, model, sample, tokens, verdict."""
    parts = [row["effort"] or t("effort not stated"), row["model"] or t("model not stated")]
    if row["checkpoint"]:
        parts.append(str(row["checkpoint"]))
    parts.append(t("sample {sample_index}", sample_index=row["sample_index"]))
    if row["thinking_tokens"] is not None:
        parts.append(t("{thinking_tokens:,} tokens", thinking_tokens=row["thinking_tokens"]))
    parts.append(facts.verdict(row["correct"]).shown)
    return visible(" · ".join(parts))


def token_bars(rows: Sequence[Row]) -> go.Figure:
    """Thinking tokens of each trace, parted where the final answer first stood. Pure."""
    names = [f"{slot.upper()} · {escape(_short(row))}" for slot, row in _slots(rows)]
    parts = [_parts(row) for row in rows]
    figure = go.Figure()
    for index, (name, colour, shape) in enumerate(_BARS):
        title = t(name)
        values = [part[index] for part in parts]
        figure.add_bar(
            y=names,
            x=values,
            name=title,
            orientation="h",
            showlegend=any(values),
            marker={"color": colour, "pattern": {"shape": shape, "solidity": 0.4}},
            hovertemplate=t("%{{x:,}} tokens<extra>{title}</extra>", title=title),
        )
    figure.update_layout(
        barmode="stack",
        height=80 + 34 * len(rows),
        margin={"l": 0, "r": 10, "t": 28, "b": 34},
        legend={"orientation": "h", "traceorder": "normal", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": t("Thinking tokens"), "rangemode": "tozero"},
        yaxis={"autorange": "reversed"},
    )
    return figure


def _parts(row: Row) -> tuple[int, int, int]:
    tokens = row["thinking_tokens"] or 0
    if row["first_final_frac"] is None:
        return 0, 0, tokens
    after = round(tokens * (1 - row["first_final_frac"]))
    return tokens - after, after, 0


def columns(
    rows: Sequence[Row],
    others: Sequence[Row],
    views: Sequence[ReaderView],
    specs: Mapping[str, MetricSpec],
) -> None:
    """The traces side by side, each below its numbers. ``others``: all traces of the question."""
    with st.container(gap="xsmall"):
        # A row for each part, so that parts of different height stand at one height.
        for part in (_badges, _numbers_below, _ways):
            across: Literal["top", "center"] = "center" if part is _ways else "top"
            places = st.columns(len(rows), gap="small", vertical_alignment=across)
            for place, (slot, row), view in zip(places, _slots(rows), views, strict=True):
                with place:
                    part(slot, row, view, others)
    sidebyside.show(
        sidebyside.payload(
            views,
            [f"{slot.upper()} · {_short(row)}" for slot, row in _slots(rows)],
            definitions=facts.shown_definitions(),
            specs=specs,
            layers=reader.parse_layers(st.query_params.get("layers")),
        ),
        key="side_by_side",
    )


def _badges(slot: str, row: Row, view: ReaderView, others: Sequence[Row]) -> None:
    record.badges(view.trace, lead=f"**{slot.upper()}**", brief=True)


def _numbers_below(slot: str, row: Row, view: ReaderView, others: Sequence[Row]) -> None:
    st.caption(plain(" · ".join(_numbers(row, view)), 400))


def _ways(slot: str, row: Row, view: ReaderView, others: Sequence[Row]) -> None:
    """To another sample of the cell, and to the Reader."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _samples(slot, row, others)
        st.page_link(
            page_path("reader"),
            label=t("Reader"),
            icon=":material/menu_book:",
            query_params={"trace": row["trace_id"]},
        )


def _samples(slot: str, row: Row, others: Sequence[Row]) -> None:
    """Another sample of the same cell, where there is one."""
    cell = {other["trace_id"]: other for other in others if cell_of(other) == cell_of(row)}
    if len(cell) < 2:
        return
    key = f"compare_sample_{slot}"
    st.session_state[key] = row["trace_id"]
    st.selectbox(
        t("Sample of {slot}", slot=slot.upper()),
        list(cell),
        format_func=lambda trace_id: _sample_label(cell[trace_id]),
        key=key,
        on_change=_sample_changed,
        args=(slot,),
        label_visibility="collapsed",
    )


def _sample_label(row: Row) -> str:
    tokens = (
        ""
        if row["thinking_tokens"] is None
        else t(", {thinking_tokens:,} tokens", thinking_tokens=row["thinking_tokens"])
    )
    return t(
        "Sample {sample_index}: {word}{tokens}",
        sample_index=row["sample_index"],
        word=facts.verdict(row["correct"]).shown,
        tokens=tokens,
    )


def _sample_changed(slot: str) -> None:
    traces = list(st.session_state["compare_traces"])
    traces[SLOTS.index(slot)] = st.session_state[f"compare_sample_{slot}"]
    st.session_state["compare_traces"] = list(dict.fromkeys(traces))
    _traces_changed()


def _numbers(row: Row, view: ReaderView) -> list[str]:
    """The header of a column; what is not known is left out."""
    answer = view.metrics.get("final_answer") or view.trace["extracted_answer"]
    parts = [
        _cut(str(row["model"] or t("model not stated")), 40),
        t("answer {cut}", cut=_cut(str(answer), 60)) if answer else t("no answer found"),
    ]
    if row["thinking_tokens"] is not None:
        parts.append(t("{thinking_tokens:,} tokens", thinking_tokens=row["thinking_tokens"]))
    right = view.metrics.get("first_correct_frac")
    if isinstance(right, int | float):
        parts.append(t("correct answer first stood at {right:.0f} %", right=100 * right))
    elif view.trace["gold_answer"] and row["reasoning_chars"]:
        parts.append(t("correct answer not stated as a result"))
    if row["first_final_frac"] is not None:
        parts.append(
            t(
                "final answer first stood at {first_final_frac:.0f} %",
                first_final_frac=100 * row["first_final_frac"],
            )
        )
    candidates, changes = view.metrics.get("n_candidates"), view.metrics.get("n_answer_changes")
    if isinstance(candidates, int | float):
        parts.append(tn("{n:,} candidate", "{n:,} candidates", round(candidates)))
    if isinstance(changes, int | float):
        parts.append(tn("{n:,} change of answer", "{n:,} changes of answer", round(changes)))
    return parts


def _slots(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    return list(zip(SLOTS, rows, strict=False))


def _short(row: Row) -> str:
    effort = row["effort"] or row["checkpoint"] or row["model"] or t("trace")
    return visible(
        t(
            "{cut}, sample {sample_index}",
            cut=_cut(str(effort), 24),
            sample_index=row["sample_index"],
        )
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _model_with_most_efforts(rows: Sequence[Row]) -> str | None:
    efforts: dict[str | None, set[str | None]] = {}
    for row in rows:
        efforts.setdefault(row["model"], set()).add(row["effort"])

    def worth(model: str | None) -> tuple[int, int]:
        return len(efforts[model] & set(_EFFORTS)), len(efforts[model])

    return max(efforts, key=worth, default=None)


def _question_label(row: Row) -> str:
    text = visible(_cut(row["question"] or t("(no question text)"), 110))
    return t(
        "{text} · {efforts} efforts, {traces} traces",
        text=text,
        efforts=row["efforts"],
        traces=row["traces"],
    )


def _as_question(key: str, rows: Sequence[Row]) -> Row:
    return {
        "question_key": key,
        "question": rows[0]["question_preview"],
        "traces": len(rows),
        "efforts": len({row["effort"] for row in rows} - {None}),
    }


def _question_changed() -> None:
    _to_question(st.session_state["compare_question"])


def _to_question(question: str) -> None:
    st.query_params["question"] = question
    for slot in SLOTS:
        st.query_params.pop(slot, None)


def _traces_changed() -> None:
    # An empty slot stays in the address: it says that nothing is to be chosen for the person.
    chosen = [*st.session_state["compare_traces"], *[""] * len(SLOTS)]
    for slot, trace_id in zip(SLOTS, chosen, strict=False):
        st.query_params[slot] = trace_id
