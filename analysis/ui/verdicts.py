"""The parts of the Verdicts page: the one that is being settled, and the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.store import Store
from analysis.store.verdicts import settle, take_back
from analysis.ui.i18n import N_, known, t
from analysis.ui.state import href, page_path, reader_query, show_error
from analysis.ui.text import plain, visible
from analysis.ui.url_choice import segmented, select
from analysis.views.verdicts import KINDS, LISTED

MAX_SHOWN = 1_500
"""Characters of an answer on a card."""
_STATED: dict[bool | None, str] = {True: N_("correct"), False: N_("wrong"), None: "–"}


def choose_kind(counts: dict[str, int]) -> str:
    """Which verdicts to look at; in the URL as ``show``."""
    chosen = segmented(
        t("Show"),
        LISTED,
        default="undecided",
        required=True,
        key="show",
        help=" ".join(f"**{known(kind).capitalize()}**: {known(KINDS[kind])}" for kind in LISTED),
    )
    kind = str(chosen or "undecided")
    each = t(", ").join(f"{counts[name]:,} {known(name)}" for name in KINDS)
    text = t(
        "{meaning} Of {n:,} judged traces: {each}.",
        meaning=known(KINDS[kind]),
        n=sum(counts.values()),
        each=each,
    )
    st.caption(plain(text, limit=400))
    return kind


def choose_reason(found: list[tuple[str, int]]) -> str | None:
    """One of the verifier's reasons; in the URL as ``reason``. None for all."""
    options = [reason for reason, _ in found]
    if len(options) < 2:
        return None
    times = dict(found)
    return select(
        t("Reason ({n_options:,} kinds)", n_options=len(options)),
        options,
        placeholder=t("All reasons"),
        key="reason",
        help="; ".join(f"{plain(known(reason))}: {times[reason]:,}" for reason in options[:8]),
    )


def card(store: Store, row: dict[str, Any], filters: Filters, *, place: str) -> None:
    """One answer beside its gold answer, and the buttons that settle it."""
    with st.container(border=True):
        st.text(visible(row["question_preview"] or t("(no question)")))
        left, right = st.columns(2)
        with left:
            st.caption(t("Gold answer"))
            st.code(_shown(row["gold_answer"]), language=None, wrap_lines=True)
        with right:
            st.caption(t("Answer"))
            st.code(_shown(row["answer"], t("(none found)")), language=None, wrap_lines=True)
        st.text(
            t(
                "Verifier: {computed}, because: {reason}",
                computed=known(row["computed"]),
                reason=visible(known(row["reason"])),
            )
        )
        if row["stated"] is not None:
            st.text(t("The record states: {verdict}", verdict=t(_STATED[row["stated"]])))
        if row["person"]:
            st.text(
                t(
                    "Settled as {person} by {annotator}",
                    person=known(row["person"]),
                    annotator=visible(row["annotator"]),
                )
            )
        where = (row["model"], row["effort"], row["dataset"], row["external_id"])
        st.caption(" · ".join(plain(part) for part in where if part))
        _buttons(store, row, filters)
        if not st.session_state.get("annotator", "").strip():
            place += t(" Fill in your name above to settle it.")
        st.caption(place)


def _buttons(store: Store, row: dict[str, Any], filters: Filters) -> None:
    name = st.session_state.get("annotator", "").strip()
    with st.container(horizontal=True, vertical_alignment="center"):
        for verdict, key, icon in (
            (N_("correct"), "Y", ":material/check:"),
            (N_("wrong"), "N", ":material/close:"),
        ):
            st.button(
                t(verdict).capitalize(),
                key=f"settle_{verdict}",
                icon=icon,
                shortcut=key,
                disabled=not name,
                help=None if name else t("Fill in your name first."),
                on_click=_settled,
                args=(store, row["trace_id"], verdict, name),
            )
        if row["person"]:
            st.button(
                t("Take back"),
                key="take_back",
                icon=":material/undo:",
                shortcut="B",
                on_click=_taken_back,
                args=(store, row["trace_id"]),
            )
        st.button(
            t("Leave"), key="leave", icon=":material/skip_next:", shortcut="L", on_click=_next
        )
        st.page_link(
            page_path("reader"),
            label=t("Open in the Reader"),
            icon=":material/menu_book:",
            query_params=reader_query(row["trace_id"], filters),
        )


def name_field() -> None:
    """Who settles; kept for the session."""
    st.text_input(
        t("Your name"),
        key="annotator",
        max_chars=80,
        placeholder=t("Stands beside each verdict that you give"),
        persist_state="session",
    )


def position(total: int) -> int:
    """Which of ``total`` verdicts is on the card: moved by Leave, kept inside the list."""
    at = int(st.session_state.get("verdict_at", 0))
    if at >= total:
        at = 0
        st.session_state["verdict_at"] = 0
    return at


def start_over(*chosen: object) -> None:
    """Begin at the first one whenever another list is looked at."""
    if st.session_state.get("verdict_list") != chosen:
        st.session_state["verdict_list"] = chosen
        st.session_state["verdict_at"] = 0


def _settled(store: Store, trace_id: str, verdict: str, name: str) -> None:
    _tried(lambda: settle(store, trace_id, verdict, name))


def _taken_back(store: Store, trace_id: str) -> None:
    _tried(lambda: take_back(store, trace_id))


def _tried(work: Callable[[], object]) -> None:
    try:
        work()
    except CotscopeError as error:
        st.session_state["verdict_error"] = error


def show_errors() -> None:
    """What went wrong when a button was pressed, once."""
    error = st.session_state.pop("verdict_error", None)
    if error is not None:
        show_error(error)


def _next() -> None:
    st.session_state["verdict_at"] = int(st.session_state.get("verdict_at", 0)) + 1


def _shown(text: str | None, missing: str = "") -> str:
    if not text:
        return missing or t("(none)")
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return shown if len(shown) <= MAX_SHOWN else f"…{shown[-MAX_SHOWN:]}"


def listing(table: pa.Table, filters: Filters) -> None:
    """The verdicts as a table; 'Read' opens the Reader."""
    found = table.to_pylist()
    frame = pd.DataFrame(
        {
            "read": [href("reader", reader_query(row["trace_id"], filters)) for row in found],
            "gold": [visible(row["gold_answer"] or "") for row in found],
            "answer": [visible((row["answer"] or "")[-200:]) for row in found],
            "computed": [known(row["computed"]) for row in found],
            "stated": [t(_STATED[row["stated"]]) for row in found],
            "person": [known(row["person"] or "") for row in found],
            "reason": [visible(known(row["reason"])) for row in found],
            "model": [visible(row["model"] or "") for row in found],
            "effort": [visible(row["effort"] or "") for row in found],
            "dataset": [visible(row["dataset"]) for row in found],
            "question": [visible(row["question_preview"] or "") for row in found],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "read": st.column_config.LinkColumn("", display_text=t("Read"), width=60, pinned=True),
            "gold": st.column_config.TextColumn(t("Gold answer"), width=130),
            "answer": st.column_config.TextColumn(t("Answer"), width=180),
            "computed": st.column_config.TextColumn(t("Verifier"), width=90),
            "stated": st.column_config.TextColumn(t("Stated"), width=75),
            "person": st.column_config.TextColumn(t("Person"), width=75),
            "reason": st.column_config.TextColumn(t("Reason"), width=260),
            "model": t("Model"),
            "effort": st.column_config.TextColumn(t("Effort"), width=75),
            "dataset": t("Data set"),
            "question": st.column_config.TextColumn(t("Question"), width=260),
        },
    )
