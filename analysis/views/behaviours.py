"""What the Behaviours page shows: how often, where, what follows what, right against wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.effort.intervals import Interval, bootstrap_ratio
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import behaviours as stored
from analysis.store.behaviours import (
    BINS,
    EVERYTHING,
    ORDER,
    Behaviour,
    BehaviourTables,
    Selection,
    behaviours,
)
from analysis.store.connection import Store
from analysis.store.where import UNKNOWN

__all__ = ["BINS", "EVERYTHING", "ORDER", "Behaviour", "Selection", "behaviours"]

GROUPS = ("cell", "model", "effort", "dataset")
PAGE_SIZE = 25
CONTEXT = 160
"""Characters of text to each side of a finding in a list."""
LONGEST = 600
"""Characters of a finding in a list: the whole of it stands in the Reader."""
MAX_LISTED = 10_000
MIN_QUESTIONS = 5
"""Fewer questions with both kinds of traces say nothing of right and wrong."""
NO_EFFECT = "no measurable effect"
TOO_FEW = "too few questions"
ALL_TRACES = "all traces"
_HIGHEST = 1_000.0
"""A rate of one finding a token: what no rate exceeds."""


@dataclass(frozen=True, slots=True)
class Headline:
    """Counts of traces with visible reasoning, and of findings in them."""

    n_traces: int
    n_analysed: int
    n_counted: int
    """Analysed, with tokens: those of the rates."""
    n_questions: int
    n_findings: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A behaviour in a group of traces."""

    dataset: str | None
    model: str | None
    effort: str | None
    label: str
    n_traces: int
    n_with: int
    """Traces with at least one."""
    n_questions: int
    n_findings: int
    tokens: int
    rate: Interval
    """Findings per 1,000 thinking tokens, 95 % by a bootstrap over questions."""

    @property
    def name(self) -> str:
        """The group in words."""
        return group_name(self.dataset, self.model, self.effort)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A behaviour in right and in wrong traces of the same questions."""

    dataset: str | None
    model: str | None
    effort: str | None
    label: str
    n_questions: int
    """Questions that one model at one effort answered both right and wrong."""
    n_right: int
    n_wrong: int
    rate_right: float
    """Per 1,000 tokens, mean over (question, model, effort)."""
    rate_wrong: float
    difference: Interval
    """Wrong minus right, the mean over the same."""

    @property
    def name(self) -> str:
        """The group in words."""
        return group_name(self.dataset, self.model, self.effort)

    @property
    def verdict(self) -> str:
        """In words; nothing is said where there is too little."""
        low, high = self.difference.low, self.difference.high
        if self.n_questions < MIN_QUESTIONS:
            return TOO_FEW
        if low is None or high is None:
            return TOO_FEW if self.difference.value else NO_EFFECT
        if low > 0:
            return "more in wrong traces"
        return "more in right traces" if high < 0 else NO_EFFECT


@dataclass(frozen=True, slots=True)
class Overview:
    """All numbers of the page but the list, of one moment."""

    headline: Headline
    labels: tuple[Behaviour, ...]
    """Those with a finding, in order."""
    rates: tuple[Rate, ...]
    """Of each group."""
    places: pa.Table
    """label, bin, n."""
    transitions: pa.Table
    """label, then, n, share (of the row)."""
    outcomes: tuple[Outcome, ...]
    """Of all traces, then of each group."""

    def outcomes_of(self, group: str | None) -> tuple[Outcome, ...]:
        """Those of a group by its name; None is all traces."""
        return tuple(o for o in self.outcomes if o.name == (group or ALL_TRACES))


@dataclass(frozen=True, slots=True)
class Selected:
    """The chosen findings: how many, and one page of them in their text."""

    n: int
    n_traces: int
    rows: pa.Table


def overview(store: Store, filters: Filters, *, by: str = "cell") -> Overview:
    """The numbers of the page; ``by`` is one of ``GROUPS``. Raises ``UsageError`` for another."""
    if by not in GROUPS:
        raise UsageError(f"There is no group {by!r}.", remedy=f"Use: {', '.join(GROUPS)}.")
    with stored.behaviour_tables(store, filters) as tables:
        places = tables.query("places").to_pylist()
        found = {row["label"] for row in places}
        names = [b.label for b in tables.labels]
        return Overview(
            headline=Headline(**tables.query("headline").to_pylist()[0]),
            labels=tuple(b for at, b in enumerate(tables.labels) if at in found),
            rates=_rates(tables, by),
            places=_places(places, names),
            transitions=_transitions(tables.query("transitions").to_pylist(), names),
            outcomes=_outcomes(tables, "all") + _outcomes(tables, by),
        )


def selected(
    store: Store, filters: Filters, chosen: Selection = EVERYTHING, *, page: int = 0
) -> Selected:
    """The findings of a selection; ``page`` counts from 0. Reads only the texts that it shows."""
    return _selected(store, filters, chosen, PAGE_SIZE, page)


def listed(store: Store, filters: Filters, chosen: Selection = EVERYTHING) -> pa.Table:
    """The first ``MAX_LISTED`` findings of a selection in their context, for a download."""
    return _selected(store, filters, chosen, MAX_LISTED, 0).rows


def exported(store: Store, filters: Filters) -> pa.Table:
    """The exported table ``behaviours``: one row a data set, model, effort and label."""
    with stored.behaviour_tables(store, filters) as tables:
        rates = _rates(tables, "export")
        outcomes = {(o.dataset, o.model, o.effort, o.label): o for o in _outcomes(tables, "export")}
    rows = []
    for one in rates:
        pair = outcomes.get((one.dataset, one.model, one.effort, one.label))
        rows.append({**_flat_rate(one), **(_flat_outcome(pair) if pair else {})})
    kinds = {"text": pa.string(), "integer": pa.int64(), "number": pa.float64()}
    return pa.Table.from_pylist(
        rows, schema=pa.schema([(spec.name, kinds[spec.kind]) for spec in COLUMNS])
    )


def rates_table(rates: Sequence[Rate]) -> pa.Table:
    """``Overview.rates`` as a table."""
    return pa.Table.from_pylist([_flat_rate(one) for one in rates])


def outcomes_table(outcomes: Sequence[Outcome]) -> pa.Table:
    """``Overview.outcomes`` as a table."""
    return pa.Table.from_pylist(
        [
            {"group": o.name, "label": o.label, **_flat_outcome(o), "verdict": o.verdict}
            for o in outcomes
        ]
    )


def group_name(dataset: str | None, model: str | None, effort: str | None) -> str:
    """A group in words: 'model · effort'; an effort that is not stated is left out beside a model."""
    if model and effort == UNKNOWN:
        effort = None
    return " · ".join(part for part in (dataset, model, effort) if part) or ALL_TRACES


def _rates(tables: BehaviourTables, group: str) -> tuple[Rate, ...]:
    rates = []
    for row in tables.by_group("rates", group):
        n, tokens = sum(row["found"]), sum(row["tokens"])
        rate = Interval(0.0)
        if n:
            per_thousand = [1000 * found for found in row["found"]]
            rate = bootstrap_ratio(per_thousand, row["tokens"], bounds=(0.0, _HIGHEST))
        rates.append(
            Rate(
                dataset=row["dataset"],
                model=row["model"],
                effort=row["effort"],
                label=tables.labels[row["label"]].label,
                n_traces=row["n_traces"],
                n_with=row["n_with"],
                n_questions=row["n_questions"],
                n_findings=int(n),
                tokens=int(tokens),
                rate=rate,
            )
        )
    return tuple(rates)


def _places(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> pa.Table:
    return pa.table(
        {
            "label": pa.array([names[row["label"]] for row in rows], pa.string()),
            "bin": pa.array([row["bin"] for row in rows], pa.int64()),
            "n": pa.array([row["n"] for row in rows], pa.int64()),
        }
    )


def _transitions(rows: Sequence[dict[str, Any]], names: Sequence[str]) -> pa.Table:
    """From sets of labels to pairs of labels; the share is of all steps from the first label."""
    pairs: Counter[tuple[int, int]] = Counter()
    for row in rows:
        following = _bits(row["following"])
        for label in _bits(row["mask"]):
            for then in following:
                pairs[label, then] += row["n"]
    totals: Counter[int] = Counter()
    for (label, _), n in pairs.items():
        totals[label] += n
    order = sorted(pairs)
    return pa.table(
        {
            "label": pa.array([names[label] for label, _ in order], pa.string()),
            "then": pa.array([names[then] for _, then in order], pa.string()),
            "n": pa.array([pairs[key] for key in order], pa.int64()),
            "share": pa.array([pairs[key] / totals[key[0]] for key in order], pa.float64()),
        }
    )


def _bits(mask: int) -> list[int]:
    return [place for place in range(mask.bit_length()) if mask >> place & 1]


def _outcomes(tables: BehaviourTables, group: str) -> tuple[Outcome, ...]:
    return tuple(
        Outcome(
            dataset=row["dataset"],
            model=row["model"],
            effort=row["effort"],
            label=tables.labels[row["label"]].label,
            n_questions=row["n_questions"],
            n_right=row["n_right"],
            n_wrong=row["n_wrong"],
            rate_right=row["rate_right"],
            rate_wrong=row["rate_wrong"],
            difference=_difference(row),
        )
        for row in tables.by_group("outcomes", group)
    )


def _difference(row: dict[str, Any]) -> Interval:
    means = {d / n for d, n in zip(row["differences"], row["strata"], strict=True)}
    if len(means) == 1:
        return Interval(means.pop())  # the same everywhere: resampling cannot tell how sure that is
    return bootstrap_ratio(row["differences"], row["strata"], bounds=(-_HIGHEST, _HIGHEST))


def _selected(store: Store, filters: Filters, chosen: Selection, size: int, page: int) -> Selected:
    with stored.behaviour_tables(store, filters, chosen) as tables:
        n, n_traces = tables.choose(chosen)
        page = max(0, min(page, (n - 1) // size))
        shown = tables.page(limit=size, offset=page * size)
    return Selected(n, n_traces, _in_context(store, shown))


def _in_context(store: Store, shown: pa.Table) -> pa.Table:
    rows = shown.to_pylist()
    found: dict[str, str] = {}
    ids = list(dict.fromkeys(row["trace_id"] for row in rows))
    for start in range(0, len(ids), 200):
        # Cut at once: a list for a download may be of thousands of long traces.
        part = set(ids[start : start + 200])
        found = stored.texts(store, sorted(part))
        for row in rows:
            if row["trace_id"] in part:
                text, a, b = found.get(row["trace_id"], ""), row["char_start"], row["char_end"]
                row["left"] = text[max(0, a - CONTEXT) : a]
                row["text"] = text[a : min(b, a + LONGEST)]
                row["right"] = text[b : b + CONTEXT]
    return pa.Table.from_pylist(rows) if rows else shown


def _flat_rate(one: Rate) -> dict[str, Any]:
    return {
        "dataset": one.dataset,
        "model": one.model,
        "effort": one.effort,
        "label": one.label,
        "n_questions": one.n_questions,
        "n_traces": one.n_traces,
        "n_traces_with": one.n_with,
        "n_findings": one.n_findings,
        "tokens": one.tokens,
        "per_1k_tokens": one.rate.value,
        "per_1k_low": one.rate.low,
        "per_1k_high": one.rate.high,
    }


def _flat_outcome(one: Outcome) -> dict[str, Any]:
    return {
        "n_questions_both": one.n_questions,
        "per_1k_right": one.rate_right,
        "per_1k_wrong": one.rate_wrong,
        "wrong_minus_right": one.difference.value,
        "wrong_minus_right_low": one.difference.low,
        "wrong_minus_right_high": one.difference.high,
    }


def _spec(name: str, title: str, unit: str, definition: str, kind: str = "number") -> MetricSpec:
    return MetricSpec(name, title, unit, "text" if kind == "text" else "any", definition, "", kind)


_PER_1K = "1/1,000 tokens"
_PAIRED = "Over questions that this model at this effort answered both right and wrong: "
COLUMNS = (
    _spec("dataset", "Data set", "", "The data set.", "text"),
    _spec("model", "Model", "", "The model.", "text"),
    _spec("effort", "Effort", "", "The effort of the cell.", "text"),
    _spec("label", "Behaviour", "", "The label; docs/behaviours.md defines it.", "text"),
    _spec("n_questions", "Questions", "questions", "Questions of the cell.", "integer"),
    _spec("n_traces", "Traces", "traces", "Analysed traces with visible reasoning and tokens.", "integer"),
    _spec("n_traces_with", "Traces with it", "traces", "Of these: with at least one finding.", "integer"),
    _spec("n_findings", "Findings", "findings", "Findings of the label in these traces.", "integer"),
    _spec("tokens", "Tokens", "tokens", "Thinking tokens of these traces.", "integer"),
    _spec("per_1k_tokens", "Rate", _PER_1K, "1,000 x n_findings / tokens."),
    _spec("per_1k_low", "Rate, low end", _PER_1K, "Low end of the 95 % interval: bootstrap over questions. Undefined without a finding, or for one question."),
    _spec("per_1k_high", "Rate, high end", _PER_1K, "High end of the same interval."),
    _spec("n_questions_both", "Questions both ways", "questions", _PAIRED + "how many.", "integer"),
    _spec("per_1k_right", "Rate in right traces", _PER_1K, _PAIRED + "mean rate of the right traces."),
    _spec("per_1k_wrong", "Rate in wrong traces", _PER_1K, _PAIRED + "mean rate of the wrong traces."),
    _spec("wrong_minus_right", "Wrong minus right", _PER_1K, _PAIRED + "mean difference of the rates."),
    _spec("wrong_minus_right_low", "Wrong minus right, low end", _PER_1K, "Low end of the 95 % interval: bootstrap over questions, paired."),
    _spec("wrong_minus_right_high", "Wrong minus right, high end", _PER_1K, "High end of the same interval."),
)  # fmt: skip
"""The columns of ``exported``."""
