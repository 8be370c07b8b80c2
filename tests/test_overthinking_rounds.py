"""Solution rounds, efficiencies over them, 8-grams and loops."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers import repetition, rounds, words
from analysis.analyzers.documents import make_document
from analysis.analyzers.overthinking import Overthinking
from analysis.analyzers.overthinking_answers import answers_of
from analysis.analyzers.solutions import (
    oaa_auc,
    outcome_efficiency,
    process_efficiency,
    read_solutions,
    underthinking,
    weighted_mean,
)
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import open_store, samples
from analysis.store.importing import import_file
from tests.growth import assert_linear


def metrics(text: str, **stated: Any) -> dict[str, Any]:
    result = Overthinking().analyze(make_document("t", text, **stated))
    return {m.name: m.value for m in result.metrics}


# --- the published figures -----------------------------------------------------------------

OUTCOME = [0.4242, 1.0, 0.6182, 0.3899, 0.0]
PROCESS = [0.6430, 0.5245, 1.0, 0.6290, 0.9685]
COUNTS = [4, 2, 2, 7, 5]


@pytest.mark.shared
def test_the_published_items_through_the_functions(shared: Path) -> None:
    path = shared / "data" / "overthinking" / "overthinking_2plus3_debug.jsonl"
    rows = [json.loads(line)["meta"] for line in path.read_text(encoding="utf-8").splitlines()]
    lengths = [[len(s) for s in row["solutions"]] for row in rows]
    found = [
        outcome_efficiency(n, r["solution_correct"]) for n, r in zip(lengths, rows, strict=True)
    ]
    spent = [process_efficiency(n, r["cluster_ids"]) for n, r in zip(lengths, rows, strict=True)]
    assert [len(n) for n in lengths] == COUNTS
    assert [round(v or 0.0, 4) for v in found] == OUTCOME
    assert [round(v or 0.0, 4) for v in spent] == PROCESS
    assert round(weighted_mean(found, [1] * 5) or 0, 4) == 0.4865
    assert round(weighted_mean(spent, [1] * 5) or 0, 4) == 0.7530
    assert round(weighted_mean(found, COUNTS) or 0, 4) == 0.3831
    assert round(weighted_mean(spent, COUNTS) or 0, 4) == 0.7433


@pytest.mark.shared
def test_the_published_items_through_import_and_analysis(shared: Path, tmp_path: Path) -> None:
    path = shared / "data" / "overthinking" / "overthinking_2plus3_debug.jsonl"
    with open_store(tmp_path / "o.duckdb") as store:
        import_file(store, path)
        analyze(store, workers=0, only=["overthinking"])
        rows = store.rows(
            "SELECT t.question_id, max(m.value) FILTER (WHERE name = 'outcome_efficiency'),"
            " max(m.value) FILTER (WHERE name = 'process_efficiency'),"
            " max(m.value) FILTER (WHERE name = 'n_solutions'),"
            " max(m.text) FILTER (WHERE name = 'solution_source')"
            " FROM metric m JOIN trace t USING (trace_id) GROUP BY 1 ORDER BY 1"
        )
        (cell,) = samples.cells(store, Filters()).to_pylist()
    assert [round(row[1], 4) for row in rows] == OUTCOME
    assert [round(row[2], 4) for row in rows] == PROCESS
    assert [row[3] for row in rows] == COUNTS
    assert {row[4] for row in rows} == {"recorded"}
    assert round(cell["mean_outcome_efficiency"], 4) == 0.4865
    assert round(cell["mean_process_efficiency"], 4) == 0.7530
    assert round(cell["xi_o_by_solutions"], 4) == 0.3831
    assert round(cell["xi_p_by_solutions"], 4) == 0.7433
    assert round(cell["xi_o_correct"], 4) == round(sum(OUTCOME) / 4, 4)


# --- the functions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lengths", "correct", "expected"),
    [
        ([10, 30], [True, False], 0.25),
        ([10, 30], [False, True], 1.0),
        ([10, 30], [False, False], 0.0),
        ([], [], None),
        ([0, 0], [True, True], None),
        ([10, 30], [None, True], None),  # whether the first was correct is not known
        ([10, 30], [True, None], 0.25),
        ([10, 30], [False, None], None),
    ],
)
def test_outcome_efficiency(
    lengths: list[int], correct: list[bool | None], expected: float | None
) -> None:
    assert outcome_efficiency(lengths, correct) == expected


def test_process_efficiency_underthinking_and_oaa() -> None:
    assert process_efficiency([10, 20, 10], ["a", "a", "b"]) == 0.5
    assert process_efficiency([10, 20, 10], [2, 1, 2]) == 0.75
    assert process_efficiency([], []) is None
    assert underthinking(0.2, False) == 0.8
    assert underthinking(None, False) == 0.0
    assert underthinking(0.2, True) is None
    assert underthinking(0.2, None) is None
    assert oaa_auc(250, True, 1000) == 0.75
    assert oaa_auc(2500, True, 1000) == 0.0
    assert oaa_auc(250, False, 1000) == 0.0
    assert oaa_auc(None, True, 1000) is None
    assert oaa_auc(250, None, 1000) is None


def test_recorded_solutions_of_odd_shapes() -> None:
    whole = "x" * 100
    given = {
        "solutions": ["x" * 60, "x" * 40],
        "solution_answers": ["5", 6],
        "cluster_ids": [0, "b"],
    }
    read = read_solutions(json.dumps(given), "6", whole)
    assert [(s.correct, s.cluster, len(s.text)) for s in read] == [(False, 0, 60), (True, "b", 40)]
    as_objects = {"solutions": [{"text": "x" * 60, "correct": True, "cluster": 3}]}
    assert read_solutions(json.dumps(as_objects), None, whole)[0].cluster == 3
    # An importer drops a solution that only repeats the reasoning.
    alone = read_solutions('{"solutions": [], "solution_correct": [true]}', None, whole)
    assert [(s.text, s.correct) for s in alone] == [(whole, True)]
    for odd in (
        "[",
        "[]",
        "{}",
        '{"solutions": 3}',
        '{"solutions": [3]}',
        '{"solutions": []}',
        None,
    ):
        assert read_solutions(odd, "6", whole) == ()
    longer = {"solutions": ["y" * 500]}
    assert read_solutions(json.dumps(longer), None, whole) == ()


# --- rounds of a text ----------------------------------------------------------------------

FIRST = (
    "There are 14 rows of 6 seats. Multiplying the rows by the seats gives 14 * 6 = 84 seats in the hall. "
    "So the answer is 84. "
)
AGAIN = (
    "Let me go over that once more: 14 rows, 6 seats in each, 14 * 6 = 84. The hall has 84 seats, so the "
    "answer is 84. "
)
OTHER = (
    "Alternatively, split each row: 10 rows hold 60 and the other 4 rows hold 24, and 60 + 24 comes to the same. "
    "Hence the answer is 84. "
)


def test_rounds_tile_the_text_and_tell_new_from_old() -> None:
    text = FIRST + AGAIN + OTHER + "That is all there is to be said about this hall. " * 4
    document = make_document("t", text, answer=r"\boxed{84}", gold_answer="84")
    found = rounds.find_rounds(text, answers_of(document).placed)
    assert found.rounds[0].start == 0
    assert found.rounds[-1].end == len(text)
    assert all(a.end == b.start for a, b in zip(found.rounds, found.rounds[1:], strict=False))
    ended = [r for r in found.solutions if text[r.start : r.end].endswith("answer is 84")]
    assert len(ended) == 3
    assert [r.new for r in ended] == [True, False, True]
    assert ended[1].cluster == ended[0].cluster
    assert found.rounds[-1].candidate is None
    efficiency = found.process_efficiency()
    assert efficiency is not None
    assert 0.4 < efficiency < 1


def test_a_restatement_ends_no_round() -> None:
    numbers = metrics("So the answer is 12. That is, \\boxed{12}.", answer="12")
    assert numbers["n_candidates"] == 2
    assert numbers["n_solutions"] == 1
    assert numbers["process_efficiency"] == 1.0
    assert metrics("Hmm. I do not know at all.")["process_efficiency"] is None


def test_rounds_have_their_place_in_the_evidence() -> None:
    result = Overthinking().analyze(make_document("t", FIRST + AGAIN + OTHER, answer=r"\boxed{84}"))
    told = [
        f.evidence
        for f in result.findings
        if f.label == "candidate_answer" and "round" in f.evidence
    ]
    assert [e["round"] for e in told] == list(range(len(told)))
    assert told[0]["new"] is True


def test_efficiencies_of_a_text() -> None:
    right = metrics(FIRST + AGAIN, answer="84", gold_answer="84", reasoning_tokens=60)
    first = (FIRST.index("is 84") + 5) / len(FIRST + AGAIN)
    assert right["outcome_efficiency"] == pytest.approx(first)
    assert right["reflection_share"] == pytest.approx(1 - first)
    assert right["first_correct_tokens"] + right["reflection_tokens"] == 60
    assert right["token_efficiency"] == pytest.approx(right["first_correct_tokens"] / 60)
    assert right["underthinking"] is None
    assert right["oaa_auc"] == pytest.approx(0.94)
    wrong = metrics("So the answer is 84. No, the answer is 90.", answer="90", gold_answer="84")
    assert wrong["underthinking"] == pytest.approx(1 - wrong["first_correct_frac"])
    never = metrics("So the answer is 80. No, the answer is 90.", answer="90", gold_answer="84")
    assert (never["outcome_efficiency"], never["underthinking"]) == (0.0, 0.0)
    assert never["first_correct_frac"] is None
    no_gold = metrics(FIRST, answer="84", correct=True)
    assert no_gold["outcome_efficiency"] is None
    # A verdict that sees more than normal forms do: the final answer is the right one.
    seen = metrics(
        "So the answer is 2^3. It is.", answer=r"\boxed{2^3}", gold_answer="8", correct=True
    )
    assert seen["first_correct_frac"] is not None
    # Right, but the reasoning never says it: not 0, unknown.
    silent = metrics("Hmm, let me look at it.", answer="84", gold_answer="84")
    assert silent["outcome_efficiency"] is None


def test_stable_answer() -> None:
    text = "The answer is 7. The answer is 8. The answer is 7. Yes, the answer is 7. Done."
    numbers = metrics(text, answer="7")
    assert numbers["first_final_frac"] == pytest.approx((text.index("7") + 1) / len(text))
    third = text.index("7", text.index("8")) + 1
    assert numbers["first_stable_answer_frac"] == pytest.approx(third / len(text))
    assert (
        metrics("The answer is 7. The answer is 8.", answer="7")["first_stable_answer_frac"] is None
    )


# --- words, 8-grams, loops -----------------------------------------------------------------


@given(st.lists(st.sampled_from(["one", "two", "three", "four"]), max_size=60))
def test_the_commonest_8gram(said: list[str]) -> None:
    found = words.grams(words.read_words(" ".join(said))[0])
    every = [tuple(said[i : i + 8]) for i in range(len(said) - 7)]
    assert found.most == (max(every.count(g) for g in every) if every else None)


def test_words_ignore_case_and_punctuation() -> None:
    first = "Wait, WAIT… “wait” 16-3=13."
    read, ends = words.read_words(first + "我们 ok", [len(first)])
    expected = ["wait", "wait", "wait", "16", "3=13", "我", "们", "ok"]
    assert [read.vocabulary[i].decode() for i in read.ids] == expected
    assert ends == [5, 8]


@given(st.text(alphabet="ab 。我们é\n…—x=-,", max_size=60))
def test_word_bounds_fit_the_words(text: str) -> None:
    read, _ = words.read_words(text)
    starts, ends = words.word_bounds(text)
    for number, start, end in zip(read.ids, starts, ends, strict=True):
        assert words.plain(text[start:end]).split() == [read.vocabulary[number]]


@given(st.text(alphabet="ab 。我한é\n\u00a0\u3000\x1f\u2028😀\ud800", max_size=60))
def test_words_are_counted_between_white_space(text: str) -> None:
    assert words.count_words(text) == len(words.spaced(text).split())


def test_loops_in_the_middle_of_a_text() -> None:
    block = "Maybe I should check the second case again, since it was odd. "
    head, tail = (
        "We begin with the first case here. ",
        "Then at last a whole new idea comes to mind.",
    )
    text = head + block * 4 + tail
    result = Overthinking().analyze(make_document("t", text))
    (loop,) = [f for f in result.findings if f.label == "loop"]
    assert loop.evidence == {
        "period": len(block),
        "repeats": pytest.approx(4, abs=0.1),
        "at_end": False,
    }
    assert text[loop.start :].startswith("Maybe I should")
    numbers = {m.name: m.value for m in result.metrics}
    assert (numbers["tail_loop"], numbers["loop_period"], numbers["n_loops"]) == (False, None, 1)
    assert numbers["loop_share"] == pytest.approx(4 * len(block) / len(text), abs=0.02)
    assert numbers["max_8gram_count"] == 4
    ended = metrics(head + block * 4)
    assert (ended["tail_loop"], ended["loop_period"], ended["n_loops"]) == (True, len(block), 1)
    assert ended["loop_count"] == pytest.approx(4, abs=0.1)


@given(st.text(min_size=1, max_size=200))
def test_character_entropy_by_the_definition(text: str) -> None:
    shares = [text.count(c) / len(text) for c in set(text)]
    expected = -sum(p * math.log2(p) for p in shares)
    assert repetition.char_entropy(text) == pytest.approx(expected, abs=1e-9)


def test_compressibility() -> None:
    assert repetition.bzip2_ratio(b"") is None
    assert (repetition.bzip2_ratio(b"ab " * 5000) or 1) < 0.02
    assert (repetition.bzip2_ratio(b"a") or 0) > 1


@pytest.mark.parametrize(
    "block",
    [
        "So the answer is 42. ",
        "a b ",
        "the answer is 1. the answer is 2. ",
        "我们再检查一遍。答案是 5。",
    ],
)
def test_rounds_and_loops_grow_with_the_text(block: str) -> None:
    def run(size: int) -> Callable[[], object]:
        document = make_document("t", (block * (size // len(block) + 1))[:size], answer="42")
        return lambda: Overthinking().analyze(document)

    assert_linear(run, 60_000)
