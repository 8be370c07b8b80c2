"""`cotscope probe`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
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
from analysis.cli.running import ENGINES, opened, stoppable

if TYPE_CHECKING:
    from analysis.engines.probing import ProbeReport


@click.command()
@click.option("--model", help="Name of the model at the server, on the hub, or its folder.")
@click.option("--engine", "engine_name", type=click.Choice(ENGINES), help="As for `cotscope run`.")
@click.option("--base-url", help="Address of a server that takes token ids (vLLM, llama.cpp).")
@click.option("--api-key-env", metavar="NAME", help="Environment variable that holds the key.")
@click.option("--preset", help="Family of the model; default: by its name.")
@click.option(
    "--at",
    "where_to",
    type=click.Choice(["every10", "thoughts", "candidates"]),
    default="every10",
    show_default=True,
    help="Every tenth of the thinking, after every thought, after every candidate answer.",
)
@click.option("--where", multiple=True, metavar="FIELD=VALUE", help="Filter, as for export.")
@click.option("--limit", type=click.IntRange(1), help="Probe so many traces at most.")
@click.option("--replace", is_flag=True, help="Also traces with probes; their old ones are gone.")
@click.option(
    "--any-model",
    is_flag=True,
    help="Also traces of other models: this model reads their thinking.",
)
@click.option("--concurrency", type=click.IntRange(1, 1024), help="Traces at a time.")
@click.option("--vllm-python", metavar="FILE", help="Python of the environment that has vLLM.")
@click.option("--vllm-arg", "vllm_args", multiple=True, help="One more argument of `vllm serve`.")
@click.option("--tensor-parallel", type=click.IntRange(1), help="GPUs that share one copy.")
@click.option("--data-parallel", type=click.IntRange(1), help="Copies of the model.")
@click.option("--max-length", type=click.IntRange(1), help="Context length of the vLLM server.")
@db_option
@json_option
def probe(db: Path | None, where: Sequence[str], as_json: bool, **given: Any) -> None:
    """Ask a model for its answer in the middle of stored traces.

    Cuts the thinking of each trace at chosen points, and keeps the answer and its probability with
    the trace. Needs an engine that has the model of the traces and takes token ids.
    """
    from analysis.engines.presets import preset_of
    from analysis.engines.probing import probe_traces
    from analysis.progress import CancelToken
    from analysis.store import open_store
    from analysis.views.traces import require_known

    filters = filters_of(where)
    cancel = CancelToken()
    with (
        open_store(path_of(db)) as store,
        stoppable(cancel),
    ):
        require_known(store, filters)
        with opened(given, quiet=as_json) as engine, progress_bar(quiet=as_json) as bar:
            report = probe_traces(
                store,
                engine,
                preset_of(engine.model, given["preset"]),
                filters,
                given["where_to"],
                replace=given["replace"],
                any_model=given["any_model"],
                limit=given["limit"],
                concurrency=given["concurrency"],
                progress=bar,
                cancel=cancel,
            )
    if as_json:
        print_json(asdict_of(report))
    else:
        _print(report)
    sys.exit(PARTIAL if report.failed or report.stopped or report.cancelled else OK)


def _print(report: ProbeReport) -> None:
    click.echo(f"{count(report.probed, 'trace')} probed, {count(report.probes, 'answer')}")
    left = (
        (report.recorded, "have probes already (--replace asks again)"),
        (report.other_model, "are of another model (--any-model takes them too)"),
        (report.unreadable, "have no question or no visible reasoning"),
        (report.revisions, "are revisions of an answer"),
        (report.failed, f"failed; the first: {clean(report.first_error or '')}"),
    )
    for number, what in left:
        if number:
            click.echo(f"{number:>9,} {what}")
    if report.stopped:
        click.echo(f"Stopped: {clean(report.stopped)}", err=True)
    if report.probed:
        click.echo("Next: cotscope analyze")
