"""From labelled traces and predictions to tables: the call behind the command and the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.analyzers.protocol import Analyzer
from analysis.errors import InputError
from analysis.evaluation.families import family_of
from analysis.evaluation.gold import GoldTrace, read_gold
from analysis.evaluation.predictions import Predictions, analyse, detectors
from analysis.evaluation.scoring import count
from analysis.evaluation.tables import Compared, Row, difference, f1_of, figures, totals
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress

HUMAN, LLM, MIXED, UNKNOWN = "human", "llm", "mixed", "not stated"
Counted = tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class One:
    """The counts of one labelled trace for one label."""

    source: str
    annotator: str | None
    model: str | None
    label: str
    text: str
    """Hash of its reasoning: several annotators may have labelled the same one."""
    counts: Counted
    against: Counted | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures, and everything that is not in them."""

    rows: tuple[Row, ...]
    compared: tuple[Compared, ...]
    name: str
    against: str | None
    n_traces: int
    """Labelled traces that the figures are of."""
    n_degenerate: int
    """Left out: flagged as loops."""
    n_missing: int
    """Left out: the store does not have them, or has not analysed them."""
    failed: Mapping[str, str]
    """Left out: trace -> why an analyzer failed on it."""
    not_detected: tuple[str, ...]
    """Labels of the data that nothing here detects."""
    n_unmatched: int
    ones: tuple[One, ...] = field(repr=False, default=())

    def flat(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "detector": self.name,
            "against": self.against,
            "n_traces": self.n_traces,
            "n_degenerate_left_out": self.n_degenerate,
            "n_missing": self.n_missing,
            "n_failed": len(self.failed),
            "failed": dict(sorted(self.failed.items())),
            "n_findings_of_other_traces": self.n_unmatched,
            "labels_not_detected": list(self.not_detected),
            "rows": [row.flat() for row in self.rows],
            "compared": [row.flat() for row in self.compared],
        }


def annotator_kind(annotator: str | None) -> str:
    """``human``, ``llm`` (an annotator ``llm:NAME``), or not stated."""
    if not annotator:
        return UNKNOWN
    return LLM if annotator.lower().startswith(("llm:", "model:")) else HUMAN


def expressed(path: Path) -> tuple[frozenset[str], tuple[str, ...]]:
    """The labels that the data can express, and the ids of its traces. Reads all of it once."""
    labels: set[str] = set()
    ids: list[str] = []
    for trace in read_gold(path):
        labels.update(trace.expresses)
        ids.append(trace.trace_id)
    if not ids:
        raise InputError(f"{path} holds no labelled trace.", remedy="Give JSONL, one trace a line.")
    return frozenset(labels), tuple(ids)


