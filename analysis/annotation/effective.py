"""Findings with people's corrections applied: for one annotator, and for all of them.

Spans that people added stand beside the findings as findings of the analyzer ``PERSON``, so that
others can accept, reject and move them too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from analysis.annotation.attach import LEAST_OVERLAP, Matcher, overlap
from analysis.annotation.words import ON_FINDINGS, YES, Annotation, Found, LabelSpan, Target

PERSON = "person"
"""The analyzer of spans that nobody but people found."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What one annotator says last of one finding; the span is the finding's, or where it moved."""

    annotator: str
    kind: str
    """accept | reject | move | add"""
    start: int
    end: int
    annotation_id: str
    comment: str | None = None


@dataclass(slots=True)
class State:
    """All that people say of one trace, attached to its findings of today."""

    findings: list[Found]
    """Those of the analyzers, then those that only people have; numbered in this order."""
    n_machine: int
    decisions: dict[int, list[Decision]] = field(default_factory=dict)
    """By the number of the finding, one entry an annotator, oldest first."""
    unmatched: list[Annotation] = field(default_factory=list)
    """Rejections of findings that are gone: they change nothing now."""
    orphans: set[int] = field(default_factory=set)
    """Numbers of findings that were confirmed once and that no analyzer has any more."""
    adjudicated: list[Annotation] = field(default_factory=list)
    comments: list[Annotation] = field(default_factory=list)
    marks: list[Annotation] = field(default_factory=list)
    finished: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Annotator -> labels for which the whole trace was gone through."""

    def annotators(self) -> list[str]:
        """Everyone who decided anything here, or finished it, by name."""
        found = {d.annotator for group in self.decisions.values() for d in group}
        return sorted(found | {a.annotator for a in self.unmatched} | set(self.finished))


def state_of(findings: Sequence[Found], log: Iterable[Annotation]) -> State:
    """Attach a trace's log to its findings. Later entries of an annotator replace earlier ones.

    ``findings`` are numbered 0, 1, ... in their order. Cost: a sort of each.
    """
    state = State([replace(f, number=n) for n, f in enumerate(findings)], len(findings))
    log = sorted((a for a in log if a.counts), key=lambda a: (a.sequence, a.annotation_id))
    machine = Matcher(state.findings)
    latest: dict[tuple[int, str], Annotation] = {}
    _attach_added([a for a in log if a.kind == "add"], machine, state, latest)
    people = Matcher(state.findings[state.n_machine :])
    lost = _attach_decisions(log, machine, people, latest)
    _keep_lost(lost, state, latest)
    for (number, annotator), entry in sorted(latest.items(), key=lambda item: item[1].sequence):
        found = state.findings[number]
        own_span = entry.kind in ("move", "add") and entry.start is not None
        start, end = _where(entry) if own_span else (found.start, found.end)
        decision = Decision(annotator, entry.kind, start, end, entry.annotation_id, entry.comment)
        state.decisions.setdefault(number, []).append(decision)
    _rest(log, state)
    return state


def _attach_added(
    added: Sequence[Annotation],
    machine: Matcher,
    state: State,
    latest: dict[tuple[int, str], Annotation],
) -> None:
    """Spans that people added: on the finding that is there now, else on one another, else new."""
    open_spans: dict[str, list[Found]] = defaultdict(list)
    whole = [a for a in added if a.label and a.start is not None and a.end is not None]
    for entry in sorted(whole, key=lambda a: (_where(a), a.sequence)):
        start, end = _where(entry)
        label = entry.label or ""
        found = machine.match(Target(PERSON, label, start, end))
        if found is None:
            near = [f for f in open_spans[label] if f.end > start]
            close = [f for f in near if overlap(f.start, f.end, start, end) >= LEAST_OVERLAP]
            if close:
                found = close[0]
            else:
                found = Found(len(state.findings), PERSON, label, start, end)
                state.findings.append(found)
                near.append(found)
            open_spans[label] = near
        key = found.number, entry.annotator
        if key not in latest or latest[key].sequence < entry.sequence:
            latest[key] = entry


def _attach_decisions(
    log: Sequence[Annotation],
    machine: Matcher,
    people: Matcher,
    latest: dict[tuple[int, str], Annotation],
) -> list[Annotation]:
    """Decisions on findings; those whose finding is gone are returned, last one a finding."""
    lost: dict[tuple[str, Target], Annotation] = {}
    for entry in log:
        if entry.kind not in ON_FINDINGS or entry.target is None:
            continue
        target = entry.target
        first, second = (people, machine) if target.analyzer == PERSON else (machine, people)
        found = first.match(target) or second.match(target)
        if found is None:
            plain = Target("", target.label, target.start, target.end)
            lost[entry.annotator, plain] = entry
            continue
        key = found.number, entry.annotator
        if key not in latest or latest[key].sequence < entry.sequence:
            latest[key] = entry
    return list(lost.values())


def _keep_lost(
    lost: Sequence[Annotation], state: State, latest: dict[tuple[int, str], Annotation]
) -> None:
    numbers: dict[tuple[str, int, int], int] = {}
    for entry in lost:
        target = entry.target
        if entry.kind == "reject" or target is None:
            state.unmatched.append(entry)
            continue
        key = target.label, target.start, target.end
        if key not in numbers:
            numbers[key] = len(state.findings)
            state.orphans.add(numbers[key])
            state.findings.append(Found(numbers[key], PERSON, *key))
        latest[numbers[key], entry.annotator] = entry


def _rest(log: Sequence[Annotation], state: State) -> None:
    marks: dict[tuple[str, str], Annotation] = {}
    settled: dict[tuple[str, int, int], Annotation] = {}
    for entry in log:
        if entry.kind == "comment":
            state.comments.append(entry)
        elif entry.kind == "mark":
            marks[entry.annotator, entry.value or ""] = entry
        elif entry.kind == "finish":
            state.finished[entry.annotator].update(filter(None, (entry.value or "").split(",")))
        elif entry.kind == "adjudicate" and entry.label and entry.start is not None:
            settled[entry.label, *_where(entry)] = entry
    state.marks = list(marks.values())
    state.adjudicated = list(settled.values())


def labels_of(annotator: str, state: State) -> tuple[list[LabelSpan], list[LabelSpan]]:
    """Spans that one annotator says have a label, and spans of which they say that they do not."""
    yes: list[LabelSpan] = []
    no: list[LabelSpan] = []
    for number, group in state.decisions.items():
        for one in (d for d in group if d.annotator == annotator):
            span = LabelSpan(
                state.findings[number].label, one.start, one.end, _ORIGIN[one.kind], (annotator,)
            )
            (no if one.kind == "reject" else yes).append(span)
    for entry in state.unmatched:
        if entry.annotator == annotator and entry.target:
            target = entry.target
            no.append(LabelSpan(target.label, target.start, target.end, "rejected", (annotator,)))
    return sorted(yes, key=_place), sorted(no, key=_place)


_ORIGIN = {"accept": "accepted", "move": "moved", "add": "added", "reject": "rejected"}


def effective(state: State) -> list[LabelSpan]:
    """The labels of a trace with everyone's corrections applied.

    A finding stays unless more people reject than confirm it, where the last who moved it put it.
    An adjudication decides over all of that.
    """
    made: dict[tuple[str, int, int], LabelSpan] = {}
    for found in state.findings:
        group = state.decisions.get(found.number, [])
        yes = [d for d in group if d.kind != "reject"]
        if len(yes) < len(group) - len(yes):
            continue
        own = [d for d in yes if d.kind in ("move", "add")]
        start, end = (own[-1].start, own[-1].end) if own else (found.start, found.end)
        origin = _ORIGIN[own[-1].kind] if own else "accepted" if yes else "machine"
        by = tuple(sorted(d.annotator for d in yes))
        before = made.get((found.label, start, end))
        if before is not None:
            by = tuple(sorted({*before.by, *by}))
            origin = before.origin if origin == "machine" else origin
        made[found.label, start, end] = LabelSpan(found.label, start, end, origin, by)
    return _adjudicate(list(made.values()), state.adjudicated)


def _adjudicate(spans: list[LabelSpan], decided: Sequence[Annotation]) -> list[LabelSpan]:
    by_label: dict[str, list[Annotation]] = defaultdict(list)
    for entry in decided:
        by_label[entry.label or ""].append(entry)
    kept = [span for span in spans if not any(speaks_of(e, span) for e in by_label[span.label])]
    kept += [
        LabelSpan(e.label or "", *_where(e), "adjudicated", (e.annotator,))
        for e in decided
        if e.value == YES
    ]
    return sorted(kept, key=_place)


def speaks_of(entry: Annotation, span: LabelSpan) -> bool:
    """Whether an adjudication decides over a span of its label: half in common, or around it."""
    start, end = _where(entry)
    if overlap(span.start, span.end, start, end) >= LEAST_OVERLAP:
        return True
    return start <= span.start < span.end <= end


def _where(entry: Annotation) -> tuple[int, int]:
    return entry.start or 0, entry.end or 0


def _place(span: LabelSpan) -> tuple[int, int, str]:
    return span.start, span.end, span.label
