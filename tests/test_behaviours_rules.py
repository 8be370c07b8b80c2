"""Rules for behaviours in English: sentences that carry a label, and hard ones that do not."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.analyzers.documents import make_document
from analysis.behaviours.labels import LABELS
from analysis.behaviours.rules import MIN_SCORE, check_spans, explain, score

BEFORE = "The sum of the first two is 5. That leaves one more."
AFTER = "The rest of it is known."

YES: dict[str, tuple[str, ...]] = {
    "backtracking": (
        "Alternatively, maybe I can count the complement.",
        "Hmm, alternatively, let me use vectors.",
        "But another approach is to set up an equation.",
        "Let me try a different approach.",
        "I should think about this differently.",
        "OK, let's start over from scratch.",
        "Wait, another idea: colour the squares.",
        "Wait, maybe it's about the order of the letters.",
    ),
    "verification_start": (
        "Let me double-check the sum.",
        "But wait, let me check if that holds.",
        "Check: 3 + 4 = 7.",
        "Check sum: 12 + 4 + 4 = 20.",
        "Let's test with n=3.",
        "Verify: 5 + 5 = 10.",
        "Just to be sure, I add them again.",
        "### Verification",
        "**Verification:**",
        "Let me re-examine the second step.",
        "Let's verify by substituting back.",
        "Sanity check: at t = 0 it vanishes.",
        "Quick check with k = 2.",
        "Substituting it back to verify gives zero.",
    ),
    "verification": (
        "Let me verify that 3 + 4 is 7.",
        "Yes, that matches what we had before.",
        "Everything checks out.",
        "So both methods give the same answer.",
    ),
    "uncertainty": (
        "I'm not sure whether this counts.",
        "Hmm, this is confusing.",
        "But why would they ask for that?",
        "Maybe I'm misreading the statement.",
        "That doesn't make sense.",
        "This is getting too complicated.",
    ),
    "planning": (
        "Let me compute the second term.",
        "First, I need to find the radius.",
        "Let's look at the smallest cases.",
        "Now let's expand the product.",
        "To solve this, I will use induction.",
        "We need to compute the determinant.",
        "Need to check the boundary.",
    ),
    "subgoal": (
        "Let me break this down into smaller steps.",
        "Step 2: find the height.",
        "Case 1: n is even.",
        "We can split the proof into two parts.",
        "First, let's find the slope of the line.",
    ),
    "alternative": (
        "Maybe the pattern is periodic?",
        "What if the points are collinear?",
        "Could it be that the order matters?",
        "Perhaps it refers to the outer circle.",
        "Alternatively, the bridge is at the other end.",
    ),
    "restatement": (
        "The problem says that the jar holds 40 coins.",
        "The question is asking for the smallest such number.",
        "We are given that the two lines are parallel.",
        "According to the problem, no digit repeats.",
        "The options are A) 3 and B) 4.",
    ),
    "deduction": (
        "So 2x = 14 and x = 7.",
        "Therefore the triangle has a right angle.",
        "The derivative of a constant is zero.",
    ),
    "final": (
        "Therefore, the answer is 12.",
        "**Final Answer:** 12",
        "So the final answer is B.",
        "\\boxed{12}",
        "Answer: C",
        "Thus, the correct option is D.",
    ),
}
NO: dict[str, tuple[str, ...]] = {
    "backtracking": (
        "Hmm, hold on.",
        "Actually, the side is 4.",
        "So the other method gives 7 as well.",
        "Another way to verify this is to plug it in.",
        "The different approaches of the two authors are known.",
        "`alternatively, let me`",
        "They wait for another train.",
    ),
    "verification_start": (
        "The checkerboard has 64 squares.",
        "She paid by check.",
        "Let's check each case in turn.",
        "Now test case 3 is read.",
        "We verify nothing.",
        "Let me think.",
        "The confirmed cases rose by ten.",
    ),
    "verification": ("The left match burns for an hour.", "Let x be the number of hats."),
    "uncertainty": ("Make sure that x is positive.", "The uncertainty of the ruler is 1 mm."),
    "planning": ("She lets him compute it.", "The plan view has four rooms.", "Now x = 4."),
    "subgoal": ("The first step of the stair is broken.", "In that case, x = 2."),
    "alternative": (
        "There is a line through both points.",
        "They may be seated in 24 ways, as found.",
    ),
    "restatement": ("The problem with this is the sign.", "Both options cost the same."),
    "deduction": ("Is that even possible?", "I'm not sure about this."),
    "final": (
        "If the answer is 12, then n is even.",
        "She answered quickly.",
        "I need to check whether the answer is an integer.",
    ),
}


def holds(sentence: str, label: str) -> bool:
    """Whether the sentence in a paragraph of its own scores as the label."""
    text = f"{BEFORE}\n\n{sentence}\n\n{AFTER}"
    document = make_document("t", text)
    at = text.index(sentence)
    index = next(s.index for s in document.sentences if s.start <= at < s.end)
    return bool(score(document)[label][index] >= MIN_SCORE)


@pytest.mark.parametrize(
    ("label", "sentence"), [(la, s) for la, found in YES.items() for s in found]
)
def test_sentences_that_carry_a_label(label: str, sentence: str) -> None:
    assert holds(sentence, label)


@pytest.mark.parametrize(
    ("label", "sentence"), [(la, s) for la, found in NO.items() for s in found]
)
def test_sentences_that_do_not(label: str, sentence: str) -> None:
    assert not holds(sentence, label)


def test_wait_is_a_turn_only_where_it_proposes_something() -> None:
    text = "It is a tree. That doesn't fit.\n\nWait, no, that is about leaves.\n\nWait, it grows."
    document = make_document("t", text)
    flags = [
        document.text(s).strip()
        for s, x in zip(document.sentences, score(document)["backtracking"], strict=True)
        if x >= MIN_SCORE
    ]
    assert flags == ["Wait, no, that is about leaves."]


def test_a_whole_check_holds_the_work_between_its_opening_and_its_verdict() -> None:
    text = (
        "So x = 3. Let me verify this. Put it in for x. Then 3 + 4 = 7. That matches the total. "
        "Next comes y. A square has 4 sides."
    )
    document = make_document("t", text)
    (first, last) = check_spans(document)[0]
    assert document.text(document.sentences[first]).strip() == "Let me verify this."
    assert document.text(document.sentences[last]).strip() == "That matches the total."


def test_evidence_names_the_cue_and_the_facts() -> None:
    document = make_document("t", "It is 5.\n\nLet me double-check that. Yes, it matches.")
    assert explain(document, "verification_start", 1) == {
        "cue": "Let me double-check",
        "cue_id": "en.let-me-verify",
    }
    why = explain(document, "verification", 2)
    assert "follows the opening of a check" in why["for"]
    with pytest.raises(KeyError):
        explain(document, "nothing", 0)


def test_the_question_repeated_at_the_beginning_is_a_restatement() -> None:
    question = "Anna buys seven red pens and sells three of them for two coins each."
    text = "Anna buys seven red pens and sells three of them. Selling is hard work for people."
    document = make_document("t", text, question=question)
    assert (score(document)["restatement"] >= MIN_SCORE).tolist() == [True, False]


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("backtracking", "別の方法を考えてみよう。"),
        ("backtracking", "Otra forma es contar los pares."),
        ("verification_start", "念のため確認しよう。"),
        ("verification_start", "Проверим это значение."),
    ],
)
def test_plain_cues_of_other_languages(label: str, sentence: str) -> None:
    assert holds(sentence, label)


@pytest.mark.shared
def test_labelled_data(shared: Path, tmp_path: Path) -> None:
    """F1 by the shared scorer on the human-labelled sources of reasoning models."""
    least = {
        ("reasoningflow_v0_humanD", "backtracking"): 0.42,
        ("reasoningflow_v0_humanD", "verification_start"): 0.58,
        ("schoenfeld", "verification"): 0.58,
    }
    gold, predictions = tmp_path / "gold", tmp_path / "spans.jsonl"
    gold.mkdir()
    with predictions.open("w", encoding="utf-8") as out:
        for source in {source for source, _ in least}:
            data = (shared / f"data/behaviours/{source}.jsonl").read_text(encoding="utf-8")
            (gold / f"{source}.jsonl").write_text(data, encoding="utf-8")
            for trace in map(json.loads, data.splitlines()):
                document = make_document("t", trace["reasoning"], question=trace["question"])
                for label, values in score(document).items():
                    for s, value in zip(document.sentences, values, strict=True):
                        if value >= MIN_SCORE:
                            row = {
                                "trace_id": trace["trace_id"],
                                "label": label,
                                "start": s.start,
                                "end": s.end,
                            }
                            out.write(json.dumps(row) + "\n")
    scorer = shared / "tools/score_behaviours.py"
    command = [sys.executable, str(scorer), "score", str(gold), str(predictions), "--json"]
    rows = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    reached = {(row["source"], row["label"]): row["f1"] for row in rows}
    assert {key: reached[key] for key, value in least.items() if reached[key] < value} == {}


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from([s for v in YES.values() for s in v] + ["\n\n", "等等，", "x = 2 "]),
        max_size=8,
    ).map(" ".join)
)
def test_every_text_has_scores_in_range(text: str) -> None:
    document = make_document("t", text)
    scores = score(document)
    assert list(scores) == list(LABELS)
    for values in scores.values():
        assert values.shape == (len(document.sentences),)
        assert np.isfinite(values).all() and ((values >= 0) & (values <= 1)).all()
    spans = check_spans(document)
    assert all(a <= b for a, b in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
