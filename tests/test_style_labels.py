"""Labels of passages whose texts stand elsewhere: found by place and hash, unknown outside the passage."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from analysis.behaviours import style_labels
from analysis.behaviours.fitting import targets_of
from analysis.behaviours.labels import LABELS
from analysis.behaviours.training_data import data_hashes, read_examples
from analysis.errors import UsageError

TEXT = "First the width. It is 4. 🦉 Let me check that. Yes, 4. Scrap that plan, use areas. Done."


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A folder of gold without traces of its own, and one of traces with a labelled passage."""
    gold, traces = tmp_path / "gold", tmp_path / "traces"
    gold.mkdir()
    traces.mkdir()
    (gold / "none.jsonl").write_text("", encoding="utf-8")
    rows = [{"thinking": "other", "question": "?"}, {"thinking": TEXT, "question": "How wide?"}]
    (traces / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    start, end = TEXT.index("It is"), TEXT.index("Done")
    spans = [
        [TEXT.index("Let me"), TEXT.index(" Yes"), ["verification_start"]],
        [TEXT.index("Scrap"), end - 1, ["backtracking"]],
    ]
    row = {
        "id": "x", "file": "a.jsonl", "line": 1, "field": "thinking", "model": "heron-8b", "problem": "p",
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(), "labelled": [start, end], "spans": spans,
    }  # fmt: skip
    labels = tmp_path / "labels.jsonl"
    labels.write_text(json.dumps(row) + "\n", encoding="utf-8")
    monkeypatch.setattr(style_labels, "LABELS_FILE", labels)
    return gold, traces


def test_a_passage_teaches_its_sentences_and_no_others(folders: tuple[Path, Path]) -> None:
    gold, traces = folders
    (example,) = read_examples(gold, 9, traces)
    bodies = [TEXT[start:end] for start, end in example.bodies]
    labels = {
        body: [LABELS[c] for c in np.flatnonzero(row >= 0.5)]
        for body, row in zip(bodies, example.covered, strict=True)
    }
    check = next(body for body in bodies if "Let me check" in body)
    assert labels[check] == ["verification_start"]
    assert labels["Scrap that plan, use areas."] == ["backtracking"] and labels["Yes, 4."] == []
    known = dict(zip(bodies, example.known.tolist(), strict=True))
    assert known["Yes, 4."] and not known["First the width."] and not known["Done."]
    _, weight = targets_of([example])
    column = LABELS.index("backtracking")
    assert [w > 0 for w in weight[:, column]] == example.known.tolist()
    assert not weight[:, LABELS.index("verification")].any()
    segments = [TEXT[s["start"] : s["end"]] for s in example.segments]
    assert "Yes, 4." in segments and "Done." not in segments
    assert segments == sorted(segments, key=TEXT.index)


def test_another_text_is_refused(folders: tuple[Path, Path]) -> None:
    gold, traces = folders
    file = traces / "a.jsonl"
    file.write_text(
        file.read_text(encoding="utf-8").replace("It is 4", "It is 5"), encoding="utf-8"
    )
    with pytest.raises(UsageError, match="not the text that was labelled"):
        read_examples(gold, 9, traces)
    file.unlink()
    with pytest.raises(UsageError, match="no file"):
        read_examples(gold, 9, traces)


def test_the_shipped_labels_are_whole_and_hold_no_text() -> None:
    rows = [json.loads(line) for line in style_labels.LABELS_FILE.read_text().splitlines()]
    assert len(rows) > 200 and len({row["id"] for row in rows}) == len(rows)
    assert set(rows[0]) == {
        "id", "file", "line", "field", "sha256", "model", "problem", "labelled", "spans",
    }  # fmt: skip
    for row in rows:
        first, last = row["labelled"]
        edges = [first, *(edge for start, end, _ in row["spans"] for edge in (start, end)), last]
        assert edges == sorted(edges) and all(start < end for start, end, _ in row["spans"])
        assert all(labels and set(labels) <= set(LABELS) for _, _, labels in row["spans"])
    assert style_labels.LABELS_FILE.name in data_hashes_of_what_ships()


def data_hashes_of_what_ships() -> dict[str, str]:
    from analysis.behaviours.shipped import shipped_meta

    return dict(shipped_meta()["data_sha256"])


def test_the_labels_count_among_the_data(folders: tuple[Path, Path]) -> None:
    gold, traces = folders
    with_styles, without = data_hashes(gold, traces), data_hashes(gold)
    assert set(with_styles) - set(without) == {style_labels.LABELS_FILE.name}
