"""`cotscope import --preview`: what files would give, printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import OK, PARTIAL, cell, clean, count, print_json

if TYPE_CHECKING:
    from analysis.formats.mapping import FieldMapping
    from analysis.formats.preview import Preview, Reading, RecordPreview

_VALUE_CHARS = 60
_LEFT_SHOWN = 8


def show_previews(
    files: Sequence[Path],
    n: int,
    mapping: FieldMapping | None,
    format_id: str | None,
    *,
    as_json: bool,
) -> int:
    """Print a preview of each file; the exit code says whether all of it would go in."""
    from analysis.formats.preview import preview

    found = [preview(path, n, mapping=mapping, format_id=format_id) for path in files]
    if as_json:
        print_json({"files": [_json(one) for one in found]})
    else:
        for one in found:
            _print(one)
    return PARTIAL if any(one.n_rejected or one.error for one in found) else OK


def _json(one: Preview) -> dict[str, Any]:
    from analysis.formats.suggest import suggest_mapping

    told = asdict(one)
    for record, shown in zip(told["records"], one.records, strict=True):
        del record["value"]
        mapping = suggest_mapping(shown, "my-mapping")
        record["mapping"] = mapping.to_json() if mapping else None
    return told


def _print(one: Preview) -> None:
    facts = [one.facts.layout, one.facts.packing, one.facts.encoding, f"{one.bytes:,} bytes"]
    click.echo(f"{clean(one.name)}: {', '.join(fact for fact in facts if fact)}")
    for record in one.records:
        _record(record)
    if one.error:
        click.echo(f"  refused: {clean(one.error)}")
    if any(r.rejected is not None and r.rejected.code == "no_text" for r in one.records):
        click.echo("  To say where the texts stand, write a mapping (docs/importing.md).")
    shown = f"{count(len(one.records), 'record')} shown: {count(one.n_traces, 'trace')}"
    more = "" if one.complete else "; more follow"
    click.echo(f"  {shown}, {one.n_rejected:,} to quarantine, {one.n_unsure:,} unsure{more}")


def _record(record: RecordPreview) -> None:
    click.echo(f"  {clean(record.where)}")
    if record.rejected is not None:
        click.echo(f"    quarantine: {record.rejected.code}: {clean(record.rejected.reason)}")
        click.echo(f"    begins: {cell(record.text[:_VALUE_CHARS])}")
    for doubt in record.doubts:
        click.echo(f"    unsure: {clean(doubt)}")
    for reading in record.traces:
        _reading(reading)
    for reading in record.others:
        click.echo(f"    or: {clean(reading.title)}")
        _fields(reading)


def _reading(reading: Reading) -> None:
    sample = f", sample {reading.part + 1}" if reading.part else ""
    click.echo(f"    {clean(reading.format_id)} ({reading.confidence:.2f}){sample}")
    _fields(reading)
    for warning in reading.warnings:
        click.echo(
            f"      warning {clean(warning.code)}: {cell(warning.detail[: _VALUE_CHARS * 2])}"
        )
    if reading.n_left:
        names = ", ".join(cell(path) for path, _ in reading.left[:_LEFT_SHOWN])
        more = f" and {reading.n_left - _LEFT_SHOWN} more" if reading.n_left > _LEFT_SHOWN else ""
        click.echo(f"      metadata: {names}{more}")


def _fields(reading: Reading) -> None:
    for field in reading.fields:
        if field.value is None:
            click.echo(f"      {field.field}: not stated")
            continue
        how = ", ".join(part for part in (field.path or "", field.how, field.note) if part)
        size = f" [{field.chars:,} characters]" if field.chars is not None else ""
        click.echo(f"      {field.field} = {cell(field.value[:_VALUE_CHARS])}{size} <- {cell(how)}")
