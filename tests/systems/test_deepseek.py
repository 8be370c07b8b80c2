"""DeepSeek: R1-Zero, R1 by API and as text, the distilled models, V3.1."""

from __future__ import annotations

import pytest

from tests.systems.support import Case, Rows, case, differences, lines

QUESTION = "What is the largest two-digit prime?"
THOUGHT = "99 is 9 times 11. 98 is even. 97: not by 2, 3, 5 or 7. Wait, 11 squared is 121, so 97 is prime."
ANSWER = "The largest two-digit prime is **97**."
ASKED = [{"role": "user", "content": QUESTION}]

CASES: dict[str, Case] = {
    "DeepSeek-R1-Zero": lines(
        ({"prompt": QUESTION, "model": "deepseek-ai/DeepSeek-R1-Zero",
          "response": f"<think>\n{THOUGHT}\n</think>\n<answer>97</answer>"},
         {"question": QUESTION, "reasoning": THOUGHT, "answer": "97", "split_method": "tag", "reasoning_kind": "visible",
          "raw_response": f"<think>\n{THOUGHT}\n</think>\n<answer>97</answer>"}),
        ({"prompt": QUESTION, "response": f"<think>{THOUGHT}<answer>97</answer></think>"},
         {"reasoning": THOUGHT, "answer": "97", "codes": {"answer_inside_reasoning"}}),
        ({"prompt": QUESTION, "response": f"<think>{THOUGHT}</think> Check. </think><answer>97</answer>"},
         {"reasoning": f"{THOUGHT}\n\nCheck.", "answer": "97", "codes": {"extra_closer"}}),
    ),
    "DeepSeek-R1": lines(
        ({"id": "1", "object": "chat.completion", "model": "deepseek-reasoner", "created": 1_737_500_000,
          "choices": [{"index": 0, "finish_reason": "stop",
                       "message": {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}}],
          "usage": {"prompt_tokens": 12, "completion_tokens": 90, "total_tokens": 102, "prompt_cache_hit_tokens": 0,
                    "completion_tokens_details": {"reasoning_tokens": 70}}},
         {"reasoning": THOUGHT, "answer": ANSWER, "split_method": "field", "reasoning_kind": "visible",
          "reasoning_tokens": 70, "completion_tokens": 90, "raw_response": None}),
        ({"question": QUESTION, "model": "DeepSeek-R1", "response": f"{THOUGHT}\n</think>\n\n{ANSWER}"},
         {"reasoning": THOUGHT, "answer": ANSWER, "codes": {"missing_opener"}}),
        ({"question": QUESTION, "model": "DeepSeek-R1", "response": f"<think>\n\n</think>\n\n{ANSWER}"},
         {"reasoning": None, "reasoning_kind": "none", "answer": ANSWER, "truncated": False}),
        ({"question": QUESTION, "model": "DeepSeek-R1", "response": f"<think>\n{THOUGHT}", "finish_reason": "length"},
         {"reasoning": THOUGHT, "answer": None, "truncated": True, "codes": {"missing_closer"}}),
        ({"question": QUESTION, "model": "deepseek/deepseek-r1", "response": ANSWER, "finish_reason": "stop"},
         {"reasoning": None, "reasoning_kind": "none", "answer": ANSWER}),
    ),
    "R1-Distill-Qwen": case(
        {"item_id": "p-4", "dataset": "primes", "problem": QUESTION, "full_response": f"{THOUGHT}\n</think>\n\n{ANSWER}",
         "reasoning_trace": THOUGHT, "answer_text": ANSWER, "ground_truth": "97", "extracted_answer": "97",
         "is_correct": True, "reasoning_tokens": 61, "total_generated_tokens": 75, "prompt_tokens": 11,
         "generation_time_seconds": 2.5, "model_name": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "temperature": 0.6},
        {"question": QUESTION, "question_id": "p-4", "dataset": "primes", "reasoning": THOUGHT, "answer": ANSWER,
         "gold_answer": "97", "extracted_answer": "97", "correct": True, "reasoning_tokens": 61, "completion_tokens": 75,
         "prompt_tokens": 11, "latency_s": 2.5, "model": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
         "metadata": {"temperature": 0.6}, "raw_response": f"{THOUGHT}\n</think>\n\n{ANSWER}"},
    ),
    "R1-Distill-Llama": lines(
        ({"prompt": "<｜begin▁of▁sentence｜><｜User｜>" + QUESTION + "<｜Assistant｜><think>\n",
          "model": "DeepSeek-R1-Distill-Llama-8B", "output": f"{THOUGHT}\n</think>\n\n{ANSWER}<｜end▁of▁sentence｜>"},
         {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "codes": {"missing_opener", "rendered_template"}}),
        ({"request": {"messages": ASKED, "reasoning_format": "parsed"},
          "response": {"object": "chat.completion", "model": "deepseek-r1-distill-llama-70b", "choices": [
              {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER, "reasoning": THOUGHT}}]}},
         {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "model": "deepseek-r1-distill-llama-70b"}),
        ({"prompt": QUESTION, "model": "DeepSeek-R1-Distill-Llama-8B", "output": THOUGHT, "finish_reason": "length"},
         {"reasoning": THOUGHT, "answer": None, "truncated": True, "codes": {"prefilled_by_model"}}),
    ),
    "DeepSeek-V3.1": lines(
        ({"prompt": QUESTION, "model": "deepseek-v3.1", "output": f"{THOUGHT}</think>{ANSWER}"},
         {"reasoning": THOUGHT, "answer": ANSWER}),
        ({"prompt": QUESTION, "model": "deepseek-v3.1", "output": ANSWER}, {"reasoning": None, "answer": ANSWER}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
