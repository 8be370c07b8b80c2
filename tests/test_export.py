"""Exports: exact columns and values, safe to open, the same bytes in every run."""

from __future__ import annotations

import base64
import csv
import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from analysis.analyzers.registry import metric_specs
from analysis.errors import Cancelled, UsageError
from analysis.export import SUFFIXES, TABLES, ExportError, export_table
from analysis.export import source as export_source
from analysis.export.writers import JsonLinesWriter
from analysis.filters import Filters
from analysis.progress import CancelToken, Progress
from analysis.runner import analyze
from analysis.store import Store, open_store
from analysis.store.importing import import_file

ROWS: list[dict[str, Any]] = [
    {
        "id": "a1",
        "question": "2+2?",
        "reasoning": "😀 2+2=4. So the answer is 4.\n\nWait, let me check: 4-2=2. Yes, the answer is 4.",
        "answer": r"\boxed{4}",
        "model": "m",
        "effort": "low",
        "gold": "4",
        "correct": True,
        "dataset": "d",
        "reasoning_tokens": 24,
        "extra": {"nested": [1, {"deep": "值"}], "big": 2**70},
    },
    {
        "id": "a2",
        "question": "2+2?",
        "reasoning": "I think the answer is 5.",
        "answer": r"\boxed{5}",
        "model": "m",
        "effort": "high",
        "gold": "4",
        "correct": False,
        "dataset": "d",
    },
    {
        "id": "=HYPERLINK(1)",
        "question": "",
        "reasoning": "=1+1 is what I see. @me, +49 is a number, -5 too.",
        "answer": "-5",
        "model": "@model",
        "dataset": "d",
    },
]
FILES = {
    "rows.jsonl": ROWS,
    "more.jsonl": [
        {"id": "b1", "question": "3?", "reasoning": "The answer is 3.", "answer": "3", "gold": "3",
         "correct": True, "model": "m", "effort": "low", "dataset": "d"},
        {"id": "b2", "question": "3?", "reasoning": "The answer is 3.", "answer": "3", "gold": "3",
         "correct": True, "model": "m", "effort": "high", "dataset": "d"},
    ],
}  # fmt: skip


def _fill(folder: Path, name: str, order: list[str]) -> Store:
    store = open_store(folder / name)
    for file in order:
        path = folder / file
        if not path.exists():
            lines = [json.dumps(row, ensure_ascii=False).encode() for row in FILES[file]]
            if file == "rows.jsonl":
                lines.append(b'{"id": "cut", "reasoning": "\xff\xfe no end')
            path.write_bytes(b"\n".join(lines) + b"\n")
        import_file(store, path)
    analyze(store, workers=0)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with _fill(tmp_path_factory.mktemp("export"), "x.duckdb", list(FILES)) as opened:
        yield opened


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _export(store: Store, table: str, path: Path, **options: Any) -> list[dict[str, Any]]:
    export_table(store, table, path, **options)
    return _lines(path)


# --- what is in them -----------------------------------------------------------------------


def test_columns_are_those_that_scripts_rely_on(store: Store, tmp_path: Path) -> None:
    columns = {}
    for table in TABLES:
        out = tmp_path / f"{table}.parquet"
        export_table(store, table, out)
        columns[table] = pq.read_schema(out).names
    trace = columns["traces"]
    assert trace[:6] == ["trace_id", "file_id", "member", "line_no", "record_index", "part_index"]
    for name in [
        "sample_index",
        "format_id",
        "format_confidence",
        "external_id",
        "dataset",
        "question_id",
        "question",
        "system_prompt",
        "reasoning",
        "reasoning_kind",
        "answer",
        "split_method",
        "raw_response",
        "extracted_answer",
        "gold_answer",
        "correct",
        "correct_source",
        "score",
        "model",
        "provider",
        "model_inferred",
        "effort",
        "effort_source",
        "thinking_budget_tokens",
        "checkpoint",
        "prompt_tokens",
        "completion_tokens",
        "reasoning_tokens",
        "token_source",
        "finish_reason",
        "finish_reason_norm",
        "truncated",
        "error",
        "created_at",
        "latency_s",
        "cost",
        "metadata",
    ]:
        assert name in trace
    assert not [name for name in trace if name.endswith("_preview")]
    assert columns["findings"][:13] == [
        "trace_id",
        "external_id",
        "dataset",
        "model",
        "effort",
        "analyzer",
        "label",
        "value",
        "start",
        "end",
        "score",
        "evidence",
        "text",
    ]
    assert columns["sentences"] == [
        "trace_id",
        "external_id",
        "dataset",
        "model",
        "effort",
        "sentence_index",
        "thought_index",
        "start",
        "end",
        "text",
    ]
    fixed = [
        "trace_id",
        "external_id",
        "dataset",
        "model",
        "effort",
        "sample_index",
        "question_id",
        "correct",
    ]
    names = list(metric_specs())
    assert columns["metrics"][: 8 + len(names)] == fixed + names
    assert columns["cells"][:9] == [
        "dataset",
        "model",
        "effort",
        "n_questions",
        "n_traces",
        "accuracy",
        "accuracy_low",
        "accuracy_high",
        "mean_tokens",
    ]
    assert "mean_post_answer_waste" in columns["cells"]
    assert columns["pairs"][:17] == [
        "dataset",
        "model_a",
        "effort_a",
        "model_b",
        "effort_b",
        "n_questions",
        "both_right",
        "only_a",
        "only_b",
        "both_wrong",
        "mcnemar_p",
        "difference",
        "difference_low",
        "difference_high",
        "token_ratio",
        "token_ratio_low",
        "token_ratio_high",
    ]


