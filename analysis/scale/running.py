"""``cotscope run`` on a Ray cluster: questions x efforts x samples in shards, each machine with an engine.

Each machine writes finished traces to a journal of its own in the shared folder. They go from there into
the run's journal and the store, as those of a run on one machine: so what a machine has finished is not
lost when it dies, and a resume makes only what is missing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from analysis.engines.journal import Journal
from analysis.engines.opening import Wanted
from analysis.engines.plans import Job, Plan
from analysis.engines.protocol import Engine
from analysis.engines.runs import Session, Work
from analysis.errors import CotscopeError, UsageError
from analysis.scale.asking import Asker
from analysis.scale.cluster import Cluster

ROUNDS = 8
"""A shard is so many rounds of a machine's requests: long enough to keep it busy to its end."""
MAX_SHARD = 4096


def work_on_ray(wanted: Wanted, cluster: Cluster) -> Work:
    """What makes the traces of ``runs.execute`` on a cluster; ``wanted`` is opened on each machine.

    Raises ``UsageError`` for an engine that cannot be opened many times.
    """
    if wanted.engine == "vllm":
        raise UsageError(
            "Machines of a cluster ask servers that run already.",
            remedy="Start vLLM behind one address, and name it with --base-url.",
        )

    def work(session: Session, engine: Engine, plan: Plan, jobs: list[Job], width: int) -> None:
        folder = cluster.folder(session.store.path, session.journal.run_id)
        left = {job.key: job for job in jobs}
        shards = sorted(p for p in folder.iterdir() if p.is_dir())
        for shard in shards:  # of a session that was killed; what failed then is tried again
            _collect(session, shard, left, good=True)
        if left:
            _ask(session, cluster, wanted, plan, left, folder, width)
        shutil.rmtree(folder, ignore_errors=True)  # everything is in the journal of the run

    return work


def _ask(
    session: Session,
    cluster: Cluster,
    wanted: Wanted,
    plan: Plan,
    left: dict[str, Job],
    folder: Path,
    width: int,
) -> None:
    rows = list(_shards(list(left), width, cluster.workers or 1, _next_number(folder)))
    names = [str(row["shard"]) for row in rows]
    with cluster.connected() as ray:
        workers = cluster.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        most = min(workers, len(rows))
        given = (wanted, plan, session.journal.run_id, str(folder), width)
        try:
            data = ray.data.from_items(rows, override_num_blocks=len(rows))
            data = data.map_batches(
                Asker, fn_constructor_args=given, batch_size=1, num_cpus=1, num_gpus=cluster.gpus,
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most),
            )  # fmt: skip
            for row in data.iter_rows():
                _collect(session, folder / row["shard"], left)
                session.stopped = session.stopped or row["stopped"] or None
                session.tell()
                if session.cancel.cancelled or session.stopped:
                    break
        except CotscopeError:
            raise
        except Exception as error:  # Ray passes on what a machine raised
            raise cluster.failed(error) from error
        finally:
            for name in names:  # also of shards that did not come to their end
                _collect(session, folder / name, left)


def _shards(keys: list[str], width: int, workers: int, first: int) -> Iterator[dict[str, object]]:
    """Keys in shards, so that every worker has several and none waits long for the last."""
    size = max(1, min(MAX_SHARD, width * ROUNDS, -(-len(keys) // workers)))
    for number, start in enumerate(range(0, len(keys), size), first):
        yield {"shard": f"{number:06d}", "keys": keys[start : start + size]}


def _next_number(folder: Path) -> int:
    return max((int(p.name) for p in folder.iterdir() if p.name.isdigit()), default=-1) + 1


def _collect(session: Session, shard: Path, left: dict[str, Job], *, good: bool = False) -> None:
    """Take what a machine has finished, each trace once; ``good`` leaves failed ones away."""
    for line in Journal(shard).lines():
        if good and line.get("error"):
            continue
        job = left.pop(str(line.get("key")), None)
        if job is not None:
            session.judge(dict(line))
            session.take(dict(line), job)
