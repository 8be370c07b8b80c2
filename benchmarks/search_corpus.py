"""Traces to search in: Zipf-distributed words, real turns of phrase, Chinese, rare words by number.

Trace i holds the word ``needle{i}`` once, so that a rare word is known to stand in one trace.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from analysis.store import Store
from analysis.store.importing import import_file

SAMPLES = Path(__file__).resolve().parent.parent / "sample_traces"
VOCABULARY = 200_000
SENTENCES = 200_000
SYLLABLES = [c + v for c in "bcdfghjklmnprstvwz" for v in ("a", "e", "i", "o", "u", "ai", "or")]


def _vocabulary(rng: np.random.Generator) -> np.ndarray:
    parts = rng.integers(0, len(SYLLABLES), (VOCABULARY, 4))
    lengths = rng.integers(1, 5, VOCABULARY)
    return np.array(
        ["".join(SYLLABLES[p] for p in row[:n]) for row, n in zip(parts, lengths, strict=True)],
        dtype=object,
    )


def _real() -> list[str]:
    """Sentences of the traces that come with the project, a line each."""
    found = []
    for file in sorted(SAMPLES.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                text = json.loads(line).get("reasoning") or ""
            except ValueError:
                continue
            found += [part for part in text.split("\n") if len(part) > 20]
    return found


def sentences(rng: np.random.Generator) -> np.ndarray:
    """The pool that texts are put together from: one real sentence to three made ones."""
    words = _vocabulary(rng)
    weights = 1.0 / (np.arange(VOCABULARY) + 2.7)
    cumulated = np.cumsum(weights / weights.sum())
    real = _real()
    made = []
    for i in range(SENTENCES):
        if i % 4 == 0:
            made.append(real[int(rng.integers(len(real)))])
            continue
        chosen = words[np.searchsorted(cumulated, rng.random(int(rng.integers(6, 20))))]
        made.append(" ".join(chosen).capitalize() + ".")
    return np.array(made, dtype=object)


def write_corpus(path: Path, traces: int, mean_chars: int = 9_500, seed: int = 7) -> int:
    """Write a dump of ``traces`` records; returns its bytes."""
    rng = np.random.default_rng(seed)
    pool = sentences(rng)
    mean = float(np.mean([len(s) for s in pool[:5_000]])) + 1
    size = 0
    with path.open("w", encoding="utf-8") as out:
        for i in range(traces):
            n = max(5, int(rng.gamma(2.0, mean_chars / mean / 2.0)))
            chosen = list(pool[rng.integers(0, len(pool), n)])
            chosen.insert(int(rng.integers(0, n)), f"This is needle{i} here.")
            row = {
                "id": f"r{i}",
                "question": f"Question {i % 5_000}: " + str(pool[int(rng.integers(len(pool)))]),
                "reasoning": "\n".join(chosen),
                "answer": f"The answer is {i % 97}.",
                "gold": str(i % 89),
                "model": ("alpha-r1", "beta-think", "gamma-o")[i % 3],
                "effort": ("low", "medium", "high")[i % 3],
                "dataset": f"set{i % 4}",
                "correct": bool(i % 2),
            }
            size += out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return size


def fill(store: Store, dump: Path) -> None:
    """Import the dump, and give traces findings and metrics without running the analyzers."""
    import_file(store, dump)
    with store.transaction() as cursor:
        cursor.execute(
            "INSERT INTO metric SELECT trace_id, 'overthinking', 'b', 'thinking_tokens',"
            " reasoning_chars / 4, NULL FROM trace_row"
        )
        cursor.execute(
            "INSERT INTO metric SELECT trace_id, 'overthinking', 'b', 'first_correct_frac',"
            " CASE WHEN correct THEN (record_index % 10) / 10.0 END, NULL FROM trace_row"
        )
        cursor.execute(
            "INSERT INTO finding SELECT trace_id, 'backtracking', 'b', k,"
            " CASE WHEN k % 2 = 0 THEN 'backtracking' ELSE 'verification' END, NULL,"
            " least(reasoning_chars - 10, reasoning_chars * k // 20 + record_index % 50),"
            " least(reasoning_chars, reasoning_chars * k // 20 + record_index % 50 + 10),"
            " 0.5 + (record_index % 5) / 10.0, '{}'"
            " FROM trace_row, range(20) AS r(k) WHERE reasoning_chars > 200"
        )
