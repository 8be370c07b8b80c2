"""The reading surface on its page: what people do in it is written, and only it is drawn again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import streamlit as st

from analysis.store import Store
from analysis.ui.metric_words import in_language
from analysis.ui.reader import events, people
from analysis.ui.reader.component import show
from analysis.ui.reader.facts import shown_definitions
from analysis.ui.reader.measured import measured_words
from analysis.ui.reader.payload import parse_at, parse_layers, parse_least, payload
from analysis.views.overthinking import specs
from analysis.views.reader import ReaderView, with_new_log

NAME = "annotator"
"""Session state: the name of the person; the Verdicts and Annotate pages ask for the same."""
_ACKS = "reader_acks"
_FAULT = "reader_fault"
_KEPT_ACKS = 200


def annotator() -> str:
    """The name of the person at this session: given here, else ``$COTSCOPE_ANNOTATOR``, else ''."""
    given = str(st.session_state.get(NAME) or "").strip()
    return given or os.environ.get("COTSCOPE_ANNOTATOR", "").strip()


@st.fragment
def surface(store: Store, view: ReaderView, focus: Sequence[Any] | None = None) -> None:
    """Draw the surface; a fragment, so that an annotation redraws nothing else."""
    view = with_new_log(store, view)
    labels = {finding.label for finding in view.findings}
    session = people.session(
        annotator(),
        acks=st.session_state.get(_ACKS, []),
        fault=st.session_state.pop(_FAULT, ""),
        focus=focus,
    )
    show(
        payload(
            view,
            definitions=shown_definitions(),
            specs=in_language(specs()),
            layers=parse_layers(st.query_params.get("layers")),
            at=parse_at(st.query_params.get("at")),
            least=parse_least(st.query_params.get("min")),
            measured=measured_words(labels, view.trace["model"]),
            session=None if store.read_only else session,
        ),
        key="reader",
        on_events=lambda: _written(store),
    )


def _written(store: Store) -> None:
    state = st.session_state.get("reader")
    outcome = events.handle(store, getattr(state, "events", None))
    if outcome.annotator:
        st.session_state[NAME] = outcome.annotator
    st.session_state[_ACKS] = [*st.session_state.get(_ACKS, []), *outcome.acks][-_KEPT_ACKS:]
    st.session_state[_FAULT] = outcome.fault
