"""What keys are called in the wild, and values as the types of a trace.

The alias table is data: the first name that holds a usable value wins. Names are compared in lower
snake case, so ``Finish Reason`` and ``finishReason`` are ``finish_reason``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from analysis.model import FinishReason

T = TypeVar("T")

ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": ("id", "trace_id", "external_id", "custom_id", "uuid", "row_id", "uid", "idx",
                    "index", "_id", "sample_uuid"),
    "question_id": ("question_id", "problem_id", "prompt_id", "task_id", "item_id", "doc_id", "qid",
                    "problem_idx", "example_id"),
    "question": ("question", "problem", "question_content", "question_text", "query",
                 "user_input", "instruction", "prompt", "user_prompt", "input", "user", "task_text"),
    "system_prompt": ("system_prompt", "system", "system_message"),
    "dataset": ("dataset", "dataset_name", "data_source", "benchmark"),
    "sample_index": ("sample_index", "sample_idx", "sample", "generation_index",
                     "rollout_index", "attempt_index", "choice_index", "idx_answer"),
    "extracted_answer": ("extracted_answer", "pred", "predicted_answer", "parsed_answer",
                         "extracted_prediction", "model_answer_extracted"),
    "gold_answer": ("gold", "gold_answer", "golden_answer", "ground_truth", "reference_answer",
                    "expected_answer", "correct_answer", "target", "gts", "ground_truth_answer",
                    "groundtruth", "ground_truth_solution"),
    "correct": ("correct", "is_correct", "correctness", "acc", "passed", "is_right", "grade",
                "correctness_math_verify", "graded"),
    "score": ("score", "reward"),
    "model": ("model", "model_name", "llm", "generator", "generation_model", "model_id",
              "model_path", "engine"),
    "model_inferred": ("model_inferred",),
    "provider": ("provider",),
    "effort": ("effort", "reasoning_effort", "thinking_effort", "thinking_level"),
    "thinking_budget_tokens": ("thinking_budget_tokens", "thinking_budget", "budget_tokens",
                               "max_thinking_tokens"),
    "checkpoint": ("checkpoint", "ckpt", "global_step"),
    "target_language": ("target_language", "response_language"),
    "prompt_tokens": ("prompt_tokens", "tokens_prompt", "input_tokens", "prompt_eval_count"),
    "completion_tokens": ("completion_tokens", "tokens_completion", "output_tokens",
                          "total_generated_tokens", "eval_count"),
    "reasoning_tokens": ("reasoning_tokens", "tokens_reasoning", "thinking_tokens"),
    "finish_reason": ("finish_reason", "stop_reason", "done_reason"),
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
    "internal_reasoning", "rationale", "thinking_process",
)  # fmt: skip
"""Keys that hold reasoning apart from the answer."""

RESPONSE_KEYS = (
    "output", "response", "completion", "generation", "generated_text", "full_response",
    "final_response", "answer_text", "final_answer", "answer_content", "attempt", "prediction",
    "generated_solution", "model_output", "model_response", "assistant", "assistant_response",
    "combined_text", "formatted_response", "deepseek_solution", "llm_output", "llm_response",
    "raw_output", "raw_response", "content", "generated", "reply", "message",
)  # fmt: skip
"""Keys that hold what the model wrote: all of it, or the answer beside a reasoning key."""

MESSAGE_KEYS = (
    "messages",
    "conversations",
    "conversation",
    "chat",
    "dialogue",
    "input_conversation",
)
"""Keys that hold turns."""

SWITCHES = frozenset(
    ("on", "off", "true", "false", "yes", "no", "none", "null", "enabled", "disabled", "minimal",
     "low", "medium", "high", "xhigh", "max", "auto", "default", "adaptive", "n/a", "nan", "1", "0")
)  # fmt: skip
"""Values of a key named ``reasoning`` that switch reasoning on or off and are no text."""

_FINISH = {
    FinishReason.STOP: "stop end_turn eos eos_token stop_sequence completed complete finished done "
    "stop_token end end_of_text natural success",
    FinishReason.LENGTH: "length max_tokens max_new_tokens max_output_tokens incomplete truncated "
    "length_or_unclosed model_length token_limit max_length length_limit model_context_window_exceeded",
    FinishReason.TOOL: "tool_calls tool_call tool_use function_call tool",
    FinishReason.FILTER: "content_filter content_filtered safety refusal recitation blocked "
    "blocklist prohibited_content guardrail_intervened",
    FinishReason.ERROR: "error failed cancelled canceled expired abort aborted timeout",
}
_FINISH_OF = {word: reason for reason, words in _FINISH.items() for word in words.split()}
_NOTHING = frozenset(("", "none", "null", "nan", "n/a"))
_TRUE = frozenset(("true", "yes", "correct", "right", "1", "1.0", "pass", "passed"))
_FALSE = frozenset(("false", "no", "incorrect", "wrong", "0", "0.0", "fail", "failed"))
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\s.\-/]+")
_EFFORT_IN_NAME = re.compile(
    r"(?:[-_:@ ]|\()(?P<effort>minimal|low|medium|high|xhigh)(?:[-_ ]effort|[-_ ]reasoning)?\)?$",
    re.I,
)
_SIZED = re.compile(r"istral|stral-|phi-?\d|whisper|gpt-?2|bert|t5", re.I)
"""Families with a model of medium size."""
_KEY_CHARS = 100
_INT64 = 2**63
_INT32 = 2**31


@lru_cache(maxsize=4096)
def snake(key: str) -> str:
    """``finishReason``, ``Finish Reason`` and ``finish-reason`` as ``finish_reason``."""
    return _NOT_WORD.sub("_", _CAMEL.sub("_", key.strip())).lower()


KNOWN_NAMES = frozenset(name for names in ALIASES.values() for name in names) | {
    *REASONING_KEYS,
    *RESPONSE_KEYS,
    *MESSAGE_KEYS,
    "answer",
}
"""Every name that a table here lists."""


def names_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Each key in snake case with the key as it stands; of equal ones the first."""
    names: dict[str, str] = {}
    for key in data:
        names.setdefault(snake(key) if len(key) <= _KEY_CHARS else key, key)
    return names


