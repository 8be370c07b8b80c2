"""Questions of reasoning-gym with answers that can be checked (an extra: ``cotscope[gym]``).

reasoning-gym (Stojanovski et al., arXiv 2505.24760) makes questions by task, size and seed. Where an
answer is not the only right one, the library's own scorer of the task judges; it runs in a process of
its own that can be stopped, for scorers read what a model wrote, and some evaluate it.
"""

from __future__ import annotations

import atexit
import dataclasses
import importlib.util
import re
import threading
import warnings
from collections.abc import Mapping
from concurrent.futures import TimeoutError
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

from analysis.answers.extract import final_answer
from analysis.engines.questions import MAX_QUESTIONS, Question
from analysis.errors import CotscopeError, UsageError

DATASET = "reasoning-gym"
SCORE_SECONDS = 30.0
"""An answer whose scorer needs longer has no verdict of the library."""
MAX_ANSWER_CHARS = 20_000
EXTRA = 'pip install "cotscope[gym]"'
_EVALUATED = frozenset({"binary_matrix", "spiral_matrix", "string_insertion", "n_queens"})
"""Tasks of 0.1.25 whose scorer calls eval on what the model wrote."""
_PARSED = frozenset(
    {
        "countdown", "intermediate_integration", "polynomial_multiplication", "puzzle24",
        "simple_integration",
    }
)  # fmt: skip
"""Tasks whose scorer has sympy parse (and so evaluate) what the model wrote."""
_CALLS = re.compile(r"[(;@]|\.\s*[A-Za-z_]")
_FORMULA = re.compile(
    r"(?:[0-9+\-*/^(),=\s]|\.(?![A-Za-z_])|(?<![A-Za-z])"
    r"(?:a?sinh?|a?cosh?|a?tanh?|exp|ln|log|sqrt|pi|Abs|[A-Za-z])(?![A-Za-z]))*"
)
_lock = threading.Lock()
_pool: Any = None


class GymMissingError(CotscopeError):
    """reasoning-gym is not installed."""

    code = "E105"
    exit_code = 2


def installed() -> bool:
    """Whether the library is here."""
    return importlib.util.find_spec("reasoning_gym") is not None


@lru_cache(maxsize=1)
def tasks() -> tuple[str, ...]:
    """The names of all tasks. Raises ``GymMissingError``."""
    return tuple(sorted(_library()[1]))


def judges_itself(task: str) -> bool:
    """Whether the task has a scorer of its own, beyond comparing with one answer."""
    _, datasets, base = _library()
    return bool(datasets[task][0].score_answer is not base.score_answer)


def gym_questions(
    task: str, size: int, seed: int, config: Mapping[str, Any] | None = None
) -> list[Question]:
    """``size`` questions of a task; the same seed gives the same questions.

    ``config`` are settings of the task (``num_terms``). Raises ``UsageError`` for a task or a setting
    that is not there, ``GymMissingError`` without the library.
    """
    if not 1 <= size <= MAX_QUESTIONS:
        raise UsageError(f"Between 1 and {MAX_QUESTIONS:,} questions can be made.")
    made = _dataset(task, size, seed, config or {})
    version = _library()[0]
    found = []
    for index in range(size):
        entry = made[index]
        about = {
            "task": task, "seed": seed, "size": size, "index": index,
            "config": dict(config or {}), "version": version,
            "judge": "library" if judges_itself(task) else "verifier",
        }  # fmt: skip
        gold = entry["answer"]
        found.append(
            Question(
                str(entry["question"]).strip(),
                f"{task}-{seed}-{index}",
                None if gold is None else str(gold),
                f"{DATASET}/{task}",
                gym=about,
            )
        )
    return found


def judged(
    gym: Mapping[str, Any], gold: str | None, reasoning: str | None, answer: str | None
) -> dict[str, Any]:
    """What the library says of a response, as fields of a run's line.

    ``correct`` and ``score`` only where its own scorer is needed and came to a score; elsewhere the
    verifier compares with the gold answer, as for any question.
    """
    found: dict[str, Any] = {"gym": dict(gym)}
    if gym.get("judge") != "library":
        return found
    readings = _readings(reasoning, answer)
    if not readings:
        return found
    fit = [text for text in readings if harmless(str(gym["task"]), text)]
    scores = [score for text in fit if (score := _scored(gym, text)) is not None]
    source = f"{DATASET} {gym['version']}"
    if scores:
        best = max(scores)
        found |= {"score": best, "correct": best >= 1.0, "correct_source": source}
    elif not fit:
        # In no form that the task asks for: its scorer would not be able to read it.
        found |= {"score": 0.0, "correct": False, "correct_source": source}
    else:
        # Not judged, and not by another: the gold answer is one of several right ones.
        found |= {"gold": None, "gym": {**gym, "gold_example": gold, "judge_failed": True}}
    return found


