"""Published data sets of traces, and rows of conversations."""

from __future__ import annotations

import pytest

from tests.systems.support import Case, Rows, case, differences, lines

QUESTION = "What is the sum of the first five odd numbers?"
THOUGHT = "1 + 3 + 5 + 7 + 9. That is 25. Or five squared."
ANSWER = "The sum is \\(\\boxed{25}\\)."
TEXT = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
ASKED = {"role": "user", "content": QUESTION}
SAID = {"role": "assistant", "content": TEXT}
PLAIN = {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "reasoning_kind": "visible"}

CASES: dict[str, Case] = {
    "OpenThoughts": lines(
        ({"problem": QUESTION, "deepseek_reasoning": THOUGHT, "deepseek_solution": ANSWER,
          "ground_truth_solution": "Five squared is 25.", "domain": "math", "source": "ours", "test_cases": None,
          "starter_code": None},
         {**PLAIN, "gold_answer": "Five squared is 25.", "split_method": "field",
          "metadata": {"domain": "math", "source": "ours"}}),
        ({"system": "s", "conversations": [{"from": "user", "value": QUESTION}, {"from": "assistant", "value": TEXT}]},
         {**PLAIN, "system_prompt": "s", "split_method": "tag"}),
    ),
    "OpenR1-Math": case(
        {"problem": QUESTION, "solution": "5^2 = 25", "answer": "25", "problem_type": "Number", "uuid": "u-1",
         "source": "ours", "is_reasoning_complete": [True, False], "generations": [TEXT, f"<think>\n{THOUGHT}"],
         "correctness_math_verify": [True, False], "correctness_llama": None, "finish_reasons": None,
         "correctness_count": 1, "messages": [ASKED, SAID]},
        {**PLAIN, "gold_answer": "25", "correct": True, "sample_index": 0, "external_id": "u-1",
         "metadata": {"problem_type": "Number", "solution": "5^2 = 25"}, "codes": {"answer_role"}},
        {"reasoning": THOUGHT, "answer": None, "correct": False, "truncated": True, "sample_index": 1},
    ),
    "Mixture-of-Thoughts": case(
        {"messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "<think>\nHm.\n</think>\nHello."},
                      ASKED, SAID], "num_tokens": 80, "source": "ours"},
        {**PLAIN, "metadata": {"num_tokens": 80, "source": "ours"}},
    ),
    "AM-Distilled": case(
        {"messages": [
            {"role": "user", "content": QUESTION, "info": {"source": "ours", "reference_answer": "25", "test_case": None}},
            {"role": "assistant", "content": f"<think>{THOUGHT}</think> <answer>{ANSWER}</answer>",
             "info": {"think_content": THOUGHT, "answer_content": ANSWER}}]},
        {**PLAIN, "gold_answer": "25"},
    ),
    "Dolphin-R1": case(
        {"messages": [{"role": "system", "content": "s"}, ASKED], "reasoning": THOUGHT, "answer": ANSWER,
         "overlap_type": None, "model": "deepseek-reasoner"},
        {**PLAIN, "system_prompt": "s", "gold_answer": None, "model": "deepseek-reasoner", "split_method": "field"},
    ),
    "OpenMathReasoning": case(
        {"problem": QUESTION, "generated_solution": TEXT, "expected_answer": "25", "problem_type": "has_answer_extracted",
         "generation_model": "DeepSeek-R1", "inference_mode": "cot", "pass_rate_72b_tir": "n/a", "used_in_kaggle": True},
        {**PLAIN, "gold_answer": "25", "model": "DeepSeek-R1", "correct": None,
         "metadata": {"inference_mode": "cot", "pass_rate_72b_tir": "n/a", "used_in_kaggle": True}},
    ),
    "Llama-Nemotron": lines(
        ({"input": [ASKED], "output": TEXT, "reasoning": "on", "system_prompt": "detailed thinking on", "category": "math",
          "generator": "DeepSeek-R1", "license": "x", "used_in_training": "Ultra", "version": "v1"},
         {**PLAIN, "effort": "on", "effort_source": "field", "model": "DeepSeek-R1", "system_prompt": "detailed thinking on"}),
        ({"input": [ASKED], "output": ANSWER, "reasoning": "off", "system_prompt": "detailed thinking off",
          "generator": "Llama-3.3-70B-Instruct"},
         {"reasoning": None, "answer": ANSWER, "effort": "off", "reasoning_kind": "none"}),
    ),
    "DeltaBench": case(
        {"id": "d-1", "task_l1": "math", "question": QUESTION, "answer": "25", "long_cot": THOUGHT, "final_correct": 1,
         "sections_content": ["1 + 3 + 5 + 7 + 9.", "That is 25."], "reason_error_section_numbers": [2],
         "reason_unuseful_section_numbers": [], "origin": "QwQ-32B-Preview"},
        {"question": QUESTION, "reasoning": THOUGHT, "answer": None, "gold_answer": "25", "correct": True,
         "external_id": "d-1", "metadata": {"reason_error_section_numbers": [2], "origin": "QwQ-32B-Preview"}},
    ),
    "ShareGPT rows": lines(
        ({"id": "s1", "conversations": [{"from": "system", "value": "s"}, {"from": "human", "value": QUESTION},
                                        {"from": "gpt", "value": TEXT}]},
         {**PLAIN, "external_id": "s1", "system_prompt": "s"}),
        ({"conversations": [{"from": "human", "value": QUESTION}, {"from": "gpt", "value": ANSWER}]},
         {"question": QUESTION, "reasoning": None, "answer": ANSWER, "reasoning_kind": "none"}),
    ),
    "messages rows": lines(
        ({"messages": [{"role": "system", "content": "s"}, ASKED, {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}]},
         {**PLAIN, "system_prompt": "s", "split_method": "field"}),
        ({"messages": [ASKED, {"role": "assistant", "content": ANSWER, "thinking": THOUGHT}]}, PLAIN),
        ({"messages": [ASKED, {"role": "assistant", "content": [{"type": "thinking", "thinking": THOUGHT},
                                                                {"type": "text", "text": ANSWER}]}]}, PLAIN),
        ({"messages": [ASKED,
                       {"role": "assistant", "content": "Let me add.", "reasoning_content": "I could use the tool.",
                        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}]},
                       {"role": "tool", "tool_call_id": "c1", "content": "25"},
                       {"role": "assistant", "content": ANSWER, "reasoning_content": THOUGHT}]},
         {**PLAIN, "reasoning": f"I could use the tool.\n\n{THOUGHT}"}),
        ({"prompt": [ASKED], "completion": [{"role": "assistant", "content": ANSWER, "thinking": THOUGHT}]}, PLAIN),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
