"""Verdicts in the store: the verifier's and a person's, kept apart from what a record states.

``trace_row.correct`` holds what counts, in this order: a person's verdict (``person:NAME``), what the
record states, the verifier's (``verifier:NAME@VERSION``; undecided is NULL).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from analysis.errors import UsageError
from analysis.store.connection import Store
from analysis.store.rows import table, update_verdicts

FETCH_TRACES = 500
MAX_NAME = 80
MAX_KEPT_CHARS = 2000
SETTLED = ("correct", "wrong")


@dataclass(frozen=True, slots=True)
class PendingAnswer:
    """A trace that has to be judged."""

    trace_id: str
    gold_answer: str
    extracted_answer: str | None
    truncated: bool
    finish_reason_norm: str
    question: str | None
    answer: str | None
    reasoning: str | None


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """The verifier's verdict on a trace; ``answer`` is what was judged."""

    trace_id: str
    gold_answer: str
    answer: str | None
    verdict: str
    reason: str
    stage: str


@dataclass(frozen=True, slots=True)
class PersonVerdict:
    """A person's verdict on a trace."""

    trace_id: str
    verdict: str
    annotator: str
    created_at: datetime


_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "trace_id", "source", "verdict", "reason", "stage", "verifier", "verifier_version",
            "gold_answer", "answer",
        )
    ]
    + [("created_at", pa.timestamp("us"))]
)  # fmt: skip
_PAIR_SCHEMA = pa.schema(
    [(n, pa.string()) for n in ("pair_key", "verifier_version", "verdict", "reason", "stage")]
)


def count_pending(store: Store, verifier: str, version: str) -> int:
    """How many traces with a gold answer lack a verdict of this verifier at this version."""
    found = store.query("verdicts_pending_count", {"verifier": verifier, "version": version})
    return int(found.column(0)[0].as_py())


def pending(store: Store, verifier: str, version: str) -> Iterator[list[PendingAnswer]]:
    """Those traces, a page at a time in order of trace_id, so that results can be written meanwhile."""
    after = ""
    while True:
        values = {"verifier": verifier, "version": version, "after": after, "limit": FETCH_TRACES}
        page = [PendingAnswer(**row) for row in store.query("verdicts_pending", values).to_pylist()]
        if not page:
            return
        yield page
        after = page[-1].trace_id


def pair_key(gold: str, answer: str, *context: str) -> str:
    """What the cache of judged pairs knows a pair by."""
    text = "\x00".join((gold, answer, *context))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def known_pairs(store: Store, keys: Sequence[str], version: str) -> dict[str, tuple[str, str, str]]:
    """Cached (verdict, reason, stage) of pairs, by key."""
    found = store.rows(
        "SELECT pair_key, verdict, reason, stage FROM judged_pair"
        " WHERE verifier_version = $version AND list_contains($keys, pair_key)",
        {"version": version, "keys": list(keys)},
    )
    return {key: (verdict, reason, stage) for key, verdict, reason, stage in found}


