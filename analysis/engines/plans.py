"""What a run is to do: questions, efforts, budgets, samples, and how they become requests."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson

from analysis.engines.follow import Follow, Parent
from analysis.engines.forcing import Forcing
from analysis.engines.presets import GENERIC, PLAIN, Level, Preset, overlay
from analysis.engines.probes import POINTS
from analysis.engines.protocol import Engine, Request, Sampling, UnsupportedError
from analysis.engines.questions import Question
from analysis.errors import UsageError

MAX_JOBS = 5_000_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A run as it was asked for. The same plan has the same id."""

    questions: tuple[Question, ...]
    preset: Preset = GENERIC
    efforts: tuple[str, ...] = ()
    """Names of levels of the preset; none is its default."""
    budgets: tuple[int | None, ...] = (None,)
    """Thinking tokens; None is what the level says. Every effort runs at every budget."""
    samples: int = 1
    seed: int = 0
    sampling: Sampling = field(default_factory=Sampling)
    """What differs from the preset's recommendation."""
    waits: int | None = None
    """s1: how often the end of thinking is replaced by "Wait"; None is what the level says."""
    fewest: int | None = None
    probes: str | None = None
    logprobs: bool = False
    follow: Follow | None = None
    """Set where answers of an earlier run are asked about again; its parents are what is run."""

    def levels(self) -> list[Level]:
        """The level of each effort at each budget, in order."""
        found = []
        for effort in self.efforts or (self.preset.default,):
            level = self.preset.level(effort)
            for budget in self.budgets or (None,):
                one = level if budget is None else replace(level, budget=budget)
                one = one if self.waits is None else replace(one, waits=self.waits)
                found.append(one if self.fewest is None else replace(one, fewest=self.fewest))
        return found

    @property
    def total(self) -> int:
        """How many traces this makes."""
        if self.follow is not None:
            return len(self.follow.parents)
        return len(self.questions) * len(self.levels()) * self.samples

    def check(self) -> None:
        """Raise ``UsageError`` for numbers that make no run."""
        if not self.questions:
            raise UsageError("There is no question to run.")
        if self.samples < 1:
            raise UsageError("At least one sample is needed.")
        for budget in (*self.budgets, self.fewest, self.waits):
            if budget is not None and budget < 0:
                raise UsageError("Budgets and waits are not negative.")
        for value in (self.sampling.temperature, self.sampling.top_p, self.sampling.min_p):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise UsageError(
                    f"Temperature, top-p and min-p are numbers from 0 on, not {value}."
                )
        for level in self.levels():
            limit = self.token_limit(level)
            if limit is not None and (level.fewest or 0) >= limit:
                raise UsageError(
                    f"At least {level.fewest:,} thinking tokens do not fit into {limit:,} tokens of"
                    " thinking and answer.",
                    remedy="Raise --max-tokens (token limit), or ask for less thinking.",
                )
            if limit is not None and level.budget in self.budgets and (level.budget or 0) >= limit:
                raise UsageError(
                    f"A budget of {level.budget:,} thinking tokens is never reached within"
                    f" {limit:,} tokens of thinking and answer.",
                    remedy="Raise --max-tokens (token limit), or set a smaller budget.",
                )
        if self.probes is not None and self.probes not in POINTS:
            raise UsageError(f"Probes are at {', '.join(POINTS)}, not {self.probes!r}.")
        if self.total > MAX_JOBS:
            raise UsageError(f"A run of {self.total:,} traces is too long.", remedy="Split it.")

    def token_limit(self, level: Level) -> int | None:
        """Most tokens of thinking and answer together at a level; None where nobody sets a limit."""
        return overlay(overlay(self.preset.sampling, level.sampling), self.sampling).max_tokens

    def describe(self, engine: Engine) -> dict[str, Any]:
        """The plan as JSON: what is kept beside the journal, and what the run's id is made of."""
        more = {} if self.follow is None else {"follow": self.follow.describe()}
        return {
            **more,
            "engine": engine.name,
            "model": engine.model,
            "preset": self.preset.id,
            "efforts": [asdict(level) for level in self.levels()],
            "samples": self.samples,
            "seed": self.seed,
            "sampling": asdict(overlay(self.preset.sampling, self.sampling)),
            "probes": self.probes,
            "logprobs": self.logprobs,
            "questions": [_question(q) for q in self.questions],
        }

    def effort_name(self, level: Level) -> str:
        """What the cell of a level is called: the level, and what is asked beside it.

        Every budget is a cell of its own; alone it is named by its tokens.
        """
        own = self.preset.level(level.name)
        more = []
        if level.budget is not None and level.budget != own.budget:
            more.append(f"{level.budget} tokens")
        if level.waits and level.waits != own.waits:
            more.append(f"{level.waits} waits")
        if level.fewest and level.fewest != own.fewest:
            more.append(f"at least {level.fewest} tokens")
        return ", ".join([level.name, *more] if self.efforts or not more else more)


