"""What more evaluation tools, tracing tools, agents and chat services write."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, document, lines

Q, R, A = "Is 91 a prime?", "91 is 7 times 13. So no.", "No, 91 = 7 * 13."
TEXT = f"<think>\n{R}\n</think>\n\n{A}"
FULL: dict[str, Any] = {"question": Q, "reasoning": R, "answer": A, "reasoning_kind": "visible"}
ASKED = {"role": "user", "content": Q}
REPLY = {
    "id": "c", "object": "chat.completion", "model": "deepseek-reasoner",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": A, "reasoning_content": R}}],
}  # fmt: skip


def node(
    name: str, parent: str | None, child: str | None, message: dict[str, Any] | None
) -> dict[str, Any]:
    """One node of an exported conversation."""
    return {"id": name, "parent": parent, "children": [child] if child else [], "message": message}


def said(role: str, content: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One message of a ChatGPT export."""
    return {"author": {"role": role}, "content": content, **more}


def session(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    """One line of a Claude Code session."""
    return {
        "sessionId": "s1",
        "type": kind,
        "uuid": "u",
        "message": {"role": kind, "content": content, **more},
    }


def rollout(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    """One line of a Codex session."""
    return {"timestamp": "2025-06-01T00:00:00Z", "type": kind, "payload": payload}


CASES: dict[str, Case] = {
    "promptfoo": document(
        {"evalId": "e", "results": {"version": 3, "results": [
            {"prompt": {"raw": Q, "label": "l"}, "provider": {"id": "deepseek:r1"}, "success": True, "score": 1, "latencyMs": 1500,
             "response": {"output": TEXT, "tokenUsage": {"prompt": 5, "completion": 50, "completionDetails": {"reasoning": 40}}},
             "vars": {"q": Q}, "gradingResult": {"pass": True}}]}, "config": {}},
        {**FULL, "model": "deepseek:r1", "correct": True, "prompt_tokens": 5, "completion_tokens": 50, "reasoning_tokens": 40,
         "latency_s": 1.5, "metadata": {"vars": {"q": Q}}},
    ),
    "HELM": document(
        {"adapter_spec": {"model": "org/r1"}, "request_states": [
            {"instance": {"id": "i1", "input": {"text": Q}, "references": [
                {"output": {"text": "no"}, "tags": ["correct"]}, {"output": {"text": "yes"}, "tags": []}]},
             "request": {"model": "org/r1", "prompt": f"Question: {Q}"},
             "result": {"success": True, "request_time": 2.5, "completions": [
                 {"text": A, "thinking": {"text": R}, "finish_reason": {"reason": "stop"}}, {"text": TEXT}]}}]},
        {**FULL, "model": "org/r1", "gold_answer": "no", "external_id": "i1", "sample_index": 0, "latency_s": 2.5},
        {**FULL, "sample_index": 1},
    ),
    "FastChat": lines(
        ({"question_id": 81, "answer_id": "a", "model_id": "r1", "tstamp": 1.0, "choices": [{"index": 0, "turns": ["Hello.", TEXT]}]},
         {"reasoning": R, "answer": A, "model": "r1", "question_id": "81", "metadata": {"turns": ["Hello."]}}),
        ({"question_id": "q", "answer_id": "b", "model_id": "o1", "choices": [{"turns": [{"content": A, "token_len": 9}]}]},
         {"answer": A, "reasoning": None, "model": "o1", "completion_tokens": 9}),
    ),
    "OpenAI Evals": case(
        {"run_id": "r", "event_id": 3, "sample_id": "primes.dev.0", "type": "sampling", "created_at": "2025-01-01 00:00:00+00:00",
         "data": {"prompt": [{"role": "system", "content": "Be exact."}, ASKED], "sampled": [A], "model": "o1-preview"}},
        {"question": Q, "answer": A, "system_prompt": "Be exact.", "model": "o1-preview", "external_id": "primes.dev.0"},
    ),
    "Qwen2.5-Math": case(
        {"idx": 4, "question": Q, "gt_cot": "w", "gt": "no", "solution": "w", "answer": "no", "code": [TEXT, A], "pred": ["no", "yes"],
         "report": [None, None], "score": [True, False]},
        {**FULL, "gold_answer": "no", "extracted_answer": "no", "correct": True, "sample_index": 0, "external_id": "4"},
        {"question": Q, "reasoning": None, "answer": A, "correct": False, "extracted_answer": "yes", "sample_index": 1},
    ),
    "MLflow": document(
        {"info": {"request_id": "tr"}, "data": {"request": "x", "response": "y", "spans": [
            {"name": "agent", "context": {"span_id": "0"}, "attributes": {"mlflow.spanType": '"CHAIN"', "mlflow.spanInputs": "{}"}},
            {"name": "call", "context": {"span_id": "1"}, "attributes": {
                "mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": json.dumps({"model": "m", "messages": [ASKED]}),
                "mlflow.spanOutputs": json.dumps(REPLY)}}]}},
        {**FULL, "model": "deepseek-reasoner", "external_id": "1", "codes": {"steps_left_out"}},
    ),
    "ChatGPT export": document(
        [{"title": "t", "conversation_id": "c1", "default_model_slug": "o3", "current_node": "d", "mapping": {
            "a": node("a", None, "b", None),
            "b": node("b", "a", "c", said("user", {"content_type": "text", "parts": [Q]})),
            "c": node("c", "b", "d", said("assistant", {"content_type": "thoughts", "thoughts": [{"summary": "Factors", "content": R}]})),
            "d": node("d", "c", None, said("assistant", {"content_type": "text", "parts": [A]}, metadata={"model_slug": "o4"})),
            "e": node("e", "c", None, said("assistant", {"content_type": "text", "parts": ["Another branch."]}))}}],
        {**FULL, "reasoning_kind": "summary", "model": "o4", "external_id": "c1"},
    ),
    "DeepSeek export": document(
        [{"id": "c2", "title": "t", "mapping": {
            "root": node("root", None, "1", None),
            "1": node("1", "root", "2", {"fragments": [{"type": "REQUEST", "content": Q}]}),
            "2": node("2", "1", None, {"model": "deepseek-reasoner", "fragments": [
                {"type": "THINK", "content": R}, {"type": "RESPONSE", "content": A}]})}}],
        {**FULL, "model": "deepseek-reasoner", "external_id": "c2"},
    ),
    "Claude Code": Case(
        (session("user", Q), session("assistant", [{"type": "thinking", "thinking": R, "signature": "x"}]),
         session("assistant", [{"type": "tool_use", "id": "t", "name": "factor", "input": {"n": 91}}]),
         session("user", [{"type": "tool_result", "tool_use_id": "t", "content": "7 13"}]),
         {"sessionId": "s1", "type": "system", "content": "saved", "uuid": "v"},
         session("assistant", [{"type": "text", "text": A}])),
        ({**FULL, "external_id": "s1"},),
    ),
    "Codex": Case(
        (rollout("session_meta", {"id": "x"}),
         rollout("response_item", {"type": "message", "role": "user", "content": [{"type": "input_text", "text": Q}]}),
         rollout("response_item", {"type": "reasoning", "summary": [{"type": "summary_text", "text": R}], "encrypted_content": "x"}),
         rollout("event_msg", {"type": "token_count"}),
         rollout("response_item", {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": A}]})),
        ({**FULL, "reasoning_kind": "summary"},),
    ),
    "LangChain messages": lines(
        ({"messages": [{"type": "human", "content": Q}, {"type": "ai", "content": A, "additional_kwargs": {"reasoning_content": R}}]}, FULL),
        ({"messages": [{"type": "human", "data": {"content": Q}}, {"type": "ai", "data": {"content": [
            {"type": "thinking", "thinking": R, "signature": "x"}, {"type": "text", "text": A}]}}]}, FULL),
    ),
    "pydantic-ai": document(
        [{"kind": "request", "parts": [{"part_kind": "system-prompt", "content": "Be exact."}, {"part_kind": "user-prompt", "content": Q}]},
         {"kind": "response", "model_name": "m", "parts": [
             {"part_kind": "thinking", "content": R, "signature": "x"}, {"part_kind": "text", "content": A}]}],
        {**FULL, "system_prompt": "Be exact.", "model": "m"},
    ),
    "AutoGen": case(
        {"task": Q, "messages": [{"source": "user", "type": "TextMessage", "content": Q}, {"source": "solver", "type": "ThoughtEvent", "content": R},
                                 {"source": "solver", "type": "TextMessage", "content": A}]}, FULL),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
