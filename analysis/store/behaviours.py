"""Behaviours in the traces of a store, counted in SQL.

What several queries share stands in temporary tables of one cursor: the traces under a filter, the
findings that are behaviours as small numbers, and the steps of each trace. No text is read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.analyzers.registry import all_analyzers
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.samples import EFFORT, EFFORT_ORDER
from analysis.store.where import where

BINS = 20
"""Parts of a trace that positions are counted in."""
UNITS = 1_000
MANY = 2_000
"""With more questions than this, they are put by their hash into ``UNITS`` groups, which are drawn in
their place: the intervals are those of drawing questions, in time that does not grow with them."""
ORDER = (
    *("restatement", "planning", "subgoal", "deduction", "alternative", "uncertainty"),
    *("backtracking", "verification_start", "verification", "final"),
)
"""Labels as pages list them: about as they come in a trace."""
_NOT_BEHAVIOURS = frozenset({"overthinking", "language_mixing"})
"""Analyzers whose labels have pages of their own."""
WHOLE, OPENING = "verification", "verification_start"
GROUPS = {
    "cell": "struct_pack(dataset := NULL::VARCHAR, model := model, effort := level)",
    "model": "struct_pack(dataset := NULL::VARCHAR, model := model, effort := NULL::VARCHAR)",
    "effort": "struct_pack(dataset := NULL::VARCHAR, model := NULL::VARCHAR, effort := level)",
    "dataset": "struct_pack(dataset := dataset, model := NULL::VARCHAR, effort := NULL::VARCHAR)",
    "export": "struct_pack(dataset := dataset, model := model, effort := effort)",
    "all": "struct_pack(dataset := NULL::VARCHAR, model := NULL::VARCHAR, effort := NULL::VARCHAR)",
}
"""By what traces can be told apart -> SQL; 'cell' is model and effort."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A label that the pages of behaviours count, and the analyzer that owns it."""

    label: str
    analyzer: str
    definition: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Which findings. None means all."""

    label: str | None = None
    then: str | None = None
    """The next sentence with a behaviour has this one."""
    bin: int | None = None
    """Of ``BINS``, from 0: where in its trace it begins."""
    model: str | None = None
    effort: str | None = None
    paired: bool = False
    """Only where one model at one effort answered the question both right and wrong."""


EVERYTHING = Selection()
_NO_STEPS = (
    "CREATE TEMP TABLE behaviour_step (n INTEGER, began BIGINT, mask UBIGINT, following UBIGINT)"
)


def behaviours() -> tuple[Behaviour, ...]:
    """The behaviours that the registered analyzers find, in the order of ``ORDER``, then by name."""
    found = [
        Behaviour(label, analyzer.name, definition)
        for analyzer in all_analyzers()
        if analyzer.name not in _NOT_BEHAVIOURS
        for label, definition in analyzer.labels.items()
    ]
    place = {label: at for at, label in enumerate(ORDER)}
    return tuple(sorted(found, key=lambda b: (place.get(b.label, len(place)), b.label)))


class BehaviourTables:
    """Named queries over the temporary tables of one cursor."""

    def __init__(self, cursor: Any, labels: tuple[Behaviour, ...]):
        self._cursor = cursor
        self.labels = labels

    def query(self, name: str, values: Mapping[str, Any] | None = None, **parts: str) -> pa.Table:
        """The rows of ``queries/behaviours_NAME.sql``."""
        sql = load_query(f"behaviours_{name}", **{"bins": str(BINS), **parts})
        return self._cursor.sql(sql, params=dict(values or {})).to_arrow_table()

    def choose(self, chosen: Selection) -> tuple[int, int]:
        """Make ``behaviour_chosen`` the findings of a selection: how many, and of how many traces."""
        names = [b.label for b in self.labels]
        sql = load_query("behaviours_chosen", bins=str(BINS))
        bound = {
            "label": _number(names, chosen.label),
            "then": _number(names, chosen.then),
            "bin": chosen.bin,
            "model": chosen.model,
            "effort": chosen.effort,
            "paired": chosen.paired,
        }
        self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE behaviour_chosen AS {sql}", bound)
        n, n_traces = self.query("chosen_count").to_pylist()[0].values()
        return n, n_traces

    def page(self, *, limit: int, offset: int) -> pa.Table:
        """Rows of ``behaviour_chosen`` with their spans; ``label`` is the name."""
        names = [b.label for b in self.labels]
        bound = {"labels": names, "owners": [b.analyzer for b in self.labels]}
        table = self.query("page", {**bound, "limit": limit, "offset": offset})
        at = table.column_names.index("label")
        labels = pa.array([names[i] for i in table["label"].to_pylist()], pa.string())
        return table.set_column(at, "label", labels)

    def by_group(self, name: str, group: str) -> list[dict[str, Any]]:
        """The rows of a query with ``dataset``, ``model`` and ``effort`` of a key of ``GROUPS``."""
        bound = {"many": MANY, "units": UNITS}
        return list(self.query(name, bound, group=GROUPS[group], order=EFFORT_ORDER).to_pylist())


@contextmanager
def behaviour_tables(
    store: Store, filters: Filters, chosen: Selection | None = None
) -> Iterator[BehaviourTables]:
    """``behaviour_trace``, ``behaviour_span``, ``behaviour_count``, ``behaviour_step`` of a filter.

    With ``chosen`` only what ``choose`` needs for that selection.
    """
    labels = behaviours()
    condition, values = where(filters)
    with store.cursor() as cursor:
        analyzers = sorted({b.analyzer for b in labels})
        values = {**values, "analyzers": analyzers}
        _create(cursor, "trace", values, where=condition, effort=EFFORT)
        names = [b.label for b in labels]
        only = None
        if chosen is not None and chosen.then is None:
            only = _number(names, chosen.label)
        values = {"labels": names, "owners": [b.analyzer for b in labels], "only": only}
        _create(cursor, "span", values)
        if chosen is None:
            _create(cursor, "count", {})
        if chosen is None or chosen.then is not None:
            # A check counts by the sentence that opens it: the whole of it begins at the same place.
            whole = names.index(WHOLE) if WHOLE in names and OPENING in names else -1
            _create(cursor, "step", {"whole": whole})
        else:
            cursor.execute(_NO_STEPS)
        yield BehaviourTables(cursor, labels)


def _create(cursor: Any, name: str, values: Mapping[str, Any], **parts: str) -> None:
    sql = load_query(f"behaviours_{name}s", **parts)
    cursor.execute(f"CREATE TEMP TABLE behaviour_{name} AS {sql}", dict(values))


def _number(names: list[str], label: str | None) -> int | None:
    """The number of a label; one that no finding has where nothing finds the label any more."""
    if label is None:
        return None
    return names.index(label) if label in names else len(names)


def stamp(store: Store) -> tuple[Any, ...]:
    """Changes whenever findings, analyses or verdicts of the store do; cheap."""
    return tuple(store.query("behaviours_stamp").to_pylist()[0].values())


def texts(store: Store, trace_ids: list[str]) -> dict[str, str]:
    """The reasoning of these few traces."""
    rows = store.query("languages_texts", {"ids": sorted(set(trace_ids))}).to_pylist()
    return {row["trace_id"]: row["reasoning"] or "" for row in rows}
