"""Which trace the Reader shows, and the way to its neighbours in the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from analysis.annotation.queues import QueueItem, QueueSpec, next_open, parse_item
from analysis.filters import Filters
from analysis.store import Store
from analysis.ui.i18n import N_, known, t
from analysis.ui.palette import label_name
from analysis.ui.reader.live import annotator
from analysis.ui.state import page_path
from analysis.ui.text import plain
from analysis.views.annotations import queue_done, queue_items
from analysis.views.traces import find_trace, neighbours, trace_page

_ALL_DONE = "queue_all_done"
_PLACE = ("at", "external_id")
"""Query parameters that belong to one trace."""


@dataclass(frozen=True, slots=True)
class Place:
    """The trace that is shown, and where in a queue it stands (``spec`` is None outside one)."""

    trace_id: str
    spec: QueueSpec | None = None
    items: tuple[QueueItem, ...] = ()
    number: int = 0

    @property
    def focus(self) -> tuple[int, int, str] | None:
        """The finding to begin at: (start, end, label)."""
        if self.spec is None:
            return None
        item = self.items[self.number]
        return (item.start, item.end, item.label) if item.label else None


def choose(store: Store, filters: Filters) -> Place:
    """The trace of the link, else the first of the list; says what is wrong and stops the page."""
    spec = QueueSpec.from_text(st.query_params.get("queue"))
    if spec is not None:
        items = tuple(queue_items(store, spec))
        if items:
            number = min(parse_item(st.query_params.get("item")), len(items) - 1)
            return Place(items[number].trace_id, spec, items, number)
    trace_id = st.query_params.get("trace")
    external_id = st.query_params.get("external_id")
    if trace_id or external_id:
        found = find_trace(store, trace_id=trace_id, external_id=external_id)
        if found is None:
            _stop(
                t(
                    "There is no trace {value} in this database.",
                    value=plain(trace_id or external_id, 80),
                )
            )
        return Place(found)
    rows = trace_page(store, filters, page_size=1).rows
    if rows.num_rows:
        return Place(str(rows.column("trace_id")[0].as_py()))
    if filters == Filters():
        st.info(
            t("The store is empty. Add a trace dump on the Library page."), icon=":material/inbox:"
        )
        st.page_link(
            page_path("library"), label=t("Open the Library"), icon=":material/folder_open:"
        )
        st.stop()
    _stop(t("No trace passes this filter. Widen it in the sidebar."))


def navigation(store: Store, filters: Filters, place: Place, question_key: str | None) -> None:
    """Previous, place in the list or queue, next, and the way to the other traces of the question."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(t("Reader"), width="content")
        if place.spec is None:
            _list_steps(store, filters, place.trace_id)
        else:
            _queue_steps(store, place, place.spec)
        if question_key:
            st.page_link(
                page_path("compare"),
                label=t("Compare with other traces of this question"),
                icon=":material/view_column:",
                query_params={"question": question_key, "a": place.trace_id},
            )


def _list_steps(store: Store, filters: Filters, trace_id: str) -> None:
    place = neighbours(store, filters, trace_id)
    _step(N_("Previous"), "P", ":material/chevron_left:", place.previous)
    _step(N_("Next"), "N", ":material/chevron_right:", place.next)
    if place.position is None:
        st.caption(
            t("Not among the {total:,} traces of the filter", total=place.total), width="content"
        )
    else:
        st.caption(
            t("{position:,} of {total:,}", position=place.position, total=place.total),
            width="content",
        )


def _queue_steps(store: Store, place: Place, spec: QueueSpec) -> None:
    """Steps through a queue: to its neighbours, and to the next item that is not done."""
    last = len(place.items) - 1
    for label, key, icon, to in (
        (N_("Previous"), "P", ":material/chevron_left:", place.number - 1),
        (N_("Next"), "N", ":material/chevron_right:", place.number + 1),
    ):
        st.button(
            t(label),
            key=f"reader_{label.lower()}",
            icon=icon,
            shortcut=key,
            disabled=not 0 <= to <= last,
            on_click=_open_item,
            args=(to,),
        )
    st.button(
        t("Next open"),
        key="reader_next_open",
        icon=":material/skip_next:",
        shortcut="G",
        help=t("The next item of the queue that you have not dealt with."),
        on_click=_open_next,
        args=(store, place, spec),
    )
    name = ", ".join(p for p in (known(spec.kind), spec.label and label_name(spec.label)) if p)
    st.caption(
        t(
            "{number:,} / {last:,} · queue: {name}",
            number=place.number + 1,
            last=last + 1,
            name=plain(name, 60),
        ),
        width="content",
    )
    if st.session_state.pop(_ALL_DONE, False):
        st.caption(t(":material/done_all: All items of this queue are done"), width="content")
    st.page_link(page_path("annotate"), label=t("Queues"), icon=":material/checklist:")


def _open_item(number: int) -> None:
    gone = {name: "" for name in (*_PLACE, "trace") if name in st.query_params}
    st.query_params.update({**gone, "item": str(number + 1)})


def _open_next(store: Store, place: Place, spec: QueueSpec) -> None:
    done = queue_done(store, spec, place.items, annotator())
    number = next_open(done, place.number)
    if number is None:
        st.session_state[_ALL_DONE] = True
    else:
        _open_item(number)


def _step(label: str, key: str, icon: str, trace_id: str | None) -> None:
    st.button(
        t(label),
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
    st.page_link(
        page_path("traces"), label=t("Open the list of traces"), icon=":material/table_rows:"
    )
    st.stop()
