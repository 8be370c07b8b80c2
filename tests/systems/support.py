"""Importing a table of cases as files, and comparing what the store holds with what was expected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.store import open_store
from analysis.store.importing import import_file


@dataclass(frozen=True, slots=True)
class Case:
    """Records of one system, and what each trace must hold.

    ``codes`` names warnings that the trace must have, ``metadata`` keys that must be kept.
    """

    records: tuple[Any, ...]
    traces: tuple[Mapping[str, Any], ...]
    one_document: bool = False
    """The file is one JSON document and not a line for each record."""


def case(record: Any, *traces: Mapping[str, Any]) -> Case:
    """One record as a line."""
    return Case((record,), traces)


def lines(*pairs: tuple[Any, Mapping[str, Any]]) -> Case:
    """Several lines with one trace each."""
    return Case(tuple(record for record, _ in pairs), tuple(trace for _, trace in pairs))


def document(value: Any, *traces: Mapping[str, Any]) -> Case:
    """One JSON document."""
    return Case((value,), traces, one_document=True)


Rows = dict[str, list[dict[str, Any]]]


def imported(cases: Mapping[str, Case], folder: Path) -> Rows:
    """Each case written to a file and imported the public way; the rows of table ``trace`` by case."""
    names = {
        name: f"case_{i}.{'json' if c.one_document else 'jsonl'}"
        for i, (name, c) in enumerate(cases.items())
    }
    found: Rows = {name: [] for name in cases}
    with open_store(folder / "systems.duckdb") as store:
        for name, each in cases.items():
            path = folder / names[name]
            path.write_text("".join(json.dumps(r) + "\n" for r in each.records), encoding="utf-8")
            report = import_file(store, path)
            assert report.n_quarantined == 0, (name, store.rows("SELECT reason FROM quarantine"))
            assert report.n_traces == len(each.traces), name
        codes: dict[str, set[str]] = {}
        for trace_id, code in store.rows("SELECT trace_id, code FROM warning"):
            codes.setdefault(trace_id, set()).add(code)
        query = (
            "SELECT f.name AS file_name, t.* FROM trace t JOIN file f USING (file_id)"
            " ORDER BY f.name, t.record_index, t.part_index"
        )
        name_of = {file: name for name, file in names.items()}
        for row in store.arrow(query).to_pylist():
            row["codes"] = codes.get(row["trace_id"], set())
            row["metadata"] = json.loads(row["metadata"])
            found[name_of[row["file_name"]]].append(row)
    return found


def differences(rows: list[dict[str, Any]], wanted: tuple[Mapping[str, Any], ...]) -> list[str]:
    """What does not agree, in words; empty when all does."""
    wrong = []
    for i, (row, want) in enumerate(zip(rows, wanted, strict=True)):
        for field, value in want.items():
            have = row[field]
            if field == "metadata":
                have = {key: have.get(key) for key in value}
            if field == "codes":
                have = have & set(value)
                value = set(value)
            if have != value:
                wrong.append(f"trace {i}: {field} is {have!r}, not {value!r}")
    return wrong
