"""The command line: what it prints, what it writes, and its exit codes (docs/cli.md)."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analysis.cli import main

GOOD = [
    {"id": f"r{n}", "question": "1 + 1?", "reasoning": f"Case {n}. Let me check: 1 + 1 = 2. So the answer is 2.",
     "answer": "2", "model": "heron", "effort": ("low", "high")[n % 2], "correct": True, "gold": "2"}
    for n in range(6)
]  # fmt: skip


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


@pytest.fixture
def dump(tmp_path: Path) -> Path:
    path = tmp_path / "good.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in GOOD), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Imported and analysed once; each test works on a copy of its own."""
    folder = tmp_path_factory.mktemp("filled")
    dump, path = folder / "good.jsonl", folder / "t.duckdb"
    dump.write_text("".join(json.dumps(row) + "\n" for row in GOOD), encoding="utf-8")
    assert run("import", dump, "--db", path).exit_code == 0
    assert run("analyze", "--db", path, "--workers", 0).exit_code == 0
    return path


@pytest.fixture
def database(tmp_path: Path, dump: Path, filled: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "t.duckdb"))


def test_import_says_how_many_and_again_does_nothing(tmp_path: Path, dump: Path) -> None:
    first = run("import", dump, "--db", tmp_path / "t.duckdb")
    assert first.exit_code == 0
    assert "good.jsonl: 6 traces" in first.output
    again = run("import", dump, "--db", tmp_path / "t.duckdb", "--dataset", "other")
    assert again.exit_code == 0
    assert "already imported, 6 traces" in again.output
    assert "stays in the data set" in again.output


def test_bad_lines_are_counted_and_give_exit_code_1(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(GOOD[0]) + "\n{cut\n", encoding="utf-8")
    result = run("import", path, "--db", tmp_path / "t.duckdb", "--json")
    assert result.exit_code == 1
    report = json.loads(result.output)
    assert (report["traces"], report["quarantined"]) == (1, 1)
    assert report["reports"][0]["n_records"] == 2


def test_the_database_comes_from_the_environment(
    tmp_path: Path, dump: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COTSCOPE_DB", str(tmp_path / "env.duckdb"))
    assert run("import", dump).exit_code == 0
    assert (tmp_path / "env.duckdb").exists()


def test_analyze_does_only_what_is_missing(tmp_path: Path, dump: Path) -> None:
    database = tmp_path / "t.duckdb"
    run("import", dump, "--db", database)
    some = run("analyze", "--db", database, "--only", "sentences,behaviours", "--workers", 0)
    assert "6 traces analysed" in some.output
    rest = run("analyze", "--db", database, "--workers", 0, "--json")
    assert json.loads(rest.output)["n_traces"] == 6
    assert "Nothing to do" in run("analyze", "--db", database, "--workers", 0).output


TABLES = [
    "traces",
    "sentences",
    "findings",
    "metrics",
    "questions",
    "cells",
    "pairs",
    "languages",
    "quarantine",
    "warnings",
]


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_exported(database: Path, tmp_path: Path, table: str) -> None:
    out = tmp_path / f"{table}.jsonl"
    result = run("export", table, "--out", out, "--db", database, "--json")
    assert result.exit_code == 0, result.output
    rows = out.read_text(encoding="utf-8").splitlines()
    assert json.loads(result.output)["rows"] == len(rows)
    assert bool(rows) == (table not in ("quarantine", "warnings"))


def test_findings_slice_back(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.jsonl"
    run("export", "findings", "--out", out, "--db", database)
    texts = {row["id"]: row["reasoning"] for row in GOOD}
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {row["label"] for row in rows} >= {"verification_start", "candidate_answer"}
    for row in rows:
        assert row["text"] == texts[row["external_id"]][row["start"] : row["end"]]


def test_export_takes_the_filters_of_an_address(database: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.csv"
    run("export", "metrics", "--out", out, "--db", database, "--where", "effort=high&model=heron")
    assert len(out.read_text(encoding="utf-8-sig").splitlines()) == 1 + 3


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["export", "nonsense", "--out", "{dir}/x.csv"], "nonsense"),
        (["export", "traces", "--out", "{dir}/x.docx"], ".docx"),
        (["export", "traces", "--out", "{dir}/x.csv", "--where", "effort=bogus"], "high, low"),
        (["export", "traces", "--out", "{dir}/x.csv", "--where", "verdict=maybe"], "not judged"),
        (["export", "traces", "--out", "{dir}/x.csv", "--where", "nocol=1"], "nocol"),
        (["analyze", "--only", "nonsense"], "nonsense"),
        (["import", "{dir}/good.jsonl", "--format", "nonsense"], "Known formats"),
        (["sql", "SELECT nothing FROM nowhere"], "nowhere"),
        (["sql", "DELETE FROM trace"], "does not read"),
        (["frobnicate"], "No such command"),
    ],
)
def test_wrong_use_is_exit_code_2(
    database: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    words = [a.format(dir=tmp_path) for a in arguments]
    result = run(*words, *([] if words[0] == "frobnicate" else ["--db", database]))
    assert result.exit_code == 2, result.output
    assert says in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    "command", [["analyze"], ["sql", "SELECT 1"], ["export", "traces", "--out", "x.csv"]]
)
def test_a_mistyped_database_is_exit_code_3_and_made_by_nobody(
    tmp_path: Path, command: list[str]
) -> None:
    result = run(*command, "--db", tmp_path / "typo.duckdb")
    assert result.exit_code == 3
    assert "no database" in result.output
    assert not (tmp_path / "typo.duckdb").exists()


