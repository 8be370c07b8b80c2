"""Speed of the overthinking metrics against a bare sentence split: python -m benchmarks.metrics [--mb 4]

Text is made from the sample traces, every record different (a case number in front, digits shifted),
as short traces (each record one) and as long ones (ten records one). Documents are segmented before the
clock starts and go to the analyzer in chunks as a worker gets them; answers are not verified. CPU
seconds, best of several rounds that alternate with the peer, so that a busy machine changes the ratio
little. The share of the two compressors is given apart: their speed is that of the C libraries.
"""

from __future__ import annotations

import argparse
import bz2
import gc
import json
import re
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from analysis import limits
from analysis.analyzers.documents import make_document
from analysis.analyzers.overthinking import Overthinking
from analysis.answers.candidates import candidates
from analysis.model import Document

SAMPLES = Path(__file__).resolve().parent.parent / "sample_traces"
ROUNDS = 5
JOINED = 10
"""Records in a long trace."""
_SPLIT = re.compile(r"(?<=[.!?])\s+")


def documents(megabytes: float) -> list[Document]:
    """Documents of about so much reasoning."""
    rows = [
        row
        for file in sorted(SAMPLES.glob("*.jsonl"))
        for row in _rows(file)
        if isinstance(row.get("reasoning"), str) and row["reasoning"].strip()
    ]
    made: list[Document] = []
    size = 0
    while size < megabytes * 1e6:
        row, shift = rows[len(made) % len(rows)], len(made) // len(rows)
        text = f"Case {shift}. " + row["reasoning"].replace("7", str(shift % 10))
        gold = str(row["gold"]) if row.get("gold") is not None else None
        answer = row.get("answer") if isinstance(row.get("answer"), str) else None
        made.append(make_document(str(len(made)), text, answer=answer, gold_answer=gold))
        size += len(text.encode())
    return made


def _rows(file: Path) -> list[dict[str, object]]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue  # files that show broken lines
        if isinstance(value, dict):
            found.append(value)
    return found


def joined(short: Sequence[Document]) -> list[Document]:
    """Long traces: the reasoning of ten documents in a row, with the answers of the last."""
    return [
        make_document(
            f"long {at}",
            "\n\n".join(d.reasoning for d in short[at : at + JOINED]),
            answer=short[at : at + JOINED][-1].answer,
            gold_answer=short[at : at + JOINED][-1].gold_answer,
        )
        for at in range(0, len(short), JOINED)
    ]


def measured(made: Sequence[Document]) -> dict[str, float]:
    """CPU seconds of each stage over all documents."""
    analyzer = Overthinking()
    chunks = [
        made[at : at + limits.ANALYZE_CHUNK_TRACES]
        for at in range(0, len(made), limits.ANALYZE_CHUNK_TRACES)
    ]
    stages: dict[str, Callable[[], object]] = {
        "peer: bare re split into sentences": lambda: [_SPLIT.split(d.reasoning) for d in made],
        "zlib and bzip2 alone": lambda: [_packed(d.reasoning.encode()) for d in made],
        "candidate answers": lambda: [candidates(d.reasoning, d.sentences) for d in made],
        "all metrics": lambda: [analyzer.analyze_many(chunk) for chunk in chunks],
    }
    best = dict.fromkeys(stages, float("inf"))
    for _ in range(ROUNDS):
        for name, work in stages.items():
            began = time.process_time()
            work()
            best[name] = min(best[name], time.process_time() - began)
    return best


def _packed(data: bytes) -> tuple[int, int]:
    return len(zlib.compress(data, 6)), len(bz2.compress(data, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=float, default=4.0)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    short = documents(options.mb)
    corpora = {"short": short, "long": joined(short)}
    gc.collect()
    gc.freeze()  # a worker holds a few documents, not all of these, for its collector to visit
    result: dict[str, dict[str, float]] = {}
    for length, made in corpora.items():
        size = sum(len(d.reasoning.encode()) for d in made) / 1e6
        best = measured(made)
        print(f"{len(made):,} {length} traces, {size:.1f} MB of reasoning\n")
        print(f"{'stage':38} {'CPU s':>8} {'MB/CPU s':>9}")
        for name, seconds in best.items():
            print(f"{name:38} {seconds:8.2f} {size / seconds:9.1f}")
            figures = {"cpu_s": round(seconds, 3), "mb_per_s": round(size / seconds, 2)}
            result[f"{name} ({length})"] = figures
        peer, packed, _, whole = best.values()
        print(f"\nall metrics run at {peer / whole:.3f} of the rate of the bare split")
        print(f"without the compressors: {size / (whole - packed):.1f} MB a CPU second\n")
        result[f"ratio_to_split ({length})"] = {"value": round(peer / whole, 4)}
    if options.out:
        options.out.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
