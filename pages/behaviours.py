from functools import partial

import streamlit as st

from analysis import charts_behaviours as charts
from analysis.ui import behaviour_choice as choice
from analysis.ui import behaviours as ui
from analysis.ui.downloads import download_buttons
from analysis.ui.figure_words import in_language
from analysis.ui.filter_bar import EVERYWHERE, filter_bar, sidebar_state
from analysis.ui.i18n import t
from analysis.ui.list_choice import page_number, pages
from analysis.ui.state import get_store, page_path
from analysis.ui.url_choice import segmented
from analysis.views import behaviours as view

st.set_page_config(initial_sidebar_state=sidebar_state())  # the charts need the width
store = get_store()
filters = filter_bar(store, show=EVERYWHERE)

st.title(t("Behaviours"))
found = ui.overview(store, filters, choice.group_by())
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
        t("These traces are not analysed for behaviours yet."), icon=":material/hourglass_empty:"
    )
    st.page_link(page_path("library"), label=t("Analyse them"), icon=":material/folder_open:")
    st.stop()
if not found.labels:
    st.info(t("No behaviour was found in these traces."), icon=":material/search_off:")
    st.stop()
with st.container(horizontal=True, vertical_alignment="center"):
    ui.definitions(found)
    st.page_link(page_path("accuracy"), label=t("How right they are"), icon=":material/target:")

left, right = st.columns([1.2, 1], gap="medium")
with left:
    st.subheader(t("How often"))
    label = ui.choose_label(found)
    st.plotly_chart(
        in_language(charts.rates(found.rates, label), said=[3, 8]),
        key="rates",
        on_select=partial(choice.pick_rate, label),
        selection_mode="points",
        alt=t("Findings per 1,000 tokens by group, with 95 % intervals"),
    )
    segmented(
        t("A row for each"),
        list(choice.GROUPS),
        default="Model and effort",
        required=True,
        key="group",
        shown=t,
    )
    st.caption(
        t("Lines: 95 % interval over questions. In brackets: traces. Click a point to list.")
    )
    download_buttons(
        "behaviour_rates", partial(view.rates_table, found.rates), what=t("Rates of all behaviours")
    )
with right:
    st.subheader(t("Where in the trace"))
    st.plotly_chart(
        in_language(charts.places(found.places), said=[2]),
        key="where",
        on_select=choice.pick_place,
        selection_mode="points",
        alt=t("Where in their trace findings begin, a row of bars for each behaviour"),
    )
    st.caption(t("Each row has its own scale. In brackets: findings. Click a bar to list them."))
    download_buttons("behaviour_places", lambda: found.places, what=t("These counts"))

st.subheader(t("What follows what"))
if found.transitions.num_rows:
    st.plotly_chart(
        in_language(charts.transitions(found.transitions), said=[2, 3]),
        key="steps",
        on_select=choice.pick_transition,
        selection_mode="points",
        alt=t("Share of what follows each behaviour, by the behaviour that follows"),
    )
    st.caption(
        t(
            "From each place where a behaviour begins to the next such place in the trace; a row adds up to"
            " 100 %. In brackets: steps from it. Squares: the same again. A check counts where it opens."
            " Below 0.5 % nothing is drawn; the download has all. Click a bubble to list."
        )
    )
    download_buttons("behaviour_transitions", lambda: found.transitions, what=t("These counts"))
else:
    st.info(t("No trace here has two behaviours after each other."), icon=":material/info:")

st.subheader(t("Right and wrong"))
outcomes = choice.outcomes_of(found)
st.markdown(ui.outcome_note(outcomes))
if outcomes:
    left, right = st.columns([1, 1.2], gap="medium")
    with left:
        st.plotly_chart(
            in_language(charts.outcomes(outcomes), said=[1, 5, 6]),
            key="outcomes",
            on_select=partial(choice.pick_outcome, outcomes[0].model, outcomes[0].effort),
            selection_mode="points",
            alt=t("Rate in wrong minus rate in right traces of the same question, by behaviour"),
        )
    with right:
        ui.outcomes(outcomes)
        st.caption(
            t(
                "Paired: right and wrong traces of the same question, model and effort. Not corrected for"
                " the number of behaviours; a difference is not a cause. Click a point to list."
            )
        )
        download_buttons(
            "behaviour_outcomes",
            partial(view.outcomes_table, found.outcomes),
            what=t("This table, with all groups"),
        )

st.subheader(t("In context"))
chosen = choice.choose(found)
shown = view.selected(store, filters, chosen, page=page_number())
if shown.n == 0:
    st.info(t("No finding is like this. Clear a choice above."), icon=":material/filter_alt_off:")
else:
    st.caption(ui.list_note(shown))
    ui.findings(shown.rows, filters)
    pages(shown.n, view.PAGE_SIZE)
    download_buttons(
        "behaviour_findings", partial(view.listed, store, filters, chosen), what=t("This list")
    )

st.subheader(t("All rates"))
ui.rates(found.rates, [b.label for b in found.labels])