def test_traces_hold_the_record_whole(store: Store, tmp_path: Path) -> None:
    rows = _export(store, "traces", tmp_path / "t.jsonl")
    assert sorted(r["external_id"] for r in rows) == ["=HYPERLINK(1)", "a1", "a2", "b1", "b2"]
    first = next(r for r in rows if r["external_id"] == "a1")
    assert first["reasoning"] == ROWS[0]["reasoning"]
    assert first["metadata"]["extra"] == ROWS[0]["extra"]
    assert (first["line_no"], first["record_index"], first["correct"]) == (1, 0, True)
    assert first["cost"] is None


def test_findings_and_sentences_carry_their_exact_text(store: Store, tmp_path: Path) -> None:
    reasoning = {
        r["trace_id"]: r["reasoning"] for r in _export(store, "traces", tmp_path / "t.jsonl")
    }
    findings = _export(store, "findings", tmp_path / "f.jsonl")
    answers = [f for f in findings if f["external_id"] == "a1" and f["label"] == "candidate_answer"]
    assert [f["value"] for f in answers] == ["4", "4", "4"]
    for row in findings:
        assert reasoning[row["trace_id"]][row["start"] : row["end"]] == row["text"] != ""
        assert isinstance(row["evidence"], dict)
    sentences = _export(store, "sentences", tmp_path / "s.jsonl")
    joined: dict[str, str] = {}
    for row in sentences:
        joined[row["trace_id"]] = joined.get(row["trace_id"], "") + row["text"]
    assert joined == reasoning


def test_metrics_are_wide_and_undefined_is_null(store: Store, tmp_path: Path) -> None:
    rows = {r["external_id"]: r for r in _export(store, "metrics", tmp_path / "m.jsonl")}
    assert len(rows) == 5
    assert rows["a1"]["final_answer"] == "4"
    assert rows["a1"]["n_candidates"] == 3
    assert rows["a1"]["tail_loop"] is False
    until = len("😀 2+2=4") / len(ROWS[0]["reasoning"])
    assert rows["a1"]["first_final_frac"] == pytest.approx(until)
    assert rows["=HYPERLINK(1)"]["first_correct_frac"] is None


def test_cells_pairs_and_questions(store: Store, tmp_path: Path) -> None:
    cells = {(c["model"], c["effort"]): c for c in _export(store, "cells", tmp_path / "c.jsonl")}
    assert cells["m", "low"]["accuracy"] == 1.0
    assert cells["m", "high"]["accuracy"] == 0.5
    assert (cells["m", "high"]["n_questions"], cells["m", "high"]["n_traces"]) == (2, 2)
    assert cells["@model", None]["accuracy"] is None
    assert cells["m", "low"]["pass_at_1"] == cells["m", "low"]["maj_at_1"] == 1.0
    (pair,) = _export(store, "pairs", tmp_path / "p.jsonl")
    assert (pair["effort_a"], pair["effort_b"], pair["n_questions"]) == ("low", "high", 2)
    assert (pair["both_right"], pair["only_a"], pair["only_b"], pair["both_wrong"]) == (1, 1, 0, 0)
    assert (pair["mcnemar_p"], pair["difference"]) == (1.0, -0.5)
    questions = _export(store, "questions", tmp_path / "q.jsonl")
    assert [(q["question"], q["effort"], q["difficulty"]) for q in questions if q["question"]] == [
        *((q, e, d) for q, d in _in_key_order(questions) for e in ("low", "high"))
    ]


def _in_key_order(questions: list[dict[str, Any]]) -> list[tuple[str, float]]:
    keys = {q["question_key"]: q["question"] for q in questions if q["question"]}
    return [(keys[key], {"2+2?": 0.5, "3?": 0.0}[keys[key]]) for key in sorted(keys)]


