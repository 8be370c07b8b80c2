"""Runs of tracing tools and agents: Langfuse observations, LangSmith runs, ATIF trajectories.

The calls of a model among them are laid out as a request and a reply, which are then read like
those of any server. Sources: Langfuse public API (Observation), LangSmith run format and LangChain's
message classes, Harbor's ATIF (Agent Trajectory Interchange Format).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.formats.asking import as_turns
from analysis.formats.attributes import whole
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    Row,
    as_error,
    as_float,
    as_int,
    as_label,
    as_text,
    as_time,
    snake,
)
from analysis.formats.foreign_turns import as_chat
from analysis.formats.lc_messages import completion_of, result_of
from analysis.formats.messages import read_messages, role_of
from analysis.formats.reply_bodies import read_exchange, with_others
from analysis.formats.usage import usage_fields
from analysis.model import Rejected, Trace

_LANGFUSE = frozenset(("usage_details", "usageDetails", "modelParameters", "model_parameters"))
_OBSERVED = frozenset(("GENERATION", "SPAN", "EVENT", "AGENT", "TOOL", "CHAIN"))
_LLM_RUNS = ("llm", "chat_model", "chat")


# --- Langfuse -------------------------------------------------------------------------------------


def recognise_langfuse(value: Any) -> float:
    """Observations, and traces that hold them."""
    if not isinstance(value, dict):
        return 0.0
    if isinstance(observations := value.get("observations"), list):
        first = observations[0] if observations else None
        return 0.96 if isinstance(first, dict) and first.get("type") in list(_OBSERVED) else 0.0
    if "type" not in value or not ("output" in value or "input" in value):
        return 0.0
    ours = not _LANGFUSE.isdisjoint(value) or "traceId" in value or "trace_id" in value
    return 0.98 if ours and value["type"] in list(_OBSERVED) else 0.0


_JSON_TEXTS = frozenset(("model_parameters", "usage", "usage_details"))
"""Columns of an export that may hold JSON as text."""


def read_langfuse(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The traces of the generations that a value holds."""
    if not recognise_langfuse(value):
        return Rejected("no_text", "This is no observation of Langfuse.")
    if value.get("type") in list(_OBSERVED) and "observations" not in value:
        calls = [value]
    else:
        calls = [item for item in value["observations"] if isinstance(item, dict)]
    traces: list[Trace] = []
    for call in calls:
        if call.get("type") == "GENERATION":
            traces += _generation(call, hint)
    if traces:
        around = {k: v for k, v in value.items() if k != "observations"}
        others = sum(call.get("type") != "GENERATION" for call in calls)
        return with_others(traces, others, around if "observations" in value else {})
    kinds = sorted({str(call.get("type"))[:20] for call in calls})
    return Rejected(
        "no_text", f"No generation of a model is here: {', '.join(kinds) or 'nothing'}."
    )


def _generation(call: Mapping[str, Any], hint: FileHint) -> list[Trace]:
    row = Row({k: whole(v) if snake(k[:40]) in _JSON_TEXTS else v for k, v in call.items()})
    asked = whole(row.use("input"))
    request = asked if isinstance(asked, dict) else {"messages": asked}
    turns = as_turns(request.get("messages"))
    request = {**request, "messages": turns} if turns else request
    if isinstance(text := request.get("messages"), str):
        request = {"prompt": text}
    settings = row.use("model_parameters")
    settings = settings if isinstance(settings, dict) else {}
    known: dict[str, Any] = {
        "external_id": row.take(as_label, "id"),
        "model": row.take(as_label, "model", "provided_model_name"),
        "created_at": row.take(as_time, "start_time"),
        "latency_s": row.take(as_float, "latency"),
        "cost": row.take(as_float, "calculated_total_cost", "total_cost"),
    }
    note = row.take(as_error, "status_message")
    if row.get("level") == "ERROR":
        known["error"] = note or "the generation failed"
    usage: dict[str, Any] = {}
    usage_fields(row, usage, Texts())
    reply = completion_of(whole(row.use("output")))
    return read_exchange(
        {**settings, **request}, reply, {**usage, **known}, row.rest(), hint, "langfuse"
    )


# --- LangSmith ------------------------------------------------------------------------------------


def recognise_langsmith(value: Any) -> float:
    """Runs with their inputs and outputs, alone or with the runs below them."""
    ours = isinstance(value, dict) and "run_type" in value and "inputs" in value
    return 0.98 if ours else 0.0


