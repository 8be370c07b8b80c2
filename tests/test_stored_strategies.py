"""Strategies over samples that are stored already, and strategies of runs that were stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.cli import main
from analysis.engines.choosing import Strategy, is_choice
from analysis.engines.plans import Plan
from analysis.engines.presets import load_presets
from analysis.engines.protocol import Sampling
from analysis.engines.questions import Question
from analysis.engines.runs import execute
from analysis.engines.samples import mean_logprob
from analysis.engines.stored_strategies import choose_stored
from analysis.engines.strategy_notes import note, waiting
from analysis.engines.strategy_runs import run_strategies
from analysis.engines.tiny_numpy import tiny_engine
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.progress import CancelToken
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.views.runs import unfinished

TINY = load_presets()["tiny"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "s.duckdb") as opened:
        yield opened


def sample(question: str, answer: str | None, size: int, **more: Any) -> dict[str, Any]:
    said = "" if answer is None else f" The answer is {answer}."
    return {
        "question": question, "model": "acme", "effort": "High", "reasoning": "Hm. " * size + said,
        "answer": None if answer is None else f"\\boxed{{{answer}}}", "gold": "7",
        "usage": {"completion_tokens": 10 + size}, **more,
    }  # fmt: skip


TABLE = [
    # Two say 8, one 7; the 7 has the best score and the most likely tokens; the shortest says 9.
    sample("What is 3+4?", "8", 5, score=0.2, logprobs={"content": [{"logprob": -2.0}]}),
    sample("What is 3+4?", "8.0", 6, score=0.3, logprobs={"content": [{"logprob": -2.5}]}),
    sample("What is 3+4?", "7", 9, score=0.9, logprobs={"content": [{"logprob": -0.1}, {"logprob": -0.3}]}),
    sample("What is 3+4?", "9", 1),
    # Nothing to choose by but the answers.
    sample("What is 1+6?", "7", 3),
    sample("What is 1+6?", None, 3, finish_reason="length"),
    # One sample.
    sample("What is 0+7?", "7", 2),
]  # fmt: skip


def imported(store: Store, tmp_path: Path, rows: list[dict[str, Any]], name: str = "dump") -> None:
    path = tmp_path / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    import_file(store, path, dataset="d")


def chosen(store: Store, label: str) -> dict[str, tuple[str, int]]:
    """Question -> (answer, tokens) in the cell of a strategy."""
    rows = store.rows(
        "SELECT question, answer, completion_tokens FROM trace WHERE effort = $effort",
        {"effort": f"high + {label}"},
    )
    return {
        question[8:11]: ((answer or "").strip("\\boxed{}"), tokens)
        for question, answer, tokens in rows
    }


def test_strategies_over_an_imported_dump(store: Store, tmp_path: Path) -> None:
    imported(store, tmp_path, TABLE)
    analyze(store, workers=0)
    scored = ("score", "confidence", "brevity", "verifier", "metric:thinking_tokens", "metric:-thinking_tokens")  # fmt: skip
    wanted = [
        Strategy("majority"), Strategy("rejection"), Strategy("weighted", "score"),
        *(Strategy("best", scorer) for scorer in scored),
    ]  # fmt: skip
    reports = choose_stored(store, Filters(), wanted)
    # name -> what stands for the first question, questions, questions without anything to choose by
    assert [(chosen(store, one.label(4)).get("3+4"), r.traces, r.unknown) for one, r in zip(wanted, reports, strict=True)] == [
        (("8", 61), 2, 0), (("7", 61), 2, 0), (("7", 61), 1, 1),
        (("7", 61), 1, 1), (("7", 61), 1, 1), (("9", 61), 2, 0), (("7", 61), 2, 0),
        (("7", 61), 2, 0), (("9", 61), 2, 0),
    ]  # fmt: skip
    assert {r.single for r in reports} == {1} and all(r.new == r.traces for r in reports)
    assert chosen(store, "majority of 4")["1+6"] == ("7", 26)
    (told,) = store.rows(
        "SELECT metadata FROM trace WHERE effort = 'high + majority of 4' AND question LIKE '%3+4%'"
    )
    strategy = json.loads(told[0])["strategy"]
    assert strategy["votes"] == [["8", 2.0], ["7", 1.0], ["9", 1.0]] and strategy["of"] == 4
    parents = store.rows(
        "SELECT trace_id FROM trace WHERE effort = 'high' AND question LIKE '%3+4%'"
    )
    assert set(strategy["parents"]) == {row[0] for row in parents}
    assert dict(store.rows("SELECT correct, count(*) FROM trace WHERE effort LIKE '%rejection%' GROUP BY 1")) == {True: 2}  # fmt: skip
    # Again adds nothing, and what strategies made is no sample of theirs.
    before = store.scalar("SELECT count(*) FROM trace_row")
    assert [r.new for r in choose_stored(store, Filters(), wanted)] == [0] * len(wanted)
    assert store.scalar("SELECT count(*) FROM trace_row") == before


def test_more_samples_change_a_choice_and_leave_one_trace(store: Store, tmp_path: Path) -> None:
    imported(store, tmp_path, TABLE)
    vote = [Strategy("majority")]
    choose_stored(store, Filters(), vote)
    # The second question gets two more samples, which outvote: the cell's size stays 4.
    imported(store, tmp_path, [sample("What is 1+6?", "6", n) for n in (1, 2)], "more")
    (report,) = choose_stored(store, Filters(), vote)
    assert (report.traces, report.new) == (2, 1)
    assert chosen(store, "majority of 4") == {"3+4": ("8", 61), "1+6": ("6", 49)}
    (again,) = choose_stored(store, Filters(), vote)
    assert again.new == 0
    assert store.scalar("SELECT count(*) FROM trace_row WHERE effort LIKE '%majority%'") == 2


def test_what_a_dump_tells_of_a_sample_goes_along(store: Store, tmp_path: Path) -> None:
    """Kind of reasoning, checkpoint, the record's own verdict, a long name of an effort."""
    rows = [
        {"question": "Why?", "model": "m", "effort": "e" * 58, "reasoning_summary": f"So {n}.",
         "answer": "b", "correct": n == 1, "checkpoint": "step-100"}
        for n in range(2)
    ]  # fmt: skip
    imported(store, tmp_path, rows)
    kind, checkpoint = store.rows("SELECT reasoning_kind, checkpoint FROM trace_row LIMIT 1")[0]
    choose_stored(store, Filters(), [Strategy("rejection")])
    assert store.rows(
        "SELECT effort, reasoning_kind, checkpoint, correct, correct_source, reasoning FROM trace"
        " WHERE effort LIKE '%rejection%'"
    ) == [("e" * 58 + " + rejection of 2", kind, checkpoint, True, "stated", "So 1.")]


