"""Labelled traces for training: what their segments say of our own sentences.

Reads folders of JSONL in the form that ``docs/behaviours.md`` describes: one trace a line with
``trace_id, problem_id, model, source, annotator, question, reasoning, expresses, flags, segments``.
Sources cut text differently, so a sentence gets a label when segments with the label cover at least
half of it (white space at its ends apart). What a source cannot express is unknown there, not false.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.analyzers.documents import make_document
from analysis.behaviours import style_labels
from analysis.behaviours.features import Features, featurize
from analysis.behaviours.labels import LABELS
from analysis.behaviours.rules import fact_rows, log_odds
from analysis.errors import UsageError
from analysis.model import Sentence


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled trace with the features of our sentences."""

    trace_id: str
    problem: str
    source: str
    model: str
    human: bool
    expresses: frozenset[str]
    segments: tuple[dict[str, Any], ...]
    bodies: tuple[tuple[int, int], ...]
    """Where each sentence stands, without the white space at its ends."""
    features: Features
    rules: NDArray[np.float32]
    """Log-odds of the rules for each sentence (row) and label (column)."""
    facts: NDArray[np.float32]
    """Which facts of the rules hold for each sentence."""
    covered: NDArray[np.float32]
    """Share of each sentence (row) that segments with each label (column) cover."""
    known: NDArray[np.bool_]
    """The sentences that were looked at; of a long trace perhaps only a passage was labelled."""
    loops: bool
    """The trace repeats itself without end; scorers leave it out."""


def gold_files(folder: Path) -> list[Path]:
    """The data files, in the order of their names; ``UsageError`` where there are none."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise UsageError(f"There are no .jsonl files in {folder}.")
    return files


def data_hashes(folder: Path, styles: Path | None = None) -> dict[str, str]:
    """The sha256 of every data file (the labels of passages hold the hashes of their texts)."""
    files = [*gold_files(folder), *([style_labels.LABELS_FILE] if styles is not None else [])]
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def read_examples(folder: Path, bits: int, styles: Path | None = None) -> list[Example]:
    """Every labelled trace, in the order of the files.

    ``styles`` is the folder of the traces that ``cotscope_styles.jsonl`` labels passages of.
    """
    examples = [example_of(record, bits) for record in gold_records(folder)]
    if styles is not None:
        examples += [example_of(record, bits) for record in style_labels.style_records(styles)]
    return examples


def gold_records(folder: Path) -> Iterator[dict[str, Any]]:
    """Every line of the data files, in order; ``UsageError`` for one that is no JSON."""
    for path in gold_files(folder):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise UsageError(f"{path.name}, line {number} is not JSON: {error}") from error


def example_of(record: dict[str, Any], bits: int) -> Example:
    """A record of a gold file with the features of its sentences."""
    text = record["reasoning"]
    document = make_document(record["trace_id"], text, question=record["question"])
    sentences = document.sentences
    segments = tuple(record["segments"])
    bodies = tuple(_body(text, s) for s in sentences)
    return Example(
        trace_id=record["trace_id"],
        problem=record["problem_id"],
        source=record["source"],
        model=record["model"] or "",
        human=record["annotator"] == "human",
        expresses=frozenset(record["expresses"]),
        segments=segments,
        bodies=bodies,
        features=featurize(text, sentences, record["question"], bits),
        rules=log_odds(document),
        facts=fact_rows(document),
        covered=_covered(bodies, segments),
        known=_known(bodies, record.get("labelled")),
        loops="degenerate_loop" in (record.get("flags") or ()),
    )


def _known(bodies: Sequence[tuple[int, int]], labelled: Sequence[int] | None) -> NDArray[np.bool_]:
    """Which sentences lie in the labelled passage; all of them where none is named."""
    if labelled is None:
        return np.ones(len(bodies), bool)
    first, last = labelled
    return np.array([start >= first and end <= last for start, end in bodies], bool)


def _body(text: str, sentence: Sentence) -> tuple[int, int]:
    body = text[sentence.start : sentence.end]
    start = sentence.start + len(body) - len(body.lstrip())
    return start, max(start, sentence.start + len(body.rstrip()))


def _covered(
    bodies: Sequence[tuple[int, int]], segments: Sequence[dict[str, Any]]
) -> NDArray[np.float32]:
    """Share of each sentence under segments of each target; segments are in order."""
    column = {label: i for i, label in enumerate(LABELS)}
    out = np.zeros((len(bodies), len(LABELS)), np.float32)
    at = 0
    for row, (start, end) in enumerate(bodies):
        while at < len(segments) and segments[at]["end"] <= start:
            at += 1
        index = at
        while index < len(segments) and segments[index]["start"] < end:
            segment = segments[index]
            overlap = min(end, segment["end"]) - max(start, segment["start"])
            for label in segment["labels"]:
                if overlap > 0 and label in column:
                    out[row, column[label]] += overlap
            index += 1
        out[row] /= max(1, end - start)
    return out
