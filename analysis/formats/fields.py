"""The columns of a record by any spelling of their names, and values as the types of a trace.

Names are compared in lower snake case, so ``Finish Reason`` and ``finishReason`` are
``finish_reason``. Which names mean what is data in ``aliases``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson

from analysis.formats.aliases import (
    ALIASES,
    KNOWN_NAMES,
    MESSAGE_KEYS,
    REASONING_KEYS,
    RESPONSE_KEYS,
    SUMMARY_KEYS,
    SWITCHES,
)
from analysis.model import FinishReason

__all__ = [
    "ALIASES", "CONVERT", "KNOWN_NAMES", "MESSAGE_KEYS", "REASONING_KEYS", "RESPONSE_KEYS", "SUMMARY_KEYS", "SWITCHES",
    "Row", "as_bool", "as_effort", "as_error", "as_float", "as_gold", "as_id", "as_int", "as_json", "as_label",
    "as_probes", "as_small_int", "as_text", "as_time", "effort_in_name", "effort_in_question", "effort_in_system",
    "names_of", "normal_finish", "scalar_fields", "snake",
]  # fmt: skip

T = TypeVar("T")

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
_TRUE = frozenset(("true", "yes", "correct", "right", "1", "1.0", "pass", "passed", "是", "正确", "对"))  # fmt: skip
_FALSE = frozenset(("false", "no", "incorrect", "wrong", "0", "0.0", "fail", "failed", "否", "错误", "错"))  # fmt: skip
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\s.\-/]+")
_EFFORT_IN_NAME = re.compile(
    r"[-_:@ |=(\[](?P<effort>minimal|low|medium|high|xhigh)(?:[-_ ](?:effort|reasoning|thinking)){0,2}[)\]]?"
    r"(?:[-_]\d{4}-?\d\d-?\d\d)?$",
    re.I,
)
_SIZED = re.compile(r"istral|stral-|phi-?\d|whisper|gpt-?2|bert|t5", re.I)
"""Families with a model of medium size."""
_EFFORT_IN_SYSTEM = re.compile(
    r"^(?:Reasoning(?: strength| effort)?|Thinking effort level): ?(?P<effort>none|minimal|low|medium|high|xhigh|max)\b",
    re.I | re.M,
)
_THINKING_SWITCH = re.compile(r"^\s*detailed thinking (?P<switch>on|off)\b", re.I | re.M)
_SLASH_SWITCH = re.compile(r"(?:^|\s)/(?P<no>no_?)?think(?:ing)?\s*$", re.I)
_PROMPT_REACH = 4000
_KEY_CHARS = 100
_INT64 = 2**63
_INT32 = 2**31


@lru_cache(maxsize=4096)
def snake(key: str) -> str:
    """``finishReason``, ``Finish Reason`` and ``finish-reason`` as ``finish_reason``."""
    key = key.strip().rstrip("?!:*#").replace("CoT", "Cot")
    return _NOT_WORD.sub("_", _CAMEL.sub("_", key)).lower()


class _Shape:
    """What follows from the keys of an object alone; records of one file share a few shapes."""

    __slots__ = ("_present", "names", "scalars")

    def __init__(self, keys: Iterable[str]) -> None:
        self.names: dict[str, str] = {}
        for key in keys:
            self.names.setdefault(snake(key) if len(key) <= _KEY_CHARS else key, key)
        self._present: dict[tuple[str, ...], tuple[tuple[str, str], ...]] = {}
        self.scalars: list[tuple[str, Callable[[Any], Any], tuple[str, ...]]] | None = None

    def present(self, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """(name, key) of those of these names that are there, in the order given."""
        found = self._present.get(names)
        if found is None:
            found = tuple((n, self.names[n]) for n in names if n in self.names)
            self._present[names] = found
        return found


_shapes: dict[tuple[str, ...], _Shape] = {}
_MOST_SHAPES = 1024
_SHARED_KEYS = 64
"""Objects with more keys, or longer ones, are data rather than columns: not worth remembering."""


def _shape(data: Mapping[str, Any]) -> _Shape:
    keys = tuple(data)
    found = _shapes.get(keys)
    if found is None:
        found = _Shape(keys)
        if len(keys) <= _SHARED_KEYS and max(map(len, keys), default=0) <= _KEY_CHARS:
            if len(_shapes) >= _MOST_SHAPES:
                _shapes.clear()
            _shapes[keys] = found
    return found


def names_of(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Each key in snake case with the key as it stands; of equal ones the first. Not to be changed."""
    return _shape(data).names


class Row:
    """A JSON object whose keys are found by any spelling, and that knows which were used."""

    __slots__ = ("_names", "_shape", "data", "used")

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.used: set[str] = set()
        self._shape = _shape(data)
        self._names = self._shape.names

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
        for _, key in self._shape.present(names):
            if key in self.used or (value := self.data[key]) is None:
                continue
            if (found := convert(value)) is not None:
                self.used.add(key)
                return found
        return None

    def present(self, *names: str) -> Iterator[str]:
        """Those of these names that hold something that is not used, in the order given."""
        for name, key in self._shape.present(names):
            if key not in self.used and self.data[key] is not None:
                yield name

    def scalars(self) -> Iterator[tuple[str, Any]]:
        """(field, value) of every field but the texts that the row states, marked as used."""
        known = self._shape.scalars
        if known is None:
            known = self._shape.scalars = [
                (name, convert, ALIASES[name])
                for name, convert in CONVERT.items()
                if self._shape.present(ALIASES[name])
            ]
        for name, convert, aliases in known:
            if (value := self.take(convert, *aliases)) is not None:
                yield name, value

    def data_of(self, name: str) -> Any:
        """The value under a name, used or not."""
        key = self._names.get(name)
        return None if key is None else self.data[key]

    def texts(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, text) of every named key that holds a text that is not blank."""
        for name, key in self._shape.present(names):
            if key in self.used:
                continue
            value = self.data[key]
            if isinstance(value, str) and value and not value.isspace():
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


def as_id(value: Any) -> str | None:
    """An id as it stands without the space around it; every word is one, also 'none'."""
    text = as_text(value)
    return None if text is None else text.strip()


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
    if isinstance(value, str):
        word = (
            value.strip().removesuffix(".0").replace(",", "")
        )  # as a data frame with gaps writes counts
        value = int(word) if word.isascii() and word.isdigit() and len(word) < 20 else None
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


def effort_in_system(prompt: str | None) -> str | None:
    """The effort that a system prompt sets: gpt-oss ('Reasoning: high'), Nemotron, Qwen3."""
    if not prompt:
        return None
    head = prompt[:_PROMPT_REACH]
    if match := _EFFORT_IN_SYSTEM.search(head):
        return match["effort"].lower()
    match = _THINKING_SWITCH.search(head)
    return match["switch"].lower() if match else effort_in_question(prompt)


def effort_in_question(question: str | None) -> str | None:
    """The switch that a message ends with: '/think' is on, '/no_think' is off (Qwen3, SmolLM3)."""
    match = _SLASH_SWITCH.search(question[-40:]) if question and "/" in question[-40:] else None
    return None if match is None else "off" if match["no"] else "on"


def normal_finish(reason: str | None) -> FinishReason:
    """The stated finish reason in one of six words."""
    word = snake(reason[:100]) if reason else ""
    return _FINISH_OF.get(word, FinishReason.UNKNOWN)


CONVERT: dict[str, Callable[[Any], Any]] = {
    "external_id": as_id,
    "question_id": as_id,
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
    return dict(row.scalars())
