"""QwQ, Sky-T1, Bespoke-Stratos, STILL, LIMO, s1, RedStar: early open models and their data."""

from __future__ import annotations

import pytest

from tests.systems.support import Case, Rows, case, differences, lines

QUESTION = "How many diagonals does a hexagon have?"
THOUGHT = "A hexagon has six corners. Each has three diagonals. That is 18, but each is counted twice. So 9."
ANSWER = "A hexagon has \\(\\boxed{9}\\) diagonals."
SKY = (
    f"<|begin_of_thought|>\n\n{THOUGHT}\n\n<|end_of_thought|>\n\n"
    f"<|begin_of_solution|>\n\n{ANSWER}\n\n<|end_of_solution|>"
)
PREFERRED = f"<|begin_of_thought|>\nSix times three over two.\n<|end_of_thought|>\n<|begin_of_solution|>\n{ANSWER}\n<|end_of_solution|>"

CASES: dict[str, Case] = {
    "QwQ-32B-Preview": lines(
        ({"prompt": QUESTION, "llm": "Qwen/QwQ-32B-Preview", "output": f"{THOUGHT}\n\n**Final Answer**\n\n{ANSWER}"},
         {"reasoning": THOUGHT, "answer": ANSWER, "split_method": "heading", "codes": {"heading_split"}}),
        ({"prompt": QUESTION, "llm": "Qwen/QwQ-32B-Preview", "output": THOUGHT},
         {"reasoning": THOUGHT, "answer": None, "split_method": "unmarked", "codes": {"unmarked"}, "truncated": False}),
    ),
    "QwQ-32B": lines(
        ({"prompt": QUESTION, "model": "QwQ-32B", "response": f"{THOUGHT}\n</think>\n\n{ANSWER}"},
         {"reasoning": THOUGHT, "answer": ANSWER, "split_method": "tag", "codes": {"missing_opener"}}),
        ({"prompt": QUESTION, "model": "QwQ-32B", "response": THOUGHT, "finish_reason": "length"},
         {"reasoning": THOUGHT, "answer": None, "truncated": True}),
    ),
    "Sky-T1": lines(
        ({"system": "Think, then solve.", "conversations": [{"from": "user", "value": QUESTION}, {"from": "assistant", "value": SKY}]},
         {"question": QUESTION, "system_prompt": "Think, then solve.", "reasoning": THOUGHT, "answer": ANSWER,
          "format_id": "sky_t1", "raw_response": SKY}),
        ({"conversations": [{"from": "user", "value": QUESTION},
                            {"from": "assistant", "value": f"<|begin_of_thought|>\n{THOUGHT}\n<|begin_of_solution|>\n{ANSWER}"}]},
         {"reasoning": THOUGHT, "answer": ANSWER, "codes": {"missing_closer"}, "truncated": False}),
    ),
    "Sky-T1-Flash": case(
        {"prompt": QUESTION, "chosen": PREFERRED, "rejected": SKY},
        {"question": QUESTION, "reasoning": "Six times three over two.", "answer": ANSWER, "sample_index": 0,
         "metadata": {"preference": "chosen"}},
        {"reasoning": THOUGHT, "answer": ANSWER, "sample_index": 1, "metadata": {"preference": "rejected"}},
    ),
    "Bespoke-Stratos": case(
        {"system": "s", "conversations": [{"from": "user", "value": QUESTION}, {"from": "assistant", "value": SKY}],
         "messages": [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": SKY}]},
        {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "format_id": "sky_t1"},
    ),
    "STILL": case(
        {"question": QUESTION, "combined_text": SKY, "domain": "math"},
        {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "metadata": {"domain": "math"}},
    ),
    "LIMO": lines(
        ({"question": QUESTION, "solution": f"{THOUGHT}\n\n**Final Answer**\n\n{ANSWER}", "answer": "9"},
         {"reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "9", "codes": {"heading_split", "answer_role"}}),
        ({"question": QUESTION, "solution": THOUGHT, "answer": "9"},
         {"reasoning": THOUGHT, "answer": None, "gold_answer": "9", "split_method": "unmarked"}),
    ),
    "s1": lines(
        ({"prompt": QUESTION, "model": "s1-32B",
          "output": f"<|im_start|>think\n{THOUGHT}\nWait, check 6*3/2.\n<|im_start|>answer\n{ANSWER}<|im_end|>"},
         {"reasoning": f"{THOUGHT}\nWait, check 6*3/2.", "answer": ANSWER, "split_method": "tag"}),
        ({"prompt": QUESTION, "model": "s1.1-32B", "output": f"<|im_start|>think\n{THOUGHT}"},
         {"reasoning": THOUGHT, "answer": None, "truncated": True}),
    ),
    "s1K": case(
        {"solution": "9", "question": QUESTION, "cot_type": "math", "source_type": "ours", "metadata": "{'level': 2}",
         "cot": None, "thinking_trajectories": [THOUGHT], "attempt": ANSWER},
        {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "9", "split_method": "field",
         "metadata": {"cot_type": "math", "metadata": "{'level': 2}"}},
    ),
    "s1K-1.1": case(
        {"question": QUESTION, "solution": "9", "gemini_thinking_trajectory": THOUGHT, "gemini_attempt": ANSWER,
         "gemini_grade": "No", "gemini_grade_reason": "by hand", "deepseek_thinking_trajectory": f"Okay. {THOUGHT}",
         "deepseek_attempt": "Nine.", "deepseek_grade": "Yes"},
        {"model": "gemini", "model_inferred": True, "reasoning": THOUGHT, "answer": ANSWER, "correct": False,
         "gold_answer": "9", "sample_index": 0, "metadata": {"gemini_grade_reason": "by hand"}, "codes": {"model_in_column"}},
        {"model": "deepseek", "reasoning": f"Okay. {THOUGHT}", "answer": "Nine.", "correct": True, "sample_index": 1},
    ),
    "RedStar": case(
        {"prompt": QUESTION, "model": "RedStar-code-math-32B", "response": f"{THOUGHT}\n\n**Final Answer**\n{ANSWER}"},
        {"reasoning": THOUGHT, "answer": ANSWER, "split_method": "heading"},
    ),
    "NuminaMath-QwQ": case(
        {"problem_id": 12, "prompt": QUESTION, "response": f"{THOUGHT}\n\n**Final Answer**\n\n\\[ \\boxed{{9}} \\]",
         "ground_truth": "9", "correct": True},
        {"question": QUESTION, "question_id": "12", "reasoning": THOUGHT, "answer": "\\[ \\boxed{9} \\]",
         "gold_answer": "9", "correct": True, "correct_source": "stated"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
