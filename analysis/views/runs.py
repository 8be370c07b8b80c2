"""Runs of models as a page shows them: what could be asked, what was made, what is unfinished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson

from analysis.engines.choosing import Strategy
from analysis.engines.journal import runs_folder
from analysis.engines.plans import Plan, plan_id
from analysis.engines.presets import Level, preset_of
from analysis.engines.protocol import Engine, Sampling
from analysis.engines.questions import Question
from analysis.engines.strategy_notes import waiting
from analysis.errors import CotscopeError, UsageError
from analysis.store.connection import Store

MAX_PLAN_BYTES = 16 * 1024 * 1024
"""A run whose description is larger is not listed on the page; the command line goes on with it."""
MAX_LISTED = 50
MAX_READ = 1_000
"""Descriptions that are looked at; rounds of strategies have some too."""


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
    strategies: tuple[Strategy, ...] = ()
    """What is still to be done with its answers."""

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total and not self.strategies

    def plan_for(self, engine: Engine) -> Plan:
        """Its plan. Raises ``UsageError`` where another model answers: that would be another run."""
        if (engine.name, engine.model) != (self.engine, self.model):
            raise UsageError(
                f"This run was made with {self.model!r} ({self.engine}), and here is"
                f" {engine.model!r} ({engine.name}).",
                remedy="Give the place of the same model, or start a new run.",
            )
        return self.plan


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


def numeric_metrics(store: Store) -> list[str]:
    """Names of the measures that stored traces have numbers of, in order."""
    rows = store.query("metric_names").to_pylist()
    return [row["name"] for row in rows if not row["is_text"]]


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
    """Runs of this database of which traces or strategies are missing, latest first.

    A run whose description cannot be read, or no longer gives the same plan, is left out.
    """
    done = _done(store)
    runs = (_read(path, done) for path in _described(runs_folder(store.path)))
    found = (run for run in runs if run is not None and not run.finished)
    return list(islice(found, MAX_LISTED))


def _described(folder: Path) -> Iterator[Path]:
    """Descriptions of runs, latest first; of each plan the last, for only that can be gone on with."""
    if not folder.is_dir():
        return
    latest: dict[str, tuple[int, Path]] = {}
    for path in folder.glob("*/run.json"):
        own, _, number = path.parent.name.rpartition("-")
        if number.isdigit() and int(number) > latest.get(own, (-1, path))[0]:
            latest[own] = (int(number), path)
    paths = [path for _, path in latest.values()]
    yield from sorted(paths, key=lambda p: p.stat().st_mtime, reverse=True)[:MAX_READ]


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
        if "follow" in description:
            return None  # a round of a strategy: it goes on with the run that it follows
        plan = plan_from(description)
        engine, model = str(description["engine"]), str(description["model"])
        asked = cast(Engine, SimpleNamespace(name=engine, model=model))
        if plan_id(plan.describe(asked)) != path.parent.name.rpartition("-")[0]:
            return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, CotscopeError):
        return None  # of another version, or not ours: `cotscope run --resume` judges for itself
    run_id = path.parent.name
    left = waiting(path.parent)
    return OldRun(run_id, engine, model, plan, plan.total, done.get(run_id, 0), left)


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
