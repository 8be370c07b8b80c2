"""Fitting the second stage: several small networks from different starts, whose mean is one network.

Trained by Adam on scores of the first stage that were made without the trace's problem: on scores
of the weights that saw it the network would learn to trust them. Random numbers come from a
generator with a fixed seed, so that the same data give the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings
from analysis.behaviours.model import F32, standardise
from analysis.behaviours.network import design_rows, joint_scores
from analysis.behaviours.training_data import Example

MAIN = ("backtracking", "verification_start", "verification")
"""Labels that the network is fitted for first; the others weigh less."""
OTHERS_WEIGHT = 0.3
RATE, DROPOUT = 3e-3, 0.2
_BETA, _EPSILON = (0.9, 0.999), 1e-8


def network_rows(examples: Sequence[Example], linear: F32, mean: F32, spread: F32) -> F32:
    """What the network reads of every sentence, example by example."""
    edges = np.cumsum([len(e.covered) for e in examples])[:-1]
    return np.concatenate(
        [
            design_rows(
                joint_scores(part, e.rules),
                e.facts,
                standardise(e.features.dense, mean, spread),
            )
            for e, part in zip(examples, np.split(linear, edges), strict=True)
        ]
    )


def fit_network(rows: F32, target: F32, weight: F32, settings: Settings) -> dict[str, F32]:
    """Weights of the mean of ``settings.networks`` networks; ``weight`` 0 where unknown."""
    main = np.array([label in MAIN for label in LABELS])
    weight = weight * np.where(main, 1, OTHERS_WEIGHT).astype(np.float32)
    seen = weight.any(axis=1)
    rows, target, weight = rows[seen], target[seen], weight[seen]
    fits = [_fit_one(rows, target, weight, settings, seed) for seed in range(settings.networks)]
    share = np.float32(1 / len(fits))
    return {
        "weights": np.concatenate(
            [fit[0] for fit in fits] + [sum((f[3] for f in fits[1:]), fits[0][3]) * share], axis=1
        ),
        "bias": np.concatenate(
            [fit[1] for fit in fits] + [sum((f[4] for f in fits[1:]), fits[0][4]) * share]
        ),
        "out": np.concatenate([fit[2] for fit in fits]) * share,
    }


def apply(arrays: dict[str, F32], rows: F32) -> F32:
    """Log-odds of rows of ``network_rows``."""
    total = rows @ arrays["weights"] + arrays["bias"]
    hidden = len(arrays["out"])
    found: F32 = np.maximum(total[:, :hidden], 0) @ arrays["out"] + total[:, hidden:]
    return found


def _fit_one(
    rows: F32, target: F32, weight: F32, settings: Settings, seed: int
) -> tuple[F32, F32, F32, F32, F32]:
    """Hidden weights and biases, output weights, direct weights and biases."""
    random = np.random.Generator(np.random.PCG64(seed))
    count, width = rows.shape
    hidden, labels = settings.hidden, len(LABELS)
    reach = 1 / np.sqrt(width)
    every = [
        random.uniform(-reach, reach, (width, hidden)),
        random.uniform(-reach, reach, hidden),
        random.uniform(-1, 1, (hidden, labels)) / np.sqrt(hidden),
        np.zeros((width, labels)),
        np.full(labels, -2.0),
    ]
    held = [np.asarray(one, np.float32) for one in every]
    batch = min(settings.batch, count)
    steps = settings.epochs * (count // batch) if batch else 0
    moments = [(np.zeros_like(one), np.zeros_like(one)) for one in held]
    step = 0
    while step < steps:
        order = random.permutation(count)
        for low in range(0, count - batch + 1, batch):
            chosen = order[low : low + batch]
            gradients = _gradients(held, rows[chosen], target[chosen], weight[chosen], random)
            step += 1
            _adam(held, gradients, moments, step, RATE * (1 - (step - 1) / steps))
    return held[0], held[1], held[2], held[3], held[4]


def _gradients(
    held: Sequence[F32], rows: F32, target: F32, weight: F32, random: np.random.Generator
) -> list[F32]:
    """Of the weighted logistic loss, with inputs of the hidden layer left out at random."""
    first, bias, out, direct, offset = held
    kept = random.random(rows.shape, dtype=np.float32) >= DROPOUT
    seen = rows * kept * np.float32(1 / (1 - DROPOUT))
    hidden = np.maximum(seen @ first + bias, 0)
    z = hidden @ out + rows @ direct + offset
    error = (1 / (1 + np.exp(-np.clip(z, -30, 30))) - target) * weight / np.float32(len(rows))
    back = (error @ out.T) * (hidden > 0)
    return [seen.T @ back, back.sum(axis=0), hidden.T @ error, rows.T @ error, error.sum(axis=0)]


def _adam(
    held: Sequence[F32],
    gradients: Sequence[F32],
    moments: Sequence[tuple[F32, F32]],
    step: int,
    rate: float,
) -> None:
    """One step of Adam (1412.6980), in place."""
    one, two = _BETA
    scale = rate * np.sqrt(1 - two**step) / (1 - one**step)
    for value, gradient, (mean, square) in zip(held, gradients, moments, strict=True):
        mean *= np.float32(one)
        mean += np.float32(1 - one) * gradient
        square *= np.float32(two)
        square += np.float32(1 - two) * gradient * gradient
        value -= np.float32(scale) * mean / (np.sqrt(square) + np.float32(_EPSILON))
