"""Home, Library and Traces through Streamlit's AppTest: values, not only the absence of errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

import analysis.ui.state as state
from analysis.export import export_bytes
from analysis.filters import Filters
from analysis.runner import analyze
from analysis.store import open_store
from analysis.store.importing import expand_paths, import_file
from analysis.views import library
from analysis.views.traces import count, trace_rows

TIMEOUT = 60


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    path = tmp_path_factory.mktemp("pages") / "t.duckdb"
    with open_store(path) as store:
        for file in expand_paths([samples]):
            import_file(store, file)
        analyze(store, workers=2)
    unopened(path).write_bytes(path.read_bytes())
    return path


def unopened(database: Path) -> Path:
    """A copy that no page has open: what a page offers to save may keep its store."""
    return database.with_name("copy.duckdb")


@pytest.fixture
def open_page(root: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator:
    monkeypatch.setenv("COTSCOPE_DB", str(database))

    def opened(name: str, **query: str | list[str]) -> AppTest:
        test = AppTest.from_file(str(root / "app.py"), default_timeout=TIMEOUT)
        for key, value in query.items():
            test.query_params[key] = value
        test.switch_page(f"pages/{name}.py")
        test.run()
        assert not test.exception
        return test

    yield opened
    state._open.clear()


def metrics(test: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in test.metric}


def expected(database: Path) -> dict[str, int]:
    with open_store(unopened(database), read_only=True) as store:
        return {
            "traces": store.scalar("SELECT count(*) FROM trace"),
            "questions": store.scalar("SELECT count(DISTINCT question_key) FROM trace"),
            "quarantined": store.scalar("SELECT count(*) FROM quarantine"),
            "loops": store.scalar(
                "SELECT count(DISTINCT trace_id) FROM finding WHERE label = 'loop'"
            ),
        }


def test_home_counts_what_is_there(database: Path, open_page) -> None:
    want = expected(database)
    test = open_page("home")
    shown = metrics(test)
    assert shown["Traces"] == f"{want['traces']:,}"
    assert shown["Questions"] == f"{want['questions']:,}"
    links = [link.proto.label for link in test.get("page_link")]
    assert any(f"{want['loops']:,} trace" in label and "loop" in label for label in links)
    assert any(f"{want['quarantined']:,} records in quarantine" in label for label in links)


def test_library_lists_data_sets_files_and_quarantine(database: Path, open_page) -> None:
    want = expected(database)
    test = open_page("library")
    shown = metrics(test)
    assert shown["Traces"] == f"{want['traces']:,}"
    assert shown["Quarantined"] == "2"
    tables = [frame.value for frame in test.dataframe]
    sets = next(t for t in tables if "dataset" in t.columns)
    assert sets["traces"].sum() == want["traces"]
    row = sets.set_index("dataset").loc["math-efforts"]
    assert (row["traces"], row["questions"], row["models"]) == (18, 6, "heron-32b")
    assert row["efforts"] == "high, low, medium"
    quarantine = next(t for t in tables if "Reason" in t.columns)
    assert list(quarantine["File"]) == ["interrupted_dump.jsonl"] * 2
    assert list(quarantine["Line"]) == [3, 5]
    files = next(t for t in tables if "status" in t.columns)
    assert set(files["status"]) == {"complete"}


def test_traces_follow_the_address(open_page) -> None:
    test = open_page("traces", dataset="math-efforts", effort="high")
    table = test.dataframe[0].value
    assert len(table) == 6
    assert set(table["effort"]) == {"high"}
    assert test.multiselect(key="dataset").value == ["math-efforts"]
    assert all(
        link.startswith("/reader?") and "dataset=math-efforts" in link for link in table["read"]
    )


def test_traces_sort_and_search(open_page) -> None:
    test = open_page("traces", sort="length", descending="true")
    lengths = test.dataframe[0].value["chars"].dropna().tolist()
    assert lengths == sorted(lengths, reverse=True)
    test.text_input(key="text").input("DIVISORS DOES 360").run()
    assert len(test.dataframe[0].value) == 3
    test.text_input(key="text").input("'; DROP TABLE trace; --").run()
    assert not test.exception
    assert "No trace passes" in test.info[0].value


def test_traces_are_paged_without_overlap(open_page) -> None:
    first = open_page("traces").dataframe[0].value
    second = open_page("traces", page="2").dataframe[0].value
    assert len(first) == 50
    assert not set(first["read"]) & set(second["read"])
    beyond = open_page("traces", page="999")
    assert len(beyond.dataframe) == 1


def test_every_widget_of_the_filter_changes_the_list(open_page) -> None:
    whole = open_page("traces").caption[0].value
    for key, value in {
        "model": ["kestrel-7b"],
        "verdict": ["wrong"],
        "label": ["backtracking"],
    }.items():
        test = open_page("traces")
        test.multiselect(key=key).set_value(value).run()
        assert test.caption[0].value != whole
    test = open_page("traces")
    test.number_input(key="min_chars").set_value(8000).run()
    assert min(test.dataframe[0].value["chars"].dropna()) >= 8000


def test_an_upload_is_imported_and_analysed(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.ui.jobs import get_jobs

    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "new.duckdb"))
    state._open.clear()
    get_jobs.clear()
    test = AppTest.from_file(str(root / "app.py"), default_timeout=TIMEOUT)
    test.switch_page("pages/library.py")
    test.run()
    assert "Nothing here yet" in test.info[0].value
    good = {"id": "a", "question": "q", "reasoning": "Let me check: 1 + 1 = 2.", "answer": "2"}
    content = json.dumps(good).encode() + b"\n{broken\n"
    test.file_uploader[0].upload("../../etc/pass<b>wd.jsonl", content, "application/json")
    next(b for b in test.button if "Import" in b.label).click().run()
    job = get_jobs().latest
    assert job is not None
    assert job.done.wait(TIMEOUT)
    assert job.error is None
    assert (job.result.files[0].n_traces, job.result.files[0].n_quarantined) == (1, 1)
    test.run()
    assert metrics(test)["Traces"] == "1"
    assert any("1 record quarantined" in m.value for m in test.markdown)
    with state.get_store().cursor() as cursor:
        assert cursor.execute("SELECT name FROM file").fetchall() == [("pass<b>wd.jsonl",)]
    get_jobs.clear()
    state._open.clear()


def test_a_locked_database_is_explained(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "no" / "t.duckdb"
    monkeypatch.setenv("COTSCOPE_DB", str(path))
    state._open.clear()
    test = AppTest.from_file(str(root / "app.py"), default_timeout=TIMEOUT).run()
    assert not test.exception
    assert any("does not exist" in t.value for t in test.text)
    assert any("S001" in c.value for c in test.caption)


def test_a_worker_process_runs_no_page(root: Path) -> None:
    """A process that multiprocessing spawns imports the main file; of the app that is app.py."""
    code = (
        "import runpy, sys; runpy.run_path('app.py', run_name='__mp_main__');"
        "assert not [name for name in sys.modules if name.startswith(('streamlit', 'analysis'))]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_every_table_can_be_saved(open_page, database: Path) -> None:
    names = {
        "home": ["datasets"],
        "library": ["datasets", "quarantine", "files", "warnings"],
        "traces": ["trace_list"],
    }
    for page, tables in names.items():
        labels = [b.label for b in open_page(page).get("download_button")]
        for form in ("CSV", "Parquet", "XLSX"):
            assert labels.count(form) == len(tables)


def test_what_the_tables_save_is_whole(database: Path) -> None:
    with open_store(unopened(database), read_only=True) as store:
        made = {
            "datasets": library.datasets(store),
            "quarantine": library.quarantine(store),
            "files": library.files(store),
            "warnings": library.warning_counts(store),
            "failures": library.failures(store),
            "traces": trace_rows(store, Filters()),
        }
        total = count(store, Filters())
    assert made["traces"].num_rows == total > 50
    assert len(set(made["traces"].column("trace_id").to_pylist())) == total
    assert "math-samples" in made["datasets"].column("dataset").to_pylist()
    for table in made.values():
        assert export_bytes(table, ".csv").count(b"\n") > table.num_rows
        assert pq.read_table(BytesIO(export_bytes(table, ".parquet"))).num_rows == table.num_rows
        assert export_bytes(table, ".xlsx").startswith(b"PK")
