"""What pages and exports show of annotations: effective labels, queues, progress, agreement."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import orjson
import pyarrow as pa

from analysis.annotation import agreement
from analysis.annotation.attach import Matcher
from analysis.annotation.effective import State, effective, labels_of, state_of
from analysis.annotation.gold import gold_records
from analysis.annotation.queues import QueueItem, QueueSpec
from analysis.annotation.ratings import CONSENSUS, Difference, Rating, differences, ratings
from analysis.annotation.sentences import Span, sentence_ranges
from analysis.annotation.words import Annotation, Found, LabelSpan, Target
from analysis.store import annotation_queues as queues
from analysis.store import annotations as log
from analysis.store.connection import Store

_BATCH = 100
"""Traces whose texts are held at a time."""


@dataclass(frozen=True, slots=True)
class Annotated:
    """One trace with all that people say of it."""

    trace_id: str
    sentences: list[Span]
    state: State


def annotated(store: Store, trace_ids: Sequence[str] | None = None) -> Iterator[Annotated]:
    """The annotated traces (of the given ones), in order of trace_id."""
    logs = dict(log.logs(store, trace_ids))
    ids = sorted(logs)
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        sentences = queues.sentences_of(store, some)
        findings = queues.findings_of(store, some)
        for trace_id in some:
            found = [Found(n, *row) for n, row in enumerate(findings[trace_id])]
            yield Annotated(trace_id, sentences[trace_id], state_of(found, logs[trace_id]))


def state(store: Store, trace_id: str) -> State:
    """What people say of one trace, attached to its findings of today."""
    rows = queues.findings_of(store, [trace_id])[trace_id]
    return state_of([Found(n, *row) for n, row in enumerate(rows)], log.log_of(store, trace_id))


def effective_labels(store: Store, trace_id: str) -> list[LabelSpan]:
    """The labels of a trace with everyone's corrections applied, in order of the text."""
    return effective(state(store, trace_id))


def log_table(store: Store) -> pa.Table:
    """Every entry of the log, one a row, with the text that it speaks of."""
    rows: list[dict[str, Any]] = []
    for trace_id, entries in log.logs(store):
        known = queues.annotated_texts(store, [trace_id]).get(trace_id, {})
        rows += [_log_row(entry, known) for entry in entries]
    return pa.Table.from_pylist(rows, schema=_LOG_SCHEMA)


