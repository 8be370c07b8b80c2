"""From labelled examples to a model: weights of sources, calibration, thresholds, evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Design, Settings, fit, make_design
from analysis.behaviours.model import F32, mixed
from analysis.behaviours.style_labels import SOURCE
from analysis.behaviours.training_data import Example

FOLDS = 5
MIXES = (0.25, 0.5, 0.75)
"""Shares of the rules that are tried."""
CLEARLY = 0.015
NEAR_WEIGHT = 0.5
"""What near F1 counts beside exact F1 where the threshold of a judged label is chosen."""
_SMOOTH = np.array([1, 2, 3, 2, 1]) / 9
SOURCE_WEIGHT: Mapping[str, float] = {
    "venhoff": 2.0,
    "reasoningflow_v0_human": 3.0,
    "reasoningflow_v0": 1.5,
    "rtseg": 0.5,
    "thought": 0.5,
    SOURCE: 2.0,
}
"""Weight of a source by the beginning of its name, the longest first; 1 where not named. Small
sources and those that people labelled count for more, those whose labels mean less to us for less."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """``1 / (1 + exp(-(slope * raw + offset)))`` for each label."""

    slope: F32
    offset: F32


def fold_of(problem: str, seed: int = 0) -> int:
    """The fold of a problem: the same in every run, and for every source that has the problem."""
    name = problem if seed == 0 else f"{seed}:{problem}"
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def group_of(source: str) -> str:
    """Files of several annotators on the same traces are one group."""
    for name in ("reasoningflow_v0_human", "reasoningflow_v0", "rtseg"):
        if source.startswith(name):
            return name
    return source


def targets_of(examples: Sequence[Example]) -> tuple[F32, F32]:
    """Target and weight of each sentence (row) and label: positive when half of it is covered."""
    targets, weights = [], []
    for example in examples:
        names = sorted((s for s in SOURCE_WEIGHT if example.source.startswith(s)), key=len)
        weight = SOURCE_WEIGHT[names[-1]] if names else 1.0
        row = np.array([weight * (label in example.expresses) for label in LABELS], np.float32)
        targets.append((example.covered >= 0.5).astype(np.float32))
        weights.append(np.outer(example.known, row).astype(np.float32))
    return np.concatenate(targets), np.concatenate(weights)


def split_rows(rows: F32, examples: Sequence[Example]) -> list[F32]:
    """Rows of all sentences, example by example."""
    edges = np.cumsum([len(e.covered) for e in examples])[:-1]
    return np.split(rows, edges)


@dataclass(frozen=True, slots=True)
class Data:
    """What weights are fitted to."""

    design: Design
    target: F32
    weight: F32

    def fit(self, examples: NDArray[np.bool_], settings: Settings) -> F32:
        """Weights from the examples that are flagged."""
        chosen = np.flatnonzero(examples[self.design.owner])
        rows = self.design.rows[chosen]
        return fit(rows, self.target[chosen], self.weight[chosen], settings)

    def predict(self, examples: NDArray[np.bool_], weights: F32, out: F32) -> None:
        """Put the log-odds of the flagged examples' sentences into ``out``."""
        chosen = np.flatnonzero(examples[self.design.owner])
        out[chosen] = self.design.rows[chosen] @ weights[:-1] + weights[-1]


def make_data(examples: Sequence[Example], settings: Settings) -> Data:
    """The design of all examples, with targets and weights."""
    design = make_design([e.features for e in examples], settings)
    return Data(design, *targets_of(examples))


@dataclass(frozen=True, slots=True)
class Tuned:
    """What is chosen on scores of unseen problems, and the scores of segments that result."""

    mix: F32
    calibration: Calibration
    segments: list[F32]
    thresholds: dict[str, float]


