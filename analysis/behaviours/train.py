"""Fit the shipped model: python -m analysis.behaviours.train --data DIR [--styles DIR] --out FILE.npz.

Writes the weights, and beside them FILE.json: version, seed, command, hashes of the data, and the
cross-validated table (5 folds by problem) that calibration and thresholds come from. The same data
and seed give the same files (with the same versions of numpy and scipy, which the JSON names).
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.behaviours.features import FEATURES_VERSION
from analysis.behaviours.fitting import (
    FOLDS,
    figures_at,
    fold_of,
    groups_of,
    make_data,
    tune,
)
from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings, arrays
from analysis.behaviours.model import F32, FORMAT
from analysis.behaviours.rules import rules_hash
from analysis.behaviours.stages import both_out_of_fold, fit_both, network_arrays
from analysis.behaviours.taught import Taught, read_taught, with_scores
from analysis.behaviours.training_data import Example, data_hashes, read_examples
from analysis.errors import UsageError

VERSION = "1"


def train(
    folder: Path, settings: Settings, seed: int = 0, styles: Path | None = None
) -> tuple[bytes, dict[str, Any]]:
    """The weights as bytes of an npz file, and what is known of them.

    ``styles`` is the folder of the traces whose passages we labelled and that teachers scored. ``seed`` is
    recorded, and changes which problems share a fold; what the networks draw at random comes from seeds of
    their own.
    """
    examples = read_examples(folder, settings.bits, styles)
    if len({e.problem for e in examples}) < 2:
        raise UsageError(
            "All labelled traces answer one question, so nothing can be held out to measure on.",
            remedy="Finish traces of several questions (Annotate, queue: unlabelled).",
        )
    taught = taught_by(styles, settings, seed)
    both = [*examples, *(taught.examples if taught else ())]
    rows = make_data(both, settings)
    folds = [fold_of(e.problem, seed) for e in examples]
    linear, network = both_out_of_fold(both, rows, folds, settings, taught)
    labelled = sum(len(e.covered) for e in examples)
    tuned = tune(examples, linear[:labelled], network[:labelled])
    if taught:
        rows = with_scores(rows, both, taught.of(None))
    first, second = fit_both(both, rows, np.ones(len(both), bool), settings)
    weights = arrays(first, rows.design, settings) | network_arrays(second)
    weights["mix"] = tuned.mix
    weights["slope"], weights["offset"] = tuned.calibration.slope, tuned.calibration.offset
    thresholds = tuned.thresholds
    weights["thresholds"] = np.array([thresholds[label] for label in LABELS], np.float32)
    data = npz_bytes(weights)
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "features": FEATURES_VERSION,
        "labels": list(LABELS),
        "seed": seed,
        "settings": {name: getattr(settings, name) for name in settings.__dataclass_fields__},
        "command": f"python -m analysis.behaviours.train --data DATA{' --styles TRACES' if styles else ''}"
        f" --out FILE.npz --seed {seed}",
        "libraries": _libraries(),
        "data_sha256": data_hashes(folder, styles) | (taught.hashes() if taught else {}),
        "weights_sha256": hashlib.sha256(data).hexdigest(),
        "thresholds": thresholds,
        "cross_validation": f"{FOLDS} folds by problem",
        "mix": {name: float(m) for name, m in zip(LABELS, tuned.mix, strict=True)},
        "rules": rules_hash(),
        "table": table(examples, tuned.segments, thresholds),
    }
    return data, meta


def taught_by(styles: Path | None, settings: Settings, seed: int) -> Taught | None:
    """The traces that a teacher scored, where they are there.

    Raises ``UsageError`` for folds that the teachers were not kept from.
    """
    if styles is None:
        return None
    if seed:
        raise UsageError(
            "The teachers of taught.npz were kept from the folds of seed 0.",
            remedy="Train with seed 0, or leave --styles out.",
        )
    return read_taught(styles, settings.bits)


def table(
    examples: Sequence[Example], segments: Sequence[F32], thresholds: Mapping[str, float]
) -> list[dict[str, Any]]:
    """One row for each label and group of sources that expresses it."""
    rows = []
    for label in LABELS:
        for group, members in sorted(groups_of(examples, label).items()):
            found = figures_at(examples, segments, members, label, thresholds[label])
            p, r, f1, near, n = found
            row = {"precision": p, "recall": r, "f1": f1, "near_f1": near}
            rows.append(
                {"label": label, "source": group, "traces": len(members), "n": n}
                | {name: round(value, 3) for name, value in row.items()}
            )
    return rows


def macro(
    rows: Sequence[Mapping[str, Any]], judged: Mapping[str, Sequence[str]]
) -> tuple[float, float]:
    """Mean over labels of the mean over their judged groups: exact F1 and near F1."""
    means = []
    for label, groups in judged.items():
        cells = [r for r in rows if r["label"] == label and r["source"] in groups]
        if cells:
            means.append([sum(c[k] for c in cells) / len(cells) for k in ("f1", "near_f1")])
    if not means:
        return 0.0, 0.0
    return sum(m[0] for m in means) / len(means), sum(m[1] for m in means) / len(means)


def npz_bytes(weights: Mapping[str, NDArray[Any]]) -> bytes:
    """An npz file without dates, so that equal arrays give equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(weights):
            one = io.BytesIO()
            np.lib.format.write_array(one, np.asarray(weights[name], order="C"), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _libraries() -> dict[str, str]:
    import scipy

    return {"numpy": np.__version__, "scipy": str(scipy.__version__)}


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.behaviours.train", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled JSONL files")
    parser.add_argument("--styles", type=Path, help="folder of the traces of cotscope_styles.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(arguments)
    data, meta = train(args.data, Settings(), args.seed, args.styles)
    args.out.write_bytes(data)
    text = json.dumps(meta, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    args.out.with_suffix(".json").write_text(text, encoding="utf-8")
    for row in meta["table"]:
        sys.stdout.write(
            f"{row['label']:20} {row['source']:26} n {row['n']:6} P {row['precision']:.3f} "
            f"R {row['recall']:.3f} F1 {row['f1']:.3f} near {row['near_f1']:.3f}\n"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
