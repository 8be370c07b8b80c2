"""`cotscope run --resume` without questions: going on with a run of the database as it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from analysis.cli.common import clean, count

if TYPE_CHECKING:
    from analysis.store import Store
    from analysis.views.runs import OldRun

_LISTED = 20


def asks_nothing(given: dict[str, Any]) -> bool:
    """Whether no question is given."""
    return not given["prompts"] and not given["typed"] and given["gym"] is None


def old_run(store: Store, run_id: str | None) -> OldRun | None:
    """The unfinished run that is meant: the one that is named, or the only one; None where all is done.

    Raises ``UsageError`` where there are several, or none of that name.
    """
    from analysis.errors import UsageError
    from analysis.views.runs import unfinished

    found = unfinished(store)
    if run_id is not None:
        named = [run for run in found if run.run_id == run_id]
        if not named:
            known = ", ".join(run.run_id for run in found) or "none"
            raise UsageError(
                f"There is no unfinished run {clean(run_id)!r}.", remedy=f"There are: {known}."
            )
        return named[0]
    if len(found) > 1:
        for run in found[:_LISTED]:
            click.echo(f"  {_told(run)}", err=True)
        raise UsageError(
            f"{len(found)} runs are unfinished.", remedy="Name one of them with --run ID."
        )
    if found:
        click.echo(_told(found[0]), err=True)
    return found[0] if found else None


def engine_of(run: OldRun, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the engine and model of the run where nothing else is."""
    from analysis.errors import UsageError

    if run.engine == "openai" and not given["base_url"]:
        raise UsageError(
            f"The run {run.run_id} asked {clean(run.model)!r} at an address, which is not kept.",
            remedy="Give it: --base-url http://HOST:PORT/v1",
        )
    engine = given["engine_name"] or run.engine
    model = given["model"] or (None if run.engine == "tiny" else run.model)
    preset = given["preset"] or run.plan.preset.id
    return {**given, "engine_name": engine, "model": model, "preset": preset}


def _told(run: OldRun) -> str:
    """A run on one line: '4f0c-1: tiny, 12 of 40 traces, 10 questions; then self-refine'."""
    told = (
        f"{run.run_id}: {clean(run.model)} ({run.engine}), {run.done:,} of {count(run.total, 'trace')},"
        f" {count(len(run.plan.questions), 'question')}"
    )
    names = ", ".join(one.name for one in run.strategies)
    return f"{told}; then {names}" if names else told
