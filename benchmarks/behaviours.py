"""Speed of segmentation and all behaviour labels: python -m benchmarks.behaviours [--mb 4].

Text is made from the sample traces, every record different. CPU seconds on one core, best of rounds
that alternate between the parts. ``segmentation_and_labels`` gives the analyzer the documents in
chunks, as a worker of ``cotscope analyze`` does; ``one_by_one`` each alone. ``--rtsa PYTHON`` and ``--cotstruct PYTHON`` run these peers on the
same texts, each for at most ``--seconds``, by an interpreter that has them: they bring much along, so
each stands in an environment of its own (``python -m venv E && E/bin/pip install rtsa``). They do
other work (rtsa builds a graph of steps, cotstruct gives each sentence one of its step types), so the
ratio compares what a text costs, not how well it is labelled. A peer that is not there is named as
not measured.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.analyzers.behaviours import Behaviours
from analysis.behaviours.block import block_of_documents
from analysis.behaviours.features import featurize_block
from analysis.behaviours.model import fitted
from analysis.behaviours.rules import Judged
from analysis.limits import ANALYZE_CHUNK_TRACES
from analysis.model import Document
from analysis.text.sentences import split_sentences
from benchmarks.behaviour_peers import PEERS
from benchmarks.metrics import documents

ROUNDS = 3


def seconds(work: Callable[[Sequence[Document]], object], made: Sequence[Document]) -> float:
    """CPU seconds of one pass, in chunks as large as those of a worker."""
    began = time.process_time()
    for at in range(0, len(made), ANALYZE_CHUNK_TRACES):
        work(made[at : at + ANALYZE_CHUNK_TRACES])
    return time.process_time() - began


def each(work: Callable[[Document], object]) -> Callable[[Sequence[Document]], object]:
    """The work on one document after another."""
    return lambda made: [work(document) for document in made]


def peer_result(name: str, python: str, texts: Path, limit: float) -> dict[str, Any]:
    """What ``behaviour_peers.py`` prints for a peer; ``{"not measured": why}`` where it fails."""
    script = Path(__file__).with_name("behaviour_peers.py")
    command = [python, str(script), name, str(texts), str(limit)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit * 20 + 120)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"not measured": str(error)}
    if done.returncode:
        return {"not measured": (done.stderr.strip().splitlines() or ["it failed"])[-1]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compared(
    pythons: Mapping[str, str | None], made: Sequence[Document], limit: float, own: float
) -> dict[str, Any]:
    """Each peer's rate on the same texts, and how many times faster ``own`` MB/s is."""
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder, "texts.jsonl")
        texts.write_text("".join(json.dumps(d.reasoning) + "\n" for d in made), encoding="utf-8")
        for name, python in pythons.items():
            if python is None:
                result[name] = {"not measured": f"no --{name} interpreter was given"}
                continue
            found = result[name] = peer_result(name, python, texts, limit)
            if found.get("seconds"):
                rate = found["bytes"] / 1e6 / found["seconds"]
                found["mb_per_cpu_second"] = round(rate, 4)
                found["times_faster"] = round(own / rate)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    for name in PEERS:
        parser.add_argument(f"--{name}", metavar="PYTHON", help="an interpreter that has it")
    args = parser.parse_args()
    began = time.process_time()
    tracemalloc.start()
    model = fitted()
    memory = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    fitted.cache_clear()
    began = time.process_time()
    model = fitted()
    loading = time.process_time() - began
    made = documents(args.mb)
    size = sum(len(d.reasoning.encode()) for d in made) / 1e6
    analyzer = Behaviours(method="fitted")
    gc.collect()
    gc.freeze()  # a worker holds a few documents, not all of these, for its collector to visit
    parts: dict[str, Callable[[Sequence[Document]], object]] = {
        "segmentation": each(lambda d: split_sentences(d.reasoning)),
        "features": lambda some: featurize_block(block_of_documents(some), model.bits),
        "cues and rules": lambda some: Judged(block_of_documents(some)),
        "the analyzer": analyzer.analyze_many,
        "the analyzer, one by one": each(analyzer.analyze),
    }
    best = dict.fromkeys(parts, float("inf"))
    for _ in range(ROUNDS):
        for name, work in parts.items():
            best[name] = min(best[name], seconds(work, made))
    rates = {name: round(size / took, 2) for name, took in best.items()}
    both = size / (best["segmentation"] + best["the analyzer"])
    alone = size / (best["segmentation"] + best["the analyzer, one by one"])
    result: dict[str, Any] = {
        "mb": round(size, 2),
        "documents": len(made),
        "load_ms": round(loading * 1000, 1),
        "load_peak_mb": round(memory, 1),
        "mb_per_cpu_second": rates,
        "segmentation_and_labels": round(both, 2),
        "one_by_one": round(alone, 2),
    }
    pythons = {name: getattr(args, name) for name in PEERS}
    result["peers"] = compared(pythons, made, args.seconds, both)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
