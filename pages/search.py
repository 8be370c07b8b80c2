import streamlit as st

from analysis.errors import CotscopeError
from analysis.store.search import needs_index
from analysis.ui import search as ui
from analysis.ui import search_job
from analysis.ui.filter_bar import filter_bar
from analysis.ui.i18n import t
from analysis.ui.state import get_store, show_error

store = get_store()
filters = filter_bar(store, show=("label", "ending"))

st.title(t("Search"))
query, order = ui.search_box()
asked = {"q": st.session_state.get("q") or "", "order": order, **filters.to_query()}
ui.saved_searches(store, asked)
if query is None:
    st.stop()
if query.empty:
    st.info(
        t(
            "Write words, a phrase in quotes, a /regular expression/ or a condition such as"
            " label:backtracking@90-100%. The question mark beside the box shows all of it."
        ),
        icon=":material/search:",
    )
    st.stop()
try:
    if needs_index(query, filters):
        ui.bring_up_to_date(store)
    # The page numbers stand below, but the page has to be known first.
    above = st.container()
    kept = st.session_state.pop("search_page", None)
    number = int(st.session_state.get("page") or kept or st.query_params.get("page") or 1)
    results = search_job.results_of(store, query, filters, sort=order, page=number)
except ValueError:
    st.query_params.pop("page", None)
    st.rerun()
except CotscopeError as error:
    show_error(error)
    st.stop()
if results is None:  # it goes on, and its bar is there
    st.session_state["search_page"] = number  # without the page numbers it would be forgotten
    st.stop()
with above:
    ui.head_line(results)
    if not results.exact:
        search_job.offer_the_rest(query, filters, order)
    # Nothing can match before the first texts are in the index; the warning above says so.
    if not results.hits and not results.exact:
        st.info(t("Nothing found in these."), icon=":material/search_off:")
    elif not results.hits and not results.n_unindexed:
        ui.nothing_found(store)
    ui.results_list(results, filters)
if results.pages > 1:
    st.session_state.setdefault("page", results.page)
    st.pagination(results.pages, key="page", bind="query-params")