def tune(examples: Sequence[Example], linear: F32, network: F32) -> Tuned:
    """Choose for each label the share of the rules, the calibration and the threshold."""
    parts = list(zip(split_rows(linear, examples), split_rows(network, examples), strict=True))
    found: list[tuple[Calibration, list[F32], dict[str, float]]] = []
    for share in MIXES:
        mix = np.full(len(LABELS), share, np.float32)
        raw = [mixed(p, e.rules, mix, n) for (p, n), e in zip(parts, examples, strict=True)]
        calibration = calibrate(examples, raw)
        segments = [
            segment_scores(e, calibrated(r, calibration))
            for e, r in zip(examples, raw, strict=True)
        ]
        found.append((calibration, segments, choose_thresholds(examples, segments)))
    chosen: list[int] = []
    for label in LABELS:
        groups = judged_groups(examples, label)
        quality = [
            mean_f1(examples, segments, groups, label, thresholds[label])
            for _, segments, thresholds in found
        ]
        # Half and half unless another share is clearly better: what is measured here is noisy.
        best = int(np.argmax(quality))
        usual = MIXES.index(0.5)
        chosen.append(best if quality[best] > quality[usual] + CLEARLY else usual)
    pick = [found[k] for k in chosen]
    columns = range(len(LABELS))
    return Tuned(
        np.array([MIXES[k] for k in chosen], np.float32),
        Calibration(
            np.array([pick[c][0].slope[c] for c in columns], np.float32),
            np.array([pick[c][0].offset[c] for c in columns], np.float32),
        ),
        [np.stack([pick[c][1][i][:, c] for c in columns], axis=1) for i in range(len(examples))],
        {label: pick[c][2][label] for c, label in enumerate(LABELS)},
    )


def calibrate(examples: Sequence[Example], raw: Sequence[F32]) -> Calibration:
    """Platt's scaling on scores of unseen problems; each group of sources weighs the same."""
    slope = np.ones(len(LABELS), np.float32)
    offset = np.zeros(len(LABELS), np.float32)
    for column, label in enumerate(LABELS):
        known = [i for i, e in enumerate(examples) if label in e.expresses and not e.loops]
        if not known:
            continue
        sizes: dict[str, int] = {}
        for i in known:
            group = group_of(examples[i].source)
            sizes[group] = sizes.get(group, 0) + int(examples[i].known.sum())
        x = np.concatenate([raw[i][examples[i].known, column] for i in known]).astype(np.float64)
        y = np.concatenate([examples[i].covered[examples[i].known, column] >= 0.5 for i in known])
        w = np.concatenate(
            [
                np.full(int(examples[i].known.sum()), 1 / sizes[group_of(examples[i].source)])
                for i in known
            ]
        )
        slope[column], offset[column] = _platt(x, y.astype(np.float64), w)
    return Calibration(slope, offset)


def _platt(
    x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]
) -> tuple[float, float]:
    """Weighted logistic regression of ``y`` on ``x`` by Newton's method, a little regularised."""
    design = np.stack([x, np.ones_like(x)], axis=1)
    w = w / w.sum()
    beta = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (w * (p - y)) + 1e-6 * (beta - [1.0, 0.0])
        hessian = (design.T * (w * p * (1 - p) + 1e-12)) @ design + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        beta -= np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    return max(0.05, float(beta[0])), float(beta[1])


def calibrated(raw: F32, calibration: Calibration) -> F32:
    """Scores in 0..1."""
    z = np.clip(raw * calibration.slope + calibration.offset, -30, 30)
    out: F32 = (1 / (1 + np.exp(-z))).astype(np.float32)
    return out


def segment_scores(example: Example, scores: F32) -> F32:
    """For each segment of the source (row) the highest threshold at which it counts as predicted.

    That is where the sentences that reach the threshold cover half of its characters; -1 where
    no threshold does. Scoring segments once serves every threshold.
    """
    out = np.full((len(example.segments), scores.shape[1]), -1, np.float32)
    bodies = example.bodies
    at = 0
    for row, segment in enumerate(example.segments):
        start, end = segment["start"], segment["end"]
        while at < len(bodies) and bodies[at][1] <= start:
            at += 1
        index = at
        pairs: list[tuple[int, int]] = []
        while index < len(bodies) and bodies[index][0] < end:
            pairs.append((index, min(end, bodies[index][1]) - max(start, bodies[index][0])))
            index += 1
        half = (end - start) / 2
        if end <= start or sum(overlap for _, overlap in pairs) < half:
            continue
        if len(pairs) == 1:
            out[row] = scores[pairs[0][0]]
            continue
        which = np.array([i for i, _ in pairs])
        size = np.array([overlap for _, overlap in pairs])
        order = np.argsort(-scores[which], axis=0, kind="stable")
        enough = np.cumsum(size[order], axis=0) >= half
        first = enough.argmax(axis=0)
        columns = np.arange(scores.shape[1])
        out[row] = scores[which[order[first, columns]], columns]
    return out


