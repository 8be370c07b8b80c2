"""A killed import loses nothing and doubles nothing (the long run is ``kill_import.py`` itself)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import kill_import

pytestmark = pytest.mark.alone


def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    outcome = kill_import.run(tmp_path, points=20, traces=3_000, rounds=5)
    assert outcome.wrong == []
    assert outcome.killed_midway >= 5
    assert outcome.finished == 4