def test_quarantined_bytes_survive(store: Store, tmp_path: Path) -> None:
    (row,) = _export(store, "quarantine", tmp_path / "q.jsonl")
    assert base64.b64decode(row["raw_base64"]).startswith(b'{"id": "cut", "reasoning": "\xff\xfe')
    assert row["raw"].startswith('{"id": "cut", "reasoning": "\ufffd\ufffd')
    assert (row["file"], row["line_no"]) == ("rows.jsonl", 4)


def test_a_filter_chooses_traces_and_all_that_is_theirs(store: Store, tmp_path: Path) -> None:
    only = Filters(effort=("high",), sort="length", descending=True)
    for table, name in (
        ("traces", "external_id"),
        ("metrics", "external_id"),
        ("findings", "external_id"),
    ):
        rows = _export(store, table, tmp_path / f"{table}.jsonl", where=only)
        assert {r[name] for r in rows} == {"a2", "b2"}
    assert {r["effort"] for r in _export(store, "cells", tmp_path / "c.jsonl", where=only)} == {
        "high"
    }
    with pytest.raises(UsageError, match="quarantine"):
        export_table(store, "quarantine", tmp_path / "q.csv", where=only)
    assert _export(store, "quarantine", tmp_path / "q.jsonl", where=Filters(sort="length"))


# --- formats -------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_every_format_holds_the_same_rows(store: Store, table: str, tmp_path: Path) -> None:
    reports = {s: export_table(store, table, tmp_path / f"x{s}") for s in SUFFIXES}
    assert len({r.rows for r in reports.values()}) == 1
    rows = _lines(tmp_path / "x.jsonl")
    assert len(rows) == reports[".csv"].rows
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as file:
        csv_rows = list(csv.reader(file))
    sheet = list(openpyxl.load_workbook(tmp_path / "x.xlsx").active.values)
    parquet = pq.read_table(tmp_path / "x.parquet")
    names = parquet.column_names
    assert csv_rows[0] == list(sheet[0]) == names
    assert len(csv_rows) == len(sheet) == len(rows) + 1
    if rows:
        assert list(rows[0]) == names
    for report in reports.values():
        assert report.bytes == report.path.stat().st_size
        assert report.notes == {}


def test_parquet_says_what_made_it_and_keeps_text_as_it_is(store: Store, tmp_path: Path) -> None:
    export_table(store, "traces", tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    about = table.schema.metadata
    assert about[b"cotscope.table"] == b"traces"
    assert b"overthinking" in about[b"cotscope.analyzers"]
    assert "=HYPERLINK(1)" in table["external_id"].to_pylist()


# --- the same bytes, whole files, bounded steps --------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_two_stores_filled_in_another_order_give_the_same_bytes(
    store: Store, table: str, tmp_path: Path
) -> None:
    with _fill(store.path.parent, f"{table}.duckdb", list(FILES)[::-1]) as other:
        for suffix in SUFFIXES:
            first, second = tmp_path / f"1{suffix}", tmp_path / f"2{suffix}"
            export_table(store, table, first)
            export_table(other, table, second)
            assert first.read_bytes() == second.read_bytes(), suffix


@pytest.mark.parametrize("table", ["traces", "sentences", "findings"])
def test_small_chunks_change_nothing(
    store: Store, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_table(store, table, tmp_path / "1.jsonl")
    monkeypatch.setattr(export_source, "CHUNK_TRACES", 2)
    monkeypatch.setattr(export_source, "BATCH_ROWS", 3)
    monkeypatch.setattr(export_source, "BATCH_CHARS", 5)
    seen: list[Progress] = []
    export_table(store, table, tmp_path / "2.jsonl", progress=seen.append)
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    assert [(p.done, p.total) for p in seen] == [(2, 5), (4, 5), (5, 5)]


def test_a_fault_leaves_the_old_file_and_nothing_else(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "t.jsonl"
    out.write_text("old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(JsonLinesWriter, "write", full)
    with pytest.raises(ExportError, match="disk is full"):
        export_table(store, "traces", out)
    assert [p.name for p in tmp_path.iterdir()] == ["t.jsonl"]
    assert out.read_text() == "old"


def test_a_cancelled_export_leaves_nothing(store: Store, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        export_table(store, "traces", tmp_path / "t.csv", cancel=token)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no table 'nope'"):
        export_table(store, "nope", tmp_path / "x.csv")
    with pytest.raises(UsageError, match="not a format"):
        export_table(store, "traces", tmp_path / "x.txt")
    with pytest.raises(UsageError, match="without an ending"):
        export_table(store, "traces", tmp_path / "x")
    with pytest.raises(ExportError, match="No such file"):
        export_table(store, "traces", tmp_path / "missing" / "x.csv")
    assert export_table(store, "cells", tmp_path / "X.CSV").rows == 3
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(ExportError, match="folder"):
        export_table(store, "traces", tmp_path / "folder.csv")