@pytest.mark.parametrize(
    ("strategy", "says"),
    [
        (Strategy("self-refine"), "asks a model"),
        (Strategy("wish"), "no strategy"),
        (Strategy("best", "luck"), "no scorer"),
        (Strategy("weighted", "verifier"), "no scorer"),
        (Strategy("weighted", "metric:-x"), "above zero"),
        (Strategy("best", "metric:nothing"), "No stored trace has the metric"),
    ],
)
def test_what_cannot_be_done_with_stored_samples(
    store: Store, strategy: Strategy, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        choose_stored(store, Filters(), [strategy])


def test_the_command_chooses_and_curates(tmp_path: Path) -> None:
    database, out = tmp_path / "c.duckdb", tmp_path / "sft.jsonl"
    with open_store(database) as store:
        imported(store, tmp_path, TABLE)
    given = ["choose", "majority,rejection", "--curate", str(out), "--db", str(database)]
    result = CliRunner().invoke(main, [*given, "--where", "model=acme"])
    assert result.exit_code == 0, result.output
    assert "cell: acme @ high + majority of 4" in result.output
    assert "1 question left out: fewer than two samples" in result.output
    assert len(out.read_text().splitlines()) == 2, "only what is right"
    assert CliRunner().invoke(main, [*given, "--where", "model=other"]).exit_code != 0


@pytest.mark.parametrize(
    ("metadata", "mean"),
    [
        ({"used": {"mean_logprob": -0.5}, "token_logprobs": [["a", -9]]}, -0.5),
        ({"token_logprobs": [["a", -1.0], ["b", -2.0], ["c", None]]}, -1.5),
        ({"token_logprobs": [{"token": "a", "logprob": -3}]}, -3.0),
        ({"logprobs": {"content": [{"logprob": -1}, {"logprob": -2}]}}, -1.5),
        ({"logprobs": {"tokens": ["a"], "token_logprobs": [-4.0]}}, -4.0),
        ({"logprobs": [-1.0, -3.0]}, -2.0),
        ({"logprobs": "?", "used": 3}, None),
        ({"logprobs": [True, float("inf"), [1, 2, 3]]}, None),
        ({}, None),
    ],
)
def test_mean_log_probabilities(metadata: dict[str, Any], mean: float | None) -> None:
    assert mean_logprob(metadata) == mean


@given(st.sampled_from(["majority", "weighted", "best", "rejection"]), st.integers(2, 999),
       st.sampled_from(["confidence", "score", "metric:x_y", "metric:-x"]), st.text(max_size=20))  # fmt: skip
def test_cells_of_choices_are_known_by_their_names(
    name: str, size: int, scorer: str, before: str
) -> None:
    assert is_choice(f"{before} + {Strategy(name, scorer).label(size)}")
    assert not is_choice(f"{before} + self-refinement, round 1")


# --- strategies of runs that were stopped ---------------------------------------------------------


def test_a_stopped_strategy_is_listed_and_goes_on(store: Store) -> None:
    """Rounds that were stopped are unfinished; going on asks only what is missing."""
    engine = tiny_engine()
    asked = (Question("What is 58+67?", "a", "125"), Question("What is 4+5?", "b", "9"))
    plan = Plan(asked, TINY, efforts=("low",), samples=3, sampling=Sampling(max_tokens=60))
    wanted = (Strategy("self-refine", rounds=2), Strategy("majority"))
    report = execute(store, engine, plan, began=lambda folder: note(folder, wanted))
    (run,) = unfinished(store)
    assert (run.run_id, run.done, run.total, run.strategies) == (report.run_id, 6, 6, wanted)

    stop = CancelToken()

    def after(moment: Any) -> None:
        if moment.done >= 2:
            stop.cancel()

    first = run_strategies(store, engine, plan, run.run_id, wanted, progress=after, cancel=stop)
    made = store.scalar("SELECT count(*) FROM trace_row WHERE effort LIKE '%round%'")
    (run,) = unfinished(store)
    assert run.strategies == wanted and len(first) == 1 and 1 <= made < 12
    with pytest.raises(UsageError, match="made with"):
        replace(run, model="other").plan_for(engine)
    done = run_strategies(
        store, engine, run.plan_for(engine), run.run_id, run.strategies, resume=True
    )
    assert [r.missing for r in done] == [0, 0] and unfinished(store) == []
    cells = store.rows("SELECT effort, count(*), count(DISTINCT external_id) FROM trace_row GROUP BY 1 ORDER BY 1")  # fmt: skip
    assert cells == [
        ("low", 6, 6), ("low + majority of 3", 2, 2), ("low + self-refinement, round 1", 6, 6),
        ("low + self-refinement, round 2", 6, 6),
    ]  # fmt: skip


def test_notes_of_other_versions_are_none(tmp_path: Path) -> None:
    note(tmp_path, [Strategy("best", "brevity")])
    assert waiting(tmp_path) == (Strategy("best", "brevity"),)
    for content in ("{", "[]", "[1]", '[{"name": "x"}]', "null"):
        (tmp_path / "strategies.json").write_text(content)
        assert waiting(tmp_path) == ()


def test_resuming_by_the_command_line_without_questions(tmp_path: Path) -> None:
    database = tmp_path / "r.duckdb"
    runner, resume = CliRunner(), ["run", "--resume", "--db", str(database)]
    assert "no database" in runner.invoke(main, resume).output and not database.exists()
    open_store(database).close()
    assert "unfinished" in runner.invoke(main, resume).output
    plan = Plan((Question("What is 2+2?", "a", "4"),), TINY, samples=2, sampling=Sampling(max_tokens=40))  # fmt: skip
    ids = []
    with open_store(database) as store:
        for seed in (1, 2):
            asked = replace(plan, seed=seed)
            wanted = [Strategy("majority")]
            ids.append(execute(store, tiny_engine(), asked, began=lambda f: note(f, wanted)).run_id)  # noqa: B023
    result = runner.invoke(main, resume)
    assert result.exit_code == 2 and all(
        f"{run_id}: cotscope/tiny" in result.output for run_id in ids
    )
    assert runner.invoke(main, [*resume, "--run", "nothing-1"]).exit_code == 2
    assert runner.invoke(main, ["run", "--question", "?", "--run", ids[0]]).exit_code == 2
    result = runner.invoke(main, [*resume, "--run", ids[0]])
    assert result.exit_code == 0 and "majority of 2" in result.output, result.output
    with open_store(database) as store:
        assert [run.run_id for run in unfinished(store)] == ids[1:]
    assert runner.invoke(main, resume).exit_code == 0
    assert "No run" in runner.invoke(main, resume).output
