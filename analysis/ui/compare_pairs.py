"""Sections of the Compare page on two cells: paired tests, token multipliers, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from analysis import charts_efforts
from analysis.errors import CotscopeError
from analysis.filters import Filters
from analysis.picks import Pick
from analysis.store import Store
from analysis.ui import compare_words as words
from analysis.ui.compare_scope import (
    Column,
    Scope,
    chart,
    definitions,
    interval,
    one_dataset,
    question_href,
    several_cells,
    table,
)
from analysis.ui.downloads import download_buttons, figure_button
from analysis.ui.i18n import N_, t
from analysis.ui.pair_words import pair_sentence
from analysis.ui.state import href, show_error
from analysis.ui.text import plain
from analysis.ui.url_choice import select
from analysis.views import efforts

_NEIGHBOURS = N_("each effort against the one below")
_BIN = "compare_ratio"


def pairs(store: Store, filters: Filters) -> None:
    """Cells against each other on the questions that both have."""
    head = st.container(horizontal=True)
    with head:
        scope = one_dataset(store, filters)
    if not several_cells(scope):
        return
    base = select(
        t("Compare"),
        [_NEIGHBOURS, *scope.labels],
        place=head,
        default=_NEIGHBOURS,
        key="baseline",
        shown=lambda name: t(name) if name == _NEIGHBOURS else name,
        help=t("Choose a cell to set every other cell of the data set against it."),
        width=420,
    )
    baseline = None if base == _NEIGHBOURS else base
    read = partial(efforts.paired, store, scope.filters, baseline)
    found = read(loaded=scope.loaded)
    if not found.num_rows:
        st.info(
            t("No model has two efforts here. Choose a cell above to compare the others with it."),
            icon=":material/view_column:",
        )
        return
    rows = found.to_pylist()
    _pair_table(rows)
    download_buttons("compare_pairs", read, what=t("This table with every column"))
    if not any(row["n_questions"] for row in rows):
        st.info(t("These cells have no question in common."), icon=":material/link_off:")
        return
    _one_pair(scope, rows)


def _pair_table(rows: list[dict[str, Any]]) -> None:
    shown = [
        {
            **row,
            "open": href(
                "compare", {"view": "Diff", "before": row["label_a"], "after": row["label_b"]}
            ),
            "difference_interval": interval(row, "difference", lambda v: f"{100 * v:+.1f}"),
            "ratio_interval": interval(row, "token_ratio", lambda v: f"{v:.2f}"),
        }
        for row in rows
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("B against A, question by question"), width="content")
        definitions(
            {
                t("Both right, only A, only B, both wrong"): t(words.OUTCOMES),
                t("Difference"): t(words.DIFFERENCE),
                t("Test"): t(words.TEST),
                t("Holm"): t(words.HOLM),
                t("Token multiplier"): t(words.RATIO),
                t("Fewer tokens"): t(words.FEWER),
                t("Effect size"): t(words.DZ),
            }
        )
    table(
        shown,
        {
            "open": Column(
                "", "link", t("Which questions were gained and lost, and what else moved.")
            ),
            "label_a": Column("A", width="medium"),
            "label_b": Column("B", width="medium"),
            "n_judged": Column(t("Questions"), "count", t(words.OUTCOMES)),
            "both_right": Column(t("Both right"), "count", t(words.OUTCOMES)),
            "only_a": Column(t("Only A"), "count", t(words.OUTCOMES)),
            "only_b": Column(t("Only B"), "count", t(words.OUTCOMES)),
            "both_wrong": Column(t("Both wrong"), "count", t(words.OUTCOMES)),
            "difference": Column(t("Difference (points)"), "points", t(words.DIFFERENCE)),
            "difference_interval": Column(t("95 % interval"), help=t(words.DIFFERENCE)),
            "p": Column("p", "p", t(words.TEST)),
            "p_holm": Column(t("p (Holm)"), "p", t(words.HOLM)),
            "test": Column(t("Test"), help=t(words.TEST)),
            "token_ratio": Column(t("Token multiplier"), "number", t(words.RATIO)),
            "ratio_interval": Column(t("95 % interval "), help=t(words.RATIO)),
            "token_ratio_median": Column(t("Median ratio"), "number"),
            "fewer_share": Column(t("Fewer tokens"), "share", t(words.FEWER)),
            "cohens_dz": Column(t("dz"), "number", t(words.DZ)),
            "cliffs_delta": Column(t("Cliff's delta"), "number", t(words.CLIFF)),
        },
    )


def _one_pair(scope: Scope, rows: list[dict[str, Any]]) -> None:
    st.subheader(t("In words"))
    # First a pair that has something to show.
    best = next((i for i, row in enumerate(rows) if row["n_tokens"] and row["n_judged"]), 0)
    place = st.selectbox(
        t("Pair"),
        range(len(rows)),
        index=best,
        format_func=lambda i: f"{rows[i]['label_a']} → {rows[i]['label_b']}",
        key="pair",
        label_visibility="collapsed",
        width=620,
    )
    pair = rows[place]
    st.markdown(plain(pair_sentence(pair), 3000))
    read = partial(efforts.ratios, scope.store, scope.filters, pair["label_a"], pair["label_b"])
    found = read(loaded=scope.loaded)
    if not found.num_rows:
        st.caption(t("No question has thinking tokens in both, so there is no multiplier."))
        return
    st.markdown(
        t(
            "**Thinking tokens in {label_b} over {label_a}**",
            label_b=plain(pair["label_b"]),
            label_a=plain(pair["label_a"]),
        )
    )
    chart(
        charts_efforts.multiplier_histogram(found, pair),
        key="multiplier",
        alt=t("Questions by the ratio of their thinking tokens"),
        act=lambda token: st.session_state.update({_BIN: token}),
    )
    st.caption(t("Click a bar for its questions. Band: 95 % interval of the geometric mean."))
    pick = Pick.from_text(st.session_state.get(_BIN))
    picked = found if pick is None else pick.rows(found)
    with st.expander(
        t("{num_rows:,} questions", num_rows=picked.num_rows), expanded=pick is not None
    ):
        if pick is not None:
            st.button(t("All questions"), icon=":material/close:", on_click=_all_questions)
        table(
            [{**row, "open": question_href(row["question_key"])} for row in picked.to_pylist()],
            {
                "open": Column("", "link"),
                "question": Column(t("Question"), width="large"),
                "tokens_a": Column(t("Tokens in A"), "count"),
                "tokens_b": Column(t("Tokens in B"), "count"),
                "ratio": Column(t("Ratio"), "number"),
            },
        )
    with st.container(horizontal=True):
        download_buttons("compare_ratios", read, what=t("Every question of this pair"))
        figure_button(scope.store, scope.filters, ["token-multiplier"])


def _all_questions() -> None:
    st.session_state.pop(_BIN, None)


def difference(store: Store, filters: Filters) -> None:
    """Two cells or two data sets: gained and lost questions, and how each metric moved."""
    scope = Scope(store, filters)
    if not several_cells(scope):
        return
    options = [*(scope.loaded.datasets if len(scope.loaded.datasets) > 1 else []), *scope.labels]
    first, second = _two_of_a_model(scope)
    left, right = st.columns(2)
    before = left.selectbox(
        t("Before (A)"), options, options.index(first), key="before", bind="query-params"
    )
    after = right.selectbox(
        t("After (B)"), options, options.index(second), key="after", bind="query-params"
    )
    if before == after:
        st.info(t("Choose two different cells or data sets."), icon=":material/compare_arrows:")
        return
    try:
        found = efforts.diff(store, filters, before, after, loaded=scope.loaded)
    except CotscopeError as error:
        show_error(error)
        return
    _outcome(found)
    if found.unmatched:
        st.caption(
            t(
                "Left out, as only one side has them: {value}",
                value=plain(", ".join(found.unmatched), 600),
            )
        )
    for row in found.pairs.to_pylist():
        st.markdown(plain(pair_sentence(row), 3000))
    for title, flips, name in (
        (t("Gained: wrong in A, right in B"), found.gained, "gained"),
        (t("Lost: right in A, wrong in B"), found.lost, "lost"),
    ):
        _flips(title, flips, name)
    _moved(found.metrics)


def _two_of_a_model(scope: Scope) -> tuple[str, str]:
    """Least and most effort of the model with most questions in both, else the first two cells."""
    several = [cells for cells in scope.loaded.lines().values() if len(cells) > 1]
    if several:
        cells = max(several, key=lambda line: min(len(line[0].question), len(line[-1].question)))
        return cells[0].label, cells[-1].label
    return scope.labels[0], scope.labels[1]


def _outcome(found: efforts.Diff) -> None:
    numbers = {
        t("Questions in both"): found.outcomes.n_judged,
        t("Right in both"): found.outcomes.both_right,
        t("Gained"): len(found.outcomes.gained),
        t("Lost"): len(found.outcomes.lost),
        t("Wrong in both"): found.outcomes.both_wrong,
    }
    for place, (name, number) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
        place.metric(name, f"{number:,}", help=plain(t(words.OUTCOMES), 900))


def _flips(title: str, flips: pa.Table, name: str) -> None:
    st.subheader(f"{plain(title)} ({flips.num_rows:,})")
    if not flips.num_rows:
        st.caption(t("None."))
        return
    table(
        [{**row, "open": question_href(row["question_key"])} for row in flips.to_pylist()],
        {
            "open": Column("", "link", t("The traces side by side.")),
            "question": Column(t("Question"), width="large"),
            "cell_a": Column("A", width="medium"),
            "cell_b": Column("B", width="medium"),
            "accuracy_a": Column(t("Accuracy in A"), "share"),
            "accuracy_b": Column(t("Accuracy in B"), "share"),
            "tokens_a": Column(t("Tokens in A"), "count"),
            "tokens_b": Column(t("Tokens in B"), "count"),
        },
    )
    download_buttons(f"compare_{name}", lambda: flips, what=t("This table"))


def _moved(metrics: pa.Table) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(t("How each metric moved"), width="content")
        definitions(
            {
                t("Difference"): t(
                    "Mean over questions of B minus A, with a 95 % paired bootstrap interval."
                ),
                t("Holm"): t(words.HOLM),
                t("dz"): t(words.DZ),
                t("Cliff's delta"): t(words.CLIFF),
            }
        )
    table(
        [_moved_row(row) for row in metrics.to_pylist()],
        {
            "title": Column(t("Metric"), width="medium"),
            "unit": Column(t("Unit")),
            "n_questions": Column(t("Questions"), "count"),
            "mean_a": Column("A", "number"),
            "mean_b": Column("B", "number"),
            "difference": Column(t("Difference"), "number"),
            "interval": Column(t("95 % interval")),
            "relative": Column(t("Relative"), "share", t("Difference over the mean in A.")),
            "p": Column("p", "p"),
            "p_holm": Column(t("p (Holm)"), "p", t(words.HOLM)),
            "cohens_dz": Column(t("dz"), "number", t(words.DZ)),
            "cliffs_delta": Column(t("Cliff's delta"), "number", t(words.CLIFF)),
        },
    )
    download_buttons("compare_metrics", lambda: metrics, what=t("This table with every column"))


def _moved_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "interval": interval(row, "difference", lambda v: f"{v:.3g}")}
