"""Reading the records of one file, most of them by a plan that earlier ones gave.

``PlannedReader.read`` gives what ``registry.read_record`` gives, for every record. A record whose
outline was seen before is read by its plan; all others, and all of which no outline can be told, by
the readers.
"""

from __future__ import annotations

import re
from typing import Any

from analysis.formats import cotscope_run, exported
from analysis.formats.base import Found
from analysis.formats.draft import FileHint
from analysis.formats.outline import Outline, outline
from analysis.formats.part import Part
from analysis.formats.plans import Plan, StandIn, UnplannedError, plan_of
from analysis.formats.registry import decided, read_one, read_record
from analysis.model import Rejected, Trace

_MOST_PLANS = 2048
_PATIENCE = 512
"""So many records of the same keys may be outlined in vain before that is given up."""
_HEADING = re.compile(r"\*\*(?i:final answer)")
_OWN = frozenset((exported.FORMAT_ID, cotscope_run.FORMAT_ID))
"""Formats that check a text against what was written of it."""
_SEEN = object()
_NONE = object()


class PlannedReader:
    """Reads the records of one file in their order."""

    def __init__(self, hint: FileHint, format_id: str | None = None) -> None:
        """``hint`` and ``format_id`` as for ``read_record``."""
        self._hint, self._format_id = hint, format_id
        self._plans: dict[tuple[Any, ...], Any] = {}
        self._vain: dict[Any, int] = {}
        self.planned = 0
        """Records that were read by a plan."""

    def read(self, value: Any) -> list[Trace] | Rejected:
        """The traces of one record, or why there is none. Never raises."""
        row = value.row if isinstance(value, Part) else value
        if type(row) is not dict:
            return self._read(value)
        keys = tuple(row)
        vain = self._vain.get(keys, 0)
        if vain > _PATIENCE or (found := outline(row)) is None:
            if vain <= _PATIENCE:
                self._vain[keys] = vain + 4
            return self._read(value)
        key = (isinstance(value, Part), *found.tokens)
        plan = self._plans.get(key)
        if type(plan) is Plan:
            if (traces := self._by_plan(plan, key, found, value)) is not None:
                self._vain[keys] = max(0, vain - 2)
                return traces
        elif plan is _SEEN:
            return self._first(key, found, value)
        elif plan is None and len(self._plans) < _MOST_PLANS:
            self._plans[key] = _SEEN
        self._vain[keys] = vain + 1
        return self._read(value)

    def _by_plan(
        self, plan: Plan, key: tuple[Any, ...], found: Outline, value: Any
    ) -> list[Trace] | Rejected | None:
        if plan.plain and any(_HEADING.search(text) for text in found.leaves):
            return None
        traces = plan.apply(found)
        if traces is None:
            return None
        if plan.unproven:
            read = self._read(value)
            if repr(read) != repr(traces):
                self._plans[key] = _NONE
            plan.unproven -= 1
            return read
        prior = self._hint.prior
        for name in plan.formats:
            prior[name] = prior.get(name, 0) + 1
        self.planned += 1
        return traces

    def _first(self, key: tuple[Any, ...], found: Outline, value: Any) -> list[Trace] | Rejected:
        """Read, and make a plan if what was read follows from the outline."""
        read = self._read(value)
        self._plans[key] = _NONE
        if isinstance(read, Rejected) or not read or (isinstance(read, Found) and read.unread):
            return read
        row = value.row if isinstance(value, Part) else value
        try:
            stand = StandIn(row, found)
            plan = self._plan(stand, found, part=isinstance(value, Part))
            if plan is None or (plan.plain and any(_HEADING.search(t) for t in found.leaves)):
                return read
            if repr(plan.apply(found)) == repr(list(read)):
                self._plans[key] = plan
        except UnplannedError:
            pass
        return read

    def _plan(self, stand: StandIn, found: Outline, *, part: bool) -> Plan | None:
        form = decided(stand.value, self._format_id, part=part)
        if form is None or form in _OWN:
            return None
        hint = FileHint(self._hint.name, self._hint.dataset, dict(self._hint.prior))
        traces = read_one(stand.value, hint, self._format_id)
        if isinstance(traces, Rejected) or any(trace.format_id != form for trace in traces):
            return None
        return plan_of(found, stand, traces)

    def _read(self, value: Any) -> list[Trace] | Rejected:
        return read_record(value, hint=self._hint, format_id=self._format_id)
