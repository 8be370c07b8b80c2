"""Choosing on the Languages page: widgets in the URL, and clicks on charts that set them.

A click on a chart sets the widget that filters the list (or the sidebar), so there is one way to
choose, and a link reopens it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.ui.i18n import N_, t
from analysis.ui.list_choice import first_page, picked
from analysis.ui.url_choice import segmented
from analysis.views.languages import BINS, Overview, Selection

GROUPS = {N_("Model"): "model", N_("Effort"): "effort", N_("Data set"): "dataset"}
KINDS = {
    N_("Slips"): ("slip", "intraword"),
    N_("Inside words"): ("intraword",),
    N_("Quotes"): ("quote",),
    N_("All"): (),
}
PLACES = [f"{100 * place // BINS}-{100 * (place + 1) // BINS} %" for place in range(BINS)]
_KIND_OF = {"slip": "Slips", "intraword": "Inside words", "quote": "Quotes"}


def choose(found: Overview) -> Selection:
    """The widgets that filter the list of stretches."""
    rows = found.pairs.to_pylist()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = segmented(
            t("Kind"),
            list(KINDS),
            default="Slips",
            required=True,
            key="kind",
            shown=t,
            on_change=first_page,
        )
        matrix = _one(t("Main language"), "main", sorted({r["matrix"] for r in rows}))
        language = _one(t("Other language"), "into", sorted({r["language"] for r in rows}))
        place = _one(t("Place"), "place", PLACES)
        word = st.text_input(
            t("Word beside it"),
            key="word",
            bind="query-params",
            max_chars=40,
            width=150,
            on_change=first_page,
        )
    return Selection(
        language=language,
        matrix=matrix,
        kinds=KINDS[str(kind)],
        bin=PLACES.index(place) if place else None,
        word=(word or "").strip().lower() or None,
    )


def _one(title: str, key: str, options: Sequence[str]) -> str | None:
    return st.selectbox(
        title,
        options,
        index=None,
        key=key,
        bind="query-params",
        placeholder=t("All"),
        width=150,
        on_change=first_page,
    )


def pick_group(by: str) -> None:
    """A bar of the groups narrows the page to it: the filter in the sidebar."""
    data = picked("who")
    if data:
        st.session_state[by] = [data[0]]


def pick_place() -> None:
    """A bar of the histogram chooses its stretches."""
    data = picked("where")
    first_page()
    st.session_state["place"] = PLACES[int(data[0])] if data else None
    if data:
        st.session_state["kind"] = _KIND_OF.get(data[1], "All")


def pick_pair() -> None:
    """A bubble of the matrix chooses its slips."""
    data = picked("pairs")
    first_page()
    st.session_state["main"], st.session_state["into"] = data[:2] if data else (None, None)
    if data:
        st.session_state["kind"] = "Slips"


def pick_asked() -> None:
    """A bubble of asked x main language chooses its traces."""
    data = picked("asked_by")
    st.session_state["asked"], st.session_state["thinks"] = data[:2] if data else (None, None)


def pick_word(side: str, words: Sequence[str]) -> None:
    """A row of a table of words chooses the stretches beside that word."""
    rows = st.session_state[f"words_{side}"].selection.rows
    first_page()
    st.session_state["word"] = words[rows[0]] if rows and rows[0] < len(words) else ""


def choose_asked(found: Overview) -> tuple[str | None, str | None]:
    """The widgets that filter the traces that think in another language: asked, thought in."""
    rows = found.asked.to_pylist()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        asked = _one(t("Asked in"), "asked", sorted({row["asked"] for row in rows}))
        thinks = _one(t("Thinks in"), "thinks", sorted({row["thought"] for row in rows}))
    return asked, thinks
