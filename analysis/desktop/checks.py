"""What a window needs, told before it is opened: the extra, a display, the system's libraries."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Mapping

from analysis.desktop import probe
from analysis.errors import UsageError

_MISSING_LIBRARY = re.compile(r"(lib[\w.+-]{1,80}\.so[.\d]{0,20}): cannot open shared object")
_NO_SANDBOX = "QTWEBENGINE_DISABLE_SANDBOX"
_INSTEAD = "`cotscope app` shows the same in your browser."


def require_extra() -> None:
    """Raises ``UsageError`` with the command to install what is missing."""
    try:
        found = importlib.util.find_spec("PySide6.QtWebEngineWidgets") is not None
    except ModuleNotFoundError:
        found = False
    if not found:
        raise UsageError(
            "The window needs Qt's WebEngine, which is not installed.",
            remedy='Run: pip install "cotscope[desktop]". Without it, ' + _INSTEAD,
        )


def require_display(platform: str, environment: Mapping[str, str]) -> None:
    """Raises ``UsageError`` where there is no screen to show a window on."""
    if platform != "linux" or any(
        environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return
    raise UsageError(
        "There is no display here ($DISPLAY and $WAYLAND_DISPLAY are not set).",
        remedy=_INSTEAD + " From another machine: ssh -L 8501:127.0.0.1:8501 HOST, then cotscope "
        "app there.",
    )


def sandbox_note(environment: Mapping[str, str]) -> str | None:
    """What to say when Chromium's sandbox has to be off: only as root, where it cannot run."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or environment.get(_NO_SANDBOX):
        return None
    return (
        "Running as root: Chromium's sandbox cannot work and is off for this window. "
        "Better run CoTScope as an ordinary user."
    )


def turn_sandbox_off() -> None:
    """For this process and its children. Only after ``sandbox_note`` was said."""
    os.environ[_NO_SANDBOX] = "1"


def quieten() -> None:
    """Chromium's own log is of no use to a person; only after the probe, whose reasons are in it."""
    flags = os.environ.get("QTWEBENGINE_CHROMIUM_FLAGS", "")
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{flags} --log-level=3".strip()


def start_probe() -> subprocess.Popen[str]:
    """Begin to find out whether Qt works here, while the server starts."""
    return subprocess.Popen(
        [sys.executable, "-m", "analysis.desktop.probe"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )


def finish_probe(process: subprocess.Popen[str]) -> None:
    """Raises ``UsageError`` with the reason when Qt cannot show a page here."""
    try:
        _, said = process.communicate(timeout=probe.SECONDS * 2)
    except subprocess.TimeoutExpired:
        process.kill()
        _, said = process.communicate()
    if process.returncode != 0:
        raise explain(said)


def explain(said: str) -> UsageError:
    """The error for what Qt printed before it gave up."""
    low = said.lower()
    if library := _MISSING_LIBRARY.search(said):
        why, remedy = (
            f"the system lacks {library.group(1)}",
            "Install the package that has it (Debian, Ubuntu: apt-get install libnss3 libasound2 "
            "libxcomposite1 libxdamage1 libxrandr2 libxtst6 libxkbfile1 libegl1).",
        )
    elif "could not connect to display" in low or "authorization required" in low:
        why, remedy = "the display in $DISPLAY does not answer", _INSTEAD
    elif "xcb" in low:
        why, remedy = (
            "a library of the X Window System is missing",
            "Debian, Ubuntu: apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-image0 "
            "libxcb-keysyms1 libxcb-render-util0 libxcb-xkb1 libxkbcommon-x11-0.",
        )
    elif "sandbox" in low:
        why, remedy = (
            "Chromium's sandbox is not allowed here",
            "Allow unprivileged user namespaces (Ubuntu: an AppArmor profile for Python), or use "
            "`cotscope app`. CoTScope does not turn the sandbox off by itself.",
        )
    else:
        last = [line.strip() for line in said.splitlines() if line.strip()]
        why, remedy = (last[-1][:300] if last else "it gave no reason"), _INSTEAD
    return UsageError(f"Qt cannot open a window here: {why}.", remedy=remedy)
