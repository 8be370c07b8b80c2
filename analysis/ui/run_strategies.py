"""Decoding strategies on the Run page: choosing them, and what they gave."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from analysis.engines.choosing import (
    BEST,
    FOLLOWING,
    REJECTION,
    SCORERS,
    WEIGHTED,
    Strategy,
)
from analysis.engines.questions import Question
from analysis.engines.strategy_runs import MAX_ROUNDS, StrategyReport
from analysis.ui.i18n import N_, fixed, t, tn
from analysis.ui.state import page_path
from analysis.ui.text import plain

TITLES = {
    "majority": N_("Majority vote"),
    "weighted": N_("Weighted vote"),
    "best": N_("Best of the samples"),
    "rejection": N_("Rejection sampling"),
    "self-refine": N_("Self-refinement"),
    "feedback": N_("Verifier feedback"),
}
MEANINGS = {
    "majority": N_("the answer of most samples"),
    "weighted": N_("samples vote with a weight"),
    "best": N_("the sample with the best score"),
    "rejection": N_("the first sample that is right by the gold answer; for training data"),
    "self-refine": N_("the model is asked to check its own answer"),
    "feedback": N_("the model is told when its answer is wrong by the gold answer"),
}
_SCORERS = {
    "confidence": N_("confidence: mean log-probability of the tokens"),
    "brevity": N_("brevity: the shortest thinking"),
    "verifier": N_("verifier: right by the gold answer (an upper bound)"),
}


def choose_strategies(samples: int, questions: Sequence[Question]) -> tuple[Strategy, ...]:
    """The strategies that a person chose; what they need beside is said where they are chosen."""
    chosen = st.multiselect(
        t("Strategies"),
        list(TITLES),
        format_func=fixed(TITLES, lambda name: t(TITLES[name])),
        placeholder=t("none: every sample for itself"),
        key="run_strategies",
        help="\n".join(f"- **{t(TITLES[n])}**: {t(MEANINGS[n])}" for n in TITLES)
        + "\n\n"
        + t("Each becomes a cell of its own, with the tokens of all its samples and rounds."),
    )
    if not chosen:
        return ()
    scorer, rounds = "confidence", 1
    places = iter(st.columns(2))
    if BEST in chosen or WEIGHTED in chosen:
        known = SCORERS if WEIGHTED not in chosen else tuple(s for s in SCORERS if s != "verifier")
        scorer = next(places).selectbox(
            t("Score or weight"),
            known,
            format_func=fixed(known, lambda s: t(_SCORERS[s])),
            key="run_scorer",
        )
    if any(name in FOLLOWING for name in chosen):
        rounds = int(next(places).number_input(t("Rounds"), 1, MAX_ROUNDS, 1, key="run_rounds"))
    gold = sum(q.gold is not None for q in questions)
    wants = [name for name in (REJECTION, "feedback") if name in chosen]
    if wants and questions and gold < len(questions):
        st.caption(
            t(
                "{gold:,} of {total:,} questions have a gold answer to judge by; the others stay as"
                " they are.",
                gold=gold,
                total=len(questions),
            )
        )
    if samples < 2 and any(name not in FOLLOWING for name in chosen):
        st.caption(t("To choose among samples, ask for two or more of each."))
    return tuple(
        Strategy(name, scorer if name in (BEST, WEIGHTED) else "confidence", rounds)
        for name in chosen
    )


def more_requests(strategies: Sequence[Strategy], total: int) -> int:
    """How many requests the rounds of strategies add, at most."""
    return sum(total * one.rounds for one in strategies if one.name in FOLLOWING)


def strategy_report(reports: Sequence[StrategyReport]) -> None:
    """What each strategy gave, with a way from accepted samples to a training set."""
    for one in reports:
        told = tn("{n:,} trace", "{n:,} traces", one.traces)
        if one.tokens:
            told += t(", {tokens:,} more tokens", tokens=one.tokens)
        if one.missing:
            told += t(", {missing:,} missing: go on below", missing=one.missing)
        cells = ", ".join(plain(effort) for effort in one.efforts)
        st.markdown(f":material/call_split: **{t(TITLES[one.name])}** {told} · {cells}")
        if one.name == REJECTION and one.file_ids:
            st.page_link(
                page_path("curate"),
                label=t("Curate what was accepted"),
                icon=":material/filter_alt:",
                query_params={"file": one.file_ids[0]},
            )
