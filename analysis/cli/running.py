"""`cotscope run`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import (
    OK,
    PARTIAL,
    asdict_of,
    clean,
    count,
    db_option,
    json_option,
    path_of,
    print_json,
    progress_bar,
)
from analysis.cli.resuming import asks_nothing, engine_of, old_run
from analysis.cli.scaling import RAY, ray_options, ray_talks, work_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.engines.choosing import Strategy
    from analysis.engines.opening import Wanted
    from analysis.engines.plans import Plan
    from analysis.engines.protocol import Engine
    from analysis.engines.questions import Question
    from analysis.engines.runs import RunReport
    from analysis.progress import CancelToken, ProgressCallback
    from analysis.store import Store

    PlanOf = Callable[[Engine], Plan]

ENGINES = ("tiny", "openai", "transformers", "vllm")


@click.command()
@click.argument("prompts", required=False, type=click.Path(path_type=Path), metavar="[PROMPTS]")
@click.option("--question", "typed", multiple=True, help="A question; may be given several times.")
@click.option("--model", help="Name of the model at the server, on the hub, or its folder.")
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice((*ENGINES, RAY)),
    help="Default: openai with --base-url, else tiny. tiny comes along and only adds numbers. ray asks"
    " from many machines: the server of --base-url, or each a model of its own.",
)
@click.option(
    "--base-url", help="Address of an OpenAI-compatible server, as http://127.0.0.1:8000/v1."
)
@click.option("--api-key-env", metavar="NAME", help="Environment variable that holds the key.")
@click.option("--preset", help="Family of the model (see docs/running.md); default: by its name.")
@click.option("--effort", "efforts", help="Levels of the preset, separated by commas: low,high.")
@click.option("--budget", "budgets", help="Thinking tokens, separated by commas: 256,1024.")
@click.option("--wait", "waits", type=click.IntRange(0, 64), help='s1: append "Wait" so often.')
@click.option("--min-thinking", "fewest", type=click.IntRange(0), help="Fewest thinking tokens.")
@click.option("--samples", type=click.IntRange(1, 10_000), default=1, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--temperature", type=click.FloatRange(0, 10), help="Default: what the preset says.")
@click.option("--top-p", type=click.FloatRange(0, 1))
@click.option("--max-tokens", type=click.IntRange(1), help="Thinking and answer together.")
@click.option(
    "--probes",
    type=click.Choice(["every10", "thoughts", "candidates"]),
    help="Ask for the answer at these points of each trace.",
)
@click.option("--logprobs", is_flag=True, help="Keep the log-probability of every token.")
@click.option("--concurrency", type=click.IntRange(1, 1024), help="Requests at a time.")
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="NAME",
    help="What is done with the answers, as cells of their own: majority, weighted, best, rejection"
    " (over --samples), self-refine, feedback. Several with commas.",
)
@click.option(
    "--scorer",
    type=click.Choice(["confidence", "brevity", "verifier"]),
    default="confidence",
    show_default=True,
    help="Of weighted and best; verifier (best only) looks at the gold answer: an upper bound.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="Of self-refine and feedback.",
)
@click.option(
    "--curate",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.jsonl",
    help="Write what rejection sampling accepted as training data.",
)
@click.option("--gym", metavar="TASK", help="Questions of reasoning-gym instead of PROMPTS.")
@click.option("--size", type=click.IntRange(1), default=10, show_default=True, help="Of --gym.")
@click.option(
    "--gym-option", "gym_options", multiple=True, metavar="NAME=VALUE", help="A task's setting."
)
@click.option("--dataset", help="Name of the data set; default: each row's own, else the file's.")
@click.option("--vllm-python", metavar="FILE", help="Python of the environment that has vLLM.")
@click.option("--vllm-arg", "vllm_args", multiple=True, help="One more argument of `vllm serve`.")
@click.option("--tensor-parallel", type=click.IntRange(1), help="GPUs that share one copy.")
@click.option("--data-parallel", type=click.IntRange(1), help="Copies of the model.")
@click.option("--max-length", type=click.IntRange(1), help="Context length of the vLLM server.")
@click.option("--workers", type=click.IntRange(1, 4096), help="Machines' workers.  [ray]")
@click.option("--gpus", type=click.FloatRange(0), default=0, help="Of each worker.  [ray]")
@ray_options
@db_option
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the same run: make only what is missing. Without questions: with the unfinished"
    " run of the database, as it was asked for.",
)
@click.option("--run", "run_id", metavar="ID", help="Which one, where several are unfinished.")
@json_option
def run(prompts: Path | None, db: Path | None, resume: bool, as_json: bool, **given: Any) -> None:
    """Run a reasoning model on questions; its traces go into the database.

    PROMPTS is a text file with one question a line, or records (JSONL, CSV, Parquet) with a question
    and, if known, the answer to judge by. What is finished is never lost: a run that was stopped or
    killed goes on with --resume.
    """
    from analysis.cli.run_strategies import apply, curated, strategies_of
    from analysis.progress import CancelToken
    from analysis.store import open_store

    given |= {"prompts": prompts, "resume": resume}
    strategies = strategies_of(given)
    cancel = CancelToken()
    asked = _asked(given)
    with open_store(path_of(db), must_exist=asked is None) as store, stoppable(cancel):
        _recover(store, quiet=as_json)
        if asked is None:
            old = old_run(store, given["run_id"])
            if old is None:
                click.echo(f"No run in {clean(str(path_of(db)))} is unfinished.")
                return
            given = engine_of(old, given)
            asked = old.plan_for
            strategies = [*old.strategies, *(s for s in strategies if s not in old.strategies)]
        with opened(given, quiet=as_json) as engine:
            plan = _prepared(asked, strategies, engine)
            report = _run(store, engine, plan, strategies, given, cancel, quiet=as_json)
            if not as_json:
                _print(report, path_of(db))
            chosen = apply(store, engine, plan, report, strategies, given, cancel, quiet=as_json)
            written = curated(store, chosen, given["curate"], quiet=as_json)
    if as_json:
        more = {"strategies": [asdict_of(s) for s in chosen], "curated": written}
        print_json({**asdict_of(report), "missing": report.missing, "db": str(path_of(db)), **more})
    elif not report.missing and (report.new or any(s.traces for s in chosen)):
        click.echo("Next: cotscope analyze")
    sys.exit(PARTIAL if report.missing or any(s.missing for s in chosen) else OK)


def _asked(given: dict[str, Any]) -> PlanOf | None:
    """The plan of the questions that are given; None where an unfinished run is to go on."""
    from analysis.engines.protocol import Sampling
    from analysis.errors import UsageError

    if given["resume"] and asks_nothing(given):
        return None
    if given["run_id"] is not None:
        raise UsageError("--run names an unfinished run: use it with --resume and no questions.")
    questions = _questions(given)
    sampling = Sampling(given["temperature"], given["top_p"], max_tokens=given["max_tokens"])
    return lambda engine: _plan(questions, engine, sampling, given)


def _prepared(asked: PlanOf, strategies: list[Strategy], engine: Engine) -> Plan:
    from analysis.engines.strategy_runs import prepared

    return prepared(asked(engine), strategies, engine)


def _recover(store: Store, *, quiet: bool) -> None:
    """Put into the database what killed runs have left."""
    from analysis.engines.runs import recover_all

    left = recover_all(store)
    if left and not quiet:
        click.echo(
            f"{count(left, 'trace')} of a run that was killed put into the database.", err=True
        )


def _questions(given: dict[str, Any]) -> list[Question]:
    from analysis.engines.questions import read_questions, typed_questions
    from analysis.errors import UsageError

    prompts, typed, dataset = given["prompts"], given["typed"], given["dataset"]
    if (prompts is not None) + bool(typed) + (given["gym"] is not None) != 1:
        raise UsageError("Give a file of questions, --question or --gym, one of them.")
    if given["gym"] is not None:
        return _gym(given)
    if prompts is None:
        return typed_questions(typed, dataset=dataset)
    if not prompts.is_file():
        raise UsageError(f"There is no file {clean(str(prompts))!r}.")
    return read_questions(prompts, dataset=dataset)


def _gym(given: dict[str, Any]) -> list[Question]:
    """Questions of reasoning-gym; the seed of the run is theirs too."""
    import json
    from dataclasses import replace

    from analysis.engines.gym import gym_questions
    from analysis.errors import UsageError

    config: dict[str, Any] = {}
    for part in given["gym_options"]:
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"--gym-option needs NAME=VALUE, not {clean(part)!r}.")
        try:
            config[name.strip()] = json.loads(value)
        except ValueError:
            config[name.strip()] = value
    found = gym_questions(given["gym"], given["size"], given["seed"], config)
    return [replace(q, dataset=given["dataset"]) for q in found] if given["dataset"] else found


def _plan(questions: list[Question], engine: Engine, sampling: Any, given: dict[str, Any]) -> Plan:
    from analysis.engines.plans import Plan
    from analysis.engines.presets import preset_of

    return Plan(
        questions=tuple(questions),
        preset=preset_of(engine.model, given["preset"]),
        efforts=tuple(_listed(given["efforts"])),
        budgets=tuple(_numbers(given["budgets"])) or (None,),
        samples=given["samples"],
        seed=given["seed"],
        sampling=sampling,
        waits=given["waits"],
        fewest=given["fewest"],
        probes=given["probes"],
        logprobs=given["logprobs"],
    )


def _listed(text: str | None) -> list[str]:
    found = [part.strip().lower() for part in (text or "").split(",")]
    return list(dict.fromkeys(part for part in found if part))


def _numbers(text: str | None) -> list[int]:
    from analysis.errors import UsageError

    parts = _listed(text)
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise UsageError(f"--budget needs whole numbers, not {clean(text or '')!r}.")
    return [int(part) for part in parts]


@contextmanager
def opened(given: dict[str, Any], *, quiet: bool) -> Iterator[Engine]:
    """The engine that is asked for; closed at the end."""
    from analysis.engines.opening import open_engine

    tell = None if quiet else lambda line: click.echo(clean(line), err=True)
    engine = open_engine(_wanted(given), tell)
    try:
        yield engine
    finally:
        engine.close()


def _wanted(given: dict[str, Any]) -> Wanted:
    """The engine as it was asked for; on Ray each machine opens one like it."""
    from analysis.engines.opening import Wanted

    name = given["engine_name"]
    if name == RAY and given["model"] and not given["base_url"]:
        name = "transformers"
    elif name in (None, RAY):
        name = "openai" if given["base_url"] else "tiny"
    return Wanted(
        engine=name,
        model=given["model"],
        base_url=given["base_url"],
        key_variable=given["api_key_env"],
        preset=given["preset"],
        concurrency=given["concurrency"],
        python=given["vllm_python"],
        arguments=tuple(given["vllm_args"]),
        tensor_parallel=given["tensor_parallel"],
        data_parallel=given["data_parallel"],
        max_length=given["max_length"],
    )


@contextmanager
def stoppable(cancel: CancelToken) -> Iterator[None]:
    """The first Ctrl-C ends the run and keeps what is finished; the second ends the program."""

    def stop(number: int, frame: Any) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel()
        click.echo("Stopping; what is finished is kept. Once more to stop at once.", err=True)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _run(
    store: Store,
    engine: Engine,
    plan: Plan,
    strategies: list[Strategy],
    given: dict[str, Any],
    cancel: CancelToken,
    *,
    quiet: bool,
) -> RunReport:
    from analysis.engines.runs import execute
    from analysis.engines.strategy_notes import note

    work = work_of(given, _wanted(given))
    with (
        progress_bar(quiet=quiet) as bar,
        _lines(bar, quiet=quiet) as progress,
        ray_talks(work is not None),
    ):
        return execute(
            store,
            engine,
            plan,
            resume=given["resume"],
            concurrency=given["concurrency"],
            work=work,
            began=lambda folder: note(folder, strategies),
            progress=progress,
            cancel=cancel,
        )


@contextmanager
def _lines(bar: ProgressCallback, *, quiet: bool) -> Iterator[ProgressCallback]:
    """A bar on a terminal; elsewhere a line on stderr every ten seconds and at the end."""
    import time

    if quiet or sys.stderr.isatty():
        yield bar
        return
    told = time.monotonic()
    shown = ""

    def tell(moment: Any) -> None:
        nonlocal told, shown
        ended = moment.total is not None and moment.done >= moment.total
        if not ended and time.monotonic() - told < 10:
            return
        told = time.monotonic()
        line = ", ".join(part for part in (moment.amount, moment.note) if part)
        if line != shown:
            click.echo(line, err=True)
        shown = line

    yield tell


def _print(report: RunReport, db: Path) -> None:
    if not report.new and not report.missing:
        click.echo(f"Nothing to do: all {count(report.total, 'trace')} of the run are there.")
    else:
        rate = f" ({report.tokens / report.seconds:,.0f} tokens/s)" if report.seconds > 0 else ""
        click.echo(
            f"{count(report.new, 'trace')}, {report.tokens:,} tokens in {report.seconds:,.1f} s{rate},"
            f" in {clean(str(db))}"
        )
    if report.failed:
        click.echo(f"{report.failed:,} ended with an error; they are kept as such.")
        if report.first_error and not report.stopped:
            click.echo(f"The first: {clean(report.first_error)}", err=True)
    if report.stopped:
        click.echo(f"Stopped: {clean(report.stopped)}", err=True)
    if report.missing:
        click.echo(
            f"{count(report.missing, 'trace')} missing. Go on: the same command with --resume"
        )
