"""Measures across cells and questions, votes with weights, budgets: against values worked out by hand."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.effort import columns, columns_more
from analysis.effort.cells import Cell, Sample, summarise
from analysis.effort.measures import (
    aes,
    harmonic,
    monotonic,
    scaling,
    slope,
    spearman,
    thinkbench_f1,
)
from analysis.effort.options import Options
from analysis.effort.samples import Vote, vote_margin
from analysis.effort.tables import CellResult, cells_table, questions_table
from analysis.effort.votes import Ballot, best_of, weighted_vote_at_k

OPTIONS = Options()


# --- formulas ------------------------------------------------------------------------------


def test_thinkbench_f1_depends_on_the_cells_shown() -> None:
    found = thinkbench_f1([1.0, 0.5, None], [100.0, 300.0, 200.0])
    # The least tokens score 1, the most 0: F1 of (1, 1) and of (0.5, 0).
    assert found == [1.0, 0.0, None]
    middle = thinkbench_f1([1.0, 0.5, 0.8], [100.0, 300.0, 200.0])[2]
    assert middle == pytest.approx(2 * 0.8 * 0.5 / 1.3)
    assert thinkbench_f1([1.0], [100.0]) == [None]
    assert thinkbench_f1([1.0, 0.5], [100.0, 100.0]) == [None, None]


def test_aes_by_hand() -> None:
    # Half the tokens, accuracy from 0.5 to 0.6: 1 x 0.5 + 3 x 0.2.
    assert aes(0.6, 500, 0.5, 1000, OPTIONS) == pytest.approx(1.1)
    # Half the tokens, accuracy from 0.5 to 0.4: 1 x 0.5 - 5 x 0.2.
    assert aes(0.4, 500, 0.5, 1000, OPTIONS) == pytest.approx(-0.5)
    assert aes(0.4, 500, 0.5, 1000, Options(aes_loss=10)) == pytest.approx(-1.5)
    assert aes(0.4, 500, 0.0, 1000, OPTIONS) is None
    assert aes(0.4, None, 0.5, 1000, OPTIONS) is None


def test_rank_correlation_and_slopes() -> None:
    assert spearman([1, 2, 3, 4], [10, 20, 30, 5]) == pytest.approx(-0.2)
    assert spearman([1, 1, 2], [5, 5, 9]) == pytest.approx(1.0)
    assert spearman([1, 2], [1, 2]) is None
    assert spearman([1, 1, 1], [1, 2, 3]) is None
    assert slope([0, 1], [100, 300]) == 200
    assert slope([1, 1], [1, 2]) is None
    # (0.2 / 100 + 0.1 / 300 + 0.3 / 400) / 3
    assert scaling([100, 200, 500], [0.4, 0.6, 0.7]) == pytest.approx(
        (0.002 + 1 / 3000 + 0.00075) / 3
    )
    assert scaling([100, 100], [0.4, 0.6]) is None
    assert monotonic([[1, 2, 2], [3, 2], [5]]) == 0.5
    assert monotonic([[5]]) is None
    assert harmonic(0.5, 1.0) == pytest.approx(2 / 3)
    assert harmonic(0.0, 0.0) == 0.0
    assert harmonic(None, 1.0) is None


def test_margin_of_a_vote() -> None:
    assert vote_margin([Vote("A", 3, 1.0), Vote("B", 1, 0.0), Vote(None, 1, None)]) == 0.4
    assert vote_margin([Vote("A", 3, 1.0)]) == 1.0
    assert vote_margin([Vote(None, 3, None)]) is None


# --- weighted votes and best of n ----------------------------------------------------------


def test_weights_can_overturn_a_majority() -> None:
    ballots = [Ballot("A", 1.0, 100.0), Ballot("B", 0.0, 1000.0), Ballot("B", 0.0, 1000.0)]
    assert weighted_vote_at_k(ballots, 3) == 1.0
    assert weighted_vote_at_k(ballots, 1) == pytest.approx(1 / 3)
    assert weighted_vote_at_k(ballots, 2) == pytest.approx(2 / 3)
    assert weighted_vote_at_k(ballots, 4) is None
    assert weighted_vote_at_k([Ballot("A", 1.0, None)], 1) is None
    assert weighted_vote_at_k([Ballot("A", None, 5.0)], 1) is None
    assert weighted_vote_at_k([Ballot(None, 0.0, 5.0)], 1) == 0.0
    tie = [Ballot("A", 1.0, 100.0), Ballot("B", 0.0, 100.0)]
    assert weighted_vote_at_k(tie, 2) == 0.5


def test_drawn_subsets_are_near_and_repeat() -> None:
    ballots = [Ballot(str(i % 3), float(i % 3 == 0), 100.0 + i) for i in range(30)]
    first = weighted_vote_at_k(ballots, 8)
    assert first == weighted_vote_at_k(ballots, 8)
    assert first is not None
    assert 0.2 < first < 0.6


@given(
    scores=st.lists(st.integers(0, 3), min_size=1, max_size=6),
    right=st.lists(st.booleans(), min_size=6, max_size=6),
    data=st.data(),
)
def test_best_of_equals_counting_every_subset(
    scores: list[int], right: list[bool], data: st.DataObject
) -> None:
    n = len(scores)
    k = data.draw(st.integers(1, n))
    credits = [float(r) for r in right[:n]]
    paid = []
    for subset in itertools.combinations(range(n), k):
        top = max(scores[i] for i in subset)
        best = [credits[i] for i in subset if scores[i] == top]
        paid.append(sum(best) / len(best))
    assert best_of([float(s) for s in scores], credits, k) == pytest.approx(sum(paid) / len(paid))


def test_best_of_needs_every_score_and_verdict() -> None:
    assert best_of([1.0, None], [1.0, 0.0], 2) is None
    assert best_of([1.0, 2.0], [1.0, None], 2) is None
    assert best_of([], [], 1) is None


# --- tables --------------------------------------------------------------------------------


def _cell(effort: str, samples: list[Sample], model: str = "m") -> CellResult:
    return CellResult(*summarise(Cell("d", model, effort), samples))


def _rows(results: list[CellResult]) -> list[dict[str, Any]]:
    return cells_table(results, []).to_pylist()


LOW = [
    Sample("q1", True, "1", 100.0, "api", outcome_efficiency=0.5, process_efficiency=1.0, n_solutions=1, waste=0.6, cost=1.0, budget=100.0),
    Sample("q1", False, "2", 300.0, "api", outcome_efficiency=0.0, process_efficiency=0.5, n_solutions=3, waste=0.9, cost=2.0, budget=100.0),
    Sample("q2", False, "5", 400.0, "api", budget=500.0),
]  # fmt: skip
HIGH = [
    Sample("q1", True, "1", 400.0, "api", outcome_efficiency=0.25, waste=0.4),
    Sample("q1", True, "1", 600.0, "api", visible=False, outcome_efficiency=1.0, waste=0.9),
    Sample("q2", True, "6", 1600.0, "api"),
]  # fmt: skip


def test_a_cell_by_hand() -> None:
    low, high = _rows([_cell("low", LOW), _cell("high", HIGH)])
    assert (low["xi_o_correct"], low["n_xi_o_correct"]) == (0.5, 1)
    assert low["xi_o_by_solutions"] == pytest.approx(0.5 / 4)
    assert low["xi_p_by_solutions"] == pytest.approx((1.0 + 1.5) / 4)
    assert (low["overthinking_rate"], low["n_overthinking"]) == (1.0, 1)
    # Shares of a text that is not the thinking do not count.
    assert (high["xi_o_correct"], high["overthinking_rate"], high["n_overthinking"]) == (
        0.25,
        0.0,
        1,
    )
    assert low["auc_oaa"] == pytest.approx(0.9 / 3)
    assert high["auc_oaa"] == pytest.approx((0.6 + 0.4 + 0.0) / 3)
    assert (low["oaa_t_max"], low["overthinking_above"], low["easy_below"]) == (1000.0, 0.5, 0.5)
    assert (low["mean_cost"], low["n_cost"], low["cost_per_correct"]) == (1.5, 2, 3.0)
    assert high["cost_per_correct"] is None
    assert low["undecided_share"] == 0.0
    # Budgets 100, 100, 500 against 100, 300, 400.
    assert low["n_budget"] == 3
    assert low["budget_control"] == pytest.approx(2 / 3)
    assert low["budget_overshoot"] == pytest.approx(1 / 3)
    assert low["budget_within_20"] == pytest.approx(2 / 3)
    assert low["budget_error"] == pytest.approx(100.0)
    assert low["budget_error_share"] == pytest.approx((0 + 2 + 0.2) / 3)
    assert (high["n_budget"], high["budget_control"]) == (0, None)


def test_cells_against_each_other() -> None:
    low, high = _rows([_cell("low", LOW), _cell("high", HIGH)])
    # Mean tokens 800/3 and 2600/3; accuracies 1/3 and 1.
    assert low["thinkbench_f1"] == pytest.approx(2 * (1 / 3) / (4 / 3))
    assert high["thinkbench_f1"] == 0.0
    assert (low["aes"], low["aes_baseline"]) == (None, None)
    assert high["aes"] == pytest.approx((800 - 2600) / 800 + 3 * 2.0)
    assert (high["aes_baseline"], high["aes_constants"]) == ("low", "1, 3, 5")
    # q1: 200 and 500 against 350; q2: 400 and 1600 against 1000.
    assert low["excess_token_ratio"] == pytest.approx((200 / 350 + 0.4) / 2)
    assert low["reference_cells"] == 2
    # Fewest correct tokens of any cell: q1 100, q2 1600.
    assert low["o_g"] == pytest.approx(((200 - 100) + (400 - 1600)) / 2)
    assert high["o_g"] == pytest.approx((400 + 0) / 2)
    assert low["o_env"] == 200.0
    assert low["scaling_slope"] == pytest.approx(1000 * (2 / 3) / 600)
    assert low["monotonic_share"] == high["monotonic_share"] == 1.0
    # Difficulties: q1 1 - (0.5 + 1) / 2 = 0.25 (easy), q2 1 - (0 + 1) / 2 = 0.5 (hard).
    assert low["f1_otb"] == 0.0
    assert high["f1_otb"] == pytest.approx(2 * 0.5 * 1.0 / 1.5)
    assert low["difficulty_tokens_rho"] is None
    assert low["difficulty_tokens_slope"] == pytest.approx(200 / 0.25)


def test_a_data_set_or_model_is_compared_with_itself_only() -> None:
    other = CellResult(*summarise(Cell("e", "m", "low"), LOW))
    alone = _rows([_cell("low", LOW), other, _cell("low", HIGH, model="n")])
    assert [row["aes"] for row in alone] == [None, None, None]
    assert alone[1]["reference_cells"] == 1
    assert alone[1]["thinkbench_f1"] is None


def test_questions_by_hand() -> None:
    rows = questions_table([_cell("low", LOW), _cell("high", HIGH)]).to_pylist()
    q1_low, q1_high, q2_low, q2_high = rows
    assert q1_low["baseline_effort"] is None
    assert q1_high["baseline_effort"] == "low"
    assert q1_high["token_multiplier"] == 2.5
    assert q1_high["accuracy_change"] == 0.5
    # A draw is not right: from 1 of 2 to 2 of 2 is gained.
    assert (q1_high["flip"], q2_high["flip"], q1_low["flip"]) == ("gained", "gained", None)
    assert q1_low["cheapest_solving_effort"] == q1_high["cheapest_solving_effort"] == "high"
    assert (q1_low["wasted_tokens"], q1_high["wasted_tokens"]) == (None, 0.0)
    assert q2_low["vote_margin"] == 1.0
    assert q1_low["cv_tokens"] == pytest.approx(q1_low["sd_tokens"] / 200)
    assert (q1_low["envelope"], q2_low["envelope"]) == (200.0, None)
    assert q1_low["best_of_n_shortest"] == 1.0
    assert q1_low["best_of_n_score"] is None


def test_wasted_tokens_above_the_least_effort_that_solves() -> None:
    low = _cell("low", [Sample("q", True, "1", 100.0)])
    high = _cell("high", [Sample("q", False, "2", 900.0)])
    rows = questions_table([low, high]).to_pylist()
    assert [row["cheapest_solving_effort"] for row in rows] == ["low", "low"]
    assert [row["wasted_tokens"] for row in rows] == [0.0, 800.0]
    assert rows[1]["flip"] == "lost"


def test_best_by_the_recorded_score() -> None:
    samples = [Sample("q", False, "2", 5.0, score=0.9), Sample("q", True, "1", 50.0, score=0.2)]
    (row,) = questions_table([_cell("low", samples)]).to_pylist()
    assert (row["best_of_n_score"], row["best_of_n_shortest"]) == (0.0, 0.0)
    assert row["weighted_vote_at_2"] == 0.0


def test_new_columns_stand_behind_and_are_named_once() -> None:
    table = cells_table([_cell("low", LOW)], [])
    names = [spec.name for spec in columns_more.CELL_LAST]
    assert table.column_names[-len(names) :] == names
    assert len(set(table.column_names)) == len(table.column_names)
    every = [*columns.QUESTION_COLUMNS, *columns_more.QUESTION_MORE, *columns_more.CELL_LAST]
    assert all(spec.definition and spec.title for spec in every)
