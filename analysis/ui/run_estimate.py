"""What a run will come to, before it starts: traces, requests, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.engines.plans import Plan
from analysis.engines.presets import Level
from analysis.ui.i18n import N_, t, tn
from analysis.views.runs import Usual

_ANSWER_TOKENS = 100
"""Added to a thinking budget for the answer."""
_PROBES = 10
"""Of a trace with probes at every tenth; elsewhere their number is known only afterwards."""
_TINY = {"none": 15, "low": 55, "medium": 110, "high": 165}
"""Tokens of a two-digit sum of the model that comes along (measured)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Numbers of a plan; ``tokens`` and ``most`` are None where they are not known."""

    traces: int
    probes: int | None
    """Short requests beside the traces; None if their number depends on the traces."""
    tokens: int | None
    most: int | None
    basis: str
    """Where ``tokens`` comes from."""
    rounds: int = 0
    """Requests that strategies add at most; each is counted like a trace."""

    def with_rounds(self, more: int) -> Estimate:
        """The estimate with up to ``more`` requests of strategies that ask again."""

        def grown(tokens: int | None) -> int | None:
            return None if tokens is None else round(tokens * (1 + more / max(1, self.traces)))

        return replace(self, rounds=more, tokens=grown(self.tokens), most=grown(self.most))

    @property
    def words(self) -> str:
        """The estimate in one or two sentences."""
        said = tn("{n:,} request", "{n:,} requests", self.traces)
        if self.rounds:
            said += t(", up to {n:,} more for the rounds of strategies", n=self.rounds)
        if self.probes is None:
            said += t(" and some probes of each trace")
        elif self.probes:
            said += t(" and about {n:,} short probes", n=self.probes)
        if self.tokens is not None:
            said += t(", about {n:,} tokens ({basis})", n=self.tokens, basis=t(self.basis))
        if self.most is not None:
            return said + t(", at most {n:,} tokens.", n=self.most)
        return said + t("; without a limit of tokens but the model's own.")


def estimate(plan: Plan, usual: Sequence[Usual], *, tiny: bool = False) -> Estimate:
    """What ``plan`` comes to, from stored traces of the same model where there are some."""
    each = len(plan.questions) * plan.samples
    known = {(u.effort, u.budget): u.mean for u in usual}
    tokens: float | None = 0.0
    most: int | None = 0
    sources: set[str] = set()
    for level in plan.levels():
        limit = plan.token_limit(level)
        typical, source = _typical(level, known, tiny)
        if typical is not None and limit is not None:
            typical = min(typical, limit)
        tokens = None if typical is None or tokens is None else tokens + typical * each
        most = None if limit is None or most is None else most + limit * each
        sources.add(source)
    probes = (
        0 if plan.probes is None else _PROBES * plan.total if plan.probes == "every10" else None
    )
    basis = N_("a rough guess") if len(sources) > 1 else sources.pop()
    return Estimate(plan.total, probes, None if tokens is None else round(tokens), most, basis)


def _typical(
    level: Level, known: dict[tuple[str | None, int | None], float], tiny: bool
) -> tuple[float | None, str]:
    measured = known.get((level.name, level.budget))
    if measured is not None:
        return measured, N_("as its stored traces took")
    if tiny and level.name in _TINY:
        usual = _TINY[level.name]
        return (usual if level.budget is None else min(usual, level.budget + 15)), N_(
            "as a sum takes"
        )
    if level.budget is not None:
        return level.budget + _ANSWER_TOKENS, N_("if the budgets are used up")
    return None, ""
