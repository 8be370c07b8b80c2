"""Runs Streamlit for as long as standard input is open: `python -m analysis.desktop.leash run ...`.

A parent that is killed cannot stop its children, but the system closes its end of a pipe whatever
happened to it. Works alike on Linux, macOS and Windows.
"""

from __future__ import annotations

import atexit
import os
import runpy
import signal
import sys
import threading
import time

GRACE_SECONDS = 5.0
"""What an orderly end may take: closing the database and the connections."""

_gone = threading.Event()


def main() -> None:
    """Run ``streamlit`` with the arguments of this process, until it ends or the parent is gone."""
    # The server hands the signal on when it has ended; by default that would end us unclosed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Handlers run last in, first out: after this module's the store has been closed by its own.
    atexit.register(_end_workers)
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    sys.argv = ["streamlit", *sys.argv[1:]]
    # By name: Streamlit is for analysis.ui, and this only starts it.
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(0, 4096):
        pass
    _gone.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    _end_group()


def _end_workers() -> None:
    """After an orderly end nobody is left to wait for the workers of a job."""
    if _gone.is_set():
        _end_group()


def _end_group() -> None:
    """End this process and its workers, now."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
