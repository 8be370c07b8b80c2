from functools import partial

import streamlit as st

from analysis import charts
from analysis.ui import overthinking as ui
from analysis.ui import overthinking_more as more
from analysis.ui.downloads import (
    download_buttons,
    figure_button,
    printed_table,
    report_button,
)
from analysis.ui.filter_bar import filter_bar
from analysis.ui.overthinking_lists import Linked
from analysis.ui.state import get_store
from analysis.views import needed
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
with st.container(horizontal=True):
    ui.definitions(specs)
    report_button(store, filters)
    figure_button(store, filters, ui.FIGURES)
if left_out.not_analysed == points.num_rows:
    st.stop()
points = needed.with_difficulty(points)
linked = Linked(store, filters, points, specs)

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("How early the answer stands")
    curves = st.container()
    group = st.segmented_control(
        "A curve for each",
        list(ui.GROUPS),
        default="Effort",
        required=True,
        key="group",
        bind="query-params",
    )
    linked.chart(
        charts.early_share(points, group=ui.GROUPS[group]),
        key="early",
        container=curves,
        inline=False,
        alt="Share of traces whose final answer already stood, by share of the reasoning",
    )
    st.caption(ui.curves_note(points, ui.GROUPS[group]))
with right:
    st.subheader("How much comes after it")
    linked.chart(
        charts.waste_histogram(points),
        key="waste",
        inline=False,
        alt="Number of traces by share of the reasoning after the final answer, by verdict",
    )

linked.lists("early", "waste")

st.subheader("How much was needed")
more.needed_by(linked, points, specs)

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
linked.chart(
    charts.by_cell(points),
    key="cells",
    alt="Thinking tokens and mean share after the final answer, by model and effort",
)
st.caption(ui.reading(points))
ui.cells(view.cells(store, filters), specs)
every_column = partial(view.cells, store, filters, metrics=None)
download_buttons(
    "overthinking_cells",
    every_column,
    what="This table with every column",
    printed=printed_table(store, filters, "cells", every_column),
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
worst = view.worst(store, filters, by=ui.MEASURES[measure])
ui.worst(needed.with_places(store, worst), filters, specs)
download_buttons(
    "overthinking_traces",
    partial(view.trace_metrics, store, filters),
    what="Every trace with every metric",
)

st.subheader("Look closer")
part = st.segmented_control(
    "Part",
    ["Right, then wrong", "Stopping early", "Rounds and loops", "Underthinking"],
    default="Right, then wrong",
    required=True,
    key="part",
    bind="query-params",
    label_visibility="collapsed",
)
if part == "Stopping early":
    more.stopping(store, filters, linked, points)
elif part == "Rounds and loops":
    more.rounds_and_loops(linked, points, specs)
elif part == "Underthinking":
    more.underthinking(linked, points, specs)
else:
    more.right_to_wrong(store, filters, points, specs)
