"""What names tell of a cell: base model, effort, thinking budget, checkpoint, and a natural order.

Nothing here replaces what a record says: this is read from it and stands beside it.
``o3-mini-high`` is o3-mini at high; ``claude-sonnet-4 (32k thinking)`` is claude-sonnet-4 with a
budget of 32,000 tokens (k is 1,000); a table of a person's own names has the last word.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from analysis.effort.checkpoints import checkpoint_in, named_step_in, step_of

NOT_STATED = "(not stated)"
ORDERS = {
    "none": 0.0,
    "minimal": 10.0,
    "low": 20.0,
    "medium": 30.0,
    "default": 35.0,
    "thinking": 36.0,
    "high": 40.0,
    "xhigh": 50.0,
    "max": 60.0,
}
"""Efforts from least to most; ``default`` is also what an unstated effort counts as."""
FIRST_BUDGET = 100.0
"""Budgets follow all levels, by their number of tokens."""
_WORDS = {
    "none": "none off no no_think nothink no_thinking non_thinking nonthinking no_reasoning non_reasoning disabled "
    "disable false without_thinking thinking_off think_off thinking_disabled instruct",
    "minimal": "minimal min very_low verylow",
    "low": "low light short",
    "medium": "medium med mid moderate",
    "default": "default auto dynamic standard normal adaptive",
    "thinking": "thinking think on yes true enabled enable reasoning thinking_on think_on with_thinking extended "
    "extended_thinking thinking_enabled",
    "high": "high heavy long deep",
    "xhigh": "xhigh x_high extra_high extrahigh very_high veryhigh",
    "max": "max maximum maximal ultra highest",
}  # fmt: skip
_LEVEL = {word: level for level, words in _WORDS.items() for word in words.split()}
_FILLER = re.compile(
    r"^(?:reasoning|thinking|think)[_ ]?(?:effort|level|mode|budget)[_ ]?|^(?:effort|level|mode|budget|reasoning|thinking)_(?=.)"
    r"|_?(?:reasoning_effort|thinking_effort|effort|reasoning|thinking_mode|mode)$"
)
_NUMBER = r"(?P<number>\d{1,9}(?:[.,]\d{1,3})?)\s?(?P<unit>[km])?"
_BUDGET_FIELD = re.compile(
    rf"^(?:thinking|think|reasoning|max|budget|tokens?|bf|[\s_\-=:]){{0,6}}{_NUMBER}"
    r"(?:[\s_\-]?(?:thinking|think|reasoning|tokens?|toks?|budget)){0,4}$",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^(?P<base>[^,+]{1,80}), (?P<asked>\d{1,9} tokens)(?P<more>,.{1,80})?$")
"""A level with what was asked beside it: 'low, 256 tokens' (``engines.plans``)."""
_STRATEGY = " + "
"""Between a setting and a strategy over its samples: 'low + majority of 8' (``engines.strategy_runs``)."""
_LEAST_BUDGET = 16
"""A smaller bare number is a level of some scale, not tokens."""
_LEVELS = "minimal|low|medium|high|xhigh|x-high|extra[-_ ]high"
_MARK = "(?:effort|reasoning[-_ ]effort|thinking[-_ ]effort|reasoning|thinking)"
_BEFORE = r"(?:[-_:@,/ ]+|[-_:@,/ ]*[(\[]\s*)"
_AFTER = r"(?:\s*[)\]])?(?=$|[-_:@,/ ])"
_NAMED = (
    # Budgets: a number alone is a context length or a size, so thinking, tokens or budget is with it.
    ("budget", re.compile(
        rf"{_BEFORE}(?:(?:with|w/)[-_ ])?(?:(?:extended[-_ ])?(?:thinking|think|reasoning)[-_ ]?)?(?:budget|bf)[-_ =:]*{_NUMBER}"
        rf"(?:[-_ ]?tok(?:en)?s?)?{_AFTER}", re.IGNORECASE)),
    ("budget", re.compile(
        rf"{_BEFORE}(?:(?:with|w/)[-_ ])?(?:extended[-_ ])?(?:thinking|think|reasoning)[-_ =:]*(?P<number>\d{{1,3}})(?P<unit>k)(?:[-_ ]?tok(?:en)?s?)?{_AFTER}",
        re.IGNORECASE)),
    ("budget", re.compile(
        rf"{_BEFORE}(?:(?:with|w/)[-_ ])?(?P<number>\d{{1,3}}(?:\.\d)?)(?P<unit>k)[-_ ]?(?:tok(?:en)?s?[-_ ])?(?:of[-_ ])?(?:thinking|think|reasoning|budget)(?:[-_ ](?:budget|tok(?:en)?s?))?{_AFTER}",
        re.IGNORECASE)),
    # Without k, "tokens" stands with the number: 0522-thinking is a date.
    ("budget", re.compile(
        rf"{_BEFORE}(?:(?:with|w/)[-_ ])?{_NUMBER}[-_ ]?(?:(?:thinking|think|reasoning|budget)[-_ ]tok(?:en)?s?|tok(?:en)?s?(?:[-_ ](?:of[-_ ])?(?:thinking|think|reasoning|budget)))(?:[-_ ]budget)?{_AFTER}",
        re.IGNORECASE)),
    ("none", re.compile(
        rf"{_BEFORE}(?:no[-_ ]?think(?:ing)?|nothink|non[-_ ]?thinking|no[-_ ]?reasoning|non[-_ ]?reasoning|without[-_ ]thinking"
        rf"|think(?:ing)?[-_ ]?(?:off|disabled)){_AFTER}", re.IGNORECASE)),
    ("level", re.compile(rf"{_BEFORE}{_MARK}[-_ =:]+(?P<level>{_LEVELS}|max|none){_AFTER}", re.IGNORECASE)),
    ("level", re.compile(rf"{_BEFORE}(?P<level>{_LEVELS}|max|none)[-_ ]{_MARK}{_AFTER}", re.IGNORECASE)),
    ("level", re.compile(rf"(?:[:@]|[(\[]\s*)(?P<level>{_LEVELS}|max|none){_AFTER}", re.IGNORECASE)),
    ("level", re.compile(rf"{_BEFORE}(?P<level>{_LEVELS}){_AFTER}", re.IGNORECASE)),
    ("default", re.compile(rf"[(\[]\s*(?:default|auto|dynamic)(?:[-_ ]think(?:ing)?)?{_AFTER}", re.IGNORECASE)),
    ("thinking", re.compile(
        rf"{_BEFORE}(?:(?:with|w/)[-_ ])?(?:extended[-_ ])?think(?:ing)?(?:[-_ ]?(?:on|enabled))?{_AFTER}", re.IGNORECASE)),
    ("thinking", re.compile(rf"{_BEFORE}reasoning(?:\s*[)\]])?$", re.IGNORECASE)),
)  # fmt: skip
_SIZED = re.compile(r"istral|stral[-_ ]|phi[-_ ]?\d|whisper|gpt-?2|bert|t5", re.IGNORECASE)
"""Families with a model of medium size, or with reasoning in its name."""
_COMPOUND = re.compile(r"\s\+\s|\s&\s| and ")
_TIDY = re.compile(r"[-_:@,/ (\[]+$")
_MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class CellName:
    """What a cell is recognised as. ``None`` is "not stated"."""

    model: str | None
    """The base model: the name without what it tells of effort, budget and checkpoint."""
    effort: str | None
    """A level of ``ORDERS``, else the effort as it is said."""
    budget_tokens: int | None
    checkpoint: str | None
    order: float
    """From the least effort to the most: ``ORDERS``, then budgets by tokens."""
    step: float
    """Place of the checkpoint in its run; 0 without one."""
    source: str
    """Where the effort was read: 'effort', 'model name', 'person', or '' where nowhere."""

    @property
    def label(self) -> str:
        """The cell as a chart names it: ``o3-mini @ high``."""
        return " @ ".join(p for p in (self.model or NOT_STATED, self.setting) if p)

    @property
    def setting(self) -> str:
        """Effort or budget, and checkpoint, in few words; '' where nothing is stated."""
        effort = self.effort
        if self.budget_tokens is not None and effort in (None, "thinking", "default"):
            effort = f"{self.budget_tokens:,} tokens"
        return " @ ".join(p for p in (effort, self.checkpoint) if p)

    @property
    def sort_key(self) -> tuple[str, float, float, str]:
        """Cells of one base model from the least effort to the most, then by checkpoint."""
        return (self.model or "\U0010ffff", self.order, self.step, self.effort or "")


@lru_cache(maxsize=10_000)
def recognise(
    model: str | None,
    effort: str | None,
    budget_tokens: int | None = None,
    checkpoint: str | None = None,
) -> CellName:
    """What a cell's model, effort, budget and checkpoint say, as they are stated or in the names.

    What is stated counts before what the model's name tells; an effort that says nothing
    ("default") lets the name speak.
    """
    if effort is not None and checkpoint is None and " @ " in effort:
        effort, checkpoint = (part or None for part in effort.split(" @ ", 1))
    if effort is not None and _STRATEGY in effort and len(effort) <= _MAX_NAME:
        return _with_strategy(model, effort, budget_tokens, checkpoint)
    base, level, number = in_model_name(model)
    said, said_number = in_effort(effort)
    asked = _ASKED.match(effort) if effort is not None and said is None else None
    if asked is not None and in_effort(asked["base"])[0] is not None:
        said, said_number = in_effort(asked["base"])[0], in_effort(asked["asked"])[1]
        return _with_budget(recognise(model, asked["base"], None, checkpoint), effort, said_number)
    if said is None and said_number is None and effort and named_step_in(effort):
        checkpoint, effort = checkpoint or effort, None
    base, named_step = checkpoint_in(base)
    source = "effort" if effort is not None else ""
    plain = said in (None, "default") and said_number is None and (effort is None or said)
    if plain and (level is not None or number is not None):
        said, said_number, source = level, number, "model name"
    if said == "thinking" and said_number is None and number is not None:
        said_number = number
    budget = budget_tokens if budget_tokens is not None else said_number
    if budget == 0 and said in (None, "thinking", "default"):
        said, budget = "none", None
    if budget is not None and budget < 0:
        said, budget = said or "default", None
    step = checkpoint or named_step
    shown = said if said is not None else (effort if said_number is None else None)
    order = order_of(shown, budget)
    return CellName(base, shown, budget, step, order, _step(step), source)


def _with_strategy(
    model: str | None, effort: str, budget_tokens: int | None, checkpoint: str | None
) -> CellName:
    """A strategy over the samples of a setting stands right behind it."""
    setting, _, strategy = effort.partition(_STRATEGY)
    found = recognise(model, setting or None, budget_tokens, checkpoint)
    plain = replace(found, checkpoint=None).setting or setting
    return replace(
        found, effort=f"{plain}{_STRATEGY}{strategy}", order=found.order + 0.5, source="effort"
    )


def _with_budget(found: CellName, effort: str | None, tokens: int | None) -> CellName:
    """A level at a budget of its own stands behind the level, by the budget."""
    more = (tokens or 0) / (1_000_000_000 + (tokens or 0))
    return replace(found, effort=effort, budget_tokens=tokens, order=found.order + more)


def order_of(effort: str | None, budget_tokens: int | None = None) -> float:
    """A place from the least effort to the most. A budget places a mere "thinking"."""
    if budget_tokens is not None and effort in (None, "thinking", "default"):
        return FIRST_BUDGET + budget_tokens
    if effort is None:
        return ORDERS["default"]
    if effort in ORDERS:
        return ORDERS[effort]
    found = re.search(r"\d{1,12}(?:\.\d{1,6})?", effort)
    return float(found[0]) if found else ORDERS["default"]


def in_effort(effort: str | None) -> tuple[str | None, int | None]:
    """(level, budget in tokens) that the text of an effort says; None for what it does not."""
    if effort is None:
        return None, None
    text = re.sub(r"[\s\-/:=]+", "_", effort.strip().lower()[:_MAX_NAME]).strip("_()[]")
    for word in (text, _FILLER.sub("", text).strip("_")):
        if word in _LEVEL:
            return _LEVEL[word], None
    if effort.strip() == "-1":
        return "default", None  # the vendors' word for "as much as it takes"
    match = _BUDGET_FIELD.match(effort.strip()[:_MAX_NAME])
    if match is None:
        return None, None
    number = _tokens(match)
    bare = match.group(0).strip().isdigit()
    if number == 0:
        return "none", None
    return (None, None) if bare and number < _LEAST_BUDGET else (None, number)


def in_model_name(model: str | None) -> tuple[str | None, str | None, int | None]:
    """(base model, level, budget in tokens) that a model's name tells.

    A name of two models ("o3 (high) + gpt-4.1") is left as it is.
    """
    if model is None:
        return None, None, None
    name = model.strip()
    if len(name) > _MAX_NAME or _COMPOUND.search(name):
        return model, None, None
    for kind, pattern in _NAMED:
        match = pattern.search(name)
        if match is None or match.start() == 0 or _is_size(kind, match, name):
            continue
        base = _without(name, match)
        if kind == "budget":
            number = _tokens(match)
            return (base, "none", None) if number == 0 else (base, "thinking", number)
        level = match["level"].lower() if kind == "level" else kind
        level = re.sub(r"[-_ ]", "_", level)
        return base, _LEVEL.get(level, level), None
    return model, None, None


def _is_size(kind: str, match: re.Match[str], name: str) -> bool:
    """'mistral-medium-2506' and 'phi-4-reasoning' are names of models."""
    if not _SIZED.search(name):
        return False
    text = match.group(0).lower()
    inside = text.lstrip(" ").startswith(("(", "[", ":", "@"))
    return not inside and (
        (kind == "level" and "medium" in text) or (kind == "thinking" and "reasoning" in text)
    )


def _without(name: str, match: re.Match[str]) -> str:
    base = _TIDY.sub("", name[: match.start()])
    rest = name[match.end() :].strip()
    if rest and not rest.startswith((",", ")")):
        base += rest if rest[0] in "-_:@/ " else f" {rest}"
    return base or name


def _tokens(match: re.Match[str]) -> int:
    text = match["number"]
    digits = (
        text.replace(",", "") if re.fullmatch(r"\d{1,3},\d{3}", text) else text.replace(",", ".")
    )
    times = {"k": 1_000, "m": 1_000_000}.get((match["unit"] or "").lower(), 1)
    return round(float(digits) * times)


def _step(checkpoint: str | None) -> float:
    found = step_of(checkpoint) if checkpoint else 0.0
    return math.inf if found is None else found
