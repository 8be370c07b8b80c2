"""`cotscope export`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from analysis.cli.common import asdict_of, db_option, filters_of, json_option, path_of, print_json


@click.command()
@click.argument("table", metavar="TABLE")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@db_option
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Filter, as in the address of a page: dataset=, model=, effort=, verdict=, label=, text= …"
    " Again for more.",
)
@json_option
def export(table: str, out: Path, db: Path | None, where: Sequence[str], as_json: bool) -> None:
    """Write a table to .csv, .jsonl, .parquet or .xlsx.

    TABLE: traces sentences findings metrics questions cells pairs quarantine warnings.
    """
    from analysis.export import export_table
    from analysis.store import open_store
    from analysis.views.traces import require_known

    filters = filters_of(where)
    with open_store(path_of(db), read_only=True) as store:
        require_known(store, filters)
        report = export_table(store, table, out, where=filters)
    if as_json:
        print_json(asdict_of(report))
    else:
        click.echo(f"{report.rows:,} rows written to {out}")
