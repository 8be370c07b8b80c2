"""Import against its limit: python -m benchmarks.importing [--mb 300] [--rounds 3] [--memory]

The limit is what DuckDB itself needs to read the same file into one table that it compresses with
zstd (``CREATE TABLE AS SELECT * FROM read_json(columns=...)``, one thread). Import does more: it
recognises every record, tells reasoning and answer apart, hashes, checks and commits in batches.
Both run in processes of their own, in turns, and are charged CPU seconds (user + system).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.make_corpus import COLUMNS, SHAPES, write
from benchmarks.run import cpu_of

_COLUMNS = "{" + ", ".join(f"{name}: '{kind}'" for name, kind in COLUMNS.items()) + "}"
LIMIT = f"""
import duckdb, sys
con = duckdb.connect(sys.argv[2])
con.execute("SET threads=1")
# Columns that only some records have are shorter on average than DuckDB asks for, hence the setting.
con.execute("SET zstd_min_string_length=1")
con.execute("CREATE TABLE t AS SELECT * FROM read_json(?, format='newline_delimited', columns={_COLUMNS})",
            [sys.argv[1]])
con.execute("CHECKPOINT")
con.close()
"""
IMPORT = """
import sys
from pathlib import Path
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.store.memory import import_memory
with open_store(sys.argv[2], memory=import_memory([Path(sys.argv[1])], Path(sys.argv[2]))) as store:
    report = import_file(store, Path(sys.argv[1]))
assert report.n_quarantined == 0 and report.n_records > 0
"""
_HEAD = """
import duckdb, json, statistics, sys, time
def ms(work, times):
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append((time.process_time() - began) * 1000)
    return statistics.median(taken)
"""
READ_LIMIT = (
    _HEAD
    + """
con = duckdb.connect(sys.argv[1])
ids = [row[0] for row in con.execute("SELECT id FROM t WHERE reasoning IS NOT NULL ORDER BY hash(id) LIMIT 12").fetchall()]
ids = iter(ids)
open_ms = ms(lambda: con.execute("SELECT reasoning FROM t WHERE id = ?", [next(ids)]).fetchall(), 12)
scan = "SELECT count(*), sum(strlen(reasoning)) FROM t WHERE contains(reasoning, ?)"
scan_ms = ms(lambda: con.execute(scan, ["zebra crossing"]).fetchall(), 5)
size = con.execute("SELECT sum(strlen(reasoning)) FROM t").fetchall()[0][0]
print(json.dumps({"open_ms": open_ms, "scan_ms": scan_ms, "mb": int(size) / 1e6}))
"""
)
READ = (
    _HEAD
    + """
from analysis.store import open_store
from analysis.store.traces import one_trace
from analysis.views.reader import reader_view
with open_store(sys.argv[1]) as store:
    ids = iter([row[0] for row in store.rows("SELECT trace_id FROM trace_row ORDER BY hash(trace_id) LIMIT 24")])
    open_ms = ms(lambda: one_trace(store, next(ids)), 12)
    view_ms = ms(lambda: reader_view(store, next(ids)), 12)
    scan = "SELECT count(*), sum(strlen(reasoning)) FROM trace WHERE contains(reasoning, $x)"
    scan_ms = ms(lambda: store.rows(scan, {"x": "zebra crossing"}), 5)
    list_ms = ms(lambda: store.rows("SELECT trace_id, question_preview FROM trace WHERE model = 'heron-8b' ORDER BY reasoning_chars LIMIT 50"), 12)
    size = store.scalar("SELECT sum(strlen(reasoning)) FROM trace")
print(json.dumps({"open_ms": open_ms, "view_ms": view_ms, "scan_ms": scan_ms, "list_ms": list_ms, "mb": int(size) / 1e6}))
"""
)


def import_ratio(dump: Path, folder: Path, rounds: int) -> dict[str, float]:
    """Medians over rounds that take turns; ``ratio`` is the rate of import by that of the limit."""
    taken: dict[str, list[tuple[float, float, float]]] = {"limit": [], "import": []}
    for _ in range(rounds):
        for name, code in (("limit", LIMIT), ("import", IMPORT)):
            for file in folder.glob(f"{name}.duckdb*"):
                file.unlink()
            taken[name].append(cpu_of(code, str(dump), str(folder / f"{name}.duckdb")))
    cpu = {name: statistics.median(t[0] for t in runs) for name, runs in taken.items()}
    size = dump.stat().st_size
    return {
        "mb": size / 1e6,
        "limit_cpu_s": cpu["limit"],
        "import_cpu_s": cpu["import"],
        "limit_mb_per_cpu_s": size / 1e6 / cpu["limit"],
        "import_mb_per_cpu_s": size / 1e6 / cpu["import"],
        "ratio": cpu["limit"] / cpu["import"],
        "limit_size": (folder / "limit.duckdb").stat().st_size / size,
        "import_size": (folder / "import.duckdb").stat().st_size / size,
    }


def read_ratio(folder: Path) -> dict[str, float]:
    """Opening one trace, and looking through all texts, in the databases that an import left.

    ``open_ratio`` is a cost by a cost (less is better), ``scan_ratio`` a rate by a rate.
    """
    limit, ours = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", code, str(folder / database)],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for code, database in ((READ_LIMIT, "limit.duckdb"), (READ, "import.duckdb"))
    )
    return {
        "limit_open_ms": limit["open_ms"],
        "open_ms": ours["open_ms"],
        "view_ms": ours["view_ms"],
        "open_ratio": ours["open_ms"] / limit["open_ms"],
        "limit_scan_mb_per_s": limit["mb"] / limit["scan_ms"] * 1000,
        "scan_mb_per_s": ours["mb"] / ours["scan_ms"] * 1000,
        "scan_ratio": (ours["mb"] / ours["scan_ms"]) / (limit["mb"] / limit["scan_ms"]),
        "list_ms": ours["list_ms"],
    }


def memory(folder: Path, sizes: tuple[int, ...] = (100, 1000)) -> dict[str, float]:
    """Peak resident MB of an import of 100 MB and of 1 GB, each the only child it is taken from."""
    found = {}
    for megabytes in sizes:
        dump = folder / f"memory{megabytes}.jsonl"
        write(dump, megabytes)
        database = folder / f"memory{megabytes}.duckdb"
        report = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
        done = subprocess.run(
            [sys.executable, "-c", IMPORT + report, str(dump), str(database)],
            check=True,
            capture_output=True,
            text=True,
        )
        found[f"peak_mb_at_{megabytes}"] = float(done.stdout)
        dump.unlink()
        database.unlink()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=300.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shape", choices=("mixed", *SHAPES), action="append")
    parser.add_argument("--memory", action="store_true", help="also the peak memory at 1 GB")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    options = parser.parse_args()
    results: dict[str, object] = {"cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shape in options.shape or ["mixed"]:
            dump = folder / "dump.jsonl"
            write(dump, options.mb, shape=shape)
            found = import_ratio(dump, folder, options.rounds)
            if shape == "flat":
                found |= read_ratio(folder)
            results[shape] = found
            print(f"{shape}: " + ", ".join(f"{k} {v:.3g}" for k, v in found.items()), flush=True)
        if options.memory:
            results["memory"] = found = memory(folder)
            print("memory: " + ", ".join(f"{k} {v:.0f}" for k, v in found.items()))
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
