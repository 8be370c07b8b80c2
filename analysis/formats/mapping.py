"""A person's own reading of a record: which path holds which field.

A mapping is plain JSON (``docs/importing.md``): a path, a constant or nothing for each field, and a
rule for telling one text apart. What no field takes stays in the metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from analysis import limits
from analysis.formats.base import Found, UnreadRow, with_unread
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import CONVERT, as_text
from analysis.formats.mapping_spec import (
    EVERY,
    TEXT_FIELDS,
    Spec,
    Splitting,
    parse_spec,
    spec_json,
)
from analysis.formats.part import Part
from analysis.formats.record_path import (
    EACH,
    Each,
    Place,
    Step,
    locate,
    narrowed,
    opened,
    parse_path,
    path_text,
    without,
)
from analysis.formats.split import split_text
from analysis.formats.split_markers import split_markers
from analysis.formats.tags import split_heading
from analysis.model import ReasoningKind, Rejected, SplitMethod, Trace, Warning_

_NOTHING = ("", "none", "null", "nan", "n/a")
_SHOWN_KEYS = 12


class _UnfitError(Exception):
    """The record is not of the shape that the mapping describes."""

    def __init__(self, rejected: Rejected) -> None:
        super().__init__(rejected.reason)
        self.rejected = rejected


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from: a path into the record, or a constant."""

    path: str | None = None
    constant: str | int | float | bool | None = None


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """How records are read, by name. Plain data: it can be sent to another process."""

    name: str
    sources: tuple[tuple[str, Source], ...]
    """Field of ``Trace``, or 'response' for one text that holds reasoning and answer."""
    split: Splitting = field(default_factory=Splitting)
    rows: str | None = None
    """Path of the list whose items are rows, each read by itself; '*': every value of a record."""

    @classmethod
    def from_json(cls, spec: Any, *, name: str | None = None) -> FieldMapping:
        """Check a mapping. Raises ``UsageError`` that names the key and what to do.

        ``name`` wins over the name in the mapping; one of both must be there.
        """
        found = parse_spec(spec, name)
        made = tuple((key, Source(**source)) for key, source in found.sources.items())
        return cls(found.name, made, found.split, found.rows)

    def to_json(self) -> dict[str, Any]:
        """The mapping as JSON values, in a fixed order."""
        sources = {n: {"path": s.path, "constant": s.constant} for n, s in self.sources}
        return spec_json(Spec(self.name, sources, self.split, self.rows))

    @property
    def format_id(self) -> str:
        """What traces read by this mapping are marked with."""
        return f"mapping:{self.name}"

    def source(self, name: str) -> Source | None:
        """Where a field comes from; None for 'not stated'."""
        return dict(self.sources).get(name)

    def read(self, value: Any, hint: FileHint) -> list[Trace] | Rejected:
        """The traces of a record, one for each item under ``[*]``; or why it does not fit."""
        if not _is_record(value):
            return Rejected("not_an_object", "A record is a JSON object or list.")
        if self.rows is None:
            return self._read_row(value, hint)
        rows = rows_of(value, self.rows)
        if isinstance(rows, Rejected):
            return rows
        traces: list[Trace] = []
        unread: list[UnreadRow] = []
        for position, row in enumerate(rows):
            found = self._read_row(row, hint)
            if isinstance(found, Rejected):
                unread.append(UnreadRow(position, found, row))
            else:
                traces += found
        if not traces:
            return unread[0].rejected
        if unread:
            traces[0] = with_unread(traces[0], unread)
        return Found(traces, unread)

    def _read_row(self, value: Any, hint: FileHint) -> list[Trace] | Rejected:
        try:
            bases, count = self._bases(value)
            of_part = isinstance(value, Part) and (value.key,) in bases
            before = value.position if of_part else 0
            readings = [
                _Reading(self, _one(value, bases, i), hint, before + i) for i in range(count)
            ]
            if not any(r.texts.has_response for r in readings):
                raise _UnfitError(Rejected("mapping_no_text", self._no_text(value)))
            return [r.trace(many=bool(bases)) for r in readings]
        except _UnfitError as unfit:
            return unfit.rejected

    def _bases(self, value: Any) -> tuple[list[Place], int]:
        """The lists under ``[*]`` in this record, and how many items each of them has."""
        lengths: dict[Place, int] = {}
        starred = [s for _, s in self.sources if s.path and EACH in parse_path(s.path)]
        for source in starred:
            steps = parse_path(str(source.path))
            found = locate(value, steps[: steps.index(EACH)])
            if found is None or found[1] is None:
                continue
            items = opened(found[1])
            if not isinstance(items, list):
                where = path_text(found[0]) or "the record"
                reason = f"{source.path}: [*] needs a list, and {where} is {_kind(items)}."
                raise _UnfitError(Rejected("mapping_path", reason))
            lengths[found[0]] = len(items)
        if len(set(lengths.values())) > 1:
            shown = ", ".join(f"{path_text(place)} has {n}" for place, n in lengths.items())
            reason = f"Lists read side by side differ in length: {shown}."
            raise _UnfitError(Rejected("mapping_samples", reason))
        count = next(iter(lengths.values()), 0 if starred else 1)
        if count > limits.MAX_MAPPING_SAMPLES:
            reason = f"{count:,} samples in one record; {limits.MAX_MAPPING_SAMPLES:,} are read."
            raise _UnfitError(Rejected("mapping_samples", reason))
        return list(lengths), count

    def _no_text(self, value: Any) -> str:
        looked = [str(s.path) for n, s in self.sources if n in ("response", "reasoning", "answer")]
        keys = list(value) if isinstance(value, dict) else [f"[{len(value)} items]"]
        shown = ", ".join(str(key)[:40] for key in keys[:_SHOWN_KEYS])
        more = f" and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
        return (
            f"The mapping {self.name!r} finds no reasoning and no answer at {', '.join(looked)};"
            f" the record has: {shown or 'no keys'}{more}."
        )


