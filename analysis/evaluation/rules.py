"""Rules alone: what the lexicons find without a fitted model, as a baseline that anyone can read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from analysis.analyzers.behaviours import RULES, Behaviours
from analysis.analyzers.documents import make_document
from analysis.analyzers.protocol import Analyzer
from analysis.evaluation.gold import read_gold
from analysis.evaluation.predictions import Predictions
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress


def rule_analyzers() -> Sequence[Analyzer]:
    """The detectors that are rules and lexicons only."""
    return (Behaviours(method=RULES),)


def rule_predictions(
    gold: Path, *, progress: ProgressCallback = ignore_progress, cancel: CancelToken | None = None
) -> Predictions:
    """What the rules find in the labelled texts."""
    cancel = cancel or CancelToken()
    analyzers = rule_analyzers()
    labels = frozenset(label for analyzer in analyzers for label in analyzer.labels)
    found = Predictions("rules", labels)
    for done, trace in enumerate(read_gold(gold)):
        cancel.raise_if_cancelled()
        document = make_document(
            trace.trace_id, trace.reasoning, question=trace.question, model=trace.model
        )
        for analyzer in analyzers:
            found.add(trace.trace_id, analyzer.analyze(document).findings)
        if done % 8 == 0:
            progress(Progress("Rules", done, None, "traces"))
    return found
