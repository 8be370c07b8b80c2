"""Taking traces out of the Library: as files for other tools, or out of the store."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import streamlit as st

from analysis import limits
from analysis.errors import CotscopeError
from analysis.export import SUFFIXES_OF, export_traces
from analysis.filters import Filters
from analysis.store import Store
from analysis.store.removal import plan_removal, remove
from analysis.text.visible import visible
from analysis.ui.jobs import get_jobs
from analysis.ui.state import show_error
from analysis.views.imports import file_stem
from analysis.views.library import files as imported_files
from analysis.views.traces import choices, count

_FORMS = {
    "generic": "Rows with question, reasoning, answer … (generic)",
    "messages": "Chat messages with reasoning_content (messages)",
    "sharegpt": "Conversations with <think> marks (ShareGPT)",
}
_MIME = {".jsonl": "application/jsonl", ".parquet": "application/vnd.apache.parquet"}


def export_panel(store: Store) -> None:
    """Download the traces of a data set in a form that an import takes back whole."""
    left, right = st.columns(2)
    form = left.selectbox(
        "Form", list(_FORMS), format_func=lambda name: _FORMS[name], key="export_form"
    )
    datasets = [name for name, _ in choices(store)["dataset"]]
    chosen = right.multiselect(
        "Data sets", datasets, placeholder="All", format_func=visible, key="export_datasets"
    )
    filters = Filters(dataset=tuple(chosen))
    total = count(store, filters)
    st.caption(
        f"{total:,} traces. Importing the file gives the same traces, with all that is known of"
        " them. For findings and metrics: cotscope export."
    )
    if total > limits.MAX_DOWNLOAD_TRACES:
        st.text(f"That many go to a file: cotscope export traces --format {form} --out FILE")
        return
    name = file_stem(chosen[0]) if len(chosen) == 1 else "traces"
    with st.container(horizontal=True):
        for suffix in SUFFIXES_OF[form]:
            st.download_button(
                f"Download {suffix}",
                data=partial(_bytes, store, form, suffix, filters),
                file_name=f"{name}-{form}{suffix}",
                mime=_MIME[suffix],
                on_click="ignore",
                icon=":material/download:",
                disabled=total == 0,
                key=f"export_{form}_{suffix}",
            )


def remove_panel(store: Store) -> None:
    """Take one imported file out of the store, after a look at what goes with it."""
    rows = imported_files(store).to_pylist()
    if not rows:
        return
    names = {row["file_id"]: f"{row['name']} ({row['traces']:,} traces)" for row in rows}
    with st.popover("Remove a file", icon=":material/delete:"):
        chosen = st.selectbox(
            "File",
            list(names),
            index=None,
            format_func=lambda file_id: visible(names[file_id]),
            key="remove_file",
        )
        if chosen is None:
            st.caption("Its traces, findings and quarantined lines go; annotations stay.")
            return
        plan = plan_removal(store, files=[chosen])
        st.caption(
            f"{plan.n_traces:,} traces with their findings and {plan.n_quarantined:,} quarantined"
            f" records go. {plan.n_annotations:,} annotations stay; they are there again when the"
            " same file is imported again."
        )
        job = get_jobs().latest
        busy = job is not None and job.running
        if st.button(
            "Remove for good", type="primary", icon=":material/delete:", disabled=busy, key="remove"
        ):
            try:
                remove(store, plan)
            except CotscopeError as error:
                show_error(error)
            else:
                st.session_state.pop("remove_file", None)
                st.rerun()


def _bytes(store: Store, form: str, suffix: str, filters: Filters) -> bytes:
    with tempfile.TemporaryDirectory(prefix="cotscope-") as folder:
        out = Path(folder) / f"traces{suffix}"
        export_traces(store, form, out, where=filters)
        return out.read_bytes()
