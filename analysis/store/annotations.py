"""Annotations in the store: a log that is only added to. See ``analysis.annotation`` for its words.

An entry is taken back by being marked withdrawn, never deleted. Reruns of analyzers, and removing
and importing a file again, leave the log as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

import duckdb

from analysis.annotation.words import KINDS, NO, ON_FINDINGS, YES, Annotation, Target, text_hash
from analysis.errors import UsageError
from analysis.store.connection import Store

MAX_NAME = 80
MAX_LABEL = 80
MAX_TAG = 120
MAX_COMMENT = 4_000
MAX_ID = 64
_COLUMNS = (
    "annotation_id, trace_id, annotator, kind, created_at, sequence, coalesce(batch_id, ''), label,"
    " char_start, char_end, value, comment, target_analyzer, target_version, target_start,"
    " target_end, target_score, text_hash, source, withdrawn_at"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person says, before it is written. Spans are code points, end exclusive.

    ``annotation_id`` may be given (a browser's own id): writing it again changes nothing.
    """

    trace_id: str
    annotator: str
    kind: str
    label: str | None = None
    start: int | None = None
    end: int | None = None
    value: str | None = None
    comment: str | None = None
    target: Target | None = None
    annotation_id: str = ""
    batch_id: str = ""
    source: str = "app"


def write(store: Store, entries: Sequence[Entry]) -> list[str]:
    """Write entries in one transaction, in their order; their ids.

    Raises ``UsageError`` for a blank name, an unknown kind or trace, a span outside the text.
    """
    checked = [_checked(entry) for entry in entries]
    with store.transaction() as cursor:
        texts = _texts(cursor, {entry.trace_id for entry in checked})
        now = datetime.now(UTC).replace(tzinfo=None)
        for entry in checked:
            _insert(cursor, entry, texts, now)
    return [entry.annotation_id for entry in checked]


def _checked(entry: Entry) -> Entry:
    name = tidy_name(entry.annotator)
    if not name:
        raise UsageError("An annotation needs the name of the person.", remedy="Give your name.")
    if entry.kind not in KINDS:
        raise UsageError(
            f"There is no annotation of the kind {entry.kind!r}.",
            remedy=f"Use: {', '.join(KINDS)}.",
        )
    label = (entry.label or "").strip() or (entry.target.label if entry.target else "")
    if entry.kind in (*ON_FINDINGS, "add", "adjudicate") and not label:
        raise UsageError(f"To {entry.kind} needs a label.")
    if len(label) > MAX_LABEL or "," in label:
        raise UsageError(f"A label has at most {MAX_LABEL} characters, and no comma.")
    if entry.kind in ON_FINDINGS and entry.target is None:
        raise UsageError(f"To {entry.kind} needs a finding.")
    if entry.kind == "adjudicate" and entry.value not in (YES, NO):
        raise UsageError(f"An adjudication is {YES} or {NO}, not {entry.value!r}.")
    value = (entry.value or "").strip()
    if entry.kind == "mark" and (not value or len(value) > MAX_TAG):
        raise UsageError(f"A tag has 1 to {MAX_TAG} characters.")
    if entry.kind == "comment" and not (entry.comment or "").strip():
        raise UsageError("The comment is empty.")
    identity = entry.annotation_id or uuid4().hex
    start, end = entry.start, entry.end
    if start is None and entry.target is not None:
        start, end = entry.target.start, entry.target.end
    return replace(
        entry,
        annotator=name,
        label=label or None,
        value=value or None,
        comment=(entry.comment or "").strip()[:MAX_COMMENT] or None,
        start=start,
        end=end,
        annotation_id=identity[:MAX_ID],
        batch_id=(entry.batch_id or identity)[:MAX_ID],
    )


def tidy_name(name: str) -> str:
    """A name as it is kept: one line, at most ``MAX_NAME`` characters."""
    return " ".join(name.split())[:MAX_NAME]


