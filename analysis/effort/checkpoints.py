"""Checkpoints of a training run: which step a name means, and the name without it."""

from __future__ import annotations

import math
import re

_STEP = re.compile(
    r"(?:global[-_ ]?step|checkpoint|ckpt|step|iter(?:ation)?|epoch|update)s?[-_ =:]*(?P<number>\d{1,9}(?:\.\d{1,3})?)(?P<unit>[km])?$",
    re.IGNORECASE,
)
_IN_NAME = re.compile(
    r"(?P<sep>[-_:@/ ]+|[-_:@/ ]*[(\[])(?P<step>(?:global[-_ ]?step|checkpoint|ckpt|step|iter(?:ation)?|epoch)s?[-_ =:]*\d{1,9}[km]?)[)\]]?$",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"^(?P<number>\d{1,9}(?:\.\d{1,3})?)(?P<unit>[km])?$", re.IGNORECASE)
_FIRST = frozenset(("base", "init", "initial", "start", "pretrained"))
_LAST = frozenset(("final", "last", "latest", "end"))


def step_of(checkpoint: str) -> float | None:
    """The number of a step: 'step 100', 'global_step_2k', 'ckpt-30'; 'base' is before all, 'final' after.

    None for a name that tells no step.
    """
    name = checkpoint.strip()[-100:]
    if name.lower() in _FIRST:
        return -1.0
    if name.lower() in _LAST:
        return math.inf
    match = _STEP.search(name) or _PLAIN.match(name)
    if match is None:
        return None
    return float(match["number"]) * {"k": 1e3, "m": 1e6}.get((match["unit"] or "").lower(), 1.0)


def named_step_in(effort: str) -> bool:
    """Whether the text of an effort is a checkpoint: 'step 100'; a mere number is none."""
    return _STEP.search(effort.strip()[-100:]) is not None


def checkpoint_in(model: str | None) -> tuple[str | None, str | None]:
    """(name without its checkpoint, checkpoint) of 'r1-zero-step1000'; (name, None) without one."""
    match = _IN_NAME.search(model) if model is not None and len(model) <= 200 else None
    if model is None or match is None or match.start() == 0:
        return model, None
    return model[: match.start()], match["step"]
