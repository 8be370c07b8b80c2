import streamlit as st

from analysis.ui import accuracy as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.i18n import t
from analysis.ui.list_choice import page_number
from analysis.ui.state import get_store
from analysis.views import accuracy as view

store = get_store()

st.title(t("Accuracy"))
st.markdown(
    t("How right the detectors are, measured on public traces that people and LLMs labelled.")
)
ui.panel()
shipped = view.published()
if not shipped.rows:
    st.info(
        t("No accuracy table ships with this copy. Measure on labelled files below."),
        icon=":material/info:",
    )
else:
    st.caption(ui.about(shipped))
    with st.container(horizontal=True):
        ui.reading()
        ui.sources(shipped)
    chosen = ui.choose(shipped)
    table = view.table(shipped, **chosen)
    if table.num_rows:
        ui.figures(table, key="shipped")
        download_buttons("accuracy", lambda: table, what=t("This table with every column"))
    else:
        st.info(
            t("No figure is like this. Clear a choice above."), icon=":material/filter_alt_off:"
        )

st.subheader(t("Measure on labelled files"))
st.caption(
    t(
        "Runs the detectors of this copy on the texts as they are, and shows what they got wrong. On traces"
        " that a fitted detector was trained on, these figures are too good."
    )
)
measured = ui.measure(store)
if measured is not None:
    st.caption(ui.left_out(measured))
    figures = view.figures(measured.evaluation)
    if figures.num_rows:
        ui.figures(figures, key="measured")
        download_buttons("measured_accuracy", lambda: figures, what=t("These figures"))
    st.subheader(t("In their text"))
    picked = ui.choose_cell(measured)
    if picked is not None:
        cell, kind = picked
        ui.definition(cell.label)
        found = view.mistakes(store, measured, cell, kind=kind, page=page_number("error_page"))
        ui.mistakes(found, kind, cell.label)
