"""Download buttons: a table as CSV, Parquet and XLSX, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import streamlit as st

from analysis.export import export_bytes
from analysis.filters import Filters
from analysis.store import Store

FORMATS = {
    "CSV": (".csv", "text/csv"),
    "Parquet": (".parquet", "application/vnd.apache.parquet"),
    "XLSX": (
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}


def download_buttons(name: str, make: Callable[[], pa.Table], *, what: str) -> None:
    """A row of buttons for the table that ``make`` returns; ``what`` says what is in it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(what, width="content")
        for title, (suffix, mime) in FORMATS.items():
            st.download_button(
                title,
                data=partial(_bytes, make, suffix, name),
                file_name=f"{name}{suffix}",
                mime=mime,
                key=f"download_{name}_{title}",
                on_click="ignore",
                icon=":material/download:",
            )


def _bytes(make: Callable[[], pa.Table], suffix: str, name: str) -> bytes:
    return export_bytes(make(), suffix, name=name)


def report_button(store: Store, filters: Filters) -> None:
    """A button for the report of the present filter; it is made when somebody asks for it."""
    st.download_button(
        "Report as one HTML file",
        data=partial(_report, store, filters),
        file_name="cotscope_report.html",
        mime="text/html",
        key="download_report",
        on_click="ignore",
        icon=":material/download:",
        help="Figures, tables, methods, definitions and data hashes; opens without a network.",
    )


def _report(store: Store, filters: Filters) -> bytes:
    # Draws every figure and holds plotly.js: only loaded by those who ask for a report.
    from analysis.export.report import report

    return report(store, where=filters)
