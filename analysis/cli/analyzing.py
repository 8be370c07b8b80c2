"""`cotscope analyze`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
    asdict_of,
    count,
    db_option,
    json_option,
    path_of,
    print_json,
    progress_bar,
)
from analysis.cli.scaling import cluster_of, ray_options, ray_talks


@click.command()
@db_option
@click.option("--only", help="Names of analyzers, separated by commas.")
@click.option("--workers", type=click.IntRange(0, 4096), help="Processes; default: one per core.")
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Processes of this machine, or a Ray cluster of many.",
)
@ray_options
@click.option(
    "--tokenizer",
    "tokenizers",
    multiple=True,
    metavar="FILE|MODEL=FILE|auto",
    help="Count thinking tokens with this tokenizer.json where the record states no count that"
    " fits. Default: $COTSCOPE_TOKENIZER; without it they are estimated.",
)
@json_option
def analyze(
    db: Path | None,
    only: str | None,
    workers: int | None,
    engine: str,
    tokenizers: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Find behaviours, compute metrics, judge answers. Does only what is missing or has changed."""
    from analysis.analyzers import tokenizer
    from analysis.runner import analyze as run
    from analysis.store import open_store

    if tokenizers:
        os.environ[tokenizer.SETTING] = "\n".join(tokenizers)  # worker processes inherit it
    tokenizer.validate()
    cluster = cluster_of({**given, "workers": workers}, engine)
    names = [name.strip() for name in only.split(",") if name.strip()] if only else None
    with open_store(path_of(db), must_exist=True) as store, progress_bar(quiet=as_json) as progress:
        if cluster is None:
            report = run(store, only=names, workers=workers, progress=progress)
        else:
            from analysis.scale.analyzing import analyze_on_ray

            with ray_talks(True):
                report = analyze_on_ray(store, cluster, only=names, progress=progress)
    if as_json:
        print_json(asdict_of(report))
    elif report.n_traces == 0 and report.n_judged == 0:
        click.echo("Nothing to do: every trace is up to date.")
    else:
        click.echo(
            f"{count(report.n_traces, 'trace')} analysed, {count(report.n_findings, 'finding')}."
        )
        if report.n_judged:
            click.echo(
                f"{count(report.n_judged, 'answer')} judged, {report.n_undecided:,} undecided."
            )
        if report.n_failures:
            click.echo(f"{report.n_failures:,} analyses failed; the first: {report.first_error}")
    sys.exit(PARTIAL if report.n_failures else OK)
