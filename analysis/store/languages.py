"""Language facts of traces and their foreign stretches, counted in SQL.

What several queries share stands in temporary tables of one cursor, so it is read once and all
numbers are of one moment. No text is read here but by ``texts``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.analyzers.registry import metric_specs
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.samples import EFFORT, EFFORT_ORDER
from analysis.store.where import where, wide_metrics

BINS = 20
"""Parts of a trace that positions are counted in."""
METRICS = (
    "matrix_language",
    "target_language",
    "thinks_in_other_language",
    "n_language_slips",
    "n_language_quotes",
    "language_slip_rate",
    "foreign_share",
    "language_consistency",
)
GROUPS = {
    "dataset": "dataset",
    "model": "coalesce(model, '(not stated)')",
    "effort": "coalesce(level, '(not stated)')",
    "cell": "struct_pack(dataset := dataset, model := model, effort := effort)",
}
"""By what traces can be told apart -> SQL, with the names that the filter uses."""
KINDS = ("slip", "intraword", "quote")
_ALL = "'all'"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which stretches. None and empty mean all."""

    language: str | None = None
    """Of the stretch (ISO 639-1)."""
    matrix: str | None = None
    """Of the trace around it."""
    kinds: tuple[str, ...] = ()
    """Of ``KINDS``."""
    bin: int | None = None
    """Of ``BINS``, from 0: where in its trace it begins."""
    word: str | None = None
    """The word before or after it, in lower case."""


EVERYTHING = Selection()


class LanguageTables:
    """Named queries over the temporary tables of one cursor."""

    def __init__(self, cursor: Any):
        self._cursor = cursor

    def query(self, name: str, values: Mapping[str, Any] | None = None, **parts: str) -> pa.Table:
        """The rows of ``queries/languages_NAME.sql``."""
        sql = load_query(f"languages_{name}", effort_order=EFFORT_ORDER, **parts)
        return self._cursor.sql(sql, params=dict(values or {})).to_arrow_table()

    def by_group(self, name: str, group: str | None) -> list[dict[str, Any]]:
        """The rows of a query with a column ``name``: a key of ``GROUPS``, or None for all in one."""
        return list(self.query(name, group=GROUPS[group] if group else _ALL).to_pylist())


@contextmanager
def language_tables(
    store: Store, filters: Filters, chosen: Selection = EVERYTHING, *, traces: bool = True
) -> Iterator[LanguageTables]:
    """``language_span`` (the chosen stretches) and, if wanted, ``language_trace`` of a filter."""
    condition, values = where(filters)
    parts = {"where": condition, "effort": EFFORT, "bins": str(BINS)}
    with store.cursor() as cursor:
        sql = load_query("languages_spans", **parts)
        bound = {**values, **_bound(chosen)}
        cursor.execute(f"CREATE TEMP TABLE language_span AS {sql}", bound)
        if traces:
            sql = load_query("languages_traces", metrics=wide(METRICS), **parts)
            bound = {**values, "names": list(METRICS)}
            cursor.execute(f"CREATE TEMP TABLE language_trace AS {sql}", bound)
        yield LanguageTables(cursor)


def other_language(
    store: Store, filters: Filters, *, asked: str | None, thought: str | None, limit: int
) -> pa.Table:
    """Traces that think in another language than asked; with both languages given, just these."""
    names = ("target_language", "matrix_language", "thinks_in_other_language", "languages")
    condition, values = where(filters)
    more = {"names": list(names), "asked": asked, "thought": thought, "limit": limit}
    return store.query(
        "languages_other",
        {**values, **more},
        metrics=wide(names),
        effort=EFFORT,
        where=condition,
    )


def counts(store: Store, filters: Filters) -> pa.Table:
    """The exported table ``languages``: docs/exports.md says what its rows and columns are."""
    with language_tables(store, filters) as tables:
        return tables.query("export")


def texts(store: Store, trace_ids: Collection[str]) -> dict[str, str]:
    """The reasoning of these few traces."""
    rows = store.query("languages_texts", {"ids": sorted(set(trace_ids))}).to_pylist()
    return {row["trace_id"]: row["reasoning"] or "" for row in rows}


def wide(names: Sequence[str]) -> str:
    """SQL that makes columns of these metrics."""
    kinds = {name: spec.kind for name, (_, spec) in metric_specs().items()}
    return wide_metrics([(name, kinds.get(name, "number")) for name in names])


def _bound(chosen: Selection) -> dict[str, Any]:
    return {
        "language": chosen.language,
        "matrix": chosen.matrix,
        "kinds": list(chosen.kinds),
        "bin": chosen.bin,
        "word": chosen.word,
    }
