"""What `cotscope run` does with the answers: strategies, and the training data of what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import clean, count, progress_bar

if TYPE_CHECKING:
    from analysis.engines.choosing import Strategy
    from analysis.engines.plans import Plan
    from analysis.engines.protocol import Engine
    from analysis.engines.runs import RunReport
    from analysis.engines.stored_strategies import StoredReport
    from analysis.engines.strategy_runs import StrategyReport
    from analysis.progress import CancelToken
    from analysis.store import Store


def strategies_of(given: dict[str, Any]) -> list[Strategy]:
    """The strategies that were asked for, each once. Raises ``UsageError``."""
    from analysis.engines.choosing import REJECTION, SCORED, STRATEGIES, Strategy
    from analysis.errors import UsageError

    names = [part.strip().lower() for text in given["strategies"] for part in text.split(",")]
    names = list(dict.fromkeys(name for name in names if name))
    for name in names:
        if name not in STRATEGIES:
            known = ", ".join(STRATEGIES)
            raise UsageError(f"There is no strategy {clean(name)!r}.", remedy=f"One of {known}.")
    if given["curate"] is not None and REJECTION not in names:
        raise UsageError("--curate writes what --strategy rejection accepts: ask for it too.")
    # The scorer is of those that have one; the others would only be told apart by it in vain.
    scorer = given["scorer"]
    return [
        Strategy(name, scorer if name in SCORED else "confidence", given["rounds"])
        for name in names
    ]


def apply(
    store: Store,
    engine: Engine,
    plan: Plan,
    report: RunReport,
    strategies: Sequence[Strategy],
    given: dict[str, Any],
    cancel: CancelToken,
    *,
    quiet: bool,
) -> list[StrategyReport]:
    """Apply the strategies to a run that is complete; otherwise say that they wait for its end."""
    from analysis.engines.strategy_runs import run_strategies

    if not strategies:
        return []
    if report.missing:
        click.echo("The strategies are applied when the run is complete.", err=True)
        return []
    with progress_bar(quiet=quiet) as bar:
        found = run_strategies(
            store,
            engine,
            plan,
            report.run_id,
            strategies,
            resume=given["resume"],
            concurrency=given["concurrency"],
            progress=bar,
            cancel=cancel,
        )
    for one in found if not quiet else ():
        cost = f", {one.tokens:,} more tokens" if one.tokens else ""
        click.echo(f"{one.name}: {count(one.traces, 'trace')}{cost}")
        for effort in one.efforts:
            click.echo(f"  cell: {clean(effort)}")
        if one.missing:
            click.echo(
                f"  {count(one.missing, 'trace')} missing. Go on: the same command with --resume"
            )
    return found


def curated(
    store: Store,
    reports: Sequence[StrategyReport] | Sequence[StoredReport],
    out: Path | None,
    *,
    quiet: bool,
) -> list[str]:
    """Write what rejection sampling accepted; the files that were written."""
    from analysis.curation import Recipe, write
    from analysis.filters import Filters

    written = []
    files = [f for r in reports if r.name == "rejection" for f in r.file_ids]
    for number, file_id in enumerate(files if out is not None else ()):
        assert out is not None
        path = out if number == 0 else out.with_stem(f"{out.stem}-{number + 1}")
        done = write(store, Recipe(filters=Filters(file=file_id), verdict="right"), path)
        written.append(str(path))
        if not quiet:
            click.echo(f"{count(done.rows, 'line')} of training data in {clean(str(path))}")
    return written
