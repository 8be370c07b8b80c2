"""Drawing the next token from logits, for the engines that run in this process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.engines.protocol import Sampling


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-probabilities of all tokens, before temperature and filters."""
    shifted = logits.astype(np.float64) - float(logits.max())
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return result


def draw(logits: NDArray[np.float32], sampling: Sampling, rng: np.random.Generator) -> int:
    """One token. Filters in the usual order: temperature, top-k, top-p, min-p."""
    temperature = 1.0 if sampling.temperature is None else sampling.temperature
    if temperature <= 0:
        return int(logits.argmax())
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max()
    weights = np.exp(scaled)
    order = np.argsort(-weights, kind="stable")
    kept = weights[order] / weights.sum()
    size = len(kept)
    if sampling.top_k is not None and 0 < sampling.top_k < size:
        size = sampling.top_k
    if sampling.top_p is not None and sampling.top_p < 1:
        share = np.cumsum(kept[:size]) / kept[:size].sum()
        size = min(size, int(np.searchsorted(share, sampling.top_p)) + 1)
    if sampling.min_p is not None and sampling.min_p > 0:
        size = max(1, min(size, int((kept[:size] >= sampling.min_p * kept[0]).sum())))
    share = np.cumsum(kept[:size])
    at = int(np.searchsorted(share, rng.random() * share[-1], side="right"))
    return int(order[min(at, size - 1)])
