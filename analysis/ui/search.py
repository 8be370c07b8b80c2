"""The Search page's parts: the box and its help, the index, results, saved searches."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis import limits
from analysis.errors import Cancelled, CotscopeError, StoreLockedError
from analysis.filters import Filters
from analysis.search.parse import parse_search
from analysis.search.query import SearchQuery
from analysis.store import Store
from analysis.store.saved_searches import (
    SavedSearch,
    delete_search,
    list_searches,
    rename_search,
    save_search,
)
from analysis.store.search_index import search_index
from analysis.store.search_where import SORTS
from analysis.ui.i18n import N_, known, t, tn
from analysis.ui.job_panel import job_panel
from analysis.ui.jobs import get_jobs
from analysis.ui.page_style import by_itself
from analysis.ui.palette import label_name
from analysis.ui.state import page_path, reader_query, show_error
from analysis.ui.text import plain
from analysis.ui.url_choice import select
from analysis.views.search import PassageView, SearchResults, TraceHit

INDEX_TITLE = N_("Indexing texts for search")
_LISTS = ("dataset", "model", "effort", "verdict", "label")
_SINGLE = ("q", "order", "ending")
_VERDICT: dict[bool | None, str] = {True: N_("correct"), False: N_("wrong"), None: N_("not judged")}
HELP = N_("""\
| write | finds traces with |
|---|---|
| `wait check` | both words, anywhere in question, reasoning or answer |
| `"hold on"` | the phrase; punctuation, case and accents do not count |
| `backtrack*` | words that begin so |
| `wait OR hmm`, `-loop`, `( )` | either; not; grouping |
| `question:prime` | the word in one field: question, reasoning, answer |
| `/let me (re)?check/i` | a regular expression (RE2): flags i, m, s |
| `label:backtracking@90-100%` | a finding that begins in the last tenth of the reasoning |
| `label:verification@after-correct` | ... after the first correct answer; also before-correct, after-answer, before-answer |
| `label:backtracking,score>=0.8,n>=3` | at least three with that score |
| `metric:thinking_tokens>5000` | a metric: > >= < <= = !=, or `=0.5..0.9` |
| `model:r1 dataset:math id:17` | a name that contains this |
| `effort:high verdict:wrong language:zh ending:truncated` | what is stated or measured |

