"""The encoder that teaches: a random one of four layers, on traces that we made up."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.behaviours import taught
from analysis.behaviours.labels import LABELS

pytestmark = pytest.mark.engines
WORDS = [
    "let",
    "me",
    "check",
    "this",
    "again",
    "so",
    "the",
    "sum",
    "is",
    "and",
    "five",
    "six",
    "wrong",
    "instead",
    "go",
    "back",
    "to",
    ".",
]
CHECK, WORK, BACK = "Let me check this again.", "So the sum is five and six.", "Instead go back."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An encoder in the form of the published one."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import BertConfig, BertModel

    out = tmp_path_factory.mktemp("encoder")
    names = ["[PAD]", "[UNK]", *WORDS]
    vocabulary = {name: i for i, name in enumerate(names)} | {"[CLS]": 101, "[SEP]": 102}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(out / "tokenizer.json"))
    config = BertConfig(
        vocab_size=128,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(out)
    return out


def gold(folder: Path, count: int) -> Path:
    rows: list[dict[str, Any]] = []
    for n in range(count):
        parts = [WORK, CHECK, WORK, BACK] * (1 + n % 3)
        text, segments = "", []
        for part in parts:
            labels = {CHECK: ["verification_start"], BACK: ["backtracking"]}.get(part, [])
            segments.append({"start": len(text), "end": len(text) + len(part), "labels": labels})
            text += part + "\n"
        rows.append({
            "trace_id": f"t{n}", "problem_id": f"p{n}", "model": "m", "source": "ours",
            "annotator": "human", "question": "?", "reasoning": f"{text}{n}", "flags": [],
            "expresses": ["backtracking", "verification_start"], "segments": segments,
        })  # fmt: skip
    out = folder / "gold"
    out.mkdir()
    (out / "ours.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return out


def test_a_teacher_writes_what_training_reads(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.behaviours import encoder, teacher

    texts = [f"{WORK}\n{CHECK}\n{WORK}\n{BACK}\n" * 8 + f"{n}" for n in range(4)]
    traces = tmp_path / "traces"
    traces.mkdir()
    rows = [{"thinking": text} for text in [*texts, texts[0], "short", "因" * 900]]
    (traces / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    places = teacher.choose(traces, 10_000)
    assert {line for _, line, _ in places} == {0, 1, 2, 3} and len(places) == 4
    assert len(teacher.choose(traces, len(texts[0]) + 1)) == 1
    monkeypatch.setattr(encoder, "RATE", 2e-3)
    monkeypatch.setattr(encoder, "HEAD_RATE", 2e-2)
    monkeypatch.setattr(encoder, "EPOCHS", 30)
    out = tmp_path / "taught.npz"
    asked = ["--data", str(gold(tmp_path, 12)), "--styles", str(traces), "--model", str(folder)]
    assert teacher.main([*asked, "--characters", "10000", "--out", str(out)]) == 0
    found = taught.read_taught(traces, 9, out)
    assert [hashlib.sha256(t.encode()).hexdigest() for t in texts] == [
        e.problem.removeprefix("taught:") for e in found.examples
    ]
    said = found.of(None)
    sentences = [texts[0][start:end] for start, end in found.examples[0].bodies]
    for kind, label in ((CHECK, "verification_start"), (BACK, "backtracking")):
        mine = np.array([s == kind for s in sentences])
        column = taught.TAUGHT_LABELS.index(label)
        rows_ = said[: len(sentences), column]
        assert rows_[mine].mean() > rows_[~mine].mean() + 0.3, label
    assert len(found.teachers) == len(teacher.HELD)


def test_a_window_holds_whole_sentences() -> None:
    from analysis.behaviours import encoder

    random = np.random.Generator(np.random.PCG64(0))
    for _ in range(50):
        ids = [[1] * int(n) for n in random.integers(0, 110, 60)]
        windows = list(encoder._windows(ids, int(random.integers(40, 256))))
        assert np.concatenate(windows).tolist() == list(range(60))
        for window in windows:
            size = 1 + sum(len(ids[i]) + 1 for i in window.tolist())
            assert size <= encoder.WINDOW or len(window) == 1
    assert len(LABELS) == 10
