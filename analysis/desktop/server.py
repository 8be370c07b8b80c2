"""The app's server as a child that cannot outlive this process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

from analysis import serving
from analysis.desktop.leash import GRACE_SECONDS
from analysis.text.visible import visible

_KEPT_LINES = 40
# A person's own Streamlit settings must not hide or change the address that is read from its output.
_SETTINGS = (
    "--logger.hideWelcomeMessage=false",
    f"--browser.serverAddress={serving.DEFAULT_HOST}",
    "--server.baseUrlPath=",
)
_ADDRESS = re.compile(rf"http://{re.escape(serving.DEFAULT_HOST)}:([0-9]{{1,5}})")


class Server:
    """One server for one database. It chooses a free port itself, so no other can come between."""

    def __init__(self, database: Path, *, port: int = 0) -> None:
        self._database = database
        self._port = port
        self._process: subprocess.Popen[str] | None = None
        self._origin: str | None = None
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    @property
    def origin(self) -> str | None:
        """``http://127.0.0.1:PORT`` as soon as the server holds the port, else None."""
        return self._origin

    @property
    def pid(self) -> int:
        """The process; 0 before ``start``."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it, or start it again after it ended."""
        self._origin = None
        self._lines.clear()
        python, _, _, *arguments = serving.command(port=self._port)
        self._process = subprocess.Popen(
            [python, "-m", "analysis.desktop.leash", *arguments, *_SETTINGS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={
                **os.environ,
                "COTSCOPE_DB": str(self._database.resolve()),
                "PYTHONUNBUFFERED": "1",
            },
            # A group of its own: Ctrl+C in the terminal reaches the window alone, which then ends
            # the server in order; and a job's workers can be ended with the server.
            start_new_session=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def ended(self) -> int | None:
        """The exit code once the process is gone (negative: the signal), else None."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            self._end_group(self._process.pid)
        return code

    def said(self) -> str:
        """The last lines that the server printed."""
        return "\n".join(self._lines)

    def stop(self) -> None:
        """End the server and all that it started; returns when it is gone."""
        process = self._process
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            process.wait(timeout=GRACE_SECONDS + 3.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._end_group(process.pid)

    def _read(self, process: subprocess.Popen[str]) -> None:
        """Keep what it prints: the pipe must not fill up, and the address comes through it."""
        for line in process.stdout or ():
            # An error's words may be those of a trace: no escape sequence may act in the terminal.
            shown = visible(line.rstrip())
            self._lines.append(shown)
            if self._origin is None and (found := _ADDRESS.search(line)):
                self._origin = found.group(0)
            elif self._origin is not None:
                sys.stderr.write(f"{shown}\n")

    @staticmethod
    def _end_group(group: int) -> None:
        if hasattr(os, "killpg"):
            try:
                os.killpg(group, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return
