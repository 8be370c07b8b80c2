from functools import partial

import streamlit as st

from analysis import limits
from analysis.ui import tables
from analysis.ui.downloads import download_buttons
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.state import get_store
from analysis.views.traces import count, trace_page, trace_rows

store = get_store()
filters = filter_bar(store, show=(*EVERYWHERE, "question", "sort"))

st.title(t("Traces"))
total = count(store, filters)
if total == 0:
    st.info(
        t(
            "No trace passes this filter. Widen it in the sidebar, or add traces on the Library page."
        ),
        icon=":material/filter_alt_off:",
    )
    st.stop()
# The list stands above the page numbers, but has to know which one is chosen.
above = st.container()
pages = -(-total // limits.PAGE_ROWS)
number = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
page = trace_page(store, filters, page=number)
with above:
    first, last = page.offset + 1, page.offset + page.rows.num_rows
    st.caption(t("{first:,} to {last:,} of {total:,} traces", first=first, last=last, total=total))
    tables.traces(page.rows, filters)
download_buttons(
    "trace_list",
    partial(trace_rows, store, filters),
    what=t("This list, all {total:,} traces, without their texts", total=total),
)
