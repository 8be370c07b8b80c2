"""`cotscope search`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from analysis.cli.common import (
    clean,
    count,
    db_option,
    filters_of,
    json_option,
    path_of,
    print_json,
    progress_bar,
)


@click.command()
@click.argument("query")
@db_option
@click.option("--regex", is_flag=True, help="QUERY is a regular expression (RE2), as a whole.")
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export.")
@click.option(
    "--sort", type=click.Choice(["relevance", "newest", "longest"]), default="relevance",
    show_default=True,
)  # fmt: skip
@click.option(
    "--limit", type=click.IntRange(1), help="At most N traces.  [default: 20; --out: all]"
)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path),
    help="Write every hit with its context to a file: .csv, .jsonl, .parquet or .xlsx.",
)  # fmt: skip
@json_option
def search(
    query: str,
    db: Path | None,
    regex: bool,
    where: Sequence[str],
    sort: str,
    limit: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find words, "phrases", prefix*, /regular expressions/ and findings in all traces.

    \b
    cotscope search '"hold on" label:backtracking@90-100%'
    cotscope search 'question:prime (wait OR hmm) -loop model:r1'
    cotscope search --regex '(?i)let me (re)?check' --out hits.jsonl

    The whole syntax: docs/search.md. The index beside the database is brought up to date first.
    """
    from analysis.search.parse import parse_search, regex_search
    from analysis.store import open_store
    from analysis.store.search import needs_index
    from analysis.store.search_index import search_index
    from analysis.store.search_scan import Patience
    from analysis.views.search import results_json, search_page
    from analysis.views.traces import require_known

    filters = filters_of(where)
    asked = regex_search(query) if regex else parse_search(query)
    with (
        open_store(path_of(db), read_only=True) as store,
        progress_bar(quiet=as_json) as progress,
    ):
        require_known(store, filters)
        if needs_index(asked, filters):
            search_index(store).update(progress)
        if out is not None:
            _write(store, asked, filters, sort, limit, out, as_json, progress)
            return
        patience = Patience(enough=limit or 20, soon=float("inf"), most=float("inf"))
        results = search_page(
            store, asked, filters, sort=sort, page_size=limit or 20, patience=patience,
            progress=progress,
        )  # fmt: skip
    if as_json:
        print_json(results_json(results))
    else:
        _print(results)


def _write(
    store: Any, asked: Any, filters: Any, sort: str, limit: int | None, out: Path, as_json: bool,
    progress: Any,
) -> None:  # fmt: skip
    import pyarrow as pa

    from analysis.export import export_bytes
    from analysis.export.core import new_file, write_faults
    from analysis.views.search import PASSAGES_SCHEMA, passage_rows

    found = passage_rows(store, asked, filters, sort=sort, limit=limit, progress=progress)
    table = pa.Table.from_batches(list(found), PASSAGES_SCHEMA)
    data = export_bytes(table, out.suffix, name="passages")
    with new_file(out) as sink, write_faults(out):
        sink.write(data)
    traces = len(set(table.column("trace_id").to_pylist()))
    if as_json:
        print_json({"path": str(out), "rows": table.num_rows, "traces": traces, "bytes": len(data)})
    else:
        click.echo(f"{count(table.num_rows, 'hit')} in {count(traces, 'trace')} written to {out}")


def _print(results: Any) -> None:
    for hit in results.hits:
        facts = (hit.external_id, hit.dataset, hit.model, hit.effort)
        click.secho(clean(f"{hit.trace_id}  " + ", ".join(f for f in facts if f)), bold=True)
        for passage in hit.passages:
            place = f" [{', '.join(passage.labels)}]" if passage.labels else ""
            at = "" if passage.sentence is None else f" sentence {passage.sentence}"
            text = " ".join(clean(passage.text).split())
            click.echo(f"  {passage.field}{at}{clean(place)}: {text}")
        if hit.n_more:
            click.echo(f"  and {hit.n_more:,} more in this trace")
    shown = f", {len(results.hits):,} shown" if len(results.hits) < results.total else ""
    click.echo(f"{count(results.total, 'trace')}{shown} ({results.seconds:.2f} s)", err=True)
