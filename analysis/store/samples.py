"""Traces as samples of cells: what the statistics of ``analysis.effort`` are computed from.

A cell is a data set, a model and an effort. Where no effort is stated, a thinking budget stands for
it; checkpoints are told apart too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any

import pyarrow as pa

from analysis.analyzers.registry import metric_specs
from analysis.answers.normalise import normalise
from analysis.effort.cells import Cell, Sample, summarise
from analysis.effort.tables import (
    CellResult,
    QuestionInfo,
    cells_table,
    pairs_of,
    questions_table,
)
from analysis.effort.tallies import Tallies
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store.cell_facts import named_cells
from analysis.store.cell_sql import EFFORT as EFFORT
from analysis.store.cell_sql import EFFORT_ORDER as EFFORT_ORDER
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.tallies import tallies
from analysis.store.where import where, wide_metrics

_BATCH = 20_000
_NEEDED = (
    ("thinking_tokens", "integer"),
    ("thinking_token_source", "text"),
    ("final_answer", "text"),
    ("placeholder_cot", "boolean"),
    ("outcome_efficiency", "number"),
    ("process_efficiency", "number"),
    ("n_solutions", "integer"),
    ("post_answer_waste", "number"),
)
"""Metrics that a sample is made from, with their kinds."""
_Means = dict[Cell, dict[str, tuple[float | None, int]]]
_LIST_COLUMNS = (
    "question_key",
    "question_id",
    "question_preview",
    "correct",
    "extracted_answer",
    "gold_answer",
    "visible",
    "truncated",
    "reasoning_tokens",
    "token_source",
    "score",
    "cost",
    "thinking_budget_tokens",
    *(name for name, _ in _NEEDED),
)


@dataclass(slots=True)
class _Open:
    """The cell whose rows are being read."""

    cell: Cell
    samples: list[Sample] = field(default_factory=list)
    info: dict[str, QuestionInfo] = field(default_factory=dict)
    n_truncated: int = 0


def all_metric_specs(store: Store) -> list[MetricSpec]:
    """Metrics of the registry, then those that the store holds of analyzers no longer installed."""
    specs = {name: spec for name, (_, spec) in metric_specs().items()}
    for row in store.query("metric_names").to_pylist():
        name = row["name"]
        if name not in specs and name.isidentifier():
            kind = "text" if row["is_text"] else "number"
            specs[name] = MetricSpec(
                name, name, "", "", "Of an analyzer not installed here.", "", kind
            )
    return list(specs.values())


def cell_results(
    store: Store, filters: Filters, metrics: Sequence[MetricSpec] = ()
) -> list[CellResult]:
    """The statistics of every cell under the filter: by data set, base model, then natural order.

    ``metrics`` are those whose means are wanted.
    """
    return _results(store, filters, tallies(store, filters), metrics)


def _results(
    store: Store, filters: Filters, found: Tallies, metrics: Sequence[MetricSpec]
) -> list[CellResult]:
    means = _means(store, filters, metrics)
    place = {t.cell: i for i, t in enumerate(found.cells)}
    results = [_close(c, means) for c in _cells(store, filters)]
    return sorted(results, key=lambda r: place[r.stats.cell])


def cells(store: Store, filters: Filters, *, metrics: Collection[str] | None = None) -> pa.Table:
    """One row a cell: accuracy with its interval, tokens, pass@k, maj@k, means of the metrics.

    ``metrics`` limits the means to these names; None is all.
    """
    specs = [
        spec
        for spec in all_metric_specs(store)
        if _has_mean(spec) and (metrics is None or spec.name in metrics)
    ]
    found = tallies(store, filters)
    results = _results(store, filters, found, specs)
    return named_cells(cells_table(results, specs), found)


def metric_means(
    store: Store, filters: Filters, metrics: Collection[str]
) -> dict[Cell, dict[str, tuple[float | None, int]]]:
    """Of each cell: metric -> its mean over the traces with visible reasoning, and over how many."""
    known = {name: spec for name, (_, spec) in metric_specs().items()}
    if not known.keys() >= set(metrics):
        known = {spec.name: spec for spec in all_metric_specs(store)}
    specs = [spec for spec in known.values() if _has_mean(spec) and spec.name in metrics]
    return dict(_means(store, filters, specs))


def questions(store: Store, filters: Filters) -> pa.Table:
    """One row a question and cell."""
    return questions_table(cell_results(store, filters))


def pairs(store: Store, filters: Filters) -> pa.Table:
    """One row a pair of cells of one data set on their common questions."""
    return pairs_of(tallies(store, filters).cells)


def _has_mean(spec: MetricSpec) -> bool:
    return spec.kind != "text" and spec.name != "thinking_tokens"


def _cells(store: Store, filters: Filters) -> Iterator[_Open]:
    kinds = dict(_NEEDED)
    condition, values = where(filters)
    sql = load_query(
        "samples",
        metrics=wide_metrics(list(kinds.items())),
        where=condition,
        effort=EFFORT,
        effort_order=EFFORT_ORDER,
    )
    current: _Open | None = None
    with store.cursor() as cursor:
        parameters = {**values, "names": list(kinds)}
        for batch in cursor.sql(sql, params=parameters).to_arrow_reader(_BATCH):
            for cell, rows in _runs(batch):
                if current is None or current.cell != cell:
                    if current is not None:
                        yield current
                    current = _Open(cell)
                _add(current, rows)
    if current is not None:
        yield current


def _runs(batch: pa.RecordBatch) -> Iterator[tuple[Cell, pa.RecordBatch]]:
    """Consecutive rows of one cell."""
    keys = zip(*(batch.column(n).to_pylist() for n in ("dataset", "model", "effort")), strict=True)
    start = 0
    for key, group in groupby(keys):
        length = sum(1 for _ in group)
        yield Cell(*key), batch.slice(start, length)
        start += length


def _add(current: _Open, rows: pa.RecordBatch) -> None:
    columns = [rows.column(name).to_pylist() for name in _LIST_COLUMNS]
    for values in zip(*columns, strict=True):
        row = dict(zip(_LIST_COLUMNS, values, strict=True))
        current.samples.append(_sample(row))
        current.n_truncated += row["truncated"]
        key = row["question_key"]
        if key not in current.info:
            current.info[key] = QuestionInfo(row["question_id"], row["question_preview"])


def _sample(row: dict[str, Any]) -> Sample:
    tokens, source = row["thinking_tokens"], row["thinking_token_source"]
    own_text = row["visible"] and not row["placeholder_cot"]
    if tokens is None or not own_text:
        # A text that is not the thinking itself is no measure of it: only a stated count is.
        tokens, source = row["reasoning_tokens"], row["token_source"] or "api"
    answer, gold = row["extracted_answer"], row["gold_answer"]
    if answer is None and gold is not None:
        # Without a right answer to compare with, what our extractor takes for one says little.
        answer = row["final_answer"]
    return Sample(
        question=row["question_key"],
        correct=row["correct"],
        answer=_normal(answer) if answer is not None else None,
        gold=_normal(gold) if gold is not None else None,
        tokens=None if tokens is None else float(tokens),
        token_source=source,
        visible=own_text,
        score=row["score"],
        cost=row["cost"],
        budget=row["thinking_budget_tokens"],
        outcome_efficiency=row["outcome_efficiency"],
        process_efficiency=row["process_efficiency"],
        n_solutions=row["n_solutions"],
        waste=row["post_answer_waste"],
    )


@lru_cache(maxsize=50_000)
def _normal(answer: str) -> str | None:
    return normalise(answer) or None


def _close(current: _Open, means: _Means) -> CellResult:
    stats, questions = summarise(current.cell, current.samples)
    return CellResult(
        stats, questions, current.info, means.get(current.cell, {}), current.n_truncated
    )


def _means(store: Store, filters: Filters, metrics: Sequence[MetricSpec]) -> _Means:
    """Mean of each metric over the visible traces of each cell, and over how many."""
    names = [spec.name for spec in metrics]
    if not names:
        return {}
    condition, values = where(filters)
    sql = load_query("cell_metric_sums", effort=EFFORT, where=condition)
    found: defaultdict[Cell, dict[str, tuple[float | None, int]]] = defaultdict(
        lambda: dict.fromkeys(names, (None, 0))
    )
    for dataset, model, effort, name, n, total in store.rows(sql, {**values, "names": names}):
        # Rounded to what the whole numbers hold: 0.7 comes out as 0.7.
        mean = round(int(total) / (n << 40), 12)
        found[Cell(dataset, model, effort)][name] = (mean, n)
    return found
