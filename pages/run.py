import streamlit as st

from analysis.ui.i18n import t
from analysis.ui.jobs import get_jobs
from analysis.ui.run_choose import choose_form, choose_panel
from analysis.ui.run_live import run_panel
from analysis.ui.run_probe import choose_work, probe_form, probe_panel
from analysis.ui.run_start import new_run, old_runs
from analysis.ui.state import get_store

store = get_store()
st.title(t("Run"))
going_on = run_panel(store)
job = get_jobs().latest
busy = job is not None and job.running
if not (probe_panel() or choose_panel()) and busy and not going_on:
    st.info(
        t("Other work is going on: its bar is in the Library."), icon=":material/hourglass_top:"
    )
old_runs(store, busy=busy)
with st.expander(t("The next run")) if going_on else st.container():
    forms = {"ask": new_run, "probe": probe_form, "choose": choose_form}
    forms[choose_work()](store, busy=busy)
