from functools import partial

import streamlit as st

from analysis import limits
from analysis.ui import verdicts as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.state import get_store
from analysis.views import verdicts as view

store = get_store()
filters = filter_bar(store, show=(*EVERYWHERE, "question"))

st.title(t("Verdicts"))
counts = view.counts(store, filters)
if not sum(counts.values()):
    st.info(
        t(
            "No answer has been judged. Traces with a gold answer are judged when they are analysed:"
            " analyse them on the Library page, or widen the filter in the sidebar."
        ),
        icon=":material/gavel:",
    )
    st.stop()
ui.show_errors()
kind = ui.choose_kind(counts)
left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    reason = ui.choose_reason(view.reasons(store, filters, kind))
with right:
    ui.name_field()

total = view.count(store, filters, kind, reason=reason)
if not total:
    st.success(t("Nothing is left to settle here."), icon=":material/done_all:")
else:
    ui.start_over(kind, reason, filters)
    at = ui.position(total)
    one = view.rows(store, filters, kind, reason=reason, limit=1, offset=at).to_pylist()[0]
    ui.card(
        store,
        one,
        filters,
        place=t("{at:,} of {total:,}. Keys: Y correct, N wrong, L leave.", at=at + 1, total=total),
    )
    st.subheader(t("All of them"))
    pages = -(-total // limits.PAGE_ROWS)
    number = st.pagination(pages, key="page", bind="query-params") if pages > 1 else 1
    offset = (number - 1) * limits.PAGE_ROWS
    ui.listing(
        view.rows(store, filters, kind, reason=reason, limit=limits.PAGE_ROWS, offset=offset),
        filters,
    )
download_buttons("verdicts", partial(view.table, store, filters), what=t("All judged traces as"))
