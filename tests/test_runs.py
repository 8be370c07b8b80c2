"""Runs: from questions to traces in the store, through kills, stops, faults and resumes."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.cli import main
from analysis.engines.http_client import Endpoint
from analysis.engines.journal import Journal, runs_folder
from analysis.engines.monitor import Monitor
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.plans import Plan, jobs_of, plan_id
from analysis.engines.presets import load_presets, preset_of
from analysis.engines.protocol import (
    EngineGoneError,
    Reasoning,
    Sampling,
    UnsafeAddressError,
    UnsupportedError,
)
from analysis.engines.questions import Question, read_questions, typed_questions
from analysis.engines.runs import execute, recover_all
from analysis.engines.tiny_numpy import tiny_engine
from analysis.errors import InputError, UsageError
from analysis.formats.cotscope_run import read
from analysis.formats.registry import FileHint, read_record
from analysis.model import Rejected
from analysis.progress import CancelToken
from analysis.runner import analyze
from analysis.store import Store, open_store
from tests.model_server import Server, model_server

TINY = load_presets()["tiny"]
SHORT = Sampling(temperature=0.0, max_tokens=60)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a.duckdb") as opened:
        yield opened


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with model_server() as running:
        yield running


def plan(*questions: str, **more: Any) -> Plan:
    asked = tuple(typed_questions(questions or ("What is 12+34?",)))
    return Plan(asked, more.pop("preset", TINY), sampling=more.pop("sampling", SHORT), **more)


def traces(store: Store, columns: str = "external_id, error") -> list[tuple[Any, ...]]:
    return store.rows(f"SELECT {columns} FROM trace ORDER BY external_id")


def test_a_run_of_the_tiny_reasoner_end_to_end(store: Store) -> None:
    asked = (Question("What is 12+34?", "a", gold="46", dataset="sums"),)
    wanted = Plan(
        asked, TINY, efforts=("low", "high"), budgets=(None, 5), samples=2, seed=4,
        sampling=Sampling(temperature=0.0), probes="every10", logprobs=True,
    )  # fmt: skip
    report = execute(store, tiny_engine(), wanted)
    assert (report.total, report.new, report.failed, report.imported) == (8, 8, 0, 8)
    assert analyze(store, only=["overthinking"], workers=1).n_failures == 0
    columns = (
        "external_id, effort, thinking_budget_tokens, reasoning_tokens, model, provider, dataset,"
        " gold_answer, format_id, reasoning, answer, probes, metadata, sample_index, effort_source"
    )
    rows = traces(store, columns)
    assert [r[0] for r in rows] == sorted(
        f"a/{e}{b}/{n}" for e in ("low", "high") for b in ("", "-b5") for n in (0, 1)
    )
    for row in rows:
        key, effort, budget, used, model, provider, dataset, gold, format_id = row[:9]
        assert (model, provider, dataset, gold) == ("cotscope/tiny-reasoner", "tiny", "sums", "46")
        assert (format_id, row[14]) == ("cotscope_run", "run")
        assert (budget, used) == (5, 5) if "b5" in key else budget is None and used > 5
        assert effort == key.split("/")[1].replace("-b5", ", 5 tokens")
        metadata = json.loads(row[12])
        assert metadata["asked"]["seed"] >= 0 and metadata["run_id"] == report.run_id
        assert metadata["used"]["mean_logprob"] < 0
        assert "".join(t for t, _ in metadata["token_logprobs"]).startswith("<think>\n")
        probes = json.loads(row[11])
        assert 1 < len(probes) <= 11 and probes[-1]["frac"] == 1.0
        assert row[9].count("<") == 0 and row[10].startswith("The answer is")
    found = dict(
        store.rows("SELECT name, count(*) FROM metric WHERE name LIKE 'probe%' GROUP BY 1")
    )
    assert found, "the overthinking measures read the probes"


def test_seeds_are_told_apart_and_repeat(store: Store) -> None:
    engine = tiny_engine()
    keys = [(j.key, j.request.seed) for j in jobs_of(plan("1+2", "3+4", samples=3), engine)]
    assert len({seed for _, seed in keys}) == len(keys) == 6
    assert keys == [(j.key, j.request.seed) for j in jobs_of(plan("1+2", "3+4", samples=3), engine)]
    assert keys[0][0] == "q1/medium/0" and keys[-1][0] == "q2/medium/2"


def test_the_same_plan_has_the_same_id() -> None:
    engine = tiny_engine()
    first = plan_id(plan("1+2").describe(engine))
    assert first == plan_id(plan("1+2").describe(engine))
    for other in (
        plan("1+3"),
        plan("1+2", seed=1),
        plan("1+2", samples=2),
        plan("1+2", efforts=("low",)),
    ):
        assert plan_id(other.describe(engine)) != first


def test_a_stopped_run_keeps_what_is_finished_and_resumes(store: Store) -> None:
    cancel = CancelToken()
    asked = plan(*(f"{n}+{n}" for n in range(10, 20)))

    def stop(monitor: Monitor) -> None:
        def watch() -> None:
            while monitor.snapshot().done < 3:
                time.sleep(0.01)
            cancel.cancel()

        threading.Thread(target=watch, daemon=True).start()

    first = execute(store, tiny_engine(), asked, cancel=cancel, monitor=stop)
    assert first.cancelled and 3 <= first.new < 10
    assert len(traces(store)) == first.new == first.done
    second = execute(store, tiny_engine(), asked, resume=True)
    assert (second.run_id, second.done, second.new) == (first.run_id, 10, 10 - first.new)
    assert len(traces(store)) == 10
    third = execute(store, tiny_engine(), asked, resume=True)
    assert (third.new, third.missing) == (0, 0)
    fresh = execute(store, tiny_engine(), asked)
    assert fresh.run_id != first.run_id and len(traces(store)) == 20


_KILLED = """
import sys
from pathlib import Path
from analysis.engines import runs
from analysis.engines.journal import Journal
from analysis.engines.plans import Plan
from analysis.engines.presets import load_presets
from analysis.engines.protocol import Sampling
from analysis.engines.questions import typed_questions
from analysis.engines.tiny_numpy import tiny_engine
from analysis.store import open_store
append = Journal.append
def told(self, line):
    full = append(self, line)
    print(line["key"], flush=True)
    return full
