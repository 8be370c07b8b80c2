"""Logs of Inspect: a ``.json`` log, or one sample of an ``.eval`` archive with the log's head.

Source: inspect_ai ``log/_log.py`` (EvalLog, EvalSample, EvalSpec, EvalPlan) and ``scorer/_metric.py``
(C, I, P, N and ``value_to_float``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.formats.base import Found, UnreadRow
from analysis.formats.draft import FileHint, Texts, make_trace
from analysis.formats.fields import (
    Row,
    as_effort,
    as_error,
    as_float,
    as_gold,
    as_int,
    as_label,
    as_small_int,
    as_time,
)
from analysis.formats.inspect_scores import read_scores
from analysis.formats.messages import is_messages, read_messages, read_reply, role_of
from analysis.formats.part import Part
from analysis.formats.usage import usage_fields
from analysis.model import Rejected, Trace

FORMAT_ID = "inspect"
_NO_SAMPLE = Rejected("not_an_object", "A sample of a log of Inspect is a JSON object.")
_ATTACHED = "attachment://"
_DEPTH = 8
_SAMPLE = frozenset(("id", "epoch", "input", "target"))
_HEAD = ("task", "task_id", "run_id", "eval_id", "created", "model", "task_args", "config")
"""What of the log's head stands in the metadata of every sample."""
_OUTPUT = ("choices", "completion", "model", "time", "error")
_REPEATED = ("events", "events_data", "attachments")
"""The transcript of a sample: it repeats the messages many times over."""


def recognise(value: Any) -> float:
    """Logs, samples with their log's head, and samples alone."""
    if not isinstance(value, dict):
        return 0.0
    if "eval_header" in value and "sample" in value:
        return 0.99
    if is_log(value):
        return 0.99
    return 0.98 if _is_sample(value) else 0.0


def is_log(value: Mapping[str, Any]) -> bool:
    """True for a whole log with its samples."""
    return isinstance(value.get("eval"), dict) and isinstance(value.get("samples"), list)


def _is_sample(value: Mapping[str, Any]) -> bool:
    said = isinstance(value.get("messages"), list) or isinstance(value.get("output"), dict)
    return said and value.keys() >= _SAMPLE and not isinstance(value.get("output"), list)


def read(value: Any, hint: FileHint) -> list[Trace] | Rejected:
    """The traces of all samples that the value holds."""
    if not recognise(value):
        return Rejected("no_text", "This is no log of Inspect and no sample of one.")
    traces: list[Trace] = []
    unread: list[UnreadRow] = []
    for position, (sample, head) in enumerate(_samples(value)):
        if isinstance(sample, dict):
            traces += _read_sample(sample, head, hint)
        else:
            unread.append(UnreadRow(position, _NO_SAMPLE, sample))
    if not traces and unread and isinstance(value, Part):
        return _NO_SAMPLE
    if not traces:
        return Rejected("no_text", "The log of Inspect holds no samples.")
    return Found(traces, unread)


@dataclass(frozen=True, slots=True)
class _Head:
    """What the log says of all its samples."""

    data: Mapping[str, Any] = field(default_factory=dict)
    stated: bool = True
    whole: bool = False
    """True for the sample that keeps all of it."""

    def part(self, *names: str) -> Mapping[str, Any]:
        found: Any = self.data
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}


def _samples(value: Mapping[str, Any]) -> Iterator[tuple[Any, _Head]]:
    if "eval_header" in value and "sample" in value:
        head = value["eval_header"]
        head = head if isinstance(head, dict) else {}
        yield value["sample"], _Head(head, bool(head), value.get("position") == 0)
    elif isinstance(value.get("samples"), list):
        head = {key: found for key, found in value.items() if key != "samples"}
        first = value.first if isinstance(value, Part) else True
        for number, sample in enumerate(value["samples"]):
            yield sample, _Head(head, True, first and number == 0)
    else:
        yield value, _Head()


def _read_sample(sample: Mapping[str, Any], head: _Head, hint: FileHint) -> list[Trace]:
    row = Row(_resolved(sample))
    texts = _conversation(row)
    _ask(row, texts)
    fields = _fields(row, head)
    row_score = read_scores(row, head.data)
    fields.update(row_score)
    replies = _replies(row, texts, fields)
    if not head.stated:
        texts.warn("log_head_missing", "the log does not say what holds for all its samples")
    if isinstance(events := row.get("events"), list) and events:
        note = f"{len(events)} events repeat the messages and were left out"
        texts.warn("events_left_out", note)
    metadata = {k: v for k, v in row.rest().items() if k not in _REPEATED and v not in ({}, [])}
    if isinstance(output := sample.get("output"), dict) and replies[0][1]:
        metadata["output"] = {k: v for k, v in output.items() if k not in _OUTPUT and v}
    if said := _head_metadata(head):
        metadata["eval"] = said
    traces = []
    for number, (reply, more) in enumerate(replies):
        own = {**fields, **more}
        if len(replies) > 1:
            own["sample_index"] = (own.get("sample_index") or 0) * len(replies) + number
        traces.append(
            make_trace(
                reply, own, metadata, hint=hint, format_id=FORMAT_ID, confidence=recognise(sample)
            )
        )
    return traces


