"""Choosing on the Behaviours page: widgets in the URL, and clicks on charts that set them.

A click on a chart sets the widgets of the list below, so there is one way to choose, and a link
reopens it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.ui.i18n import N_, t
from analysis.ui.list_choice import first_page, picked
from analysis.ui.palette import label_name
from analysis.ui.url_choice import select
from analysis.views.behaviours import (
    ALL_TRACES,
    BINS,
    Outcome,
    Overview,
    Selection,
)

GROUPS = {
    N_("Model and effort"): "cell",
    N_("Model"): "model",
    N_("Effort"): "effort",
    N_("Data set"): "dataset",
}
PLACES = [f"{100 * place // BINS}-{100 * (place + 1) // BINS} %" for place in range(BINS)]
_LABEL, _THEN, _PLACE = "find", "then", "place"
_MODEL, _EFFORT, _PAIRED = "of_model", "of_effort", "paired"


def group_by() -> str:
    """What the rates are grouped by: read before the widget is drawn, as the numbers need it."""
    chosen = st.session_state.get("group") or st.query_params.get("group")
    return GROUPS.get(chosen or "", "cell")


def choose(found: Overview) -> Selection:
    """The widgets that filter the list of findings."""
    labels = [b.label for b in found.labels]
    models = sorted({r.model for r in found.rates if r.model})
    efforts = sorted({r.effort for r in found.rates if r.effort})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = _one(t("Behaviour"), _LABEL, labels)
        then = _one(t("Followed by"), _THEN, labels)
        place = _one(t("Place"), _PLACE, PLACES)
        model = _one(t("Model"), _MODEL, models) if models else None
        effort = _one(t("Effort"), _EFFORT, efforts) if efforts else None
        paired = st.toggle(
            t("Answered both ways"),
            key=_PAIRED,
            bind="query-params",
            on_change=first_page,
            help=t(
                "Only traces of questions that one model at one effort answered both right and wrong."
            ),
        )
    return Selection(
        label=label,
        then=then,
        bin=PLACES.index(place) if place else None,
        model=model,
        effort=effort,
        paired=paired,
    )


def pick_rate(label: str) -> None:
    """A point of the rates chooses the findings of its group; a data set narrows the page."""
    data = picked("rates")
    _set(label=label if data else None)
    if not data:
        return
    model, effort, dataset = data[:3]
    st.session_state[_MODEL], st.session_state[_EFFORT] = model, effort
    if dataset:
        st.session_state["dataset"] = [dataset]


def pick_place() -> None:
    """A bar chooses the findings that begin there."""
    data = picked("where")
    _set(label=data[0] if data else None, place=PLACES[int(data[1])] if data else None)


def pick_transition() -> None:
    """A bubble chooses the findings that are followed so."""
    data = picked("steps")
    _set(label=data[0] if data else None, then=data[1] if data else None)


def pick_outcome(model: str | None, effort: str | None) -> None:
    """A point chooses the findings of its group in questions that were answered both ways."""
    data = picked("outcomes")
    _set(label=data[0] if data else None, paired=bool(data))
    if data:
        st.session_state[_MODEL], st.session_state[_EFFORT] = model, effort


def outcomes_of(found: Overview) -> tuple[Outcome, ...]:
    """Whose right and wrong traces are compared: all, or one group of the rates above."""
    names = list(dict.fromkeys(o.name for o in found.outcomes if o.name != ALL_TRACES))
    if not names:
        return found.outcomes_of(None)
    chosen = st.selectbox(
        t("Among"),
        names,
        index=None,
        key="among",
        bind="query-params",
        placeholder=t("All traces"),
        width=320,
    )
    return found.outcomes_of(chosen)


def _set(
    *,
    label: str | None,
    then: str | None = None,
    place: str | None = None,
    paired: bool = False,
) -> None:
    """The whole choice: what another chart had chosen goes."""
    first_page()
    for key, value in ((_LABEL, label), (_THEN, then), (_PLACE, place), (_PAIRED, paired)):
        st.session_state[key] = value
    st.session_state[_MODEL] = st.session_state[_EFFORT] = None


def _one(title: str, key: str, options: Sequence[str]) -> str | None:
    return select(
        title,
        options,
        key=key,
        shown=label_name if key in (_LABEL, _THEN) else str,
        placeholder=t("All"),
        width=165,
        on_change=first_page,
    )