def counts(truth: NDArray[np.bool_], guess: NDArray[np.bool_], reach: int) -> NDArray[np.int64]:
    """Right predictions, predictions, found segments, segments; ``reach`` forgives a shift."""
    return np.array(
        [
            (guess & _widened(truth, reach)).sum(),
            guess.sum(),
            (truth & _widened(guess, reach)).sum(),
            truth.sum(),
        ]
    )


def _widened(flags: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    out = flags.copy()
    for step in range(1, reach + 1):
        out[step:] |= flags[:-step]
        out[:-step] |= flags[step:]
    return out


def figures(total: NDArray[np.int64]) -> tuple[float, float, float]:
    """Precision, recall and F1 of summed ``counts``; 0 where undefined."""
    right, predicted, found, there = (float(x) for x in total)
    p, r = right / max(predicted, 1), found / max(there, 1)
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def groups_of(examples: Sequence[Example], label: str) -> dict[str, list[int]]:
    """The examples that can express a label, by group of sources; loops are left out."""
    members: dict[str, list[int]] = {}
    for i, example in enumerate(examples):
        if label in example.expresses and not example.loops:
            members.setdefault(group_of(example.source), []).append(i)
    return members


JUDGED: Mapping[str, tuple[str, ...]] = {
    "backtracking": ("reasoningflow_v0_human", "reasoningflow_v1_gemini", "venhoff_gpt4o"),
    "verification_start": ("reasoningflow_v0_human", "reasoningflow_v1_gemini"),
    "verification": ("schoenfeld",),
}
"""Groups whose figures choose the threshold of a label, where they are there; else every group that
people labelled, else all."""


def judged_groups(examples: Sequence[Example], label: str) -> dict[str, list[int]]:
    """The groups whose figures count for a label; the passages of many models always do."""
    members = groups_of(examples, label)
    human = {g: m for g, m in members.items() if examples[m[0]].human}
    named = {g: m for g, m in members.items() if g in JUDGED.get(label, ())}
    many = {g: m for g, m in members.items() if g == SOURCE}
    return {**(named or human or members), **many}


def figures_at(
    examples: Sequence[Example],
    segments: Sequence[F32],
    indices: Sequence[int],
    label: str,
    threshold: float,
) -> tuple[float, float, float, float, int]:
    """Precision, recall, F1, near F1 and the number of labelled segments over some examples."""
    column = LABELS.index(label)
    exact, near = np.zeros(4, np.int64), np.zeros(4, np.int64)
    for i in indices:
        guess = segments[i][:, column] >= threshold
        truth = np.array([label in s["labels"] for s in examples[i].segments], bool)
        exact += counts(truth, guess, 0)
        near += counts(truth, guess, 2)
    return (*figures(exact), figures(near)[2], int(exact[3]))


def choose_thresholds(examples: Sequence[Example], segments: Sequence[F32]) -> dict[str, float]:
    """For each label the threshold with the best mean F1 over groups."""
    grid = np.round(np.geomspace(0.02, 0.9, 60), 3).tolist()
    chosen: dict[str, float] = {}
    for label in LABELS:
        groups = judged_groups(examples, label)
        near = NEAR_WEIGHT if label in JUDGED else 0.0
        quality = [mean_f1(examples, segments, groups, label, t, near) for t in grid]
        # Smoothed: where few segments carry the label, the best single point is chance.
        smooth = np.convolve(np.pad(quality, 2, mode="edge"), _SMOOTH, "valid")
        chosen[label] = grid[int(np.argmax(smooth))] if groups else 0.5
    return chosen


def mean_f1(
    examples: Sequence[Example],
    segments: Sequence[F32],
    groups: Mapping[str, Sequence[int]],
    label: str,
    threshold: float,
    near: float = NEAR_WEIGHT,
) -> float:
    """Mean over groups of exact F1, and of near F1 times ``near``."""
    found = [figures_at(examples, segments, m, label, threshold) for m in groups.values()]
    return sum(f[2] + near * f[3] for f in found) / max(1, len(found))
