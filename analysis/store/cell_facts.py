"""What stands behind the columns of an exported cell: its recognised name, and sums as published."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from analysis.effort.columns_more import CELL_NAMED
from analysis.effort.lines import pareto_front
from analysis.effort.tables import to_table
from analysis.effort.tallies import Tallies, Tally


def named_cells(table: pa.Table, found: Tallies) -> pa.Table:
    """``table`` (one row a cell of ``found``, in its order) with the columns ``CELL_NAMED``."""
    rows = [_row(cell) for cell in found.cells]
    for dataset in found.datasets:
        places = [i for i, c in enumerate(found.cells) if c.cell.dataset == dataset]
        fronts = pareto_front(
            [found.cells[i].tokens_a_sample for i in places],
            [found.cells[i].share_right for i in places],
        )
        for i, front in zip(places, fronts, strict=True):
            rows[i]["on_front"] = front
    more = to_table(rows, CELL_NAMED)
    for name in more.column_names:
        table = table.append_column(more.schema.field(name), more.column(name))
    return table


def _row(cell: Tally) -> dict[str, Any]:
    facts: dict[str, Any] = dict(cell.facts)
    n, n_completion = int(cell.n.sum()), facts["n_completion"]
    return {
        "accuracy_method": "Wilson" if cell.single else "cluster bootstrap",
        "accuracy_of_all": int(cell.correct.sum()) / n if n else None,
        "n_completion_tokens": n_completion,
        "total_completion_tokens": facts["completion_tokens"],
        "mean_completion_tokens": facts["completion_tokens"] / n_completion
        if n_completion
        else None,
        "n_failed": facts["n_failed"],
        "n_repeats": facts["n_repeats"],
        "label": cell.label,
        "base_model": cell.name.model,
        "base_effort": cell.name.effort,
        "budget_tokens": cell.name.budget_tokens,
        "base_checkpoint": cell.name.checkpoint,
        "effort_order": cell.name.order,
        "name_source": cell.name.source or None,
        "stated": "; ".join(_stated(m, e) for m, e in cell.stated),
    }


def _stated(model: str | None, effort: str | None) -> str:
    return f"{model or '(not stated)'} @ {effort or '(not stated)'}"
