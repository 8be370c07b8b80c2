"""`cotscope remove`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from analysis.cli.common import (
    asdict_of,
    clean,
    count,
    db_option,
    json_option,
    path_of,
    print_json,
)


@click.command()
@click.option(
    "--file", "files", multiple=True, metavar="NAME|ID", help="An imported file. Again for more."
)
@click.option("--dataset", help="All files of a data set.")
@db_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(
    files: Sequence[str], dataset: str | None, db: Path | None, yes: bool, as_json: bool
) -> None:
    """Take imported files out of the database, with all that was computed from them.

    Annotations stay: they are there again when the same file is imported again.
    """
    from analysis.errors import UsageError
    from analysis.store import open_store
    from analysis.store.removal import plan_removal
    from analysis.store.removal import remove as run

    if not files and dataset is None:
        raise UsageError("Say what to remove.", remedy="Give --file NAME or --dataset NAME.")
    with open_store(path_of(db), must_exist=True) as store:
        plan = plan_removal(store, files=files, dataset=dataset)
        what = f"{count(len(plan.names), 'file')} with {count(plan.n_traces, 'trace')}"
        if not yes:
            for name in plan.names:
                click.echo(f"  {clean(name)}", err=True)
            if plan.n_annotations:
                kept = count(plan.n_annotations, "annotation")
                click.echo(f"  ({kept} and verdicts of persons will be kept)", err=True)
            click.confirm(f"Remove {what} from {path_of(db)}?", abort=True, err=True)
        run(store, plan)
    if as_json:
        print_json(asdict_of(plan))
    else:
        click.echo(f"Removed {what}.")
