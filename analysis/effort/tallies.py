"""Cells as columns of numbers over questions: what the statistics of many cells are computed from.

``Sample`` and ``QuestionStats`` (``cells``) describe one trace and one question; a page that
compares twenty cells on a hundred thousand traces needs the same numbers as arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from analysis.effort.cells import Cell, QuestionStats
from analysis.effort.intervals import Floats
from analysis.effort.naming import CellName, recognise

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """A cell: one entry a question that it has, in ascending order of the question's number.

    Counts and sums are over the samples of the question in this cell. Tokens are thinking tokens.
    """

    cell: Cell
    """As the tables name it."""
    name: CellName
    """As it is recognised."""
    label: str
    """Its name in charts and on the command line; no two cells share one."""
    question: Ints
    n: Ints
    judged: Ints
    correct: Ints
    n_tokens: Ints
    tokens: Floats
    n_judged_tokens: Ints
    judged_tokens: Floats
    n_right_tokens: Ints
    n_cost: Ints
    cost: Floats
    n_right_cost: Ints
    facts: Mapping[str, object] = field(default_factory=dict)
    """Medians, sources and what else is no sum over questions."""
    stated: Sequence[tuple[str | None, str | None]] = ()
    """Model and effort as the records say them; several where a person put cells together."""

    @property
    def tokens_a_sample(self) -> float | None:
        """Thinking tokens a sample; None where none has a count."""
        n = int(self.n_tokens.sum())
        return float(self.tokens.sum()) / n if n else None

    @property
    def share_right(self) -> float | None:
        """Correct samples / judged samples; None where none is judged."""
        n = int(self.judged.sum())
        return int(self.correct.sum()) / n if n else None

    @property
    def accuracy(self) -> Floats:
        """Correct over judged samples of each question; NaN without a judged one."""
        return share(self.correct, self.judged)

    @property
    def mean_tokens(self) -> Floats:
        """Mean tokens of each question; NaN without a count."""
        return share(self.tokens, self.n_tokens)

    @property
    def single(self) -> bool:
        """Whether no question has more than one judged sample."""
        return bool(np.all(self.judged <= 1))


@dataclass(frozen=True, slots=True)
class Tallies:
    """All cells, by data set, then base model, then from the least effort to the most."""

    cells: Sequence[Tally]
    keys: Sequence[str]
    """The key of each question, by its number."""
    previews: Sequence[str | None]
    question_ids: Sequence[str | None]

    @property
    def datasets(self) -> list[str]:
        """Data sets in order."""
        return list(dict.fromkeys(t.cell.dataset for t in self.cells))

    def of_dataset(self, dataset: str) -> list[Tally]:
        """The cells of one data set, in order."""
        return [t for t in self.cells if t.cell.dataset == dataset]

    def lines(self) -> dict[tuple[str, str | None], list[Tally]]:
        """(data set, base model) -> its cells from the least effort to the most."""
        found: dict[tuple[str, str | None], list[Tally]] = {}
        for t in self.cells:
            found.setdefault((t.cell.dataset, t.name.model), []).append(t)
        return found


@dataclass(frozen=True, slots=True)
class Common:
    """Two cells on the questions that both have, entry by entry."""

    question: Ints
    a: Ints
    """Places in the arrays of cell a."""
    b: Ints

    @property
    def n(self) -> int:
        """How many questions both have."""
        return len(self.question)


def common(a: Tally, b: Tally) -> Common:
    """The questions that both cells have, in order; linear in their number."""
    question, at_a, at_b = np.intersect1d(
        a.question, b.question, assume_unique=True, return_indices=True
    )
    return Common(question, at_a, at_b)


def share(over: Floats | Ints, under: Floats | Ints) -> Floats:
    """``over / under`` entry by entry; NaN where ``under`` is 0."""
    result: Floats = np.divide(
        over, under, out=np.full(len(over), np.nan), where=np.asarray(under) > 0
    )
    return result


def tally_of(cell: Cell, questions: Sequence[QuestionStats], number: Mapping[str, int]) -> Tally:
    """The statistics of a cell's questions as columns; ``number`` numbers the questions."""
    rows = sorted(questions, key=lambda q: number[q.question])
    tokens = np.array([(q.mean_tokens or 0.0) * q.n_tokens for q in rows], dtype=np.float64)
    none, nothing = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows))
    name = recognise(cell.model, cell.effort)
    return Tally(
        cell=cell,
        name=name,
        label=name.label,
        question=_ints(number[q.question] for q in rows),
        n=_ints(q.n_traces for q in rows),
        judged=_ints(q.n_judged for q in rows),
        correct=_ints(q.n_correct for q in rows),
        n_tokens=_ints(q.n_tokens for q in rows),
        tokens=tokens,
        n_judged_tokens=none,
        judged_tokens=nothing,
        n_right_tokens=none,
        n_cost=none,
        cost=nothing,
        n_right_cost=none,
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
