"""Arbitrary records that look enough like real ones to get deep into the readers."""

from __future__ import annotations

from hypothesis import strategies as st

from analysis.formats.aliases import (
    ALIASES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
    SAMPLE_LISTS,
    SUMMARY_KEYS,
)

TEXTS = st.sampled_from(
    ["", "a", "<think>r</think>a", "<think>r", "r</think>a", "on", "length", "stop", "42", "true",
     "user", "assistant", "system", "tool", "text", "thinking", "reasoning", "reasoning.summary",
     "reasoning.encrypted", "response", "message", "errored", "2026-01-02T03:04:05Z", "o3-mini-high",
     "DeepSeek-R1", "QwQ-32B-Preview", "<|begin_of_thought|>x", "analysisXassistantfinalY",
     "<|channel|>final<|message|>x", "nan", "None",
     '[{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]', '{"thinking": "r", "content": "a"}', "[{'a': 1}]",
     "<|im_start|>user\nq<|im_end|><|im_start|>assistant\n<think>", "<ifm|think_fast>r", "<analysis>r</analysis>a", "R\n**Final Answer**\n1", "<|im_start|>user\nq<|im_start|>assistant\na"]
) | st.text(max_size=6)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
KEYS = st.sampled_from(
    sorted({
        *(name for names in ALIASES.values() for name in names), *REASONING_KEYS, *RESPONSE_KEYS, *MESSAGE_KEYS,
        "answer", "text", "solution", "choices", "message", "role", "from", "value", "usage", "type", "summary",
        "request", "body", "custom_id", "results", "data", "0", "spans", "segments", "matrix", "annotator", "source",
        "step", "object", "status", "status_code", "incomplete_details", "reasoning_details", "thinking_blocks",
        "completion_tokens_details", "total_tokens", "generations", "stop_reason", "done", "info", "tool_calls",
        *SAMPLE_LISTS, *SUMMARY_KEYS, "chosen", "rejected", "steps", "columns", "index", "metadata", "label", "gemini_attempt",
        "gemini_thinking", "deepseek-r1 (response)", "answer_o3", "agentInnerThoughts", "model_output_text", "config", "tokens",
    })
) | st.text(max_size=4)  # fmt: skip
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)
TURN = st.fixed_dictionaries(
    {"role": TEXTS, "content": JSON}, optional={"reasoning": JSON, "tool_calls": JSON}
)
MESSAGES = st.lists(TURN, min_size=1, max_size=4)
CHOICES = st.lists(
    st.fixed_dictionaries({"message": TURN}, optional={"index": JSON, "finish_reason": JSON}),
    min_size=1,
    max_size=3,
)
BODIES = st.fixed_dictionaries(
    {"choices": CHOICES}, optional={"usage": JSON, "model": JSON, "id": JSON}
)
OUTPUT = st.fixed_dictionaries(
    {
        "object": st.just("response"),
        "output": st.lists(st.dictionaries(KEYS, JSON, max_size=4), max_size=3),
    },
    optional={
        "reasoning": JSON,
        "usage": JSON,
        "input": MESSAGES,
        "incomplete_details": JSON,
        "error": JSON,
    },
)
ANTHROPIC = st.fixed_dictionaries(
    {
        "role": st.just("assistant"),
        "type": st.just("message"),
        "content": st.lists(JSON, max_size=4),
    },
    optional={"usage": JSON},
)
OLLAMA = st.fixed_dictionaries({"message": TURN, "done": JSON}, optional={"eval_count": JSON})
ANY_BODY = BODIES | OUTPUT | ANTHROPIC | OLLAMA
ENVELOPES = st.fixed_dictionaries(
    {"response": ANY_BODY | st.fixed_dictionaries({"body": ANY_BODY, "status_code": JSON}) | JSON},
    optional={
        "request": JSON | st.fixed_dictionaries({"messages": MESSAGES}),
        "custom_id": JSON,
        "error": JSON,
        "metadata": JSON,
    },
)
ROWS = st.dictionaries(
    KEYS, JSON | MESSAGES | st.lists(TEXTS | st.none(), min_size=1, max_size=3), max_size=8
)
VALUES = st.one_of(
    JSON,
    ROWS,
    MESSAGES,
    ANY_BODY,
    ENVELOPES,
    st.fixed_dictionaries({"results": st.lists(ROWS, max_size=3)}),
)
