"""Labelled traces: a file or folder of JSONL, one trace a line.

A line has ``trace_id``, ``source``, ``reasoning``, ``expresses`` (the labels that this source can
express at all: only these are judged) and ``segments`` [{start, end, labels}]; it may have
``annotator``, ``model``, ``question``, ``problem_id`` and ``flags``. Offsets are Unicode code points
into ``reasoning``, end exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis import limits
from analysis.errors import InputError

DEGENERATE = "degenerate_loop"
"""A flag of traces that are left out: one that loops can hold half of all positives."""
_FORM = (
    "A line is one JSON object with trace_id, source, reasoning, expresses and segments"
    " [{start, end, labels}]; docs/evaluation.md has an example."
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the reasoning that was labelled; no label is an answer too."""

    start: int
    end: int
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class GoldTrace:
    """One trace as one annotator labelled it."""

    trace_id: str
    source: str
    reasoning: str
    expresses: tuple[str, ...]
    segments: tuple[Segment, ...]
    annotator: str | None = None
    model: str | None = None
    question: str | None = None
    flags: tuple[str, ...] = ()

    @property
    def degenerate(self) -> bool:
        """Whether it is left out of all figures."""
        return DEGENERATE in self.flags

    @property
    def text_hash(self) -> str:
        """The same for traces with the same reasoning, whoever labelled them."""
        return hashlib.sha256(self.reasoning.encode("utf-8", "surrogatepass")).hexdigest()


def gold_files(path: Path) -> tuple[Path, ...]:
    """The JSONL files that ``path`` (a file or a folder) stands for, by name.

    Raises ``InputError`` where there is none.
    """
    if path.is_file():
        return (path,)
    if not path.is_dir():
        raise InputError(
            f"There is no folder or file {path}.", remedy="Give a folder of labelled JSONL files."
        )
    files = tuple(sorted(path.glob("*.jsonl")))
    if not files:
        raise InputError(f"There is no .jsonl file in {path}.", remedy=_FORM)
    return files


def read_gold(path: Path) -> Iterator[GoldTrace]:
    """The labelled traces of a file or folder, one in memory at a time.

    Raises ``InputError`` that names file and line for what is not in this form, and for two
    different texts under one id: a figure over half of the labels would be worse than none.
    """
    texts: dict[str, bytes] = {}
    for file in gold_files(path):
        for number, line in _lines(file):
            trace = _trace(line, f"{file.name}, line {number:,}")
            digest = hashlib.blake2b(
                trace.reasoning.encode("utf-8", "surrogatepass"), digest_size=12
            ).digest()
            if texts.setdefault(trace.trace_id, digest) != digest:
                raise _bad(
                    f"{file.name}, line {number:,}",
                    f"trace_id {trace.trace_id[:80]!r} stands for another text further up",
                    "Give each text an id of its own.",
                )
            yield trace


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if len(line) > limits.MAX_LINE_BYTES:
                    raise _bad(f"{file.name}, line {number:,}", "the line is too long")
                if number == 1:
                    line = line.removeprefix(b"\xef\xbb\xbf")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise InputError(
            f"{file} cannot be read: {error.strerror}.", remedy="Check the path and its rights."
        ) from error


def _trace(line: bytes, where: str) -> GoldTrace:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _bad(where, f"it is no JSON ({error})") from error
    if not isinstance(row, dict):
        raise _bad(where, "it is no JSON object")
    reasoning = _text(row, "reasoning", where)
    expresses = row.get("expresses")
    if not isinstance(expresses, list) or not all(isinstance(x, str) for x in expresses):
        raise _bad(
            where,
            "expresses is no list of labels",
            "Name every label that the annotator could have given: only these are judged.",
        )
    segments = row.get("segments")
    if not isinstance(segments, list):
        raise _bad(where, "segments is no list")
    flags = row.get("flags") or []
    if not isinstance(flags, list):
        raise _bad(where, "flags is no list")
    return GoldTrace(
        trace_id=_text(row, "trace_id", where),
        source=_text(row, "source", where),
        reasoning=reasoning,
        expresses=tuple(dict.fromkeys(expresses)),
        segments=tuple(
            _segment(one, len(reasoning), f"{where}, segment {place}")
            for place, one in enumerate(segments)
        ),
        annotator=_optional(row, "annotator", where),
        model=_optional(row, "model", where),
        question=_optional(row, "question", where),
        flags=tuple(str(flag) for flag in flags),
    )


def _segment(one: object, length: int, where: str) -> Segment:
    if not isinstance(one, Mapping):
        raise _bad(where, "it is no JSON object")
    start, end, labels = one.get("start"), one.get("end"), one.get("labels")
    if not (
        isinstance(start, int)
        and isinstance(end, int)
        and not isinstance(start, bool)
        and not isinstance(end, bool)
        and 0 <= start <= end <= length
    ):
        raise _bad(
            where,
            f"its span {start!r} to {end!r} does not lie in a reasoning of {length:,} characters",
            "Offsets are Unicode code points into reasoning (no bytes, no UTF-16), end exclusive.",
        )
    if not isinstance(labels, list) or not all(isinstance(x, str) for x in labels):
        raise _bad(where, "labels is no list of texts", "Write [] where there is none.")
    return Segment(start, end, frozenset(labels))


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or (not value and name != "reasoning"):
        raise _bad(where, f"{name} is {'missing' if value is None else 'no text'}")
    return value


def _optional(row: Mapping[str, Any], name: str, where: str) -> str | None:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise _bad(where, f"{name} is no text")
    return value or None


def _bad(where: str, what: str, remedy: str = _FORM) -> InputError:
    return InputError(f"{where}: {what}.", remedy=remedy)
