"""`cotscope choose`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import (
    asdict_of,
    clean,
    count,
    db_option,
    filters_of,
    json_option,
    path_of,
    print_json,
    progress_bar,
)
from analysis.cli.run_strategies import curated, strategies_of

if TYPE_CHECKING:
    from analysis.engines.stored_strategies import StoredReport


@click.command()
@click.argument("strategies", metavar="STRATEGY[,...]")
@click.option(
    "--scorer",
    default="confidence",
    show_default=True,
    help="Of weighted and best: score (what the record says), confidence (its log-probabilities),"
    " brevity, verifier (best only: an upper bound), or metric:NAME (its highest; metric:-NAME: its"
    " lowest).",
)
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export.")
@click.option(
    "--curate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Write what rejection sampling accepted as training data.",
)
@db_option
@json_option
def choose(
    strategies: str,
    scorer: str,
    where: Sequence[str],
    curate: Path | None,
    db: Path | None,
    as_json: bool,
) -> None:
    """Apply strategies to stored samples of the same questions, imported ones too.

    STRATEGY is majority, weighted, best or rejection, or several with commas. Nothing is asked of a
    model. What is chosen becomes a trace of a cell of its own: `high + majority of 8`.
    """
    from analysis.engines.stored_strategies import choose_stored
    from analysis.progress import CancelToken
    from analysis.store import open_store
    from analysis.views.traces import require_known

    given: dict[str, Any] = {
        "strategies": (strategies,), "scorer": scorer.strip(), "rounds": 1, "curate": curate,
    }  # fmt: skip
    wanted = strategies_of(given)
    filters = filters_of(where)
    cancel = CancelToken()
    with open_store(path_of(db), must_exist=True) as store:
        require_known(store, filters)
        with progress_bar(quiet=as_json) as bar:
            reports = choose_stored(store, filters, wanted, progress=bar, cancel=cancel)
        if not as_json:
            for report in reports:
                _print(report)
        written = curated(store, reports, curate, quiet=as_json)
    if as_json:
        told = {"strategies": [asdict_of(r) for r in reports], "curated": written}
        print_json({**told, "db": str(path_of(db))})
    elif any(report.new for report in reports):
        click.echo("Next: cotscope analyze")


def _print(report: StoredReport) -> None:
    before = "" if report.new == report.traces else f", {report.new:,} of them new"
    click.echo(f"{report.name}: {count(report.traces, 'trace')}{before}")
    for cell in report.cells:
        click.echo(f"  cell: {clean(cell)}")
    left = (
        (report.single, "left out: fewer than two samples"),
        (report.unknown, "left out: no sample has what the strategy chooses by"),
    )
    for number, why in left:
        if number:
            click.echo(f"  {count(number, 'question')} {why}")
