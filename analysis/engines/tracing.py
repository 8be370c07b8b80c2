"""One trace of a run: ask the engine, gather what comes, and write it as a line of the journal."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import analysis
from analysis.engines.follow import continued
from analysis.engines.forcing import force
from analysis.engines.gym import judged
from analysis.engines.plans import Job, Plan
from analysis.engines.probes import run_probes
from analysis.engines.protocol import (
    Content,
    Done,
    Engine,
    EngineError,
    EngineGoneError,
    Event,
    Marks,
    Reasoning,
    Token,
    UnsafeAddressError,
    UnsupportedError,
    Usage,
)
from analysis.formats.cotscope_run import KEY, VERSION
from analysis.formats.split import split_text
from analysis.progress import CancelToken

Told = Callable[[Job, Event], None]
MAX_TOKENS_KEPT = 100_000
"""Log-probabilities of more tokens are not kept."""


@dataclass(slots=True)
class _Gathered:
    """What one sample has given so far."""

    reasoning: list[str] = field(default_factory=list)
    content: list[str] = field(default_factory=list)
    tokens: list[tuple[str, float | None]] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    done: Done | None = None
    error: str | None = None
    used: dict[str, Any] = field(default_factory=dict)

    def see(self, event: Event) -> None:
        if isinstance(event, Reasoning):
            self.reasoning.append(event.text)
        elif isinstance(event, Content):
            self.content.append(event.text)
        elif isinstance(event, Token):
            if len(self.tokens) < MAX_TOKENS_KEPT:
                self.tokens.append((event.text, event.logprob))
        elif isinstance(event, Usage):
            known = self.usage
            self.usage = Usage(
                known.prompt if event.prompt is None else event.prompt,
                known.completion if event.completion is None else event.completion,
                known.reasoning if event.reasoning is None else event.reasoning,
                known.cached if event.cached is None else event.cached,
            )
        else:
            self.done = event
            self.error = event.error


def make_line(
    engine: Engine, plan: Plan, job: Job, run_id: str, told: Told, cancel: CancelToken
) -> dict[str, Any]:
    """Make one trace. A fault of this request is in the line (``error``) beside what came before it.

    Raises ``Cancelled``, and ``EngineGoneError``, ``UnsafeAddressError`` or ``UnsupportedError``,
    which concern all.
    """
    began, at = time.monotonic(), datetime.now(UTC)
    found = _Gathered()
    try:
        if job.forcing is None:
            for event in engine.stream(job.request, cancel):
                found.see(event)
                told(job, event)
        else:
            _forced(engine, plan, job, found, told, cancel)
    except (EngineGoneError, UnsafeAddressError, UnsupportedError):
        raise
    except EngineError as error:
        found.error = str(error)
    latency = time.monotonic() - began
    line = _line(engine, plan, job, run_id, found)
    line |= {"created_at": at.isoformat(), "latency_s": round(latency, 6)}
    if plan.probes is not None and found.error is None:
        _probe(engine, plan, job, line, cancel)
    if job.question.gym is not None and found.error is None:
        line |= judged(job.question.gym, job.question.gold, *_shown(line))
    if job.parent is not None and plan.follow is not None:
        line = continued(line, job.parent, plan.follow)
    return {name: value for name, value in line.items() if value is not None}


def _forced(
    engine: Engine, plan: Plan, job: Job, found: _Gathered, told: Told, cancel: CancelToken
) -> None:
    """Thinking made piece by piece over token ids."""
    assert job.forcing is not None
    prompt = engine.render(job.request)
    made = force(
        engine,
        prompt,
        job.forcing,
        marks=plan.preset.marks or Marks(),
        sampling=job.request.sampling,
        seed=job.request.seed,
        cancel=cancel,
    )
    events: list[Event] = [Reasoning(made.thinking), Content(made.answer)]
    count = len(made.thinking_ids) + len(made.answer_ids)
    events += [
        Usage(len(prompt), count, len(made.thinking_ids)),
        Done(made.finish_reason),
    ]
    for event in events:
        found.see(event)
        told(job, event)
    found.used |= {"waits": made.waits, "cut": made.cut, "wait_at_tokens": list(made.wait_ends)}
    if job.request.logprobs:
        found.tokens = made.tokens(engine, job.forcing.wait)[:MAX_TOKENS_KEPT]
    if made.logprobs:
        found.used["mean_logprob"] = sum(made.logprobs) / len(made.logprobs)


def _line(engine: Engine, plan: Plan, job: Job, run_id: str, found: _Gathered) -> dict[str, Any]:
    request, question, usage = job.request, job.question, found.usage
    system = [m.content for m in request.messages if m.role == "system"]
    finish = found.done.finish_reason if found.done else "error"
    told = [p for _, p in found.tokens if p is not None]
    used: dict[str, Any] = {
        "reasoning_tokens": usage.reasoning,
        "completion_tokens": usage.completion,
        "cached_tokens": usage.cached,
        "mean_logprob": sum(told) / len(told) if told else None,
        **found.used,
    }
    host = getattr(engine, "host", None)
    return {
        KEY: VERSION,
        "run_id": run_id,
        "key": job.key,
        "question_id": question.id,
        "question": question.text,
        "system_prompt": "\n\n".join(system) or None,
        # Without one each part of the journal would be a data set of its own.
        "dataset": question.dataset or f"run {run_id}",
        "gold": question.gold,
        "sample_index": job.sample,
        "model": engine.model,
        "effort": job.effort or job.level.name,
        "thinking_budget_tokens": job.level.budget,
        "engine": {
            "name": engine.name,
            "version": engine.version,
            "host": host,
            "cotscope": analysis.__version__,
            "preset": plan.preset.id,
        },
        "asked": _asked(job),
        "used": {name: value for name, value in used.items() if value is not None},
        **_texts(plan, found),
        "finish_reason": finish,
        "error": found.error,
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "reasoning_tokens": usage.reasoning,
        "token_logprobs": [[text, p] for text, p in found.tokens] or None,
    }


def _asked(job: Job) -> dict[str, Any]:
    """The effort, budgets, sampling and seed of the request."""
    request, level = job.request, job.level
    stated = {k: v for k, v in asdict(request.sampling).items() if v is not None}
    asked: dict[str, Any] = {
        "effort": level.name,
        "reasoning_effort": request.effort,
        "thinking_budget": level.budget,
        "min_thinking": level.fewest,
        "waits": level.waits or None,
        "enforced_by": "token ids"
        if job.forcing
        else "engine"
        if level.budget is not None
        else None,
        "template": dict(request.template) or None,
        "sampling": stated,
        "seed": request.seed,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _texts(plan: Plan, found: _Gathered) -> dict[str, Any]:
    """The text as the model wrote it where that is known, else thinking and answer apart."""
    raw = found.done.raw if found.done else None
    reasoning, content = "".join(found.reasoning), "".join(found.content)
    if not plan.preset.marked:
        return {"raw": raw if raw is not None else content or reasoning, "unmarked": True}
    if raw:
        # Only of a cut text: one that ended by itself without a mark is an answer without thinking.
        cut = found.done is not None and found.done.finish_reason in ("length", "error")
        opened = cut and bool(plan.preset.marks and plan.preset.marks.prefilled)
        return {"raw": raw, "opened": opened or None}
    return {"reasoning": reasoning or None, "answer": content.strip() or None}


def _probe(engine: Engine, plan: Plan, job: Job, line: dict[str, Any], cancel: CancelToken) -> None:
    """Add the probes of a finished trace; a fault of them does not spoil the trace."""
    reasoning, _ = _shown(line)
    if not reasoning:
        return
    marks = plan.preset.marks or Marks()
    try:
        line["probes"] = run_probes(
            engine,
            engine.render(job.request),
            reasoning,
            plan.probes or "every10",
            marks=marks,
            form=plan.preset.probe,
            cancel=cancel,
        )
    except EngineError as error:
        line["used"]["probes_failed"] = str(error)


def _shown(line: dict[str, Any]) -> tuple[str | None, str | None]:
    """Thinking and answer of a line, as an import will read them."""
    raw = line.get("raw")
    if raw is None:
        return line.get("reasoning"), line.get("answer")
    if line.get("unmarked"):
        return raw, None
    found = split_text(raw, prefilled=True if line.get("opened") else None)
    return found.reasoning, found.answer
