"""The statistics of cells and pairs, against values worked out by hand."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.effort.cells import Cell, Sample, summarise
from analysis.effort.intervals import bootstrap_ratio, geometric_mean_ratio
from analysis.effort.pairs import compare, mcnemar_exact
from analysis.effort.samples import (
    Vote,
    maj_at_k,
    majority,
    pass_at_k,
    sample_sizes,
    vote_entropy,
)
from analysis.effort.tables import CellResult, cells_table, pairs_table, questions_table
from analysis.filters import Filters
from analysis.model import MetricSpec
from analysis.store import open_store, samples
from analysis.store.importing import import_file

LOW, HIGH = Cell("d", "m", "low"), Cell("d", "m", "high")


# --- pass@k and maj@k ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "c", "k", "expected"),
    [
        (5, 2, 1, 0.4),
        (5, 2, 2, 0.7),
        (5, 2, 4, 1.0),
        (4, 0, 3, 0.0),
        (3, 3, 1, 1.0),
        (64, 1, 32, 0.5),
    ],
)
def test_pass_at_k(n: int, c: int, k: int, expected: float) -> None:
    assert pass_at_k(n, c, k) == pytest.approx(expected, abs=1e-12)


def test_pass_at_k_needs_k_samples() -> None:
    assert pass_at_k(3, 3, 4) is None
    assert pass_at_k(0, 0, 1) is None
    with pytest.raises(ValueError, match="3 of 2"):
        pass_at_k(2, 3, 1)


@given(n=st.integers(1, 9), data=st.data())
def test_pass_at_k_is_the_share_of_subsets_with_a_hit(n: int, data: st.DataObject) -> None:
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    subsets = list(itertools.combinations(range(n), k))
    hits = sum(any(i < c for i in s) for s in subsets)
    assert pass_at_k(n, c, k) == pytest.approx(hits / len(subsets))


def test_maj_at_k_by_hand() -> None:
    # A right twice, B wrong once. k=2: {A,A} pays 1, two times {A,B} ties and pays 1/2.
    votes = [Vote("A", 2, 1.0), Vote("B", 1, 0.0)]
    assert maj_at_k(votes, 1) == pytest.approx(2 / 3)
    assert maj_at_k(votes, 2) == pytest.approx(2 / 3)
    assert maj_at_k(votes, 3) == pytest.approx(1.0)
    assert maj_at_k(votes, 4) is None


def test_a_sample_without_an_answer_casts_no_vote() -> None:
    votes = [Vote("A", 1, 1.0), Vote(None, 3, None)]
    assert maj_at_k(votes, 4) == 1.0
    assert maj_at_k(votes, 1) == 0.25
    assert maj_at_k([Vote(None, 3, None)], 2) == 0.0
    assert maj_at_k([Vote("A", 2, None)], 1) is None


def _brute(votes: list[Vote], k: int) -> float:
    samples = [v for v in votes for _ in range(v.count)]
    paid = []
    for subset in itertools.combinations(samples, k):
        counts: dict[str, int] = {}
        for vote in subset:
            if vote.answer is not None:
                counts[vote.answer] = counts.get(vote.answer, 0) + 1
        best = max(counts.values(), default=0)
        credit = {v.answer: v.credit or 0.0 for v in votes}
        tied = [credit[a] for a, n in counts.items() if n == best]
        paid.append(sum(tied) / len(tied) if tied else 0.0)
    return sum(paid) / len(paid)


@given(
    counts=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    right=st.integers(0, 4),
    silent=st.integers(0, 2),
    data=st.data(),
)
def test_maj_at_k_equals_counting_every_subset(
    counts: list[int], right: int, silent: int, data: st.DataObject
) -> None:
    votes = [Vote(str(i), n, 1.0 if i == right else 0.0) for i, n in enumerate(counts)]
    if silent:
        votes.append(Vote(None, silent, None))
    k = data.draw(st.integers(1, sum(v.count for v in votes)))
    assert maj_at_k(votes, k) == pytest.approx(_brute(votes, k), abs=1e-12)


def test_maj_at_k_of_many_samples_is_quick_and_a_share() -> None:
    votes = [Vote(str(i), 1 + i % 3, float(i == 2)) for i in range(32)]
    for k in (1, 10, 32, 63):
        assert 0.0 <= (maj_at_k(votes, k) or 0.0) <= 1.0


def test_majority_and_its_spread() -> None:
    votes = [Vote("B", 2, 1.0), Vote("A", 2, 0.0), Vote(None, 4, None)]
    assert majority(votes) == ("A", 0.25, True)
    assert vote_entropy(votes) == pytest.approx(1.0)
    assert majority([Vote(None, 2, None)]) == (None, None, False)
    assert vote_entropy([Vote("A", 3, 1.0)]) == 0.0
    assert vote_entropy([]) is None


def test_the_ks_that_samples_allow() -> None:
    assert sample_sizes([4, 4, 4]) == (1, 2, 3, 4)
    # One question of five lacks a sample; one has many more.
    assert sample_sizes([3, 4, 4, 4, 64]) == (1, 2, 3, 4)
    assert sample_sizes([12, 12]) == (*range(1, 11), 12)
    assert sample_sizes([64]) == (*range(1, 11), 16, 32, 64)
    assert sample_sizes([]) == ()


# --- intervals -----------------------------------------------------------------------------


def test_interval_of_two_opposite_questions() -> None:
    # Resamples of (1, 0) have the means 0, 1/2, 1 with chances 1/4, 1/2, 1/4.
    found = bootstrap_ratio([1, 0], [1, 1])
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)


def test_interval_agrees_with_the_normal_one_for_many_questions() -> None:
    found = bootstrap_ratio([1, 0] * 200, [1] * 400)
    assert found.low == pytest.approx(0.5 - 1.96 * 0.5 / 20, abs=0.01)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.5 / 20, abs=0.01)


def test_samples_of_one_question_do_not_narrow_the_interval() -> None:
    once = bootstrap_ratio([1, 0] * 20, [1] * 40)
    often = bootstrap_ratio([50, 0] * 20, [50] * 40)
    assert (once.low, once.high) == (often.low, often.high)


def test_many_questions_are_drawn_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [float(i % 3 == 0) for i in range(60)]
    whole = bootstrap_ratio(rows, [1.0] * 60)
    monkeypatch.setattr("analysis.effort.intervals._CELLS_AT_ONCE", 7 * 60)
    assert bootstrap_ratio(rows, [1.0] * 60) == whole


def test_one_question_has_no_interval_and_none_no_value() -> None:
    assert bootstrap_ratio([3], [4]) == bootstrap_ratio([3], [4])
    assert bootstrap_ratio([3], [4]).value == 0.75
    assert bootstrap_ratio([3], [4]).low is None
    assert bootstrap_ratio([], []).value is None
    assert bootstrap_ratio([0.0], [0.0]).value is None


def test_all_right_is_not_certainty() -> None:
    found = bootstrap_ratio([1, 1, 1], [1, 1, 1])
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / 3))
    equal = bootstrap_ratio([0, 0], [1, 1], bounds=(-1.0, 1.0))
    assert (equal.low, equal.high) == pytest.approx((-(1 - 0.025**0.5), 1 - 0.025**0.5))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20))
def test_an_interval_holds_its_value_and_repeats(rows: list[tuple[int, int]]) -> None:
    top = [a for a, _ in rows]
    below = [a + b for a, b in rows]
    first, second = bootstrap_ratio(top, below), bootstrap_ratio(top, below)
    assert first == second
    if first.low is not None and first.high is not None and first.value is not None:
        assert 0.0 <= first.low <= first.value + 1e-9
        assert first.value - 1e-9 <= first.high <= 1.0


def test_geometric_mean_ratio() -> None:
    found = geometric_mean_ratio([2, 8], [1, 2])
    assert found.value == pytest.approx(math.sqrt(8))
    assert (found.low, found.high) == pytest.approx((2.0, 4.0))
    inverse = geometric_mean_ratio([1, 2], [2, 8])
    assert inverse.value == pytest.approx(1 / math.sqrt(8))
    assert geometric_mean_ratio([6], [3]).value == pytest.approx(2.0)
    assert geometric_mean_ratio([6], [3]).low is None
    assert geometric_mean_ratio([], []).value is None
    with pytest.raises(ValueError, match="above zero"):
        geometric_mean_ratio([0, 1], [1, 1])


# --- pairs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("b", "c", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (6, 0, 2 / 64),
        (1, 5, 14 / 64),
        (5, 1, 14 / 64),
        (4, 4, 1.0),
        (10, 2, 158 / 4096),
    ],
)
def test_mcnemar(b: int, c: int, p: float) -> None:
    assert mcnemar_exact(b, c) == pytest.approx(p)


def test_mcnemar_of_large_counts() -> None:
    assert mcnemar_exact(5000, 5000) == 1.0
    assert 0.0 < mcnemar_exact(4700, 5300) < 1e-8


def _samples(rows: str, tokens: float = 10.0) -> list[Sample]:
    """'q1:110 q2:0' -> judged samples; '?' is unjudged."""
    found = []
    for part in rows.split():
        question, verdicts = part.split(":")
        for v in verdicts:
            correct = None if v == "?" else v == "1"
            found.append(Sample(question, correct, "x" if correct else "y", tokens, "api"))
    return found


def test_compare_question_by_question() -> None:
    a, qa = summarise(LOW, _samples("q1:110 q2:10 q3:0 q4:1 q5:? q6:1", tokens=10))
    b, qb = summarise(HIGH, _samples("q1:111 q2:11 q3:1 q4:0 q5:1 q7:1", tokens=40))
    pair = compare(a.cell, b.cell, qa, qb)
    # q2 is a draw in a, so not right there; q5 is unjudged in a; q6 and q7 are in one cell only.
    assert (pair.n_questions, pair.n_judged) == (5, 4)
    assert (pair.both_right, pair.only_a, pair.only_b, pair.both_wrong) == (1, 1, 2, 0)
    assert pair.mcnemar_p == 1.0
    # (1 - 2/3) + (1 - 1/2) + (1 - 0) + (0 - 1) over 4
    assert pair.difference.value == pytest.approx((1 / 3 + 1 / 2 + 1 - 1) / 4)
    assert pair.difference.low is not None
    assert pair.difference.high is not None
    assert pair.difference.low < pair.difference.value < pair.difference.high
    assert pair.n_tokens == 5
    assert pair.token_ratio.value == pytest.approx(4.0)


def test_compare_without_verdicts_or_tokens_is_undefined() -> None:
    _, qa = summarise(LOW, [Sample("q1"), Sample("q2", tokens=0.0)])
    _, qb = summarise(HIGH, [Sample("q1"), Sample("q2", tokens=5.0)])
    pair = compare(LOW, HIGH, qa, qb)
    assert pair.n_questions == 2
    assert pair.both_right is None
    assert pair.mcnemar_p is None
    assert pair.difference.value is None
    assert (pair.n_tokens, pair.token_ratio.value) == (0, None)


# --- cells ---------------------------------------------------------------------------------


def test_a_cell_by_hand() -> None:
    stats, questions = summarise(
        LOW,
        [
            Sample("q1", True, "24", 100.0, "api"),
            Sample("q1", False, "23", 300.0, "estimate"),
            Sample("q1", True, "24", 50.0, "api"),
            Sample("q2", False, None, 600.0, "api"),
            Sample("q2", None, None, None, None),
        ],
    )
    assert (stats.n_questions, stats.n_traces, stats.n_judged, stats.n_correct) == (2, 5, 4, 2)
    assert stats.accuracy.value == 0.5
    assert (stats.n_tokens, stats.mean_tokens, stats.median_tokens) == (4, 262.5, 200.0)
    assert stats.p95_tokens == pytest.approx(555.0)
    assert stats.tokens_per_correct == 525.0
    assert stats.token_source == "api + estimate"
    assert stats.pass_at == {1: pytest.approx(1 / 3), 2: 1.0, 3: 1.0}
    assert stats.maj_at[1] == pytest.approx(1 / 3)
    q1, q2 = questions
    assert (q1.accuracy, q1.majority_right) == (pytest.approx(2 / 3), True)
    assert q1.majority == ("24", pytest.approx(2 / 3), False)
    assert q1.sd_tokens == pytest.approx(132.2875656)
    assert (q1.min_correct_tokens, q1.excess_over_min) == (50.0, 3.0)
    assert q1.len_right_minus_wrong == -225.0
    assert (q2.accuracy, q2.majority_right, q2.sd_tokens) == (0.0, False, None)
    assert q2.min_correct_tokens is None


def test_a_cell_without_answers_has_no_maj_at_k() -> None:
    stats, questions = summarise(LOW, [Sample("q", True), Sample("q", False)])
    assert stats.maj_at == {}
    assert questions[0].votes is None
    assert stats.pass_at == {1: 0.5, 2: 1.0}
    assert stats.mean_tokens is None


def test_correct_samples_vote_together_however_they_are_spelled() -> None:
    _, (q,) = summarise(
        LOW,
        [
            Sample("q", True, "1/2", gold="0.5"),
            Sample("q", True, None, gold="0.5"),
            Sample("q", False, "0.7", gold="0.5"),
            Sample("q", False, "0.7", gold="0.5"),
            Sample("q", False, "0.7", gold="0.5"),
        ],
    )
    assert q.votes == (Vote("0.5", 2, 1.0), Vote("0.7", 3, 0.0))
    assert q.maj_at(1) == pytest.approx(0.4)
    assert q.maj_at(5) == 0.0


def test_votes_that_cannot_be_told_apart_are_undefined() -> None:
    stats, (q,) = summarise(LOW, [Sample("q", True), Sample("q", False), Sample("q", False, "7")])
    assert not q.votes_known
    assert q.maj_at(1) is None
    assert stats.maj_at == {}
    assert stats.pass_at[1] == pytest.approx(1 / 3)
    _, (q,) = summarise(LOW, [Sample("q", True, "8"), Sample("q", False), Sample("q", False)])
    assert q.maj_at(3) == 1.0


def test_the_order_of_the_samples_changes_nothing() -> None:
    samples = [*_samples("q3:101 q1:110 q2:0"), Sample("q1", True, "z", 0.1)]
    forwards, backwards = summarise(LOW, samples), summarise(LOW, samples[::-1])
    assert forwards == backwards


def test_tables_have_the_documented_columns() -> None:
    results = [
        CellResult(*summarise(LOW, _samples("q1:10 q2:11")), means={"waste": (0.5, 2)}),
        CellResult(*summarise(HIGH, _samples("q1:11 q2:11")), means={"waste": (None, 0)}),
    ]
    metric = MetricSpec("waste", "Waste", "share", "0-1", "What is after.", "")
    cells = cells_table(results, [metric])
    assert cells.column_names[:13] == [
        "dataset", "model", "effort", "n_questions", "n_traces", "accuracy", "accuracy_low",
        "accuracy_high", "mean_tokens", "pass_at_1", "pass_at_2", "maj_at_1", "maj_at_2",
    ]  # fmt: skip
    assert cells.column("accuracy").to_pylist() == [0.75, 1.0]
    assert cells.column("mean_waste").to_pylist() == [0.5, None]
    assert cells.column("n_waste").to_pylist() == [2, 0]
    pairs = pairs_table(results)
    assert pairs.column_names[:17] == [
        "dataset", "model_a", "effort_a", "model_b", "effort_b", "n_questions", "both_right",
        "only_a", "only_b", "both_wrong", "mcnemar_p", "difference", "difference_low",
        "difference_high", "token_ratio", "token_ratio_low", "token_ratio_high",
    ]  # fmt: skip
    assert pairs.num_rows == 1
    assert pairs.column("effort_a").to_pylist() == ["low"]
    questions = questions_table(results)
    assert questions.column("question_key").to_pylist() == ["q1", "q1", "q2", "q2"]
    assert questions.column("difficulty").to_pylist() == pytest.approx([0.25, 0.25, 0.0, 0.0])
    assert cells_table([], []).num_rows == pairs_table([]).num_rows == 0


def test_a_budget_or_checkpoint_tells_cells_apart(tmp_path: Path) -> None:
    rows = [
        {"question": "q", "reasoning": "The answer is 1.", "correct": True, "checkpoint": c}
        for c in ("step-1000", "step-200")
    ]
    path = tmp_path / "c.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    with open_store(tmp_path / "c.duckdb") as store:
        import_file(store, path)
        with store.transaction() as cursor:
            cursor.execute(
                "UPDATE trace_row SET effort = 'high', thinking_budget_tokens = 4096"
                " WHERE checkpoint = 'step-1000'"
            )
        cells = samples.cells(store, Filters()).to_pylist()
        assert [c["effort"] for c in cells] == ["step-200", "high @ step-1000"]
        with store.transaction() as cursor:
            cursor.execute("UPDATE trace_row SET effort = NULL, checkpoint = NULL")
        cells = samples.cells(store, Filters()).to_pylist()
        assert [c["effort"] for c in cells] == [None, "4096"]
