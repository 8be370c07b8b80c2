"""`cotscope verify`."""

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
    json_option,
    print_json,
    progress_bar,
)

_SHOWN = 10


@click.command()
@click.argument("pairs", type=click.Path(dir_okay=False, path_type=Path), metavar="PAIRS.jsonl")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the rows go, with verdict, reason, stage, verifier and verifier_version added.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, help="Processes for math-verify.")
@json_option
def verify(pairs: Path, out: Path, workers: int, as_json: bool) -> None:
    """Judge answers: rows {gold, pred} in, the same rows with a verdict out.

    The verdict is correct, wrong or undecided, with a reason. A row may also have question and kind
    (math, number, choice, text, code). See docs/answers.md.
    """
    from analysis.answers.pair_files import verify_file
    from analysis.progress import Progress

    size = pairs.stat().st_size if pairs.is_file() else 0
    with progress_bar(quiet=as_json) as progress:
        report = verify_file(
            pairs,
            out,
            workers=workers,
            progress=lambda done: progress(Progress("Judging", done, size, "bytes")),
        )
    if as_json:
        print_json(asdict_of(report))
    else:
        click.echo(
            f"{count(report.n_rows, 'row')}: {report.n_correct:,} correct, {report.n_wrong:,} wrong,"
            f" {report.n_undecided:,} undecided"
        )
        commonest = sorted(report.reasons.items(), key=lambda item: (-item[1], item[0]))
        for reason, times in commonest[:_SHOWN]:
            click.echo(f"  undecided, {times:,} times: {clean(reason)}")
        for bad in report.bad_lines[:_SHOWN]:
            click.echo(f"  line {bad.line:,} was left out: {clean(bad.reason)}", err=True)
        if report.n_bad > _SHOWN:
            click.echo(f"  and {report.n_bad - _SHOWN:,} more bad lines", err=True)
    sys.exit(PARTIAL if report.n_bad else OK)
