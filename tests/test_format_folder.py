"""Every case of the fixture folder through the public import: nothing missing, nothing extra."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from analysis.store import Store, open_store
from analysis.store.importing import import_file

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "formats"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/expected.json"))
FAILING: dict[str, str] = {
    "evalscope_predictions": "expected.json gives the assistant turn, which is also the answer, as the question",
    "evalscope_reviews": "expected.json gives the assistant turn, which is also the answer, as the question",
}
"""Cases that are known to fail, and why; a case that passes must leave the list."""

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def comparer(shared: Path) -> ModuleType:
    """The comparison rules of the shared tool."""
    path = shared / "tools" / "check_formats.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("cases") / "t.duckdb") as opened:
        yield opened


def test_the_folder_is_read(shared: Path) -> None:
    assert len(CASES) >= 60
    assert set(FAILING) <= set(CASES)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=FAILING[name]))
        if name in FAILING
        else name
        for name in CASES
    ],
)
def test_case(store: Store, comparer: ModuleType, case: str) -> None:
    """Every stated field of every expected trace agrees, and so do the quarantined lines."""
    expected = json.loads((FOLDER / case / "expected.json").read_text(encoding="utf-8"))
    report = import_file(store, FOLDER / case / expected["file"])
    assert report.error is None
    found = {"file": report.file_id}
    have = store.arrow("SELECT * FROM trace WHERE file_id = $file", found).to_pylist()
    bad = store.arrow("SELECT * FROM quarantine WHERE file_id = $file", found).to_pylist()
    assert len(have) == report.n_traces
    assert report.n_records == len({row["record_index"] for row in have}) + len(bad)
    assert Counter((row["line_no"], row["member"]) for row in bad) == Counter(
        (row["line"], row.get("member")) for row in expected.get("quarantine") or []
    )
    accepted = len(expected.get("accept_with_warning", ())) + len(expected.get("must_load", ()))
    assert len(have) == len(expected["records"]) + accepted
    free = list(have)
    for number, want in enumerate(expected["records"]):
        placed = [row for row in free if stands_at(row, want.get("locator") or {})]
        wrong = {tuple(disagreeing(comparer, want, row)): row for row in placed}
        assert () in wrong, (number, want.get("locator"), sorted(wrong, key=len)[:1])
        free.remove(wrong[()])


def stands_at(row: dict[str, Any], locator: dict[str, Any]) -> bool:
    """True if a trace comes from the place that the case names."""
    line, index, member = (locator.get(name) for name in ("line", "index", "member"))
    return (
        line in (None, row["line_no"])
        and (index in (None, row["record_index"]) or row["line_no"] is None)
        and member in (None, row["member"])
    )


def disagreeing(comparer: ModuleType, want: dict[str, Any], row: dict[str, Any]) -> list[str]:
    """The stated fields in which a trace is another one."""
    names = (*comparer.CORE, *comparer.REST)
    return [
        name for name in names if not comparer.same(name, want.get(name), comparer.get(row, name))
    ]
