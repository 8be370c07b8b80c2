"""What an analyzer is.

An analyzer maps one ``Document`` to findings and metrics. It is pure and deterministic, does no
I/O, and may run in a worker process, so it must be importable and cheap to construct.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from analysis.model import Analysis, Document, MetricSpec


@runtime_checkable
class Analyzer(Protocol):
    """Implement this and register it (``docs/adding_an_analyzer.md``)."""

    @property
    def name(self) -> str:
        """Short and unique: it names the analyzer in the store, in exports and on the command line."""

    @property
    def version(self) -> str:
        """Change it whenever the output for any document can change; then a rerun recomputes."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Every label its findings may carry, with a definition in one sentence."""

    @property
    def metrics(self) -> tuple[MetricSpec, ...]:
        """Every metric it may return."""

    @property
    def requires(self) -> frozenset[str]:
        """What the document must have: any of 'sentences', 'thoughts', 'answer', 'gold_answer'.

        A document without a required field is skipped, and its metrics are undefined.
        """

    def config_hash(self) -> str:
        """A hash of what configures it (its lexicon, thresholds): a change makes a rerun recompute."""

    def analyze(self, document: Document) -> Analysis:
        """Findings and metrics of one document. Raise for a bug only: an exception is a failure row."""


@runtime_checkable
class ManyAnalyzer(Analyzer, Protocol):
    """An analyzer that is faster with many documents at once."""

    def analyze_many(self, documents: Sequence[Document]) -> Sequence[Analysis]:
        """What ``analyze`` gives for each of the documents, in order."""
