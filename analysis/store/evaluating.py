"""Findings of a store lined up with labelled traces.

A labelled trace is found by its text, and by its own id where several have the same text: offsets
into another text would point to the wrong places, so an id alone is not enough.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from analysis.analyzers.registry import all_analyzers
from analysis.errors import InputError
from analysis.evaluation.gold import GoldTrace, read_gold
from analysis.evaluation.predictions import Predictions
from analysis.model import Finding
from analysis.progress import CancelToken, Progress, ProgressCallback, ignore_progress
from analysis.store.connection import Store

_AT_ONCE = 64


def stored_predictions(
    store: Store,
    gold: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[Predictions, dict[str, str]]:
    """The findings of the registered analyzers in a store, and labelled trace -> trace_id there.

    A labelled trace that the store lacks, or on which one of the analyzers is not done, is not in
    ``Predictions.seen``. Raises ``InputError`` where the store has none of them.
    """
    owners = {label: a.name for a in all_analyzers() for label in a.labels}
    found, labels = locate(store, gold, progress=progress, cancel=cancel)
    if not found:
        raise InputError(
            "The store has none of the labelled traces.",
            remedy="Import them first, or leave --db out: then their texts are analysed as they are.",
        )
    wanted = sorted(labels & owners.keys())
    analyzers = sorted({owners[label] for label in wanted})
    result = Predictions(f"{', '.join(analyzers)} of {store.path.name}", frozenset(wanted))
    result.seen = _findings(store, found, wanted, owners, analyzers, result)
    return result, found


def locate(
    store: Store,
    gold: Path,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> tuple[dict[str, str], frozenset[str]]:
    """Labelled trace -> trace_id in the store, for those that it has; and every label of the data."""
    cancel = cancel or CancelToken()
    labels: set[str] = set()
    found: dict[str, str] = {}
    batch: list[GoldTrace] = []
    for n, trace in enumerate(read_gold(gold), 1):
        labels.update(trace.expresses)
        batch.append(trace)
        if len(batch) >= _AT_ONCE:
            cancel.raise_if_cancelled()
            found.update(_located(store, batch))
            progress(Progress("Looking up", n, None, "traces"))
            batch = []
    found.update(_located(store, batch))
    return found, frozenset(labels)


def sentence_of(store: Store, places: list[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """(trace_id, character) -> the sentence that it is in, for these few places."""
    bound = {"ids": [i for i, _ in places], "places": [place for _, place in places]}
    rows = store.query("evaluation_sentences", bound).to_pylist()
    return {(row["trace_id"], row["place"]): row["sentence"] for row in rows}


def _located(store: Store, traces: list[GoldTrace]) -> dict[str, str]:
    """Labelled trace -> trace_id in the store, where one has this very text."""
    if not traces:
        return {}
    lengths = sorted({len(trace.reasoning) for trace in traces})
    rows = store.query("evaluation_texts", {"lengths": lengths}).to_pylist()
    by_text: defaultdict[str, list[tuple[str | None, str]]] = defaultdict(list)
    for row in rows:
        by_text[row["reasoning"]].append((row["external_id"], row["trace_id"]))
    located = {}
    for trace in traces:
        same = by_text.get(trace.reasoning)
        if same:
            own = [trace_id for external, trace_id in same if external == trace.trace_id]
            located[trace.trace_id] = min(own or [trace_id for _, trace_id in same])
    return located


def _findings(
    store: Store,
    found: dict[str, str],
    labels: list[str],
    owners: dict[str, str],
    analyzers: list[str],
    into: Predictions,
) -> frozenset[str]:
    """Fill in the findings; the labelled traces that every analyzer is done with."""
    seen: set[str] = set()
    gold = list(found)
    for start in range(0, len(gold), 1_000):
        part = gold[start : start + 1_000]
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in part:
            names[found[name]].append(name)
        bound = {"ids": sorted(names), "analyzers": analyzers}
        for row in store.query("evaluation_done", bound).to_pylist():
            if row["n"] == len(analyzers):
                seen.update(names[row["trace_id"]])
        bound = {"ids": sorted(names), "labels": labels, "owners": [owners[x] for x in labels]}
        for row in store.query("evaluation_findings", bound).to_pylist():
            one = Finding(row["label"], row["char_start"], row["char_end"], row["score"])
            for name in names[row["trace_id"]]:
                into.add(name, [one])
    return frozenset(seen)
