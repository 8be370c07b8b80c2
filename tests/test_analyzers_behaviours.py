"""Backtracking and verification: which sentences, which not, in several styles and languages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.analyzers.backtracking import Backtracking
from analysis.analyzers.documents import make_document
from analysis.analyzers.verification import MAX_SENTENCES, Verification
from analysis.model import Document, Finding

BACKTRACKING, VERIFICATION = Backtracking(), Verification()


def found(document: Document, label: str) -> list[str]:
    """The texts of the findings of one label."""
    analyzer = BACKTRACKING if label == "backtracking" else VERIFICATION
    return [document.text(f) for f in analyzer.analyze(document).findings if f.label == label]


@pytest.mark.parametrize(
    "sentence",
    [
        "Alternatively, maybe I can count the complement.",
        "Hmm, alternatively, let me use vectors.",
        "But another approach is to set up an equation.",
        "Let me try a different approach.",
        "Maybe there's a simpler way to do this.",
        "I should think about this differently.",
        "Alternative approach: use symmetry.",
        "This approach isn't going to work.",
        "OK, let's start over from scratch.",
        "换一种思路，用向量来做。",
        "或者我们可以考虑对称性。",
        "別の方法を考えてみよう。",
        "Otra forma es contar los pares.",
    ],
)
def test_sentences_that_turn_to_another_approach(sentence: str) -> None:
    document = make_document("t", f"The sum of the first two is 5. {sentence} Then 2 + 2 = 4.")
    assert found(document, "backtracking") == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Wait, that gives 12.",
        "Hmm, hold on.",
        "Actually, the side is 4.",
        "So the other method gives 7 as well.",
        "Another way to verify this is to plug it in.",
        "Alternatively, the bridge is at the other end.",
        "The different approaches of the two authors are known.",
        "等等，这里是 5。",
        "`alternatively, let me`",
    ],
)
def test_sentences_that_go_on(sentence: str) -> None:
    document = make_document("t", f"The sum of the first two is 5. {sentence} Then 2 + 2 = 4.")
    assert found(document, "backtracking") == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Let me double-check the sum.",
        "But wait, let me check if that holds.",
        "Let me verify this with small numbers.",
        "But we need to check the boundary.",
        "Check: 3 + 4 = 7.",
        "Check sum: 12 + 4 + 4 = 20.",
        "Let's test with n=3.",
        "Double-check with the original equation.",
        "Verify: 5 + 5 = 10.",
        "Just to be sure, I add them again.",
        "I should make sure I didn't skip a case.",
        "让我验证一下这个结果。",
        "再检查一遍计算。",
        "念のため確認しよう。",
        "Проверим это значение.",
    ],
)
def test_sentences_that_open_a_check(sentence: str) -> None:
    document = make_document("t", f"So there are 20 of them.\n\n{sentence}\n\nThe rest is known.")
    assert found(document, "verification_start") == [sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "The checkerboard has 64 squares.",
        "She paid by check.",
        "Let's check each case in turn.",
        "Now test case 3 is read.",
        "We verify nothing.",
        "Let me think.",
    ],
)
def test_sentences_that_open_none(sentence: str) -> None:
    document = make_document("t", f"So there are 20 of them.\n\n{sentence}\n\nThe rest is known.")
    assert found(document, "verification_start") == []


def test_a_check_runs_to_its_verdict() -> None:
    text = (
        "So x = 3. Let me verify. Put 3 in for x. Then 3 + 4 = 7. That matches. "
        "Next, y is 5. It is prime."
    )
    document = make_document("t", text)
    assert found(document, "verification") == [
        "Let me verify. Put 3 in for x. Then 3 + 4 = 7. That matches."
    ]
    assert found(document, "verification_start") == ["Let me verify."]


def test_a_verdict_in_the_opening_sentence_ends_the_check() -> None:
    document = make_document("t", "x = 3. Let me check: 3 + 4 = 7, which matches. Then y = 5.")
    assert found(document, "verification") == ["Let me check: 3 + 4 = 7, which matches."]


def test_a_check_stops_at_a_switch_and_is_bounded() -> None:
    text = "x = 3. Let me verify this. Add one. Alternatively, let me use a graph. Draw it."
    assert found(make_document("t", text), "verification") == ["Let me verify this. Add one."]
    text = "Let me verify this." + " Add one more." * 40
    (whole,) = found(make_document("t", text), "verification")
    assert whole.count(".") == MAX_SENTENCES


def test_a_claim_alone_is_a_check_of_less_score() -> None:
    document = make_document("t", "Two times ten is 20. So that checks out. Then y = 5.")
    (finding,) = VERIFICATION.analyze(document).findings
    assert (document.text(finding), finding.label) == ("So that checks out.", "verification")
    assert finding.score == 0.5


def test_findings_say_why() -> None:
    document = make_document(
        "t", "It is 5. Let me double-check that. Another approach is to guess."
    )
    finding: Finding = VERIFICATION.analyze(document).findings[0]
    assert finding.evidence["cue"] == "Let me double-check"
    assert finding.evidence["cue_id"] == "en.let-me-verify"
    assert 0.5 <= finding.score <= 1
    (turn,) = BACKTRACKING.analyze(document).findings
    assert turn.evidence["cue"] == "Another approach"


def test_rates_are_per_thousand_tokens_and_undefined_without_any() -> None:
    text = "Let me verify this. " + "The cat sat on the mat. " * 100
    document = make_document("t", text, reasoning_tokens=600)
    numbers = {m.name: m.value for m in VERIFICATION.analyze(document).metrics}
    assert numbers["n_verification"] == 1
    assert numbers["verification_per_1k"] == pytest.approx(1000 / 600)
    empty = {m.name: m.value for m in VERIFICATION.analyze(make_document("t", "")).metrics}
    assert empty == {"n_verification": 0, "verification_per_1k": None, "verification_share": None}


def test_another_document_of_equal_text_is_scanned_for_itself() -> None:
    first = make_document("a", "It is 5. Let me verify. Fine.")
    second = make_document("b", "It is 5. Nothing else here.")
    assert VERIFICATION.analyze(first).findings
    assert not VERIFICATION.analyze(second).findings
    assert VERIFICATION.analyze(first).findings


def floor(shared: Path, tmp_path: Path, source: str, label: str) -> float:
    """F1 of our spans by the shared scorer on one source."""
    predictions = tmp_path / "spans.jsonl"
    gold = tmp_path / "gold"
    gold.mkdir()
    lines = (shared / f"data/behaviours/{source}.jsonl").read_text(encoding="utf-8").splitlines()
    (gold / f"{source}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with predictions.open("w", encoding="utf-8") as out:
        for line in lines:
            trace = json.loads(line)
            document = make_document(trace["trace_id"], trace["reasoning"])
            for analyzer in (BACKTRACKING, VERIFICATION):
                for f in analyzer.analyze(document).findings:
                    row = {
                        "trace_id": trace["trace_id"],
                        "label": f.label,
                        "start": f.start,
                        "end": f.end,
                    }
                    out.write(json.dumps(row) + "\n")
    scorer = shared / "tools/score_behaviours.py"
    command = [sys.executable, str(scorer), "score", str(gold), str(predictions), "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return float(next(row["f1"] for row in rows if row["label"] == label))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("source", "label", "least"),
    [
        ("reasoningflow_v0_humanD", "backtracking", 0.45),
        ("reasoningflow_v0_humanD", "verification_start", 0.55),
        ("schoenfeld", "verification", 0.33),
    ],
)
def test_labelled_data(shared: Path, tmp_path: Path, source: str, label: str, least: float) -> None:
    assert floor(shared, tmp_path, source, label) >= least
