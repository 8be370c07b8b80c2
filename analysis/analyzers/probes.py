"""Recorded forced-answer probes: reading them, and what they say of a trace.

A probe cuts the thinking off at some point and makes the model answer at once. Records keep them as
a list of objects (``frac``, ``tokens``, ``pred``, ``correct``, ``p_pred`` ...). What cannot be read
is left out and counted, never guessed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from analysis.answers.normalise import Form, parse, same
from analysis.model import Probe

CERTAIN_K = 3
"""How many probes in a row must agree before the answer is certain."""
UNCERTAIN = re.compile(r"(?<![^\W_])(?:wait|hold|but|okay|no|hmm)(?![^\W_])", re.IGNORECASE)
"""A probe that answers with one of these words is not certain (Dynasor, ``core/cot.py``)."""
NEAR = 0.01
"""A stated fraction this near to tokens over the most tokens is kept."""
MAX_PROBES = 10_000
MAX_PRED_CHARS = 2_000
_PLACE = ("frac", "fraction", "position", "at", "share")
_TOKENS = ("tokens", "n_tokens", "thinking_tokens", "budget")
_PRED = ("pred", "prediction", "answer", "value")
_CORRECT = ("correct", "is_correct")
_LISTS = ("probes", "steps", "data")


def read_probes(recorded: str | None, gold: str | None = None) -> tuple[tuple[Probe, ...], int]:
    """The probes of a record's JSON text in order of position, and how many could not be read.

    A probe needs a position. Fractions are taken as stated where they rise with the tokens;
    where they do not (a file that writes its first decile as 1.0, say) the position is tokens over
    the most tokens of any probe. Without a stated verdict, ``correct`` is whether the answer equals
    ``gold`` by normal form.
    """
    items = _items(recorded)
    if items is None:
        return (), 1
    read = [_one(item) for item in items[:MAX_PROBES]]
    drafts = [draft for draft in read if draft is not None]
    placed = _placed(drafts)
    right = parse(gold) if gold and gold.strip() else None
    probes = [_judged(probe, right) for probe in placed]
    return tuple(probes), len(items) - len(probes)


def _items(recorded: str | None) -> list[Any] | None:
    """The list in a JSON text, also one level down; None for anything else."""
    if not recorded:
        return []
    try:
        value = json.loads(recorded)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if isinstance(value, dict):
        value = next((value[k] for k in _LISTS if isinstance(value.get(k), list)), None)
    return value if isinstance(value, list) else None


def _one(item: Any) -> Probe | None:
    """A probe whose position is the stated fraction, or -1 where only tokens are stated."""
    if not isinstance(item, Mapping):
        return None
    place = _number(item, _PLACE)
    count = _number(item, _TOKENS)
    tokens = int(count) if count is not None and 0 <= count < 2**53 else None
    char = item.get("char")
    if place is None or not 0 <= place <= 1:
        place = -1.0
    if place < 0 and tokens is None:
        return None
    return Probe(
        position=place,
        pred=_text(item),
        correct=_verdict(item),
        tokens=tokens,
        p_pred=_number(item, ("p_pred",)),
        p_correct=_number(item, ("p_correct",)),
        choice_mass=_number(item, ("choice_mass",)),
        char=char if type(char) is int and char >= 0 else None,
    )


def _number(item: Mapping[str, Any], names: Iterable[str]) -> float | None:
    for name in names:
        value = item.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        try:
            number = float(value)
        except OverflowError:
            continue
        if math.isfinite(number):
            return number
    return None


def _text(item: Mapping[str, Any]) -> str | None:
    for name in _PRED:
        value = item.get(name)
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, str | int | float):
            text = str(value).strip()[:MAX_PRED_CHARS]
            return text or None
    return None


def _verdict(item: Mapping[str, Any]) -> bool | None:
    for name in _CORRECT:
        value = item.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, int | float) and value in (0, 1):
            return bool(value)
    return None


def _placed(drafts: Sequence[Probe]) -> list[Probe]:
    """Every probe with a position in 0..1, in order."""
    counted = bool(drafts) and all(p.tokens is not None for p in drafts)
    ordered = sorted(drafts, key=lambda p: p.tokens or 0) if counted else list(drafts)
    stated = all(p.position >= 0 for p in ordered)
    if stated and all(a.position <= b.position for a, b in pairwise(ordered)):
        return ordered
    most = max((p.tokens or 0 for p in ordered), default=0)
    if counted and most > 0:
        shares = [(p.tokens or 0) / most for p in ordered]
        return [
            p if abs(p.position - at) <= NEAR else replace(p, position=at)
            for p, at in zip(ordered, shares, strict=True)
        ]
    return sorted((p for p in ordered if p.position >= 0), key=lambda p: p.position)


def _judged(probe: Probe, gold: Form | None) -> Probe:
    if probe.correct is not None or gold is None or probe.pred is None:
        return probe
    return replace(probe, correct=same(parse(probe.pred), gold))


def first_stable(preds: Sequence[str | None]) -> int | None:
    """Index of the first answer from which all later ones equal the last; None without a last."""
    if not preds or preds[-1] is None:
        return None
    last = parse(preds[-1])
    index = len(preds) - 1
    while index > 0:
        pred = preds[index - 1]
        if pred is None or not same(parse(pred), last):
            break
        index -= 1
    return index


def outcome(correct: Sequence[bool | None]) -> str | None:
    """Which way a trace went from its first probe to its last; None where either is not judged."""
    if not correct or correct[0] is None or correct[-1] is None:
        return None
    names = {
        (True, True): "stable_correct",
        (False, True): "gained",
        (True, False): "lost",
        (False, False): "stable_wrong",
    }
    return names[correct[0], correct[-1]]


def certain_at(preds: Sequence[str | None], k: int = CERTAIN_K) -> int | None:
    """Index of the first probe at which the last ``k`` answers agree and none is uncertain.

    None where that never happens. Source: the exit rule of Dynasor (2412.20993).
    """
    run = 0
    before: Form | None = None
    for index, pred in enumerate(preds):
        form = parse(pred) if pred and not UNCERTAIN.search(pred) else None
        agrees = form is not None and before is not None and same(form, before)
        run = run + 1 if agrees else int(form is not None)
        before = form
        if run >= max(1, k):
            return index
    return None


def probe_numbers(
    probes: Sequence[Probe], unread: int | None
) -> dict[str, float | int | bool | str | None]:
    """The metrics of a trace's probes; all None where the record has none."""
    recorded = unread is not None
    preds = [p.pred for p in probes]
    right = [p.correct for p in probes]
    stable = first_stable(preds) if len(probes) > 1 else None
    stable_at = None if stable is None else probes[stable].position
    first_right = next((p.position for p in probes if p.correct), None)
    judged = bool(right) and None not in right
    lost = right[-1] is False and True in right[:-1] if judged else None
    return {
        "n_probes": len(probes) if recorded else None,
        "probes_unread": unread,
        "probe_curve": _curve(probes) if probes else None,
        "first_stable_frac": stable_at,
        "probe_waste": None if stable_at is None else 1.0 - stable_at,
        "probe_first_correct_frac": first_right,
        "probe_answer_changes": _changes(preds) if probes else None,
        "probe_flips": sum(a != b for a, b in pairwise(right)) if judged else None,
        "probe_outcome": outcome(right) if len(probes) > 1 else None,
        "broad_loss": lost,
        **_certain(probes),
    }


def _curve(probes: Sequence[Probe]) -> str:
    points = [[round(p.position, 4), None if p.correct is None else int(p.correct)] for p in probes]
    return json.dumps(points, separators=(",", ":"))


def _changes(preds: Sequence[str | None]) -> int:
    forms = [parse(p) if p is not None else None for p in preds]
    return sum(not (a and b and same(a, b)) for a, b in pairwise(forms) if a or b)


def _certain(probes: Sequence[Probe]) -> dict[str, float | int | None]:
    # Before any thinking there is nothing to stop: a probe at 0 does not count.
    thought = [p for p in probes if p.position > 0]
    if not thought:
        return {"certain_exit_tokens": None, "certain_saving": None}
    at = certain_at([p.pred for p in thought])
    if at is None:
        return {"certain_exit_tokens": None, "certain_saving": 0.0}
    return {
        "certain_exit_tokens": thought[at].tokens,
        "certain_saving": 1.0 - thought[at].position,
    }
