"""What the commands share: options, output that no trace text can act through, exit codes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from analysis.progress import Progress, ProgressCallback

OK, PARTIAL, USAGE, STORE = 0, 1, 2, 3


def db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The `--db` option."""
    return click.option(
        "--db", type=click.Path(dir_okay=False, path_type=Path), help="Database file."
    )(function)


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """The `--json` option."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")(function)


def path_of(db: Path | None) -> Path:
    """The database that is meant: given, or the default one."""
    from analysis.store import default_path

    return db if db is not None else default_path()


def filters_of(where: Sequence[str]) -> Any:
    """Filters from `--where FIELD=VALUE` arguments; `UsageError` for what is none."""
    from urllib.parse import parse_qs

    from analysis.errors import UsageError
    from analysis.filters import Filters

    query: dict[str, list[str]] = {}
    for part in where:
        if "=" not in part:
            raise UsageError(f"--where needs FIELD=VALUE, not {part!r}.")
        # A value may itself hold "&" or "+", so only a whole address query is decoded.
        name, value = part.split("=", 1)
        if "&" in part and all("=" in piece for piece in part.split("&")):
            for key, values in parse_qs(part).items():
                query.setdefault(key, []).extend(values)
        else:
            query.setdefault(name.strip(), []).append(value)
    return Filters.from_strict_query(query)


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[ProgressCallback]:
    """A progress bar with rate and time left on stderr; silent when piped or quiet."""
    from analysis.progress import Pace, ignore_progress

    if quiet or not sys.stderr.isatty():
        yield ignore_progress
        return
    bar: Any = None
    stage = ""
    pace = Pace()

    def show(moment: Progress) -> None:
        nonlocal bar, stage
        pace.see(moment, time.monotonic())
        if bar is None or moment.stage != stage:
            if bar is not None:
                bar.render_finish()
            stage = moment.stage
            bar = click.progressbar(
                length=moment.total or 0,
                label=clean(stage),
                file=sys.stderr,
                show_pos=False,
                show_eta=False,
                item_show_func=lambda note: clean(str(note)) if note else None,
            )
        words = (moment.amount, pace.words(moment), moment.note)
        bar.update(max(0, moment.done - bar.pos), ", ".join(w for w in words if w))

    yield show
    if bar is not None:
        bar.render_finish()


def count(number: int, noun: str) -> str:
    """ "1 trace", "2,000 traces"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def asdict_of(value: Any) -> dict[str, Any]:
    """A dataclass as a dict for JSON."""
    from dataclasses import asdict

    return asdict(value)


def print_json(value: Any) -> None:
    """JSON on stdout, indented."""
    import orjson

    data = orjson.dumps(
        value, default=_jsonable, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2
    )
    click.echo(data.decode("utf-8", "replace"))


def _jsonable(value: object) -> object:
    """Integers beyond 64 bits and decimals of SQL as numbers; anything else as its text."""
    if isinstance(value, Decimal):
        return (
            int(value)
            if value == value.to_integral_value() and abs(value) < 2**63
            else float(value)
        )
    return str(value)


def cell(value: object) -> str:
    """A value of a result on one line of a terminal."""
    return "" if value is None else clean(str(value).replace("\t", " ").replace("\n", " "))


def clean(text: str) -> str:
    """Text of a trace or a file name on a terminal: no escape sequence of it may act."""
    from analysis.text.visible import visible

    return visible(text)
