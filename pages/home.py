import streamlit as st

from analysis.ui import tables
from analysis.ui.downloads import download_buttons
from analysis.ui.i18n import known, t
from analysis.ui.job_panel import job_panel
from analysis.ui.state import get_store, page_path
from analysis.views import home, library

store = get_store()
st.title("CoTScope")
st.caption(t("Read, measure and compare the long chains of thought of reasoning models."))
job_panel()

totals = library.totals(store)
if totals.traces == 0:
    st.info(t("The store is empty. Add a trace dump on the Library page."), icon=":material/inbox:")
    st.page_link(page_path("library"), label=t("Open the Library"), icon=":material/folder_open:")
    st.stop()

tables.numbers(
    {
        t("Traces"): totals.traces,
        t("Questions"): totals.questions,
        t("Data sets"): totals.datasets,
        t("Findings"): totals.findings,
    }
)
st.subheader(t("Worth a look"))
for hint in home.hints(store):
    st.page_link(
        page_path(hint.page), label=known(hint.text), icon=hint.icon, query_params=dict(hint.query)
    )
st.subheader(t("Data sets"))
datasets = library.datasets(store)
tables.datasets(datasets)
download_buttons("datasets", lambda: datasets, what=t("This table"))
