"""Write the accuracy table that ships, and the documents that are made from it.

    python -m analysis.evaluation.publish GOLD_DIR [--predictions OUT_OF_FOLD.jsonl] [--split TEXT]

A fitted detector must not be judged on what it was fitted to: ``--predictions`` are findings made by
cross-validation, one a line: ``{"trace_id", "label", "start", "end", "score"}``, each by a model that
saw nothing of that trace's problem. Without it the table is of the rules alone, which were fitted to
nothing. The same input gives the same file.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import analysis
from analysis.behaviours.labels import LABELS
from analysis.errors import CotscopeError
from analysis.evaluation.accuracy import ALL, FORMAT, NAME, RULES
from analysis.evaluation.cards import write_documents
from analysis.evaluation.evaluate import (
    HUMAN,
    LLM,
    Evaluation,
    One,
    annotator_kind,
    evaluate,
    expressed,
    make_row,
)
from analysis.evaluation.families import family_of
from analysis.evaluation.gold import gold_files
from analysis.evaluation.predictions import detectors, file_hash, read_findings
from analysis.evaluation.rules import rule_analyzers, rule_predictions
from analysis.evaluation.tables import RESAMPLES, SEED
from analysis.progress import ProgressCallback, ignore_progress

OUT_OF_FOLD = "cross-validated by problem, out of fold"


def publish(
    gold: Path,
    *,
    predictions: Path | None = None,
    split: str | None = None,
    detector: str | None = None,
    out: Path | None = None,
    root: Path | None = None,
    progress: ProgressCallback = ignore_progress,
) -> Path:
    """Write ``accuracy.json`` to ``out`` (default: this package) and the documents under ``root``."""
    if predictions is not None:
        given = read_findings(predictions, expressed(gold)[1])
    else:
        given = rule_predictions(gold, progress=progress)
    found = evaluate(gold, given, progress=progress)
    made = content(
        found,
        split=split or (OUT_OF_FOLD if predictions else RULES),
        detector=detector or (_registered() if predictions else _rules()),
        gold={file.name: file_hash(file) for file in gold_files(gold)},
        predictions=file_hash(predictions) if predictions else None,
    )
    path = out or Path(__file__).with_name(NAME)
    text = json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    path.write_text(text, encoding="utf-8")
    if root is not None:
        write_documents(made, root)
    return path


def _registered() -> str:
    return ", ".join(f"{a.name} {a.version}" for a in detectors(LABELS))


def _rules() -> str:
    return ", ".join(f"{a.name} {a.version} (rules)" for a in rule_analyzers())


def content(
    found: Evaluation,
    *,
    split: str,
    detector: str,
    gold: Mapping[str, str],
    predictions: str | None,
) -> dict[str, Any]:
    """What ``accuracy.json`` holds. No text of any trace, and no time of day."""
    return {
        "format": FORMAT,
        "cotscope": analysis.__version__,
        "detector": detector,
        "split": split,
        "gold": dict(gold),
        "predictions_sha256": predictions,
        "bootstrap": {"resamples": RESAMPLES, "seed": SEED, "over": "traces"},
        "n_traces": found.n_traces,
        "n_degenerate_left_out": found.n_degenerate,
        "n_failed": len(found.failed),
        "labels_not_detected": list(found.not_detected),
        "rows": [row.flat() for row in found.rows],
        "pooled": pooled(found.ones),
    }


def pooled(ones: Iterable[One]) -> list[dict[str, Any]]:
    """Label x family x kind of annotator over all sources, each text once.

    A text that several annotators labelled counts in the source that has most of its label's traces.
    """
    groups: defaultdict[tuple[str, str], list[One]] = defaultdict(list)
    for one in ones:
        kind = annotator_kind(one.annotator)
        if kind in (HUMAN, LLM):
            groups[one.label, kind].append(one)
    rows: list[dict[str, Any]] = []
    for (label, kind), found in sorted(groups.items()):
        kept = _each_text_once(found)
        families: defaultdict[str, list[One]] = defaultdict(list)
        for one in kept:
            families[family_of(one.model)].append(one)
        for family, some in [*sorted(families.items()), (ALL, kept)]:
            sources = ", ".join(sorted({one.source for one in some}))
            row = make_row((label, sources, family, None), some).flat()
            rows.append({**row, "annotator_kind": kind})
    return rows


def _each_text_once(ones: Sequence[One]) -> list[One]:
    size = Counter((one.source, one.annotator) for one in ones)
    best: dict[str, One] = {}
    for one in ones:
        rank = (-size[one.source, one.annotator], one.source, one.annotator or "")
        other = best.get(one.text)
        if other is None or rank < (
            -size[other.source, other.annotator],
            other.source,
            other.annotator or "",
        ):
            best[one.text] = one
    return [one for one in ones if best[one.text] is one]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 0 where all went well, 1 where something could not be read or failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("--predictions", type=Path, help="findings JSONL made out of fold")
    parser.add_argument("--split", help="how detector and data were kept apart, in words")
    parser.add_argument("--detector", help="name and version that the table is of")
    parser.add_argument("--out", type=Path, help=f"default: {NAME} of this package")
    parser.add_argument("--root", type=Path, help="checkout whose docs/ are written")
    given = parser.parse_args(arguments)
    try:
        path = publish(
            given.gold,
            predictions=given.predictions,
            split=given.split,
            detector=given.detector,
            out=given.out,
            root=given.root,
        )
    except CotscopeError as error:
        sys.stderr.write(f"Error: {error} [{error.code}]\n")
        return error.exit_code
    sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
