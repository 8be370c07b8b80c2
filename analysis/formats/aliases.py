"""What keys are called in the wild, as data: to read another name, add it here.

The first name that holds a usable value wins. Names are in lower snake case, as ``fields.snake``
makes them of ``Finish Reason`` and ``finishReason``.
"""

from __future__ import annotations

ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": ("id", "trace_id", "external_id", "custom_id", "uuid", "row_id", "uid", "idx",
                    "index", "_id", "sample_uuid"),
    "question_id": ("question_id", "problem_id", "prompt_id", "query_id", "puzzle_id", "task_id", "item_id", "doc_id", "qid",
                    "problem_idx", "example_id"),
    "question": ("question", "problem", "question_content", "question_text", "problem_statement", "problem_text", "query",
                 "user_input", "instruction", "prompt", "user_prompt", "input", "user", "task_text", "user_message",
                 "user_query", "puzzle", "puzzle_text", "q", "问题", "题目", "提示", "inputs", "input_text", "prompt_text"),
    "system_prompt": ("system_prompt", "system", "system_message", "system_instruction", "developer_message", "系统提示"),
    "dataset": ("dataset", "dataset_name", "data_source", "benchmark", "dataset_id", "source_dataset", "task_name"),
    "sample_index": ("sample_index", "sample_idx", "sample", "sample_id", "sample_num", "generation_index", "rollout_id",
                     "rollout_index", "attempt_index", "choice_index", "idx_answer"),
    "extracted_answer": ("extracted_answer", "pred", "predicted_answer", "parsed_answer",
                         "extracted_prediction", "model_answer_extracted", "extracted", "parsed", "answer_extracted",
                         "pred_answer"),
    "gold_answer": ("gold", "gold_answer", "golden_answer", "ground_truth", "reference_answer",
                    "expected_answer", "correct_answer", "target", "targets", "gts", "gt", "gt_answer", "ground_truth_answer",
                    "groundtruth", "ground_truth_solution", "gold_label", "gold_solution", "reference_solution",
                    "true_answer", "golden", "solution_answer", "expected", "expected_output", "ideal", "reference", "标准答案", "参考答案",
                    "正确答案", "label"),
    "correct": ("correct", "is_correct", "correctness", "acc", "passed", "is_right", "grade",
                "correctness_math_verify", "graded", "verdict", "accuracy", "exact_match", "answer_correct",
                "correctness_llama", "symbolic_correct", "solved", "was_correct", "model_correct", "final_answer_correct", "judgement", "judgment", "label_correct", "is_accurate", "final_correct", "是否正确"),
    "score": ("score", "reward", "total_reward", "final_reward", "reward_score", "得分", "分数", "评分"),
    "model": ("model", "model_name", "llm", "generator", "generation_model", "model_id",
              "model_path", "engine", "model_id_or_path", "model_name_or_path", "llm_name", "policy", "model_label", "model_slug", "response_model", "模型", "模型名称", "模型名"),
    "model_inferred": ("model_inferred",),
    "provider": ("provider",),
    "effort": ("effort", "reasoning_effort", "thinking_effort", "thinking_level", "reasoning_level", "推理强度"),
    "thinking_budget_tokens": ("thinking_budget_tokens", "thinking_budget", "budget_tokens",
                               "max_thinking_tokens", "max_reasoning_tokens", "reasoning_budget"),
    "checkpoint": ("checkpoint", "ckpt", "global_step"),
    "target_language": ("target_language", "response_language"),
    "prompt_tokens": ("prompt_tokens", "tokens_prompt", "input_tokens", "prompt_eval_count", "num_prompt_tokens",
                      "n_prompt_tokens", "prompt_token_count", "num_input_tokens"),
    "completion_tokens": ("completion_tokens", "tokens_completion", "output_tokens",
                          "total_generated_tokens", "eval_count", "num_completion_tokens", "num_output_tokens",
                          "n_completion_tokens", "n_output_tokens", "generated_tokens", "num_generated_tokens",
                          "completion_token_count", "output_token_count", "response_tokens", "total_output_tokens"),
    "reasoning_tokens": ("reasoning_tokens", "tokens_reasoning", "thinking_tokens", "num_reasoning_tokens",
                         "n_reasoning_tokens", "num_thinking_tokens", "reasoning_token_count",
                         "thinking_token_count", "cot_tokens", "completion_reasoning_tokens"),
    "finish_reason": ("finish_reason", "stop_reason", "done_reason", "finish", "stopping_reason",
                      "termination_reason", "completion_reason"),
    "error": ("error", "error_message"),
    "created_at": ("created_at", "created", "timestamp"),
    "latency_s": ("latency_s", "latency", "generation_time_seconds", "latency_seconds", "duration_s"),
    "cost": ("cost", "total_cost", "cost_usd"),
    "probes": ("probes",),
}  # fmt: skip

