"""Fields of a row that stand in objects beside its texts, or that only some sets of keys mean so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.aliases import ALIASES
from analysis.formats.blocks import reasoning_of
from analysis.formats.fields import CONVERT, Row, as_bool, as_effort, as_gold, as_int, as_label

SPAN_KEYS = ("segments", "spans")
"""Annotations that count characters of the text, which therefore stays as it stands."""
_NOTES = (
    "metadata", "meta", "config", "configs", "generation_config", "sampling_params", "generation_params", "params",
    "settings", "info", "extra", "eval", "evaluation", "grading", "grade", "judge", "judgement", "judgment",
    "verification", "result", "results", "scoring", "scores", "metrics", "stats", "timing", "model_info", "run", "details",
    "meta_info", "annotations", "response_metadata", "reward_model", "extra_info", "response", "judge_response", "judge_result",
)  # fmt: skip
"""Objects that state something of the row; they also stay in metadata as they stand."""
_NOTED = (
    "question_id", "dataset", "gold_answer", "extracted_answer", "correct", "score", "model", "provider", "effort",
    "thinking_budget_tokens", "checkpoint", "target_language", "prompt_tokens", "completion_tokens",
    "reasoning_tokens", "finish_reason", "latency_s", "cost", "created_at", "sample_index",
)  # fmt: skip
SETTINGS_OF_ALL = (
    "config", "configs", "args", "settings", "params", "meta", "metadata", "info", "run_config", "eval_config", "run",
    "model_args", "generation_config", "sampling_params", "adapter_spec", "model_info", "header", "runSettings",
)  # fmt: skip
_OF_ALL = ("model", "provider", "effort", "dataset", "thinking_budget_tokens")
_SETTINGS = ("thinking", "reasoning", "thinking_config", "reasoning_config")
_COUNTS = {
    "prompt_tokens": ("prompt", "input", "prompt_tokens", "input_tokens"),
    "completion_tokens": ("completion", "output", "response", "completion_tokens", "output_tokens"),
    "reasoning_tokens": ("reasoning", "thinking", "reasoning_tokens", "thinking_tokens"),
}
_COUNT_KEYS = ("tokens", "token_counts", "token_count", "num_tokens", "n_tokens", "token_stats")


def signature_fields(row: Row, fields: dict[str, Any]) -> None:
    """Fields that only some sets of keys mean so: annotated corpora, training rollouts."""
    annotated = any(isinstance(row.get(key), list) for key in SPAN_KEYS)
    if (isinstance(row.get("sample_idx"), int) and row.has("answer_type")) or (
        annotated and row.has("annotator")
    ):
        fields["dataset"] = row.take(as_label, "source")
    if annotated and row.has("matrix"):
        fields["target_language"] = row.take(as_label, "matrix")
    if isinstance(row.get("step"), int) and ("advantage" in row or "gts" in row):
        fields["checkpoint"] = f"step {row.use('step')}"
    if isinstance(row.get("reasoning"), str | bool) and not reasoning_of(row.get("reasoning"))[0]:
        fields["effort"] = row.take(as_effort, *ALIASES["effort"], "reasoning")
    if isinstance(row.get("thinking"), bool):
        fields.setdefault("effort", row.take(as_effort, *ALIASES["effort"], "thinking"))
    if isinstance(row.get("label"), bool):
        fields["correct"] = row.take(as_bool, *ALIASES["correct"], "label")
    if isinstance(row.get("score"), bool) and not any(row.present(*ALIASES["correct"])):
        fields["correct"] = row.take(as_bool, "score")
    if row.has("reason_error_section_numbers"):  # DeltaBench marks sections of the reasoning
        fields["gold_answer"] = row.take(as_gold, "answer")
    if isinstance(told := row.get("reference_outputs"), dict) and len(told) == 1:  # LangSmith
        fields["gold_answer"] = as_gold(next(iter(told.values())))
    if row.has("origin_prediction"):  # details of OpenCompass
        fields["extracted_answer"] = row.take(as_gold, "predictions", "pred")
        fields["gold_answer"] = row.take(as_gold, "references", "gold")
    if any(row.has(name) for name in ("expected_output", "actual_output")):  # DeepEval
        fields["correct"] = row.take(as_bool, *ALIASES["correct"], "success")
    for name in [name for name, found in fields.items() if found is None]:
        del fields[name]


def stated_around(value: Mapping[str, Any]) -> dict[str, Any]:
    """What the settings of a run say of every response in it: the model, the effort, the data set."""
    found: dict[str, Any] = {}
    for key in SETTINGS_OF_ALL:
        settings = value.get(key)
        if isinstance(settings, dict):
            row = Row(settings)
            for name in _OF_ALL:
                stated = row.take(CONVERT[name], *ALIASES[name])
                if stated is not None:
                    found.setdefault(name, stated)
    return found


def note_fields(row: Row, fields: dict[str, Any]) -> None:
    """Fill in what the row itself does not state from the objects beside its texts."""
    if isinstance(model := row.get("model"), dict):
        _fill(fields, "model", Row(model).take(as_label, "name", "id", "model", "model_name"))
        _fill(fields, "provider", Row(model).take(as_label, "provider", "vendor"))
    for key in row.present(*_NOTES):
        if isinstance(found := row.get(key), dict):
            notes = Row(found)
            for name in _NOTED:
                if name not in fields:
                    _fill(fields, name, notes.take(CONVERT[name], *ALIASES[name]))
    for key in row.present(*_COUNT_KEYS):
        if isinstance(found := row.get(key), dict):
            for name, spellings in _COUNTS.items():
                _fill(fields, name, Row(found).take(as_int, *spellings))
    for key in row.present(*_SETTINGS):
        if isinstance(found := row.get(key), dict):
            _fill(fields, "effort", Row(found).take(as_effort, "effort"))
            budget = Row(found).take(as_int, "budget_tokens", "thinking_budget", "max_tokens")
            _fill(fields, "thinking_budget_tokens", budget)


def _fill(fields: dict[str, Any], name: str, value: Any) -> None:
    if value is not None and fields.get(name) is None:
        fields[name] = value