_LOG_SCHEMA = pa.schema(
    [
        *(
            (n, pa.string())
            for n in ("annotation_id", "trace_id", "external_id", "dataset", "model")
        ),
        *((n, pa.string()) for n in ("annotator", "kind", "label", "value", "comment")),
        ("start", pa.int64()),
        ("end", pa.int64()),
        *((n, pa.string()) for n in ("target_analyzer", "target_version")),
        ("target_start", pa.int64()),
        ("target_end", pa.int64()),
        ("target_score", pa.float64()),
        ("status", pa.string()),
        ("source", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("withdrawn_at", pa.timestamp("us")),
        ("text", pa.string()),
    ]
)


def _log_row(entry: Annotation, known: dict[str, Any]) -> dict[str, Any]:
    text = known.get("reasoning")
    inside = text is not None and entry.start is not None
    target = entry.target
    return {
        "annotation_id": entry.annotation_id,
        "trace_id": entry.trace_id,
        **{name: known.get(name) for name in ("external_id", "dataset", "model")},
        "annotator": entry.annotator,
        "kind": entry.kind,
        "label": entry.label,
        "value": entry.value,
        "comment": entry.comment,
        "start": entry.start,
        "end": entry.end,
        "target_analyzer": target.analyzer if target else None,
        "target_version": target.version if target else None,
        "target_start": target.start if target else None,
        "target_end": target.end if target else None,
        "target_score": target.score if target else None,
        "status": "counts" if entry.counts else "withdrawn",
        "source": entry.source,
        "created_at": entry.created_at,
        "withdrawn_at": entry.withdrawn_at,
        "text": text[entry.start : entry.end] if text is not None and inside else None,
    }


def gold(store: Store, annotators: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The records that ``cotscope evaluate`` reads; of these annotators (None: all of them).

    ``CONSENSUS`` as a name gives the majority with adjudications. Traces that are no longer in
    the store, or were never cut into sentences, give none.
    """
    for one in annotated(store):
        if not one.sentences:
            continue
        trace = queues.annotated_texts(store, [one.trace_id])[one.trace_id]
        for name in one.state.annotators() if annotators is None else annotators:
            yield from gold_records(trace, one.sentences, one.state, name)


def gold_bytes(store: Store) -> bytes:
    """The records of ``gold`` as JSONL."""
    return b"".join(orjson.dumps(record) + b"\n" for record in gold(store))


def passage(store: Store, trace_id: str, start: int, end: int, around: int) -> tuple[str, str, str]:
    """A span of a trace with so many characters before and after it; '' where it is gone."""
    known = queues.annotated_texts(store, [trace_id]).get(trace_id)
    text = (known or {}).get("reasoning") or ""
    return text[max(0, start - around) : start], text[start:end], text[end : end + around]


def queue_items(store: Store, spec: QueueSpec) -> list[QueueItem]:
    """The items of a queue, in their order. The same until results or annotations change."""
    if spec.kind == "unlabelled":
        return queues.trace_items(store, spec)
    if spec.kind != "disagreement":
        return queues.finding_items(store, spec)
    wanted = {item.trace_id for item in queues.trace_items(store, _every(spec))}
    return [
        QueueItem(trace_id, difference.label, difference.start, difference.end)
        for trace_id, difference in disagreements(store)
        if trace_id in wanted and spec.label in ("", difference.label)
    ][: spec.limit]


def _every(spec: QueueSpec) -> QueueSpec:
    return QueueSpec("unlabelled", dataset=spec.dataset, model=spec.model, limit=5_000)


def queue_done(
    store: Store, spec: QueueSpec, items: Sequence[QueueItem], annotator: str
) -> list[bool]:
    """Of each item, whether this annotator has dealt with it (a disagreement: whether anyone has)."""
    if not items:
        return []
    logs = dict(log.logs(store, sorted({item.trace_id for item in items})))
    if spec.kind == "unlabelled":
        return [_finished(logs.get(item.trace_id, []), annotator) for item in items]
    kinds = ("adjudicate",) if spec.kind == "disagreement" else ("accept", "reject", "move")
    matchers: dict[str, Matcher] = {}
    for trace_id, entries in logs.items():
        mine = [
            entry
            for entry in entries
            if entry.counts and entry.kind in kinds and entry.label
            and (entry.annotator == annotator or spec.kind == "disagreement")
        ]  # fmt: skip
        matchers[trace_id] = Matcher(Found(n, "", *_spoken_of(e)) for n, e in enumerate(mine))
    none = Matcher([])
    return [
        matchers.get(i.trace_id, none).match(Target("", i.label or "", i.start, i.end)) is not None
        for i in items
    ]


def _spoken_of(entry: Annotation) -> tuple[str, int, int]:
    where = entry.target or entry
    return entry.label or "", where.start or 0, where.end or 0


def _finished(entries: Sequence[Annotation], annotator: str) -> bool:
    return any(e.counts and e.kind == "finish" and e.annotator == annotator for e in entries)


def disagreements(store: Store) -> list[tuple[str, Difference]]:
    """(trace_id, difference) of every place where annotators differ, settled ones included."""
    return [(one.trace_id, d) for one in annotated(store) for d in differences(one.state)]


def progress(store: Store) -> pa.Table:
    """One row an annotator: decisions by kind, traces touched and finished, last entry."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    traces: dict[str, set[str]] = defaultdict(set)
    last: dict[str, Any] = {}
    for trace_id, entries in log.logs(store):
        for entry in entries:
            if not entry.counts:
                continue
            counts[entry.annotator][entry.kind] += 1
            traces[entry.annotator].add(trace_id)
            last[entry.annotator] = max(
                last.get(entry.annotator, entry.created_at), entry.created_at
            )
    rows = [
        {
            "annotator": name,
            "traces": len(traces[name]),
            **{k: counts[name][k] for k in _PROGRESS},
            "last": last[name],
        }
        for name in sorted(counts)
    ]
    kinds = [(k, pa.int64()) for k in ("traces", *_PROGRESS)]
    schema = pa.schema([("annotator", pa.string()), *kinds, ("last", pa.timestamp("us"))])
    return pa.Table.from_pylist(rows, schema=schema)


_PROGRESS = ("finish", "accept", "reject", "move", "add", "comment", "mark", "adjudicate")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree on one label; None where it is not defined."""

    label: str
    who: str
    """Two names, or 'all'."""
    sentences: int
    """That at least two of them rated."""
    kappa: float | None
    """Cohen's for two, Fleiss' for all (on sentences that all of them rated)."""
    alpha: float | None
    span_f1: float | None
    spans: int
    """Of both, on traces that both rated; None F1 where there are none."""


def agreement_rows(
    store: Store, *, tolerance: int = agreement.DEFAULT_TOLERANCE
) -> list[Agreement]:
    """Agreement by label: of every pair of annotators, and of all of them where there are three."""
    units: dict[str, list[dict[str, Rating]]] = defaultdict(list)
    spans: dict[tuple[str, str, str], agreement.SpanAgreement] = {}
    for one in annotated(store):
        rated = {n: ratings(n, one.state, one.sentences) for n in one.state.annotators()}
        for label in sorted({label for found in rated.values() for label in found}):
            by_name = {name: found[label] for name, found in rated.items() if label in found}
            for index in range(len(one.sentences)):
                units[label].append({n: r[index] for n, r in by_name.items()})
            _add_spans(spans, one, label, by_name, tolerance)
    rows: list[Agreement] = []
    for label, found in sorted(units.items()):
        names = sorted({name for unit in found for name in unit})
        for pair in combinations(names, 2):
            rows.append(_row(label, pair, found, spans.get((label, *pair))))
        if len(names) > 2:
            rows.append(_row(label, tuple(names), found, None))
    return rows


def _add_spans(
    spans: dict[tuple[str, str, str], agreement.SpanAgreement],
    one: Annotated,
    label: str,
    rated: dict[str, list[Rating]],
    tolerance: int,
) -> None:
    for pair in combinations(sorted(rated), 2):
        # Only what both looked at: a span on a sentence that the other did not rate says nothing.
        both = [
            a is not None and b is not None for a, b in zip(*(rated[n] for n in pair), strict=True)
        ]
        ranges = [
            [r for r in _runs(one, name, label) if all(both[r[0] : r[1] + 1])] for name in pair
        ]
        found = agreement.span_agreement(*ranges, tolerance=tolerance)
        before = spans.get((label, *pair))
        spans[label, pair[0], pair[1]] = before + found if before else found


def _runs(one: Annotated, name: str, label: str) -> list[Span]:
    yes = [(s.start, s.end) for s in labels_of(name, one.state)[0] if s.label == label]
    return sentence_ranges(one.sentences, yes)


def _row(
    label: str,
    names: Sequence[str],
    units: Sequence[dict[str, Rating]],
    spans: agreement.SpanAgreement | None,
) -> Agreement:
    rated = [[unit.get(name) for name in names] for unit in units]
    several = [unit for unit in rated if sum(r is not None for r in unit) > 1]
    whole = [unit for unit in several if None not in unit]
    kappa = (
        agreement.cohen_kappa((unit[0], unit[1]) for unit in whole)
        if len(names) == 2
        else agreement.fleiss_kappa(Counter(unit) for unit in whole)
    )
    return Agreement(
        label=label,
        who=" and ".join(names) if len(names) == 2 else "all",
        sentences=len(several),
        kappa=kappa,
        alpha=agreement.krippendorff_alpha(several),
        span_f1=spans.f1 if spans else None,
        spans=spans.n_first + spans.n_second if spans else 0,
    )


__all__ = ["CONSENSUS", "Agreement", "agreement_rows", "effective_labels", "gold", "progress"]
