"""Reasoning behaviours: backtracking, checks, uncertainty, plans and the other labels.

Scores come from the fitted model (in the mean with the rules) for English reasoning, and from the
rules alone (cues in context) for other languages, or for everything where
``COTSCOPE_BEHAVIOURS=rules`` is set. A finding is what reaches
its label's threshold; its score is calibrated: of findings with score .7 about seven in ten carry
the label in the labelled data.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analysis.analyzers.base import digest, per_thousand, share
from analysis.analyzers.tokens import count_tokens
from analysis.behaviours.labels import DEFINITIONS, LABELS, SPANNING
from analysis.errors import UsageError
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec

VARIABLE = "COTSCOPE_BEHAVIOURS"
FITTED, RULES = "fitted", "rules"
_TITLES = {
    "backtracking": ("Backtracks", "Sentences that leave an approach for an earlier or another one.", "2506.18167, 2503.01307"),
    "verification": ("Checks", "Sentences that open a check.", "2606.05402 plan:verify"),
    "uncertainty": ("Doubts", "Sentences that say that the reasoning is unsure or confused.", "2506.18167"),
    "planning": ("Plans", "Sentences that say what to do next.", "2506.19143, 2509.14662"),
    "subgoal": ("Subgoals", "Sentences that break the problem into parts.", "2503.01307"),
    "alternative": ("Alternatives", "Sentences that explore a possibility not known to work.", "2509.14662 Explore"),
    "restatement": ("Restatements", "Passages that repeat the problem.", "2509.14662 Read, 2506.19143"),
    "deduction": ("Deductions", "Passages that derive, compute or recall.", "2506.18167, 2509.14662"),
    "final": ("Final answers", "Sentences that state the final answer.", "2506.19143"),
}  # fmt: skip
_PASSAGES = ("restatement", "deduction")
_NAMES = {label: (f"n_{label}", f"{label}_per_1k") for label in _TITLES}


def chosen_method() -> str:
    """'fitted' or 'rules', as the environment says; ``UsageError`` for anything else."""
    value = os.environ.get(VARIABLE, "").strip().lower() or FITTED
    if value not in (FITTED, RULES):
        raise UsageError(f"{VARIABLE} is {value!r}.", remedy=f"Set it to {FITTED!r} or {RULES!r}.")
    return value


@dataclass(frozen=True, slots=True)
class Behaviours:
    """The analyzer; the environment variable and the shipped model configure it."""

    name: str = "behaviours"
    version: str = "2"
    method: str = field(default_factory=chosen_method)

    @property
    def labels(self) -> Mapping[str, str]:
        """All behaviours."""
        return DEFINITIONS

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """A count and a rate of each behaviour, and the share of checking."""
        specs: list[MetricSpec] = []
        for label, (title, definition, source) in _TITLES.items():
            unit = (
                "checks"
                if label == "verification"
                else "passages"
                if label in _PASSAGES
                else "sentences"
            )
            specs += [
                MetricSpec(f"n_{label}", title, unit, ">= 0", definition, f"label: {source}", "integer"),
                MetricSpec(
                    f"{label}_per_1k", f"{title} per 1,000 tokens", "1/1,000 tokens", ">= 0",
                    f"1,000 x n_{label} / thinking_tokens.", "ours",
                ),
            ]  # fmt: skip
        specs.append(
            MetricSpec(
                "verification_share", "Share of checking", "share of characters", "0-1",
                "Characters inside verification findings / all characters.", "label: 2509.14662 Verify",
            )
        )  # fmt: skip
        return tuple(specs)

    @property
    def requires(self) -> frozenset[str]:
        """Sentences."""
        return frozenset({"sentences"})

    def config_hash(self) -> str:
        """Over the method, the weights and the rules."""
        return digest(self.method, _weights_hash() if self.method == FITTED else "", _rules_hash())

    def analyze(self, document: Document) -> Analysis:
        """A finding for each sentence or passage of a behaviour."""
        return self.analyze_many([document])[0]

    def analyze_many(self, documents: Sequence[Document]) -> list[Analysis]:
        """``analyze`` of each document; for short ones faster than one by one."""
        from analysis.behaviours.detect import detect
        from analysis.behaviours.model import fitted

        found = detect(documents, fitted() if self.method == FITTED else None)
        return [_analysis(d, some) for d, some in zip(documents, found, strict=True)]


def _analysis(document: Document, found: tuple[Finding, ...]) -> Analysis:
    """The findings with the metrics that count them."""
    tokens, _ = count_tokens(document.reasoning, document.reasoning_tokens)
    counts = dict.fromkeys(LABELS, 0)
    checking = 0
    for finding in found:
        label = finding.label
        if label in SPANNING:
            counts[label] += 1
            if label == "verification":
                checking += finding.end - finding.start
        else:
            counts[label] += finding.evidence.get("sentences") or 1
    metrics: list[Metric] = []
    for label, (count_name, rate_name) in _NAMES.items():
        count = counts["verification_start" if label == "verification" else label]
        metrics += [Metric(count_name, count), Metric(rate_name, per_thousand(count, tokens))]
    metrics.append(Metric("verification_share", share(checking, len(document.reasoning))))
    return Analysis(found, tuple(metrics))


def _weights_hash() -> str:
    """The sha256 of the shipped weights, read from the JSON beside them (no numpy needed)."""
    from analysis.behaviours.shipped import shipped_meta

    return str(shipped_meta()["weights_sha256"])


def _rules_hash() -> str:
    """What the rules depend on."""
    from analysis.behaviours.rules import rules_hash

    return rules_hash()
