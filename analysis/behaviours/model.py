"""The fitted model: a linear model over word n-grams and numbers, the rules, and a small network.

First stage: the score of a sentence for a label adds up weights of its own n-grams, of the n-grams
that begin its two neighbours on each side, and of its numbers (``features.py``); the log-odds of
the rules (``rules.py``) are mixed in. Second stage: a network reads both for the sentence and those
around it (``network.py``). The mean of both stages is calibrated. Only numpy runs here. The weights are data
(``fitted.npz`` with ``fitted.json`` beside it); ``train.py`` makes them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.features import DENSE, FEATURES_VERSION, Features, featurize
from analysis.behaviours.labels import LABELS
from analysis.behaviours.network import Network, joint_scores, split_weights
from analysis.behaviours.rules import fact_rows, log_odds
from analysis.behaviours.shipped import shipped_meta, shipped_weights
from analysis.behaviours.terms import FACTS
from analysis.errors import UsageError
from analysis.model import Document

F32 = NDArray[np.float32]
FORMAT = 4
LIMITS = (-3.0, 4.0)
"""The linear part is cut off here before it is mixed: on text of a kind that it never saw it can be
very sure of nothing, and must not silence the rules. On text of known kinds this changes little."""
NETWORK_LIMITS = (-2.0, 4.0)
"""So is the network."""
NETWORK_SHARE = np.full(len(LABELS), 0.5, np.float32)
"""Share of the network."""
ANNOUNCED = 0.5
"""A turn or an opening of a check that the rules find is found: its log-odds are at least theirs less
this. Where they are worded otherwise than in the data, what is fitted is too sure that there are none."""
OPENING = 0.6
"""What opens a check belongs to it: its log-odds of ``verification`` are at least those of
``verification_start`` and so much. Sources have one of the two labels, and cannot teach this."""
_TURN, _START, _CHECK = (
    LABELS.index(label) for label in ("backtracking", "verification_start", "verification")
)
NEIGHBOURS = (-2, -1, 1, 2)
OWN_SCALE, NEIGHBOUR_SCALE, DENSE_SCALE = 5.0, 3.0, 0.3
"""N-grams are weighed by these, divided by the root of their number."""
DENSE_LIMIT = 5.0
"""Numbers are standardised and cut off here."""
_BIAS = 128
"""Weights are stored as unsigned bytes around this, so that sums of them stay in 16 bits."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights, ready to use. Columns are ``LABELS``; 16-bit lanes stand in 64-bit words."""

    bits: int
    near_bits: int
    own: NDArray[np.uint64]
    own_scale: F32
    near: NDArray[np.uint64]
    """For each bucket the weights on the sentence two before, one before, one after, two after."""
    near_scale: F32
    dense: F32
    dense_mean: F32
    dense_spread: F32
    network: Network
    bias: F32
    mix: F32
    """Share of the rules in the log-odds of each label."""
    slope: F32
    offset: F32
    """Calibration of each label: ``1 / (1 + exp(-(slope * raw + offset)))``."""
    thresholds: F32
    because: NDArray[np.float16]
    """For each bucket its weight on each label, as evidence."""
    meta: dict[str, Any]

    @property
    def hash(self) -> str:
        """Identifies the weights."""
        return str(self.meta["weights_sha256"])

    def numbers(self, features: Features) -> F32:
        """The numbers of each sentence as the weights expect them."""
        return standardise(features.dense, self.dense_mean, self.dense_spread)

    def linear(self, features: Features, numbers: F32) -> F32:
        """Log-odds of the linear part: one row a sentence, one column a label."""
        out = self._own(features)
        self._add_near(features, out)
        # Not `@`: for so little work its threads cost more than they give.
        out += np.einsum("ij,jk->ik", numbers, self.dense)
        out += self.bias
        return out

    def _own(self, features: Features) -> F32:
        grams = features.grams
        rows = self.own.take(grams[0], axis=0)
        for more in grams[1:]:
            rows += self.own.take(more, axis=0)  # -1 is the last row, which is zero
        sums = np.add.reduceat(rows, features.bounds[:-1], axis=0).view(np.uint16)
        count = features.counts[:, None]
        out: F32 = (sums[:, : len(LABELS)] - (_BIAS * count)).astype(np.float32)
        out *= self.own_scale
        out /= np.sqrt(count, dtype=np.float32)
        return out

    def _add_near(self, features: Features, out: F32) -> None:
        ids, bounds = near_grams(features, self.bits - self.near_bits)
        rows = self.near.take(ids[0], axis=0)
        rows += self.near.take(ids[1], axis=0)
        sums = np.add.reduceat(rows, bounds[:-1], axis=0).view(np.uint16)
        count = 2 * np.diff(bounds)[:, None]
        parts = (sums - (_BIAS * count)).astype(np.float32)
        parts *= self.near_scale
        parts /= np.sqrt(count, dtype=np.float32)
        width, size = len(LABELS), len(out)
        for block, step in enumerate(NEIGHBOURS):
            column = parts[:, block * width : (block + 1) * width]
            gap = abs(step)
            if gap >= size:
                continue
            beside = column[:-gap] if step < 0 else column[gap:]
            beside[features.trace[gap:] != features.trace[:-gap]] = 0
            if step < 0:
                out[gap:] += beside
            else:
                out[:-gap] += beside

    def score(self, document: Document) -> tuple[Features, F32]:
        """Features, and calibrated scores in 0..1: one row a sentence and one column a label."""
        sentences = document.sentences
        features = featurize(document.reasoning, sentences, document.question, self.bits)
        if not sentences:
            return features, np.zeros((0, len(LABELS)), np.float32)
        first = (0, len(sentences))
        return features, self.scores(features, log_odds(document), fact_rows(document), first)

    def scores(self, features: Features, rules: F32, facts: F32, first: Sequence[int]) -> F32:
        """Calibrated scores of the sentences of traces that follow each other.

        ``rules`` and ``facts`` are what the rules say of each (``rules.py``); ``first`` holds the first
        sentence of each trace, and the number of all.
        """
        numbers = self.numbers(features)
        linear = self.linear(features, numbers)
        second = self.network.of_traces(joint_scores(linear, rules), facts, numbers, first)
        return self.calibrated(mixed(linear, rules, self.mix, second))

    def calibrated(self, raw: F32) -> F32:
        """Scores in 0..1 of mixed log-odds."""
        z = np.clip(raw * self.slope + self.offset, -30, 30)
        scores: F32 = 1 / (1 + np.exp(-z))
        return scores


