"""The sections of the Compare page: only the one that is shown is computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from analysis.filters import Filters
from analysis.store import Store
from analysis.ui import compare_cells, compare_columns, compare_curves, compare_pairs
from analysis.ui.compare_scope import SIDE_BY_SIDE
from analysis.ui.i18n import N_, t
from analysis.ui.metric_words import in_language
from analysis.ui.reader import record
from analysis.ui.text import visible
from analysis.ui.url_choice import segmented
from analysis.views.compare import traces_of_question
from analysis.views.overthinking import specs
from analysis.views.reader import reader_view

Section = Callable[[Store, Filters], None]


def side_by_side(store: Store, filters: Filters) -> None:
    """The traces of one question in columns."""
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    question = compare_columns.choose_question(store, filters, head)
    everything = traces_of_question(store, question).to_pylist()
    with head, st.popover(t("Choose traces"), icon=":material/view_column:"):
        rows = compare_columns.choose_traces(everything)
    if len(rows) < 2:
        st.info(
            t("Choose two to four traces to see them side by side."), icon=":material/view_column:"
        )
        return
    views = [view for row in rows if (view := reader_view(store, row["trace_id"]))]
    record.question(views[0].trace["question"])
    gold = next((view.trace["gold_answer"] for view in views if view.trace["gold_answer"]), None)
    if gold:
        st.text(visible(t("Gold answer: {gold}", gold=gold)))
    compare_columns.columns(rows, everything, views, in_language(specs()))
    with st.expander(t("Thinking tokens of each"), icon=":material/bar_chart:"):
        st.plotly_chart(compare_columns.token_bars(rows), config={"displayModeBar": False})


SECTIONS: dict[str, Section] = {
    N_("Overview"): compare_cells.overview,
    N_("Questions"): compare_cells.questions,
    N_("Pairs"): compare_pairs.pairs,
    N_("Samples"): compare_curves.samples,
    N_("Difficulty"): compare_curves.difficulty,
    N_("Diff"): compare_pairs.difference,
    SIDE_BY_SIDE: side_by_side,
}
"""As it stands in the address -> what draws it."""


def chosen() -> Section:
    """The section that the address names, else the texts where it names a question."""
    first = SIDE_BY_SIDE if st.query_params.get("question") else next(iter(SECTIONS))
    name = segmented(
        t("Section"),
        list(SECTIONS),
        default=first,
        required=True,
        key="view",
        shown=t,
        label_visibility="collapsed",
    )
    return SECTIONS[str(name)]
