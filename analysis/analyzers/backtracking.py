"""Backtracking: sentences that leave the approach they were on and go back or turn to another.

Cues in context, no model: English ones from ``lexicons/backtracking.toml``, those of other
languages from ``lexicons/switches.toml``, which thoughts are cut by as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.analyzers.base import digest, per_thousand
from analysis.analyzers.cue_scan import cues_of, lexicon_hash, sentence_finding, strongest
from analysis.analyzers.tokens import count_tokens
from analysis.model import Analysis, Document, Metric, MetricSpec

LABEL = "backtracking"
MIN_WEIGHT = 0.5
"""A sentence backtracks when its heaviest cue weighs at least this much."""


@dataclass(frozen=True, slots=True)
class Backtracking:
    """The analyzer; what configures it are the two lexicons and ``MIN_WEIGHT``."""

    name: str = "backtracking"
    version: str = "1"

    @property
    def labels(self) -> Mapping[str, str]:
        """The one label."""
        return {
            LABEL: "The sentence that leaves the approach the reasoning was on, and goes back or turns to another; "
            "hesitation ('Wait') alone is not that."
        }

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Count and rate."""
        return (
            MetricSpec(
                "n_backtracking", "Backtracks", "sentences", ">= 0",
                "Sentences that leave an approach for an earlier or another one.", "label: 2506.18167, 2503.01307", "integer",
            ),
            MetricSpec(
                "backtracking_per_1k", "Backtracks per 1,000 tokens", "1/1,000 tokens", ">= 0",
                "1,000 x n_backtracking / thinking_tokens.", "ours",
            ),
        )  # fmt: skip

    @property
    def requires(self) -> frozenset[str]:
        """Sentences."""
        return frozenset({"sentences"})

    def config_hash(self) -> str:
        """Over the lexicons and the threshold."""
        return digest(lexicon_hash(), MIN_WEIGHT)

    def analyze(self, document: Document) -> Analysis:
        """One finding a sentence that backtracks."""
        best = strongest(document.sentences, cues_of(document).get(LABEL, ()))
        findings = tuple(
            sentence_finding(document, LABEL, document.sentences[index], match)
            for index, match in best.items()
            if match.weight >= MIN_WEIGHT
        )
        tokens, _ = count_tokens(document.reasoning, document.reasoning_tokens)
        return Analysis(
            findings,
            (
                Metric("n_backtracking", len(findings)),
                Metric("backtracking_per_1k", per_thousand(len(findings), tokens)),
            ),
        )
