"""OpenAI: o1 and o3 families, Chat Completions, Responses, Batch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, lines

QUESTION = "How many legs do nine spiders have?"
ANSWER = "Nine spiders have 72 legs."
ASKED = [{"role": "user", "content": QUESTION}]


def usage(prompt: int, completion: int, reasoning: int) -> dict[str, Any]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "completion_tokens_details": {"reasoning_tokens": reasoning, "audio_tokens": 0},
    }


def chat(model: str, content: str | None, *, finish: str = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, "refusal": None}
    return {
        "id": "chatcmpl-ours1",
        "object": "chat.completion",
        "created": 1_735_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        **more,
    }


def response(model: str, item: dict[str, Any], **more: Any) -> dict[str, Any]:
    text = {"type": "output_text", "text": ANSWER, "annotations": []}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [text]}
    return {
        "id": "resp_ours",
        "object": "response",
        "created_at": 1_745_000_000,
        "status": "completed",
        "model": model,
        "output": [{"id": "rs_1", "type": "reasoning", **item}, message],
        "usage": {
            "input_tokens": 15, "output_tokens": 210, "total_tokens": 225,
            "output_tokens_details": {"reasoning_tokens": 192},
        },
        **more,
    }  # fmt: skip


SUMMARY = [
    {"type": "summary_text", "text": "**Counting legs**\n\nA spider has eight legs."},
    {"type": "summary_text", "text": "Nine times eight is 72."},
]
BATCH_BODY = chat("o3-mini-2025-01-31", ANSWER, usage=usage(14, 300, 256))

CASES: dict[str, Case] = {
    "o1-preview": case(
        {"request": {"model": "o1-preview", "messages": ASKED},
         "response": chat("o1-preview-2024-09-12", ANSWER, usage=usage(14, 520, 448))},
        {"question": QUESTION, "reasoning": None, "reasoning_kind": "hidden", "answer": ANSWER,
         "model": "o1-preview-2024-09-12", "prompt_tokens": 14, "completion_tokens": 520, "reasoning_tokens": 448,
         "finish_reason_norm": "stop", "truncated": False, "format_id": "chat_completion", "token_source": "api"},
    ),
    "o1": lines(
        (chat("o1-2024-12-17", "", finish="length", usage=usage(14, 1024, 1024)),
         {"reasoning": None, "reasoning_kind": "hidden", "answer": None, "truncated": True, "reasoning_tokens": 1024,
          "finish_reason_norm": "length", "model": "o1-2024-12-17"}),
        (chat("o1-2024-12-17", ANSWER, system_fingerprint="fp_ours"),  # an old dump without usage
         {"reasoning_kind": "none", "reasoning_tokens": None, "answer": ANSWER,
          "metadata": {"system_fingerprint": "fp_ours"}}),
    ),
    "o1-mini": case(
        {"prompt": QUESTION, "llm": "o1-mini", "output": [ANSWER, None], "thinking": ["", ""],
         "tokens_completion": [410, 0], "tokens_reasoning": [384, None], "finish_reason": ["stop", "error"]},
        {"question": QUESTION, "answer": ANSWER, "reasoning_kind": "hidden", "reasoning_tokens": 384,
         "completion_tokens": 410, "sample_index": 0, "model": "o1-mini"},
        {"answer": None, "reasoning_kind": "none", "sample_index": 1, "finish_reason_norm": "error", "truncated": False,
         "codes": {"no_response"}},
    ),
    "o3": case(
        {"request": {"model": "o3", "input": ASKED, "reasoning": {"effort": "high", "summary": "detailed"}},
         "response": response("o3-2025-04-16", {"summary": SUMMARY, "encrypted_content": "gAAAAours"},
                              reasoning={"effort": "high", "summary": "detailed"})},
        {"question": QUESTION, "reasoning_kind": "summary", "answer": ANSWER, "effort": "high", "model": "o3-2025-04-16",
         "reasoning": "**Counting legs**\n\nA spider has eight legs.\n\nNine times eight is 72.",
         "reasoning_tokens": 192, "completion_tokens": 210, "format_id": "openai_responses", "split_method": "field"},
    ),
    "o3-mini": lines(
        (response("o3-mini-2025-01-31", {"summary": [], "encrypted_content": "gAAAAours"}, reasoning={"effort": "medium"}),
         {"reasoning": None, "reasoning_kind": "encrypted", "answer": ANSWER, "effort": "medium",
          "effort_source": "field", "reasoning_tokens": 192}),
        ({"question": QUESTION, "model": "o3-mini-high", "response": ANSWER, "reasoning_tokens": 640},
         {"effort": "high", "effort_source": "model_name", "reasoning_kind": "hidden", "model": "o3-mini-high"}),
        ({"request": {"model": "o3-mini", "messages": ASKED, "reasoning_effort": "low"},
          "response": chat("o3-mini", ANSWER, usage=usage(14, 90, 64))},
         {"effort": "low", "effort_source": "request", "reasoning_kind": "hidden", "question": QUESTION}),
        ({"question": QUESTION, "model": "OpenAI o3-mini (medium)", "response": ANSWER},
         {"effort": "medium", "reasoning_kind": "none", "answer": ANSWER}),
    ),
    "OpenAI chat": case(
        {**chat("o4-mini", ANSWER, usage=usage(14, 200, 128)),
         "choices": [{"index": i, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
                     for i, text in enumerate((ANSWER, "72"))]},
        {"sample_index": 0, "answer": ANSWER, "codes": {"shared_usage"}, "reasoning_kind": "hidden"},
        {"sample_index": 1, "answer": "72", "completion_tokens": 200},
    ),
    "OpenAI Responses": lines(
        (response("gpt-5-mini", {"summary": []}, status="incomplete", output=[{"type": "reasoning", "summary": []}],
                  incomplete_details={"reason": "max_output_tokens"}, instructions="Be brief."),
         {"answer": None, "truncated": True, "finish_reason_norm": "length", "reasoning_kind": "hidden",
          "system_prompt": "Be brief."}),
        (response("gpt-oss-120b", {"summary": [], "content": [{"type": "reasoning_text", "text": "8 * 9 = 72."}]}),
         {"reasoning": "8 * 9 = 72.", "reasoning_kind": "visible", "answer": ANSWER}),
    ),
    "OpenAI Batch": lines(
        ({"id": "batch_req_1", "custom_id": "spiders-1", "error": None,
          "response": {"status_code": 200, "request_id": "r1", "body": BATCH_BODY}},
         {"external_id": "spiders-1", "answer": ANSWER, "reasoning_kind": "hidden", "reasoning_tokens": 256,
          "error": None}),
        ({"id": "batch_req_2", "custom_id": "spiders-2", "error": None,
          "response": {"status_code": 429, "request_id": "r2", "body": {"error": {"code": "slow_down", "message": "later"}}}},
         {"external_id": "spiders-2", "answer": None, "error": "slow_down: later"}),
        ({"id": "batch_req_3", "custom_id": "spiders-3", "response": None,
          "error": {"code": "batch_expired", "message": "not run"}},
         {"external_id": "spiders-3", "error": "batch_expired: not run", "reasoning_kind": "none"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
