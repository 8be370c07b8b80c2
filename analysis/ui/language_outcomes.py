"""Right and wrong with and without a slip, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis.text.visible import visible
from analysis.ui.i18n import t
from analysis.views.languages import MIN_QUESTIONS, Outcome, Overview


def outcome_note(found: Overview) -> str:
    """What is to be said of right and wrong, in a sentence: also when it is too little."""
    everyone: Outcome | None = next(iter(found.outcomes), None)
    if everyone is None or not everyone.n_with:
        return t("No judged trace has a slip: nothing to compare.")
    text = t(
        "Right: {of} with a slip, {of_2} without. Questions with slips may just be harder.",
        of=_of(everyone.right_with, everyone.n_with),
        of_2=_of(everyone.right_without, everyone.n_without),
    )
    if everyone.n_questions < MIN_QUESTIONS:
        return text + (
            t(
                " Questions that one model at one effort answered both ways: {n_questions:,}, too"
                " few to compare ({MIN_QUESTIONS} are needed).",
                n_questions=everyone.n_questions,
                MIN_QUESTIONS=MIN_QUESTIONS,
            )
        )
    return text + (
        t(
            " Within the same question, model and effort: {points}, over {n_questions:,}"
            " questions.",
            points=_points(everyone),
            n_questions=everyone.n_questions,
        )
    )


def _points(outcome: Outcome) -> str:
    d = outcome.difference
    if d.value is None:
        return "–"
    ends = (
        ""
        if d.low is None or d.high is None
        else t(" ({low:+.0f} to {high:+.0f})", low=100 * d.low, high=100 * d.high)
    )
    return t("{value:+.0f}{ends} points", value=100 * d.value, ends=ends)


def outcomes(rows: Sequence[Outcome]) -> None:
    """Right with and without a slip, all traces and each group."""
    st.dataframe(
        pd.DataFrame(
            {
                "name": [t("All") if i == 0 else visible(o.name) for i, o in enumerate(rows)],
                "with": [_of(o.right_with, o.n_with) for o in rows],
                "without": [_of(o.right_without, o.n_without) for o in rows],
                "questions": [o.n_questions for o in rows],
                "difference": [
                    _points(o) if o.n_questions >= MIN_QUESTIONS else t("too few") for o in rows
                ],
            }
        ),
        hide_index=True,
        height=35 * (min(len(rows), 10) + 1) + 3,
        column_config={
            "name": st.column_config.TextColumn(t("Traces"), width="medium"),
            "with": st.column_config.TextColumn(
                t("Right, with a slip"), help=t("Correct ones over judged traces with a slip.")
            ),
            "without": st.column_config.TextColumn(
                t("Right, without"), help=t("Correct ones over judged traces without a slip.")
            ),
            "questions": st.column_config.NumberColumn(
                t("Questions with both"),
                width=110,
                help=t(
                    "Questions that one model at one effort answered both with and without a slip."
                ),
            ),
            "difference": st.column_config.TextColumn(
                t("Within the question"),
                width="medium",
                help=t(
                    "Share right with a slip minus share right without, in percentage points: mean over"
                    " the questions with both, same model and effort; 95 % interval by a bootstrap over"
                    " questions. Shown from {MIN_QUESTIONS} questions on.",
                    MIN_QUESTIONS=MIN_QUESTIONS,
                ),
            ),
        },
    )


def _of(right: int, n: int) -> str:
    return t("{n:.0%} ({right:,} of {n_2:,})", n=right / n, right=right, n_2=n) if n else "– (0)"
