"""What evaluation harnesses and trainers write, and parallel lists."""

from __future__ import annotations

import pytest

from tests.systems.support import Case, Rows, differences, document, lines

QUESTION = "What is 15 % of 80?"
THOUGHT = "Ten percent is 8, five percent is 4. Together 12."
ANSWER = "It is 12."
TEXT = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
PLAIN = {"question": QUESTION, "reasoning": THOUGHT, "answer": ANSWER, "reasoning_kind": "visible"}

CASES: dict[str, Case] = {
    "OpenCompass": document(
        {"0": {"origin_prompt": [{"role": "HUMAN", "prompt": QUESTION}], "prediction": TEXT, "gold": "12"},
         "1": {"origin_prompt": [{"role": "HUMAN", "prompt": QUESTION}], "prediction": [TEXT, ANSWER], "gold": "12"}},
        {**PLAIN, "gold_answer": "12", "external_id": "0"},
        {**PLAIN, "external_id": "1", "sample_index": 0},
        {"reasoning": None, "answer": ANSWER, "external_id": "1", "sample_index": 1},
    ),
    "SkyThought": document(
        {"7": {"problem": QUESTION, "answer": "12", "prompt": QUESTION,
               "responses": [{"content": TEXT, "correctness": True, "reason": ""},
                             {"content": f"<think>\n{THOUGHT}", "correctness": False, "reason": "no answer"}],
               "token_usages": [{"completion_tokens": 40, "prompt_tokens": 12}, {"completion_tokens": 99, "prompt_tokens": 12}]}},
        {**PLAIN, "gold_answer": "12", "correct": True, "completion_tokens": 40, "sample_index": 0},
        {"reasoning": THOUGHT, "answer": None, "truncated": True, "correct": False, "completion_tokens": 99, "sample_index": 1},
    ),
    "verl": lines(
        ({"input": f"system\nBe exact.\nuser\n{QUESTION}\nassistant\n<think>\n", "output": f"{THOUGHT}\n</think>\n\n{ANSWER}",
          "gts": "12", "score": 1.0, "step": 40, "acc": True, "pred": "12"},
         {"reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "12", "score": 1.0, "correct": True, "extracted_answer": "12",
          "checkpoint": "step 40"}),
        ({"input": f"user\n{QUESTION}\nassistant\n<think>\n", "output": THOUGHT, "gts": "12", "score": 0.0, "step": 40},
         {"reasoning": THOUGHT, "answer": None, "truncated": True, "score": 0.0}),
    ),
    "TRL": lines(
        ({"step": 3, "prompt": [{"role": "user", "content": QUESTION}], "completion": [{"role": "assistant", "content": TEXT}],
          "reward": 0.75, "advantage": -0.1},
         {**PLAIN, "score": 0.75, "checkpoint": "step 3", "metadata": {"advantage": -0.1}}),
        ({"step": 3, "prompt": QUESTION, "completion": TEXT, "accuracy_reward": 1.0, "advantage": 0.5},
         {**PLAIN, "metadata": {"accuracy_reward": 1.0}}),
    ),
    "LiveCodeBench": document(
        [{"question_title": "Sum", "question_content": QUESTION, "question_id": "lcb-3", "difficulty": "easy",
          "output_list": [TEXT, ANSWER], "code_list": ["print(12)", ""], "graded_list": [True, False], "pass@1": 0.5}],
        {**PLAIN, "question_id": "lcb-3", "extracted_answer": "print(12)", "correct": True, "sample_index": 0,
         "metadata": {"pass@1": 0.5, "difficulty": "easy"}},
        {"reasoning": None, "answer": ANSWER, "correct": False, "sample_index": 1},
    ),
    "ZeroEval": document(
        [{"session_id": "z-1", "chat_history": [QUESTION], "model_input": "n/a", "generator": "openai/o1-mini-2024-09-12",
          "output": ['{\n "reasoning": "Ten percent is 8.",\n "answer": "12"\n}'], "configs": {"engine": "openai"},
          "dataset": "sums", "id": "z-1", "problem": QUESTION, "answer": "12"}],
        {"question": QUESTION, "reasoning": None, "reasoning_kind": "none", "gold_answer": "12", "dataset": "sums",
         "answer": '{\n "reasoning": "Ten percent is 8.",\n "answer": "12"\n}', "model": "o1-mini-2024-09-12",
         "provider": "openai"},
    ),
    "parallel lists": document(
        {"results": [{"prompt_id": "p", "prompt": QUESTION, "llm": "r1", "output": [ANSWER, "", TEXT],
                      "thinking": [THOUGHT, THOUGHT, ""], "tokens_completion": [40, 99, 41], "finish_reason": ["stop", "length", "stop"],
                      "score": [1, 0, 1]}]},
        {**PLAIN, "sample_index": 0, "score": 1.0, "completion_tokens": 40},
        {"reasoning": THOUGHT, "answer": None, "truncated": True, "sample_index": 1},
        {**PLAIN, "sample_index": 2, "split_method": "tag"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
