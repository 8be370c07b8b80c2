"""The filter bar in the sidebar. Each widget is bound to the URL, so a link reopens the view.

Streamlit writes the shown form of an option into the URL. So options that are data are shown as they
are, and those that have a translation are drawn by ``url_choice``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final, Literal

import streamlit as st

from analysis import limits
from analysis.filters import ENDINGS, SORTS, VERDICTS, Filters
from analysis.store import Store
from analysis.ui.i18n import N_, known, t
from analysis.ui.palette import label_name
from analysis.ui.state import visit
from analysis.ui.url_choice import segmented, select, several
from analysis.views.traces import choices

_LISTS = {"dataset": N_("Data set"), "model": N_("Model"), "effort": N_("Effort")}
EVERYWHERE: Final = ("text", "label", "length", "ending")
"""What the filter bar of a page offers beside data set, model, effort and verdict."""
_KEPT: Final = "filters_kept"
_SHOWS: Final = {"length": ("min_chars", "max_chars"), "sort": ("sort", "descending")}
_BOUND: Final[dict[str, Any]] = {
    "text": "", "dataset": [], "model": [], "effort": [], "min_chars": None, "max_chars": None,
    "descending": False,
}  # fmt: skip
"""Widgets that Streamlit binds to the address itself, and what they hold when nothing is chosen."""


def filter_bar(store: Store, *, show: Collection[str] = ()) -> Filters:
    """Draw the filters and return what is chosen.

    ``show`` adds to data set, model, effort and verdict: 'label', 'text', 'length', 'ending',
    'question', 'sort'.
    """
    found = choices(store)
    drawn = _names(show)
    _arrive(drawn, {name: [value for value, _ in found[name]] for name in _LISTS})
    with st.sidebar:
        st.subheader(t("Filter"))
        values: dict[str, object] = {}
        if "text" in show:
            values["text"] = (
                st.text_input(
                    t("Search"),
                    key="text",
                    bind="query-params",
                    type="search",
                    max_chars=limits.MAX_SEARCH_CHARS,
                    placeholder=t("Words in question, reasoning or answer"),
                )
                or ""
            )
        for name, title in _LISTS.items():
            options = [value for value, _ in found[name]]
            values[name] = _chosen(name, t(title), options)
        values["verdict"] = several(t("Verdict"), VERDICTS, key="verdict", placeholder=t("All"))
        if "label" in show:
            values["label"] = several(
                t("Has finding"),
                [value for value, _ in found["label"]],
                key="label",
                shown=label_name,
                placeholder=t("All"),
            )
        if "length" in show:
            values.update(_length())
        if "ending" in show:
            values["ending"] = segmented(t("Ending"), ENDINGS, key="ending")
        if "sort" in show:
            values["sort"] = select(
                t("Sort by"),
                list(SORTS),
                default=next(iter(SORTS)),
                help="; ".join(f"{known(name)}: {known(what)}" for name, what in SORTS.items()),
                key="sort",
            )
            values["descending"] = st.toggle(
                t("Largest first"), key="descending", bind="query-params"
            )
        question = st.query_params.get("question")
        if "question" in show and question:
            values["question"] = question
            st.caption(t("Only the traces of one question."))
            if st.button(t("All questions"), icon=":material/close:"):
                del st.query_params["question"]
                st.rerun()
        file = Filters.from_query({"file": st.query_params.get_all("file")}).file
        if file:
            values["file"] = file
            st.caption(t("Only the traces of one file."))
            if st.button(t("All files"), icon=":material/close:"):
                del st.query_params["file"]
                st.rerun()
    chosen = Filters(**values)  # type: ignore[arg-type]
    _keep(drawn, chosen)
    return chosen


def sidebar_state() -> Literal["expanded", "collapsed"]:
    """For pages that need the width: the filter bar is folded away unless a filter is set."""
    kept = st.session_state.get(_KEPT, ("", {}))[1]
    names = {*_names((*EVERYWHERE, "sort")), "file"}
    return "expanded" if kept or names & set(st.query_params) else "collapsed"


def _names(show: Collection[str]) -> tuple[str, ...]:
    """The parameters of the widgets that are drawn."""
    more = (name for part in show if part != "question" for name in _SHOWS.get(part, (part,)))
    return (*_LISTS, "verdict", *more)


def _arrive(drawn: Sequence[str], options: dict[str, list[str]]) -> None:
    """On the way to another page filters stay. A link that has filters of its own means these alone."""
    before, kept = st.session_state.get(_KEPT, (None, {}))
    if before in (None, visit()):
        return
    asked = {*drawn, "file"} & set(st.query_params)
    for name in drawn:
        if name in asked:
            continue
        value: Any = None if asked else kept.get(name)
        if name in _BOUND:
            if name in options:
                value = [one for one in value or [] if one in options[name]]
            st.session_state[name] = _BOUND[name] if value is None else value
        if value:
            st.query_params[name] = "true" if value is True else value


def _keep(drawn: Sequence[str], chosen: Filters) -> None:
    """Remember what is chosen here; what another page alone offers stays as it was there."""
    kept = st.session_state.get(_KEPT, (None, {}))[1]
    others = {name: value for name, value in kept.items() if name not in drawn}
    here = {name: getattr(chosen, name) for name in drawn}
    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in here.items()
        if value != getattr(Filters(), name)
    }
    st.session_state[_KEPT] = (visit(), {**others, **given})


def _chosen(name: str, title: str, options: Sequence[str]) -> tuple[str, ...]:
    picked = st.multiselect(title, options, key=name, bind="query-params", placeholder=t("All"))
    return tuple(picked)


def _length() -> dict[str, int | None]:
    left, right = st.columns(2)
    low = left.number_input(
        t("Min. characters"),
        min_value=0,
        value=None,
        step=500,
        key="min_chars",
        bind="query-params",
    )
    high = right.number_input(
        t("Max. characters"),
        min_value=0,
        value=None,
        step=500,
        key="max_chars",
        bind="query-params",
    )
    return {"min_chars": low, "max_chars": high}
