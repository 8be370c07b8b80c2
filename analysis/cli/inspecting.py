"""`cotscope sql` and `cotscope doctor`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from analysis.cli.common import (
    OK,
    STORE,
    asdict_of,
    cell,
    db_option,
    json_option,
    path_of,
    print_json,
)


@click.command()
@click.argument("statement")
@db_option
@json_option
def sql(statement: str, db: Path | None, as_json: bool) -> None:
    """Run one read-only SQL statement, locked down, in a process of its own."""
    from analysis.store.sql import run_sql

    result = run_sql(path_of(db), statement)
    if as_json:
        print_json(
            {
                "columns": result.columns,
                "rows": [list(row) for row in result.rows],
                "cut": result.cut,
            }
        )
        return
    click.echo("\t".join(result.columns))
    for row in result.rows:
        click.echo("\t".join(cell(value) for value in row))
    if result.cut:
        click.echo(f"(only the first {len(result.rows):,} rows)", err=True)


@click.command()
@db_option
@click.option("--rescue", is_flag=True, help="Set a damaged write-ahead log aside (copies first).")
@json_option
def doctor(db: Path | None, rescue: bool, as_json: bool) -> None:
    """Check the database and this installation."""
    from analysis.store.doctor import diagnose
    from analysis.store.doctor import rescue as set_aside

    aside = set_aside(path_of(db)) if rescue else None
    diagnosis = diagnose(path_of(db))
    if as_json:
        print_json({**asdict_of(diagnosis), "healthy": diagnosis.healthy})
    else:
        versions = ", ".join(f"{name} {value}" for name, value in diagnosis.versions.items())
        click.echo(f"{diagnosis.database}: {versions}")
        if aside:
            click.echo(f"The damaged log is set aside in {aside}; import the last files again.")
        for finding in diagnosis.findings:
            mark = "ok  " if finding.ok else "BAD "
            click.echo(f"{mark}{finding.check}" + (f": {finding.detail}" if finding.detail else ""))
        for name in diagnosis.unfinished:
            click.echo(f"note  the import of {name} was cut short; the same command goes on")
    sys.exit(OK if diagnosis.healthy else STORE)
