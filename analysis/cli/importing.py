"""`cotscope import`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
    asdict_of,
    clean,
    count,
    db_option,
    json_option,
    path_of,
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from analysis.formats.mapping import FieldMapping
    from analysis.store.importing import ImportReport


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH|GLOB...")
@db_option
@click.option("--dataset", help="Name of the data set; default: each row's own, else the file's.")
@click.option(
    "--format", "format_id", help="Read every record as this format (see docs/formats.md)."
)
@click.option(
    "--mapping",
    metavar="FILE.json|NAME",
    help="Read records as this mapping says (see docs/importing.md).",
)
@click.option("--preview", is_flag=True, help="Show the first records as read; store nothing.")
@click.option(
    "-n",
    "records",
    type=click.IntRange(1, 1000),
    default=5,
    show_default=True,
    help="Records to preview of each file.",
)
@click.option("--again", is_flag=True, help="Replace what earlier imports of the same files gave.")
@click.option(
    "--resume", is_flag=True, help="Go on with imports that were cut short (the default)."
)
@json_option
def import_(
    paths: Sequence[str],
    db: Path | None,
    dataset: str | None,
    format_id: str | None,
    mapping: str | None,
    preview: bool,
    records: int,
    again: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Load trace dumps: files, folders, quoted globs, or - for what is piped in.

    Bad lines go to quarantine with their number and reason, the rest goes in. The same file twice
    changes nothing; an import that was cut short goes on where it stopped.
    """
    from analysis.errors import UsageError
    from analysis.formats.pipes import without_pipes
    from analysis.store.importing import expand_paths, require_format

    require_format(format_id)
    if format_id is not None and mapping is not None:
        raise UsageError("--format and --mapping cannot both be given.", remedy="Remove one.")
    reading = _mapping(mapping, db)
    files = expand_paths(click.get_current_context().with_resource(without_pipes(paths)))
    if preview:
        from analysis.cli.previewing import show_previews

        sys.exit(show_previews(files, records, reading, format_id, as_json=as_json))
    reports = _import(files, path_of(db), dataset, format_id, reading, again, as_json)
    totals = {
        "files": len(reports),
        "traces": sum(r.n_traces for r in reports),
        "new_files": sum(not r.already for r in reports),
        "quarantined": sum(r.n_quarantined for r in reports),
        "refused": sum(r.error is not None for r in reports),
    }
    if as_json:
        print_json({**totals, "reports": [asdict_of(r) for r in reports]})
    else:
        click.echo(
            f"{count(totals['traces'], 'trace')} from {count(totals['files'], 'file')}"
            f" ({count(totals['quarantined'], 'record')} quarantined) in {path_of(db)}"
        )
        if totals["quarantined"]:
            click.echo("See them: cotscope export quarantine --out quarantine.csv")
    sys.exit(PARTIAL if totals["quarantined"] or totals["refused"] else OK)


def _import(
    files: Sequence[Path],
    db: Path,
    dataset: str | None,
    format_id: str | None,
    mapping: FieldMapping | None,
    again: bool,
    as_json: bool,
) -> list[ImportReport]:
    from analysis.store import open_store
    from analysis.store.importing import import_file
    from analysis.store.memory import import_memory
    from analysis.store.removal import plan_removal, remove
    from analysis.store.verdicts import reapply_persons

    reports = []
    with open_store(db, memory=import_memory(files, db)) as store:
        for file in files:
            with progress_bar(quiet=as_json) as progress:
                for _ in range(2):
                    report = import_file(
                        store,
                        file,
                        dataset=dataset,
                        format_id=format_id,
                        mapping=mapping,
                        progress=progress,
                    )
                    if not again or not (report.already or report.resumed):
                        break
                    remove(store, plan_removal(store, files=[report.file_id]))
            reports.append(report)
            if not as_json:
                _print_import(report, dataset, mapping or format_id)
        reapply_persons(store)
    return reports


def _mapping(given: str | None, db: Path | None) -> FieldMapping | None:
    """A mapping from a file, or a saved one by its name."""
    if given is None:
        return None
    from analysis.store.mappings import load_mapping, read_mapping_file

    if Path(given).is_file() or given.lower().endswith(".json"):
        return read_mapping_file(Path(given))
    from analysis.store import open_store

    with open_store(path_of(db), read_only=True) as store:
        return load_mapping(store, given)


def _print_import(report: ImportReport, dataset: str | None, reading: object) -> None:
    from analysis.formats.codes import WARNINGS

    state = ""
    if report.already:
        state = "already imported, "
    elif report.resumed:
        state = "resumed, "
    line = f"{clean(report.name)}: {state}{count(report.n_traces, 'trace')}"
    if report.n_quarantined:
        line += f", {count(report.n_quarantined, 'record')} quarantined"
    click.echo(line)
    if report.already and dataset:
        click.echo("  note: it stays in the data set that it was imported into", err=True)
    if (report.already or report.resumed) and reading is not None:
        click.echo("  note: what is in was read as before; --again reads it anew", err=True)
    for code, times in report.warnings.items():
        meaning = WARNINGS.get(code, "A repair or doubt.").removesuffix(".")
        click.echo(f"  {meaning}: {times:,} ({clean(code)})")
    if report.error:
        click.echo(f"  stopped: {clean(report.error)}", err=True)
