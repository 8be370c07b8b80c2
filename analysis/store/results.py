"""What the runner asks of the store: which traces need work, and where their results go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from analysis.analyzers.worker import SENTENCES, Job, JobResult
from analysis.model import Metric
from analysis.store import rows
from analysis.store.connection import Store, insert_arrow

FETCH_TRACES = 512
_RESULT_TABLES = ("finding", "metric", "analysis")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An analyzer at the version and configuration that results should have."""

    name: str
    version: str
    config_hash: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The analyzers of a run."""

    wanted: tuple[Wanted, ...]

    def by_name(self, name: str) -> Wanted:
        """The entry of one analyzer."""
        return next(w for w in self.wanted if w.name == name)

    def parameters(self) -> dict[str, Any]:
        """Bound values of the ``pending`` queries."""
        return {
            "names": [w.name for w in self.wanted],
            "versions": [w.version for w in self.wanted],
            "hashes": [w.config_hash for w in self.wanted],
        }


def count_pending(store: Store, plan: Plan) -> int:
    """How many traces lack at least one wanted result."""
    table = store.query("pending_count", plan.parameters())
    return int(table.column(0)[0].as_py())


def pending_jobs(store: Store, plan: Plan) -> Iterator[Job]:
    """Traces that lack results, with what they lack, in order of trace_id.

    Pages by key rather than streaming, so that results can be written meanwhile.
    """
    after = ""
    while True:
        parameters = {**plan.parameters(), "after": after, "limit": FETCH_TRACES}
        page = store.query("pending_traces", parameters).to_pylist()
        if not page:
            return
        for row in page:
            missing = set(row.pop("missing"))
            analyzers = tuple(w.name for w in plan.wanted if w.name in missing)
            yield Job(analyzers=analyzers, **row)
        after = page[-1]["trace_id"]


def save_results(store: Store, plan: Plan, results: Sequence[JobResult]) -> None:
    """Replace the results of these (trace, analyzer) pairs, in one transaction."""
    pairs = [(r.trace_id, o.analyzer) for r in results for o in r.outcomes]
    findings, metrics, states = _result_rows(plan, results)
    segmented = [r for r in results if any(o.analyzer == SENTENCES for o in r.outcomes)]
    with store.transaction() as cursor:
        cursor.register("pairs", rows.table(_pair_rows(pairs), _PAIR_SCHEMA))
        for name in _RESULT_TABLES:
            cursor.execute(
                f"DELETE FROM {name} WHERE (trace_id, analyzer) IN (SELECT * FROM pairs)"  # noqa: S608
            )
        cursor.execute(
            "DELETE FROM sentence WHERE trace_id IN (SELECT trace_id FROM pairs WHERE analyzer = ?)",
            [SENTENCES],
        )
        cursor.unregister("pairs")
        sentences = [row for result in segmented for row in _sentence_rows(result)]
        insert_arrow(cursor, "sentence", rows.table(sentences, rows.SENTENCE_SCHEMA))
        insert_arrow(cursor, "finding", rows.table(findings, rows.FINDING_SCHEMA))
        insert_arrow(cursor, "metric", rows.table(metrics, rows.METRIC_SCHEMA))
        insert_arrow(cursor, "analysis", rows.table(states, rows.ANALYSIS_SCHEMA))


_PAIR_SCHEMA = pa.schema([("trace_id", pa.string()), ("analyzer", pa.string())])


def _pair_rows(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"trace_id": trace, "analyzer": analyzer} for trace, analyzer in pairs]


def _result_rows(
    plan: Plan, results: Sequence[JobResult]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    findings: list[dict[str, Any]] = []
    metrics: list[dict[str, Any]] = []
    states: list[dict[str, Any]] = []
    for result in results:
        for outcome in result.outcomes:
            wanted = plan.by_name(outcome.analyzer)
            who = {
                "trace_id": result.trace_id,
                "analyzer": wanted.name,
                "analyzer_version": wanted.version,
            }
            states.append(
                {
                    **who,
                    "config_hash": wanted.config_hash,
                    "status": outcome.status,
                    "error": outcome.error,
                }
            )
            metrics.extend({**who, **_metric_row(metric)} for metric in outcome.metrics)
            ordered = sorted(outcome.findings, key=lambda f: (f.start, f.end, f.label))
            findings.extend(
                {
                    **who,
                    "finding_index": index,
                    "label": f.label,
                    "value": f.value,
                    "char_start": f.start,
                    "char_end": f.end,
                    "score": f.score,
                    "evidence": rows.to_json(dict(f.evidence)),
                }
                for index, f in enumerate(ordered)
            )
    return findings, metrics, states


def _metric_row(metric: Metric) -> dict[str, Any]:
    if isinstance(metric.value, str):
        return {"name": metric.name, "value": None, "text": metric.value}
    value = None if metric.value is None else float(metric.value)
    return {"name": metric.name, "value": value, "text": None}


def _sentence_rows(result: JobResult) -> Iterator[dict[str, Any]]:
    thought_of: dict[int, int] = {}
    for thought in result.thoughts:
        for index in range(thought.first_sentence, thought.last_sentence + 1):
            thought_of[index] = thought.index
    for sentence in result.sentences:
        yield {
            "trace_id": result.trace_id,
            "sentence_index": sentence.index,
            "char_start": sentence.start,
            "char_end": sentence.end,
            "thought_index": thought_of.get(sentence.index, 0),
        }
