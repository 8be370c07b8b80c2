"""Score traces that nobody labelled: python -m analysis.behaviours.teacher --data DIR --styles DIR --model DIR.

Fine-tunes the encoder (``encoder.py``) on the labelled traces once for each group of folds without them,
and once on all, and writes what each says of the traces that ``taught.npz`` names; ``--characters N``
chooses traces anew. A teacher takes 10 to 20 minutes of a core, and so does its scoring. Sums of many
numbers differ in the last digits between machines, so scores are not the same to the bit everywhere:
``taught.npz`` is data that training starts from, as labels are.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from analysis.behaviours.encoder import MAIN_LABELS, OTHERS_WEIGHT, Encoder, Text, token_ids
from analysis.behaviours.fitting import FOLDS, fold_of
from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings
from analysis.behaviours.model import F32
from analysis.behaviours.taught import TAUGHT_FILE, TAUGHT_LABELS, as_gold, codes_of, texts_at
from analysis.behaviours.train import npz_bytes
from analysis.behaviours.training_data import Example, example_of, gold_records
from analysis.errors import UsageError

HELD: tuple[frozenset[int], ...] = (
    frozenset({0, 1}), frozenset({2, 3}), frozenset({4}), frozenset(),
)  # fmt: skip
"""The folds that each teacher does not see."""
SOURCE_WEIGHT: Mapping[str, float] = {
    "reasoningflow_v0_human": 3.0,
    "reasoningflow_v0": 1.5,
    "reasoningflow_v1": 1.0,
    "venhoff": 2.0,
    "schoenfeld": 2.0,
    "rtseg": 0.6,
    "thought": 0.5,
}
MOST_WEIGHT = 4.0
KEEP: Mapping[str, float] = {"reasoningflow_v1": 0.08}
"""Share of the windows without a main label that are read; the largest source has plenty."""
KEEP_OTHERS = 0.35
FIELDS = ("thinking", "reasoning")
FEWEST_CHARS, MOST_CHARS = 400, 25_000
FEWEST_SENTENCES = 5
Place = tuple[str, int, str]
Labelled = tuple[Example, str]


def choose(traces: Path, characters: int) -> list[Place]:
    """English traces of the folder's files, by the order of their hashes, up to so many characters."""
    found: dict[bytes, tuple[Place, int]] = {}
    for path in sorted(traces.glob("*.jsonl")):
        with path.open("rb") as source:
            for number, line in enumerate(source):
                record = orjson.loads(line)
                for field in FIELDS:
                    text = record.get(field) if isinstance(record, dict) else None
                    if isinstance(text, str) and _fits(text):
                        digest = hashlib.sha256(text.encode()).digest()
                        found.setdefault(digest, ((path.name, number, field), len(text)))
    chosen: list[Place] = []
    size = 0
    for digest in sorted(found):
        place, length = found[digest]
        if size + length <= characters:
            chosen.append(place)
            size += length
    return sorted(chosen)


def _fits(text: str) -> bool:
    head = text[:4000]
    return FEWEST_CHARS <= len(text) <= MOST_CHARS and sum(ord(c) > 0x2FFF for c in head) <= 40


def score(data: Path, traces: Path, model: Path, places: Sequence[Place]) -> dict[str, Any]:
    """The arrays of ``taught.npz``."""
    bits = Settings().bits
    labelled = [(example_of(r, bits), r["reasoning"]) for r in gold_records(data)]
    dense = np.concatenate([e.features.dense for e, _ in labelled])
    mean, spread = dense.mean(axis=0), dense.std(axis=0) + np.float32(1e-3)
    taught = []
    kept: list[Place] = []
    for place, (text, record) in zip(places, texts_at(traces, places), strict=True):
        if text is None:
            raise UsageError(f"There is no text at line {place[1]} of {traces / place[0]}.")
        digest = hashlib.sha256(text.encode()).hexdigest()
        example = example_of(as_gold(digest, text, record), bits)
        if len(example.covered) >= FEWEST_SENTENCES:
            taught.append((example, text))
            kept.append(place)
    read = [_read(model, one, mean, spread) for one in taught]
    merged = _merged(model, labelled, mean, spread)
    codes = []
    for held in HELD:
        seen = [text for text, fold in merged if fold not in held]
        _say(f"A teacher that does not see folds {sorted(held)}: {len(seen)} texts.")
        teacher = Encoder(model, merged[0][0].known.shape[1])
        teacher.fit(seen, _say)
        columns = [LABELS.index(label) for label in TAUGHT_LABELS]
        codes.append(codes_of(np.concatenate([teacher.log_odds(t)[:, columns] for t in read])))
    return {"codes": np.stack(codes), **described(kept, taught)}