Journal.append = told
questions = tuple(typed_questions(f"{n}+{n}" for n in range(40)))
plan = Plan(questions, load_presets()["tiny"], sampling=Sampling(temperature=0.0, max_tokens=60))
with open_store(Path(sys.argv[1])) as store:
    runs.execute(store, tiny_engine(), plan)
"""


def test_a_killed_run_loses_no_finished_trace(tmp_path: Path, root: Path) -> None:
    database = tmp_path / "b.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(database)], stdout=subprocess.PIPE, text=True, cwd=root
    )
    assert process.stdout is not None
    finished = [process.stdout.readline().strip() for _ in range(5)]
    os.kill(process.pid, signal.SIGKILL)
    finished += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.wait()
    folder = next(runs_folder(database).iterdir())
    with next(folder.glob("*.open")).open("ab") as torn:
        torn.write(b'{"cotscope_run": 1, "key": "q39/med')  # a kill in the middle of a line
    with open_store(database) as store:
        assert traces(store) == []
        assert recover_all(store) == len(finished)
        assert {row[0] for row in traces(store)} == set(finished)
        assert recover_all(store) == 0
        assert store.rows("SELECT count(*) FROM quarantine") == [(0,)]


@settings(max_examples=40, deadline=None)
@given(
    lines=st.lists(
        st.dictionaries(st.text(max_size=5), st.text(max_size=30), max_size=3), max_size=6
    ),
    torn=st.binary(max_size=40),
)
def test_a_journal_keeps_whole_lines(
    lines: list[dict[str, str]], torn: bytes, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.mktemp("journal") / "x-1"
    journal = Journal(folder)
    for line in lines:
        journal.append(line)
    for path in folder.glob("*.open"):
        with path.open("ab") as stream:
            stream.write(torn.replace(b"\n", b""))
    again = Journal(folder)
    segments = again.recover()
    assert list(again.lines()) == lines
    assert len(segments) == (1 if lines else 0)
    assert again.recover() == segments


def test_faults_of_requests_are_traces_and_are_made_again(store: Store, server: Server) -> None:
    def engine(model: str) -> OpenAIEngine:
        made = OpenAIEngine(Endpoint(server.url, first_wait_seconds=0.01, retries=0), "ok")
        made._model = model
        return made

    asked = plan("2+2?", "3+3?", preset=preset_of("x"))
    report = execute(store, engine("cut"), asked)
    assert (report.new, report.failed, report.done, report.missing) == (2, 2, 0, 2)
    rows = traces(store, "reasoning, answer, finish_reason, error, completion_tokens, truncated")
    assert all(r[0].startswith("Let me see.") and r[1] is None for r in rows)
    assert all(r[2] == "error" and "ended before" in r[3] for r in rows)
    again = execute(store, engine("cut"), asked, resume=True)
    assert (again.new, again.run_id) == (2, report.run_id)
    report = execute(
        store, engine("broken"), plan(*(f"{n}?" for n in range(40)), preset=preset_of("x"))
    )
    assert report.stopped is not None and "it broke" in report.stopped
    assert report.new < 40


@pytest.mark.parametrize(
    "fault",
    [
        EngineGoneError("vLLM has ended (signal 9)."),
        UnsafeAddressError("no"),
        RuntimeError("a bug"),
    ],
)
def test_what_is_finished_stays_when_the_engine_ends(
    store: Store, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = tiny_engine()
    stream, left = engine.stream, iter(range(6))

    def failing(*given: Any) -> Iterator[Any]:
        if next(left, None) is None:
            raise fault
        yield from stream(*given)

    monkeypatch.setattr(engine, "stream", failing)
    asked = plan(*(f"{n}+{n}" for n in range(10, 24)), sampling=Sampling(max_tokens=6))
    if isinstance(fault, EngineGoneError):
        report = execute(store, engine, asked, concurrency=3)
        assert report.stopped == str(fault)
        assert (report.new, report.failed, report.missing) == (6, 0, 8)
    else:
        with pytest.raises(type(fault), match=str(fault)):
            execute(store, engine, asked, concurrency=3)
    assert len(traces(store)) == 6
    report = execute(store, tiny_engine(), asked, resume=True)
    assert (report.new, report.missing) == (8, 0) and len(traces(store)) == 14


def test_requests_run_side_by_side_and_no_more(store: Store, server: Server) -> None:
    server.most_busy = 0
    engine = OpenAIEngine(Endpoint(server.url), "ok")
    asked = plan(*(f"{n}+1" for n in range(30)), preset=preset_of("x"))
    report = execute(store, engine, asked, concurrency=4)
    assert report.new == 30 and 1 < server.most_busy <= 4
    row = traces(store, "reasoning, answer, prompt_tokens, completion_tokens, reasoning_tokens")[0]
    assert row == ("Let me see. 2+2=4.", "The answer is 4.", 5, 11, 6)


def test_what_cannot_be_done_is_told_before_anything_is_asked(store: Store) -> None:
    with model_server("somebody") as other:
        engine = OpenAIEngine(Endpoint(other.url), "ok")
        generic = preset_of("x")
        for wanted in (
            plan(preset=generic, budgets=(5,)), plan(preset=generic, waits=1),
            plan(preset=generic, probes="every10"), plan(preset=generic, fewest=9),
        ):  # fmt: skip
            with pytest.raises(UnsupportedError):
                execute(store, engine, wanted)
        assert other.asked == []
    nan = Sampling(temperature=math.nan)
    for broken in (
        plan(samples=0), plan(budgets=(-1,)), plan(probes="never"), Plan(()), plan(sampling=nan),
        plan(sampling=Sampling(top_p=math.inf)), plan(sampling=Sampling(max_tokens=60), fewest=60),
        plan(sampling=Sampling(max_tokens=60), budgets=(20, 60)),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            execute(store, tiny_engine(), broken)
    with pytest.raises(UsageError, match="no effort"):
        execute(store, tiny_engine(), plan(efforts=("huge",)))
    assert not runs_folder(store.path).exists()


def test_waits_go_into_the_store(store: Store) -> None:
    execute(
        store,
        tiny_engine(),
        plan("68+57", efforts=("low",), waits=1, sampling=Sampling(temperature=0.0)),
    )
    (reasoning, metadata, key), *_ = traces(store, "reasoning, metadata, external_id")
    assert "\n\nWait" in reasoning and key == "q1/low-w1/0"
    told = json.loads(metadata)
    assert told["asked"]["waits"] == told["used"]["waits"] == 1
    assert told["asked"]["enforced_by"] == "token ids"


def test_a_monitor_tells_speed_and_streams() -> None:
    jobs = list(jobs_of(plan("1+2", "3+4"), tiny_engine()))
    monitor = Monitor(4, skipped=2)
    monitor.start(jobs[0])
    monitor.event(jobs[0], Reasoning("so it is three"))
    now = monitor.snapshot()
    assert (now.done, now.total, now.skipped) == (2, 4, 2)
    assert (now.live[0].reasoning, now.live[0].tokens, now.live[0].question) == (
        "so it is three",
        4,
        "1+2",
    )
    monitor.end(jobs[0], failed=True, tokens=40)
    time.sleep(0.06)
    now = monitor.snapshot()
    assert (now.done, now.failed, now.tokens, now.live) == (3, 1, 40, ())
    assert now.tokens_per_second and now.seconds_left is not None


def test_questions_of_files(tmp_path: Path) -> None:
    lines = tmp_path / "sums.txt"
    lines.write_text("1+2\n\n  3+4 \n", encoding="utf-8-sig")
    assert [(q.text, q.id, q.dataset) for q in read_questions(lines)] == [
        ("1+2", "q1", "sums"),
        ("3+4", "q2", "sums"),
    ]
    rows = tmp_path / "rows.jsonl"
    rows.write_text(
        '{"problem": "1+2", "answer": 3, "problem_id": "x"}\n'
        '{"prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "3+4"}], "gold": "7"}\n'
    )
    assert read_questions(rows, dataset="d") == [
        Question("1+2", "x", "3", "d"), Question("3+4", "q2", "7", "d", "S"),
    ]  # fmt: skip
    for text, says in (
        ('{"question": "a"}\n{"x": 1}\n', "line 2"),
        ("{bad\n", "record 1"),
        ("\n", "no question"),
    ):
        rows.write_text(text)
        with pytest.raises(InputError, match=says):
            read_questions(rows)
    rows.write_text('{"id": "a", "question": "1"}\n{"id": "a", "question": "2"}\n')
    with pytest.raises(UsageError, match="the id"):
        read_questions(rows)


@pytest.mark.parametrize(
    ("line", "reasoning", "answer", "truncated"),
    [
        ({"raw": "<think>\na\n</think>\n\nb", "finish_reason": "stop"}, "a", "b", False),
        ({"raw": "a and a", "opened": True, "finish_reason": "length"}, "a and a", None, True),
        ({"raw": "all of it", "unmarked": True}, "all of it", None, False),
        ({"raw": "so\n\n**Final Answer**\n\n4", "unmarked": True}, "so", "4", False),
        ({"reasoning": " a ", "answer": "b"}, " a ", "b", False),
        ({"error": "it broke", "finish_reason": "error"}, None, None, False),
    ],
)
def test_lines_of_a_journal_are_read(
    line: dict[str, Any], reasoning: str | None, answer: str | None, truncated: bool
) -> None:
    (trace,) = read_record({"cotscope_run": 1, "key": "k", **line}, hint=FileHint())
    assert trace.format_id == "cotscope_run"
    assert (trace.reasoning, trace.answer, trace.truncated) == (reasoning, answer, truncated)


def test_no_line_of_a_journal() -> None:
    assert isinstance(read({"cotscope_run": 2, "raw": "x"}, FileHint()), Rejected)
    assert isinstance(read({"cotscope_run": 1}, FileHint()), Rejected)


def test_a_run_is_one_data_set_whatever_its_parts(store: Store) -> None:
    """A part of the journal is a file, and a long run or its resume has several."""
    for questions in (("1+2", "3+4", " 1+2 "), ("5+6",)):
        asked = plan(*questions, samples=2)
        execute(store, tiny_engine(), asked)
    assert store.rows("SELECT dataset, count(*) FROM trace GROUP BY ALL") == [("typed", 6)]
    loose = Plan((Question("7+8", "q"),), TINY, sampling=SHORT)
    report = execute(store, tiny_engine(), loose)
    found = store.rows("SELECT dataset FROM trace WHERE question = '7+8'")
    assert found == [(f"run {report.run_id}",)]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    runner, db = CliRunner(), str(tmp_path / "c.duckdb")
    common = ["--db", db, "--json", "--temperature", "0", "--max-tokens", "60"]
    sums = tmp_path / "sums.jsonl"
    sums.write_text('{"question": "1+2", "gold": "3"}\n{"question": "30+4", "gold": "34"}\n')
    given = ["run", str(sums), "--effort", "low,medium", "--budget", "4,9", *common]
    made = runner.invoke(main, given)
    assert made.exit_code == 0, made.output
    report = json.loads(made.stdout)
    assert (report["total"], report["new"], report["missing"]) == (8, 8, 0)
    again = runner.invoke(main, [*given, "--resume"])
    assert json.loads(again.stdout)["new"] == 0
    nowhere = tmp_path / "none.duckdb"
    assert runner.invoke(main, ["run", "--resume", "--db", str(nowhere)]).exit_code == 3
    assert not nowhere.exists()
    monkeypatch.setenv("MY_KEY", "SECRET-KEY-1")
    over = [
        "run",
        "--question",
        "2+2?",
        "--base-url",
        server.url,
        "--api-key-env",
        "MY_KEY",
        "--model",
        "ok",
    ]
    made = runner.invoke(main, [*over, "--db", db])
    assert made.exit_code == 0 and "1 trace" in made.output
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert not any(b"SECRET" in p.read_bytes() for p in files) and "SECRET" not in made.output
    for bad, code in (
        (["run", "--db", db], 2),
        (["run", "--question", "1", "--budget", "x", "--db", db], 2),
        (["run", "--question", "1", "--model", "big", "--db", db], 2),
        (["run", "--question", "1", "--engine", "openai", "--db", db], 2),
        (["run", "--question", "1", "--base-url", "http://169.254.169.254/v1", "--db", db], 2),
        (
            [
                "run",
                "--question",
                "1",
                "--engine",
                "vllm",
                "--model",
                "m",
                "--vllm-python",
                "/no/python",
                "--db",
                db,
            ],
            1,
        ),
    ):
        assert runner.invoke(main, bad).exit_code == code, bad


def test_help_stays_light(root: Path) -> None:
    code = (
        "import sys; from click.testing import CliRunner; from analysis.cli import main;"
        "CliRunner().invoke(main, ['run', '--help']);"
        "print([m for m in ('numpy', 'duckdb', 'pyarrow', 'httpx2', 'torch', 'jinja2') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_engines_import_nothing_heavy(root: Path) -> None:
    code = (
        "import sys, analysis.engines.runs, analysis.engines.opening, analysis.engines.transformers_local,"
        " analysis.engines.vllm_server, analysis.engines.openai_http;"
        "print([m for m in ('torch', 'transformers', 'vllm', 'openai', 'streamlit', 'httpx2') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_a_plan_without_marks_is_all_thinking(store: Store, server: Server) -> None:
    engine = OpenAIEngine(Endpoint(server.url), "ok")
    execute(store, engine, replace(plan("2+2?", preset=load_presets()["limo"])))
    reasoning, metadata = traces(store, "reasoning, metadata")[0]
    assert reasoning.startswith("<think>") and reasoning.endswith("4.")
    assert json.loads(metadata)["engine"]["preset"] == "limo"
