"""A desktop program under a virtual screen: its window looked at, clicked and dropped on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

SECONDS = 120.0
"""A busy machine is slow, not wrong."""
SCREEN = (1700, 900)
T = TypeVar("T")


def until(look: Callable[[], T | None], what: str, seconds: float = SECONDS) -> T:
    """What ``look`` gives as soon as it gives something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")


def missing() -> str:
    """Why no window can be tested here; "" where one can."""
    if sys.platform != "linux":
        return "the tests of the window run under Xvfb, on Linux"
    try:
        import PySide6.QtWebEngineWidgets  # noqa: F401
    except ImportError as error:
        return f"needs the extra 'desktop': {error}"
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            return f"needs {tool}; scripts/ensure_display.sh installs it"
    return ""


@contextmanager
def virtual_screen() -> Iterator[str]:
    """A screen that nobody sees; gives its ``$DISPLAY``."""
    reading, writing = os.pipe()
    size = f"{SCREEN[0]}x{SCREEN[1]}x24"
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait()


class Devtools:
    """The page of the window, through the engine's own debugging port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def pages(self) -> list[dict[str, Any]]:
        """Open pages; none while the engine is not there."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json", timeout=10) as reply:
                return [one for one in json.load(reply) if one["type"] == "page"]
        except OSError:
            return []

    def run(self, script: str, page: int = 0) -> Any:
        """The value of a JavaScript expression in the page.

        None while there is no page, and when it goes to another address meanwhile: ask again.
        """
        pages = self.pages()
        if page >= len(pages):
            return None
        try:
            return self._ask(pages[page]["webSocketDebuggerUrl"], script)
        except (OSError, TimeoutError, WebSocketException):
            return None

    @staticmethod
    def _ask(address: str, script: str) -> Any:
        with connect(address, max_size=None, proxy=None) as line:
            asked = {
                "id": 1,
                "method": "Runtime.evaluate",
                "params": {"expression": script, "returnByValue": True, "userGesture": True},
            }
            line.send(json.dumps(asked))
            while True:
                answer = json.loads(line.recv(timeout=30))
                if answer.get("id") == 1:
                    return answer.get("result", {}).get("result", {}).get("value")

    def sees(self, text: str) -> None:
        """Wait until the page shows ``text``."""
        script = f"document.body.innerText.includes({json.dumps(text)})"
        until(lambda: self.run(script), f"the page to show {text!r}")


class Desktop:
    """The running command."""

    def __init__(
        self, database: Path, home: Path, display: str, locale: str = "en_US.UTF-8"
    ) -> None:
        self.display, self.home = display, home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.devtools = Devtools(int(probe.getsockname()[1]))
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "LC_ALL": locale,
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "PATH": f"{home}/bin:{os.environ['PATH']}",
            "QTWEBENGINE_REMOTE_DEBUGGING": str(self.devtools.port),
        }
        for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
            self.environment.pop(name, None)
        if os.geteuid() == 0:
            self.environment["QTWEBENGINE_DISABLE_SANDBOX"] = "1"
        self.command = [
            *(sys.executable, "-m", "analysis.cli", "app", "--desktop", "--db", str(database))
        ]
        self.log = home / "desktop.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )

    def servers(self) -> list[int]:
        """Process ids of the server: the children that hold a leash."""
        found = subprocess.run(
            ["ps", "--ppid", str(self.process.pid), "-o", "pid=,args="],
            capture_output=True,
            text=True,
        ).stdout
        return [int(row.split()[0]) for row in found.splitlines() if "desktop.leash" in row]

    def xdotool(self, *arguments: str) -> str:
        """Keys, mouse and titles."""
        done = subprocess.run(
            ["xdotool", *arguments], env=self.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def window(self, title: str) -> str:
        """The id of the window with this title, as soon as there is one."""
        found = until(
            lambda: self.xdotool("search", "--onlyvisible", "--name", title),
            f"a window titled {title}; there are: {self.xdotool('search', '--name', '.', 'getwindowname', '%@')}",
        )
        return found.splitlines()[-1]

    def press(self, title: str, key: str, done: Callable[[], object]) -> None:
        """Press a key in the window with this title until ``done``: a busy program misses keys."""
        self.window(title)

        def once() -> object:
            if finished := done():
                return finished
            for window in self.xdotool("search", "--onlyvisible", "--name", title).split():
                self.xdotool("windowfocus", window)
                self.xdotool("key", "--window", window, key)
            with contextlib.suppress(AssertionError):
                until(done, "", seconds=5.0)
            return done()

        until(once, f"{key} to act in the window titled {title}")

    def stop(self) -> None:
        """At the end of a test, whatever happened."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def gone(pid: int) -> bool:
    """Whether a process is no more (one that nobody has waited for counts as gone)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"
