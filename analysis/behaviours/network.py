"""The second stage: a small network over what the first says of a sentence and of those around it.

It reads the log-odds of the linear model and of the rules for the sentence and two neighbours on
each side, the facts of the rules, the sentence's numbers, and how much of each label the trace
holds; so it learns what the first stage cannot add up: an opening that no verdict follows, a hedge
where hedging is the habit of the trace. One hidden layer, and a direct path beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.labels import LABELS

F32 = NDArray[np.float32]
Ints = NDArray[np.int64]
REACH = 2
"""So many sentences on each side are read."""
_LINEAR_LIMITS, _RULE_LIMITS = (-6.0, 5.0), (-6.0, 6.0)
_SCALE = np.float32(1 / 3)
_OUTSIDE = np.float32(-1.5)
"""Stands for the scores of the sentences before the first and after the last."""
_STRONGEST = 3
"""Of a trace the mean of so many strongest scores is told, beside the mean of all."""


@dataclass(frozen=True, slots=True)
class Network:
    """Weights: of the scores (a block of rows a neighbour), the facts, the numbers, the trace.

    The last columns of each are the direct path to the labels, the others the hidden units.
    """

    scores: F32
    facts: F32
    numbers: F32
    trace: F32
    bias: F32
    out: F32

    def __call__(self, scores: F32, facts: F32, numbers: F32) -> F32:
        """Log-odds of each label for the sentences of one trace, a row each.

        Trace by trace: what a product of matrices gives in its last bits depends on their size, and
        the score of a trace must not depend on what is looked at together with it.
        """
        if not len(scores):
            return np.zeros((0, len(LABELS)), np.float32)
        total = numbers @ self.numbers
        total += facts @ self.facts
        total += trace_row(scores) @ self.trace + self.bias
        width = scores.shape[1]
        for step, rows in enumerate(_beside(scores)):
            total += rows @ self.scores[step * width : (step + 1) * width]
        hidden = len(self.out)
        np.maximum(total[:, :hidden], 0, out=total[:, :hidden])
        found: F32 = total[:, :hidden] @ self.out + total[:, hidden:]
        return found

    def of_traces(self, scores: F32, facts: F32, numbers: F32, first: Sequence[int]) -> F32:
        """The same for traces that follow each other; ``first`` of each, and the number of all."""
        out = np.zeros((len(scores), len(LABELS)), np.float32)
        for low, high in pairwise(first):
            out[low:high] = self(scores[low:high], facts[low:high], numbers[low:high])
        return out


def _beside(scores: F32) -> list[F32]:
    """The rows of the sentences beside each, from the furthest before to the furthest after."""
    count = len(scores)
    padded = np.full((count + 2 * REACH, scores.shape[1]), _OUTSIDE, np.float32)
    padded[REACH : REACH + count] = scores
    return [padded[step : step + count] for step in range(2 * REACH + 1)]


def joint_scores(linear: F32, rules: F32) -> F32:
    """What the first stage says, cut off and scaled: linear model, then rules."""
    both = [np.clip(linear, *_LINEAR_LIMITS), np.clip(rules, *_RULE_LIMITS)]
    found: F32 = np.concatenate(both, axis=1) * _SCALE
    return found


def trace_row(scores: F32) -> F32:
    """Mean of each column over the trace, and mean of its strongest values."""
    most = min(_STRONGEST, len(scores))
    top = np.partition(scores, len(scores) - most, axis=0)[len(scores) - most :]
    found: F32 = np.concatenate([scores.mean(axis=0), top.mean(axis=0)])
    return found


def design_rows(scores: F32, facts: F32, numbers: F32) -> F32:
    """Everything that the network reads of the sentences of one trace, as one matrix (training)."""
    count = len(scores)
    trace = trace_row(scores) if count else np.zeros(2 * scores.shape[1], np.float32)
    whole = np.broadcast_to(trace, (count, len(trace)))
    found: F32 = np.concatenate([*_beside(scores), facts, numbers, whole], axis=1, dtype=np.float32)
    return found


def split_weights(weights: F32, bias: F32, out: F32, widths: tuple[int, int, int]) -> Network:
    """A network from weights in the order of ``design_rows``; ``widths`` of scores, facts, numbers."""
    scores, facts, numbers = widths
    first = scores * (2 * REACH + 1)
    second = first + facts
    third = second + numbers
    return Network(
        weights[:first], weights[first:second], weights[second:third], weights[third:], bias, out
    )
