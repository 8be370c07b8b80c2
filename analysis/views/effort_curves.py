"""More samples against longer chains, and tokens against difficulty: tables for the Compare page."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.effort.bootstrap import Ratio, intervals, ratio
from analysis.effort.curves import Point
from analysis.effort.curves import curves as curves_of
from analysis.effort.intervals import Floats
from analysis.effort.lines import BINS, TIERS, tier_of
from analysis.effort.lines import difficulty as difficulty_of
from analysis.effort.measures import slope
from analysis.effort.significance import rank_correlation
from analysis.effort.tallies import Ints, Tallies, Tally
from analysis.filters import Filters
from analysis.store.ballots import blocks
from analysis.store.connection import Store
from analysis.store.tallies import cell_runs, sample_query
from analysis.views.effort_cells import load
from analysis.views.tables import INTEGER, NUMBER, TEXT, table

CURVE_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "label": TEXT, "method": TEXT, "k": INTEGER, "value": NUMBER,
    "low": NUMBER, "high": NUMBER, "n_questions": INTEGER, "total_tokens": NUMBER,
}  # fmt: skip
EQUAL_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "long": TEXT, "short": TEXT, "method": TEXT, "k": INTEGER,
    "n_questions": INTEGER, "long_accuracy": NUMBER, "short_value": NUMBER, "difference": NUMBER,
    "difference_low": NUMBER, "difference_high": NUMBER, "long_tokens": NUMBER, "short_tokens": NUMBER,
}  # fmt: skip
POINT_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "label": TEXT, "question_key": TEXT, "question": TEXT,
    "difficulty": NUMBER, "mean_tokens": NUMBER, "accuracy": NUMBER, "tier": TEXT,
}  # fmt: skip
CORRELATION_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "label": TEXT, "n_questions": INTEGER, "spearman": NUMBER,
    "spearman_p": NUMBER, "kendall": NUMBER, "kendall_p": NUMBER, "tokens_per_difficulty": NUMBER,
    "easy_tokens": NUMBER, "hard_tokens": NUMBER,
}  # fmt: skip
BIN_COLUMNS = {
    "dataset": TEXT, "line": TEXT, "label": TEXT, "tier": TEXT, "bin": INTEGER, "n_traces": INTEGER,
    "n_questions": INTEGER, "from_tokens": NUMBER, "to_tokens": NUMBER, "mean_tokens": NUMBER,
    "accuracy": NUMBER, "accuracy_low": NUMBER, "accuracy_high": NUMBER,
}  # fmt: skip
BIN_RESAMPLES = 1_000
"""Of the intervals of bins, of which a page shows hundreds."""


@dataclass(frozen=True, slots=True)
class Curves:
    """``points``: ``CURVE_COLUMNS``; ``equal_tokens``: ``EQUAL_COLUMNS``."""

    points: pa.Table
    equal_tokens: pa.Table


@dataclass(frozen=True, slots=True)
class Difficulty:
    """``points``: one row a question and cell; ``cells``: one row a cell; ``bins``: of tiers."""

    points: pa.Table
    cells: pa.Table
    bins: pa.Table


def curves(store: Store, filters: Filters, *, loaded: Tallies | None = None) -> Curves:
    """pass@k, maj@k, weighted vote, best of k by score and by shortness, against k and tokens.

    Cells with one sample a question have k = 1 alone. ``equal_tokens`` sets a cell with several
    samples against a longer one of the same model: k is the most samples of the short one that cost
    no more tokens, in the mean over their common questions, than one chain of the long one; a method
    that has no such k up to its samples is left out. Differences are short - long, question by
    question, with a bootstrap over questions.
    """
    found = loaded or load(store, filters)
    made = [curves_of(some) for some in blocks(store, filters, found)]
    rows = [
        {
            "dataset": cell.cell.dataset,
            "line": cell.name.model,
            "label": cell.label,
            "method": p.method,
            "k": p.k,
            "value": p.value.value,
            "low": p.value.low,
            "high": p.value.high,
            "n_questions": len(p.questions),
            "total_tokens": p.total_tokens,
        }
        for cell, some in zip(found.cells, made, strict=True)
        for p in some
    ]
    by_label = {c.label: some for c, some in zip(found.cells, made, strict=True)}
    return Curves(table(rows, CURVE_COLUMNS), table(_equal(found, by_label), EQUAL_COLUMNS))


def difficulty(store: Store, filters: Filters, *, loaded: Tallies | None = None) -> Difficulty:
    """Tokens against difficulty: questions, rank correlations, accuracy per token bin in a tier.

    Difficulty is 1 - the mean of a question's accuracy over the cells of its data set. Bins are
    quarters of a cell's judged traces within a tier, by their tokens: within a tier, because hard
    questions get long chains and wrong answers whatever length does (2502.15631).
    """
    found = loaded or load(store, filters)
    levels = {d: difficulty_of(found.of_dataset(d), len(found.keys)) for d in found.datasets}
    points: list[dict[str, Any]] = []
    rows = []
    for cell in found.cells:
        level = levels[cell.cell.dataset]
        points += _points(found, cell, level)
        rows.append(_correlation(cell, level))
    return Difficulty(
        table(points, POINT_COLUMNS),
        table(rows, CORRELATION_COLUMNS),
        table(_bins(store, filters, found, levels), BIN_COLUMNS),
    )


def _equal(found: Tallies, made: dict[str, list[Point]]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    asked: list[Ratio] = []
    for line in found.lines().values():
        for short in line:
            for long in line:
                if short is long:
                    continue
                for method in dict.fromkeys(p.method for p in made[short.label]):
                    points = [p for p in made[short.label] if p.method == method and p.k > 1]
                    row, differences = _at_equal_tokens(short, long, points)
                    if row is not None:
                        rows.append(row)
                        asked.append(
                            Ratio(differences, np.ones(len(differences)), bounds=(-1.0, 1.0))
                        )
    for row, interval in zip(rows, intervals(asked), strict=True):
        row.update(
            difference=interval.value, difference_low=interval.low, difference_high=interval.high
        )
    return rows


def _at_equal_tokens(
    short: Tally, long: Tally, points: Sequence[Point]
) -> tuple[dict[str, Any] | None, Floats]:
    """The largest k whose samples of ``short`` cost no more than one chain of ``long``."""
    nothing = np.empty(0)
    for p in sorted(points, key=lambda p: -p.k):
        kept = np.isin(p.questions, long.question[(long.judged > 0) & (long.n_tokens > 0)])
        questions, values = p.questions[kept], p.values[kept]
        if not len(questions):
            continue
        at_short = np.searchsorted(short.question, questions)
        at_long = np.searchsorted(long.question, questions)
        one = short.mean_tokens[at_short]
        if np.isnan(one).any():
            continue
        spent, budget = p.k * float(one.mean()), float(long.mean_tokens[at_long].mean())
        if spent > budget:
            continue
        right = long.accuracy[at_long]
        row = {
            "dataset": short.cell.dataset,
            "line": short.name.model,
            "long": long.label,
            "short": short.label,
            "method": p.method,
            "k": p.k,
            "n_questions": len(questions),
            "long_accuracy": math.fsum(right) / len(right),
            "short_value": math.fsum(values) / len(values),
            "long_tokens": budget,
            "short_tokens": spent,
        }
        return row, values - right
    return None, nothing


def _points(found: Tallies, cell: Tally, level: Floats) -> list[dict[str, Any]]:
    mine, tokens, accuracy = level[cell.question], cell.mean_tokens, cell.accuracy
    tiers = tier_of(mine)
    return [
        {
            "dataset": cell.cell.dataset,
            "line": cell.name.model,
            "label": cell.label,
            "question_key": found.keys[q],
            "question": found.previews[q],
            "difficulty": float(mine[i]),
            "mean_tokens": float(tokens[i]),
            "accuracy": None if np.isnan(accuracy[i]) else float(accuracy[i]),
            "tier": TIERS[tiers[i]][0],
        }
        for i, q in enumerate(cell.question)
        if not np.isnan(mine[i]) and not np.isnan(tokens[i])
    ]


def _correlation(cell: Tally, level: Floats) -> dict[str, Any]:
    mine, tokens = level[cell.question], cell.mean_tokens
    kept = ~np.isnan(mine) & ~np.isnan(tokens)
    mine, tokens = mine[kept], tokens[kept]
    tiers = tier_of(mine)
    easy, hard = tokens[tiers == 0], tokens[tiers == len(TIERS) - 1]
    return {
        "dataset": cell.cell.dataset,
        "line": cell.name.model,
        "label": cell.label,
        "n_questions": len(mine),
        **rank_correlation(mine, tokens),
        "tokens_per_difficulty": slope(mine.tolist(), tokens.tolist()),
        "easy_tokens": float(easy.mean()) if len(easy) else None,
        "hard_tokens": float(hard.mean()) if len(hard) else None,
    }


def _bins(
    store: Store, filters: Filters, found: Tallies, levels: dict[str, Floats]
) -> list[dict[str, Any]]:
    """Accuracy of the traces of each bin of tokens, in order of cell, tier and bin."""
    traces = store.arrow(*sample_query("cell_traces", filters))
    number = {key: i for i, key in enumerate(found.keys)}
    questions = _numbers(traces.column("question_key"), number)
    correct = traces.column("correct").combine_chunks().cast(pa.int8()).to_numpy()
    tokens = traces.column("tokens").to_numpy()
    spans, start = {}, 0
    for key, length in cell_runs(traces):
        spans[key] = slice(start, start + length)
        start += length
    rows: list[dict[str, Any]] = []
    asked: list[Ratio] = []
    for cell in found.cells:
        span = spans.get((cell.cell.dataset, cell.cell.model, cell.cell.effort))
        if span is None:
            continue
        tiers = tier_of(levels[cell.cell.dataset])[questions[span]]
        for tier, (name, _) in enumerate(TIERS):
            here = np.flatnonzero(tiers == tier)
            here = here[np.argsort(tokens[span][here], kind="stable")]
            for i, part in enumerate(_quarters(tokens[span][here])):
                at = here[part]
                row, asked_ratio = _bin(questions[span][at], correct[span][at], tokens[span][at])
                rows.append(
                    {
                        "dataset": cell.cell.dataset,
                        "line": cell.name.model,
                        "label": cell.label,
                        "tier": name,
                        "bin": i,
                        **row,
                    }
                )
                asked.append(asked_ratio)
    for row, interval in zip(rows, intervals(asked, resamples=BIN_RESAMPLES), strict=True):
        row.update(accuracy_low=interval.low, accuracy_high=interval.high)
    return rows


def _numbers(column: pa.ChunkedArray, number: dict[str, int]) -> Ints:
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    of = np.array([number[key] for key in encoded.dictionary.to_pylist()], dtype=np.int64)
    result: Ints = of[encoded.indices.to_numpy(zero_copy_only=False)] if len(of) else of
    return result


def _quarters(ordered: Floats) -> list[slice]:
    """Slices of equally many values; equal values stay together, so bins never share a length."""
    cuts = [0]
    for i in range(1, BINS):
        at = round(i * len(ordered) / BINS)
        at = int(np.searchsorted(ordered, ordered[at], side="left")) if at < len(ordered) else at
        cuts.append(max(at, cuts[-1]))
    cuts.append(len(ordered))
    return [slice(a, b) for a, b in itertools.pairwise(cuts) if b > a]


def _bin(questions: Ints, correct: Ints, tokens: Floats) -> tuple[dict[str, Any], Ratio]:
    distinct, place = np.unique(questions, return_inverse=True)
    right: Floats = np.bincount(place, correct, len(distinct)).astype(np.float64)
    n = np.bincount(place, minlength=len(distinct)).astype(np.float64)
    made = ratio(right, n)
    row = {
        "n_traces": len(questions),
        "n_questions": len(distinct),
        "from_tokens": float(tokens[0]),
        "to_tokens": float(tokens[-1]),
        "mean_tokens": math.fsum(tokens) / len(tokens),
        "accuracy": float(right.sum() / n.sum()),
    }
    return row, Ratio(made.over, made.under, bounds=(0.0, 1.0))