def read_langsmith(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The traces of the calls of a model among the runs."""
    if not recognise_langsmith(value):
        return Rejected("no_text", "This is no run of LangSmith.")
    traces: list[Trace] = []
    others = 0
    for run in _tree(value):
        if str(run.get("run_type")).lower() in _LLM_RUNS:
            traces += _run(run, hint)
        else:
            others += 1
    if not traces:
        return Rejected("no_text", "No call of a model is among these runs.")
    root = {key: found for key, found in value.items() if key != "child_runs"}
    return with_others(traces, others, root if others else {})


def _tree(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    pending = [value]
    while pending:
        run = pending.pop(0)
        yield run
        children = run.get("child_runs")
        pending += (
            [c for c in children if isinstance(c, dict)] if isinstance(children, list) else []
        )


def _run(run: Mapping[str, Any], hint: FileHint) -> list[Trace]:
    row = Row(run)
    inputs, outputs = row.use("inputs"), row.use("outputs")
    inputs = inputs if isinstance(inputs, dict) else {}
    messages = inputs.get("messages")
    while isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], list):
        messages = messages[0]
    turns = [as_chat(m) for m in messages] if isinstance(messages, list) else None
    request = {**inputs, "messages": turns} if turns else dict(inputs)
    prompts = inputs.get("prompts")
    if not turns and isinstance(prompts, list) and prompts:
        request["prompt"] = prompts[0]
    extra = row.get("extra")
    settings = extra.get("invocation_params") if isinstance(extra, dict) else None
    settings = settings if isinstance(settings, dict) else {}
    reply, known = result_of(outputs)
    known.setdefault("model", as_label(settings.get("model") or settings.get("model_name")))
    known["external_id"] = row.take(as_label, "id")
    start, end = row.take(as_time, "start_time"), row.take(as_time, "end_time")
    known["created_at"] = start
    if start and end and end >= start:
        known["latency_s"] = (end - start).total_seconds()
    known["error"] = row.take(as_error, "error")
    rest = {key: found for key, found in row.rest().items() if key != "child_runs"}
    return read_exchange({**settings, **request}, reply, known, rest, hint, "langsmith")


# --- ATIF -----------------------------------------------------------------------------------------


def recognise_atif(value: Any) -> float:
    """Trajectories of an agent, by their schema's version."""
    ours = isinstance(value, dict) and str(value.get("schema_version", ""))[:4].upper() == "ATIF"
    return 0.99 if ours and isinstance(value.get("steps"), list) else 0.0


def read_atif(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The one trace of a trajectory: the task, all reasoning of the agent, its last words."""
    if not recognise_atif(value):
        return Rejected("no_text", "This is no trajectory of an agent (ATIF).")
    row = Row(value)
    steps = [step for step in row.use("steps") if isinstance(step, dict)]
    turns = [turn for step in steps for turn in _step_turns(step)]
    asked = next((i for i, turn in enumerate(turns) if role_of(turn) == "user"), None)
    texts = read_messages(turns, asked=asked)
    if not texts.has_response:
        return Rejected("no_text", "The agent says nothing in this trajectory.")
    agent = row.get("agent")
    agent = agent if isinstance(agent, dict) else {}
    fields: dict[str, Any] = {
        "model": as_label(agent.get("model_name"))
        or next((m for step in steps if (m := as_label(step.get("model_name")))), None),
        "external_id": row.take(as_label, "session_id", "trajectory_id"),
        "created_at": next((t for step in steps if (t := as_time(step.get("timestamp")))), None),
        "effort": next((e for s in steps if (e := as_text(s.get("reasoning_effort")))), None),
    }
    _atif_counts(row, steps, fields)
    fields = {name: found for name, found in fields.items() if found is not None}
    return [make_trace(texts, fields, row.rest(), hint=hint, format_id="atif", confidence=0.99)]


def _step_turns(step: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kept = {k: v for k, v in step.items() if k not in ("source", "message", "observation")}
    source = str(step.get("source")).lower()
    role = source if source in ("user", "system") else "assistant"
    yield {**kept, "role": role, "content": step.get("message")}
    if step.get("observation") is not None:
        yield {"role": "tool", "content": None, "observation": step["observation"]}


def _atif_counts(row: Row, steps: list[dict[str, Any]], fields: dict[str, Any]) -> None:
    """The totals that are stated, or the sums over steps that all state them."""
    final = row.get("final_metrics")
    totals = Row(final if isinstance(final, dict) else {})
    measured = [Row(m) for step in steps if isinstance(m := step.get("metrics"), dict)]
    for name, key in (("prompt_tokens",) * 2, ("completion_tokens",) * 2, ("cost", "cost_usd")):
        convert: Any = as_float if name == "cost" else as_int
        stated = totals.take(convert, f"total_{key}")
        counts = [metrics.take(convert, key) for metrics in measured]
        summed = sum(counts) if counts and None not in counts else None  # type: ignore[arg-type]
        fields[name] = stated if stated is not None else summed