class _Reading:
    """One sample of one record, as a mapping reads it."""

    def __init__(self, mapping: FieldMapping, value: Any, hint: FileHint, index: int) -> None:
        self.mapping, self.value, self.hint, self.index = mapping, value, hint, index
        self.texts = Texts()
        self.fields: dict[str, Any] = {}
        self.taken: list[Place] = []
        self.notes: list[Warning_] = []
        for name, source in mapping.sources:
            if name in TEXT_FIELDS:
                self._text(name, source)
            elif name == "reasoning_kind":
                self._kind(source)
            else:
                self._field(name, source)
        self._settle()

    def trace(self, *, many: bool) -> Trace:
        """The trace of this sample."""
        if many:
            self.fields.setdefault("sample_index", self.index)
        if not self.texts.has_response:
            self.texts.warn("no_response", "this sample of the record holds no text")
        self.texts.warnings += self.notes
        rest = without(self.value, self.taken)
        metadata = rest if isinstance(rest, dict) else {} if rest is None else {"record": rest}
        return make_trace(
            self.texts,
            self.fields,
            metadata,
            hint=self.hint,
            format_id=self.mapping.format_id,
            confidence=1.0,
        )

    def _found(self, source: Source) -> tuple[Place, Any] | None:
        steps = parse_path(str(source.path))
        here: tuple[Step, ...] = tuple(0 if isinstance(s, Each) else s for s in steps)
        found = locate(self.value, here)
        return None if found is None or found[1] is None else found

    def _text(self, name: str, source: Source) -> None:
        if source.path is None:
            text = as_text(source.constant)
        else:
            found = self._found(source)
            if found is None:
                return
            text = _as_text(name, source.path, found[1])
            if text is not None:
                self.taken.append(found[0])
        if text is None:
            return
        if name == "response":
            self._response(text)
        else:
            setattr(self.texts, name, text)

    def _response(self, text: str) -> None:
        split = self.mapping.split
        if split.rule == "none":
            self.texts.answer = text
        elif split.rule == "heading":
            self._heading(text)
        elif split.rule == "tags":
            self.texts.take_split(split_text(text), text)
        else:
            self.texts.take_split(split_markers(text, split.open, split.close), text)

    def _heading(self, text: str) -> None:
        split = split_heading(text)
        if split is not None:
            self.texts.take_split(split, text)
        else:
            self.texts.reasoning, self.texts.method = text, SplitMethod.UNMARKED
            self.texts.warn("unmarked", "the text has no heading: all of it is reasoning")

    def _field(self, name: str, source: Source) -> None:
        convert = CONVERT[name]
        if source.path is None:
            self.fields[name] = convert(source.constant)
            return
        found = self._found(source)
        if found is None:
            return
        value = convert(found[1])
        if value is not None:
            self.fields[name] = value
            self.taken.append(found[0])
        elif not _says_nothing(found[1]):
            detail = f"{name}: {_kind(found[1])} at {source.path} does not fit and is in metadata"
            self.notes.append(Warning_("mapping_value", detail))

    def _kind(self, source: Source) -> None:
        found = None if source.path is None else self._found(source)
        stated = source.constant if source.path is None else found[1] if found else None
        if stated is None:
            return
        try:
            self.texts.kind = ReasoningKind(str(stated).strip().lower())
        except ValueError:
            detail = f"reasoning_kind: the value at {source.path} is none of the known kinds"
            self.notes.append(Warning_("mapping_value", detail))
            return
        if found is not None:
            self.taken.append(found[0])

    def _settle(self) -> None:
        texts = self.texts
        if texts.reasoning and texts.kind is ReasoningKind.NONE:
            texts.kind = ReasoningKind.VISIBLE
        if texts.reasoning and texts.method is SplitMethod.NONE:
            texts.method = SplitMethod.FIELD


