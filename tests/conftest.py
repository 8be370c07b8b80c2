"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis import verifying
from analysis.answers import pair_files
from analysis.answers.math_pool import MathPool

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of outside data beside the checkout; tests that need it skip without it."""
    folder = ROOT.parent / "shared"
    if not (folder / "data").is_dir():
        pytest.skip("needs the data folder ../shared, which is not here")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The traces that come with the project."""
    return ROOT / "sample_traces"


@pytest.fixture(scope="session", autouse=True)
def one_math_pool() -> Iterator[None]:
    """One process for math-verify, whose imports take seconds, for all tests that judge answers.

    The tests of the pool itself make their own.
    """
    pool = MathPool()

    @contextmanager
    def lent(workers: int = 1) -> Iterator[MathPool]:
        yield pool

    with pytest.MonkeyPatch.context() as patch:
        for module in (verifying, pair_files):
            patch.setattr(module, "MathPool", lent)
        yield
    pool.close()