class Row:
    """A JSON object whose keys are found by any spelling, and that knows which were used."""

    __slots__ = ("_names", "data", "used")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.used: set[str] = set()
        self._names = names_of(data)

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def has(self, name: str) -> bool:
        """True if the key is there, whatever it holds."""
        return name in self._names

    def get(self, name: str) -> Any:
        """The value under a name, without marking it as used; None if there is none."""
        key = self._names.get(name)
        return None if key is None or key in self.used else self.data[key]

    def use(self, name: str) -> Any:
        """The value under a name, marked as used."""
        value = self.get(name)
        if value is not None:
            self.used.add(self._names[name])
        return value

    def take(self, convert: Callable[[Any], T | None], *names: str) -> T | None:
        """The first value that converts to something, marked as used; None if none does."""
        for name in names:
            key = self._names.get(name)
            if key is None or key in self.used or (value := self.data[key]) is None:
                continue
            if (found := convert(value)) is not None:
                self.used.add(key)
                return found
        return None

    def data_of(self, name: str) -> Any:
        """The value under a name, used or not."""
        key = self._names.get(name)
        return None if key is None else self.data[key]

    def texts(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, text) of every named key that holds a text that is not blank."""
        for name in names:
            value = self.get(name)
            if isinstance(value, str) and value.strip():
                yield name, value

    def rest(self) -> dict[str, Any]:
        """What was not used, under its own names; known keys that hold nothing are left out."""
        return {
            key: value
            for key, value in self.data.items()
            if key not in self.used
            and not (value in (None, "") and snake(key[:_KEY_CHARS]) in KNOWN_NAMES)
        }


def as_text(value: Any) -> str | None:
    """A text that is not blank, verbatim; numbers and booleans as JSON; else None."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool | int | float):
        return as_json(value)
    return None


def as_label(value: Any) -> str | None:
    """A short text without the space around it; words for 'nothing' are None."""
    text = as_text(value)
    return None if text is None or text.strip().lower() in _NOTHING else text.strip()