def _resolved(sample: Mapping[str, Any]) -> dict[str, Any]:
    """The sample with what it refers to put in its place, but for the transcript."""
    attached = sample.get("attachments")
    attached = attached if isinstance(attached, dict) else {}

    def resolve(value: Any, depth: int) -> Any:
        if isinstance(value, str) and value.startswith(_ATTACHED):
            found = attached.get(value[len(_ATTACHED) :])
            return found if isinstance(found, str) else value
        if depth and isinstance(value, dict):
            return {key: resolve(inner, depth - 1) for key, inner in value.items()}
        if depth and isinstance(value, list):
            return [resolve(inner, depth - 1) for inner in value]
        return value

    if not attached:
        return dict(sample)
    return {
        key: value if key in _REPEATED else resolve(value, _DEPTH) for key, value in sample.items()
    }


def _conversation(row: Row) -> Texts:
    """The turns of the sample: user turns that a solver put in belong to the response."""
    messages = row.get("messages")
    if not is_messages(messages):
        return Texts()
    row.use("messages")
    return read_messages(messages, asked=_input_turn(messages))


def _input_turn(messages: Sequence[Mapping[str, Any]]) -> int | None:
    """The last user turn that came with the sample; of logs that do not say, the first."""
    users = [i for i, turn in enumerate(messages) if role_of(turn) == "user"]
    replied = next((i for i, turn in enumerate(messages) if role_of(turn) == "assistant"), None)
    own = [i for i in users if messages[i].get("source") == "input"]
    if own:
        return own[-1]
    before = [i for i in users if replied is None or i < replied]
    return before[-1] if before else users[0] if users else None


def _ask(row: Row, texts: Texts) -> None:
    """The sample's own input is plainer than the prompt that a solver made of it."""
    given = row.get("input")
    if is_messages(given):
        asked = read_messages([*given, {"role": "assistant", "content": ""}])
        row.use("input")
        texts.system_prompt = texts.system_prompt or asked.system_prompt
        given = asked.question
        if asked.metadata.get("messages") and "messages" not in texts.metadata:
            texts.metadata["input"] = asked.metadata["messages"]
    elif isinstance(given, str) and given.strip():
        row.use("input")
    if not isinstance(given, str) or not given.strip():
        return
    if texts.question and texts.question.strip() != given.strip():
        turn = {"role": "user", "content": texts.question}
        texts.metadata["messages"] = [turn, *texts.metadata.get("messages", [])]
    texts.question = given


def _fields(row: Row, head: _Head) -> dict[str, Any]:
    spec = head.part("eval")
    output = row.get("output")
    said = Row(output if isinstance(output, dict) else {})
    fields: dict[str, Any] = {}
    fields["external_id"] = row.take(as_label, "uuid") or as_label(row.get("id"))
    fields["question_id"] = row.take(as_label, "id")
    epoch = row.take(as_small_int, "epoch")
    fields["sample_index"] = max((epoch or 1) - 1, 0)
    fields["gold_answer"] = row.take(as_gold, "target")
    fields["dataset"] = as_label(head.part("eval", "dataset").get("name")) or as_label(
        spec.get("task")
    )
    stated = as_label(spec.get("model"))
    fields["model"] = said.take(as_label, "model") or stated
    fields["provider"] = stated.partition("/")[0] if stated and "/" in stated else None
    fields["created_at"] = row.take(as_time, "started_at") or as_time(spec.get("created"))
    fields["latency_s"] = row.take(as_float, "total_time") or said.take(as_float, "time")
    fields["error"] = row.take(as_error, "error") or said.take(as_error, "error")
    _settings(fields, head)
    _usage(row, said, fields, stated)
    return {name: found for name, found in fields.items() if found is not None}


def _settings(fields: dict[str, Any], head: _Head) -> None:
    for names in (("plan", "config"), ("eval", "model_generate_config")):
        config = Row(head.part(*names))
        if fields.get("effort") is None:
            fields["effort"] = config.take(as_effort, "reasoning_effort", "effort")
        if fields.get("thinking_budget_tokens") is None:
            fields["thinking_budget_tokens"] = config.take(as_int, "reasoning_tokens")
    if fields["effort"] is not None:
        fields["effort_source"] = "config"


def _usage(row: Row, output: Row, fields: dict[str, Any], model: str | None) -> None:
    """What the evaluated model used in the whole sample; graders are counted under their names."""
    used = row.get("model_usage")
    used = used if isinstance(used, dict) else {}
    names = [name for name in (model, fields.get("model")) if name in used]
    own = used[names[0]] if names else next(iter(used.values())) if len(used) == 1 else None
    source = Row({"usage": own}) if isinstance(own, dict) else output
    usage_fields(source, fields, Texts())


def _replies(row: Row, texts: Texts, fields: dict[str, Any]) -> list[tuple[Texts, dict[str, Any]]]:
    """The response of the conversation, and the other choices of its last turn."""
    output = row.get("output")
    choices = output.get("choices") if isinstance(output, dict) else None
    found: list[tuple[Texts, dict[str, Any]]] = []
    for choice in choices if isinstance(choices, list) else []:
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict):
            continue
        finish = as_label(choice.get("stop_reason"))
        if found or not texts.has_response:
            reply, left = read_reply(message)
            reply.question, reply.system_prompt = texts.question, texts.system_prompt
            if extra := {k: v for k, v in left.items() if k != "role" and v}:
                reply.metadata["message"] = extra
        else:
            reply = texts
        found.append((reply, {"finish_reason": finish}))
    if found:
        row.use("output")
    elif not texts.has_response and not fields.get("error"):
        texts.warn("no_response", "the sample holds a request, but no text came of it")
    return found or [(texts, {})]


def _head_metadata(head: _Head) -> dict[str, Any]:
    spec = head.part("eval")
    if head.whole:
        return dict(head.data)
    return {key: spec[key] for key in _HEAD if spec.get(key) not in (None, {}, [])}
