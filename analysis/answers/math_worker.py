"""What runs in a worker process: math-verify with guards around its answers."""

from __future__ import annotations

import sys
from typing import Any

from analysis import limits


def prepare() -> None:
    """At the start of a worker: a limit on memory, then the slow imports."""
    _limit_memory()
    import math_verify  # noqa: F401 - imported here so that no pair pays for it


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = limits.VERIFY_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def verify_pair(gold: str, pred: str) -> tuple[str, str]:
    """('equal' | 'different' | 'unknown', reason); both answers bare.

    Equal takes a yes in both directions, and for numbers agreement to 30 digits: math-verify compares
    with an absolute tolerance, which makes all tiny numbers equal.
    """
    import logging

    from math_verify import verify
    from math_verify.errors import TimeoutException

    logging.disable(logging.CRITICAL)
    try:
        left, right = _parsed(gold), _parsed(pred)
        if not left or not right:
            return "unknown", "math-verify could not read it"
        answers = (_asked(verify, left, right), _asked(verify, right, left))
    except (TimeoutException, RecursionError, MemoryError) as error:
        return "unknown", f"math-verify failed ({type(error).__name__})"
    if all(answers):
        if _far_apart(left[0], right[0]):
            return "unknown", "math-verify says equal, the digits differ"
        return "equal", ""
    if any(answers):
        return "unknown", "math-verify says equal in one direction only"
    if _comparable(left[0], right[0]):
        return "different", ""
    return "unknown", "math-verify does not find them equal"


def _parsed(text: str) -> list[Any]:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse

    body = text.strip().strip("$").strip()
    found = parse(
        f"The answer is $\\boxed{{{body}}}$.",
        extraction_config=[LatexExtractionConfig(), ExprExtractionConfig()],
        parsing_timeout=None,
    )
    return list(found)


def _asked(verify: Any, left: list[Any], right: list[Any]) -> bool:
    return bool(verify(left, right, timeout_seconds=None))


def _comparable(left: Any, right: Any) -> bool:
    """Whether both are numbers without free symbols, so that "not equal" can be believed."""
    numbers = (_digits(left), _digits(right))
    return all(number is not None for number in numbers) and _far_apart(left, right)


def _far_apart(left: Any, right: Any) -> bool:
    """Whether two numbers differ beyond rounding; False for what is no number."""
    first, second = _digits(left), _digits(right)
    if first is None or second is None:
        return False
    scale = max(abs(first), abs(second))
    return bool(abs(first - second) > scale * 10**-30)


def _digits(value: Any) -> Any:
    import sympy

    if not isinstance(value, sympy.Expr) or isinstance(value, sympy.MatrixExpr):
        return None
    if value.free_symbols:
        return None
    number = sympy.N(value, 50)
    return number if getattr(number, "is_number", False) and number.is_finite else None
