"""Sections of the Compare page on cells: accuracy against tokens, and the grid of questions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from analysis import charts, charts_efforts
from analysis.filters import Filters
from analysis.store import Store
from analysis.ui import compare_words as words
from analysis.ui.compare_scope import (
    Column,
    Scope,
    chart,
    definitions,
    interval,
    last_entry,
    one_dataset,
    open_question,
    question_href,
    several_cells,
    table,
    traces_link,
)
from analysis.ui.downloads import download_buttons, figure_button
from analysis.ui.i18n import N_, t, tn
from analysis.ui.text import plain
from analysis.views import efforts

_PICKED = "compare_cell"
_QUESTIONS = (40, 80, 200)
_TALL = 60
"""Questions from which on the grid scrolls by itself, so that what is below stays in reach."""
_NO_VERDICTS = N_(
    "No trace here has a verdict, so there is no accuracy. Give gold answers at import, run the"
    " verifier (Library, “Analyse what is missing”), or judge on the Verdicts page."
)


def overview(store: Store, filters: Filters) -> None:
    """Accuracy against thinking tokens, and every cell in numbers."""
    scope = one_dataset(store, filters)
    if not several_cells(scope):
        return
    found = efforts.cells(scope.store, scope.filters, loaded=scope.loaded)
    rows = found.to_pylist()
    if not any(row["n_judged"] for row in rows):
        st.info(t(_NO_VERDICTS), icon=":material/gavel:")
    elif not any(row["accuracy"] is not None and row["mean_tokens"] for row in rows):
        st.info(
            t("No cell has both verdicts and thinking tokens."), icon=":material/bar_chart_off:"
        )
    else:
        chart(
            charts_efforts.accuracy_tokens(found),
            key="accuracy_tokens",
            alt=t("Accuracy against mean thinking tokens, a line a model, a point an effort"),
            act=lambda token: st.session_state.update({_PICKED: token}),
        )
        st.caption(
            t(
                "Bars: 95 % intervals. Filled: on the Pareto front; open: another cell is better and"
                " no more costly. {left_out} Click a point for its traces.",
                left_out=plain(_models_note(rows) + _left_out(rows), 300),
            )
        )
        traces_link(_PICKED)
        figure_button(store, scope.filters, ["accuracy-tokens"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("Cells"), width="content")
        definitions(
            {
                t("Cell"): t(words.CELL),
                t("Accuracy"): t(words.ACCURACY),
                t("Mean tokens"): t(words.TOKENS),
                t("Tokens per correct answer"): t(words.PER_CORRECT),
                t("Pareto front"): t(words.FRONT),
            }
        )
    table([_cell_row(row) for row in rows], _cell_columns(rows))
    read = partial(efforts.cells, scope.store, scope.filters)
    download_buttons("compare_cells", read, what=t("This table with every column"))
    _ladders(scope)


def _models_note(rows: list[dict[str, Any]]) -> str:
    n = len({r["line"] for r in rows if r["accuracy"] is not None and r["mean_tokens"]})
    most = charts.MAX_GROUPS
    if n <= most:
        return ""
    return t(
        " The {most} models with most cells have a colour of their own, the other {most_2}"
        " are grey.",
        most=most,
        most_2=n - most,
    )


def _left_out(rows: list[dict[str, Any]]) -> str:
    n = sum(r["accuracy"] is None or not r["mean_tokens"] for r in rows)
    if not n:
        return ""
    return tn(
        " Not shown: {n:,} cell without verdicts or thinking tokens.",
        " Not shown: {n:,} cells without verdicts or thinking tokens.",
        n,
    )


def _cell_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "accuracy_interval": interval(row, "accuracy", lambda v: f"{100 * v:.1f} %"),
        "tokens_interval": interval(row, "mean_tokens", lambda v: f"{v:,.0f}"),
        "front": {True: t("● on it"), False: t("○ no"), None: ""}[row["on_front"]],
        "judged": f"{row['n_correct']:,} / {row['n_judged']:,}",
    }


def _cell_columns(rows: list[dict[str, Any]]) -> dict[str, Column]:
    columns = {
        "label": Column(t("Cell"), help=t(words.CELL), width="medium"),
        "n_questions": Column(t("Questions"), "count"),
        "n_traces": Column(t("Traces"), "count"),
        "judged": Column(t("Right / judged")),
        "accuracy": Column(t("Accuracy"), "share", t(words.ACCURACY)),
        "accuracy_interval": Column(t("95 % interval"), help=t(words.ACCURACY)),
        "mean_tokens": Column(t("Mean tokens"), "count", t(words.TOKENS)),
        "tokens_interval": Column(t("95 % interval "), help=t(words.TOKENS)),
        "median_tokens": Column(t("Median tokens"), "count"),
        "tokens_per_correct": Column(t("Tokens per correct"), "count", t(words.PER_CORRECT)),
        "cost_per_correct": Column(t("Cost per correct"), "number", t(words.COST_PER_CORRECT)),
        "front": Column(t("Pareto front"), help=t(words.FRONT)),
        "truncated_share": Column(t("Truncated"), "share"),
        "token_source": Column(t("Tokens from")),
        "name_source": Column(t("Effort from")),
    }
    optional = ("cost_per_correct", "truncated_share", "name_source")
    return {
        name: column
        for name, column in columns.items()
        if name not in optional or any(row.get(name) for row in rows)
    }


def _ladders(scope: Scope) -> None:
    found = efforts.ladders(scope.store, scope.filters, loaded=scope.loaded)
    if not found.num_rows:
        st.caption(
            t(
                "No model has several efforts here, so there is no cheapest effort that solves a question."
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("The least effort that solves"), width="content")
        definitions(
            {
                t("Solved first here"): t(words.CHEAPEST),
                t("Wasted tokens"): t(words.WASTED),
                t("Never fewer with more effort"): t(words.MONOTONIC),
            }
        )
    table(
        found.to_pylist(),
        {
            "line": Column(t("Model"), width="medium"),
            "label": Column(t("Cell"), width="medium"),
            "n_questions": Column(
                t("Questions"), "count", t("Judged at every effort of the model.")
            ),
            "n_cheapest": Column(t("Solved first here"), "count", t(words.CHEAPEST)),
            "cheapest_share": Column(t("Share"), "share", t(words.CHEAPEST)),
            "n_unsolved": Column(t("Never solved"), "count"),
            "wasted_tokens": Column(t("Wasted tokens"), "count", t(words.WASTED)),
            "monotonic_share": Column(
                t("Never fewer with more effort"), "share", t(words.MONOTONIC)
            ),
        },
    )
    read = partial(efforts.ladders, scope.store, scope.filters)
    download_buttons("compare_ladders", read, what=t("This table with every column"))


def questions(store: Store, filters: Filters) -> None:
    """Questions against cells, the hardest first; a click opens the traces."""
    head = st.container(horizontal=True)
    with head:
        scope = one_dataset(store, filters)
    if not several_cells(scope):
        return
    limit = head.segmented_control(
        t("Questions shown"),
        _QUESTIONS,
        default=_QUESTIONS[0],
        required=True,
        key="shown",
        bind="query-params",
        help=t("Of more, those spread evenly from the hardest to the easiest."),
    )
    read = partial(efforts.grid, scope.store, scope.filters, loaded=scope.loaded)
    found = read(limit=int(limit))
    every = {q for cell in scope.loaded.cells for q in cell.question.tolist()}
    n = len(set(found["question_key"].to_pylist()))
    st.caption(
        t(
            "{n:,} of {n_every:,} questions, hardest on top. ✓ all samples right, ✗ none, n/n"
            " some, ? not judged. Click a square to read its traces side by side.",
            n=n,
            n_every=len(every),
        )
    )
    with st.container(height=900 if n > _TALL else "content", border=False):
        chart(
            charts_efforts.grid(found),
            key="grid",
            alt=t("Questions by cells: all, some or none of the samples right"),
            act=_open_square,
            said=[2, 3],
        )
    with st.container(horizontal=True):
        definitions(
            {
                t("Difficulty"): t(words.DIFFICULTY),
                t("Square"): t("Right of the judged samples of the cell."),
            }
        )
        figure_button(store, scope.filters, ["question-grid"])
    with st.expander(t("As a table"), icon=":material/table_rows:"):
        table(
            [_grid_row(row) for row in found.to_pylist()],
            {
                "open": Column("", "link"),
                "question": Column(t("Question"), width="large"),
                "difficulty": Column(t("Difficulty"), "number", t(words.DIFFICULTY)),
                "label": Column(t("Cell"), width="medium"),
                "n_correct": Column(t("Right"), "count"),
                "n_judged": Column(t("Judged"), "count"),
                "mean_tokens": Column(t("Mean tokens"), "count", t(words.TOKENS)),
            },
        )
    download_buttons("compare_grid", partial(read, limit=10**9), what=t("All questions and cells"))


def _open_square(question: str) -> None:
    open_question(question, last_entry(st.session_state.get("grid"), back=2) or "")


def _grid_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "open": question_href(row["question_key"], *(row["trace_ids"] or [])[:1])}
