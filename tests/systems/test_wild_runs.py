"""More records of formats that nobody listed: logs of requests, training sets, tables in other languages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.systems.support import Case, Rows, case, differences, document, lines

Q, R, A = (
    "What is a third of 84?",
    "A third of 60 is 20, of 24 it is 8. Let me check: 3 * 28 = 84.",
    "It is 28.",
)
TEXT = f"<think>\n{R}\n</think>\n\n{A}"
FULL: dict[str, Any] = {"question": Q, "reasoning": R, "answer": A, "reasoning_kind": "visible"}
ASKED = {"role": "user", "content": Q}
SAID = {"role": "assistant", "content": A, "reasoning_content": R}
REPLY: dict[str, Any] = {
    "object": "chat.completion",
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": SAID}],
}
COUNTS = {"prompt_tokens": 5, "completion_tokens": 40}

CASES: dict[str, Case] = {
    "the reply stands beside its turns": case(
        {"messages": [ASKED, {"role": "assistant", "content": "28?"}, {"role": "user", "content": "Sure?"}], "reasoning_content": R, "content": A},
        {**FULL, "question": "Sure?"}),
    "settings of a request in its envelope": case(
        {"messages": [ASKED], "reasoning": {"effort": "high"}, "response": REPLY}, {**FULL, "effort": "high", "effort_source": "request"}),
    "settings apart from the turns": case(
        {"prompt": None, "messages": [ASKED], "kwargs": {"temperature": 1}, "response": REPLY}, FULL),
    "DashScope": case(
        {"request": {"model": "qwq-plus", "input": {"messages": [ASKED]}},
         "response": {"status_code": 200, "output": {"choices": REPLY["choices"]}, "usage": {"input_tokens": 5, "output_tokens": 40}}},
        {**FULL, "model": "qwq-plus", **COUNTS}),
    "a provider broke off": case(
        {"object": "chat.completion", "model": "m", "choices": [
            {"index": 0, "finish_reason": "error", "error": {"code": 502, "message": "gone"}, "message": {"role": "assistant", "content": "", "reasoning": R}}]},
        {"reasoning": R, "answer": None, "error": "502: gone"}),
    "Curator": case(
        {"response_message": {"content": A, "reasoning_content": R}, "raw_request": {"model": "r1", "messages": [ASKED]},
         "generic_request": {"model": "r1", "messages": [ASKED]}, "token_usage": {"input": 5, "output": 40}, "finish_reason": "stop"},
        {**FULL, "model": "r1"}),
    "effort levels in groups": document(
        {"model": "o3-mini", "results": {"low": [{"question": Q, "answer": A}], "high": [{"question": Q, "answer": "28"}]}},
        {"question": Q, "answer": A, "effort": "low", "model": "o3-mini"}, {"answer": "28", "effort": "high"}),
    "effort levels of one model": case(
        {"question": Q, "answer": "28", "o3-mini": {"low": {"response": A}, "high": {"response": "28."}}},
        {"answer": A, "effort": "low", "gold_answer": "28"}, {"answer": "28.", "effort": "high"}),
    "temperatures (SkyThought)": case(
        {"problem": Q, "answer": "28", "input_conversation": [{"role": "system", "content": "S"}, ASKED],
         "responses": {"0.7": [{"content": TEXT, "correctness": True}, {"content": TEXT, "correctness": False}]},
         "token_usages": {"0.7": [COUNTS, {"prompt_tokens": 5, "completion_tokens": 41}]}},
        {**FULL, "system_prompt": "S", "gold_answer": "28", "correct": True, "completion_tokens": 40, "model": None},
        {**FULL, "correct": False, "completion_tokens": 41, "sample_index": 1}),
    "a sample that said nothing": case(
        {"question": Q, "answer": "28", "samples": [{"thinking": R, "response": A}, {"thinking": R, "response": None, "finish_reason": "length"}]},
        {**FULL, "gold_answer": "28"}, {"reasoning": R, "answer": None, "truncated": True, "gold_answer": "28", "sample_index": 1}),
    "what is said of the chosen and the rejected": case(
        {"prompt": Q, "chosen": TEXT, "rejected": "27", "chosen_model": "r1", "score_rejected": 2.0, "rejected_model": "o1"},
        {**FULL, "model": "r1", "score": None}, {"answer": "27", "model": "o1", "score": 2.0}),
    "usage of the one reply": case(
        {"messages": [ASKED, {**SAID, "response_metadata": {"model_name": "m", "token_usage": COUNTS}}]}, {**FULL, "model": "m", **COUNTS}),
    "counts of each generation": case(
        {"problem": Q, "generations": [TEXT, TEXT], "api_metadata": [COUNTS, {"prompt_tokens": 5, "completion_tokens": 41}]},
        {**FULL, **COUNTS}, {**FULL, "completion_tokens": 41, "sample_index": 1}),
    "pieces of a training text": case(
        {"segments": [{"label": False, "text": f"<|im_start|>user\n{Q}<|im_end|>\n<|im_start|>assistant\n"}, {"label": True, "text": f"{TEXT}<|im_end|>"}]},
        FULL),
    "steps with several completions (PRM800K)": case(
        {"question": {"problem": Q, "ground_truth_answer": "28"}, "label": {"finish_reason": "solution", "steps": [
            {"completions": [{"text": "Take 60.", "rating": 1}], "chosen_completion": 0},
            {"completions": [{"text": "wrong", "rating": -1}, {"text": "So 28.", "rating": 1}], "chosen_completion": 1}]}},
        {"question": Q, "reasoning": "Take 60.\n\nSo 28.", "gold_answer": "28"}),
    "labelled steps (TRL)": case(
        {"prompt": Q, "completions": ["Take 60.", "So 28."], "labels": [True, True]}, {"question": Q, "reasoning": "Take 60.\n\nSo 28."}),
    "turns with channels": case(
        {"messages": [ASKED, {"role": "assistant", "channel": "analysis", "content": R}, {"role": "assistant", "channel": "final", "content": A}]}, FULL),
    "steps of one agent beside its turns (SWE-agent)": case(
        {"trajectory": [{"action": "ls", "observation": "a.txt", "thought": "Look.", "response": "ls"}, {"action": "submit", "thought": R, "response": A}],
         "history": [{"role": "system", "content": "S"}, ASKED, {"role": "assistant", "content": A, "thought": R}]},
        {**FULL, "system_prompt": "S"}),
    "what was said before": case(
        {"question": Q, "history": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}], "response": TEXT}, FULL),
    "the answer stays the model's beside a short prediction": case(
        {"question": Q, "answer": A, "pred_answer": "28"}, {"answer": A, "gold_answer": None, "extracted_answer": "28"}),
    "events of a stream as an array (ConverseStream)": Case(
        ({"messageStart": {"role": "assistant"}}, {"contentBlockDelta": {"delta": {"reasoningContent": {"text": R}}, "contentBlockIndex": 0}},
         {"contentBlockDelta": {"delta": {"text": A}, "contentBlockIndex": 1}}, {"messageStop": {"stopReason": "end_turn"}},
         {"metadata": {"usage": {"inputTokens": 5, "outputTokens": 40}}}),
        ({"reasoning": R, "answer": A, **COUNTS},)),
    "an exchange inside an event": case(
        {"event": "done", "data": {"request": {"messages": [ASKED]}, "response": REPLY}}, {**FULL, "codes": {"nested_row"}}),
    "a list of thoughts as text": case(
        {"question": Q, "thinking_trajectories": "['Take 60.', 'So 28.']", "attempt": A}, {**FULL, "reasoning": "Take 60.\n\nSo 28."}),
    "several conversations": document(
        {"convos": [[ASKED, {"role": "assistant", "content": TEXT}], [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2"}]]},
        {**FULL, "sample_index": 0}, {"question": "1+1?", "answer": "2", "sample_index": 0}),
    "settings as JSON text (Langfuse)": case(
        {"id": "o", "type": "GENERATION", "model": "m", "modelParameters": '{"reasoning_effort": "high"}', "input": f'[{{"role": "user", "content": "{Q}"}}]',
         "output": SAID, "usageDetails": '{"input": 5, "output": 40}'}, {**FULL, "effort": "high", **COUNTS}),
    "a prompt of AI Studio": document(
        {"runSettings": {"model": "models/gemini-2.5-pro"}, "chunkedPrompt": {"chunks": [
            {"role": "user", "text": Q}, {"role": "model", "isThought": True, "text": R}, {"role": "model", "text": A}]}},
        {**FULL, "reasoning_kind": "summary", "model": "models/gemini-2.5-pro"}),
    "a chat in Gemini's contents": case(
        {"model": "m", "contents": [{"role": "user", "parts": [{"text": Q}]}, {"role": "model", "parts": [{"text": R, "thought": True}, {"text": A}]}]},
        {**FULL, "reasoning_kind": "summary", "model": "m"}),
    "a list of marked texts under a name of its own": case(
        {"problem": Q, "answer": "28", "r1_answers_k2": [TEXT, TEXT]}, {**FULL, "gold_answer": "28"}, {**FULL, "sample_index": 1}),
    "responses by effort": case(
        {"question": Q, "model": "o3-mini", "by_effort": {"low": {"answer": A, "reasoning_tokens": 9}, "high": {"answer": "28", "reasoning_tokens": 90}}},
        {"answer": A, "effort": "low", "reasoning_tokens": 9, "model": "o3-mini"}, {"answer": "28", "effort": "high", "reasoning_tokens": 90}),
    "columns called like channels": case({"user": Q, "analysis": R, "final": A}, FULL),
    "a control turn (Granite)": case({"messages": [{"role": "control", "content": "thinking"}, ASKED, {"role": "assistant", "content": TEXT}]}, FULL),
    "what a model's name column says": case({"userPrompt": Q, "modelThinking": R, "modelReply": A, "modelId": "m"}, {**FULL, "model": "m"}),
    "a raw reply in an object": case(
        {"input": {"question": Q}, "output": {"raw": TEXT, "tokens": {"prompt": 5, "completion": 40}}, "config": {"model": "m", "effort": "high"}},
        {**FULL, **COUNTS, "model": "m", "effort": "high"}),
    "the text beside its reasoning": case({"prompt": Q, "text": A, "reasoning": [{"type": "reasoning", "text": R}], "reasoningText": R}, FULL),
    "a prediction beside the gold answer": case(
        {"problem": Q, "answer": "28", "predicted_answer": A, "is_correct": True}, {"answer": A, "gold_answer": "28", "correct": True}),
    "an answer that ends an open reasoning": case(
        {"question": Q, "response": f"<think> {R} <answer> {A} </answer>"}, {**FULL, "truncated": False, "codes": {"missing_closer"}}),
    "names in Chinese": lines(
        ({"题目": Q, "模型思考": R, "模型回答": A, "标准答案": "28", "模型名称": "QwQ-32B", "是否正确": "是", "思考长度": 70},
         {**FULL, "gold_answer": "28", "model": "QwQ-32B", "correct": True}),
        ({"问题": Q, "模型推理内容": R, "最终答案": A, "参考答案": "28", "得分": 1}, {**FULL, "gold_answer": "28", "score": 1.0})),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_records(name: str, rows: Rows) -> None:
    assert differences(rows[name], CASES[name].traces) == []
