"""Traces as samples of cells: what the statistics of ``analysis.effort`` are computed from.

A cell is a data set, a model and an effort. Where no effort is stated, a thinking budget stands for
it; checkpoints are told apart too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.analyzers.registry import metric_specs
from analysis.answers.normalise import normalise
from analysis.effort.cells import Cell, Sample, summarise
from analysis.effort.tables import (
    CellResult,
    QuestionInfo,
    cells_table,
    pairs_table,
    questions_table,
)
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.where import where, wide_metrics

EFFORT = (
    "nullif(concat_ws(' @ ', coalesce(t.effort, CAST(t.thinking_budget_tokens AS VARCHAR)),"
    " t.checkpoint), '')"
)
"""SQL: the effort of a cell, over ``trace t``."""
_LEVELS = "['none', 'off', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']"
EFFORT_ORDER = (
    f"list_position({_LEVELS}, split_part(effort, ' @ ', 1)) NULLS LAST,"
    " TRY_CAST(regexp_extract(effort, '[0-9]+') AS DOUBLE) NULLS LAST, effort NULLS LAST"
)
"""SQL: levels from least to most, then by the number in the name, then by name."""
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
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
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
    """The statistics of every cell under the filter, in order of data set, model, effort.

    ``metrics`` are those whose means are wanted.
    """
    return [_close(cell) for cell in _cells(store, filters, metrics)]


def cells(store: Store, filters: Filters, *, metrics: Collection[str] | None = None) -> pa.Table:
    """One row a cell: accuracy with its interval, tokens, pass@k, maj@k, means of the metrics.

    ``metrics`` limits the means to these names; None is all.
    """
    specs = [
        spec
        for spec in all_metric_specs(store)
        if _has_mean(spec) and (metrics is None or spec.name in metrics)
    ]
    return cells_table(cell_results(store, filters, specs), specs)


def questions(store: Store, filters: Filters) -> pa.Table:
    """One row a question and cell."""
    return questions_table(cell_results(store, filters))


def pairs(store: Store, filters: Filters) -> pa.Table:
    """One row a pair of cells of one data set on their common questions."""
    return pairs_table(cell_results(store, filters))


def _has_mean(spec: MetricSpec) -> bool:
    return spec.kind != "text" and spec.name != "thinking_tokens"


def _cells(store: Store, filters: Filters, metrics: Sequence[MetricSpec]) -> Iterator[_Open]:
    means = [spec.name for spec in metrics]
    kinds = dict(_NEEDED) | {spec.name: spec.kind for spec in metrics}
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
                _add(current, rows, means)
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


def _add(current: _Open, rows: pa.RecordBatch, means: Sequence[str]) -> None:
    columns = [rows.column(name).to_pylist() for name in _LIST_COLUMNS]
    for values in zip(*columns, strict=True):
        row = dict(zip(_LIST_COLUMNS, values, strict=True))
        current.samples.append(_sample(row))
        current.n_truncated += row["truncated"]
        key = row["question_key"]
        if key not in current.info:
            current.info[key] = QuestionInfo(row["question_id"], row["question_preview"])
    shown = rows.filter(rows.column("visible"))
    for name in means:
        found = pc.drop_null(shown.column(name)).cast(pa.float64()).to_numpy(zero_copy_only=False)
        # One long sum from left to right: how the rows fall into batches cannot change it.
        so_far = np.concatenate([[current.sums.get(name, 0.0)], found])
        current.sums[name] = float(np.cumsum(so_far)[-1])
        current.counts[name] = current.counts.get(name, 0) + len(found)


def _sample(row: dict[str, Any]) -> Sample:
    tokens, source = row["thinking_tokens"], row["thinking_token_source"]
    own_text = row["visible"] and not row["placeholder_cot"]
    if tokens is None or not own_text:
        # A text that is not the thinking itself is no measure of it: only a stated count is.
        tokens, source = row["reasoning_tokens"], row["token_source"] or "api"
        if tokens is not None and tokens < 0:
            tokens = None
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


def _close(current: _Open) -> CellResult:
    stats, questions = summarise(current.cell, current.samples)
    means = {name: (current.sums[name] / n if n else None, n) for name, n in current.counts.items()}
    return CellResult(stats, questions, current.info, means, current.n_truncated)
