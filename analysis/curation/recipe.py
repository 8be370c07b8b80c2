"""What is chosen, and how it is written: one object for page, command line and library."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import orjson

from analysis.errors import UsageError
from analysis.filters import Filters

FORMS = ("sft", "pairs")
VERDICTS = ("any", "right", "wrong")
CHOICES = ("all", "shortest", "longest", "random")
PAIRS = ("right over wrong", "short over long")
REASONING = ("tags", "field")
VERSION = 1
MAX_SEED = 2**53

Range = tuple[float | None, float | None]
"""(least, most), both inclusive; None is open."""
_CHOICES = {
    "form": FORMS,
    "verdict": VERDICTS,
    "per_question": CHOICES,
    "pairs": PAIRS,
    "reasoning": REASONING,
}
_SHARES = (
    "min_language_consistency",
    "max_repetition",
    "distinct_questions",
    "distinct_reasonings",
)
_COUNTS = {
    "min_tokens": 0,
    "max_tokens": 0,
    "samples": 1,
    "per_cluster": 1,
    "pairs_per_question": 1,
    "seed": 0,
}
_FLAGS = (
    "complete_only",
    "no_language_slip",
    "no_loop",
    "same_model",
    "system_prompt",
    "full_record",
)
_RANGES = ("behaviours", "metrics")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which traces become training data. The default takes every whole trace as it is.

    A trace for which a condition's metric is undefined (not analysed, say) does not meet it.
    """

    form: str = "sft"
    """'sft': one line of messages a trace; 'pairs': one line a preference pair."""
    filters: Filters = field(default_factory=Filters)
    verdict: str = "any"
    """'right', 'wrong' or 'any'; what a person said counts before all else. For pairs: 'any'."""
    complete_only: bool = True
    """Leaves out responses that were cut off."""
    min_tokens: int | None = None
    """Thinking tokens (metric ``thinking_tokens``)."""
    max_tokens: int | None = None
    min_language_consistency: float | None = None
    """0..1, metric ``language_consistency``."""
    no_language_slip: bool = False
    no_loop: bool = False
    """No loop anywhere (``n_loops``) and none at the end (``tail_loop``)."""
    max_repetition: float | None = None
    """0..1, metric ``repeat_share``."""
    behaviours: Mapping[str, Range] = field(default_factory=dict)
    """Label -> range of its rate per 1,000 tokens (metric ``LABEL_per_1k``)."""
    metrics: Mapping[str, Range] = field(default_factory=dict)
    """Metric -> range; yes/no metrics are 1/0."""
    not_questions: tuple[str, ...] = ()
    """Questions (of a benchmark, say) that must not be trained on; see ``likeness.Listed``."""
    distinct_questions: float | None = None
    """0..1: questions at least so alike are one cluster, of which ``per_cluster`` are kept."""
    distinct_reasonings: float | None = None
    """0..1: the same for traces, by their reasoning."""
    per_cluster: int = 1
    per_question: str = "all"
    """Which of the traces of a question: 'all', or ``samples`` that are shortest, longest, random."""
    samples: int = 1
    seed: int = 0
    pairs: str = "right over wrong"
    """'right over wrong', or 'short over long': both right, the shortest over the longest."""
    pairs_per_question: int = 1
    same_model: bool = True
    """Both sides of a pair are by one model."""
    reasoning: str = "tags"
    """'tags': in ``<think>`` in the content; 'field': as ``reasoning_content`` of the message."""
    system_prompt: bool = True
    """Whether the system prompt is kept."""
    full_record: bool = False
    """SFT only: adds the key ``cotscope``, from which an import has the whole trace again."""

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                raise _wrong(name, getattr(self, name), f"Use: {', '.join(allowed)}.")
        for name in _SHARES:
            _check_number(name, getattr(self, name), 0.0, 1.0)
        for name, least in _COUNTS.items():
            _check_count(name, getattr(self, name), least)
        for name in _FLAGS:
            if not isinstance(getattr(self, name), bool):
                raise _wrong(name, getattr(self, name), "Use true or false.")
        for name in _RANGES:
            object.__setattr__(self, name, _ranges(name, getattr(self, name)))
        if not all(isinstance(text, str) for text in self.not_questions):
            raise _wrong("not_questions", self.not_questions, "Use a list of texts.")
        self._check_together()

    def _check_together(self) -> None:
        if self.form == "pairs" and self.verdict != "any":
            raise UsageError(
                "The verdicts of a pair follow from its kind.",
                remedy="Leave verdict at 'any', and choose pairs: " + " or ".join(PAIRS) + ".",
            )
        if self.form == "pairs" and self.per_question != "all":
            raise UsageError(
                "Pairs choose the traces of a question themselves.",
                remedy="Leave per_question at 'all'.",
            )
        if self.form == "pairs" and self.full_record:
            raise UsageError("Only SFT messages can hold the full record.")
        if self.full_record and (self.reasoning != "field" or not self.system_prompt):
            raise UsageError(
                "The full record needs the reasoning in its own field, and the system prompt.",
                remedy="Set reasoning to 'field' and system_prompt to true.",
            )
        if None not in (self.min_tokens, self.max_tokens) and self.min_tokens > self.max_tokens:  # type: ignore[operator]
            raise _wrong("min_tokens", self.min_tokens, "It is above max_tokens.")

    def to_dict(self) -> dict[str, Any]:
        """As plain values: what differs from the default, and the form and version."""
        found: dict[str, Any] = {"cotscope_recipe": VERSION, "form": self.form}
        for spec in fields(self):
            value = getattr(self, spec.name)
            default = spec.default if spec.default_factory is MISSING else spec.default_factory()
            if value == default:
                continue
            if isinstance(value, Filters):
                value = value.to_query()
            elif isinstance(value, Mapping):
                value = {name: list(value[name]) for name in sorted(value)}
            elif isinstance(value, tuple):
                value = list(value)
            found[spec.name] = value
        return found

    def to_json(self) -> bytes:
        """As indented JSON; the same recipe gives the same bytes."""
        return orjson.dumps(self.to_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_dict(cls, value: Any) -> Recipe:
        """Read plain values. Raises ``UsageError`` for what is no recipe, with the name at fault."""
        if not isinstance(value, dict):
            raise UsageError(
                "A recipe is a JSON object.", remedy='For example: {"verdict": "right"}'
            )
        given = dict(value)
        version = given.pop("cotscope_recipe", VERSION)
        if version != VERSION:
            raise UsageError(f"This recipe is of version {version!r}; this copy reads {VERSION}.")
        known = [spec.name for spec in fields(cls)]
        for name in given:
            if name not in known:
                raise UsageError(
                    f"A recipe has no field {name!r}.", remedy=f"Use: {', '.join(known)}."
                )
        if "filters" in given:
            given["filters"] = _filters(given["filters"])
        if "not_questions" in given:
            if not isinstance(given["not_questions"], list):
                raise _wrong("not_questions", given["not_questions"], "Use a list of texts.")
            given["not_questions"] = tuple(given["not_questions"])
        return cls(**given)

    @classmethod
    def from_json(cls, data: bytes | str) -> Recipe:
        """Read what ``to_json`` wrote, or a person. Raises ``UsageError``."""
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise UsageError(f"The recipe is not JSON: {error}.") from error
        return cls.from_dict(value)


def _wrong(name: str, value: object, remedy: str) -> UsageError:
    return UsageError(f"The {name} of a recipe cannot be {str(value)[:80]!r}.", remedy=remedy)


def _filters(value: Any) -> Filters:
    if not isinstance(value, dict):
        raise _wrong("filters", value, 'Use an object, like {"model": ["x"]}.')
    query = {}
    for name, found in value.items():
        values = found if isinstance(found, list) else [found]
        if isinstance(found, bool):
            values = ["true" if found else "false"]
        query[name] = [str(v) for v in values]
    return Filters.from_strict_query(query)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _check_number(name: str, value: Any, least: float, most: float) -> None:
    if value is not None and not (_is_number(value) and least <= value <= most):
        raise _wrong(name, value, f"Use a number from {least:g} to {most:g}.")


def _check_count(name: str, value: Any, least: int) -> None:
    optional = name in ("min_tokens", "max_tokens")
    if optional and value is None:
        return
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or not least <= value <= MAX_SEED:
        raise _wrong(name, value, f"Use a whole number, {least} or more.")


def _ranges(name: str, value: Any) -> dict[str, Range]:
    if not isinstance(value, Mapping):
        raise _wrong(name, value, 'Use an object, like {"n_candidates": [1, 3]}.')
    found: dict[str, Range] = {}
    for key, pair in value.items():
        good = isinstance(pair, list | tuple) and len(pair) == 2
        if not good or not all(v is None or _is_number(v) for v in pair):
            raise _wrong(f"{name}.{key}", pair, "Use [least, most]; null is open.")
        low, high = pair
        if low is not None and high is not None and low > high:
            raise _wrong(f"{name}.{key}", pair, "The least is above the most.")
        found[str(key)] = (low, high)
    return found
