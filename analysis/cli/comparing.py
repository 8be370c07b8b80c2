"""`cotscope compare`, `cotscope cells` and `cotscope questions`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
    cell,
    clean,
    count,
    db_option,
    filters_of,
    json_option,
    path_of,
    print_json,
)

_WHERE = click.option(
    "--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export."
)
_SHOWN = 20


@click.command()
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@db_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to .html, .md or .json.",
)
@click.option(
    "--metric",
    "names",
    multiple=True,
    metavar="NAME[:higher|:lower]",
    help="Exit with 1 when this metric got worse from A to B by more than --max-drop. Again for more.",
)
@click.option(
    "--max-drop",
    "drops",
    multiple=True,
    metavar="X",
    help="How much worse is allowed, in the metric's unit (0.02) or relative to A (5%). Default 0.",
)
@_WHERE
@json_option
def compare(
    a: str,
    b: str,
    db: Path | None,
    out: Path | None,
    names: Sequence[str],
    drops: Sequence[str],
    where: Sequence[str],
    as_json: bool,
) -> None:
    """Compare A (before) with B (after): what was gained and lost, and how each metric moved.

    A and B are cells (MODEL@EFFORT, MODEL:EFFORT, DATASET/MODEL@EFFORT, as `cotscope cells` lists
    them) or data sets, which are compared cell by cell.
    """
    from analysis.effort.guards import guards
    from analysis.export.comparison import as_dict, export_comparison
    from analysis.store import open_store
    from analysis.views.effort_diff import diff
    from analysis.views.traces import require_known

    filters = filters_of(where)
    with open_store(path_of(db), read_only=True) as store:
        require_known(store, filters)
        found = diff(store, filters, a, b)
    checked = guards(found.metrics.to_pylist(), names, drops)
    if out is not None:
        export_comparison(found, checked, out)
    if as_json:
        print_json(as_dict(found, checked))
    else:
        _print_diff(found)
        for guard in checked:
            click.echo(f"{'ok   ' if guard.passed else 'WORSE'} {clean(guard.sentence)}")
        if out is not None:
            click.echo(f"Written to {out}")
    sys.exit(OK if all(g.passed for g in checked) else PARTIAL)


def _print_diff(found: Any) -> None:
    from analysis.export.comparison import number

    for row in found.pairs.to_pylist():
        click.echo(clean(row["sentence"]))
    for title, table in (("Gained", found.gained), ("Lost", found.lost)):
        click.echo(f"{title}: {count(table.num_rows, 'question')}")
        for row in table.slice(0, _SHOWN).to_pylist():
            name = row["question_id"] or row["question_key"]
            click.echo(f"  {cell(name)}\t{cell(row['question'])}")
        if table.num_rows > _SHOWN:
            click.echo(f"  ... and {table.num_rows - _SHOWN:,} more (--json has all)")
    click.echo("metric\ta\tb\tb - a\tlow\thigh\tdz\tCliff's delta\tp (Holm)\tquestions")
    for row in found.metrics.to_pylist():
        numbers = [
            number(row[n])
            for n in ("mean_a", "mean_b", "difference", "difference_low", "difference_high",
                      "cohens_dz", "cliffs_delta", "p_holm")
        ]  # fmt: skip
        click.echo("\t".join((row["metric"], *numbers, str(row["n_questions"]))))


@click.group(invoke_without_command=True)
@db_option
@_WHERE
@json_option
@click.pass_context
def cells(context: click.Context, db: Path | None, where: Sequence[str], as_json: bool) -> None:
    """List the cells: what they are recognised as, beside what their records say."""
    if context.invoked_subcommand is not None:
        context.obj = db
        return
    from analysis.store import open_store
    from analysis.store.tallies import tallies

    with open_store(path_of(db), read_only=True) as store:
        found = tallies(store, filters_of(where)).cells
    rows: list[dict[str, Any]] = [
        {
            "cell": t.label,
            "dataset": t.cell.dataset,
            "model": t.name.model,
            "effort": t.name.effort,
            "budget_tokens": t.name.budget_tokens,
            "checkpoint": t.name.checkpoint,
            "order": t.name.order,
            "source": t.name.source or None,
            "stated": [{"model": m, "effort": e} for m, e in t.stated],
            "n_questions": len(t.question),
            "n_traces": int(t.n.sum()),
        }
        for t in found
    ]
    if as_json:
        print_json(rows)
        return
    click.echo("cell\tdata set\tmodel\teffort\tbudget\tcheckpoint\torder\tsource\tstated\ttraces")
    for row in rows:
        stated = "; ".join(
            f"{s['model'] or '(not stated)'} @ {s['effort'] or '(not stated)'}"
            for s in row["stated"]
        )
        values = [row[n] for n in ("cell", "dataset", "model", "effort", "budget_tokens", "checkpoint", "order", "source")]  # fmt: skip
        click.echo("\t".join(cell(v) for v in (*values, stated, row["n_traces"])))


@cells.command("set")
@click.argument("name", metavar="CELL")
@click.option("--model", help="The base model, which makes the line of a chart.")
@click.option("--effort", help="The effort.")
@click.option("--budget", type=click.IntRange(0), help="Thinking budget in tokens.")
@click.option("--order", type=float, help="Place among the efforts, from least to most.")
@db_option
@click.pass_obj
def set_(
    group_db: Path | None,
    name: str,
    model: str | None,
    effort: str | None,
    budget: int | None,
    order: float | None,
    db: Path | None,
) -> None:
    """Name a cell otherwise; what its records say stays in the traces."""
    from analysis.errors import UsageError
    from analysis.filters import Filters
    from analysis.store import open_store
    from analysis.store.cell_names import CellEdit, one_cell, set_cell
    from analysis.store.tallies import tallies

    if model is None and effort is None and budget is None and order is None:
        raise UsageError("Nothing is set.", remedy="Give --model, --effort, --budget or --order.")
    edit = CellEdit(model, effort, budget, order)
    with open_store(path_of(db or group_db), must_exist=True) as store:
        chosen = one_cell(tallies(store, Filters()), name)
        set_cell(store, chosen, edit)
        after = tallies(store, Filters()).cells
    renamed = next(
        t
        for t in after
        if set(chosen.stated) <= set(t.stated) and t.cell.dataset == chosen.cell.dataset
    )
    click.echo(f"{clean(chosen.label)} is now {clean(renamed.label)}")


@cells.command("reset")
@click.argument("name", metavar="CELL")
@db_option
@click.pass_obj
def reset(group_db: Path | None, name: str, db: Path | None) -> None:
    """Forget what was set of a cell."""
    from analysis.filters import Filters
    from analysis.store import open_store
    from analysis.store.cell_names import one_cell, reset_cell
    from analysis.store.tallies import tallies

    with open_store(path_of(db or group_db), must_exist=True) as store:
        forgotten = reset_cell(store, one_cell(tallies(store, Filters()), name))
    click.echo(f"{count(forgotten, 'name')} forgotten")


@click.command()
@click.option("--near-duplicates", is_flag=True, help="Questions whose texts are nearly the same.")
@click.option(
    "--least",
    type=click.FloatRange(50, 100),
    default=90.0,
    show_default=True,
    help="Likeness from which a pair is listed, of 100.",
)
@click.option("--merge", nargs=2, metavar="INTO KEY", help="Count question KEY as question INTO.")
@click.option("--split", metavar="KEY", help="Take a merge of this question back.")
@db_option
@_WHERE
@json_option
def questions(
    near_duplicates: bool,
    least: float,
    merge: tuple[str, str] | None,
    split: str | None,
    db: Path | None,
    where: Sequence[str],
    as_json: bool,
) -> None:
    """Questions that may be one: list them, and say which are. Nothing is merged unasked."""
    from analysis.errors import UsageError
    from analysis.store import open_store
    from analysis.store.cell_names import merge_questions, merges, split_question
    from analysis.views.near_questions import near_questions

    if sum((near_duplicates, merge is not None, split is not None)) > 1:
        raise UsageError("One thing at a time: --near-duplicates, --merge or --split.")
    with open_store(
        path_of(db), must_exist=True, read_only=merge is None and split is None
    ) as store:
        if merge is not None:
            done = merge_questions(store, merge[0], [merge[1]])
            click.echo(f"{count(done, 'question')} merged")
            return
        if split is not None:
            click.echo(f"{count(split_question(store, split), 'merge')} taken back")
            return
        if near_duplicates:
            rows = near_questions(store, filters_of(where), least=least).to_pylist()
        else:
            rows = [{"question_key": k, "counts_as": into} for k, into in merges(store)]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo("\t".join(cell(v) for v in row.values()))
    what = "pair" if near_duplicates else "merge"
    click.echo(f"({count(len(rows), what)})", err=True)
