"""Verdicts in the store: what counts, what a rerun does, what a person decides and takes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analysis import verifying
from analysis.errors import Cancelled, UsageError
from analysis.filters import Filters
from analysis.progress import CancelToken, Progress
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.removal import plan_removal, remove
from analysis.store.verdicts import settle, take_back, verdicts_of
from analysis.verifying import judge_answers
from analysis.views import verdicts as view
from analysis.views.traces import count

ROWS: list[dict[str, Any]] = [
    {"id": "right", "gold": "12", "answer": r"So \boxed{12}."},
    {"id": "wrong", "gold": "12", "answer": r"So \boxed{13}."},
    {"id": "stated", "gold": "12", "answer": "The answer is 12.", "correct": True},
    {"id": "denied", "gold": "12", "answer": "The answer is 12.", "correct": False},
    {"id": "text", "gold": "a red fox", "answer": "The answer is vulpes."},
    {"id": "no gold", "answer": "The answer is 5."},
    {"id": "cut", "gold": "12", "reasoning": r"Maybe \boxed{12}? Let me", "finish_reason": "length"},
    {"id": "inside", "gold": "12", "reasoning": r"We get \boxed{12}."},
    {"id": "unclear", "gold": "12", "answer": "First there are 3.\n\nThe next step adds 4."},
    {"id": "algebra", "gold": r"\int_0^1 2x dx", "answer": "The answer is 1."},
    {"id": "choice", "question": "Which?\nA. tin\nB. zinc", "gold": "B", "answer": "The answer is zinc."},
    {"id": "pred", "gold": "12", "answer": "blah", "pred": "12"},
]  # fmt: skip


def _store(folder: Path, rows: list[dict[str, Any]]) -> Store:
    path = folder / "rows.jsonl"
    filled = [
        {"model": "m", "question": "How many?", "reasoning": "Hm.", "dataset": "d", **r}
        for r in rows
    ]
    path.write_text("\n".join(json.dumps(row) for row in filled) + "\n", encoding="utf-8")
    store = open_store(folder / "v.duckdb")
    import_file(store, path)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with _store(tmp_path, ROWS) as opened:
        yield opened


def state(store: Store) -> dict[str, tuple[bool | None, str | None]]:
    return {
        row[0]: (row[1], row[2])
        for row in store.rows("SELECT external_id, correct, correct_source FROM trace")
    }


def of(store: Store, name: str) -> str:
    return str(store.scalar("SELECT trace_id FROM trace WHERE external_id = $id", {"id": name}))


OURS = f"verifier:{verifying.NAME}@{verifying.VERSION}"


def test_what_counts_after_judging(store: Store) -> None:
    report = judge_answers(store)
    assert (report.n_judged, report.n_undecided) == (11, 3)
    found = state(store)
    assert found["right"] == (True, OURS)
    assert found["wrong"] == (False, OURS)
    assert found["stated"] == (True, "stated")
    assert found["denied"] == (False, "stated")
    assert found["text"] == (None, None)
    assert found["no gold"] == (None, None)
    assert found["cut"] == (None, None)
    assert found["inside"] == (True, OURS)
    assert found["unclear"] == (None, None)
    assert found["algebra"] == (True, OURS)
    assert found["choice"] == (True, OURS)
    assert found["pred"] == (True, OURS)
    cut = verdicts_of(store, of(store, "cut"))[0]
    assert (cut["verdict"], cut["answer"]) == ("undecided", None)
    assert "cut off" in cut["reason"]
    assert "in the reasoning" in verdicts_of(store, of(store, "inside"))[0]["reason"]


def test_a_rerun_costs_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    judge_answers(store)
    before = state(store)

    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("judged again")

    monkeypatch.setattr(verifying, "judge_many", never)
    assert judge_answers(store).n_judged == 0
    assert state(store) == before


def test_the_same_pair_is_judged_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = verifying.judge_many

    def counting(pairs: Any, **more: Any) -> Any:
        listed = list(pairs)
        asked.extend(listed)
        return real(listed, **more)

    monkeypatch.setattr(verifying, "judge_many", counting)
    rows = [{"id": str(n), "gold": "9", "answer": "The answer is 9."} for n in range(40)]
    with _store(tmp_path, rows) as store:
        judge_answers(store)
        assert len(asked) == 1
        assert count(store, Filters(verdict=("correct",))) == 40


def test_another_version_judges_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    judge_answers(store)
    settle(store, of(store, "wrong"), "correct", "Ada")
    monkeypatch.setattr(verifying, "VERSION", "next")
    assert judge_answers(store).n_judged == 11
    found = state(store)
    assert found["right"] == (True, f"verifier:{verifying.NAME}@next")
    assert found["wrong"] == (True, "person:Ada")
    assert found["stated"] == (True, "stated")


def test_a_person_settles_and_takes_back(store: Store) -> None:
    judge_answers(store)
    for name in ("text", "right", "denied", "no gold"):
        settle(store, of(store, name), "wrong" if name == "right" else "correct", "  Ada   Byron ")
    found = state(store)
    assert found["text"] == (True, "person:Ada Byron")
    assert found["right"] == (False, "person:Ada Byron")
    assert found["denied"] == (True, "person:Ada Byron")
    assert found["no gold"] == (True, "person:Ada Byron")
    settle(store, of(store, "denied"), "wrong", "Grace")
    assert state(store)["denied"] == (False, "person:Grace")
    assert all(take_back(store, of(store, name)) for name in ("text", "right", "denied", "no gold"))
    found = state(store)
    assert found["text"] == (None, None)
    assert found["right"] == (True, OURS)
    assert found["denied"] == (False, "stated")
    assert found["no gold"] == (None, None)
    assert not take_back(store, of(store, "text"))


def test_bad_verdicts_are_refused(store: Store) -> None:
    for verdict, name in (("undecided", "Ada"), ("correct", "  "), ("", "Ada")):
        with pytest.raises(UsageError):
            settle(store, of(store, "text"), verdict, name)
    with pytest.raises(UsageError, match="no trace"):
        settle(store, "nothing", "correct", "Ada")
    assert store.scalar("SELECT count(*) FROM verdict") == 0


def test_persons_stay_when_a_file_comes_back(tmp_path: Path) -> None:
    with _store(tmp_path, ROWS) as store:
        judge_answers(store)
        settle(store, of(store, "denied"), "correct", "Ada")
        remove(store, plan_removal(store, files=["rows.jsonl"]))
        assert store.rows("SELECT source FROM verdict") == [("person",)]
        import_file(store, tmp_path / "rows.jsonl")
        judge_answers(store)
        assert state(store)["denied"] == (True, "person:Ada")
        take_back(store, of(store, "denied"))
        assert state(store)["denied"] == (False, "stated")


def test_kinds_and_their_counts(store: Store) -> None:
    judge_answers(store)
    counts = view.counts(store, Filters())
    assert counts == {
        "undecided": 3,
        "disagreement": 1,
        "stated only": 0,
        "settled": 0,
        "agreed": 7,
    }
    row = view.rows(store, Filters(), "disagreement").to_pylist()[0]
    assert (row["external_id"], row["stated"], row["computed"]) == ("denied", False, "correct")
    settle(store, row["trace_id"], "correct", "Ada")
    assert view.counts(store, Filters())["settled"] == 1
    assert view.rows(store, Filters(), "settled").to_pylist()[0]["stated"] is False
    reasons = view.reasons(store, Filters(), "undecided")
    assert sum(n for _, n in reasons) == 3
    assert view.count(store, Filters(), "undecided", reason=reasons[0][0]) == reasons[0][1]
    assert view.counts(store, Filters(model=("other",)))["undecided"] == 0
    assert view.table(store, Filters()).num_rows == 11


def test_cancelling_keeps_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.store import verdicts

    monkeypatch.setattr(verdicts, "FETCH_TRACES", 10)
    rows = [{"id": str(n), "gold": str(n), "answer": f"The answer is {n}."} for n in range(50)]
    cancel = CancelToken()

    def stop(moment: Progress) -> None:
        if moment.done >= 20:
            cancel.cancel()

    with _store(tmp_path, rows) as store:
        with pytest.raises(Cancelled):
            judge_answers(store, progress=stop, cancel=cancel)
        assert store.scalar("SELECT count(*) FROM verdict") == 20
        assert judge_answers(store).n_judged == 30


def test_analyze_judges_too(store: Store) -> None:
    report = analyze(store, only=["verdicts"], workers=0)
    assert (report.n_traces, report.n_judged, report.n_undecided) == (0, 11, 3)
    assert analyze(store, only=["language_mixing"], workers=0).n_judged == 0
    with pytest.raises(UsageError, match="verdicts"):
        analyze(store, only=["no such"])
