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
from analysis.ui.i18n import N_, fixed, t
from analysis.ui.jobs import get_jobs
from analysis.ui.state import show_error
from analysis.views.imports import file_stem
from analysis.views.library import files as imported_files
from analysis.views.traces import choices, count

_FORMS = {
    "generic": N_("Rows with question, reasoning, answer … (generic)"),
    "messages": N_("Chat messages with reasoning_content (messages)"),
    "sharegpt": N_("Conversations with <think> marks (ShareGPT)"),
}
_MIME = {".jsonl": "application/jsonl", ".parquet": "application/vnd.apache.parquet"}


def export_panel(store: Store) -> None:
    """Download the traces of a data set in a form that an import takes back whole."""
    left, right = st.columns(2)
    form = left.selectbox(
        t("Form"),
        list(_FORMS),
        format_func=fixed(_FORMS, lambda name: t(_FORMS[name])),
        key="export_form",
    )
    datasets = [name for name, _ in choices(store)["dataset"]]
    chosen = right.multiselect(
        t("Data sets"), datasets, placeholder=t("All"), format_func=visible, key="export_datasets"
    )
    filters = Filters(dataset=tuple(chosen))
    total = count(store, filters)
    st.caption(
        t(
            "{total:,} traces. Importing the file gives the same traces, with all that is known"
            " of them. For findings and metrics: cotscope export.",
            total=total,
        )
    )
    if total > limits.MAX_DOWNLOAD_TRACES:
        st.text(
            t(
                "That many go to a file: cotscope export traces --format {form} --out FILE",
                form=form,
            )
        )
        return
    name = file_stem(chosen[0]) if len(chosen) == 1 else "traces"
    with st.container(horizontal=True):
        for suffix in SUFFIXES_OF[form]:
            st.download_button(
                t("Download {suffix}", suffix=suffix),
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
    names = {
        row["file_id"]: t("{name} ({traces:,} traces)", name=row["name"], traces=row["traces"])
        for row in rows
    }
    with st.popover(t("Remove a file"), icon=":material/delete:"):
        chosen = st.selectbox(
            t("File"),
            list(names),
            index=None,
            format_func=lambda file_id: visible(names[file_id]),
            key="remove_file",
        )
        if chosen is None:
            st.caption(t("Its traces, findings and quarantined lines go; annotations stay."))
            return
        plan = plan_removal(store, files=[chosen])
        st.caption(
            t(
                "{n_traces:,} traces with their findings and {n_quarantined:,} quarantined records"
                " go. {n_annotations:,} annotations stay; they are there again when the same file is"
                " imported again.",
                n_traces=plan.n_traces,
                n_quarantined=plan.n_quarantined,
                n_annotations=plan.n_annotations,
            )
        )
        job = get_jobs().latest
        busy = job is not None and job.running
        if st.button(
            t("Remove for good"),
            type="primary",
            icon=":material/delete:",
            disabled=busy,
            key="remove",
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
