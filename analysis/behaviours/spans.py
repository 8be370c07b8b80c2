"""From scores of sentences to findings.

A sentence carries a label when its score reaches the label's threshold. Labels of passages
(``labels.SPANNING``) make one finding of sentences that follow each other; its score is the mean of
theirs. Spans leave out the white space at their ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis import limits
from analysis.behaviours.labels import LABELS, SPANNING
from analysis.model import Document, Finding

Run = tuple[str, int, int, int]
"""Label, first and last sentence, and the sentence that scores highest."""
Explain = Callable[[Sequence[Run]], Sequence[Mapping[str, Any]]]
"""Evidence for each run, asked for all at once."""


def runs_of(
    scores: NDArray[np.float32], thresholds: Sequence[float], *, join: bool = False
) -> list[Run]:
    """The runs of sentences that carry each label, label by label; ``join``: of every label."""
    found: list[Run] = []
    for column, label in enumerate(LABELS):
        score = scores[:, column]
        hits = np.flatnonzero(score >= thresholds[column])
        if not len(hits):
            continue
        if label not in SPANNING and not join:
            found.extend((label, i, i, i) for i in hits.tolist())
            continue
        cuts = np.flatnonzero(np.diff(hits) > 1) + 1
        firsts = hits[np.concatenate([[0], cuts])].tolist()
        lasts = hits[np.concatenate([cuts - 1, [len(hits) - 1]])].tolist()
        for first, last in zip(firsts, lasts, strict=True):
            best = first if first == last else first + int(score[first : last + 1].argmax())
            found.append((label, first, last, best))
    return found


def findings_of(
    document: Document, scores: NDArray[np.float32], thresholds: Sequence[float], explain: Explain
) -> tuple[Finding, ...]:
    """The findings of a document, in order of their start; blank sentences make none."""
    text, sentences = document.reasoning, document.sentences
    runs = runs_of(scores, thresholds)
    if len(runs) > limits.MAX_FINDINGS_PER_ANALYZER:
        # A trace that repeats itself without end: neighbours become one finding, and of what is
        # still too much the first part is kept.
        runs = sorted(runs_of(scores, thresholds, join=True), key=lambda run: run[1])
        runs = runs[: limits.MAX_FINDINGS_PER_ANALYZER]
    columns = {label: scores[:, i].tolist() for i, label in enumerate(LABELS)}
    bodies: dict[tuple[int, int], tuple[int, int]] = {}
    found: list[Finding] = []
    for (label, first, last, _), why in zip(runs, explain(runs), strict=True):
        body = bodies.get((first, last))
        if body is None:
            body = _trimmed(text, sentences[first].start, sentences[last].end)
            bodies[first, last] = body
        start, end = body
        if start == end:
            continue
        column = columns[label]
        score = column[first]
        if last > first:
            score = sum(column[first : last + 1]) / (last + 1 - first)
        found.append(Finding(label, start, end, round(score, 4), None, why))
    found.sort(key=lambda f: (f.start, f.end, f.label))
    return tuple(found)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without white space at its ends; empty where there is nothing else."""
    body = text[start:end]
    bare = body.lstrip()
    start += len(body) - len(bare)
    return start, start + len(bare.rstrip())
