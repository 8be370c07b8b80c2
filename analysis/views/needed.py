"""How much of the thinking was needed, by difficulty; and lists of traces behind a chart's point."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa

from analysis.picks import Pick
from analysis.store.connection import Store

TIERS = ("1 easy", "2 middle", "3 hard", "4 no verdict")
"""By the mean accuracy of the question over its cells: two thirds or more, one third or more, less."""
MAX_LISTED = 200


def with_difficulty(points: pa.Table) -> pa.Table:
    """``points`` with ``difficulty`` (1 - mean over cells of the question's accuracy) and ``tier``.

    Over the rows given: judged traces with visible reasoning. Undefined without a verdict.
    """
    names = ("dataset", "question_key", "model", "effort", "correct")
    rows = list(zip(*(points.column(n).to_pylist() for n in names), strict=True))
    cells: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for dataset, question, model, effort, correct in rows:
        if correct is not None and question is not None:
            counted = cells[dataset, question, model, effort]
            counted[0] += correct
            counted[1] += 1
    means: defaultdict[tuple[Any, ...], list[float]] = defaultdict(list)
    for (dataset, question, _, _), (right, n) in cells.items():
        means[dataset, question].append(right / n)
    found = {key: 1 - sum(values) / len(values) for key, values in means.items()}
    difficulty = [found.get((dataset, question)) for dataset, question, *_ in rows]
    return points.append_column("difficulty", pa.array(difficulty, pa.float64())).append_column(
        "tier", pa.array([_tier(value) for value in difficulty], pa.string())
    )


def _tier(difficulty: float | None) -> str:
    if difficulty is None:
        return TIERS[3]
    # A third that is not quite one by rounding is still a third.
    return TIERS[sum(difficulty > third + 1e-9 for third in (1 / 3, 2 / 3))]


def listed(
    store: Store, points: pa.Table, pick: Pick, *, by: str, limit: int = MAX_LISTED
) -> tuple[pa.Table, int]:
    """The rows of ``points`` that are picked, most of ``by`` first, and how many there are.

    At most ``limit`` rows; each with question, id, and where the answer first stood.
    """
    rows = pick.rows(points)
    shown = rows.sort_by([(by, "descending"), ("trace_id", "ascending")]).slice(0, limit)
    return with_places(store, shown), rows.num_rows


def with_places(store: Store, rows: pa.Table) -> pa.Table:
    """``rows`` (with ``trace_id``) with ``question``, ``external_id`` and ``at``.

    ``at`` is the sentence (from 0) with the end of the first candidate equal to the final answer:
    where the Reader is to open. Undefined where no candidate equals it.
    """
    ids: list[str] = rows.column("trace_id").to_pylist()
    found = store.query("trace_places", {"ids": ids}).to_pylist()
    by_id = {row["trace_id"]: row for row in found}
    for name, kind in (
        ("question", pa.string()),
        ("external_id", pa.string()),
        ("checkpoint", pa.string()),
        ("at", pa.int64()),
    ):
        values = [by_id.get(i, {}).get(name) for i in ids]
        if name in rows.column_names:
            continue
        rows = rows.append_column(name, pa.array(values, kind))
    return rows


def right_to_wrong(
    store: Store, points: pa.Table, *, limit: int = MAX_LISTED
) -> tuple[pa.Table, int]:
    """Traces that had the right answer and gave another, longest first, and how many there are."""
    return listed(
        store, points, Pick((("right_to_wrong", 1, 1),)), by="thinking_tokens", limit=limit
    )
