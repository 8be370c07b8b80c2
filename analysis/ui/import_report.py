"""The report of an import: what went in, what did not and why, and where to read on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis.export import export_bytes
from analysis.store import Store
from analysis.store.importing import ImportReport
from analysis.text.visible import visible
from analysis.ui import tables
from analysis.ui.i18n import known, t
from analysis.ui.state import page_path
from analysis.ui.text import plain
from analysis.views import imports

_ID_CHARS = 16
_SHOWN_LINES = 200
_FILES_LINKED = 20


def import_report(store: Store, files: Sequence[ImportReport]) -> None:
    """Links to the traces, then the bad lines and the warnings of these files."""
    _links([file for file in files if file.n_traces])
    ids = [file.file_id for file in files]
    reasons = imports.reasons(store, ids)
    if reasons:
        total = sum(one.times for one in reasons)
        with st.expander(t("Quarantined ({total:,})", total=total), icon=":material/report:"):
            st.caption(t("These records are not traces. Everything else of their files went in."))
            _counts(reasons, t("Records"))
            tables.quarantine(imports.quarantined(store, ids, limit=_SHOWN_LINES))
            if total > _SHOWN_LINES:
                st.caption(
                    t(
                        "The first {SHOWN_LINES:,}; the download has all of them.",
                        SHOWN_LINES=_SHOWN_LINES,
                    )
                )
            st.download_button(
                t("Download as CSV"),
                data=lambda: export_bytes(
                    imports.quarantine_table(store, ids), ".csv", name="quarantine"
                ),
                file_name="quarantine.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
                key="report_quarantine",
            )
    warnings = imports.warnings(store, ids)
    if warnings:
        total = sum(one.times for one in warnings)
        with st.expander(
            t("Repairs and doubts ({total:,})", total=total), icon=":material/healing:"
        ):
            _counts(warnings, t("Times"))


def _links(files: Sequence[ImportReport]) -> None:
    with st.container(horizontal=True):
        for file in files[:_FILES_LINKED]:
            st.page_link(
                page_path("traces"),
                label=t("Traces of {name}", name=plain(file.name, 60)),
                icon=":material/table_rows:",
                query_params={"file": file.file_id[:_ID_CHARS]},
            )


def _counts(counted: Sequence[imports.CodeCount], unit: str) -> None:
    frame = pd.DataFrame(
        {
            unit: [one.times for one in counted],
            t("What it means"): [visible(known(one.meaning)) for one in counted],
            t("Code"): [visible(one.code) for one in counted],
            t("Example"): [visible(one.example) for one in counted],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            unit: st.column_config.NumberColumn(width=70, format="localized"),
            t("What it means"): st.column_config.TextColumn(width=420),
        },
    )
