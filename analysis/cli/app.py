"""`cotscope app`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from analysis.cli.common import db_option, path_of


@click.command()
@db_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address only.")
@click.option(
    "--desktop",
    is_flag=True,
    help="In a window of its own instead of a browser, at any free port. Needs cotscope[desktop].",
)
@click.pass_context
def app(context: click.Context, db: Path | None, port: int, host: str, desktop: bool) -> None:
    """Start the app in a browser window of this machine."""
    if desktop:
        given = context.get_parameter_source("port") is not click.core.ParameterSource.DEFAULT
        _window(path_of(db), port if given else 0, host)
    from analysis.serving import serve

    click.echo(f"CoTScope on http://{host}:{port}  (Ctrl+C stops it)")
    serve(path_of(db), host=host, port=port)


def _window(database: Path, port: int, host: str) -> None:
    from analysis.desktop.launch import launch
    from analysis.errors import UsageError
    from analysis.serving import DEFAULT_HOST

    if host != DEFAULT_HOST:
        raise UsageError(f"The window's server listens on {DEFAULT_HOST} only.")
    sys.exit(launch(database, port=port))
