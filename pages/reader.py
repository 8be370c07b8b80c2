import streamlit as st

from analysis.ui import reader
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.metric_words import in_language
from analysis.ui.reader import choice, record
from analysis.ui.state import get_store
from analysis.views.overthinking import specs
from analysis.views.reader import reader_view

store = get_store()
filters = filter_bar(store, show=(*EVERYWHERE, "question", "sort"))

place = choice.choose(store, filters)
trace_id = place.trace_id
view = reader_view(store, trace_id)
if view is None:  # deleted between the two queries
    st.rerun()
choice.navigation(store, filters, place, view.trace["question_key"])
record.question(view.trace["question"])
record.badges(view.trace, metrics=view.metrics)

reader.surface(store, view, place.focus)

record.notes(view)
numbers, about = st.tabs([t("All numbers"), t("This record")])
with numbers:
    record.metrics(view, in_language(specs()))
with about:
    record.record(view)
    record.folded(view)
