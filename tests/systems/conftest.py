"""The rows of a module's table of cases, imported once."""

from __future__ import annotations

import pytest

from tests.systems.support import Rows, imported


@pytest.fixture(scope="module")
def rows(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    """What ``CASES`` of the module gave, by case."""
    return imported(request.module.CASES, tmp_path_factory.mktemp("systems"))
