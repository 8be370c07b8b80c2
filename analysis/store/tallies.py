"""Reading cells out of the store as columns of numbers (``effort.tallies``): sums made by DuckDB."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.effort.cells import Cell
from analysis.effort.naming import CellName, recognise
from analysis.effort.tallies import Tallies, Tally
from analysis.filters import Filters
from analysis.store.cell_sql import EFFORT
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.where import where

_SUMS = (
    "n",
    "judged",
    "correct",
    "n_tokens",
    "tokens",
    "n_judged_tokens",
    "judged_tokens",
    "n_right_tokens",
    "n_cost",
    "cost",
    "n_right_cost",
)
_FLOATS = frozenset(("tokens", "judged_tokens", "cost"))
_KEY = ("dataset", "model", "effort")


def sample_query(body: str, filters: Filters, **parts: str) -> tuple[str, dict[str, Any]]:
    """SQL over ``sample`` (see ``queries/cell_samples.sql``) and the values that it binds."""
    condition, values = where(filters)
    inner = load_query(body, **parts)
    return load_query("cell_samples", effort=EFFORT, where=condition, body=inner), values


def tallies(store: Store, filters: Filters, *, facts: bool = True) -> Tallies:
    """Every cell under the filter, in natural order.

    Without ``facts`` (medians and what else is no sum over questions) it takes little more than
    half as long: ``Tally.facts`` then has only what names a cell.
    """
    rows = store.arrow(*sample_query("cell_tallies", filters))
    known = _facts(store, filters) if facts else _names(store, filters)
    found = {tuple(row[k] for k in _KEY): row for row in known.to_pylist()}
    keys, numbers = _numbered(rows.column("question_key"))
    order = np.argsort(numbers, kind="stable")
    first = order[np.searchsorted(numbers[order], np.arange(len(keys)))]
    cells = sorted(_cells(rows, numbers, found), key=_place)
    return Tallies(
        cells=_labelled(cells),
        keys=keys,
        previews=rows.column("preview").take(pa.array(first)).to_pylist(),
        question_ids=rows.column("question_id").take(pa.array(first)).to_pylist(),
    )


def _facts(store: Store, filters: Filters) -> pa.Table:
    return store.arrow(*sample_query("cell_facts", filters))


def _names(store: Store, filters: Filters) -> pa.Table:
    condition, values = where(filters)
    return store.query("cell_names", values, effort=EFFORT, where=condition)


def _numbered(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int64]]]:
    """Distinct values in order, and the number of each row's value."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    places = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(places), dtype=np.int64)
    rank[places] = np.arange(len(places))
    keys: list[str] = encoded.dictionary.take(pa.array(places)).to_pylist()
    return keys, rank[encoded.indices.to_numpy(zero_copy_only=False)]


def _cells(
    rows: pa.Table,
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    found: dict[tuple[Any, ...], dict[str, Any]],
) -> list[Tally]:
    """The rows of each cell, which stand together, as arrays."""
    sums: dict[str, Any] = {
        name: np.asarray(
            rows.column(name).to_numpy(), dtype=np.float64 if name in _FLOATS else np.int64
        )
        for name in _SUMS
    }
    made, start = [], 0
    for key, length in cell_runs(rows):
        part = np.arange(start, start + length)
        part = part[np.argsort(numbers[part], kind="stable")]
        facts = found[key]
        cell = Cell(*key)
        made.append(
            Tally(
                cell=cell,
                name=_name(cell, facts),
                label="",
                question=numbers[part],
                facts=facts,
                stated=[(s["model"], s["effort"]) for s in facts["stated"]],
                **{name: values[part] for name, values in sums.items()},
            )
        )
        start += length
    return made


def cell_runs(rows: pa.Table) -> list[tuple[tuple[Any, ...], int]]:
    """Consecutive rows of one cell, with their number."""
    if rows.num_rows == 0:
        return []
    codes = [codes_of(rows.column(name)) for name in _KEY]
    change = np.zeros(rows.num_rows, dtype=bool)
    change[0] = True
    for column in codes:
        change[1:] |= column[1:] != column[:-1]
    starts = np.flatnonzero(change)
    lengths = np.diff(np.append(starts, rows.num_rows))
    heads = rows.select(list(_KEY)).take(pa.array(starts)).to_pylist()
    return [(tuple(h[k] for k in _KEY), int(n)) for h, n in zip(heads, lengths, strict=True)]


def codes_of(column: pa.ChunkedArray | pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A number for each value of a column; equal values (null too) have the same."""
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    encoded = whole.dictionary_encode(null_encoding="encode")
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    codes: np.ndarray[Any, np.dtype[np.int64]] = encoded.indices.to_numpy(
        zero_copy_only=False
    ).astype(np.int64)
    return codes


def cell_name(
    cell: Cell,
    stated: tuple[str | None, str | None],
    *,
    budget: int | None = None,
    position: float | None = None,
    model_edited: bool = False,
    effort_edited: bool = False,
) -> CellName:
    """What a cell is recognised as; a person's own words have the last say.

    ``stated`` is a model and effort as the records say them: the effort is read from these where
    the person did not set it, and a model that the person set is not read a second time.
    """
    made = recognise(stated[0], cell.effort if effort_edited else stated[1], budget)
    order = made.order if position is None else position
    edited = model_edited or effort_edited or position is not None
    return replace(
        made,
        model=cell.model if model_edited else made.model,
        order=order,
        source="person" if edited else made.source,
    )


def _name(cell: Cell, facts: dict[str, Any]) -> CellName:
    stated = [(s["model"], s["effort"]) for s in facts["stated"]]
    return cell_name(
        cell,
        stated[0] if stated else (cell.model, cell.effort),
        budget=facts["budget"] if facts["n_budgets"] == 1 else None,
        position=facts["position"],
        model_edited=facts["model_edited"],
        effort_edited=facts["effort_edited"],
    )


def _place(tally: Tally) -> tuple[Any, ...]:
    return (
        tally.cell.dataset,
        *tally.name.sort_key,
        tally.cell.model or "",
        tally.cell.effort or "",
    )


def _labelled(cells: list[Tally]) -> list[Tally]:
    """Labels that no two cells share: the data set, then the stated names, tell equal ones apart."""
    names = [t.name.label for t in cells]
    several = Counter(names)
    names = [
        f"{t.cell.dataset}/{n}" if several[n] > 1 else n for t, n in zip(cells, names, strict=True)
    ]
    several = Counter(names)
    names = [
        f"{n} [{t.cell.model or '(not stated)'}, {t.cell.effort or '(not stated)'}]"
        if several[n] > 1
        else n
        for t, n in zip(cells, names, strict=True)
    ]
    return [replace(t, label=n) for t, n in zip(cells, names, strict=True)]