def described(places: Sequence[Place], taught: Sequence[Labelled]) -> dict[str, Any]:
    """Where the scored texts stand, and which teacher is for which fold."""
    files, fields = sorted({p[0] for p in places}), sorted({p[2] for p in places})
    digests = [hashlib.sha256(text.encode()).digest() for _, text in taught]
    teacher_of = [next(i for i, held in enumerate(HELD) if f in held) for f in range(FOLDS)]
    return {
        "files": np.array(files),
        "fields": np.array(fields),
        "file": np.array([files.index(p[0]) for p in places], np.uint8),
        "line": np.array([p[1] for p in places], np.int32),
        "field": np.array([fields.index(p[2]) for p in places], np.uint8),
        "sha256": np.frombuffer(b"".join(digests), np.uint8).reshape(len(digests), 32),
        "sentences": np.array([len(e.covered) for e, _ in taught], np.int32),
        "teacher_of": np.array([*teacher_of, len(HELD) - 1], np.int8),
    }


def _read(model: Path, one: Labelled, mean: F32, spread: F32) -> Text:
    """A text as the encoder reads it, without labels."""
    example, text = one
    known = [
        np.clip((example.features.dense - mean) / spread, -4, 4),
        np.clip(example.rules, -5, 5),
        example.facts,
    ]
    none = np.zeros_like(example.covered)
    sentences = [text[start:end] for start, end in example.bodies]
    joined = np.concatenate(known, axis=1).astype(np.float32)
    return Text(token_ids(model, sentences), joined, none, none, 1.0)


def _merged(
    model: Path, labelled: Sequence[Labelled], mean: F32, spread: F32
) -> list[tuple[Text, int]]:
    """Each text once, with the mean of its labellers, and the fold of its problem; loops left out."""
    by_text: dict[str, list[Example]] = {}
    for example, text in labelled:
        by_text.setdefault(text, []).append(example)
    found = []
    for text, examples in by_text.items():
        first = examples[0]
        if first.loops:
            continue
        one = _read(model, (first, text), mean, spread)
        total, weight = np.zeros_like(first.covered), np.zeros_like(first.covered)
        for example in examples:
            own = _by_name(SOURCE_WEIGHT, example.source, 1.0)
            row = np.array([own * (label in example.expresses) for label in LABELS], np.float32)
            total += row * (example.covered >= 0.5)
            weight += row
        main = np.where(np.arange(len(LABELS)) < MAIN_LABELS, 1, OTHERS_WEIGHT)
        one.target = (total / np.maximum(weight, 1e-6)).astype(np.float32)
        one.weight = (np.minimum(weight, MOST_WEIGHT) * main).astype(np.float32)
        one.keep = _by_name(KEEP, first.source, KEEP_OTHERS)
        found.append((one, fold_of(first.problem)))
    return found


def _by_name(table: Mapping[str, float], source: str, otherwise: float) -> float:
    """The value of the longest name that the source begins with."""
    names = sorted((name for name in table if source.startswith(name)), key=len)
    return table[names[-1]] if names else otherwise


def _listed(file: Path) -> Iterator[Place]:
    """The places that a file names."""
    with np.load(file, allow_pickle=False) as kept:
        files, fields = kept["files"].tolist(), kept["fields"].tolist()
        for f, line, k in zip(kept["file"], kept["line"], kept["field"], strict=True):
            yield files[f], int(line), fields[k]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.behaviours.teacher", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled JSONL files")
    parser.add_argument("--styles", type=Path, required=True, help="folder of the traces to score")
    parser.add_argument("--model", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--characters", type=int, help="choose traces of so many characters anew")
    parser.add_argument("--out", type=Path, default=TAUGHT_FILE)
    args = parser.parse_args(arguments)
    named = args.characters is None
    places = list(_listed(TAUGHT_FILE)) if named else choose(args.styles, args.characters)
    args.out.write_bytes(npz_bytes(score(args.data, args.styles, args.model, places)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
