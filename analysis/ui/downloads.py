"""Download buttons: tables, figures and the report, each made only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pyarrow as pa
import streamlit as st

from analysis.errors import CotscopeError
from analysis.export import export_bytes
from analysis.export.core import printed_bytes
from analysis.filters import Filters
from analysis.store import Store
from analysis.ui.i18n import fixed, known, t
from analysis.ui.state import show_error

FORMATS = {
    "CSV": (".csv", "text/csv"),
    "Parquet": (".parquet", "application/vnd.apache.parquet"),
    "XLSX": (
        ".xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
}
PRINTED = {"LaTeX": (".tex", "application/x-tex"), "Markdown": (".md", "text/markdown")}
_IMAGE_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json"}


def download_buttons(
    name: str,
    make: Callable[[], pa.Table],
    *,
    what: str,
    printed: Callable[[str], bytes] | None = None,
) -> None:
    """A row of buttons for the table that ``make`` returns; ``what`` says what is in it.

    ``printed`` gives the same table for a paper, as LaTeX (".tex") or Markdown (".md").
    """
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
        for title, (suffix, mime) in PRINTED.items() if printed else ():
            st.download_button(
                title,
                data=partial(printed, suffix) if printed else b"",
                file_name=f"{name}{suffix}",
                mime=mime,
                key=f"download_{name}_{title}",
                on_click="ignore",
                icon=":material/download:",
                help=t("Its main columns, rounded, for a paper."),
            )


def printed_table(
    store: Store, filters: Filters, name: str, make: Callable[[], pa.Table]
) -> Callable[[str], bytes]:
    """What ``download_buttons`` takes as ``printed`` for rows of the export ``name``."""
    return lambda suffix: printed_bytes(store, name, make(), suffix, where=filters)


def _bytes(make: Callable[[], pa.Table], suffix: str, name: str) -> bytes:
    return export_bytes(make(), suffix, name=name)


def report_button(store: Store, filters: Filters) -> None:
    """A button for the report of the present filter; it is made when somebody asks for it."""
    st.download_button(
        t("Report as one HTML file"),
        data=partial(_report, store, filters),
        file_name="cotscope_report.html",
        mime="text/html",
        key="download_report",
        on_click="ignore",
        icon=":material/download:",
        help=t("Figures, tables, methods, definitions and data hashes; opens without a network."),
    )


def _report(store: Store, filters: Filters) -> bytes:
    # Draws every figure and holds plotly.js: only loaded by those who ask for a report.
    from analysis.export.report import report

    return report(store, where=filters)


def figure_button(store: Store, filters: Filters, names: Sequence[str]) -> None:
    """A menu that saves one of these figures (``export.figures.FIGURES``) for a paper."""
    # Draws figures: only loaded by pages that offer them.
    from analysis.export.figures import FIGURES, SUFFIXES

    with st.popover(t("Figures for a paper"), icon=":material/image:"):
        name = st.selectbox(
            t("Figure"),
            names,
            format_func=fixed(names, lambda key: known(FIGURES[key].title)),
            key="figure_name",
        )
        form = st.segmented_control(
            t("Format"), SUFFIXES, default=SUFFIXES[0], required=True, key="figure_format",
            format_func=lambda suffix: suffix[1:].upper(),
        )  # fmt: skip
        st.caption(t("On white paper, with its title and what made it. JSON is for plotly."))
        if not st.button(t("Draw it"), key="figure_draw", type="primary"):
            return
        try:
            with st.spinner(t("Drawing")):
                drawn = _figure(store, filters, str(name), str(form))
        except CotscopeError as error:
            show_error(error)
            return
        st.download_button(
            t("Save {name}{form}", name=name, form=form),
            data=drawn,
            file_name=f"{name}{form}",
            mime=_IMAGE_TYPES[str(form)],
            key="figure_save",
            on_click="ignore",
            icon=":material/download:",
        )


def _figure(store: Store, filters: Filters, name: str, suffix: str) -> bytes:
    from analysis.export.figures import figure_bytes

    return figure_bytes(store, name, suffix, where=filters)
