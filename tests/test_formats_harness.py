"""Sample logs of evaluation harnesses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from analysis.formats.base import Found
from analysis.formats.registry import FileHint, read_record
from analysis.model import FinishReason, ReasoningKind, Rejected
from tests.format_table import Case, check, read_all

THOUGHT = "Half of thirty is fifteen, and fifteen plus one is sixteen."
ANSWER = "The result is 16."
MARKED = f"<think>\n{THOUGHT}\n</think>\n\n{ANSWER}"
SEALED = "QUJDREVGR0hJSktMTU5PUA=="
Q = "What is 30/2 + 1?"
USER = {"role": "user", "content": Q, "source": "input"}


def lm_eval(resps: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "doc_id": 3, "doc": {"question": Q, "answer": "#### 16", "level": 2}, "target": "16",
        "arguments": {"gen_args_0": {"arg_0": f"user: {Q}", "arg_1": {"until": ["\n\n"]}}},
        "resps": resps, "filtered_resps": ["16"], "filter": "strict-match",
        "metrics": ["exact_match"], "doc_hash": "h", "exact_match": 1.0, **more,
    }  # fmt: skip


def sample(messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": "q9", "epoch": 2, "input": Q, "target": "16", "messages": messages,
        "output": {"model": "m-2025", "choices": [{"message": messages[-1], "stop_reason": "stop"}],
                   "usage": {"input_tokens": 3, "output_tokens": 5}},
        "scores": {"match": {"value": "C", "answer": "16"}},
        "model_usage": {"p/m": {"input_tokens": 30, "output_tokens": 50, "reasoning_tokens": 20},
                        "p/grader": {"input_tokens": 900, "output_tokens": 900}},
        **more,
    }  # fmt: skip


HEAD = {
    "eval": {"task": "sums", "model": "p/m", "created": "2025-01-01T00:00:00Z", "dataset": {"name": "sums-v1"},
             "model_generate_config": {"reasoning_tokens": 2048}},
    "plan": {"config": {"reasoning_effort": "high"}},
    "results": {"scores": [{"name": "match", "scorer": "match", "metrics": {"accuracy": {"value": 1}}}]},
}  # fmt: skip
REASONED = [
    {"role": "system", "content": "s"},
    USER,
    {"role": "assistant", "content": [
        {"type": "reasoning", "reasoning": THOUGHT, "signature": SEALED, "redacted": False},
        {"type": "text", "text": ANSWER}]},
]  # fmt: skip


def in_archive(value: dict[str, Any], position: int = 1) -> dict[str, Any]:
    return {"sample": value, "position": position, "eval_header": HEAD}


INSPECT: dict[str, Case] = {
    "a sample of an archive": (
        in_archive(sample(REASONED)), "inspect",
        [{
            "question": Q, "system_prompt": "s", "reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16",
            "correct": True, "score": 1.0, "extracted_answer": "16", "question_id": "q9", "sample_index": 1,
            "model": "m-2025", "provider": "p", "dataset": "sums-v1", "effort": "high", "effort_source": "config",
            "thinking_budget_tokens": 2048, "prompt_tokens": 30, "completion_tokens": 50, "reasoning_tokens": 20,
            "finish_reason": "stop", "reasoning_kind": ReasoningKind.VISIBLE,
        }],
    ),
    "redacted: the summary, not the ciphertext": (
        in_archive(sample([USER, {"role": "assistant", "content": [
            {"type": "reasoning", "reasoning": SEALED, "summary": "I halved it.", "redacted": True},
            {"type": "text", "text": ANSWER}]}])),
        "inspect", [{"reasoning": "I halved it.", "reasoning_kind": ReasoningKind.SUMMARY, "answer": ANSWER}],
    ),
    "redacted without a summary": (
        in_archive(sample([USER, {"role": "assistant", "content": [
            {"type": "reasoning", "reasoning": SEALED, "redacted": True}, {"type": "text", "text": ANSWER}]}])),
        "inspect", [{"reasoning": None, "reasoning_kind": ReasoningKind.REDACTED, "answer": ANSWER}],
    ),
    "an agent: all reasoning since the task": (
        in_archive(sample([
            USER,
            {"role": "assistant", "content": [{"type": "reasoning", "reasoning": "One."}], "tool_calls": [{"id": "t"}]},
            {"role": "tool", "content": "15"},
            {"role": "user", "content": "Please go on."},
            {"role": "assistant", "content": [{"type": "reasoning", "reasoning": "Two."}, {"type": "text", "text": ANSWER}]},
        ])),
        "inspect", [{"question": Q, "reasoning": "One.\n\nTwo.", "answer": ANSWER}],
    ),
    "attachments are put in their place": (
        in_archive(sample(
            [{"role": "user", "content": "attachment://a1", "source": "input"},
             {"role": "assistant", "content": "attachment://b2"}],
            input="attachment://a1", attachments={"a1": Q, "b2": MARKED})),
        "inspect", [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER}],
    ),
    "cut off inside the reasoning": (
        in_archive(sample(
            [USER, {"role": "assistant", "content": [{"type": "reasoning", "reasoning": THOUGHT}]}],
            output={"model": "m", "choices": [{"message": {"role": "assistant", "content": [
                {"type": "reasoning", "reasoning": THOUGHT}]}, "stop_reason": "max_tokens"}]},
            scores={"match": {"value": "N"}})),
        "inspect",
        [{"reasoning": THOUGHT, "answer": None, "truncated": True, "score": 0.0, "correct": None,
          "finish_reason_norm": FinishReason.LENGTH}],
    ),
    "partly right": (
        in_archive(sample(REASONED, scores={"match": {"value": "P", "explanation": "half of it"}})), "inspect",
        [{"score": 0.5, "correct": None, "has": {"scores"}}],
    ),
    "a number that is no verdict": (
        {"eval": HEAD["eval"], "results": {"scores": [{"name": "stars", "metrics": {"mean": {"value": 1}}}]},
         "samples": [sample(REASONED, scores={"stars": {"value": 1}})]},
        "inspect", [{"score": 1.0, "correct": None}],
    ),
    "a sample that failed": (
        in_archive(sample([USER, {"role": "assistant", "content": ""}], scores=None, output={"model": "", "choices": []},
                          error={"message": "boom", "traceback": "x"})),
        "inspect", [{"question": Q, "error": "boom", "answer": None, "model": "p/m"}],
    ),
    "a log in one document": (
        {**HEAD, "version": 2, "status": "success", "samples": [sample(REASONED, epoch=1), sample(REASONED)]},
        "inspect",
        [{"sample_index": 0, "answer": ANSWER, "has": {"eval"}}, {"sample_index": 1, "answer": ANSWER}],
    ),
    "two choices": (
        in_archive(sample(REASONED, output={"model": "m", "choices": [
            {"message": REASONED[-1], "stop_reason": "stop"},
            {"message": {"role": "assistant", "content": "<think>r</think>Other."}, "stop_reason": "max_tokens"}]})),
        "inspect",
        [{"answer": ANSWER, "sample_index": 2}, {"question": Q, "reasoning": "r", "answer": "Other.", "sample_index": 3}],
    ),
    "the head of the log is lost": (
        {"sample": sample(REASONED), "position": 0, "eval_header": {}}, "inspect",
        [{"answer": ANSWER, "effort": None, "codes": {"log_head_missing"}}],
    ),
}  # fmt: skip

OTHERS: dict[str, Case] = {
    "lm-eval": (
        lm_eval([[MARKED]]), "lm_eval",
        [{"question": Q, "question_id": "3", "reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16", "score": 1.0,
          "correct": True, "extracted_answer": "16", "has": {"filter", "metrics", "exact_match", "doc"}}],
    ),
    "lm-eval, two samples": (
        lm_eval([[MARKED, f"{THOUGHT}</think>17"]], filtered_resps=[["16", "17"]], exact_match=0.5), "lm_eval",
        [{"sample_index": 0, "extracted_answer": "16", "correct": None, "score": 0.5},
         {"sample_index": 1, "reasoning": THOUGHT, "answer": "17", "score": 0.5}],
    ),
    "lm-eval of an older version": (
        {k: v for k, v in lm_eval([[ANSWER]], arguments=[[f"{Q}\n<think>\n", {"until": []}]]).items()
         if k not in ("filter", "metrics")},
        "lm_eval", [{"question": Q, "reasoning": ANSWER, "truncated": True, "score": 1.0}],
    ),
    "lighteval": (
        {"doc": {"query": Q, "choices": ["15", "16"], "gold_index": [1], "id": "7", "task_name": "t|0"},
         "model_response": {"text": [ANSWER, MARKED], "reasonings": [THOUGHT, None], "input_tokens": [1]},
         "metric": {"extractive_match": 1.0}},
        "lighteval",
        [{"reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16", "external_id": "7", "sample_index": 0,
          "dataset": "t|0", "score": 1.0, "correct": None},
         {"reasoning": THOUGHT, "answer": ANSWER, "sample_index": 1}],
    ),
    "lighteval, a share is no verdict": (
        {"doc": {"query": Q, "choices": ["16"], "gold_index": 0},
         "model_response": {"text": [MARKED], "reasonings": []}, "metric": {"pass@k:k=1": 1.0}},
        "lighteval", [{"score": 1.0, "correct": None, "gold_answer": "16"}],
    ),
    "lighteval before 0.9": (
        {"full_prompt": f"Solve: {Q}", "example": Q, "predictions": [MARKED], "gold": ["16"], "gold_index": [0],
         "choices": ["16"], "metrics": {"em": 0}},
        "lighteval_flat", [{"question": Q, "reasoning": THOUGHT, "gold_answer": "16", "correct": False}],
    ),
    "evalscope, a prediction": (
        {"index": 4, "model": "m", "messages": [USER, {"role": "assistant", "content": ANSWER}],
         "model_output": {"model": "m", "choices": [{"message": {"role": "assistant", "content": [
             {"type": "reasoning", "reasoning": THOUGHT}, {"type": "text", "text": ANSWER}]}, "stop_reason": "stop"}],
             "usage": {"input_tokens": 5, "output_tokens": 20, "reasoning_tokens": 12}, "time": 2.0},
         "metadata": {"subject": "sums"}},
        "chat_completion",
        [{"external_id": "4", "question": Q, "reasoning": THOUGHT, "answer": ANSWER, "reasoning_tokens": 12,
          "finish_reason": "stop"}],
    ),
    "evalscope, a review": (
        {"index": 4, "target": "16", "messages": [USER, {"role": "assistant", "content": MARKED, "model": "m"}],
         "sample_score": {"sample_id": 4, "score": {"value": {"acc": 0.0, "len": 3.0}, "extracted_prediction": "15",
                                                    "prediction": ANSWER, "main_score_name": "acc"}}},
        "evalscope",
        [{"external_id": "4", "question": Q, "reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16",
          "extracted_answer": "15", "correct": False, "score": 0.0, "model": "m", "has": {"sample_score"}}],
    ),
    "MathArena": (
        {"problem_idx": 5, "problem": Q, "model_name": "m", "idx_answer": 2, "answer": ANSWER, "gold_answer": "16",
         "parsed_answer": "16", "correct": True, "output_tokens": 9, "user_message": f"Box it. {Q}",
         "all_messages": json.dumps([{"role": "user", "content": f"Box it. {Q}"},
                                     {"role": "assistant", "type": "cot", "content": THOUGHT},
                                     {"role": "assistant", "type": "response", "content": ANSWER}])},
        "matharena",
        [{"question": Q, "reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16", "extracted_answer": "16",
          "correct": True, "sample_index": 2, "completion_tokens": 9, "reasoning_kind": ReasoningKind.VISIBLE}],
    ),
    "MathArena, the file of a problem": (
        {"idx": 5, "problem": Q, "gold_answer": "16", "correct": [True, False], "answers": ["16", "17"],
         "messages": [[USER, {"role": "assistant", "content": MARKED}], [USER, {"role": "assistant", "content": "17"}]],
         "detailed_costs": [{"cost": 0.1, "input_tokens": 3, "output_tokens": 4}, {"cost": 0.2, "input_tokens": 3}]},
        "matharena_file",
        [{"reasoning": THOUGHT, "correct": True, "extracted_answer": "16", "cost": 0.1, "completion_tokens": 4},
         {"answer": "17", "correct": False, "extracted_answer": "17", "sample_index": 1, "cost": 0.2}],
    ),
    "ZeroEval": (
        {"session_id": 1, "chat_history": [f"Task: {Q}"], "model_input": "n/a", "output": [f'{{"reasoning": "{THOUGHT}"}}'],
         "generator": "acme/m-2024", "configs": {"engine": "acme"}, "dataset": "d", "id": 1, "problem": Q, "answer": "16"},
        "zeroeval",
        [{"question": Q, "model": "m-2024", "provider": "acme", "gold_answer": "16", "reasoning": None,
          "reasoning_kind": ReasoningKind.NONE, "answer": f'{{"reasoning": "{THOUGHT}"}}', "has": {"generator"}}],
    ),
    "OpenCompass, by number": (
        {"0": {"origin_prompt": [{"role": "HUMAN", "prompt": Q}], "prediction": MARKED, "gold": "16"},
         "1": {"origin_prompt": [{"role": "HUMAN", "prompt": Q}], "prediction": ANSWER, "gold": "16"}},
        "think_text", [{"question": Q, "reasoning": THOUGHT, "gold_answer": "16"}, {"answer": ANSWER}],
    ),
    "LiveCodeBench": (
        {"question_content": Q, "output_list": [MARKED, ANSWER], "code_list": ["x", "y"], "graded_list": [True, False]},
        "think_text", [{"reasoning": THOUGHT, "correct": True}, {"answer": ANSWER, "correct": False, "sample_index": 1}],
    ),
    "verl": (
        {"input": f"user\n{Q}\nassistant\n<think>\n", "output": f"{THOUGHT}</think>{ANSWER}", "gts": "16", "score": 1.0,
         "step": 20},
        "think_text", [{"reasoning": THOUGHT, "answer": ANSWER, "gold_answer": "16", "score": 1.0, "checkpoint": "step 20"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INSPECT)
def test_inspect(name: str) -> None:
    check(INSPECT[name])


@pytest.mark.parametrize("name", OTHERS)
def test_harness(name: str) -> None:
    check(OTHERS[name])


def test_lm_eval_is_named_by_its_file() -> None:
    """The task is in the name that the harness gives the file."""
    name = "samples_gsm8k_cot_2026-01-02T03-04-05.678901.jsonl"
    assert read_all(lm_eval([[MARKED]]), name=name)[0].dataset == "gsm8k_cot"
    assert read_all(lm_eval([[MARKED]]), name="other.jsonl")[0].dataset is None


def test_log_likelihoods_are_no_text() -> None:
    found = read_record(lm_eval([[[-1.5, True]]]), hint=FileHint())
    assert isinstance(found, Rejected)


def test_the_transcript_is_left_out_with_a_note() -> None:
    """Events repeat every message; what else the sample says stays."""
    value = sample(
        REASONED, events=[{"event": "model", "input": [USER]}] * 3, store={"k": 1}, working_time=2.0
    )
    (trace,) = read_all(in_archive(value))
    assert "events" not in trace.metadata
    assert trace.metadata["store"] == {"k": 1}
    assert [w.detail for w in trace.warnings if w.code == "events_left_out"] == [
        "3 events repeat the messages and were left out"
    ]


def test_only_the_first_sample_keeps_the_whole_head() -> None:
    first, later = (read_all(in_archive(sample(REASONED), at))[0].metadata["eval"] for at in (0, 1))
    assert first == HEAD
    assert later == {"task": "sums", "model": "p/m", "created": "2025-01-01T00:00:00Z"}


def test_rows_that_give_no_trace_are_told_and_handed_on() -> None:
    """With their place and reason, so that they may be quarantined one by one."""
    rows = [{"prompt": "q", "output": "a"}, {"x": 1}, *({"y": i} for i in range(8))]
    found = read_record({"results": rows}, hint=FileHint())
    assert isinstance(found, Found)
    assert [(row.position, row.value) for row in found.unread] == list(enumerate(rows))[1:]
    assert {row.rejected.code for row in found.unread} == {"no_text"}
    (note,) = [w.detail for w in found[0].warnings if w.code == "row_not_read"]
    assert note.startswith("9 rows gave no trace; row 1: No reasoning or answer text found")
    assert note.count("row ") == 5
    log = {"eval": {"model": "m"}, "samples": [sample(REASONED), None, "x"]}
    found = read_record(log, hint=FileHint())
    assert isinstance(found, Found)
    assert [row.position for row in found.unread] == [1, 2]
