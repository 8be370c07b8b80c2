"""Both stages on text that neither saw: what cross-validation, thresholds and tables are made of.

The second stage must be fitted to scores of a first stage that did not see the trace's problem, and
be judged on problems that neither saw. So for each fold that is left out, the first stage is fitted once
more without each of the others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.fitting import Data, fold_of
from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings
from analysis.behaviours.model import F32
from analysis.behaviours.network_fitting import apply, fit_network, network_rows
from analysis.behaviours.taught import Taught, with_scores
from analysis.behaviours.training_data import Example

Bools = NDArray[np.bool_]


def both_out_of_fold(
    examples: Sequence[Example],
    data: Data,
    folds: Sequence[int],
    settings: Settings,
    taught: Taught | None = None,
) -> tuple[F32, F32]:
    """Log-odds of both stages for every labelled sentence, from weights that saw nothing of its fold.

    The ``taught`` examples come last; they are in no fold, and what they teach comes from a teacher that
    did not see the fold either.
    """
    fold = np.array([*folds, *[-1] * (len(examples) - len(folds))])
    linear = np.zeros((len(data.design.owner), len(LABELS)), np.float32)
    network = np.zeros_like(linear)
    for name in sorted(set(folds)):
        mine = data if taught is None else with_scores(data, examples, taught.of(name))
        test = fold == name
        first, second = both_without(examples, mine, test, ~test, settings)
        rows = test[data.design.owner]
        linear[rows], network[rows] = first[rows], second[rows]
    return linear, network


def both_without(
    examples: Sequence[Example], data: Data, test: Bools, train: Bools, settings: Settings
) -> tuple[F32, F32]:
    """Log-odds of both stages for the ``test`` examples, from the ``train`` examples alone."""
    linear = np.zeros((len(data.design.owner), len(LABELS)), np.float32)
    network = np.zeros_like(linear)
    weights, fitted = fit_both(examples, data, train, settings)
    data.predict(test, weights, linear)
    predict_second(examples, data, linear, test, fitted, network)
    return linear, network


def fit_both(
    examples: Sequence[Example], data: Data, train: Bools, settings: Settings
) -> tuple[F32, dict[str, F32]]:
    """Weights of both stages from the flagged examples."""
    linear = np.zeros((len(data.design.owner), len(LABELS)), np.float32)
    folds = np.array([fold_of(e.problem) for e in examples])
    for name in sorted(set(folds[train].tolist())):
        weights = data.fit(train & (folds != name), settings)
        data.predict(train & (folds == name), weights, linear)
    return data.fit(train, settings), fit_second(examples, data, linear, train, settings)


def fit_second(
    examples: Sequence[Example], data: Data, linear: F32, train: Bools, settings: Settings
) -> dict[str, F32]:
    """Weights of the second stage from the flagged examples and their scores of the first."""
    rows = _rows(examples, data, linear, train)
    chosen = np.flatnonzero(train[data.design.owner])
    return fit_network(rows, data.target[chosen], data.weight[chosen], settings)


def predict_second(
    examples: Sequence[Example],
    data: Data,
    linear: F32,
    test: Bools,
    fitted: dict[str, F32],
    out: F32,
) -> None:
    """Put the log-odds of the second stage of the flagged examples' sentences into ``out``."""
    out[test[data.design.owner]] = apply(fitted, _rows(examples, data, linear, test))


def network_arrays(fitted: dict[str, F32]) -> dict[str, F32]:
    """The weights as ``model.py`` reads them."""
    return {f"network_{name}": value for name, value in fitted.items()}


def _rows(examples: Sequence[Example], data: Data, linear: F32, flags: Bools) -> F32:
    chosen = [e for e, flag in zip(examples, flags, strict=True) if flag]
    mine = linear[flags[data.design.owner]]
    return network_rows(chosen, mine, data.design.mean, data.design.spread)