def save_verdicts(
    store: Store,
    judged: Sequence[JudgedAnswer],
    pairs: Mapping[str, tuple[str, str, str]],
    verifier: str,
    version: str,
) -> None:
    """Write the verifier's verdicts, and ``correct`` where nothing stated or a person's stands there.

    ``pairs`` are new entries of the cache. One transaction.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    base = {
        "source": "verifier",
        "verifier": verifier,
        "verifier_version": version,
        "created_at": now,
    }
    rows = [
        {
            **base,
            "trace_id": one.trace_id,
            "verdict": one.verdict,
            "reason": one.reason,
            "stage": one.stage,
            "gold_answer": one.gold_answer[:MAX_KEPT_CHARS],
            "answer": None if one.answer is None else one.answer[:MAX_KEPT_CHARS],
        }
        for one in judged
    ]
    with store.transaction() as cursor:
        ours = _not_stated(cursor, [one.trace_id for one in judged], verifier)
        name = f"verifier:{verifier}@{version}"
        update_verdicts(
            cursor,
            [
                (one.trace_id, one.verdict == "correct", name)
                if one.verdict != "undecided"
                else (one.trace_id, None, None)
                for one in judged
                if one.trace_id in ours
            ],
        )
        _replace(cursor, "verdict", table(rows, _SCHEMA))
        cached = [
            {"pair_key": key, "verifier_version": version, "verdict": v, "reason": r, "stage": s}
            for key, (v, r, s) in pairs.items()
        ]
        _replace(cursor, "judged_pair", table(cached, _PAIR_SCHEMA))


def _replace(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """Insert rows; those of the same primary key give way."""
    columns = ", ".join(rows.column_names)
    cursor.register("incoming", rows)
    try:
        # The name and the columns are constants of this file.
        cursor.execute(f"INSERT OR REPLACE INTO {name} ({columns}) SELECT {columns} FROM incoming")  # noqa: S608
    finally:
        cursor.unregister("incoming")


def _not_stated(cursor: duckdb.DuckDBPyConnection, ids: Sequence[str], verifier: str) -> set[str]:
    """Of these traces, those whose ``correct`` is empty or an earlier verdict of the verifier."""
    found = cursor.execute(
        "SELECT t.trace_id FROM trace_row t"
        " LEFT JOIN verdict p ON p.trace_id = t.trace_id AND p.source = 'person'"
        " WHERE list_contains($ids, t.trace_id) AND p.trace_id IS NULL AND (t.correct IS NULL"
        "   OR starts_with(t.correct_source, 'verifier:' || $verifier || '@'))",
        {"ids": list(ids), "verifier": verifier},
    ).fetchall()
    return {row[0] for row in found}


def settle(store: Store, trace_id: str, verdict: str, annotator: str, comment: str = "") -> None:
    """A person's verdict on a trace: it counts before any other, and stays through reruns.

    Raises ``UsageError`` for a verdict other than correct and wrong, a blank name, an unknown trace.
    """
    annotator = " ".join(annotator.split())[:MAX_NAME]
    if verdict not in SETTLED:
        raise UsageError(f"A person's verdict is correct or wrong, not {verdict!r}.")
    if not annotator:
        raise UsageError("A verdict needs the name of the person.", remedy="Fill in your name.")
    now = datetime.now(UTC).replace(tzinfo=None)
    with store.transaction() as cursor:
        stated = _stated(cursor, trace_id)
        answer = _one(
            cursor,
            "SELECT gold_answer, answer FROM verdict WHERE trace_id = ? AND source = 'verifier'",
            trace_id,
        ) or (None, None)
        cursor.execute(
            "INSERT OR REPLACE INTO verdict (trace_id, source, verdict, reason, stage, gold_answer,"
            " answer, annotator, stated_correct, stated_source, created_at)"
            " VALUES (?, 'person', ?, ?, 'person', ?, ?, ?, ?, ?, ?)",
            [trace_id, verdict, comment[:MAX_KEPT_CHARS], *answer, annotator, *stated, now],
        )
        update_verdicts(cursor, [(trace_id, verdict == "correct", f"person:{annotator}")])


def _stated(cursor: duckdb.DuckDBPyConnection, trace_id: str) -> tuple[bool | None, str | None]:
    """What the record states of a trace, below any verdict of a person or the verifier."""
    row = _one(
        cursor,
        "SELECT t.correct, t.correct_source, starts_with(t.correct_source, 'verifier:' || v.verifier || '@'),"
        " p.trace_id IS NOT NULL AND t.correct_source = 'person:' || p.annotator,"
        " p.stated_correct, p.stated_source FROM trace_row t"
        " LEFT JOIN verdict v ON v.trace_id = t.trace_id AND v.source = 'verifier'"
        " LEFT JOIN verdict p ON p.trace_id = t.trace_id AND p.source = 'person'"
        " WHERE t.trace_id = ?",
        trace_id,
    )
    if row is None:
        raise UsageError(f"There is no trace {trace_id[:80]!r}.")
    correct, source, ours, is_person, stated_correct, stated_source = row
    if is_person:
        return stated_correct, stated_source
    if correct is None or ours:
        return None, None
    return correct, source


def take_back(store: Store, trace_id: str) -> bool:
    """Undo a person's verdict: what the record states counts again, else the verifier's.

    False when there is none.
    """
    with store.transaction() as cursor:
        person = _one(
            cursor,
            "SELECT stated_correct, stated_source FROM verdict"
            " WHERE trace_id = ? AND source = 'person'",
            trace_id,
        )
        if person is None:
            return False
        cursor.execute("DELETE FROM verdict WHERE trace_id = ? AND source = 'person'", [trace_id])
        correct, source = person
        if correct is None:
            computed = _one(
                cursor,
                "SELECT verdict, 'verifier:' || verifier || '@' || verifier_version FROM verdict"
                " WHERE trace_id = ? AND source = 'verifier'",
                trace_id,
            )
            if computed and computed[0] != "undecided":
                correct, source = computed[0] == "correct", computed[1]
        update_verdicts(cursor, [(trace_id, correct, source if correct is not None else None)])
    return True


def _one(cursor: duckdb.DuckDBPyConnection, sql: str, trace_id: str) -> tuple[Any, ...] | None:
    """The row of a trace; the result is read to its end, as the cursor asks for."""
    rows = cursor.execute(sql, [trace_id]).fetchall()
    return rows[0] if rows else None


def reapply_persons(store: Store) -> int:
    """Make persons' verdicts count on traces that were removed and imported again; how many."""
    with store.transaction() as cursor:
        lost = cursor.execute(
            "SELECT t.trace_id, p.verdict = 'correct', 'person:' || p.annotator, t.correct,"
            " t.correct_source FROM trace_row t JOIN verdict p USING (trace_id)"
            " WHERE p.source = 'person' AND t.correct_source IS DISTINCT FROM 'person:' || p.annotator"
        ).fetchall()
        for trace_id, _, _, correct, source in lost:
            cursor.execute(
                "UPDATE verdict SET stated_correct = ?, stated_source = ?"
                " WHERE trace_id = ? AND source = 'person'",
                [correct, source if correct is not None else None, trace_id],
            )
        update_verdicts(cursor, [row[:3] for row in lost])
    return len(lost)


def verdicts_of(store: Store, trace_id: str) -> list[dict[str, Any]]:
    """All verdicts on one trace, the verifier's first."""
    found: list[dict[str, Any]] = store.arrow(
        "SELECT * FROM verdict WHERE trace_id = $id ORDER BY source DESC", {"id": trace_id}
    ).to_pylist()
    return found


__all__ = [
    "JudgedAnswer", "PendingAnswer", "PersonVerdict", "count_pending", "known_pairs",
    "pair_key", "pending", "reapply_persons", "save_verdicts", "settle", "take_back", "verdicts_of",
]  # fmt: skip
