"""Download buttons: a table as CSV, Parquet and XLSX, made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pyarrow as pa
import streamlit as st

from analysis.export import export_bytes

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
