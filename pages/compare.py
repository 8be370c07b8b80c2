import streamlit as st

from analysis.ui import compare_sections
from analysis.ui.filter_bar import filter_bar
from analysis.ui.state import get_store

st.set_page_config(initial_sidebar_state="collapsed")  # columns and charts need the width
store = get_store()
filters = filter_bar(store)

with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Compare", width="content")
    section = compare_sections.chosen()
section(store, filters)
