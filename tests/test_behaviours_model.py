"""The fitted model of behaviours: features against a plain reference, training, and findings."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import limits
from analysis.analyzers.behaviours import Behaviours, chosen_method
from analysis.analyzers.documents import make_document
from analysis.analyzers.worker import check
from analysis.behaviours.dense import DENSE
from analysis.behaviours.features import FIRST, HEAD, TAIL, featurize
from analysis.behaviours.labels import DEFINITIONS, LABELS
from analysis.behaviours.model import fitted, from_bytes
from analysis.behaviours.rules import rules_hash
from analysis.behaviours.shipped import shipped_meta, shipped_weights
from analysis.behaviours.spans import runs_of
from analysis.behaviours.tokens import code_points, tokenize, word_hash
from analysis.errors import UsageError
from analysis.model import Sentence
from analysis.text.lexicon import is_unspaced
from analysis.text.sentences import split_sentences

TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab'’ Z9.,\n?=$\\é中🙂\u0301"), st.characters(codec="utf-8")
    ),
    max_size=120,
)


def plain_tokens(text: str) -> list[tuple[int, int]]:
    """The tokens by a loop over characters."""

    def kind(at: int) -> str:
        char = text[at]
        if ord(char) >= 0xFFFF:
            return "single"
        if char.isspace() or char == "\0":
            return "space"
        if (
            char in "'’"
            and 0 < at < len(text) - 1
            and kind_of(at - 1) == kind_of(at + 1) == "letter"
        ):
            return "letter"
        return kind_of(at)

    def kind_of(at: int) -> str:
        char = text[at]
        if ord(char) >= 0xFFFF:
            return "single"
        if char.isspace() or char == "\0":
            return "space"
        if char.isdecimal():
            return "digit"
        if (char.isalpha() and not is_unspaced(char)) or 0x300 <= ord(char) < 0x370:
            return "letter"
        return "single"

    out: list[tuple[int, int]] = []
    for at in range(len(text)):
        mine = kind(at)
        if mine == "space":
            continue
        if out and out[-1][1] == at and mine != "single" and kind(at - 1) == mine:
            out[-1] = (out[-1][0], at + 1)
        else:
            out.append((at, at + 1))
    return out


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_tokens_are_those_of_the_plain_loop(text: str) -> None:
    found = tokenize(code_points(text))
    assert list(zip(found.start.tolist(), found.end.tolist(), strict=True)) == plain_tokens(text)
    words: dict[int, str] = {}
    for start, end, value in zip(found.start, found.end, found.hash.tolist(), strict=True):
        # The same characters, whatever their case, and only they, have the same hash.
        plain = "".join(
            c.lower() if len(c.lower()) == 1 else c for c in text[start:end].replace("’", "'")
        )
        plain = "".join("\uffff" if ord(c) >= 0xFFFF else c for c in plain)
        assert words.setdefault(value, plain) == plain


def test_a_word_has_one_hash_wherever_it_stands() -> None:
    for lead in (0, 1, 65_530, 65_534, 65_536, 131_071):
        text = " " * lead + "However 12345"
        found = tokenize(code_points(text))
        assert [int(h) for h in found.hash] == [word_hash("however"), word_hash("12345")]
        assert found.start.tolist() == [lead, lead + 8]


@given(TEXTS, st.booleans())
@settings(max_examples=100, deadline=None)
def test_features_have_a_row_for_each_sentence_and_are_finite(text: str, asked: bool) -> None:
    sentences = split_sentences(text)
    found = featurize(text, sentences, text[:20] if asked else None, 12)
    assert found.dense.shape == (len(sentences), len(DENSE))
    assert np.isfinite(found.dense).all()
    assert len(found.bounds) == len(sentences) + 1
    assert found.grams.min(initial=0) >= -1 and found.grams.max(initial=0) < 1 << 12


def plain_grams(text: str, sentences: Sequence[Sentence]) -> list[list[tuple[str, ...]]]:
    """N-grams by lists of words: words, pairs and triples, "^" before each sentence."""
    out = []
    for sentence in sentences:
        words = re.findall(r"[a-z]+|\d+|[^\sa-z\d]", text[sentence.start : sentence.end].lower())
        words = ["0" if w.isdigit() else w for w in words]
        if len(words) > HEAD + TAIL:
            words = words[:HEAD] + words[-TAIL:]
        marked = ["^", *words, "^"]
        grams: list[tuple[str, ...]] = [(w,) for w in marked[:-1]]
        grams += [tuple(marked[i : i + 2]) for i in range(len(marked) - 1)]
        grams += [tuple(marked[i : i + 3]) for i in range(len(marked) - 2)]
        pairs = [tuple(marked[i : i + 2]) for i in range(len(marked) - 2)]
        grams += [("first", *pair) for pair in pairs[: FIRST + 1]]
        out.append(grams)
    return out


@given(
    st.lists(
        st.sampled_from(
            ["so", "we", "get", "4", "7", "x", "=", ".", "\n", "wait", ",", "check", "that"]
        ),
        max_size=90,
    )
)
@settings(max_examples=60, deadline=None)
def test_equal_n_grams_and_only_they_share_a_bucket(words: list[str]) -> None:
    text = " ".join(words)
    sentences = split_sentences(text)
    found = featurize(text, sentences, None, 40)
    names: dict[int, tuple[str, ...]] = {}
    for index, grams in enumerate(plain_grams(text, sentences)):
        columns = found.grams[:, found.bounds[index] : found.bounds[index + 1]]
        buckets = columns[columns >= 0].tolist()
        assert len(buckets) == len(grams)
        for bucket, gram in zip(buckets, grams, strict=True):
            assert names.setdefault(bucket, gram) == gram
    assert len(set(names.values())) == len(names)


RECORDS = [
    {
        "trace_id": f"t{i}",
        "problem_id": f"p{i}",
        "model": "heron-8b",
        "source": "ours",
        "annotator": "human",
        "question": "What is 6 times 7?",
        "flags": [],
        "expresses": ["backtracking", "verification_start", "planning"],
        "segments": [
            {"start": 0, "end": 28, "labels": ["planning"]},
            {"start": 28, "end": 45, "labels": []},
            {"start": 45, "end": 78, "labels": ["verification_start"]},
            {"start": 78, "end": 115, "labels": ["backtracking"]},
        ],
        "reasoning": "First I multiply the parts. "
        f"That gives {40 + i:3d}. \n"
        "Let me check this by adding up.  "
        "Instead I go back to another method.\n",
    }
    for i in range(6)
]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, dict[str, Any]]:
    from analysis.behaviours.train import train

    folder = tmp_path_factory.mktemp("gold")
    lines = [json.dumps(record) for record in RECORDS]
    (folder / "ours.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data, meta = train(folder, small())
    return folder, data, meta


def small() -> Any:
    from analysis.behaviours.linear import Settings

    return Settings(bits=9, near_bits=7, steps=8)


def test_the_same_data_give_the_same_bytes(trained: tuple[Path, bytes, dict[str, Any]]) -> None:
    from analysis.behaviours.train import train

    folder, data, meta = trained
    assert train(folder, small()) == (data, meta)
    changed = folder / "ours.jsonl"
    before = changed.read_text(encoding="utf-8")
    changed.write_text(before.replace("Let me check", "I will check"), encoding="utf-8")
    other, other_meta = train(folder, small())
    changed.write_text(before, encoding="utf-8")
    assert other != data and other_meta["data_sha256"] != meta["data_sha256"]


def test_the_shipped_sums_are_those_of_the_design_matrix(
    trained: tuple[Path, bytes, dict[str, Any]],
) -> None:
    from analysis.behaviours.fitting import targets_of
    from analysis.behaviours.linear import fit, make_design
    from analysis.behaviours.training_data import read_examples

    folder, data, meta = trained
    examples = read_examples(folder, 9)
    assert [round(float(x), 2) for x in examples[0].covered[:, 0]] == [0.0, 0.0, 0.0, 1.0]
    design = make_design([e.features for e in examples], small())
    target, weight = targets_of(examples)
    weights = fit(design.rows, target, weight, small())
    expected = design.rows @ weights[:-1] + weights[-1]
    model = from_bytes(data, meta)
    found = np.concatenate([model.linear(e.features, model.numbers(e.features)) for e in examples])
    np.testing.assert_allclose(found, expected, atol=0.03)
    assert np.abs(expected).max() > 0.5


def test_other_weights_than_the_json_names_are_refused() -> None:
    with pytest.raises(UsageError, match="weights"):
        from_bytes(shipped_weights() + b" ", shipped_meta())
    with pytest.raises(UsageError, match="another version"):
        from_bytes(shipped_weights(), {**shipped_meta(), "features": "0"})


def test_what_ships_says_where_it_comes_from_and_holds_no_text() -> None:
    meta = shipped_meta()
    assert tuple(meta["labels"]) == LABELS
    assert meta["command"].startswith("python -m analysis.behaviours.train")
    assert all(re.fullmatch("[0-9a-f]{64}", value) for value in meta["data_sha256"].values())
    assert {"label", "source", "f1", "near_f1", "n"} <= set(meta["table"][0])
    # Calibration and thresholds hold for these rules: train again after changing rules or cues.
    assert meta["rules"] == rules_hash()
    model = fitted()
    assert model.own.nbytes + model.near.nbytes < 30e6 and len(shipped_weights()) < 12e6


TRACE = (
    "Okay, so I need to find the sum of all two-digit multiples of 7.\n\n"
    "The first one is 14 and the last one is 98. So there are (98 - 14)/7 + 1 = 13 of them. "
    "The sum is 13 * (14 + 98) / 2 = 13 * 56 = 728.\n\n"
    "Let me verify that by adding them up in pairs. 14 + 98 = 112, 21 + 91 = 112, and so on. "
    "There are 6 pairs and the middle one 56. So 6 * 112 + 56 = 672 + 56 = 728. Good, that matches.\n\n"
    "Hmm, I'm not sure whether the question means positive numbers only.\n\n"
    "Alternatively, maybe I can approach this from the formula for the sum of an arithmetic series. "
    "That would be n/2 times the first plus the last.\n\n"
    "So the final answer is \\boxed{728}."
)


def findings(text: str, question: str | None = None) -> list[tuple[str, str]]:
    document = make_document("t", text, question=question)
    result = Behaviours(method="fitted").analyze(document)
    assert check(Behaviours(method="fitted"), document, result) is None
    return [(f.label, text[f.start : f.end]) for f in result.findings]


def test_a_trace_of_ours_gets_the_labels_that_a_reader_gives_it() -> None:
    found = findings(TRACE, "Find the sum of all two-digit multiples of 7.")
    by_label = {label: " | ".join(t for name, t in found if name == label) for label in LABELS}
    assert "Let me verify" in by_label["verification_start"]
    assert "Let me verify" in by_label["verification"] and "matches" in by_label["verification"]
    assert "Alternatively" in by_label["backtracking"] + by_label["alternative"]
    assert "not sure" in by_label["uncertainty"]
    assert "boxed" in by_label["final"]
    assert "I need to find" in by_label["restatement"] + by_label["planning"]
    assert "13 of them" in by_label["deduction"]


TERSE = (
    "We need the number of integer solutions of x^2 + y^2 = 50. List: x=1, y=7; x=5, y=5; x=7, y=1. "
    "With signs 4+4+4 = 12.\n\n"
    "Let's double-check by the divisor formula: 50 = 2*5^2, so 4*(3-0) = 12. Good, consistent.\n\n"
    "Could use generating functions. That doesn't lead anywhere. "
    "Let's try a different approach: substitute t = x^2.\n\nThus answer 12."
)


def test_a_terse_trace_without_the_usual_tics_gets_its_labels() -> None:
    found = findings(TERSE)
    by_label = {label: " | ".join(t for name, t in found if name == label) for label in LABELS}
    assert "double-check" in by_label["verification_start"]
    assert "consistent" in by_label["verification"]
    assert "different approach" in by_label["backtracking"]
    assert "Thus answer 12" in by_label["final"]


def test_text_in_another_language_is_left_to_the_rules() -> None:
    for text in (
        "让我验证一下：1+49=50，正确。不过，换一种思路，我们可以用公式。",
        "Ich prüfe das noch einmal, denn die Summe der beiden ersten Zahlen ist größer als zehn und das kann nicht stimmen.",
    ):
        document = make_document("t", text)
        fitted_findings = Behaviours(method="fitted").analyze(document)
        assert fitted_findings == Behaviours(method="rules").analyze(document)
    assert any(
        label == "verification_start" for label, _ in findings("让我验证一下：1+49=50，正确。")
    )


def test_findings_carry_scores_and_words_of_the_trace() -> None:
    document = make_document("t", TRACE)
    result = Behaviours(method="fitted").analyze(document)
    opening = next(f for f in result.findings if f.label == "verification_start")
    assert 0 < opening.score <= 1
    quoted = [w.strip("'") for w in opening.evidence["because"] if w.startswith("'")]
    assert quoted and all(w in TRACE[opening.start : opening.end] for w in quoted)
    values = {m.name: m.value for m in result.metrics}
    assert values["n_verification"] == sum(f.label == "verification_start" for f in result.findings)
    assert values["verification_share"] is not None and 0 < values["verification_share"] < 1


@given(TEXTS)
@settings(max_examples=60, deadline=None)
def test_every_text_gives_findings_within_it(text: str) -> None:
    for _, covered in findings(text):
        assert covered == covered.strip() != ""


def test_passages_are_joined_and_sentences_are_not() -> None:
    scores = np.zeros((5, len(LABELS)), np.float32)
    scores[[0, 1, 3], LABELS.index("verification")] = (0.6, 0.9, 0.7)
    scores[[0, 1], LABELS.index("backtracking")] = 0.8
    found = runs_of(scores, [0.5] * len(LABELS))
    assert found == [
        ("backtracking", 0, 0, 0), ("backtracking", 1, 1, 1),
        ("verification", 0, 1, 1), ("verification", 3, 3, 3),
    ]  # fmt: skip


def test_a_trace_that_loops_stays_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Wait, let me check that again. " * 60
    plain = Behaviours(method="fitted").analyze(make_document("t", text))
    monkeypatch.setattr(limits, "MAX_FINDINGS_PER_ANALYZER", 20)
    document = make_document("t", text)
    joined = Behaviours(method="fitted").analyze(document)
    assert check(Behaviours(method="fitted"), document, joined) is None
    assert len(joined.findings) <= 20 < len(plain.findings)
    assert joined.metrics == plain.metrics or len(joined.findings) == 20


def test_the_environment_chooses_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {}
    for method in ("fitted", "rules"):
        monkeypatch.setenv("COTSCOPE_BEHAVIOURS", method)
        assert chosen_method() == method
        hashes[method] = Behaviours().config_hash()
    assert hashes["fitted"] != hashes["rules"]
    monkeypatch.setenv("COTSCOPE_BEHAVIOURS", "guess")
    with pytest.raises(UsageError, match="guess"):
        chosen_method()
    assert set(Behaviours(method="fitted").labels) == set(LABELS) == set(DEFINITIONS)


BEFORE = "We set up 3x + 4 = 19, which gives x = 5. The pears play no part so far. "
AFTER = " Let y be the number of pears. Then x + y = 9, so y = 4."


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("backtracking", "Let me start over."),
        ("backtracking", "Need different approach: list multiples."),
        ("backtracking", "Alternate strategy: work modulo 7."),
        ("backtracking", "I should go back and use two unknowns instead."),
        ("verification_start", "Check: 12*7 = 84."),
        ("verification_start", "Let me check: 15 + 4 = 19."),
        ("verification_start", "Double-check the sum: 15 + 4 = 19."),
        ("verification_start", "Let's verify using a generating function."),
        ("verification_start", "To make sure this is right, I substitute x = 5 back: 15 + 4 = 19."),
    ],
)
def test_what_is_announced_is_found_in_any_style(label: str, sentence: str) -> None:
    text = BEFORE + sentence + AFTER
    found = Behaviours(method="fitted").analyze(make_document("t", text)).findings
    spans = [text[f.start : f.end] for f in found if f.label == label]
    assert any(sentence in span for span in spans), spans
