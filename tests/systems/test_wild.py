"""Records of formats that nobody listed: the generic reader takes the obvious reading, and says how sure it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, document, lines

Q, R, A = "What is half of 84?", "Half of 80 is 40 and half of 4 is 2.", "It is 42."
TEXT = f"<think>\n{R}\n</think>\n\n{A}"
FULL: dict[str, Any] = {"question": Q, "reasoning": R, "answer": A, "reasoning_kind": "visible"}
GUESSED = {**FULL, "codes": {"guessed_key"}}
ASKED = {"role": "user", "content": Q}
SAID = {"role": "assistant", "content": A, "reasoning_content": R}
API = (
    '{"object": "chat.completion", "model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": '
    f'{{"role": "assistant", "content": "{A}", "reasoning_content": "{R}"}}}}]}}'
)
TURNS = f'[{{"role": "user", "content": "{Q}"}}, {{"role": "assistant", "content": "<think>{R}</think>{A}"}}]'

CASES: dict[str, Case] = {
    "camelCase": case(
        {"questionText": Q, "modelReasoning": R, "finalAnswer": A, "modelName": "m", "isCorrect": True, "sampleId": 2},
        {**FULL, "model": "m", "correct": True, "sample_index": 2},
    ),
    "Title Case": case(
        {"Question": Q, "Chain Of Thought": R, "Model Answer": A, "Correct Answer": "42", "Is Correct": "Yes"},
        {**FULL, "gold_answer": "42", "correct": True},
    ),
    "SCREAMING": case({"PROMPT": Q, "THINKING": R, "OUTPUT": A, "MODEL": "m"}, {**FULL, "model": "m"}),
    "dots and dashes": case({"problem-statement": Q, "chain.of.thought": R, "final-answer": A}, FULL),
    "thoughts": case({"prompt": Q, "thoughts": R, "response": A}, FULL),
    "cot": case({"q": Q, "cot": R, "generated_answer": A}, FULL),
    "rationale": case({"question": Q, "rationale": R, "answer": A}, FULL),
    "scratchpad": case({"prompt": Q, "scratchpad": R, "response": A}, FULL),
    "thinking_content": case({"query": Q, "thinking_content": R, "content": A}, FULL),
    "internal_monologue": case({"task_text": Q, "internal_monologue": R, "reply": A}, FULL),
    "words of a name": case(
        {"puzzle body": Q, "agentInnerThoughtsLog": R, "visible reply of the agent": A}, {**GUESSED, "format_confidence": 0.3}
    ),
    "a count is no reasoning": case(
        {"question": Q, "reasoning_tokens": 12, "thinking_enabled": True, "reasoning_effort_level": "deep", "response": A},
        {"reasoning": None, "answer": A, "reasoning_kind": "hidden", "reasoning_tokens": 12,
         "metadata": {"thinking_enabled": True, "reasoning_effort_level": "deep"}},
    ),
    "a model in the name of a column": case(
        {"Prompt": Q, "deepseek-reasoner (reasoning)": R, "deepseek-reasoner (response)": A},
        {**FULL, "model": "deepseek-reasoner", "model_inferred": True, "codes": {"model_in_column"}},
    ),
    "columns of two models": case(
        {"Prompt": Q, "Gold Answer": "42", "GPT-4o Response": "41", "DeepSeek R1 Response": TEXT},
        {"model": "GPT-4o", "answer": "41", "reasoning": None, "gold_answer": "42", "sample_index": 0},
        {**FULL, "model": "DeepSeek R1", "gold_answer": "42", "sample_index": 1},
    ),
    "a model behind the role": case(
        {"question": Q, "answer_qwen3-8b": A, "reasoning_qwen3-8b": R}, {**FULL, "model": "qwen3-8b"}
    ),
    "a nested response": case(
        {"question": Q, "response": {"reasoning": R, "answer": A}, "model": "m"},
        {**FULL, "model": "m", "format_confidence": 0.6},
    ),
    "a nested text": case(
        {"prompt": Q, "response": {"text": TEXT, "finish_reason": "stop", "usage": {"completion_tokens": 9}}},
        {**FULL, "completion_tokens": 9, "finish_reason_norm": "stop"},
    ),
    "a nested problem": case(
        {"problem": {"id": "p1", "text": Q, "answer": "42"}, "generation": {"thoughts": R, "text": A, "n_chars": 9}},
        {**FULL, "gold_answer": "42", "metadata": {"n_chars": 9}},
    ),
    "input, output, evaluation": case(
        {"input": {"question": Q, "gold": "42"}, "output": {"cot": R, "final_answer": A},
         "evaluation": {"is_correct": True, "score": 0.9}},
        {**FULL, "gold_answer": "42", "correct": True, "score": 0.9,
         "metadata": {"evaluation": {"is_correct": True, "score": 0.9}}},
    ),
    "a completion object and a config": case(
        {"item": {"question": Q}, "completion": {"content": A, "reasoning_content": R},
         "config": {"model": "m", "reasoning_effort": "high"}},
        {**FULL, "model": "m", "effort": "high"},
    ),
    "a reply as JSON text": case(
        {"question": Q, "response": API}, {**FULL, "model": "m", "format_id": "chat_completion"}
    ),
    "turns as JSON text": case({"id": 3, "messages": TURNS}, {**FULL, "external_id": "3"}),
    "turns as a Python literal": case(
        {"conversation": str([{"role": "user", "content": Q}, {"role": "assistant", "content": TEXT}])}, FULL
    ),
    "native keys as JSON text": case({"prompt": Q, "output": f'{{"thinking": "{R}", "content": "{A}"}}'}, FULL),
    "JSON that a prompt asked for": case(
        {"prompt": Q, "output": f'{{"reasoning": "{R}", "answer": "42"}}'},
        {"reasoning": None, "reasoning_kind": "none", "answer": f'{{"reasoning": "{R}", "answer": "42"}}'},
    ),
    "responses with verdicts": case(
        {"question": Q, "gold": "42", "responses": [{"text": TEXT, "correct": True}, {"text": "41", "correct": False}]},
        {**FULL, "correct": True, "gold_answer": "42", "sample_index": 0},
        {"question": Q, "reasoning": None, "answer": "41", "correct": False, "sample_index": 1},
    ),
    "samples with their own keys": case(
        {"question": Q, "samples": [{"reasoning": R, "answer": A, "is_correct": 1}, {"reasoning": "Hm.", "answer": "b", "is_correct": 0}],
         "accuracy": 1},
        {**FULL, "correct": True, "sample_index": 0, "metadata": {"wrapper": {"accuracy": 1}}},
        {"question": Q, "reasoning": "Hm.", "correct": False, "sample_index": 1},
    ),
    "an odd list of samples": case(
        {"problem": Q, "trials_run": [{"cot": R, "answer": A}, {"cot": "Hm.", "answer": "b"}]},
        {**FULL, "sample_index": 0}, {"question": Q, "reasoning": "Hm.", "sample_index": 1},
    ),
    "lists of other names": case(
        {"question": Q, "solutions": [TEXT, "41"], "rewards": [1.0, 0.0], "is_correct": [True, False], "models": ["m1", "m2"]},
        {**FULL, "score": 1.0, "correct": True, "model": "m1"}, {"answer": "41", "score": 0.0, "model": "m2"},
    ),
    "thoughts and answers": case(
        {"question": Q, "thoughts": [R, "Hm."], "answers": [A, "b"], "correct": [True, False]},
        {**FULL, "correct": True}, {"reasoning": "Hm.", "answer": "b", "correct": False},
    ),
    "responses by model": case(
        {"question": Q, "responses": {"deepseek-r1": TEXT, "o1": "41"}},
        {**FULL, "model": "deepseek-r1", "model_inferred": True}, {"model": "o1", "answer": "41", "question": Q},
    ),
    "objects by model": case(
        {"question": Q, "outputs": {"m-a": {"reasoning": R, "answer": A}, "m-b": {"reasoning": "Hm.", "answer": "b"}}},
        {**FULL, "model": "m-a"}, {"model": "m-b", "reasoning": "Hm."},
    ),
    "responses by number": case(
        {"question": Q, "outputs": {"sample_0": TEXT, "sample_1": "41"}},
        {**FULL, "model": None, "sample_index": 0}, {"sample_index": 1, "answer": "41"},
    ),
    "a frame by index": document(
        {"0": {"question": Q, "cot": R, "answer": A}, "1": {"question": "q2", "cot": "s", "answer": "b"}},
        FULL, {"question": "q2", "reasoning": "s"},
    ),
    "a frame by columns": document(
        {"question": {"0": Q, "1": "q2"}, "reasoning": {"0": R, "1": "s"}, "answer": {"0": A, "1": "b"}},
        FULL, {"question": "q2", "reasoning": "s", "answer": "b"},
    ),
    "a split frame": document(
        {"columns": ["question", "reasoning", "answer"], "index": [0, 1], "data": [[Q, R, A], ["q2", "s", "b"]]},
        FULL, {"question": "q2", "reasoning": "s", "answer": "b"},
    ),
    "a frame as a table": document(
        {"schema": {"fields": []}, "data": [{"index": 0, "question": Q, "reasoning": R, "answer": A}]}, FULL
    ),
    "a dictionary of lists": document(
        {"question": [Q, "q2"], "response": [TEXT, "b"], "model": "m"},
        {**FULL, "model": "m", "sample_index": 0}, {"question": "q2", "answer": "b", "model": "m", "sample_index": 0},
    ),
    "rows by id": document(
        {"half-1": {"problem": Q, "response": TEXT}, "half-2": {"problem": "q2", "response": "b"}},
        {**FULL, "external_id": "half-1"}, {"question": "q2", "external_id": "half-2"},
    ),
    "everything is text": case(
        {"id": "7", "question": Q, "reasoning": R, "response": A, "correct": "True", "reasoning_tokens": "12",
         "completion_tokens": "20.0", "score": "nan", "gold": "nan"},
        {**FULL, "correct": True, "reasoning_tokens": 12, "completion_tokens": 20, "score": None, "gold_answer": None},
    ),
    "a missing text in a table of texts": case(
        {"question": Q, "reasoning": "nan", "response": TEXT, "correct": "0", "model": "m"}, {**FULL, "correct": False}
    ),
    "only a prompt and a completion": case({"prompt": Q, "completion": TEXT}, FULL),
    "Alpaca": lines(
        ({"instruction": "Halve it.", "input": "84", "output": TEXT}, {**FULL, "question": "Halve it.\n\n84"}),
        ({"instruction": Q, "input": "", "output": TEXT}, FULL),
    ),
    "single turns": case({"prompt": ASKED, "response": SAID}, FULL),
    "turns in and out": case({"input": [{"role": "system", "content": "s"}, ASKED], "output": [SAID]}, {**FULL, "system_prompt": "s"}),
    "turns and a text": case({"prompt": [ASKED], "response": TEXT, "reward": 0.3}, {**FULL, "score": 0.3}),
    "a preference": case(
        {"prompt": Q, "chosen": TEXT, "rejected": "41"},
        {**FULL, "metadata": {"preference": "chosen"}}, {"answer": "41", "metadata": {"preference": "rejected"}},
    ),
    "steps": case({"question": Q, "steps": ["Half of 80.", "Half of 4."], "final_answer": A},
                  {"reasoning": "Half of 80.\n\nHalf of 4.", "answer": A}),
    "thoughts and actions": case(
        {"question": Q, "steps": [{"thought": "Half of 80.", "action": "calc"}, {"thought": "Half of 4."}], "answer": A},
        {"reasoning": "Half of 80.\n\nHalf of 4.", "answer": A},
    ),
    "a summary": case(
        {"question": Q, "reasoning_summary": "Halved it.", "answer": A, "reasoning_tokens": 100},
        {"reasoning": "Halved it.", "reasoning_kind": "summary", "answer": A, "reasoning_tokens": 100},
    ),
    "notes": case(
        {"question": Q, "response": TEXT, "metadata": {"model": "m", "gold": "42", "correct": False, "effort": "low", "x": 1}},
        {**FULL, "model": "m", "gold_answer": "42", "correct": False, "effort": "low"},
    ),
    "settings of thinking": case(
        {"question": Q, "thinking": {"type": "enabled", "budget_tokens": 2048}, "response": TEXT},
        {**FULL, "thinking_budget_tokens": 2048},
    ),
    "an object of counts": case(
        {"question": Q, "cot": R, "answer": A, "tokens": {"prompt": 5, "completion": 20, "reasoning": 12}},
        {**FULL, "prompt_tokens": 5, "completion_tokens": 20, "reasoning_tokens": 12},
    ),
    "labels": lines(
        ({"question": Q, "prediction": TEXT, "label": True}, {**FULL, "correct": True, "gold_answer": None}),
        ({"question": Q, "prediction": TEXT, "label": "42"}, {**FULL, "correct": None, "gold_answer": "42"}),
    ),
    "the same text twice": lines(
        ({"question": Q, "reasoning": R, "thinking": R, "answer": A, "response": TEXT}, {**FULL, "metadata": {"thinking": None}}),
        ({"question": Q, "generations": [TEXT], "output": TEXT, "messages": [ASKED, {"role": "assistant", "content": TEXT}]}, FULL),
    ),
    "a model object": case({"question": Q, "cot": R, "answer": A, "model": {"name": "m", "provider": "p"}},
                           {**FULL, "model": "m", "provider": "p"}),
    "a rendered prompt": case(
        {"prompt": f"<|im_start|>system\ns<|im_end|>\n<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n<think>\n",
         "completion": f"{R}\n</think>\n\n{A}<|im_end|>"},
        {**FULL, "system_prompt": "s", "codes": {"rendered_template", "missing_opener"}},
    ),
    "tags that a prompt asked for": lines(
        ({"question": Q, "response": f"<scratchpad>{R}</scratchpad>\n<answer>{A}</answer>"}, FULL),
        ({"question": Q, "response": f"<analysis>\n{R}\n</analysis>\n<final_answer>{A}</final_answer>"}, FULL),
        ({"question": Q, "response": f"<analysis> is a tag. {A}"}, {"reasoning": None, "answer": f"<analysis> is a tag. {A}"}),
    ),
    "switches in messages": lines(
        ({"messages": [{"role": "user", "content": f"{Q} /no_think"}, {"role": "assistant", "content": A}]},
         {"effort": "off", "effort_source": "question", "answer": A}),
        ({"question": Q, "thinking": True, "output": TEXT}, {**FULL, "effort": "on"}),
    ),
    "ids are ids": case({"id": "none", "question_id": "None", "question": Q, "answer": A},
                        {"external_id": "none", "question_id": "None", "answer": A}),
    "question and answer": case({"question": Q, "answer": A}, {"question": Q, "answer": A, "reasoning": None, "format_confidence": 0.3}),
    "replies of vLLM's own interface": case(
        {"request_id": "0", "prompt": Q, "finished": True,
         "outputs": [{"index": 0, "text": TEXT, "finish_reason": "stop"}, {"index": 1, "text": f"<think>\n{R}", "finish_reason": "length"}]},
        {**FULL, "sample_index": 0, "finish_reason_norm": "stop"}, {"reasoning": R, "answer": None, "truncated": True, "sample_index": 1},
    ),
    "generated text": lines(
        ({"inputs": Q, "generated_text": TEXT, "details": {"finish_reason": "eos_token", "generated_tokens": 5}},
         {**FULL, "completion_tokens": 5, "finish_reason_norm": "stop"}),
        ({"generated_text": [ASKED, {"role": "assistant", "content": TEXT}]}, FULL),
    ),
    "an object of any name": case({"id": 1, "fields": {"prompt": Q, "response": TEXT}, "metadata": {"model": "m"}}, {**FULL, "model": "m"}),
    "an answer in an object": case({"question": Q, "answer": {"text": A, "reasoning": R}}, FULL),
    "an object for each model": case(
        {"question": Q, "gold": "42", "deepseek-r1": {"reasoning": R, "answer": A}, "o1": {"answer": "41"}},
        {**FULL, "model": "deepseek-r1", "gold_answer": "42"}, {"model": "o1", "answer": "41", "question": Q},
    ),
    "several conversations": case(
        {"conversations": [[ASKED, {"role": "assistant", "content": TEXT}], [ASKED, {"role": "assistant", "content": "41"}]]},
        {**FULL, "sample_index": 0}, {"question": Q, "answer": "41", "sample_index": 1},
    ),
    "plural names of one text": case({"prompts": Q, "outputs": TEXT, "target": "42"}, {"reasoning": R, "answer": A, "gold_answer": "42"}),
    "numbered columns": case(
        {"problem": Q, "response_1": TEXT, "response_2": "41", "correct_1": True, "correct_2": False},
        {**FULL, "correct": True, "sample_index": 0}, {"answer": "41", "correct": False, "sample_index": 1},
    ),
    "numbered columns of a model": case(
        {"problem": Q, "r1_solution_1": TEXT, "r1_solution_2": "41"},
        {**FULL, "model": "r1", "model_inferred": True}, {"answer": "41", "model": "r1", "sample_index": 1},
    ),
    "letters": case({"Q": Q, "CoT": R, "A": A}, GUESSED),
    "question marks in keys": case({"Prompt": Q, "Model Output": TEXT, "Correct?": "TRUE"}, {**FULL, "correct": True}),
    "Chinese names": case({"问题": Q, "思考过程": R, "答案": A}, GUESSED),
    "parts of a reply": case(
        {"prompt": Q, "response": [{"type": "thinking", "thinking": R, "signature": "x"}, {"type": "text", "text": A}]}, FULL
    ),
    "pieces of a stream": case(
        {"id": "x", "input": {"prompt": Q}, "output": ["<th", f"ink>{R}</thi", "nk>", A], "status": "succeeded", "urls": {"get": "u"}},
        FULL,
    ),
    "options beside a choice": case(
        {"question_id": 3, "question": Q, "options": ["40", "42"], "answer": "B", "answer_index": 1, "cot_content": "", "pred": "B",
         "model_outputs": TEXT},
        {**FULL, "gold_answer": "B", "extracted_answer": "B", "question_id": "3", "metadata": {"options": ["40", "42"], "answer_index": 1}},
    ),
    "a list as the answer": case({"question": Q, "rationale": R, "answer": ["42"]}, {**FULL, "answer": "42"}),
    "columns by effort": case(
        {"question": Q, "response_low": "41", "response_high": TEXT, "model": "m"},
        {"answer": "41", "effort": "low", "model": "m"}, {**FULL, "effort": "high", "model": "m"},
    ),
    "responses by effort": case(
        {"question": Q, "model": "o3-mini", "responses": {"low": "41", "high": A}},
        {"answer": "41", "effort": "low", "model": "o3-mini"}, {"answer": A, "effort": "high", "model": "o3-mini"},
    ),
    "columns called like models": case(
        {"question": Q, "gold": "42", "o3-mini-high": "It is 41, I think.", "DeepSeek-R1": TEXT, "DeepSeek-R1 score": 1},
        {"answer": "It is 41, I think.", "model": "o3-mini-high", "effort": "high", "gold_answer": "42"}, {**FULL, "model": "DeepSeek-R1"},
    ),
    "A and B": case(
        {"prompt": Q, "model_a": "m1", "model_b": "m2", "response_a": TEXT, "response_b": "41", "winner": "model_a"},
        {**FULL, "model": "m1"}, {"answer": "41", "model": "m2", "question": Q},
    ),
    "options are no responses": case(
        {"question": Q, "answer_a": "40", "answer_b": "42", "answer": "B", "model_output": TEXT}, {**FULL, "gold_answer": "B"}
    ),
    "rows for each model": document(
        {"deepseek-r1": [{"question": Q, "response": TEXT}], "o1-mini": [{"question": Q, "response": "41"}]},
        {**FULL, "model": "deepseek-r1"}, {"answer": "41", "model": "o1-mini"},
    ),
    "rows by id for each model": document(
        {"deepseek-r1": {"q1": {"question": Q, "response": TEXT}}, "o1": {"q1": {"question": Q, "response": "41"}}},
        {**FULL, "model": "deepseek-r1", "external_id": "q1"}, {"answer": "41", "model": "o1"},
    ),
    "rows for each data set": document(
        {"halves": [{"problem": Q, "response": TEXT, "correct": True}], "thirds": [{"problem": "q2", "response": "b"}]},
        {**FULL, "dataset": "halves", "correct": True}, {"question": "q2", "dataset": "thirds"},
    ),
    "rows for each effort": document(
        {"model": "m", "low": [{"question": Q, "response": "41"}], "high": [{"question": Q, "response": TEXT}]},
        {"answer": "41", "effort": "low", "model": "m"}, {**FULL, "effort": "high"},
    ),
    "settings of a run hold for its rows": document(
        {"config": {"model": "m", "reasoning_effort": "low"}, "results": [{"question": Q, "response": TEXT}, {"question": "q2", "response": "b", "model": "n"}]},
        {**FULL, "model": "m", "effort": "low"}, {"question": "q2", "model": "n", "effort": "low"},
    ),
    "numbers beside a name": document({"run": "a", "0": {"question": Q, "response": TEXT}, "1": {"question": "q2", "response": "b"}},
                                      {**FULL, "external_id": "0"}, {"question": "q2", "external_id": "1"}),
    "texts by id": document({"half-1": TEXT, "half-2": TEXT}, {"reasoning": R, "external_id": "half-1"}, {"answer": A, "external_id": "half-2"}),
    "texts by question": document({Q: TEXT}, FULL),
    "bare texts": document([TEXT, f"{R}</think>{A}"], {"reasoning": R, "answer": A}, {"reasoning": R, "answer": A}),
    "pairs": document([[Q, TEXT], [Q, TEXT]], FULL, FULL),
    "a conversation as a document": document([ASKED, SAID], FULL),
    "conversations line by line": Case(
        ({"role": "system", "content": "s1"}, ASKED, SAID, {"role": "system", "content": "s2"}, {"role": "user", "content": "q2"},
         {"role": "assistant", "content": "b"}),
        ({**FULL, "system_prompt": "s1"}, {"question": "q2", "answer": "b", "system_prompt": "s2"}),
    ),
    "replies line by line": lines((SAID, {"reasoning": R, "answer": A}), ({"role": "assistant", "content": "b"}, {"answer": "b"})),
    "thoughts in turns of their own": case({"messages": [ASKED, {"role": "thinking", "content": R}, {"role": "assistant", "content": A}]}, FULL),
    "calls in turns of their own": case(
        {"conversations": [{"from": "human", "value": Q}, {"from": "function_call", "value": '{"name": "halve"}'},
                           {"from": "observation", "value": "42"}, {"from": "gpt", "value": TEXT}]}, FULL),
    "a row among objects": case(
        {"meta": {"model": "m", "effort": "low"}, "io": {"prompt": Q, "completion": TEXT}, "eval": {"gold": "42", "is_correct": False}},
        {**FULL, "model": "m", "effort": "low", "gold_answer": "42", "correct": False, "codes": {"nested_row"}, "format_confidence": 0.4},
    ),
    "rows deep inside": document(
        {"run": {"config": {"model": "m"}, "out": {"page": [{"input": {"question": Q}, "output": {"text": TEXT}}, {"input": {"question": "q2"}, "output": {"text": "b"}}]}}},
        {**FULL, "model": "m"}, {"question": "q2", "answer": "b", "model": "m"},
    ),
    "a row as JSON text": case({"ts": 1, "event": "call", "payload": f'{{"prompt": "{Q}", "completion": "{A}"}}'}, {"question": Q, "answer": A}),
    "a request and a plain reply": lines(
        ({"request": {"model": "m", "messages": [{"role": "system", "content": "s"}, ASKED]}, "response": TEXT}, {**FULL, "model": "m", "system_prompt": "s"}),
        ({"request": {"model": "m", "prompt": Q}, "response": {"reasoning": R, "content": A, "usage": {"completion_tokens": 9}}}, {**FULL, "completion_tokens": 9}),
    ),
    "an HTTP log": case(
        {"request": {"method": "POST", "postData": {"text": f'{{"model": "m", "messages": [{{"role": "user", "content": "{Q}"}}]}}'}},
         "response": {"status": 200, "content": {"mimeType": "application/json", "text": API}}}, {**FULL, "model": "m", "metadata": {"http": {"request": {"method": "POST"}, "response": {"status": 200}}}},
    ),
    "a stream as text": case(
        {"question": Q, "raw": "".join(f'data: {{"choices": [{{"index": 0, "delta": {d}}}]}}\n\n' for d in (
            f'{{"reasoning_content": "{R}"}}', f'{{"content": "{A}"}}')) + "data: [DONE]\n"}, FULL),
    "an extracted prediction beside the text": case(
        {"question": Q, "response": TEXT, "prediction": "42", "gold": "42"}, {**FULL, "extracted_answer": "42", "gold_answer": "42"}),
    "a text that thinks aloud": case(
        {"question": Q, "response": "Halve it. Wait, is it even? Yes. " + "Hmm, check once more. But wait, 84 is 80 and 4. " * 30},
        {"reasoning_kind": "visible", "answer": None, "codes": {"unmarked"}}),
    "marks written for a page": case({"question": Q, "response": f"&lt;think&gt;{R}&lt;/think&gt;{A}"}, FULL),
    "a message without a role": case({"question": Q, "response": {"type": "message", "stop_reason": "end_turn", "content": [
        {"type": "thinking", "thinking": R, "signature": "x"}, {"type": "text", "text": A}]}}, FULL),
    "a worked solution is no failed sample's reasoning": case(
        {"problem": Q, "solution": "Halve 84.", "answer": "42", "generations": [TEXT, None]},
        {**FULL, "gold_answer": "42"}, {"question": Q, "reasoning": None, "answer": None, "gold_answer": "42"},
    ),
    "a heading in the line of the answer": case(
        {"question": Q, "solution": f"{R}\n\n**Final Answer:** 42", "answer": "42"}, {"reasoning": R, "answer": "42", "gold_answer": "42"}),
    "columns of a row around the choices": case(
        {"prompt": Q, "model": "m", "gold": "42", "choices": [{"index": 0, "text": TEXT, "finish_reason": "stop"}]},
        {**FULL, "model": "m", "gold_answer": "42"}),
    "errors are data": case({"question": Q, "model": "m", "response": None, "error": "timeout"},
                            {"error": "timeout", "answer": None, "reasoning_kind": "none"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []


def test_a_guess_is_less_sure_than_a_reading(rows: Rows) -> None:
    """Exact keys are surer than objects, objects than columns of models, those than guesses."""
    order = ["rationale", "a nested response", "a nested problem", "words of a name"]
    sure = [rows[name][0]["format_confidence"] for name in order]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == 0.8
    assert sure[-1] < 0.5
    for name in ("words of a name", "a model in the name of a column"):
        assert rows[name][0]["codes"], name


def test_many_shapes() -> None:
    assert len(CASES) >= 40
