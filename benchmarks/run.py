"""Speed, as ratios to a limit or a peer taken in the same run: python -m benchmarks.run [--mb 60]

Each stage runs in a process of its own and is charged its CPU seconds (user + system), so a busy
machine changes the figures little. Figures are printed as a table and written to --out as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import engines

SAMPLES = Path(__file__).resolve().parent.parent / "sample_traces"

STAGES = {
    "limit: DuckDB read_json into a table": """
import duckdb, sys
con = duckdb.connect(sys.argv[2]); con.execute("SET threads=1")
con.execute("CREATE TABLE t AS SELECT * FROM read_json(?, format='newline_delimited', columns="
            "{id:'VARCHAR',question:'VARCHAR',reasoning:'VARCHAR',answer:'VARCHAR',model:'VARCHAR',"
            "effort:'VARCHAR',gold:'VARCHAR',dataset:'VARCHAR'})", [sys.argv[1]])
con.execute("CHECKPOINT")
""",
    "import": """
import sys
from pathlib import Path
from analysis.store import open_store
from analysis.store.importing import import_file
with open_store(sys.argv[2]) as store:
    import_file(store, Path(sys.argv[1]))
""",
    "analyze, all analyzers": """
import sys
from analysis.runner import analyze
from analysis.store import open_store
with open_store(sys.argv[2]) as store:
    analyze(store, workers=0)
""",
    "analyze, sentences only": """
import sys
from pathlib import Path
from analysis.text.sentences import split_sentences
import json
for line in open(sys.argv[1], encoding="utf-8"):
    split_sentences(json.loads(line)["reasoning"])
""",
    "cotscope --help": "import sys; sys.argv = ['cotscope', '--help']; from analysis.cli import main; main()",
}


def corpus(path: Path, megabytes: float) -> tuple[int, float]:
    """Write a dump of about this size, every record different; (records, MB of reasoning)."""
    rows = [
        row
        for file in sorted(SAMPLES.glob("math_*.jsonl"))
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    ]
    written = records = 0
    reasoning = 0
    with path.open("w", encoding="utf-8") as out:
        while written < megabytes * 1e6:
            row = dict(rows[records % len(rows)])
            # Shift the digits, so that no two records have the same text.
            shift = records // len(rows)
            row["reasoning"] = f"Case {shift}. " + row["reasoning"].replace("7", str(shift % 10))
            row["id"] = f"{row['id']}-{shift}"
            line = json.dumps(row, ensure_ascii=False) + "\n"
            written += out.write(line)
            reasoning += len(row["reasoning"].encode())
            records += 1
    return records, reasoning / 1e6


def cpu_of(code: str, *arguments: str) -> tuple[float, float, float]:
    """(CPU s, wall s, peak MB) of Python code in a child process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, wall, after.ru_maxrss / 1024


def lists(traces: int) -> dict[str, object]:
    """Lists, histograms and leaderboards against their bare SQL (``benchmarks.lists``)."""
    print()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "lists.json"
        command = [
            sys.executable,
            "-m",
            "benchmarks.lists",
            "--traces",
            str(traces),
            "--out",
            str(out),
        ]
        subprocess.run(command, check=True)
        found: dict[str, object] = json.loads(out.read_text(encoding="utf-8"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=60.0)
    parser.add_argument("--lists", type=int, default=20_000, help="traces for the lists; 0: none")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results: dict[str, object] = {"python": platform.python_version(), "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump.jsonl"
        records, text_mb = corpus(dump, options.mb)
        size = dump.stat().st_size / 1e6
        print(f"{records:,} records, {size:.0f} MB, {text_mb:.0f} MB of reasoning\n")
        print(f"{'stage':42} {'CPU s':>8} {'wall s':>8} {'MB/CPU s':>9}")
        for name, code in STAGES.items():
            target = "limit.duckdb" if name.startswith("limit") else "cotscope.duckdb"
            cpu, wall, _ = cpu_of(code, str(dump), str(Path(folder) / target))
            rate = (
                ""
                if "help" in name
                else f"{(size if 'analyze' not in name else text_mb) / cpu:9.1f}"
            )
            results[name] = {"cpu_s": round(cpu, 2), "wall_s": round(wall, 2)}
            print(f"{name:42} {cpu:8.2f} {wall:8.2f} {rate:>9}")
        limit = results["limit: DuckDB read_json into a table"]
        done = results["import"]
        assert isinstance(limit, dict)
        assert isinstance(done, dict)
        ratio = limit["cpu_s"] / done["cpu_s"]
        results["import_ratio_to_limit"] = round(ratio, 2)
        print(
            f"\nimport runs at {ratio:.2f} of the rate of a bare read_json into the same compression"
        )
    print("\na run through an endpoint beside a bare client (benchmarks/engines.py)")
    small = argparse.Namespace(
        streams=64, rate=80.0, tokens=400, requests=256, rounds=1, base_url=None, model=None
    )
    results["engines"] = engines.figures(small)
    if options.lists:
        results["lists"] = lists(options.lists)
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