def as_json(value: Any) -> str:
    """Compact JSON text; integers of any size."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, orjson.JSONEncodeError):
        import json

        return json.dumps(value, ensure_ascii=False, default=str)


def as_gold(value: Any) -> str | None:
    """A gold answer: a text, the one element of a list, or JSON for anything larger."""
    if isinstance(value, list) and len(value) == 1:
        return as_gold(value[0])
    if isinstance(value, list | dict):
        return as_json(value) if value else None
    return as_text(value)


def as_int(value: Any) -> int | None:
    """A count: a non-negative integer of at most 64 bits, also as a float or digits."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value) if len(value) < 20 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < _INT64 else None


def as_small_int(value: Any) -> int | None:
    """A count of at most 32 bits."""
    number = as_int(value)
    return number if number is not None and number < _INT32 else None


def as_float(value: Any) -> float | None:
    """A finite number, also as text; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_bool(value: Any) -> bool | None:
    """A stated verdict: true/false, 0/1, yes/no, correct/incorrect."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    return None


def as_error(value: Any) -> str | None:
    """The message of an error object, or an error text."""
    if isinstance(value, dict):
        parts = [as_label(value.get(key)) for key in ("code", "type", "message")]
        return ": ".join(dict.fromkeys(p for p in parts if p)) or (
            as_json(value) if value else None
        )
    return as_label(value)


def as_time(value: Any) -> datetime | None:
    """Unix seconds (or ms, us, ns by size) or ISO 8601; a time without a zone is taken as UTC."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    number = as_float(value)
    if number is None or number <= 0:
        return None
    while number > 1e11:
        number /= 1000
    try:
        return datetime.fromtimestamp(number, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def as_probes(value: Any) -> str | None:
    """Recorded probes as JSON text."""
    if isinstance(value, str):
        return value if value.strip() else None
    return as_json(value) if value else None


def as_effort(value: Any) -> str | None:
    """An effort label in lower case ('low', 'thinking', 'on')."""
    if isinstance(value, bool):
        return "on" if value else "off"
    label = as_label(value) if isinstance(value, str | int) else None
    if label is None and isinstance(value, str) and value.strip().lower() == "none":
        return "none"
    return label.lower() if label is not None and len(label) <= 60 else None


def effort_in_name(model: str | None) -> str | None:
    """The effort that a model's label ends with: 'o3-mini-high', 'Grok 3 Mini (low)'."""
    match = _EFFORT_IN_NAME.search(model.strip()[-60:]) if model else None
    if match is None or (match["effort"].lower() == "medium" and _SIZED.search(str(model))):
        return None
    return match["effort"].lower()


def normal_finish(reason: str | None) -> FinishReason:
    """The stated finish reason in one of six words."""
    word = snake(reason[:100]) if reason else ""
    return _FINISH_OF.get(word, FinishReason.UNKNOWN)


CONVERT: dict[str, Callable[[Any], Any]] = {
    "external_id": as_label,
    "question_id": as_label,
    "dataset": as_label,
    "sample_index": as_small_int,
    "extracted_answer": as_gold,
    "gold_answer": as_gold,
    "correct": as_bool,
    "score": as_float,
    "model": as_label,
    "model_inferred": as_bool,
    "provider": as_label,
    "effort": as_effort,
    "thinking_budget_tokens": as_int,
    "checkpoint": as_label,
    "target_language": as_label,
    "prompt_tokens": as_int,
    "completion_tokens": as_int,
    "reasoning_tokens": as_int,
    "finish_reason": as_label,
    "error": as_error,
    "created_at": as_time,
    "latency_s": as_float,
    "cost": as_float,
    "probes": as_probes,
}
"""How the value of each field is read. Texts (question, reasoning, answer) are resolved apart."""


def scalar_fields(row: Row) -> dict[str, Any]:
    """Every field but the texts that the row states, taken from it."""
    found: dict[str, Any] = {}
    for name, convert in CONVERT.items():
        value = row.take(convert, *ALIASES[name])
        if value is not None:
            found[name] = value
    return found
