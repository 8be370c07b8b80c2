"""Runs of models as a page shows them: what could be asked, what was made, what is unfinished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from analysis.engines.journal import runs_folder
from analysis.engines.plans import Plan, plan_id
from analysis.engines.presets import Level, preset_of
from analysis.engines.protocol import Engine, Sampling
from analysis.engines.questions import Question
from analysis.errors import CotscopeError
from analysis.store.connection import Store

MAX_PLAN_BYTES = 16 * 1024 * 1024
"""A run whose description is larger is not listed on the page; the command line goes on with it."""
MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class Usual:
    """What traces of one model took at one effort and budget, in tokens."""

    effort: str | None
    budget: int | None
    traces: int
    mean: float
    """Completion tokens of a trace, thinking included."""


@dataclass(frozen=True, slots=True)
class OldRun:
    """A run that was begun in this database."""

    run_id: str
    engine: str
    model: str
    plan: Plan
    total: int
    done: int
    """Traces in the store that did not end with an error."""


def questions_of(store: Store, dataset: str, limit: int) -> tuple[Question, ...]:
    """The first different questions of a data set, in file order, with their known answers."""
    rows = store.rows(
        "WITH first AS (SELECT question_key, arg_min(trace_id, (file_id, record_index, part_index))"
        " AS trace_id, min((file_id, record_index)) AS place, max(gold_answer) AS gold FROM trace_row"
        " WHERE dataset = $dataset AND question_key IS NOT NULL AND question_preview IS NOT NULL"
        " GROUP BY question_key ORDER BY place LIMIT $limit)"
        " SELECT f.question_key, t.question, f.gold FROM first f JOIN trace t USING (trace_id)"
        " ORDER BY f.place",
        {"dataset": dataset, "limit": limit},
    )
    return tuple(
        Question(text, key, gold, dataset) for key, text, gold in rows if text and text.strip()
    )


def usual_tokens(store: Store, model: str) -> list[Usual]:
    """What the stored traces of a model took, by effort and budget; failed ones are left out."""
    rows = store.rows(
        "SELECT effort, thinking_budget_tokens, count(*), avg(completion_tokens) FROM trace_row"
        " WHERE model = $model AND completion_tokens > 0 AND error IS NULL GROUP BY ALL",
        {"model": model},
    )
    return [Usual(*row) for row in rows]


def traces_of_run(store: Store, run_id: str, limit: int = 2_000) -> list[dict[str, Any]]:
    """The traces of a run, by question, effort and sample; texts cut to a preview."""
    found: list[dict[str, Any]] = store.arrow(
        "SELECT t.trace_id, t.question_key, t.question_preview AS question, t.effort,"
        " t.thinking_budget_tokens AS budget, t.sample_index AS sample, t.answer_preview AS answer,"
        " t.correct, coalesce(t.reasoning_tokens, t.completion_tokens) AS tokens, t.error"
        " FROM trace_row t JOIN file f USING (file_id) WHERE starts_with(f.name, $name)"
        " ORDER BY t.question_key, t.effort, budget NULLS FIRST, sample LIMIT $limit",
        {"name": _file_name(run_id), "limit": limit},
    ).to_pylist()
    return found


def unfinished(store: Store) -> list[OldRun]:
    """Runs of this database of which traces are missing, latest first.

    A run whose description cannot be read, or no longer gives the same plan, is left out.
    """
    folder = runs_folder(store.path)
    if not folder.is_dir():
        return []
    described = sorted(folder.glob("*/run.json"), key=lambda p: p.stat().st_mtime, reverse=True)
    latest: dict[str, Path] = {}  # only the last run of a plan can be gone on with
    for path in described[:MAX_LISTED]:
        own, _, number = path.parent.name.rpartition("-")
        kept = latest.get(own)
        if number.isdigit() and (
            kept is None or int(kept.parent.name.split("-")[-1]) < int(number)
        ):
            latest[own] = path
    done = _done(store)
    runs = (_read(path, done) for path in latest.values())
    return [run for run in runs if run is not None and run.done < run.total]


def plan_from(description: Mapping[str, Any]) -> Plan:
    """The plan that a run's description was made of. Raises ``KeyError``, ``TypeError`` or
    ``CotscopeError`` for a description that is none."""
    preset = preset_of(description["model"], description["preset"])
    levels = [Level(**{**v, "sampling": Sampling(**v["sampling"])}) for v in description["efforts"]]
    names = tuple(dict.fromkeys(level.name for level in levels))
    own = {name: preset.level(name) for name in names}
    budgets = (None if v.budget == own[v.name].budget else v.budget for v in levels)
    first = levels[0]
    known = {spec.name for spec in fields(Question)}
    asked = [{k: v for k, v in q.items() if k in known} for q in description["questions"]]
    return Plan(
        questions=tuple(Question(**q) for q in asked),
        preset=preset,
        efforts=names,
        budgets=tuple(dict.fromkeys(budgets)),
        samples=description["samples"],
        seed=description["seed"],
        sampling=Sampling(**description["sampling"]),
        waits=None if first.waits == own[first.name].waits else first.waits,
        fewest=None if first.fewest == own[first.name].fewest else first.fewest,
        probes=description["probes"],
        logprobs=description["logprobs"],
    )


def _read(path: Path, done: Mapping[str, int]) -> OldRun | None:
    try:
        if path.stat().st_size > MAX_PLAN_BYTES:
            return None
        description = orjson.loads(path.read_bytes())
        plan = plan_from(description)
        engine, model = str(description["engine"]), str(description["model"])
        asked = cast(Engine, SimpleNamespace(name=engine, model=model))
        if plan_id(plan.describe(asked)) != path.parent.name.rpartition("-")[0]:
            return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, CotscopeError):
        return None  # of another version, or not ours: `cotscope run --resume` judges for itself
    run_id = path.parent.name
    return OldRun(run_id, engine, model, plan, plan.total, done.get(run_id, 0))


def _done(store: Store) -> dict[str, int]:
    """Finished traces in the store by run."""
    return dict(
        store.rows(
            "SELECT split_part(f.name, ' ', 2), count(DISTINCT t.external_id) FROM trace_row t"
            " JOIN file f USING (file_id) WHERE starts_with(f.name, 'run ')"
            " AND t.format_id = 'cotscope_run' AND t.error IS NULL GROUP BY 1"
        )
    )


def _file_name(run_id: str) -> str:
    """How the names of a run's files in the store begin (``engines.runs``)."""
    return f"run {run_id} "
