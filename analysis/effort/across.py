"""What a cell, or a question in a cell, is in comparison with the other cells of its data set.

Efforts of a model are in the order of the cells given: from the least to the most. The baseline of
a cell is the model's cell of least effort on the same data set.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.effort.cells import Cell, CellStats, QuestionStats
from analysis.effort.efficiency import mean
from analysis.effort.measures import (
    aes,
    harmonic,
    monotonic,
    scaling,
    slope,
    spearman,
    thinkbench_f1,
)
from analysis.effort.options import Options

Row = dict[str, Any]
Counted = tuple[CellStats, Sequence[QuestionStats]]


@dataclass(frozen=True, slots=True)
class Across:
    """Columns by place of the cell; and by place of the cell and question."""

    cells: Sequence[Row]
    questions: Mapping[tuple[int, str], Row]


def across(cells: Sequence[Counted], options: Options) -> Across:
    """Compare every cell with the others of its data set."""
    cell_rows: list[Row] = [{} for _ in cells]
    question_rows: dict[tuple[int, str], Row] = {}
    for places in _groups(range(len(cells)), lambda i: cells[i][0].cell.dataset):
        _dataset(cells, places, options, cell_rows)
        for efforts in _groups(places, lambda i: cells[i][0].cell.model):
            _model(cells, efforts, options, cell_rows)
            _questions(cells, efforts, question_rows)
    return Across(cell_rows, question_rows)


def difficulties(cells: Sequence[Counted]) -> dict[tuple[str, str], float]:
    """1 - mean accuracy over cells of each (data set, question). Source: 2504.13367."""
    found: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for stats, questions in cells:
        for q in questions:
            if q.accuracy is not None:
                found[stats.cell.dataset, q.question].append(q.accuracy)
    return {key: 1 - math.fsum(values) / len(values) for key, values in found.items()}


def _groups(places: Iterable[int], key: Any) -> list[list[int]]:
    found: dict[Any, list[int]] = {}
    for place in places:
        found.setdefault(key(place), []).append(place)
    return list(found.values())


def _dataset(
    cells: Sequence[Counted], places: Sequence[int], options: Options, rows: list[Row]
) -> None:
    """Measures against all cells of a data set."""
    group = [cells[i] for i in places]
    difficulty = {question: d for (_, question), d in difficulties(group).items()}
    reference = _reference(group)
    least = _least_correct(group)
    scores = thinkbench_f1(
        [stats.accuracy.value for stats, _ in group], [stats.mean_tokens for stats, _ in group]
    )
    for i, (_, questions), score in zip(places, group, scores, strict=True):
        counted = [(q, q.mean_tokens) for q in questions if q.mean_tokens is not None]
        placed = [(difficulty[q.question], t) for q, t in counted if q.question in difficulty]
        hard, tokens = [d for d, _ in placed], [t for _, t in placed]
        excess = [t / reference[q.question] for q, t in counted if reference.get(q.question)]
        rows[i].update(
            thinkbench_f1=score,
            f1_otb=_f1_otb(questions, difficulty, options),
            easy_below=options.easy_below,
            excess_token_ratio=mean(excess),
            reference_cells=sum(stats.n_tokens > 0 for stats, _ in group),
            o_g=mean([t - least[q.question] for q, t in counted if q.question in least]),
            o_env=mean([e for q in questions if (e := q.envelope) is not None]),
            difficulty_tokens_rho=spearman(hard, tokens),
            difficulty_tokens_slope=slope(hard, tokens),
        )


def _reference(group: Sequence[Counted]) -> dict[str, float]:
    """Mean over cells of their mean tokens on each question."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for _, questions in group:
        for q in questions:
            if q.mean_tokens is not None:
                found[q.question].append(q.mean_tokens)
    return {question: math.fsum(values) / len(values) for question, values in found.items()}


