"""Two cells or two data sets, before and after: what was gained and lost, and how metrics moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.effort.choosing import Side, sides
from analysis.effort.diff import (
    Flip,
    Moved,
    Outcomes,
    Units,
    matched,
    moved,
    outcomes,
    verdict_units,
)
from analysis.effort.pairs import compare_all
from analysis.effort.tallies import Tallies, Tally
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.samples import all_metric_specs
from analysis.store.tallies import codes_of, sample_query
from analysis.views.effort_cells import PAIR_COLUMNS, load, pair_row
from analysis.views.tables import INTEGER, NUMBER, TEXT, table

__all__ = ["Diff", "Side", "diff", "sides"]

FLIP_COLUMNS = {
    "question_key": TEXT, "question_id": TEXT, "question": TEXT, "cell_a": TEXT, "cell_b": TEXT,
    "accuracy_a": NUMBER, "accuracy_b": NUMBER, "tokens_a": NUMBER, "tokens_b": NUMBER,
}  # fmt: skip
MOVED_COLUMNS = {
    "metric": TEXT, "title": TEXT, "unit": TEXT, "direction": TEXT, "n_questions": INTEGER, "n_units": INTEGER,
    "mean_a": NUMBER, "mean_b": NUMBER, "difference": NUMBER, "difference_low": NUMBER,
    "difference_high": NUMBER, "relative": NUMBER, "cohens_dz": NUMBER, "cliffs_delta": NUMBER,
    "p": NUMBER, "p_holm": NUMBER, "worse_by": NUMBER,
}  # fmt: skip
_PLAIN = {
    "accuracy": ("Accuracy", "share"),
    "thinking_tokens": ("Thinking tokens", "tokens"),
    "truncated": ("Truncated", "share"),
    "failed": ("Ended in an error", "share"),
    "completion_tokens": ("Completion tokens", "tokens"),
    "cost": ("Cost", "$"),
    "score": ("Recorded score", ""),
}
"""Name -> title and unit of what is no metric of an analyzer."""


@dataclass(frozen=True, slots=True)
class Diff:
    """Side b against side a. ``gained`` and ``lost``: ``FLIP_COLUMNS``; ``metrics``:
    ``MOVED_COLUMNS``; ``pairs``: one row of ``PAIR_COLUMNS`` a matched pair of cells."""

    a: Side
    b: Side
    outcomes: Outcomes
    pairs: pa.Table
    gained: pa.Table
    lost: pa.Table
    metrics: pa.Table
    unmatched: Sequence[str]
    """Labels of cells that only one side has, which are left out."""


def diff(store: Store, filters: Filters, a: str, b: str, *, loaded: Tallies | None = None) -> Diff:
    """Compare two cells, or two data sets cell by cell (``choosing.sides`` names them).

    Raises ``UsageError`` for an unknown name, or sides with no cell or no question in common.
    """
    found = loaded or load(store, filters)
    side_a, side_b = sides(found, a), sides(found, b)
    pairs = matched(side_a.cells, side_b.cells)
    if side_a.kind == side_b.kind == "cell":
        pairs = [(side_a.cells[0], side_b.cells[0])]
    if not pairs:
        raise UsageError(
            f"{side_a.name} and {side_b.name} have no cell of the same model and effort.",
            remedy="Compare two cells by name, or name the cells alike with: cotscope cells set.",
        )
    result = outcomes(pairs)
    if not result.n_common:
        raise UsageError(
            f"{side_a.name} and {side_b.name} have no question in common.",
            remedy="Questions pair by their text, else by their id within a data set.",
        )
    made = compare_all(pairs)
    tests = sum(pair.p is not None for pair in made)
    kept = {id(t) for pair in pairs for t in pair}
    return Diff(
        side_a,
        side_b,
        result,
        table([pair_row(pair, tests) for pair in made], PAIR_COLUMNS),
        _flips(found, result.gained),
        _flips(found, result.lost),
        _metrics(store, filters, found, pairs),
        [t.label for t in (*side_a.cells, *side_b.cells) if id(t) not in kept],
    )


def _flips(found: Tallies, flips: Sequence[Flip]) -> pa.Table:
    rows = [
        {
            "question_key": found.keys[f.question],
            "question_id": found.question_ids[f.question],
            "question": found.previews[f.question],
            "cell_a": f.a.label,
            "cell_b": f.b.label,
            "accuracy_a": f.accuracy_a,
            "accuracy_b": f.accuracy_b,
            "tokens_a": f.tokens_a,
            "tokens_b": f.tokens_b,
        }
        for f in flips
    ]
    return table(rows, FLIP_COLUMNS)


def _metrics(
    store: Store, filters: Filters, found: Tallies, pairs: Sequence[tuple[Tally, Tally]]
) -> pa.Table:
    specs = {spec.name: spec for spec in all_metric_specs(store)}
    units = [*verdict_units(pairs), *_metric_units(store, filters, found, pairs)]
    order = {name: i for i, name in enumerate((*_PLAIN, *specs))}
    units.sort(key=lambda u: order.get(u.name, len(order)))
    rows = []
    for m in moved(units):
        title, unit = _PLAIN.get(m.name, (m.name, ""))
        if m.name in specs and m.name not in _PLAIN:
            spec = specs[m.name]
            title, unit = spec.title, "share" if spec.kind == "boolean" else spec.unit
        rows.append({**_moved_row(m), "title": title, "unit": unit})
    return table(rows, MOVED_COLUMNS)


def _moved_row(m: Moved) -> dict[str, Any]:
    return {
        "metric": m.name,
        "direction": m.direction or None,
        "n_questions": m.n_questions,
        "n_units": m.n_units,
        "mean_a": m.a,
        "mean_b": m.b,
        "difference": m.difference.value,
        "difference_low": m.difference.low,
        "difference_high": m.difference.high,
        "relative": m.relative,
        "cohens_dz": m.cohens_dz,
        "cliffs_delta": m.cliffs_delta,
        "p": m.p,
        "p_holm": m.p_holm,
        "worse_by": m.worse_by,
    }


def _metric_units(
    store: Store, filters: Filters, found: Tallies, pairs: Sequence[tuple[Tally, Tally]]
) -> list[Units]:
    """Means of the metrics of analyzers by question, on both sides of every matched pair."""
    named = ((t.cell.dataset, t.cell.model or "", t.cell.effort or "") for p in pairs for t in p)
    cells = sorted({"\x1f".join(parts) for parts in named})
    sql, values = sample_query("cell_means", filters)
    rows = store.arrow(sql, {**values, "cells": cells})
    number = pa.array(range(len(found.keys)), pa.int64())
    places = pc.index_in(rows.column("question_key"), pa.array(found.keys, pa.string()))
    question = number.take(places.combine_chunks()).to_numpy(zero_copy_only=False)
    mean = rows.column("mean").to_numpy()
    spans = _spans(rows)
    parts: dict[str, list[tuple[Any, Any, Any]]] = {}
    names = sorted({name for _, name in spans})
    nothing = np.empty(0, dtype=np.int64)
    for a, b in pairs:
        for name in names:
            x, y = (spans.get((_key(t), name), nothing) for t in (a, b))
            x, y = x[~np.isnan(mean[x])], y[~np.isnan(mean[y])]
            q, i, j = np.intersect1d(question[x], question[y], return_indices=True)
            parts.setdefault(name, []).append((q, mean[x][i], mean[y][j]))
    made = [
        Units(name, *(np.concatenate(column) for column in zip(*some, strict=True)))
        for name, some in parts.items()
    ]
    return [u for u in made if len(u.a)]


def _key(cell: Tally) -> tuple[str, str | None, str | None]:
    return cell.cell.dataset, cell.cell.model, cell.cell.effort


def _spans(rows: pa.Table) -> dict[tuple[tuple[Any, ...], str], Any]:
    """((data set, model, effort), metric) -> places of its rows."""
    if rows.num_rows == 0:
        return {}
    columns = ("dataset", "model", "effort", "name")
    codes = np.stack([codes_of(rows.column(c)) for c in columns], axis=1)
    joined = codes[:, 0]
    for i in range(1, len(columns)):
        joined = joined * (codes[:, i].max() + 1) + codes[:, i]
    order = np.argsort(joined, kind="stable")
    cuts = np.flatnonzero(np.diff(joined[order])) + 1
    groups = np.split(order, cuts)
    heads = rows.select(list(columns)).take(pa.array([int(g[0]) for g in groups])).to_pylist()
    return {
        ((h["dataset"], h["model"], h["effort"]), h["name"]): g
        for h, g in zip(heads, groups, strict=True)
    }
