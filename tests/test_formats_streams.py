"""Streamed replies, kept event by event, are the reply that they add up to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.formats.registry import FileHint, read_record
from analysis.formats.stream_join import join_chat
from analysis.model import FinishReason, ReasoningKind, Rejected
from tests.format_table import Case, check, read_all

R, A = ("First half, ", "second half."), ("The answer ", "is 7.")
THOUGHT, ANSWER = "".join(R), "".join(A)
SEALED = "QUJDREVGR0hJSktMTU5PUA=="


def sse(*events: Any) -> dict[str, Any]:
    return {"sse_events": list(events)}


def named(*events: dict[str, Any]) -> dict[str, Any]:
    return {"sse_events": [{"event": e["type"], "data": e} for e in events]}


def chunk(
    delta: dict[str, Any], index: int = 0, finish: str | None = None, reply: str = "c1", **more: Any
) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return {
        "id": reply,
        "object": "chat.completion.chunk",
        "model": "m",
        "choices": [choice],
        **more,
    }


CHAT = [
    chunk({"role": "assistant", "content": "", "reasoning_content": R[0]}),
    chunk({"reasoning_content": R[1]}),
    chunk({"content": A[0]}),
    chunk({"content": A[1]}, finish="stop"),
    {"id": "c1", "object": "chat.completion.chunk", "model": "m", "choices": [],
     "usage": {"prompt_tokens": 5, "completion_tokens": 30, "completion_tokens_details": {"reasoning_tokens": 20}}},
]  # fmt: skip
READ = {"reasoning": THOUGHT, "answer": ANSWER, "truncated": False}
ANTHROPIC = [
    {"type": "message_start", "message": {"id": "a1", "type": "message", "role": "assistant", "model": "m", "content": [],
                                          "stop_reason": None, "usage": {"input_tokens": 5, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    {"type": "ping"},
    *({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": t}} for t in R),
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": SEALED}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": SEALED}},
    {"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}},
    *({"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": t}} for t in A),
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 30}},
    {"type": "message_stop"},
]  # fmt: skip
RESPONSES = [
    {"type": "response.created", "response": {"id": "r1", "object": "response", "model": "m", "status": "in_progress", "output": []}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "id": "i", "summary": []}},
    *({"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": t} for t in R),
    {"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "content": []}},
    *({"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": t} for t in A),
]  # fmt: skip
DONE = {
    "type": "response.completed",
    "response": {"id": "r1", "object": "response", "model": "m", "status": "completed",
                 "usage": {"input_tokens": 5, "output_tokens": 30, "output_tokens_details": {"reasoning_tokens": 20}},
                 "output": [{"type": "reasoning", "summary": [{"type": "summary_text", "text": THOUGHT}]},
                            {"type": "message", "content": [{"type": "output_text", "text": ANSWER}]}]},
}  # fmt: skip


def candidate(
    text: str, *, thought: bool = False, finish: str | None = None, reply: str = "g1"
) -> dict[str, Any]:
    part = {"text": text, **({"thought": True} if thought else {})}
    found: dict[str, Any] = {"content": {"role": "model", "parts": [part]}, "index": 0}
    if finish:
        found["finishReason"] = finish
    return {"candidates": [found], "modelVersion": "m", "responseId": reply,
            "usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 10, "thoughtsTokenCount": 20}}  # fmt: skip


GEMINI = [
    *(candidate(t, thought=True) for t in R), candidate(A[0]), candidate(A[1], finish="STOP"),
]  # fmt: skip
OLLAMA = [
    *({"model": "m", "message": {"role": "assistant", "content": "", "thinking": t}, "done": False} for t in R),
    *({"model": "m", "message": {"role": "assistant", "content": t}, "done": False} for t in A),
    {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop",
     "prompt_eval_count": 5, "eval_count": 30},
]  # fmt: skip
CONVERSE = [
    {"messageStart": {"role": "assistant"}},
    *({"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": t}}}} for t in R),
    {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"signature": SEALED}}}},
    {"contentBlockStop": {"contentBlockIndex": 0}},
    *({"contentBlockDelta": {"contentBlockIndex": 1, "delta": {"text": t}}} for t in A),
    {"messageStop": {"stopReason": "end_turn"}},
    {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 30}, "metrics": {"latencyMs": 900}}},
]  # fmt: skip
COHERE = [
    {"type": "message-start", "id": "h1", "delta": {"message": {"role": "assistant"}}},
    *({"type": "content-delta", "index": 0, "delta": {"message": {"content": {"thinking": t}}}} for t in R),
    *({"type": "content-delta", "index": 1, "delta": {"message": {"content": {"text": t}}}} for t in A),
    {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 5, "output_tokens": 30}}}},
]  # fmt: skip
COUNTED = {**READ, "prompt_tokens": 5, "completion_tokens": 30}

CASES: dict[str, Case] = {
    "chat": (sse(*CHAT), "sse_stream", [{**COUNTED, "reasoning_tokens": 20, "finish_reason": "stop", "model": "m",
                                         "external_id": "c1", "reasoning_kind": ReasoningKind.VISIBLE}]),
    "chat, under the other name": (
        sse(*(chunk({"reasoning": t}) for t in R), *(chunk({"content": t}) for t in A), chunk({}, finish="length")),
        "sse_stream", [{**READ, "finish_reason_norm": FinishReason.LENGTH}],
    ),
    "chat, several choices": (
        sse(chunk({"content": "a"}), chunk({"content": "x"}, 1), chunk({"content": "b"}), chunk({"content": "y"}, 1),
            chunk({}, 0, "stop"), chunk({}, 1, "length"),
            {"id": "c1", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 9}}),
        "sse_stream",
        [{"answer": "ab", "sample_index": 0, "finish_reason": "stop", "completion_tokens": 9, "codes": {"shared_usage"}},
         {"answer": "xy", "sample_index": 1, "finish_reason": "length"}],
    ),
    "chat, details in pieces": (
        sse(*(chunk({"reasoning": t, "reasoning_details": [{"type": "reasoning.summary", "summary": t, "index": 0}]})
              for t in R), chunk({"content": ANSWER}, finish="stop")),
        "sse_stream", [{**READ, "reasoning_kind": ReasoningKind.SUMMARY}],
    ),
    "chat, marks in the content": (
        sse(*(chunk({"content": t}) for t in ("<thi", "nk>", *R, "</think>", *A)), chunk({}, finish="stop")),
        "sse_stream", [READ],
    ),
    "chat, two replies": (
        sse(*CHAT, chunk({"content": "other"}, reply="c2"), chunk({}, finish="stop", reply="c2")),
        "sse_stream", [COUNTED, {"answer": "other", "external_id": "c2", "completion_tokens": None}],
    ),
    "chat, broken off inside the reasoning": (
        sse(*CHAT[:2]), "sse_stream", [{"reasoning": THOUGHT, "answer": None, "truncated": True, "codes": {"stream_cut"}}],
    ),
    "chat, an error in the middle": (
        sse(*CHAT[:2], {"error": {"code": 502, "message": "upstream"}}), "sse_stream",
        [{"reasoning": THOUGHT, "error": "502: upstream"}],
    ),
    "an error at once": (sse({"error": {"message": "no key"}}), "sse_stream", [{"error": "no key", "answer": None}]),
    "older completions": (
        sse(*({"object": "text_completion", "id": "t", "choices": [{"index": 0, "text": t}]} for t in ("<think>r</think>", "a"))),
        "sse_stream", [{"reasoning": "r", "answer": "a"}],
    ),
    "Anthropic": (
        named(*ANTHROPIC), "sse_stream",
        [{**COUNTED, "external_id": "a1", "finish_reason": "end_turn", "reasoning_kind": ReasoningKind.VISIBLE}],
    ),
    "Anthropic, without names": (sse(*ANTHROPIC), "sse_stream", [COUNTED]),
    "Responses": (
        named(*RESPONSES, DONE), "sse_stream",
        [{**COUNTED, "reasoning_kind": ReasoningKind.SUMMARY, "external_id": "r1", "reasoning_tokens": 20}],
    ),
    "Responses, broken off": (
        sse(*RESPONSES[:-1]), "sse_stream", [{"reasoning": THOUGHT, "answer": A[0], "codes": {"stream_cut"}}],
    ),
    "Gemini": (
        sse(*GEMINI), "sse_stream",
        [{**COUNTED, "reasoning_kind": ReasoningKind.SUMMARY, "reasoning_tokens": 20, "external_id": "g1"}],
    ),
    "Gemini, a list of chunks": (GEMINI, "sse_stream", [COUNTED]),
    "Gemini, a list of chunks with its request": (
        {"request": {"contents": [{"parts": [{"text": "q"}]}]}, "response": GEMINI}, "sse_stream", [{**COUNTED, "question": "q"}],
    ),
    "Gemini, two replies": (
        sse(*GEMINI, candidate("other", reply="g2", finish="STOP")), "sse_stream", [COUNTED, {"answer": "other"}],
    ),
    "Ollama": (sse(*OLLAMA), "sse_stream", [{**COUNTED, "finish_reason": "stop"}]),
    "Ollama, two replies": (sse(*OLLAMA, *OLLAMA), "sse_stream", [COUNTED, COUNTED]),
    "Ollama, generate": (
        sse(*({"model": "m", "response": "", "thinking": t, "done": False} for t in R),
            *({"model": "m", "response": t, "done": False} for t in A),
            {"model": "m", "response": "", "done": True, "eval_count": 30, "prompt_eval_count": 5}),
        "sse_stream", [COUNTED],
    ),
    "Bedrock": (sse(*CONVERSE), "sse_stream", [{**COUNTED, "latency_s": 0.9, "finish_reason": "end_turn"}]),
    "Bedrock, redacted": (
        sse(CONVERSE[0], {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"redactedContent": SEALED}}}},
            *CONVERSE[5:]),
        "sse_stream", [{"reasoning": None, "reasoning_kind": ReasoningKind.REDACTED, "answer": ANSWER}],
    ),
    "Cohere": (sse(*COHERE), "sse_stream", [{**COUNTED, "external_id": "h1"}]),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_streams(name: str) -> None:
    check(CASES[name])


def test_a_stream_of_nothing_known_is_refused() -> None:
    found = read_record(sse({"a": 1}, {"b": 2}), hint=FileHint())
    assert isinstance(found, Rejected)
    assert "2 events" in found.reason


@given(st.lists(st.sampled_from(["a", "b ", "\n", "é", "<", "think>"]), max_size=30), st.data())
def test_cutting_a_text_elsewhere_changes_nothing(pieces: list[str], data: st.DataObject) -> None:
    """However a reply was cut into chunks, it is the same reply."""
    whole = "".join(pieces)
    at = data.draw(st.integers(0, len(whole)))
    cuts = (whole[:at], whole[at:])
    one, two = ([chunk({"reasoning": t, "content": t}) for t in parts] for parts in (pieces, cuts))
    end = chunk({}, finish="stop")
    assert join_chat([*one, end]) == join_chat([*two, end]) or not pieces


def test_long_streams_are_joined_in_linear_time() -> None:
    import time

    def seconds(n: int) -> float:
        events = [chunk({"content": "word "}) for _ in range(n)]
        start = time.process_time()
        (trace,) = read_all(sse(*events, chunk({}, finish="stop")))
        assert len(trace.answer or "") == 5 * n
        return time.process_time() - start

    assert seconds(40_000) < 30 * max(seconds(4_000), 0.005)