def _one(value: Any, bases: list[Place], index: int) -> Any:
    for base in bases:
        value = narrowed(value, base, index)
    return value


def rows_of(value: Any, path: str) -> list[Any] | Rejected:
    """The rows of a record that wraps several, each with the wrapper's plain values.

    What else the wrapper holds stays with the first row.
    """
    found = ((), value) if path == EVERY else locate(value, parse_path(path))
    inside = opened(found[1]) if found is not None else None
    rows = list(inside.values()) if isinstance(inside, dict) else inside
    if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) for r in rows):
        what = "nothing" if inside is None else _kind(inside)
        return Rejected("mapping_path", f"rows: {path} holds {what}, not a list of objects.")
    if path == EVERY or found is None:
        return rows
    around = without(value, [found[0]])
    around = around if isinstance(around, dict) else {}
    plain = {k: v for k, v in around.items() if not isinstance(v, dict | list)}
    first = value.first if isinstance(value, Part) else True
    return [{**(around if first and i == 0 else plain), **row} for i, row in enumerate(rows)]


def _as_text(name: str, path: str, value: Any) -> str | None:
    """A text; a list of texts is joined by blank lines."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return "\n\n".join(item for item in value if item.strip()) or None
    if isinstance(value, dict | list):
        inside = f"{path}[0]" if isinstance(value, list) else path
        key = next(iter(value), None) if isinstance(value, dict) else None
        example = f", such as {inside}.{str(key)[:40]}" if key is not None else ""
        reason = f"{name}: {path} holds {_kind(value)}, not a text; name a text in it{example}."
        raise _UnfitError(Rejected("mapping_path", reason))
    return as_text(value)


def _is_record(value: Any) -> bool:
    return isinstance(value, dict | list)


def _says_nothing(value: Any) -> bool:
    if isinstance(value, str):
        return value.strip().lower() in _NOTHING
    return value is None or value in ([], {})


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return "a text"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return f"a list of {len(value)}" if isinstance(value, list) else "an object"
