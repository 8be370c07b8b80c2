"""`cotscope`: the command line. The same functions as the pages; heavy imports only where used.

Exit codes: 0 all well; 1 finished, but some input was quarantined or failed (the counts are
printed); 2 usage; 3 the store is locked or unusable.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

import analysis
from analysis.cli import (
    analyzing,
    annotating,
    app,
    choosing,
    comparing,
    curating,
    evaluating,
    exporting,
    importing,
    inspecting,
    mappings,
    probing,
    removing,
    running,
    searching,
    training,
    verifying,
)
from analysis.cli.common import clean, print_json
from analysis.errors import Cancelled, CotscopeError

__all__ = ["main"]


class _Group(click.Group):
    """Turns our errors into a message on stderr and the documented exit code."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except CotscopeError as error:
            _fail(error, json_output=_wants_json(sys.argv[1:]))
        except KeyboardInterrupt:
            click.echo("Stopped. What was committed stays; run it again to go on.", err=True)
            sys.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(analysis.__version__, prog_name="cotscope")
def main() -> None:
    """Read, measure and compare the long chains of thought of reasoning models.

    The database is --db, else $COTSCOPE_DB, else cotscope.duckdb in this folder.
    """


for _command in (
    app.app,
    importing.import_,
    mappings.mapping,
    removing.remove,
    running.run,
    probing.probe,
    choosing.choose,
    analyzing.analyze,
    searching.search,
    exporting.export,
    exporting.report,
    verifying.verify,
    comparing.compare,
    comparing.cells,
    comparing.questions,
    curating.curate,
    evaluating.evaluate,
    annotating.labels,
    training.train,
    inspecting.sql,
    inspecting.doctor,
):
    main.add_command(_command)


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments


def _fail(error: CotscopeError, *, json_output: bool) -> NoReturn:
    if json_output:
        print_json(
            {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        )
    prefix = "" if isinstance(error, Cancelled) else "Error: "
    click.echo(f"{prefix}{clean(str(error))} [{error.code}]", err=True)
    sys.exit(error.exit_code)
