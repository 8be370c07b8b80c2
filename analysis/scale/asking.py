"""What a machine of the cluster does in a run: it asks a model, and writes each trace down at once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from analysis.engines.journal import Journal
from analysis.engines.opening import Wanted, open_engine
from analysis.engines.plans import Job, Plan, jobs_of
from analysis.engines.protocol import EngineError, Event
from analysis.engines.tracing import make_line
from analysis.progress import CancelToken


class Asker:
    """Run by Ray, one on each place for a worker: an engine, asked shard by shard.

    A key is never passed on: its variable is read in the environment of the machine.
    """

    def __init__(self, wanted: Wanted, plan: Plan, run_id: str, folder: str, width: int) -> None:
        self._engine = open_engine(wanted)
        self._plan, self._run_id, self._folder = plan, run_id, Path(folder)
        self._width = width
        self._jobs = {job.key: job for job in jobs_of(plan, self._engine)}

    def __call__(self, batch: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Make the traces of the shards of a batch; what is there of an earlier try stays."""
        shards = [str(name) for name in batch["shard"]]
        keys = [[str(key) for key in part] for part in batch["keys"]]
        said = [self._make(name, part) for name, part in zip(shards, keys, strict=True)]
        return {"shard": shards, "stopped": said}

    def _make(self, shard: str, keys: list[str]) -> str:
        """Why it stopped before its end; nothing where it did not."""
        journal = Journal(self._folder / shard)
        there = {line["key"] for line in journal.lines() if "key" in line and not line.get("error")}
        cancel = CancelToken()
        lock = threading.Lock()

        def ask(job: Job) -> None:
            line = make_line(self._engine, self._plan, job, self._run_id, _ignore, cancel)
            with lock:
                journal.append(line)

        stopped = ""
        with ThreadPoolExecutor(self._width) as pool:
            asked = [pool.submit(ask, self._jobs[key]) for key in keys if key not in there]
            for future in as_completed(asked):
                try:
                    future.result()
                except EngineError as error:  # concerns every request: nothing more is asked
                    stopped = stopped or str(error)
                    for other in asked:
                        other.cancel()
                    break
        journal.seal()
        return stopped


def _ignore(job: Job, event: Event) -> None:
    """Nobody watches a stream on another machine."""
