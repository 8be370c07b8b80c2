"""Waiting for what a page comes to, where Playwright has no assertion of its own."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Ask again until ``holds()`` is true; raise AssertionError when it never is."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come to hold within {seconds:g} s")
        time.sleep(0.1)
