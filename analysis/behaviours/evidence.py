"""Why a sentence got its label: the words and the signs that weighed most.

What the fitted model adds up is exact: the n-grams and the numbers of the sentence with the largest
weights for the label. What the rules found stands before it: the cue, and what speaks for the label.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours import rules
from analysis.behaviours.dense import DENSE
from analysis.behaviours.features import Features
from analysis.behaviours.labels import LABELS
from analysis.behaviours.model import Model, standardise
from analysis.behaviours.spans import Run
from analysis.model import Document

WORDS, SIGNS = 2, 1
"""At most so many phrases and so many signs a finding."""
_SEEN = 24
"""Only the first tokens of a sentence are looked at."""
_MIN_WEIGHT = 0.05
_MAX_CHARS = 60
_MARKS = frozenset("=?!:")
"""Marks that say something to a reader; commas and full stops weigh a little everywhere."""
_COMMON = frozenset({"deduction", "restatement", "planning"})
"""Labels of most sentences, which are explained by the weights alone."""
_MEANING = {
    "is first": "stands at the very beginning",
    "is last": "stands at the very end",
    "last tenth": "stands in the last tenth",
    "paragraph starts": "begins a paragraph",
    "paragraph ends": "ends a paragraph",
    "numbers": "holds numbers",
    "digit share": "is made of numbers",
    "formula marks": "is made of formulas",
    "asks": "asks a question",
    "exclaims": "exclaims",
    "ends in colon": "ends in a colon",
    "trails off": "trails off",
    "equations": "holds equations",
    "new words": "brings new words",
    "repeated words": "repeats earlier words",
    "words from far": "repeats words from far back",
    "words from the two before": "goes on with the words before it",
    "new numbers": "brings new numbers",
    "numbers from far": "repeats numbers from far back",
    "numbers from the two before": "goes on with the numbers before it",
    "triples seen": "repeats an earlier wording",
    "triples from far": "repeats a wording from far back",
    "seen whole": "stands word for word before",
    "result seen": "reaches a result that stood before",
    "words of the question": "has the words of the question",
    "numbers of the question": "has the numbers of the question",
    "says answer": "speaks of the answer",
    "answers before": "an answer stands before",
    "boxed before": "a boxed answer stands before",
}
_SHOWN = np.array([name in _MEANING for name in DENSE])


def explain(
    model: Model, features: Features, document: Document, runs: Sequence[Run]
) -> list[dict[str, Any]]:
    """For each run why its strongest sentence has the label, and how many sentences it has."""
    if not runs:
        return []
    labels = np.array([LABELS.index(run[0]) for run in runs])
    best = np.array([run[3] for run in runs])
    numbers = standardise(features.dense[best], model.dense_mean, model.dense_spread)
    signs = numbers * model.dense.T[labels] * (_SHOWN & (numbers > 0))
    chosen = signs.argmax(axis=1)
    weights = signs[np.arange(len(runs)), chosen]
    phrases = _phrases(model, features, document.reasoning, labels, best)
    found: list[dict[str, Any]] = []
    for number, (label, first, last, strongest) in enumerate(runs):
        because: list[str] = []
        why: dict[str, Any] = {"because": because}
        if label not in _COMMON:
            ruled = rules.explain(document, label, strongest)
            if "cue" in ruled:
                because.append(f"'{ruled['cue']}'")
                why["cue_id"] = ruled["cue_id"]
            because.extend(ruled.get("for", ())[:SIGNS])
        because.extend(p for p in phrases[number] if p not in because)
        if weights[number] >= _MIN_WEIGHT:
            because.append(_MEANING[DENSE[int(chosen[number])]])
        if not because:
            because.append("the sentences around it")
        if last > first:
            why["sentences"] = last - first + 1
        found.append(why)
    return found


def _phrases(
    model: Model,
    features: Features,
    text: str,
    labels: NDArray[np.int64],
    best: NDArray[np.int64],
) -> list[list[str]]:
    """The heaviest words, pairs and triples of a sentence that do not overlap, quoted."""
    low = features.bounds[best] + 1
    size = np.minimum(features.bounds[best + 1] - low, _SEEN)
    place = np.arange(_SEEN)
    columns = np.minimum(low[:, None] + place, features.grams.shape[1] - 1)
    inside = place < size[:, None]
    weights = np.stack(
        [
            np.where(
                place + length < size[:, None],
                model.because[features.grams[length][columns], labels[:, None]],
                np.float32(0),
            )
            for length in range(3)
        ],
        axis=2,
    )
    weights *= inside[:, :, None]
    weights /= np.sqrt(features.counts[best], dtype=np.float32)[:, None, None]
    flat = weights.reshape(len(best), -1)
    found: list[list[str]] = [[] for _ in range(len(best))]
    for _ in range(WORDS):
        top = flat.argmax(axis=1)
        value = flat[np.arange(len(best)), top]
        at, length = top // 3, top % 3
        begin = features.begin[columns[np.arange(len(best)), at]]
        end = features.end[columns[np.arange(len(best)), np.minimum(at + length, _SEEN - 1)]]
        for i in np.flatnonzero(value >= _MIN_WEIGHT).tolist():
            words = text[begin[i] : end[i]]
            telling = words in _MARKS or any(char.isalnum() for char in words)
            if telling and len(words) <= _MAX_CHARS:
                found[i].append(f"'{words}'")
        # What overlaps the chosen phrase is out.
        reach = place[None, :, None] + np.arange(3)[None, None, :]
        overlaps = (place[None, :, None] <= (at + length)[:, None, None]) & (
            reach >= at[:, None, None]
        )
        weights[overlaps] = 0
    return found
