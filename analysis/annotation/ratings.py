"""What annotators say of each sentence, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.annotation.effective import State, effective, labels_of
from analysis.annotation.sentences import Span, covered
from analysis.annotation.words import NO, LabelSpan

Rating = bool | None
"""Of a label and a sentence: has it, has it not, was not looked at."""

CONSENSUS = "consensus"
"""In place of an annotator's name: the majority of them, and adjudications over it."""


def ratings(annotator: str, state: State, sentences: Sequence[Span]) -> dict[str, list[Rating]]:
    """Of each label that this annotator dealt with, the rating of every sentence.

    A sentence has the label where confirmed, moved or added spans cover half of it. It has it not
    where rejected spans do, and anywhere else once the trace is finished for that label.
    """
    yes, no = labels_of(annotator, state)
    done = state.finished.get(annotator, set())
    labels = {span.label for span in (*yes, *no)} | set(done)
    return {
        label: [
            True if has else (False if hasnt or label in done else None)
            for has, hasnt in zip(
                _covered(sentences, yes, label), _covered(sentences, no, label), strict=True
            )
        ]
        for label in sorted(labels)
    }


def consensus(state: State, sentences: Sequence[Span]) -> dict[str, list[Rating]]:
    """The majority of the annotators' ratings; a tie is None; adjudications decide."""
    votes: dict[str, list[int]] = {}
    seen: dict[str, list[bool]] = {}
    for annotator in state.annotators():
        for label, rated in ratings(annotator, state, sentences).items():
            total = votes.setdefault(label, [0] * len(sentences))
            any_of = seen.setdefault(label, [False] * len(sentences))
            for index, rating in enumerate(rated):
                if rating is not None:
                    total[index] += 1 if rating else -1
                    any_of[index] = True
    made: dict[str, list[Rating]] = {
        label: [None if not total else total > 0 for total in totals]
        for label, totals in votes.items()
    }
    settled: dict[str, list[LabelSpan]] = defaultdict(list)
    refused: dict[str, list[LabelSpan]] = defaultdict(list)
    for entry in state.adjudicated:
        label = entry.label or ""
        span = LabelSpan(label, entry.start or 0, entry.end or 0)
        (refused if entry.value == NO else settled)[label].append(span)
    for label in {*settled, *refused}:
        rated = made.setdefault(label, [None] * len(sentences))
        for index, hasnt in enumerate(_covered(sentences, refused[label], label)):
            rated[index] = False if hasnt else rated[index]
        for index, has in enumerate(_covered(sentences, settled[label], label)):
            rated[index] = True if has else rated[index]
    return made


def _covered(sentences: Sequence[Span], spans: Sequence[LabelSpan], label: str) -> list[bool]:
    return covered(sentences, [(s.start, s.end) for s in spans if s.label == label])


@dataclass(frozen=True, slots=True)
class Difference:
    """A span of which some say that it has the label, and others that it has not."""

    label: str
    start: int
    end: int
    yes: tuple[str, ...]
    no: tuple[str, ...]
    settled: str | None
    """'accept' or 'reject' once adjudicated."""
    settled_by: str | None


def differences(state: State) -> list[Difference]:
    """Where annotators differ, in order of the text. Borders alone are no difference.

    Who finished the trace for the label and did not confirm the span says no to it.
    """
    spans: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for annotator in state.finished:
        for span in labels_of(annotator, state)[0]:
            spans[annotator, span.label].append((span.start, span.end))
    found = []
    for finding in state.findings:
        group = state.decisions.get(finding.number, [])
        yes = {d.annotator for d in group if d.kind != "reject"}
        no = {d.annotator for d in group if d.kind == "reject"}
        if not group or (not yes and not no):
            continue
        if yes:
            for annotator, labels in state.finished.items():
                if annotator in yes or finding.label not in labels:
                    continue
                own = spans[annotator, finding.label]
                if not any(a < finding.end and finding.start < b for a, b in own):
                    no.add(annotator)
        if yes and no:
            found.append(_difference(state, finding.number, yes, no))
    return sorted(found, key=lambda d: (d.start, d.end, d.label))


def _difference(state: State, number: int, yes: set[str], no: set[str]) -> Difference:
    finding = state.findings[number]
    moved = [d for d in state.decisions[number] if d.kind in ("move", "add")]
    start, end = (moved[-1].start, moved[-1].end) if moved else (finding.start, finding.end)
    settled = [
        entry
        for entry in state.adjudicated
        if entry.label == finding.label and (entry.start, entry.end) == (start, end)
    ]
    last = settled[-1] if settled else None
    return Difference(
        finding.label, start, end, tuple(sorted(yes)), tuple(sorted(no)),
        last.value if last else None, last.annotator if last else None,
    )  # fmt: skip


def spans_of(annotator: str, state: State) -> list[LabelSpan]:
    """The labelled spans of one annotator, or of ``CONSENSUS`` (what nobody looked at left out)."""
    if annotator != CONSENSUS:
        return labels_of(annotator, state)[0]
    return [span for span in effective(state) if span.origin != "machine"]
