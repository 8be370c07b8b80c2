"""Speed of the comparison of cells: python -m benchmarks.compare [--traces 100000] [--cells 20]

A made store (5 models x 4 efforts, four samples of each question, verdicts, answers and tokens) is
filled with SQL. Every read model of the Compare page runs on it, in CPU seconds of one process, and
as a ratio to the bare query: the one grouped sum over traces that any of them needs at the least.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.filters import Filters
from analysis.store import Store, open_store

BARE = """
SELECT t.dataset, t.model, t.effort, t.question_key, count(*), count(*) FILTER (WHERE t.correct),
       sum(m.value)
FROM trace_row t LEFT JOIN (SELECT trace_id, value FROM metric WHERE name = 'thinking_tokens') m
     USING (trace_id)
GROUP BY ALL
"""
_TRACES = """
INSERT INTO trace_row
    (trace_id, file_id, record_index, part_index, sample_index, format_id, format_confidence,
     dataset, question_id, question_key, reasoning_kind, split_method, extracted_answer,
     gold_answer, correct, correct_source, score, model, model_inferred, effort,
     finish_reason_norm, truncated, cost, reasoning_chars, question_preview, metadata_packed,
     completion_tokens)
SELECT md5(CAST(i AS VARCHAR)), 'made', i, 0, (i // $cells) % $samples, 'generic', 1.0,
       'made', CAST(q AS VARCHAR), md5('q' || q), 'visible', 'field',
       CASE WHEN right_ THEN 'a' || q ELSE 'w' || (i % 5) END, 'a' || q, right_, 'stated',
       (hash(i) % 100) / 100.0, 'model-' || (c // 4), false,
       ['low', 'medium', 'high', 'xhigh'][c % 4 + 1], 'stop', false, 0.001,
       1000, 'What is ' || q || '?', 'e'::BLOB, 500
FROM (SELECT i, i % $cells AS c, i // ($cells * $samples) AS q,
             (hash(i) % 1000) / 1000.0 < 0.9 - ((i // ($cells * $samples)) % 10) * 0.06
             + (i % $cells % 4) * 0.02 AS right_
      FROM range($traces) r(i))
"""
_METRICS = """
INSERT INTO metric
SELECT t.trace_id, 'tokens', '1', m.name,
       CASE m.name WHEN 'thinking_tokens' THEN 200 + hash(t.record_index) % 4000
                   ELSE (hash(t.record_index || m.name) % 1000) / 1000.0 END, NULL
FROM trace_row t, (SELECT unnest($names) AS name) m
"""


def make(path: Path, traces: int, cells: int, samples: int, metrics: int) -> Store:
    """A store of made traces: ``cells`` cells, ``samples`` samples of each question."""
    store = open_store(path)
    numbers = {"traces": traces, "cells": cells, "samples": samples}
    names = ["thinking_tokens", "post_answer_waste", "outcome_efficiency"]
    names += [f"made_{i}" for i in range(max(0, metrics - len(names)))]
    with store.transaction() as cursor:
        cursor.execute(_TRACES, numbers)
        cursor.execute(_METRICS, {"names": names})
    return store


def views(store: Store) -> dict[str, Callable[[], Any]]:
    """Each read model by name."""
    from analysis.store import samples
    from analysis.views import efforts

    everything = Filters()
    first, second = (cell.label for cell in efforts.load(store, everything).cells[:2])
    return {
        "cells": lambda: efforts.cells(store, everything),
        "ladders": lambda: efforts.ladders(store, everything),
        "grid": lambda: efforts.grid(store, everything),
        "paired": lambda: efforts.paired(store, everything),
        "paired, baseline": lambda: efforts.paired(store, everything, first),
        "ratios": lambda: efforts.ratios(store, everything, first, second),
        "curves": lambda: efforts.curves(store, everything),
        "difficulty": lambda: efforts.difficulty(store, everything),
        "diff of two cells": lambda: efforts.diff(store, everything, first, second),
        "export pairs": lambda: samples.pairs(store, everything),
        "export cells": lambda: samples.cells(store, everything),
        "export questions": lambda: samples.questions(store, everything),
    }


def seconds(work: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Median CPU seconds and wall seconds."""
    cpu, wall = [], []
    for _ in range(rounds):
        began, clock = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    return statistics.median(cpu), statistics.median(wall)


def main() -> None:
    """Print one line a read model, and the figures as JSON with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--traces", type=int, default=100_000)
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--metrics", type=int, default=40, help="metrics of a trace in the store")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.duckdb"
        with make(path, options.traces, options.cells, options.samples, options.metrics) as store:
            bare, bare_wall = seconds(lambda: store.arrow(BARE), options.rounds)
            print(f"{'bare query':20} {bare:6.2f} s CPU  {bare_wall:6.2f} s")
            for name, work in views(store).items():
                work()  # imports, and what the database keeps in memory
                cpu, wall = seconds(work, options.rounds)
                found[name] = {"cpu_s": cpu, "wall_s": wall, "ratio": wall / bare_wall}
                print(f"{name:20} {cpu:6.2f} s CPU  {wall:6.2f} s  {wall / bare_wall:5.1f} x bare")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
