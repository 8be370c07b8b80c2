"""CoTScope's entry: page settings and navigation, nothing else. Start it with `cotscope app`."""

import streamlit as st

from analysis.ui.state import FAVICON, PAGES

st.set_page_config(
    page_title="CoTScope",
    page_icon=FAVICON,
    layout="wide",
    initial_sidebar_state="expanded",
)
st.navigation(
    [
        st.Page(
            f"pages/{name}.py",
            title=page.title,
            icon=page.icon,
            url_path=name,
            default=page.default,
        )
        for name, page in PAGES.items()
    ],
    position="top",
).run()
