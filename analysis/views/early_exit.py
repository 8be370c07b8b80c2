"""What thinking would have given had it been stopped early, from a store: curves over a data set.

Traces without a verdict, and those whose reasoning is not the model's own text, are left out and
counted (``left_out``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from analysis.analyzers.probes import UNCERTAIN, read_probes
from analysis.answers.normalise import Form, parse, same
from analysis.effort import early_exit
from analysis.effort.early_exit import Answer, Point, Track, make_tracks
from analysis.filters import Filters
from analysis.model import Probe
from analysis.store import samples
from analysis.store.connection import Store
from analysis.store.where import where, wide_metrics

_NEEDED = (
    ("thinking_tokens", "integer"),
    ("placeholder_cot", "boolean"),
    ("final_answer", "text"),
)
_CELL = ("dataset", "model", "effort")
SCHEMA = pa.schema(
    [
        ("policy", pa.string()),
        ("parameter", pa.float64()),
        ("n_traces", pa.int64()),
        ("accuracy", pa.float64()),
        ("accuracy_low", pa.float64()),
        ("accuracy_high", pa.float64()),
        ("mean_tokens", pa.float64()),
        ("saved_share", pa.float64()),
    ]
)
"""``parameter`` is a number of answers, of tokens, or a share, by policy (``POLICIES``)."""


@dataclass(slots=True)
class LeftOut:
    """Traces under the filter that the curves leave out, by the first reason that holds."""

    no_verdict: int = 0
    not_visible: int = 0
    """Summaries, encrypted, redacted or hidden reasoning, none at all, or a placeholder."""
    not_analysed: int = 0
    no_tokens: int = 0
    no_gold: int = 0
    """An answer on the way can be neither right nor wrong without a gold answer."""


@dataclass(slots=True)
class EarlyExit:
    """The curves of ``curves`` and what they leave out."""

    table: pa.Table
    """``SCHEMA``; with cells: data set, model and effort in front."""
    left_out: LeftOut
    n_traces: int
    n_probed: int
    """Traces with readable probes: those of the policies that begin with 'probe'."""


@dataclass(slots=True)
class _Group:
    texts: list[Track] = field(default_factory=list)
    probes: list[Track] = field(default_factory=list)


def curves(store: Store, filters: Filters, *, by_cell: bool = False) -> EarlyExit:
    """Accuracy and tokens of every policy over its parameters, of all traces or of each cell."""
    groups, left_out = _groups(store, filters, by_cell)
    rows: list[dict[str, Any]] = []
    for key, group in groups.items():
        points = early_exit.curves(make_tracks(group.texts))
        points += early_exit.curves(make_tracks(group.probes), probes=True)
        cell = dict(zip(_CELL, key, strict=True)) if by_cell else {}
        rows += [{**cell, **_row(point)} for point in points]
    names = [(name, pa.string()) for name in _CELL] if by_cell else []
    schema = pa.schema([*names, *SCHEMA])
    return EarlyExit(
        table=pa.Table.from_pylist(rows, schema=schema),
        left_out=left_out,
        n_traces=sum(len(group.texts) for group in groups.values()),
        n_probed=sum(len(group.probes) for group in groups.values()),
    )


def _row(point: Point) -> dict[str, Any]:
    return {
        "policy": point.policy,
        "parameter": point.parameter,
        "n_traces": point.n_traces,
        "accuracy": point.accuracy.value,
        "accuracy_low": point.accuracy.low,
        "accuracy_high": point.accuracy.high,
        "mean_tokens": point.mean_tokens,
        "saved_share": point.saved_share,
    }


def _groups(
    store: Store, filters: Filters, by_cell: bool
) -> tuple[dict[tuple[Any, ...], _Group], LeftOut]:
    """The tracks of each cell (or of all in one), and what is left out of them."""
    condition, values = where(filters)
    traces = store.query(
        "early_exit_traces",
        {**values, "names": [name for name, _ in _NEEDED]},
        metrics=wide_metrics(list(_NEEDED)),
        effort=samples.EFFORT,
        effort_order=samples.EFFORT_ORDER,
        where=condition,
    )
    found = _candidates(store.query("early_exit_candidates", values, where=condition))
    groups: defaultdict[tuple[Any, ...], _Group] = defaultdict(_Group)
    left_out = LeftOut()
    for row in traces.to_pylist():
        reason = _unusable(row)
        answers = [] if reason else _answers(row, found.get(row["trace_id"], ()))
        if answers is None:
            reason = "no_gold"
        if reason:
            setattr(left_out, reason, getattr(left_out, reason) + 1)
            continue
        group = groups[tuple(row[n] for n in _CELL) if by_cell else ()]
        group.texts.append(_track(row, answers or []))
        if row["probes"]:
            read = read_probes(row["probes"], row["gold_answer"])[0]
            if read and all(probe.correct is not None for probe in read):
                group.probes.append(_track(row, _probed(read)))
    return dict(groups), left_out


def _candidates(table: pa.Table) -> dict[str, list[tuple[str, int]]]:
    found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    columns = (table[name].to_pylist() for name in ("trace_id", "value", "char_end"))
    for trace_id, value, end in zip(*columns, strict=True):
        found[trace_id].append((value, end))
    return found


def _unusable(row: dict[str, Any]) -> str | None:
    if row["correct"] is None:
        return "no_verdict"
    if row["reasoning_kind"] != "visible" or not row["reasoning_chars"] or row["placeholder_cot"]:
        return "not_visible"
    if row["placeholder_cot"] is None:
        return "not_analysed"
    return None if row["thinking_tokens"] else "no_tokens"


def _track(row: dict[str, Any], answers: Sequence[Answer]) -> Track:
    return Track(row["question_key"], float(row["thinking_tokens"]), row["correct"], answers)


def _answers(row: dict[str, Any], found: Iterable[tuple[str, int]]) -> list[Answer] | None:
    """The candidates of a trace; None where one can be neither right nor wrong.

    A candidate equal to the final answer has its verdict; any other is right when it equals gold.
    """
    final = _form(row["final_answer"])
    gold = _form(row["gold_answer"])
    answers = []
    for value, end in found:
        form = parse(value)
        if final is not None and same(form, final):
            right = row["correct"]
        elif gold is not None:
            right = same(form, gold)
        else:
            return None
        answers.append(Answer(end / row["reasoning_chars"], right, form.core))
    return answers


def _form(text: str | None) -> Form | None:
    return parse(text) if text and text.strip() else None


def _probed(probes: Sequence[Probe]) -> list[Answer]:
    """Probes as answers; an uncertain one, or one before any thinking, equals no other."""
    return [
        Answer(
            p.position,
            bool(p.correct),
            parse(p.pred).core
            if p.position > 0 and p.pred and not UNCERTAIN.search(p.pred)
            else None,
        )
        for p in probes
    ]
