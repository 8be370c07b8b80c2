"""A trace in the making: texts, fields and repairs, and the rules that hold for every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.formats.fields import (
    effort_in_name,
    effort_in_question,
    effort_in_system,
    normal_finish,
)
from analysis.formats.tags import Split
from analysis.formats.templates import asked_in
from analysis.formats.token_doubts import token_doubts
from analysis.model import FinishReason, ReasoningKind, SplitMethod, Trace, Warning_

_COPY_CHARS = 16
"""Shorter texts are kept in metadata even if the same stands in a field: they may mean more."""

_COPY_DEPTH = 6
_COPY_ITEMS = 32
"""Longer lists hold data (annotations, token ids), not copies of a text."""


@dataclass(frozen=True, slots=True)
class FileHint:
    """What is known of the file around a record."""

    name: str = ""
    dataset: str | None = None
    """The data set that the person named; it wins over what a row says."""
    prior: dict[str, int] = field(default_factory=dict)
    """Traces read from this file so far, by format id; ``read_record`` keeps it."""


@dataclass(slots=True)
class Texts:
    """The texts of one response."""

    question: str | None = None
    system_prompt: str | None = None
    reasoning: str | None = None
    answer: str | None = None
    kind: ReasoningKind = ReasoningKind.NONE
    method: SplitMethod = SplitMethod.NONE
    raw: str | None = None
    truncated: bool = False
    effort: str | None = None
    """The effort that the marks in the text or at the end of the prompt tell."""
    warnings: list[Warning_] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def has_response(self) -> bool:
        """True if the model's own text is known, or known to be withheld."""
        return bool(self.reasoning or self.answer or self.kind is not ReasoningKind.NONE)

    def warn(self, code: str, detail: str) -> None:
        """Note a repair once."""
        if all(w.code != code for w in self.warnings):
            self.warnings.append(Warning_(code, detail))

    def take_split(self, split: Split, raw: str) -> None:
        """Reasoning and answer from a text that was told apart."""
        self.reasoning = split.reasoning
        self.truncated = split.truncated
        self.method = split.method
        self.effort = split.effort or self.effort
        for warning in split.warnings:
            self.warn(warning.code, warning.detail)
        whole = raw.strip()
        if split.answer == whole:
            self.answer = raw
        else:
            self.answer, self.raw = split.answer, raw
        if split.reasoning == whole:
            self.raw = None
        if self.reasoning:
            self.kind = ReasoningKind.VISIBLE


def make_trace(
    texts: Texts,
    fields: Mapping[str, Any],
    metadata: Mapping[str, Any],
    *,
    hint: FileHint,
    format_id: str,
    confidence: float,
) -> Trace:
    """The trace; fills in what follows from the rest (kind, truncation, effort, data set)."""
    values = dict(fields)
    values.pop("question", None)
    _plain_question(texts)
    if hint.dataset is not None:
        values["dataset"] = hint.dataset
    finish = normal_finish(values.get("finish_reason"))
    truncated = texts.truncated or (finish is FinishReason.LENGTH and not texts.answer)
    kind = texts.kind
    if not texts.reasoning and kind is ReasoningKind.NONE and values.get("reasoning_tokens"):
        kind = ReasoningKind.HIDDEN
    if values.get("correct") is not None:
        values.setdefault("correct_source", "stated")
    if any(values.get(n) is not None for n in ("reasoning_tokens", "completion_tokens")):
        values.setdefault("token_source", "api")
    _effort(values, texts)
    for code, detail in token_doubts(values, metadata, texts.reasoning):
        texts.warn(code, detail)
    return Trace(
        question=texts.question,
        system_prompt=texts.system_prompt,
        reasoning=texts.reasoning or None,
        answer=None if truncated else texts.answer or None,
        reasoning_kind=kind,
        split_method=texts.method if texts.has_response else SplitMethod.NONE,
        raw_response=texts.raw,
        finish_reason_norm=finish,
        truncated=truncated,
        metadata=_without_copies({**metadata, **texts.metadata}, texts),
        format_id=format_id,
        format_confidence=round(confidence, 3),
        warnings=tuple(texts.warnings),
        **values,
    )


def _without_copies(metadata: dict[str, Any], texts: Texts) -> dict[str, Any]:
    """Metadata without what only repeats a text of the trace, also inside small objects."""
    own = (texts.question, texts.reasoning, texts.answer, texts.raw, texts.system_prompt)
    texts_of: dict[int, list[str]] = {}
    for text in own:
        if text and len(text) >= _COPY_CHARS:
            plain = text.strip()
            texts_of.setdefault(len(plain), []).append(plain)

    def is_copy(value: Any) -> bool:
        if not isinstance(value, str) or len(value) < _COPY_CHARS:
            return False
        plain = value.strip()  # told apart by length first: hashing long texts costs more
        return plain in texts_of.get(len(plain), ())

    def clean(value: Any, depth: int) -> Any:
        if depth == 0:
            return value
        if isinstance(value, dict):
            return {k: clean(v, depth - 1) for k, v in value.items() if not is_copy(v)}
        if isinstance(value, list) and len(value) <= _COPY_ITEMS:
            return [clean(v, depth - 1) for v in value if not is_copy(v)]
        return value

    cleaned: dict[str, Any] = clean(metadata, _COPY_DEPTH)
    return cleaned


def _plain_question(texts: Texts) -> None:
    """The user's words in place of a prompt that a chat template rendered; that one is kept."""
    asked = asked_in(texts.question) if texts.question else None
    if asked is None:
        return
    texts.metadata.setdefault("rendered_prompt", texts.question)
    texts.question = asked[0]
    texts.system_prompt = texts.system_prompt or asked[1]
    texts.warn("rendered_template", "the turns were read from a text that a chat template wrote")


def _effort(values: dict[str, Any], texts: Texts) -> None:
    """The effort from the surest place that tells it."""
    if values.get("effort") is not None:
        values.setdefault("effort_source", "field")
    elif texts.effort is not None:
        values.update(effort=texts.effort, effort_source="tag")
    elif (effort := effort_in_system(texts.system_prompt)) is not None:
        values.update(effort=effort, effort_source="system_prompt")
    elif (effort := effort_in_question(texts.question)) is not None:
        values.update(effort=effort, effort_source="question")
    elif (effort := effort_in_name(values.get("model"))) is not None:
        values.update(effort=effort, effort_source="model_name")