REASONING_KEYS = (
    "reasoning", "thinking", "reasoning_content", "reasoning_trace", "reasoning_text",
    "thinking_content", "think_content", "thinking_trajectory", "thinking_trajectories",
    "chain_of_thought", "cot", "long_cot", "thought", "thoughts", "think", "deepseek_reasoning",
    "internal_reasoning", "rationale", "thinking_process", "thought_process", "reasoning_process", "reasoning_chain",
    "reasoning_steps", "thinking_steps", "cot_steps", "scratchpad", "scratch_pad", "inner_monologue",
    "internal_monologue", "inner_thoughts", "internal_thoughts", "hidden_reasoning", "raw_reasoning", "raw_cot",
    "model_reasoning", "model_thinking", "model_thoughts", "assistant_reasoning", "assistant_thinking", "thinking_trace",
    "thinking_text", "think_text", "generated_reasoning", "generated_cot", "reasoning_output", "deliberation", "model_cot", "思考过程", "推理过程", "思维链", "思考", "推理",
)  # fmt: skip
"""Keys that hold reasoning apart from the answer."""

SUMMARY_KEYS = (
    "reasoning_summary", "thinking_summary", "thought_summary", "thoughts_summary", "summary_of_reasoning",
)  # fmt: skip
"""Keys that hold what a provider tells of the reasoning in its place."""

RESPONSE_KEYS = (
    "output", "response", "completion", "generation", "generated_text", "full_response",
    "final_response", "answer_text", "final_answer", "answer_content", "attempt", "prediction",
    "generated_solution", "model_output", "model_response", "assistant", "assistant_response",
    "combined_text", "formatted_response", "deepseek_solution", "llm_output", "llm_response",
    "raw_output", "raw_response", "content", "generated", "reply", "message", "text_output", "model_answer",
    "model_completion", "model_generation", "model_prediction", "generated_answer", "predicted_text", "completion_text",
    "response_text", "output_text", "final_output", "solution_text", "actual_output", "full_output", "_full_generation",
    "full_generation", "origin_prediction", "predict", "raw_generation", "raw_solution", "final",
    "model_outputs", "model_responses", "outputs", "responses", "completions", "generations", "predictions",
    "回答", "回复", "模型回答", "模型输出",
)  # fmt: skip
"""Keys that hold what the model wrote: all of it, or the answer beside a reasoning key."""

SAMPLE_LISTS = (
    "generations", "responses", "outputs", "completions", "output_list", "samples_text",
    "predictions", "model_outputs", "model_responses", "model_answers", "sampled_responses", "all_responses", "replies",
    "raw_outputs", "raw_responses", "raw_generations", "raw_solutions", "resps", "solutions", "rollouts", "attempts", "samples", "trajectories", "candidates",
    "generated_texts", "generated_responses", "generated_outputs", "generated_solutions", "generated_answers", "llm_responses",
    "llm_outputs", "model_generations", "model_solutions", "answers", *RESPONSE_KEYS,
)  # fmt: skip
"""Keys that hold the responses to one question, side by side."""

MESSAGE_KEYS = (
    "messages", "conversations", "conversation", "chat", "dialogue", "input_conversation", "dialog", "convo", "convos",
    "chat_messages", "message_history", "full_messages", "full_conversation", "transcript", "turns", "chat_history",
)  # fmt: skip
"""Keys that hold turns."""

SWITCHES = frozenset(
    ("on", "off", "true", "false", "yes", "no", "none", "null", "enabled", "disabled", "minimal",
     "low", "medium", "high", "xhigh", "max", "auto", "default", "adaptive", "n/a", "nan", "1", "0")
)  # fmt: skip
"""Values of a key named ``reasoning`` that switch reasoning on or off and are no text."""

KNOWN_NAMES = frozenset(name for names in ALIASES.values() for name in names) | {
    *REASONING_KEYS,
    *SUMMARY_KEYS,
    *RESPONSE_KEYS,
    *MESSAGE_KEYS,
    "answer",
    "solution",
    "text",
}
"""Every name that a table here lists."""
