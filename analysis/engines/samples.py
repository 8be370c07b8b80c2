"""Stored samples of a question, as strategies choose among them: those of a run, or any others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import orjson

from analysis.answers.extract import final_answer
from analysis.engines.strategies import Sampled
from analysis.filters import Filters
from analysis.store.connection import Store
from analysis.store.traces import one_trace
from analysis.store.where import where

_COLUMNS = (
    "SELECT t.trace_id, t.external_id, t.question_key, t.question_id, t.dataset, t.model, t.effort,"
    " t.thinking_budget_tokens, t.checkpoint, t.sample_index, t.correct, t.prompt_tokens,"
    " t.completion_tokens, t.reasoning_tokens, t.error, t.score, t.extracted_answer,"
    " t.reasoning_chars,"
    " CASE WHEN t.format_id = 'cotscope_run' THEN split_part(f.name, ' ', 2) END AS run_id,"
)
_METRIC = (
    " LEFT JOIN (SELECT trace_id, any_value(value) AS value FROM metric WHERE name = $metric"
    " GROUP BY trace_id) m ON m.trace_id = t.trace_id"
)
_RUN = (
    _COLUMNS + " NULL AS metric FROM trace_row t JOIN file f USING (file_id)"
    " WHERE starts_with(f.name, $name) AND t.format_id = 'cotscope_run'"
    " ORDER BY t.question_id, t.effort, t.sample_index, t.error NULLS FIRST, t.trace_id"
)
_CELL = ("t.dataset", "t.model", "t.effort", "t.thinking_budget_tokens", "t.checkpoint")
_KEPT = (
    "model", "dataset", "system_prompt", "thinking_budget_tokens", "finish_reason", "question",
    "checkpoint", "target_language", "score",
)  # fmt: skip
_BATCH = 5_000
UNSTATED = "default"
"""How the effort of a cell without one is called where a strategy adds to it (``effort.naming``)."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored sample without its texts, which are read when they are needed."""

    trace_id: str
    key: str | None
    question_key: str | None
    question_id: str | None
    dataset: str
    model: str | None
    effort: str | None
    budget: int | None
    checkpoint: str | None
    sample: int
    correct: bool | None
    prompt_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    error: str | None
    score: float | None
    extracted: str | None
    chars: int | None
    run_id: str | None
    metric: float | None = None

    @property
    def cell(self) -> tuple[str, str | None, str | None, int | None, str | None]:
        """What samples of one question have in common, to be told apart from other samples of it."""
        return self.dataset, self.model, self.effort, self.budget, self.checkpoint

    def seen(self, store: Store, *, logprob: bool = False) -> Sampled:
        """The sample as strategies see it; its texts are read where they are needed.

        ``logprob``: with the mean log-probability of its tokens, where the record tells it.
        """
        told, known = self.extracted, None
        if told is None or logprob:
            trace = one_trace(store, self.trace_id) or {}
            if told is None:
                found = final_answer(trace.get("answer") or "", trace.get("reasoning") or "")
                told = found.raw if found else None
            known = mean_logprob(orjson.loads(trace.get("metadata") or "{}")) if logprob else None
        return Sampled(told, "", "", known, self.score, self.metric, self.chars or 0)

    def text(self, store: Store) -> str:
        """The text of its answer."""
        return (one_trace(store, self.trace_id) or {}).get("answer") or ""

    def line(
        self,
        store: Store,
        *,
        key: str,
        effort: str,
        label: str,
        sample: int,
        strategy: Mapping[str, Any],
        **tokens: int | None,
    ) -> dict[str, Any]:
        """A line of a journal with the text of this trace, for a strategy that settled on it.

        ``effort`` is the cell before the strategy, ``label`` what the strategy adds to its name.
        """
        trace = one_trace(store, self.trace_id) or {}
        metadata = orjson.loads(trace.get("metadata") or "{}")
        kind = trace.get("reasoning_kind")
        finish = trace.get("finish_reason") or ("length" if trace.get("truncated") else None)
        line = {
            **{name: trace.get(name) for name in _KEPT},
            **_verdict(trace),
            "finish_reason": finish,
            "key": key,
            "question_id": self.question_id,
            "gold": trace.get("gold_answer"),
            "extracted_answer": trace.get("extracted_answer"),
            "sample_index": sample,
            "effort": f"{effort} + {label}",
            "reasoning": trace.get("reasoning"),
            "reasoning_kind": None if kind in (None, "visible", "none") else kind,
            "answer": trace.get("answer"),
            "engine": metadata.get("engine") if self.run_id else None,
            "asked": metadata.get("asked") if self.run_id else None,
            "gym": metadata.get("gym") if self.run_id else None,
            "strategy": dict(strategy),
            **tokens,
        }
        return {name: value for name, value in line.items() if value is not None}


