"""Stopping early: curves by hand, against a slow reference, and from a store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.effort.early_exit import (
    POLICIES,
    Answer,
    Track,
    after_equal,
    at_candidate,
    at_fraction,
    at_tokens,
    curves,
    full,
    make_tracks,
)
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file
from analysis.views import early_exit as view

TRACKS = make_tracks(
    [
        Track("q1", 1000, True, [Answer(0.2, False, "5"), Answer(0.4, True, "7"), Answer(0.5, True, "7")]),
        Track("q2", 400, False, [Answer(0.5, True, "1"), Answer(0.9, False, "2")]),
        Track("q3", 200, True, []),
    ]
)  # fmt: skip


def test_policies_by_hand() -> None:
    whole = full(TRACKS)
    assert (whole.n_traces, whole.accuracy.value, whole.saved_share) == (
        3,
        pytest.approx(2 / 3),
        0.0,
    )
    assert whole.mean_tokens == pytest.approx(1600 / 3)
    first = at_candidate(TRACKS, 1)
    # q1 stops wrong at 200, q2 right at 200, q3 never has a candidate and ends at 200, right.
    assert first.accuracy.value == pytest.approx(2 / 3)
    assert first.mean_tokens == pytest.approx(200.0)
    assert first.saved_share == pytest.approx(1000 / 1600)
    second = at_candidate(TRACKS, 2)
    assert second.accuracy.value == pytest.approx(2 / 3)
    assert second.mean_tokens == pytest.approx((400 + 360 + 200) / 3)
    pair = after_equal(TRACKS, 2)
    assert pair.accuracy.value == pytest.approx(2 / 3)
    assert pair.mean_tokens == pytest.approx((500 + 400 + 200) / 3)
    half = at_fraction(TRACKS, 0.5)
    assert half.accuracy.value == pytest.approx(2 / 3)  # q3 has no answer by then: wrong
    assert half.saved_share == pytest.approx(0.5)
    assert at_fraction(TRACKS, 0.1).accuracy.value == 0.0
    assert at_fraction(TRACKS, 1.0).accuracy.value == pytest.approx(2 / 3)
    budget = at_tokens(TRACKS, 300)
    # q1 has "5" (wrong) by 300, q2 "1" (right) by 200, q3 ends by itself.
    assert budget.accuracy.value == pytest.approx(2 / 3)
    assert budget.mean_tokens == pytest.approx((300 + 300 + 200) / 3)
    assert at_tokens(TRACKS, 10_000).saved_share == 0.0


def test_questions_not_samples_make_the_interval() -> None:
    once = make_tracks([Track(f"q{i}", 10, i % 2 == 0) for i in range(20)])
    often = make_tracks([Track(f"q{i}", 10, i % 2 == 0) for i in range(20) for _ in range(5)])
    assert full(once).accuracy == full(often).accuracy


def test_uncertain_answers_equal_nothing() -> None:
    tracks = make_tracks(
        [Track("q", 100, True, [Answer(0.1, False, None), Answer(0.2, False, None)])]
    )
    assert after_equal(tracks, 2).saved_share == 0.0
    assert after_equal(tracks, 1).saved_share == 0.0


def test_nothing_gives_no_curves() -> None:
    assert curves(make_tracks([])) == []
    assert full(make_tracks([])).accuracy.value is None


_ANSWERS = st.lists(
    st.tuples(st.integers(0, 10), st.booleans(), st.sampled_from(["a", "b", None])), max_size=5
)


@given(st.lists(st.tuples(st.integers(1, 50), st.booleans(), _ANSWERS), min_size=1, max_size=6))
def test_fractions_and_counts_against_a_slow_reference(
    raw: list[tuple[int, bool, list[tuple[int, bool, str | None]]]],
) -> None:
    tracks = [
        Track(
            str(i), 10 * t, c, [Answer(p / 10, r, g) for p, r, g in sorted(a, key=lambda x: x[0])]
        )
        for i, (t, c, a) in enumerate(raw)
    ]
    arrays = make_tracks(tracks)
    for share in (0.0, 0.3, 0.7):
        right = []
        for track in tracks:
            before = [a for a in track.answers if a.position <= share + 1e-9]
            right.append(before[-1].right if before else False)
        assert at_fraction(arrays, share).accuracy.value == pytest.approx(sum(right) / len(right))
    for k in (1, 2, 3):
        used = []
        for track in tracks:
            stop = track.tokens
            for i in range(k - 1, len(track.answers)):
                last = [a.group for a in track.answers[i - k + 1 : i + 1]]
                if last[0] is not None and len(set(last)) == 1:
                    stop = track.answers[i].position * track.tokens
                    break
            used.append(stop)
        assert after_equal(arrays, k).mean_tokens == pytest.approx(sum(used) / len(used))


def test_every_policy_has_a_definition() -> None:
    points = curves(TRACKS) + curves(TRACKS, probes=True)
    assert {p.policy for p in points} == set(POLICIES)
    assert all((p.parameter is None) == (p.policy == "full") for p in points)


# --- from a store --------------------------------------------------------------------------

_PROBES = [
    {"frac": 0.0, "pred": "5", "correct": False},
    {"frac": 1.0, "pred": "7", "correct": True},
]
_TEXT = (
    "Let me think about it. The answer is 5. No, wrong. So the answer is 7. I am sure of it now."
)
ROWS = [
    {"id": "right", "reasoning": _TEXT, "answer": "7", "gold": "7", "correct": True, "effort": "low", "probes": _PROBES},
    {"id": "wrong", "reasoning": _TEXT, "answer": "7", "gold": "5", "correct": False, "effort": "high"},
    {"id": "no verdict", "reasoning": _TEXT, "answer": "7"},
    {"id": "no gold", "reasoning": _TEXT, "answer": "7", "correct": True},
    {"id": "hidden", "answer": "7", "gold": "7", "correct": True, "reasoning_tokens": 500},
    {"id": "stand-in", "reasoning": "Thinking... " * 30, "answer": "7", "gold": "7", "correct": True},
]  # fmt: skip


def test_curves_of_a_store(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text(
        "\n".join(json.dumps({"question": f"What is {r['id']}?", "model": "m", **r}) for r in ROWS),
        encoding="utf-8",
    )
    with open_store(tmp_path / "e.duckdb") as store:
        import_file(store, path)
        before = view.curves(store, Filters())
        assert (before.n_traces, before.left_out.not_analysed) == (0, 4)
        analyze(store, workers=0)
        found = view.curves(store, Filters())
        cells = view.curves(store, Filters(), by_cell=True)
    left = found.left_out
    assert (left.no_verdict, left.not_visible, left.no_gold, left.no_tokens) == (1, 2, 1, 0)
    assert (found.n_traces, found.n_probed) == (2, 1)
    assert found.table.schema == view.SCHEMA
    rows = {(r["policy"], r["parameter"]): r for r in found.table.to_pylist()}
    assert rows["full", None]["accuracy"] == 0.5
    # At its first candidate (5) the first trace is wrong and the second right.
    assert rows["candidate", 1.0]["accuracy"] == 0.5
    assert rows["candidate", 2.0]["accuracy"] == 0.5
    assert 0 < rows["candidate", 1.0]["saved_share"] < 1
    assert rows["probe_fraction", 0.0]["accuracy"] == 0.0
    assert rows["probe_fraction", 0.0]["saved_share"] == 1.0
    assert rows["probe_fraction", 1.0]["n_traces"] == 1
    assert cells.table.column_names[:4] == ["dataset", "model", "effort", "policy"]
    assert {r["effort"] for r in cells.table.to_pylist()} == {"low", "high"}
