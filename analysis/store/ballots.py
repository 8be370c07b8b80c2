"""Reading the samples of cells as blocks of votes (``effort.curves``)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from analysis.answers.normalise import normalise
from analysis.effort.curves import Block
from analysis.effort.intervals import Floats
from analysis.effort.tallies import Ints, Tallies
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.tallies import cell_runs, codes_of, sample_query

_MOST_SAMPLES = 1024
"""Of a question in one cell; more are left out of the curves."""


def blocks(store: Store, filters: Filters, cells: Tallies) -> list[list[Block]]:
    """For each cell of ``cells`` its questions in blocks of equally many samples."""
    rows = store.arrow(*sample_query("cell_ballots", filters))
    number = {key: i for i, key in enumerate(cells.keys)}
    by_cell: dict[tuple[Any, ...], list[Block]] = {}
    start = 0
    for key, length in cell_runs(rows):
        by_cell[key] = _blocks(rows.slice(start, length), number)
        start += length
    return [by_cell.get((t.cell.dataset, t.cell.model, t.cell.effort), []) for t in cells.cells]


def _blocks(rows: pa.Table, number: dict[str, int]) -> list[Block]:
    keys = rows.column("question_key").combine_chunks()
    codes = codes_of(keys)
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    sizes = np.diff(np.append(starts, rows.num_rows))
    questions = np.array([number[k] for k in keys.take(pa.array(starts)).to_pylist()])
    correct = _floats(rows, "correct")
    answer, known = _answers(rows, starts, sizes, correct)
    tokens, score = _floats(rows, "tokens"), _floats(rows, "score")
    made = []
    for n in np.unique(sizes[sizes <= _MOST_SAMPLES]):
        chosen = np.flatnonzero(sizes == n)
        chosen = chosen[np.argsort(questions[chosen], kind="stable")]
        at = starts[chosen][:, None] + np.arange(n)
        made.append(
            Block(questions[chosen], answer[at], correct[at], tokens[at], score[at], known[chosen])
        )
    return made


def _answers(
    rows: pa.Table, starts: Ints, sizes: Ints, correct: Floats
) -> tuple[Ints, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Codes of the answers within each question, and whether its votes are known.

    A correct sample gives the right answer, however it is spelled; so does a sample whose answer is
    the gold one, or the commonest spelling of the correct ones where there is no gold.
    """
    given, gold = _normal_codes(rows)
    question = np.repeat(np.arange(len(starts)), sizes)
    right = _right(given, gold, correct, starts, sizes)[question]
    is_right = (correct == 1) | ((given >= 0) & (given == right))
    silent = (given < 0) & (correct != 1)
    found = np.where(silent, -1, 0)
    other = ~is_right & ~silent
    # Wrong answers are numbered from 1 within each question.
    pairs = question[other] * (np.int64(given.max(initial=0)) + 1) + given[other]
    distinct, place = np.unique(pairs, return_inverse=True)
    owner = distinct // (np.int64(given.max(initial=0)) + 1)
    first = np.searchsorted(owner, np.arange(len(starts)))
    found[other] = 1 + place - first[owner[place]]
    missing = given < 0
    both = [
        np.add.reduceat((missing & (correct == v)).astype(np.int64), starts) > 0 for v in (1, 0)
    ]
    if not np.any(given >= 0):
        # Where no trace of the cell has an answer, "no answer" says nothing of any single trace.
        return np.full(len(given), -1), np.zeros(len(starts), dtype=bool)
    return found, ~(both[0] & both[1])


def _right(given: Ints, gold: Ints, correct: Floats, starts: Ints, sizes: Ints) -> Ints:
    """The code of the right answer of each question; -2 where nothing names it."""
    found = np.full(len(starts), -2, dtype=np.int64)
    # The gold answer, where there is one, comes last and has the last word.
    for source in (np.where(correct == 1, given, -1), gold):
        there = source >= 0
        if not there.any():
            continue
        question = np.repeat(np.arange(len(starts)), sizes)[there]
        pairs = np.stack([question, source[there]], axis=1)
        distinct, times = np.unique(pairs, axis=0, return_counts=True)
        order = np.lexsort((distinct[:, 1], -times, distinct[:, 0]))
        first = order[np.unique(distinct[order, 0], return_index=True)[1]]
        found[distinct[first, 0]] = distinct[first, 1]
    return found


def _normal_codes(rows: pa.Table) -> tuple[Ints, Ints]:
    """Codes of the normal forms of answers and of gold answers; -1 for none. In order of the text."""
    columns = [rows.column(n).combine_chunks().dictionary_encode() for n in ("answer", "gold")]
    columns = [c.chunk(0) if isinstance(c, pa.ChunkedArray) else c for c in columns]
    texts = [[_normal(t) for t in c.dictionary.to_pylist()] for c in columns]
    names = {name: i for i, name in enumerate(sorted({t for some in texts for t in some if t}))}
    found = []
    for column, some in zip(columns, texts, strict=True):
        of = np.array([names[t] if t else -1 for t in some] + [-1], dtype=np.int64)
        places = column.indices.fill_null(len(some)).to_numpy(zero_copy_only=False)
        found.append(of[places])
    return found[0], found[1]


@lru_cache(maxsize=50_000)
def _normal(answer: str) -> str | None:
    return normalise(answer) or None


def _floats(rows: pa.Table, name: str) -> Floats:
    column = rows.column(name).combine_chunks()
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    result: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return result
