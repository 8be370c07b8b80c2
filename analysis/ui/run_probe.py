"""Probing stored traces from the Run page: which traces, where, and the work in the background."""

from __future__ import annotations

import streamlit as st

from analysis.engines.opening import Wanted, open_engine
from analysis.engines.presets import Preset, preset_of
from analysis.engines.probing import ProbeReport, probe_traces
from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.progress import CancelToken, Progress, ProgressCallback
from analysis.runner import analyze
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.i18n import N_, fixed, t, tn
from analysis.ui.job_panel import job_panel, start_job
from analysis.ui.jobs import Job, Work, get_jobs
from analysis.ui.run_form import PROBES, choose_engine, choose_preset
from analysis.ui.run_job import find_key
from analysis.ui.state import page_path, show_error
from analysis.ui.text import plain
from analysis.views.traces import choices, count

TITLE = N_("Probe")
_NOT_STATED = "(not stated)"


def probe_panel() -> bool:
    """Probing that goes on or has just ended; whether there is one."""
    job = get_jobs().latest
    if job is None or job.title != TITLE:
        return False
    if job.running or job.error is not None or not isinstance(job.result, ProbeReport):
        job_panel()
    else:
        _ended(job, job.result)
    return True


def probe_form(store: Store, *, busy: bool) -> None:
    """Engine, traces and places of probes of traces that are stored already."""
    wanted: Wanted | None = None
    key = ""
    st.caption(
        t(
            "Cuts the thinking of stored traces, imported ones too, and asks for the answer at once."
            " The measures of overthinking and the Reader use what is said."
        )
    )
    with st.container(border=True):
        st.subheader(t("Model"))
        try:
            wanted, key = choose_engine()
        except CotscopeError as error:
            show_error(error)
        preset = choose_preset(wanted)
    with st.container(border=True):
        st.subheader(t("Traces"))
        filters, total = choose_traces(store, "probe")
        where, limit, replace, any_model = _how()
    ready = wanted is not None and total > 0
    st.text(tn("{n:,} trace fits.", "{n:,} traces fit.", total))
    clicked = st.button(
        t("Probe"),
        type="primary",
        icon=":material/troubleshoot:",
        disabled=busy or not ready,
        key="probe_start",
    )
    if not clicked or wanted is None:
        return
    try:
        secret = find_key(key)
    except CotscopeError as error:
        show_error(error)
        return
    work = _work(store, wanted, preset, filters, where, limit, replace, any_model, secret)
    start_job(TITLE, work)


def choose_traces(store: Store, key: str) -> tuple[Filters, int]:
    """Which stored traces are meant, and how many these are; ``key`` begins the keys of the boxes."""
    known = choices(store)
    columns = st.columns(3)
    picked: dict[str, tuple[str, ...]] = {}
    titles = {"dataset": t("Data set"), "model": t("Model"), "effort": t("Effort")}
    for column, (name, title) in zip(columns, titles.items(), strict=True):
        picked[name] = tuple(
            column.multiselect(
                title,
                [value for value, _ in known[name]],
                format_func=visible,
                placeholder=t("All"),
                key=f"{key}_{name}",
            )
        )
    filters = Filters(picked["dataset"], picked["model"], picked["effort"])
    return filters, count(store, filters)


def _how() -> tuple[str, int | None, bool, bool]:
    left, right = st.columns(2)
    where = left.selectbox(
        t("Probes"),
        list(PROBES),
        format_func=fixed(PROBES, lambda name: t(PROBES[name])),
        key="probe_where",
    )
    limit = right.number_input(
        t("Most traces"), 1, value=None, placeholder=t("all of them"), key="probe_limit"
    )
    replace = left.toggle(
        t("Also traces that have probes"), key="probe_replace", help=t("Their old probes are gone.")
    )
    any_model = right.toggle(
        t("Also traces of other models"),
        key="probe_any",
        help=t("This model then reads the thinking of another."),
    )
    return where, None if limit is None else int(limit), replace, any_model


def _work(
    store: Store,
    wanted: Wanted,
    preset: Preset,
    filters: Filters,
    where: str,
    limit: int | None,
    replace: bool,
    any_model: bool,
    secret: str | None,
) -> Work:
    def work(progress: ProgressCallback, cancel: CancelToken) -> ProbeReport:
        def tell(line: str) -> None:
            cancel.raise_if_cancelled()
            progress(Progress("Starting", 0, None, "", line))

        engine = open_engine(wanted, tell, api_key=secret)
        # A server may turn out to have a model that the form did not know.
        named = None if preset.id == preset_of(wanted.model or "").id else preset.id
        try:
            report = probe_traces(
                store,
                engine,
                preset_of(engine.model, named),
                filters,
                where,
                replace=replace,
                any_model=any_model,
                limit=limit,
                concurrency=wanted.concurrency,
                progress=progress,
                cancel=cancel,
            )
        finally:
            engine.close()
        if not cancel.cancelled:
            analyze(store, progress=progress, cancel=cancel)
        return report

    return work


def _ended(job: Job, report: ProbeReport) -> None:
    with st.container(border=True, key="probe_ended"):
        probed = tn("{n:,} trace probed", "{n:,} traces probed", report.probed)
        asked = tn("{n:,} answer", "{n:,} answers", report.probes)
        st.markdown(f":material/check_circle: **{probed}**, {asked}.")
        left = (
            (report.recorded, t("have probes already")),
            (report.other_model, t("are of another model")),
            (report.unreadable, t("have no question or no visible reasoning")),
            (report.revisions, t("are revisions of an answer")),
            (report.failed, t("failed")),
        )
        told = ", ".join(f"{number:,} {what}" for number, what in left if number)
        if told:
            st.caption(t("Left out: {told}.", told=told))
        if report.stopped or report.first_error:
            st.text(visible(report.stopped or report.first_error or ""))
        with st.container(horizontal=True):
            st.page_link(
                page_path("overthinking"), label=t("Overthinking"), icon=":material/timeline:"
            )
            st.page_link(page_path("traces"), label=t("Traces"), icon=":material/table_rows:")
        if st.button(t("Dismiss"), key="probe_dismiss", type="tertiary"):
            get_jobs().dismiss()
            st.rerun()


def choose_work() -> str:
    """What is to be done: 'ask' questions, or 'probe' or 'choose' among stored traces."""
    ways = {
        "ask": N_("Ask questions"),
        "probe": N_("Probe stored traces"),
        "choose": N_("Choose among stored samples"),
    }
    chosen = st.segmented_control(
        t("What to do"),
        list(ways),
        default="ask",
        required=True,
        format_func=fixed(ways, lambda way: plain(t(ways[way]))),
        key="run_what",
        label_visibility="collapsed",
    )
    return str(chosen or "ask")