def _question(question: Question) -> dict[str, Any]:
    """A question as JSON; without what most do not have, so that ids of old runs stay."""
    found = asdict(question)
    return {k: v for k, v in found.items() if k != "gym" or v is not None}


def plan_id(description: Mapping[str, Any]) -> str:
    """A short hash of everything that was asked."""
    data = orjson.dumps(description, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(data).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Job:
    """One trace to be made."""

    key: str
    """Unique in the run, the same when it is resumed."""
    question: Question
    level: Level
    sample: int
    request: Request
    forcing: Forcing | None = None
    """Set where the thinking is made piece by piece over token ids."""
    effort: str = ""
    """The name of its cell."""
    parent: Parent | None = None
    """What it revises."""


def jobs_of(plan: Plan, engine: Engine) -> Iterator[Job]:
    """Every trace of a plan: all questions before the next sample, so that a run that is stopped
    early has something of everything."""
    if plan.follow is not None:
        for parent in plan.follow.parents:
            mark = f"+{plan.follow.strategy}{plan.follow.round}"
            yield _job(plan, engine, parent.question, parent.level, parent.sample, parent, mark)
        return
    levels = plan.levels()
    for sample in range(plan.samples):
        for question in plan.questions:
            for level in levels:
                yield _job(plan, engine, question, level, sample)


def _job(
    plan: Plan,
    engine: Engine,
    question: Question,
    level: Level,
    sample: int,
    parent: Parent | None = None,
    mark: str = "",
) -> Job:
    forcing = _forcing(level, engine)
    key = _key(question, level, sample) + mark
    request = plan.preset.request(question.text, level, system=question.system)
    request = replace(
        request,
        messages=request.messages if parent is None else (*request.messages, *parent.turns),
        sampling=overlay(request.sampling, plan.sampling),
        seed=_seed(plan.seed, key),
        logprobs=plan.logprobs,
        thinking_budget=None if forcing else request.thinking_budget,
        min_thinking=None if forcing else request.min_thinking,
    )
    name = plan.effort_name(level) if parent is None else parent.effort
    return Job(key, question, level, sample, request, forcing, name, parent)


def check_engine(plan: Plan, engine: Engine) -> None:
    """Raise ``UnsupportedError`` where the engine cannot do what the plan asks, before it starts."""
    can = engine.capabilities()
    for level in plan.levels():
        _forcing(level, engine)
    if plan.probes is not None and not (can.completions and can.render):
        raise UnsupportedError(
            f"The engine {engine.name} cannot be probed: it takes no token ids.",
            remedy="Use the engines tiny, transformers or vllm, or leave the probes away.",
        )
    if plan.probes is not None and not plan.preset.marked:
        raise UnsupportedError(f"{plan.preset.title} marks no end of thinking to probe at.")
    if plan.logprobs and not can.logprobs:
        raise UnsupportedError(f"The engine {engine.name} tells no log-probabilities.")


def _forcing(level: Level, engine: Engine) -> Forcing | None:
    """How a level is enforced over token ids; None where the engine does it, or nothing is asked."""
    can = engine.capabilities()
    wants_budget = level.budget is not None and not can.budget
    wants_fewest = bool(level.fewest) and not can.min_thinking
    if not (level.waits or wants_budget or wants_fewest):
        return None
    if not (can.completions and can.render):
        what = "budget forcing" if level.waits else "a thinking budget"
        raise UnsupportedError(
            f"The engine {engine.name} cannot do {what}: it takes no token ids.",
            remedy="Use the engines tiny, transformers or vllm, or an effort without a budget.",
        )
    return Forcing(waits=level.waits, most=level.budget, fewest=level.fewest or 0)


def _key(question: Question, level: Level, sample: int) -> str:
    asked = [level.name]
    for mark, value in (("b", level.budget), ("f", level.fewest), ("w", level.waits or None)):
        if value is not None:
            asked.append(f"{mark}{value}")
    effort = "-".join(asked) if asked != [PLAIN] else PLAIN
    return f"{question.id}/{effort}/{sample}"


def _seed(seed: int, key: str) -> int:
    """A seed of its own for every trace, the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{key}".encode()).digest()[:4], "big") >> 1


def runs_of(description: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Those of the folder names that are runs of this plan, oldest first."""
    own = plan_id(description)
    found = [(int(n.rpartition("-")[2]), n) for n in names if _is_run(n, own)]
    return [name for _, name in sorted(found)]


def _is_run(name: str, own: str) -> bool:
    head, _, number = name.rpartition("-")
    return head == own and number.isdigit()
