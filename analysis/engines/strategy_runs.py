"""Decoding strategies of a run: what they choose or ask again becomes traces of cells of their own.

Votes, best of n and rejection sampling choose among the stored samples of a question; refinement and
feedback ask the model again. A trace of a strategy tells its parents, and its token counts hold every
sample and round that was spent on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from analysis.engines import strategy_notes as notes
from analysis.engines.choosing import (
    CHOOSING,
    CONFIDENCE,
    FOLLOWING,
    REJECTION,
    VERIFIER,
    Chosen,
    Strategy,
    check_scorer,
    choose,
)
from analysis.engines.follow import FEEDBACK, SAID, SELF_REFINE, Follow, Parent, round_label
from analysis.engines.journal import Journal, runs_folder
from analysis.engines.monitor import Monitor
from analysis.engines.plans import Plan
from analysis.engines.protocol import Engine, Message, UnsupportedError
from analysis.engines.runs import RunReport, execute
from analysis.engines.samples import Stored, samples_of
from analysis.errors import UsageError
from analysis.formats.cotscope_run import KEY, VERSION
from analysis.progress import CancelToken, ProgressCallback, ignore_progress
from analysis.store.connection import Store
from analysis.store.importing import import_file
from analysis.verifying import judge_answers

MAX_ROUNDS = 16


@dataclass(frozen=True, slots=True)
class StrategyReport:
    """What a strategy gave."""

    name: str
    efforts: tuple[str, ...]
    """Names of its cells."""
    traces: int
    tokens: int
    """New tokens; choosing costs none."""
    missing: int = 0
    file_ids: tuple[str, ...] = ()
    stopped: str | None = None


def prepared(plan: Plan, strategies: Sequence[Strategy], engine: Engine) -> Plan:
    """The plan with what its strategies need. Raises ``UsageError`` or ``UnsupportedError`` for what
    cannot go well, before anything is asked."""
    can = engine.capabilities()
    check_strategies(plan, strategies)
    for one in strategies:
        if one.by == CONFIDENCE:
            if not can.logprobs:
                raise UnsupportedError(
                    f"The engine {engine.name} tells no log-probabilities to be confident by.",
                    remedy="Use --scorer brevity.",
                )
            plan = replace(plan, logprobs=True)
    return plan


def check_strategies(plan: Plan, strategies: Sequence[Strategy]) -> None:
    """Raise ``UsageError`` for a strategy that the plan cannot feed."""
    for one in strategies:
        _check(one, plan)


def _check(one: Strategy, plan: Plan) -> None:
    check_scorer(one)
    if one.name in CHOOSING and plan.samples < 2:
        raise UsageError(
            f"The strategy {one.name} chooses among samples: ask for two or more of each.",
            remedy="Add --samples 8, say.",
        )
    if one.name in FOLLOWING and not 1 <= one.rounds <= MAX_ROUNDS:
        raise UsageError(f"Between 1 and {MAX_ROUNDS} rounds can follow an answer.")
    gold = one.name in (REJECTION, FEEDBACK) or one.by == VERIFIER
    if gold and not any(q.gold is not None for q in plan.questions):
        raise UsageError(
            f"The strategy {one.name} needs questions with a gold answer to judge by.",
            remedy="Give records with the key gold, or questions of reasoning-gym.",
        )


def run_strategies(
    store: Store,
    engine: Engine,
    plan: Plan,
    run_id: str,
    strategies: Sequence[Strategy],
    *,
    resume: bool = False,
    concurrency: int | None = None,
    monitor: Callable[[Monitor], None] | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[StrategyReport]:
    """Apply strategies to a finished run of ``plan``; their traces are in the store at the end.

    Choosing again what was chosen before adds nothing. ``resume`` goes on with rounds that were
    stopped. A cancelled round ends its strategy; what is finished stays.
    """
    cancel = cancel or CancelToken()
    folder = runs_folder(store.path) / run_id
    notes.note(folder, strategies)
    reports = []
    for one in strategies:
        if cancel.cancelled:
            break
        if one.name in FOLLOWING:
            ask = _Asking(store, engine, plan, resume, concurrency, monitor, progress, cancel)
            report = _follow(ask, run_id, one)
        else:
            report = _choose(store, run_id, one, plan.samples, progress, cancel)
        if not (cancel.cancelled or report.stopped or report.missing):
            notes.settle(folder, one)
        reports.append(report)
    return reports


def _choose(
    store: Store,
    run_id: str,
    one: Strategy,
    asked: int,
    progress: ProgressCallback,
    cancel: CancelToken,
) -> StrategyReport:
    judged = one.name == REJECTION or one.by == VERIFIER
    if judged:
        judge_answers(store, progress=progress, cancel=cancel)
    label = one.label(asked)
    lines = [
        chosen.line(
            store,
            one,
            key=f"{chosen.sample.question_id}/{chosen.sample.effort or ''}+{label}/0",
            effort=chosen.sample.effort or "",
            label=label,
        )
        for chosen in _chosen(store, run_id, one)
    ]
    report = _kept(store, f"{run_id}+{label.replace(' ', '-')}", one.name, lines)
    if judged:  # the same texts again: what is accepted can be curated at once
        judge_answers(store, progress=progress, cancel=cancel)
    return report


def _chosen(store: Store, run_id: str, one: Strategy) -> Iterator[Chosen]:
    """What the strategy settles on, for each question and cell of a run."""
    groups: dict[tuple[str | None, str | None], list[Stored]] = defaultdict(list)
    for sample in samples_of(store, run_id):
        groups[sample.question_id, sample.effort].append(sample)
    for group in groups.values():
        found = choose(store, group, one)
        if found is not None:
            yield found


def _kept(
    store: Store, run: str, name: str, lines: list[dict[str, Any]], tokens: int = 0
) -> StrategyReport:
    """Put lines that cost nothing into the store: one file of its own, the same one each time."""
    efforts = tuple(dict.fromkeys(str(line["effort"]) for line in lines))
    if not lines:
        return StrategyReport(name, (), 0, tokens)
    journal = Journal(runs_folder(store.path) / run)
    known = {orjson.dumps(line.get("strategy")) + orjson.dumps(line.get("key")) for line in journal.lines()}  # fmt: skip
    journal.put(
        {KEY: VERSION, "run_id": run, **line}
        for line in lines
        if orjson.dumps(line["strategy"]) + orjson.dumps(line["key"]) not in known
    )
    ids = []
    for path in journal.recover():
        report = import_file(store, path, name=f"run {run} {path.name}")
        ids.append(report.file_id)
    return StrategyReport(name, efforts, len(lines), tokens, file_ids=tuple(ids))


@dataclass(frozen=True, slots=True)
class _Asking:
    """What every round of a strategy is run with."""

    store: Store
    engine: Engine
    plan: Plan
    resume: bool
    concurrency: int | None
    monitor: Callable[[Monitor], None] | None
    progress: ProgressCallback
    cancel: CancelToken

    def run(self, plan: Plan) -> RunReport:
        """One round."""
        return execute(
            self.store,
            self.engine,
            plan,
            resume=self.resume,
            concurrency=self.concurrency,
            monitor=self.monitor,
            progress=self.progress,
            cancel=self.cancel,
        )


def _follow(ask: _Asking, run_id: str, one: Strategy) -> StrategyReport:
    """Rounds of a strategy that asks again, each over what the round before gave."""
    plan = ask.plan
    levels = {plan.effort_name(level): level for level in plan.levels()}
    questions = {q.id: q for q in plan.questions}
    now = [s for s in samples_of(ask.store, run_id) if s.error is None]
    parents = {
        s.trace_id: Parent(
            questions[s.question_id or ""], levels[s.effort or ""], s.effort or "",
            s.sample, (s.trace_id,), (), s.prompt_tokens, s.completion_tokens, s.reasoning_tokens,
        )
        for s in now
        if s.question_id in questions and s.effort in levels
    }  # fmt: skip
    efforts: dict[str, None] = {}
    traces = tokens = missing = 0
    stopped = None
    for number in range(1, one.rounds + 1):
        going, content = _split(ask, now, one)
        asked = tuple(_asked(ask.store, s, parents[s.trace_id], one) for s in going if s.trace_id in parents)  # fmt: skip
        follow = Follow(one.name, number, asked)
        lines = [_carried(ask.store, s, parents[s.trace_id], follow) for s in content if s.trace_id in parents]  # fmt: skip
        carried = _kept(ask.store, f"{run_id}+{one.name}-{number}", one.name, lines)
        efforts |= dict.fromkeys(f"{p.effort} + {follow.label}" for p in parents.values())
        traces += carried.traces
        if not asked:
            continue
        report = ask.run(replace(plan, follow=follow, probes=None))
        traces, tokens = traces + report.new, tokens + report.tokens
        missing, stopped = missing + report.missing, stopped or report.stopped
        if report.missing or ask.cancel.cancelled:
            break
        made = [s for s in samples_of(ask.store, report.run_id) if s.error is None]
        before: dict[tuple[str | None, str, int], Parent] = {
            (p.question.id, p.effort, p.sample): p for p in asked
        }
        parents = {s.trace_id: _next(s, before[_place(s)]) for s in made if _place(s) in before} | {
            s.trace_id: parents[s.trace_id] for s in content if s.trace_id in parents
        }
        now = [*made, *content]
    return StrategyReport(one.name, tuple(efforts), traces, tokens, missing, (), stopped)


def _split(ask: _Asking, now: list[Stored], one: Strategy) -> tuple[list[Stored], list[Stored]]:
    """Those that are asked again, and those with which the verifier is content."""
    if one.name == SELF_REFINE:
        return now, []
    judge_answers(ask.store, progress=ask.progress, cancel=ask.cancel)
    verdicts = {
        s.trace_id: ask.store.scalar(
            "SELECT correct FROM trace_row WHERE trace_id = $id", {"id": s.trace_id}
        )
        for s in now
    }
    # Without a verdict there is nothing to tell the model.
    going = [s for s in now if verdicts[s.trace_id] is False]
    return going, [s for s in now if verdicts[s.trace_id] is not False]


def _asked(store: Store, sample: Stored, parent: Parent, one: Strategy) -> Parent:
    """A parent with the answer that it gave, and the words that ask again."""
    said = sample.text(store)
    return replace(
        parent,
        turns=(*parent.turns, Message("assistant", said), Message("user", SAID[one.name])),
    )


def _next(sample: Stored, before: Parent) -> Parent:
    """The parent of the next round: a stored revision, whose counts hold all rounds."""
    return replace(
        before,
        trace_ids=(*before.trace_ids, sample.trace_id),
        prompt_tokens=sample.prompt_tokens,
        completion_tokens=sample.completion_tokens,
        reasoning_tokens=sample.reasoning_tokens,
    )


def _place(sample: Stored) -> tuple[str | None, str, int]:
    return sample.question_id, (sample.effort or "").rpartition(" + ")[0], sample.sample


def _carried(store: Store, sample: Stored, parent: Parent, follow: Follow) -> dict[str, Any]:
    """The line of an answer that needs no further round: it stands for the round as it is."""
    strategy = {
        "name": follow.strategy,
        "round": follow.round,
        "rounds_used": len(parent.trace_ids) - 1,
        "chosen": sample.trace_id,
        "parents": list(parent.trace_ids),
    }
    label = round_label(follow.strategy, follow.round)
    return sample.line(
        store,
        key=f"{sample.question_id}/{parent.effort}+{label}/{sample.sample}",
        effort=parent.effort,
        label=label,
        sample=sample.sample,
        strategy=strategy,
        prompt_tokens=sample.prompt_tokens,
        completion_tokens=sample.completion_tokens,
        reasoning_tokens=sample.reasoning_tokens,
    )
