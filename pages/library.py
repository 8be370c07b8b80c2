import tempfile
from pathlib import Path

import streamlit as st

from analysis import limits
from analysis.errors import CotscopeError
from analysis.ui import tables
from analysis.ui.job_panel import job_panel, start_job
from analysis.ui.state import get_store, show_error
from analysis.ui.uploads import ACCEPTED, analyze_all, keep, load_paths, load_uploads
from analysis.views import library

store = get_store()
totals = library.totals(store)
st.title("Library")
job_panel()

with st.expander("Add traces", icon=":material/add:", expanded=totals.traces == 0):
    upload_tab, path_tab = st.tabs(["Upload", "From this machine"])
    with upload_tab, st.form("upload", clear_on_submit=True, border=False):
        files = st.file_uploader(
            "Trace dumps",
            type=list(ACCEPTED),
            accept_multiple_files=True,
            help=f"Up to {limits.MAX_UPLOAD_MB} MB each; larger files go in by path.",
        )
        name = st.text_input("Data set (optional)", placeholder="As the file says", max_chars=200)
        if st.form_submit_button("Import", type="primary", icon=":material/upload:"):
            if not files:
                st.caption("Choose a file first.")
            else:
                folder = tempfile.TemporaryDirectory(prefix="cotscope-")
                try:
                    kept = [keep(f.name, f, Path(folder.name)) for f in files]
                except CotscopeError as error:
                    show_error(error)
                else:
                    start_job("Import", load_uploads(store, kept, folder, name))
    with path_tab, st.form("path", border=False):
        path = st.text_input("File, folder or glob", placeholder="/data/traces/*.jsonl.gz")
        name = st.text_input("Data set (optional)", placeholder="As the file says", key="path_name")
        if st.form_submit_button("Import", type="primary", icon=":material/drive_folder_upload:"):
            try:
                work = load_paths(store, [path], name)
            except CotscopeError as error:
                show_error(error)
            else:
                start_job("Import", work)

if totals.traces == 0:
    st.info(
        "Nothing here yet. Add a dump above, or run: cotscope import FILE", icon=":material/inbox:"
    )

tables.numbers(
    {
        "Traces": totals.traces,
        "Questions": totals.questions,
        "Data sets": totals.datasets,
        "Findings": totals.findings,
        "Quarantined": totals.quarantined,
    }
)
st.subheader("Data sets")
tables.datasets(library.datasets(store))

with st.expander(f"Quarantine ({totals.quarantined:,})", icon=":material/report:"):
    st.caption(
        "Lines that could not be read as a record. Nothing else of their file was lost; mend the "
        "line in a copy and import that."
    )
    tables.quarantine(library.quarantine(store))
files_in = library.files(store)
with st.expander(f"Files ({files_in.num_rows:,})", icon=":material/draft:"):
    tables.files(files_in)
with st.expander(f"Repairs and doubts ({totals.warnings:,})", icon=":material/healing:"):
    st.caption("What the readers mended or guessed while importing, by kind. See docs/formats.md.")
    tables.warnings(library.warning_counts(store))
if totals.failed:
    with st.expander(f"Failed analyses ({totals.failed:,})", icon=":material/error:"):
        tables.failures(library.failures(store))
if st.button(
    "Analyse what is missing",
    icon=":material/refresh:",
    help="After an upgrade or a cancelled import. Does only what is missing or has changed.",
):
    start_job("Analysis", analyze_all(store))
