"""The words of CoTScope as frozen dataclasses, those of which there are very many as named tuples
(made in a third of the time, and passed between processes in less). Imports nothing of ours.

Offsets are Unicode code points into ``Trace.reasoning`` (Python string indices), end exclusive,
so ``reasoning[f.start:f.end]`` is the text of a finding, sentence or thought.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class ReasoningKind(StrEnum):
    """What the reasoning text is; only ``VISIBLE`` enters length statistics silently."""

    VISIBLE = "visible"
    SUMMARY = "summary"
    ENCRYPTED = "encrypted"
    REDACTED = "redacted"
    HIDDEN = "hidden"
    NONE = "none"


class SplitMethod(StrEnum):
    """How reasoning and answer were told apart."""

    FIELD = "field"
    TAG = "tag"
    CHANNEL = "channel"
    PROSE_MARKER = "prose_marker"
    HEADING = "heading"
    UNMARKED = "unmarked"
    NONE = "none"


class FinishReason(StrEnum):
    """Normalised reason why generation ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOL = "tool"
    FILTER = "filter"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trace:
    """One sampled response of a model to a question, and all that its record says of it.

    Where it stands in its file (``locator``) is known to the reader, not to the format module, so
    it is not here: see ``formats.Record``. ``None`` means "not stated", never 0.
    """

    question: str | None = None
    reasoning: str | None = None
    answer: str | None = None
    system_prompt: str | None = None
    reasoning_kind: ReasoningKind = ReasoningKind.NONE
    split_method: SplitMethod = SplitMethod.NONE
    raw_response: str | None = None
    """The text before it was split, verbatim; None where nothing had to be split."""
    external_id: str | None = None
    question_id: str | None = None
    dataset: str | None = None
    sample_index: int = 0
    extracted_answer: str | None = None
    gold_answer: str | None = None
    correct: bool | None = None
    correct_source: str | None = None
    score: float | None = None
    model: str | None = None
    provider: str | None = None
    model_inferred: bool = False
    effort: str | None = None
    effort_source: str | None = None
    thinking_budget_tokens: int | None = None
    checkpoint: str | None = None
    target_language: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    """Reasoning included."""
    reasoning_tokens: int | None = None
    token_source: str | None = None
    """'api' where the record states counts; 'tokenizer:NAME' or 'estimate' otherwise."""
    finish_reason: str | None = None
    finish_reason_norm: FinishReason = FinishReason.UNKNOWN
    truncated: bool = False
    error: str | None = None
    created_at: datetime | None = None
    latency_s: float | None = None
    cost: float | None = None
    probes: str | None = None
    """Recorded forced-answer probes, as JSON text."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """Every key of the record that has no field above, under its own name."""
    format_id: str = ""
    format_confidence: float = 0.0
    warnings: tuple[Warning_, ...] = ()


@dataclass(frozen=True, slots=True)
class Warning_:  # noqa: N801 - `Warning` is a builtin
    """A repair or doubt that the reader wants to be known: nothing was lost."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not become a trace; it goes to quarantine."""

    code: str
    reason: str


class Sentence(NamedTuple):
    """The unit of text: ``reasoning[start:end]``. The sentences of a text tile it."""

    index: int  # type: ignore[assignment]  # it hides tuple.index, which nothing asks a sentence for
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Thought:
    """A run of sentences that follow one approach, ended by a switch.

    ``first_sentence``/``last_sentence`` are inclusive sentence indices.
    """

    index: int
    first_sentence: int
    last_sentence: int
    start: int
    end: int


class Finding(NamedTuple):
    """A labelled span of the reasoning.

    ``score`` is in 0..1; ``value`` is what was found (a candidate answer, a language code);
    ``evidence`` says why, in a few JSON-able keys (the cue, the kind, the rule).
    """

    label: str
    start: int
    end: int
    score: float = 1.0
    value: str | None = None
    evidence: Mapping[str, Any] = {}
    """Nobody writes into it: the empty one is the same for all."""


class Metric(NamedTuple):
    """A named number (or short text) of one trace. ``None`` is "undefined", never 0."""

    name: str
    value: float | int | bool | str | None


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a metric is: shown beside the number, in exports and in ``docs/metrics.md``."""

    name: str
    title: str
    unit: str
    range: str
    definition: str
    source: str
    kind: str = "number"
    """number | integer | boolean | text"""


@dataclass(frozen=True, slots=True)
class Probe:
    """A recorded probe: the answer that the model gave when its thinking was cut off here."""

    position: float
    """Share of the thinking that was kept, 0..1."""
    pred: str | None = None
    correct: bool | None = None
    tokens: int | None = None
    """Thinking tokens that were kept."""
    p_pred: float | None = None
    p_correct: float | None = None
    choice_mass: float | None = None
    char: int | None = None
    """Code points of the thinking that were kept, where the record says it: the exact place."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A solution round that the record itself tells apart (a list ``solutions``)."""

    text: str
    answer: str | None = None
    correct: bool | None = None
    cluster: int | str | None = None
    """Solutions of one cluster say the same; None where the record does not say."""


@dataclass(frozen=True, slots=True)
class Document:
    """What an analyzer sees of one trace: text, its sentences and thoughts, and what is stated."""

    trace_id: str
    reasoning: str
    answer: str | None = None
    question: str | None = None
    gold_answer: str | None = None
    correct: bool | None = None
    model: str | None = None
    effort: str | None = None
    target_language: str | None = None
    truncated: bool = False
    reasoning_kind: ReasoningKind = ReasoningKind.VISIBLE
    reasoning_tokens: int | None = None
    sentences: tuple[Sentence, ...] = ()
    thoughts: tuple[Thought, ...] = ()
    completion_tokens: int | None = None
    """Reasoning included."""
    finish_reason: FinishReason = FinishReason.UNKNOWN
    probes: tuple[Probe, ...] = ()
    """In order of their position."""
    probes_unread: int | None = None
    """Recorded probes that could not be read; None where the record has none at all."""
    solutions: tuple[Solution, ...] = ()
    warnings: tuple[str, ...] = ()
    """Codes of the repairs and doubts of the reader (``Warning_.code``)."""

    def text(self, span: Sentence | Thought | Finding) -> str:
        """The exact text of a span."""
        return self.reasoning[span.start : span.end]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analyzer returns for one document."""

    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
