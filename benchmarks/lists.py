"""Lists, histograms and leaderboards against their bare SQL: python -m benchmarks.lists [--traces 100000]

What a page asks of ``analysis.views`` on a made store (20 cells, 40 metrics and 10 findings a trace),
beside SQL written by hand that gives just the numbers which the page shows. Given is the 95th
percentile of the calls, in CPU milliseconds (user + system, all threads), its ratio to that of the
SQL, and wall-clock milliseconds beside it. Calls and SQL take turns, so that both meet the same load.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from analysis.filters import Filters
from analysis.store import Store
from benchmarks.compare import make

GOAL = 3.0
"""A call takes at most so many times what its bare SQL takes."""
PAGE = 50
_FINDINGS = """
INSERT INTO finding
SELECT t.trace_id, 'made', '1', k, 'label_' || (hash(t.record_index + k) % 8), NULL, k * 90, k * 90 + 20, 0.5, '{}'
FROM trace_row t, range(10) AS r(k)
"""
_RENAMED = """
UPDATE metric SET name = $name WHERE name = $made
"""
_ROW = (
    "t.trace_id, t.dataset, t.model, t.effort, t.sample_index, t.external_id, t.question_key,"
    " t.question_preview, t.answer_preview, t.correct, t.truncated, t.reasoning_kind, t.reasoning_chars"
)
_SHOWN = """
SELECT p.*, max(value) FILTER (WHERE name = 'thinking_tokens') AS tokens,
       max(value) FILTER (WHERE name = 'post_answer_waste') AS waste,
       max(value) FILTER (WHERE name = 'n_candidates') AS candidates
FROM ({page}) p LEFT JOIN metric m ON m.trace_id = p.trace_id
     AND m.name IN ('thinking_tokens', 'post_answer_waste', 'n_candidates')
GROUP BY ALL
"""
_SORTED = (
    "SELECT {row} FROM trace_row t LEFT JOIN (SELECT trace_id, value FROM metric WHERE name = '{name}') m"
    " USING (trace_id) WHERE {where} ORDER BY m.value DESC NULLS LAST, t.trace_id LIMIT 50"
)
_IN_ORDER = (
    "SELECT {row} FROM trace_row t WHERE {where}"
    " ORDER BY {order}, t.trace_id LIMIT 50 OFFSET {offset}"
)
_FILE_ORDER = "t.dataset, t.file_id, t.record_index, t.part_index"
_HISTOGRAM = """
SELECT {group} AS g, least(19, floor(m.value * 20)) AS bin, count(*)
FROM trace_row t JOIN metric m USING (trace_id)
WHERE m.name = '{name}' AND t.reasoning_kind = 'visible' AND {where} GROUP BY ALL ORDER BY ALL
"""
_CELLS = """
SELECT t.dataset, t.model, t.effort, m.name, count(*), avg(m.value), count(DISTINCT t.question_key)
FROM trace_row t JOIN metric m USING (trace_id)
WHERE m.name IN ({names}) AND t.reasoning_kind = 'visible' GROUP BY ALL
"""
_WORST = """
SELECT p.*, {wide}
FROM (SELECT t.trace_id, t.dataset, t.model, t.effort, t.correct, t.question_preview, m.value AS measure
      FROM trace_row t JOIN metric m USING (trace_id)
      WHERE m.name = '{name}' AND t.reasoning_kind = 'visible' AND {where}
      ORDER BY m.value DESC, t.trace_id LIMIT 50) p
     LEFT JOIN metric m ON m.trace_id = p.trace_id AND m.name IN ({names})
