"""What a run of CoTScope costs beside a bare client that sends the same requests to the same server.

    python -m benchmarks.engines [--streams 64] [--rate 80] [--tokens 400] [--requests 256] [--rounds 2]
    python -m benchmarks.engines --base-url http://127.0.0.1:8000/v1 --model NAME --requests 64

The bare client is threads with the same HTTP library that read the bytes of each reply and do nothing
else. Ours is ``cotscope run``: requests, streams told apart into thinking and answer, the live monitor,
each finished trace flushed to the journal, and everything in the database at the end. Both take turns.
``paced`` is the goal's figure (>= 0.95): the server writes like one that generates. ``burst`` is a server
without limit, where only the cost of the client shows: how many tokens a second one process can take.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx

from analysis.engines.http_client import Endpoint, key_from_environment
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.plans import Plan, jobs_of
from analysis.engines.presets import preset_of
from analysis.engines.protocol import Sampling
from analysis.engines.questions import typed_questions
from analysis.engines.runs import execute
from analysis.store import open_store


@contextmanager
def fake(tokens: int, rate: float) -> Iterator[str]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.engine_server",
        "--tokens",
        str(tokens),
        "--rate",
        str(rate),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def plan_of(model: str, requests: int, tokens: int | None) -> Plan:
    """Different questions, so that no cache of the server helps whoever comes second."""
    asked = [f"What is {n % 97 + 3}+{n * 7 % 89 + 5}? (case {n})" for n in range(requests)]
    sampling = Sampling(max_tokens=tokens, temperature=0.6)
    return Plan(tuple(typed_questions(asked)), preset_of(model, None), sampling=sampling)


def bare(engine: OpenAIEngine, key: str | None, url: str, plan: Plan, streams: int) -> int:
    """Send what our run sends; the bytes of all replies."""
    bodies = [engine._body(job.request) for job in jobs_of(plan, engine)]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    pool = httpx.Limits(max_connections=streams, max_keepalive_connections=streams)
    with (
        httpx.Client(timeout=600, limits=pool, headers=headers, trust_env=False) as client,
        ThreadPoolExecutor(streams) as threads,
    ):

        def ask(request: tuple[str, dict[str, object]]) -> int:
            path, body = request
            with client.stream("POST", url + path, json=body) as reply:
                reply.raise_for_status()
                return sum(len(piece) for piece in reply.iter_raw())

        return sum(threads.map(ask, bodies))


def ours(engine: OpenAIEngine, plan: Plan, streams: int) -> int:
    """A run into a new database; the tokens of its traces."""
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(Path(folder) / "bench.duckdb") as store,
    ):
        began = time.perf_counter(), time.process_time()
        report = execute(store, engine, plan, concurrency=streams)
        took = time.perf_counter() - began[0], time.process_time() - began[1]
        assert report.missing == 0 and report.imported == plan.total, report
        ours.took = took  # type: ignore[attr-defined]
        return report.tokens


def measure(
    url: str, model: str | None, key: str | None, options: argparse.Namespace
) -> dict[str, object]:
    engine = OpenAIEngine(Endpoint(url, key), model, concurrency=options.streams)
    plan = plan_of(engine.model, options.requests, options.tokens)
    rates: dict[str, list[float]] = {"bare": [], "ours": []}
    cpu: dict[str, list[float]] = {"bare": [], "ours": []}
    try:
        ours(engine, plan_of(engine.model, 4, options.tokens), 4)  # imports, a first connection
        for _ in range(options.rounds):
            tokens = ours(engine, plan, options.streams)
            wall, spent = ours.took  # type: ignore[attr-defined]
            rates["ours"].append(tokens / wall)
            cpu["ours"].append(spent / tokens * 1000)
            began = time.perf_counter(), time.process_time()
            bare(engine, key, url, plan, options.streams)
            # Both are counted in the tokens that the server says it sent to us.
            rates["bare"].append(tokens / (time.perf_counter() - began[0]))
            cpu["bare"].append((time.process_time() - began[1]) / tokens * 1000)
    finally:
        engine.close()
    found: dict[str, object] = {"streams": options.streams, "requests": options.requests}
    for who in ("bare", "ours"):
        found[f"{who}_tokens_per_s"] = round(statistics.median(rates[who]))
        found[f"{who}_cpu_ms_per_1000_tokens"] = round(statistics.median(cpu[who]) * 1000, 2)
    pairs = zip(rates["ours"], rates["bare"], strict=True)
    found["ratio"] = round(statistics.median(a / b for a, b in pairs), 3)
    return found


def report(title: str, found: dict[str, object]) -> None:
    print(
        f"{title:8} {found['streams']:>4} streams  bare {found['bare_tokens_per_s']:>8,} tokens/s,"
        f" ours {found['ours_tokens_per_s']:>8,}, ratio {found['ratio']}  CPU ms per 1,000 tokens:"
        f" {found['bare_cpu_ms_per_1000_tokens']} and {found['ours_cpu_ms_per_1000_tokens']}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--rate", type=float, default=80.0, help="tokens/s of each stream")
    parser.add_argument("--tokens", type=int, default=400, help="of each reply")
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--base-url", help="an endpoint to measure in place of the made one")
    parser.add_argument("--model")
    parser.add_argument("--api-key-env")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    results = figures(options)
    if options.out:
        options.out.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def figures(options: argparse.Namespace) -> dict[str, dict[str, object]]:
    """Measure and print."""
    results: dict[str, dict[str, object]] = {}
    if options.base_url:
        key = key_from_environment(options.api_key_env)
        results["endpoint"] = measure(options.base_url, options.model, key, options)
    else:
        for title, rate in (("paced", options.rate), ("burst", 0.0)):
            with fake(options.tokens, rate) as url:
                results[title] = measure(url, None, None, options)
    for title, found in results.items():
        report(title, found)
    return results


if __name__ == "__main__":
    main()
