"""`cotscope train`."""

from __future__ import annotations

from pathlib import Path

import click

from analysis.cli.common import clean, json_option, print_json


@click.command()
@click.argument(
    "labelled", type=click.Path(file_okay=False, path_type=Path), metavar="LABELLED_DIR"
)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The .npz file of the model; what is known of it goes beside it, as .json.",
)
@click.option("--seed", type=int, default=0, help="Which problems share a fold.")
@json_option
def train(labelled: Path, out: Path, seed: int, as_json: bool) -> None:
    """Refit the behaviour detectors on labelled traces (`cotscope export annotations --out DIR`).

    Use the model with COTSCOPE_BEHAVIOURS_MODEL=FILE.npz, then run cotscope analyze again.
    """
    import orjson

    from analysis.errors import ExportError, UsageError

    if out.suffix != ".npz":
        raise UsageError(f"{out.name} does not end in .npz.")
    try:
        from analysis.behaviours.linear import Settings
        from analysis.behaviours.train import train as fit
    except ModuleNotFoundError as error:
        raise UsageError(
            f"Training needs {error.name}.", remedy=f"Run: pip install {error.name}"
        ) from error
    try:
        data, meta = fit(labelled, Settings(), seed)
    except (KeyError, ValueError, TypeError) as error:
        raise UsageError(
            f"These labelled traces cannot be trained on ({clean(str(error))[:200]}).",
            remedy="Training needs finished traces of several problems, with and without each label.",
        ) from error
    try:
        out.write_bytes(data)
        out.with_suffix(".json").write_bytes(
            orjson.dumps(meta, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        )
    except OSError as error:
        raise ExportError(f"{out} cannot be written: {error.strerror}.") from error
    if as_json:
        print_json(meta)
        return
    for row in meta["table"]:
        click.echo(
            f"{clean(row['label']):20} {clean(row['source'])[:26]:26} n {row['n']:6}"
            f" P {row['precision']:.2f} R {row['recall']:.2f} F1 {row['f1']:.2f}"
        )
    click.echo(f"Written to {out}. Use it with COTSCOPE_BEHAVIOURS_MODEL={out}")