def near_grams(features: Features, drop: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Buckets of the words and pairs that begin each sentence, with ``drop`` bits fewer."""
    columns, bounds = features.lead
    ids: NDArray[np.int64] = features.grams[:2, columns] >> drop
    return ids, bounds


def standardise(dense: F32, mean: F32, spread: F32) -> F32:
    """Numbers with mean 0 and spread 1, cut off and scaled."""
    out: F32 = (dense - mean) / spread
    np.clip(out, -DENSE_LIMIT, DENSE_LIMIT, out=out)
    out *= DENSE_SCALE
    return out


def mixed(linear: F32, rules: F32, mix: F32, network: F32) -> F32:
    """The mean of both stages, where what is fitted has only so much to say."""
    first = np.clip(linear, *LIMITS) * (1 - mix) + rules * mix
    second = np.clip(network, *NETWORK_LIMITS)
    out: F32 = first * (1 - NETWORK_SHARE) + second * NETWORK_SHARE
    for label in (_TURN, _START):
        told = rules[:, label] >= 0
        out[told, label] = np.maximum(out[told, label], rules[told, label] - np.float32(ANNOUNCED))
    np.maximum(out[:, _CHECK], out[:, _START] + np.float32(OPENING), out=out[:, _CHECK])
    return out


def pack(table: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Rows of bytes as rows of 64-bit words with a 16-bit lane for each, and a row of zeros last."""
    lanes = -(-table.shape[1] // 4) * 4
    wide = np.zeros((len(table) + 1, lanes), np.uint16)
    wide[:-1, : table.shape[1]] = table
    wide[:-1, table.shape[1] :] = _BIAS
    return wide.view(np.uint64)


def coded(weights: NDArray[np.floating[Any]]) -> tuple[NDArray[np.uint8], F32]:
    """Weights as bytes around 128, and the scale of each column."""
    scale = np.maximum(np.abs(weights).max(axis=0), 1e-6) / 127
    return (np.rint(weights / scale) + _BIAS).astype(np.uint8), scale.astype(np.float32)


def from_bytes(weights: bytes, meta: Mapping[str, Any]) -> Model:
    """A model from the two files that training writes; ``UsageError`` where they do not fit."""
    if meta.get("format") != FORMAT or meta.get("features") != FEATURES_VERSION:
        raise UsageError(
            "The fitted model was made by another version of CoTScope.",
            remedy="Train it again: python -m analysis.behaviours.train.",
        )
    if tuple(meta["labels"]) != LABELS:
        raise UsageError("The fitted model knows other labels than this version of CoTScope.")
    if hashlib.sha256(weights).hexdigest() != meta["weights_sha256"]:
        raise UsageError("The weights of the fitted model are not those that its JSON file names.")
    with np.load(BytesIO(weights), allow_pickle=False) as data:
        own, near = data["own"], data["near"]
        own_scale = data["own_scale"] * np.float32(OWN_SCALE)
        because = np.zeros((len(own) + 1, len(LABELS)), np.float16)
        because[:-1] = (own.astype(np.float32) - _BIAS) * own_scale
        lanes = np.zeros(-(-near.shape[1] // 4) * 4, np.float32)
        lanes[: near.shape[1]] = data["near_scale"] * np.float32(NEIGHBOUR_SCALE)
        return Model(
            bits=int(data["bits"]),
            near_bits=int(data["near_bits"]),
            own=pack(own),
            own_scale=own_scale,
            near=pack(near),
            near_scale=lanes,
            because=because,
            meta=dict(meta),
            network=split_weights(
                data["network_weights"],
                data["network_bias"],
                data["network_out"],
                (2 * len(LABELS), len(FACTS), len(DENSE)),
            ),
            **{
                name: data[name]
                for name in (
                    "dense", "dense_mean", "dense_spread", "bias", "mix", "slope", "offset",
                    "thresholds",
                )
            },
        )  # fmt: skip


@cache
def fitted() -> Model:
    """The model that ships with CoTScope, read once a process."""
    return from_bytes(shipped_weights(), shipped_meta())
