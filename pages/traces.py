import streamlit as st

from analysis.ui import tables
from analysis.ui.filter_bar import filter_bar
from analysis.ui.state import get_store
from analysis.views.traces import trace_page

store = get_store()
filters = filter_bar(store, show=("text", "label", "length", "ending", "question", "sort"))

st.title("Traces")
page = trace_page(store, filters, page=st.session_state.get("page", 1))
first, last = page.offset + 1, page.offset + page.rows.num_rows
if page.total == 0:
    st.info(
        "No trace passes this filter. Widen it in the sidebar, or add traces on the Library page.",
        icon=":material/filter_alt_off:",
    )
    st.stop()
st.caption(f"{first:,} to {last:,} of {page.total:,} traces")
tables.traces(page.rows, filters)
if page.pages > 1:
    st.pagination(page.pages, key="page", bind="query-params")
