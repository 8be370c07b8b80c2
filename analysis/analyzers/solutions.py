"""Outcome and process efficiency over the solution rounds of one response.

Pure functions of lengths, verdicts and clusters, as in Chen et al., "Do NOT Think That Much for
2+3=?" (2412.21187), and the reading of records that state their rounds themselves. On the five
items that the authors publish the functions give the authors' figures (a test holds them to it).
The authors' file repeats an item once for each of its solutions, so their means weigh an item by
its number of solutions; ours are plain (``weighted_mean`` gives theirs).
"""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Sequence
from typing import Any

from analysis.answers.normalise import equal
from analysis.model import Solution

MAX_SOLUTIONS = 5_000


def outcome_efficiency(lengths: Sequence[float], correct: Sequence[bool | None]) -> float | None:
    """Length up to the end of the first correct round over all length; 0 when none is correct.

    None without length, or where a round before the first correct one has no verdict.
    """
    total = math.fsum(lengths)
    if total <= 0:
        return None
    done = 0.0
    unknown = False
    for length, right in zip(lengths, correct, strict=True):
        done += length
        if right:
            return None if unknown else done / total
        unknown = unknown or right is None
    return None if unknown else 0.0


def process_efficiency(lengths: Sequence[float], clusters: Sequence[Hashable]) -> float | None:
    """Length of the first round of each cluster over all length; None without length."""
    total = math.fsum(lengths)
    if total <= 0:
        return None
    seen: set[Hashable] = set()
    fresh = 0.0
    for length, cluster in zip(lengths, clusters, strict=True):
        if cluster not in seen:
            seen.add(cluster)
            fresh += length
    return fresh / total


def underthinking(first_correct: float | None, correct: bool | None) -> float | None:
    """1 - first_correct of a wrong response, 0 where it never was correct; None for others.

    ``first_correct`` is the share of the reasoning up to the first correct thought. Source:
    2501.18585.
    """
    if correct is not False:
        return None
    return 0.0 if first_correct is None else 1.0 - first_correct


def oaa_auc(tokens: float | None, correct: bool | None, t_max: float) -> float | None:
    """max(0, t_max - tokens) / t_max where correct, else 0: the area under OAA over 0..t_max.

    Source: OptimalThinkingBench, 2508.13141 (whose code has 1,000 for t_max, whatever is asked).
    """
    if tokens is None or correct is None or t_max <= 0:
        return None
    return max(0.0, t_max - tokens) / t_max if correct else 0.0


def weighted_mean(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """Mean by weight over what is defined; None where nothing is."""
    pairs = [(v, w) for v, w in zip(values, weights, strict=True) if v is not None]
    total = math.fsum(w for _, w in pairs)
    return math.fsum(v * w for v, w in pairs) / total if total > 0 else None


def read_solutions(recorded: str | None, gold: str | None, whole: str) -> tuple[Solution, ...]:
    """The solutions that a record states, from its JSON text; () where there are none to read.

    The object has ``solutions`` (texts, or objects with ``text``, ``answer``, ``correct``,
    ``cluster``), and may have ``solution_answers``, ``solution_correct`` and ``cluster_ids`` beside
    it, of the same length. Without a verdict an answer is compared with ``gold``. ``whole`` is the
    reasoning: an importer leaves out a solution that only repeats it, so an empty list beside one
    verdict stands for it. Texts that are much longer than the reasoning are not its rounds.
    """
    data = _object(recorded)
    texts = data.get("solutions")
    if not isinstance(texts, list):
        return ()
    verdicts = data.get("solution_correct")
    if not texts and isinstance(verdicts, list) and len(verdicts) == 1:
        texts = [whole]
    if not 0 < len(texts) <= MAX_SOLUTIONS:
        return ()
    columns = [_beside(data, name, len(texts)) for name in _BESIDE]
    found = [
        _solution(item, answer, correct, cluster, gold)
        for item, answer, correct, cluster in zip(texts, *columns, strict=True)
    ]
    read = [solution for solution in found if solution is not None]
    total = sum(len(solution.text) for solution in read)
    if len(read) < len(texts) or total == 0 or total > len(whole) * 1.05 + 100:
        return ()
    return tuple(read)


_BESIDE = ("solution_answers", "solution_correct", "cluster_ids")


def _object(recorded: str | None) -> dict[str, Any]:
    if not recorded:
        return {}
    try:
        value = json.loads(recorded)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _beside(data: dict[str, Any], name: str, length: int) -> list[Any]:
    values = data.get(name)
    fits = isinstance(values, list) and len(values) == length
    return list(values) if fits and isinstance(values, list) else [None] * length


def _solution(
    item: Any, answer: Any, correct: Any, cluster: Any, gold: str | None
) -> Solution | None:
    if isinstance(item, dict):
        answer = item.get("answer", answer)
        correct = item.get("correct", correct)
        cluster = item.get("cluster", cluster)
        item = item.get("text", item.get("solution"))
    if not isinstance(item, str):
        return None
    stated = str(answer) if isinstance(answer, str | int | float) else None
    verdict = correct if isinstance(correct, bool) else None
    if verdict is None and isinstance(correct, int | float) and correct in (0, 1):
        verdict = bool(correct)
    if verdict is None and stated and gold and gold.strip():
        verdict = equal(stated, gold)
    group = cluster if isinstance(cluster, int | str) else None
    return Solution(item, stated, verdict, group)
