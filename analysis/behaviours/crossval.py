"""Accuracy on unseen text: python -m analysis.behaviours.crossval --data DIR [--by problem|source].

``--by problem``: 5 folds by problem, so that no problem is in training and test. ``--by source``:
each group of sources is left out in turn; its traces are in the test only, and so are other
labellings of the same problems. One threshold for each label whatever the source. ``--by-model``
shows the figures for each model as well. Figures are those of whole segments of the source, counted
as ``analysis.evaluation.scoring`` counts them, on our own sentences.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.behaviours.fitting import (
    JUDGED,
    Data,
    Tuned,
    calibrated,
    figures_at,
    fold_of,
    group_of,
    groups_of,
    make_data,
    split_rows,
    tune,
)
from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings
from analysis.behaviours.model import F32, mixed
from analysis.behaviours.spans import runs_of
from analysis.behaviours.stages import both_out_of_fold, both_without
from analysis.behaviours.train import macro, table, taught_by
from analysis.behaviours.training_data import Example, read_examples


def by_source(examples: Sequence[Example], data: Data, settings: Settings) -> tuple[F32, F32]:
    """Log-odds of both stages from weights that saw nothing of a sentence's sources and problems."""
    linear = np.zeros((len(data.design.owner), len(LABELS)), np.float32)
    network = np.zeros_like(linear)
    groups = np.array([group_of(e.source) for e in examples])
    for group in sorted(set(groups.tolist())):
        problems = {e.problem for e, g in zip(examples, groups, strict=True) if g == group}
        train = np.array([e.problem not in problems for e in examples])
        first, second = both_without(examples, data, groups == group, train, settings)
        mine = (groups == group)[data.design.owner]
        linear[mine], network[mine] = first[mine], second[mine]
    return linear, network


def model_rows(
    examples: Sequence[Example], segments: Sequence[F32], thresholds: dict[str, float]
) -> list[dict[str, Any]]:
    """One row for each label, group of sources and model."""
    rows = []
    for label in LABELS:
        for group, members in sorted(groups_of(examples, label).items()):
            for name in sorted({examples[i].model for i in members}):
                mine = [i for i in members if examples[i].model == name]
                p, r, f1, near, n = figures_at(examples, segments, mine, label, thresholds[label])
                rows.append(
                    {"label": label, "source": group, "model": name, "traces": len(mine), "n": n}
                    | {"precision": p, "recall": r, "f1": f1, "near_f1": near}
                )
    return rows


def write_findings(
    out: Path, examples: Sequence[Example], linear: F32, network: F32, tuned: Tuned
) -> int:
    """Write what each trace is found to hold by weights that did not see it, one finding a line.

    That is what ``analysis.evaluation.publish --predictions`` reads. Gives the number of findings.
    """
    thresholds = [tuned.thresholds[label] for label in LABELS]
    done: set[str] = set()  # labelled by several, scored alike
    count = 0
    with out.open("w", encoding="utf-8") as sink:
        parts = zip(split_rows(linear, examples), split_rows(network, examples), strict=True)
        for example, (first_stage, second_stage) in zip(examples, parts, strict=True):
            if example.trace_id in done:
                continue
            done.add(example.trace_id)
            raw = mixed(first_stage, example.rules, tuned.mix, second_stage)
            scores = calibrated(raw, tuned.calibration)
            for label, first, last, best in runs_of(scores, thresholds):
                start, end = example.bodies[first][0], example.bodies[last][1]
                if start >= end:
                    continue
                score = round(float(scores[best, LABELS.index(label)]), 4)
                row = {"trace_id": example.trace_id, "label": label, "start": start, "end": end}
                sink.write(json.dumps({**row, "score": score}, ensure_ascii=False) + "\n")
                count += 1
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.behaviours.crossval", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled JSONL files")
    parser.add_argument("--styles", type=Path, help="folder of the traces of cotscope_styles.jsonl")
    parser.add_argument("--by", choices=("problem", "source"), default="problem")
    parser.add_argument("--by-model", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write the rows as JSON")
    parser.add_argument("--findings", type=Path, help="write the findings as JSONL")
    args = parser.parse_args(arguments)
    settings = Settings()
    examples = read_examples(args.data, settings.bits, args.styles)
    if args.by == "problem":
        taught = taught_by(args.styles, settings, args.seed)
        both = [*examples, *(taught.examples if taught else ())]
        data = make_data(both, settings)
        folds = [fold_of(e.problem, args.seed) for e in examples]
        linear, network = both_out_of_fold(both, data, folds, settings, taught)
        labelled = sum(len(e.covered) for e in examples)
        linear, network = linear[:labelled], network[:labelled]
    else:
        # Without what was taught: the teachers saw all sources.
        linear, network = by_source(examples, make_data(examples, settings), settings)
    tuned = tune(examples, linear, network)
    segments, thresholds = tuned.segments, tuned.thresholds
    rows = table(examples, segments, thresholds)
    if args.by_model:
        rows += model_rows(examples, segments, thresholds)
    for row in rows:
        sys.stdout.write(
            f"{row['label']:20} {row['source']:26} {row.get('model', ''):30} n {row['n']:6} "
            f"P {row['precision']:.3f} R {row['recall']:.3f} F1 {row['f1']:.3f} "
            f"near {row['near_f1']:.3f}\n"
        )
    exact, near = macro([r for r in rows if "model" not in r], JUDGED)
    sys.stdout.write(f"macro over {', '.join(JUDGED)}: exact {exact:.3f}, near {near:.3f}\n")
    if args.out:
        args.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if args.findings:
        count = write_findings(args.findings, examples, linear, network, tuned)
        sys.stdout.write(f"{count:,} findings in {args.findings}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
