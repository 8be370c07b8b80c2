"""Scores of Inspect's samples: which scorer counts, and what its value says.

Source: inspect_ai ``scorer/_metric.py``: C correct, I incorrect, P partial, N no answer, and
``value_to_float`` for their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.formats.fields import Row, as_float, as_gold

_LETTERS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
_VERDICTS = {"C": True, "I": False}
_VERDICT_METRICS = ("accuracy", "inspect_ai/accuracy")


def read_scores(row: Row, head: Mapping[str, Any]) -> dict[str, Any]:
    """Verdict, score and extracted answer by the log's main scorer; all scores stay in ``row``."""
    scores = row.get("scores") or {"score": row.get("score")}  # the name of older versions
    if not isinstance(scores, dict) or not scores:
        return {}
    if all(score is None for score in scores.values()):
        return {}
    name = _main(scores, head)
    score = scores[name]
    if not isinstance(score, dict):
        score = {"value": score}
    found: dict[str, Any] = {}
    _value(score.get("value"), _metrics(head, name), found)
    answer = as_gold(score.get("answer"))
    if answer is not None:
        found["extracted_answer"] = answer
    if found.get("correct") is not None:
        found["correct_source"] = f"scorer {name}"
    return found


def _main(scores: Mapping[str, Any], head: Mapping[str, Any]) -> str:
    results = head.get("results")
    headline = results.get("headline") if isinstance(results, dict) else None
    for key in ("score", "scorer"):
        name = headline.get(key) if isinstance(headline, dict) else None
        if isinstance(name, str) and name in scores:
            return name
    for name, score in scores.items():
        if isinstance(score, dict) and score.get("value") in list(_LETTERS):
            return name
    return next(iter(scores))


def _metrics(head: Mapping[str, Any], name: str) -> set[str]:
    """The metrics that the log computed of a scorer; empty if it does not say."""
    results = head.get("results")
    listed = results.get("scores") if isinstance(results, dict) else None
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and name in (entry.get("name"), entry.get("scorer")):
            metrics = entry.get("metrics")
            return set(metrics) if isinstance(metrics, dict) else set()
    return set()


def _value(value: Any, metrics: set[str], found: dict[str, Any]) -> None:
    if isinstance(value, str) and value in _LETTERS:
        found["score"] = _LETTERS[value]
        if value in _VERDICTS:
            found["correct"] = _VERDICTS[value]
        return
    if isinstance(value, bool):
        found["score"], found["correct"] = float(value), value
        return
    number = as_float(value)
    if number is None:
        return
    found["score"] = number
    if number in (0.0, 1.0) and (not metrics or metrics & set(_VERDICT_METRICS)):
        found["correct"] = bool(number)
