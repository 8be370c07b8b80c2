"""The Compare page's parts: choosing traces of one question, their bars, and their columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import Store
from analysis.ui import reader
from analysis.ui.reader import facts, record
from analysis.ui.state import page_path
from analysis.ui.text import plain, visible
from analysis.views.compare import questions, traces_of_question
from analysis.views.reader import ReaderView

SLOTS = ("a", "b", "c")
"""Query parameters of the columns, from left to right."""
_EFFORTS = ("low", "medium", "high")
_BARS = (
    ("until the final answer first stood", "#3f7fcc", ""),
    ("after it", "#c84f00", "/"),
    ("where the final answer first stood is not known", "#8a92a0", "."),
)
"""Name, colour and pattern of the parts of a bar."""

Row = Mapping[str, Any]


def choose_question(store: Store, filters: Filters) -> str:
    """A select box of the questions with several traces; stops the page when there are none.

    The address holds the choice, so that a link opens the same comparison.
    """
    found = {row["question_key"]: row for row in questions(store, filters).to_pylist()}
    asked = st.query_params.get("question")
    if asked and asked not in found:
        rows = traces_of_question(store, asked).to_pylist()
        if rows:
            found[asked] = _as_question(asked, rows)
        else:
            st.warning("The link names a question that is not here.", icon=":material/search_off:")
    if not found:
        st.info(
            "No question here has two traces to compare. Widen the filter, or import several "
            "samples or efforts of the same questions.",
            icon=":material/view_column:",
        )
        st.stop()
    st.session_state["compare_question"] = asked if asked in found else next(iter(found))
    chosen: str = st.selectbox(
        "Question",
        list(found),
        format_func=lambda key: _question_label(found[key]),
        key="compare_question",
        on_change=_question_changed,
        help="Questions with at least two traces under the filter, those with most efforts first.",
    )
    return chosen


def choose_traces(rows: Sequence[Row]) -> list[Row]:
    """Two or three traces of the question: those of the address, else a telling default."""
    by_id = {row["trace_id"]: row for row in rows}
    asked = [st.query_params.get(slot, "") for slot in SLOTS]
    chosen = [trace_id for trace_id in dict.fromkeys(asked) if trace_id in by_id]
    if SLOTS[1] not in st.query_params:
        chosen = default_choice(rows, chosen)
    st.session_state["compare_traces"] = chosen
    picked = st.multiselect(
        "Traces",
        list(by_id),
        format_func=lambda trace_id: trace_label(by_id[trace_id]),
        key="compare_traces",
        on_change=_traces_changed,
        max_selections=len(SLOTS),
        placeholder="Choose two or three traces",
    )
    return [by_id[trace_id] for trace_id in picked]


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
            if len(chosen) == len(SLOTS):
                break
            if all(row[feature] != other[feature] for other in chosen):
                chosen.append(row)
    ids = [row["trace_id"] for row in rows]
    kept = list(first)
    added = [row["trace_id"] for row in chosen if row["trace_id"] not in kept]
    return kept + sorted(added, key=ids.index)


def trace_label(row: Row) -> str:
    """A trace in few words: effort, model, sample, tokens, verdict."""
    parts = [row["effort"] or "effort not stated", row["model"] or "model not stated"]
    if row["checkpoint"]:
        parts.append(str(row["checkpoint"]))
    parts.append(f"sample {row['sample_index']}")
    if row["thinking_tokens"] is not None:
        parts.append(f"{row['thinking_tokens']:,} tokens")
    parts.append(facts.verdict(row["correct"]).word)
    return visible(" · ".join(parts))


def token_bars(rows: Sequence[Row]) -> go.Figure:
    """Thinking tokens of each trace, parted where the final answer first stood. Pure."""
    names = [f"{slot.upper()} · {escape(_short(row))}" for slot, row in _slots(rows)]
    parts = [_parts(row) for row in rows]
    figure = go.Figure()
    for index, (title, colour, shape) in enumerate(_BARS):
        values = [part[index] for part in parts]
        figure.add_bar(
            y=names,
            x=values,
            name=title,
            orientation="h",
            showlegend=any(values),
            marker={"color": colour, "pattern": {"shape": shape, "solidity": 0.4}},
            hovertemplate="%{x:,} tokens<extra>" + title + "</extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=80 + 34 * len(rows),
        margin={"l": 0, "r": 10, "t": 28, "b": 34},
        legend={"orientation": "h", "traceorder": "normal", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={"title": "Thinking tokens", "rangemode": "tozero"},
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
    rows: Sequence[Row], views: Sequence[ReaderView], specs: Mapping[str, MetricSpec]
) -> None:
    """The traces side by side, each with its numbers and its own scroll."""
    scale = max(row["reasoning_chars"] or 0 for row in rows)
    definitions = facts.label_definitions()
    layers = reader.parse_layers(st.query_params.get("layers"))
    for place, (slot, row), view in zip(
        st.columns(len(rows), gap="small"), _slots(rows), views, strict=True
    ):
        with place:
            _header(slot, row, view)
            reader.show(
                reader.payload(
                    view,
                    definitions=definitions,
                    specs=specs,
                    layers=layers,
                    compact=True,
                    scale=scale,
                ),
                key=f"compare_{slot}",
            )


def _header(slot: str, row: Row, view: ReaderView) -> None:
    record.badges(view.trace, lead=f"**{slot.upper()}**", brief=True)
    st.caption(plain(" · ".join(_numbers(row, view)), 400))
    st.page_link(
        page_path("reader"),
        label="Open in Reader",
        icon=":material/menu_book:",
        query_params={"trace": row["trace_id"]},
    )


def _numbers(row: Row, view: ReaderView) -> list[str]:
    """The header of a column; what is not known is left out."""
    answer = view.metrics.get("final_answer") or view.trace["extracted_answer"]
    parts = [
        _cut(str(row["model"] or "model not stated"), 40),
        f"answer {_cut(str(answer), 60)}" if answer else "no answer found",
    ]
    if row["thinking_tokens"] is not None:
        parts.append(f"{row['thinking_tokens']:,} tokens")
    if row["first_final_frac"] is not None:
        parts.append(f"final answer first stood at {100 * row['first_final_frac']:.0f} %")
    for name, one, many in (
        ("n_candidates", "candidate", "candidates"),
        ("n_answer_changes", "change of answer", "changes of answer"),
    ):
        number = view.metrics.get(name)
        if isinstance(number, int | float):
            parts.append(f"{number:,.0f} {one if number == 1 else many}")
    return parts


def _slots(rows: Sequence[Row]) -> list[tuple[str, Row]]:
    return list(zip(SLOTS, rows, strict=False))


def _short(row: Row) -> str:
    effort = row["effort"] or row["checkpoint"] or row["model"] or "trace"
    return visible(f"{_cut(str(effort), 24)}, sample {row['sample_index']}")


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
    text = visible(_cut(row["question"] or "(no question text)", 110))
    return f"{text} · {row['efforts']} efforts, {row['traces']} traces"


def _as_question(key: str, rows: Sequence[Row]) -> Row:
    return {
        "question_key": key,
        "question": rows[0]["question_preview"],
        "traces": len(rows),
        "efforts": len({row["effort"] for row in rows} - {None}),
    }


def _question_changed() -> None:
    st.query_params["question"] = st.session_state["compare_question"]
    for slot in SLOTS:
        st.query_params.pop(slot, None)


def _traces_changed() -> None:
    # An empty slot stays in the address: it says that nothing is to be chosen for the person.
    chosen = [*st.session_state["compare_traces"], *[""] * len(SLOTS)]
    for slot, trace_id in zip(SLOTS, chosen, strict=False):
        st.query_params[slot] = trace_id
