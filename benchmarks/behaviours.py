"""Speed of segmentation and all behaviour labels: python -m benchmarks.behaviours [--mb 4] [--peers].

Text is made from the sample traces, every record different. CPU seconds on one core, best of rounds
that alternate between the parts. ``--peers`` runs rtsa and cotstruct on the same traces in the same
run, where they are installed (``pip install rtsa cotstruct``), for at most ``--seconds`` each.
"""

from __future__ import annotations

import argparse
import importlib
import json
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

from analysis.analyzers.behaviours import Behaviours
from analysis.behaviours.features import featurize
from analysis.behaviours.model import fitted
from analysis.model import Document
from analysis.text.sentences import split_sentences
from benchmarks.metrics import documents

ROUNDS = 3


def seconds(work: Callable[[Document], object], made: Sequence[Document]) -> float:
    """CPU seconds of one pass."""
    began = time.process_time()
    for document in made:
        work(document)
    return time.process_time() - began


def peers() -> dict[str, Callable[[Document], object]]:
    """The peers that are installed, as functions of a document."""
    found: dict[str, Callable[[Document], object]] = {}
    try:
        rtsa: Any = importlib.import_module("rtsa")
        extractor = rtsa.RuleBasedExtractor()
        found["rtsa"] = lambda d: extractor.extract(d.reasoning)
    except (ImportError, AttributeError) as error:
        print(f"rtsa: not measured ({error})")
    try:
        cotstruct: Any = importlib.import_module("cotstruct")
        classifier = cotstruct.StepClassifier()
        found["cotstruct"] = lambda d: classifier.classify(d.reasoning)
    except (ImportError, AttributeError) as error:
        print(f"cotstruct: not measured ({error})")
    return found


def peer_rate(work: Callable[[Document], object], made: Sequence[Document], limit: float) -> float:
    """MB of reasoning a CPU second over as many documents as the limit allows."""
    began, size = time.process_time(), 0
    for document in made:
        work(document)
        size += len(document.reasoning.encode())
        if time.process_time() - began > limit:
            break
    return size / 1e6 / (time.process_time() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=4)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--peers", action="store_true")
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
    parts: dict[str, Callable[[Document], object]] = {
        "segmentation": lambda d: split_sentences(d.reasoning),
        "features": lambda d: featurize(d.reasoning, d.sentences, d.question, model.bits),
        "features and scores": lambda d: model.score(d),
        "the analyzer": analyzer.analyze,
    }
    best = dict.fromkeys(parts, float("inf"))
    for _ in range(ROUNDS):
        for name, work in parts.items():
            best[name] = min(best[name], seconds(work, made))
    rates = {name: round(size / took, 2) for name, took in best.items()}
    both = size / (best["segmentation"] + best["the analyzer"])
    result: dict[str, Any] = {
        "mb": round(size, 2),
        "documents": len(made),
        "load_ms": round(loading * 1000, 1),
        "load_peak_mb": round(memory, 1),
        "mb_per_cpu_second": rates,
        "segmentation_and_labels": round(both, 2),
    }
    if args.peers:
        for name, work in peers().items():
            rate = peer_rate(work, made, args.seconds)
            result[name] = {"mb_per_cpu_second": round(rate, 3), "times_faster": round(both / rate)}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
