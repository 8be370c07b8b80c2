"""`cotscope evaluate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
    cell,
    clean,
    count,
    json_option,
    print_json,
    progress_bar,
)

if TYPE_CHECKING:
    from analysis.evaluation.evaluate import Evaluation
    from analysis.evaluation.predictions import Predictions
    from analysis.evaluation.tables import Compared, Row
    from analysis.progress import ProgressCallback

_SHOWN = 5


@click.command()
@click.argument("gold", type=click.Path(path_type=Path), metavar="GOLD_DIR")
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the findings of this database, where it has the labelled traces. Without it their"
    " texts are analysed as they are.",
)
@click.option(
    "--findings",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge the findings of this file (.jsonl or .csv: trace_id or external_id, label, start, end)"
    " in place of ours.",
)
@click.option(
    "--against",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Compare with the findings of this file: of another version, or of another tool.",
)
@click.option("--by-model", is_flag=True, help="A row for each model, not only for its family.")
@click.option("--by-annotator", is_flag=True, help="Count the annotators of a source apart.")
@click.option("--only", metavar="NAME,...", help="Only these analyzers.")
@click.option("--rules", is_flag=True, help="Rules alone: no fitted model.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every figure to .json or .csv.",
)
@click.option(
    "--publish",
    is_flag=True,
    help="Rewrite the accuracy table that ships, and its documents (run in a checkout).",
)
@json_option
def evaluate(gold: Path, *, as_json: bool, **options: Any) -> None:
    """Measure detectors on labelled traces: precision, recall, F1, near F1, with 95 % intervals.

    GOLD_DIR is a folder (or a file) of JSONL, one labelled trace a line: docs/evaluation.md.
    """
    _check(options)
    with progress_bar(quiet=as_json) as progress:
        if options["publish"]:
            _publish(gold, options["findings"], progress)
            return
        found = _evaluate(gold, options, progress)
    if options["out"] is not None:
        from analysis.evaluation.writing import write_evaluation

        write_evaluation(found, options["out"])
    if as_json:
        print_json(found.flat())
    else:
        _print(found, options["by_model"])
    sys.exit(PARTIAL if found.failed or found.n_missing else OK)


def _check(options: dict[str, Any]) -> None:
    from analysis.errors import UsageError

    if options["findings"] and (options["db"] or options["rules"] or options["only"]):
        raise UsageError(
            "--findings stands for the findings of a file; --db, --rules and --only are for ours.",
            remedy="Use one of them.",
        )
    if options["rules"] and options["db"]:
        raise UsageError("--rules analyses the texts itself.", remedy="Leave --db out.")
    if options["publish"] and (options["db"] or options["rules"] or options["against"]):
        raise UsageError("--publish takes nothing beside --findings.", remedy="Leave the rest out.")
    out = options["out"]
    if out is not None and out.suffix.lower() not in (".json", ".csv"):
        raise UsageError(
            f"--out {out.name!r} is neither .json nor .csv.", remedy="Use one of them."
        )


def _evaluate(gold: Path, options: dict[str, Any], progress: ProgressCallback) -> Evaluation:
    from analysis.evaluation.evaluate import evaluate as run
    from analysis.evaluation.evaluate import expressed
    from analysis.evaluation.predictions import read_findings

    ids = expressed(gold)[1] if options["findings"] or options["against"] else ()
    ours: Predictions | None = None
    if options["findings"]:
        ours = read_findings(options["findings"], ids)
    elif options["db"]:
        ours = _stored(options["db"], gold, progress)
    elif options["rules"]:
        from analysis.evaluation.rules import rule_predictions

        ours = rule_predictions(gold, progress=progress)
    against = read_findings(options["against"], ids) if options["against"] else None
    return run(
        gold,
        ours,
        against=against,
        only=_names(options["only"]),
        by_model=options["by_model"],
        by_annotator=options["by_annotator"],
        progress=progress,
    )


def _stored(db: Path, gold: Path, progress: ProgressCallback) -> Predictions:
    from analysis.store import open_store
    from analysis.store.evaluating import stored_predictions

    with open_store(db, read_only=True) as store:
        return stored_predictions(store, gold, progress=progress)[0]


def _names(only: str | None) -> list[str] | None:
    from analysis.analyzers.registry import get

    if only is None:
        return None
    return [get(name.strip()).name for name in only.split(",") if name.strip()]


def _publish(gold: Path, findings: Path | None, progress: ProgressCallback) -> None:
    from analysis.errors import UsageError
    from analysis.evaluation.publish import publish

    root = Path(__file__).resolve().parents[2]
    if not (root / "docs").is_dir():
        raise UsageError("--publish needs a checkout.", remedy="This is an installed package.")
    path = publish(gold, predictions=findings, root=root, progress=progress)
    click.echo(f"Accuracy table written to {clean(str(path))}")


def _print(found: Evaluation, by_model: bool) -> None:
    rows = [row for row in found.rows if by_model or row.model is None]
    click.echo(_line(("label", "source", "models", "n", "P", "R", "F1", "95 %", "near")))
    for row in rows:
        click.echo(_line(_cells(row)))
    if found.compared:
        click.echo(f"\nF1 against {clean(found.against or '')}, on the same traces")
        for one in found.compared:
            if by_model or one.model is None:
                click.echo(_compared(one))
    click.echo()
    click.echo(f"{clean(found.name)} on {count(found.n_traces, 'labelled trace')}.")
    if found.not_detected:
        click.echo(f"Labels that nothing detects here: {clean(', '.join(found.not_detected))}")
    _left_out(found)


def _left_out(found: Evaluation) -> None:
    reasons = {
        "flagged as loops": found.n_degenerate,
        "not in the database, or not analysed there": found.n_missing,
        "an analyzer failed": len(found.failed),
    }
    for why, number in reasons.items():
        if number:
            click.echo(f"{count(number, 'trace')} left out: {why}", err=True)
    for trace, reason in list(found.failed.items())[:_SHOWN]:
        click.echo(f"  {clean(trace)}: {clean(reason)}", err=True)
    if found.n_unmatched:
        click.echo(
            f"{count(found.n_unmatched, 'finding')} of traces that are not labelled: not counted",
            err=True,
        )


def _cells(row: Row) -> tuple[str, ...]:
    f1 = row.f1
    return (
        cell(row.label),
        cell(row.source),
        cell(row.model or row.family or "all"),
        f"{row.n:,}",
        _two(row.precision.value),
        _two(row.recall.value),
        _two(f1.value),
        "" if f1.low is None else f"{_two(f1.low)} {_two(f1.high)}",
        _two(row.near_f1.value),
    )


def _line(cells: tuple[str, ...]) -> str:
    label, source, model, n, *numbers = cells
    head = f"{label[:19]:19} {source[:28]:28} {model[:24]:24} {n:>6}"
    p, r, f1, ends, near = numbers
    return f"{head} {p:>5} {r:>5} {f1:>5}  {ends:10} {near:>5}"


def _compared(one: Compared) -> str:
    low, high = one.difference.low, one.difference.high
    ends = "" if low is None or high is None else f"[{low:+.2f}, {high:+.2f}]"
    value = "" if one.difference.value is None else f"{one.difference.value:+.2f}"
    model = cell(one.model or one.family or "all")
    return (
        f"{cell(one.label)[:19]:19} {cell(one.source)[:28]:28} {model[:24]:24}"
        f" {_two(one.f1):>5} {_two(one.f1_against):>5} {value:>6} {ends:15} {one.verdict}"
    )


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
