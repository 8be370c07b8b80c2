"""The filter bar in the sidebar. Each widget is bound to the URL, so a link reopens the view.

Streamlit writes the shown form of an option into the URL, so options are shown as they are: a
``format_func`` here would break links.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from analysis import limits
from analysis.filters import ENDINGS, SORTS, VERDICTS, Filters
from analysis.store import Store
from analysis.views.traces import choices

_LISTS = {"dataset": "Data set", "model": "Model", "effort": "Effort"}


def filter_bar(store: Store, *, show: Collection[str] = ()) -> Filters:
    """Draw the filters and return what is chosen.

    ``show`` adds to data set, model, effort and verdict: 'label', 'text', 'length', 'ending',
    'question', 'sort'.
    """
    found = choices(store)
    with st.sidebar:
        st.subheader("Filter")
        values: dict[str, object] = {}
        if "text" in show:
            values["text"] = (
                st.text_input(
                    "Search",
                    key="text",
                    bind="query-params",
                    type="search",
                    max_chars=limits.MAX_SEARCH_CHARS,
                    placeholder="Words in question, reasoning or answer",
                )
                or ""
            )
        for name, title in _LISTS.items():
            options = [value for value, _ in found[name]]
            values[name] = _chosen(name, title, options)
        values["verdict"] = _chosen("verdict", "Verdict", VERDICTS)
        if "label" in show:
            values["label"] = _chosen("label", "Has finding", [v for v, _ in found["label"]])
        if "length" in show:
            values.update(_length())
        if "ending" in show:
            values["ending"] = st.segmented_control(
                "Ending", ENDINGS, key="ending", bind="query-params"
            )
        if "sort" in show:
            values["sort"] = st.selectbox(
                "Sort by",
                list(SORTS),
                help="; ".join(f"{name}: {meaning}" for name, meaning in SORTS.items()),
                key="sort",
                bind="query-params",
            )
            values["descending"] = st.toggle("Largest first", key="descending", bind="query-params")
        question = st.query_params.get("question")
        if "question" in show and question:
            values["question"] = question
            st.caption("Only the traces of one question.")
            if st.button("All questions", icon=":material/close:"):
                del st.query_params["question"]
                st.rerun()
        file = Filters.from_query({"file": st.query_params.get_all("file")}).file
        if file:
            values["file"] = file
            st.caption("Only the traces of one file.")
            if st.button("All files", icon=":material/close:"):
                del st.query_params["file"]
                st.rerun()
    return Filters(**values)  # type: ignore[arg-type]


def _chosen(name: str, title: str, options: Sequence[str]) -> tuple[str, ...]:
    picked = st.multiselect(title, options, key=name, bind="query-params", placeholder="All")
    return tuple(picked)


def _length() -> dict[str, int | None]:
    left, right = st.columns(2)
    low = left.number_input(
        "Min. characters", min_value=0, value=None, step=500, key="min_chars", bind="query-params"
    )
    high = right.number_input(
        "Max. characters", min_value=0, value=None, step=500, key="max_chars", bind="query-params"
    )
    return {"min_chars": low, "max_chars": high}
