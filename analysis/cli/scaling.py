"""What `cotscope run` and `cotscope analyze` share for many machines: `--engine ray` and its options."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from analysis.engines.opening import Wanted
    from analysis.engines.runs import Work
    from analysis.scale.cluster import Cluster

RAY = "ray"
_OPTIONS = (
    click.option(
        "--ray-address", metavar="ADDRESS", help="A Ray cluster that runs: auto, HOST:PORT.  [ray]"
    ),
    click.option(
        "--shared",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        help="A folder that every machine of the cluster sees.  [ray]",
    ),
)


def ray_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a cluster."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def cluster_of(given: dict[str, Any], chosen: str | None, *, gpus: float = 0.0) -> Cluster | None:
    """The cluster that is meant; None without `--engine ray`."""
    from analysis.errors import UsageError

    if chosen != RAY:
        for name in ("ray_address", "shared"):
            if given[name] is not None:
                raise UsageError(f"--{name.replace('_', '-')} goes with --engine ray.")
        return None
    from analysis.scale.cluster import Cluster

    return Cluster(given["ray_address"], given["workers"], gpus, given["shared"])


def ray_talks(on: bool) -> AbstractContextManager[Any]:
    """While Ray works: what it prints goes to stderr, for stdout may be JSON."""
    return redirect_stdout(sys.stderr) if on else nullcontext()


def work_of(given: dict[str, Any], wanted: Wanted) -> Work | None:
    """What makes the traces of a run in place of this process; None without `--engine ray`."""
    cluster = cluster_of(given, given["engine_name"], gpus=given["gpus"])
    if cluster is None:
        return None
    from analysis.scale.running import work_on_ray

    return work_on_ray(wanted, cluster)