def _least_correct(group: Sequence[Counted]) -> dict[str, float]:
    """Fewest tokens of any correct sample of each question, over all cells."""
    least: dict[str, float] = {}
    for _, questions in group:
        for q in questions:
            if q.min_correct_tokens is not None:
                before = least.get(q.question, math.inf)
                least[q.question] = min(before, q.min_correct_tokens)
    return least


def _f1_otb(
    questions: Sequence[QuestionStats], difficulty: Mapping[str, float], options: Options
) -> float | None:
    """Harmonic mean of the area under OAA on easy questions and accuracy on hard ones."""
    easy = [q for q in questions if difficulty.get(q.question, 1.0) < options.easy_below]
    hard = [q for q in questions if difficulty.get(q.question, 0.0) >= options.easy_below]
    n_easy, n_hard = sum(q.n_oaa for q in easy), sum(q.n_judged for q in hard)
    if not n_easy or not n_hard:
        return None
    area = math.fsum((q.mean_oaa or 0.0) * q.n_oaa for q in easy) / n_easy
    return harmonic(area, sum(q.n_correct for q in hard) / n_hard)


def _model(
    cells: Sequence[Counted], efforts: Sequence[int], options: Options, rows: list[Row]
) -> None:
    """Measures over the efforts of one model on one data set."""
    stats = [cells[i][0] for i in efforts]
    points = [
        (s.mean_tokens, s.accuracy.value)
        for s in stats
        if s.mean_tokens is not None and s.accuracy.value is not None
    ]
    trend = scaling([t for t, _ in points], [a for _, a in points])
    rising = monotonic(_tokens_by_question(cells, efforts))
    base = stats[0]
    for i, s in zip(efforts, stats, strict=True):
        score = None
        if s is not base:
            score = aes(
                s.accuracy.value, s.mean_tokens, base.accuracy.value, base.mean_tokens, options
            )
        rows[i].update(
            aes=score,
            aes_baseline=None if s is base else _effort_name(base.cell),
            aes_constants=options.aes_constants,
            scaling_slope=None if trend is None else 1000 * trend,
            monotonic_share=rising,
        )


def _tokens_by_question(cells: Sequence[Counted], efforts: Sequence[int]) -> list[list[float]]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for i in efforts:
        for q in cells[i][1]:
            if q.mean_tokens is not None:
                found[q.question].append(q.mean_tokens)
    return list(found.values())


def _effort_name(cell: Cell) -> str:
    return cell.effort if cell.effort is not None else "(not stated)"


def _questions(
    cells: Sequence[Counted], efforts: Sequence[int], rows: dict[tuple[int, str], Row]
) -> None:
    """Each question of a model against the same question at its least effort."""
    base: dict[str, tuple[int, QuestionStats]] = {}
    solved: dict[str, tuple[int, QuestionStats]] = {}
    for i in efforts:
        for q in cells[i][1]:
            first = base.setdefault(q.question, (i, q))
            if q.majority_right:
                solved.setdefault(q.question, (i, q))
            row = rows.setdefault((i, q.question), {})
            if first[0] != i:
                row.update(_against(cells[first[0]][0].cell, first[1], q))
    for i in efforts:
        for q in cells[i][1]:
            if q.question in solved:
                where, cheapest = solved[q.question]
                row = rows[i, q.question]
                row["cheapest_solving_effort"] = _effort_name(cells[where][0].cell)
                if i >= where and None not in (q.mean_tokens, cheapest.mean_tokens):
                    row["wasted_tokens"] = (q.mean_tokens or 0) - (cheapest.mean_tokens or 0)


def _against(cell: Cell, base: QuestionStats, q: QuestionStats) -> Row:
    row: Row = {"baseline_effort": _effort_name(cell)}
    if base.mean_tokens and q.mean_tokens is not None:
        row["token_multiplier"] = q.mean_tokens / base.mean_tokens
    if base.accuracy is not None and q.accuracy is not None:
        row["accuracy_change"] = q.accuracy - base.accuracy
        before, now = base.majority_right, q.majority_right
        row["flip"] = "same" if before == now else "gained" if now else "lost"
    return row
