"""What every page starts from: the open store, the list of pages, links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.store import Store, default_path, open_store
from analysis.ui.i18n import N_, PARAMETER, address_language, known, t

FAVICON = str(Path(__file__).with_name("favicon.svg"))
"""A file of ours: an icon by name would be fetched from the network."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """How a page stands in the navigation."""

    title: str
    icon: str
    default: bool = False
    section: str = ""
    """The menu it stands in; "" for a place of its own in the top bar."""


_VISIT = "page_visit"
MEASURE, JUDGE = N_("Measure"), N_("Judge")
PAGES: dict[str, PageInfo] = {
    "home": PageInfo(N_("Home"), ":material/home:", default=True),
    "library": PageInfo(N_("Library"), ":material/folder_open:"),
    "run": PageInfo(N_("Run"), ":material/play_circle:"),
    "traces": PageInfo(N_("Traces"), ":material/table_rows:"),
    "search": PageInfo(N_("Search"), ":material/search:"),
    "reader": PageInfo(N_("Reader"), ":material/menu_book:"),
    "overthinking": PageInfo(N_("Overthinking"), ":material/hourglass_bottom:", section=MEASURE),
    "languages": PageInfo(N_("Languages"), ":material/translate:", section=MEASURE),
    "behaviours": PageInfo(N_("Behaviours"), ":material/psychology:", section=MEASURE),
    "accuracy": PageInfo(N_("Accuracy"), ":material/target:", section=JUDGE),
    "compare": PageInfo(N_("Compare"), ":material/view_column:", section=MEASURE),
    "curate": PageInfo(N_("Curate"), ":material/playlist_add_check:", section=MEASURE),
    "verdicts": PageInfo(N_("Verdicts"), ":material/gavel:", section=JUDGE),
    "annotate": PageInfo(N_("Annotate"), ":material/checklist:", section=JUDGE),
}
"""File name in ``pages/`` = path in the URL -> title and icon. Add a page here."""


_OPENED: set[str] = set()
"""Databases of this process that need no word of waiting any more."""


@st.cache_resource(show_spinner=False)
def _open(path: str) -> Store:
    return open_store(path)


def get_store() -> Store:
    """The store of this process, opened once; on a fault the page says what to do and stops."""
    try:
        path = str(default_path())
        if path in _OPENED:
            return _open(path)
        with st.spinner(t("Opening the database")):
            store = _open(path)
        _OPENED.add(path)
        return store
    except CotscopeError as error:
        show_error(error)
        st.stop()


def show_error(error: CotscopeError) -> None:
    """One of our errors as a page shows it: what happened, what to do, its code. Never HTML."""
    with st.container(border=True):
        st.markdown(t(":material/error: **This did not work**"))
        st.text(known(error.message))
        if error.remedy:
            st.text(known(error.remedy))
        st.caption(t("Error {code}", code=error.code))


def menu_title(section: str) -> str:
    """The name of a menu of the top bar, as Markdown: marked like an open page if that is in it.

    Streamlit shows which page is open only inside an open menu. The page's own name would not fit
    beside the other menus on a narrow screen; it stands in the heading.
    """
    if not section:
        return ""
    name = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    page = PAGES.get(name)
    if page is None or page.section != section:
        return t(section)
    return f":gray-background[**{t(section)}**]"


def note_visit(page: str) -> None:
    """Count the pages that a person has gone to in this session; ``navigation.py`` calls it in every run."""
    before, number = st.session_state.get(_VISIT, ("", 0))
    if page != before:
        st.session_state[_VISIT] = (page, number + 1)


def visit() -> int:
    """Which page in the order of visits this is: another number is another visit, of any page."""
    return int(st.session_state.get(_VISIT, ("", 0))[1])


def page_path(name: str) -> str:
    """What ``st.page_link`` and ``st.switch_page`` take for a page."""
    return f"pages/{name}.py"


def reader_query(trace_id: str, filters: Filters | None = None, **more: str) -> dict[str, Any]:
    """Query of a link into the Reader that keeps the list that one came from."""
    query: dict[str, Any] = dict(filters.to_query()) if filters else {}
    return {**query, "trace": trace_id, **more}


def href(page: str, query: Mapping[str, Any]) -> str:
    """A link within the app, for cells of tables."""
    code = address_language()
    parameters = dict(query) if code is None else {**query, PARAMETER: code}
    return f"/{page}?{urlencode(parameters, doseq=True)}"
