"""Replies of model servers, alone, with their request, and in batch files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.model import FinishReason, ReasoningKind
from tests.format_table import Case, check, read_all

THOUGHT = "Twelve has the factor three, so it is no prime."
ANSWER = "No, twelve is no prime number."
SEALED = "QUJDREVGR0hJSktMTU5PUA=="
ASKED = [{"role": "user", "content": "Is 12 prime?"}]


def gemini(*parts: dict[str, Any], finish: str = "STOP", **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return {"candidates": [candidate], "modelVersion": "gemini-x", **more}


def converse(*content: dict[str, Any], stop: str = "end_turn") -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop,
        "usage": {"inputTokens": 7, "outputTokens": 30, "totalTokens": 37},
        "metrics": {"latencyMs": 1500},
    }


GEMINI: dict[str, Case] = {
    "thoughts are a summary and are counted apart": (
        {
            "request": {
                "model": "gemini-y",
                "contents": [{"parts": [{"text": "Is 12 prime?"}]}],
                "systemInstruction": {"parts": [{"text": "Be short."}]},
                "generationConfig": {"thinkingConfig": {"thinkingBudget": 512, "thinkingLevel": "LOW"}},
            },
            "response": gemini(
                {"text": THOUGHT, "thought": True},
                {"text": "No, ", "thoughtSignature": SEALED},
                {"text": "it is not."},
                usageMetadata={
                    "promptTokenCount": 5, "candidatesTokenCount": 4, "thoughtsTokenCount": 20,
                    "totalTokenCount": 29,
                },
                responseId="r1",
            ),
        },
        "gemini",
        [{
            "question": "Is 12 prime?", "system_prompt": "Be short.", "reasoning": THOUGHT,
            "reasoning_kind": ReasoningKind.SUMMARY, "answer": "No, it is not.", "model": "gemini-x",
            "prompt_tokens": 5, "completion_tokens": 24, "reasoning_tokens": 20, "effort": "low",
            "thinking_budget_tokens": 512, "finish_reason": "STOP",
            "finish_reason_norm": FinishReason.STOP,
        }],
    ),
    "cut off while thinking": (
        {
            "candidates": [{"content": {"role": "model"}, "finishReason": "MAX_TOKENS", "index": 0}],
            "usageMetadata": {"promptTokenCount": 5, "thoughtsTokenCount": 60, "totalTokenCount": 65},
        },
        "gemini",
        [{
            "reasoning": None, "answer": None, "truncated": True, "completion_tokens": 60,
            "reasoning_kind": ReasoningKind.HIDDEN, "finish_reason_norm": FinishReason.LENGTH,
        }],
    ),
    "thought, tool, thought": (
        gemini(
            {"text": "I look it up.", "thought": True},
            {"functionCall": {"name": "primes", "args": {"n": 12}}},
            {"text": "The tool says no.", "thought": True},
            {"text": "No."},
        ),
        "gemini",
        [{"reasoning": "I look it up.\n\nThe tool says no.", "answer": "No.", "has": {"candidate"}}],
    ),
    "as the Python client dumps it": (
        {
            "candidates": [{
                "content": {"role": "model", "parts": [
                    {"video_metadata": None, "thought": True, "text": THOUGHT, "function_call": None},
                    {"video_metadata": None, "thought": None, "text": ANSWER, "function_call": None},
                ]},
                "finish_reason": "FinishReason.STOP", "index": None,
            }],
            "usage_metadata": {"prompt_token_count": 3, "candidates_token_count": 4, "thoughts_token_count": 5},
            "model_version": "gemini-x", "prompt_feedback": None,
        },
        "gemini",
        [{"reasoning": THOUGHT, "answer": ANSWER, "completion_tokens": 9,
          "finish_reason_norm": FinishReason.STOP}],
    ),
    "two candidates share one usage": (
        {
            "candidates": [
                {"content": {"parts": [{"text": "a"}]}, "index": 0, "finishReason": "STOP"},
                {"content": {"parts": [{"text": "b"}]}, "index": 1, "finishReason": "SAFETY"},
            ],
            "usageMetadata": {"candidatesTokenCount": 2, "promptTokenCount": 1},
        },
        "gemini",
        [{"sample_index": 0, "completion_tokens": 2, "codes": {"shared_usage"}},
         {"sample_index": 1, "answer": "b", "finish_reason_norm": FinishReason.FILTER}],
    ),
    "a blocked prompt": (
        {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 4},
         "modelVersion": "gemini-x"},
        "gemini",
        [{"error": "the prompt was blocked: SAFETY", "finish_reason_norm": FinishReason.FILTER}],
    ),
    "a line of a Vertex batch": (
        {"status": "", "processed_time": "2025-01-01T00:00:00Z", "custom_id": "c7",
         "request": {"contents": [{"role": "user", "parts": [{"text": "q"}]}]},
         "response": gemini({"text": "a"})},
        "gemini", [{"external_id": "c7", "question": "q", "answer": "a"}],
    ),
    "a failed line of a Vertex batch": (
        {"status": "Bad Request: too long", "processed_time": "2025-01-01T00:00:00Z",
         "request": {"contents": [{"role": "user", "parts": [{"text": "q"}]}]}, "response": {}},
        "gemini", [{"question": "q", "error": "Bad Request: too long", "answer": None}],
    ),
    "a failed line of an AI Studio batch": (
        {"key": "k2", "error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}},
        "gemini", [{"external_id": "k2", "error": "429: quota", "answer": None}],
    ),
    "a line of an AI Studio batch": (
        {"key": "k1", "response": gemini({"text": "a"})},
        "gemini", [{"external_id": "k1", "answer": "a"}],
    ),
}  # fmt: skip

OTHERS: dict[str, Case] = {
    "Converse": (
        {
            "modelId": "anthropic.claude-x",
            "request": {
                "modelId": "anthropic.claude-x",
                "system": [{"text": "Be short."}],
                "messages": [{"role": "user", "content": [{"text": "Is 12 prime?"}]}],
                "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 900}},
            },
            "response": converse(
                {"reasoningContent": {"reasoningText": {"text": THOUGHT, "signature": SEALED}}},
                {"text": ANSWER},
            ),
        },
        "bedrock_converse",
        [{
            "question": "Is 12 prime?", "system_prompt": "Be short.", "reasoning": THOUGHT,
            "answer": ANSWER, "reasoning_kind": ReasoningKind.VISIBLE, "prompt_tokens": 7,
            "completion_tokens": 30, "latency_s": 1.5, "thinking_budget_tokens": 900,
            "model": "anthropic.claude-x", "finish_reason": "end_turn",
        }],
    ),
    "Converse, redacted": (
        converse({"reasoningContent": {"redactedContent": SEALED}}, {"text": ANSWER}),
        "bedrock_converse",
        [{"reasoning": None, "reasoning_kind": ReasoningKind.REDACTED, "answer": ANSWER}],
    ),
    "Converse, a tool": (
        converse(
            {"reasoningContent": {"reasoningText": {"text": THOUGHT}}},
            {"text": "Let me see."}, {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}},
            stop="tool_use",
        ),
        "bedrock_converse",
        [{"reasoning": THOUGHT, "answer": None, "finish_reason_norm": FinishReason.TOOL}],
    ),
    "a line of a Bedrock batch": (
        {"recordId": "r9", "modelInput": {"messages": ASKED, "max_tokens": 10},
         "modelOutput": {"type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
                         "content": [{"type": "thinking", "thinking": THOUGHT, "signature": SEALED},
                                     {"type": "text", "text": ANSWER}]}},
        "anthropic_messages",
        [{"external_id": "r9", "question": "Is 12 prime?", "reasoning": THOUGHT, "answer": ANSWER}],
    ),
    "Cohere": (
        {"id": "x", "finish_reason": "COMPLETE",
         "message": {"role": "assistant", "content": [
             {"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": ANSWER}]},
         "usage": {"billed_units": {"input_tokens": 3, "output_tokens": 9},
                   "tokens": {"input_tokens": 5, "output_tokens": 20}}},
        "cohere",
        [{"external_id": "x", "reasoning": THOUGHT, "answer": ANSWER, "prompt_tokens": 5,
          "completion_tokens": 20, "finish_reason_norm": FinishReason.STOP}],
    ),
    "Ollama, generate": (
        {"model": "m", "response": ANSWER, "thinking": THOUGHT, "done": True, "done_reason": "length",
         "eval_count": 9, "prompt_eval_count": 4, "total_duration": 2_500_000_000},
        "ollama",
        [{"reasoning": THOUGHT, "answer": ANSWER, "completion_tokens": 9, "prompt_tokens": 4,
          "latency_s": 2.5, "finish_reason_norm": FinishReason.LENGTH}],
    ),
    "Ollama, thinking switched off": (
        {"model": "m", "response": f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}", "done": True},
        "ollama", [{"reasoning": THOUGHT, "answer": ANSWER}],
    ),
    "Anthropic, interleaved": (
        {"type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
         "content": [
             {"type": "thinking", "thinking": "First.", "signature": SEALED},
             {"type": "text", "text": "I look it up."},
             {"type": "tool_use", "id": "t", "name": "f", "input": {}},
             {"type": "thinking", "thinking": "Second.", "signature": SEALED},
             {"type": "text", "text": ANSWER}]},
        "anthropic_messages", [{"reasoning": "First.\n\nSecond.", "answer": ANSWER}],
    ),
    "Anthropic, redacted only": (
        {"type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
         "content": [{"type": "redacted_thinking", "data": SEALED}, {"type": "text", "text": ANSWER}]},
        "anthropic_messages",
        [{"reasoning": None, "reasoning_kind": ReasoningKind.REDACTED, "answer": ANSWER}],
    ),
    "Anthropic, thinking not shown": (
        {"type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
         "content": [{"type": "thinking", "thinking": "", "signature": SEALED}, {"type": "text", "text": ANSWER}]},
        "anthropic_messages",
        [{"reasoning": None, "reasoning_kind": ReasoningKind.ENCRYPTED, "answer": ANSWER}],
    ),
    "Anthropic batch, errored": (
        {"custom_id": "c", "result": {"type": "errored", "error": {"type": "error", "error": {
            "type": "overloaded_error", "message": "Overloaded"}}}},
        "anthropic_messages", [{"external_id": "c", "error": "overloaded_error: Overloaded"}],
    ),
    "Anthropic batch, expired": (
        {"custom_id": "c", "result": {"type": "expired"}}, "anthropic_messages", [{"error": "expired"}],
    ),
    "OpenRouter, text and ciphertext": (
        {"choices": [{"finish_reason": "stop", "message": {
            "role": "assistant", "content": ANSWER, "reasoning": THOUGHT, "reasoning_details": [
                {"type": "reasoning.text", "text": THOUGHT, "format": "x", "index": 0, "signature": SEALED},
                {"type": "reasoning.encrypted", "data": SEALED, "index": 1}]}}], "model": "m", "provider": "P"},
        "chat_completion",
        [{"reasoning": THOUGHT, "reasoning_kind": ReasoningKind.VISIBLE, "answer": ANSWER, "provider": "P",
          "has": {"choice"}}],
    ),
    "OpenRouter, encrypted only": (
        {"choices": [{"message": {"role": "assistant", "content": ANSWER, "reasoning": None, "reasoning_details": [
            {"type": "reasoning.encrypted", "data": SEALED}]}}]},
        "chat_completion", [{"reasoning": None, "reasoning_kind": ReasoningKind.ENCRYPTED}],
    ),
    "LiteLLM says it three times": (
        {"choices": [{"message": {
            "role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT,
            "thinking_blocks": [{"type": "thinking", "thinking": THOUGHT, "signature": SEALED}],
            "provider_specific_fields": {"thinking_blocks": [{"type": "thinking", "thinking": THOUGHT}]}}}]},
        "chat_completion", [{"reasoning": THOUGHT, "answer": ANSWER}],
    ),
    "xAI leaves the reasoning out of the count": (
        {"choices": [{"message": {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}}],
         "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115,
                   "completion_tokens_details": {"reasoning_tokens": 100}}},
        "chat_completion", [{"completion_tokens": 105, "reasoning_tokens": 100, "codes": {"reasoning_added"}}],
    ),
    "cached prompt tokens are no reasoning": (
        {"choices": [{"message": {"role": "assistant", "content": ANSWER}}],
         "usage": {"input_tokens": 10, "output_tokens": 120, "input_tokens_cache_read": 100,
                   "total_tokens": 230, "reasoning_tokens": 100}},
        "chat_completion", [{"completion_tokens": 120, "reasoning_tokens": 100}],
    ),
    "a batch line that was refused": (
        {"id": "b", "custom_id": "c", "error": None, "response": {
            "status_code": 429, "request_id": "r", "body": {"error": {"message": "slow down", "type": "limit"}}}},
        "chat_completion", [{"external_id": "c", "error": "limit: slow down"}],
    ),
    "Responses: a text that is not in parts": (
        {"object": "response", "model": "m", "status": "incomplete",
         "incomplete_details": {"reason": "max_output_tokens"}, "input": "Is 12 prime?",
         "output": [{"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": THOUGHT}],
                     "encrypted_content": SEALED}]},
        "openai_responses",
        [{"question": "Is 12 prime?", "reasoning": THOUGHT, "reasoning_kind": ReasoningKind.VISIBLE,
          "truncated": True, "answer": None, "finish_reason_norm": FinishReason.LENGTH}],
    ),
    "Responses: sealed reasoning": (
        {"object": "response", "model": "m", "status": "completed", "output": [
            {"type": "reasoning", "summary": [], "encrypted_content": SEALED},
            {"type": "message", "role": "assistant", "content": ANSWER}]},
        "openai_responses",
        [{"reasoning": None, "reasoning_kind": ReasoningKind.ENCRYPTED, "answer": ANSWER}],
    ),
    "Responses: failed": (
        {"object": "response", "model": "m", "status": "failed", "output": [],
         "error": {"code": "server_error", "message": "boom"}},
        "openai_responses", [{"error": "server_error: boom", "finish_reason_norm": FinishReason.ERROR}],
    ),
    "a reply as JSON text": (
        {"id": 4, "prompt": "Is 12 prime?", "response": json.dumps({
            "object": "chat.completion", "model": "m",
            "choices": [{"message": {"role": "assistant", "content": ANSWER, "reasoning": THOUGHT}}]})},
        "chat_completion",
        [{"external_id": "4", "question": "Is 12 prime?", "reasoning": THOUGHT, "answer": ANSWER, "model": "m"}],
    ),
    "a call that Weave recorded": (
        {"id": "w", "op_name": "weave:///e/p/op/openai.chat.completions.create:*",
         "inputs": {"model": "m", "messages": ASKED, "reasoning_effort": "high"}, "started_at": "2025-01-01T00:00:00Z",
         "output": {"choices": [{"message": {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}}]}},
        "chat_completion",
        [{"external_id": "w", "question": "Is 12 prime?", "effort": "high", "reasoning": THOUGHT}],
    ),
    "SGLang, generate": (
        {"text": f"{THOUGHT}</think>{ANSWER}", "prompt": "Is 12 prime?", "meta_info": {
            "id": "s", "finish_reason": {"type": "length", "length": 9}, "prompt_tokens": 5,
            "completion_tokens": 9, "e2e_latency": 0.5, "cached_tokens": 1}},
        "sglang",
        [{"external_id": "s", "reasoning": THOUGHT, "answer": ANSWER, "completion_tokens": 9, "prompt_tokens": 5,
          "finish_reason_norm": FinishReason.LENGTH, "latency_s": 0.5, "has": {"meta_info"}}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GEMINI)
def test_gemini(name: str) -> None:
    check(GEMINI[name])


@pytest.mark.parametrize("name", OTHERS)
def test_replies(name: str) -> None:
    check(OTHERS[name])


def test_sealed_reasoning_is_kept_but_never_text() -> None:
    """Signatures and ciphertext are in metadata, and in no text."""
    for value, _, _ in (*GEMINI.values(), *OTHERS.values()):
        for trace in read_all(value):
            texts = (trace.question, trace.reasoning, trace.answer, trace.raw_response)
            if trace.raw_response is None:
                assert not any(SEALED in text for text in texts if text)
            if SEALED in json.dumps(value) and "encrypted_content" not in json.dumps(value):
                assert SEALED in json.dumps(dict(trace.metadata)), value
