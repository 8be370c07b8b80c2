"""The findings and traces of a work queue, in an order that depends on the queue alone."""

from __future__ import annotations

from typing import Any

from analysis.annotation.queues import QueueItem, QueueSpec
from analysis.store.connection import Store

# md5 and not DuckDB's hash(), which may change with its version: a seed must go on meaning its sample.
_CHANCE = (
    "md5(concat_ws('|', CAST($seed AS VARCHAR), t.trace_id, f.analyzer, f.label, f.char_start,"
    " f.char_end))"
)
_ORDER = {
    "uncertain": f"abs(f.score - $threshold), {_CHANCE}",
    "random": _CHANCE,
}


def finding_items(store: Store, spec: QueueSpec) -> list[QueueItem]:
    """Findings of a queue 'uncertain' or 'random'. Each place once, whatever analyzers found it."""
    condition, values = _where(spec)
    rows = store.rows(
        "SELECT f.trace_id, f.label, f.char_start, f.char_end, f.analyzer, f.score"  # noqa: S608
        " FROM finding f JOIN trace_row t USING (trace_id)"
        f" WHERE ($label = '' OR f.label = $label) AND {condition}"
        f" ORDER BY {_ORDER[spec.kind]} LIMIT $limit",
        {
            **values,
            "label": spec.label,
            "seed": spec.seed,
            "limit": spec.limit,
            **({"threshold": spec.threshold} if spec.kind == "uncertain" else {}),
        },
    )
    items = (QueueItem(*row) for row in rows)
    return list({(i.trace_id, i.label, i.start, i.end): i for i in items}.values())


def trace_items(store: Store, spec: QueueSpec) -> list[QueueItem]:
    """Traces with reasoning, in random order: the queue 'unlabelled'."""
    condition, values = _where(spec)
    rows = store.rows(
        f"SELECT t.trace_id FROM trace_row t WHERE {condition}"  # noqa: S608
        " AND coalesce(t.reasoning_chars, 0) > 0"
        " ORDER BY md5(concat_ws('|', CAST($seed AS VARCHAR), t.trace_id)) LIMIT $limit",
        {**values, "seed": spec.seed, "limit": spec.limit},
    )
    return [QueueItem(row[0]) for row in rows]


def _where(spec: QueueSpec) -> tuple[str, dict[str, Any]]:
    """A condition over ``trace_row t``; every value is bound."""
    parts, values = ["true"], {}
    for name in ("dataset", "model"):
        wanted = getattr(spec, name)
        if wanted:
            parts.append(f"t.{name} = ${name}")
            values[name] = wanted
    return " AND ".join(parts), values


def annotated_texts(store: Store, trace_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Of these traces what a gold record holds: ids, data set, model, question, reasoning."""
    rows = store.rows(
        "SELECT trace_id, external_id, dataset, question_key, model, unpack_text(question_packed),"
        " unpack_text(reasoning_packed) FROM trace_row WHERE list_contains($ids, trace_id)",
        {"ids": trace_ids},
    )
    names = (
        "trace_id", "external_id", "dataset", "question_key", "model", "question", "reasoning",
    )  # fmt: skip
    return {row[0]: dict(zip(names, row, strict=True)) for row in rows}


def sentences_of(store: Store, trace_ids: list[str]) -> dict[str, list[tuple[int, int]]]:
    """The (start, end) of every sentence of these traces, in order."""
    found: dict[str, list[tuple[int, int]]] = {trace_id: [] for trace_id in trace_ids}
    rows = store.rows(
        "SELECT trace_id, char_start, char_end FROM sentence WHERE list_contains($ids, trace_id)"
        " ORDER BY trace_id, sentence_index",
        {"ids": trace_ids},
    )
    for trace_id, start, end in rows:
        found[trace_id].append((start, end))
    return found


def findings_of(store: Store, trace_ids: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """(analyzer, label, start, end, score) of these traces, in the order that the Reader has."""
    found: dict[str, list[tuple[Any, ...]]] = {trace_id: [] for trace_id in trace_ids}
    rows = store.rows(
        "SELECT trace_id, analyzer, label, char_start, char_end, score FROM finding"
        " WHERE list_contains($ids, trace_id)"
        " ORDER BY trace_id, char_start, char_end, label, analyzer",
        {"ids": trace_ids},
    )
    for trace_id, *rest in rows:
        found[trace_id].append(tuple(rest))
    return found
