"""What each shape of record is read as: the table behind ``test_formats.py``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from analysis.model import FinishReason, ReasoningKind, SplitMethod

USER, SYSTEM = {"role": "user", "content": "q"}, {"role": "system", "content": "s"}


def assistant(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def reply(*messages: dict[str, Any], finish: str = "stop", **more: Any) -> dict[str, Any]:
    choices = [{"index": i, "finish_reason": finish, "message": m} for i, m in enumerate(messages)]
    return {"object": "chat.completion", "model": "m", "choices": choices, **more}


USAGE = {
    "prompt_tokens": 5,
    "completion_tokens": 20,
    "completion_tokens_details": {"reasoning_tokens": 12},
}

# name: (record, format, [what each trace must hold])
CASES: dict[str, tuple[Any, str, list[dict[str, Any]]]] = {
    "generic": (
        {
            "id": 7, "question": "q", "reasoning": " r\n", "answer": 42, "model": "m", "effort": "Low",
            "gold": 42, "correct": 1, "sample_index": "3", "dataset": "d", "reasoning_tokens": 12,
            "target_language": "de", "checkpoint": 100, "probes": [{"at": 0.5}], "finish_reason": "stop",
            "note": {"x": 1},
        },
        "generic",
        [{
            "external_id": "7", "question": "q", "reasoning": " r\n", "answer": "42", "model": "m",
            "effort": "low", "effort_source": "field", "gold_answer": "42", "correct": True,
            "correct_source": "stated", "sample_index": 3, "dataset": "d", "reasoning_tokens": 12,
            "token_source": "api", "target_language": "de", "checkpoint": "100",
            "probes": '[{"at":0.5}]', "finish_reason_norm": FinishReason.STOP,
            "reasoning_kind": ReasoningKind.VISIBLE, "split_method": SplitMethod.FIELD,
            "metadata": {"note": {"x": 1}}, "raw_response": None,
        }],
    ),
    "spellings of keys": (
        {"Question": "q", "Reasoning Content": "r", "Final Answer": "a", "Model Name": "m", "finishReason": "STOP"},
        "generic",
        [{"question": "q", "reasoning": "r", "answer": "a", "model": "m", "finish_reason": "STOP"}],
    ),
    "reasoning alone": ({"reasoning": "r"}, "generic", [{"reasoning": "r", "answer": None}]),
    "answer alone": (
        {"question": "q", "answer": "a"}, "generic",
        [{"answer": "a", "reasoning_kind": ReasoningKind.NONE, "split_method": SplitMethod.NONE}],
    ),
    "steps": ({"reasoning": ["one", "two"], "answer": "a"}, "generic", [{"reasoning": "one\n\ntwo"}]),
    "a whole reply in the reasoning key": (
        {"id": "1", "question": "q", "reasoning": "<think>\nr\n</think>\na"}, "generic",
        [{"reasoning": "r", "answer": "a", "raw_response": "<think>\nr\n</think>\na", "codes": {"marks_in_reasoning"}}],
    ),
    "marks in an annotated reasoning stay": (
        {"id": "1", "question": "q", "reasoning": "<think>\nr\n</think>\na", "segments": [{"start": 0, "end": 7}]}, "generic",
        [{"reasoning": "<think>\nr\n</think>\na", "answer": None, "raw_response": None, "codes": {"marks_in_reasoning"}}],
    ),
    "marks around the reasoning in its key": (
        {"question": "q", "thinking": "<think>\nr\n</think>", "output": "a"}, "generic",
        [{"reasoning": "r", "answer": "a", "truncated": False, "codes": {"marks_in_reasoning"}}],
    ),
    "an opener alone in the reasoning key": (
        {"question": "q", "thinking": "<think>\nr", "output": "a"}, "generic",
        [{"reasoning": "r", "answer": "a", "truncated": False, "codes": {"marks_in_reasoning"}}],
    ),
    "another answer behind the reasoning": (
        {"question": "q", "reasoning": "<think>r</think>b", "answer": "a"}, "generic",
        [{"reasoning": "<think>r</think>b", "answer": "a", "codes": {"marks_in_reasoning"}}],
    ),
    "the same reasoning in the content once more": (
        reply(assistant("<think>\nr\n</think>\na", reasoning_content="r")), "chat_completion",
        [{"reasoning": "r", "answer": "a", "raw_response": "<think>\nr\n</think>\na", "codes": {"repeated_reasoning"}}],
    ),
    "another reasoning in the content": (
        reply(assistant("<think>\ns\n</think>\na", reasoning_content="r")), "chat_completion",
        [{"reasoning": "r\n\ns", "answer": "a", "codes": {"marks_beside_reasoning"}}],
    ),
    "a closer left in the content": (
        reply(assistant("</think>\n\na", reasoning_content="r")), "chat_completion",
        [{"reasoning": "r", "answer": "a", "raw_response": "</think>\n\na"}],
    ),
    "a switch is no text": (
        {"reasoning": "on", "question": "q", "output": "<think>r</think>a"}, "think_text",
        [{"effort": "on", "reasoning": "r", "answer": "a", "raw_response": "<think>r</think>a"}],
    ),
    "leaked truncation": (
        {"question": "q", "thinking": "", "output": "<think>\nr", "finish_reason": "length"}, "think_text",
        [{"reasoning": "r", "answer": None, "truncated": True, "codes": {"missing_closer"}}],
    ),
    "hidden": (
        {"question": "q", "thinking": None, "output": "a", "tokens_reasoning": 64}, "generic",
        [{"reasoning": None, "answer": "a", "reasoning_kind": ReasoningKind.HIDDEN}],
    ),
    "hidden and cut off": (
        {"question": "q", "model": "m", "output": "", "reasoning_tokens": 64, "finish_reason": "max_tokens"}, "generic",
        [{"answer": None, "truncated": True, "reasoning_kind": ReasoningKind.HIDDEN}],
    ),
    "answer beside a response is gold": (
        {"question": "q", "response": "<think>r</think>a", "answer": "g"}, "think_text",
        [{"answer": "a", "gold_answer": "g", "codes": {"answer_role"}}],
    ),
    "answer beside a response and gold is extracted": (
        {"question": "q", "response": "<think>r</think>a", "answer": "x", "gold": "g"}, "think_text",
        [{"answer": "a", "gold_answer": "g", "extracted_answer": "x"}],
    ),
    "LIMO": (
        {"question": "q", "solution": "long\n\n**Final Answer**\n\n1", "answer": "1"}, "generic",
        [{"reasoning": "long", "answer": "1", "gold_answer": "1", "split_method": SplitMethod.HEADING}],
    ),
    "worked solution is gold": (
        {"question": "q", "solution": "w", "thinking": "r", "output": "a"}, "generic",
        [{"gold_answer": "w", "reasoning": "r", "answer": "a"}],
    ),
    "prefilled prompt": (
        {"prompt": "q\n<think>\n", "completion": "r goes on"}, "generic",
        [{"question": "q\n<think>\n", "reasoning": "r goes on", "truncated": True, "raw_response": None}],
    ),
    "prefilled by the model, cut off": (
        {"model": "DeepSeek-R1-Distill-Qwen-7B", "prompt": "q", "output": "r", "finish_reason": "length"}, "generic",
        [{"reasoning": "r", "answer": None, "truncated": True}],
    ),
    "prefilled by the model, ended": (
        {"model": "DeepSeek-R1-Distill-Qwen-7B", "prompt": "q", "output": "a", "finish_reason": "stop"}, "generic",
        [{"reasoning": None, "answer": "a", "truncated": False}],
    ),
    "a model without marks": (
        {"model": "QwQ-32B-Preview", "prompt": "q", "output": "r"}, "generic",
        [{"reasoning": "r", "answer": None, "split_method": SplitMethod.UNMARKED, "codes": {"unmarked"}}],
    ),
    "summaries by the model": (
        {"model": "o3-mini-high", "question": "q", "thinking": "r", "output": "a"}, "generic",
        [{"reasoning_kind": ReasoningKind.SUMMARY, "effort": "high", "effort_source": "model_name"}],
    ),
    "raw reply beside its parts": (
        {"question": "q", "full_response": "<think>\nrrr\n</think>\n\naaa", "reasoning_trace": "rrr", "answer_text": "aaa"},
        "generic",
        [{"reasoning": "rrr", "answer": "aaa", "raw_response": "<think>\nrrr\n</think>\n\naaa", "metadata": {}}],
    ),
    "an unknown key with marks": (
        {"q": "x", "zz": "<think>r</think>a"}, "generic",
        [{"question": "x", "reasoning": "r", "answer": "a", "codes": {"guessed_key"}}],
    ),
    "a model in the name of a column": (
        {"q": "x", "deepseek-r1 (response)": "<think>r</think>a"}, "generic",
        [{"question": "x", "reasoning": "r", "answer": "a", "model": "deepseek-r1", "model_inferred": True,
          "codes": {"model_in_column"}}],
    ),
    "an id that is a word for nothing": (
        {"id": "None", "question_id": "none", "question": "q", "answer": "a", "model": "none"}, "generic",
        [{"external_id": "None", "question_id": "none", "model": None}],
    ),
    "columns in objects": (
        {"input": {"question": "q"}, "output": {"reasoning": "r", "answer": "a"}}, "generic",
        [{"question": "q", "reasoning": "r", "answer": "a"}],
    ),
    "columns that would hide one another": (
        {"input": {"text": "q"}, "output": {"text": "t", "reasoning": "r", "answer": "a"}, "reasoning": "own"}, "generic",
        [{"reasoning": "own", "metadata": {
            "input": {"text": "q"}, "output": {"text": "t", "reasoning": "r", "answer": "a"},
        }}],
    ),
    "a size is no effort": (
        {"model": "mistral-medium", "question": "q", "answer": "a"}, "generic", [{"effort": None}],
    ),
    "reasoning in the turns and beside them": (
        {"messages": [USER, {"role": "assistant", "content": "a", "thinking": "r"}], "reasoning": "another text"},
        "generic", [{"reasoning": "r", "answer": "a", "metadata": {"reasoning": "another text"}}],
    ),
    "a rendered prompt beside the question": (
        {"question": "q", "prompt": "user q assistant <think>\n", "response": "r goes on"}, "generic",
        [{"question": "q", "reasoning": "r goes on", "truncated": True,
          "metadata": {"prompt": "user q assistant <think>\n"}}],
    ),
    "a failed generation": (
        {"question": "q", "model": "m", "response": None, "error": {"code": 500, "message": "boom"}}, "generic",
        [{"error": "500: boom", "answer": None, "reasoning_kind": ReasoningKind.NONE}],
    ),
    "messages": (
        {"id": "c", "messages": [SYSTEM, USER, assistant("<think>r</think>a")]}, "think_text",
        [{"external_id": "c", "system_prompt": "s", "question": "q", "reasoning": "r", "answer": "a", "metadata": {}}],
    ),
    "messages with reasoning apart": (
        {"messages": [USER, assistant("a", reasoning_content="r")]}, "think_text",
        [{"question": "q", "reasoning": "r", "answer": "a", "split_method": SplitMethod.FIELD}],
    ),
    "conversations": (
        {"system": "s", "conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "<think>r</think>a"}]},
        "think_text", [{"system_prompt": "s", "question": "q", "reasoning": "r", "answer": "a"}],
    ),
    "the last turn is the trace": (
        {"messages": [{"role": "user", "content": "q1"}, assistant("a1"), USER, assistant("a", thinking="r")]},
        "think_text",
        [{
            "question": "q", "reasoning": "r", "answer": "a",
            "metadata": {"messages": [{"role": "user", "content": "q1"}, {"role": "assistant", "content": "a1"}]},
        }],
    ),
    "tools between": (
        {"messages": [USER, assistant("let me see", reasoning_content="r1", tool_calls=[{"id": "1"}]),
                      {"role": "tool", "content": "21"}, assistant("a", reasoning_content="r2")]},
        "think_text",
        [{
            "reasoning": "r1\n\nr2", "answer": "a",
            "metadata": {"messages": [
                {"role": "assistant", "content": "let me see", "tool_calls": [{"id": "1"}]},
                {"role": "tool", "content": "21"},
            ]},
        }],
    ),
    "content parts": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "q"}, {"type": "image_url", "image_url": "u"}]},
                      assistant([{"type": "thinking", "thinking": "r", "signature": "x"}, {"type": "text", "text": "a"}])]},
        "think_text",
        [{"question": "q", "reasoning": "r", "answer": "a",
          "metadata": {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]},
                                    {"role": "assistant", "content": [{"type": "thinking", "signature": "x"}]}]}}],
    ),
    "a bare list of turns": ([USER, assistant("a", thinking="r")], "think_text", [{"question": "q", "reasoning": "r"}]),
    "prompt and completion turns": (
        {"prompt": [USER], "completion": [assistant("a", thinking="r")], "reward": 0.5}, "think_text",
        [{"question": "q", "reasoning": "r", "answer": "a", "score": 0.5}],
    ),
    "a prompt without a reply beside reasoning": (
        {"messages": [SYSTEM, USER], "reasoning": "r", "answer": "a", "model": "m"}, "generic",
        [{"question": "q", "system_prompt": "s", "reasoning": "r", "answer": "a"}],
    ),
    "a rendered template": (
        {"text": "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\n<think>\nr\n</think>\na<|im_end|>"}, "think_text",
        [{"question": "q", "reasoning": "r", "answer": "a", "codes": {"rendered_template"}}],
    ),
    "Sky-T1": (
        {"system": "s", "conversations": [
            {"from": "user", "value": "q"},
            {"from": "assistant", "value": "<|begin_of_thought|>\nr\n<|end_of_thought|>\n<|begin_of_solution|>\na\n<|end_of_solution|>"},
        ]},
        "sky_t1", [{"question": "q", "reasoning": "r", "answer": "a", "system_prompt": "s"}],
    ),
    "Harmony": (
        {"prompt": "q", "output": "<|channel|>analysis<|message|>r<|end|><|start|>assistant<|channel|>final<|message|>a<|return|>"},
        "think_text", [{"reasoning": "r", "answer": "a", "split_method": SplitMethod.CHANNEL}],
    ),
    "Harmony, cut off": (
        {"prompt": "q", "output": "<|channel|>analysis<|message|>r"}, "think_text",
        [{"reasoning": "r", "answer": None, "truncated": True}],
    ),
    "Harmony without its tokens": (
        {"prompt": "q", "output": "analysisWe add.assistantfinal4"}, "think_text",
        [{"reasoning": "We add.", "answer": "4", "codes": {"channel_residue"}}],
    ),
    "parallel lists": (
        {"prompt": "q", "llm": "m", "output": ["a", None], "thinking": ["r", ""], "finish_reason": ["stop", "error"],
         "completion_tokens_details": [{"reasoning_tokens": 3}, None]},
        "generic",
        [{"sample_index": 0, "reasoning": "r", "answer": "a", "reasoning_tokens": 3, "question": "q", "model": "m"},
         {"sample_index": 1, "reasoning": None, "answer": None, "codes": {"no_response"}}],
    ),
    "generations": (
        {"problem": "q", "generations": ["<think>r</think>a", "<think>s"], "answer": "g",
         "correctness_math_verify": [True, False], "messages": [USER, assistant("<think>r</think>a")]},
        "think_text",
        [{"sample_index": 0, "reasoning": "r", "gold_answer": "g", "correct": True},
         {"sample_index": 1, "reasoning": "s", "gold_answer": "g", "correct": False, "truncated": True}],
    ),
    "columns by model": (
        {"question": "q", "solution": "g", "x_thinking_trajectory": "r", "x_attempt": "a", "x_grade": "Yes",
         "x_grade_reason": "same", "y_thinking_trajectory": "s", "y_attempt": "b", "y_grade": "No"},
        "generic",
        [{"model": "x", "model_inferred": True, "reasoning": "r", "answer": "a", "correct": True, "gold_answer": "g",
          "sample_index": 0, "metadata": {"x_grade_reason": "same"}},
         {"model": "y", "reasoning": "s", "answer": "b", "correct": False, "sample_index": 1, "metadata": {}}],
    ),
    "a wrapper": (
        {"model": "m", "config": {"t": 1}, "results": [{"prompt": "q1", "output": "a1"}, {"prompt": "q2", "output": "a2"}]},
        "generic",
        [{"question": "q1", "answer": "a1", "model": "m", "sample_index": 0, "metadata": {"config": {"t": 1}}},
         {"question": "q2", "answer": "a2", "model": "m", "sample_index": 0, "metadata": {}}],
    ),
    "samples of one question": (
        {"question": "q", "samples": [{"reasoning": "r", "answer": "a"}, {"reasoning": "s", "answer": "b"}]}, "generic",
        [{"question": "q", "sample_index": 0, "reasoning": "r"}, {"question": "q", "sample_index": 1, "reasoning": "s"}],
    ),
    "rows by number": (
        {"0": {"origin_prompt": [{"role": "HUMAN", "prompt": "q"}], "prediction": "<think>r</think>a", "gold": "g"}},
        "think_text", [{"external_id": "0", "question": "q", "reasoning": "r", "answer": "a", "gold_answer": "g"}],
    ),
    "chat completion": (
        reply(assistant("a", reasoning="r"), id="x", created=1_700_000_000, usage=USAGE), "chat_completion",
        [{"external_id": "x", "model": "m", "reasoning": "r", "answer": "a", "prompt_tokens": 5, "completion_tokens": 20,
          "reasoning_tokens": 12, "token_source": "api", "created_at": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)}],
    ),
    "request and reply": (
        {"request": {"model": "m0", "messages": [SYSTEM, USER], "reasoning_effort": "high", "temperature": 1},
         "response": reply(assistant("a", reasoning_content="r")), "metadata": {"gold": "g", "correct": False}},
        "chat_completion",
        [{"question": "q", "system_prompt": "s", "effort": "high", "effort_source": "request", "model": "m",
          "gold_answer": "g", "correct": False}],
    ),
    "effort in an object": (
        {"request": {"messages": [USER], "reasoning": {"effort": "low", "max_tokens": 100}}, "response": reply(assistant("a"))},
        "chat_completion", [{"effort": "low", "thinking_budget_tokens": 100}],
    ),
    "choices share their usage": (
        reply(assistant("a"), assistant("b"), usage=USAGE), "chat_completion",
        [{"sample_index": 0, "answer": "a", "codes": {"shared_usage"}}, {"sample_index": 1, "answer": "b"}],
    ),
    "inline marks, cut off": (
        reply(assistant("<think>\nr"), finish="length"), "chat_completion",
        [{"reasoning": "r", "answer": None, "truncated": True}],
    ),
    "withheld reasoning": (
        reply(assistant("a", reasoning=None, reasoning_details=[{"type": "reasoning.encrypted", "data": "zz"}])),
        "chat_completion", [{"reasoning": None, "answer": "a", "reasoning_kind": ReasoningKind.ENCRYPTED}],
    ),
    "summary details": (
        reply(assistant("a", reasoning="r", reasoning_details=[{"type": "reasoning.summary", "summary": "r"}])),
        "chat_completion", [{"reasoning": "r", "reasoning_kind": ReasoningKind.SUMMARY}],
    ),
    "the same reasoning three times": (
        reply(assistant("a", reasoning_content="rrr", thinking_blocks=[{"type": "thinking", "thinking": "rrr"}],
                        provider_specific_fields={"thinking_blocks": [{"thinking": "rrr"}]})),
        "chat_completion", [{"reasoning": "rrr"}],
    ),
    "reasoning left out of the count": (
        reply(assistant("a"), usage={"prompt_tokens": 5, "completion_tokens": 3, "total_tokens": 18,
                                     "completion_tokens_details": {"reasoning_tokens": 10}}),
        "chat_completion", [{"completion_tokens": 13, "codes": {"reasoning_added"}}],
    ),
    "a tool call": (
        reply(assistant(None, reasoning_content="r", tool_calls=[{"id": "1"}]), finish="tool_calls"), "chat_completion",
        [{"reasoning": "r", "answer": None, "truncated": False, "finish_reason_norm": FinishReason.TOOL}],
    ),
    "batch line": (
        {"id": "b", "custom_id": "c", "response": {"status_code": 200, "body": reply(assistant("a"))}, "error": None},
        "chat_completion", [{"external_id": "c", "answer": "a", "error": None}],
    ),
    "failed batch line": (
        {"id": "b", "custom_id": "c", "response": None, "error": {"code": "expired", "message": "late"}},
        "chat_completion", [{"external_id": "c", "error": "expired: late"}],
    ),
    "refused batch line": (
        {"custom_id": "c", "response": {"status_code": 400, "body": {"error": {"message": "bad"}}}, "error": None},
        "chat_completion", [{"external_id": "c", "error": "bad"}],
    ),
    "Responses API": (
        {"object": "response", "model": "m", "status": "completed", "reasoning": {"effort": "high"}, "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s1"}, {"type": "summary_text", "text": "s2"}],
             "encrypted_content": "zz"},
            {"type": "message", "content": [{"type": "output_text", "text": "a"}]}]},
        "openai_responses",
        [{"reasoning": "s1\n\ns2", "answer": "a", "effort": "high", "reasoning_kind": ReasoningKind.SUMMARY}],
    ),
    "Anthropic": (
        {"type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn", "usage": {"output_tokens": 9},
         "content": [{"type": "thinking", "thinking": "r", "signature": "x"}, {"type": "text", "text": "a"}]},
        "anthropic_messages", [{"reasoning": "r", "answer": "a", "completion_tokens": 9}],
    ),
    "Ollama": (
        {"model": "m", "message": assistant("a", thinking="r"), "done": True, "done_reason": "stop", "eval_count": 9},
        "ollama", [{"reasoning": "r", "answer": "a", "completion_tokens": 9, "finish_reason": "stop"}],
    ),
}  # fmt: skip
