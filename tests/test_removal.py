"""Taking files out of the store, and reading them anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analysis.cli import main
from analysis.errors import UsageError
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file
from analysis.store.removal import BY_FILE, BY_TRACE, plan_removal, remove


def dump(folder: Path, name: str, dataset: str | None = None, rows: int = 2) -> Path:
    path = folder / name
    lines = []
    for n in range(rows):
        row = {
            "id": f"{name}-{n}",
            "question": "1 + 1?",
            "answer": "2",
            "reasoning": f"Try {n}. Wait, it is 2.",
        }
        lines.append(json.dumps(row if dataset is None else {**row, "dataset": dataset}))
    path.write_text("\n".join([*lines, "{cut"]), encoding="utf-8")
    return path


def counts(store: Store) -> dict[str, int]:
    tables = (*BY_TRACE, "trace", "quarantine", "warning", "file", "annotation")
    return {name: store.scalar(f"SELECT count(*) FROM {name}") for name in tables}


def test_a_file_goes_with_all_that_is_derived_and_comes_back_the_same(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as store:
        kept, gone = dump(tmp_path, "kept.jsonl"), dump(tmp_path, "gone.jsonl", rows=3)
        import_file(store, kept)
        analyze(store, workers=0)
        before = counts(store)
        import_file(store, gone)
        analyze(store, workers=0)
        ids = store.rows("SELECT trace_id FROM trace ORDER BY 1")
        whole = counts(store)
        assert all(
            whole[t] > before[t] for t in ("trace", "sentence", "metric", "analysis", "quarantine")
        )
        with store.transaction() as cursor:
            cursor.execute(
                "INSERT INTO annotation (annotation_id, trace_id, annotator, kind, created_at)"
                " SELECT trace_id, trace_id, 'me', 'mark', TIMESTAMP '2026-01-01' FROM trace"
            )
        plan = plan_removal(store, files=["gone.jsonl"])
        assert (plan.names, plan.n_traces, plan.n_quarantined, plan.n_annotations) == (
            ("gone.jsonl",), 3, 1, 3,
        )  # fmt: skip
        remove(store, plan)
        assert counts(store) == {**before, "annotation": 5}
        assert import_file(store, gone).n_traces == 3
        analyze(store, workers=0)
        assert store.rows("SELECT trace_id FROM trace ORDER BY 1") == ids
        assert counts(store) == {**whole, "annotation": 5}


def test_every_table_by_trace_or_file_is_known(tmp_path: Path) -> None:
    """A new table must be removed with its traces, or be kept on purpose."""
    with open_store(tmp_path / "t.duckdb") as store:
        found = store.rows(
            "SELECT DISTINCT c.table_name FROM duckdb_columns() c JOIN duckdb_tables() t"
            " USING (table_name) WHERE c.column_name IN ('trace_id', 'file_id')"
        )
    kept = {"annotation"}
    assert {name for (name,) in found} - {*BY_TRACE, *BY_FILE} == kept


def test_files_are_named_by_name_or_id(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as store:
        first = import_file(store, dump(tmp_path, "a.jsonl"))
        (tmp_path / "other").mkdir()
        import_file(store, dump(tmp_path / "other", "a.jsonl", rows=4))
        with pytest.raises(UsageError, match="2 files are called"):
            plan_removal(store, files=["a.jsonl"])
        assert plan_removal(store, files=[first.file_id[:12]]).file_ids == (first.file_id,)
        with pytest.raises(UsageError, match="no file 'b'"):
            plan_removal(store, files=["b"])


def test_a_data_set_goes_by_whole_files(tmp_path: Path) -> None:
    with open_store(tmp_path / "t.duckdb") as store:
        import_file(store, dump(tmp_path, "a.jsonl", "sums"))
        import_file(store, dump(tmp_path, "b.jsonl", "sums"))
        assert plan_removal(store, dataset="sums").names == ("a.jsonl", "b.jsonl")
        mixed = tmp_path / "m.jsonl"
        mixed.write_text(
            '{"reasoning": "r", "dataset": "sums"}\n{"reasoning": "r", "dataset": "other"}\n'
        )
        import_file(store, mixed)
        with pytest.raises(UsageError, match="also holds other data sets"):
            plan_removal(store, dataset="sums")
        with pytest.raises(UsageError, match="No trace has the data set"):
            plan_removal(store, dataset="none")


# --- the command line ----------------------------------------------------------------------


def run(*arguments: object, given: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=given)


SPEC = {"cotscope_mapping": 1, "fields": {"answer": "reasoning", "reasoning": "answer"}}


def test_remove_asks_first(tmp_path: Path) -> None:
    database, path = tmp_path / "t.duckdb", dump(tmp_path, "a.jsonl")
    run("import", path, "--db", database)
    refused = run("remove", "--file", "a.jsonl", "--db", database, given="n\n")
    assert refused.exit_code == 1
    assert "Remove 1 file with 2 traces" in refused.output
    done = run("remove", "--file", "a.jsonl", "--db", database, "--yes", "--json")
    assert json.loads(done.output)["n_traces"] == 2
    assert run("remove", "--db", database).exit_code == 2


def test_again_reads_a_file_anew_and_without_it_says_so(tmp_path: Path) -> None:
    database, path = tmp_path / "t.duckdb", dump(tmp_path, "a.jsonl")
    spec = tmp_path / "swap.json"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    run("import", path, "--db", database)
    told = run("import", path, "--db", database, "--mapping", spec)
    assert "--again reads it anew" in told.output
    again = run("import", path, "--db", database, "--mapping", spec, "--again")
    assert "a.jsonl: 2 traces" in again.output
    with open_store(database, read_only=True) as store:
        assert store.rows("SELECT DISTINCT answer IS NULL, reasoning, format_id FROM trace") == [
            (False, "2", "mapping:swap")
        ]


def test_mappings_by_name(tmp_path: Path) -> None:
    database, path = tmp_path / "t.duckdb", dump(tmp_path, "a.jsonl")
    spec = tmp_path / "swap.json"
    spec.write_text(json.dumps(SPEC), encoding="utf-8")
    assert (
        "Saved the mapping lab"
        in run("mapping", "save", spec, "--name", "lab", "--db", database).output
    )
    assert run("import", path, "--db", database, "--mapping", "lab").exit_code == 1  # one bad line
    assert "lab: 2 fields, 2 traces read by it" in run("mapping", "list", "--db", database).output
    shown = json.loads(run("mapping", "show", "lab", "--db", database).output)
    assert shown["fields"] == {"reasoning": "answer", "answer": "reasoning"}
    listed = json.loads(run("mapping", "list", "--json", "--db", database).output)
    assert [one["traces"] for one in listed] == [2]
    assert run("mapping", "delete", "lab", "--db", database).exit_code == 0
    missing = run("import", path, "--db", database, "--mapping", "lab")
    assert missing.exit_code == 2 and "There is no mapping 'lab'" in missing.output
    both = run("import", path, "--db", database, "--mapping", spec, "--format", "generic")
    assert both.exit_code == 2


def test_a_preview_stores_nothing_and_prints_the_same_as_json(tmp_path: Path) -> None:
    database, path = tmp_path / "t.duckdb", dump(tmp_path, "a.jsonl")
    shown = run("import", "--preview", path, "--db", database)
    assert shown.exit_code == 1  # a line would be quarantined
    assert "reasoning = Try 0. Wait, it is 2." in shown.output
    assert "<- reasoning, as it stands" in shown.output
    assert "quarantine: " in shown.output
    assert not database.exists()
    told = json.loads(run("import", "--preview", path, "--json", "-n", 1).output)
    (record,) = told["files"][0]["records"]
    assert record["mapping"]["fields"]["reasoning"] == "reasoning"
    assert run("import", "--preview", path, "-n", 1).exit_code == 0


def test_exported_traces_are_imported_again(tmp_path: Path) -> None:
    database, out = tmp_path / "t.duckdb", tmp_path / "o.jsonl"
    run("import", dump(tmp_path, "a.jsonl"), "--db", database)
    done = run("export", "traces", "--format", "messages", "--out", out, "--db", database)
    assert "2 rows written" in done.output
    again = run("import", out, "--db", tmp_path / "u.duckdb")
    assert again.exit_code == 0 and "o.jsonl: 2 traces" in again.output
    wrong = run("export", "metrics", "--format", "generic", "--out", out, "--db", database)
    assert wrong.exit_code == 2 and "--format is for traces" in wrong.output
