"""What a file would give, without storing any of it: records, readings, doubts, bad lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis import limits
from analysis.errors import InputError
from analysis.formats import provenance
from analysis.formats.containers import Record, open_records
from analysis.formats.doubts import doubts, role_swaps
from analysis.formats.draft import FileHint
from analysis.formats.fields import as_json
from analysis.formats.file_facts import FileFacts, file_facts
from analysis.formats.mapping import FieldMapping
from analysis.formats.record_path import leaves, path_text
from analysis.formats.registry import FORMATS, read_record
from analysis.model import Rejected, Trace, Warning_

_ALWAYS = ("question", "reasoning", "answer")
_LEFT_SHOWN = 40


@dataclass(frozen=True, slots=True)
class FieldReading:
    """How one field of a trace was read."""

    field: str
    value: str | None
    """The beginning of the value as text; None: not stated."""
    chars: int | None = None
    """Length of a text, in characters."""
    path: str | None = None
    """Where in the record it came from, as ``record_path.parse_path`` reads it; None: nowhere."""
    how: str = "not stated"
    """'as it stands', 'mapped', 'derived', 'worked out', 'constant' or 'not stated'."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One trace of a record, as one format reads it."""

    format_id: str
    title: str
    confidence: float
    part: int
    fields: tuple[FieldReading, ...]
    warnings: tuple[Warning_, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    """(path, beginning) of what no field took; it goes into the metadata."""
    n_left: int = 0

    def field(self, name: str) -> FieldReading | None:
        """The reading of one field, if it is told."""
        return next((f for f in self.fields if f.field == name), None)


@dataclass(frozen=True, slots=True)
class RecordPreview:
    """One record: what stands there and what it gives, or why it gives nothing."""

    index: int
    line_no: int | None
    member: str | None
    byte_start: int
    byte_end: int
    text: str
    """The beginning of the record as text."""
    n_traces: int = 0
    traces: tuple[Reading, ...] = ()
    """The first ``limits.PREVIEW_TRACES`` of them."""
    rejected: Rejected | None = None
    doubts: tuple[str, ...] = ()
    """Why the reading may be wrong, in sentences; empty: sure."""
    others: tuple[Reading, ...] = ()
    """Other readings of the first trace, where there is a doubt."""
    warnings: tuple[Warning_, ...] = ()
    """Repairs of the record itself."""
    value: Any = None
    """The record; None where it could not be read."""

    @property
    def where(self) -> str:
        """'line 3' or 'record 3', counted from 1, with the member of an archive."""
        place = f"line {self.line_no}" if self.line_no is not None else f"record {self.index + 1}"
        return f"{place} of {self.member}" if self.member else place


@dataclass(frozen=True, slots=True)
class Preview:
    """The first records of a file."""

    name: str
    bytes: int
    facts: FileFacts
    records: tuple[RecordPreview, ...]
    n_blank: int
    complete: bool
    """Whether the file ends here; else more records follow."""
    error: str | None = None
    """Why the file is refused as a whole."""

    @property
    def n_traces(self) -> int:
        """Traces that the shown records give."""
        return sum(r.n_traces for r in self.records)

    @property
    def n_rejected(self) -> int:
        """Shown records that would go to quarantine."""
        return sum(r.rejected is not None for r in self.records)

    @property
    def n_unsure(self) -> int:
        """Shown records whose reading is in doubt."""
        return sum(bool(r.doubts) for r in self.records)


def preview(
    path: Path,
    n: int = limits.PREVIEW_RECORDS,
    *,
    mapping: FieldMapping | None = None,
    name: str | None = None,
    format_id: str | None = None,
) -> Preview:
    """Read the first ``n`` records of a file as an import would, and store nothing.

    ``name`` is the label to show in place of the path's own name. Raises ``OSError`` when the file
    cannot be opened; no content raises anything.
    """
    label = (name or path.name)[: limits.MAX_UPLOAD_NAME]
    reader = _Reader(FileHint(name=label), mapping, format_id)
    shown: list[RecordPreview] = []
    blank, complete, error = 0, True, None
    try:
        for record in _first(path, n):
            if record is None:
                complete = False
            elif record.blank:
                blank += 1
            else:
                shown.append(reader.record(record))
    except InputError as refused:
        error = str(refused)
    first = shown[0] if shown else None
    lines = first is not None and first.line_no is not None
    facts = file_facts(path, by_lines=lines, member=first.member if first else None)
    size = path.stat().st_size
    return Preview(label, size, facts, tuple(shown), blank, complete, error)


def _first(path: Path, n: int) -> Iterator[Record | None]:
    """The first records; None at the end if there are more."""
    given = size = 0
    for record in open_records(path):
        if not record.blank and (given >= n or size >= limits.PREVIEW_BYTES):
            yield None
            return
        given += not record.blank
        size += record.byte_end - record.byte_start
        yield record


@dataclass(slots=True)
class _Reader:
    """Reads records one by one; what was read before is the hint for the next, as in an import."""

    hint: FileHint
    mapping: FieldMapping | None
    format_id: str | None

    def record(self, record: Record) -> RecordPreview:
        """One record with all that is told of it."""
        text = record.raw.decode("utf-8", "replace") if record.raw else ""
        if not text and record.value is not None:
            text = as_json(record.value)
        shown = RecordPreview(
            record.index,
            record.line_no,
            record.member,
            record.byte_start,
            record.byte_end,
            text[: limits.PREVIEW_RECORD_CHARS],
            warnings=record.warnings,
            value=record.value,
        )
        if record.rejected is not None:
            return replace(shown, rejected=record.rejected)
        before = dict(self.hint.prior)
        found = self._read(record.value)
        if isinstance(found, Rejected):
            return replace(shown, rejected=found)
        shown = replace(shown, n_traces=len(found))
        readings = self._readings(record.value, found, len(text), before)
        if self.mapping is not None:
            return replace(shown, traces=readings)
        others = self._others(record.value, found, len(text))
        swapped = role_swaps(found[0], readings[0])
        reasons = doubts(found[0], [title_of(o.format_id) for o in others])
        return replace(shown, traces=readings, doubts=reasons, others=(*others, *swapped))

    def _read(self, value: Any) -> list[Trace] | Rejected:
        if self.mapping is not None:
            return self.mapping.read(value, self.hint)
        return read_record(value, hint=self.hint, format_id=self.format_id)

    def _readings(
        self, value: Any, traces: list[Trace], size: int, prior: dict[str, int]
    ) -> tuple[Reading, ...]:
        first = traces[: limits.PREVIEW_TRACES]
        if self.mapping is not None:
            return tuple(_mapped(self.mapping, t, i) for i, t in enumerate(first))
        known = {f.id for f in FORMATS}
        wanted = traces[0].format_id if traces[0].format_id in known else None

        def again(changed: Any) -> list[Trace] | Rejected:
            return read_record(
                changed, hint=FileHint(self.hint.name, None, dict(prior)), format_id=wanted
            )

        tracer = provenance.Tracer(value, again, size=size, count=len(traces))
        return tuple(_traced(tracer, t, i) for i, t in enumerate(first))

    def _others(self, value: Any, traces: list[Trace], size: int) -> tuple[Reading, ...]:
        """Readings of the first trace by other formats that fit nearly as well."""
        first = traces[0]
        if self.format_id is not None:
            return ()
        found = []
        for other in FORMATS:
            score = other.recognise(value)
            if other.id == first.format_id or score < max(
                first.format_confidence - limits.PREVIEW_MARGIN, limits.PREVIEW_MARGIN
            ):
                continue
            hint = FileHint(self.hint.name)
            read = read_record(value, hint=hint, format_id=other.id)
            if isinstance(read, list) and read and _texts(read[0]) != _texts(first):

                def again(
                    changed: Any, name: str = other.id, hint: FileHint = hint
                ) -> list[Trace] | Rejected:
                    return read_record(changed, hint=hint, format_id=name)

                tracer = provenance.Tracer(value, again, size=size, count=len(read))
                found.append(_traced(tracer, read[0], 0))
        return tuple(found)


def _texts(trace: Trace) -> tuple[str | None, ...]:
    return (trace.question, trace.reasoning, trace.answer, trace.gold_answer)


def title_of(format_id: str) -> str:
    """What a format is called."""
    return next((f.title for f in FORMATS if f.id == format_id), format_id)


def _traced(tracer: provenance.Tracer, trace: Trace, part: int) -> Reading:
    fields = []
    for name in _shown(trace, part):
        origin = tracer.origin(name, trace, part)
        if origin is None:
            if name in _ALWAYS:
                fields.append(FieldReading(name, None))
            continue
        fields.append(_reading(name, trace, origin.path, origin.how, origin.note))
    return _with_rest(trace, part, title_of(trace.format_id), fields)


def _mapped(mapping: FieldMapping, trace: Trace, part: int) -> Reading:
    """The mapping itself says where each field came from."""
    fields = []
    for name in _shown(trace, part):
        if getattr(trace, name) is None:
            if name in _ALWAYS:
                fields.append(FieldReading(name, None))
            continue
        source, how = mapping.source(name), "mapped"
        if source is None and name in ("reasoning", "answer"):
            source, how = mapping.source("response"), "derived"
        if source is None:
            fields.append(_reading(name, trace, None, "worked out", ""))
        else:
            how = "constant" if source.path is None else how
            path = None if source.path is None else source.path.replace("[*]", f"[{part}]")
            fields.append(_reading(name, trace, path, how, ""))
    return _with_rest(trace, part, f"The mapping {mapping.name!r}", fields)


def _shown(trace: Trace, part: int) -> Iterator[str]:
    """Fields worth telling: what is false or 0 unless stated says nothing."""
    alone = trace.sample_index == 0 and part == 0
    quiet = {"sample_index": alone, "model_inferred": not trace.model_inferred}
    return (name for name in provenance.SHOWN if not quiet.get(name, False))


def _reading(name: str, trace: Trace, path: str | None, how: str, note: str) -> FieldReading:
    value = getattr(trace, name)
    text = value if isinstance(value, str) else as_json(value) if _plain(value) else str(value)
    chars = len(value) if isinstance(value, str) and name in provenance.TEXTS else None
    return FieldReading(name, text[: limits.PREVIEW_TEXT_CHARS], chars, path, how, note)


def _plain(value: object) -> bool:
    return isinstance(value, bool | int | float)


def _with_rest(trace: Trace, part: int, title: str, fields: list[FieldReading]) -> Reading:
    rest = list(leaves(dict(trace.metadata)))
    left = tuple(
        (path_text(place), as_json(value)[: limits.PREVIEW_TEXT_CHARS])
        for place, value in rest[:_LEFT_SHOWN]
    )
    return Reading(
        trace.format_id,
        title,
        trace.format_confidence,
        part,
        tuple(fields),
        trace.warnings,
        left,
        len(rest),
    )
