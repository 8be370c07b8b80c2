"""Sections of the Compare page on samples and difficulty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from analysis import charts, charts_efforts, charts_samples
from analysis.effort.lines import TIERS
from analysis.filters import Filters
from analysis.store import Store
from analysis.ui import compare_words as words
from analysis.ui.compare_scope import (
    Column,
    Scope,
    chart,
    definitions,
    interval,
    one_dataset,
    open_question,
    several_cells,
    table,
    traces_link,
)
from analysis.ui.downloads import download_buttons, figure_button
from analysis.views import efforts

_PICKED = "compare_curve_cell"
_PICKED_BIN = "compare_bin_cell"
_AT_FIRST = 4
"""Cells whose curves are shown before anybody has chosen."""
_AXES = {"Samples k": "k", "Total tokens": "total_tokens"}


def samples(store: Store, filters: Filters) -> None:
    """pass@k, maj@k and votes; think longer or sample more at equal tokens."""
    scope = one_dataset(store, filters)
    if not scope.loaded.cells:
        several_cells(scope)
        return
    found = efforts.curves(store, scope.filters, loaded=scope.loaded)
    if not any(k > 1 for k in found.points["k"].to_pylist()):
        st.info(
            "No cell here has several judged samples of a question, so there is nothing to vote"
            " among. Import more samples of the same questions.",
            icon=":material/casino:",
        )
        return
    several = _labels_with(found.points, pc.greater(found.points["k"], 1))
    methods = list(dict.fromkeys(found.points["method"].to_pylist()))
    left, right = st.columns([3, 1])
    chosen = left.multiselect(
        "Cells",
        several,
        default=several[:_AT_FIRST],
        key="cells",
        max_selections=charts.MAX_GROUPS,
        help="Cells with several samples of a question.",
    )
    against = right.segmented_control(
        "Against",
        list(_AXES),
        default="Samples k",
        required=True,
        key="against",
        bind="query-params",
    )
    ways = st.pills(
        "Ways to combine samples",
        methods,
        default=methods[:2],
        selection_mode="multi",
        format_func=charts_samples.method_name,
        key="ways",
    )
    points = found.points.filter(
        pc.and_(
            pc.is_in(found.points["label"], pa.array(chosen, pa.string())),
            pc.is_in(found.points["method"], pa.array(ways, pa.string())),
        )
    )
    chart(
        charts_samples.sample_curves(points, against=_AXES[against]),
        key="curves",
        alt="pass@k and maj@k against the number of samples or their tokens",
        act=partial(_pick_cell, _picks(scope), _PICKED),
    )
    st.caption("Bars: 95 % intervals over questions. Click a point for the traces of its cell.")
    traces_link(_PICKED)
    with st.container(horizontal=True):
        definitions({"pass@k": words.PASS, "maj@k": words.MAJ, "Other ways": words.VOTES})
        figure_button(store, scope.filters, ["samples"])
    read = partial(efforts.curves, store, scope.filters)
    download_buttons("compare_curves", lambda: read().points, what="Every cell, way and k")
    _equal_tokens(found)
    if found.equal_tokens.num_rows:
        download_buttons("compare_equal", lambda: read().equal_tokens, what="This table")


def _equal_tokens(found: efforts.Curves) -> None:
    st.subheader("Think longer or sample more")
    if not found.equal_tokens.num_rows:
        st.caption(
            "No cell with several samples has a longer one of the same model, with tokens, beside it."
        )
        return
    rows = found.equal_tokens.to_pylist()
    for row in rows:
        row["way"] = f"{charts_samples.method_name(row['method'])}, k = {row['k']}"
        row["difference_interval"] = interval(row, "difference", lambda v: f"{100 * v:+.1f}")
    table(
        rows,
        {
            "long": Column("One long chain", width="medium"),
            "long_accuracy": Column("Accuracy", "share"),
            "long_tokens": Column("Tokens", "count"),
            "short": Column("Several short ones", width="medium"),
            "way": Column("How"),
            "short_value": Column("Share right", "share"),
            "short_tokens": Column("Tokens of all k", "count"),
            "difference": Column("Short − long (points)", "points", words.EQUAL),
            "difference_interval": Column("95 % interval", help=words.EQUAL),
            "n_questions": Column("Questions", "count"),
        },
    )


def difficulty(store: Store, filters: Filters) -> None:
    """Tokens against difficulty, and accuracy by length within a tier of difficulty."""
    scope = one_dataset(store, filters)
    if not several_cells(scope):
        return
    found = efforts.difficulty(store, scope.filters, loaded=scope.loaded)
    labels = _labels_with(found.points)
    if not labels:
        st.info(
            "No question here has both a verdict and thinking tokens, so its difficulty or its tokens"
            " are not known.",
            icon=":material/gavel:",
        )
        return
    chosen = st.multiselect(
        "Cells",
        labels,
        default=labels[:_AT_FIRST],
        key="cells_difficulty",
        max_selections=charts.MAX_GROUPS,
    )
    kept = pa.array(chosen, pa.string())
    points = found.points.filter(pc.is_in(found.points["label"], kept))
    chart(
        charts_samples.tokens_difficulty(points),
        key="difficulty",
        alt="Mean thinking tokens of each question against its difficulty",
        act=open_question,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Click a point to read the traces of its question.", width="content")
        definitions(
            {"Difficulty": words.DIFFICULTY, "Spearman": words.SPEARMAN, "Token bins": words.BINS}
        )
        figure_button(store, scope.filters, ["tokens-difficulty"])
    table(
        # The others have no thinking tokens: nothing here is defined for them.
        [row for row in found.cells.to_pylist() if row["n_questions"]],
        {
            "label": Column("Cell", width="medium"),
            "n_questions": Column("Questions", "count"),
            "spearman": Column("Spearman's rho", "number", words.SPEARMAN),
            "spearman_p": Column("p", "p"),
            "kendall": Column("Kendall's tau-b", "number"),
            "kendall_p": Column("p ", "p"),
            "easy_tokens": Column("Tokens, easy", "count", words.BINS),
            "hard_tokens": Column("Tokens, hard", "count", words.BINS),
        },
    )
    read = partial(efforts.difficulty, store, scope.filters)
    download_buttons("compare_correlations", lambda: read().cells, what="This table")
    download_buttons("compare_difficulty", lambda: read().points, what="Every question and cell")
    _bins(found.bins, kept, _picks(scope))
    download_buttons("compare_bins", lambda: read().bins, what="Every tier and bin")


def _bins(bins: pa.Table, kept: pa.Array, picks: Mapping[str, str]) -> None:
    st.subheader("Accuracy by length, at equal difficulty")
    tiers = [name for name, _ in TIERS if name in set(bins["tier"].to_pylist())]
    if not tiers:
        st.caption("No judged trace has thinking tokens.")
        return
    tier = st.segmented_control(
        "Questions", tiers, default=tiers[-1], required=True, key="tier", bind="query-params"
    )
    shown = bins.filter(pc.is_in(bins["label"], kept))
    chart(
        charts_samples.accuracy_in_bins(shown, tier),
        key="bins",
        alt="Accuracy of quarters of the traces by their tokens, within one tier of difficulty",
        act=partial(_pick_cell, picks, _PICKED_BIN),
    )
    st.caption("Bars: 95 % intervals over questions. Click a point for the traces of its cell.")
    traces_link(_PICKED_BIN)


def _picks(scope: Scope) -> dict[str, str]:
    """The traces of each cell by its label, as the text of a ``Pick``."""
    return {cell.label: charts_efforts.cell_pick(asdict(cell.cell)) for cell in scope.loaded.cells}


def _pick_cell(picks: Mapping[str, str], key: str, label: str) -> None:
    st.session_state[key] = picks.get(label, "")


def _labels_with(points: pa.Table, mask: pa.ChunkedArray | None = None) -> list[str]:
    kept = points if mask is None else points.filter(mask)
    return list(dict.fromkeys(kept["label"].to_pylist()))
