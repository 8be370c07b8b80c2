"""Findings of many documents: block by block, by the fitted model or by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours import rules
from analysis.behaviours.block import Block, block_of_documents, in_blocks
from analysis.behaviours.evidence import explain
from analysis.behaviours.features import Features, featurize_block
from analysis.behaviours.labels import LABELS
from analysis.behaviours.model import F32, Model
from analysis.behaviours.rules import Judged
from analysis.behaviours.spans import Runs, find_runs, findings_of, limited
from analysis.model import Document, Finding

_CHECKS = LABELS.index("verification")


def detect(documents: Sequence[Document], model: Model | None) -> list[tuple[Finding, ...]]:
    """The findings of each document, in order of their start.

    Without a model, and for texts that are not English, they are those of the rules.
    """
    found: list[tuple[Finding, ...]] = []
    for some in in_blocks(documents):
        found += _of_block(block_of_documents(some), model)
    return found


def _of_block(block: Block, model: Model | None) -> list[tuple[Finding, ...]]:
    if not block.count:
        return [()] * len(block.size)
    judged = Judged(block)
    features = None if model is None else featurize_block(block, model.bits)
    ruled = np.ones(len(block.size), np.bool_) if features is None else ~features.english
    scores, thresholds = _scores(model, features, judged, ruled.take(block.trace))
    for text in np.flatnonzero(ruled).tolist():
        # A whole check also holds sentences that only work, where a verdict comes after them.
        for first, last in judged.check_spans(text):
            checks = scores[first : last + 1, _CHECKS]
            np.maximum(checks, rules.MIN_SCORE, out=checks)
    runs = limited(find_runs(scores, thresholds, block.trace), scores, thresholds, block)
    by_rule = ruled.take(block.trace.take(runs.first))
    why: dict[int, dict[str, Any]] = {}
    if model is not None and features is not None:
        mine = np.flatnonzero(~by_rule)
        found = explain(model, features, judged, runs.where(mine))
        why.update(zip(mine.tolist(), found, strict=True))
    mine = np.flatnonzero(by_rule)
    why.update(zip(mine.tolist(), _explain_by_rules(judged, runs.where(mine)), strict=True))
    return findings_of(block, scores, runs, why)


def _scores(
    model: Model | None, features: Features | None, judged: Judged, by_rule: NDArray[np.bool_]
) -> tuple[F32, F32]:
    """The scores of all sentences and what they must reach: one column a label."""
    ruled = np.stack([np.asarray(judged.scores[name], np.float32) for name in LABELS], axis=1)
    limit = np.full(ruled.shape, rules.MIN_SCORE, np.float32)
    if model is None or features is None or by_rule.all():
        return ruled, limit
    first = judged.block.first.tolist()
    scores = model.scores(features, judged.odds, judged.fact_rows, first)
    if not by_rule.any():
        limit[:] = model.thresholds
        return scores, limit
    flags = by_rule[:, None]
    return np.where(flags, ruled, scores), np.where(flags, limit, model.thresholds)


def _explain_by_rules(judged: Judged, runs: Runs) -> list[dict[str, Any]]:
    """For each run what the rules say of its strongest sentence, and how many sentences it has."""
    found: list[dict[str, Any]] = [{}] * len(runs.label)
    size = (runs.last - runs.first + 1).tolist()
    for number in np.unique(runs.label).tolist():
        mine = np.flatnonzero(runs.label == number)
        whys = judged.why(LABELS[number], runs.best.take(mine))
        for at, why in zip(mine.tolist(), whys, strict=True):
            found[at] = {**why, "sentences": size[at]}
    return found
