"""Dumps of tracing tools and agents."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.formats.attributes import flatten, tree_of
from analysis.formats.registry import FileHint, read_record
from analysis.model import FinishReason, ReasoningKind, Rejected
from tests.format_table import Case, check, read_all

THOUGHT = "The sum of the digits is nine, so nine divides it."
ANSWER = "Yes, nine divides it."
Q = "Does 9 divide 27?"
SEALED = "QUJDREVGR0hJSktMTU5PUA=="
ASKED = [{"role": "user", "parts": [{"type": "text", "content": Q}]}]
SAID = [{"role": "assistant", "finish_reason": "stop", "parts": [
    {"type": "reasoning", "content": THOUGHT}, {"type": "text", "content": ANSWER}]}]  # fmt: skip
GEN_AI = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "acme",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2",
    "gen_ai.input.messages": json.dumps(ASKED),
    "gen_ai.output.messages": json.dumps(SAID),
    "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be short."}]),
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.output_tokens": 50,
    "gen_ai.usage.reasoning.output_tokens": 40,
    "gen_ai.request.temperature": 0.6,
}


def otlp(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [otlp(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": [{"key": k, "value": otlp(v)} for k, v in value.items()]}}
    return {"stringValue": value}


def batch(*spans: dict[str, Any]) -> dict[str, Any]:
    written = [
        {
            **span,
            "attributes": [{"key": k, "value": otlp(v)} for k, v in span["attributes"].items()],
        }
        for span in spans
    ]
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]}
    return {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": written}]}]}


READ = {
    "question": Q, "system_prompt": "Be short.", "reasoning": THOUGHT, "answer": ANSWER, "model": "m-2",
    "provider": "acme", "prompt_tokens": 5, "completion_tokens": 50, "reasoning_tokens": 40,
    "finish_reason": "stop", "reasoning_kind": ReasoningKind.VISIBLE,
}  # fmt: skip
TIMES = {"startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000002500000000"}
NESTED = {
    "llm": {
        "model_name": "m", "provider": "acme", "invocation_parameters": '{"reasoning_effort": "high"}',
        "input_messages": [{"message": {"role": "user", "content": Q}}],
        "output_messages": [{"message": {"role": "assistant", "contents": [
            {"message_content": {"type": "reasoning", "text": THOUGHT, "signature": SEALED}},
            {"message_content": {"type": "text", "text": ANSWER}}]}}],
        "token_count": {"prompt": 5, "completion": 50, "completion_details": {"reasoning": 40}},
    },
    "openinference": {"span": {"kind": "LLM"}},
}  # fmt: skip
INFERRED = {
    "question": Q, "reasoning": THOUGHT, "answer": ANSWER, "model": "m", "provider": "acme", "effort": "high",
    "prompt_tokens": 5, "completion_tokens": 50, "reasoning_tokens": 40,
}  # fmt: skip


def dotted(value: Any, prefix: str = "") -> dict[str, Any]:
    """A tree as fully dotted keys, positions of lists too."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)  # type: ignore[assignment]
    else:
        return {prefix: value}
    found: dict[str, Any] = {}
    for key, inner in items:
        found |= dotted(inner, f"{prefix}.{key}" if prefix else str(key))
    return found


