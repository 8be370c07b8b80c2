"""What the Compare page shows: cells, questions, pairs, curves and difficulty, as Arrow tables.

Every function takes a store and filters and can stand alone; a page that shows several calls
``load`` once and hands what it got to each as ``loaded``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.effort.bootstrap import Ratio, intervals, median_interval, ratio
from analysis.effort.intervals import UNDEFINED, Interval
from analysis.effort.lines import difficulty as difficulty_of
from analysis.effort.lines import ladder, pareto_front
from analysis.effort.pairs import Paired, compare_all, token_ratios
from analysis.effort.significance import wilson
from analysis.effort.tallies import Tallies, Tally
from analysis.effort.wording import sentence
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.tallies import sample_query, tallies
from analysis.views.tables import BOOLEAN, INTEGER, NUMBER, TEXT, TEXTS, table

WILSON = "Wilson"
BOOTSTRAP = "cluster bootstrap"
TRACES_SHOWN = 8

CELL_COLUMNS = {
    "dataset": TEXT, "model": TEXT, "effort": TEXT, "label": TEXT, "line": TEXT, "setting": TEXT,
    "order": INTEGER, "budget_tokens": INTEGER, "checkpoint": TEXT, "name_source": TEXT,
    "n_questions": INTEGER, "n_traces": INTEGER, "n_judged": INTEGER, "n_correct": INTEGER,
    "accuracy": NUMBER, "accuracy_low": NUMBER, "accuracy_high": NUMBER, "accuracy_method": TEXT,
    "n_tokens": INTEGER, "token_source": TEXT,
    "mean_tokens": NUMBER, "mean_tokens_low": NUMBER, "mean_tokens_high": NUMBER,
    "median_tokens": NUMBER, "median_tokens_low": NUMBER, "median_tokens_high": NUMBER,
    "p95_tokens": NUMBER, "tokens_per_correct": NUMBER, "cost_per_correct": NUMBER,
    "on_front": BOOLEAN, "truncated_share": NUMBER,
}  # fmt: skip
GRID_COLUMNS = {
    "dataset": TEXT, "question_key": TEXT, "question_id": TEXT, "question": TEXT, "difficulty": NUMBER,
    "rank": INTEGER, "label": TEXT, "model": TEXT, "effort": TEXT, "n": INTEGER, "n_judged": INTEGER,
    "n_correct": INTEGER, "accuracy": NUMBER, "mean_tokens": NUMBER, "trace_ids": TEXTS,
}  # fmt: skip
PAIR_COLUMNS = {
    "dataset": TEXT, "label_a": TEXT, "label_b": TEXT, "model_a": TEXT, "effort_a": TEXT,
    "model_b": TEXT, "effort_b": TEXT, "n_questions": INTEGER, "n_judged": INTEGER,
    "both_right": INTEGER, "only_a": INTEGER, "only_b": INTEGER, "both_wrong": INTEGER,
    "accuracy_a": NUMBER, "accuracy_b": NUMBER, "difference": NUMBER, "difference_low": NUMBER,
    "difference_high": NUMBER, "mcnemar_p": NUMBER, "test": TEXT, "p": NUMBER, "p_holm": NUMBER,
    "cohens_dz": NUMBER, "cliffs_delta": NUMBER, "n_tokens": INTEGER, "token_ratio": NUMBER,
    "token_ratio_low": NUMBER, "token_ratio_high": NUMBER, "token_ratio_median": NUMBER,
    "token_ratio_median_low": NUMBER, "token_ratio_median_high": NUMBER,
    "token_ratio_of_means": NUMBER, "n_fewer": INTEGER, "fewer_share": NUMBER, "tokens_dz": NUMBER,
    "accuracy_moved": BOOLEAN, "tokens_moved": BOOLEAN, "sentence": TEXT,
}  # fmt: skip
LADDER_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "label": TEXT, "order": INTEGER, "n_questions": INTEGER,
    "n_cheapest": INTEGER, "cheapest_share": NUMBER, "n_unsolved": INTEGER, "wasted_tokens": NUMBER,
    "monotonic_share": NUMBER, "n_monotonic": INTEGER, "n_tokens": INTEGER,
}  # fmt: skip
RATIO_COLUMNS = {
    "question_key": TEXT, "question_id": TEXT, "question": TEXT, "tokens_a": NUMBER,
    "tokens_b": NUMBER, "ratio": NUMBER,
}  # fmt: skip


def load(store: Store, filters: Filters) -> Tallies:
    """All cells under the filter, once, for the functions below."""
    return tallies(store, filters)


def cells(store: Store, filters: Filters, *, loaded: Tallies | None = None) -> pa.Table:
    """One row a cell (``CELL_COLUMNS``), in natural order; ``order`` is its place on its line.

    A line is a base model on a data set; ``on_front`` is within the data set.
    """
    found = loaded or load(store, filters)
    fronts = _fronts(found)
    tokens = intervals([ratio(c.tokens, c.n_tokens) for c in found.cells])
    accuracies = _accuracies(found.cells)
    places: dict[tuple[str, str | None], int] = {}
    rows = []
    for i, cell in enumerate(found.cells):
        line = (cell.cell.dataset, cell.name.model)
        places[line] = places.get(line, -1) + 1
        rows.append(
            {
                **_names(cell),
                **_cell_counts(cell),
                **_ends("accuracy", accuracies[i]),
                **_ends("mean_tokens", tokens[i]),
                **_ends("median_tokens", _median(cell)),
                "order": places[line],
                "accuracy_method": WILSON if cell.single else BOOTSTRAP,
                "on_front": fronts[i],
            }
        )
    return table(rows, CELL_COLUMNS)


def accuracies(store: Store, filters: Filters) -> pa.Table:
    """What ``cells`` says of counts, accuracy and mean tokens, without the rest: a third of the work."""
    found = tallies(store, filters, facts=False)
    shown = _accuracies(found.cells)
    rows = [
        {
            **_names(cell),
            "n_questions": len(cell.question),
            "n_traces": int(cell.n.sum()),
            **_ends("accuracy", accuracy),
            "mean_tokens": cell.tokens_a_sample,
        }
        for cell, accuracy in zip(found.cells, shown, strict=True)
    ]
    names = ("dataset", "model", "effort", "n_questions", "n_traces", "accuracy", "accuracy_low",
             "accuracy_high", "mean_tokens")  # fmt: skip
    return table(rows, {name: CELL_COLUMNS[name] for name in names})


def ladders(store: Store, filters: Filters, *, loaded: Tallies | None = None) -> pa.Table:
    """One row a cell of a model with several: least effort that solves, waste, monotonic share."""
    found = loaded or load(store, filters)
    rows = []
    for (dataset, model), members in found.lines().items():
        if len(members) < 2:
            continue
        made = ladder(members)
        for i, cell in enumerate(members):
            n = made.n_questions
            rows.append(
                {
                    "dataset": dataset,
                    "line": model,
                    "label": cell.label,
                    "order": i,
                    "n_questions": n,
                    "n_cheapest": made.n_cheapest[i],
                    "cheapest_share": made.n_cheapest[i] / n if n else None,
                    "n_unsolved": made.n_unsolved,
                    "wasted_tokens": made.wasted_tokens[i],
                    "monotonic_share": made.monotonic_share,
                    "n_monotonic": made.n_monotonic,
                    "n_tokens": made.n_tokens,
                }
            )
    return table(rows, LADDER_COLUMNS)


def grid(
    store: Store, filters: Filters, limit: int = 200, *, loaded: Tallies | None = None
) -> pa.Table:
    """One row a question and cell (``GRID_COLUMNS``), the hardest questions first.

    ``limit`` bounds the questions; of more, those spread evenly over the ranks of difficulty are
    taken, so that the picture stays true. ``rank`` is the place of the question among all of its
    data set, from the hardest. ``trace_ids`` are up to ``TRACES_SHOWN`` of its traces.
    """
    found = loaded or load(store, filters)
    chosen: list[tuple[str, int, float, int]] = []
    for dataset in found.datasets:
        level = difficulty_of(found.of_dataset(dataset), len(found.keys))
        here = np.unique(np.concatenate([c.question for c in found.of_dataset(dataset)]))
        hardest = here[np.lexsort((here, -np.nan_to_num(level[here], nan=-1.0)))]
        chosen += [(dataset, int(q), float(level[q]), i) for i, q in enumerate(hardest)]
    if len(chosen) > limit:
        picked = np.unique(np.linspace(0, len(chosen) - 1, max(1, limit)).round().astype(int))
        chosen = [chosen[i] for i in picked]
    ids = _trace_ids(store, filters, [found.keys[q] for _, q, _, _ in chosen])
    rows = []
    for dataset, q, level_of_it, rank in chosen:
        for cell in found.of_dataset(dataset):
            at = int(np.searchsorted(cell.question, q))
            if at < len(cell.question) and cell.question[at] == q:
                rows.append(_grid_row(found, cell, at, q, level_of_it, rank, ids))
    return table(rows, GRID_COLUMNS)


def paired(
    store: Store,
    filters: Filters,
    baseline: str | None = None,
    *,
    loaded: Tallies | None = None,
) -> pa.Table:
    """One row a pair (``PAIR_COLUMNS``): b against a on their common questions, in words too.

    With ``baseline`` (the label of a cell) every other cell of its data set against it; without,
    each effort of a model against the one below it. p values are corrected for all rows together.
    """
    found = loaded or load(store, filters)
    made = compare_all(_pairs(found, baseline))
    tests = sum(pair.p is not None for pair in made)
    return table([pair_row(pair, tests) for pair in made], PAIR_COLUMNS)


def ratios(
    store: Store, filters: Filters, cell_a: str, cell_b: str, *, loaded: Tallies | None = None
) -> pa.Table:
    """One row a question with tokens in both cells: mean tokens, and b over a."""
    found = loaded or load(store, filters)
    a, b = cell_named(found, cell_a), cell_named(found, cell_b)
    numbers, x, y = token_ratios(a, b)
    rows = [
        {
            "question_key": found.keys[q],
            "question_id": found.question_ids[q],
            "question": found.previews[q],
            "tokens_a": float(s),
            "tokens_b": float(t),
            "ratio": float(t / s),
        }
        for q, s, t in zip(numbers, x, y, strict=True)
    ]
    return table(rows, RATIO_COLUMNS)


def cell_named(found: Tallies, label: str) -> Tally:
    """The cell with this label. Raises ``UsageError`` where there is none."""
    for cell in found.cells:
        if cell.label == label:
            return cell
    names = ", ".join(c.label for c in found.cells[:20])
    raise UsageError(f"There is no cell {label!r}.", remedy=f"There are: {names or 'none'}.")


def pair_row(pair: Paired, comparisons: int) -> dict[str, Any]:
    """A pair as a row of ``PAIR_COLUMNS``; ``comparisons`` is how many p was corrected for."""
    a, b = pair.a, pair.b
    row: dict[str, Any] = {
        name: getattr(pair, name) for name in PAIR_COLUMNS if hasattr(pair, name)
    }
    return row | {
        "dataset": a.cell.dataset if a.cell.dataset == b.cell.dataset else None,
        "label_a": a.label,
        "label_b": b.label,
        "model_a": a.cell.model,
        "effort_a": a.cell.effort,
        "model_b": b.cell.model,
        "effort_b": b.cell.effort,
        **_ends("difference", pair.difference),
        **_ends("token_ratio", pair.token_ratio),
        **_ends("token_ratio_median", pair.token_ratio_median),
        "sentence": sentence(pair, comparisons),
    }


def _pairs(found: Tallies, baseline: str | None) -> list[tuple[Tally, Tally]]:
    if baseline is not None:
        base = cell_named(found, baseline)
        others = found.of_dataset(base.cell.dataset)
        return [(base, c) for c in others if c is not base]
    lines = found.lines().values()
    return [(a, b) for line in lines for a, b in itertools.pairwise(line)]


def _accuracies(found: Sequence[Tally]) -> list[Interval]:
    """Wilson's interval where every question has one judged sample, else the bootstrap's."""
    asked = []
    for c in found:
        there = c.judged > 0
        top, below = c.correct[there].astype(np.float64), c.judged[there].astype(np.float64)
        asked.append(Ratio(top, below, bounds=(0.0, 1.0)))
    several = intervals([a for a, c in zip(asked, found, strict=True) if not c.single])
    rest = iter(several)
    return [
        wilson(int(c.correct.sum()), int(c.judged.sum())) if c.single else next(rest) for c in found
    ]


def _median(cell: Tally) -> Interval:
    """Median over traces; its interval only where traces are independent (one a question)."""
    value = cell.facts["median_tokens"]
    if value is None:
        return UNDEFINED
    if np.all(cell.n_tokens <= 1):
        found = median_interval(cell.tokens[cell.n_tokens == 1])
        return Interval(float(str(value)), found.low, found.high)
    return Interval(float(str(value)))


def _fronts(found: Tallies) -> list[bool | None]:
    flags: dict[str, bool | None] = {}
    for dataset in found.datasets:
        members = found.of_dataset(dataset)
        made = pareto_front([c.tokens_a_sample for c in members], [c.share_right for c in members])
        flags.update(zip((c.label for c in members), made, strict=True))
    return [flags[c.label] for c in found.cells]


def _names(cell: Tally) -> dict[str, Any]:
    return {
        "dataset": cell.cell.dataset,
        "model": cell.cell.model,
        "effort": cell.cell.effort,
        "label": cell.label,
        "line": cell.name.model,
        "setting": cell.name.setting or None,
        "budget_tokens": cell.name.budget_tokens,
        "checkpoint": cell.name.checkpoint,
        "name_source": cell.name.source or None,
    }


def _cell_counts(cell: Tally) -> dict[str, Any]:
    n = int(cell.n.sum())
    right_tokens, right_cost = int(cell.n_right_tokens.sum()), int(cell.n_right_cost.sum())
    return {
        "n_questions": len(cell.question),
        "n_traces": n,
        "n_judged": int(cell.judged.sum()),
        "n_correct": int(cell.correct.sum()),
        "n_tokens": int(cell.n_tokens.sum()),
        "token_source": cell.facts["token_source"],
        "p95_tokens": cell.facts["p95_tokens"],
        "tokens_per_correct": float(cell.judged_tokens.sum()) / right_tokens
        if right_tokens
        else None,
        "cost_per_correct": float(cell.cost.sum()) / right_cost if right_cost else None,
        "truncated_share": int(str(cell.facts["n_truncated"])) / n if n else None,
    }


def _grid_row(
    found: Tallies,
    cell: Tally,
    at: int,
    q: int,
    level: float,
    rank: int,
    ids: dict[tuple[Any, ...], list[str]],
) -> dict[str, Any]:
    key = (cell.cell.dataset, cell.cell.model, cell.cell.effort, found.keys[q])
    judged, counted = int(cell.judged[at]), int(cell.n_tokens[at])
    return {
        "dataset": cell.cell.dataset,
        "question_key": found.keys[q],
        "question_id": found.question_ids[q],
        "question": found.previews[q],
        "difficulty": None if np.isnan(level) else level,
        "rank": rank,
        "label": cell.label,
        "model": cell.cell.model,
        "effort": cell.cell.effort,
        "n": int(cell.n[at]),
        "n_judged": judged,
        "n_correct": int(cell.correct[at]),
        "accuracy": int(cell.correct[at]) / judged if judged else None,
        "mean_tokens": float(cell.tokens[at]) / counted if counted else None,
        "trace_ids": ids.get(key, []),
    }


def _trace_ids(
    store: Store, filters: Filters, keys: Sequence[str]
) -> dict[tuple[Any, ...], list[str]]:
    sql, values = sample_query("cell_trace_ids", filters)
    rows = store.arrow(sql, {**values, "questions": list(keys), "most": TRACES_SHOWN})
    return {
        (r["dataset"], r["model"], r["effort"], r["question_key"]): r["trace_ids"]
        for r in rows.to_pylist()
    }


def _ends(name: str, found: Interval) -> dict[str, float | None]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
