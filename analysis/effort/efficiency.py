"""Measures of a cell that are sums over its traces: efficiencies, waste, budgets, cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.effort.options import Options

if TYPE_CHECKING:
    from analysis.effort.cells import Sample

WITHIN = 0.2
"""How near to its budget a trace is "within" it."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """How tokens keep to the budget that was given, over the ``n`` traces with both."""

    n: int
    error: float | None
    """Mean of |tokens - budget|."""
    error_share: float | None
    """Mean of |tokens - budget| / budget."""
    within_20: float | None
    overshoot: float | None
    """Share of traces above their budget."""


@dataclass(frozen=True, slots=True)
class Efficiency:
    """What the traces of a cell give. Undefined is None; n are traces."""

    xi_o_correct: float | None
    n_xi_o_correct: int
    xi_o_by_solutions: float | None
    xi_p_by_solutions: float | None
    overthinking_rate: float | None
    n_overthinking: int
    auc_oaa: float | None
    n_oaa: int
    mean_cost: float | None
    n_cost: int
    cost_per_correct: float | None
    budgets: Budgets


def oaa(sample: Sample, t_max: float) -> float | None:
    """max(0, t_max - tokens) / t_max of a correct sample, 0 of a wrong one (2508.13141)."""
    if sample.correct is None or sample.tokens is None or t_max <= 0:
        return None
    return max(0.0, t_max - sample.tokens) / t_max if sample.correct else 0.0


def efficiency(samples: Sequence[Sample], options: Options) -> Efficiency:
    """The sums of a cell. Shares of the text count only where it is the thinking itself."""
    shown = [s for s in samples if s.visible]
    right = [s.outcome_efficiency for s in shown if s.correct and s.outcome_efficiency is not None]
    wasted = [
        s.waste > options.overthinking_above for s in shown if s.correct and s.waste is not None
    ]
    areas = [a for a in (oaa(s, options.oaa_t_max) for s in samples) if a is not None]
    paid = [s for s in samples if s.cost is not None]
    judged = [s for s in paid if s.correct is not None]
    n_right = sum(s.correct is True for s in judged)
    return Efficiency(
        xi_o_correct=mean(right),
        n_xi_o_correct=len(right),
        xi_o_by_solutions=_by_solutions((s.outcome_efficiency, s.n_solutions) for s in shown),
        xi_p_by_solutions=_by_solutions((s.process_efficiency, s.n_solutions) for s in shown),
        overthinking_rate=mean([float(w) for w in wasted]),
        n_overthinking=len(wasted),
        auc_oaa=mean(areas),
        n_oaa=len(areas),
        mean_cost=mean([s.cost for s in paid if s.cost is not None]),
        n_cost=len(paid),
        cost_per_correct=math.fsum(s.cost or 0.0 for s in judged) / n_right if n_right else None,
        budgets=_budgets(samples),
    )


def _budgets(samples: Sequence[Sample]) -> Budgets:
    pairs = [(s.tokens, s.budget) for s in samples if s.tokens is not None and s.budget]
    shares = [abs(t - b) / b for t, b in pairs]
    return Budgets(
        n=len(pairs),
        error=mean([abs(t - b) for t, b in pairs]),
        error_share=mean(shares),
        within_20=mean([float(share <= WITHIN) for share in shares]),
        overshoot=mean([float(t > b) for t, b in pairs]),
    )


def _by_solutions(pairs: Iterable[tuple[float | None, int | None]]) -> float | None:
    """Mean weighted by the number of solutions, as in the authors' own file."""
    known = [(v, n) for v, n in pairs if v is not None and n]
    total = sum(n for _, n in known)
    return math.fsum(v * n for v, n in known) / total if total else None


def mean(values: Sequence[float]) -> float | None:
    """Plain mean; None of nothing. fsum rounds once, so order cannot change it."""
    return math.fsum(values) / len(values) if values else None
