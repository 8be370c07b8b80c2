"""Real engines: one vLLM server for all tests, on the tiny reasoner or on the model that is named.

``make test-engines`` runs them; nothing here skips: what is not installed fails. With ``COTSCOPE_TEST_MODEL``
the same tests run a real model, on a GPU as a rule; ``COTSCOPE_TEST_VLLM_ARGS`` are further arguments of
``vllm serve``. What only the tiny reasoner is known to do (its sums, its lengths) is then left away.
"""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analysis.engines.tiny_numpy import tiny_folder
from analysis.engines.vllm_server import PYTHON_SETTING, ServerPlan, VllmEngine, VllmServer
from analysis.store import Store, open_store

HERE = Path(__file__).parent
ORDER = (
    "test_teacher",
    "test_transformers",
    "test_llamacpp",
    "test_vllm",
    "test_connection",
    "test_crash",
    "test_ray",
)
"""The server starts while transformers is tested, and Ray comes when it has ended: both are heavy."""

# Two cores: threads that wait for one another would cost more than they bring.
os.environ |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": os.environ.get("HF_HUB_OFFLINE", "1")}
if os.environ.get("COTSCOPE_TEST_MODEL") and not Path(os.environ["COTSCOPE_TEST_MODEL"]).is_dir():
    os.environ["HF_HUB_OFFLINE"] = "0"


@dataclass(frozen=True, slots=True)
class Subject:
    """The model of the tests."""

    model: str
    tiny: bool
    arguments: tuple[str, ...]
    environment: dict[str, str]

    @property
    def preset(self) -> str | None:
        return "tiny" if self.tiny else None


def tested() -> Subject:
    more = tuple(shlex.split(os.environ.get("COTSCOPE_TEST_VLLM_ARGS", "")))
    model = os.environ.get("COTSCOPE_TEST_MODEL")
    if model:
        return Subject(model, False, ("--max-model-len", "8192", *more), {})
    environment = {
        # One process for engine and worker: their imports are most of the start.
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": "1",
        "TORCHDYNAMO_DISABLE": "1",
        "HF_HUB_OFFLINE": "1",
    }
    arguments = (
        "--dtype", "bfloat16", "--max-model-len", "2048", "--enforce-eager", "--max-num-seqs", "16",
        "--block-size", "32", "--distributed-executor-backend", "uni",
    )  # fmt: skip
    return Subject(str(tiny_folder()), True, (*arguments, *more), environment)


@dataclass(slots=True)
class Starting:
    """A server that starts in the background."""

    server: VllmServer
    thread: threading.Thread = field(init=False)
    fault: BaseException | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._start, daemon=True)
        self.thread.start()

    def _start(self) -> None:
        try:
            self.server.start()
        except BaseException as fault:  # noqa: BLE001 - raised in the tests that need it
            self.fault = fault

    def ready(self) -> VllmServer:
        self.thread.join()
        if self.fault is not None:
            raise self.fault
        return self.server


_starting = pytest.StashKey[Starting]()


def new_server() -> VllmServer:
    python = os.environ.get(PYTHON_SETTING)
    if not python or not Path(python).is_file():
        pytest.fail(f"{PYTHON_SETTING} names no Python: run make test-engines")
    model = tested()
    plan = ServerPlan(
        model.model, python, reasoning_parser="qwen3" if model.tiny else _parser(model.model),
        arguments=model.arguments, environment=model.environment,
    )  # fmt: skip
    return VllmServer(plan)


def _parser(model: str) -> str | None:
    from analysis.engines.presets import preset_of

    return preset_of(model).reasoning_parser


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """These run only where ``-m`` names them; in the order that keeps two cores from being fought for."""
    own = [item for item in items if HERE in item.path.parents]
    others = [item for item in items if HERE not in item.path.parents]
    if "engines" not in (config.option.markexpr or ""):
        config.hook.pytest_deselected(items=own)
        items[:] = others
        return
    for item in own:  # a server takes minutes to start on a busy machine
        item.add_marker(pytest.mark.timeout(1200))
    items[:] = others + sorted(own, key=lambda item: ORDER.index(item.path.stem))


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    own = [item for item in session.items if HERE in item.path.parents]
    if any("server" in getattr(item, "fixturenames", ()) for item in own):
        session.config.stash[_starting] = Starting(new_server())


def pytest_sessionfinish(session: pytest.Session) -> None:
    starting = session.config.stash.get(_starting, None)
    if starting is not None:
        starting.server.stop()


@pytest.fixture(scope="session")
def model() -> Subject:
    return tested()


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> VllmServer:
    """The one server of the tests; test_crash kills it."""
    return pytestconfig.stash[_starting].ready()


@pytest.fixture(scope="module")
def engine(server: VllmServer, model: Subject) -> Iterator[VllmEngine]:
    """The model of the server. Not closed, for that would stop the server."""
    yield VllmEngine(server, preset=model.preset, concurrency=8)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a.duckdb") as opened:
        yield opened
