from functools import partial

import streamlit as st

from analysis import charts_languages as charts
from analysis.ui import language_choice as choice
from analysis.ui import language_outcomes
from analysis.ui import languages as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.figure_words import in_language as shown_figure
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.list_choice import page_number, pages
from analysis.ui.metric_words import in_language
from analysis.ui.state import get_store, page_path
from analysis.ui.url_choice import segmented
from analysis.views import languages as view
from analysis.views.overthinking import specs as metric_specs

store = get_store()
filters = filter_bar(store, show=EVERYWHERE)
specs = in_language(metric_specs())

st.title(t("Languages"))
title = st.session_state.get("group") or st.query_params.get("group")
by = choice.GROUPS.get(title or "", "model")
found = view.overview(store, filters, by=by)
numbers = found.headline
if numbers.n_traces == 0:
    st.info(
        t(
            "No trace with visible reasoning passes this filter. Widen it in the sidebar, or add traces"
            " on the Library page."
        ),
        icon=":material/filter_alt_off:",
    )
    st.stop()
st.caption(ui.counted(numbers))
if numbers.n_analysed == 0:
    st.info(
        t("These traces are not analysed for languages yet."), icon=":material/hourglass_empty:"
    )
    st.page_link(page_path("library"), label=t("Analyse them"), icon=":material/folder_open:")
    st.stop()
ui.headline(found, specs)
ui.definitions(specs)

left, right = st.columns(2, gap="medium")
with left:
    st.subheader(t("Who mixes"))
    st.plotly_chart(
        shown_figure(charts.slip_shares(found.groups), said=[5]),
        key="who",
        on_select=partial(choice.pick_group, by),
        selection_mode="points",
        alt=t("Share of traces with a slip, by model, effort or data set, with intervals"),
    )
    segmented(
        t("A bar for each"),
        list(choice.GROUPS),
        default="Model",
        required=True,
        key="group",
        shown=t,
    )
    st.caption(t("Lines: 95 % interval. Click a bar to narrow the page to it."))
    download_buttons(
        "language_groups", partial(view.group_table, found.groups), what=t("These shares")
    )
with right:
    st.subheader(t("When"))
    st.plotly_chart(
        shown_figure(charts.places(found.places)),
        key="where",
        on_select=choice.pick_place,
        selection_mode="points",
        alt=t("Number of foreign stretches by place in the reasoning, slips and quotes apart"),
    )
    st.caption(t("Where in their trace stretches begin. Click a bar to list them."))
    download_buttons("language_places", lambda: found.places, what=t("These counts"))

left, right = st.columns(2, gap="medium")
with left:
    st.subheader(t("Into what"))
    if numbers.n_slips:
        st.plotly_chart(
            shown_figure(charts.pair_matrix(found.pairs), said=[2, 3]),
            key="pairs",
            on_select=choice.pick_pair,
            selection_mode="points",
            alt=t("Number of slips by main language and language of the slip"),
        )
        st.caption(t("Slips by main language. Click a bubble to list them."))
    else:
        st.info(t("No slips in these traces."), icon=":material/check:")
    download_buttons("language_pairs", lambda: found.pairs, what=t("These counts, with quotes"))
with right:
    st.subheader(t("Asked and thought in"))
    st.plotly_chart(
        shown_figure(charts.asked_matrix(found.asked), said=[2, 3]),
        key="asked_by",
        on_select=choice.pick_asked,
        selection_mode="points",
        alt=t("Number of traces by asked language and main language of the reasoning"),
    )
    st.caption(t("Traces; grey squares: the same language. Click one to list its traces below."))
    download_buttons("language_asked", lambda: found.asked, what=t("These counts, with verdicts"))

st.subheader(t("In context"))
chosen = choice.choose(found)
shown = view.selected(store, filters, chosen, page=page_number())
if shown.n == 0:
    st.info(
        t("No stretch is like this. Clear a choice above, or choose the kind “All”."),
        icon=":material/filter_alt_off:",
    )
else:
    ui.around(shown)
    st.caption(ui.list_note(shown))
    ui.stretches(shown.rows, filters)
    pages(shown.n, view.PAGE_SIZE)
    download_buttons(
        "language_stretches", partial(view.listed, store, filters, chosen), what=t("This list")
    )

st.subheader(t("Right and wrong"))
st.markdown(language_outcomes.outcome_note(found))
language_outcomes.outcomes(found.outcomes)
download_buttons(
    "language_outcomes", partial(view.outcome_table, found.outcomes), what=t("This table")
)

st.subheader(t("Thinks in another language than asked"))
asked, thinks = choice.choose_asked(found)
other = view.other_language(store, filters, asked=asked, thought=thinks)
ui.other_traces(other, filters)
download_buttons(
    "language_other",
    partial(view.other_language, store, filters, asked=asked, thought=thinks, limit=100_000),
    what=t("These traces"),
)

st.subheader(t("By data set, model and effort"))
ui.cells(found.cells, specs)
download_buttons("language_cells", lambda: found.cells, what=t("This table with every column"))
