from functools import partial

import streamlit as st

from analysis import charts_languages as charts
from analysis.ui import language_choice as choice
from analysis.ui import language_outcomes
from analysis.ui import languages as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.filter_bar import filter_bar
from analysis.ui.state import get_store, page_path
from analysis.views import languages as view
from analysis.views.overthinking import specs as metric_specs

store = get_store()
filters = filter_bar(store, show=("text", "label", "length", "ending"))
specs = metric_specs()

st.title("Languages")
title = st.session_state.get("group") or st.query_params.get("group")
by = choice.GROUPS.get(title or "", "model")
found = view.overview(store, filters, by=by)
numbers = found.headline
if numbers.n_traces == 0:
    st.info(
        "No trace with visible reasoning passes this filter. Widen it in the sidebar, or add traces"
        " on the Library page.",
        icon=":material/filter_alt_off:",
    )
    st.stop()
st.caption(ui.counted(numbers))
if numbers.n_analysed == 0:
    st.info("These traces are not analysed for languages yet.", icon=":material/hourglass_empty:")
    st.page_link(page_path("library"), label="Analyse them", icon=":material/folder_open:")
    st.stop()
ui.headline(found, specs)
ui.definitions(specs)

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Who mixes")
    st.plotly_chart(
        charts.slip_shares(found.groups),
        key="who",
        on_select=partial(choice.pick_group, by),
        selection_mode="points",
        alt="Share of traces with a slip, by model, effort or data set, with intervals",
    )
    st.segmented_control(
        "A bar for each",
        list(choice.GROUPS),
        default="Model",
        required=True,
        key="group",
        bind="query-params",
    )
    st.caption("Lines: 95 % interval. Click a bar to narrow the page to it.")
    download_buttons(
        "language_groups", partial(view.group_table, found.groups), what="These shares"
    )
with right:
    st.subheader("When")
    st.plotly_chart(
        charts.places(found.places),
        key="where",
        on_select=choice.pick_place,
        selection_mode="points",
        alt="Number of foreign stretches by place in the reasoning, slips and quotes apart",
    )
    st.caption("Where in their trace stretches begin. Click a bar to list them.")
    download_buttons("language_places", lambda: found.places, what="These counts")

left, right = st.columns(2, gap="medium")
with left:
    st.subheader("Into what")
    if numbers.n_slips:
        st.plotly_chart(
            charts.pair_matrix(found.pairs),
            key="pairs",
            on_select=choice.pick_pair,
            selection_mode="points",
            alt="Number of slips by main language and language of the slip",
        )
        st.caption("Slips by main language. Click a bubble to list them.")
    else:
        st.info("No slips in these traces.", icon=":material/check:")
    download_buttons("language_pairs", lambda: found.pairs, what="These counts, with quotes")
with right:
    st.subheader("Asked and thought in")
    st.plotly_chart(
        charts.asked_matrix(found.asked),
        key="asked_by",
        on_select=choice.pick_asked,
        selection_mode="points",
        alt="Number of traces by asked language and main language of the reasoning",
    )
    st.caption("Traces; grey squares: the same language. Click one to list its traces below.")
    download_buttons("language_asked", lambda: found.asked, what="These counts, with verdicts")

st.subheader("In context")
chosen = choice.choose(found)
shown = view.selected(store, filters, chosen, page=choice.page_number())
if shown.n == 0:
    st.info(
        "No stretch is like this. Clear a choice above, or choose the kind “All”.",
        icon=":material/filter_alt_off:",
    )
else:
    ui.around(shown)
    st.caption(ui.list_note(shown))
    ui.stretches(shown.rows, filters)
    choice.pages(shown)
    download_buttons(
        "language_stretches", partial(view.listed, store, filters, chosen), what="This list"
    )

st.subheader("Right and wrong")
st.markdown(language_outcomes.outcome_note(found))
language_outcomes.outcomes(found.outcomes)
download_buttons(
    "language_outcomes", partial(view.outcome_table, found.outcomes), what="This table"
)

st.subheader("Thinks in another language than asked")
asked, thinks = choice.choose_asked(found)
other = view.other_language(store, filters, asked=asked, thought=thinks)
ui.other_traces(other, filters)
download_buttons(
    "language_other",
    partial(view.other_language, store, filters, asked=asked, thought=thinks, limit=100_000),
    what="These traces",
)

st.subheader("By data set, model and effort")
ui.cells(found.cells, specs)
download_buttons("language_cells", lambda: found.cells, what="This table with every column")
