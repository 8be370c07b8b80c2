"""The estimate and the button that starts a run; runs that are not finished, and going on with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import streamlit as st

from analysis.engines.address import check_url
from analysis.engines.choosing import Strategy
from analysis.engines.opening import Wanted
from analysis.engines.plans import Plan
from analysis.engines.presets import preset_of
from analysis.engines.questions import Question
from analysis.engines.strategy_runs import check_strategies
from analysis.engines.tiny_numpy import NAME
from analysis.errors import CotscopeError
from analysis.store import Store
from analysis.ui.i18n import N_, t
from analysis.ui.jobs import get_jobs
from analysis.ui.run_estimate import estimate
from analysis.ui.run_form import ENGINES, choose_engine, choose_plan, choose_preset
from analysis.ui.run_job import PlanOf, find_key, start
from analysis.ui.run_questions import choose_questions
from analysis.ui.run_strategies import TITLES, choose_strategies, more_requests
from analysis.ui.state import show_error
from analysis.ui.text import plain
from analysis.views.runs import OldRun, unfinished, usual_tokens

_BUSY = N_("Other work is going on: wait for it, or stop it in the Library.")


def new_run(store: Store, *, busy: bool) -> None:
    """The form of a new run, its estimate, and the button."""
    wanted: Wanted | None = None
    plan: Plan | None = None
    questions: tuple[Question, ...] = ()
    strategies: tuple[Strategy, ...] = ()
    key = ""
    # Each part tells its own fault, and the others stay: what was typed in them would be lost.
    with st.container(border=True):
        st.subheader(t("Model"))
        with _told():
            wanted, key = choose_engine()
        preset = choose_preset(wanted)
    with st.container(border=True):
        st.subheader(t("Questions"))
        with _told():
            questions = choose_questions(store, tiny=wanted is not None and wanted.engine == "tiny")
    with st.container(border=True):
        st.subheader(t("Thinking"))
        with _told():
            plan = choose_plan(preset, questions)
            strategies = choose_strategies(plan.samples, questions)
            if questions:
                plan.check()
                check_strategies(plan, strategies)
    if wanted is not None and preset.id != preset_of(wanted.model or "").id:
        wanted = replace(wanted, preset=preset.id)
    ready = wanted is not None and plan is not None and bool(questions)
    if wanted is not None and plan is not None and questions:
        usual = usual_tokens(store, wanted.model) if wanted.model else []
        found = estimate(plan, usual, tiny=wanted.engine == "tiny")
        st.text(
            t(
                "Estimate: {words}",
                words=found.with_rounds(more_requests(strategies, plan.total)).words,
            )
        )
    elif wanted is None:
        st.caption(t("Choose an engine and its model to go on."))
    elif not questions:
        st.caption(t("Give at least one question to go on."))
    clicked = st.button(
        t("Start"),
        type="primary",
        icon=":material/play_arrow:",
        disabled=busy or not ready,
        key="run_start",
    )
    if clicked and wanted is not None and plan is not None:
        _begin(
            store,
            wanted,
            _for_model(plan, wanted.preset),
            key,
            resume=False,
            strategies=strategies,
        )


@contextmanager
def _told() -> Iterator[None]:
    """One of our errors in a part of the form is shown there, and the page goes on."""
    try:
        yield
    except CotscopeError as error:
        show_error(error)


def old_runs(store: Store, *, busy: bool) -> None:
    """Runs of which traces or strategies are missing, each with what is needed to go on."""
    if busy:
        return
    found = unfinished(store)
    if not found:
        return
    with st.expander(
        t("Unfinished runs ({n_found:,})", n_found=len(found)), icon=":material/history:"
    ):
        for run in found:
            _old_run(store, run)


def _old_run(store: Store, run: OldRun) -> None:
    efforts = ", ".join(run.plan.efforts)
    budgets = ", ".join(t("none") if b is None else f"{b:,}" for b in run.plan.budgets)
    if any(b is not None for b in run.plan.budgets):
        efforts += t(", budgets {budgets}", budgets=budgets)
    left, right = st.columns([5, 1], vertical_alignment="bottom")
    left.markdown(
        t(
            "**{model}** ({engine}): {done:,} of {total:,} traces, {n_questions:,} questions,"
            " efforts {efforts}",
            model=plain(run.model),
            engine=plain(t(ENGINES.get(run.engine, run.engine))),
            done=run.done,
            total=run.total,
            n_questions=len(run.plan.questions),
            efforts=plain(efforts),
        )
    )
    if run.strategies:
        told = ", ".join(plain(t(TITLES[one.name])) for one in run.strategies)
        left.caption(t("Strategies still to do: {names}", names=told))
    wanted, key = Wanted("tiny", NAME), ""
    if run.engine != "tiny":
        wanted, key = _reach(run)
    if right.button(t("Resume"), icon=":material/resume:", key=f"run_resume_{run.run_id}"):
        _begin(store, wanted, run.plan_for, key, resume=True, strategies=run.strategies)


def _reach(run: OldRun) -> tuple[Wanted, str]:
    """Where the model of an old run is: its address or folder is not kept with the run."""
    if run.engine != "openai":
        model = st.text_input(t("Model or folder"), value=run.model, key=f"run_at_{run.run_id}")
        return Wanted(run.engine, model.strip(), preset=run.plan.preset.id), ""
    first, second = st.columns(2)
    url = first.text_input(
        t("Address"), placeholder="http://127.0.0.1:8000/v1", key=f"run_at_{run.run_id}"
    )
    key = second.text_input(
        t("Name of the key"), placeholder=t("none"), key=f"run_key_{run.run_id}"
    )
    return Wanted("openai", run.model, url.strip(), preset=run.plan.preset.id), key


def _begin(
    store: Store,
    wanted: Wanted,
    plan_of: PlanOf,
    key: str,
    *,
    resume: bool,
    strategies: Sequence[Strategy] = (),
) -> None:
    try:
        if wanted.engine == "openai":
            check_url(wanted.base_url or "")
        secret = find_key(key)
    except CotscopeError as error:
        show_error(error)
        return
    latest = get_jobs().latest
    if latest is not None and not latest.running:
        get_jobs().dismiss()
    begun = start(store, wanted, plan_of, resume=resume, api_key=secret, strategies=strategies)
    if begun:
        st.rerun()
    st.caption(t(_BUSY))


def _for_model(plan: Plan, preset: str | None) -> PlanOf:
    """The plan with the preset of the model that the engine turns out to have."""
    return lambda engine: replace(plan, preset=preset_of(engine.model, preset))