Parts beside each other must all hold. A - before a label:, metric: or name: turns it round.
""")


def search_box() -> tuple[SearchQuery | None, str]:
    """The box with its help and order; (None, order) where what stands in it cannot be read."""
    left, middle, right = st.columns([7, 3, 1], vertical_alignment="bottom")
    text = left.text_input(
        t("Search all traces"),
        key="q",
        bind="query-params",
        type="search",
        max_chars=limits.MAX_QUERY_CHARS,
        placeholder='"hold on" label:backtracking@90-100% verdict:wrong',
    )
    order = select(
        t("Order"),
        list(SORTS),
        place=middle,
        default="relevance",
        key="order",
        help="; ".join(f"{known(name)}: {known(what)}" for name, what in SORTS.items()),
    )
    with right.popover("", icon=":material/help:", help=t("How to search")):
        st.markdown(t(HELP))
    try:
        return parse_search(text or ""), order or "relevance"
    except CotscopeError as error:
        show_error(error)
        return None, order or "relevance"


def bring_up_to_date(store: Store) -> None:
    """Take new traces into the index: a few at once, many as a job that the page shows."""
    jobs = get_jobs()
    job = jobs.latest
    if job is not None and job.title == INDEX_TITLE and not job.running and job.error is None:
        jobs.dismiss()
        job = None
    try:
        index = search_index(store)
        state = index.state()
        if state.current:
            return
        if state.n_missing <= limits.SEARCH_INLINE_TRACES:
            with st.spinner(t("Taking new traces into the search index")):
                index.update()
            return
    except StoreLockedError:
        st.caption(t("The search index is being updated right now."))
        return
    if job is None:
        jobs.start(INDEX_TITLE, lambda progress, cancel: index.update(progress, cancel))
    elif (
        not job.running
        and job.title == INDEX_TITLE
        and isinstance(job.error, Cancelled)
        and st.button(t("Go on indexing"), icon=":material/play_arrow:")
    ):
        jobs.dismiss()
        st.rerun()
    job_panel()


def head_line(results: SearchResults) -> None:
    """How many traces, how long it took, and what was not looked at."""
    traces = tn("{n:,d} trace", "{n:,d} traces", results.total)
    words = N_("{traces} in {seconds:.2f} s")
    if not results.exact:
        words = N_("At least {traces} in {seconds:.2f} s")
    st.caption(t(words, traces=plain(traces), seconds=results.seconds))
    if results.n_unindexed:
        st.warning(
            t(
                "{n_unindexed:,d} traces are not in the search index yet and are missing here.",
                n_unindexed=results.n_unindexed,
            ),
            icon=":material/hourglass_top:",
        )
    if results.scanned is not None and not results.exact:
        done, total = results.scanned
        st.caption(
            t(
                "Looked through {done:,d} of {total:,d} traces. Later pages look further; words"
                " beside the pattern make it quicker.",
                done=done,
                total=total,
            )
        )


def nothing_found(store: Store) -> None:
    """What to do when no trace matches: widen the search, or first import something."""
    if search_index(store).state().n_traces:
        st.info(
            t("No trace matches. Leave a word out, end a word with *, or widen the filter."),
            icon=":material/search_off:",
        )
        return
    st.info(t("The store is empty. Add a trace dump on the Library page."), icon=":material/inbox:")
    st.page_link(page_path("library"), label=t("Open the Library"), icon=":material/folder_open:")


def results_list(results: SearchResults, filters: Filters) -> None:
    """The traces of a page with their passages, each with a link to its place in the Reader."""
    for hit in results.hits:
        with st.container(border=True):
            _head(hit)
            for passage in hit.passages:
                left, right = st.columns([7, 1], vertical_alignment="top")
                left.markdown(marked(passage))
                at = {} if passage.sentence is None else {"at": str(passage.sentence)}
                right.page_link(
                    page_path("reader"),
                    label=t("Read"),
                    query_params=reader_query(hit.trace_id, filters, **at),
                    help=t("Opens the trace at this place."),
                )
            if hit.n_more:
                st.caption(t("and {n_more:,d} more in this trace", n_more=hit.n_more))


def _head(hit: TraceHit) -> None:
    st.markdown(f"**{plain(hit.question_preview or t('(no question)'), 140)}**")
    facts = [hit.model, hit.effort, t(_VERDICT[hit.correct]), hit.dataset, hit.external_id]
    st.caption(plain(", ".join(fact for fact in facts if fact)))


def marked(passage: PassageView) -> str:
    """A passage as Markdown in which only the marks of the hits are Markdown."""
    labels = "".join(f", {plain(label_name(label))}" for label in passage.labels)
    before = "… " if passage.cut_before else ""
    parts = [f":gray[{plain(known(passage.field))}{labels}] {before}"]
    at = 0
    for start, end in _disjoint(passage.hits):
        if start < at:
            continue
        parts.append(_kept(passage.text[at:start]))
        inner = _kept(passage.text[start:end]).strip()
        parts.append(f":orange-background[**{inner}**]" if inner else "")
        at = end
    parts.append(_kept(passage.text[at:]))
    behind = " …" if passage.cut_after else ""
    return parts[0] + by_itself("".join(parts[1:]), passage.text) + behind


def _disjoint(hits: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Hits that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(hits):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _kept(text: str) -> str:
    return plain(text, limit=len(text) + 1)


# --- saved searches --------------------------------------------------------------------------


def saved_searches(store: Store, query: dict[str, Any]) -> None:
    """The list of saved searches with what can be done with each, and saving the present one."""
    saved = list_searches(store)
    with st.popover(
        t("Saved searches ({n_saved:d})", n_saved=len(saved)), icon=":material/bookmark:"
    ):
        problem = st.session_state.pop("saved_problem", None)
        if isinstance(problem, CotscopeError):
            show_error(problem)
        if query.get("q"):
            with st.form("save_search", clear_on_submit=True, border=False):
                name = st.text_input(t("Save this search as"), max_chars=limits.SEARCH_SAVED_NAME)
                if st.form_submit_button(t("Save"), icon=":material/bookmark_add:"):
                    _tried(save_search, store, name or "", query)
                    st.rerun()
        if not saved:
            st.caption(t("None yet. Search for something, then save it here."))
        for number, search in enumerate(saved):
            _saved_row(store, search, number)


def _saved_row(store: Store, search: SavedSearch, number: int) -> None:
    st.button(
        plain(search.name, 60),
        key=f"open_saved_{number}",
        on_click=_open,
        args=(search,),
        help=plain(" ".join(search.query.get("q", [])), 200),
        type="tertiary",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        new = st.text_input(
            t("New name"), key=f"rename_{number}", label_visibility="collapsed",
            placeholder=t("New name"), max_chars=limits.SEARCH_SAVED_NAME,
        )  # fmt: skip
        if st.button(t("Rename"), key=f"do_rename_{number}", disabled=not new):
            _tried(rename_search, store, search.name, new or "")
            st.rerun()
        if st.button(t("Delete"), key=f"delete_{number}", icon=":material/delete:"):
            _tried(delete_search, store, search.name)
            st.rerun()


def _tried(action: Any, *arguments: Any) -> None:
    try:
        action(*arguments)
    except CotscopeError as error:
        st.session_state["saved_problem"] = error


def _open(search: SavedSearch) -> None:
    """Put a saved search into the widgets, which are bound to the address."""
    for name in _SINGLE:
        values = search.query.get(name)
        if values:
            st.session_state[name] = values[-1]
        elif name == "order":
            st.session_state[name] = "relevance"
        else:
            st.session_state[name] = "" if name == "q" else None
    for name in _LISTS:
        st.session_state[name] = search.query.get(name, [])
    st.session_state["page"] = 1
