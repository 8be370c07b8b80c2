"""The switch between the languages of the interface, at the foot of every page.

It is drawn first, so that a page that stops early has it too; ``page_style`` puts it last.
"""

from __future__ import annotations

import streamlit as st

from analysis.ui.i18n import LANGUAGES, choose_language, language
from analysis.ui.page_style import SWITCH, page_style


def language_switch() -> None:
    """A button for each other language, in its own words.

    A button and not a link: what a person has chosen and typed on the page stays.
    """
    present = language()
    with st.container(horizontal=True, horizontal_alignment="right", key=SWITCH):
        page_style()
        for code, name in LANGUAGES.items():
            if code != present:
                st.button(
                    name,
                    key=f"language_{code}",
                    type="tertiary",
                    icon=":material/translate:",
                    on_click=choose_language,
                    args=(code,),
                )
