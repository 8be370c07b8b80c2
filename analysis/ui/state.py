"""What every page starts from: the open store, the list of pages, links between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.store import Store, default_path, open_store

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


MEASURE, JUDGE = "Measure", "Judge"
PAGES: dict[str, PageInfo] = {
    "home": PageInfo("Home", ":material/home:", default=True),
    "library": PageInfo("Library", ":material/folder_open:"),
    "run": PageInfo("Run", ":material/play_circle:"),
    "traces": PageInfo("Traces", ":material/table_rows:"),
    "search": PageInfo("Search", ":material/search:"),
    "reader": PageInfo("Reader", ":material/menu_book:"),
    "overthinking": PageInfo("Overthinking", ":material/hourglass_bottom:", section=MEASURE),
    "languages": PageInfo("Languages", ":material/translate:", section=MEASURE),
    "behaviours": PageInfo("Behaviours", ":material/psychology:", section=MEASURE),
    "accuracy": PageInfo("Accuracy", ":material/target:", section=JUDGE),
    "compare": PageInfo("Compare", ":material/view_column:", section=MEASURE),
    "curate": PageInfo("Curate", ":material/playlist_add_check:", section=MEASURE),
    "verdicts": PageInfo("Verdicts", ":material/gavel:", section=JUDGE),
    "annotate": PageInfo("Annotate", ":material/checklist:", section=JUDGE),
}
"""File name in ``pages/`` = path in the URL -> title and icon. Add a page here."""


@st.cache_resource(show_spinner="Opening the database")
def _open(path: str) -> Store:
    return open_store(path)


def get_store() -> Store:
    """The store of this process, opened once; on a fault the page says what to do and stops."""
    try:
        return _open(str(default_path()))
    except CotscopeError as error:
        show_error(error)
        st.stop()


def show_error(error: CotscopeError) -> None:
    """One of our errors as a page shows it: what happened, what to do, its code. Never HTML."""
    with st.container(border=True):
        st.markdown(":material/error: **This did not work**")
        st.text(error.message)
        if error.remedy:
            st.text(error.remedy)
        st.caption(f"Error {error.code}")


def page_path(name: str) -> str:
    """What ``st.page_link`` and ``st.switch_page`` take for a page."""
    return f"pages/{name}.py"


def reader_query(trace_id: str, filters: Filters | None = None, **more: str) -> dict[str, Any]:
    """Query of a link into the Reader that keeps the list that one came from."""
    query: dict[str, Any] = dict(filters.to_query()) if filters else {}
    return {**query, "trace": trace_id, **more}


def href(page: str, query: Mapping[str, Any]) -> str:
    """A link within the app, for cells of tables."""
    return f"/{page}?{urlencode(dict(query), doseq=True)}"
