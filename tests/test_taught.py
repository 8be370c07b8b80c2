"""Scores of a teacher on traces without labels: found by place and hash, and kept apart by fold."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.behaviours import stages, taught
from analysis.behaviours.fitting import FOLDS, fold_of, make_data
from analysis.behaviours.labels import LABELS
from analysis.behaviours.linear import Settings
from analysis.behaviours.shipped import shipped_meta
from analysis.behaviours.taught import HIGHEST, LOWEST, TAUGHT_FILE, codes_of, read_taught
from analysis.behaviours.train import npz_bytes, train
from analysis.behaviours.training_data import Example, read_examples
from analysis.errors import UsageError

SMALL = Settings(bits=9, near_bits=7, steps=8, epochs=1, batch=4)
TEXTS = [
    f"The box has {n} sides. 🦉 Let me count that again. Yes, {n}. No, wrong way, try areas."
    for n in (3, 5, 8)
]
TEACHER_OF = (0, 0, 1, 1, 1, 2)


def write(folder: Path, scores: np.ndarray[Any, Any], **changed: Any) -> Path:
    """A file of scores of ``TEXTS``: teacher x sentence x label, as log-odds."""
    digests = b"".join(hashlib.sha256(text.encode()).digest() for text in TEXTS)
    arrays: dict[str, Any] = {
        "files": np.array(["a.jsonl"]), "fields": np.array(["thinking"]),
        "file": np.zeros(3, np.uint8), "line": np.array([2, 0, 3], np.int32),
        "field": np.zeros(3, np.uint8), "sha256": np.frombuffer(digests, np.uint8).reshape(3, 32),
        "sentences": np.full(3, 4, np.int32), "codes": codes_of(scores.astype(np.float32)),
        "teacher_of": np.array(TEACHER_OF, np.int8),
    }  # fmt: skip
    file = folder / "taught.npz"
    file.write_bytes(npz_bytes(arrays | changed))
    return file


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    rows = [{"thinking": TEXTS[1]}, {"other": 1}, {"thinking": TEXTS[0]}, {"thinking": TEXTS[2]}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return tmp_path


def odds() -> np.ndarray[Any, Any]:
    """Three teachers: each says its own number of everything."""
    return np.stack([np.full((12, 3), value) for value in (-2.0, 0.0, 3.0)])


def test_scores_are_found_by_place_and_hash(traces: Path) -> None:
    found = read_taught(traces, 9, write(traces, odds()))
    assert [len(e.covered) for e in found.examples] == [4, 4, 4]
    assert len({e.problem for e in found.examples}) == 3
    assert all(not e.expresses and not e.segments for e in found.examples)
    means = [float(found.of(fold).mean()) for fold in (*range(FOLDS), None)]
    low, half, high = (1 / (1 + np.exp(-x)) for x in (-2.0, 0.0, 3.0))
    np.testing.assert_allclose(means, [low, low, half, half, half, high], atol=1e-6)


def test_log_odds_are_kept_to_half_a_step() -> None:
    values = np.linspace(LOWEST - 3, HIGHEST + 3, 500, dtype=np.float32)
    back = LOWEST + taught.STEP * codes_of(values).astype(np.float32)
    assert np.abs(back - values.clip(LOWEST, HIGHEST)).max() <= taught.STEP / 2 + 1e-6


def test_another_text_or_cut_is_refused(traces: Path) -> None:
    file = write(traces, odds(), sentences=np.array([4, 5, 4], np.int32))
    with pytest.raises(UsageError, match=r"Line 0 of a\.jsonl is cut into other sentences"):
        read_taught(traces, 9, file)
    file = write(traces, odds(), line=np.array([2, 1, 3], np.int32))
    with pytest.raises(UsageError, match=r"Line 1 of .*a\.jsonl is not the text"):
        read_taught(traces, 9, file)
    (traces / "a.jsonl").unlink()
    with pytest.raises(UsageError, match="no file"):
        read_taught(traces, 9, file)


def labelled() -> list[dict[str, Any]]:
    text = "The sum is 12. Let me check this by adding up.  Instead I go back to another method.\n"
    first, second = text.index("Let"), text.index("Instead")
    return [
        {
            "trace_id": f"t{n}", "problem_id": f"p{n}", "model": "m", "source": "ours",
            "annotator": "human", "question": "?", "reasoning": text, "flags": [],
            "expresses": ["backtracking", "verification_start"],
            "segments": [
                {"start": 0, "end": first, "labels": []},
                {"start": first, "end": second, "labels": ["verification_start"]},
                {"start": second, "end": len(text), "labels": ["backtracking"]},
            ],
        }
        for n in range(9)
    ]  # fmt: skip


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    lines = [json.dumps(row) + "\n" for row in labelled()]
    (folder / "ours.jsonl").write_text("".join(lines), encoding="utf-8")
    return folder


def test_each_fold_is_taught_by_a_teacher_that_did_not_see_it(
    gold: Path, traces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = read_taught(traces, 9, write(traces, odds()))
    examples = [*read_examples(gold, 9), *given.examples]
    data = make_data(examples, SMALL)
    folds = [fold_of(e.problem) for e in examples if e.source != taught.SOURCE]
    seen: list[tuple[int, float, bool]] = []
    whole = stages.both_without

    def noted(some: list[Example], mine: Any, test: Any, train_: Any, settings: Settings) -> Any:
        names = {fold_of(e.problem) for e, flag in zip(some, test, strict=True) if flag}
        rows = np.array([e.source == taught.SOURCE for e in some])
        taught_rows = rows[mine.design.owner]
        column = LABELS.index("verification")
        value = float(mine.target[taught_rows, column].mean())
        assert np.unique(mine.weight[taught_rows, column]).tolist() == [np.float32(taught.WEIGHT)]
        assert not mine.weight[taught_rows, LABELS.index("final")].any()
        seen.append((names.pop(), value, bool(train_[rows].all() and not test[rows].any())))
        return whole(some, mine, test, train_, settings)

    monkeypatch.setattr(stages, "both_without", noted)
    linear, network = stages.both_out_of_fold(examples, data, folds, SMALL, given)
    assert [s[0] for s in seen] == sorted(set(folds)) and all(s[2] for s in seen)
    expected = [1 / (1 + np.exp(-(-2.0, 0.0, 3.0)[TEACHER_OF[fold]])) for fold, _, _ in seen]
    np.testing.assert_allclose([s[1] for s in seen], expected, atol=1e-6)
    assert linear[: len(folds)].any() and network[: len(folds)].any()


def test_what_is_taught_is_learned(
    gold: Path, traces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A teacher that calls every sentence a check makes the model say so more often."""
    monkeypatch.setattr(
        "analysis.behaviours.training_data.style_labels.style_records", lambda _: []
    )
    found = []
    for value in (-6.0, 4.0):
        scores = np.full((3, 12, 3), value)
        file = write(traces, scores)
        monkeypatch.setattr(
            "analysis.behaviours.train.read_taught",
            lambda folder, bits, file=file: read_taught(folder, bits, file),
        )
        data, meta = train(gold, SMALL, styles=traces)
        assert "taught.npz" in meta["data_sha256"]
        with np.load(io.BytesIO(data)) as weights:
            found.append(float(weights["bias"][LABELS.index("verification")]))
    assert found[1] > found[0] + 0.5
    with pytest.raises(UsageError, match="seed 0"):
        train(gold, SMALL, seed=3, styles=traces)


def test_the_shipped_scores_are_whole_and_hold_no_text() -> None:
    content = TAUGHT_FILE.read_bytes()
    with np.load(TAUGHT_FILE, allow_pickle=False) as kept:
        arrays = {name: kept[name] for name in kept.files}
    count, sentences = len(arrays["line"]), int(arrays["sentences"].sum())
    assert count > 500 and arrays["codes"].shape == (4, sentences, len(taught.TAUGHT_LABELS))
    assert len({row.tobytes() for row in arrays["sha256"]}) == count
    assert arrays["teacher_of"].tolist() == [0, 0, 1, 1, 2, 3]
    assert {
        "files",
        "fields",
        "file",
        "line",
        "field",
        "sha256",
        "sentences",
        "teacher_of",
        "codes",
    } == set(arrays)
    assert shipped_meta()["data_sha256"]["taught.npz"] == hashlib.sha256(content).hexdigest()
