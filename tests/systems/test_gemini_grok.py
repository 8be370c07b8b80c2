"""Gemini's thinking models and Grok."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, document, lines

QUESTION = "A train leaves at 9:40 and needs 75 minutes. When does it arrive?"
ANSWER = "It arrives at 10:55."
THOUGHTS = "**Adding the minutes**\n\n9:40 plus an hour is 10:40, plus 15 minutes is 10:55."


def gemini(
    parts: list[dict[str, Any]] | None, finish: str = "STOP", **counts: int
) -> dict[str, Any]:
    content: dict[str, Any] = {"role": "model", **({"parts": parts} if parts else {})}
    return {
        "candidates": [{"content": content, "finishReason": finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": 20,
            "totalTokenCount": 20 + sum(counts.values()),
            **counts,
        },
        "modelVersion": "gemini-2.5-flash",
    }


CASES: dict[str, Case] = {
    "Gemini 2.0 Flash Thinking": document(
        {"results": [
            {"prompt_id": "train", "prompt": QUESTION, "llm": "gemini-2.0-flash-thinking-exp-01-21", "output": [ANSWER],
             "thinking": [""], "tokens_completion": [88], "timestamp": 1_737_000_000},
        ]},
        {"question": QUESTION, "question_id": "train", "answer": ANSWER, "reasoning": None, "reasoning_kind": "none",
         "model": "gemini-2.0-flash-thinking-exp-01-21", "completion_tokens": 88},
    ),
    "Gemini thought summaries": lines(
        (gemini([{"text": THOUGHTS, "thought": True}, {"text": ANSWER, "thoughtSignature": "c2ln"}],
                candidatesTokenCount=12, thoughtsTokenCount=140),
         {"reasoning": THOUGHTS, "reasoning_kind": "summary", "answer": ANSWER, "reasoning_tokens": 140,
          "completion_tokens": 152, "prompt_tokens": 20, "model": "gemini-2.5-flash"}),
        (gemini(None, "MAX_TOKENS", thoughtsTokenCount=500),
         {"reasoning": None, "answer": None, "truncated": True, "reasoning_kind": "hidden", "finish_reason_norm": "length",
          "reasoning_tokens": 500}),
    ),
    "Grok-3": case(
        {"prompt": QUESTION, "model": "grok-3-beta", "response": ANSWER, "score": 1, "usage": {"prompt_tokens": 20, "completion_tokens": 9}},
        {"question": QUESTION, "answer": ANSWER, "reasoning": None, "reasoning_kind": "none", "model": "grok-3-beta",
         "score": 1.0, "completion_tokens": 9},
    ),
    "Grok-3-mini": lines(
        ({"id": "g1", "object": "chat.completion", "created": 1_745_000_000, "model": "grok-3-mini-beta",
          "choices": [{"index": 0, "finish_reason": "stop",
                       "message": {"role": "assistant", "content": ANSWER, "reasoning_content": "9:40 and 75 minutes."}}],
          "usage": {"prompt_tokens": 20, "completion_tokens": 9, "total_tokens": 229,
                    "completion_tokens_details": {"reasoning_tokens": 200}}},
         {"reasoning": "9:40 and 75 minutes.", "reasoning_kind": "visible", "answer": ANSWER, "completion_tokens": 209,
          "reasoning_tokens": 200, "codes": {"reasoning_added"}}),
        ({"prompt": QUESTION, "llm": "Grok 3 Mini (high)", "output": [ANSWER], "thinking": ["9:40 and 75 minutes."]},
         {"effort": "high", "reasoning": "9:40 and 75 minutes.", "answer": ANSWER}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
