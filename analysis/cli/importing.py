"""`cotscope import`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

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


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH|GLOB...")
@db_option
@click.option("--dataset", help="Name of the data set; default: each row's own, else the file's.")
@click.option(
    "--format", "format_id", help="Read every record as this format (see docs/formats.md)."
)
@click.option(
    "--resume", is_flag=True, help="Go on with imports that were cut short (the default)."
)
@json_option
def import_(
    paths: Sequence[str],
    db: Path | None,
    dataset: str | None,
    format_id: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Load trace dumps: files, folders or quoted globs.

    Bad lines go to quarantine with their number and reason, the rest goes in. The same file twice
    changes nothing; an import that was cut short goes on where it stopped.
    """
    from analysis.store import open_store
    from analysis.store.importing import expand_paths, import_file, require_format

    require_format(format_id)
    files = expand_paths(paths)
    reports = []
    with open_store(path_of(db)) as store:
        for file in files:
            with progress_bar(quiet=as_json) as progress:
                report = import_file(
                    store, file, dataset=dataset, format_id=format_id, progress=progress
                )
            reports.append(report)
            if not as_json:
                _print_import(report, dataset)
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


def _print_import(report: Any, dataset: str | None) -> None:
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
    if report.error:
        click.echo(f"  stopped: {clean(report.error)}", err=True)