SPANS: dict[str, Case] = {
    "OTLP": (
        batch(
            {"spanId": "a", "name": "agent", "attributes": {"gen_ai.operation.name": "invoke_agent"}},
            {"spanId": "b", "name": "chat m", **TIMES, "attributes": GEN_AI},
        ),
        "spans",
        [{**READ, "external_id": "b", "latency_s": 2.5, "created_at": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
          "has": {"name", "attributes", "resource"}}],
    ),
    "OTLP, messages as values": (
        batch({"spanId": "b", "attributes": {**GEN_AI, "gen_ai.input.messages": ASKED, "gen_ai.output.messages": SAID}}),
        "spans", [READ],
    ),
    "a flat row of a span": ({"context": {"span_id": "c"}, "attributes": GEN_AI}, "spans", [{**READ, "external_id": "c"}]),
    "a row of a data frame": (
        {"context.span_id": "c", "status_code": "OK", **{f"attributes.{k}": v for k, v in GEN_AI.items()}},
        "spans", [{**READ, "external_id": "c", "error": None}],
    ),
    "two choices": (
        {"attributes": {**GEN_AI, "gen_ai.output.messages": json.dumps([*SAID, *SAID])}}, "spans",
        [{**READ, "codes": {"shared_usage"}}, {**READ, "sample_index": 1}],
    ),
    "the older events": (
        {"span_id": "d", "attributes": {"gen_ai.system": "acme", "gen_ai.request.model": "m"}, "events": [
            {"name": "gen_ai.system.message", "attributes": {"content": "Be short."}},
            {"name": "gen_ai.user.message", "attributes": {"content": Q}},
            {"name": "gen_ai.choice", "attributes": {"finish_reason": "length", "message": json.dumps(
                {"role": "assistant", "content": f"<think>{THOUGHT}</think>{ANSWER}"})}}]},
        "spans",
        [{"question": Q, "system_prompt": "Be short.", "reasoning": THOUGHT, "answer": ANSWER, "model": "m",
          "finish_reason_norm": FinishReason.LENGTH}],
    ),
    "numbered attributes": (
        {"attributes": {"gen_ai.system": "acme", "gen_ai.response.model": "m", "gen_ai.prompt.0.role": "user",
                        "gen_ai.prompt.0.content": Q, "gen_ai.completion.0.role": "assistant",
                        "gen_ai.completion.0.content": f"<think>{THOUGHT}</think>{ANSWER}",
                        "gen_ai.completion.0.finish_reason": "stop", "gen_ai.usage.completion_tokens": 9}},
        "spans", [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER, "completion_tokens": 9, "finish_reason": "stop"}],
    ),
    "a call that failed": (
        {"span_id": "e", "attributes": {k: v for k, v in GEN_AI.items() if "output" not in k},
         "status": {"code": "STATUS_CODE_ERROR", "message": "quota"}},
        "spans", [{"question": Q, "error": "quota", "answer": None}],
    ),
    "OpenInference, nested": ({"span_kind": "LLM", "attributes": NESTED}, "spans", [{**INFERRED, "has": {"message"}}]),
    "OpenInference, dotted": ({"span_kind": "LLM", "attributes": dotted(NESTED)}, "spans", [INFERRED]),
    "OpenInference, redacted": (
        {"attributes": {"openinference.span.kind": "LLM", "llm.output_messages": [{"message.role": "assistant",
            "message.contents": [{"message_content.type": "reasoning", "message_content.data": SEALED},
                                 {"message_content.type": "text", "message_content.text": ANSWER}]}]}},
        "spans", [{"reasoning": None, "reasoning_kind": ReasoningKind.REDACTED, "answer": ANSWER}],
    ),
    "OpenInference, encrypted": (
        {"attributes": {"openinference.span.kind": "LLM", "llm.output_messages": [{"message.role": "assistant",
            "message.contents": [{"message_content.type": "reasoning", "message_content.encrypted_content": SEALED},
                                 {"message_content.type": "text", "message_content.text": ANSWER}]}]}},
        "spans", [{"reasoning": None, "reasoning_kind": ReasoningKind.ENCRYPTED, "answer": ANSWER}],
    ),
    "Phoenix, only input and output": (
        {"attributes": {"openinference.span.kind": "LLM", "llm.model_name": "m",
                        "input.value": json.dumps({"messages": [{"role": "user", "content": Q}]}),
                        "output.value": json.dumps({"choices": [{"finish_reason": "stop", "message": {
                            "role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}}]})}},
        "spans", [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER, "finish_reason": "stop"}],
    ),
    "Logfire": (
        {"span_id": "f", "attributes": {
            "gen_ai.request.model": "m", "request_data": json.dumps({"messages": [{"role": "user", "content": Q}]}),
            "response_data": json.dumps({"message": {"role": "assistant", "content": ANSWER, "reasoning": THOUGHT}})}},
        "spans", [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER, "model": "m"}],
    ),
}  # fmt: skip


def generation(output: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "name": "chat", "model": "m",
        "modelParameters": {"reasoning_effort": "low", "temperature": 1}, "startTime": "2025-01-01T00:00:00Z",
        "input": [{"role": "system", "content": "s"}, {"role": "user", "content": Q}], "output": output,
        "usageDetails": {"input": 5, "output": 10, "output_reasoning_tokens": 40, "total": 55}, **more,
    }  # fmt: skip


OBSERVED = {
    "external_id": "o1", "question": Q, "system_prompt": "s", "reasoning": THOUGHT, "answer": ANSWER, "model": "m",
    "effort": "low", "prompt_tokens": 5, "completion_tokens": 50, "reasoning_tokens": 40,
}  # fmt: skip
MESSAGE = {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}
AI = {
    "lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"],
    "kwargs": {"content": ANSWER, "additional_kwargs": {"reasoning_content": THOUGHT}, "type": "ai",
               "response_metadata": {"finish_reason": "stop", "model_name": "m-2"},
               "usage_metadata": {"input_tokens": 5, "output_tokens": 50, "total_tokens": 55,
                                  "output_token_details": {"reasoning": 40}}},
}  # fmt: skip
HUMAN = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "HumanMessage"],
         "kwargs": {"content": Q, "type": "human"}}  # fmt: skip
RUN = {
    "id": "r1", "name": "ChatModel", "run_type": "llm", "start_time": "2025-01-01T00:00:00", "end_time": "2025-01-01T00:00:03",
    "inputs": {"messages": [[HUMAN]]}, "outputs": {"generations": [[{"text": ANSWER, "message": AI}]]},
    "extra": {"invocation_params": {"model": "m", "reasoning_effort": "high"}}, "error": None,
}  # fmt: skip

RUNS: dict[str, Case] = {
    "Langfuse, a message": (generation(MESSAGE), "langfuse", [OBSERVED]),
    "Langfuse, JSON text": (generation(json.dumps(MESSAGE)), "langfuse", [OBSERVED]),
    "Langfuse, a list": (generation([MESSAGE]), "langfuse", [OBSERVED]),
    "Langfuse, items of the Responses API": (
        generation([{"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
                    {"type": "message", "content": [{"type": "output_text", "text": ANSWER}]}]),
        "langfuse", [{**OBSERVED, "reasoning_kind": ReasoningKind.SUMMARY}],
    ),
    "Langfuse, a whole reply": (generation({"choices": [{"message": MESSAGE, "finish_reason": "stop"}]}), "langfuse", [OBSERVED]),
    "Langfuse, a text": (generation(f"<think>{THOUGHT}</think>{ANSWER}"), "langfuse", [OBSERVED]),
    "Langfuse, blocks of Anthropic": (
        generation({"role": "assistant", "type": "message", "content": [
            {"type": "thinking", "thinking": THOUGHT, "signature": SEALED}, {"type": "text", "text": ANSWER}]}),
        "langfuse", [OBSERVED],
    ),
    "Langfuse, a failure": (
        generation(None, level="ERROR", statusMessage="rate limit"), "langfuse",
        [{"question": Q, "error": "rate limit", "answer": None}],
    ),
    "Langfuse, a trace": (
        {"id": "t1", "observations": [{"id": "s", "type": "SPAN", "output": "x"}, generation(MESSAGE)]}, "langfuse", [OBSERVED],
    ),
    "LangSmith": (
        RUN, "langsmith",
        [{"external_id": "r1", "question": Q, "reasoning": THOUGHT, "answer": ANSWER, "model": "m-2", "effort": "high",
          "prompt_tokens": 5, "completion_tokens": 50, "reasoning_tokens": 40, "finish_reason": "stop", "latency_s": 3.0}],
    ),
    "LangSmith, runs below runs": (
        {"id": "r0", "run_type": "chain", "inputs": {"q": Q}, "outputs": {"o": ANSWER}, "child_runs": [
            {"id": "r2", "run_type": "tool", "inputs": {}, "outputs": {}, "child_runs": [RUN]}]},
        "langsmith", [{"external_id": "r1", "question": Q, "reasoning": THOUGHT, "answer": ANSWER}],
    ),
    "LangSmith, a wrapped client": (
        {**RUN, "inputs": {"messages": [{"role": "user", "content": Q}], "model": "m"},
         "outputs": {"model": "m-3", "choices": [{"message": MESSAGE, "finish_reason": "stop"}]}},
        "langsmith", [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER, "model": "m-3"}],
    ),
    "LangSmith, a failure": (
        {**RUN, "outputs": None, "error": "TimeoutError()"}, "langsmith", [{"question": Q, "error": "TimeoutError()"}],
    ),
    "ATIF": (
        {"schema_version": "ATIF-v1.4", "session_id": "s1", "agent": {"name": "a", "version": "1", "model_name": "m"},
         "steps": [
             {"step_id": 1, "source": "system", "message": "Be careful."},
             {"step_id": 2, "source": "user", "message": Q},
             {"step_id": 3, "source": "agent", "message": "I compute.", "reasoning_content": "One.",
              "tool_calls": [{"function_name": "sum"}], "observation": {"results": [{"content": "9"}]},
              "metrics": {"prompt_tokens": 5, "completion_tokens": 10}},
             {"step_id": 4, "source": "user", "message": "(continue)"},
             {"step_id": 5, "source": "agent", "message": ANSWER, "reasoning_content": "Two.",
              "metrics": {"prompt_tokens": 20, "completion_tokens": 15, "cost_usd": 0.25}}],
         "final_metrics": {"total_completion_tokens": 26}},
        "atif",
        [{"question": Q, "system_prompt": "Be careful.", "reasoning": "One.\n\nTwo.", "answer": ANSWER, "model": "m",
          "external_id": "s1", "prompt_tokens": 25, "completion_tokens": 26, "cost": None}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SPANS)
def test_spans(name: str) -> None:
    check(SPANS[name])


@pytest.mark.parametrize("name", RUNS)
def test_runs(name: str) -> None:
    check(RUNS[name])


@pytest.mark.parametrize(
    "value",
    [
        batch({"spanId": "a", "attributes": {"http.method": "GET"}}),
        {"id": "s", "traceId": "t", "type": "SPAN", "input": {"a": 1}, "output": {"b": 2}},
        {"id": "r", "run_type": "tool", "inputs": {"a": 1}, "outputs": {"b": 2}},
    ],
)
def test_what_is_no_call_of_a_model_is_refused_with_a_reason(value: dict[str, Any]) -> None:
    found = read_record(value, hint=FileHint())
    assert isinstance(found, Rejected)
    assert found.code == "no_text"


def test_steps_that_are_no_calls_are_told() -> None:
    """A dump of a whole program gives the calls of its model, and says what else was there."""
    for case, left in (
        (SPANS["OTLP"], 1),
        (RUNS["Langfuse, a trace"], 1),
        (RUNS["LangSmith, runs below runs"], 2),
    ):
        (trace,) = read_all(case[0])
        notes = [w.detail for w in trace.warnings if w.code == "steps_left_out"]
        assert notes == [f"{left} steps here are no calls of a model"]
    assert read_all(RUNS["LangSmith, runs below runs"][0])[0].metadata["trace"]["outputs"] == {
        "o": ANSWER
    }


def test_settings_stay_in_metadata() -> None:
    (trace,) = read_all({"attributes": GEN_AI})
    assert trace.metadata["attributes"] == {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.request.temperature": 0.6,
    }


KEYS = st.sampled_from(["a", "b", "ab", "c"])
TREES = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=12,
).filter(lambda tree: isinstance(tree, dict))


@given(TREES)
def test_a_tree_is_the_same_however_it_is_written(tree: dict[str, Any]) -> None:
    assert tree_of(tree) == tree
    assert tree_of(dotted(tree)) == tree
    assert flatten(tree) == dotted(tree)
    assert tree_of([{"key": k, "value": otlp(v)} for k, v in dotted(tree).items()]) == {
        **tree_of({k: str(v) if isinstance(v, int) else v for k, v in dotted(tree).items()})
    }


@given(st.dictionaries(st.text(max_size=6), st.integers() | st.text(max_size=4), max_size=6))
def test_attributes_lose_no_value(attributes: dict[str, Any]) -> None:
    """Whatever the dots in the keys, every value is somewhere in the tree."""

    def leaves(value: Any) -> list[Any]:
        if isinstance(value, dict | list):
            items = value.values() if isinstance(value, dict) else value
            return [leaf for item in items for leaf in leaves(item)]
        return [value]

    found = leaves(tree_of(attributes))
    assert all(value in found for value in attributes.values())
