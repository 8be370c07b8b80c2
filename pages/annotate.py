from functools import partial

import streamlit as st

from analysis.annotation.agreement import DEFAULT_TOLERANCE
from analysis.ui import annotate as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.i18n import t
from analysis.ui.state import get_store
from analysis.views import annotations as view

store = get_store()

left, right = st.columns([3, 1], vertical_alignment="bottom")
with left:
    st.title(t("Annotate"))
    st.caption(
        t(
            "Go through findings or whole traces, measure how far people agree, settle where they"
            " differ. Labels of people are kept apart from findings and survive every rerun."
        )
    )
with right:
    name = ui.name_field()

ui.queue_panel(store, ui.queue_form(store), name)

st.subheader(t("Progress"))
ui.progress_table(view.progress(store))

st.subheader(t("Agreement"), help=t("On sentences that both rated; see docs/annotation.md."))
tolerance = st.slider(
    t("Spans count as the same up to so many sentences apart"),
    0,
    5,
    DEFAULT_TOLERANCE,
    key="tolerance",
    bind="query-params",
    width=420,
)
ui.agreement_table(view.agreement_rows(store, tolerance=tolerance))

st.subheader(t("Where people differ"))
ui.adjudication(store, view.disagreements(store), name)

st.subheader(t("Take it along"))
download_buttons("annotations", partial(view.log_table, store), what=t("All annotations as"))
st.download_button(
    t("Labelled traces (JSONL)"),
    data=partial(view.gold_bytes, store),
    file_name="labelled.jsonl",
    mime="application/jsonl",
    on_click="ignore",
    icon=":material/download:",
    help=t(
        "The form that `cotscope evaluate` and `cotscope train` read, one record a trace and person."
    ),
)
