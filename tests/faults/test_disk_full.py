"""A full disk is a sentence and exit code 3; nothing that was committed is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from analysis.store import open_store
from analysis.store.importing import import_file
from tests.faults.kill_import import content_hash, faults, make_dump

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file size limits are of POSIX")
_CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from analysis import limits
limits.BATCH_TRACES = 200
limits.CHECKPOINT_BYTES = sys.argv[2]
from analysis.cli import main
sys.argv = ["cotscope", "import", sys.argv[3], "--db", sys.argv[4]]
main()
"""


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dump(tmp_path_factory.mktemp("full") / "dump.jsonl", 6_000)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, dump: Path) -> str:
    """What an import that nothing stopped gives."""
    with open_store(tmp_path_factory.mktemp("whole") / "whole.duckdb") as store:
        import_file(store, dump)
        return content_hash(store)


@pytest.mark.parametrize("limit", [900_000, 1_500_000, 2_500_000])
@pytest.mark.parametrize("threshold", ["200KB", "64MB"], ids=["at a checkpoint", "in the log"])
def test_a_full_disk_is_said_and_the_import_goes_on_later(
    tmp_path: Path, dump: Path, whole: str, limit: int, threshold: str
) -> None:
    database = tmp_path / "t.duckdb"
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(limit), threshold, str(dump), str(database)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 3, child.stderr
    assert "is full" in child.stderr
    assert "Free some space" in child.stderr
    assert "Traceback" not in child.stderr
    with open_store(database) as store:
        assert faults(store) == []
        report = import_file(store, dump)
        assert report.resumed or limit < 1_000_000  # too small for even an empty database
        assert content_hash(store) == whole


def test_a_store_lives_on_after_a_full_disk(tmp_path: Path, dump: Path) -> None:
    """In one process: the fault ends DuckDB's instance, and the store opens another."""
    database = tmp_path / "t.duckdb"
    code = f"""
import resource
from pathlib import Path
from analysis import limits
limits.BATCH_TRACES = 200
limits.CHECKPOINT_BYTES = "200KB"
from analysis.errors import StoreFullError
from analysis.store import open_store
from analysis.store.importing import import_file
store = open_store({str(database)!r})
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.RLIM_INFINITY))
try:
    import_file(store, Path({str(dump)!r}))
except StoreFullError:
    print("full")
print(store.scalar("SELECT count(*) FROM trace") == store.scalar("SELECT max(n_traces) FROM file"))
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
report = import_file(store, Path({str(dump)!r}))
print(report.n_traces == store.scalar("SELECT count(*) FROM trace") == 6000)
store.close()
"""
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == ["full", "True", "True"], child.stderr
