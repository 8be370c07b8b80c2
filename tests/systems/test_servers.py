"""Replies of model servers: alone, with their request, in batch files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, lines

QUESTION = "Which weighs more, a litre of water or a litre of ice?"
THOUGHT = "Ice floats, so it is less dense than water."
ANSWER = "The litre of water."
ASKED = [{"role": "system", "content": "Be exact."}, {"role": "user", "content": QUESTION}]
PLAIN = {"reasoning": THOUGHT, "answer": ANSWER, "reasoning_kind": "visible", "truncated": False}
ALL = {**PLAIN, "question": QUESTION, "system_prompt": "Be exact."}


def chat(message: dict[str, Any], *, finish: str = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion", "created": 1_750_000_000, "model": "Qwen/Qwen3-8B",
            "choices": [choice], "usage": {"prompt_tokens": 30, "completion_tokens": 40, "total_tokens": 70}, **more}  # fmt: skip


def logged(response: Any, **request: Any) -> dict[str, Any]:
    return {"request": {"model": "m", "messages": ASKED, **request}, "response": response}


def anthropic(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    return {"id": "msg_ours", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5",
            "content": list(content), "stop_reason": stop, "stop_sequence": None,
            "usage": {"input_tokens": 30, "output_tokens": 90}}  # fmt: skip


SIGNED = {"type": "thinking", "thinking": THOUGHT, "signature": "EqQBCkYours"}
TEXT = {"type": "text", "text": ANSWER}

CASES: dict[str, Case] = {
    "Anthropic thinking": lines(
        (anthropic(SIGNED, TEXT), {**PLAIN, "split_method": "field", "completion_tokens": 90, "prompt_tokens": 30}),
        (anthropic({"type": "redacted_thinking", "data": "EmwKAhgBours"}, TEXT),
         {"reasoning": None, "reasoning_kind": "redacted", "answer": ANSWER}),
        (anthropic(SIGNED, {"type": "redacted_thinking", "data": "EmwKAhgBours"}, TEXT), PLAIN),
        (anthropic(SIGNED, stop="max_tokens"),
         {"reasoning": THOUGHT, "answer": None, "truncated": True, "finish_reason_norm": "length"}),
    ),
    "Anthropic Messages": lines(
        ({"request": {"model": "claude-sonnet-4-5", "system": "Be exact.", "messages": ASKED[1:], "max_tokens": 4000,
                      "thinking": {"type": "enabled", "budget_tokens": 2000}}, "response": anthropic(SIGNED, TEXT)},
         {**ALL, "thinking_budget_tokens": 2000, "format_id": "anthropic_messages"}),
        (anthropic({"type": "text", "text": "I look it up."}, {"type": "tool_use", "id": "t", "name": "look", "input": {}},
                   stop="tool_use"),
         {"reasoning": None, "answer": None, "finish_reason_norm": "tool", "truncated": False}),
    ),
    "Anthropic Batches": lines(
        ({"custom_id": "ice-1", "result": {"type": "succeeded", "message": anthropic(SIGNED, TEXT)}},
         {**PLAIN, "external_id": "ice-1"}),
        ({"custom_id": "ice-2", "result": {"type": "errored", "error": {"type": "invalid_request_error", "message": "bad"}}},
         {"external_id": "ice-2", "error": "invalid_request_error: bad", "answer": None}),
        ({"custom_id": "ice-3", "result": {"type": "expired"}}, {"external_id": "ice-3", "error": "expired"}),
    ),
    "vLLM": lines(
        (logged(chat({"content": ANSWER, "reasoning": THOUGHT, "tool_calls": []}), reasoning_effort="low"),
         {**ALL, "effort": "low", "effort_source": "request", "split_method": "field", "completion_tokens": 40}),
        (logged(chat({"content": ANSWER, "reasoning_content": f"\n{THOUGHT}\n", "tool_calls": []})),
         {**ALL, "reasoning": f"\n{THOUGHT}\n"}),
        (logged(chat({"content": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"})), {**ALL, "split_method": "tag"}),
        (logged(chat({"content": f"<think>\n{THOUGHT}", "reasoning": None}, finish="length")),
         {"reasoning": THOUGHT, "answer": None, "truncated": True}),
    ),
    "vLLM run-batch": lines(
        ({"id": "vllm-1", "custom_id": "ice-1", "error": None,
          "response": {"status_code": 200, "request_id": "r", "body": chat({"content": ANSWER, "reasoning_content": THOUGHT})}},
         {**PLAIN, "external_id": "ice-1"}),
        ({"id": "vllm-2", "custom_id": "ice-2", "response": {"status_code": 400, "request_id": "r", "body": None},
          "error": {"object": "error", "message": "too long", "type": "BadRequestError", "code": 400}},
         {"external_id": "ice-2", "answer": None}),
    ),
    "SGLang": lines(
        (logged(chat({"content": ANSWER, "reasoning_content": THOUGHT}, matched_stop=151645)), ALL),
        ({"text": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}", "prompt": QUESTION,
          "meta_info": {"id": "x", "finish_reason": {"type": "stop", "matched": 151645}, "prompt_tokens": 30, "completion_tokens": 40}},
         {**PLAIN, "question": QUESTION, "completion_tokens": 40}),
    ),
    "Ollama": lines(
        ({"model": "qwen3:8b", "created_at": "2025-06-01T10:00:00Z", "done": True, "done_reason": "stop",
          "message": {"role": "assistant", "content": ANSWER, "thinking": THOUGHT}, "prompt_eval_count": 30, "eval_count": 40},
         {**PLAIN, "model": "qwen3:8b", "prompt_tokens": 30, "completion_tokens": 40, "format_id": "ollama"}),
        ({"model": "qwen3:8b", "created_at": "2025-06-01T10:00:00Z", "done": True, "done_reason": "stop", "prompt": QUESTION,
          "response": ANSWER, "thinking": THOUGHT, "eval_count": 40},
         {**PLAIN, "question": QUESTION, "completion_tokens": 40}),
        ({"model": "deepseek-r1:7b", "done": True, "done_reason": "stop", "eval_count": 40,
          "message": {"role": "assistant", "content": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"}}, PLAIN),
    ),
    "OpenRouter": lines(
        (chat({"content": ANSWER, "reasoning": THOUGHT, "reasoning_details": [
            {"type": "reasoning.text", "text": THOUGHT, "format": "unknown", "index": 0}]}, provider="Ours", model="qwen/qwen3-8b"),
         {**PLAIN, "provider": "Ours", "model": "qwen/qwen3-8b"}),
        (chat({"content": ANSWER, "reasoning": "In short: ice floats.", "reasoning_details": [
            {"type": "reasoning.summary", "summary": "In short: ice floats.", "format": "openai-responses-v1"},
            {"type": "reasoning.encrypted", "data": "gAAAAours"}]}, model="openai/o3"),
         {"reasoning": "In short: ice floats.", "reasoning_kind": "summary", "answer": ANSWER}),
        (chat({"content": ANSWER, "reasoning": None, "reasoning_details": [{"type": "reasoning.encrypted", "data": "gAAAAours"}]}),
         {"reasoning": None, "reasoning_kind": "encrypted", "answer": ANSWER}),
    ),
    "LiteLLM": case(
        chat({"content": ANSWER, "reasoning_content": THOUGHT, "thinking_blocks": [SIGNED],
              "provider_specific_fields": {"thinking_blocks": [SIGNED]}}, model="claude-sonnet-4-5"),
        {**PLAIN, "split_method": "field"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
