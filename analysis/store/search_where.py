"""The conditions of a search as SQL over ``trace_row t``; every value is bound."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.search.query import Condition, HasFact, HasFinding, HasMetric, SearchQuery
from analysis.store.connection import Store
from analysis.store.where import UNKNOWN, where

SORTS = {
    "relevance": "best first (BM25); in file order where no words are searched",
    "newest": "when it was made, else when it was imported",
    "longest": "length of the reasoning",
}
"""How results can be ordered -> what that means."""
_FILE_ORDER = "t.dataset, t.file_id, t.record_index, t.part_index, t.trace_id"
_ORDERS = {
    "relevance": "{score}" + _FILE_ORDER,
    "newest": "coalesce(t.created_at, f.imported_at) DESC, " + _FILE_ORDER,
    "longest": "t.reasoning_chars DESC NULLS LAST, " + _FILE_ORDER,
}
_VERDICTS = {
    "correct": "t.correct",
    "wrong": "NOT t.correct",
    "not judged": "t.correct IS NULL",
}
_ANCHORS = {"correct": "first_correct_frac", "answer": "first_final_frac"}
"""What a place can be before or after -> the metric that says where, as a share."""
Bound = tuple[str, dict[str, Any]]


def order_by(sort: str, *, scored: bool) -> str:
    """An ORDER BY list over ``trace_row t``, ``file f`` and, if ``scored``, ``hit h``; total."""
    if sort not in _ORDERS:
        raise UsageError(
            f"Results cannot be sorted by {sort!r}.", remedy=f"Use: {', '.join(SORTS)}."
        )
    return _ORDERS[sort].format(score="h.score DESC, " if scored else "")


def search_where(query: SearchQuery, filters: Filters) -> Bound:
    """A boolean expression over ``trace_row t`` for the conditions and the filter."""
    condition, values = where(replace(filters, text=""))
    parts = [condition]
    for number, part in enumerate(query.conditions):
        sql, bound = _condition(part, f"c{number}")
        parts.append(f"NOT coalesce(({sql}), false)" if part.negated else f"({sql})")
        values |= bound
    return " AND ".join(parts), values


def _condition(part: Condition, name: str) -> Bound:
    if isinstance(part, HasFinding):
        source, values = finding_source(part, name)
        return (
            f"t.trace_id IN (SELECT x.trace_id {source} GROUP BY x.trace_id"
            f" HAVING count(*) >= ${name}_n)",
            values | {f"{name}_n": part.min_count},
        )
    return _metric(part, name) if isinstance(part, HasMetric) else _fact(part, name)


def finding_source(part: HasFinding, name: str) -> Bound:
    """FROM and WHERE of the findings ``x`` that a condition means, with their trace ``r``."""
    joins = "FROM finding x JOIN trace_row r ON r.trace_id = x.trace_id"
    tests = [f"x.label = ${name}_label"]
    values: dict[str, Any] = {f"{name}_label": part.label}
    if part.anchor is not None:
        side, what = part.anchor.split("-")
        values[f"{name}_metric"] = _ANCHORS[what]
        joins += f" JOIN metric p ON p.trace_id = x.trace_id AND p.name = ${name}_metric"
        compare = ">=" if side == "after" else "<"
        tests.append(f"x.char_start {compare} round(p.value * r.reasoning_chars)")
    if part.low > 0:
        values[f"{name}_low"] = part.low
        tests.append(f"x.char_start >= ${name}_low * r.reasoning_chars")
    if part.high < 1:
        values[f"{name}_high"] = part.high
        tests.append(f"x.char_start < ${name}_high * r.reasoning_chars")
    if part.min_score is not None:
        values[f"{name}_score"] = part.min_score
        tests.append(f"x.score >= ${name}_score")
    if part.value is not None:
        values[f"{name}_value"] = part.value.lower()
        tests.append(f"lower(x.value) = ${name}_value")
    return f"{joins} WHERE {' AND '.join(tests)}", values


def _metric(part: HasMetric, name: str) -> Bound:
    values: dict[str, Any] = {f"{name}_name": part.name}
    if part.text is not None:
        values[f"{name}_text"] = part.text.lower()
        test = f"lower(m.text) {_OPERATORS[part.operator]} ${name}_text"
    elif part.operator == "..":
        values |= {f"{name}_low": part.number, f"{name}_high": part.high}
        test = f"m.value BETWEEN ${name}_low AND ${name}_high"
    else:
        values[f"{name}_number"] = part.number
        test = f"m.value {_OPERATORS[part.operator]} ${name}_number"
    return (
        "t.trace_id IN (SELECT m.trace_id FROM metric m"  # noqa: S608 - values are bound
        f" WHERE m.name = ${name}_name AND {test})",
        values,
    )


_OPERATORS = {">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "!=": "<>"}


def _fact(part: HasFact, name: str) -> Bound:
    value = part.value.lower()
    if part.name == "verdict":
        return _VERDICTS[value], {}
    if part.name == "ending":
        return ("t.truncated" if value == "truncated" else "NOT t.truncated"), {}
    bound = {f"{name}_v": value}
    if part.name == "language":
        return (
            "t.trace_id IN (SELECT m.trace_id FROM metric m"  # noqa: S608 - values are bound
            f" WHERE m.name = 'matrix_language' AND lower(m.text) = ${name}_v)",
            bound,
        )
    if part.name == "effort":
        return f"lower(coalesce(t.effort, '{UNKNOWN}')) = ${name}_v", bound
    column = {"model": "model", "dataset": "dataset", "id": "external_id"}[part.name]
    return f"contains(lower(coalesce(t.{column}, '{UNKNOWN}')), ${name}_v)", bound


def require_names(store: Store, query: SearchQuery) -> None:
    """Raise ``UsageError`` for a label or metric that the database does not have: likely a slip."""
    for kind, table, column, wanted in (
        ("label", "finding", "label", [c.label for c in query.conditions if isinstance(c, HasFinding)]),
        ("metric", "metric", "name", [c.name for c in query.conditions if isinstance(c, HasMetric)]),
    ):  # fmt: skip
        if not wanted:
            continue
        known = [
            row[0]
            # Both names are constants of this file.
            for row in store.rows(f"SELECT DISTINCT {column} FROM {table} ORDER BY 1")  # noqa: S608
        ]
        for name in wanted:
            if name not in known:
                raise UsageError(
                    f"Nothing here has the {kind} {name[:60]!r}.", remedy=_offer(kind, name, known)
                )


def _offer(kind: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 5, 0.5)
    if near:
        return f"Did you mean: {', '.join(near)}?"
    if not known:
        return "Analyse the traces first (cotscope analyze, or the Library page)."
    shown = ", ".join(known[:30])
    return f"There are: {shown}{', …' if len(known) > 30 else ''}."
