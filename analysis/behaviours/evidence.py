"""Why a sentence got its label: the words and the signs that weighed most.

What the fitted model adds up is exact: the n-grams and the numbers of the sentence with the largest
weights for the label. What the rules found stands before it: the cue, and what speaks for the label.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.analyzers.cue_scan import cue_evidence
from analysis.behaviours.dense import DENSE
from analysis.behaviours.features import Features
from analysis.behaviours.labels import LABELS
from analysis.behaviours.model import Model, standardise
from analysis.behaviours.rules import Judged
from analysis.behaviours.spans import Runs
from analysis.text.cues import FoundCue

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
_MEANINGS = [*(_MEANING.get(name) for name in DENSE), None]
_PLACE = np.arange(_SEEN)
_REACH = _PLACE[None, :, None] + np.arange(3)[None, None, :]


def explain(model: Model, features: Features, judged: Judged, runs: Runs) -> list[dict[str, Any]]:
    """For each run why its strongest sentence has the label, and how many sentences it has."""
    if not len(runs.label):
        return []
    phrases = _phrases(model, features, judged.block.text, runs)
    signs = _signs(model, features, runs)
    cues, reasons = _ruled(judged, runs)
    size = (runs.last - runs.first + 1).tolist()
    found: list[dict[str, Any]] = []
    for cue, reason, words, sign, count in zip(cues, reasons, phrases, signs, size, strict=True):
        if cue is None and reason is None:
            because = words
            why: dict[str, Any] = {"because": because}
        else:
            because = []
            why = {"because": because}
            if cue is not None:
                evidence = cue_evidence(judged.block.text, cue)
                because.append(f"'{evidence['cue']}'")
                why["cue_id"] = evidence["cue_id"]
            if reason is not None:
                because.append(reason)
            because += words
        if len(because) > 1:
            because[:] = dict.fromkeys(because)
        if sign is not None:
            because.append(sign)
        if not because:
            because.append("the sentences around it")
        if count > 1:
            why["sentences"] = count
        found.append(why)
    return found


def _ruled(judged: Judged, runs: Runs) -> tuple[list[FoundCue | None], list[str | None]]:
    """For each run the cue and what the rules say for it most, but for common labels."""
    cues: list[FoundCue | None] = [None] * len(runs.label)
    reasons: list[str | None] = [None] * len(runs.label)
    for number, label in enumerate(LABELS):
        if label in _COMMON:
            continue
        mine = np.flatnonzero(runs.label == number)
        best = runs.best.take(mine)
        told = judged.strongest_for(label, best)
        for at, sentence, reason in zip(mine.tolist(), best.tolist(), told, strict=True):
            cues[at] = judged.cue(label, sentence)
            reasons[at] = reason
    return cues, reasons


def _signs(model: Model, features: Features, runs: Runs) -> list[str | None]:
    """What each run's sentence shows, of its numbers, that weighs most."""
    numbers = standardise(
        features.dense.take(runs.best, axis=0), model.dense_mean, model.dense_spread
    )
    signs = numbers * model.dense.T.take(runs.label, axis=0) * (_SHOWN & (numbers > 0))
    chosen = signs.argmax(axis=1)
    weights = signs[np.arange(len(chosen)), chosen]
    some = np.where(weights >= _MIN_WEIGHT, chosen, len(DENSE))
    return [_MEANINGS[number] for number in some.tolist()]


def _phrases(model: Model, features: Features, text: str, runs: Runs) -> list[list[str]]:
    """The heaviest words, pairs and triples of a sentence that do not overlap, quoted."""
    rows = np.arange(len(runs.best))
    low = features.bounds.take(runs.best) + 1
    size = np.minimum(features.bounds.take(runs.best + 1) - low, _SEEN)
    columns = np.minimum(low[:, None] + _PLACE, features.grams.shape[1] - 1)
    weights = np.zeros((len(rows), _SEEN, 3), np.float32)
    table = model.because.ravel()
    for length in range(3):
        cells = np.flatnonzero(_PLACE + length < size[:, None])
        buckets = features.grams[length].take(columns.ravel().take(cells))
        buckets[buckets < 0] += len(model.because)
        labels = runs.label.take(cells // _SEEN)
        weights.reshape(-1, 3)[cells, length] = table.take(buckets * len(LABELS) + labels)
    weights /= np.sqrt(features.counts.take(runs.best), dtype=np.float32)[:, None, None]
    flat = weights.reshape(len(rows), -1)
    found: list[list[str]] = [[] for _ in range(len(rows))]
    for turn in range(WORDS):
        top = flat.argmax(axis=1)
        some = np.flatnonzero(flat[rows, top] >= _MIN_WEIGHT)
        at, length = top // 3, top % 3
        begin = features.begin.take(columns[rows, at].take(some)).tolist()
        last = columns[rows, np.minimum(at + length, _SEEN - 1)].take(some)
        end = features.end.take(last).tolist()
        for row, start, stop in zip(some.tolist(), begin, end, strict=True):
            words = text[start:stop]
            telling = words.isalpha() or words in _MARKS or any(map(str.isalnum, words))
            if telling and len(words) <= _MAX_CHARS:
                found[row].append(f"'{words}'")
        if turn + 1 < WORDS:
            # What overlaps the chosen phrase is out.
            overlaps = (_PLACE[None, :, None] <= (at + length)[:, None, None]) & (
                at[:, None, None] <= _REACH
            )
            weights[overlaps] = 0
    return found