GROUP BY ALL
"""
Work = Callable[[], Any]


def fill(path: Path, traces: int) -> Store:
    """The made store, with the metrics that the pages show and some findings."""
    from analysis.views.overthinking import POINT_METRICS

    store = make(path, traces, 20, 4, 40)
    with store.transaction() as cursor:
        missing = [n for n in POINT_METRICS if n not in ("thinking_tokens", "post_answer_waste")]
        for at, name in enumerate(missing):
            cursor.execute(_RENAMED, {"name": name, "made": f"made_{at}"})
        cursor.execute(_FINDINGS)
    return store


def bare_list(store: Store, page: str, condition: str) -> Work:
    """The count of a list, and one page of it with the numbers that it shows."""
    count = f"SELECT count(*) FROM trace_row t WHERE {condition}"
    shown = _SHOWN.format(page=page)
    return lambda: (store.rows(count), store.arrow(shown))


def lists(store: Store) -> dict[str, tuple[Work, Work]]:
    """The Traces page: name -> (the call, its bare SQL)."""
    from analysis.views.traces import trace_page

    chosen = Filters(verdict=("wrong",), model=("model-1",))
    wrong = "t.model IN ('model-1') AND NOT t.correct"
    label = "t.trace_id IN (SELECT trace_id FROM finding WHERE label = 'label_3' GROUP BY trace_id)"
    by_file = {"row": _ROW, "order": _FILE_ORDER, "offset": 0}
    cases: dict[str, tuple[Filters, int, str, str]] = {
        "all, first page": (Filters(), 1, "true", _IN_ORDER.format(where="true", **by_file)),
        "all, page 1,000": (
            Filters(), 1_000, "true", _IN_ORDER.format(where="true", **{**by_file, "offset": 49_950}),
        ),
        "wrong, one model": (chosen, 1, wrong, _IN_ORDER.format(where=wrong, **by_file)),
        "with a label": (
            Filters(label=("label_3",)), 1, label, _IN_ORDER.format(where=label, **by_file),
        ),
        "by length": (
            Filters(sort="length", descending=True), 1, "true",
            _IN_ORDER.format(row=_ROW, where="true", order="t.reasoning_chars DESC NULLS LAST", offset=0),
        ),
        "by tokens": (
            Filters(sort="tokens", descending=True), 1, "true",
            _SORTED.format(row=_ROW, name="thinking_tokens", where="true"),
        ),
        "by waste, wrong, one model": (
            replace(chosen, sort="after answer", descending=True), 1, wrong,
            _SORTED.format(row=_ROW, name="post_answer_waste", where=wrong),
        ),
    }  # fmt: skip
    return {
        f"list: {name}": (
            partial(trace_page, store, filters, page=page, page_size=PAGE),
            bare_list(store, sql, where),
        )
        for name, (filters, page, where, sql) in cases.items()
    }


def charts_and_leaderboards(store: Store) -> dict[str, tuple[Work, Work]]:
    """Pages with numbers over all traces: name -> (the call, its bare SQL)."""
    from analysis import charts
    from analysis.views import overthinking, traces

    names = ", ".join(f"'{n}'" for n in overthinking.POINT_METRICS)
    wide = ", ".join(
        f"max(m.value) FILTER (WHERE m.name = '{n}') AS {n}" for n in overthinking.POINT_METRICS
    )
    means = ", ".join(f"'{n}'" for n in overthinking.CELL_METRICS)
    everything, one = Filters(), Filters(model=("model-1",))
    histogram = _HISTOGRAM.format(group="0", name="post_answer_waste", where="true")
    points = (
        f"SELECT t.trace_id, t.dataset, t.model, t.effort, t.correct, {wide}"
        " FROM trace_row t LEFT JOIN metric m ON m.trace_id = t.trace_id"
        f" AND m.name IN ({names}) WHERE t.reasoning_kind = 'visible' GROUP BY ALL"
    )
    made = overthinking.points(store, everything)

    def worst(filters: Filters, where: str) -> tuple[Work, Work]:
        sql = _WORST.format(wide=wide, name="tokens_after_first_final", names=names, where=where)
        return lambda: overthinking.worst(store, filters), lambda: store.arrow(sql)

    return {
        "leaderboard: worst traces": worst(everything, "true"),
        "leaderboard: worst, one model": worst(one, "t.model = 'model-1'"),
        "leaderboard: cells": (
            lambda: overthinking.cells(store, everything),
            lambda: store.arrow(_CELLS.format(names=means)),
        ),
        "histogram: points of all charts": (
            lambda: overthinking.points(store, everything), lambda: store.arrow(points),
        ),
        "histogram: waste, from the points": (
            lambda: charts.waste_histogram(made), lambda: store.arrow(histogram),
        ),
        "filter bar: choices": (
            lambda: traces.choices(store),
            lambda: (
                store.rows("SELECT dataset, count(*) FROM trace_row GROUP BY 1"),
                store.rows("SELECT model, count(*) FROM trace_row GROUP BY 1"),
                store.rows("SELECT effort, count(*) FROM trace_row GROUP BY 1"),
                store.rows("SELECT label, count(DISTINCT trace_id) FROM finding GROUP BY 1"),
            ),
        ),
    }  # fmt: skip


def measured(call: Work, bare: Work, rounds: int) -> dict[str, float]:
    """95th percentiles of both, in milliseconds, and their ratios."""
    both: tuple[list[tuple[float, float]], ...] = ([], [])
    for work in (call, bare):
        work()  # imports, and what the database keeps in memory
    for _ in range(rounds):
        for work, found in zip((call, bare), both, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            work()
            found.append((time.process_time() - cpu, time.perf_counter() - wall))
    (cpu, wall), (bare_cpu, bare_wall) = (
        [1e3 * sorted(column)[math.ceil(0.95 * rounds) - 1] for column in zip(*found, strict=True)]
        for found in both
    )
    return {
        "cpu_ms": round(cpu, 1), "bare_cpu_ms": round(bare_cpu, 1), "cpu_ratio": round(cpu / bare_cpu, 2),
        "wall_ms": round(wall, 1), "bare_wall_ms": round(bare_wall, 1),
        "wall_ratio": round(wall / bare_wall, 2),
    }  # fmt: skip


def main() -> None:
    """Print one line a call, and the figures as JSON with ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--traces", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results: dict[str, Any] = {"load": os.getloadavg()}
    with (
        tempfile.TemporaryDirectory() as folder,
        fill(Path(folder) / "made.duckdb", options.traces) as store,
    ):
        print(f"{'95th percentile of':36} {'CPU ms':>8} {'x bare':>7} {'wall ms':>8} {'x bare':>7}")
        for name, (call, bare) in {**lists(store), **charts_and_leaderboards(store)}.items():
            found = results[name] = measured(call, bare, options.rounds)
            late = "  misses the goal" if found["cpu_ratio"] > GOAL else ""
            print(
                f"{name:36} {found['cpu_ms']:8.1f} {found['cpu_ratio']:7.1f}"
                f" {found['wall_ms']:8.1f} {found['wall_ratio']:7.1f}{late}"
            )
    print(f"load {results['load'][0]:.1f}; goal: at most {GOAL:.0f} times")
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
