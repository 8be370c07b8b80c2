"""The runner: only what changed, exact offsets, and a bad analyzer never ends a run."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from types import MappingProxyType

import pytest

from analysis import limits
from analysis.analyzers import worker
from analysis.errors import Cancelled, UsageError
from analysis.model import Analysis, Document, Finding, Metric, MetricSpec
from analysis.progress import CancelToken
from analysis.runner import analyze, wanted_analyzers
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.verdicts import settle

pytestmark = pytest.mark.alone

BAD = "trace 7 "


class Rogue:
    """An analyzer that does on purpose what a plugin may do by mistake."""

    name = "rogue"
    version = "1"
    labels = MappingProxyType({"seen": "A span that it saw."})
    metrics = (MetricSpec("n_seen", "Seen", "", "0..1", "Whether seen.", "ours", "integer"),)
    requires: frozenset[str] = frozenset()

    def __init__(self, way: str = "fine") -> None:
        self.way = way

    def config_hash(self) -> str:
        return "0"

    def analyze(self, document: Document) -> Analysis:
        fine = Analysis((Finding("seen", 0, 5),), (Metric("n_seen", 1),))
        if BAD not in document.reasoning:
            return fine
        match self.way:
            case "raises":
                raise RuntimeError("boom")
            case "hangs":
                time.sleep(3600)
            case "dies":
                os._exit(3)
            case "bounds":
                return Analysis((Finding("seen", 0, 10**6),))
            case "label":
                return Analysis((Finding("unknown", 0, 1),))
            case "metric":
                return Analysis((), (Metric("unknown", 1),))
            case "infinite":
                return Analysis((), (Metric("n_seen", float("inf")),))
            case "junk":
                return 5  # type: ignore[return-value]
        return fine


def rogue_registry(way: str):
    return {"rogue": Rogue(way)}


@pytest.fixture
def store(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    rows = [
        {
            "id": n,
            "question": "q",
            "reasoning": f"This is trace {n} . Let me check 1 + 1 = 2.",
            "answer": "2",
        }
        for n in range(12)
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    with open_store(tmp_path / "t.duckdb") as opened:
        import_file(opened, path)
        yield opened


def use(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr("analysis.runner.all_analyzers", lambda: (Rogue(way),))
    monkeypatch.setattr(worker, "_registry", lambda: {"rogue": Rogue(way)})


def failed(store: Store) -> list[tuple[str, str, str]]:
    return store.rows(
        "SELECT t.external_id, a.analyzer, a.error FROM analysis a JOIN trace t USING (trace_id)"
        " WHERE a.status = 'failed'"
    )


@pytest.mark.parametrize("way", ["raises", "bounds", "label", "metric", "infinite", "junk"])
def test_a_bad_result_is_a_failure_row(
    store: Store, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    use(monkeypatch, way)
    report = analyze(store, workers=0)
    assert report.n_traces == 12
    assert report.n_failures == 1
    assert [(row[0], row[1]) for row in failed(store)] == [("7", "rogue")]
    assert store.scalar("SELECT count(*) FROM finding") == 11
    assert store.scalar("SELECT count(*) FROM sentence") > 12


@pytest.mark.parametrize("way", ["hangs", "dies"])
def test_a_worker_that_hangs_or_dies_is_replaced(
    store: Store, monkeypatch: pytest.MonkeyPatch, way: str, tmp_path: Path
) -> None:
    # A worker process imports everything anew, so the rogue comes in as a real plugin does.
    plugin = tmp_path / "plugins"
    (plugin / "rogue_plugin-1.dist-info").mkdir(parents=True)
    (plugin / "rogue_plugin-1.dist-info" / "METADATA").write_text(
        "Name: rogue-plugin\nVersion: 1\n"
    )
    (plugin / "rogue_plugin-1.dist-info" / "entry_points.txt").write_text(
        "[cotscope.analyzers]\nrogue = rogue_plugin:make\n"
    )
    tests = Path(__file__).parent
    (plugin / "rogue_plugin.py").write_text(
        f"import sys; sys.path.insert(0, {str(tests)!r})\n"
        f"from test_runner import Rogue\n\ndef make():\n    return Rogue({way!r})\n"
    )
    monkeypatch.syspath_prepend(str(plugin))
    monkeypatch.setenv("PYTHONPATH", str(plugin), prepend=os.pathsep)
    if way == "hangs":  # somebody has to wait for the end of the limit; the others must not meet it
        monkeypatch.setattr(limits, "ANALYZE_SECONDS_PER_TRACE", 1.0)
        monkeypatch.setattr(limits, "WORKER_START_SECONDS", 12.0)
    report = analyze(store, workers=1, only=["sentences", "rogue", "behaviours"])
    assert report.n_traces == 12
    assert [(row[0], row[1]) for row in failed(store)] == [("7", "rogue")]
    done = store.rows("SELECT analyzer, count(*) FROM analysis WHERE status = 'ok' GROUP BY ALL")
    assert dict(done) == {"sentences": 12, "rogue": 11, "behaviours": 12}


def test_a_rerun_does_only_what_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert analyze(store, workers=0).n_traces == 12
    before = store.rows("SELECT * FROM finding ORDER BY ALL")
    assert analyze(store, workers=0).n_traces == 0
    store.rows("DELETE FROM analysis WHERE analyzer = 'behaviours' RETURNING 1")
    assert analyze(store, workers=0).n_traces == 12
    assert store.rows("SELECT * FROM finding ORDER BY ALL") == before
    use(monkeypatch, "fine")
    assert analyze(store, workers=0).n_traces == 12
    monkeypatch.setattr(Rogue, "version", "2")
    assert analyze(store, workers=0).n_traces == 12
    versions = store.rows("SELECT DISTINCT analyzer_version FROM finding WHERE analyzer = 'rogue'")
    assert versions == [("2",)]


def test_one_worker_or_none_gives_the_same_rows(store: Store, tmp_path: Path) -> None:
    analyze(store, workers=0)
    tables = ("finding", "metric", "sentence", "analysis")
    alone = {t: store.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in tables}
    for table in tables:
        store.rows(f"DELETE FROM {table} RETURNING 1")
    analyze(store, workers=2)
    assert {t: store.rows(f"SELECT * FROM {t} ORDER BY ALL") for t in tables} == alone
    assert alone["finding"]


def test_annotations_survive_a_rerun(store: Store) -> None:
    analyze(store, workers=0)
    trace = store.scalar("SELECT min(trace_id) FROM trace")
    store.rows(
        "INSERT INTO annotation (annotation_id, trace_id, annotator, kind, label, char_start,"
        " char_end, created_at) VALUES ('a', $t, 'me', 'reject', 'x', 0, 1, now()) RETURNING 1",
        {"t": trace},
    )
    store.rows("DELETE FROM analysis RETURNING 1")
    analyze(store, workers=0)
    assert store.scalar("SELECT count(*) FROM annotation") == 1


def test_a_trace_without_reasoning_is_skipped_not_failed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "y.jsonl"
    path.write_text('{"id": "straight", "question": "q", "answer": "5"}\n')
    import_file(store, path)
    assert analyze(store, workers=0).n_failures == 0
    states = store.rows(
        "SELECT DISTINCT a.status FROM analysis a JOIN trace t USING (trace_id)"
        " WHERE t.external_id = 'straight'"
    )
    assert states == [("skipped",)]
    assert analyze(store, workers=0).n_traces == 0


def test_cancel_keeps_what_is_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ANALYZE_CHUNK_TRACES", 4)
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        analyze(
            store,
            workers=0,
            cancel=cancel,
            progress=lambda moment: cancel.cancel() if moment.done >= 4 else None,
        )
    assert store.scalar("SELECT count(DISTINCT trace_id) FROM analysis") == 4
    assert analyze(store, workers=0).n_traces == 8


def test_an_unknown_analyzer_is_named() -> None:
    with pytest.raises(UsageError, match="no analyzer nonsense"):
        wanted_analyzers(["nonsense"])


def test_a_changed_verdict_is_seen_by_the_analyzers(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    row = {
        "id": "a",
        "question": "2+2?",
        "reasoning": "It is 4. The answer is 4. No, 5.",
        "gold": "4",
    }
    path.write_text(json.dumps({**row, "answer": "\\boxed{4}"}) + "\n", encoding="utf-8")
    verdict = "SELECT value FROM metric WHERE name = 'right_to_wrong'"
    with open_store(tmp_path / "t.duckdb") as opened:
        import_file(opened, path)
        report = analyze(opened, workers=0)
        assert (report.n_judged, report.n_undecided) == (1, 0)
        # Judged first, so that the metrics of the first run know the verdict.
        assert opened.scalar("SELECT correct FROM trace") is True
        assert opened.scalar(verdict) == 0
        settle(opened, opened.scalar("SELECT trace_id FROM trace"), "wrong", "Ada")
        assert analyze(opened, workers=0).n_traces == 1
        assert opened.scalar(verdict) == 1
        assert analyze(opened, workers=0).n_traces == 0
