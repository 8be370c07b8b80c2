"""Kill an import at random moments: python -m tests.faults.kill_import [--points 200]

Each point starts an import of the same dump in a child process, kills it (SIGKILL) at a random
moment, opens the database, checks that it holds exactly what its ``file`` row says, and every few
points goes on to the end and compares a hash of everything with that of an import left in peace.
Half of the points run with a checkpoint threshold of 1 MB, so that kills hit checkpoints too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from analysis.store import Store, open_store
from analysis.store.importing import import_file

THRESHOLDS = ("1MB", "16MB")
_CHILD = """
import sys
from pathlib import Path
from analysis import limits
limits.BATCH_TRACES = int(sys.argv[3])
limits.CHECKPOINT_BYTES = sys.argv[4]
from analysis.store import open_store
from analysis.store.importing import import_file
store = open_store(sys.argv[1])
print("go", flush=True)
import_file(store, Path(sys.argv[2]))
print("end", flush=True)
store.close()
"""


@dataclass
class Outcome:
    """What came of all points."""

    points: int = 0
    killed_midway: int = 0
    with_wal: int = 0
    finished: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_open_s: float = 0.0


def make_dump(path: Path, traces: int) -> Path:
    """A dump with good, bad and blank lines; texts differ and do not compress to nothing."""
    rng = random.Random(5)
    with path.open("w", encoding="utf-8") as out:
        for n in range(traces):
            words = " ".join(str(rng.randrange(10**6)) for _ in range(rng.randrange(20, 200)))
            record = {
                "id": f"r{n}",
                "question": f"What is {n} + {n}?",
                "response": f"<think>\nI add {n} and {n}. {words}\n</think>\n\nIt is {2 * n}.",
                "gold": str(2 * n),
            }
            out.write(json.dumps(record) + "\n")
            if n % 97 == 0:
                out.write('{"id": "cut", "response": "abc\n')
            if n % 101 == 0:
                out.write("\n")
    return path


def content_hash(store: Store) -> str:
    """A hash of everything that an import writes, but the moment of it."""
    digest = hashlib.sha256()
    for sql in (
        "SELECT * FROM trace ORDER BY trace_id",
        "SELECT * FROM quarantine ORDER BY ALL",
        "SELECT * FROM warning ORDER BY ALL",
        "SELECT * EXCLUDE (imported_at) FROM file",
    ):
        for row in store.rows(sql):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def faults(store: Store) -> list[str]:
    """What is lost or doubled in a database that was killed."""
    rows = store.rows("SELECT file_id, n_records, n_traces, n_quarantined FROM file")
    if not rows:
        return []
    file_id, n_records, n_traces, n_quarantined = rows[0]
    got = store.rows(
        "SELECT count(*), count(DISTINCT trace_id), count(DISTINCT record_index),"
        " coalesce(sum(length(reasoning)), 0) = coalesce(sum(reasoning_chars), 0)"
        " FROM trace WHERE file_id = $id",
        {"id": file_id},
    )[0]
    bad = store.scalar("SELECT count(*) FROM quarantine WHERE file_id = $id", {"id": file_id})
    wanted = (n_traces, n_traces, n_records - n_quarantined, True)
    found = [] if got == wanted else [f"traces: {got}, said {wanted}"]
    return found if bad == n_quarantined else [*found, f"{bad} quarantined, said {n_quarantined}"]


def run(
    folder: Path, *, points: int, traces: int, batch: int = 100, rounds: int = 8, seed: int = 11
) -> Outcome:
    """Kill at ``points`` random moments; a database is used for ``rounds`` of them, then finished."""
    rng = random.Random(seed)
    dump = make_dump(folder / "dump.jsonl", traces)
    began = time.perf_counter()
    with open_store(folder / "whole.duckdb") as whole:
        import_file(whole, dump)
        wanted = content_hash(whole)
    whole_s = time.perf_counter() - began
    outcome = Outcome()
    database = folder / "killed.duckdb"
    for point in range(points):
        last_round = point % rounds == rounds - 1 or point == points - 1
        _kill_once(database, dump, batch, THRESHOLDS[point // rounds % 2], whole_s, rng, outcome)
        began = time.perf_counter()
        with open_store(database) as store:
            outcome.slowest_open_s = max(outcome.slowest_open_s, time.perf_counter() - began)
            outcome.wrong += [f"point {point}: {what}" for what in faults(store)]
            if last_round:
                import_file(store, dump)
                outcome.finished += 1
                if content_hash(store) != wanted:
                    outcome.wrong.append(f"point {point}: resumed to other content")
        if last_round:
            for file in folder.glob("killed.duckdb*"):
                file.unlink()
    return outcome


def _kill_once(
    database: Path,
    dump: Path,
    batch: int,
    threshold: str,
    whole_s: float,
    rng: random.Random,
    outcome: Outcome,
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(database), str(dump), str(batch), threshold],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(rng.uniform(0, max(0.3, whole_s / 6)))
    outcome.points += 1
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
        outcome.killed_midway += 1
    process.communicate()
    outcome.with_wal += database.with_name(database.name + ".wal").exists()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--traces", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder), points=options.points, traces=options.traces)
    print(  # noqa: T201 - a command
        f"{outcome.points} points: {outcome.killed_midway} killed midway, {outcome.with_wal} left a"
        f" write-ahead log, {outcome.finished} resumed to the end;"
        f" slowest opening {outcome.slowest_open_s:.2f} s; {len(outcome.wrong)} faults"
    )
    for what in outcome.wrong:
        print(what)  # noqa: T201
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
