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
from analysis.ui.figure_words import in_language as shown_figure
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.metric_words import in_language
from analysis.ui.overthinking_lists import Linked
from analysis.ui.state import get_store
from analysis.ui.url_choice import segmented
from analysis.views import needed
from analysis.views import overthinking as view

store = get_store()
filters = filter_bar(store, show=EVERYWHERE)
specs = in_language(view.specs())

st.title(t("Overthinking"))
points = view.points(store, filters)
left_out = view.excluded(store, filters, points)
st.caption(ui.counted(points.num_rows, left_out))
if points.num_rows == 0:
    st.info(
        t(
            "No trace with visible reasoning passes this filter. Widen it in the sidebar, or add traces"
            " on the Library page."
        ),
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
    st.subheader(t("How early the answer stands"))
    curves = st.container()
    group = segmented(
        t("A curve for each"),
        list(ui.GROUPS),
        default="Effort",
        required=True,
        key="group",
        shown=t,
    )
    linked.chart(
        charts.early_share(points, group=ui.GROUPS[str(group)]),
        key="early",
        container=curves,
        inline=False,
        alt=t("Share of traces whose final answer already stood, by share of the reasoning"),
    )
    st.caption(ui.curves_note(points, ui.GROUPS[str(group)]))
with right:
    st.subheader(t("How much comes after it"))
    linked.chart(
        charts.waste_histogram(points),
        key="waste",
        inline=False,
        alt=t("Number of traces by share of the reasoning after the final answer, by verdict"),
    )

linked.lists("early", "waste")

st.subheader(t("How much was needed"))
more.needed_by(linked, points, specs)

st.subheader(t("Each trace"))
event = st.plotly_chart(
    shown_figure(charts.tokens_and_final(points)),
    key="scatter",
    on_select="rerun",
    selection_mode="points",
    alt=t("Thinking tokens of each trace against where its final answer was first reached"),
)
ui.picked_trace(event, filters)

st.subheader(t("By model and effort"))
linked.chart(
    charts.by_cell(points),
    key="cells",
    alt=t("Thinking tokens and mean share after the final answer, by model and effort"),
)
st.caption(ui.reading(points))
ui.cells(view.cells(store, filters), specs)
every_column = partial(view.cells, store, filters, metrics=None)
download_buttons(
    "overthinking_cells",
    every_column,
    what=t("This table with every column"),
    printed=printed_table(store, filters, "cells", every_column),
)

st.subheader(t("Worst first"))
measure = segmented(
    t("By"),
    list(ui.MEASURES),
    default="Tokens after the answer",
    required=True,
    key="by",
    shown=t,
)
worst = view.worst(store, filters, by=ui.MEASURES[str(measure)])
ui.worst(needed.with_places(store, worst), filters, specs)
download_buttons(
    "overthinking_traces",
    partial(view.trace_metrics, store, filters),
    what=t("Every trace with every metric"),
)

st.subheader(t("Look closer"))
part = segmented(
    t("Part"),
    ui.PARTS,
    default=ui.PARTS[0],
    required=True,
    key="part",
    shown=t,
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