def _texts(cursor: duckdb.DuckDBPyConnection, ids: set[str]) -> dict[str, str]:
    """The reasoning of these traces, from their packed rows; '' where there is none."""
    rows = cursor.execute(
        "SELECT trace_id, unpack_text(reasoning_packed) FROM trace_row"
        " WHERE list_contains($ids, trace_id)",
        {"ids": sorted(ids)},
    ).fetchall()
    return {trace_id: text or "" for trace_id, text in rows}


def _insert(
    cursor: duckdb.DuckDBPyConnection, entry: Entry, texts: Mapping[str, str], now: datetime
) -> None:
    if entry.trace_id not in texts:
        raise UsageError(f"There is no trace {entry.trace_id[:80]!r}.")
    text = texts[entry.trace_id]
    needs_span = entry.kind in (*ON_FINDINGS, "add", "adjudicate")
    if entry.start is None or entry.end is None:
        if needs_span or (entry.start is None) != (entry.end is None):
            raise UsageError(f"To {entry.kind} needs a span.")
        hashed = None
    else:
        if not 0 <= entry.start < entry.end <= len(text):
            raise UsageError(
                f"The span {entry.start}-{entry.end} is not inside the text"
                f" ({len(text):,} characters)."
            )
        hashed = text_hash(text[entry.start : entry.end])
    target = entry.target
    cursor.execute(
        "INSERT INTO annotation (annotation_id, trace_id, annotator, kind, label, char_start,"
        " char_end, value, comment, created_at, sequence, batch_id, target_analyzer, target_version,"
        " target_start, target_end, target_score, text_hash, source)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nextval('annotation_sequence'), ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        [
            entry.annotation_id, entry.trace_id, entry.annotator, entry.kind, entry.label,
            entry.start, entry.end, entry.value, entry.comment, now, entry.batch_id,
            target.analyzer if target else None, target.version if target else None,
            target.start if target else None, target.end if target else None,
            target.score if target else None, hashed, entry.source,
        ],
    )  # fmt: skip


def accept(store: Store, trace_id: str, annotator: str, target: Target) -> str:
    """A person says that a finding is right; the id of the entry."""
    return write(store, [Entry(trace_id, annotator, "accept", target=target)])[0]


def reject(store: Store, trace_id: str, annotator: str, target: Target) -> str:
    """A person says that a finding is wrong."""
    return write(store, [Entry(trace_id, annotator, "reject", target=target)])[0]


def move(store: Store, trace_id: str, annotator: str, target: Target, start: int, end: int) -> str:
    """A person says that a finding is right, and that its span is ``start``-``end``."""
    entry = Entry(trace_id, annotator, "move", start=start, end=end, target=target)
    return write(store, [entry])[0]


def add(store: Store, trace_id: str, annotator: str, label: str, start: int, end: int) -> str:
    """A person gives a span a label."""
    return write(store, [Entry(trace_id, annotator, "add", label, start, end)])[0]


def comment(
    store: Store,
    trace_id: str,
    annotator: str,
    text: str,
    *,
    span: tuple[int, int] | None = None,
) -> str:
    """A person's remark on a span, or (without one) on the whole trace."""
    start, end = span if span else (None, None)
    entry = Entry(trace_id, annotator, "comment", start=start, end=end, comment=text)
    return write(store, [entry])[0]


def mark(store: Store, trace_id: str, annotator: str, tag: str) -> str:
    """A person tags a whole trace."""
    return write(store, [Entry(trace_id, annotator, "mark", value=tag)])[0]


def adjudicate(
    store: Store, trace_id: str, annotator: str, label: str, span: tuple[int, int], *, holds: bool
) -> str:
    """The decision that counts where annotators differ: whether the label holds on the span."""
    value = YES if holds else NO
    return write(store, [Entry(trace_id, annotator, "adjudicate", label, *span, value=value)])[0]