def evaluate(
    path: Path,
    predictions: Predictions | None = None,
    *,
    against: Predictions | None = None,
    analyzers: Sequence[Analyzer] = (),
    only: Sequence[str] | None = None,
    by_model: bool = False,
    by_annotator: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> Evaluation:
    """Score predictions on the labelled traces of ``path``, one trace in memory at a time.

    Without ``predictions`` the registered analyzers (or those of ``only``) run on the labelled texts;
    with them and ``analyzers``, these run and what they find is added to ``predictions``. Raises ``InputError`` for data that cannot be read, ``Cancelled`` when asked to stop.
    """
    cancel = cancel or CancelToken()
    labels, ids = expressed(path)
    if predictions is None:
        analyzers = detectors(labels, only=only)
        given = {label for analyzer in analyzers for label in analyzer.labels}
        predictions = Predictions(_names(analyzers), frozenset(given))
    ones: list[One] = []
    used, degenerate, missing = 0, 0, 0
    for done, trace in enumerate(read_gold(path)):
        if done % 8 == 0:
            cancel.raise_if_cancelled()
            progress(Progress("Measuring", done, len(ids), "traces"))
        if trace.degenerate:
            degenerate += 1
            continue
        if analyzers and trace.trace_id not in predictions.by_trace:
            analyse(trace, analyzers, predictions)
        if trace.trace_id in predictions.failed:
            continue
        if not predictions.has(trace.trace_id) or (against and not against.has(trace.trace_id)):
            missing += 1
            continue
        used += 1
        ones.extend(_count(trace, predictions, against))
    progress(Progress("Measuring", len(ids), len(ids), "traces"))
    cells = grouped(ones, by_model=by_model, by_annotator=by_annotator)
    return Evaluation(
        rows=tuple(make_row(key, found) for key, found in cells),
        compared=tuple(_compare(key, found) for key, found in cells) if against else (),
        name=predictions.name,
        against=against.name if against else None,
        n_traces=used,
        n_degenerate=degenerate,
        n_missing=missing,
        failed=predictions.failed,
        not_detected=tuple(sorted(labels - predictions.labels)),
        n_unmatched=predictions.n_unmatched + (against.n_unmatched if against else 0),
        ones=tuple(ones),
    )


Key = tuple[str, str, str | None, str | None]
"""label, source, family, model."""


def grouped(
    ones: Iterable[One], *, by_model: bool = False, by_annotator: bool = False
) -> list[tuple[Key, list[One]]]:
    """The cells of a table: each label and source, then its families, then its models.

    Where several annotators of one source labelled the same text they count apart (the source gets
    their name), for a text must not count twice; ``by_annotator`` does so for every source.
    """
    listed = list(ones)
    apart = _apart(listed)
    cells: defaultdict[Key, list[One]] = defaultdict(list)
    families: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in listed:
        source = one.source
        if by_annotator or source in apart:
            source = f"{source} ({one.annotator or UNKNOWN})"
        family = family_of(one.model)
        families[one.label, source].add(family)
        cells[one.label, source, None, None].append(one)
        cells[one.label, source, family, None].append(one)
        if by_model:
            cells[one.label, source, family, one.model or UNKNOWN].append(one)
    kept = {
        key: found
        for key, found in cells.items()
        # All families together say nothing more where there is only one.
        if key[2] is not None or len(families[key[0], key[1]]) > 1
    }
    order = sorted(kept, key=lambda k: (k[0], k[1], k[2] or "", k[3] or ""))
    return [(key, kept[key]) for key in order if any(o.counts[0] or o.counts[1] for o in kept[key])]


def make_row(key: Key, found: Sequence[One]) -> Row:
    """The figures of one cell."""
    counts = [one.counts for one in found]
    kinds = {annotator_kind(one.annotator) for one in found}
    n, n_predicted, tp = totals(counts)
    measured = figures(counts)
    return Row(
        label=key[0],
        source=key[1],
        family=key[2],
        model=key[3],
        annotator=", ".join(sorted({one.annotator or UNKNOWN for one in found})),
        annotator_kind=kinds.pop() if len(kinds) == 1 else MIXED,
        n_traces=len(found),
        n=n,
        n_predicted=n_predicted,
        tp=tp,
        fp=n_predicted - tp,
        fn=n - tp,
        precision=measured["precision"],
        recall=measured["recall"],
        f1=measured["f1"],
        near_f1=measured["near_f1"],
    )


def _apart(ones: Iterable[One]) -> set[str]:
    """Sources in which one text was labelled by several annotators."""
    by_text: defaultdict[tuple[str, str], set[str | None]] = defaultdict(set)
    for one in ones:
        by_text[one.source, one.text].add(one.annotator)
    return {source for (source, _), names in by_text.items() if len(names) > 1}


def _count(
    trace: GoldTrace, predictions: Predictions, against: Predictions | None
) -> Iterable[One]:
    text = trace.text_hash
    for label in trace.expresses:
        if label not in predictions.labels or (against and label not in against.labels):
            continue
        yield One(
            source=trace.source,
            annotator=trace.annotator,
            model=trace.model,
            label=label,
            text=text,
            counts=count(trace, label, predictions.spans(trace.trace_id, label)).row(),
            against=count(trace, label, against.spans(trace.trace_id, label)).row()
            if against
            else None,
        )


def _compare(key: Key, found: Sequence[One]) -> Compared:
    ours = [one.counts for one in found]
    theirs = [one.against for one in found if one.against is not None]
    (f1, near), (f1_against, near_against) = f1_of(ours), f1_of(theirs)
    return Compared(
        label=key[0],
        source=key[1],
        family=key[2],
        model=key[3],
        n_traces=len(found),
        n=totals(ours)[0],
        f1=f1,
        f1_against=f1_against,
        near_f1=near,
        near_f1_against=near_against,
        difference=difference(ours, theirs),
    )


def _names(analyzers: Sequence[Analyzer]) -> str:
    return ", ".join(f"{a.name} {a.version}" for a in analyzers) or "no detector"
