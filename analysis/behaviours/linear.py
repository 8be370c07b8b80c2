"""Fitting the linear part of the model: one logistic regression a label, all at once.

Penalised by the squares of the weights, minimised by L-BFGS from the same start, so the same data
give the same weights. scipy is imported inside functions: only training needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.features import Features
from analysis.behaviours.model import (
    F32,
    NEIGHBOUR_SCALE,
    NEIGHBOURS,
    OWN_SCALE,
    coded,
    near_grams,
    standardise,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The size of the model and how it is fitted."""

    bits: int = 17
    near_bits: int = 14
    strength: float = 0.3
    """How much the data weigh against the penalty."""
    steps: int = 40
    networks: int = 1
    """Networks of the second stage, whose mean is used."""
    hidden: int = 16
    epochs: int = 8
    batch: int = 512


@dataclass(frozen=True, slots=True)
class Design:
    """The sentences of all examples as rows of a sparse matrix."""

    rows: Any
    owner: NDArray[np.int64]
    """The example of each row."""
    mean: F32
    spread: F32


def make_design(features: Sequence[Features], settings: Settings) -> Design:
    """Columns: own n-grams, n-grams of each neighbour, numbers."""
    from scipy import sparse

    dense = np.concatenate([f.dense for f in features])
    mean, spread = dense.mean(axis=0), dense.std(axis=0) + np.float32(1e-3)
    own: list[Any] = []
    near: list[list[Any]] = [[] for _ in NEIGHBOURS]
    for one in features:
        count = len(one.dense)
        flat = one.grams.ravel()
        owner = np.tile(np.repeat(np.arange(count), np.diff(one.bounds)), len(one.grams))
        own.append(_counted(owner[flat >= 0], flat[flat >= 0], count, settings.bits, OWN_SCALE))
        ids, bounds = near_grams(one, settings.bits - settings.near_bits)
        owner = np.tile(np.repeat(np.arange(count), np.diff(bounds)), 2)
        lead = _counted(owner, ids.ravel(), count, settings.near_bits, NEIGHBOUR_SCALE)
        for block, step in zip(near, NEIGHBOURS, strict=True):
            block.append(sparse.eye(count, k=step, format="csr", dtype=np.float32) @ lead)
    blocks = [sparse.vstack(own)] + [sparse.vstack(block) for block in near]
    blocks.append(sparse.csr_matrix(standardise(dense, mean, spread)))
    rows = sparse.hstack(blocks).tocsr().astype(np.float32)
    owners = np.repeat(np.arange(len(features)), [len(f.dense) for f in features])
    return Design(rows, owners, mean, spread)


def _counted(
    owner: NDArray[np.int64], ids: NDArray[np.int64], count: int, bits: int, scale: float
) -> Any:
    from scipy import sparse

    number = np.maximum(np.bincount(owner, minlength=count), 1)
    values = (scale / np.sqrt(number))[owner].astype(np.float32)
    return sparse.csr_matrix((values, (owner, ids)), shape=(count, 1 << bits))


def fit(rows: Any, target: F32, weight: F32, settings: Settings) -> F32:
    """Weights of the columns (and a last row of biases) for each label.

    ``weight`` is 0 where a sentence's source does not say whether the label holds.
    """
    from scipy.optimize import minimize

    shape = (rows.shape[1] + 1, target.shape[1])
    turned = rows.T.tocsr()

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(shape).astype(np.float32)
        z = rows @ weights[:-1] + weights[-1]
        error = (1 / (1 + np.exp(-np.clip(z, -30, 30))) - target) * weight * settings.strength
        value = (weight * (np.logaddexp(0, z) - target * z)).sum(dtype=np.float64)
        penalty = 0.5 * float((weights[:-1] ** 2).sum(dtype=np.float64))
        gradient = np.concatenate([turned @ error + weights[:-1], error.sum(axis=0)[None]])
        return value * settings.strength + penalty, gradient.ravel().astype(np.float64)

    start = np.zeros(shape)
    start[-1] = -3
    found = minimize(
        loss,
        start.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": settings.steps, "maxcor": 6},
    )
    out: F32 = found.x.reshape(shape).astype(np.float32)
    return out


def arrays(weights: F32, design: Design, settings: Settings) -> dict[str, NDArray[Any]]:
    """The weights as ``model.py`` reads them."""
    size, near = 1 << settings.bits, 1 << settings.near_bits
    own, own_scale = coded(weights[:size])
    blocks = [weights[size + i * near : size + (i + 1) * near] for i in range(len(NEIGHBOURS))]
    # What stands in column block b says what the n-gram weighs where it is that neighbour: the
    # model adds it up for the sentence that has the n-gram, then shifts the sums.
    neighbours, near_scale = coded(np.concatenate(blocks, axis=1))
    return {
        "bits": np.array(settings.bits),
        "near_bits": np.array(settings.near_bits),
        "own": own,
        "own_scale": own_scale,
        "near": neighbours,
        "near_scale": near_scale,
        "dense": weights[size + len(NEIGHBOURS) * near : -1],
        "dense_mean": design.mean,
        "dense_spread": design.spread,
        "bias": weights[-1],
    }


def predict(design: Design, weights: F32) -> F32:
    """Log-odds of every row."""
    out: F32 = design.rows @ weights[:-1] + weights[-1]
    return out
