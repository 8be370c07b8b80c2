"""What the reading surface is sent: one trace as plain JSON, offsets in code points.

The browser turns offsets into UTF-16 (``web/offsets.js``); it gets the text itself, unchanged.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.answers.normalise import parse, same
from analysis.model import MetricSpec
from analysis.ui import palette
from analysis.ui.i18n import N_, known, shown_words, t
from analysis.ui.reader import facts, languages, people
from analysis.ui.reader.formulas import formulas
from analysis.ui.reader.probe_marks import probe_marks
from analysis.ui.reader.segments import flatten, sentence_starts
from analysis.ui.reader.timeline import timeline
from analysis.ui.reader.uncertainty import token_doubts
from analysis.views.reader import FindingRow, ReaderView, SentenceRow

MAX_EVIDENCE_CHARS = 400
"""A longer value of a finding's evidence is cut, with an ellipsis, in the card beside the text."""


def payload(
    view: ReaderView,
    *,
    definitions: Mapping[str, str],
    specs: Mapping[str, MetricSpec],
    layers: Sequence[str] | None = None,
    at: int | None = None,
    compact: bool = False,
    scale: int | None = None,
    least: Mapping[str, float] | None = None,
    measured: Mapping[str, str] | None = None,
    session: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The trace as the component wants it.

    ``definitions`` says in a sentence what each label means, ``specs`` what each metric is.
    ``layers`` are the labels that the link asks for (None: it does not say), ``at`` the sentence to
    open at. ``compact`` is the form for columns: no panel beside the text, and the address bar is
    left alone. ``scale`` is the length, in code points, that the whole width of the strip stands
    for (None: this trace). ``least`` is the score below which findings of a label are hidden;
    ``measured`` says in words how right a label is; ``session`` is what ``people.session`` gives,
    None where nobody can annotate.
    """
    text: str = view.trace["reasoning"] or ""
    said = people.attached(view)
    shown = said.findings
    counts = Counter(finding.label for finding in shown)
    labels = palette.ordered(counts)
    number = {label: index for index, label in enumerate(labels)}
    starts = sentence_starts([s.start for s in view.sentences], text)
    combinations, segments = _segments(shown, number, starts, len(text))
    role = _roles(view)
    return {
        "id": view.trace["trace_id"],
        "text": text,
        "absence": facts.absence(view.trace),
        "starts": starts,
        "segmented": bool(view.sentences),
        "thoughts": _thought_starts(view.sentences, starts),
        "labels": [
            {**_label(name, counts[name], definitions), "measured": (measured or {}).get(name, "")}
            for name in labels
        ],
        "combinations": combinations,
        "segments": segments,
        "findings": [
            {**_finding(finding, number, role), **person}
            for finding, person in zip(shown, said.words, strict=True)
        ],
        "layers": None if layers is None else list(layers),
        "first": list(palette.FIRST_ON),
        "at": at if at is not None and 0 <= at < len(starts) else None,
        **timeline(view, len(text)),
        "probes": None if compact else probe_marks(view, len(text)),
        "tokens": None if compact else token_doubts(view.trace["metadata"], text),
        "compact": compact,
        "scale": max(scale or 0, len(text)),
        "side": None if compact else facts.side(view, specs),
        "math": [] if compact else formulas(text),
        "least": dict(least or {}),
        "people": None if session is None else {**said.trace, **session},
    }


def parse_layers(value: str | None) -> list[str] | None:
    """``layers=a,b`` of a link as labels; None when the link does not say."""
    if value is None:
        return None
    return [label for label in (part.strip() for part in value.split(",")) if label]


def parse_least(value: str | None) -> dict[str, float]:
    """``min=label:0.4,other:0.6`` of a link as least scores; what makes no sense is left out."""
    found: dict[str, float] = {}
    for part in (value or "").split(","):
        label, _, number = part.rpartition(":")
        if label and re.fullmatch(r"[01]?\.?\d{1,3}", number, re.ASCII):
            found[label] = min(1.0, float(number))
    return found


def parse_at(value: str | None) -> int | None:
    """``at=SENTENCE`` of a link as a sentence index (from 0); None when it is not a number."""
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 9:
        return None
    return int(value)


def _segments(
    findings: Sequence[FindingRow], number: Mapping[str, int], starts: Sequence[int], length: int
) -> tuple[list[list[int]], list[list[int]]]:
    """Which labels stand together anywhere, and the segments as (start, end, which combination)."""
    combinations: dict[tuple[int, ...], int] = {}
    segments = []
    spans = ((f.start, f.end, number[f.label]) for f in findings)
    for segment in flatten(spans, starts, length):
        index = combinations.setdefault(segment.labels, len(combinations))
        segments.append([segment.start, segment.end, index])
    return [list(labels) for labels in combinations], segments


def _thought_starts(sentences: Sequence[SentenceRow], starts: Sequence[int]) -> list[int]:
    """Which pieces of the text begin a thought, ascending."""
    firsts: dict[int, int] = {}
    for sentence in sentences:
        firsts.setdefault(sentence.thought, sentence.start)
    return sorted({bisect_right(starts, start) - 1 for start in firsts.values()} - {-1})


def _label(name: str, count: int, definitions: Mapping[str, str]) -> dict[str, Any]:
    look = palette.style(name)
    return {
        "name": name,
        "title": palette.title(name),
        "definition": definitions.get(name, ""),
        "light": look.light,
        "dark": look.dark,
        "line": look.line,
        "count": count,
    }


def _roles(view: ReaderView) -> dict[str, str]:
    """Of each candidate answer's value: 'right', else 'final', where it is one of these."""
    gold, final = view.trace["gold_answer"], view.metrics.get("final_answer")
    roles: dict[str, str] = {}
    for finding in view.findings:
        value = finding.value
        if finding.label != "candidate_answer" or value is None or value in roles:
            continue
        if gold and same(parse(value), parse(gold)):
            roles[value] = "right"
        elif isinstance(final, str) and same(parse(value), parse(final)):
            roles[value] = "final"
    return roles


_ROLES = {"right": N_("equals the gold answer"), "final": N_("equals the final answer")}


def _finding(
    finding: FindingRow, number: Mapping[str, int], roles: Mapping[str, str]
) -> dict[str, Any]:
    role = roles.get(finding.value or "") if finding.label == "candidate_answer" else None
    found = languages.other_evidence(finding)
    evidence = [[known(key.replace("_", " ")), _short(v)] for key, v in found.items()]
    value = languages.stretch(finding) or finding.value
    return {
        "start": finding.start,
        "end": finding.end,
        "label": number[finding.label],
        "score": round(finding.score, 3),
        "value": None if value is None else _short(value),
        "language": finding.value if finding.label == languages.LABEL else None,
        "role": role,
        "source": f"{finding.analyzer} {finding.version}".strip(),
        "analyzer": finding.analyzer,
        "version": finding.version,
        "evidence": [["", t(_ROLES[role])], *evidence] if role else evidence,
    }


def _said(value: object) -> str:
    """A value of JSON as people write it."""
    if value is None:
        return facts.UNDEFINED
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        words = shown_words(one for one in value if isinstance(one, str))
        return ", ".join(
            _said(words.get(one, one) if isinstance(one, str) else one) for one in value
        )
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_said(one)}" for key, one in value.items())
    return str(value)


def _short(value: object) -> str:
    text = _said(value)
    return text if len(text) <= MAX_EVIDENCE_CHARS else text[: MAX_EVIDENCE_CHARS - 1] + "…"
