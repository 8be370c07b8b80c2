"""What the Overthinking page shows: how much of the thinking was needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from analysis.analyzers.registry import metric_specs
from analysis.effort.cells import Cell
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import samples
from analysis.store.connection import Store
from analysis.store.where import where, wide_metrics
from analysis.views import effort_cells

POINT_METRICS = (
    "thinking_tokens",
    "thinking_token_source",
    "first_final_frac",
    "post_answer_waste",
    "tokens_after_first_final",
    "n_candidates",
    "n_answer_changes",
    "repeat_share",
    "tail_loop",
    "right_to_wrong",
    "n_solutions",
    "n_new_solutions",
    "underthinking",
    "switches_per_1k",
    "n_probes",
    "probe_outcome",
)
"""What the charts and the list of traces need."""

MEASURES = (
    "tokens_after_first_final",
    "post_answer_waste",
    "thinking_tokens",
    "n_answer_changes",
    "repeat_share",
)
"""By what the worst traces can be found."""

CELL_METRICS = (
    "first_final_frac",
    "post_answer_waste",
    "tokens_after_first_final",
    "n_candidates",
    "n_answer_changes",
    "switches_per_1k",
    "repeat_share",
    "tail_loop",
    "right_to_wrong",
)
"""The metrics whose means the page's table of cells shows."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """Traces that length statistics leave out, and why."""

    not_visible: int
    """Summaries, encrypted, redacted or hidden reasoning: its text is not what was thought."""
    no_reasoning: int
    not_analysed: int
    """Visible, but without metrics yet (or its analysis failed)."""
    no_final: int
    """Analysed, but no candidate equal to the final answer: no share before or after it."""


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers on top. A median or count is over the ``n`` beside it; undefined is None."""

    n_traces: int
    median_tokens: float | None
    n_tokens: int
    n_estimated: int
    """Of these, traces whose tokens are estimated from the text."""
    median_waste: float | None
    n_waste: int
    loops: int
    n_loops: int
    right_to_wrong: int
    n_right_to_wrong: int


def specs() -> dict[str, MetricSpec]:
    """Every metric that the analyzers give, by name."""
    return {name: spec for name, (_, spec) in metric_specs().items()}


def points(store: Store, filters: Filters) -> pa.Table:
    """One row a trace with visible reasoning: its cell, verdict and ``POINT_METRICS``."""
    condition, values = where(filters)
    return store.query(
        "overthinking_points",
        {**values, "names": list(POINT_METRICS)},
        metrics=_wide(POINT_METRICS),
        effort=samples.EFFORT,
        effort_order=samples.EFFORT_ORDER,
        where=condition,
    )


def headline(table: pa.Table) -> Headline:
    """The numbers on top, from the rows of ``points``."""
    tokens, waste = table["thinking_tokens"].drop_null(), table["post_answer_waste"].drop_null()
    loops, flips = table["tail_loop"].drop_null(), table["right_to_wrong"].drop_null()
    estimated = pc.equal(table["thinking_token_source"], "estimate")
    return Headline(
        n_traces=table.num_rows,
        median_tokens=_median(tokens),
        n_tokens=len(tokens),
        n_estimated=pc.sum(estimated).as_py() or 0,
        median_waste=_median(waste),
        n_waste=len(waste),
        loops=pc.sum(loops).as_py() or 0,
        n_loops=len(loops),
        right_to_wrong=pc.sum(flips).as_py() or 0,
        n_right_to_wrong=len(flips),
    )


def excluded(store: Store, filters: Filters, table: pa.Table) -> Excluded:
    """What the statistics over ``table`` (the rows of ``points``) leave out of the filter."""
    condition, values = where(filters)
    row = store.rows(
        "SELECT count(*) FILTER (WHERE t.reasoning_kind IN ('summary', 'encrypted', 'redacted',"  # noqa: S608
        " 'hidden')), count(*) FILTER (WHERE t.reasoning_kind = 'none')"
        f" FROM trace t WHERE {condition}",
        values,
    )[0]
    # Not by the tokens: of a placeholder ("Thinking... Thinking...") these are not known.
    analysed = table["n_candidates"].is_valid()
    final = table["first_final_frac"].is_valid()
    return Excluded(
        not_visible=row[0],
        no_reasoning=row[1],
        not_analysed=table.num_rows - (pc.sum(analysed).as_py() or 0),
        no_final=pc.sum(pc.and_not(analysed, final)).as_py() or 0,
    )


def worst(store: Store, filters: Filters, *, by: str = MEASURES[0], limit: int = 50) -> pa.Table:
    """The traces with most of the measure ``by`` (one of ``MEASURES``), most first."""
    if by not in MEASURES:
        raise UsageError(f"There is no measure {by!r}.", remedy=f"Use: {', '.join(MEASURES)}.")
    condition, values = where(filters)
    return store.query(
        "overthinking_worst",
        {**values, "names": list(POINT_METRICS), "limit": limit, "measure": by},
        metrics=_wide(POINT_METRICS),
        where=condition,
    )


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


def cells(
    store: Store, filters: Filters, *, metrics: Collection[str] | None = CELL_METRICS
) -> pa.Table:
    """One row a data set x model x effort, of visible reasoning, with the means of ``metrics``.

    ``metrics`` None is the table of ``cotscope export cells``: with all means, pass@k and much more,
    which takes several times as long.
    """
    filters = replace(filters, visible_only=True)
    if metrics is None:
        return samples.cells(store, filters)
    table = effort_cells.accuracies(store, filters)
    means = samples.metric_means(store, filters, metrics)
    keys = zip(*(table[n].to_pylist() for n in ("dataset", "model", "effort")), strict=True)
    rows = [means.get(Cell(*key), {}) for key in keys]
    for name in metrics:
        found = [row.get(name, (None, 0)) for row in rows]
        means_of = pa.array([mean for mean, _ in found], pa.float64())
        table = table.append_column(f"mean_{name}", means_of)
        table = table.append_column(f"n_{name}", pa.array([n for _, n in found], pa.int64()))
    return table


def _wide(names: tuple[str, ...]) -> str:
    kinds = {name: spec.kind for name, spec in specs().items()}
    return wide_metrics([(name, kinds.get(name, "number")) for name in names])


def _median(values: pa.ChunkedArray) -> float | None:
    if len(values) == 0:
        return None
    found = pc.quantile(values, q=0.5, interpolation="linear")[0].as_py()
    return None if found is None else float(found)
