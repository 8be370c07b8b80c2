"""Right and wrong with and without a slip, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from analysis.text.visible import visible
from analysis.views.languages import MIN_QUESTIONS, Outcome, Overview


def outcome_note(found: Overview) -> str:
    """What is to be said of right and wrong, in a sentence: also when it is too little."""
    everyone: Outcome | None = next(iter(found.outcomes), None)
    if everyone is None or not everyone.n_with:
        return "No judged trace has a slip: nothing to compare."
    text = (
        f"Right: {_of(everyone.right_with, everyone.n_with)} with a slip,"
        f" {_of(everyone.right_without, everyone.n_without)} without."
        " Questions with slips may just be harder."
    )
    if everyone.n_questions < MIN_QUESTIONS:
        return text + (
            " Questions that one model at one effort answered both ways:"
            f" {everyone.n_questions:,}, too few to compare ({MIN_QUESTIONS} are needed)."
        )
    return text + (
        f" Within the same question, model and effort: {_points(everyone)},"
        f" over {everyone.n_questions:,} questions."
    )


def _points(outcome: Outcome) -> str:
    d = outcome.difference
    if d.value is None:
        return "–"
    ends = (
        "" if d.low is None or d.high is None else f" ({100 * d.low:+.0f} to {100 * d.high:+.0f})"
    )
    return f"{100 * d.value:+.0f}{ends} points"


def outcomes(rows: Sequence[Outcome]) -> None:
    """Right with and without a slip, all traces and each group."""
    st.dataframe(
        pd.DataFrame(
            {
                "name": ["All" if i == 0 else visible(o.name) for i, o in enumerate(rows)],
                "with": [_of(o.right_with, o.n_with) for o in rows],
                "without": [_of(o.right_without, o.n_without) for o in rows],
                "questions": [o.n_questions for o in rows],
                "difference": [
                    _points(o) if o.n_questions >= MIN_QUESTIONS else "too few" for o in rows
                ],
            }
        ),
        hide_index=True,
        height=35 * (min(len(rows), 10) + 1) + 3,
        column_config={
            "name": st.column_config.TextColumn("Traces", width="medium"),
            "with": st.column_config.TextColumn(
                "Right, with a slip", help="Correct ones over judged traces with a slip."
            ),
            "without": st.column_config.TextColumn(
                "Right, without", help="Correct ones over judged traces without a slip."
            ),
            "questions": st.column_config.NumberColumn(
                "Questions with both",
                width=110,
                help="Questions that one model at one effort answered both with and without a slip.",
            ),
            "difference": st.column_config.TextColumn(
                "Within the question",
                width="medium",
                help="Share right with a slip minus share right without, in percentage points: mean"
                " over the questions with both, same model and effort; 95 % interval by a bootstrap"
                f" over questions. Shown from {MIN_QUESTIONS} questions on.",
            ),
        },
    )


def _of(right: int, n: int) -> str:
    return f"{right / n:.0%} ({right:,} of {n:,})" if n else "– (0)"
