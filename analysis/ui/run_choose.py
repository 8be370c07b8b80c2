"""Strategies over stored samples from the Run page: which samples, which strategy, and what it gave."""

from __future__ import annotations

import streamlit as st

from analysis.engines.choosing import (
    BEST,
    BREVITY,
    CHOOSING,
    CONFIDENCE,
    METRIC,
    REJECTION,
    SCORE,
    STORED_SCORERS,
    VERIFIER,
    WEIGHTED,
    Strategy,
)
from analysis.engines.stored_strategies import StoredReport, check_stored, choose_stored
from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.progress import CancelToken, ProgressCallback
from analysis.runner import analyze
from analysis.store import Store
from analysis.text.visible import visible
from analysis.ui.i18n import N_, fixed, t, tn
from analysis.ui.job_panel import job_panel, start_job
from analysis.ui.jobs import Work, get_jobs
from analysis.ui.run_probe import choose_traces
from analysis.ui.run_strategies import MEANINGS, TITLES
from analysis.ui.state import page_path, show_error
from analysis.ui.text import plain
from analysis.views.runs import numeric_metrics

TITLE = N_("Choose")
_MEASURE = "metric"
_SCORERS = {
    CONFIDENCE: N_("confidence: mean log-probability of the tokens"),
    SCORE: N_("score: what the record says"),
    BREVITY: N_("brevity: the shortest thinking"),
    _MEASURE: N_("a measure"),
    VERIFIER: N_("verifier: right by the gold answer (an upper bound)"),
}


def choose_panel() -> bool:
    """Choosing that goes on or has just ended; whether there is one."""
    job = get_jobs().latest
    if job is None or job.title != TITLE:
        return False
    if job.running or job.error is not None or not isinstance(job.result, list):
        job_panel()
    else:
        _ended(job.result)
    return True


def choose_form(store: Store, *, busy: bool) -> None:
    """Samples and strategy of a choice among what is stored already."""
    st.caption(
        t(
            "Votes, best of n and rejection sampling over samples of the same questions that are"
            " stored, imported ones too. No model is asked."
        )
    )
    with st.container(border=True):
        st.subheader(t("Traces"))
        filters, total = choose_traces(store, "choose")
    with st.container(border=True):
        st.subheader(t("Strategies"))
        wanted = _strategies(store)
    st.text(tn("{n:,} trace fits.", "{n:,} traces fit.", total))
    clicked = st.button(
        t("Choose"),
        type="primary",
        icon=":material/how_to_vote:",
        disabled=busy or not wanted or not total,
        key="choose_start",
    )
    if not clicked:
        return
    try:
        check_stored(store, wanted)
    except CotscopeError as error:
        show_error(error)
        return
    start_job(TITLE, _work(store, filters, wanted))


def _strategies(store: Store) -> list[Strategy]:
    chosen = st.multiselect(
        t("Strategies"),
        CHOOSING,
        default=CHOOSING[:1],
        format_func=fixed(CHOOSING, lambda name: t(TITLES[name])),
        key="choose_strategies",
        help="\n".join(f"- **{t(TITLES[n])}**: {t(MEANINGS[n])}" for n in CHOOSING),
    )
    scorer = CONFIDENCE
    if BEST in chosen or WEIGHTED in chosen:
        scorer = _scorer(store, votes=WEIGHTED in chosen)
    return [Strategy(name, scorer if name in (BEST, WEIGHTED) else CONFIDENCE) for name in chosen]


def _scorer(store: Store, *, votes: bool) -> str:
    """What scores; ``votes``: it has to be a weight above zero."""
    known = [*STORED_SCORERS, _MEASURE]
    known = [name for name in known if not (votes and name == VERIFIER)]
    left, middle, right = st.columns(3)
    scorer = left.selectbox(
        t("Score or weight"),
        known,
        format_func=fixed(known, lambda name: t(_SCORERS[name])),
        key=f"choose_scorer_{votes}",
    )
    if scorer != _MEASURE:
        return str(scorer)
    names = numeric_metrics(store)
    metric = middle.selectbox(t("Which measure"), names, format_func=visible, key="choose_metric")
    lowest = not votes and right.toggle(t("The lowest is best"), key="choose_lowest")
    return f"{METRIC}{'-' if lowest else ''}{metric or ''}"


def _work(store: Store, filters: Filters, wanted: list[Strategy]) -> Work:
    def work(progress: ProgressCallback, cancel: CancelToken) -> list[StoredReport]:
        reports = choose_stored(store, filters, wanted, progress=progress, cancel=cancel)
        analyze(store, progress=progress, cancel=cancel)
        return reports

    return work


def _ended(reports: list[StoredReport]) -> None:
    with st.container(border=True, key="choose_ended"):
        for one in reports:
            _report(one)
        with st.container(horizontal=True):
            st.page_link(page_path("compare"), label=t("Compare"), icon=":material/compare:")
            st.page_link(page_path("traces"), label=t("Traces"), icon=":material/table_rows:")
        if st.button(t("Dismiss"), key="choose_dismiss", type="tertiary"):
            get_jobs().dismiss()
            st.rerun()


def _report(one: StoredReport) -> None:
    told = tn("{n:,} trace", "{n:,} traces", one.traces)
    cells = "".join(f" · {plain(cell)}" for cell in one.cells)
    st.markdown(f":material/how_to_vote: **{t(TITLES[one.name])}** {told}{cells}")
    left = (
        (one.single, t("have fewer than two samples")),
        (one.unknown, t("have nothing that this strategy chooses by")),
    )
    told = ", ".join(f"{number:,} {why}" for number, why in left if number)
    if told:
        st.caption(t("Questions left out: {words}.", words=told))
    if one.name == REJECTION:
        for file_id in one.file_ids:
            st.page_link(
                page_path("curate"),
                label=t("Curate what was accepted"),
                icon=":material/filter_alt:",
                query_params={"file": file_id},
            )
