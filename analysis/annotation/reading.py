"""Labelled traces of another lab (the form of ``gold``) as entries for the log. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analysis.annotation.gold import PARTIAL
from analysis.annotation.words import Target
from analysis.errors import InputError

IMPORTED = "import"
"""The analyzer of spans that a record says do not have a label."""
_HUMAN = "human:"


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of a record, before it is known which trace it is on. Code points."""

    kind: str
    """add | reject | finish"""
    label: str
    start: int = 0
    end: int = 0

    def moved(self, by: int) -> Said:
        """The same, where the trace's text begins ``by`` characters later in the record's."""
        return replace(self, start=self.start - by, end=self.end - by)

    @property
    def target(self) -> Target | None:
        """Of a rejection: what is rejected."""
        if self.kind != "reject":
            return None
        return Target(IMPORTED, self.label, self.start, self.end)


def annotator_of(record: Mapping[str, Any]) -> str:
    """Who labelled: the record's annotator, where it names a person; else its source."""
    name = str(record.get("annotator") or "")
    if name.startswith(_HUMAN):
        return name.removeprefix(_HUMAN)
    source = str(record.get("source") or "")
    return f"{source} ({name})" if source and name else source or name or "import"


def statements(record: Mapping[str, Any], where: str) -> list[Said]:
    """What a record says, in order of the text. Exact ``spans`` count before segments.

    Raises ``InputError``, with ``where``, for a record that is not in this form.
    """
    text, expresses = record.get("reasoning"), record.get("expresses")
    if not isinstance(text, str) or not isinstance(expresses, list):
        raise InputError(f"{where}: a record needs reasoning and expresses.")
    labels = {label for label in expresses if isinstance(label, str) and label.strip()}
    flags = record.get("flags")
    partial = isinstance(flags, list) and PARTIAL in flags
    said: list[Said] = []
    spans = record.get("spans")
    exact = isinstance(spans, list)
    if isinstance(spans, list):
        for span in spans:
            start, end = _span(span, len(text), where)
            if span.get("label") in labels:
                said.append(Said("add", span["label"], start, end))
    segments = record.get("segments")
    if not isinstance(segments, list):
        raise InputError(f"{where}: segments is no list.")
    for segment in segments:
        start, end = _span(segment, len(text), where)
        found = segment.get("labels")
        if not isinstance(found, list):
            raise InputError(f"{where}: a segment has no list of labels.")
        has = labels.intersection(label for label in found if isinstance(label, str))
        if not exact:
            said += [Said("add", label, start, end) for label in sorted(has)]
        if partial:
            said += [Said("reject", label, start, end) for label in sorted(labels - has)]
    if not partial and labels:
        said.append(Said("finish", ",".join(sorted(labels))))
    return said


def _span(value: Any, length: int, where: str) -> tuple[int, int]:
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: a segment is no object.")
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start <= end <= length:
        raise InputError(f"{where}: the segment {start}-{end} is not inside the text.")
    return start, end


def offset_in(record_text: str, trace_text: str) -> int | None:
    """How far into a record's text the trace's begins; None where it is another text.

    An import may have taken a tag such as ``<think>`` off the front, and white space off the ends.
    """
    if record_text == trace_text:
        return 0
    if not trace_text or len(trace_text) < len(record_text) // 2:
        return None
    place = record_text.find(trace_text)
    return place if place >= 0 else None


def identity(parts: Iterable[object]) -> str:
    """A stable id, so that reading the same file twice adds nothing."""
    text = "\x00".join(map(str, parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
