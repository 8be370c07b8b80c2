"""A server that dies or never comes up. Comes last of the tests with a server: it kills it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from analysis.cli import main
from analysis.engines.monitor import Monitor
from analysis.engines.plans import Plan
from analysis.engines.presets import preset_of
from analysis.engines.protocol import EngineGoneError, EngineUnavailableError, Sampling
from analysis.engines.questions import typed_questions
from analysis.engines.runs import execute
from analysis.engines.vllm_server import PYTHON_SETTING, ServerPlan, VllmEngine, VllmServer
from analysis.store import open_store
from tests.engines.asking import Asked, request
from tests.engines.conftest import Subject

pytestmark = pytest.mark.engines
QUESTIONS = [f"What is {n}+{n + 5}?" for n in range(10, 40)]
SAMPLING = Sampling(temperature=0.7, max_tokens=400)


def children_of(leader: int) -> list[int]:
    """Every process below one, the largest first: that one holds the model."""
    import psutil

    found = psutil.Process(leader).children(recursive=True)
    return [c.pid for c in sorted(found, key=lambda c: c.memory_info().rss, reverse=True)]


def servers() -> list[str]:
    """What of vLLM runs below this process."""
    import psutil

    found = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            found.append(" ".join([child.name(), *child.cmdline()]))
    return [words for words in found if "vllm" in words.lower()]


def alive(pids: list[int]) -> list[int]:
    """Those that still run."""
    import psutil

    running = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                running.append(pid)
    return running


def test_a_worker_that_is_killed_mid_run_and_the_resume(
    server: VllmServer, model: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = VllmEngine(server, preset=model.preset, concurrency=4)
    preset = preset_of(engine.model, model.preset)
    plan = Plan(tuple(typed_questions(QUESTIONS)), preset, sampling=SAMPLING, seed=3)
    assert server.pid is not None
    worker, *others = children_of(server.pid)

    def kill(monitor: Monitor) -> None:
        def watch() -> None:
            while monitor.snapshot().done < 6:
                time.sleep(0.02)
            os.kill(worker, signal.SIGKILL)

        threading.Thread(target=watch, daemon=True).start()

    database = tmp_path / "a.duckdb"
    with open_store(database) as store:
        first = execute(store, engine, plan, concurrency=4, monitor=kill)
        kept = store.rows("SELECT external_id, answer FROM trace WHERE error IS NULL")
    assert first.stopped is not None and "vLLM has ended" in first.stopped
    assert "EngineCore" in first.stopped, "the end of the server's log is told"
    assert server.key not in first.stopped
    assert 6 <= len(kept) == first.done < first.total and first.failed <= 4
    with pytest.raises(EngineGoneError):
        Asked(engine, request())
    engine.close()
    assert not alive([worker, *others]), "nothing of the server is left"

    for name, value in model.environment.items():
        monkeypatch.setenv(name, value)
    arguments = ["run", "--engine", "vllm", "--model", model.model, "--db", str(database), "--json"]
    arguments += [f"--question={question}" for question in QUESTIONS]
    arguments += ["--temperature", "0.7", "--max-tokens", "400", "--seed", "3", "--resume"]
    arguments += [f"--vllm-arg={part}" for part in model.arguments]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    second = json.loads(result.stdout)
    assert (second["run_id"], second["new"]) == (first.run_id, first.total - first.done)
    assert (second["missing"], second["failed"]) == (0, 0)
    with open_store(database) as store:
        good = store.rows("SELECT external_id, answer FROM trace WHERE error IS NULL")
    assert len(good) == len({key for key, _ in good}) == first.total
    assert set(kept) <= set(good), "what was finished is untouched"
    assert not servers(), "it is stopped at the end"


def test_a_server_that_does_not_come_up_in_time(tmp_path: Path, model: Subject) -> None:
    environment = {**model.environment, "PYTHONPROFILEIMPORTTIME": "1"}  # something for the log
    plan = ServerPlan(
        model.model, os.environ[PYTHON_SETTING], arguments=model.arguments,
        environment=environment, start_seconds=3.0,
    )  # fmt: skip
    server = VllmServer(plan, tmp_path / "server.log")
    pids: list[int] = []
    with pytest.raises(
        EngineUnavailableError, match=r"did not come up in 3 s\.\n.*import time"
    ) as told:
        server.start(lambda _: pids.append(server.pid or 0))
    assert str(tmp_path / "server.log") in str(told.value) and server.key not in str(told.value)
    assert pids and not alive(pids) and not server.running
