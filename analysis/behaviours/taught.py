"""Traces that nobody labelled, with scores of a larger model (``teacher.py``) to learn from.

A small pre-trained encoder, fine-tuned on the labelled traces, reads a check from what it means and not
only from its words; what ships is to learn that from its scores (distillation, Hinton et al.,
arXiv 1503.02531). Only places, hashes and scores are kept (``taught.npz``); the texts stay with those who
published them. Whoever cross-validates must take the scores of a teacher that saw nothing of the fold
that is measured: there is one for every fold, and one that saw all, for the model that ships.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from analysis.behaviours.fitting import Data
from analysis.behaviours.labels import LABELS
from analysis.behaviours.model import F32
from analysis.behaviours.training_data import Example, example_of
from analysis.errors import UsageError

TAUGHT_FILE = Path(__file__).with_name("taught.npz")
SOURCE = "taught"
TAUGHT_LABELS = ("backtracking", "verification_start", "verification")
WEIGHT = 0.3
"""What such a sentence counts beside a labelled one."""
STEP = 0.5
"""Between two log-odds that are told apart."""
LOWEST, HIGHEST = -7.0, 5.0


@dataclass(frozen=True, slots=True)
class Taught:
    """The traces, and the probability of each of ``TAUGHT_LABELS`` for each of their sentences."""

    examples: list[Example]
    teachers: list[F32]
    """By teacher: one row a sentence, one column a label."""
    teacher_of: tuple[int, ...]
    """Which teacher saw nothing of each fold; the last one saw all folds."""

    sha256: str

    def hashes(self) -> dict[str, str]:
        """The sha256 of the file, by its name."""
        return {TAUGHT_FILE.name: self.sha256}

    def of(self, fold: int | None) -> F32:
        """The scores of a teacher that did not see this fold; of the one that saw all for None."""
        return self.teachers[self.teacher_of[-1 if fold is None else fold]]


def read_taught(traces: Path, bits: int, file: Path = TAUGHT_FILE) -> Taught:
    """The scored traces, from a folder with the files that hold them.

    Raises ``UsageError`` where a text is missing or another, or is cut into other sentences.
    """
    content = file.read_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        kept = {name: stored[name] for name in stored.files}
    names, fields = kept["files"].tolist(), kept["fields"].tolist()
    places = [
        (names[f], int(line), fields[k])
        for f, line, k in zip(kept["file"], kept["line"], kept["field"], strict=True)
    ]
    examples = []
    for number, (text, record) in enumerate(texts_at(traces, places)):
        digest = hashlib.sha256((text or "").encode()).digest()
        if text is None or digest != kept["sha256"][number].tobytes():
            file_name, line, _ = places[number]
            raise UsageError(
                f"Line {line} of {traces / file_name} is not the text that was scored.",
                remedy="Give the folder of the files that were scored, or leave --styles out.",
            )
        example = example_of(as_gold(digest.hex(), text, record), bits)
        if len(example.covered) != kept["sentences"][number]:
            raise UsageError(
                f"Line {places[number][1]} of {places[number][0]} is cut into other sentences than when"
                " it was scored.",
                remedy="Score again: python -m analysis.behaviours.teacher.",
            )
        examples.append(example)
    teachers = [_probabilities(codes) for codes in kept["codes"]]
    teacher_of = tuple(kept["teacher_of"].tolist())
    return Taught(examples, teachers, teacher_of, hashlib.sha256(content).hexdigest())


def with_scores(data: Data, examples: Sequence[Example], scores: F32) -> Data:
    """The data with these scores as targets of the taught sentences, which come last in it."""
    known = np.array([e.source == SOURCE for e in examples])
    rows = known[data.design.owner]
    target, weight = data.target.copy(), data.weight.copy()
    weight[rows] = 0.0
    for place, label in enumerate(TAUGHT_LABELS):
        column = LABELS.index(label)
        target[rows, column] = scores[:, place]
        weight[rows, column] = WEIGHT
    return replace(data, target=target, weight=weight)


def codes_of(log_odds: F32) -> NDArray[np.uint8]:
    """Log-odds as they are kept."""
    clipped = np.clip(log_odds, LOWEST, HIGHEST)
    out: NDArray[np.uint8] = np.rint((clipped - LOWEST) / STEP).astype(np.uint8)
    return out


def _probabilities(codes: NDArray[np.uint8]) -> F32:
    odds = LOWEST + STEP * codes.astype(np.float32)
    out: F32 = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return out


def as_gold(name: str, text: str, record: dict[str, Any]) -> dict[str, Any]:
    """A text in the form of a labelled one that says nothing. Each is a problem of its own."""
    return {
        "trace_id": f"{SOURCE}-{name[:12]}",
        "problem_id": f"{SOURCE}:{name}",
        "model": record.get("model"),
        "source": SOURCE,
        "annotator": "model",
        "question": "",
        "reasoning": text,
        "expresses": (),
        "segments": (),
    }


def texts_at(
    traces: Path, places: Sequence[tuple[str, int, str]]
) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """The text and the record at each place; None where there is none."""
    wanted: dict[str, dict[int, dict[str, Any]]] = {}
    for name, line, _ in places:
        wanted.setdefault(name, {})[line] = {}
    for name, lines in wanted.items():
        path = traces / name
        if not path.is_file():
            raise UsageError(f"There is no file {path}, whose traces were scored.")
        with path.open("rb") as source:
            for number, row in enumerate(source):
                if number in lines:
                    lines[number] = orjson.loads(row)
    for name, line, field in places:
        record = wanted[name][line]
        text = record.get(field)
        yield (text if isinstance(text, str) else None), record