def test_a_locked_database_is_exit_code_3(database: Path) -> None:
    code = (
        "import sys; from analysis.store import open_store; s = open_store(sys.argv[1]);"
        "print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    try:
        result = run("analyze", "--db", database)
        assert result.exit_code == 3
        assert str(holder.pid) in result.output
    finally:
        holder.communicate("")


def test_nothing_to_import_is_said(tmp_path: Path) -> None:
    result = run("import", tmp_path / "nothing.jsonl", "--db", tmp_path / "t.duckdb")
    assert result.exit_code == 1
    assert "No trace file found" in result.output


def test_sql_numbers_are_numbers_in_json(database: Path) -> None:
    result = run(
        "sql",
        "SELECT count(*) AS n, sum(1) AS s, 0.5 AS half FROM trace",
        "--db",
        database,
        "--json",
    )
    assert json.loads(result.output)["rows"] == [[6, 6, 0.5]]


def test_doctor(database: Path, tmp_path: Path) -> None:
    healthy = run("doctor", "--db", database, "--json")
    assert healthy.exit_code == 0
    assert json.loads(healthy.output)["healthy"] is True
    (tmp_path / "pic.duckdb").write_bytes(b"\x89PNG" * 500)
    sick = run("doctor", "--db", tmp_path / "pic.duckdb")
    assert sick.exit_code == 3
    assert "BAD" in sick.output


def test_doctor_finds_what_does_not_fit(database: Path) -> None:
    from analysis.store import open_store

    with open_store(database) as store:
        store.rows("UPDATE finding SET char_end = 100000 RETURNING 1")
        store.rows("DELETE FROM trace_row WHERE external_id = 'r1' RETURNING 1")
    result = run("doctor", "--db", database)
    assert result.exit_code == 3
    assert result.output.count("BAD") >= 2


def test_a_damaged_log_is_set_aside(database: Path) -> None:
    # A writer that is killed leaves its log beside the database; a power cut may fill it with zeros.
    code = (
        "import os, sys; from analysis.store import open_store; s = open_store(sys.argv[1])\n"
        "for n in range(200):\n"
        "    s.rows(\"INSERT INTO warning VALUES ('f', NULL, 'c', repeat('x', 500)) RETURNING 1\")\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(database)], check=True)
    log = database.with_name(database.name + ".wal")
    content = log.read_bytes()
    cut = content.index(b"x" * 100, len(content) // 2) + 50  # within an entry, not between two
    log.write_bytes(content[:cut] + bytes(len(content) - cut))
    sick = run("doctor", "--db", database)
    assert sick.exit_code == 3
    assert "--rescue" in sick.output
    result = run("doctor", "--rescue", "--db", database)
    assert result.exit_code == 0, result.output
    aside = next(database.parent.glob("*.damaged-*"))
    assert (aside / log.name).stat().st_size == len(content)
    assert json.loads(run("sql", "SELECT count(*) FROM trace", "--db", database, "--json").output)[
        "rows"
    ] == [[6]]


def test_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil\x1b[31m.jsonl"
    path.write_text(json.dumps({**GOOD[0], "model": "\x1b]0;owned\x07"}) + "\n", encoding="utf-8")
    database = tmp_path / "t.duckdb"
    output = run("import", path, "--db", database).output
    output += run("sql", "SELECT model FROM trace", "--db", database).output
    assert "\x1b" not in output
    assert "⟦U+001B⟧" in output


def test_help_is_fast_because_it_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['cotscope', '--help']\n"
        "from analysis.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'duckdb', 'pyarrow', 'streamlit', 'plotly', 'numpy', 'pandas', 'torch'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
