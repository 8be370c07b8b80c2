"""Cells: what names tell, what a person says, questions that are one, and the exported columns."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.effort.cells import summarise
from analysis.effort.choosing import sides
from analysis.effort.naming import CellName, in_effort, recognise
from analysis.effort.near_duplicates import near_duplicates
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.store import Store, open_store, samples
from analysis.store.cell_names import (
    CellEdit,
    merge_questions,
    merges,
    one_cell,
    reset_cell,
    set_cell,
    split_question,
)
from analysis.store.importing import import_file
from analysis.store.tallies import tallies
from analysis.views import effort_cells, efforts
from analysis.views.near_questions import near_questions

NAMES = [
    # name, base model, effort, budget
    ("o3-mini-high", "o3-mini", "high", None),
    ("Heron 3 Mini Beta (low)", "Heron 3 Mini Beta", "low", None),
    ("heron-3.7:thinking", "heron-3.7", "thinking", None),
    ("heron-4 (32k thinking tokens)", "heron-4", "thinking", 32_000),
    ("heron-4 (16,000 thinking tokens)", "heron-4", "thinking", 16_000),
    ("Heron 4 Thinking 16K", "Heron 4", "thinking", 16_000),
    ("heron-4-thinking-4k", "heron-4", "thinking", 4_000),
    ("s1-32B thinking-budget-8k", "s1-32B", "thinking", 8_000),
    ("heron-4-20250514 (no think)", "heron-4-20250514", "none", None),
    ("qwen3-8b /no_think", "qwen3-8b", "none", None),
    ("plover-fast-non-reasoning", "plover-fast", "none", None),
    ("Plover 30B A3B (Reasoning)", "Plover 30B A3B", "thinking", None),
    ("qwen3-235b-a22b-thinking-2507", "qwen3-235b-a22b-2507", "thinking", None),
    ("gpt-5-reasoning-effort-high", "gpt-5", "high", None),
    ("gpt-5 (low effort)", "gpt-5", "low", None),
    ("wader@xhigh", "wader", "xhigh", None),
    ("Plover diff, no think, a host's API", "Plover diff", "none", None),
    ("heron-pro (default think)", "heron-pro", "default", None),
    # Sizes, context lengths, dates and two models are no efforts.
    ("magistral-medium-2506", "magistral-medium-2506", None, None),
    ("claude-4-sonnet-0522-thinking", "claude-4-sonnet-0522", "thinking", None),
    ("phi-4-reasoning", "phi-4-reasoning", None, None),
    ("gpt-4-32k", "gpt-4-32k", None, None),
    ("Qwen3-Max", "Qwen3-Max", None, None),
    ("low-rank-7b", "low-rank-7b", None, None),
    ("o3 (high) + gpt-4.1", "o3 (high) + gpt-4.1", None, None),
    ("deepseek-r1:7b", "deepseek-r1:7b", None, None),
]
EFFORTS = [
    ("no_think", "none", None), ("/think", "thinking", None), ("/no_think", "none", None),
    ("thinking-budget-8k", None, 8_000), ("low effort", "low", None), ("32k thinking tokens", None, 32_000),
    ("effort: high", "high", None), ("reasoning_effort=xhigh", "xhigh", None), ("extra high", "xhigh", None),
    ("16384", None, 16_384), ("0", "none", None), ("-1", "default", None), ("disabled", "none", None),
    ("3", None, None), ("custom thing", None, None), ("1.5k", None, 1_500), (None, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "base", "effort", "budget"), NAMES)
def test_names_tell_effort_and_budget(
    name: str, base: str, effort: str | None, budget: int | None
) -> None:
    found = recognise(name, None)
    assert (found.model, found.effort, found.budget_tokens) == (base, effort, budget)
    # A record that says "default" lets the name speak; one that says more is believed.
    assert recognise(name, "default").model == base
    assert recognise(name, "medium").effort == "medium"


@pytest.mark.parametrize(("text", "level", "budget"), EFFORTS)
def test_efforts_are_read(text: str | None, level: str | None, budget: int | None) -> None:
    assert in_effort(text) == (level, budget)


def test_the_order_of_efforts_is_natural() -> None:
    said = [
        "64k",
        "max",
        "none",
        "high",
        "4k",
        "low",
        None,
        "minimal",
        "xhigh",
        "thinking",
        "medium",
        "16k",
    ]
    found = sorted((recognise("m", e) for e in said), key=lambda n: n.sort_key)
    assert [n.setting for n in found] == [
        "none", "minimal", "low", "medium", "", "thinking", "high", "xhigh", "max", "4,000 tokens",
        "16,000 tokens", "64,000 tokens",
    ]  # fmt: skip
    steps = ["final", "step 1000", "global_step_200", "base", "ckpt-30", "2k"]
    found = sorted((recognise("m", None, None, s) for s in steps), key=lambda n: n.sort_key)
    assert [n.checkpoint for n in found] == [
        "base",
        "ckpt-30",
        "global_step_200",
        "step 1000",
        "2k",
        "final",
    ]
    assert recognise("r1-zero-step1000", None).checkpoint == "step1000"
    assert recognise("m", "high @ step 5").label == "m @ high @ step 5"
    assert recognise("m", "thinking", 2048).setting == "2,048 tokens"


@given(st.text(max_size=80), st.none() | st.text(max_size=40))
def test_any_name_is_read_and_none_is_lost(model: str, effort: str | None) -> None:
    found = recognise(model, effort)
    assert isinstance(found, CellName)
    assert found.model == model or (found.model and len(found.model) < len(model))
    assert math.isfinite(found.order)


# --- in a store ------------------------------------------------------------------------------


def _rows(cells: Mapping[tuple[str, str | None], str], **more: Any) -> list[dict[str, Any]]:
    """(model, effort) -> 'q1:110 q2:?' -> records."""
    rows = []
    for (model, effort), text in cells.items():
        for part in text.split():
            question, verdicts = part.split(":")
            for i, v in enumerate(verdicts):
                row = {
                    "id": f"{model}-{effort}-{question}-{i}", "question": f"What is {question}?",
                    "question_id": question, "reasoning": "So it is.", "answer": "7", "model": model,
                    "sample_index": i, "reasoning_tokens": 100 * (i + 1), "dataset": "made", **more,
                }  # fmt: skip
                row |= {} if effort is None else {"effort": effort}
                rows.append(row if v == "?" else row | {"correct": v == "1"})
    return rows


def _store(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Store:
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    store = open_store(folder / "c.duckdb")
    import_file(store, path)
    return store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = _store(
        tmp_path,
        _rows(
            {
                ("heron-mini-high", "default"): "q1:111 q2:110 q3:0?",
                ("heron-mini-low", "default"): "q1:110 q2:000 q3:00",
                ("heron-mini", "none"): "q1:100 q2:000 q4:1",
            }
        ),
    )
    with made:
        yield made


def test_cells_are_as_their_records_say_beside_what_is_recognised(store: Store) -> None:
    rows = samples.cells(store, Filters()).to_pylist()
    assert [(r["model"], r["effort"]) for r in rows] == [
        ("heron-mini", "none"), ("heron-mini-low", "default"), ("heron-mini-high", "default"),
    ]  # fmt: skip
    assert [(r["base_model"], r["base_effort"]) for r in rows] == [
        ("heron-mini", "none"), ("heron-mini", "low"), ("heron-mini", "high"),
    ]  # fmt: skip
    assert [r["stated"] for r in rows][2] == "heron-mini-high @ default"
    high = rows[2]
    assert (high["accuracy"], high["accuracy_of_all"]) == (5 / 7, 5 / 8)
    assert high["pass_at_1"] == pytest.approx((1 + 2 / 3 + 0) / 3)
    pairs = samples.pairs(store, Filters()).to_pylist()
    assert [(p["model_a"], p["model_b"]) for p in pairs][1] == ("heron-mini", "heron-mini-high")
    assert (pairs[1]["n_questions"], pairs[1]["only_a"], pairs[1]["only_b"]) == (2, 0, 2)


def test_a_person_names_cells_and_takes_it_back(store: Store) -> None:
    found = tallies(store, Filters())
    set_cell(store, one_cell(found, "heron-mini-high"), CellEdit(model="heron", effort="64k"))
    set_cell(store, one_cell(tallies(store, Filters()), "heron@64k"), CellEdit(position=5))
    named = tallies(store, Filters())
    cell = one_cell(named, "heron:64k")
    assert (cell.name.model, cell.name.order, cell.name.source) == ("heron", 5.0, "person")
    assert list(cell.stated) == [("heron-mini-high", "default")]
    row = next(r for r in samples.cells(store, Filters()).to_pylist() if r["model"] == "heron")
    assert (row["effort"], row["stated"]) == ("64k", "heron-mini-high @ default")
    # Only the order: model and effort stay what is recognised.
    set_cell(store, one_cell(named, "heron-mini@low"), CellEdit(position=99))
    assert one_cell(tallies(store, Filters()), "heron-mini-low").name.model == "heron-mini"
    # Cells of one name become one.
    set_cell(store, one_cell(named, "heron-mini@none"), CellEdit(model="heron", effort="64k"))
    (both,) = [t for t in tallies(store, Filters()).cells if t.cell.model == "heron"]
    assert int(both.n.sum()) == 15
    assert len(both.stated) == 2
    assert store.scalar("SELECT count(DISTINCT model) FROM trace_row") == 3
    assert reset_cell(store, both) == 2
    assert len(tallies(store, Filters()).cells) == 3
    with pytest.raises(UsageError, match="finite"):
        CellEdit(position=math.inf)
    with pytest.raises(UsageError, match="is a data set"):
        one_cell(named, "made")


def test_names_are_found_in_many_spellings_and_near_ones_suggested(store: Store) -> None:
    found = tallies(store, Filters())
    for name in (
        "heron-mini @ high",
        "heron-mini@HIGH",
        "heron-mini:high",
        "made/heron-mini@high",
        "heron-mini-high",
    ):
        assert sides(found, name).cells[0].cell.model == "heron-mini-high"
    assert sides(found, "made").kind == "dataset"
    with pytest.raises(UsageError, match=r"Did you mean: heron-mini @ high"):
        sides(found, "heron-mini@hihg")
    with pytest.raises(UsageError, match="no cell or data set"):
        sides(found, "")
    with open_store(":memory:") as empty, pytest.raises(UsageError, match="import some"):
        sides(tallies(empty, Filters()), "x")


def test_questions_are_merged_only_by_a_person(store: Store) -> None:
    keys = {
        r["question_id"]: r["question_key"] for r in samples.questions(store, Filters()).to_pylist()
    }
    assert merge_questions(store, keys["q1"], [keys["q2"]]) == 1
    assert merge_questions(store, keys["q4"], [keys["q1"]]) == 1  # q2 goes with q1
    assert {into for _, into in merges(store)} == {keys["q4"]}
    assert len(tallies(store, Filters()).keys) == 2
    rows = samples.questions(store, Filters()).to_pylist()
    assert {r["question_key"] for r in rows} == {keys["q3"], keys["q4"]}
    with pytest.raises(UsageError, match="no question"):
        merge_questions(store, keys["q1"], ["nothing"])
    assert split_question(store, keys["q4"]) == 2
    assert len(tallies(store, Filters()).keys) == 4


def test_near_duplicates_are_proposed() -> None:
    texts = [
        "A train leaves Dover at 9 and arrives at noon. How fast was it on the 120 miles?",
        "A train leaves Dover at 9 and arrives at noon; how fast was it on the 120 miles",
        "A train leaves Dover at 8 and arrives at noon. How fast was it on the 150 miles?",
        "How many primes are there below one hundred?",
        "",
        None,
        "Hi",
    ]
    found = near_duplicates(texts)
    assert next((n.a, n.b, n.same_numbers) for n in found) == (0, 1, True)
    assert all(not n.same_numbers for n in found[1:])
    assert {i for n in found for i in (n.a, n.b)} <= {0, 1, 2}
    # A template that all questions share makes no quadratic work.
    many = [
        f"Please reason step by step. What is the number {i} plus the number {i + 1}?"
        for i in range(3000)
    ]
    assert len(near_duplicates(many)) < 20_000


def test_near_questions_of_a_store(tmp_path: Path) -> None:
    rows = _rows({("m", "low"): "q1:1"})
    rows += [
        {**rows[0], "id": "x", "question": "What is  q1 ?!"},
        {**rows[0], "id": "y", "question": "Name a bird."},
    ]
    with _store(tmp_path, rows) as store:
        (row,) = near_questions(store, Filters()).to_pylist()
        assert {row["question_a"], row["question_b"]} == {"What is q1?", "What is q1 ?!"}
        merge_questions(store, row["key_a"], [row["key_b"]])
        assert near_questions(store, Filters()).num_rows == 0


def test_read_models_agree_with_the_exports(store: Store) -> None:
    loaded = efforts.load(store, Filters())
    exported = {(r["model"], r["effort"]): r for r in samples.cells(store, Filters()).to_pylist()}
    for row in efforts.cells(store, Filters(), loaded=loaded).to_pylist():
        same = exported[row["model"], row["effort"]]
        for name in ("n_questions", "n_traces", "n_judged", "n_correct", "accuracy", "mean_tokens",
                     "median_tokens", "p95_tokens", "tokens_per_correct", "token_source", "on_front"):  # fmt: skip
            assert row[name] == same[name], name
    grid = efforts.grid(store, Filters(), loaded=loaded).to_pylist()
    assert [r["rank"] for r in grid] == sorted(r["rank"] for r in grid)
    assert sum(r["n"] for r in grid) == 23
    assert all(len(r["trace_ids"]) == min(r["n"], 8) for r in grid)
    questions = {
        (r["question_key"], r["model"], r["effort"]): r
        for r in samples.questions(store, Filters()).to_pylist()
    }
    for row in grid:
        same = questions[row["question_key"], row["model"], row["effort"]]
        assert row["difficulty"] == pytest.approx(same["difficulty"])
        assert (row["accuracy"], row["mean_tokens"]) == (same["accuracy"], same["mean_tokens"])
    assert (
        len({r["question_key"] for r in efforts.grid(store, Filters(), limit=2).to_pylist()}) == 2
    )
    curves = efforts.curves(store, Filters(), loaded=loaded).points.to_pylist()
    for row in curves:
        name = {"pass": "pass_at", "majority": "maj_at"}.get(row["method"])
        cell = next(c for c in loaded.cells if c.label == row["label"])
        if name:
            same = exported[cell.cell.model, cell.cell.effort]
            assert row["value"] == pytest.approx(same[f"{name}_{row['k']}"])
    made = efforts.difficulty(store, Filters(), loaded=loaded)
    assert made.points.num_rows == len(grid)
    assert sum(r["n_traces"] for r in made.bins.to_pylist()) == 22
    ratios = efforts.ratios(store, Filters(), "heron-mini @ low", "heron-mini @ high").to_pylist()
    assert [r["ratio"] for r in ratios] == [1.0, 1.0, 1.0]
    ladders = efforts.ladders(store, Filters()).to_pylist()
    assert [r["n_cheapest"] for r in ladders] == [0, 1, 1]
    with pytest.raises(UsageError, match="no cell 'nothing'"):
        efforts.paired(store, Filters(), "nothing")


def test_accuracies_are_those_of_the_cells(store: Store) -> None:
    """They come from queries of their own, which have to name, join and order the cells alike."""

    def same() -> None:
        for filters in (Filters(), Filters(verdict=("correct",)), Filters(model=("nobody",))):
            found = effort_cells.accuracies(store, filters)
            assert found.equals(efforts.cells(store, filters).select(found.column_names)), filters

    same()
    cell = one_cell(tallies(store, Filters()), "heron-mini-high")
    set_cell(store, cell, CellEdit(model="heron", effort="64k", budget_tokens=900))
    same()
    # Two cells become one, and a third is moved to the front.
    set_cell(
        store, one_cell(tallies(store, Filters()), "heron-mini@none"), CellEdit("heron", "64k")
    )
    set_cell(store, one_cell(tallies(store, Filters()), "heron-mini-low"), CellEdit(position=-1))
    same()


def test_read_models_of_an_empty_store() -> None:
    with open_store(":memory:") as store:
        assert efforts.cells(store, Filters()).num_rows == 0
        assert effort_cells.accuracies(store, Filters()).num_rows == 0
        assert efforts.grid(store, Filters()).num_rows == 0
        assert efforts.paired(store, Filters()).num_rows == 0
        assert efforts.ladders(store, Filters()).num_rows == 0
        assert efforts.curves(store, Filters()).points.num_rows == 0
        assert efforts.difficulty(store, Filters()).points.num_rows == 0


def test_votes_read_from_a_store_are_those_of_the_exports(tmp_path: Path) -> None:
    answers = ["7", " 7.0", "8", "8", None, "9", "9", "9"]
    rows = _rows({("m", "low"): "q1:11000000 q2:10000000"})
    for row, answer in zip(rows, [*answers, *answers[::-1]], strict=True):
        row["answer"] = "..."
        row["gold"] = "7"
        if answer is not None:
            row["extracted_answer"] = answer
    with _store(tmp_path, rows) as store:
        (cell,) = samples.cells(store, Filters()).to_pylist()
        found = efforts.curves(store, Filters()).points.to_pylist()
        weighted = samples.questions(store, Filters()).to_pylist()
    majority = {r["k"]: r["value"] for r in found if r["method"] == "majority"}
    assert majority == pytest.approx({k: cell[f"maj_at_{k}"] for k in majority})
    for r in found:
        if r["method"] == "weighted" and r["k"] > 1:
            known = [q[f"weighted_vote_at_{r['k']}"] for q in weighted]
            assert r["value"] == pytest.approx(sum(known) / len(known))


def test_samples_that_cost_no_more_than_a_long_chain(tmp_path: Path) -> None:
    rows = _rows({("m", "low"): "q1:110 q2:100"}) + _rows({("m", "high"): "q1:1 q2:0"})
    for row in rows:
        row["reasoning_tokens"] = 100 if row["effort"] == "low" else 250
    with _store(tmp_path, rows) as store:
        equal = efforts.curves(store, Filters()).equal_tokens.to_pylist()
    row = next(r for r in equal if r["method"] == "pass")
    assert (row["short"], row["long"], row["k"]) == ("m @ low", "m @ high", 2)
    assert (row["short_tokens"], row["long_tokens"]) == (200.0, 250.0)
    assert row["short_value"] == pytest.approx((1 + 2 / 3) / 2)
    assert row["difference"] == pytest.approx((1 + 2 / 3) / 2 - 0.5)


def test_a_cell_of_single_samples_has_the_interval_of_wilson() -> None:
    from analysis.effort.cells import Cell, Sample

    one, _ = summarise(Cell("d", "m", None), [Sample(f"q{i}", i < 8) for i in range(10)])
    assert (one.accuracy.low, one.accuracy.high) == pytest.approx((0.49016, 0.94332), abs=1e-5)


def test_the_documentation_has_every_column() -> None:
    from analysis.effort import columns, columns_more

    text = (Path(__file__).parent.parent / "docs" / "efforts.md").read_text(encoding="utf-8")
    for spec in (
        *columns.PAIR_COLUMNS,
        *columns.CELL_COLUMNS,
        *columns.CELL_MORE,
        *columns_more.CELL_NAMED,
    ):
        row = f"| `{spec.name}` | {spec.definition}{f' ({spec.source})' if spec.source else ''} |"
        assert row in text, spec.name
