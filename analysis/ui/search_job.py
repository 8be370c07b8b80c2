"""A search for a pattern beside the page: quick ones answer at once, long ones can be stopped.

Each session has one. It is no job of ``jobs.py``: it only reads, so it needs to wait for nothing and
nothing waits for it. A search that nobody looks at any more ends by ``limits.SEARCH_SCAN_SECONDS``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import streamlit as st

from analysis import limits
from analysis.filters import Filters
from analysis.progress import CancelToken, Pace, Progress
from analysis.search.query import SearchQuery
from analysis.store import Store
from analysis.store.search_scan import Patience
from analysis.ui.i18n import known, t
from analysis.ui.text import plain
from analysis.views.search import SearchResults, search_page

_RUN = "search_run"
_REST = "search_rest"
"""Session state: the search that is to go to its end, however long that takes."""
_QUICK_SECONDS = 1.5
"""A search that takes no longer shows no bar."""
_KEPT_SECONDS = 30.0
"""For so long the page may be drawn again without searching again."""

Work = Callable[[Patience, Callable[[Progress], None]], SearchResults]


@dataclass(slots=True)
class _Run:
    """One search. Only its own thread writes, but for ``stop``."""

    key: Hashable
    stop: CancelToken = field(default_factory=CancelToken)
    pace: Pace = field(default_factory=Pace)
    moment: Progress | None = None
    results: SearchResults | None = None
    error: BaseException | None = None
    ended: float = 0.0
    done: threading.Event = field(default_factory=threading.Event)

    def work(self, search: Work, patience: Patience) -> None:
        """Search; called in a thread."""
        try:
            self.results = search(patience, self._see)
        except BaseException as error:  # noqa: BLE001 - the page raises it
            self.error = error
        finally:
            self.ended = time.monotonic()
            self.done.set()

    def _see(self, moment: Progress) -> None:
        self.pace.see(moment, time.monotonic())
        self.moment = moment

    @property
    def usable(self) -> bool:
        """Whether it still runs, or ended just now."""
        return not self.done.is_set() or time.monotonic() - self.ended < _KEPT_SECONDS


def results_of(
    store: Store, query: SearchQuery, filters: Filters, *, sort: str, page: int
) -> SearchResults | None:
    """A page of results; None while the search goes on, and then its bar is on the page.

    Raises what ``search_page`` raises.
    """
    if not query.regexes:
        with st.spinner(t("Searching")):
            return search_page(store, query, filters, sort=sort, page=page)

    def search(patience: Patience, see: Callable[[Progress], None]) -> SearchResults:
        return search_page(
            store, query, filters, sort=sort, page=page, patience=patience, progress=see
        )

    asked = (id(store), query, filters, sort, page)
    to_the_end = st.session_state.get(_REST) == (query, filters, sort)
    run = _started((*asked, to_the_end), search, page, to_the_end=to_the_end)
    with st.spinner(t("Searching")):
        run.done.wait(_QUICK_SECONDS)
    if not run.done.is_set():
        _panel()
        return None
    if run.error is not None:
        st.session_state.pop(_RUN, None)
        raise run.error
    return run.results


def offer_the_rest(query: SearchQuery, filters: Filters, sort: str) -> None:
    """A button that looks through all texts, below results that are not all."""
    if st.button(t("Look through all texts"), icon=":material/manage_search:"):
        st.session_state[_REST] = (query, filters, sort)
        st.session_state.pop(_RUN, None)
        st.rerun()


def _started(key: Hashable, search: Work, page: int, *, to_the_end: bool) -> _Run:
    """The search of this session with this key: the one that runs, else a new one."""
    before: _Run | None = st.session_state.get(_RUN)
    if before is not None and before.key == key and before.usable:
        return before
    if before is not None:
        before.stop.cancel()
    run = st.session_state[_RUN] = _Run(key)
    enough = page * limits.SEARCH_PAGE_TRACES + 1
    patience = Patience(enough, stop=run.stop)
    if to_the_end:
        endless = float("inf")
        patience = Patience(enough, soon=endless, most=endless, stop=run.stop)
    threading.Thread(
        target=run.work, args=(search, patience), name="cotscope-search", daemon=True
    ).start()
    return run


@st.fragment(run_every=0.5)
def _panel() -> None:
    run: _Run | None = st.session_state.get(_RUN)
    if run is None or run.done.is_set():
        st.rerun()
    with st.container(border=True):
        moment = run.moment or Progress("Searching texts", 0, None, "traces")
        parts = (moment.stage, moment.amount, run.pace.words(moment), moment.note)
        text = plain(", ".join(known(part) for part in parts if part))
        st.progress(moment.fraction or 0.0, text=text)
        if run.stop.cancelled:
            st.caption(t("Stopping …"))
            return
        st.button(
            t("Stop"),
            icon=":material/stop:",
            key="search_stop",
            help=t("Shows what was found until now."),
            on_click=run.stop.cancel,
        )
