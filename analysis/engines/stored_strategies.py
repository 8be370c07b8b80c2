"""Strategies over samples that are stored already, imported ones too: votes, best of n, rejection sampling.

What is chosen becomes a trace of a cell of its own, as with a run. Nothing is asked of a model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from analysis.engines.choosing import (
    CHOOSING,
    REJECTION,
    STORED_SCORERS,
    VERIFIER,
    Chosen,
    Strategy,
    check_scorer,
    choose,
    is_choice,
)
from analysis.engines.journal import Journal, runs_folder
from analysis.engines.samples import UNSTATED, Stored, stored_cells
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.formats.cotscope_run import KEY, MAX_EFFORT_CHARS, VERSION
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.importing import import_file
from analysis.store.removal import plan_removal, remove
from analysis.verifying import judge_answers

_TELL_EVERY = 100


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What a strategy gave over stored samples."""

    name: str
    cells: tuple[str, ...]
    """Its cells as 'MODEL @ EFFORT', in order."""
    traces: int
    """Questions and cells for which a sample was chosen."""
    new: int
    """Of these, those that were not chosen so before."""
    single: int
    """Questions left out: fewer than two samples."""
    unknown: int
    """Questions left out: no sample has what the strategy chooses by."""
    file_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class _Tally:
    cells: dict[str, None] = field(default_factory=dict)
    traces: int = 0
    new: int = 0
    single: int = 0
    unknown: int = 0
    file_ids: list[str] = field(default_factory=list)


def check_stored(store: Store, strategies: Sequence[Strategy]) -> None:
    """Raise ``UsageError`` for a strategy that cannot work on stored samples."""
    if not strategies:
        raise UsageError("Name a strategy.", remedy=f"One of {', '.join(CHOOSING)}.")
    for one in strategies:
        check_scorer(one, STORED_SCORERS, metrics=True)
        if one.name not in CHOOSING:
            raise UsageError(
                f"The strategy {one.name} asks a model again, and here none is asked.",
                remedy=f"Use cotscope run --strategy {one.name}.",
            )
        if one.metric is not None and not store.scalar(
            "SELECT count(*) FROM metric WHERE name = $name AND value IS NOT NULL",
            {"name": one.metric},
        ):
            raise UsageError(
                f"No stored trace has the metric {one.metric!r}.",
                remedy="Run cotscope analyze first; docs/metrics.md has the names.",
            )


def choose_stored(
    store: Store,
    filters: Filters,
    strategies: Sequence[Strategy],
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[StoredReport]:
    """Apply strategies to the samples under the filter, question by question in each cell.

    A cell is a data set, a model, an effort or budget, and a checkpoint. Choosing again what was
    chosen before adds nothing; where the same samples now say otherwise, the newer choice stands.
    Raises ``UsageError`` before anything is chosen, and ``Cancelled``: cells that were done stay.
    """
    cancel = cancel or CancelToken()
    check_stored(store, strategies)
    judged = any(one.name == REJECTION or one.by == VERIFIER for one in strategies)
    if judged:
        judge_answers(store, progress=progress, cancel=cancel)
    reports = [_apply(store, filters, one, progress, cancel) for one in strategies]
    if judged:  # the same texts again: what is accepted can be curated at once
        judge_answers(store, progress=progress, cancel=cancel)
    return reports


def _apply(
    store: Store,
    filters: Filters,
    one: Strategy,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> StoredReport:
    tally = _Tally()
    seen = 0
    for questions in stored_cells(store, filters, one.metric):
        found: list[Chosen] = []
        most = 0
        for group in questions:
            cancel.raise_if_cancelled()
            if is_choice(group[0].effort):
                continue
            seen += 1
            if seen % _TELL_EVERY == 0:
                progress(Progress("Choosing", seen, None, f"{seen:,} questions", one.name))
            chosen = choose(store, group, one) if len(group) > 1 else None
            if chosen is None or not chosen.known:
                tally.single += len(group) < 2
                tally.unknown += len(group) > 1
                continue
            found.append(chosen)
            most = max(most, len(group))
        if found:
            _keep(store, one, found, one.label(most), tally)
    return StoredReport(
        one.name,
        tuple(tally.cells),
        tally.traces,
        tally.new,
        tally.single,
        tally.unknown,
        tuple(tally.file_ids),
    )


def _keep(store: Store, one: Strategy, found: list[Chosen], label: str, tally: _Tally) -> None:
    """Put the choices of one cell into the store, as a file of its own."""
    cell = found[0].sample
    effort = cell.effort or UNSTATED
    if len(f"{effort} + {label}") > MAX_EFFORT_CHARS:
        raise UsageError(f"The effort {effort[:80]!r} ... is too long a name to add a strategy to.")
    name = _name(cell, label)
    journal = Journal(runs_folder(store.path) / name)
    marks = {_key(c, label): _mark(c.strategy(one)) for c in found}
    before = {
        str(line.get("key")): _mark(line.get("strategy") or {}) for line in journal.lines()
    }  # fmt: skip
    tally.new += sum(before.get(key) != mark for key, mark in marks.items())
    tally.traces += len(found)
    tally.cells[f"{cell.model or '(not stated)'} @ {effort} + {label}"] = None
    outdated = {key for key, mark in marks.items() if before.get(key, mark) != mark}
    wanted = [c for c in found if _key(c, label) not in before or _key(c, label) in outdated]
    lines = (
        {KEY: VERSION, "run_id": name} | c.line(store, one, key=_key(c, label), effort=effort, label=label)
        for c in wanted
    )  # fmt: skip
    if outdated:
        _replace(store, journal, outdated, lines)
    elif wanted:
        journal.put(lines)
    for path in journal.recover():
        tally.file_ids.append(import_file(store, path, name=f"run {name} {path.name}").file_id)


def _replace(
    store: Store, journal: Journal, outdated: set[str], lines: Iterator[dict[str, Any]]
) -> None:
    """Put lines in place of those that no longer hold; the others stay as they are."""
    fresh = [*lines, *(line for line in journal.lines() if line.get("key") not in outdated)]
    names = [
        row[0]
        for row in store.rows(
            "SELECT name FROM file WHERE starts_with(name, $name)", {"name": f"run {journal.run_id} "}
        )
    ]  # fmt: skip
    if names:
        remove(store, plan_removal(store, files=names))
    journal.clear()
    journal.put(fresh)


def _name(cell: Stored, label: str) -> str:
    """The name of the journal of a cell and strategy, the same each time."""
    mark = hashlib.sha256(orjson.dumps([*cell.cell, label])).hexdigest()[:12]
    return f"stored-{mark}+{''.join(c if c.isalnum() else '-' for c in label)[:80]}"


def _key(chosen: Chosen, label: str) -> str:
    return f"{chosen.sample.question_key}/{label}"


def _mark(strategy: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(strategy, option=orjson.OPT_SORT_KEYS)).digest()