def finish(
    store: Store,
    trace_id: str,
    annotator: str,
    labels: Iterable[str],
    *,
    accepted: Sequence[Target] = (),
    annotation_id: str = "",
) -> str:
    """A person has gone through the trace for these labels.

    ``accepted`` are the findings that were shown and left as they are: they are accepted with it,
    so that the person's labels do not change when an analyzer does. One undo takes back all.
    """
    wanted = sorted({label.strip() for label in labels} - {""})
    if not wanted:
        raise UsageError("Finished for which labels?")
    batch = annotation_id or uuid4().hex
    entries = [
        Entry(trace_id, annotator, "accept", target=t, annotation_id=f"{batch}-{n}", batch_id=batch)
        for n, t in enumerate(accepted)
    ]
    last = Entry(
        trace_id, annotator, "finish", value=",".join(wanted), annotation_id=batch, batch_id=batch
    )
    return write(store, [*entries, last])[-1]


def undo(store: Store, trace_id: str, annotator: str, *, undo_id: str = "") -> int:
    """Take back what this person did last on this trace; how many entries that were.

    ``undo_id`` (a browser's own) makes a repeated call do nothing.
    """
    undo_id = (undo_id or uuid4().hex)[:MAX_ID]
    values = {"trace": trace_id, "name": tidy_name(annotator), "undo": undo_id}
    with store.transaction() as cursor:
        last = cursor.execute(
            "SELECT batch_id FROM annotation WHERE trace_id = $trace AND annotator = $name"
            " AND withdrawn_at IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM annotation WHERE withdrawn_by = $undo)"
            " ORDER BY sequence DESC LIMIT 1",
            values,
        ).fetchall()
        if not last:
            return 0
        return _withdraw(cursor, {**values, "batch": last[0][0]})


def _withdraw(cursor: duckdb.DuckDBPyConnection, values: Mapping[str, Any]) -> int:
    now = datetime.now(UTC).replace(tzinfo=None)
    changed = cursor.execute(
        "UPDATE annotation SET withdrawn_at = $now, withdrawn_by = $undo WHERE trace_id = $trace"
        " AND annotator = $name AND batch_id = $batch AND withdrawn_at IS NULL RETURNING 1",
        {**values, "now": now},
    ).fetchall()
    return len(changed)


def log_of(store: Store, trace_id: str) -> list[Annotation]:
    """Everything that people said of one trace, withdrawn entries included, oldest first."""
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM annotation WHERE trace_id = $id ORDER BY sequence",  # noqa: S608
        {"id": trace_id},
    )
    return [_annotation(row) for row in rows]


def logs(
    store: Store, trace_ids: Sequence[str] | None = None
) -> Iterator[tuple[str, list[Annotation]]]:
    """The log of each annotated trace, in order of trace_id; of all, or of the given traces."""
    chosen = "true" if trace_ids is None else "list_contains($ids, trace_id)"
    rows = store.rows(
        f"SELECT {_COLUMNS} FROM annotation WHERE {chosen} ORDER BY trace_id, sequence",  # noqa: S608
        {} if trace_ids is None else {"ids": list(trace_ids)},
    )
    for trace_id, group in groupby(map(_annotation, rows), key=lambda a: a.trace_id):
        yield trace_id, list(group)


def annotators(store: Store) -> list[str]:
    """The names of everyone with an entry that counts."""
    rows = store.rows(
        "SELECT DISTINCT annotator FROM annotation WHERE withdrawn_at IS NULL ORDER BY annotator"
    )
    return [str(row[0]) for row in rows]


def _annotation(row: tuple[Any, ...]) -> Annotation:
    (identity, trace_id, annotator, kind, created, sequence, batch, label, start, end, value,
     remark, analyzer, version, t_start, t_end, t_score, hashed, source, withdrawn) = row  # fmt: skip
    target = None
    if analyzer is not None and t_start is not None:
        target = Target(analyzer, label or "", t_start, t_end, version or "", t_score)
    return Annotation(
        annotation_id=identity, trace_id=trace_id, annotator=annotator, kind=kind,
        created_at=created, sequence=sequence or 0, batch_id=batch, label=label, start=start,
        end=end, value=value, comment=remark, target=target, text_hash=hashed,
        source=source or "app", withdrawn_at=withdrawn,
    )  # fmt: skip
