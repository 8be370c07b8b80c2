"""A list below charts: which page of it is shown, and what a click on a chart chose."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analysis.ui.i18n import t


def page_number(key: str = "page") -> int:
    """The page of the list that the widget below it will show, from 0."""
    value = st.session_state.get(key) or st.query_params.get(key) or 1
    return int(value) - 1 if str(value).isdigit() and len(str(value)) < 10 else 0


def first_page() -> None:
    """Another choice begins at the first page of its list."""
    if "page" in st.session_state:
        st.session_state["page"] = 1


def pages(n: int, page_size: int, key: str = "page") -> None:
    """The page numbers below a list of ``n`` rows, where they take more than one page."""
    count = -(-n // page_size)
    if count > 1:
        st.pagination(count, key=key, bind="query-params")


def limits_note(n: int, page_size: int, listed: int) -> str:
    """How many of ``n`` findings a page shows, and how many the download has; empty if all."""
    text = ""
    if n > page_size:
        text += t(" {PAGE_SIZE} a page.", PAGE_SIZE=page_size)
    if n > listed:
        text += t(
            " The download has the first {MAX_LISTED:,}; “cotscope export findings” has all of"
            " them.",
            MAX_LISTED=listed,
        )
    return text


def picked(chart: str) -> list[Any]:
    """The ``customdata`` of the point that was clicked; empty when the click took it back."""
    event = st.session_state.get(chart)
    points = event.selection.points if event else []
    data = points[0].get("customdata") if points else None
    if isinstance(data, dict):
        data = [data[key] for key in sorted(data, key=int)]
    return list(data or [])
