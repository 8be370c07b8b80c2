"""Annotations as files: labelled traces that `cotscope evaluate` reads, or the log as a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from analysis.errors import ExportError
from analysis.export.core import export_bytes, new_file
from analysis.store import Store
from analysis.views.annotations import gold, log_table

_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    rows: int
    files: tuple[str, ...]


def export_annotations(
    store: Store, out: Path, *, annotators: Sequence[str] | None = None
) -> Exported:
    """Write ``out``: a folder (one JSONL an annotator), a .jsonl, or the log as a table.

    ``annotators`` limits labelled traces to these names; 'consensus' is the majority with what was
    settled. Raises ``ExportError`` when a file cannot be written.
    """
    if out.suffix.lower() in (".csv", ".parquet", ".xlsx"):
        table = log_table(store)
        with new_file(out) as sink:
            sink.write(export_bytes(table, out.suffix.lower(), name="annotations"))
        return Exported(table.num_rows, (str(out),))
    try:
        if out.suffix.lower() == ".jsonl":
            return _one_file(store, out, annotators)
        return _folder(store, out, annotators)
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}.") from error


def _one_file(store: Store, out: Path, annotators: Sequence[str] | None) -> Exported:
    rows = 0
    with new_file(out) as file:
        for record in gold(store, annotators):
            file.write(orjson.dumps(record) + b"\n")
            rows += 1
    return Exported(rows, (str(out),))


def _folder(store: Store, out: Path, annotators: Sequence[str] | None) -> Exported:
    out.mkdir(parents=True, exist_ok=True)
    rows = 0
    names: dict[str, str] = {}
    parts: dict[str, IO[bytes]] = {}
    try:
        for record in gold(store, annotators):
            who = record["annotator"]
            if who not in names:
                names[who] = _file_name(who, set(names.values()))
                parts[who] = (out / f".{names[who]}.part").open("wb")
            parts[who].write(orjson.dumps(record) + b"\n")
            rows += 1
    finally:
        for file in parts.values():
            file.close()
    for who in parts:
        (out / f".{names[who]}.part").replace(out / names[who])
    return Exported(rows, tuple(str(out / name) for name in names.values()))


def _file_name(who: str, taken: set[str]) -> str:
    """A plain file name for a person; two people never share one."""
    stem = _NAME.sub("_", who.removeprefix("human:")).strip("._") or "annotator"
    name, number = f"{stem[:80]}.jsonl", 1
    while name in taken:
        number += 1
        name = f"{stem[:80]}-{number}.jsonl"
    return name
