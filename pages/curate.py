import streamlit as st

from analysis.curation import plan
from analysis.errors import CotscopeError
from analysis.ui import curate as ui
from analysis.ui.filter_bar import EVERYWHERE, filter_bar
from analysis.ui.i18n import t
from analysis.ui.state import get_store, show_error

store = get_store()
head = st.container(horizontal=True, vertical_alignment="center")
head.title(t("Curate"))
with head:
    ui.load_recipe(store)
filters = filter_bar(store, show=EVERYWHERE)
st.markdown(t("Choose traces to train on, see what each condition leaves, and save them."))

try:
    recipe = ui.choose(store, filters)
    with st.spinner(t("Counting")):
        found = plan(store, recipe)
except CotscopeError as error:
    show_error(error)
    st.stop()

st.subheader(t("What each step leaves"))
ui.funnel(found)
if not found.n_rows:
    st.info(
        t(
            "Nothing is left. Widen a condition above: the first step with 0 says which. Where many are"
            " undefined, analyse the traces on the Library page."
        ),
        icon=":material/filter_alt_off:",
    )
    st.stop()
st.subheader(t("The first of them"))
ui.sample(found)
ui.downloads(store, recipe)
