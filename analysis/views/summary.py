"""What stands under every table and report: how the metrics are spread, and what data these are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

import analysis
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import samples
from analysis.store.connection import Store
from analysis.store.where import where

_QUANTILES = ("p05", "p25", "median", "p75", "p95")


def _number(name: str, title: str, definition: str, kind: str = "number") -> MetricSpec:
    return MetricSpec(name, title, "", "any", definition, "", kind)


SUMMARY_COLUMNS = (
    MetricSpec("metric", "Name", "", "text", "The metric, as in exports.", "", "text"),
    MetricSpec("title", "Metric", "", "text", "Its title.", "", "text"),
    MetricSpec("unit", "Unit", "", "text", "Its unit.", "", "text"),
    _number("n", "n", "Traces with visible reasoning for which it is defined.", "integer"),
    _number("mean", "Mean", "Mean over these; of a yes/no metric the share of yes."),
    _number("sd", "SD", "Standard deviation over these (n - 1)."),
    _number("minimum", "Min", "Least value."),
    _number("p05", "5 %", "5th percentile, linear interpolation."),
    _number("p25", "25 %", "25th percentile."),
    _number("median", "Median", "50th percentile."),
    _number("p75", "75 %", "75th percentile."),
    _number("p95", "95 %", "95th percentile."),
    _number("maximum", "Max", "Largest value."),
)
"""The columns of ``summary``."""
_TYPES = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}


def summary(store: Store, filters: Filters) -> pa.Table:
    """One row a metric that is a number or yes/no, of visible reasoning; in order of the registry."""
    condition, values = where(filters)
    found = {
        row["name"]: row
        for row in store.query("metric_summary", values, where=condition).to_pylist()
    }
    rows: list[dict[str, Any]] = []
    for spec in samples.all_metric_specs(store):
        row = found.get(spec.name)
        if row is None or spec.kind == "text":
            continue
        unit = "share of yes" if spec.kind == "boolean" else spec.unit
        spread = dict(zip(_QUANTILES, row.pop("quantiles"), strict=True))
        rows.append({**row, **spread, "metric": spec.name, "title": spec.title, "unit": unit})
    schema = pa.schema([(spec.name, _TYPES[spec.kind]) for spec in SUMMARY_COLUMNS])
    return pa.Table.from_pylist(rows, schema=schema)


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a file that we write says of its own making. No time of day: two runs agree."""

    version: str
    schema_version: int
    analyzers: tuple[tuple[str, str], ...]
    """(name, version) of every analyzer with results."""
    filters: dict[str, str | list[str]]
    """As in the address of a page; empty: every trace."""
    files: tuple[dict[str, Any], ...]
    """name, sha256, bytes, n_records, n_quarantined; n_traces are those under the filter."""

    @property
    def n_traces(self) -> int:
        """Traces under the filter."""
        return sum(file["n_traces"] for file in self.files)


def provenance(store: Store, filters: Filters) -> Provenance:
    """Versions, filters and data behind the numbers of these filters."""
    condition, values = where(filters)
    versions = store.query("analyzer_versions").to_pylist()
    return Provenance(
        version=analysis.__version__,
        schema_version=int(str(store.scalar("SELECT max(number) FROM schema_migration"))),
        analyzers=tuple((row["analyzer"], row["analyzer_version"]) for row in versions),
        filters=filters.to_query(),
        files=tuple(store.query("files_of_traces", values, where=condition).to_pylist()),
    )
