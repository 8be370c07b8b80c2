"""`cotscope`: the command line. The same functions as the pages; heavy imports only where used.

Exit codes: 0 all well; 1 finished, but some input was quarantined or failed (the counts are
printed); 2 usage; 3 the store is locked or unusable.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import analysis
from analysis.errors import Cancelled, CotscopeError

if TYPE_CHECKING:
    from analysis.progress import Progress, ProgressCallback

OK, PARTIAL, USAGE, STORE = 0, 1, 2, 3


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


def _db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--db", type=click.Path(dir_okay=False, path_type=Path), help="Database file."
    )(function)


def _json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")(function)


@main.command()
@_db_option
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address only.")
def app(db: Path | None, port: int, host: str) -> None:
    """Start the app in a browser window of this machine."""
    from analysis.serving import serve

    click.echo(f"CoTScope on http://{host}:{port}  (Ctrl+C stops it)")
    serve(_path(db), host=host, port=port)


@main.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH|GLOB...")
@_db_option
@click.option("--dataset", help="Name of the data set; default: each row's own, else the file's.")
@click.option(
    "--format", "format_id", help="Read every record as this format (see docs/formats.md)."
)
@click.option(
    "--resume", is_flag=True, help="Go on with imports that were cut short (the default)."
)
@_json_option
def import_(
    paths: Sequence[str],
    db: Path | None,
    dataset: str | None,
    format_id: str | None,
    resume: bool,
    as_json: bool,
) -> None:
    """Load trace dumps: files, folders or quoted globs.

    Bad lines go to quarantine with their number and reason, the rest goes in. The same file twice
    changes nothing; an import that was cut short goes on where it stopped.
    """
    from analysis.store import open_store
    from analysis.store.importing import expand_paths, import_file, require_format

    require_format(format_id)
    files = expand_paths(paths)
    reports = []
    with open_store(_path(db)) as store:
        for file in files:
            with _bar(quiet=as_json) as progress:
                report = import_file(
                    store, file, dataset=dataset, format_id=format_id, progress=progress
                )
            reports.append(report)
            if not as_json:
                _print_import(report, dataset)
    totals = {
        "files": len(reports),
        "traces": sum(r.n_traces for r in reports),
        "new_files": sum(not r.already for r in reports),
        "quarantined": sum(r.n_quarantined for r in reports),
        "refused": sum(r.error is not None for r in reports),
    }
    if as_json:
        _print_json({**totals, "reports": [_asdict(r) for r in reports]})
    else:
        click.echo(
            f"{_count(totals['traces'], 'trace')} from {_count(totals['files'], 'file')}"
            f" ({_count(totals['quarantined'], 'record')} quarantined) in {_path(db)}"
        )
        if totals["quarantined"]:
            click.echo("See them: cotscope export quarantine --out quarantine.csv")
    sys.exit(PARTIAL if totals["quarantined"] or totals["refused"] else OK)


@main.command()
@_db_option
@click.option("--only", help="Names of analyzers, separated by commas.")
@click.option("--workers", type=click.IntRange(0, 256), help="Processes; default: one per core.")
@_json_option
def analyze(db: Path | None, only: str | None, workers: int | None, as_json: bool) -> None:
    """Find behaviours and compute metrics. Does only what is missing or has changed."""
    from analysis.runner import analyze as run
    from analysis.store import open_store

    names = [name.strip() for name in only.split(",") if name.strip()] if only else None
    with open_store(_path(db), must_exist=True) as store, _bar(quiet=as_json) as progress:
        report = run(store, only=names, workers=workers, progress=progress)
    if as_json:
        _print_json(_asdict(report))
    elif report.n_traces == 0:
        click.echo("Nothing to do: every trace is up to date.")
    else:
        click.echo(
            f"{_count(report.n_traces, 'trace')} analysed, {_count(report.n_findings, 'finding')}."
        )
        if report.n_failures:
            click.echo(f"{report.n_failures:,} analyses failed; the first: {report.first_error}")
    sys.exit(PARTIAL if report.n_failures else OK)


@main.command()
@click.argument("table", metavar="TABLE")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@_db_option
@click.option(
    "--where",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Filter, as in the address of a page: dataset=, model=, effort=, verdict=, label=, text= …"
    " Again for more.",
)
@_json_option
def export(table: str, out: Path, db: Path | None, where: Sequence[str], as_json: bool) -> None:
    """Write a table to .csv, .jsonl, .parquet or .xlsx.

    TABLE: traces sentences findings metrics questions cells pairs quarantine warnings.
    """
    from analysis.export import export_table
    from analysis.store import open_store
    from analysis.views.traces import require_known

    filters = _filters(where)
    with open_store(_path(db), read_only=True) as store:
        require_known(store, filters)
        report = export_table(store, table, out, where=filters)
    if as_json:
        _print_json(_asdict(report))
    else:
        click.echo(f"{report.rows:,} rows written to {out}")


@main.command()
@click.argument("statement")
@_db_option
@_json_option
def sql(statement: str, db: Path | None, as_json: bool) -> None:
    """Run one read-only SQL statement, locked down, in a process of its own."""
    from analysis.store.sql import run_sql

    result = run_sql(_path(db), statement)
    if as_json:
        _print_json(
            {
                "columns": result.columns,
                "rows": [list(row) for row in result.rows],
                "cut": result.cut,
            }
        )
        return
    click.echo("\t".join(result.columns))
    for row in result.rows:
        click.echo("\t".join(_cell(value) for value in row))
    if result.cut:
        click.echo(f"(only the first {len(result.rows):,} rows)", err=True)


@main.command()
@_db_option
@click.option("--rescue", is_flag=True, help="Set a damaged write-ahead log aside (copies first).")
@_json_option
def doctor(db: Path | None, rescue: bool, as_json: bool) -> None:
    """Check the database and this installation."""
    from analysis.store.doctor import diagnose
    from analysis.store.doctor import rescue as set_aside

    aside = set_aside(_path(db)) if rescue else None
    diagnosis = diagnose(_path(db))
    if as_json:
        _print_json({**_asdict(diagnosis), "healthy": diagnosis.healthy})
    else:
        versions = ", ".join(f"{name} {value}" for name, value in diagnosis.versions.items())
        click.echo(f"{diagnosis.database}: {versions}")
        if aside:
            click.echo(f"The damaged log is set aside in {aside}; import the last files again.")
        for finding in diagnosis.findings:
            mark = "ok  " if finding.ok else "BAD "
            click.echo(f"{mark}{finding.check}" + (f": {finding.detail}" if finding.detail else ""))
        for name in diagnosis.unfinished:
            click.echo(f"note  the import of {name} was cut short; the same command goes on")
    sys.exit(OK if diagnosis.healthy else STORE)


def _path(db: Path | None) -> Path:
    from analysis.store import default_path

    return db if db is not None else default_path()


def _filters(where: Sequence[str]) -> Any:
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
def _bar(*, quiet: bool) -> Iterator[ProgressCallback]:
    """A progress bar with rate and time left on stderr; silent when piped or quiet."""
    from analysis.progress import ignore_progress

    if quiet or not sys.stderr.isatty():
        yield ignore_progress
        return
    bar: Any = None
    stage = ""

    def show(moment: Progress) -> None:
        nonlocal bar, stage
        if bar is None or moment.stage != stage:
            if bar is not None:
                bar.render_finish()
            stage = moment.stage
            bar = click.progressbar(
                length=moment.total or 0,
                label=_clean(stage),
                file=sys.stderr,
                show_pos=moment.unit != "bytes",
                item_show_func=lambda note: _clean(str(note)) if note else None,
            )
        bar.update(max(0, moment.done - bar.pos), moment.note)

    yield show
    if bar is not None:
        bar.render_finish()


def _print_import(report: Any, dataset: str | None) -> None:
    state = ""
    if report.already:
        state = "already imported, "
    elif report.resumed:
        state = "resumed, "
    line = f"{_clean(report.name)}: {state}{_count(report.n_traces, 'trace')}"
    if report.n_quarantined:
        line += f", {_count(report.n_quarantined, 'record')} quarantined"
    click.echo(line)
    if report.already and dataset:
        click.echo("  note: it stays in the data set that it was imported into", err=True)
    if report.error:
        click.echo(f"  stopped: {_clean(report.error)}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _asdict(value: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(value)


def _print_json(value: Any) -> None:
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


def _cell(value: object) -> str:
    return "" if value is None else _clean(str(value).replace("\t", " ").replace("\n", " "))


def _clean(text: str) -> str:
    """Text of a trace or a file name on a terminal: no escape sequence of it may act."""
    from analysis.text.visible import visible

    return visible(text)


def _wants_json(arguments: Sequence[str]) -> bool:
    return "--json" in arguments


def _fail(error: CotscopeError, *, json_output: bool) -> None:
    if json_output:
        _print_json(
            {"error": {"code": error.code, "message": error.message, "remedy": error.remedy}}
        )
    prefix = "" if isinstance(error, Cancelled) else "Error: "
    click.echo(f"{prefix}{_clean(str(error))} [{error.code}]", err=True)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
