"""The running job on a page: a bar with what is done, a stop button, and the report at the end."""

from __future__ import annotations

import streamlit as st

from analysis.progress import Progress
from analysis.store.importing import ImportReport
from analysis.ui.i18n import known, t, tn
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
        st.caption(t("Another import or analysis is running. Wait for it or stop it first."))
    else:
        st.rerun()


@st.fragment(run_every=1.0)
def _running() -> None:
    job = get_jobs().latest
    if job is None or not job.running:
        st.rerun()
    with st.container(border=True):
        st.markdown(f"**{plain(t(job.title))}**")
        moment = job.progress or Progress(t("Starting"), 0, None, "")
        text = plain(_sentence(moment, job.pace.words(moment)))
        if moment.fraction is None:
            st.caption(text)
        else:
            st.progress(moment.fraction, text=text)
        if job.cancel.cancelled:
            st.caption(t("Stopping …"))
        elif st.button(t("Stop"), icon=":material/stop:", key="job_stop"):
            job.cancel.cancel()


def _sentence(moment: Progress, pace: str) -> str:
    amount = moment.amount if moment.unit else ""
    return ", ".join(
        part
        for part in (known(moment.stage), known(amount), known(pace), known(moment.note))
        if part
    )


def _ended(job: Job) -> None:
    with st.container(border=True):
        if job.error is not None:
            show_error(job.error)
        elif isinstance(job.result, LoadReport):
            _report(job.result)
        else:
            st.caption(t("{title}: done.", title=plain(t(job.title))))
        if st.button(t("Dismiss"), key="job_dismiss", type="tertiary"):
            get_jobs().dismiss()
            st.rerun()


def _report(report: LoadReport) -> None:
    for file in report.files:
        st.markdown(_file_line(file))
        if file.error:
            st.text(known(file.error))
    quarantined = sum(file.n_quarantined for file in report.files)
    if quarantined:
        st.markdown(
            tn(
                ":material/report: **{n:,} record quarantined.** Its line and the reason stand below.",
                ":material/report: **{n:,} records quarantined.** Their lines and the reasons stand"
                " below.",
                quarantined,
            )
        )
    if report.files:
        import_report(get_store(), report.files)
    done = report.analysis
    st.markdown(
        tn(
            ":material/check_circle: {n:,} trace analysed, {n_findings:,} findings.",
            ":material/check_circle: {n:,} traces analysed, {n_findings:,} findings.",
            done.n_traces,
            n_findings=done.n_findings,
        )
        if done.n_traces
        else t(":material/check_circle: Every trace is up to date.")
    )
    if done.n_failures:
        st.markdown(
            t(":material/error: {n_failures:,} analyses failed.", n_failures=done.n_failures)
        )
        st.text(done.first_error or "")


def _file_line(file: ImportReport) -> str:
    icon = ":material/error:" if file.error else ":material/description:"
    state = t("was already here, ") if file.already else ""
    quarantined = (
        t(", {n_quarantined:,} quarantined", n_quarantined=file.n_quarantined)
        if file.n_quarantined
        else ""
    )
    traces = tn("{n:,} trace", "{n:,} traces", file.n_traces)
    return f"{icon} **{plain(file.name)}** {state}{traces}{quarantined}"
