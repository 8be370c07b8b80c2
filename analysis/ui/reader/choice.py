"""Which trace the Reader shows, and the way to its neighbours in the list."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from analysis.filters import Filters
from analysis.store import Store
from analysis.ui.state import page_path
from analysis.ui.text import plain
from analysis.views.traces import find_trace, neighbours, trace_page

_PLACE = ("at", "external_id")
"""Query parameters that belong to one trace."""


def choose(store: Store, filters: Filters) -> str:
    """The trace of the link, else the first of the list; says what is wrong and stops the page."""
    trace_id = st.query_params.get("trace")
    external_id = st.query_params.get("external_id")
    if trace_id or external_id:
        found = find_trace(store, trace_id=trace_id, external_id=external_id)
        if found is None:
            _stop(f"There is no trace {plain(trace_id or external_id, 80)} in this database.")
        return found
    rows = trace_page(store, filters, page_size=1).rows
    if rows.num_rows:
        return str(rows.column("trace_id")[0].as_py())
    if filters == Filters():
        st.info(
            "The store is empty. Add a trace dump on the Library page.", icon=":material/inbox:"
        )
        st.page_link(page_path("library"), label="Open the Library", icon=":material/folder_open:")
        st.stop()
    _stop("No trace passes this filter. Widen it in the sidebar.")


def navigation(store: Store, filters: Filters, trace_id: str, question_key: str | None) -> None:
    """Previous, place in the list, next, and the way to the other traces of the question."""
    place = neighbours(store, filters, trace_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _step("Previous", "P", ":material/chevron_left:", place.previous)
        _step("Next", "N", ":material/chevron_right:", place.next)
        if place.position is None:
            st.caption(f"Not among the {place.total:,} traces of the filter", width="content")
        else:
            st.caption(f"{place.position:,} of {place.total:,}", width="content")
        if question_key:
            st.page_link(
                page_path("compare"),
                label="Compare with other traces of this question",
                icon=":material/view_column:",
                query_params={"question": question_key, "a": trace_id},
            )


def _step(label: str, key: str, icon: str, trace_id: str | None) -> None:
    st.button(
        label,
        key=f"reader_{label.lower()}",
        icon=icon,
        shortcut=key,
        disabled=trace_id is None,
        on_click=_open,
        args=(trace_id,),
    )


def _open(trace_id: str) -> None:
    # One change of the address, so that the browser's Back button leads to the trace before.
    # Empty is as good as gone; the reading surface tidies it away (web/links.js).
    gone = {name: "" for name in _PLACE if name in st.query_params}
    st.query_params.update({**gone, "trace": trace_id})


def _stop(message: str) -> NoReturn:
    st.warning(message, icon=":material/search_off:")
    st.page_link(page_path("traces"), label="Open the list of traces", icon=":material/table_rows:")
    st.stop()
