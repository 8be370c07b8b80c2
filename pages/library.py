from functools import partial

import streamlit as st

from analysis.ui import tables
from analysis.ui.downloads import download_buttons
from analysis.ui.i18n import N_, t
from analysis.ui.import_preview import add_traces
from analysis.ui.job_panel import job_panel, start_job
from analysis.ui.library_tools import export_panel, remove_panel
from analysis.ui.state import get_store
from analysis.ui.uploads import analyze_all
from analysis.views import library

store = get_store()
totals = library.totals(store)
st.title(t("Library"))
job_panel()

add_traces(store, opened=totals.traces == 0)

if totals.traces == 0:
    st.info(
        t("Nothing here yet. Add a dump above, or run: cotscope import FILE"),
        icon=":material/inbox:",
    )

tables.numbers(
    {
        t("Traces"): totals.traces,
        t("Questions"): totals.questions,
        t("Data sets"): totals.datasets,
        t("Findings"): totals.findings,
        t("Quarantined"): totals.quarantined,
    }
)
st.subheader(t("Data sets"))
datasets = library.datasets(store)
tables.datasets(datasets)

if totals.traces:
    download_buttons("datasets", lambda: datasets, what=t("This table"))
    with st.expander(t("Export traces"), icon=":material/download:"):
        export_panel(store)
with st.expander(
    t("Quarantine ({quarantined:,})", quarantined=totals.quarantined), icon=":material/report:"
):
    st.caption(
        t(
            "Lines that could not be read as a record. Nothing else of their file was lost; mend the "
            "line in a copy and import that."
        )
    )
    tables.quarantine(library.quarantine(store))
    if totals.quarantined:
        download_buttons(
            "quarantine",
            partial(library.quarantine, store, limit=totals.quarantined),
            what=t("All lines, whole"),
        )
files_in = library.files(store)
with st.expander(t("Files ({num_rows:,})", num_rows=files_in.num_rows), icon=":material/draft:"):
    tables.files(files_in)
    if totals.traces:
        download_buttons("files", lambda: files_in, what=t("This table"))
    remove_panel(store)
with st.expander(
    t("Repairs and doubts ({warnings:,})", warnings=totals.warnings), icon=":material/healing:"
):
    st.caption(
        t("What the readers mended or guessed while importing, by kind. See docs/formats.md.")
    )
    kinds = library.warning_counts(store)
    tables.warnings(kinds)
    if totals.warnings:
        download_buttons("warnings", lambda: kinds, what=t("This table"))
if totals.failed:
    with st.expander(
        t("Failed analyses ({failed:,})", failed=totals.failed), icon=":material/error:"
    ):
        tables.failures(library.failures(store))
        download_buttons(
            "failures",
            partial(library.failures, store, limit=totals.failed),
            what=t("This table"),
        )
if st.button(
    t("Analyse what is missing"),
    icon=":material/refresh:",
    help=t("After an upgrade or a cancelled import. Does only what is missing or has changed."),
):
    start_job(N_("Analysis"), analyze_all(store))
