"""The traces that a recipe chooses from, as columns: what conditions ask of, and no texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analysis.curation.recipe import Recipe
from analysis.errors import UsageError
from analysis.model import MetricSpec
from analysis.store.connection import Store
from analysis.store.queries import load_query
from analysis.store.rows import trace_column
from analysis.store.samples import all_metric_specs
from analysis.store.where import where, wide_metrics

CHUNK_TRACES = 1_000
CHUNK_BYTES = 32 * 1024 * 1024
_TOKENS = "thinking_tokens"

Places = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Traces under the filter, in file order; an index into these arrays names a trace."""

    table: pa.Table
    place: Places
    question: Places
    """Codes of ``question_key``, in the order in which they first stand."""
    model: Places
    """Codes of the model; a trace with none is -1."""
    system: Places
    weight: Numbers
    chars: Numbers

    def flag(self, name: str) -> NDArray[np.bool_]:
        """A yes/no column; undefined is no."""
        return np.asarray(self.table.column(name).fill_null(False), dtype=bool)

    def metric(self, name: str) -> Numbers:
        """A metric; undefined is NaN."""
        column = self.table.column(f"m_{name}").cast(pa.float64())
        return np.asarray(column.to_numpy(), dtype=np.float64)

    @property
    def tokens(self) -> Numbers:
        """Thinking tokens; undefined is NaN."""
        return self.metric(_TOKENS)


def needed(recipe: Recipe) -> list[str]:
    """The metrics that a recipe asks for."""
    names = [_TOKENS, *recipe.metrics, *(f"{label}_per_1k" for label in recipe.behaviours)]
    if recipe.min_language_consistency is not None:
        names.append("language_consistency")
    if recipe.no_language_slip:
        names.append("has_language_slip")
    if recipe.no_loop:
        names += ["n_loops", "tail_loop"]
    if recipe.max_repetition is not None:
        names.append("repeat_share")
    return list(dict.fromkeys(names))


def candidates(store: Store, cursor: Any, recipe: Recipe) -> Candidates:
    """Read them. Raises ``UsageError`` for a metric or behaviour that there is not."""
    names = needed(recipe)
    known = {spec.name: spec for spec in all_metric_specs(store)}
    for name in names:
        _require_number(name, known)
    condition, values = where(recipe.filters)
    sql = load_query(
        "curation_candidates",
        metrics=wide_metrics([(name, "number") for name in names]),
        chosen=", ".join(f'm."{name}" AS "m_{name}"' for name in names),
        where=condition,
    )
    table = cursor.sql(sql, params={**values, "names": names}).to_arrow_table()
    return Candidates(
        table,
        np.asarray(table.column("place").to_numpy(), dtype=np.int64),
        _codes(table.column("question_key")),
        _codes(table.column("model")),
        _codes(table.column("system")),
        np.asarray(table.column("weight").to_numpy(), dtype=np.float64),
        np.asarray(table.column("chars").cast(pa.float64()).to_numpy(), dtype=np.float64),
    )


def texts(
    cursor: Any, found: Candidates, chosen: Places, *columns: str
) -> Iterator[dict[str, Any]]:
    """These columns of the chosen traces, in the given order, a bounded number at a time."""
    sql = load_query("export_traces", columns=", ".join(trace_column(name) for name in columns))
    for part in _chunks(found, chosen):
        rows = cursor.sql(sql, params={"places": found.place[part].tolist()})
        yield from rows.to_arrow_table().to_pylist()


def _chunks(found: Candidates, chosen: Places) -> Iterator[Places]:
    start, size = 0, 0.0
    for at, index in enumerate(chosen):
        size += found.weight[index]
        if at + 1 - start >= CHUNK_TRACES or size >= CHUNK_BYTES:
            yield chosen[start : at + 1]
            start, size = at + 1, 0.0
    if start < len(chosen):
        yield chosen[start:]


def _codes(column: pa.ChunkedArray) -> Places:
    encoded = column.combine_chunks().dictionary_encode()
    return np.asarray(encoded.indices.fill_null(-1).to_numpy(), dtype=np.int64)


def _require_number(name: str, known: dict[str, MetricSpec]) -> None:
    spec = known.get(name)
    if spec is None or spec.kind == "text":
        behaviour = name.endswith("_per_1k")
        raise UsageError(
            f"There is no {'behaviour' if behaviour else 'metric'} with the number {name!r}.",
            remedy="`cotscope export summary` and docs/metrics.md list the metrics.",
        )
