"""Strategies, probes of stored traces and reasoning-gym, on the tiny reasoner and hand-made tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from analysis.analyzers.probes import read_probes
from analysis.cli import main
from analysis.effort.naming import recognise
from analysis.engines import gym
from analysis.engines.follow import added
from analysis.engines.plans import Plan, plan_id
from analysis.engines.presets import load_presets
from analysis.engines.probes import POINTS, probe_points
from analysis.engines.probing import probe_traces, same_model
from analysis.engines.protocol import Sampling
from analysis.engines.questions import Question
from analysis.engines.runs import execute
from analysis.engines.samples import samples_of
from analysis.engines.strategies import Sampled, majority_vote, weighted_vote
from analysis.engines.strategy_runs import Strategy, prepared, run_strategies
from analysis.engines.tiny_numpy import tiny_engine, tiny_folder
from analysis.errors import UsageError
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.ui.reader.probe_marks import probe_marks
from analysis.ui.reader.uncertainty import token_doubts
from analysis.views.reader import reader_view

TINY = load_presets()["tiny"]
HOT = Sampling(temperature=2.0, max_tokens=90)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "s.duckdb") as opened:
        yield opened


def column(store: Store, sql: str) -> list[Any]:
    return [row[0] for row in store.rows(sql)]


# --- choosing and asking again --------------------------------------------------------------------


def test_strategies_are_cells_with_all_their_tokens(store: Store) -> None:
    """Every strategy over one run: text of a sample, its parents, the tokens of all of them."""
    engine = tiny_engine()
    asked = (Question("What is 58+67?", "a", "125"), Question("What is 4+5?", "b", "9"))
    plan = Plan(asked, TINY, efforts=("low",), samples=3, seed=3, sampling=HOT)
    wanted = [
        Strategy("majority"), Strategy("weighted"), Strategy("best", "verifier"),
        Strategy("rejection"), Strategy("self-refine", rounds=2), Strategy("feedback"),
    ]  # fmt: skip
    plan = prepared(plan, wanted, engine)
    assert plan.logprobs, "weights by confidence need them"
    report = execute(store, engine, plan)
    done = run_strategies(store, engine, plan, report.run_id, wanted)
    assert [r.missing for r in done] == [0] * 6
    cells = dict(store.rows("SELECT effort, count(*) FROM trace_row GROUP BY 1"))
    assert cells == {
        "low": 6, "low + majority of 3": 2, "low + weighted vote of 3 by confidence": 2,
        "low + best of 3 by verifier": 2, "low + rejection of 3": 2,
        "low + self-refinement, round 1": 6, "low + self-refinement, round 2": 6,
        "low + verifier feedback, round 1": 6,
    }  # fmt: skip
    spent = dict(
        store.rows(
            "SELECT question_id, sum(completion_tokens) FROM trace_row WHERE effort = 'low' GROUP BY 1"
        )
    )
    bases = {s.trace_id: s for s in samples_of(store, report.run_id)}
    assert len(bases) == 6
    rows = store.rows(
        "SELECT question_id, effort, completion_tokens, metadata, answer, sample_index FROM trace"
        " WHERE effort <> 'low'"
    )
    for question, effort, tokens, metadata, answer, sample in rows:
        told = json.loads(metadata)["strategy"]
        assert set(told["parents"]) >= {told["parents"][0]} and told["parents"][0] in bases
        if "of 3" in effort:
            assert tokens == spent[question] and len(told["parents"]) == 3
            texts = column(store, f"SELECT answer FROM trace WHERE trace_id = '{told['chosen']}'")
            assert texts == [answer]
        elif "feedback" in effort and "chosen" in told:
            base = bases[told["chosen"]]
            assert (tokens, sample, told["rounds_used"]) == (base.completion_tokens, base.sample, 0)
        else:
            before = told["parents"][-1]
            (earlier,) = column(
                store, f"SELECT completion_tokens FROM trace_row WHERE trace_id = '{before}'"
            )
            assert tokens == earlier + told["own_tokens"]["completion_tokens"]
    # Again: nothing new, neither chosen nor asked.
    again = run_strategies(store, engine, plan, report.run_id, wanted, resume=True)
    assert sum(r.tokens for r in again) == 0
    assert dict(store.rows("SELECT effort, count(*) FROM trace_row GROUP BY 1")) == cells
    assert analyze(store, workers=0).n_failures == 0
    measured = store.rows(
        "SELECT t.reasoning_tokens, m.value FROM trace_row t JOIN metric m USING (trace_id)"
        " WHERE m.name = 'thinking_tokens' AND t.reasoning_tokens > 0 AND t.reasoning_chars > 0"
    )
    assert measured and all(stated == value for stated, value in measured), "in Compare too"
    best = store.rows(
        "SELECT question_id, bool_or(correct) FROM trace_row WHERE effort = 'low' GROUP BY 1 ORDER BY 1"
    )
    assert [(q, c is True) for q, c in best] == [
        (q, c is True)
        for q, c in store.rows(
            "SELECT question_id, correct FROM trace_row WHERE effort LIKE '%rejection%' ORDER BY 1"
        )
    ], "a question is accepted if any of its samples is right"


@pytest.mark.parametrize(
    ("strategy", "more", "says"),
    [
        (Strategy("majority"), {"samples": 1}, "two or more"),
        (Strategy("best", "luck"), {}, "no scorer"),
        (Strategy("weighted", "verifier"), {}, "no scorer"),
        (Strategy("wish"), {}, "no strategy"),
        (Strategy("rejection"), {"gold": None}, "gold answer"),
        (Strategy("feedback"), {"gold": None}, "gold answer"),
        (Strategy("self-refine", rounds=99), {}, "rounds"),
    ],
)
def test_what_cannot_go_well_is_told_before(
    strategy: Strategy, more: dict[str, Any], says: str
) -> None:
    asked = (Question("1+1", "a", more.pop("gold", "2")),)
    plan = Plan(asked, TINY, **{"samples": 4, **more})
    with pytest.raises(UsageError, match=says):
        prepared(plan, [strategy], tiny_engine())


@given(st.lists(st.sampled_from(["1", "2", "0.5", "1/2", "", None]), max_size=12))
def test_a_vote_stands_on_a_sample_of_its_answer(answers: list[str | None]) -> None:
    samples = [Sampled(a) for a in answers]
    vote = majority_vote(samples)
    if not any(a and a.strip() for a in answers):
        assert vote.first is None and vote.answer is None
        return
    assert vote.first is not None and answers[vote.first] == vote.answer
    assert abs(sum(w for _, w in vote.votes) - sum(bool(a) for a in answers)) < 1e-9
    assert weighted_vote(samples, lambda s: 0.0).first is None


def test_unknown_counts_stay_unknown() -> None:
    assert added(1, 2, 3) == 6 and added() == 0 and added(1, None) is None


@pytest.mark.parametrize(
    ("effort", "shown", "budget", "after"),
    [
        ("low + majority of 8", "low + majority of 8", None, "low"),
        ("low, 64 tokens", "low, 64 tokens", 64, "low"),
        ("low, 64 tokens + best of 4 by brevity", "low, 64 tokens + best of 4 by brevity", 64, "low, 64 tokens"),
        ("1024 tokens", None, 1024, "high"),
        ("high + self-refinement, round 2", "high + self-refinement, round 2", None, "high"),
    ],
)  # fmt: skip
def test_names_of_cells(effort: str, shown: str | None, budget: int | None, after: str) -> None:
    found = recognise("m", effort)
    assert (found.effort, found.budget_tokens, found.model) == (shown, budget, "m")
    assert recognise("m", after).order <= found.order
    if after != "high":
        assert found.order < recognise("m", "medium").order


def test_budgets_are_cells_of_their_own() -> None:
    plan = Plan((Question("1+1", "a"),), TINY, efforts=("low",), budgets=(None, 8))
    assert [plan.effort_name(level) for level in plan.levels()] == ["low", "low, 8 tokens"]
    alone = Plan((Question("1+1", "a"),), TINY, budgets=(8, 16))
    assert [alone.effort_name(level) for level in alone.levels()] == ["8 tokens", "16 tokens"]
    # Ids of plans from before stay: what is new in a question is left out where it is not there.
    assert "gym" not in alone.describe(tiny_engine())["questions"][0]
    assert plan_id(alone.describe(tiny_engine())) != plan_id(plan.describe(tiny_engine()))


# --- probes of stored traces ----------------------------------------------------------------------


def test_imported_traces_are_probed(store: Store, tmp_path: Path) -> None:
    told = "Let me add 12+34. Ones: 2+4=6, write 6. Tens: 1+3=4. So the sum is 46."
    rows = [
        {"id": "own", "model": "x/tiny-reasoner", "question": "What is 12+34?", "gold": "46", "reasoning": told},
        {"id": "had", "model": "tiny-reasoner", "question": "1+1", "reasoning": told,
         "probes": [{"frac": 1.0, "pred": "7"}]},
        {"id": "other", "model": "gpt", "question": "1+2", "reasoning": told},
        {"id": "asks nothing", "model": "tiny-reasoner", "reasoning": told},
    ]  # fmt: skip
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    import_file(store, path)
    analyze(store, workers=0)
    engine = tiny_engine()
    report = probe_traces(store, engine, TINY, Filters())
    assert (report.probed, report.recorded, report.other_model, report.unreadable) == (1, 1, 1, 1)
    (recorded,) = column(store, "SELECT probes FROM trace WHERE external_id = 'own'")
    assert json.loads(recorded)["probed_by"]["model"] == "cotscope/tiny-reasoner"
    probes, unread = read_probes(recorded, "46")
    assert unread == 0 and 5 < len(probes) <= 11
    assert probes[-1].correct and probes[-1].p_pred is not None and probes[-1].p_pred > 0.5
    assert analyze(store, workers=0).n_traces == 1, "only what was probed is measured again"
    names = column(store, "SELECT DISTINCT name FROM metric m JOIN trace_row t USING (trace_id)"
                          " WHERE t.external_id = 'own' AND name = 'probe_curve' AND text IS NOT NULL")  # fmt: skip
    assert names == ["probe_curve"]
    assert probe_traces(store, engine, TINY, Filters()).probed == 0
    more = probe_traces(store, engine, TINY, Filters(), "candidates", replace=True, any_model=True)
    assert (more.probed, more.unreadable) == (3, 1)


@pytest.mark.parametrize("where", POINTS)
def test_probes_of_a_run_reach_the_measures_and_the_reader(store: Store, where: str) -> None:
    question = Question("What is 68+57?", "q", gold="125")
    plan = Plan((question,), TINY, efforts=("medium",), probes=where, logprobs=True, seed=2)
    assert execute(store, tiny_engine(), plan).imported == 1
    analyze(store, workers=0)
    trace_id, reasoning, recorded = store.rows("SELECT trace_id, reasoning, probes FROM trace")[0]
    told = json.loads(recorded)
    assert [p["char"] for p in told] == probe_points(reasoning, where)
    assert (told[0]["char"], told[-1]["char"], told[-1]["pred"]) == (0, len(reasoning), "125")
    assert told[0]["pred"] != "125" and all(0 < p["p_pred"] <= 1 for p in told)
    # By hand: the first probe from which all give the last answer.
    at = len(told) - 1
    while told[at - 1]["pred"] == "125":
        at -= 1
    metrics = dict(store.rows("SELECT name, coalesce(text, CAST(value AS VARCHAR)) FROM metric"))
    assert float(metrics["n_probes"]) == len(told) and metrics["probe_outcome"] == "gained"
    assert float(metrics["first_stable_frac"]) == pytest.approx(told[at]["frac"])
    assert float(metrics["probe_waste"]) == pytest.approx(1 - told[at]["frac"])
    curve = json.loads(metrics["probe_curve"])
    assert [right for _, right in curve] == [int(p["pred"] == "125") for p in told]
    view = reader_view(store, trace_id)
    assert view is not None
    row = probe_marks(view, len(reasoning))
    assert row is not None and row["stable"] == told[at]["char"]
    assert [point[0] for point in row["points"]] == probe_points(reasoning, where)
    assert token_doubts(view.trace["metadata"], reasoning) is not None


def test_models_are_the_same_by_their_last_name() -> None:
    assert same_model("Qwen/Qwen3-8B", "qwen3-8b") and same_model("a/b/", "b")
    assert not same_model(None, "b") and not same_model("Qwen3-8B", "Qwen3-4B")


def test_the_command_probes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"id": "1", "model": "tiny-reasoner", "question": "1+2", "reasoning": "1+2=3."}\n'
    )
    db = str(tmp_path / "c.duckdb")
    run = CliRunner().invoke
    assert run(main, ["import", str(path), "--db", db]).exit_code == 0
    found = run(main, ["probe", "--db", db, "--at", "thoughts", "--json"])
    assert found.exit_code == 0 and json.loads(found.stdout)["probed"] == 1
    wrong = run(main, ["probe", "--db", db, "--where", "model=none"])
    assert wrong.exit_code == 2 and "No trace has the model" in wrong.output


# --- reasoning-gym --------------------------------------------------------------------------------


def test_gym_is_told_when_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gym, "installed", lambda: False)
    gym._library.cache_clear()
    made = CliRunner().invoke(
        main, ["run", "--gym", "chain_sum", "--db", str(tmp_path / "g.duckdb")]
    )
    assert made.exit_code == 2 and 'pip install "cotscope[gym]"' in made.output


@pytest.mark.parametrize(
    ("task", "answer", "fine"),
    [
        ("countdown", "(73 - 42) * 14 / 2", True),
        ("simple_integration", "3*x**2/2 + sin(x) + C", True),
        ("simple_integration", "__import__('os').system('id')", False),
        ("countdown", "print(1)", False),
        ("polynomial_multiplication", "x.func", False),
        ("spiral_matrix", "[1, 2, 3]", True),
        ("spiral_matrix", "exec('1')", False),
        ("n_queens", "_ Q _\nQ _ _", True),
        ("binary_matrix", "[].append", False),
        ("syllogism", "exec('anything') is only text here", True),
        ("syllogism", "x" * 30_000, False),
    ],
)
def test_no_scorer_is_given_what_it_would_run(task: str, answer: str, fine: bool) -> None:
    assert gym.harmless(task, answer) is fine


def test_a_run_of_the_gym(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("reasoning_gym", reason="the extra gym is not installed")
    config = {"max_numbers": 2, "max_value": 20}
    made = gym.gym_questions("gcd", 3, 5, config)
    assert made == gym.gym_questions("gcd", 3, 5, config)
    assert [q.gym["judge"] for q in made if q.gym] == ["verifier"] * 3
    assert all(q.gold and q.dataset == "reasoning-gym/gcd" for q in made)
    with pytest.raises(UsageError, match="no task"):
        gym.gym_questions("chain_sums", 1, 1)
    with pytest.raises(UsageError, match="no setting"):
        gym.gym_questions("chain_sum", 1, 1, {"terms": 2})
    with pytest.raises(UsageError, match="max_terms of the task chain_sum is a number, not 'x'"):
        gym.gym_questions("chain_sum", 1, 1, {"max_terms": "x"})
    own = gym.gym_questions("countdown", 1, 5)[0]
    assert own.gym is not None and own.gym["judge"] == "library"
    # The scorer's own process takes seconds to start: its work is done here, in this one.
    monkeypatch.setattr(gym, "_scored", gym._score)
    right = gym.judged(own.gym, own.gold, None, f"The answer is {own.gold}")
    assert (right["correct"], right["score"]) == (True, 1.0)
    assert right["correct_source"].startswith("reasoning-gym ")
    assert gym.judged(own.gym, own.gold, None, "1 + 1")["correct"] is False
    assert gym.judged(own.gym, own.gold, None, "print(1)")["correct"] is False
    assert "correct" not in gym.judged(own.gym, own.gold, "thinking", None)
    monkeypatch.setattr(gym, "_scored", lambda *_: None)
    unsure = gym.judged(own.gym, own.gold, None, "1 + 1")
    assert unsure["gold"] is None and unsure["gym"]["gold_example"] == own.gold

    execute(store, tiny_engine(), Plan((*made, own), TINY, sampling=Sampling(0.0, max_tokens=60)))
    told = store.rows("SELECT question_id, gold_answer, metadata FROM trace ORDER BY 1")
    assert [row[0] for row in told] == ["countdown-5-0", "gcd-5-0", "gcd-5-1", "gcd-5-2"]
    assert [row[1] for row in told[1:]] == [q.gold for q in made]
    judges = [json.loads(row[2])["gym"]["judge"] for row in told]
    assert judges == ["library", "verifier", "verifier", "verifier"]


def test_a_file_cannot_claim_a_judge(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    lines = [
        {"cotscope_run": 1, "key": who, "answer": "1", "correct": True, "correct_source": who}
        for who in ("person:eve", "verifier:cotscope@9", "reasoning-gym 0.1.25")
    ]
    path.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    import_file(store, path)
    assert sorted(column(store, "SELECT correct_source FROM trace_row")) == [
        "reasoning-gym 0.1.25", "stated", "stated",
    ]  # fmt: skip


# --- the weights that come along ------------------------------------------------------------------


def test_the_weights_are_those_of_the_recorded_training() -> None:
    import hashlib

    from analysis.engines.protocol import Message, Request

    folder = tiny_folder()
    about = json.loads((folder / "training.json").read_text())
    for name, digest in about["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    assert min(about["held_out_right"].values()) >= 0.95
    engine = tiny_engine()
    for effort, question, said in about["answers"]:
        request = Request((Message("user", question),), effort=effort, sampling=Sampling(0.0))
        raw = [e.raw for e in engine.stream(request) if hasattr(e, "raw")][-1]
        assert raw.rpartition("</think>")[2].strip() == said, (effort, question)
