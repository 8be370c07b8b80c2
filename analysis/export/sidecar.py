"""What stands beside a CSV or JSON Lines file, which cannot say itself what made it.

The form is that of the W3C's "CSV on the Web": ``NAME.csv-metadata.json``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import orjson

from analysis.export.columns import specs_of
from analysis.export.core import ExportReport, new_file, write_faults
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.views.summary import provenance

SUFFIXES = (".csv", ".jsonl")
"""Endings of files that get one."""
_TYPES = {"number": "number", "integer": "integer", "boolean": "boolean", "text": "string"}


def sidecar_path(out: Path) -> Path:
    """``cells.csv`` -> ``cells.csv-metadata.json``."""
    return out.with_name(f"{out.name}-metadata.json")


def write_sidecar(
    store: Store, report: ExportReport, names: Sequence[str], *, where: Filters | None = None
) -> Path:
    """Write what made ``report.path``: versions, filter, data, columns with their definitions.

    ``names`` are its columns. The same store and filter give the same bytes. Raises ``ExportError``
    when the file cannot be written.
    """
    made = provenance(store, where or Filters())
    specs = specs_of(store, report.table, names)
    about = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": report.path.name,
        "dc:title": f"CoTScope {report.table}",
        "tableSchema": {
            "columns": [
                {
                    "name": spec.name,
                    "titles": spec.title,
                    "datatype": _TYPES[spec.kind],
                    "dc:description": spec.definition,
                    "cotscope:unit": spec.unit,
                    "cotscope:source": spec.source,
                }
                for spec in specs.values()
            ]
        },
        "cotscope": {
            "table": report.table,
            "rows": report.rows,
            "sha256": _sha256(report.path),
            **asdict(made),
        },
    }
    out = sidecar_path(report.path)
    with new_file(out) as sink, write_faults(out):
        sink.write(orjson.dumps(about, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    return out


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
