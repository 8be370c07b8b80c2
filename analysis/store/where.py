"""A ``Filters`` as SQL: every value is bound, every identifier is a constant of this file."""

from __future__ import annotations

from typing import Any

from analysis.filters import Filters

_LISTS = ("dataset", "model", "effort")
UNKNOWN = "(not stated)"
"""How a missing model or effort is named in filters and tables."""

_VERDICTS = {
    "correct": "t.correct",
    "wrong": "NOT t.correct",
    "not judged": "t.correct IS NULL",
}

_SORTS = {
    "file order": "t.dataset {0}, t.file_id {0}, t.record_index {0}, t.part_index {0}",
    "length": "t.reasoning_chars {0} NULLS LAST",
    "tokens": "m_thinking_tokens {0} NULLS LAST",
    "after answer": "m_post_answer_waste {0} NULLS LAST",
    "candidates": "m_n_candidates {0} NULLS LAST",
    "switches": "m_switches_per_1k {0} NULLS LAST",
}


def where(filters: Filters) -> tuple[str, dict[str, Any]]:
    """A boolean SQL expression over ``trace t``, and the values that it binds."""
    parts = ["true"]
    values: dict[str, Any] = {}
    for name in _LISTS:
        chosen = list(getattr(filters, name))
        if chosen:
            values[f"f_{name}"] = chosen
            parts.append(f"list_contains($f_{name}, coalesce(t.{name}, '{UNKNOWN}'))")
    if filters.verdict:
        parts.append("(" + " OR ".join(_VERDICTS[v] for v in filters.verdict) + ")")
    if filters.label:
        values["f_label"] = list(filters.label)
        parts.append(
            "t.trace_id IN (SELECT trace_id FROM finding WHERE list_contains($f_label, label)"
            " GROUP BY trace_id HAVING count(DISTINCT label) = len(list_distinct($f_label)))"
        )
    if filters.question is not None:
        values["f_question"] = filters.question
        parts.append("t.question_key = $f_question")
    if filters.file is not None:
        values["f_file"] = filters.file
        parts.append("starts_with(t.file_id, $f_file)")
    if filters.text.strip():
        values["f_text"] = filters.text.strip().lower()
        columns = ("question", "reasoning", "answer", "external_id")
        any_of = " OR ".join(f"contains(lower(coalesce(t.{c}, '')), $f_text)" for c in columns)
        parts.append(f"({any_of})")
    if filters.min_chars is not None:
        values["f_min"] = filters.min_chars
        parts.append("t.reasoning_chars >= $f_min")
    if filters.max_chars is not None:
        values["f_max"] = filters.max_chars
        parts.append("t.reasoning_chars <= $f_max")
    if filters.ending is not None:
        parts.append("t.truncated" if filters.ending == "truncated" else "NOT t.truncated")
    if filters.visible_only:
        parts.append("t.reasoning_kind = 'visible'")
    return " AND ".join(parts), values


def order(filters: Filters) -> str:
    """An ORDER BY list over ``trace t`` and the joined metrics; total, so that pages never overlap."""
    direction = "DESC" if filters.descending else "ASC"
    return _SORTS[filters.sort].format(direction) + ", t.trace_id"


def wide_metrics(specs: list[tuple[str, str]]) -> str:
    """Aggregates that turn table ``metric`` into one column a metric.

    ``specs`` are (name, kind) of the registry, whose names are checked to be plain identifiers.
    """
    columns = []
    for name, kind in specs:
        if not name.isidentifier():
            raise ValueError(f"metric name {name!r} is not an identifier")
        source = "text" if kind == "text" else "value"
        column = f"max({source}) FILTER (WHERE name = '{name}')"
        if kind == "integer":
            column = f"CAST({column} AS BIGINT)"
        elif kind == "boolean":
            column = f"CAST({column} AS BOOLEAN)"
        columns.append(f'{column} AS "{name}"')
    return ",\n       ".join(columns)
