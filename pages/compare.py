import streamlit as st

from analysis.ui import compare_sections
from analysis.ui.filter_bar import EVERYWHERE, filter_bar, sidebar_state
from analysis.ui.i18n import t
from analysis.ui.state import get_store

st.set_page_config(initial_sidebar_state=sidebar_state())  # columns and charts need the width
store = get_store()
filters = filter_bar(store, show=EVERYWHERE)

with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title(t("Compare"), width="content")
    section = compare_sections.chosen()
section(store, filters)
