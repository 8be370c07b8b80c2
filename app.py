"""CoTScope's entry: page settings and navigation, nothing else. Start it with `cotscope app`."""

import streamlit as st

from analysis.ui.state import FAVICON, PAGES

st.set_page_config(
    page_title="CoTScope",
    page_icon=FAVICON,
    layout="wide",
    initial_sidebar_state="expanded",
)
sections: dict[str, list[st.Page]] = {}
for name, page in PAGES.items():
    sections.setdefault(page.section, []).append(
        st.Page(
            f"pages/{name}.py",
            title=page.title,
            icon=page.icon,
            url_path=name,
            default=page.default,
        )
    )
st.navigation(sections, position="top").run()
