"""The frame of every page: its settings, the menu, what is kept in the address."""

from __future__ import annotations

import streamlit as st

from analysis.ui.i18n import keep_in_address, t
from analysis.ui.language_switch import language_switch
from analysis.ui.state import FAVICON, PAGES, menu_title, note_visit


def run_page() -> None:
    """Run the page that the address names."""
    st.set_page_config(
        page_title="CoTScope",
        page_icon=FAVICON,
        layout="wide",
        initial_sidebar_state="expanded",
    )
    keep_in_address()
    sections: dict[str, list[st.Page]] = {}
    for name, page in PAGES.items():
        sections.setdefault(menu_title(page.section), []).append(
            st.Page(
                f"pages/{name}.py",
                title=t(page.title),
                icon=page.icon,
                url_path=name,
                default=page.default,
            )
        )
    chosen = st.navigation(sections, position="top")
    note_visit(chosen.url_path)
    language_switch()
    chosen.run()
