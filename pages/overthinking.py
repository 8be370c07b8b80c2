from functools import partial

import streamlit as st

from analysis import charts
from analysis.ui import overthinking as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.filter_bar import filter_bar
from analysis.ui.state import get_store
from analysis.views import overthinking as view

store = get_store()
filters = filter_bar(store, show=("text", "label", "length", "ending"))
specs = view.specs()

st.title("Overthinking")
points = view.points(store, filters)
left_out = view.excluded(store, filters, points)
st.caption(ui.counted(points.num_rows, left_out))
if points.num_rows == 0:
    st.info(
        "No trace with visible reasoning passes this filter. Widen it in the sidebar, or add traces"
        " on the Library page.",
        icon=":material/filter_alt_off:",
    )
    st.stop()
ui.headline(view.headline(points), specs)
ui.definitions(specs)
if left_out.not_analysed == points.num_rows:
    st.stop()

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("How early the answer stands")
    curves = st.empty()
    group = st.segmented_control(
        "A curve for each",
        list(ui.GROUPS),
        default="Effort",
        required=True,
        key="group",
        bind="query-params",
    )
    curves.plotly_chart(
        charts.early_share(points, group=ui.GROUPS[group]),
        key="early",
        alt="Share of traces whose final answer already stood, by share of the reasoning",
    )
    st.caption(ui.curves_note(points, ui.GROUPS[group]))
with right:
    st.subheader("How much comes after it")
    st.plotly_chart(
        charts.waste_histogram(points),
        key="waste",
        alt="Number of traces by share of the reasoning after the final answer, by verdict",
    )

st.subheader("Each trace")
event = st.plotly_chart(
    charts.tokens_and_final(points),
    key="scatter",
    on_select="rerun",
    selection_mode="points",
    alt="Thinking tokens of each trace against where its final answer was first reached",
)
ui.picked_trace(event, filters)

st.subheader("By model and effort")
st.plotly_chart(
    charts.by_cell(points),
    key="cells",
    alt="Thinking tokens and mean share after the final answer, by model and effort",
)
st.caption(ui.reading(points))
ui.cells(view.cells(store, filters), specs)
download_buttons(
    "overthinking_cells",
    partial(view.cells, store, filters, metrics=None),
    what="This table with every column",
)

st.subheader("Worst first")
measure = st.segmented_control(
    "By",
    list(ui.MEASURES),
    default="Tokens after the answer",
    required=True,
    key="by",
    bind="query-params",
)
ui.worst(view.worst(store, filters, by=ui.MEASURES[measure]), filters, specs)
download_buttons(
    "overthinking_traces",
    partial(view.trace_metrics, store, filters),
    what="Every trace with every metric",
)
