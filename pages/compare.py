import streamlit as st

from analysis.ui import compare_columns
from analysis.ui.filter_bar import filter_bar
from analysis.ui.reader import record
from analysis.ui.state import get_store
from analysis.ui.text import visible
from analysis.views.compare import traces_of_question
from analysis.views.overthinking import specs
from analysis.views.reader import reader_view

st.set_page_config(initial_sidebar_state="collapsed")  # the columns need the width
store = get_store()
filters = filter_bar(store)

st.title("Compare")
question = compare_columns.choose_question(store, filters)
rows = compare_columns.choose_traces(traces_of_question(store, question).to_pylist())
if len(rows) < 2:
    st.info("Choose two or three traces to see them side by side.", icon=":material/view_column:")
    st.stop()

views = [view for row in rows if (view := reader_view(store, row["trace_id"]))]
record.question(views[0].trace["question"])
gold = next((view.trace["gold_answer"] for view in views if view.trace["gold_answer"]), None)
if gold:
    st.text(visible(f"Gold answer: {gold}"))
st.plotly_chart(compare_columns.token_bars(rows), config={"displayModeBar": False})
compare_columns.columns(rows, views, specs())