def harmless(task: str, answer: str) -> bool:
    """Whether the task's scorer may be given this text: nothing in it that eval would call."""
    if len(answer) > MAX_ANSWER_CHARS:
        return False
    if task in _EVALUATED:
        return _CALLS.search(answer) is None
    return task not in _PARSED or _FORMULA.fullmatch(answer) is not None


def _readings(reasoning: str | None, answer: str | None) -> list[str]:
    """The answer as it is read off the response, and the whole of what was said."""
    said = (answer or "").strip()
    found = final_answer(answer, reasoning)
    texts = [found.raw.strip() if found else "", said]
    return list(dict.fromkeys(text for text in texts if text))


def _scored(gym: Mapping[str, Any], answer: str) -> float | None:
    """The library's score, 0 to 1; None where it fails or takes too long."""
    if not installed():
        return None
    from pebble import ProcessExpired

    job = _workers().schedule(_score, args=[dict(gym), answer], timeout=SCORE_SECONDS)
    try:
        score = job.result()
    except (TimeoutError, ProcessExpired):
        return None
    return score if isinstance(score, float) else None


def _score(gym: Mapping[str, Any], answer: str) -> float | None:
    """In the worker: what the scorer says, None where it fails (it is given anything)."""
    try:
        made = _dataset(gym["task"], gym["size"], gym["seed"], gym["config"])
        score = float(made.score_answer(answer, made[gym["index"]]))
    except Exception:  # noqa: BLE001 - a scorer of another library on hostile text; no verdict then
        return None
    return min(1.0, max(0.0, score)) if score == score else None


@lru_cache(maxsize=16)
def _made(task: str, size: int, seed: int, config: tuple[tuple[str, Any], ...]) -> Any:
    _, datasets, _ = _library()
    if task not in datasets:
        raise UsageError(
            f"reasoning-gym has no task {task!r}.",
            remedy=f"Tasks: {', '.join(_like(task, sorted(datasets)))}.",
        )
    known = {spec.name: spec.default for spec in dataclasses.fields(datasets[task][1])}
    wrong = [name for name, _ in config if name not in known]
    if wrong:
        own = ", ".join(sorted(known.keys() - {"seed", "size"}))
        raise UsageError(f"The task {task} has no setting {wrong[0]!r}.", remedy=f"It has: {own}.")
    for name, value in config:
        if isinstance(known[name], int | float) and not isinstance(value, int | float):
            raise UsageError(f"The setting {name} of the task {task} is a number, not {value!r}.")
    import reasoning_gym

    try:
        return reasoning_gym.create_dataset(task, **{**dict(config), "size": size, "seed": seed})
    except (AssertionError, TypeError, ValueError) as error:
        said = str(error) or "a setting does not fit"
        raise UsageError(f"reasoning-gym refuses the task {task}: {said}.") from error


def _dataset(task: str, size: int, seed: int, config: Mapping[str, Any]) -> Any:
    items = tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(config.items())
    )
    return _made(task, size, seed, items)


def _like(task: str, names: list[str]) -> list[str]:
    """All names, those that are like the one that was asked first."""
    from rapidfuzz import process

    near = [name for name, _, _ in process.extract(task, names, limit=3)]
    return near + [name for name in names if name not in near]


@lru_cache(maxsize=1)
def _library() -> tuple[str, Mapping[str, Any], Any]:
    """Version, registry and base class of the library."""
    if not installed():
        raise GymMissingError("reasoning-gym is not installed.", remedy=f"{EXTRA}.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of modules that it imports
        from importlib.metadata import version

        from reasoning_gym.dataset import ProceduralDataset
        from reasoning_gym.factory import DATASETS
    return version("reasoning-gym"), DATASETS, ProceduralDataset


def _workers() -> Any:
    """One process that scores; started when first needed."""
    global _pool
    from pebble import ProcessPool

    with _lock:
        if _pool is None or not _pool.active:
            # "spawn": a fork would share the open database and the threads of the app with it.
            context = get_context("spawn")
            _pool = ProcessPool(max_workers=1, context=context, initializer=_library)
            atexit.register(_pool.stop)
        return _pool
