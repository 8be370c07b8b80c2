"""`cotscope run --strategy`, killed at any step, then resumed: as if it had never been killed."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from analysis.cli import main
from analysis.store import open_store

# The command, ended by SIGKILL at its n-th step: before or after a trace is written down, a segment is
# closed or made whole, a file goes into the store, answers are judged, a strategy is noted as done.
_COMMAND = """
import atexit, os, signal, sys
from analysis.engines import journal, runs, strategy_notes, strategy_runs
steps = 0
def step():
    global steps
    steps += 1
    if steps == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
def watch(owner, name):
    call = getattr(owner, name)
    def called(*given, **named):
        step()
        found = call(*given, **named)
        step()
        return found
    setattr(owner, name, called)
for owner, names in (
    (journal.Journal, ("append", "put", "seal", "describe")),
    (strategy_notes, ("_write",)),
    (runs, ("import_file",)),
    (strategy_runs, ("import_file", "judge_answers")),
):
    for name in names:
        watch(owner, name)
atexit.register(lambda: print(steps, file=sys.stderr))
from analysis.cli import main
main(sys.argv[2:])
"""
STRATEGIES = "majority,rejection,self-refine,feedback,best"
QUESTIONS = (("What is 68+57?", "125"), ("Compute 345+678.", "1023"))


def command(folder: Path, database: Path) -> list[str]:
    return [
        "run", str(folder / "q.jsonl"), "--db", str(database), "--samples", "2", "--effort", "low",
        "--strategy", STRATEGIES, "--scorer", "brevity", "--rounds", "2", "--max-tokens", "40",
        "--seed", "5", "--json",
    ]  # fmt: skip


def run(root: Path, kill_at: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _COMMAND, str(kill_at), *arguments],
        cwd=root, capture_output=True, text=True, timeout=240,
    )  # fmt: skip


def written(database: Path) -> list[tuple[str, Any]]:
    """Folder and key of every whole line of every journal."""
    found = []
    for path in Path(f"{database}.runs").glob("*/*"):
        if path.suffix in (".open", ".jsonl"):
            for line in path.read_bytes().split(b"\n")[:-1]:
                found.append((path.parent.name, json.loads(line)["key"]))
    return found


def stored(database: Path) -> list[Any]:
    """Every trace, without what differs from one run to the next (ids, times)."""
    with open_store(database) as store:
        names = dict(store.rows("SELECT trace_id, external_id FROM trace"))
        rows = store.rows(
            "SELECT external_id, effort, sample_index, question, reasoning, answer, error, correct,"
            " prompt_tokens, completion_tokens, reasoning_tokens, metadata FROM trace"
        )
        assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]

    def named(metadata: str) -> Any:
        strategy = json.dumps(json.loads(metadata).get("strategy"))
        return re.sub(r'"([^"]+)"', lambda m: repr(names.get(m[1], m[1])), strategy)

    return sorted(((*row[:-1], named(row[-1])) for row in rows), key=repr)


def test_a_killed_strategy_loses_nothing_and_asks_nothing_twice(tmp_path: Path, root: Path) -> None:
    lines = [json.dumps({"question": q, "gold": a}) for q, a in QUESTIONS]
    (tmp_path / "q.jsonl").write_text("\n".join(lines), encoding="utf-8")
    whole = tmp_path / "whole.duckdb"
    done = run(root, 0, command(tmp_path, whole))
    assert done.returncode == 0, done.stderr
    steps = int(done.stderr.split()[-1])
    keys, expected = Counter(key for _, key in written(whole)), stored(whole)
    assert len(expected) == len(keys) == 2 * 2 * 5 + 2 * 3 and max(keys.values()) == 1

    # Killed, resumed and killed again, at places that differ from one test run to the next.
    database, kept = tmp_path / "killed.duckdb", set[tuple[str, Any]]()
    draw = random.Random(0 if os.environ.get("CI") else None)
    for kill_at in [draw.randint(4, steps // 4) for _ in range(3)]:
        arguments = command(tmp_path, database) + (["--resume"] if kept else [])
        done = run(root, kill_at, arguments)
        assert done.returncode == -signal.SIGKILL, (kill_at, done.stdout, done.stderr)
        assert kept <= set(written(database)), kill_at
        kept = set(written(database))
    again = CliRunner().invoke(main, ["run", "--resume", "--db", str(database)])
    assert again.exit_code == 0, again.output
    assert kept <= set(written(database))
    assert Counter(key for _, key in written(database)) == keys
    assert stored(database) == expected
    rest = CliRunner().invoke(main, ["run", "--resume", "--db", str(database)])
    assert rest.exit_code == 0 and "No run" in rest.output
