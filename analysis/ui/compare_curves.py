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
from analysis.ui.compare_words import tier_name
from analysis.ui.downloads import download_buttons, figure_button
from analysis.ui.i18n import N_, fixed, known, t
from analysis.ui.url_choice import segmented
from analysis.views import efforts

_PICKED = "compare_curve_cell"
_PICKED_BIN = "compare_bin_cell"
_AT_FIRST = 4
"""Cells whose curves are shown before anybody has chosen."""
_AXES = {N_("Samples k"): "k", N_("Total tokens"): "total_tokens"}


def samples(store: Store, filters: Filters) -> None:
    """pass@k, maj@k and votes; think longer or sample more at equal tokens."""
    scope = one_dataset(store, filters)
    if not scope.loaded.cells:
        several_cells(scope)
        return
    found = efforts.curves(store, scope.filters, loaded=scope.loaded)
    if not any(k > 1 for k in found.points["k"].to_pylist()):
        st.info(
            t(
                "No cell here has several judged samples of a question, so there is nothing to vote"
                " among. Import more samples of the same questions."
            ),
            icon=":material/casino:",
        )
        return
    several = _labels_with(found.points, pc.greater(found.points["k"], 1))
    methods = list(dict.fromkeys(found.points["method"].to_pylist()))
    left, right = st.columns([3, 1])
    chosen = left.multiselect(
        t("Cells"),
        several,
        default=several[:_AT_FIRST],
        key="cells",
        max_selections=charts.MAX_GROUPS,
        help=t("Cells with several samples of a question."),
    )
    against = segmented(
        t("Against"),
        list(_AXES),
        place=right,
        default="Samples k",
        required=True,
        key="against",
        shown=t,
    )
    ways = st.pills(
        t("Ways to combine samples"),
        methods,
        default=methods[:2],
        selection_mode="multi",
        format_func=fixed(methods, lambda method: known(charts_samples.method_name(method))),
        key="ways",
    )
    points = found.points.filter(
        pc.and_(
            pc.is_in(found.points["label"], pa.array(chosen, pa.string())),
            pc.is_in(found.points["method"], pa.array(ways, pa.string())),
        )
    )
    chart(
        charts_samples.sample_curves(points, against=_AXES[str(against)]),
        key="curves",
        alt=t("pass@k and maj@k against the number of samples or their tokens"),
        act=partial(_pick_cell, _picks(scope), _PICKED),
        said=[1, 3],
    )
    st.caption(t("Bars: 95 % intervals over questions. Click a point for the traces of its cell."))
    traces_link(_PICKED)
    with st.container(horizontal=True):
        definitions(
            {t("pass@k"): t(words.PASS), t("maj@k"): t(words.MAJ), t("Other ways"): t(words.VOTES)}
        )
        figure_button(store, scope.filters, ["samples"])
    read = partial(efforts.curves, store, scope.filters)
    download_buttons("compare_curves", lambda: read().points, what=t("Every cell, way and k"))
    _equal_tokens(found)
    if found.equal_tokens.num_rows:
        download_buttons("compare_equal", lambda: read().equal_tokens, what=t("This table"))


def _equal_tokens(found: efforts.Curves) -> None:
    st.subheader(t("Think longer or sample more"))
    if not found.equal_tokens.num_rows:
        st.caption(
            t(
                "No cell with several samples has a longer one of the same model, with tokens, beside it."
            )
        )
        return
    rows = found.equal_tokens.to_pylist()
    for row in rows:
        row["way"] = f"{known(charts_samples.method_name(row['method']))}, k = {row['k']}"
        row["difference_interval"] = interval(row, "difference", lambda v: f"{100 * v:+.1f}")
    table(
        rows,
        {
            "long": Column(t("One long chain"), width="medium"),
            "long_accuracy": Column(t("Accuracy"), "share"),
            "long_tokens": Column(t("Tokens"), "count"),
            "short": Column(t("Several short ones"), width="medium"),
            "way": Column(t("How")),
            "short_value": Column(t("Share right"), "share"),
            "short_tokens": Column(t("Tokens of all k"), "count"),
            "difference": Column(t("Short − long (points)"), "points", t(words.EQUAL)),
            "difference_interval": Column(t("95 % interval"), help=t(words.EQUAL)),
            "n_questions": Column(t("Questions"), "count"),
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
            t(
                "No question here has both a verdict and thinking tokens, so its difficulty or its tokens"
                " are not known."
            ),
            icon=":material/gavel:",
        )
        return
    chosen = st.multiselect(
        t("Cells"),
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
        alt=t("Mean thinking tokens of each question against its difficulty"),
        act=open_question,
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("Click a point to read the traces of its question."), width="content")
        definitions(
            {
                t("Difficulty"): t(words.DIFFICULTY),
                t("Spearman"): t(words.SPEARMAN),
                t("Token bins"): t(words.BINS),
            }
        )
        figure_button(store, scope.filters, ["tokens-difficulty"])
    table(
        # The others have no thinking tokens: nothing here is defined for them.
        [row for row in found.cells.to_pylist() if row["n_questions"]],
        {
            "label": Column(t("Cell"), width="medium"),
            "n_questions": Column(t("Questions"), "count"),
            "spearman": Column(t("Spearman's rho"), "number", t(words.SPEARMAN)),
            "spearman_p": Column("p", "p"),
            "kendall": Column(t("Kendall's tau-b"), "number"),
            "kendall_p": Column("p ", "p"),
            "easy_tokens": Column(t("Tokens, easy"), "count", t(words.BINS)),
            "hard_tokens": Column(t("Tokens, hard"), "count", t(words.BINS)),
        },
    )
    read = partial(efforts.difficulty, store, scope.filters)
    download_buttons("compare_correlations", lambda: read().cells, what=t("This table"))
    download_buttons("compare_difficulty", lambda: read().points, what=t("Every question and cell"))
    _bins(found.bins, kept, _picks(scope))
    download_buttons("compare_bins", lambda: read().bins, what=t("Every tier and bin"))


def _bins(bins: pa.Table, kept: pa.Array, picks: Mapping[str, str]) -> None:
    st.subheader(t("Accuracy by length, at equal difficulty"))
    tiers = [name for name, _ in TIERS if name in set(bins["tier"].to_pylist())]
    if not tiers:
        st.caption(t("No judged trace has thinking tokens."))
        return
    tier = segmented(
        t("Questions"), tiers, default=tiers[-1], required=True, key="tier", shown=tier_name
    )
    shown = bins.filter(pc.is_in(bins["label"], kept))
    chart(
        charts_samples.accuracy_in_bins(shown, str(tier)),
        key="bins",
        alt=t("Accuracy of quarters of the traces by their tokens, within one tier of difficulty"),
        act=partial(_pick_cell, picks, _PICKED_BIN),
    )
    st.caption(t("Bars: 95 % intervals over questions. Click a point for the traces of its cell."))
    traces_link(_PICKED_BIN)


def _picks(scope: Scope) -> dict[str, str]:
    """The traces of each cell by its label, as the text of a ``Pick``."""
    return {cell.label: charts_efforts.cell_pick(asdict(cell.cell)) for cell in scope.loaded.cells}


def _pick_cell(picks: Mapping[str, str], key: str, label: str) -> None:
    st.session_state[key] = picks.get(label, "")


def _labels_with(points: pa.Table, mask: pa.ChunkedArray | None = None) -> list[str]:
    kept = points if mask is None else points.filter(mask)
    return list(dict.fromkeys(kept["label"].to_pylist()))
