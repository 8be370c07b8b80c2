"""What the Overthinking page shows: how much of the thinking was needed."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from analysis.analyzers.registry import metric_specs
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store.connection import Store
from analysis.store.where import where, wide_metrics

CELL_METRICS = (
    "thinking_tokens",
    "first_final_frac",
    "post_answer_waste",
    "tokens_after_first_final",
    "n_candidates",
    "n_answer_changes",
    "switches_per_1k",
    "repeat_share",
    "tail_loop",
)
"""The means that the table of cells shows."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Traces that are left out of length statistics, and why."""

    not_visible: int
    no_reasoning: int


def specs() -> dict[str, MetricSpec]:
    """Every metric that the analyzers give, by name."""
    return {name: spec for name, (_, spec) in metric_specs().items()}


def trace_metrics(store: Store, filters: Filters) -> pa.Table:
    """One row a trace with visible reasoning, one column a metric; undefined is null."""
    condition, values = where(filters)
    chosen = [(name, spec.kind) for name, spec in specs().items()]
    return store.query(
        "trace_metrics",
        values,
        metrics=wide_metrics(chosen),
        extra="t.truncated, t.question_preview AS question, ",
        where=f"({condition}) AND t.reasoning_kind = 'visible'",
    )


def excluded(store: Store, filters: Filters) -> Excluded:
    """How many traces of the filter the length statistics leave out."""
    condition, values = where(filters)
    row = store.rows(
        "SELECT count(*) FILTER (WHERE t.reasoning_kind IN ('summary', 'encrypted', 'redacted',"  # noqa: S608
        " 'hidden')), count(*) FILTER (WHERE t.reasoning_kind = 'none')"
        f" FROM trace t WHERE {condition}",
        values,
    )[0]
    return Excluded(*row)


def cells(store: Store, filters: Filters) -> pa.Table:
    """One row a data set x model x effort: n, accuracy, and the mean of each of ``CELL_METRICS``.

    Means are over the traces for which a metric is defined, whose number is ``n_NAME``.
    """
    condition, values = where(filters)
    means = ", ".join(
        f"avg(m.value) FILTER (WHERE m.name = '{name}') AS {name}, "
        f"count(m.value) FILTER (WHERE m.name = '{name}') AS n_{name}"
        for name in CELL_METRICS
    )
    return store.query(
        "cells", values, means=means, where=f"({condition}) AND t.reasoning_kind = 'visible'"
    )
