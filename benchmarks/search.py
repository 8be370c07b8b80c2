"""Search, as ratios to a bare DuckDB scan: python -m benchmarks.search [--traces 25000] [--keep DIR]

CPU seconds (user + system), the best of some rounds; wall seconds beside them. The scan is ``contains``
over the same texts in a plain DuckDB table. Lists are compared with their bare SQL.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.filters import Filters
from analysis.search.parse import parse_search
from analysis.store import Store, open_store
from analysis.store.queries import load_query
from analysis.store.search_index import search_index
from analysis.store.search_scan import Patience
from analysis.store.where import order, where
from analysis.views.search import search_page
from analysis.views.traces import trace_page
from benchmarks.search_corpus import fill, write_corpus

QUERIES = {
    "frequent word": "so",
    "word": "wait",
    "rare word": "needle77",
    "phrase": '"let me check"',
    "frequent phrase": '"so the"',
    "prefix": "ba*",
    "Chinese": "答案",
    "word, model, verdict": "wait model:alpha verdict:wrong",
    "label in the last tenth": "label:backtracking@90-100%",
    "label after the first correct answer": "label:verification@after-correct",
    "regex with a word": r"/\bneedle77\b/",
    "regex without one": r"/[a-z]+ing[a-z]zzq/",
    "regex: digits": r"/[0-9]{9}/",
    "regex: a decimal of three digits": r"/\d{3,}\.\d+/",
    "regex: brackets around white space": r"/\(\s+\)/",
    "regex: capitals": r"/[A-Z]{6,}/",
    "regex: six beyond ASCII": r"/[^\x00-\x7f]{6}/",
    "regex that all texts are read for": r"/[bcd]..[xyz]..[^ ] [qx]/",
}
TO_THE_END = Patience(enough=1 << 60, soon=float("inf"), most=float("inf"))


def timed(work: Callable[[], Any], rounds: int = 3) -> tuple[float, float, Any]:
    """(CPU s, wall s, result): the best of some rounds."""
    best_cpu = best_wall = float("inf")
    result = None
    for _ in range(rounds):
        cpu, wall = time.process_time(), time.perf_counter()
        result = work()
        best_cpu = min(best_cpu, time.process_time() - cpu)
        best_wall = min(best_wall, time.perf_counter() - wall)
    return best_cpu, best_wall, result


def measure(store: Store) -> None:
    with store.transaction() as cursor:
        cursor.execute("CREATE TEMP TABLE bare AS SELECT reasoning FROM trace")
        scan, _, _ = timed(
            lambda: cursor.execute(
                "SELECT count(*) FROM bare WHERE contains(reasoning, 'needle77 ')"
            ).fetchall()
        )
    megabytes = store.scalar("SELECT sum(reasoning_chars) FROM trace_row") / 1e6
    print(f"bare scan `contains`: {scan:.2f} CPU s for {megabytes:.0f} M characters")
    index = search_index(store)
    cpu, wall, _ = timed(index.update, 1)
    print(
        f"index: {cpu:.1f} CPU s, {wall:.1f} s wall, {megabytes / max(cpu, 1e-9):.1f} MB/CPU s,"
        f" {index.size() / 1e6:.0f} MB = {index.size() / 1e6 / megabytes:.2f} of the texts\n"
    )
    print(f"{'search':38} {'traces':>8} {'CPU ms':>8} {'wall ms':>8} {'of scan':>8}")
    for name, text in QUERIES.items():
        query = parse_search(text)
        cpu, wall, found = timed(lambda q=query: search_page(store, q, patience=TO_THE_END))
        print(f"{name:38} {found.total:8,} {cpu * 1e3:8.0f} {wall * 1e3:8.0f} {cpu / scan:8.2f}")
    print()
    lists(store)


def lists(store: Store) -> None:
    """The Traces list against its bare SQL."""
    for name, filters in (
        ("all", Filters()),
        ("by length", Filters(sort="length", descending=True)),
        ("wrong, one model", Filters(verdict=("wrong",), model=("alpha-r1",))),
    ):
        condition, values = where(filters)
        sql = load_query(
            "trace_list",
            where=condition,
            order=order(filters),
            sort_metrics=load_query("sort_metrics"),
        )
        bound = {**values, "limit": 50, "offset": 0}
        total = f"SELECT count(*) FROM trace t WHERE {condition}"
        base, _, _ = timed(lambda s=sql, b=bound: store.rows(s, b), 9)
        count, _, _ = timed(lambda s=total, v=values: store.rows(s, v), 9)
        cpu, wall, page = timed(lambda f=filters: trace_page(store, f), 9)
        ratio = cpu / (base + count)
        print(
            f"list: {name:32} {page.total:8,} {cpu * 1e3:8.1f} {wall * 1e3:8.1f} = {ratio:.1f} of bare SQL"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=25_000)
    parser.add_argument("--keep", type=Path, help="a folder whose database is kept and used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        database = folder / f"search{options.traces}.duckdb"
        made = database.exists()
        with open_store(database) as store:
            if not made:
                dump = folder / "dump.jsonl"
                size = write_corpus(dump, options.traces)
                print(f"{options.traces:,} traces, {size / 1e6:.0f} MB")
                fill(store, dump)
                dump.unlink()
            measure(store)


if __name__ == "__main__":
    main()
