"""What the browser says that a person did, checked and written. Everything in it is untrusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.annotation.words import Target
from analysis.errors import CotscopeError, UsageError
from analysis.store import Store
from analysis.store import annotations as log
from analysis.ui.i18n import known

MAX_EVENTS = 100
MAX_TARGETS = 5_000
_SIMPLE = ("accept", "reject", "move", "add", "comment", "mark")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of events: the ids that are done with, the name that was last given, a fault."""

    acks: tuple[str, ...]
    annotator: str
    fault: str


def handle(store: Store, events: object) -> Outcome:
    """Write the events of a browser, in order. A fault ends only the event that it is in.

    An event that was already written (its id is known) changes nothing.
    """
    acks: list[str] = []
    annotator, fault = "", ""
    listed = events if isinstance(events, list) else []
    for event in listed[:MAX_EVENTS]:
        if not isinstance(event, Mapping) or not isinstance(event.get("id"), str):
            continue
        try:
            annotator = log.tidy_name(_text(event, "by")) or annotator
            _one(store, event)
        except CotscopeError as error:
            fault = f"{known(error.message)} {known(error.remedy)}".strip()
        acks.append(event["id"][: log.MAX_ID])
    return Outcome(tuple(acks), annotator, fault)


def _one(store: Store, event: Mapping[str, Any]) -> None:
    kind = _text(event, "kind")
    trace_id, name = _text(event, "trace"), _text(event, "by")
    identity = event["id"][: log.MAX_ID]
    if kind == "undo":
        if log.undo(store, trace_id, name, undo_id=identity) == 0:
            raise UsageError("There is nothing of yours to undo on this trace.")
    elif kind == "finish":
        labels = [x for x in _list(event, "labels") if isinstance(x, str)]
        targets = [_target(t) for t in _list(event, "targets")[:MAX_TARGETS]]
        log.finish(store, trace_id, name, labels, accepted=targets, annotation_id=identity)
    elif kind in _SIMPLE:
        start, end = _number(event.get("start")), _number(event.get("end"))
        target = event.get("target")
        entry = log.Entry(
            trace_id,
            name,
            kind,
            label=_text(event, "label") or None,
            start=start,
            end=end,
            value=_text(event, "text") if kind == "mark" else None,
            comment=_text(event, "text") if kind == "comment" else None,
            target=_target(target) if target is not None else None,
            annotation_id=identity,
        )
        log.write(store, [entry])
    else:
        raise UsageError("This cannot be done to a trace.")


def _target(value: object) -> Target:
    if not isinstance(value, Mapping):
        raise UsageError("A finding is missing.")
    start, end = _number(value.get("start")), _number(value.get("end"))
    if start is None or end is None:
        raise UsageError("A finding has no span.")
    score = value.get("score")
    return Target(
        _text(value, "analyzer"),
        _text(value, "label"),
        start,
        end,
        _text(value, "version"),
        float(score) if isinstance(score, int | float) else None,
    )


def _text(event: Mapping[str, Any], name: str) -> str:
    value = event.get(name)
    # A half of a surrogate pair cannot be stored.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _list(event: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = event.get(name)
    return value if isinstance(value, list) else []


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return int(value) if 0 <= value < 2**53 else None