def _verdict(trace: Mapping[str, Any]) -> dict[str, Any]:
    """What the chosen text was judged to be, unless our verifier will say so again."""
    source = trace.get("correct_source") or ""
    if source.startswith("verifier:") and trace.get("gold_answer") is not None:
        return {}
    named = source if source.startswith("reasoning-gym ") else None
    return {"correct": trace.get("correct"), "correct_source": named}


def samples_of(store: Store, run_id: str) -> list[Stored]:
    """The traces of a run by question, effort and sample; of several attempts at one trace, the one
    that went well."""
    found: dict[str | None, Stored] = {}
    for row in store.rows(_RUN, {"name": f"run {run_id} "}):
        one = Stored(*row)
        found.setdefault(one.key, one)
    return list(found.values())


def stored_cells(
    store: Store, filters: Filters, metric: str | None = None
) -> Iterator[Iterator[list[Stored]]]:
    """Cell by cell: the samples of one question after the other. Read each cell before the next.

    Traces without a question are left out. Of several attempts of a run at one trace, the one that
    went well counts. ``metric`` is the name of a measure that is read along.
    """
    condition, values = where(filters)
    cell = ", ".join(f"{name} NULLS FIRST" for name in _CELL)
    sql = (
        f"{_COLUMNS} {'m.value' if metric else 'NULL'} AS metric FROM trace t JOIN file f"
        f" USING (file_id){_METRIC if metric else ''} WHERE t.question_key IS NOT NULL AND {condition}"
        f" ORDER BY {cell}, t.question_key, t.sample_index, t.error NULLS FIRST, t.file_id,"
        " t.record_index, t.part_index"
    )
    if metric:
        values = {**values, "metric": metric}
    # Whole, for reading on while texts are read would run into the time limit of a query.
    rows = (
        Stored(*row)
        for batch in store.arrow(sql, values).to_batches(_BATCH)
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    for _, samples in groupby(rows, key=lambda s: s.cell):
        yield (_attempts(group) for _, group in groupby(samples, key=lambda s: s.question_key))


def _attempts(samples: Iterable[Stored]) -> list[Stored]:
    """Each sample once: what a run tried again is one sample."""
    found: dict[tuple[str, str | None], Stored] = {}
    for one in samples:
        mark = (one.trace_id, None) if one.run_id is None else (one.run_id, one.key)
        kept = found.get(mark)
        if kept is None or (kept.error is not None and one.error is None):
            found[mark] = one
    return list(found.values())


def mean_logprob(metadata: Mapping[str, Any]) -> float | None:
    """Mean log-probability of the tokens of a record; None where it tells none.

    Runs keep the mean (``used.mean_logprob``). Others keep tokens: ``token_logprobs`` or ``logprobs``,
    as a list of pairs, of objects with ``logprob`` or of numbers, or below ``content`` or
    ``token_logprobs``, as servers send them.
    """
    used = metadata.get("used")
    mean = _number(used.get("mean_logprob")) if isinstance(used, Mapping) else None
    if mean is not None:
        return mean
    found: Any = metadata.get("token_logprobs") or metadata.get("logprobs")
    if isinstance(found, Mapping):
        found = found.get("content") or found.get("token_logprobs")
    told = [_token(item) for item in found] if isinstance(found, list) else []
    known = [value for value in told if value is not None]
    return math.fsum(known) / len(known) if known else None


def _token(item: object) -> float | None:
    if isinstance(item, Mapping):
        return _number(item.get("logprob"))
    if isinstance(item, list | tuple):
        return _number(item[1]) if len(item) == 2 else None
    return _number(item)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
