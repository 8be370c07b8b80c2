"""Ray Data on a local cluster of two workers: the same results as on one machine."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from analysis import limits
from analysis.cli import main
from analysis.engines.journal import Journal
from analysis.engines.opening import Wanted
from analysis.engines.plans import Plan
from analysis.engines.presets import load_presets
from analysis.engines.protocol import Sampling
from analysis.engines.questions import typed_questions
from analysis.engines.runs import execute
from analysis.engines.tiny_numpy import tiny_engine
from analysis.errors import UsageError
from analysis.runner import analyze
from analysis.scale import analyzing, shard
from analysis.scale.analyzing import analyze_on_ray
from analysis.scale.cluster import Cluster, ScaleError
from analysis.scale.running import work_on_ray
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from tests.model_server import model_server

pytestmark = pytest.mark.engines
TINY = load_presets()["tiny"]
TWO = Cluster(workers=2)
TABLES = (
    "SELECT trace_id, analyzer, analyzer_version, finding_index, label, value, char_start, char_end,"
    " score, evidence FROM finding ORDER BY ALL",
    "SELECT trace_id, analyzer, analyzer_version, name, value, text FROM metric ORDER BY ALL",
    "SELECT trace_id, analyzer, analyzer_version, config_hash, status, error FROM analysis ORDER BY ALL",
    "SELECT trace_id, sentence_index, char_start, char_end, thought_index FROM sentence ORDER BY ALL",
)


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """One cluster for all: its start is most of the time. That it is tried again is in our code."""
    with TWO.connected() as found:
        assert found.cluster_resources()["CPU"] == 2
        yield found


def filled(path: Path, samples: Path) -> Store:
    opened = open_store(path)
    for file in sorted(samples.glob("*.jsonl"))[:4]:
        import_file(opened, file)
    return opened


def test_the_same_analysis_as_on_one_machine(
    ray: Any, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ANALYZE_CHUNK_TRACES", 9)  # several shards of few traces
    monkeypatch.setattr(analyzing, "SHARD_TRACES", 9)
    with (
        filled(tmp_path / "here.duckdb", samples) as here,
        filled(tmp_path / "ray.duckdb", samples) as there,
    ):
        mine, theirs = analyze(here, workers=0), analyze_on_ray(there, TWO)
        assert mine == theirs and mine.n_traces > 14
        for query in TABLES:
            rows = here.rows(query)
            assert rows == there.rows(query) and rows
        assert analyze_on_ray(there, TWO).n_traces == 0, "there is nothing left to do"
    assert not any((tmp_path / "ray.duckdb.ray").iterdir()), "its files are gone"


def test_the_command_line(ray: Any, tmp_path: Path, samples: Path) -> None:
    database = tmp_path / "a.duckdb"
    filled(database, samples).close()
    given = [
        "analyze",
        "--db",
        str(database),
        "--engine",
        "ray",
        "--workers",
        "2",
        "--only",
        "sentences",
    ]
    result = CliRunner().invoke(main, [*given, "--shared", str(tmp_path / "net"), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["n_traces"] > 14
    wrong = CliRunner().invoke(main, ["analyze", "--db", str(database), "--shared", str(tmp_path)])
    assert wrong.exit_code == 2 and "--engine ray" in wrong.output


def test_a_result_of_another_version_is_refused(
    ray: Any, tmp_path: Path, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyzing, "made_by", lambda: "another")
    with filled(tmp_path / "a.duckdb", samples) as store:
        with pytest.raises(ScaleError, match="another CoTScope"):
            analyze_on_ray(store, TWO, only=["sentences"])
        assert store.scalar("SELECT count(*) FROM analysis") == 0


def test_a_file_that_lies_is_refused(tmp_path: Path) -> None:
    made = shard.JobResult("t", (), (), (shard.Outcome("language", "ok", None, (), ()),))
    for row, asked, says in (
        (made, {"t": (5, ("overthinking",))}, "other analyzers"),
        (shard.JobResult("t", (shard.Sentence(0, 0, 4),), (), ()), {"t": (5, ())}, "do not tile"),
    ):
        pq.write_table(shard.results_table([row]), tmp_path / "r.parquet")
        with pytest.raises(ScaleError, match=says):
            list(analyzing._read(tmp_path / "r.parquet", dict(asked)))
    (tmp_path / "r.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(ScaleError, match="holds no results"):
        list(analyzing._read(tmp_path / "r.parquet", {}))


def plan() -> Plan:
    questions = tuple(typed_questions(f"What is {n}+{n + 3}?" for n in range(20, 24)))
    return Plan(
        questions, TINY, efforts=("low", "medium"), samples=2, sampling=Sampling(max_tokens=120)
    )


def test_the_same_run_as_on_one_machine(ray: Any, tmp_path: Path) -> None:
    found = []
    for name, work in (("here", None), ("ray", work_on_ray(Wanted("tiny"), TWO))):
        with open_store(tmp_path / f"{name}.duckdb") as store:
            report = execute(store, tiny_engine(), plan(), work=work, concurrency=2)
            assert (report.new, report.failed, report.missing, report.imported) == (16, 0, 0, 16)
            found.append(
                store.rows(
                    "SELECT external_id, reasoning, answer, reasoning_tokens FROM trace ORDER BY 1"
                )
            )
            again = execute(store, tiny_engine(), plan(), work=work, concurrency=2, resume=True)
            assert (again.new, again.missing) == (0, 0)
    assert found[0] == found[1], "the same seeds on every machine"
    assert not any((tmp_path / "ray.duckdb.ray").iterdir())


def test_what_a_killed_session_left_is_taken_and_its_failures_are_not(
    ray: Any, tmp_path: Path
) -> None:
    with open_store(tmp_path / "a.duckdb") as store:
        first = execute(store, tiny_engine(), plan(), work=lambda *_: None)  # killed at its start
        assert first.new == 0 and first.missing == 16
        lines = []
        with open_store(tmp_path / "b.duckdb") as other:
            report = execute(other, tiny_engine(), plan(), concurrency=1)
            lines = list(Journal(Path(report.folder)).lines())
        left = Journal(TWO.folder(store.path, first.run_id) / "000000")
        for line in lines[:5]:
            left.append(line)
        left.append({**lines[5], "error": "cut"})
        work = work_on_ray(Wanted("tiny"), TWO)
        second = execute(store, tiny_engine(), plan(), work=work, concurrency=2, resume=True)
        assert (second.new, second.failed, second.missing) == (16, 0, 0)
        assert store.rows(
            "SELECT count(*), count(DISTINCT external_id), count(error) FROM trace"
        ) == [(16, 16, 0)]


def test_machines_ask_an_endpoint_by_the_command_line(ray: Any, tmp_path: Path) -> None:
    with model_server() as server:
        given = [
            "run",
            "--engine",
            "ray",
            "--workers",
            "2",
            "--base-url",
            server.url,
            "--model",
            "ok",
        ]
        given += ["--db", str(tmp_path / "a.duckdb"), "--concurrency", "2", "--json"]
        given += [f"--question=What is {n}?" for n in range(20)]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["new"] == 20
        assert len(server.asked) == 20
    gone = CliRunner().invoke(main, given)
    assert gone.exit_code == 1 and "cannot be reached" in gone.output


def test_vllm_is_named_by_its_address() -> None:
    with pytest.raises(UsageError, match="--base-url"):
        work_on_ray(Wanted("vllm", model="m"), TWO)


def test_another_cluster_needs_a_shared_folder(tmp_path: Path) -> None:
    with pytest.raises(ScaleError, match="--shared"):
        Cluster("auto").folder(tmp_path / "a.duckdb", "x")


def test_workers_know_nothing_of_the_store() -> None:
    code = (
        "import sys, analysis.scale.shard, analysis.scale.asking;"
        "print([m for m in sys.modules if m.split('.')[0] in ('duckdb', 'streamlit', 'ray')"
        " or m.startswith('analysis.store')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
