"""Recorded probes: reading any shape, and what they say of a trace, by hand-made tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers.probes import certain_at, first_stable, outcome, probe_numbers, read_probes
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import import_file


def _probes(*rows: tuple[float, str | None, bool | None]) -> str:
    return json.dumps(
        [{"frac": f, "pred": p, "correct": c, "tokens": round(1000 * f)} for f, p, c in rows]
    )


def _numbers(recorded: str, gold: str | None = None) -> dict[str, Any]:
    return probe_numbers(*read_probes(recorded, gold))


def test_a_history_of_probes() -> None:
    numbers = _numbers(
        _probes(
            (0.0, "A", False), (0.25, "B", True), (0.5, "C", False), (0.75, "B", True), (1.0, "B", True)
        )
    )  # fmt: skip
    assert numbers["n_probes"] == 5
    assert numbers["probes_unread"] == 0
    assert numbers["first_stable_frac"] == 0.75
    assert numbers["probe_waste"] == 0.25
    assert numbers["probe_first_correct_frac"] == 0.25
    assert numbers["probe_answer_changes"] == 3
    assert numbers["probe_flips"] == 3
    assert numbers["probe_outcome"] == "gained"
    assert numbers["broad_loss"] is False
    assert json.loads(numbers["probe_curve"]) == [[0, 0], [0.25, 1], [0.5, 0], [0.75, 1], [1, 1]]
    # Three in a row never agree after some thinking: it thinks to the end.
    assert numbers["certain_exit_tokens"] is None
    assert numbers["certain_saving"] == 0.0


def test_a_certain_exit() -> None:
    numbers = _numbers(
        _probes((0.0, "7", None), (0.2, "7", None), (0.4, "7", None), (0.6, "7.0", None), (1.0, "8", None)),
        gold="7",
    )  # fmt: skip
    # The probe before any thinking does not count: 0.2, 0.4 and 0.6 are the three.
    assert numbers["certain_exit_tokens"] == 600
    assert numbers["certain_saving"] == pytest.approx(0.4)
    # Verdicts come from the gold answer where none is stated.
    assert numbers["probe_outcome"] == "lost"
    assert numbers["broad_loss"] is True
    assert numbers["probe_flips"] == 1


@pytest.mark.parametrize(
    ("preds", "k", "at"),
    [
        (["5", "5", "5"], 3, 2),
        (["5", "5", "5"], 4, None),
        (["5", "", "5", "5"], 2, 3),
        (["5", None, "5"], 2, None),
        (["wait, 5", "wait, 5"], 2, None),
        (["Hmm 5", "5", "5"], 2, 2),
        (["now 5", "now 5"], 2, 1),  # "no" inside a word is no doubt
        (["1/2", "0.5"], 2, 1),
        ([], 1, None),
        (["5"], 1, 0),
    ],
)
def test_the_rule_of_a_certain_exit(preds: list[str | None], k: int, at: int | None) -> None:
    assert certain_at(preds, k) == at


@pytest.mark.parametrize(
    ("correct", "name"),
    [
        ([True, False, True], "stable_correct"),
        ([False, True], "gained"),
        ([True, False], "lost"),
        ([False, True, False], "stable_wrong"),
        ([None, True], None),
        ([], None),
    ],
)
def test_outcomes(correct: list[bool | None], name: str | None) -> None:
    assert outcome(correct) == name


def test_stable_from() -> None:
    assert first_stable(["A", "B", "B"]) == 1
    assert first_stable(["B", "B"]) == 0
    assert first_stable(["B", "A"]) == 1
    assert first_stable(["B", None]) is None
    assert first_stable([]) is None


def test_a_first_decile_that_is_written_as_one() -> None:
    recorded = json.dumps(
        [{"frac": f, "tokens": t, "pred": "A"} for f, t in ((0.0, 0), (1.0, 101), (0.2, 201), (1.0, 1000))]
    )  # fmt: skip
    probes, unread = read_probes(recorded)
    assert [p.position for p in probes] == [0.0, 0.101, 0.2, 1.0]
    assert unread == 0


def test_probes_with_tokens_alone_are_placed_by_them() -> None:
    probes, _ = read_probes('[{"tokens": 400, "answer": 5}, {"tokens": 100, "answer": 4}]')
    assert [(p.position, p.pred) for p in probes] == [(0.25, "4"), (1.0, "5")]


@pytest.mark.parametrize(
    ("recorded", "kept", "unread"),
    [
        ("not json", 0, 1),
        ("{}", 0, 1),
        ("null", 0, 1),
        ("[]", 0, 0),
        ("5", 0, 1),
        ('["a", 3, null, {"pred": "A"}]', 0, 4),
        ('[{"frac": 0.5, "pred": "A"}, {"frac": 7, "pred": "B"}]', 1, 1),
        ('{"probes": [{"position": 0.5, "prediction": "A"}]}', 1, 0),
        (json.dumps('[{"frac": 1, "pred": null, "correct": "yes"}]'), 1, 0),
        ('[{"frac": NaN, "tokens": Infinity}]', 0, 1),
        ('[{"frac": true, "tokens": -4}]', 0, 1),
        ("[" * 5000, 0, 1),
        ('[{"frac": 1e400, "tokens": 9999999999999999999999}]', 0, 1),
    ],
)
def test_odd_shapes_are_counted_not_guessed(recorded: str, kept: int, unread: int) -> None:
    probes, left = read_probes(recorded, "A")
    assert (len(probes), left) == (kept, unread)
    assert probe_numbers(probes, left)["n_probes"] == kept


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["frac", "tokens", "pred", "correct", "probes", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_gives_probes_in_order(value: Any) -> None:
    probes, unread = read_probes(json.dumps(value), "1")
    assert unread >= 0
    places = [p.position for p in probes]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)
    numbers = probe_numbers(probes, unread)
    for name in ("first_stable_frac", "probe_waste", "certain_saving"):
        assert numbers[name] is None or 0 <= numbers[name] <= 1


def test_no_probes_are_undefined_everywhere() -> None:
    assert set(probe_numbers((), None).values()) == {None}


def test_probes_reach_the_analyzer(tmp_path: Path) -> None:
    rows = [
        {"id": "good", "reasoning": "Hmm. I say B.", "answer": "B", "gold": "B",
         "probes": json.loads(_probes((0.0, "A", False), (1.0, "B", True)))},
        {"id": "odd", "reasoning": "Hmm. I say B.", "answer": "B", "probes": [3, "x"]},
        {"id": "none", "reasoning": "Hmm. I say B.", "answer": "B"},
    ]  # fmt: skip
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    with open_store(tmp_path / "p.duckdb") as store:
        import_file(store, path)
        assert analyze(store, workers=0).n_failures == 0
        found = store.rows(
            "SELECT t.external_id, m.name, m.value, m.text FROM metric m JOIN trace t USING (trace_id)"
            " WHERE m.name IN ('n_probes', 'probes_unread', 'probe_outcome') ORDER BY ALL"
        )
    assert found == [
        ("good", "n_probes", 2.0, None),
        ("good", "probe_outcome", None, "gained"),
        ("good", "probes_unread", 0.0, None),
        ("none", "n_probes", None, None),
        ("none", "probe_outcome", None, None),
        ("none", "probes_unread", None, None),
        ("odd", "n_probes", 0.0, None),
        ("odd", "probe_outcome", None, None),
        ("odd", "probes_unread", 2.0, None),
    ]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "traces", "probed"),
    [
        ("aime25_r1family", 102, 0),
        ("gemma4_mmlupro_probes", 210, 210),
        ("lrm_token_economy", 1035, 0),
        ("misguided_attention", 1536, 0),
        ("overthinking_2plus3_debug", 5, 0),
    ],
)
def test_published_files_import_as_they_are(
    shared: Path, tmp_path: Path, name: str, traces: int, probed: int
) -> None:
    with open_store(tmp_path / "f.duckdb") as store:
        report = import_file(store, shared / "data" / "overthinking" / f"{name}.jsonl")
        recorded = store.rows("SELECT CAST(probes AS VARCHAR), gold_answer FROM trace")
    assert (report.n_traces, report.n_quarantined) == (traces, 0)
    read = [read_probes(text, gold) for text, gold in recorded if text]
    assert len(read) == probed
    assert all(len(probes) == 11 and unread == 0 for probes, unread in read)
    # Their first decile is written as 1.0; placed by its tokens it is one tenth.
    assert all(probes[1].position == pytest.approx(0.1, abs=0.01) for probes, _ in read)
