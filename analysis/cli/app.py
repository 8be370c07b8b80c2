"""`cotscope app`."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli.common import db_option, path_of


@click.command()
@db_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address only.")
def app(db: Path | None, port: int, host: str) -> None:
    """Start the app in a browser window of this machine."""
    from analysis.serving import serve

    click.echo(f"CoTScope on http://{host}:{port}  (Ctrl+C stops it)")
    serve(path_of(db), host=host, port=port)
