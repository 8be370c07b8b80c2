"""`cotscope curate`."""

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

if TYPE_CHECKING:
    from analysis.curation import Recipe, Step

_MOST_RECIPE_BYTES = 64 * 1024 * 1024
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option(
    "--recipe", type=_file, metavar="FILE.json", help="A recipe; other options change it."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.jsonl")
@click.option("--preview", is_flag=True, help="Only count what each step leaves.")
@db_option
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export.")
@click.option("--form", help="sft (messages) or pairs (preferences).")
@click.option("--verdict", help="right, wrong or any.")
@click.option(
    "--per-question", help="shortest, longest, random or all of the traces of a question."
)
@click.option("--samples", type=int, help="How many of each question, with --per-question.")
@click.option("--seed", type=int, help="For --per-question random.")
@click.option("--pairs", help='"right over wrong" or "short over long" (both right).')
@click.option("--pairs-per-question", type=int)
@click.option("--min-tokens", type=int, help="Thinking tokens.")
@click.option("--max-tokens", type=int, help="Thinking tokens.")
@click.option("--min-language-consistency", type=float, metavar="0..1")
@click.option("--no-language-slip", is_flag=True, default=None)
@click.option("--no-loop", is_flag=True, default=None)
@click.option("--max-repetition", type=float, metavar="0..1")
@click.option("--distinct-questions", type=float, metavar="0..1", help="One of questions so alike.")
@click.option(
    "--distinct-reasonings", type=float, metavar="0..1", help="One of reasonings so alike."
)
@click.option("--per-cluster", type=int, help="How many of those alike are kept (1).")
@click.option(
    "--metric", multiple=True, metavar="NAME=LOW..HIGH", help="Range; an end may be empty."
)
@click.option(
    "--behaviour", multiple=True, metavar="LABEL=LOW..HIGH", help="Rate per 1,000 tokens."
)
@click.option(
    "--not-questions",
    type=_file,
    metavar="FILE",
    help="Questions that must not be chosen: a text file with one a line, or .jsonl with the key"
    " question, problem or prompt.",
)
@click.option("--reasoning", help="tags (<think>) or field (reasoning_content).")
@click.option("--full-record", is_flag=True, default=None, help="Add the key cotscope.")
@json_option
def curate(
    recipe: Path | None,
    out: Path | None,
    preview: bool,
    db: Path | None,
    where: Sequence[str],
    as_json: bool,
    **options: Any,
) -> None:
    """Choose traces and write them as training data, with FILE.jsonl-manifest.json beside it."""
    from analysis.curation import plan, write
    from analysis.errors import UsageError
    from analysis.store import open_store
    from analysis.views.traces import require_known

    if preview == (out is not None):
        raise UsageError("Either --out FILE.jsonl or --preview.")
    made = _recipe(recipe, where, options)
    with open_store(path_of(db), read_only=True) as store:
        require_known(store, made.filters)
        if out is None:
            found = plan(store, made)
            if as_json:
                print_json({"recipe": made.to_dict(), **asdict_of(found)})
            else:
                _show(found.steps)
                click.echo(f"{count(found.n_rows, 'line')} to write")
            return
        with progress_bar(quiet=as_json) as progress:
            written = write(store, made, out, progress=progress)
    if as_json:
        print_json(asdict_of(written))
        return
    _show(written.steps)
    for reason, times in written.left_out.items():
        click.echo(f"{times:>9,}  left out: {reason}")
    click.echo(f"{count(written.rows, 'line')} written to {out}; manifest: {written.manifest}")


def _show(steps: Sequence[Step]) -> None:
    for step in steps:
        note = f" ({step.n_undefined:,} left out as undefined)" if step.n_undefined else ""
        questions = count(step.n_questions, "question")
        click.echo(f"{step.n_traces:>9,}  {clean(step.title)}; {questions}{note}")


def _recipe(path: Path | None, where: Sequence[str], options: dict[str, Any]) -> Recipe:
    """The recipe of the file, with what the options say in its place."""
    from analysis.curation import Recipe

    base = Recipe() if path is None else Recipe.from_json(_read(path))
    given = base.to_dict()
    for name in ("metric", "behaviour"):
        added = dict(map(_range, options.pop(name)))
        if added:
            given[f"{name}s"] = {**given.get(f"{name}s", {}), **added}
    listed = options.pop("not_questions")
    if listed is not None:
        given["not_questions"] = [*given.get("not_questions", []), *_questions(listed)]
    given |= {name: value for name, value in options.items() if value is not None}
    if where:
        given["filters"] = {**given.get("filters", {}), **filters_of(where).to_query()}
    return Recipe.from_dict(given)


def _read(path: Path) -> bytes:
    from analysis.errors import UsageError

    if path.stat().st_size > _MOST_RECIPE_BYTES:
        raise UsageError(f"{path} is too large to be read here (64 MiB).")
    return path.read_bytes()


def _range(text: str) -> tuple[str, list[float | None]]:
    from analysis.errors import UsageError

    name, found, ends = text.partition("=")
    low, dots, high = ends.partition("..")
    try:
        if not (name.strip() and found and dots):
            raise ValueError(text)
        return name.strip(), [float(end) if end.strip() else None for end in (low, high)]
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no range of a metric.", remedy="Write NAME=LOW..HIGH, like n_loops=0..2."
        ) from error


def _questions(path: Path) -> list[str]:
    import orjson

    from analysis.errors import UsageError

    try:
        lines = [line for line in _read(path).decode("utf-8-sig").split("\n") if line.strip()]
        if path.suffix.lower() != ".jsonl":
            return [line.strip() for line in lines]
        rows = [orjson.loads(line) for line in lines]
    except ValueError as error:
        raise UsageError(f"{path} cannot be read as questions: {error}.") from error
    keys = ("question", "problem", "prompt")
    texts: list[str] = []
    for number, row in enumerate(rows, 1):
        text = next((row[k] for k in keys if isinstance(row, dict) and k in row), None)
        if not isinstance(text, str):
            raise UsageError(
                f"Row {number} of {path} has no question.",
                remedy=f"Use the key {' or '.join(keys)}.",
            )
        texts.append(text)
    return texts
