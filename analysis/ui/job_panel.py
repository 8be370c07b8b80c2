"""The running job on a page: a bar with what is done, a stop button, and the report at the end."""

from __future__ import annotations

import streamlit as st

from analysis.progress import Progress
from analysis.store.importing import ImportReport
from analysis.ui.import_report import import_report
from analysis.ui.jobs import Job, Work, get_jobs
from analysis.ui.state import get_store, show_error
from analysis.ui.text import plain
from analysis.ui.uploads import LoadReport


def job_panel() -> None:
    """Show the latest job, if any. Redraws itself once a second while it runs."""
    job = get_jobs().latest
    if job is None:
        return
    if job.running:
        _running()
    else:
        _ended(job)


def start_job(title: str, work: Work) -> None:
    """Start ``work`` and redraw the page with its bar; say so when something else is running."""
    if get_jobs().start(title, work) is None:
        st.caption("Another import or analysis is running. Wait for it or stop it first.")
    else:
        st.rerun()


@st.fragment(run_every=1.0)
def _running() -> None:
    job = get_jobs().latest
    if job is None or not job.running:
        st.rerun()
    with st.container(border=True):
        st.markdown(f"**{plain(job.title)}**")
        moment = job.progress or Progress("Starting", 0, None, "")
        text = plain(_sentence(moment, job.pace.words(moment)))
        if moment.fraction is None:
            st.caption(text)
        else:
            st.progress(moment.fraction, text=text)
        if job.cancel.cancelled:
            st.caption("Stopping …")
        elif st.button("Stop", icon=":material/stop:", key="job_stop"):
            job.cancel.cancel()


def _sentence(moment: Progress, pace: str) -> str:
    amount = moment.amount if moment.unit else ""
    return ", ".join(part for part in (moment.stage, amount, pace, moment.note) if part)


def _ended(job: Job) -> None:
    with st.container(border=True):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, LoadReport):
            _report(job.result)
        else:
            st.caption(f"{plain(job.title)}: done.")
        if st.button("Dismiss", key="job_dismiss", type="tertiary"):
            get_jobs().dismiss()
            st.rerun()


def _report(report: LoadReport) -> None:
    for file in report.files:
        st.markdown(_file_line(file))
        if file.error:
            st.text(file.error)
    quarantined = sum(file.n_quarantined for file in report.files)
    if quarantined:
        st.markdown(
            f":material/report: **{quarantined:,} record{_plural(quarantined)} quarantined.**"
            " Their lines and the reasons stand below."
        )
    if report.files:
        import_report(get_store(), report.files)
    done = report.analysis
    st.markdown(
        f":material/check_circle: {done.n_traces:,} trace{_plural(done.n_traces)} analysed,"
        f" {done.n_findings:,} findings."
        if done.n_traces
        else ":material/check_circle: Every trace is up to date."
    )
    if done.n_failures:
        st.markdown(f":material/error: {done.n_failures:,} analyses failed.")
        st.text(done.first_error or "")


def _file_line(file: ImportReport) -> str:
    icon = ":material/error:" if file.error else ":material/description:"
    state = "was already here, " if file.already else ""
    quarantined = f", {file.n_quarantined:,} quarantined" if file.n_quarantined else ""
    return f"{icon} **{plain(file.name)}** {state}{file.n_traces:,} traces{quarantined}"


def _plural(number: int) -> str:
    return "" if number == 1 else "s"
