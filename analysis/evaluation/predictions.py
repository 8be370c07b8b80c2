"""What was found in the labelled traces: by our analyzers, by a file of findings, by anything.

``Predictions`` maps a trace to spans by label. A file of findings is JSONL or CSV with ``label``,
``start``, ``end`` (Unicode code points, end exclusive) and ``trace_id`` or ``external_id``, which is
the id of the labelled trace. What ``cotscope export findings`` writes is such a file.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from analysis.analyzers.protocol import Analyzer
from analysis.analyzers.registry import all_analyzers
from analysis.analyzers.worker import Job, run_job
from analysis.errors import InputError
from analysis.evaluation.gold import GoldTrace
from analysis.evaluation.scoring import Span
from analysis.model import Finding

Spans = dict[str, list[Span]]
"""Spans by label."""


@dataclass(slots=True)
class Predictions:
    """What one detector found. Traces it does not know are in ``by_trace`` with nothing found."""

    name: str
    labels: frozenset[str]
    """The labels that it can give: only these are judged."""
    by_trace: dict[str, Spans] = field(default_factory=dict)
    seen: frozenset[str] | None = None
    """Ids of the labelled traces that it has looked at; None: all of them."""
    failed: dict[str, str] = field(default_factory=dict)
    """Labelled traces on which it failed -> why. They are left out and counted."""
    n_unmatched: int = 0
    """Findings of traces that are not among the labelled ones."""
    first_unmatched: str | None = None
    scores: dict[str, dict[tuple[str, int, int], float]] = field(default_factory=dict)
    """Score of a span, by trace, then by (label, start, end), where one is known."""

    def spans(self, trace_id: str, label: str) -> Sequence[Span]:
        """What it found in a trace; nothing is an answer."""
        return self.by_trace.get(trace_id, {}).get(label, ())

    def has(self, trace_id: str) -> bool:
        """Whether it has looked at a trace, and not failed."""
        return trace_id not in self.failed and (self.seen is None or trace_id in self.seen)

    def add(self, trace_id: str, findings: Iterable[Finding]) -> None:
        """Take note of findings in a trace."""
        spans = self.by_trace.setdefault(trace_id, {})
        scores = self.scores.setdefault(trace_id, {})
        for found in findings:
            if found.label in self.labels:
                spans.setdefault(found.label, []).append((found.start, found.end))
                scores[found.label, found.start, found.end] = found.score


def detectors(labels: Collection[str], *, only: Collection[str] | None = None) -> list[Analyzer]:
    """The registered analyzers that give any of these labels; ``only`` narrows them by name."""
    return [
        analyzer
        for analyzer in all_analyzers()
        if (only is None or analyzer.name in only) and not set(labels).isdisjoint(analyzer.labels)
    ]


def analyse(trace: GoldTrace, analyzers: Sequence[Analyzer], into: Predictions) -> None:
    """Run analyzers on the text of a labelled trace, exactly as the product does."""
    job = Job(
        trace_id=trace.trace_id,
        analyzers=tuple(analyzer.name for analyzer in analyzers),
        reasoning=trace.reasoning,
        answer=None,
        question=trace.question,
        gold_answer=None,
        correct=None,
        model=trace.model,
        effort=None,
        target_language=None,
        truncated=False,
        reasoning_kind="visible",
        reasoning_tokens=None,
    )
    for outcome in run_job(job).outcomes:
        if outcome.status == "failed":
            into.failed[trace.trace_id] = f"{outcome.analyzer}: {outcome.error}"
        into.add(trace.trace_id, outcome.findings)


def read_findings(path: Path, known: Collection[str]) -> Predictions:
    """The findings of a JSONL or CSV file, lined up with the labelled traces ``known`` by id.

    A row counts for ``external_id`` where that is a labelled trace, else for ``trace_id``. A trace
    without rows has no findings: the file cannot say that a detector never saw it. Raises
    ``InputError`` that names file and line, and where no row is of a labelled trace.
    """
    wanted = frozenset(known)
    grouped: defaultdict[str, list[Finding]] = defaultdict(list)
    labels: set[str] = set()
    unmatched, first = 0, None
    for number, row in _rows(path):
        where = f"{path.name}, line {number:,}"
        found = _finding(row, where)
        ids = [row.get("external_id"), row.get("trace_id")]
        at = next((str(i) for i in ids if i is not None and str(i) in wanted), None)
        labels.add(found.label)
        if at is None:
            unmatched += 1
            first = first or next((str(i) for i in ids if i), where)
        else:
            grouped[at].append(found)
    if unmatched and not grouped:
        raise InputError(
            f"No finding of {path.name} is of a labelled trace; the first is of {first!r}.",
            remedy="Its trace_id or external_id has to be the trace_id of the labelled data.",
        )
    result = Predictions(path.name, frozenset(labels), n_unmatched=unmatched, first_unmatched=first)
    for trace_id, findings in grouped.items():
        result.add(trace_id, findings)
    return result


def file_hash(path: Path) -> str:
    """sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    suffix = path.suffix.lower()
    if suffix not in (".jsonl", ".csv"):
        raise InputError(
            f"{path.name} is neither .jsonl nor .csv.",
            remedy="Write findings as JSON lines or CSV: label, start, end, trace_id.",
        )
    try:
        if suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as lines:
                reader = csv.DictReader(lines)
                for row in reader:
                    yield reader.line_num, row
            return
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _object(line, f"{path.name}, line {number:,}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        what = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"{path} cannot be read: {what}.", remedy="It has to be a UTF-8 file of findings."
        ) from error


def _object(line: bytes, where: str) -> Mapping[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{where}: it is no JSON ({error}).", remedy="One JSON object a line."
        ) from error
    if not isinstance(row, Mapping):
        raise InputError(f"{where}: it is no JSON object.", remedy="One JSON object a line.")
    return row


def _finding(row: Mapping[str, Any], where: str) -> Finding:
    label = row.get("label")
    start, end = _number(row.get("start")), _number(row.get("end"))
    if not isinstance(label, str) or not label or start is None or end is None or start < 0:
        raise InputError(
            f"{where}: a finding needs label, start and end, not {label!r}, {row.get('start')!r},"
            f" {row.get('end')!r}.",
            remedy="Offsets are Unicode code points into the reasoning, end exclusive.",
        )
    try:
        score = float(row["score"]) if row.get("score") not in (None, "") else 1.0
    except (TypeError, ValueError):
        raise InputError(
            f"{where}: the score {row['score']!r} is no number.", remedy="A score is 0 to 1."
        ) from None
    return Finding(label, start, end, score)


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
