"""The tables questions, cells and pairs, from the statistics: one dictionary a row, one Arrow table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from analysis.effort import columns, columns_more
from analysis.effort.across import across, difficulties
from analysis.effort.cells import Cell, CellStats, QuestionStats
from analysis.effort.efficiency import Efficiency
from analysis.effort.intervals import RESAMPLES, Interval
from analysis.effort.options import DEFAULT, Options
from analysis.effort.pairs import Paired, compare_all
from analysis.effort.tallies import Tally, tally_of
from analysis.model import MetricSpec

_TYPES = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
}


@dataclass(frozen=True, slots=True)
class QuestionInfo:
    """How a question is called."""

    question_id: str | None
    preview: str | None


@dataclass(frozen=True, slots=True)
class CellResult:
    """A cell with all that its row and the rows of its questions show."""

    stats: CellStats
    questions: Sequence[QuestionStats]
    info: Mapping[str, QuestionInfo] = field(default_factory=dict)
    means: Mapping[str, tuple[float | None, int]] = field(default_factory=dict)
    """Metric -> mean over visible traces, and over how many."""
    n_truncated: int = 0


def cells_table(
    results: Sequence[CellResult], metrics: Sequence[MetricSpec], options: Options = DEFAULT
) -> pa.Table:
    """One row a cell. ``metrics`` are those whose means are shown, in order."""
    pass_ks = sorted({k for r in results for k in r.stats.pass_at})
    maj_ks = sorted({k for r in results for k in r.stats.maj_at})
    specs = (
        *columns.CELL_COLUMNS,
        *map(columns.pass_spec, pass_ks),
        *map(columns.maj_spec, maj_ks),
        *columns.CELL_MORE,
        *(spec for metric in metrics for spec in columns.mean_specs(metric)),
        *columns_more.CELL_LAST,
    )
    compared = across([(r.stats, r.questions) for r in results], options).cells
    rows = [
        {**_cell_row(result), **_efficiency_row(result.stats, options), **more}
        for result, more in zip(results, compared, strict=True)
    ]
    return to_table(rows, specs)


def questions_table(results: Sequence[CellResult], options: Options = DEFAULT) -> pa.Table:
    """One row a question and cell, in order of data set, question, cell."""
    pass_ks = sorted({k for r in results for k in r.stats.pass_at})
    maj_ks = sorted({k for r in results for k in r.stats.maj_at})
    weighted_ks = [k for k in maj_ks if k > 1]
    counted = [(r.stats, r.questions) for r in results]
    difficulty = difficulties(counted)
    compared = across(counted, options).questions
    rows = []
    for place, result in enumerate(results):
        for q in result.questions:
            key = (result.stats.cell.dataset, q.question)
            row = _question_row(result, q, pass_ks, maj_ks)
            row["difficulty"] = difficulty.get(key)
            row |= {f"weighted_vote_at_{k}": q.weighted_vote_at(k) for k in weighted_ks}
            rows.append((*key, place, row | compared.get((place, q.question), {})))
    rows.sort(key=lambda row: row[:3])
    specs = (
        *columns.QUESTION_COLUMNS,
        *map(columns.pass_spec, pass_ks),
        *map(columns.maj_spec, maj_ks),
        *columns_more.QUESTION_MORE,
        *map(columns_more.weighted_spec, weighted_ks),
    )
    return to_table([row[3] for row in rows], specs)


def pairs_table(results: Sequence[CellResult]) -> pa.Table:
    """One row a pair of cells of one data set that share a question; a comes before b."""
    keys = sorted({q.question for r in results for q in r.questions})
    number = {key: i for i, key in enumerate(keys)}
    return pairs_of([tally_of(r.stats.cell, r.questions, number) for r in results])


def pairs_of(cells: Sequence[Tally]) -> pa.Table:
    """``pairs_table`` from columns of numbers, in the order of the cells."""
    by_dataset: defaultdict[str, list[Tally]] = defaultdict(list)
    for cell in cells:
        by_dataset[cell.cell.dataset].append(cell)
    pairs = [
        (a, b) for group in by_dataset.values() for i, a in enumerate(group) for b in group[i + 1 :]
    ]
    made = compare_all(pairs, resamples=RESAMPLES)
    return to_table([_pair_row(p) for p in made if p.n_questions], columns.PAIR_COLUMNS)


def to_table(rows: Sequence[Mapping[str, Any]], specs: Iterable[MetricSpec]) -> pa.Table:
    """Rows as Arrow, one column a spec, in order; a missing key is null."""
    schema = pa.schema([(spec.name, _TYPES[spec.kind]) for spec in specs])
    arrays = [pa.array([row.get(f.name) for row in rows], type=f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _cell_row(result: CellResult) -> dict[str, Any]:
    s = result.stats
    row: dict[str, Any] = {
        **_names(s.cell),
        "n_questions": s.n_questions,
        "n_traces": s.n_traces,
        "accuracy": s.accuracy.value,
        "accuracy_low": s.accuracy.low,
        "accuracy_high": s.accuracy.high,
        "mean_tokens": s.mean_tokens,
        "n_judged": s.n_judged,
        "n_correct": s.n_correct,
        "n_tokens": s.n_tokens,
        "token_source": s.token_source,
        "median_tokens": s.median_tokens,
        "p95_tokens": s.p95_tokens,
        "tokens_per_correct": s.tokens_per_correct,
        "truncated_share": result.n_truncated / s.n_traces if s.n_traces else None,
    }
    row.update({f"pass_at_{k}": value for k, value in s.pass_at.items()})
    row.update({f"maj_at_{k}": value for k, value in s.maj_at.items()})
    for name, (mean, n) in result.means.items():
        row[f"mean_{name}"], row[f"n_{name}"] = mean, n
    return row


def _efficiency_row(stats: CellStats, options: Options) -> dict[str, Any]:
    """The columns of a cell that are sums over its own traces."""
    found: Efficiency | None = stats.efficiency
    row: dict[str, Any] = {
        "undecided_share": 1 - stats.n_judged / stats.n_traces if stats.n_traces else None,
        "overthinking_above": options.overthinking_above,
        "oaa_t_max": options.oaa_t_max,
    }
    if found is None:
        return row
    budgets = found.budgets
    return row | {
        "xi_o_correct": found.xi_o_correct,
        "n_xi_o_correct": found.n_xi_o_correct,
        "xi_o_by_solutions": found.xi_o_by_solutions,
        "xi_p_by_solutions": found.xi_p_by_solutions,
        "overthinking_rate": found.overthinking_rate,
        "n_overthinking": found.n_overthinking,
        "auc_oaa": found.auc_oaa,
        "n_oaa": found.n_oaa,
        "mean_cost": found.mean_cost,
        "n_cost": found.n_cost,
        "cost_per_correct": found.cost_per_correct,
        "n_budget": budgets.n,
        "budget_control": None if budgets.overshoot is None else 1 - budgets.overshoot,
        "budget_overshoot": budgets.overshoot,
        "budget_within_20": budgets.within_20,
        "budget_error": budgets.error,
        "budget_error_share": budgets.error_share,
    }


def _question_row(
    result: CellResult, q: QuestionStats, pass_ks: Sequence[int], maj_ks: Sequence[int]
) -> dict[str, Any]:
    info = result.info.get(q.question, QuestionInfo(None, None))
    answer, share, tied = q.majority
    row: dict[str, Any] = {
        **_names(result.stats.cell),
        "question_key": q.question,
        "question_id": info.question_id,
        "question": info.preview,
        "n_traces": q.n_traces,
        "n_judged": q.n_judged,
        "n_correct": q.n_correct,
        "accuracy": q.accuracy,
        "majority_answer": answer,
        "majority_share": share,
        "majority_tied": tied if answer is not None else None,
        "vote_entropy": q.vote_entropy,
        "n_tokens": q.n_tokens,
        "mean_tokens": q.mean_tokens,
        "median_tokens": q.median_tokens,
        "sd_tokens": q.sd_tokens,
        "min_tokens": q.min_tokens,
        "max_tokens": q.max_tokens,
        "min_correct_tokens": q.min_correct_tokens,
        "excess_over_min": q.excess_over_min,
        "len_right_minus_wrong": q.len_right_minus_wrong,
        "vote_margin": q.vote_margin,
        "best_of_n_score": q.best_of_n("score"),
        "best_of_n_shortest": q.best_of_n("shortest"),
        "cv_tokens": q.cv_tokens,
        "envelope": q.envelope,
    }
    row.update({f"pass_at_{k}": q.pass_at(k) for k in pass_ks})
    row.update({f"maj_at_{k}": q.maj_at(k) for k in maj_ks})
    return row


def _pair_row(pair: Paired) -> dict[str, Any]:
    row: dict[str, Any] = {
        spec.name: getattr(pair, spec.name)
        for spec in columns.PAIR_COLUMNS
        if hasattr(pair, spec.name)
    }
    for name in ("difference", "token_ratio", "token_ratio_median"):
        found: Interval = getattr(pair, name)
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    a, b = pair.a.cell, pair.b.cell
    return row | {
        "dataset": a.dataset,
        "model_a": a.model,
        "effort_a": a.effort,
        "model_b": b.model,
        "effort_b": b.effort,
    }


def _names(cell: Cell) -> dict[str, str | None]:
    return {"dataset": cell.dataset, "model": cell.model, "effort": cell.effort}
