"""`cotscope export` and `cotscope report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from analysis.cli import annotating
from analysis.cli.common import (
    asdict_of,
    count,
    db_option,
    filters_of,
    json_option,
    path_of,
    print_json,
    progress_bar,
)


@click.command()
@click.argument("table", metavar="TABLE")
@click.argument("name", required=False)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@db_option
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Filter, as in the address of a page: dataset=, model=, effort=, verdict=, label=, text= …"
    " Again for more.",
)
@click.option(
    "--format",
    "form",
    metavar="NAME",
    help="For traces: a form that other tools read and that an import takes back whole:"
    " generic (.jsonl), messages or sharegpt (.jsonl or .parquet).",
)
@click.option(
    "--annotator",
    multiple=True,
    metavar="NAME",
    help="For annotations: only of this person; consensus: the majority, and what was settled.",
)
@click.option("--columns", metavar="NAME,...", help="Only these columns, in this order.")
@click.option(
    "--no-metadata",
    is_flag=True,
    help="Beside .csv and .jsonl, leave out FILE-metadata.json, which says what made them.",
)
@json_option
def export(
    table: str,
    name: str | None,
    out: Path,
    db: Path | None,
    where: Sequence[str],
    form: str | None,
    annotator: Sequence[str],
    columns: str | None,
    no_metadata: bool,
    as_json: bool,
) -> None:
    """Write a table to .csv, .jsonl, .parquet or .xlsx; for print to .tex or .md.

    TABLE: traces sentences findings metrics questions cells pairs summary languages behaviours
    quarantine warnings. Printed are metrics, questions, cells, pairs and summary.

    `cotscope export annotations --out DIR` (or FILE.jsonl) writes labelled traces, as evaluate
    reads them; to .csv, .parquet or .xlsx every annotation.

    `cotscope export figure NAME` writes a figure to .svg, .png or .json; without NAME it lists them.
    """
    from analysis.errors import UsageError
    from analysis.export import export_table, export_traces, sidecar
    from analysis.store import open_store
    from analysis.views.traces import require_known

    if table == "figure":
        _figure(name, out, db, where, as_json)
        return
    if table == "annotations":
        if name is not None or where or columns is not None or form is not None:
            raise UsageError("annotations take --out, --db, --annotator and --json only.")
        annotating.export_(out, db, tuple(annotator), as_json)
        return
    if name is not None:
        raise UsageError(f"{name!r} is too much.", remedy="A name follows only the word figure.")
    if form is not None and table != "traces":
        raise UsageError("--format is for traces.", remedy="Write: cotscope export traces ...")
    filters = filters_of(where)
    with open_store(path_of(db), read_only=True) as store:
        require_known(store, filters)
        if form is not None:
            report = export_traces(store, form, out, where=filters)
        else:
            chosen = None if columns is None else [c.strip() for c in columns.split(",")]
            report = export_table(store, table, out, where=filters, columns=chosen)
            if not no_metadata and out.suffix.lower() in sidecar.SUFFIXES:
                sidecar.write_sidecar(store, report, report.columns, where=filters)
    if as_json:
        print_json(asdict_of(report))
    else:
        click.echo(f"{report.rows:,} rows written to {out}")


def _figure(
    name: str | None, out: Path, db: Path | None, where: Sequence[str], as_json: bool
) -> None:
    from analysis.errors import UsageError
    from analysis.export.figures import FIGURES, export_figure
    from analysis.store import open_store
    from analysis.views.traces import require_known

    if name is None:
        raise UsageError("Which figure?", remedy=f"Use: {', '.join(FIGURES)}.")
    filters = filters_of(where)
    with open_store(path_of(db), read_only=True) as store:
        require_known(store, filters)
        path, size = export_figure(store, name, out, where=filters)
    if as_json:
        print_json({"figure": name, "path": str(path), "bytes": size})
    else:
        click.echo(f"{FIGURES[name].title}: {size:,} bytes written to {path}")


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@db_option
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export.")
@json_option
def report(out: Path, db: Path | None, where: Sequence[str], as_json: bool) -> None:
    """Write one HTML file with figures, tables, methods and definitions, which needs no network."""
    from analysis.export.report import export_report
    from analysis.store import open_store
    from analysis.views.traces import require_known

    filters = filters_of(where)
    with (
        open_store(path_of(db), read_only=True) as store,
        progress_bar(quiet=as_json) as progress,
    ):
        require_known(store, filters)
        written = export_report(store, out, where=filters, progress=progress)
    if as_json:
        print_json(asdict_of(written))
    else:
        click.echo(f"Report on {count(written.rows, 'trace')} written to {out}")
