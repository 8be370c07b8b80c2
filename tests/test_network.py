"""The second stage: many traces at once give what each gives alone, and what training saw."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.behaviours.labels import LABELS
from analysis.behaviours.network import design_rows, joint_scores, split_weights
from analysis.behaviours.network_fitting import apply, fit_network

FACTS, NUMBERS = 4, 3
WIDTHS = (2 * len(LABELS), FACTS, NUMBERS)
WIDTH = WIDTHS[0] * 5 + FACTS + NUMBERS + 2 * WIDTHS[0]


def rows_of(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    linear, rules = random.normal(0, 3, (2, count, len(LABELS))).astype(np.float32)
    facts = (random.random((count, FACTS)) < 0.3).astype(np.float32)
    numbers = random.normal(0, 1, (count, NUMBERS)).astype(np.float32)
    return joint_scores(linear, rules), facts, numbers


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), seed=st.integers(0, 999))
def test_traces_together_give_what_each_gives_alone(sizes: list[int], seed: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    hidden = 6
    weights = {
        "weights": random.normal(0, 0.3, (WIDTH, hidden + len(LABELS))).astype(np.float32),
        "bias": random.normal(0, 0.3, hidden + len(LABELS)).astype(np.float32),
        "out": random.normal(0, 0.3, (hidden, len(LABELS))).astype(np.float32),
    }
    network = split_weights(weights["weights"], weights["bias"], weights["out"], WIDTHS)
    parts = [rows_of(random, size) for size in sizes]
    first = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    scores, facts, numbers = (np.concatenate(column) for column in zip(*parts, strict=True))
    together = network.of_traces(scores, facts, numbers, first)
    np.testing.assert_array_equal(together, np.concatenate([network(*part) for part in parts]))
    trained = [apply(weights, design_rows(*part)) for part in parts]
    np.testing.assert_allclose(together, np.concatenate(trained), atol=1e-4)


def test_a_trace_without_sentences_has_no_rows() -> None:
    assert design_rows(*rows_of(np.random.Generator(np.random.PCG64(0)), 0)).shape == (0, WIDTH)


def test_fitting_learns_a_neighbour_and_leaves_the_unknown_alone() -> None:
    from analysis.behaviours.linear import Settings

    random = np.random.Generator(np.random.PCG64(1))
    scores, facts, numbers = rows_of(random, 4000)
    rows = design_rows(scores, facts, numbers)
    target = np.zeros((4000, len(LABELS)), np.float32)
    # The label of a sentence is what the next one's first score says.
    target[:-1, 0] = scores[1:, 0] > 0
    target[:, 1] = 1
    weight = np.ones_like(target)
    weight[:, 1] = 0
    made = fit_network(rows, target, weight, Settings(hidden=8, epochs=8, networks=2, batch=64))
    found = apply(made, rows)
    right = (found[:-1, 0] > 0) == (target[:-1, 0] > 0)
    assert right.mean() > 0.95
    # Never told anything of label 1, it stays where it began: below even odds.
    assert (found[:, 1] < 0).all()
    again = fit_network(rows, target, weight, Settings(hidden=8, epochs=8, networks=2, batch=64))
    assert all(np.array_equal(made[name], again[name]) for name in made)


def test_limits_of_scores() -> None:
    far = joint_scores(np.full((1, 2), 99, np.float32), np.full((1, 2), -99, np.float32))
    assert far[0].tolist() == pytest.approx([5 / 3, 5 / 3, -2, -2])
