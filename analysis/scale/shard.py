"""What a machine of the cluster does with traces: a table of jobs in, a table of results out.

Knows nothing of the store. Both are Parquet files in the shared folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

import analysis
from analysis import limits
from analysis.analyzers.documents import segmentation_hash
from analysis.analyzers.registry import all_analyzers
from analysis.analyzers.worker import Job, JobResult, Outcome
from analysis.model import Finding, Metric, Sentence, Thought
from analysis.pooling import analyzed
from analysis.progress import CancelToken

_TEXT, _INT, _TEXTS = pa.string(), pa.int64(), pa.list_(pa.string())
_KINDS = {"truncated": pa.bool_(), "correct": pa.bool_(), "analyzers": _TEXTS, "warnings": _TEXTS}
_KINDS |= {"reasoning_tokens": _INT, "completion_tokens": _INT}
JOBS = pa.schema([(f.name, _KINDS.get(f.name, _TEXT)) for f in fields(Job)])

_SENTENCE = pa.struct([("index", _INT), ("start", _INT), ("end", _INT)])
_THOUGHT = pa.struct(
    [
        ("index", _INT),
        ("first_sentence", _INT),
        ("last_sentence", _INT),
        ("start", _INT),
        ("end", _INT),
    ]
)
_FINDING = pa.struct(
    [("label", _TEXT), ("start", _INT), ("end", _INT), ("score", pa.float64()), ("value", _TEXT),
     ("evidence", _TEXT)]
)  # fmt: skip
_METRIC = pa.struct([("name", _TEXT), ("value", pa.float64()), ("text", _TEXT)])
_OUTCOME = pa.struct(
    [("analyzer", _TEXT), ("status", _TEXT), ("error", _TEXT), ("findings", pa.list_(_FINDING)),
     ("metrics", pa.list_(_METRIC))]
)  # fmt: skip
RESULTS = pa.schema(
    [("trace_id", _TEXT), ("made_by", _TEXT), ("sentences", pa.list_(_SENTENCE)),
     ("thoughts", pa.list_(_THOUGHT)), ("outcomes", pa.list_(_OUTCOME))]
)  # fmt: skip


@cache
def made_by() -> str:
    """This CoTScope with its analyzers: results of another one do not belong into the store."""
    known = [(a.name, a.version, a.config_hash()) for a in all_analyzers()]
    parts = [analysis.__version__, segmentation_hash(), *(str(k) for k in sorted(known))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def jobs_table(jobs: Sequence[Job]) -> pa.Table:
    """Jobs as rows."""
    columns = {n: [getattr(job, n) for job in jobs] for n in JOBS.names}
    lists = {
        n: [None if v is None else list(v) for v in columns[n]] for n in ("analyzers", "warnings")
    }
    return pa.table(columns | lists, schema=JOBS)


def analyse_files(batch: Mapping[str, Any]) -> dict[str, list[str]]:
    """Run by Ray: for each file of jobs a file of results beside it, which is there whole or not."""
    made = []
    for name in batch["shard"]:
        path = Path(str(name))
        target = path.with_name(path.name.replace(".jobs.", ".results."))
        part = target.with_suffix(f".{os.getpid()}.part")
        pq.write_table(analyse_table(pq.read_table(path, schema=JOBS)), part, compression="zstd")
        part.replace(target)
        made.append(str(target))
    return {"results": made}


def analyse_table(table: pa.Table) -> pa.Table:
    """The results of a table of jobs.

    A worker process beside this one does the work, so that an analyzer that hangs or dies becomes a
    failure row, as on one machine.
    """
    jobs = [Job(**{**row, "analyzers": tuple(row["analyzers"])}) for row in table.to_pylist()]
    chunks = _chunks(jobs)
    made = [result for part in analyzed(chunks, 1, CancelToken()) for result in part]
    return results_table(made)


def _chunks(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    for start in range(0, len(jobs), limits.ANALYZE_CHUNK_TRACES):
        yield list(jobs[start : start + limits.ANALYZE_CHUNK_TRACES])


def results_table(results: Sequence[JobResult]) -> pa.Table:
    """Results as rows."""
    return pa.Table.from_pylist([_row(result) for result in results], schema=RESULTS)


def _row(result: JobResult) -> dict[str, Any]:
    return {
        "trace_id": result.trace_id,
        "made_by": made_by(),
        "sentences": [{"index": s.index, "start": s.start, "end": s.end} for s in result.sentences],
        "thoughts": [
            {f.name: getattr(t, f.name) for f in fields(Thought)} for t in result.thoughts
        ],
        "outcomes": [_outcome_row(outcome) for outcome in result.outcomes],
    }


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    return {
        "analyzer": outcome.analyzer,
        "status": outcome.status,
        "error": outcome.error,
        "findings": [
            {
                "label": f.label, "start": f.start, "end": f.end, "score": f.score, "value": f.value,
                "evidence": orjson.dumps(dict(f.evidence), default=str).decode(),
            }
            for f in outcome.findings
        ],
        "metrics": [
            {"name": m.name, "value": None, "text": m.value}
            if isinstance(m.value, str)
            else {"name": m.name, "value": None if m.value is None else float(m.value), "text": None}
            for m in outcome.metrics
        ],
    }  # fmt: skip


def read_results(table: pa.Table) -> list[JobResult]:
    """Rows as results. Raises ``TypeError`` or ``KeyError`` for rows that are none."""
    return [
        JobResult(
            row["trace_id"],
            tuple(Sentence(**s) for s in row["sentences"]),
            tuple(Thought(**t) for t in row["thoughts"]),
            tuple(_outcome(outcome) for outcome in row["outcomes"]),
        )
        for row in table.to_pylist()
    ]


def _outcome(row: dict[str, Any]) -> Outcome:
    findings = (Finding(**{**f, "evidence": orjson.loads(f["evidence"])}) for f in row["findings"])
    metrics = (
        Metric(m["name"], m["value"] if m["text"] is None else m["text"]) for m in row["metrics"]
    )
    return Outcome(row["analyzer"], row["status"], row["error"], tuple(findings), tuple(metrics))
