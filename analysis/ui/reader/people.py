"""What people said of a trace, as the reading surface is sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.annotation.effective import PERSON, Decision, State, speaks_of, state_of
from analysis.annotation.words import TAGS, YES, Found, LabelSpan
from analysis.behaviours.labels import LABELS
from analysis.ui import palette
from analysis.ui.i18n import N_
from analysis.ui.reader.facts import shown_definitions
from analysis.views.reader import FindingRow, ReaderView


@dataclass(frozen=True, slots=True)
class Attached:
    """Findings in order of the text, those of people included, and what people say of each."""

    findings: list[FindingRow]
    words: list[dict[str, Any]]
    """Of each: ``status`` ('' | accepted | rejected | moved | added | differ), ``by``, ``was``."""
    trace: dict[str, Any]
    """Marks, comments and finished labels of the trace."""


def attached(view: ReaderView) -> Attached:
    """Attach the log of a view to its findings."""
    if not view.log:
        # The order is the store's; nothing to say of any.
        plain = [_no_words() for _ in view.findings]
        return Attached(list(view.findings), plain, _trace_words(State([], 0)))
    found = [
        Found(n, f.analyzer, f.label, f.start, f.end, f.score) for n, f in enumerate(view.findings)
    ]
    state = state_of(found, view.log)
    rows: list[tuple[FindingRow, dict[str, Any]]] = []
    for one in state.findings:
        row = (
            view.findings[one.number]
            if one.number < state.n_machine
            else FindingRow(PERSON, "", one.label, one.start, one.end, 1.0, None, {})
        )
        words = _words(one, state)
        if one.analyzer == PERSON and words["status"] == "rejected" and len(words["by"]) == 1:
            continue  # added and taken away again by the same person
        if words["was"]:
            start, end = words.pop("at")
            row = FindingRow(
                row.analyzer, row.version, row.label, start, end, row.score, row.value, row.evidence
            )
        words.pop("at", None)
        rows.append((row, words))
    rows.sort(key=lambda pair: (pair[0].start, pair[0].end, pair[0].label, pair[0].analyzer))
    return Attached([row for row, _ in rows], [words for _, words in rows], _trace_words(state))


def _no_words() -> dict[str, Any]:
    return {"status": "", "by": [], "was": None}


def _words(finding: Found, state: State) -> dict[str, Any]:
    group = state.decisions.get(finding.number, [])
    yes = [d for d in group if d.kind != "reject"]
    own = [d for d in yes if d.kind in ("move", "add")]
    place = (own[-1].start, own[-1].end) if own else (finding.start, finding.end)
    span = LabelSpan(finding.label, *place)
    settled = [e for e in state.adjudicated if e.label == finding.label and speaks_of(e, span)]
    by = [[d.annotator, _SAYS[d.kind]] for d in group]
    if settled:
        last = settled[-1]
        status = "accepted" if last.value == YES else "rejected"
        by.append(
            [last.annotator, N_("settled: right") if last.value == YES else N_("settled: wrong")]
        )
    else:
        status = _status(group, yes, own, finding)
    moved = place != (finding.start, finding.end)
    return {
        "status": status,
        "by": by,
        "was": [finding.start, finding.end] if moved else None,
        "at": place,
        **({"orphan": True} if finding.number in state.orphans else {}),
    }


_SAYS = {
    "accept": N_("right"),
    "reject": N_("wrong"),
    "move": N_("right, moved"),
    "add": N_("added"),
}
"""The script goes by these words, and shows them translated (``web/words.js``)."""
SAID = (*_SAYS.values(), "settled: right", "settled: wrong")


def _status(
    group: Sequence[Decision], yes: Sequence[Decision], own: Sequence[Decision], finding: Found
) -> str:
    if not group:
        return ""
    if len(yes) < len(group):
        return "differ" if yes else "rejected"
    if finding.analyzer == PERSON:
        return "added"
    return (
        "moved"
        if own and (own[-1].start, own[-1].end) != (finding.start, finding.end)
        else "accepted"
    )


def _trace_words(state: State) -> dict[str, Any]:
    return {
        "marks": [[entry.value or "", entry.annotator] for entry in state.marks],
        "comments": [
            {
                "text": entry.comment or "",
                "by": entry.annotator,
                "start": entry.start,
                "end": entry.end,
            }
            for entry in state.comments
        ],
        "finished": [[name, sorted(labels)] for name, labels in sorted(state.finished.items())],
        "gone": len(state.unmatched),
    }


def session(
    annotator: str, *, acks: Sequence[str], fault: str, focus: Sequence[Any] | None = None
) -> dict[str, Any]:
    """What this session adds: the name (may be ''), what was stored, a fault to show, a place.

    ``focus`` is (start, end, label) of the finding to begin at.
    """
    return {
        "me": annotator,
        "acks": list(acks),
        "fault": fault,
        "focus": list(focus) if focus else None,
        "choices": label_choices(),
        "tags": list(TAGS),
    }


def label_choices() -> list[Mapping[str, str]]:
    """Labels that a person can give, with their titles and definitions."""
    known = shown_definitions()
    # What a person gives most comes first; what other analyzers find follows.
    names = [*LABELS, *(name for name in known if name not in LABELS)]
    return [{"name": n, "title": palette.title(n), "definition": known.get(n, "")} for n in names]
