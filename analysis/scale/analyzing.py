"""``cotscope analyze`` on a Ray cluster: traces to Parquet, analyzers over it, results to the store.

The store stays with the process that calls this; machines see Parquet files in a shared folder. What
comes back is checked as a worker process checks it, for a file may hold anything.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis import limits
from analysis.analyzers import tokenizer
from analysis.analyzers.registry import all_analyzers
from analysis.analyzers.worker import SENTENCES, Job, JobResult, check
from analysis.errors import CotscopeError
from analysis.model import Analysis, Document
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.runner import AnalyzeReport, Through, analyze
from analysis.scale.cluster import Cluster, ScaleError
from analysis.scale.shard import analyse_files, jobs_table, made_by, read_results
from analysis.store.connection import Store

SHARD_TRACES = 512
SHARD_CHARS = 16_000_000
"""A shard ends at whichever comes first; one is the work of some seconds to minutes."""
_STATES = frozenset(("ok", "skipped", "failed"))
Asked = dict[str, tuple[int, tuple[str, ...]]]
"""Of each trace: the length of its reasoning, and what is to be computed."""


def analyze_on_ray(
    store: Store,
    cluster: Cluster,
    *,
    only: list[str] | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> AnalyzeReport:
    """As ``runner.analyze``, with the same results, on the machines of a cluster.

    Answers are judged here first. Raises ``ScaleError`` where Ray fails: what was finished is stored.
    """
    return analyze(
        store, only=only, through=through(cluster, store.path), progress=progress, cancel=cancel
    )


def through(cluster: Cluster, database: Path) -> Through:
    """What analyses chunks of traces on a cluster."""

    def go(chunks: Iterator[list[Job]], cancel: CancelToken) -> Iterator[list[JobResult]]:
        folder = cluster.folder(database, f"analyze-{os.getpid()}-{secrets.token_hex(4)}")
        try:
            asked: Asked = {}
            shards = list(_write(chunks, folder, asked, cancel))
            for path in _analyse(cluster, shards):
                cancel.raise_if_cancelled()
                yield from _read(path, asked)
            if asked:
                raise ScaleError(f"{len(asked):,} traces came back without a result.")
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    return go


def _write(
    chunks: Iterator[list[Job]], folder: Path, asked: Asked, cancel: CancelToken
) -> Iterator[Path]:
    """Write jobs in shards; the paths of the files."""
    held: list[Job] = []
    size = count = 0
    for chunk in chunks:
        cancel.raise_if_cancelled()
        held += chunk
        size += sum(len(job.reasoning or "") for job in chunk)
        asked |= {job.trace_id: (len(job.reasoning or ""), job.analyzers) for job in chunk}
        if len(held) >= SHARD_TRACES or size >= SHARD_CHARS:
            yield _shard(folder, count, held)
            held, size, count = [], 0, count + 1
    if held:
        yield _shard(folder, count, held)


def _shard(folder: Path, number: int, jobs: list[Job]) -> Path:
    path = folder / f"{number:06d}.jobs.parquet"
    pq.write_table(jobs_table(jobs), path, compression="zstd")
    return path


def _analyse(cluster: Cluster, shards: list[Path]) -> Iterator[Path]:
    """Analyse the shards on the machines of the cluster; the files of results, as they come."""
    with cluster.connected() as ray:
        settings = {tokenizer.SETTING: os.environ.get(tokenizer.SETTING)}
        environment = {name: value for name, value in settings.items() if value}
        more: dict[str, Any] = {"runtime_env": {"env_vars": environment}} if environment else {}
        try:
            rows = [{"shard": str(path)} for path in shards]
            data = ray.data.from_items(rows, override_num_blocks=len(rows))
            data = data.map_batches(
                analyse_files, batch_size=1, num_cpus=1,
                compute=ray.data.TaskPoolStrategy(size=cluster.workers), **more,
            )  # fmt: skip
            for row in data.iter_rows():
                yield Path(row["results"])
        except CotscopeError:
            raise
        except Exception as error:  # Ray passes on what a machine raised
            raise cluster.failed(error) from error


def _read(path: Path, asked: Asked) -> Iterator[list[JobResult]]:
    """The checked results of a file; each trace is answered once."""
    try:
        table = pq.read_table(path)
        if set(table.column("made_by").to_pylist()) - {made_by()}:
            raise ScaleError(
                "A machine of the cluster has another CoTScope, or other analyzers.",
                remedy="Install the same version everywhere, with the same plugins and lexicons.",
            )
        results = read_results(table)
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise ScaleError(f"{path.name} holds no results ({type(error).__name__}).") from error
    for start in range(0, len(results), limits.ANALYZE_CHUNK_TRACES):
        part = results[start : start + limits.ANALYZE_CHUNK_TRACES]
        yield [_checked(result, asked) for result in part if result.trace_id in asked]


def _checked(result: JobResult, asked: Asked) -> JobResult:
    """Raises ``ScaleError`` for what a worker process of ours could not have given."""
    length, names = asked.pop(result.trace_id)
    known = {analyzer.name: analyzer for analyzer in all_analyzers()}
    if {o.analyzer for o in result.outcomes} != set(names):
        raise ScaleError(f"The result of {result.trace_id} is of other analyzers than asked for.")
    document = Document(result.trace_id, " " * length)
    for outcome in result.outcomes:
        problem = None if outcome.status in _STATES else f"the state {outcome.status!r}"
        if problem is None and outcome.analyzer != SENTENCES:
            found = Analysis(outcome.findings, outcome.metrics)
            problem = check(known[outcome.analyzer], document, found)
        if problem:
            raise ScaleError(f"The result of {result.trace_id} is refused: {problem}.")
    ends = [s.end for s in result.sentences]
    if any(s.start != e for s, e in zip(result.sentences, [0, *ends], strict=False)) or (
        ends and ends[-1] != length
    ):
        raise ScaleError(f"The sentences of {result.trace_id} do not tile its reasoning.")
    return result
