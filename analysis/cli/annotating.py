"""`cotscope annotations`: labels of people in and out of the database."""

from __future__ import annotations

import sys
from pathlib import Path

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
)

_SHOWN = 10


@click.group("annotations")
def labels() -> None:
    """Labels of people: read those of another lab, and see how far annotators agree."""


@labels.command("import")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE.jsonl|DIR")
@click.option("--annotator", help="A name in place of those in the records.")
@db_option
@json_option
def import_(path: Path, annotator: str | None, db: Path | None, as_json: bool) -> None:
    """Read labelled traces (the form of `cotscope evaluate`) whose texts are in the database."""
    from analysis.store import open_store
    from analysis.store.annotation_import import import_annotations

    with open_store(path_of(db), must_exist=True) as store:
        report = import_annotations(store, path, annotator=annotator)
    if as_json:
        print_json(asdict_of(report))
    else:
        click.echo(
            f"{count(report.records, 'record')}: {report.traces:,} on traces of the database,"
            f" {report.entries:,} new annotations"
        )
        for name in report.unknown[:_SHOWN]:
            click.echo(f"  no trace with the text of {clean(name)}", err=True)
        for words in report.bad[:_SHOWN]:
            click.echo(f"  left out: {clean(words)}", err=True)
    sys.exit(PARTIAL if report.bad or report.unknown else OK)


@labels.command()
@click.option("--tolerance", type=click.IntRange(0, 50), default=2, help="In sentences.")
@db_option
@json_option
def agreement(tolerance: int, db: Path | None, as_json: bool) -> None:
    """Print kappa, alpha and tolerant span F1 of the annotators, by label."""
    from analysis.store import open_store
    from analysis.views.annotations import agreement_rows

    with open_store(path_of(db), read_only=True) as store:
        rows = agreement_rows(store, tolerance=tolerance)
    if as_json:
        print_json([asdict_of(row) for row in rows])
        return
    click.echo(
        f"{'label':24} {'annotators':32} {'sentences':>9} {'kappa':>6} {'alpha':>6} {'F1':>6}"
    )
    for row in rows:
        figures = " ".join(
            f"{'-' if v is None else format(v, '.2f'):>6}"
            for v in (row.kappa, row.alpha, row.span_f1)
        )
        click.echo(
            f"{clean(row.label)[:24]:24} {clean(row.who)[:32]:32} {row.sentences:9,} {figures}"
        )


def export_(out: Path, db: Path | None, annotator: tuple[str, ...], as_json: bool) -> None:
    """What `cotscope export annotations` does."""
    from analysis.export.annotations import export_annotations
    from analysis.store import open_store

    with open_store(path_of(db), read_only=True) as store:
        written = export_annotations(store, out, annotators=annotator or None)
    if as_json:
        print_json(asdict_of(written))
    else:
        click.echo(f"{count(written.rows, 'row')} written to {out}")
