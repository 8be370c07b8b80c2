"""What the Accuracy page shows: the table that ships, and a measurement on files of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from analysis.evaluation.accuracy import ALL, Published, published
from analysis.evaluation.errors import KINDS, Cell, Place, Places, places
from analysis.evaluation.evaluate import Evaluation, evaluate, expressed
from analysis.evaluation.predictions import Predictions, detectors
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.store.behaviours import ORDER
from analysis.store.connection import Store
from analysis.store.evaluating import locate, sentence_of

__all__ = ["ALL", "KINDS", "PAGE_SIZE", "Cell", "Measurement", "Place", "Places", "published"]

PAGE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Measurement:
    """Detectors on labelled files: the figures, and what they are made of."""

    gold: Path
    evaluation: Evaluation
    predictions: Predictions
    in_store: Mapping[str, str]
    """Labelled trace -> trace_id, for those that the store has."""


@dataclass(frozen=True, slots=True)
class Mistakes:
    """One page of the places of a cell."""

    counts: Mapping[str, int]
    places: tuple[Place, ...]
    links: tuple[tuple[str, int | None] | None, ...]
    """For each place its trace in the store and its sentence there, if the store has it."""


def table(shipped: Published, *, label: str | None = None, family: str | None = None,
          annotator_kind: str | None = None) -> pa.Table:  # fmt: skip
    """The rows of the shipped table that are asked for; None is all."""
    rows = [
        {**row, "family": row["family"] or ALL, "split": shipped.split}
        for row in shipped.rows
        if label in (None, row["label"])
        and family in (None, row["family"] or ALL)
        and annotator_kind in (None, row["annotator_kind"])
    ]
    place = {name: at for at, name in enumerate(ORDER)}
    rows.sort(
        key=lambda r: (
            place.get(r["label"], len(place)),
            r["label"],
            r["annotator_kind"] != "human",
            r["source"],
            r["family"] != ALL,
            r["family"],
        )
    )
    return pa.Table.from_pylist(rows)


def figures(found: Evaluation) -> pa.Table:
    """The figures of a measurement as a table."""
    return pa.Table.from_pylist([{**r.flat(), "family": r.family or ALL} for r in found.rows])


def measure(
    gold: Path,
    store: Store | None = None,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Measurement:
    """Run the registered detectors on labelled files. Raises ``InputError`` where these are none."""
    labels, _ = expressed(gold)
    analyzers = detectors(labels)
    name = ", ".join(f"{a.name} {a.version}" for a in analyzers) or "no detector"
    found = Predictions(name, frozenset(label for a in analyzers for label in a.labels))
    evaluation = evaluate(gold, found, analyzers=analyzers, progress=progress, cancel=cancel)
    in_store = locate(store, gold, progress=progress, cancel=cancel)[0] if store else {}
    return Measurement(gold, evaluation, found, in_store)


def mistakes(
    store: Store, measured: Measurement, cell: Cell, *, kind: str, page: int = 0
) -> Mistakes:
    """One page (from 0) of the places of a cell that are of this kind."""
    found = places(
        measured.gold,
        measured.predictions,
        cell,
        kind=kind,
        offset=page * PAGE_SIZE,
        limit=PAGE_SIZE,
    )
    known = [
        (measured.in_store[p.trace_id], p.start)
        for p in found.shown
        if p.trace_id in measured.in_store
    ]
    sentences = sentence_of(store, known) if known else {}
    links: list[tuple[str, int | None] | None] = []
    for place in found.shown:
        trace_id = measured.in_store.get(place.trace_id)
        links.append((trace_id, sentences.get((trace_id, place.start))) if trace_id else None)
    return Mistakes(found.counts, found.shown, tuple(links))


def cells(found: Evaluation) -> dict[str, list[Mapping[str, Any]]]:
    """Label -> its sources and families, for choosing one."""
    by_label: dict[str, list[Mapping[str, Any]]] = {}
    for row in found.rows:
        if row.model is None:
            by_label.setdefault(row.label, []).append({"source": row.source, "family": row.family})
    return by_label


def cell(found: Evaluation, label: str, source: str | None, family: str | None) -> Cell:
    """A cell as it is named in a table; 'SOURCE (ANNOTATOR)' where annotators count apart."""
    for one in found.ones:
        if source is not None and source == f"{one.source} ({one.annotator})":
            return Cell(label, one.source, family, one.annotator)
    return Cell(label, source, family)
